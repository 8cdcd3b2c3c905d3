#!/usr/bin/env python3
"""Verifier, responder and API are killed at random, over and over, while DNS is asked, reports come in and hosts are visited.

In the end: every report that was acknowledged is there, every answer was right, a question stayed without an answer only
while the responder was down, every open host that was reported is listed, and nobody else.
PROVENBL_CHAOS_MINUTES says how long (half a minute); `tests/chaos --minutes 10` is the long one.
"""

import os
import random
import socket
import threading
import time
import unittest

from lab_case import LISTED, OK, PATIENCE, SOCKS, dig, main, name_of, room, wait_until
from lab.catalogue import Lab
from lab.program import RESPONDER, ZONE
from lab.socks import Microsocks, OpenMicrosocks
from role_processes import Process, Reporter
from steady_load import question

MINUTES = float(os.environ.get("PROVENBL_CHAOS_MINUTES", "0.5"))
OPEN_HOSTS = 8
NXDOMAIN = 3
SETTINGS = {"scheduler": {"concurrent_scans": 8}}


class Asking(threading.Thread):
    """One client that asks by turns for names whose answer is known. `expected`: name -> (rcode, address)."""

    PATIENCE = 5

    def __init__(self, expected):
        super().__init__()
        self.expected, self.over = expected, threading.Event()
        self.right, self.wrong = 0, []
        self.unanswered = []  # (sent, given up)

    def run(self):
        dice = random.Random(5782)
        number = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect((RESPONDER, 53))
            client.settimeout(self.PATIENCE)
            while not self.over.wait(0.002):
                number = number + 1 & 0xffff
                name = dice.choice(list(self.expected))
                sent = time.monotonic()
                try:
                    client.send(question(name, number))
                    answer = self.answer_to(client, number)
                except OSError:  # refused, when nobody listens, or nothing at all
                    self.unanswered.append((sent, time.monotonic()))
                    continue
                if answer == self.expected[name]:
                    self.right += 1
                else:
                    self.wrong.append((name, answer))

    def answer_to(self, client, number):
        while True:
            message = client.recv(4096)
            if message[:2] != number.to_bytes(2, "big"):
                continue  # to a question that was given up
            rcode, count = message[3] & 15, int.from_bytes(message[6:8], "big")
            return rcode, ".".join(map(str, message[-4:])) if count == 1 else None


class Chaos(unittest.TestCase):
    def setUp(self):
        self.lab = Lab()
        self.addCleanup(self.lab.stop)
        self.data = room.directory() / "data"
        self.down = []  # (killed, ready again) of the responder

    def start(self, name, server):
        self.lab.add(name, server).start(room.directory() / name)
        return server

    def kill_and_restart(self, victim, pause):
        killed = time.monotonic()
        victim.crash()
        time.sleep(pause)
        victim.restart()
        if victim.role == "dns":
            self.down.append((killed, time.monotonic()))

    def report(self, api, address):
        """Until it is acknowledged; whoever asks may come while the API is down."""
        wait_until(lambda: api.client("report", address, "--port", 1080).code == OK, PATIENCE, f"{address} is reported")

    def visit(self, api, address):
        answer = api.client("report", address, "--port", 1080, "--follow", seconds=PATIENCE)
        self.assertEqual(OK, answer.code, answer)

    def test_nothing_is_lost_and_nothing_is_wrong(self):
        verifier, dns, api = (self.start(role, Process(role, self.data, settings=SETTINGS))
                              for role in ("verifier", "dns", "api"))
        known = self.start("known", OpenMicrosocks("127.0.30.1")).address
        closed = self.start("closed", Microsocks("127.0.30.2")).address
        opened = [self.start(f"open {number}", OpenMicrosocks(f"127.0.31.{number}")).address
                  for number in range(1, OPEN_HOSTS + 1)]
        self.visit(api, known)
        wait_until(lambda: dig(name_of(known)).data("A") == [SOCKS], PATIENCE, "the known one is listed")
        asking = Asking({f"2.0.0.127.{ZONE}": (0, "127.0.0.2"), name_of(known): (0, SOCKS),
                         name_of(closed): (NXDOMAIN, None), name_of("127.0.32.1"): (NXDOMAIN, None)})
        reporter = Reporter(api)
        dice = random.Random(6471)
        waiting = [closed, *opened]
        kills = {role: 0 for role in ("verifier", "dns", "api")}
        end = time.monotonic() + 60 * MINUTES
        asking.start()
        reporter.start()
        try:
            while time.monotonic() < end or waiting:
                # Spread over the whole time; what is under way when a role dies is the point.
                left = max(end - time.monotonic(), 0)
                if waiting and len(waiting) * 60 * MINUTES / (OPEN_HOSTS + 1) >= left:
                    self.report(api, waiting.pop())
                victim = dice.choice([verifier, dns, api])
                time.sleep(dice.uniform(0, 0.8))
                self.kill_and_restart(victim, dice.choice([0, 0, dice.uniform(0, 0.5)]))
                kills[victim.role] += 1
        finally:
            reporter.over()
            asking.over.set()
            asking.join()
        print(f"killed: {kills}; {asking.right} answers, {len(asking.unanswered)} questions without one in "
              f"{sum(b - a for a, b in self.down):.1f} s without a responder; {len(reporter.acknowledged)} reports, "
              f"{reporter.refused} not taken", flush=True)
        self.assertEqual([], asking.wrong)
        astray = [(sent, until) for sent, until in asking.unanswered
                  if not any(sent <= ready and until >= killed for killed, ready in self.down)]
        self.assertEqual([], astray, "unanswered while the responder was up")
        self.assertGreater(asking.right, 100 * MINUTES)
        for address in opened:
            wait_until(lambda of=address: dig(name_of(of)).data("A") == [SOCKS], PATIENCE, f"{address} is listed")
            self.assertEqual(LISTED, api.client("lookup", address).code)
        self.assertEqual("NXDOMAIN", dig(name_of(closed)).status)
        self.assertEqual([], reporter.lost(room.directory() / "export.jsonl"),
                         f"of {len(reporter.acknowledged)} acknowledged")


if __name__ == "__main__":
    main()
