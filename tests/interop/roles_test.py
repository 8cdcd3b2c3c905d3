#!/usr/bin/env python3
"""Three processes over one store: verifier and API are killed at random, the responder is restarted behind sockets that
are kept for it; no question is lost, and no report that was acknowledged."""

import json
import random
import socket
import subprocess
import sys
import threading
import time
import unittest

from lab_case import OK, PATIENCE, dig, main, program, room, wait_until
from lab import listen_fds
from lab.catalogue import Lab
from lab.program import RESPONDER, ZONE, Provenbl
from steady_load import Load

TEST_ENTRY = f"2.0.0.127.{ZONE}"
KILLS = 12
RESTARTS = 5


class Process(Provenbl):
    """One role. `sockets` are kept here and passed to every process that is started, as a service manager does."""

    def __init__(self, role, data, sockets=(), settings=None):
        super().__init__(program(), settings, data)
        self.role = role
        self.sockets = sockets

    def command(self):
        command = [*super().command(), "--role", self.role]
        if not self.sockets:
            return command
        kept = ",".join(str(kept.fileno()) for kept in self.sockets)
        command[command.index("--ready-fd") + 1] = str(listen_fds.READY)
        return [sys.executable, "-B", listen_fds.__file__, self.role, kept, str(self.ready_fd), *command]

    def launch(self, pass_fds=()):
        super().launch([kept.fileno() for kept in self.sockets])


class Reporter(threading.Thread):
    """Reports one address after the other; keeps those whose report was acknowledged."""

    def __init__(self, api):
        super().__init__()
        self.api, self.stop = api, threading.Event()
        self.acknowledged = []
        self.refused = 0

    def run(self):
        for number in range(1, 60000):
            if self.stop.wait(0.02):
                return
            address = f"127.20.{number // 250}.{number % 250 + 1}"
            try:
                if self.report(address) // 100 == 2:
                    self.acknowledged.append(address)
                else:
                    self.refused += 1
            except OSError:
                self.refused += 1

    def report(self, address):
        body = json.dumps({"address": address, "ports": [1]}).encode()
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(str(self.api.socket))
            client.sendall(b"POST /v1/reports HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
                           b"Content-Length: %d\r\n\r\n" % len(body) + body)
            answer = b""
            while more := client.recv(65536):
                answer += more
        if not answer:
            raise OSError("the API went away")
        return int(answer.split()[1])


class Roles(unittest.TestCase):
    def setUp(self):
        self.directory = room.directory() / self._testMethodName
        self.directory.mkdir()
        self.lab = Lab()
        self.addCleanup(self.lab.stop)

    def start(self, role, sockets=(), settings=None):
        process = self.lab.add(role, Process(role, self.directory / "data", sockets, settings))
        process.start(self.directory / role)
        return process

    def test_verifier_and_api_die_and_nothing_is_lost(self):
        settings = {"scheduler": {"concurrent_scans": 4}}
        verifier = self.start("verifier", settings=settings)
        self.start("dns", settings=settings)
        api = self.start("api", settings=settings)
        reporter = Reporter(api)
        dice = random.Random(6471)
        with Load(RESPONDER, 53, TEST_ENTRY) as load:
            reporter.start()
            try:
                for _ in range(KILLS):
                    load.wait_for(50)
                    time.sleep(dice.uniform(0, 0.3))  # anywhere in what they do
                    victim = dice.choice([verifier, api])
                    victim.crash()
                    victim.restart()
                    before = len(reporter.acknowledged)
                    wait_until(lambda: len(reporter.acknowledged) > before, PATIENCE, "reports are taken again")
            finally:
                reporter.stop.set()
                reporter.join()
        self.assertEqual([], load.faults)
        self.assertEqual({(0, "127.0.0.2", 120)}, set(load.answers))
        file = self.directory / "export.jsonl"
        done = subprocess.run([program(), "export", file, "--private", "-c", api.configuration], capture_output=True,
                              text=True, check=False)
        self.assertEqual(OK, done.returncode, done.stderr)
        text = file.read_text()
        lost = [address for address in reporter.acknowledged if f'"{address}"' not in text]
        self.assertEqual([], lost, f"of {len(reporter.acknowledged)} acknowledged")
        print(f"{load.count} answers, {len(reporter.acknowledged)} reports, {reporter.refused} not taken",
              flush=True)

    def test_dns_and_api_restart_behind_sockets_that_are_kept(self):
        def kept(kind, family=socket.AF_INET, where=(RESPONDER, 53)):
            made = socket.socket(family, kind)
            self.addCleanup(made.close)
            made.bind(where)
            if kind == socket.SOCK_STREAM:
                made.listen(64)
            return made

        dns_sockets = [kept(socket.SOCK_DGRAM), kept(socket.SOCK_STREAM)]
        self.start("verifier")
        dns = self.start("dns", dns_sockets)
        (self.directory / "api").mkdir()
        public = kept(socket.SOCK_STREAM, where=("127.0.99.80", 8080))
        api = self.start("api", [kept(socket.SOCK_STREAM, socket.AF_UNIX, str(self.directory / "api/api.sock")), public])
        # A connection ends with its process, so over TCP each question has one of its own: it waits to be accepted.
        with Load(RESPONDER, 53, TEST_ENTRY, tcp_clients=0) as load:
            for _ in range(RESTARTS):
                load.wait_for(100)
                dns.stop()
                with socket.create_connection((RESPONDER, 53), timeout=20):
                    dns.restart()
                self.assertEqual(["127.0.0.2"], dig(TEST_ENTRY, "A", "+tcp").data("A"))
            load.wait_for(100)
        self.assertEqual([], load.faults)
        self.assertEqual({(0, "127.0.0.2", 120)}, set(load.answers))
        # The API: whoever connects while it is down waits, and is answered.
        api.stop()
        self.assertTrue(api.socket.exists(), "the manager's socket is not taken away")
        answers = []
        asking = threading.Thread(target=lambda: answers.append(api.client("status").code))
        asking.start()
        with socket.create_connection(public.getsockname(), timeout=60) as waiting:
            waiting.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            api.restart()
            self.assertIn(b"200 OK", waiting.recv(100))
        asking.join()
        self.assertEqual([OK], answers)

    def test_sockets_that_nobody_can_use_are_refused(self):
        self.start("verifier").stop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as alone:
            alone.bind((RESPONDER, 53))
            dns = Process("dns", self.directory / "data", [alone])
            (self.directory / "dns").mkdir()
            with self.assertRaisesRegex(Exception, "before it was ready"):
                dns.start(self.directory / "dns")
            self.assertIn("only the UDP socket was passed; DNS needs UDP and TCP", dns.log())


if __name__ == "__main__":
    main()
