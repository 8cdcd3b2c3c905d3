"""A sham (shams.py) as a server of the lab: one process on an address and ports of its own."""

import sys
from pathlib import Path

from .process import Server


class Sham(Server):
    def __init__(self, address, kind, ports):
        super().__init__(address)
        self.kind = kind
        self.name = f"sham '{kind}'"
        self.ports = ports

    def command(self):
        # -S -E: quick to start, and the same with any Python set-up around it.
        runner = "import sys; sys.path.insert(0, sys.argv.pop(1)); from lab.shams import main; main(*sys.argv[1:])"
        tests = str(Path(__file__).resolve().parent.parent)
        return [sys.executable, "-S", "-E", "-c", runner, tests, self.kind, self.address, *map(str, self.ports)]
