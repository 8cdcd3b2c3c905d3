#!/usr/bin/env python3
"""The machine's faults: a clear error that says what to do, nothing lost, and answers go on."""

import os
import socket
import subprocess
import unittest

from lab_case import FAILED, LISTED, OK, PATIENCE, SOCKS, USAGE, LabCase, dig, main, name_of, room, wait_until
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
        refused = until_refused(self)
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


class ResponderOnly(Provenbl):
    """DNS as a process of its own, which opens the store read-only."""

    def command(self):
        return [*super().command(), "--role", "dns"]


class ResponderOfItsOwn(LabCase):
    """The disk fills, empties, becomes read-only and comes back under a responder that is another process."""

    suspects = ("microsocks-open",)
    settings = {"dns": {"listen": ["127.0.98.53:53"]}}  # dig asks the other process

    @classmethod
    def before_start(cls):
        cls.disk = room.directory() / "small-disk-of-two"
        room.small_disk(cls.disk, "8m")
        cls.provenbl.data = cls.disk / "data"

    def start_responder(self, directory):
        responder = ResponderOnly(self.provenbl.program, data=self.provenbl.data)
        responder.start(room.directory() / directory)
        self.addCleanup(responder.stop)
        return responder

    def test_full_read_only_and_back(self):
        socks = self.lab["microsocks-open"]
        responder = self.start_responder("responder")
        self.visit(socks.address, 1080)
        wait_until(lambda: listed(socks.address), PATIENCE, "the responder has read the journal on")

        # Full: what was refused is nowhere, what was there is answered.
        ballast = self.disk / "ballast"
        fill(ballast)
        refused = until_refused(self)
        self.assertRegex(refused.out + refused.err, r"(?i)no space|disk|full")
        excluded = self.provenbl.client("exclude", socks.address, "--reason", "while the disk is full")
        self.assertEqual(FAILED, excluded.code, excluded)
        for _ in range(20):
            self.assert_listed(socks.address, SOCKS)
            self.assertEqual("NXDOMAIN", dig(name_of("127.1.0.1")).status)
        self.assertTrue(responder.running())
        ballast.unlink()
        excluded = self.provenbl.client("exclude", socks.address, "--reason", "now there is room")
        self.assertEqual(OK, excluded.code, excluded)
        wait_until(lambda: not listed(socks.address), PATIENCE, "the responder follows")
        self.assertEqual(OK, self.provenbl.client("exclude", socks.address, "--remove").code)

        # Read-only: the writer says so and does not start, the responder answers from what is there.
        self.provenbl.stop()
        responder.stop()
        room.read_only(self.disk)
        try:
            error = start_that_fails(Provenbl(self.provenbl.program, data=self.provenbl.data), "writer-read-only")
            self.assertRegex(error, "(?i)read-only|permission|write")
            responder = self.start_responder("responder-read-only")
            self.assertEqual("NXDOMAIN", dig(name_of(socks.address)).status)
            self.assertEqual("NOERROR", dig(name_of("127.0.0.2")).status)
            responder.stop()
        finally:
            room.writable_again(self.disk)

        # Back: as if nothing had been.
        self.provenbl.restart()
        self.start_responder("responder-again")
        self.visit(socks.address, 1080)
        wait_until(lambda: listed(socks.address), PATIENCE, "the host is listed again")


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


def listed(address):
    return dig(name_of(address)).status == "NOERROR"


def until_refused(case):
    """Reports until one is refused."""
    for number in range(2000):
        host = f"127.1.{number // 250}.{1 + number % 250}"
        answer = case.provenbl.client("report", host, "--comment", "x" * 900)
        if answer.code != OK:
            return answer
    raise AssertionError("2000 reports fitted a full disk")


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
