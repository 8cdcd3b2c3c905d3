#!/usr/bin/env python3
"""Each technique by its name against a server that is open to it and one that is not: real servers of Debian, and
small faithful ones of ours (lab/gateways.py) where there is none."""

import json
import subprocess

from lab_case import OK, PATIENCE, LabCase, main
from lab.gateways import Gateway
from lab.postfix_shapes import ClosedSubmission, OpenSubmission
from lab.http2 import CLEAR_PORT, TLS_PORT, Http2Proxy
from lab.program import CALLBACK_SINK
from lab.socks import Dante, Microsocks, OpenDante, OpenMicrosocks
from lab.squid import OpenSquid, Squid
from lab.tls_proxies import HTTPS_PORT, OpenTlsSquid, Stunnel, TlsSquid
from lab.turn import FencedTurn, OpenTurn, Turn

# stunnel connects to no loopback address.
OUTSIDE = "198.51.100.26"

SERVERS = {
    "submission-open": lambda: OpenSubmission("127.0.6.1"),
    "submission-closed": lambda: ClosedSubmission("127.0.6.2"),
    "squid-open": lambda: OpenSquid("127.0.6.3"),
    "squid-closed": lambda: Squid("127.0.6.4"),
    "tls-squid-open": lambda: OpenTlsSquid("127.0.6.5"),
    "tls-squid-closed": lambda: TlsSquid("127.0.6.6"),
    "stunnel": lambda: Stunnel("127.0.6.7"),
    "dante-open": lambda: OpenDante("127.0.6.10"),
    "dante-closed": lambda: Dante("127.0.6.11"),
    "microsocks-open": lambda: OpenMicrosocks("127.0.6.12"),
    "microsocks-closed": lambda: Microsocks("127.0.6.13"),
    "telnet-gateway": lambda: Gateway("127.0.6.14", "telnet-gateway", 23),
    "telnet-login": lambda: Gateway("127.0.6.15", "telnet-login", 23),
    "page-proxy": lambda: Gateway("127.0.6.16", "page-proxy", 80),
    "redirecting-page": lambda: Gateway("127.0.6.17", "redirecting-page", 80),
    "post-only": lambda: Gateway("127.0.6.18", "post-only", 3128),
    "http2-open": lambda: Http2Proxy("127.0.6.19", OpenSquid("127.0.6.3")),
    "http2-closed": lambda: Http2Proxy("127.0.6.20", Squid("127.0.6.4")),
    "turn-open": lambda: OpenTurn("127.0.6.21"),
    "turn-closed": lambda: Turn("127.0.6.22"),
    "turn-fenced": lambda: FencedTurn("127.0.6.23", OUTSIDE),
}

# Which forms an open Postfix relays is known: all but these (it takes some of them, and nothing comes).
NOT_BY_POSTFIX = {"smtp-relay/percent-literal", "smtp-relay/double-at-literal", "smtp-relay/bang-literal"}
FORMS = ["plain", "unqualified-sender", "null-sender", "local-sender", "literal-sender", "percent", "quoted",
         "source-route", "bang", "localhost-sender", "quoted-address", "bang-bare", "postmaster-sender", "trailing-dot",
         "sink-literal", "self-send", "quoted-percent", "double-at", "source-route-literal", "source-route-two-hops",
         "loopback-sender", "quoted-local", "empty-domain", "percent-bare", "bang-two-hops", "subdomain",
         "percent-literal", "double-at-literal", "bang-literal"]

OPEN = {"open"}
NOT_OPEN = {"refused", "inconclusive", "unreachable", "closed-port"}

# (server, port, technique, verdicts)
CASES = [
    ("squid-open", 3128, "http/connect", OPEN),
    ("squid-open", 3128, "http/get", OPEN),
    ("squid-open", 3128, "http/post", OPEN),
    ("squid-open", 3128, "http/put", OPEN),
    ("squid-closed", 3128, "http/post", {"refused"}),
    ("squid-closed", 3128, "http/put", {"refused"}),
    ("squid-closed", 3128, "http/post-mail", {"refused"}),
    ("tls-squid-open", HTTPS_PORT, "tls/http-connect", OPEN),
    ("tls-squid-open", HTTPS_PORT, "tls/http-get", OPEN),
    ("tls-squid-closed", HTTPS_PORT, "tls/http-connect", {"refused"}),
    ("tls-squid-closed", HTTPS_PORT, "tls/http-get", {"refused"}),
    ("squid-open", 3128, "tls/http-connect", {"refused"}),  # it speaks no TLS
    ("stunnel", 9080, "tls/socks5", OPEN),
    ("tls-squid-open", HTTPS_PORT, "tls/socks5", NOT_OPEN),
    ("dante-open", 1080, "socks5/name", OPEN),
    ("microsocks-open", 1080, "socks5/name", OPEN),
    ("dante-closed", 1080, "socks5/name", {"refused"}),
    ("microsocks-closed", 1080, "socks5/name", {"refused"}),
    ("telnet-gateway", 23, "telnet/connect", OPEN),
    ("telnet-login", 23, "telnet/connect", {"refused"}),
    ("page-proxy", 80, "web/page", OPEN),
    ("redirecting-page", 80, "web/page", {"refused"}),
    ("post-only", 3128, "http/post", OPEN),
    ("post-only", 3128, "http/post-mail", OPEN),
    ("post-only", 3128, "http/get", {"refused"}),
    ("dante-open", 1080, "socks5/udp", OPEN),
    ("dante-closed", 1080, "socks5/udp", {"refused"}),
    ("microsocks-open", 1080, "socks5/udp", {"refused"}),  # it knows no datagrams
    ("microsocks-closed", 1080, "socks5/udp", {"refused"}),
    ("http2-open", CLEAR_PORT, "http2/connect", OPEN),
    ("http2-open", TLS_PORT, "tls/http2-connect", OPEN),
    ("http2-closed", CLEAR_PORT, "http2/connect", {"refused"}),
    ("http2-closed", TLS_PORT, "tls/http2-connect", {"refused"}),
    ("squid-open", 3128, "http2/connect", NOT_OPEN),  # it speaks no HTTP/2
    ("tls-squid-open", HTTPS_PORT, "tls/http2-connect", {"refused"}),
    ("turn-open", 3478, "turn/udp", OPEN),
    ("turn-open", 3478, "turn/tcp", OPEN),
    ("turn-closed", 3478, "turn/udp", {"refused"}),
    ("turn-closed", 3478, "turn/tcp", {"refused"}),
    ("turn-fenced", 3478, "turn/udp", {"refused"}),
    ("turn-fenced", 3478, "turn/tcp", {"refused"}),
]


class Techniques(LabCase):
    settings = {
        "probe": {"callback_targets": [f"{OUTSIDE}:25", f"{OUTSIDE}:443"]},
        "callback_sink": {"listen": [f"{CALLBACK_SINK}:25", f"{OUTSIDE}:25", f"{OUTSIDE}:443"]},
    }

    @classmethod
    def before_start(cls):
        subprocess.run(["ip", "address", "add", f"{OUTSIDE}/32", "dev", "lo"], check=True)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        from lab import room
        for name, make in SERVERS.items():
            cls.lab.add(name, make()).start(room.directory() / name)

    def probe(self, server, ports, *techniques):
        """One visit: (technique, port) -> (verdict, detail), and what was said on the way."""
        options = [word for port in ports for word in ("--port", port)]
        options += [word for name in techniques for word in ("--technique", name)]
        answer = self.provenbl.client("probe", self.lab[server].address, *options, "-c",
                                      self.provenbl.configuration, "--json", seconds=PATIENCE)
        self.assertEqual(OK, answer.code, answer)
        events = [json.loads(line) for line in answer.out.splitlines() if line.startswith("{")]
        steps = {(event["technique"], event["port"]): (event["verdict"], event["detail"])
                 for event in events if event["event"] == "step" and event["port"] in ports}
        return steps, [event["text"] for event in events if event["event"] == "line"]

    def test_each_technique(self):
        for server, port, technique, verdicts in CASES:
            with self.subTest(technique, server=server):
                found, transcript = self.probe(server, [port], technique)
                self.assertIn((technique, port), found)
                self.assertIn(found[technique, port][0], verdicts, "\n".join(transcript))

    def probe_every_form(self, server):
        """All ports in one visit: each wait for mail that never comes is a long one."""
        ports = self.lab[server].ports
        found, transcript = self.probe(server, ports, *(f"smtp-relay/{form}" for form in FORMS))
        return [(f"smtp-relay/{form}", port, *found.get((f"smtp-relay/{form}", port), ("not tried", "")))
                for form in FORMS for port in ports], transcript

    def test_every_form_on_every_port_of_an_open_relay(self):
        found, transcript = self.probe_every_form("submission-open")
        for technique, port, verdict, detail in found:
            with self.subTest(technique, port=port):
                self.assertIn(verdict, NOT_OPEN if technique in NOT_BY_POSTFIX else OPEN, detail)
        connections = "\n".join(transcript).split("* connected to ")[1:]
        for port, words in ((25, "250 "), (587, "> STARTTLS"), (465, "* TLS from the first byte")):
            with self.subTest("TLS", port=port):
                there = [each for each in connections if each.startswith(f"{self.lab['submission-open'].address}:{port}\n")]
                self.assertTrue(there, transcript)
                for each in there:
                    self.assertIn(words, each)
                    self.assertNotIn("< 454", each)
                    self.assertNotIn("without it", each)

    def test_no_form_on_any_port_of_a_closed_relay(self):
        found, _ = self.probe_every_form("submission-closed")
        for technique, port, verdict, detail in found:
            with self.subTest(technique, port=port):
                if technique == "smtp-relay/plain":
                    self.assertEqual("refused", verdict, detail)
                self.assertNotEqual("open", verdict, detail)

    def test_a_login_prompt_is_told_nothing(self):
        self.probe("telnet-login", [23], "telnet/connect")
        self.assertNotIn("login was told b'1", self.lab["telnet-login"].log(1000))


if __name__ == "__main__":
    main()
