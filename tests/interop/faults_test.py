#!/usr/bin/env python3
"""The machine's faults: a clear error that says what to do, nothing lost, and answers go on."""

import os
import socket
import subprocess
import unittest

from lab_case import FAILED, LISTED, OK, SOCKS, USAGE, LabCase, dig, main, name_of, room
from lab.process import ServerError
from lab.program import RESPONDER, Provenbl


class WhileRunning(LabCase):
    suspects = ("microsocks-open",)

    @classmethod
    def before_start(cls):
        cls.disk = room.directory() / "small-disk"
        room.small_disk(cls.disk, "8m")
        cls.provenbl.data = cls.disk / "data"

    def test_second_run_on_the_same_data_says_so(self):
        second = Provenbl(self.provenbl.program, {"dns": {"listen": ["127.0.98.53:53"]}}, data=self.provenbl.data)
        error = start_that_fails(second, "second")
        self.assertIn(str(self.provenbl.data), error)
        self.assertTrue(self.provenbl.running())
        self.assertEqual("NOERROR", dig(name_of("127.0.0.2")).status)

    def test_full_disk(self):
        socks = self.lab["microsocks-open"]
        self.visit(socks.address, 1080)
        self.assert_listed(socks.address, SOCKS)

        ballast = self.disk / "ballast"
        fill(ballast)
        # Pages that the file has already may still be used; then nothing is left.
        refused = self.until_refused()
        self.assertEqual(FAILED, refused.code, refused)
        self.assertRegex(refused.out + refused.err, r"(?i)no space|disk|full")
        self.assert_listed(socks.address, SOCKS)
        self.assertEqual(LISTED, self.provenbl.client("lookup", socks.address).code)
        self.assertTrue(self.provenbl.running())

        ballast.unlink()
        again = self.provenbl.client("report", "127.0.5.202", "--port", 1080)
        self.assertEqual(OK, again.code, again)
        self.provenbl.stop()
        self.provenbl.restart()
        self.assert_listed(socks.address, SOCKS)

    def until_refused(self):
        for number in range(2000):
            host = f"127.1.{number // 250}.{1 + number % 250}"
            answer = self.provenbl.client("report", host, "--comment", "x" * 900)
            if answer.code != OK:
                return answer
        self.fail("2000 reports fitted a full disk")


class BeforeRunning(unittest.TestCase):
    """Start-up that can't succeed: exit code, reason, and what to do, on standard error."""

    def provenbl(self, settings=None, data=None):
        return Provenbl(os.environ["PROVENBL_PROGRAM"], settings, data)

    def test_port_in_use(self):
        with socket.socket() as taken:
            taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.bind((RESPONDER, 53))
            taken.listen()
            error = start_that_fails(self.provenbl(), "port-in-use")
            self.assertIn(f"{RESPONDER}:53", error)
            self.assertRegex(error, "(?i)in use")

    def test_read_only_data_directory(self):
        data = room.directory() / "read-only-data"
        data.mkdir()
        room.read_only(data)
        self.addCleanup(room.writable_again, data)
        error = start_that_fails(self.provenbl(data=data), "read-only")
        self.assertIn(str(data), error)
        self.assertRegex(error, "(?i)read-only|permission|write")

    def test_broken_configuration(self):
        broken = self.provenbl()
        broken.directory = room.directory() / "broken"
        broken.directory.mkdir()
        broken.prepare()
        cases = (
            ("probe_timeout: 3s\n", "probe_timeout"),
            ("dns: {listen: [nowhere]}\n", "nowhere"),
            ("dns: [\n", ""),
        )
        for text, word in cases:
            with self.subTest(text):
                broken.configuration.write_text("data_directory: /var/lib/provenbl\n" + text)
                for command in (["check-config"], ["run"]):
                    done = subprocess.run([broken.program, *command, "-c", broken.configuration], capture_output=True,
                                          text=True, timeout=60, check=False)
                    self.assertIn(done.returncode, (FAILED, USAGE))
                    self.assertIn(f"{broken.configuration}:", done.stderr)
                    self.assertIn(word, done.stderr)

    def test_missing_configuration(self):
        done = subprocess.run([os.environ["PROVENBL_PROGRAM"], "run", "-c", "/nonexistent/provenbl.yaml"],
                              capture_output=True, text=True, timeout=60, check=False)
        self.assertIn(done.returncode, (FAILED, USAGE))
        self.assertIn("/nonexistent/provenbl.yaml", done.stderr)

    def test_lab_configuration_is_good(self):
        good = self.provenbl()
        good.directory = room.directory() / "good"
        good.directory.mkdir()
        good.prepare()
        done = subprocess.run([good.program, "check-config", "-c", good.configuration], capture_output=True, text=True,
                              timeout=60, check=False)
        self.assertEqual(OK, done.returncode, done.stderr)


def start_that_fails(server, directory):
    """What the program says when it does not start."""
    try:
        server.start(room.directory() / directory)
    except ServerError as error:
        if "ended with code" not in str(error):
            raise
        return str(error)
    server.stop()
    raise AssertionError("it started all the same")


def fill(path):
    with open(path, "wb", buffering=0) as ballast:
        for size in (65536, 4096):
            try:
                while ballast.write(b"x" * size) == size:
                    pass
            except OSError:
                continue  # no space for so much


if __name__ == "__main__":
    main()
