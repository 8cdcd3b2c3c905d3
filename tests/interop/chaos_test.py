#!/usr/bin/env python3
"""Verifier, responder, API, workers and the NATS server between them are killed at random, over and over, while DNS is
asked, reports come in, hosts are visited, and a listing comes and goes.

In the end: every report that was acknowledged is there and its host was visited, every answer was right, a question stayed
without an answer only while the responder was down, every open host that was reported is listed and nobody else, no visit
is out any more, and every table of the store agrees with every other.
PROVENBL_CHAOS_MINUTES says how long (half a minute); `tests/chaos --minutes 10` is the long one.
"""

import itertools
import os
import random
import sys
import threading
import time
import unittest
import urllib.request

from known_answers import NXDOMAIN, Asking, positive
from lab_case import LISTED, OK, PATIENCE, SOCKS, dig, main, name_of, room, wait_until
from lab.catalogue import Lab
from lab.program import ZONE
from lab.socks import Microsocks, OpenMicrosocks
from role_processes import Process, Reporter, exported, insist
from worker_processes import NATS, Namespace, NatsServer, Worker

MINUTES = float(os.environ.get("PROVENBL_CHAOS_MINUTES", "0.5"))
OPEN_HOSTS = 8
ROLES = ("verifier", "dns", "api")
WORKERS = 2
KNOWN, TURNING, CLOSED, NEVER_NAMED = "10.88.0.1", "10.88.0.2", "10.88.0.3", "10.88.0.4"
REPORTED = "10.89"  # its hosts have nothing open
SUSPECTS = ["10.88.0.0/15"]
FIGURES = "127.0.99.1:9161"
SETTINGS = {
    "gate": {"unlocked": ["127.0.0.0/8", *SUSPECTS]},
    "metrics": {"listen_verifier": FIGURES},
    "probe": {"read_timeout": "1s", "conversation_timeout": "5s", "mail_wait": "1s"},
    "scheduler": {"concurrent_scans": 32, "concurrent_per_network": 16},
    "workers": {"nats": f"nats://coordinator:SECRET@{NATS}:4222", "ack_wait": "4s", "take_within": "8s"},
}


class Turns(threading.Thread):
    """One open host that is reported, visited, listed and excluded over and over, and DNS follows each time."""

    def __init__(self, api, asking, address):
        super().__init__()
        self.api, self.asking, self.address = api, asking, address
        self.stop = threading.Event()
        self.listed, self.fault = 0, None

    def over(self):
        self.stop.set()
        self.join()

    def run(self):
        try:
            while not self.stop.is_set():
                self.turn()
        except Exception as error:  # noqa: BLE001: told by the test
            self.fault = error

    def turn(self):
        """The host is listed when it ends."""
        if self.listed:
            self.change(NXDOMAIN, "POST", "/v1/exclusions", {"prefix": self.address, "reason": "for a moment"})
            insist(self.api, "DELETE", f"/v1/exclusions/{self.address}")
        self.change(positive(SOCKS), "POST", "/v1/reports", {"address": self.address, "ports": [1080]})
        self.listed += 1

    def change(self, answer, *asked):
        name = name_of(self.address)
        self.asking.becomes(name, answer)
        insist(self.api, *asked)
        wait_until(lambda: self.asking.heard(name), PATIENCE, f"{name} is answered with {answer}")


class Chaos(unittest.TestCase):
    def setUp(self):
        self.spaces = []
        for number in range(1, WORKERS + 1):
            self.spaces.append(Namespace(number))
            self.addCleanup(self.spaces[-1].end)
        self.lab = Lab()
        self.addCleanup(self.lab.stop)
        room.own_network(SUSPECTS[0], "fd88::/64")
        self.down = []  # (killed, ready again) of the responder
        self.visits = {"given": 0, "returned": 0, "lost": 0, "at_home": 0}  # of coordinators that were killed
        self.dice = random.Random(6471)

    def start(self, name, server):
        self.lab.add(name, server).start(room.directory() / name)
        return server

    def start_all(self):
        self.nats = self.start("nats", NatsServer(NATS))
        data = room.directory() / "data"
        self.verifier, self.dns, self.api = (self.start(role, Process(role, data, settings=SETTINGS)) for role in ROLES)
        wait_until(lambda: self.figure("connected"), PATIENCE, "the coordinator reaches NATS")
        key = self.api.client("signing-key", "show", "--data", data).json["base64"]
        self.workers = []
        for number, space in enumerate(self.spaces, 1):
            worker = Worker(f"worker-{number}", space, key, SUSPECTS, visits=16)
            worker.register(room.directory() / worker.name, self.api)
            self.workers.append(self.start(worker.name, worker))

    # ---- what is done

    def figure(self, name, **labels):
        """Of the verifier's workers: a sample of its /metrics."""
        wanted = f"provenbl_workers_{name}"
        if labels:
            wanted += "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}"
        with urllib.request.urlopen(f"http://{FIGURES}/metrics", timeout=PATIENCE) as page:
            for line in page.read().decode().splitlines():
                if line.startswith(wanted + " "):
                    return int(float(line.split()[1]))
        raise AssertionError(f"no figure {wanted}")

    def count_visits(self):
        for outcome in self.visits:
            self.visits[outcome] += self.figure("visits_total", outcome=outcome)

    def kill_and_restart(self, victim):
        self.assertTrue(victim.running(), f"{victim.name} has ended by itself:\n{victim.log()}")
        if victim is self.verifier:
            self.count_visits()
        killed = time.monotonic()
        victim.kill()
        time.sleep(self.dice.choice([0, 0, self.dice.uniform(0, 0.5)]))
        victim.launch()
        if victim is self.dns:
            self.down.append((killed, time.monotonic()))

    def rage(self, reports):
        """Kills in bursts, until the time is over: between them a visit gets through to its end. `reports` are spread
        over the time, for what is under way when somebody dies is the point. Tells the kills by kind."""
        kills = {}
        began, end = time.monotonic(), time.monotonic() + 60 * MINUTES
        victims = [self.verifier, self.dns, self.api, self.nats, *self.workers]
        deck = itertools.chain.from_iterable(self.dice.sample(victims, len(victims)) for _ in itertools.count())
        spread = len(reports)
        while time.monotonic() < end or reports:
            for _ in range(self.dice.randint(1, 8)):
                while reports and (spread - len(reports)) * (end - began) / spread <= time.monotonic() - began:
                    reports.pop()()
                victim = next(deck)
                time.sleep(self.dice.uniform(0, 0.6))
                self.kill_and_restart(victim)
                name = getattr(victim, "role", victim.name)
                kills[name] = kills.get(name, 0) + 1
            time.sleep(self.dice.uniform(0, 6))
        return kills

    def first_report(self, asking, address, listed):
        if listed:
            asking.becomes(name_of(address), positive(SOCKS))
        insist(self.api, "POST", "/v1/reports", {"address": address, "ports": [1080]})

    # ---- what has to hold

    def await_visits(self, reported):
        """Until each report was answered by a visit; as long as it goes on. Returns the last export."""
        open_before, since = None, time.monotonic()
        while True:
            store = exported(self.api.configuration, room.directory() / "export.jsonl")
            states = {each["host"]: each["state"] for each in store if each["type"] == "report"}
            self.assertEqual([], [address for address in reported if address not in states], "reports that are lost")
            still_open = [address for address in reported if states[address] == "open"]
            if not still_open:
                return store
            if len(still_open) != open_before:
                open_before, since = len(still_open), time.monotonic()
            self.assertLess(time.monotonic() - since, PATIENCE, f"no visit ends: {still_open[:10]}")
            time.sleep(1)

    def assert_answers(self, asking):
        self.assertEqual([], asking.wrong)
        astray = [(sent, until) for sent, until in asking.unanswered
                  if not any(sent <= ready and until >= killed for killed, ready in self.down)]
        self.assertEqual([], astray, "unanswered while the responder was up")
        for rcode in (0, NXDOMAIN[0]):
            self.assertGreater(asking.counts[rcode], 50 * MINUTES)

    def test_nothing_is_lost_and_nothing_is_wrong(self):
        try:
            self.chaos()
        except BaseException:
            # There is no second look at a room that has ended.
            for name, server in self.lab.servers.items():
                if server.directory:
                    print(f"--- log of {name} ---\n{server.log(60)}", file=sys.stderr)
            raise

    def chaos(self):
        self.start_all()
        opened = [f"10.88.1.{number}" for number in range(1, OPEN_HOSTS + 1)]
        for address in (KNOWN, TURNING, *opened):
            self.start(f"open {address}", OpenMicrosocks(address))
        self.start("closed", Microsocks(CLOSED))
        answer = self.api.client("report", KNOWN, "--port", 1080, "--follow")
        self.assertEqual(OK, answer.code, answer)
        wait_until(lambda: dig(name_of(KNOWN)).data("A") == [SOCKS], PATIENCE, "the known one is listed")

        asking = Asking({f"2.0.0.127.{ZONE}": positive("127.0.0.2"), name_of(KNOWN): positive(SOCKS),
                         **{name_of(address): NXDOMAIN for address in (CLOSED, NEVER_NAMED, TURNING, *opened)}})
        reporter = Reporter(self.api, REPORTED, pause=0.1)
        turns = Turns(self.api, asking, TURNING)
        reports = [lambda of=address: self.first_report(asking, of, of != CLOSED) for address in (CLOSED, *opened)]
        asking.start()
        reporter.start()
        turns.start()
        try:
            kills = self.rage(reports)
            reporter.over()
            turns.over()
            store = self.await_visits([*reporter.acknowledged, CLOSED, *opened])
            for address in opened:
                wait_until(lambda of=address: asking.heard(name_of(of)), PATIENCE, f"{address} is listed")
        finally:
            reporter.over()
            turns.over()
            asking.over.set()
            asking.join()
        self.count_visits()
        lengths = [ready - killed for killed, ready in self.down]
        print(f"killed: {', '.join(f'{name} {count}' for name, count in kills.items())}; "
              f"{len(reporter.acknowledged)} reports acknowledged, {reporter.refused} not taken; "
              f"{asking.counts.total()} right answers, {asking.changes} changes heard, {turns.listed} listings of one host; "
              f"{len(asking.unanswered)} questions without an answer, {len(lengths)} gaps without a responder "
              f"({sum(lengths):.1f} s, the longest {max(lengths):.2f} s); "
              f"visits given to workers {self.visits['given']}, back {self.visits['returned']}, "
              f"worker lost {self.visits['lost']}, carried out at home {self.visits['at_home']}", flush=True)
        self.assertIsNone(turns.fault)
        self.assert_answers(asking)
        self.assertGreater(self.visits["returned"], 0)
        for address in opened:
            self.assertEqual(LISTED, self.api.client("lookup", address).code)
        listed = {each["address"] for each in store if each["type"] == "host" and each.get("holes")}
        self.assertEqual({KNOWN, TURNING, *opened}, listed)
        self.assertEqual("NXDOMAIN", dig(name_of(CLOSED)).status)
        wait_until(lambda: self.figure("visits_out") == 0, PATIENCE, "no visit is out")
        checked = self.api.client("check", "-c", self.api.configuration)
        self.assertEqual(OK, checked.code, checked)


if __name__ == "__main__":
    main()
