#!/usr/bin/env python3
"""The life of a list: reporters with keys, a listing by hand, a purge, the end and the return of the list.

A second process serves DNS alone over the same data: whatever the operator does has to reach it, too.
"""

import json
import subprocess
import time
import urllib.error
import urllib.request

from lab_case import LISTED, OK, PATIENCE, REFUSED_BY_RULE, RELAY, SOCKS, LabCase, dig, main, name_of, program, wait_until
from lab.process import find_program
from lab.program import PUBLIC_API, ZONE, Provenbl

SECOND_RESPONDER = "127.0.99.54"


class DnsAlone(Provenbl):
    """`run --role dns` over somebody else's data."""

    name = "provenbl-dns"

    def __init__(self, data):
        super().__init__(program(), {"dns": {"listen": [f"{SECOND_RESPONDER}:53"]}}, data)

    def command(self):
        return [*super().command(), "--role", "dns"]


def second(name):
    """What the second responder answers: the A records."""
    done = subprocess.run([find_program("dig", "bind9-dnsutils"), f"@{SECOND_RESPONDER}", "+norecurse", "+short", "+time=5",
                           name, "A"], capture_output=True, text=True, timeout=60, check=False)
    return sorted(done.stdout.split())


def post_report(body, key=None):
    request = urllib.request.Request(f"http://{PUBLIC_API}/v1/reports", data=json.dumps(body).encode(), method="POST")
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return reply.status, json.load(reply)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def scan_state(told):
    path = told["follow"].split("?")[0]
    with urllib.request.urlopen(f"http://{PUBLIC_API}{path}", timeout=60) as reply:
        return json.load(reply)["state"]


class Life(LabCase):
    suspects = ("postfix-open",)
    settings = {"policy": {"manual_listing": True, "reports_needed": 2}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.lab.add("provenbl-dns", DnsAlone(cls.provenbl.data))
        cls.second.start(cls.provenbl.directory / "second")

    def client(self, *arguments):
        answer = self.provenbl.client(*arguments)
        self.assertEqual(OK, answer.code, answer)
        return answer.json

    def assert_both(self, address, *codes):
        wait_until(lambda: second(name_of(address)) == sorted(codes), 10,
                   f"{address} as {codes} on the second responder")
        reply = dig(name_of(address))
        self.assertEqual(sorted(codes), reply.data("A"), reply.text)

    def test_two_reporters_make_a_visit(self):
        postfix = self.lab["postfix-open"]
        report = {"address": postfix.address, "ports": [25]}
        self.assertEqual(401, post_report(report)[0])
        alice = self.client("reporter", "add", "alice", "--per-hour", "5")["key"]
        bob = self.client("reporter", "add", "bob")["key"]
        status, told = post_report(report, alice)
        self.assertEqual((202, "waiting"), (status, told["state"]))
        status, told = post_report(report, bob)
        self.assertEqual((201, "queued"), (status, told["state"]), told)
        wait_until(lambda: scan_state(told) == "finished", PATIENCE, "the end of the visit")
        self.assert_both(postfix.address, RELAY)

        names = {row["name"]: row for row in self.client("reporter", "list")["reporters"]}
        self.assertEqual([1, 1], [names[name]["right"] for name in ("alice", "bob")])
        self.client("reporter", "revoke", "alice")
        self.assertEqual(401, post_report(report, alice)[0])

        # A bad batch is taken back, with a note for everybody.
        dry = self.client("purge", "--technique", "smtp-relay/", "--dry-run")
        self.assertEqual(1, dry["matched"])
        self.assert_both(postfix.address, RELAY)
        done = self.client("purge", "--technique", "smtp-relay/", "--note", "our sink was wrong", "--by", "carol")
        self.assertEqual(1, done["delisted"])
        self.assert_both(postfix.address)
        with urllib.request.urlopen(f"http://{PUBLIC_API}/v1/notices", timeout=60) as reply:
            notices = reply.read().decode()
        self.assertIn("our sink was wrong", notices)
        self.assertNotIn("carol", notices)
        self.assertIn("our sink was wrong", self.provenbl.client("history", postfix.address).out)

    def test_list_that_is_shut_down(self):
        address = "127.0.5.77"
        self.client("list", address, "--class", "socks", "--reason", "answers nobody", "--expires", "7d")
        self.assert_both(address, SOCKS)
        looked_up = self.provenbl.client("lookup", address)
        self.assertEqual(LISTED, looked_up.code, looked_up)
        self.assertEqual("answers nobody", looked_up.json["manual"][0]["reason"])

        begun = time.monotonic()
        self.client("shutdown-list", "--note", "we close")
        wait_until(lambda: second(f"2.0.0.127.{ZONE}") == [], 10, "an empty zone")
        print(f"the second responder was empty {time.monotonic() - begun:.2f} s after the command was given")
        for name in (name_of(address), f"2.0.0.127.{ZONE}", f"1.0.0.127.{ZONE}", f"9.9.9.9.{ZONE}"):
            reply = dig(name)
            self.assertEqual(("NXDOMAIN", []), (reply.status, reply.answers), reply.text)
        self.assertEqual("NOERROR", dig(ZONE, "SOA").status)
        self.assertEqual(REFUSED_BY_RULE, self.provenbl.client("report", "127.0.5.78").code)
        self.assertIn("SHUT DOWN", self.provenbl.plain("status").out)

        self.provenbl.crash()
        self.provenbl.restart()
        self.assertEqual("NXDOMAIN", dig(f"2.0.0.127.{ZONE}").status)

        self.client("resume-list", "--note", "back again")
        self.assert_both(address, SOCKS)
        self.assertEqual(["127.0.0.2"], second(f"2.0.0.127.{ZONE}"))
        self.client("unlist", address, "--note", "a mistake")
        self.assert_both(address)


if __name__ == "__main__":
    main()
