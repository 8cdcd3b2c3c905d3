#!/usr/bin/env python3
"""Transfers over TLS (RFC 9103): BIND and NSD, configured by what `provenbl mirror add --tls` prints as it is, take whole
zones and differences through it, and nothing when the certificate is of another name or has ended. Questions are answered
over TLS as well (RFC 7858). TCP is refused where TLS is wanted, and what is no TLS, or half of it, holds up nobody."""

import socket
import ssl
import subprocess
import time

from lab_case import OK, PATIENCE, RELAY, USAGE, LabCase, Reply, main, name_of, program, room, wait_until
from lab.certificate import Authority
from lab.name_servers import Bind, Nsd
from lab.process import find_program
from lab.program import RESPONDER, ZONE
from transfer_test import serial_of, transfer

NAME = "ns.bl.example"  # the first name server of the lab's zones, which is the default of dns.tls.name
TLS_PORT = 853
FIRST, SECOND = "127.0.5.77", "127.0.5.78"
HALF = 400  # handshakes, more than there may be connections at once


def dig(name, kind, *options):
    command = [find_program("dig", "bind9-dnsutils"), f"@{RESPONDER}", "+norecurse", "+time=5", "+tries=1", *options, name,
               kind]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return Reply(done.stdout + done.stderr)


class OverTls(LabCase):
    # A secondary whose transfer failed asks again after `retry`.
    settings = {"policy": {"manual_listing": True}, "transfers": {"notify_interval": "200ms"},
                "zone_defaults": {"soa": {"refresh": 10, "retry": 5}}}
    client_ca = False

    @classmethod
    def setUpClass(cls):
        place = room.directory()
        cls.authority = Authority(place, f"ca-{cls.__name__}")
        room.trust(cls.authority.file)
        cls.certificate, cls.key = place / "tls.pem", place / "tls.key"
        cls.query_log = place / f"queries-{cls.__name__}"
        cls.authority.issue(NAME, cls.certificate, cls.key)
        tls = {"listen": [RESPONDER], "certificate": str(cls.certificate), "key": str(cls.key), "handshake_timeout": "1s"}
        if cls.client_ca:
            tls["client_ca"] = str(cls.authority.file)
        cls.settings["dns"] = {"tls": tls, "query_log": {"file": str(cls.query_log), "anonymize": False}}
        super().setUpClass()
        cls.list(FIRST)

    @classmethod
    def mirror(cls, server, *options):
        """What is printed goes into the server; for the comparison alone, anybody may transfer from it."""
        printed = cls.provenbl.plain("mirror", "add", f"{server.kind}-mirror", "--kind", server.kind, "--address",
                                     server.address, "--tls", *options)
        if printed.code != OK:
            raise AssertionError(printed)
        kit = printed.out.replace("allow-transfer { none; }", "allow-transfer { any; }")
        server.kit = kit.replace("    zonefile: ", "    provide-xfr: 127.0.0.0/8 NOKEY\n    zonefile: ")
        return cls.lab.add(server.kind, server)

    @classmethod
    def list(cls, address):
        done = cls.provenbl.client("list", address, "--class", "relay", "--reason", "a test", "--expires", "1d")
        if done.code != OK:
            raise AssertionError(done)

    def unlist(self, address):
        done = self.provenbl.client("unlist", address, "--note", "a mistake")
        self.assertEqual(OK, done.code, done)

    def await_answer(self, server, name, data):
        try:
            wait_until(lambda: dig_at(server, name) == data, PATIENCE, f"{server.name} says {data} of {name}")
        except TimeoutError as late:
            self.fail(f"{late}\n{server.log(80)}")

    def served(self, kind):
        return self.provenbl.client("status").json["transfers"]["served"].get(f"{kind}-mirror", {})

    def refused(self, reason):
        return self.provenbl.client("status").json["transfers"]["refused"].get(reason, 0)

    def kit_key(self, kind):
        shown = self.provenbl.client("mirror", "show", f"{kind}-mirror").json
        return f"{shown['algorithm']}:{shown['key']}:{shown['secret']}"


def dig_at(server, name):
    command = [find_program("dig", "bind9-dnsutils"), f"@{server.address}", "+norecurse", "+time=3", "+tries=1", "+short",
               name, "A"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    return [line for line in done.stdout.splitlines() if line and not line.startswith(";")]


class Transfers(OverTls):
    """The tests run in this order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mirrors = {kind.kind: cls.mirror(kind(f"127.0.98.{number}")) for number, kind in enumerate((Bind, Nsd), 1)}
        for kind, server in cls.mirrors.items():
            server.start(cls.provenbl.directory.parent / f"tls-{kind}")

    def test_1_whole_zones_and_what_changes(self):
        for kind, server in self.mirrors.items():
            with self.subTest(f"{kind} has all of it"):
                self.await_answer(server, name_of(FIRST), [RELAY])
                wait_until(lambda kind=kind: self.served(kind).get("whole", 0) >= 3, PATIENCE, "one for each zone")
        self.list(SECOND)
        for kind, server in self.mirrors.items():
            with self.subTest(f"{kind} takes a listing"):
                self.await_answer(server, name_of(SECOND), [RELAY])
        self.unlist(SECOND)
        for kind, server in self.mirrors.items():
            with self.subTest(f"{kind} takes a delisting"):
                self.await_answer(server, name_of(SECOND), [])
                self.assertGreaterEqual(self.served(kind)["differences"], 1, "it does not take the whole zone each time")
                self.assertEqual(0, self.served(kind)["broken"])
        for kind, server in self.mirrors.items():
            with self.subTest(f"{kind} has what we have"):
                wait_until(lambda server=server: serial_of(server.address, ZONE) == serial_of(RESPONDER, ZONE), PATIENCE,
                           "the same serial")
                key = self.kit_key("bind")
                ours = transfer(RESPONDER, ZONE, "+tls-ca", f"+tls-hostname={NAME}", "-p", str(TLS_PORT), "-y", key)
                self.assertGreater(len(ours[1]), 3)
                theirs = transfer(server.address, ZONE)
                strip = {"TSIG"}
                self.assertEqual({row for row in ours[1] if row[2] not in strip}, theirs[1])
        with self.subTest("and all of it went through TLS"):
            # NSD leaves its address to the system, so lines are not told apart by it.
            lines = [line for line in self.query_log.read_text().splitlines() if " AXFR " in line or " IXFR " in line]
            self.assertGreaterEqual(len(lines), sum(self.served(kind)["whole"] + self.served(kind)["differences"]
                                                    for kind in self.mirrors))
            self.assertEqual([], [line for line in lines if " tls " not in line])
            self.assertEqual(0, self.refused("clear"))

    def test_2_tcp_is_refused_and_the_log_says_why(self):
        reply = dig(ZONE, "AXFR", "-y", self.kit_key("nsd"))
        self.assertIn("Transfer failed", reply.text)
        self.assertEqual(1, self.refused("clear"))
        # Not the first refusal, it may be: a server that starts at once asks before its key is known here.
        told = lambda: [line for line in self.provenbl.log(200).splitlines()
                        if "AXFR of bl.example was refused" in line and "did not come over TLS" in line]
        wait_until(told, PATIENCE, "a line in the log")
        self.assertIn("(mirror nsd-mirror)", told()[0])
        self.assertEqual("NOERROR", dig(ZONE, "SOA", "-y", self.kit_key("nsd")).status, "questions go on")

    def test_3_questions_over_tls(self):
        name = name_of(FIRST)
        for options in (["+tls"], ["+tls-ca", f"+tls-hostname={NAME}"]):
            reply = dig(name, "A", *options)
            self.assertEqual(("NOERROR", [RELAY]), (reply.status, reply.data("A")), reply.text)
        for options in (["+tls-ca", "+tls-hostname=wrong.example"],
                        [f"+tls-ca={room.directory()}/tls.pem", f"+tls-hostname={NAME}"]):
            reply = dig(name, "A", *options)
            self.assertEqual("", reply.status, reply.text)

    def test_4_a_certificate_of_another_name_or_that_has_ended(self):
        for what, name, days in (("another name", "elsewhere.example", 2), ("ended", NAME, 0)):
            with self.subTest(what):
                self.authority.issue(name, self.certificate, self.key, days)
                wait_until(lambda: not self.checked_by_dig(), PATIENCE, "the new certificate is shown")
                before = {kind: (self.served(kind)["whole"], self.served(kind)["differences"]) for kind in self.mirrors}
                self.list(SECOND)
                failed = self.provenbl.client("status").json["dns"]["tls"]["failed"]
                wait_until(lambda failed=failed: self.provenbl.client("status").json["dns"]["tls"]["failed"] >= failed + 2,
                           PATIENCE, "both have tried")
                for kind, server in self.mirrors.items():
                    self.assertEqual(before[kind], (self.served(kind)["whole"], self.served(kind)["differences"]))
                    self.assertEqual([], dig_at(server, name_of(SECOND)), kind)
                self.authority.issue(NAME, self.certificate, self.key)
                wait_until(self.checked_by_dig, PATIENCE, "the right certificate is shown, without a restart")
                for server in self.mirrors.values():
                    self.await_answer(server, name_of(SECOND), [RELAY])
                self.unlist(SECOND)
                for server in self.mirrors.values():
                    self.await_answer(server, name_of(SECOND), [])
        log = self.provenbl.log(2000)
        self.assertIn("is not made out to ns.bl.example", log)
        self.assertIn("has ended", log)

    def checked_by_dig(self):
        return dig(ZONE, "SOA", "+tls-ca", f"+tls-hostname={NAME}").status == "NOERROR"

    def test_5_garbage_and_half_handshakes(self):
        with socket.create_connection((RESPONDER, TLS_PORT), timeout=30) as client:
            client.sendall(b"\0\x1d\x12\x34\1\0\0\1\0\0\0\0\0\0\2bl\7example\0\0\6\0\1")  # DNS, without TLS
            while client.recv(512):
                pass  # an alert, then the end
        half = []
        try:
            for _ in range(HALF):
                client = socket.create_connection((RESPONDER, TLS_PORT), timeout=30)
                client.sendall(b"\x16\x03\x01\x02")
                half.append(client)
            self.list(SECOND)
            for server in self.mirrors.values():
                self.await_answer(server, name_of(SECOND), [RELAY])
            for client in half:
                try:
                    self.assertEqual(b"", client.recv(64), "made room, or was out of time")
                except ConnectionResetError:
                    pass
        finally:
            for client in half:
                client.close()
        self.assertEqual("NOERROR", dig(ZONE, "SOA", "+tls").status)
        self.unlist(SECOND)

    def test_6_a_client_that_does_not_read(self):
        context = ssl.create_default_context(cafile=str(self.authority.file))
        context.set_alpn_protocols(["dot"])
        with socket.create_connection((RESPONDER, TLS_PORT), timeout=30) as plain, \
                context.wrap_socket(plain, server_hostname=NAME) as client:
            self.assertEqual("dot", client.selected_alpn_protocol())
            self.assertEqual("TLSv1.3", client.version())
            question = b"\x12\x34\1\0\0\1\0\0\0\0\0\0\2bl\7example\0\0\xff\0\1"
            client.sendall((len(question).to_bytes(2, "big") + question) * 2000)
            self.assertEqual("NOERROR", dig(ZONE, "SOA", "+tls").status, "others are answered meanwhile")

    def test_7_who_can_not(self):
        for kind in ("knot", "pdns", "rbldnsd"):
            refused = self.provenbl.client("mirror", "add", f"{kind}-mirror", "--kind", kind, "--address", "127.0.98.9",
                                           "--tls")
            self.assertEqual(USAGE, refused.code, refused)
            self.assertIn("over TLS", refused.err)
        # Where Knot learns it, this test says so.
        configuration = room.directory() / "knot.conf"
        configuration.write_text("remote:\n  - id: primary\n    address: 127.0.0.1@853\n    tls: on\n")
        checked = subprocess.run([find_program("knotc", "knot"), "-c", str(configuration), "conf-check"],
                                 capture_output=True, text=True, timeout=60, check=False)
        self.assertNotEqual(0, checked.returncode, "this Knot can transfer over TLS: let `mirror add` print it")

    def test_8_what_is_wrong_at_the_start(self):
        text = self.provenbl.configuration.read_text()
        broken = room.directory() / "broken.yaml"
        for old, new, words in ((str(self.certificate), "/absent.pem", "can't read the certificate /absent.pem"),
                                (str(self.key), str(self.authority.key), "does not belong to the certificate")):
            broken.write_text(text.replace(old, new).replace(str(self.provenbl.data), str(room.directory() / "other"))
                              .replace("127.0.99.", "127.0.97."))
            (room.directory() / "other").mkdir(exist_ok=True)
            done = subprocess.run([program(), "run", "-c", str(broken)], capture_output=True, text=True, timeout=120,
                                  check=False)
            self.assertNotEqual(0, done.returncode)
            self.assertIn(words, done.stderr)


class MutualTls(OverTls):
    """dns.tls.client_ca: transfers want a certificate of the client, questions don't."""

    client_ca = True

    def test_mirrors_show_their_certificate(self):
        place = room.directory()
        self.authority.issue("mirror.example", place / "mirror.pem", place / "mirror.key")
        for number, kind in enumerate((Bind, Nsd), 11):
            with self.subTest(kind.kind):
                server = self.mirror(kind(f"127.0.98.{number}"))
                with_certificate = server.kit
                for there in ("/etc/bind/mirror", "/etc/nsd/mirror"):
                    with_certificate = with_certificate.replace(there, str(place / "mirror"))
                self.assertNotEqual(server.kit, with_certificate)
                lines = [line for line in server.kit.splitlines() if "/mirror.pem" not in line and "/mirror.key" not in line]
                server.kit = "\n".join(lines) + "\n"
                server.start(self.provenbl.directory.parent / f"mutual-{kind.kind}")
                wait_until(lambda: self.refused("certificate") > 0, PATIENCE, "it is refused without one")
                self.assertEqual([], dig_at(server, name_of(FIRST)))
                server.stop()
                server.kit = with_certificate
                server.start(self.provenbl.directory.parent / f"mutual-{kind.kind}-2")
                self.await_answer(server, name_of(FIRST), [RELAY])
        self.assertEqual("NOERROR", dig(ZONE, "SOA", "+tls").status)
        refused = dig(ZONE, "AXFR", "+tls", "-y", self.kit_key("bind"))
        self.assertIn("Transfer failed", refused.text)


if __name__ == "__main__":
    main()
