#!/usr/bin/env python3
"""The memory of the whole program does not grow under a steady load: questions, lookups, and listings that come and go.

A real proxy is reported, visited, proven, listed, excluded (which delists it), and let in again, over and over, while
DNS is asked all the time. What counts is anonymous memory (RssAnon): pages of the data file belong to the kernel.
PROVENBL_SOAK_MINUTES says how long (1); `tests/soak --minutes 60` is the long one.
"""

import itertools
import os
import random
import socket
import statistics
import threading
import time
import unittest
from pathlib import Path

from lab_case import OK, LabCase, main, sanitized
from lab.program import RESPONDER, ZONE

MINUTES = float(os.environ.get("PROVENBL_SOAK_MINUTES", "1"))
QUESTIONS_A_SECOND = int(os.environ.get("PROVENBL_SOAK_QUESTIONS", "500"))
# Pools fill, arenas spread and the index merges once before it is steady.
SETTLING = 0.4
ALLOWED = (400 if sanitized() else 4) << 20  # bytes from the beginning to the end of the steady part, whatever its length


def question(number, address):
    name = ".".join(reversed(address.split("."))) + "." + ZONE
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return (number & 0xFFFF).to_bytes(2, "big") + b"\x01\x00\x00\x01" + bytes(6) + labels + b"\x00\x00\x01\x00\x01"


class Asking(threading.Thread):
    """Asks at a steady rate, and counts what came back."""

    def __init__(self):
        super().__init__(daemon=True)
        self.over = threading.Event()
        self.asked = self.answered = 0

    def run(self):
        dice = random.Random(1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(1)
            udp.connect((RESPONDER, 53))
            while not self.over.is_set():
                began = time.monotonic()
                for _ in range(QUESTIONS_A_SECOND // 20):
                    self.asked += 1
                    udp.send(question(self.asked, ".".join(str(dice.randrange(256)) for _ in range(4))))
                    try:
                        self.answered += len(udp.recv(4096)) >= 12
                    except OSError:
                        pass
                # The rhythm of the load.
                self.over.wait(max(0.0, 0.05 - (time.monotonic() - began)))


class Soak(LabCase):
    suspects = ("microsocks-open",)
    # The proxy is silent to what it does not speak, and a life lasts as long as its visit.
    settings = {"probe": {"read_timeout": "1s"}}

    def anonymous_bytes(self):
        for line in Path(f"/proc/{self.provenbl.process.pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
        self.fail("the kernel does not say how much anonymous memory provenbl has")
        return 0

    def come_and_go(self, address):
        """One listing from report to proof, and its end."""
        # To the end of the visit: a report that comes while one runs is answered by that one.
        self.visit(address, 1080)
        self.assertTrue(self.provenbl.client("lookup", address).json["listed"])
        self.provenbl.client("evidence", address)
        self.provenbl.client("history", address)
        self.assertEqual(OK, self.provenbl.client("exclude", address, "--reason", "for a moment").code)
        self.assertFalse(self.provenbl.client("lookup", address).json["listed"])
        self.assertEqual(OK, self.provenbl.client("exclude", address, "--remove").code)

    def test_memory_stays(self):
        address = self.lab["microsocks-open"].address
        asking = Asking()
        asking.start()
        began = time.monotonic()
        samples = []
        lives = 0
        for lives in itertools.count(1):
            self.come_and_go(address)
            now = time.monotonic() - began
            samples.append((now, self.anonymous_bytes()))
            if now >= MINUTES * 60:
                break
        asking.over.set()
        asking.join()
        steady = [(at, size) for at, size in samples if at >= SETTLING * samples[-1][0]]
        self.assertGreater(len(steady), 5, "too few lives to judge by")
        slope = statistics.linear_regression([at for at, _ in steady], [size for _, size in steady]).slope
        growth = slope * (steady[-1][0] - steady[0][0])
        print(f"{samples[-1][0] / 60:.1f} minutes: {lives} listings came and went, {asking.asked} questions "
              f"({asking.asked / samples[-1][0]:.0f}/s, {asking.answered} answered); anonymous memory "
              f"{steady[0][1] / 2**20:.1f} MiB after settling, {steady[-1][1] / 2**20:.1f} MiB at the end, "
              f"trend {growth / 2**20:+.2f} MiB over {(steady[-1][0] - steady[0][0]) / 60:.1f} minutes "
              f"({slope * 3600 / 2**20:+.1f} MiB an hour)", flush=True)
        self.assertLess(growth, ALLOWED)
        self.assertGreater(asking.answered, 0.95 * asking.asked)


if __name__ == "__main__":
    main()
