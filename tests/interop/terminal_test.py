#!/usr/bin/env python3
"""`provenbl delist` as its owner sees it: in a terminal of 80 and of 40 columns, without colours, into a pipe; stopped
with Ctrl-C, and with a server that is away, wrong, dies or says 'too soon'."""

import fcntl
import http.server
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
import time

from lab_case import FAILED, LISTED, NOT_REACHABLE, OK, PATIENCE, REFUSED_BY_RULE, RELAY, USAGE, LabCase, main, room
from lab.postfix import OpenPostfix
from lab.process import wait_until
from lab.program import PUBLIC_API, PROVENBL_SERVER

SERVER = f"http://{PUBLIC_API}"
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
TOO_SOON = "next request can be taken at"


class Screen:
    """A command in a terminal of its own, which is its controlling one: what is typed there reaches it as signals."""

    def __init__(self, command, columns=80, **environment):
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.before = termios.tcgetattr(theirs)
        everything = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", PROVENBL_SERVER)}
        self.process = subprocess.Popen(list(map(str, command)), stdin=theirs, stdout=theirs, stderr=theirs,
                                        env={**everything, "TERM": "xterm", **environment}, start_new_session=True,
                                        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.theirs = theirs
        self.text = ""
        self.grown = threading.Condition()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        while True:
            try:
                piece = os.read(self.ours, 4096)
            except OSError:
                return
            if not piece:
                return
            with self.grown:
                self.text += piece.decode(errors="replace").replace("\r\n", "\n")
                self.grown.notify_all()

    def wait_for(self, words):
        with self.grown:
            seen = self.grown.wait_for(lambda: words in self.text or self.process.poll() is not None, PATIENCE)
        if not seen or words not in self.text:
            raise AssertionError(f"never said '{words}':\n{self.text}")

    def press_ctrl_c(self):
        os.write(self.ours, b"\x03")

    def end(self):
        """The exit code; then `text` is whole and `after` tells how the terminal was left."""
        code = self.process.wait(PATIENCE)
        self.after = termios.tcgetattr(self.theirs)
        # What was written is read before the terminal ends.
        os.write(self.theirs, b"\x04end")
        wait_until(lambda: "\x04end" in self.text, PATIENCE, "the screen is read to its end")
        self.text = self.text.replace("\x04end", "")
        os.close(self.theirs)
        self.reader.join(PATIENCE)
        os.close(self.ours)
        return code

    @property
    def plain(self):
        return COLOUR.sub("", self.text)


class Terminal(LabCase):
    suspects = ("postfix-open", "relay-slow")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open = cls.lab["postfix-open"].address
        cls.slow = cls.lab["relay-slow"].address

    def command(self, *words, server=SERVER):
        return [self.provenbl.program, "delist", *words, "--server", server]

    def listed(self, server):
        self.visit(server.address, 25)
        self.assert_listed(server.address, RELAY)
        return server

    def postfix(self, address):
        server = self.lab.add(f"Postfix on {address}", OpenPostfix(address))
        server.start(room.directory() / f"postfix-{address}")
        return self.listed(server)

    def delist(self, address, **how):
        """In a terminal, to the end; asks again where it was too soon."""
        while True:
            screen = Screen(self.command(address), **how)
            code = screen.end()
            if TOO_SOON not in " ".join(screen.plain.split()):
                return code, screen
            time.sleep(0.5)

    def assert_sane(self, screen, columns):
        self.assertEqual(screen.before, screen.after)
        self.assertNotIn("\x1b", screen.plain, "only colours, nothing that moves the cursor")
        colours = COLOUR.findall(screen.text)
        if colours:
            self.assertEqual("\x1b[0m", colours[-1], "a colour was left on")
        for line in screen.plain.splitlines():
            if line.startswith("provenbl: "):
                continue  # complaints are whole, to be found by others
            self.assertTrue(len(line) <= columns or " " not in line.strip(), f"{line!r} is broken by the terminal")

    def test_closed_for_real(self):
        server = self.postfix("127.0.6.81")
        server.close()
        code, screen = self.delist(server.address)
        self.assertEqual(OK, code, screen.text)
        self.assert_sane(screen, 80)
        self.assertIn("refused", screen.plain)
        self.assertIn("smtp-relay/", screen.plain)
        self.assertIn("\x1b[32m", screen.text)
        words = " ".join(screen.plain.split())
        self.assertIn(f"{server.address} is no longer listed.", words)
        self.assertRegex(words, r"caches that have asked before forget the listing within \d+ seconds")
        self.assert_not_listed(server.address)
        code, again = self.delist(server.address)
        self.assertEqual(OK, code, again.text)
        self.assertIn("there is nothing to remove", again.plain)

    def test_still_open(self):
        """In every kind of terminal: the same words, and no colours for who wants none."""
        self.listed(self.lab["postfix-open"])
        for columns, environment in ((80, {}), (40, {}), (80, {"NO_COLOR": "1"}), (80, {"TERM": "dumb"})):
            with self.subTest(columns=columns, **environment):
                code, screen = self.delist(self.open, columns=columns, **environment)
                self.assertEqual(LISTED, code, screen.text)
                self.assert_sane(screen, columns)
                self.assertEqual(not environment, "\x1b" in screen.text)
                words = " ".join(screen.plain.split())
                self.assertIn(f"{self.open} is still listed: relay.", words)
                self.assertIn(f"provenbl fix {self.open}", words)

    def test_into_a_pipe(self):
        server = self.postfix("127.0.6.82")
        server.close()
        environment = {key: value for key, value in os.environ.items() if key != PROVENBL_SERVER}
        done = subprocess.run(self.command(server.address), env=dict(environment, TERM="xterm"), text=True,
                              capture_output=True, timeout=PATIENCE, check=False)
        self.assertEqual(OK, done.returncode, done)
        self.assertNotIn("\x1b", done.stdout + done.stderr)
        # Whole lines, however long: for grep.
        self.assertRegex(done.stdout, r"(?m)^  smtp-relay/\S+ +port 25 +refused +\S.*$")
        self.assertRegex(done.stdout, r"(?m)^DNS says so .* within \d+ seconds\.$")

    def test_ctrl_c_and_back(self):
        """The visit is seen while it goes on; who leaves is told how to come back, and does."""
        self.listed(self.lab["relay-slow"])
        screen = Screen(self.command(self.slow))
        screen.wait_for("the visit begins")
        screen.press_ctrl_c()
        self.assertEqual(-signal.SIGINT, screen.end(), screen.text)
        self.assert_sane(screen, 400)
        self.assertIn("the visit goes on by itself", screen.plain)
        self.assertIn(f"provenbl delist {self.slow}", screen.plain)
        self.assertIsNone(self.provenbl.process.poll())

        back = Screen(self.command(self.slow))
        back.wait_for("has been asked for already")
        self.assertEqual(LISTED, back.end(), back.text)

    def test_server_that_dies_and_returns(self):
        self.listed(self.lab["relay-slow"])
        while True:
            screen = Screen(self.command(self.slow))
            try:
                screen.wait_for("the visit begins")
                break
            except AssertionError:
                if TOO_SOON not in screen.text:
                    raise
                screen.end()
                time.sleep(0.5)
        self.provenbl.crash()
        self.assertEqual(NOT_REACHABLE, screen.end(), screen.text)
        self.assertIn("can't reach the server", screen.plain)
        self.assertIn(f"Come back with `provenbl delist {self.slow}`", screen.plain)
        self.provenbl.restart()
        back = Screen(self.command(self.slow))
        self.assertEqual(LISTED, back.end(), back.text)

    def test_servers_that_are_none(self):
        """Each says what is wrong and what to do, and never what only its operator could do."""
        class Other(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_error(404)

            def log_message(self, *_):
                pass

        other = http.server.HTTPServer(("127.0.6.83", 8080), Other)
        threading.Thread(target=other.serve_forever, daemon=True).start()
        self.addCleanup(other.server_close)
        self.addCleanup(other.shutdown)
        advice = "the address that the list's operator publishes"
        for server, code, *said in (
                ("http://127.0.99.80:9", NOT_REACHABLE, "http://127.0.99.80:9: Connection refused", advice),
                ("http://nowhere.invalid", NOT_REACHABLE, "nowhere.invalid", "Host not found", advice),
                ("http://127.0.6.83:8080", FAILED, "answered 404", "is it provenbl?"),
                (f"http://{self.open}:25", NOT_REACHABLE, "does not speak HTTP", advice),
                ("bl.example", USAGE, "names no server", "http://host:port"),
                ("unix:/nowhere/api.sock", NOT_REACHABLE, "provenbl run")):
            with self.subTest(server):
                screen = Screen(self.command(self.open, server=server))
                self.assertEqual(code, screen.end(), screen.text)
                for words in said:
                    self.assertIn(words, screen.plain)
                if server.startswith("http"):
                    self.assertNotIn("provenbl run", screen.plain)


class TooSoon(LabCase):
    suspects = ("postfix-open",)
    settings = {"policy": {"owner_spacing": "10m"}}

    def test_told_when(self):
        address = self.lab["postfix-open"].address
        self.visit(address, 25)
        command = [self.provenbl.program, "delist", address, "--server", SERVER]
        first = Screen(command)
        self.assertEqual(LISTED, first.end(), first.text)
        second = Screen(command)
        self.assertEqual(REFUSED_BY_RULE, second.end(), second.text)
        self.assertRegex(second.plain, TOO_SOON + r" \d{4}-\d\d-\d\dT\d\d:\d\d")
        self.assertIn(f"provenbl delist {address}", second.plain)


if __name__ == "__main__":
    main()
