#!/usr/bin/env python3
"""Secondaries of others hold what we hold: AXFR, IXFR over TCP and UDP, through listings, delistings and kill -9.

BIND, NSD (once over TCP, once over UDP), Knot and PowerDNS, each with the combined list and a sublist.
"""

import http.client
import json
import random
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from lab_case import OK, PATIENCE, LabCase, dig, main, room, wait_until
from lab.process import find_program
from lab.program import PROBE_DOMAIN, RESPONDER, ZONE
from lab.secondaries import Bind, Knot, Nsd, NsdOverUdp, PowerDns

SUBLIST = f"relay.{ZONE}"
ZONES = (ZONE, SUBLIST)
KINDS = {"bind": ("127.0.98.1", Bind), "nsd": ("127.0.98.2", Nsd), "knot": ("127.0.98.3", Knot),
         "pdns": ("127.0.98.4", PowerDns), "nsd-udp": ("127.0.98.5", NsdOverUdp)}
MANY = 600  # of them, a zone is several messages
LOOK_AGAIN = 0.3  # seconds between two requests to look at the primary


def transfer(server, zone, *options):
    """All records that the server gives away, without the serial; and the serial."""
    command = [find_program("dig", "bind9-dnsutils"), f"@{server}", "+time=30", "+tries=1", "+nocmd", "+nostats",
               "+nocomments", "+onesoa", *options, zone, "AXFR"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    serial, records = None, set()
    for line in done.stdout.splitlines():
        words = line.split(None, 4)
        if len(words) < 5 or line.startswith(";"):
            continue
        name, ttl, _, kind, data = words
        if kind == "SOA":
            words = data.split()
            serial = int(words[2])
            data = " ".join(words[:2] + words[3:])
        records.add((name.lower(), int(ttl), kind, data))
    return serial, records


def serial_of(server, zone):
    data = dig_at(server, zone, "SOA")
    return int(data[0].split()[2]) if data else None


def dig_at(server, name, kind):
    """The data of the answer; nothing when the server has none, or does not answer."""
    command = [find_program("dig", "bind9-dnsutils"), f"@{server}", "+norecurse", "+time=3", "+tries=2", "+short", name,
               kind]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return [line for line in done.stdout.splitlines() if line and not line.startswith(";")]


class Operator(http.client.HTTPConnection):
    """The operator's socket: many listings in little time."""

    def __init__(self, path):
        super().__init__("operator", timeout=60)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)

    def call(self, method, path, body):
        self.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
        answer = self.getresponse()
        text = answer.read().decode()
        if answer.status >= 300:
            raise AssertionError(f"{method} {path} {body}: {answer.status} {text}")


class Transfers(LabCase):
    settings = {
        "policy": {"manual_listing": True},
        "transfers": {"allow_unsigned": ["127.0.0.0/8"]},
        "gate": {"unlocked": ["127.0.0.0/8", "10.0.0.0/8", "2001:db8::/32"]},
    }

    @classmethod
    def setUpClass(cls):
        cls.query_log = room.directory() / "queries"
        cls.settings["dns"] = {"query_log": {"file": str(cls.query_log), "anonymize": False}}
        super().setUpClass()
        cls.random = random.Random(4)
        cls.listed = set()
        cls.secondaries = {}
        for name, (address, kind) in KINDS.items():
            server = cls.lab.add(name, kind(address, RESPONDER, ZONES))
            server.start(cls.provenbl.directory.parent / f"secondary-{name}")
            cls.secondaries[name] = server

    # ---- what changes

    def operator(self):
        connection = Operator(self.provenbl.socket)
        self.addCleanup(connection.close)
        return connection

    def address(self):
        number = self.random.randrange(1 << 22)
        if number % 5 == 0:
            return f"2001:db8:{number % 7:x}::{number >> 16:x}:{number & 0xffff:x}"
        return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"

    def list_some(self, count):
        operator = self.operator()
        while count:
            address = self.address()
            if address in self.listed:
                continue
            for cls in self.random.sample(("relay", "socks", "http"), self.random.choice((1, 1, 2))):
                operator.call("POST", "/v1/manual",
                              {"address": address, "class": cls, "reason": "a test", "by": "bob", "until": "1d"})
            self.listed.add(address)
            count -= 1

    def unlist_some(self, count):
        operator = self.operator()
        for address in self.random.sample(sorted(self.listed), count):
            operator.call("POST", f"/v1/manual/{address}/end", {"note": "a mistake", "by": "bob"})
            self.listed.discard(address)

    # ---- what has to hold

    def catch_up(self, names=tuple(KINDS)):
        """All of them have the primary's serials."""
        with ThreadPoolExecutor(max_workers=len(names)) as pool:
            list(pool.map(self.catch_up_one, names))

    def catch_up_one(self, name):
        server = self.secondaries[name]
        for zone in ZONES:
            def there(zone=zone):
                wanted = serial_of(RESPONDER, zone)
                if serial_of(server.address, zone) == wanted:
                    return True
                server.refresh(zone)
                return False

            wait_until(lambda there=there: there() or time.sleep(LOOK_AGAIN), PATIENCE, f"{name} has our {zone}")

    def compare(self, name):
        server = self.secondaries[name]
        for zone in ZONES:
            ours, records = transfer(RESPONDER, zone)
            theirs, held = transfer(server.address, zone)
            self.assertEqual(ours, theirs, f"{name} {zone}")
            self.assertEqual(set(), held - records, f"{name} {zone} has what we don't")
            self.assertEqual(set(), records - held, f"{name} {zone} lacks what we have")

    def compare_all(self):
        for name in KINDS:
            with self.subTest(name):
                self.compare(name)

    # ---- the tests, in this order

    def test_1_the_first_time_all_of_it(self):
        self.list_some(MANY)
        self.catch_up()
        self.compare_all()

    def test_2_then_what_has_changed(self):
        whole = {server: len(server.sizes()) for server in self.secondaries.values() if server.incremental}
        for _ in range(3):
            self.list_some(12)
            self.unlist_some(12)
            self.catch_up()
            self.compare_all()
        for server in self.secondaries.values():
            if server.incremental:
                sizes = server.sizes()
                self.assertGreater(len(sizes), whole[server], f"{server.name} took something")
                self.assertLess(max(sizes[whole[server]:]), max(sizes) / 4, f"{server.name} takes differences: {sizes}")

    def test_3_a_change_over_udp(self):
        before = self.asked_of_us("tcp", "nsd-udp")
        self.unlist_some(1)  # it takes 512 octets: no EDNS
        self.catch_up()
        self.compare_all()
        for zone in ZONES:
            wait_until(lambda zone=zone: zone in self.asked_of_us("udp", "nsd-udp"), PATIENCE, f"IXFR of {zone} over UDP")
        self.assertEqual(before, self.asked_of_us("tcp", "nsd-udp"), "it fits into one message")

    def asked_of_us(self, transport, name):
        """The zones that this secondary asked for, as the query log has them."""
        start = f" {transport} {KINDS[name][0]} "
        lines = self.query_log.read_text().splitlines()
        return [line.split(start)[1].split()[0] for line in lines if start in line and " IXFR " in line]

    def test_4_killed_in_the_middle(self):
        self.list_some(40)
        for name, server in self.secondaries.items():
            for zone in ZONES:
                server.refresh(zone)
            server.crash()
            self.unlist_some(5)
            server.launch()
        self.unlist_some(20)
        self.catch_up()
        self.compare_all()

    def test_5_the_primary_is_killed_and_goes_on(self):
        self.list_some(10)
        self.provenbl.crash()
        self.provenbl.restart()
        self.unlist_some(10)
        self.catch_up()
        self.compare_all()

    def test_6_more_than_is_worth_telling(self):
        self.unlist_some(len(self.listed) - 20)
        self.list_some(10)
        self.catch_up()
        self.compare_all()

    def test_7_names_answer_alike(self):
        self.list_some(30)
        self.catch_up()
        address = sorted(entry for entry in self.listed if ":" not in entry)[0]
        octets = address.split(".")
        name = ".".join(reversed(octets)) + "." + ZONE
        absent = "9.9.9.9." + ZONE
        for secondary in self.secondaries.values():
            with self.subTest(secondary.name):
                self.assertEqual(sorted(dig(name, "A").data("A")), sorted(dig_at(secondary.address, name, "A")))
                self.assertEqual(dig(name, "TXT").data("TXT"), dig_at(secondary.address, name, "TXT"))
                self.assertEqual(["127.0.0.2"], dig_at(secondary.address, f"2.0.0.127.{ZONE}", "A"))
                self.assertEqual([], dig_at(secondary.address, absent, "A"))
                self.assertEqual("NXDOMAIN", status_at(secondary.address, absent))
                for count in (1, 2, 3):
                    above = ".".join(reversed(octets[:count])) + "." + ZONE
                    self.assertEqual("NOERROR", status_at(secondary.address, above), above)

    def test_8_a_list_that_is_shut_down_is_empty_everywhere(self):
        closed = self.provenbl.client("shutdown-list", "--note", "the end")
        self.assertEqual(OK, closed.code, closed)
        self.catch_up()
        self.compare_all()
        self.assertEqual({"SOA", "NS"}, {kind for _, _, kind, _ in transfer(RESPONDER, SUBLIST)[1]})
        opened = self.provenbl.client("resume-list", "--note", "no")
        self.assertEqual(OK, opened.code, opened)
        self.catch_up()
        self.compare_all()

    def test_9_nobody_else_gets_anything(self):
        """The probe domain is no list, and is given as one; what is not ours is refused."""
        self.assertIn("MX", {kind for _, _, kind, _ in transfer(RESPONDER, PROBE_DOMAIN)[1]})
        self.assertEqual((None, set()), transfer(RESPONDER, "elsewhere.example"))
        self.assertEqual((None, set()), transfer(RESPONDER, f"2.0.0.127.{ZONE}"))


def status_at(server, name):
    command = [find_program("dig", "bind9-dnsutils"), f"@{server}", "+norecurse", "+time=10", "+tries=2", name, "A"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.split("status:")[1].split(",")[0].strip() if "status:" in done.stdout else "nothing"


if __name__ == "__main__":
    main()
