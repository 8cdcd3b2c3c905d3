#!/usr/bin/env python3
"""Three processes over one store: verifier and API are killed at random, the responder is restarted behind sockets that
are kept for it; no question is lost, and no report that was acknowledged."""

import random
import socket
import ssl
import threading
import time
import unittest

from lab_case import OK, PATIENCE, dig, main, room, wait_until
from lab.catalogue import Lab
from lab.certificate import Authority
from lab.program import RESPONDER, ZONE
from role_processes import Process, Reporter
from steady_load import Load

TEST_ENTRY = f"2.0.0.127.{ZONE}"
KILLS = 12
RESTARTS = 5


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
                reporter.over()
        self.assertEqual([], load.faults)
        self.assertEqual({(0, "127.0.0.2", 120)}, set(load.answers))
        lost = reporter.lost(self.directory / "export.jsonl")
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
        authority = Authority(self.directory)
        certificate, key = self.directory / "tls.pem", self.directory / "tls.key"
        authority.issue("ns.bl.example", certificate, key)
        tls_place = ("127.0.99.52", 853)
        self.start("verifier")
        # The configured address is another one: what is passed holds.
        tls = {"listen": [f"{RESPONDER}:853"], "certificate": str(certificate), "key": str(key)}
        dns = self.start("dns", [*dns_sockets, kept(socket.SOCK_STREAM, where=tls_place)], {"dns": {"tls": tls}})
        (self.directory / "api").mkdir()
        public = kept(socket.SOCK_STREAM, where=("127.0.99.80", 8080))
        api = self.start("api", [kept(socket.SOCK_STREAM, socket.AF_UNIX, str(self.directory / "api/api.sock")), public])
        # A connection ends with its process, so over TCP each question has one of its own: it waits to be accepted.
        with Load(RESPONDER, 53, TEST_ENTRY, tcp_clients=0) as load:
            for _ in range(RESTARTS):
                load.wait_for(100)
                dns.stop()
                # Who comes meanwhile waits.
                with socket.create_connection((RESPONDER, 53), timeout=20), \
                        socket.create_connection(tls_place, timeout=60) as waiting:
                    dns.restart()
                    context = ssl.create_default_context(cafile=str(authority.file))
                    context.wrap_socket(waiting, server_hostname="ns.bl.example").close()
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
