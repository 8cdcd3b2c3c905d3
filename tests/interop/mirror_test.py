#!/usr/bin/env python3
"""Mirrors: what `provenbl mirror add` prints goes as it is into BIND, NSD, Knot and PowerDNS, which then serve our zones
and follow every change. And whoever signs wrongly is told so as RFC 8945 says."""

import base64
import hashlib
import hmac
import json
import socket
import struct
import subprocess
import time
import urllib.request

from lab_case import OK, PATIENCE, RELAY, LabCase, Reply, main, name_of, wait_until
from lab.name_servers import NAME_SERVERS
from lab.process import find_program
from lab.program import PUBLIC_API, RESPONDER, ZONE

BEHIND = 6
FIRST, SECOND = "127.0.5.77", "127.0.5.78"


def ask(server, name, kind="A", *options):
    command = [find_program("dig", "bind9-dnsutils"), f"@{server}", "+norecurse", "+time=3", "+tries=2", *options, name,
               kind]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return Reply(done.stdout)


class Packet:
    """A signed question, made by hand."""

    def __init__(self, key, secret, algorithm="hmac-sha256", when=None, mac=None, fudge=300):
        def name(text):
            return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"
        when = int(time.time()) if when is None else when
        message = struct.pack(">HHHHHH", 0x4242, 0, 1, 0, 0, 0) + name(ZONE) + struct.pack(">HH", 6, 1)
        timers = struct.pack(">HIH", when >> 32, when & 0xffffffff, fudge)
        covered = message + name(key) + struct.pack(">HI", 255, 0) + name(algorithm) + timers + b"\0\0\0\0"
        code = hmac.new(base64.b64decode(secret), covered, algorithm.removeprefix("hmac-")).digest()
        code = code if mac is None else mac(code)
        rdata = name(algorithm) + timers + struct.pack(">H", len(code)) + code + message[:2] + b"\0\0\0\0"
        record = name(key) + struct.pack(">HHIH", 250, 255, 0, len(rdata)) + rdata
        self.octets = message[:10] + b"\0\1" + message[12:] + record
        self.at = len(message) + len(name(key)) + 10 + len(name(algorithm))

    def answer(self):
        """(rcode, TSIG error, size of its code, other data) of what comes back; the last three of the last record."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(10)
            client.connect((RESPONDER, 53))
            client.send(self.octets)
            octets = client.recv(4096)
        rcode = octets[3] & 15
        if struct.unpack(">H", octets[10:12])[0] == 0:
            return rcode, None, 0, b""
        answers = struct.unpack(">H", octets[6:8])[0]
        if answers:
            return rcode, 0, None, b""
        size = struct.unpack(">H", octets[self.at + 8:self.at + 10])[0]
        end = self.at + 10 + size
        error, other = struct.unpack(">HH", octets[end + 2:end + 6])
        return rcode, error, size, octets[end + 6:end + 6 + other]


class Signatures(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = cls.provenbl.client("mirror", "add", "ns2", "--kind", "bind", "--address", "127.0.98.99").json
        cls.key, cls.secret = made["key"], made["secret"]
        wait_until(lambda: Packet(cls.key, cls.secret).answer()[0] == 0, PATIENCE, "the key is in force")

    def test_a_signed_question_gets_a_signed_answer(self):
        for way in ("+notcp", "+tcp"):
            reply = ask(RESPONDER, ZONE, "SOA", way, "-y", f"hmac-sha256:{self.key}:{self.secret}")
            self.assertEqual("NOERROR", reply.status, reply.text)
            self.assertEqual(1, len(reply.data("SOA")), reply.text)
            self.assertIn("TSIG PSEUDOSECTION", reply.text)
            for complaint in ("could not be validated", "verify signature", "indicates error"):
                self.assertNotIn(complaint, reply.text)

    def test_a_wrong_secret_is_badsig(self):
        wrong = base64.b64encode(hashlib.sha256(b"wrong").digest()).decode()
        self.assertEqual((9, 16, 0, b""), Packet(self.key, wrong).answer())
        reply = ask(RESPONDER, ZONE, "SOA", "-y", f"hmac-sha256:{self.key}:{wrong}")
        self.assertEqual([], reply.data("SOA"), reply.text)

    def test_an_unknown_key_or_algorithm_is_badkey(self):
        self.assertEqual((9, 17, 0, b""), Packet(f"x.{self.key}", self.secret).answer())
        self.assertEqual((9, 17, 0, b""), Packet(self.key, self.secret, "hmac-sha512").answer())

    def test_a_wrong_time_is_badtime_with_ours(self):
        for away in (-3600, 3600):
            rcode, error, size, other = Packet(self.key, self.secret, when=int(time.time()) + away).answer()
            self.assertEqual((9, 18, 32), (rcode, error, size))
            ours = int.from_bytes(other, "big")
            self.assertLess(abs(ours - time.time()), 60)

    def test_a_cut_code_is_badtrunc_and_a_shorter_one_is_formerr(self):
        self.assertEqual((9, 22), Packet(self.key, self.secret, mac=lambda code: code[:16]).answer()[:2])
        self.assertEqual((1, None), Packet(self.key, self.secret, mac=lambda code: code[:15]).answer()[:2])
        self.assertEqual((1, None), Packet(self.key, self.secret, mac=lambda code: b"").answer()[:2])

    def test_the_key_of_a_removed_mirror_is_worth_nothing_within_a_second(self):
        made = self.provenbl.client("mirror", "add", "gone", "--kind", "nsd", "--address", "127.0.98.98").json
        packet = Packet(made["key"], made["secret"])
        wait_until(lambda: packet.answer()[0] == 0, PATIENCE, "the key is in force")
        self.assertEqual(OK, self.provenbl.client("mirror", "remove", "gone").code)
        wait_until(lambda: packet.answer()[:2] == (9, 17), PATIENCE, "the key is out of force")


class Mirrors(LabCase):
    settings = {"policy": {"manual_listing": True}, "transfers": {"notify_interval": "200ms"},
                "mirrors": {"interval": "1s", "alert_after": "1s", "public": True}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.list(FIRST)
        cls.mirrors = {}
        for number, kind in enumerate(NAME_SERVERS, 1):
            server = kind(f"127.0.98.{number}")
            printed = cls.provenbl.plain("mirror", "add", f"{kind.kind}-mirror", "--kind", kind.kind, "--address",
                                         server.address)
            if printed.code != OK:
                raise AssertionError(printed)
            server.kit = printed.out
            cls.lab.add(kind.kind, server)
            server.start(cls.provenbl.directory.parent / kind.kind)
            cls.mirrors[kind.kind] = server

    @classmethod
    def list(cls, address):
        done = cls.provenbl.client("list", address, "--class", "relay", "--reason", "a test", "--expires", "1d")
        if done.code != OK:
            raise AssertionError(done)

    def await_everywhere(self, name, status, data):
        for kind, server in self.mirrors.items():
            with self.subTest(kind):
                last = []

                def as_wanted(server=server, last=last):
                    reply = ask(server.address, name)
                    last[:] = [reply.text]
                    return (reply.status, reply.data("A")) == (status, data)
                try:
                    wait_until(as_wanted, PATIENCE, f"{kind} says {status} {data} of {name}")
                except TimeoutError as late:
                    self.fail(f"{late}\n{last[0]}\n{server.log()}")

    def statistics(self):
        rows = self.provenbl.client("status").json["dns"].get("mirrors", [])
        return {row["name"].removesuffix("-mirror"): row for row in rows}

    def test_mirrors_serve_and_follow(self):
        with self.subTest("they serve what was there"):
            self.await_everywhere(name_of(FIRST), "NOERROR", [RELAY])
        with self.subTest("a listing arrives"):
            self.list(SECOND)
            self.await_everywhere(name_of(SECOND), "NOERROR", [RELAY])
        with self.subTest("a delisting arrives"):
            done = self.provenbl.client("unlist", SECOND, "--note", "a mistake")
            self.assertEqual(OK, done.code, done)
            self.await_everywhere(name_of(SECOND), "NXDOMAIN", [])
            self.await_everywhere(name_of(FIRST), "NOERROR", [RELAY])
        with self.subTest("NOTIFY is answered by all, without error"):
            def all_answered():
                rows = self.statistics()
                return len(rows) == len(self.mirrors) and all(row["answered_zones"] == row["zones"] and
                                                              row["rcode"] == 0 for row in rows.values())
            try:
                wait_until(all_answered, PATIENCE, "all have answered")
            except TimeoutError as late:
                self.fail(f"{late}: {json.dumps(self.statistics(), indent=1)}")
        with self.subTest("status finds them up to date"):
            def up_to_date():
                status = self.provenbl.client("mirror", "status", "--max-lag", 0)
                return status.code == OK
            wait_until(up_to_date, PATIENCE, "all are up to date")
        with self.subTest("status tells who is gone"):
            self.mirrors["nsd"].stop()
            status = self.provenbl.client("mirror", "status")
            self.assertEqual(BEHIND, status.code, status)
            zones = {row["name"]: row["zones"] for row in status.json["mirrors"]}
            self.assertTrue(all("error" in zone for zone in zones["nsd-mirror"]), zones)
            self.assertTrue(all("error" not in zone for zone in zones["bind-mirror"]), zones)
        with self.subTest("the daemon knows it as well, and says so everywhere"):
            self.what_is_known()

    def what_is_known(self):
        def known(name):
            return self.provenbl.client("mirror", "status", name, "--known").code
        def metrics():
            return subprocess.run(
                ["curl", "-sS", "--unix-socket", str(self.provenbl.socket), "http://localhost/metrics"],
                capture_output=True, text=True, timeout=PATIENCE, check=True).stdout.splitlines()
        # It may have been behind just before it went: of all its zones nothing is known any more.
        wait_until(lambda: not [line for line in metrics()
                                if line.startswith("provenbl_mirror_lag") and "nsd-mirror" in line],
                   PATIENCE, "it is known to be silent")
        self.assertEqual(BEHIND, known("nsd-mirror"))
        wait_until(lambda: [known(f"{kind}-mirror") for kind in ("bind", "knot", "pdns")] == [OK] * 3, PATIENCE,
                   "the others are known to be up to date")
        log = "mirrors: the mirror nsd-mirror (127.0.98."
        wait_until(lambda: log in self.provenbl.log(5000), PATIENCE, "a line in the log")
        told = metrics()
        for line in ('provenbl_mirror_answering{mirror="nsd-mirror"} 0', 'provenbl_mirror_answering{mirror="bind-mirror"} 1',
                     'provenbl_mirror_ahead{mirror="knot-mirror"} 0',
                     f'provenbl_mirror_lag_serials{{mirror="bind-mirror",zone="{ZONE}"}} 0',
                     f'provenbl_mirror_lag_seconds{{mirror="pdns-mirror",zone="{ZONE}"}} 0'):
            self.assertIn(line, told)
        whole = [line for line in told if line.startswith('provenbl_transfers_total{mirror="bind-mirror",kind="whole"}')]
        self.assertGreaterEqual(float(whole[0].split()[1]), 1)
        with urllib.request.urlopen(f"http://{PUBLIC_API}/v1/mirrors/lag", timeout=PATIENCE) as answer:
            lag = json.load(answer)["mirrors"]
        self.assertEqual((False, True), (lag["nsd-mirror"]["answering"], lag["bind-mirror"]["answering"]))
        page = urllib.request.Request(f"http://{PUBLIC_API}/mirrors", headers={"Accept": "text/html"})
        with urllib.request.urlopen(page, timeout=PATIENCE) as answer:
            text = answer.read().decode()
        self.assertIn("nsd-mirror", text)
        self.assertIn("does not answer", text)
        self.assertNotIn("127.0.98.", text)


if __name__ == "__main__":
    main()
