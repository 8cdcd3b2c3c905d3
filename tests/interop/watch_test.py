#!/usr/bin/env python3
"""What an operator sees of the answers: counters, query log, a dnstap collector; and a responder in its own process."""

import json
import socket
import struct
import threading
import unittest

from lab_case import PATIENCE, LabCase, dig, main, program, room, wait_until
from lab.catalogue import Lab
from lab.program import ZONE, Provenbl

TEST_ENTRY = f"2.0.0.127.{ZONE}"
ACCEPT, START, STOP, READY, FINISH = range(1, 6)
CONTENT_TYPE = b"protobuf:dnstap.Dnstap"


class Collector(threading.Thread):
    """As much of Frame Streams as a collector needs: shakes hands, keeps every frame."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(str(path))
        self.listening.listen()
        self.frames = []
        self.controls = []

    def run(self):
        connection, _ = self.listening.accept()
        with connection, connection.makefile("rb") as stream:
            while head := stream.read(4):
                (size,) = struct.unpack(">I", head)
                if size:
                    self.frames.append(stream.read(size))
                    continue
                (size,) = struct.unpack(">I", stream.read(4))
                control = stream.read(size)
                (kind,) = struct.unpack(">I", control[:4])
                self.controls.append((kind, control[4:]))
                if kind == READY:
                    connection.sendall(self.control(ACCEPT, struct.pack(">II", 1, len(CONTENT_TYPE)) + CONTENT_TYPE))
                if kind == STOP:
                    connection.sendall(self.control(FINISH))
                    return

    @staticmethod
    def control(kind, fields=b""):
        return struct.pack(">III", 0, 4 + len(fields), kind) + fields


class Watched(LabCase):
    @classmethod
    def before_start(cls):
        cls.query_log = room.directory() / "query.log"
        cls.collector = Collector(room.directory() / "tap.sock")
        cls.collector.start()
        cls.provenbl.changes = {
            "log": {"format": "json"},
            "dns": {
                "identity": "ns.bl.example",
                "query_log": {"file": str(cls.query_log), "anonymize": False},
                "dnstap": {"socket": str(room.directory() / "tap.sock")},
            },
        }

    def test_one_question_is_seen_by_all(self):
        wait_until(lambda: self.dns()["dnstap"]["connected"], PATIENCE, "dnstap is connected")
        before = self.dns()
        dig(TEST_ENTRY, "A", "+notcp", "+noedns", "+nocookie")
        dig(TEST_ENTRY, "TXT", "+tcp", "+noedns", "+nocookie")
        wait_until(lambda: len(self.lines()) >= 2, PATIENCE, "both questions are in the query log")
        after = self.dns()
        self.assertEqual((1, 1, 2), tuple(after[name] - before[name] for name in
                                          ("udp_queries", "tcp_queries", "listed")))
        seen = {line["transport"]: line for line in self.lines()}
        udp, tcp = seen["udp"], seen["tcp"]
        self.assertEqual(("udp", TEST_ENTRY, "A", ZONE, "NOERROR", ["127.0.0.2"]),
                         tuple(udp[name] for name in ("transport", "name", "type", "zone", "rcode", "codes")))
        self.assertEqual(("tcp", "TXT", True), (tcp["transport"], tcp["type"], tcp["listed"]))
        wait_until(lambda: len(self.collector.frames) >= 4, PATIENCE, "query and response of both are collected")
        for frame in self.collector.frames:
            self.assertIn(b"\x012\x010\x010\x03127\x02bl\x07example\0", frame)
            self.assertIn(b"ns.bl.example", frame)
        self.assertEqual([READY, START], [kind for kind, _ in self.collector.controls])
        status = self.provenbl.plain("status")
        self.assertIn("over UDP: half answered within", status.out)
        self.assertIn("dnstap: connected", status.out)

        # The log is rotated away; no signal is sent.
        self.query_log.rename(self.query_log.with_suffix(".1"))
        dig(TEST_ENTRY)
        wait_until(lambda: self.query_log.exists() and self.lines(), PATIENCE, "the log goes on in a new file")

    def dns(self):
        return self.provenbl.client("status").json["dns"]

    def lines(self):
        return [json.loads(line) for line in self.query_log.read_text().splitlines()]


class WithRole(Provenbl):
    def __init__(self, role, settings, data):
        super().__init__(program(), settings, data)
        self.role = role

    def command(self):
        return [*super().command(), "--role", self.role]


class OwnProcess(unittest.TestCase):
    """The responder alone has no API; the process that has one shows its figures."""

    def test_the_api_shows_the_figures_of_the_other_process(self):
        directory = room.directory() / "roles"
        directory.mkdir()
        file = directory / "dns-statistics.json"
        settings = {"dns": {"statistics_file": str(file)}}
        lab = Lab()
        self.addCleanup(lab.stop)
        api = lab.add("api", WithRole("api", settings, directory / "data"))
        api.start(directory / "api")
        self.assertIn("dns-statistics.json", api.client("status").json["dns"]["unavailable"])
        responder = lab.add("responder", WithRole("dns", settings, directory / "data"))
        responder.start(directory / "dns")
        dig(TEST_ENTRY)

        def shown():
            return api.client("status").json["dns"].get("listed", 0) >= 1

        wait_until(shown, PATIENCE, "the API shows what the responder counted")
        responder.stop()
        dns = api.client("status").json["dns"]
        self.assertGreaterEqual(dns["listed"], 1)
        self.assertIn("written", dns)


if __name__ == "__main__":
    main()
