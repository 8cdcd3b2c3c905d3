#!/usr/bin/env python3
"""What must never be probed is refused, with the reason, on every way in, before a packet leaves; and the mail
sink takes nothing but valid tokens."""

import json
import smtplib
import urllib.error
import urllib.parse
import urllib.request

from lab_case import OK, REFUSED_BY_RULE, LabCase, main
from lab.program import CALLBACK_SINK, MAIL_SINK, PROBE_DOMAIN, PROBE_SOURCE, PUBLIC_API

SPECIAL = ("10.0.0.1", "169.254.1.1", "192.168.1.1", "224.0.0.1", "255.255.255.255", "0.0.0.0", "::1", "fe80::1", "fc00::1")
OWN = (MAIL_SINK, CALLBACK_SINK, PROBE_SOURCE)


class NeverProbed(LabCase):
    suspects = ("sham-echo",)

    def assert_refused(self, *arguments):
        answer = self.provenbl.client(*arguments)
        self.assertEqual(REFUSED_BY_RULE, answer.code, answer)
        return answer

    def every_way_in(self, address):
        for arguments in (("report", address), ("probe", address, "-c", self.provenbl.configuration)):
            with self.subTest(" ".join(map(str, arguments))):
                self.assert_refused(*arguments)
        with self.subTest(address, way="HTTP"):
            status, text = post(f"http://{PUBLIC_API}/v1/hosts/{urllib.parse.quote(address)}/rescan")
            self.assertEqual(403, status, text)
            self.assertIn(address, text)

    def test_special_purpose_addresses(self):
        for address in SPECIAL:
            self.every_way_in(address)

    def test_our_own_networks(self):
        for address in OWN:
            self.every_way_in(address)

    def test_excluded_prefix(self):
        echo = self.lab["sham-echo"]
        answer = self.provenbl.client("exclude", echo.address + "/32", "--reason", "its owner asked")
        self.assertEqual(OK, answer.code, answer)
        connections = echo.log(10000).count("left port")  # the lab's own wait for readiness
        self.every_way_in(echo.address)
        refused = self.assert_refused("report", echo.address)
        self.assertIn("its owner asked", refused.out + refused.err)
        self.assertEqual(connections, echo.log(10000).count("left port"), "somebody connected to an excluded host")
        self.assert_not_listed(echo.address)

    def test_a_report_over_the_public_api_needs_a_key_that_is_known(self):
        echo = self.lab["sham-echo"]
        for headers, word in (({}, "reports need a key"),
                              ({"Authorization": f"Bearer pbr-{'a' * 32}"}, "this key is unknown"),
                              ({"Authorization": "Basic b3BlcmF0b3I6"}, "Bearer KEY")):
            with self.subTest(**headers):
                status, text = post(f"http://{PUBLIC_API}/v1/reports", json.dumps({"address": echo.address}).encode(), headers)
                self.assertEqual(401, status, text)
                self.assertIn(word, text)
        answer = self.provenbl.client("history", echo.address)
        self.assertEqual([], [event for event in answer.json["events"] if event["what"] == "reported"], answer)

    def test_mail_without_a_valid_token_is_refused_and_counted(self):
        before = self.forged()
        with smtplib.SMTP(MAIL_SINK, 25, local_hostname="stranger.example", source_address=("127.0.77.2", 0)) as smtp:
            smtp.ehlo()
            for sender in ("spammer@stranger.example", ""):
                smtp.mail(sender)
                for recipient in (f"{'a' * 40}@{PROBE_DOMAIN}", f"postmaster@{PROBE_DOMAIN}", "somebody@elsewhere.example"):
                    code, text = smtp.rcpt(recipient)
                    self.assertEqual(5, code // 100, text)
                self.assertEqual(5, smtp.docmd("DATA")[0] // 100)
                smtp.rset()
        self.assertGreater(self.forged(), before)

    def forged(self):
        answer = self.provenbl.client("status")
        self.assertEqual(OK, answer.code, answer)
        return find(answer.json, "forged")


def find(value, word):
    """The number under the first key that has `word` in it, at any depth."""
    if isinstance(value, dict):
        for key, item in value.items():
            if word in key and isinstance(item, int):
                return item
            inner = find(item, word)
            if inner is not None:
                return inner
    return None


def post(url, body=b"", headers=None):
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


if __name__ == "__main__":
    main()
