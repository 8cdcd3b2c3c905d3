"""Small servers of ours (shams.py, traps.py, relays.py) as servers of the lab: one process each, on an address and
ports of its own."""

import sys
from pathlib import Path

from .process import Server


class Sham(Server):
    module, what = "shams", "sham"

    def __init__(self, address, kind, ports):
        super().__init__(address)
        self.kind = kind
        self.name = f"{self.what} '{kind}'"
        self.ports = ports

    def command(self):
        # -S -E: quick to start, and the same with any Python set-up around it.
        runner = ("import sys; sys.path.insert(0, sys.argv.pop(1)); "
                  f"from lab.{self.module} import main; main(*sys.argv[1:])")
        tests = str(Path(__file__).resolve().parent.parent)
        return [sys.executable, "-S", "-E", "-c", runner, tests, self.kind, self.address, *map(str, self.ports)]


class Trap(Sham):
    module, what = "traps", "trap"


class SmallRelay(Sham):
    module, what = "relays", "relay of ours"
