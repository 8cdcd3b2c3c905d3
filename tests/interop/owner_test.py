#!/usr/bin/env python3
"""The owner's way out: fix the server, ask, watch, and be gone; and no way out without the fix."""

import time

from lab_case import HTTP, LISTED, OK, PATIENCE, RELAY, SOCKS, LabCase, main


class OwnersWay(LabCase):
    suspects = ("postfix-open", "squid-open", "microsocks-open")

    def delist(self, address):
        """Whoever asks too soon after a request that found the host open is told when to come back, and does."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.provenbl.client("delist", address, seconds=PATIENCE)
            if "next request can be taken at" not in str(answer) or time.monotonic() > deadline:
                return answer
            time.sleep(0.5)

    def test_relay_closed_for_real(self):
        postfix = self.lab["postfix-open"]
        self.visit(postfix.address, 25)
        self.assert_listed(postfix.address, RELAY)

        still_open = self.delist(postfix.address)
        self.assertEqual(LISTED, still_open.code, still_open)
        self.assert_listed(postfix.address, RELAY)

        postfix.close()
        closed = self.delist(postfix.address)
        self.assertEqual(OK, closed.code, closed)
        self.assert_not_listed(postfix.address)
        story = self.provenbl.client("history", postfix.address)
        self.assertIn(postfix.address, story.out)

    def test_proxy_closed_by_rule(self):
        squid = self.lab["squid-open"]
        self.visit(squid.address, 3128)
        self.assert_listed(squid.address, HTTP)
        squid.close()
        closed = self.delist(squid.address)
        self.assertEqual(OK, closed.code, closed)
        self.assert_not_listed(squid.address)

    def test_proxy_switched_off(self):
        """A closed port counts too, when it is seen closed more than once."""
        socks = self.lab["microsocks-open"]
        self.visit(socks.address, 1080)
        self.assert_listed(socks.address, SOCKS)
        socks.stop()
        gone = self.delist(socks.address)
        self.assertEqual(OK, gone.code, gone)
        self.assert_not_listed(socks.address)

    def test_address_that_is_not_listed(self):
        answer = self.delist("127.0.5.201")
        self.assertEqual(OK, answer.code, answer)
        self.assert_not_listed("127.0.5.201")


if __name__ == "__main__":
    main()
