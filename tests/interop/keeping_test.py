#!/usr/bin/env python3
"""Backup, check and export beside a running server; restore, repair and import while it is down; damaged files."""

import os
import random
import shutil
import subprocess
import unittest

from lab_case import FAILED, OK, SOCKS, USAGE, LabCase, dig, main, program, room

# What may end a process that reads damaged pages; it must have said why.
EXPLAINED = ("provenbl: ", "Assertion")


def run(*arguments):
    done = subprocess.run([program(), *map(str, arguments)], capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout, done.stderr


def serial():
    return int(dig("bl.example", "SOA").answers[0][3].split()[2])


class Keeping(LabCase):
    suspects = ("microsocks-open",)

    def ok(self, *arguments):
        code, out, err = run(*arguments)
        self.assertEqual(OK, code, f"{arguments}\n{out}{err}")
        return out

    def test_backup_disaster_restore(self):
        socks = self.lab["microsocks-open"]
        self.visit(socks.address, 1080)
        self.assert_listed(socks.address, SOCKS)
        config = self.provenbl.configuration
        backups = room.directory() / "backups"
        backups.mkdir()
        self.ok("backup", backups, "-c", config)
        [backup] = backups.iterdir()
        self.ok("check", "--backup", backup)
        self.ok("check", "-c", config)
        lines = room.directory() / "export.jsonl"
        self.ok("export", lines, "-c", config, "--private")

        # The world goes on: the host is excluded, so delisted, and the serial moves.
        self.assertEqual(OK, self.provenbl.client("exclude", f"{socks.address}/32", "--reason", "a test").code)
        self.assert_gone(socks.address)
        seen = serial()

        # While anybody has the data open, nobody may put others in their place.
        code, _, err = run("restore", backup, "--to", self.provenbl.data)
        self.assertEqual(FAILED, code, err)
        self.assertIn("stop", err)
        self.provenbl.stop()
        code, _, err = run("restore", backup, "--to", self.provenbl.data)
        self.assertEqual(FAILED, code, err)
        self.assertIn("--advance-serial", err)
        self.ok("restore", backup, "--to", self.provenbl.data, "--advance-serial")
        self.assertTrue((self.provenbl.data / "data.mdb.before").exists())
        self.ok("check", "--data", self.provenbl.data)
        self.provenbl.restart()
        self.assert_listed(socks.address, SOCKS)
        self.assertGreater(serial(), seen)

        # The export, into a store of its own.
        other = room.directory() / "imported"
        self.ok("import", lines, "--data", other)
        self.ok("check", "--data", other)
        self.assertIn(socks.address, self.ok("export", "-", "--data", other))

    def assert_gone(self, address):
        for _ in range(100):
            if dig(f"{'.'.join(reversed(address.split('.')))}.bl.example").status == "NXDOMAIN":
                return
        self.fail(f"{address} is still answered for")


class Damage(unittest.TestCase):
    """A data file with bits flipped or its end cut off: a message, never silence."""

    def setUp(self):
        self.directory = room.directory() / "damage"
        self.good = self.directory / "good"
        self.good.mkdir(parents=True)
        self.addCleanup(shutil.rmtree, self.directory)
        lines = self.directory / "lines"
        lines.write_text(export_of(300))
        code, out, err = run("import", lines, "--data", self.good)
        self.assertEqual(OK, code, out + err)

    def copy(self):
        place = self.directory / "copy"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        shutil.copy(self.good / "data.mdb", place)
        return place, place / "data.mdb"

    def test_flipped_bits(self):
        dice = random.Random(5)
        found = 0
        for _ in range(60):
            place, file = self.copy()
            data = bytearray(file.read_bytes())
            for _ in range(4):
                data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
            file.write_bytes(data)
            code, out, err = run("check", "--data", place)
            if code == OK:
                continue  # a free page, or one that nothing reads
            found += 1
            self.assertTrue(out or any(word in err for word in EXPLAINED), f"exit {code} without a word")
        self.assertGreater(found, 5)

    def test_cut_short(self):
        place, file = self.copy()
        size = file.stat().st_size
        for share in (0, 0.01, 0.3, 0.6, 0.9):
            os.truncate(file, int(size * share)) if share else file.write_bytes(b"")
            code, out, err = run("check", "--data", place)
            self.assertNotEqual(OK, code, f"{share}: {out}{err}")
            self.assertIn("provenbl: ", err)
            place, file = self.copy()

    def test_wrong_file(self):
        place, file = self.copy()
        file.write_bytes(b"not a data file" * 4000)
        for command in (("check", "--data", place), ("backup", self.directory / "b", "--data", place),
                        ("export", "-", "--data", place)):
            code, _, err = run(*command)
            self.assertIn(code, (FAILED, USAGE))
            self.assertIn("provenbl: ", err)
            self.assertRegex(err, "damaged|not a provenbl data file|restore a backup")


def export_of(hosts):
    """As `provenbl export` writes it."""
    lines = ['{"type":"export","format":1,"serial":%d,"ipv6_bits":128,"made":"2026-01-01T00:00:00Z"}' % hosts]
    for i in range(1, hosts + 1):
        lines.append('{"type":"change","sequence":%d,"at":"2026-01-01T00:00:00Z","address":"5.6.%d.%d","after":["relay"],'
                     '"reason":"proven","case":%d,"actor":"verifier"}' % (i, i // 256, i % 256, i))
    for i in range(1, hosts + 1):
        lines.append('{"type":"evidence","host":"5.6.%d.%d","case":%d,"technique":"smtp-relay/plain","class":"relay",'
                     '"entry":{"address":"5.6.%d.%d","port":25},"transcript":"%s"}'
                     % (i // 256, i % 256, i, i // 256, i % 256, "220 hello " * 20))
    for i in range(1, hosts + 1):
        lines.append('{"type":"host","address":"5.6.%d.%d","holes":[{"technique":"smtp-relay/plain","entry":"5.6.%d.%d",'
                     '"port":25,"class":"relay"}],"case":%d,"listed_since":"2026-01-01T00:00:00Z","due_kind":"rescan",'
                     '"due":"2026-01-02T00:00:00Z"}' % (i // 256, i % 256, i // 256, i % 256, i))
    lines.append('{"type":"end","records":%d}' % (3 * hosts))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
