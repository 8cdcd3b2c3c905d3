#!/usr/bin/env python3
"""What Prometheus and Grafana get: figures that its own parser and promtool take, that move with what happens, and a
dashboard and alerts that ask for nothing which is not there."""

import sys
import json
import re
import subprocess
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path.append("/usr/lib/python3/dist-packages")  # Debian's, whatever interpreter runs this
from prometheus_client.parser import text_string_to_metric_families

from lab_case import PATIENCE, RELAY, LabCase, dig, main, name_of, program, room, wait_until
from lab.catalogue import Lab
from lab.process import ServerError
from lab.program import PUBLIC_API, ZONE, Provenbl

SOURCE = Path(__file__).resolve().parent.parent.parent
DASHBOARD = SOURCE / "packaging/grafana/provenbl.json"
RULES = SOURCE / "packaging/prometheus/provenbl.rules.yaml"
ENDPOINT = "127.0.99.1:9153"

# Told only where there is something to tell of: mirrors, letters, static zones, dnstap, traps,
# reports by mail, DNS over TLS, workers.
ELSEWHERE = re.compile(r"provenbl_(dns_tls|mirror|transfer|notify|letters|static_zone|dnstap|query_log|trap_mails|report_mails|workers)")


def promtool():
    for path in (Path("/usr/bin/promtool"), Path("/var/cache/provenbl-lab/prometheus/usr/bin/promtool")):
        if path.exists():
            return str(path)
    raise ServerError("promtool is missing: `unpack_packages prometheus` of packaging/dependencies.sh gets it")


def fetch(url):
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return answer.headers["Content-Type"], answer.read().decode()


class Figures:
    def __init__(self, text):
        self.families = {family.name: family for family in text_string_to_metric_families(text)}
        self.samples = [sample for family in self.families.values() for sample in family.samples]

    def of(self, name, **labels):
        """The sum of all samples that have these labels."""
        found = [sample.value for sample in self.samples
                 if sample.name == name and labels.items() <= sample.labels.items()]
        return sum(found) if found else None


class Told(LabCase):
    suspects = ("postfix-open",)
    settings = {"metrics": {"listen": ENDPOINT}}

    def text(self):
        return fetch(f"http://{ENDPOINT}/metrics")[1]

    def figures(self):
        return Figures(self.text())

    def test_promtool_finds_nothing_to_complain_of(self):
        done = subprocess.run([promtool(), "check", "metrics"], input=self.text(), capture_output=True, text=True,
                              timeout=PATIENCE, check=False)
        self.assertEqual((0, ""), (done.returncode, done.stdout + done.stderr))

    def test_the_content_type_is_that_of_the_text_format(self):
        self.assertEqual("text/plain; version=0.0.4; charset=utf-8", fetch(f"http://{ENDPOINT}/metrics")[0])

    def test_the_public_api_has_none(self):
        with self.assertRaises(urllib.error.HTTPError) as refused:
            fetch(f"http://{PUBLIC_API}/metrics")
        self.assertEqual(403, refused.exception.code)

    def test_the_operators_socket_has_the_same(self):
        done = subprocess.run(["curl", "-sS", "--unix-socket", str(self.provenbl.socket), "http://localhost/metrics"],
                              capture_output=True, text=True, timeout=PATIENCE, check=True)
        self.assertEqual({sample.name for sample in self.figures().samples},
                         {sample.name for sample in Figures(done.stdout).samples})

    def test_no_label_has_an_address(self):
        address = re.compile(r"^\d+\.\d+\.\d+\.\d+$")
        for sample in self.figures().samples:
            for value in sample.labels.values():
                self.assertIsNone(address.match(value), sample)

    def test_a_listing_moves_the_counters(self):
        before = self.figures()
        suspect = self.lab["postfix-open"].address
        self.visit(suspect, 25)
        self.assert_listed(suspect, RELAY)
        after = self.figures()

        def moved(name, **labels):
            return (after.of(name, **labels) or 0) - (before.of(name, **labels) or 0)

        self.assertEqual(1, moved("provenbl_listings_total", **{"class": "relay", "reason": "proven"}))
        self.assertEqual(1, moved("provenbl_zone_addresses", zone=ZONE))
        self.assertEqual(1, moved("provenbl_zone_entries", zone=ZONE, **{"class": "relay"}))
        self.assertEqual(0, moved("provenbl_zone_entries", zone=f"proxy.{ZONE}"))
        self.assertEqual(1, moved("provenbl_listing_latency_seconds_count"))
        self.assertEqual(1, moved("provenbl_visits_total"))
        self.assertGreaterEqual(moved("provenbl_probes_total", verdict="open"), 1)
        self.assertGreaterEqual(moved("provenbl_tokens_total", sink="mail", outcome="accepted"), 1)
        self.assertGreaterEqual(moved("provenbl_store_commit_duration_seconds_count"), 1)
        self.assertGreaterEqual(moved("provenbl_zone_serial", zone=ZONE), 1)
        self.assertGreaterEqual(moved("provenbl_dns_answers_total", zone=ZONE, result="listed"), 1)
        self.assertEqual(after.of("provenbl_zone_serial", zone=ZONE), after.of("provenbl_dns_serial"))
        self.assertEqual(after.of("provenbl_listing_latency_seconds_bucket", le="+Inf"),
                         after.of("provenbl_listing_latency_seconds_count"))

    def test_questions_are_counted_by_answer(self):
        before = self.figures()
        for _ in range(3):
            dig(name_of("127.0.0.200"), "A", "+notcp", "+noedns", "+nocookie")
        dig(f"2.0.0.127.{ZONE}", "TXT", "+tcp", "+noedns", "+nocookie")
        after = self.figures()
        for name, labels, count in (("provenbl_dns_answers_total", {"zone": ZONE, "result": "nxdomain"}, 3),
                                    ("provenbl_dns_answers_total", {"zone": ZONE, "result": "listed"}, 1),
                                    ("provenbl_dns_questions_total", {"zone": ZONE, "type": "txt"}, 1),
                                    ("provenbl_dns_queries_total", {"transport": "tcp"}, 1),
                                    ("provenbl_dns_answer_duration_seconds_count", {"transport": "udp"}, 3)):
            self.assertEqual(count, after.of(name, **labels) - (before.of(name, **labels) or 0), (name, labels))

    def test_dashboard_and_alerts_ask_for_what_there_is(self):
        figures = self.figures()
        told = {sample.name for sample in figures.samples} | set(figures.families)
        documented = set(re.findall(r"^\| `(\w+)` \|", (SOURCE / "docs/observing.md").read_text(), re.MULTILINE))
        dashboard = json.loads(DASHBOARD.read_text())
        expressions = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
        expressions += [variable["query"] for variable in dashboard["templating"]["list"]]
        self.assertGreater(len(expressions), 20)
        expressions.append(RULES.read_text())
        asked = {name for text in expressions for name in re.findall(r"\b(?:provenbl|process)_\w+", text)}
        self.assertGreater(len(asked), 20)
        for name in sorted(asked):
            plain = re.sub(r"_(bucket|sum|count)$", "", name)
            self.assertIn(plain, documented)
            if not ELSEWHERE.match(name):
                self.assertIn(name, told)

    def test_the_rules_hold(self):
        for command in (["check", "rules", RULES.name], ["test", "rules", "provenbl.rules.test.yaml"]):
            done = subprocess.run([promtool(), *command], cwd=RULES.parent, capture_output=True, text=True,
                                  timeout=PATIENCE, check=False)
            self.assertEqual(0, done.returncode, done.stdout + done.stderr)


class WithRole(Provenbl):
    def __init__(self, role, settings, data):
        super().__init__(program(), settings, data)
        self.role = role

    def command(self):
        return [*super().command(), "--role", self.role]


class Roles(unittest.TestCase):
    """Each process tells its own, and no two the same."""

    def test_each_process_tells_its_own(self):
        directory = room.directory() / "roles"
        directory.mkdir()
        ports = {"verifier": 9161, "dns": 9162, "api": 9163}
        listen = {role: f"127.0.99.1:{port}" for role, port in ports.items()}
        settings = {"metrics": {"listen": listen["api"], "listen_dns": listen["dns"],
                                "listen_verifier": listen["verifier"]}}
        lab = Lab()
        self.addCleanup(lab.stop)
        told = {}
        for role in ports:
            server = lab.add(f"provenbl-{role}", WithRole(role, settings, directory / "data"))
            server.start(directory / role)
            told[role] = Figures(fetch(f"http://{listen[role]}/metrics")[1])
            self.assertEqual(1, told[role].of("provenbl_build_info", role=role))
        mine = {"verifier": "provenbl_listings_total", "dns": "provenbl_dns_queries_total"}
        for owner, name in mine.items():
            for role, figures in told.items():
                self.assertEqual(role == owner, figures.of(name) is not None, (role, name))


if __name__ == "__main__":
    main()
