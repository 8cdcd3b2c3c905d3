#!/usr/bin/env python3
"""The owner's whole way in a real browser, from the look-up to the receipt, with and without JavaScript; and what the
pages do with a host that writes markup into all it says. Pictures of all pages: PROVENBL_SCREENSHOTS."""

import json
import sys
import urllib.request

import browser
from lab_case import LabCase, OK, RELAY, SOCKS, dig, main, name_of, room
from lab.postfix import OpenPostfix
from lab.process import ServerError
from lab.program import PUBLIC_API

FREE = "127.0.5.201"


class Pages(LabCase):
    suspects = ("microsocks-open", "relay-writes-markup")
    # Long enough to see the countdown to the next look at a closed port.
    settings = {"policy": {"closed_port_spacing": "4s"}}

    def play(self, scenario, **details):
        return browser.play(scenario, {"close": self.close, "stop": self.stop, "dns": self.dns, "verify": self.verify},
                            **details)

    def open_postfix(self, address):
        server = self.lab.add(f"Postfix on {address}", OpenPostfix(address))
        server.start(room.directory() / f"postfix-{address}")
        self.visit(address, 25)
        self.assert_listed(address, RELAY)
        return server

    # ---- what scenarios ask for

    def server(self, address):
        return next(each for each in self.lab.servers.values() if each.address == address)

    def close(self, question):
        self.server(question["address"]).close()

    def stop(self, question):
        self.server(question["address"]).stop()

    def dns(self, question):
        reply = dig(name_of(question["address"]))
        return {"status": reply.status, "answers": reply.data("A")}

    def verify(self, question):
        path = room.directory() / "taken-along.json"
        path.write_text(question["receipt"])
        with urllib.request.urlopen(f"http://{PUBLIC_API}/v1/receipts/key", timeout=60) as reply:
            key = json.load(reply)["key"]
        checked = self.provenbl.plain("verify-receipt", path, "--key", key)
        self.assertEqual(OK, checked.code, checked)
        return checked.out

    # ---- the scenarios

    def test_owner(self):
        self.open_postfix("127.0.6.71")
        self.play("owner", address="127.0.6.71")

    def test_owner_without_javascript(self):
        self.open_postfix("127.0.6.72")
        self.play("plain", address="127.0.6.72")

    def test_keyboard_alone(self):
        self.open_postfix("127.0.6.73")
        self.play("keyboard", address="127.0.6.73")

    def test_closed_port(self):
        socks = self.lab["microsocks-open"]
        self.visit(socks.address, 1080)
        self.assert_listed(socks.address, SOCKS)
        self.play("closed_port", address=socks.address)

    def test_markup_of_others(self):
        relay = self.lab["relay-writes-markup"]
        self.visit(relay.address, 25)
        self.assert_listed(relay.address, RELAY)
        self.play("markup", address=relay.address, marks=["<script>window.pwned=1</script>", "<img src=pwned"])

    def test_other_pages(self):
        self.play("others", free=FREE)


if __name__ == "__main__":
    try:
        if not room.inside():
            browser.fetch_modules()
    except ServerError as error:
        print(f"interop: {error}", file=sys.stderr)
        sys.exit(1)
    main()
