#!/usr/bin/env python3
"""The right verdict about real servers, open and closed, and about the traps that look open and are not."""

from lab_case import HTTP, LISTED, OK, RELAY, SOCKS, LabCase, main

# Suspect -> the code that its listing must have; None: it must stay unlisted.
TRUTH = {
    "postfix-open": RELAY,
    "postfix-closed": None,
    "postfix-discard": None,
    "squid-open": HTTP,
    "squid-closed": None,
    "dante-open": SOCKS,
    "dante-closed": None,
    "microsocks-open": SOCKS,
    "microsocks-closed": None,
    "sham-http-200-to-all": None,
    "sham-http-connect-then-silence": None,
    "sham-socks-grant-then-silence": None,
    "sham-echo": None,
    "sham-smtp-refuses-after-data": None,
    "sham-smtp-bounces": None,
}


class Verdicts(LabCase):
    suspects = tuple(TRUTH)
    settings = {"scheduler": {"concurrent_per_network": 8}}

    def test_every_suspect(self):
        servers = {name: self.lab[name] for name in TRUTH}
        self.visit_all([(server.address, server.ports[0]) for server in servers.values()])
        for name, code in TRUTH.items():
            address = servers[name].address
            with self.subTest(name, address=address):
                answer = self.provenbl.client("lookup", address)
                if code is None:
                    self.assert_not_listed(address)
                else:
                    self.assertEqual(LISTED, answer.code, answer)
                    self.assert_listed(address, code)
                    self.check_evidence(address)

    def check_evidence(self, address):
        """What proves a listing is there for everybody to read."""
        answer = self.provenbl.client("evidence", address)
        self.assertEqual(OK, answer.code, answer)
        for item in answer.json["evidence"]:
            self.assertEqual(address, item["exit"])
            self.assertTrue(item["entry"].startswith(address + ":"), item["entry"])
            self.assertTrue(item["transcript"] and item["message"] and item["repeat"], item)


if __name__ == "__main__":
    main()
