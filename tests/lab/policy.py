"""A policy server for Postfix that greylists (SMTPD_POLICY_README): what is new is put off for some seconds.

It remembers client, sender and recipient, as postgrey does, so only the same mail comes through the second time.
As a program: `python3 -m lab.policy ADDRESS PORT SECONDS`.
"""

import sys
import time
from pathlib import Path

from .process import Server
from .shams import listen

SECONDS = 4


def greylist(seconds):
    first_seen = {}

    def behaviour(peer):
        with peer.makefile("rb") as stream:
            asked = {}
            while line := stream.readline(4096):
                line = line.decode("latin-1").strip()
                if line:
                    name, _, value = line.partition("=")
                    asked[name] = value
                    continue
                triplet = tuple(asked.get(name, "").lower() for name in ("client_address", "sender", "recipient"))
                asked = {}
                age = time.monotonic() - first_seen.setdefault(triplet, time.monotonic())
                action = "DUNNO" if age >= seconds else "DEFER Greylisted, try again in a moment"
                peer.sendall(f"action={action}\n\n".encode())

    return behaviour


class PolicyServer(Server):
    name = "greylisting policy"
    ports = (10023,)

    def command(self):
        runner = "import sys; sys.path.insert(0, sys.argv.pop(1)); from lab.policy import main; main(*sys.argv[1:])"
        tests = str(Path(__file__).resolve().parent.parent)
        return [sys.executable, "-E", "-c", runner, tests, self.address, str(self.ports[0]), str(SECONDS)]


def main(address, port, seconds):
    listen(greylist(float(seconds)), address, int(port)).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
