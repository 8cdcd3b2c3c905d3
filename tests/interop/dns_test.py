#!/usr/bin/env python3
"""What dig gets: every kind of record and name, over UDP and TCP (RFC 5782, RFC 8020, RFC 2308)."""

from lab_case import CHAIN, HTTP, LISTED, RELAY, SOCKS, LabCase, dig, main, name_of
from lab.program import CALLBACK_SINK, MAIL_SINK, PROBE_DOMAIN, RESPONDER, ZONE

# Every question is asked in each of these ways.
WAYS = (("+notcp",), ("+tcp",), ("+notcp", "+noedns"), ("+notcp", "+bufsize=1232", "+dnssec"))


def nibbles(mapped):
    """::FFFF:<mapped> as RFC 5782 2.4 writes it."""
    digits = "0" * 20 + "ffff" + mapped
    return ".".join(reversed(digits)) + "." + ZONE


class Dig(LabCase):
    suspects = ("microsocks-open",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.address = cls.lab["microsocks-open"].address
        visit = cls.provenbl.client("report", cls.address, "--port", 1080, "--follow")
        if cls.provenbl.client("lookup", cls.address).code != LISTED:
            raise AssertionError(f"the suspect of this test was not listed: {visit}")

    def ask(self, name, kind):
        """The reply, after every way of asking has given the same one."""
        replies = [dig(name, kind, *way) for way in WAYS]
        first = replies[0]
        for way, reply in zip(WAYS, replies):
            with self.subTest(name=name, kind=kind, way=way):
                self.assertEqual(first.status, reply.status, reply.text)
                self.assertEqual(bare(first.answers), bare(reply.answers), reply.text)
                self.assertEqual(bare(first.authority), bare(reply.authority), reply.text)
                self.assertNotIn("tc", reply.flags)
        return first

    def assert_negative(self, reply, status, apex=ZONE):
        """No data, and the SOA that makes it cacheable for a minute."""
        self.assertEqual(status, reply.status, reply.text)
        self.assertEqual([], reply.answers, reply.text)
        self.assertIn("aa", reply.flags)
        self.assertEqual(1, len(reply.authority), reply.text)
        name, ttl, kind, data = reply.authority[0]
        self.assertEqual((apex + ".", "SOA"), (name, kind))
        self.assertEqual(60, ttl)

    def test_listed_address(self):
        reply = self.ask(name_of(self.address), "A")
        self.assertEqual(("NOERROR", [SOCKS]), (reply.status, reply.data("A")))
        self.assertIn("aa", reply.flags)
        self.assertTrue(60 <= reply.answers[0][1] <= 300, reply.text)

    def test_reason_is_one_string_with_the_page(self):
        reply = self.ask(name_of(self.address), "TXT")
        self.assertEqual(1, len(reply.data("TXT")))
        text = reply.data("TXT")[0]
        self.assertEqual(2, text.count('"'), "one character-string")
        self.assertLessEqual(len(text), 257)
        self.assertIn(f"https://bl.example/{self.address}", text)

    def test_any_has_both(self):
        reply = self.ask(name_of(self.address), "ANY")
        self.assertEqual([SOCKS], reply.data("A"))
        self.assertEqual(1, len(reply.data("TXT")))

    def test_other_types_have_no_data(self):
        for kind in ("AAAA", "MX", "PTR"):
            self.assert_negative(self.ask(name_of(self.address), kind), "NOERROR")

    def test_sublists_by_class(self):
        proxies = self.ask(name_of(self.address, f"proxy.{ZONE}"), "A")
        self.assertEqual([SOCKS], proxies.data("A"))
        self.assert_negative(self.ask(name_of(self.address, f"relay.{ZONE}"), "A"), "NXDOMAIN", f"relay.{ZONE}")

    def test_names_are_case_insensitive_and_answered_as_asked(self):
        asked = name_of(self.address).upper()
        reply = self.ask(asked, "A")
        self.assertEqual([SOCKS], reply.data("A"))
        self.assertEqual(asked + ".", reply.answers[0][0])

    def test_unlisted_address(self):
        self.assert_negative(self.ask(name_of("127.0.5.200"), "A"), "NXDOMAIN")
        self.assert_negative(self.ask(name_of("192.0.2.99"), "TXT"), "NXDOMAIN")

    def test_empty_non_terminals_exist(self):
        """A resolver that minimises names asks for these first (RFC 9156); NXDOMAIN would end its search."""
        octets = self.address.split(".")
        for count in (1, 2, 3):
            name = ".".join(reversed(octets[:count])) + "." + ZONE
            self.assert_negative(self.ask(name, "A"), "NOERROR")
            self.assert_negative(self.ask(name, "NS"), "NOERROR")
        for count in (1, 20, 31):
            self.assert_negative(self.ask(nibbles("7f000002").split(".", 32 - count)[-1], "A"), "NOERROR")

    def test_names_below_and_beside_do_not_exist(self):
        self.assert_negative(self.ask("x." + name_of(self.address), "A"), "NXDOMAIN")
        for label in ("www", "a-b_c", "256.0.0.127", "02.0.0.127", "1.2.3.4.5", "g." + nibbles("7f000002")[2:]):
            self.assert_negative(self.ask(f"{label.removesuffix('.' + ZONE)}.{ZONE}", "A"), "NXDOMAIN")

    def test_entries_of_rfc_5782(self):
        for code in (RELAY, SOCKS, HTTP, CHAIN):
            with self.subTest(code):
                self.assertEqual([code], self.ask(name_of(code), "A").data("A"))
                self.assertEqual(1, len(self.ask(name_of(code), "TXT").data("TXT")))
                last = f"7f0000{int(code.split('.')[3]):02x}"
                self.assertEqual([code], self.ask(nibbles(last), "A").data("A"))
                self.assertEqual(1, len(self.ask(nibbles(last), "TXT").data("TXT")))
        self.assert_negative(self.ask(name_of("127.0.0.1"), "A"), "NXDOMAIN")
        self.assert_negative(self.ask(nibbles("7f000001"), "A"), "NXDOMAIN")

    def test_every_sublist_has_the_first_entry(self):
        for zone in (f"relay.{ZONE}", f"proxy.{ZONE}"):
            self.assertEqual("NOERROR", self.ask(name_of("127.0.0.2", zone), "A").status)
            self.assert_negative(self.ask(name_of("127.0.0.1", zone), "A"), "NXDOMAIN", zone)

    def test_apex(self):
        soa = self.ask(ZONE, "SOA")
        self.assertEqual(1, len(soa.data("SOA")))
        mname, rname, serial, *_ = soa.data("SOA")[0].split()
        self.assertEqual(("ns.bl.example.", "operator.bl.example."), (mname, rname))
        self.assertGreater(int(serial), 0)
        self.assertEqual(["ns.bl.example."], self.ask(ZONE, "NS").data("NS"))
        self.assertEqual([RESPONDER], self.ask(f"ns.{ZONE}", "A").data("A"))
        self.assert_negative(self.ask(ZONE, "A"), "NOERROR")
        self.assertEqual({"SOA", "NS"}, {kind for _, _, kind, _ in self.ask(ZONE, "ANY").answers})

    def test_probe_domain(self):
        mx = self.ask(PROBE_DOMAIN, "MX")
        self.assertEqual(1, len(mx.data("MX")))
        self.assertEqual(f"mx.{PROBE_DOMAIN}.", mx.data("MX")[0].split()[1])
        self.assertEqual([MAIL_SINK], self.ask(f"mx.{PROBE_DOMAIN}", "A").data("A"))
        self.assertEqual([CALLBACK_SINK], self.ask(f"callback.{PROBE_DOMAIN}", "A").data("A"))
        self.assert_negative(self.ask(f"callback.{PROBE_DOMAIN}", "AAAA"), "NOERROR", PROBE_DOMAIN)
        self.assertEqual(1, len(self.ask(PROBE_DOMAIN, "SOA").data("SOA")))
        self.assertEqual(["ns.bl.example."], self.ask(PROBE_DOMAIN, "NS").data("NS"))
        self.assert_negative(self.ask(f"nobody.{PROBE_DOMAIN}", "A"), "NXDOMAIN", PROBE_DOMAIN)

    def test_outside_our_zones_is_refused(self):
        for name in ("example.", "org.", ".", f"not{ZONE}"):
            reply = self.ask(name, "A")
            self.assertEqual("REFUSED", reply.status, reply.text)
            self.assertEqual([], reply.answers + reply.authority)


def bare(records):
    """Sorted, without what may differ between two questions: the time that has passed."""
    return sorted((name, kind, data) for name, _, kind, data in records)


if __name__ == "__main__":
    main()
