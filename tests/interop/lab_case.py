"""What every interop test stands on: a room, provenbl and suspects in it, and DNS questions asked by dig.

A test file is a program: it takes itself into a room of its own (tests/lab/room.py), so that files run side
by side. PROVENBL_PROGRAM is the provenbl to test. A server that is missing fails the test.
"""

import os
import subprocess
import sys
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.dont_write_bytecode = True

from lab import room  # noqa: E402
from lab.catalogue import Lab, make  # noqa: E402
from lab.process import ServerError, find_program, wait_until  # noqa: E402
from lab.program import RESPONDER, ZONE, Provenbl  # noqa: E402

# Bounds against hanging for ever, not measurements: a sanitizer on two busy cores is slow.
PATIENCE = 180

# Exit codes of client commands.
OK, FAILED, USAGE, LISTED, REFUSED_BY_RULE, NOT_REACHABLE = range(6)

RELAY, SOCKS, HTTP, CHAIN = "127.0.0.2", "127.0.0.8", "127.0.0.9", "127.0.0.10"


def program():
    path = os.environ.get("PROVENBL_PROGRAM", "")
    if not os.access(path, os.X_OK):
        raise ServerError(f"PROVENBL_PROGRAM ('{path}') is no program: run the tests through tests/run or ctest")
    return path


def sanitized():
    return bool(os.environ.get("PROVENBL_SANITIZE"))


class Reply:
    """What dig printed, taken apart."""

    def __init__(self, text):
        self.text = text
        self.status = ""
        self.flags = []
        self.answers, self.authority, self.additional = [], [], []
        section = None
        for line in text.splitlines():
            if "->>HEADER<<-" in line:
                self.status = line.split("status:")[1].split(",")[0].strip()
            elif line.startswith(";; flags:"):
                self.flags = line.split("flags:")[1].split(";")[0].split()
            elif line.startswith(";; ") and line.endswith("SECTION:"):
                section = {"ANSWER": self.answers, "AUTHORITY": self.authority,
                           "ADDITIONAL": self.additional}.get(line.split()[1])
            elif line and not line.startswith(";") and section is not None:
                name, ttl, _, kind, data = line.split(None, 4)
                section.append((name, int(ttl), kind, data))

    def data(self, kind):
        return sorted(data for _, _, of, data in self.answers if of == kind)


def dig(name, kind="A", *options):
    command = [find_program("dig", "bind9-dnsutils"), f"@{RESPONDER}", "+norecurse", "+time=10", "+tries=2",
               *options, name, kind]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    reply = Reply(done.stdout)
    if not reply.status:
        raise AssertionError(f"no answer to {name} {kind}:\n{done.stdout}{done.stderr}")
    return reply


def name_of(address, zone=ZONE):
    return ".".join(reversed(address.split("."))) + "." + zone


class LabCase(unittest.TestCase):
    """One lab for each class: `suspects` and provenbl with `settings` are up before the first test."""

    suspects = ()
    settings = {}
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.lab = Lab()
        cls.addClassCleanup(cls.lab.stop)
        cls.provenbl = cls.lab.add("provenbl", Provenbl(program(), cls.settings))
        cls.before_start()
        cls.provenbl.start(room.directory() / cls.__name__)
        for name in cls.suspects:
            cls.lab.start(name)

    @classmethod
    def before_start(cls):
        """For what has to be there before provenbl is."""

    def run(self, result=None):
        """Logs of all servers with the first failure: there is no second look at a room that has ended."""
        failures = len(result.failures) + len(result.errors) if result else 0
        super().run(result)
        if result and len(result.failures) + len(result.errors) > failures:
            for name, server in self.lab.servers.items():
                if server.directory:
                    print(f"--- log of {name} ---\n{server.log(60)}", file=sys.stderr)
        return result

    # ---- what tests do

    def visit(self, address, port):
        """Reports a host and follows the visit to its end."""
        answer = self.provenbl.client("report", address, "--port", port, "--follow", seconds=PATIENCE)
        self.assertEqual(OK, answer.code, answer)
        return answer

    def visit_all(self, targets):
        """`visit` for every (address, port), at once."""
        with ThreadPoolExecutor(max_workers=len(targets)) as pool:
            return list(pool.map(lambda target: self.visit(*target), targets))

    def assert_listed(self, address, *codes, zone=ZONE):
        reply = dig(name_of(address, zone))
        self.assertEqual(("NOERROR", sorted(codes)), (reply.status, reply.data("A")), reply.text)

    def assert_not_listed(self, address, zone=ZONE):
        reply = dig(name_of(address, zone))
        self.assertEqual(("NXDOMAIN", []), (reply.status, reply.answers), reply.text)
        answer = self.provenbl.client("lookup", address)
        self.assertEqual(OK, answer.code, answer)


def main():
    try:
        room.enter()
        room.furnish()
    except room.RoomError as error:
        print(f"interop: {error}", file=sys.stderr)
        sys.exit(1)
    unittest.main(verbosity=2)


__all__ = ["CHAIN", "FAILED", "HTTP", "LISTED", "LabCase", "NOT_REACHABLE", "OK", "PATIENCE", "REFUSED_BY_RULE", "RELAY",
           "SOCKS", "USAGE", "dig", "main", "make", "name_of", "program", "room", "sanitized", "wait_until"]
