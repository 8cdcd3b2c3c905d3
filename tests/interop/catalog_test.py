#!/usr/bin/env python3
"""A catalog of zones (RFC 9432): what `provenbl mirror add` prints makes BIND and Knot take the catalog alone.
A zone that the configuration gains is served by all of them without a hand on them, and one that it loses goes away."""

import subprocess

from lab_case import OK, PATIENCE, LabCase, main, wait_until
from lab.name_servers import Bind, Knot
from lab.process import find_program
from lab.program import RESPONDER, ZONE
from mirror_test import ask
from transfer_test import serial_of

CATALOG = "catalog.example"
SUBLIST = f"relay.{ZONE}"
POLICY = "rpz.example"
ADDED = f"proxy.{ZONE}"
FIRST = [{"apex": ZONE, "classes": "all"}, {"apex": SUBLIST, "classes": ["relay"]}]
MORE = FIRST + [{"apex": ADDED, "classes": ["socks", "http"]}]
LISTED = {"127.0.5.77": "relay", "127.0.5.78": "socks"}


def transfer(server, zone, key):
    """All records of a zone but the serial; none where it is refused."""
    command = [find_program("dig", "bind9-dnsutils"), f"@{server}", "+time=10", "+tries=1", "+nocmd", "+nostats",
               "+nocomments", "+onesoa", *(["-y", key] if key else []), zone, "AXFR"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return [line.split(None, 4) for line in done.stdout.splitlines() if len(line.split(None, 4)) == 5 and
            not line.startswith(";") and line.split()[3] != "TSIG"]


class Catalog(LabCase):
    settings = {
        "zones": FIRST,
        "policy_zones": [{"apex": POLICY, "zone": ZONE, "classes": ["relay"]}],
        "catalog": {"apex": CATALOG, "group": "lists"},
        "policy": {"manual_listing": True},
        "transfers": {"notify_interval": "200ms"},
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for address, kind in LISTED.items():
            cls.provenbl.client("list", address, "--class", kind, "--reason", "a test", "--expires", "1d")
        made = cls.provenbl.client("mirror", "add", "reader", "--kind", "bind", "--address", "127.0.98.99").json
        cls.key = f"hmac-sha256:{made['key']}:{made['secret']}"
        cls.mirrors = {}
        for number, kind in enumerate((Bind, Knot), 1):
            server = kind(f"127.0.98.{number}")
            printed = cls.provenbl.plain("mirror", "add", f"{kind.kind}-mirror", "--kind", kind.kind, "--address",
                                         server.address)
            if printed.code != OK:
                raise AssertionError(printed)
            server.kit = printed.out
            cls.lab.add(kind.kind, server)
            server.start(cls.provenbl.directory.parent / kind.kind)
            cls.mirrors[kind.kind] = server

    def serve(self, zones):
        """As an operator does it: another configuration, another start."""
        self.provenbl.changes = dict(self.provenbl.changes, zones=zones)
        self.provenbl.stop()
        self.provenbl.prepare()
        self.provenbl.restart()

    def members(self):
        return sorted(record[4] for record in transfer(RESPONDER, CATALOG, self.key) if record[3] == "PTR")

    def await_all(self, zones):
        """Every mirror has each zone, with our serial. (The catalog itself is not asked for: Knot tells it nobody.)"""
        for kind, server in self.mirrors.items():
            for zone in zones:
                try:
                    wait_until(lambda server=server, zone=zone: serial_of(server.address, zone) ==
                               serial_of(RESPONDER, zone) is not None, PATIENCE, f"{kind} serves {zone}")
                except TimeoutError as late:
                    self.fail(f"{late}\n{server.log(80)}")

    def compare(self, zone):
        """Every record of the zone is what each mirror answers."""
        records = {}
        for name, ttl, _, kind, data in transfer(RESPONDER, zone, self.key):
            if kind != "SOA":
                records.setdefault((name, kind), set()).add((int(ttl), data))
        self.assertGreater(len(records), 1, zone)
        for mirror, server in self.mirrors.items():
            for (name, kind), wanted in records.items():
                reply = ask(server.address, name, kind)
                got = {(ttl, data) for _, ttl, of, data in reply.answers if of == kind}
                if kind == "NS" and not reply.answers:  # a cut below the apex
                    got = {(ttl, data) for _, ttl, of, data in reply.authority if of == kind}
                self.assertEqual(wanted, got, f"{mirror}: {name} {kind}\n{reply.text}")

    def test_1_all_zones_by_the_catalog_alone(self):
        # The key of a mirror is known to the responder within a moment.
        wait_until(lambda: self.members() == [f"{ZONE}.", f"{SUBLIST}.", f"{POLICY}."], PATIENCE, "all members")
        kinds = {record[3] for record in transfer(RESPONDER, CATALOG, self.key)}
        self.assertEqual({"SOA", "NS", "TXT", "PTR"}, kinds)
        self.await_all((ZONE, SUBLIST, POLICY))
        for zone in (ZONE, SUBLIST, POLICY):
            self.compare(zone)
        self.assertEqual([], transfer(RESPONDER, CATALOG, ""), "not without a key")

    def catalog_at_bind(self):
        """What `mirror status` says of BIND's catalog, the mirror that tells its serial."""
        status = self.provenbl.client("mirror", "status", "bind-mirror", "--max-lag", 0).json["mirrors"][0]
        return next(zone for zone in status["zones"] if zone["zone"] == CATALOG)

    def test_1_status_asks_for_the_catalog(self):
        wait_until(lambda: self.catalog_at_bind()["serial"] == serial_of(RESPONDER, CATALOG), PATIENCE, "BIND has it")
        self.assertEqual((0, False), (self.catalog_at_bind()["behind"], self.catalog_at_bind()["ahead"]))
        status = self.provenbl.client("mirror", "status", "knot-mirror").json["mirrors"][0]
        self.assertNotIn(CATALOG, {zone["zone"] for zone in status["zones"]}, "it tells it nobody")

    def test_2_listings_move_the_lists_alone(self):
        before = serial_of(RESPONDER, CATALOG)
        self.provenbl.client("list", "127.0.5.79", "--class", "relay", "--reason", "a test", "--expires", "1d")
        wait_until(lambda: ask(RESPONDER, f"79.5.0.127.{ZONE}").status == "NOERROR", PATIENCE, "it is listed")
        self.assertEqual(before, serial_of(RESPONDER, CATALOG))
        self.assertEqual(0, self.catalog_at_bind()["behind"])
        self.await_all((ZONE, SUBLIST, POLICY))
        self.compare(POLICY)

    def test_3_a_new_zone_comes_by_itself(self):
        before = serial_of(RESPONDER, CATALOG)
        self.serve(MORE)
        self.assertGreater(serial_of(RESPONDER, CATALOG), before)
        self.assertIn(f"{ADDED}.", self.members())
        self.await_all((ZONE, SUBLIST, POLICY, ADDED))
        for zone in (ZONE, SUBLIST, ADDED):
            self.compare(zone)

    def test_4_and_goes_when_it_is_no_more(self):
        before = serial_of(RESPONDER, CATALOG)
        self.serve(FIRST)
        self.assertGreater(serial_of(RESPONDER, CATALOG), before, "it never goes back")
        self.await_all((ZONE, SUBLIST, POLICY))
        for kind, server in self.mirrors.items():
            wait_until(lambda server=server: ask(server.address, ADDED, "SOA").data("SOA") == [], PATIENCE,
                       f"{kind} has dropped {ADDED}")
        self.compare(ZONE)

    def test_5_a_restart_alone_changes_nothing(self):
        before = serial_of(RESPONDER, CATALOG)
        self.serve(FIRST)
        self.assertEqual(before, serial_of(RESPONDER, CATALOG))


class DefinedAnew(LabCase):
    """The roles are processes of their own: who answers has begun with other zones than who writes."""

    settings = {"zones": FIRST, "policy": {"manual_listing": True}}

    def test_no_transfer_until_both_know_the_same_zones(self):
        made = self.provenbl.client("mirror", "add", "reader", "--kind", "bind", "--address", "127.0.98.99").json
        key = f"hmac-sha256:{made['key']}:{made['secret']}"
        wait_until(lambda: transfer(RESPONDER, ZONE, key), PATIENCE, "the key is in force")
        self.provenbl.stop()
        # The DNS role first, with a zone more.
        self.provenbl.changes = dict(self.provenbl.changes, zones=MORE)
        self.provenbl.prepare()
        command = self.provenbl.command
        self.provenbl.command = lambda: command() + ["--role", "dns"]
        self.provenbl.restart()
        self.assertEqual([], transfer(RESPONDER, ADDED, key))
        self.assertEqual([], transfer(RESPONDER, ZONE, key))
        before = serial_of(RESPONDER, ADDED)
        self.assertIsNotNone(before, "it answers all the same")
        self.assertIn("are not those that the store was last told of", self.provenbl.log(40))
        # Then who writes.
        other = type(self.provenbl)(self.provenbl.program, self.provenbl.changes, self.provenbl.data)
        self.lab.add("writer", other)
        other.command = lambda: [other.program, "run", "-c", str(other.configuration), "--ready-fd",
                                 str(other.ready_fd), "--role", "verifier"]
        other.start(self.provenbl.directory.parent / "writer")
        wait_until(lambda: transfer(RESPONDER, ADDED, key), PATIENCE, "transfers go on")
        self.assertGreater(serial_of(RESPONDER, ADDED), before)
        other.stop()


if __name__ == "__main__":
    main()
