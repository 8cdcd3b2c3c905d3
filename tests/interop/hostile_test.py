#!/usr/bin/env python3
"""Suspects that talk garbage, for ever, or not at all: a verdict for each, in time, in bounded memory."""

import threading

from lab_case import LabCase, main, sanitized

HOSTILE = ("silent", "garbage", "slow", "endless-reply", "endless-line", "gigabyte", "closes-in-the-middle", "resets")

# Eight visits at once keep eight bounded conversations; one gigabyte in memory would not go unseen.
GROWTH = (400 if sanitized() else 64) << 20


class Hostile(LabCase):
    suspects = tuple(f"sham-{kind}" for kind in HOSTILE)
    # The slow one costs a whole conversation for each technique and port.
    settings = {
        "scheduler": {"concurrent_per_network": len(HOSTILE)},
        "probe": {"read_timeout": "2s", "conversation_timeout": "4s", "mail_wait": "2s"},
    }

    def test_verdict_and_memory(self):
        before = self.provenbl.resident_bytes()
        highest = [before]
        done = threading.Event()

        def watch():
            while not done.wait(0.05):
                highest[0] = max(highest[0], self.provenbl.resident_bytes())

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            servers = [self.lab[name] for name in self.suspects]
            # Each visit has to come to its end, or this fails with PATIENCE (lab_case.py).
            self.visit_all([(server.address, server.ports[0]) for server in servers])
        finally:
            done.set()
            watcher.join()
        for server in servers:
            with self.subTest(server.name):
                self.assert_not_listed(server.address)
        self.assertLess(highest[0] - before, GROWTH)


if __name__ == "__main__":
    main()
