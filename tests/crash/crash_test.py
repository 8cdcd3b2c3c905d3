#!/usr/bin/env python3
"""A loaded store is killed at random moments, hundreds of times; whatever was acknowledged has to be there afterwards.

Each life of the driver goes on with the store that the last one left. Its end comes from outside (SIGKILL at a random
moment), inside a system call of the store (between two writes of a commit, at a sync, at the mapping of a map that has
grown, between two writes of a backup, while the schema of an older program is brought up to date, while a repair is under
way), or as a power cut, which also takes at random what was written and not yet synced. After each, every promise is
looked for, the journal is replayed and compared with the serving index, and the serial is held against the last one;
after every fifth, and wherever a migration or a repair was cut, `check` must find nothing.

CRASH_KILLS sets how many (210, and a tenth of it again in repairs), CRASH_SEED repeats a run.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

DRIVER = os.environ["PROVENBL_CRASH_DRIVER"]
KILLS = int(os.environ.get("CRASH_KILLS", "210"))
SEED = int(os.environ.get("CRASH_SEED", str(random.SystemRandom().randrange(1 << 32))))
CHECK_EVERY = 5
LIVES = 30  # of one store; then a new one begins small, so that it grows again
PATIENCE = 60


class Store:
    """One store on disk, with the promises that were made about it."""

    def __init__(self, dice):
        # In memory where there is room: a kill loses nothing that the kernel has, and power cuts are made by the driver.
        room = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.root = Path(tempfile.mkdtemp(prefix="provenbl-crash-", dir=room))
        self.promises = self.root / "promises"
        self.dice = dice
        self.lives = 0
        self.serial = 0
        self.seen = {"promises": 0, "map_size": 0}
        self.backups = 0

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)

    def start(self, command, *options):
        words = [DRIVER, command, self.root / "data", self.promises, "--seed", self.dice.randrange(1 << 62), *options]
        return subprocess.Popen(list(map(str, words)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def live(self, *options, backups=False):
        options += ("--start-hour", 12 * self.lives)
        if backups or self.dice.random() < 0.25:  # while hot copies are made
            options += ("--backups", self.root / "backups")
        self.lives += 1
        return self.start("load", *options)

    def do(self, command, *options):
        """What is not killed."""
        words = [DRIVER, command, self.root / "data", self.promises, *options]
        subprocess.run(list(map(str, words)), check=True, timeout=PATIENCE)

    def killed_from_outside(self):
        process = self.live()
        # The moment of the kill, not a wait for something to have happened.
        time.sleep(self.dice.uniform(0, 0.06))
        process.kill()
        return process

    def look(self, check=False):
        words = [DRIVER, "look", self.root / "data", self.promises, "--serial-at-least", str(self.serial),
                 "--backups", self.root / "backups"] + (["--check"] if check else [])
        return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)

    def cuts(self):
        lines = self.promises.read_text(errors="replace").splitlines() if self.promises.exists() else []
        return [line.split()[1] for line in lines if line.startswith("cut ")]


class Crash(unittest.TestCase):
    def setUp(self):
        self.dice = random.Random(SEED)

    def test_whatever_was_acknowledged_survives(self):
        killed, promises, places, largest, backups, migrations = 0, 0, {}, 0, 0, 0
        while killed < KILLS:
            store = Store(self.dice)
            self.addCleanup(store.remove)
            for _ in range(min(LIVES, KILLS - killed)):
                before = len(store.cuts())
                migrating = self.end_one(store)
                killed += 1
                migrations += migrating and len(store.cuts()) > before
                self.assert_nothing_lost(store, check=migrating or killed % CHECK_EVERY == 0)
            promises += store.seen["promises"]
            backups += store.backups
            largest = max(largest, store.seen["map_size"])
            for place in store.cuts():
                places[place] = places.get(place, 0) + 1
            store.remove()
        print(f"seed {SEED}: {killed} kills, {promises} promises kept, cuts by call {places}, "
              f"largest map {largest >> 10} KiB, {backups} backups made meanwhile, each whole, {migrations} migrations cut",
              flush=True)
        self.assertGreater(backups, 5)
        self.assertGreater(promises, 20 * KILLS)
        # The kills did fall where it matters: into commits, into syncs, and into the growth of the map.
        for place in ("pwrite", "fdatasync", "mmap", "write"):
            self.assertGreater(places.get(place, 0), KILLS // 50, place)
        self.assertGreater(migrations, KILLS // 50)
        self.assertGreaterEqual(largest, 1 << 20)

    def end_one(self, store):
        """True when it was brought up to date from an older schema."""
        draw = self.dice.random()
        how = self.dice.choice(("kill", "power"))
        migrating = False
        if draw < 0.25:
            process = store.killed_from_outside()
        elif draw < 0.37:
            process = store.live("--cut", "kill", "--after", self.dice.randint(1, 150))
        elif draw < 0.57:
            process = store.live("--cut", "power", "--after", self.dice.randint(1, 150))
        elif draw < 0.68:
            process = store.live("--cut", how, "--only", "fdatasync", "--after", self.dice.randint(1, 20))
        elif draw < 0.79:
            # The first ones open the store; those that follow come when the map has grown, if it has to.
            process = store.live("--cut", how, "--only", "mmap", "--after", self.dice.randint(1, 8), "--events", 3000)
        elif draw < 0.9:
            # A copy is written in a few large pieces, and many of them are made.
            process = store.live("--cut", how, "--only", "write", "--after", self.dice.randint(1, 40), "--events", 3000,
                                 backups=True)
        else:
            migrating = store.lives > 0
            if migrating:
                store.do("age")
            # The first commit of a life is then the migration's, with a handful of calls.
            process = store.live("--cut", how, "--after", self.dice.randint(3, 14), "--events", 3000)
        self.wait_for(process)
        return migrating

    def wait_for(self, process):
        """True when it came to its own end."""
        try:
            _, said = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            _, said = process.communicate()
        self.assertIn(process.returncode, (-signal.SIGKILL, 0), said)
        return process.returncode == 0

    def assert_nothing_lost(self, store, check=False):
        done = store.look(check)
        self.assertEqual(0, done.returncode, f"CRASH_SEED={SEED}, life {store.lives}:\n{done.stdout}{done.stderr}")
        found = json.loads(done.stdout)
        store.serial = found["serial"]
        store.seen = found
        store.backups += found["backups"]
        shutil.rmtree(store.root / "backups", ignore_errors=True)

    def test_a_repair_that_is_killed_is_finished_by_the_next(self):
        killed, finished = 0, 0
        store = Store(self.dice)
        self.addCleanup(store.remove)
        while killed < max(5, KILLS // 10):
            self.wait_for(store.live("--events", 1500))
            self.assert_nothing_lost(store)
            store.do("damage", "--seed", self.dice.randrange(1 << 62))
            self.assertNotEqual(0, store.look(check=True).returncode, "the damage is seen")
            for _ in range(4):
                how = self.dice.choice(("kill", "power"))
                if self.wait_for(store.start("repair", "--cut", how, "--after", self.dice.randint(1, 60))):
                    break  # it was faster
                killed += 1
            store.do("repair")
            finished += 1
            self.assert_nothing_lost(store, check=True)
        print(f"seed {SEED}: {killed} repairs killed, {finished} finished afterwards, nothing left to find", flush=True)

    def test_a_disk_that_fails_and_comes_back(self):
        """EIO, no space, half a write: refused writes leave nothing, what was acknowledged stays, and so does the rest
        of the life once the disk is well, or after a restart where LMDB asks for one."""
        for how in ("io", "full", "half"):
            with self.subTest(how):
                store = Store(self.dice)
                self.addCleanup(store.remove)
                for _ in range(8):
                    process = store.live("--fail", how, "--after", self.dice.randint(20, 200), "--times",
                                         self.dice.randint(1, 6), "--events", 2500)
                    _, said = process.communicate(timeout=PATIENCE)
                    self.assertIn(process.returncode, (0, 2), said)
                    if process.returncode == 2:  # it fell into the opening, which says so
                        self.assertRegex(said, "(?i)space|full|disk|input/output")
                    self.assert_nothing_lost(store)
                self.assertGreater(store.seen["promises"], 2000)
                store.remove()

    def test_a_disk_that_lies_about_syncs_is_noticed(self):
        """The test would see it if a commit were acknowledged before it is durable."""
        noticed = 0
        for _ in range(12):
            store = Store(self.dice)
            self.addCleanup(store.remove)
            process = store.live("--lie", "--cut", "power", "--after", self.dice.randint(60, 200))
            process.communicate(timeout=PATIENCE)
            noticed += store.look().returncode != 0
            store.remove()
        self.assertGreater(noticed, 6)


if __name__ == "__main__":
    unittest.main(verbosity=2)
