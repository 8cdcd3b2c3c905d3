#!/usr/bin/env python3
"""The lab itself: open servers are open, closed ones closed, the room has no way out, and nothing is left."""

import errno
import os
import smtplib
import socket
import unittest
from pathlib import Path

from lab_case import main, room
from lab.catalogue import Lab, make
from lab.process import Server, ServerError
from lab.tour import relays

STRANGER = ("127.0.77.3", 0)


def through_connect(address, target):
    """A socket that an HTTP proxy has connected to the target, or nothing."""
    peer = socket.create_connection((address, 3128), timeout=30, source_address=STRANGER)
    peer.sendall(f"CONNECT {target[0]}:{target[1]} HTTP/1.1\r\nHost: {target[0]}\r\n\r\n".encode())
    head = b""
    while b"\r\n\r\n" not in head:
        data = peer.recv(4096)
        if not data:
            break
        head += data
    return accepted(peer, head.split(b" ")[1:2] == [b"200"])


def through_socks5(address, target):
    peer = socket.create_connection((address, 1080), timeout=30, source_address=STRANGER)
    peer.sendall(b"\x05\x01\x00")
    if peer.recv(2) != b"\x05\x00":
        return accepted(peer, False)
    peer.sendall(b"\x05\x01\x00\x01" + socket.inet_aton(target[0]) + target[1].to_bytes(2, "big"))
    return accepted(peer, peer.recv(64)[:2] == b"\x05\x00")


def accepted(peer, yes):
    if yes:
        return peer
    peer.close()
    return None


class Servers(unittest.TestCase):
    def setUp(self):
        self.lab = Lab()
        self.addCleanup(self.lab.stop)

    def test_postfix_open_closed_and_closing(self):
        opened, closed = self.lab.start("postfix-open"), self.lab.start("postfix-closed")
        self.assertTrue(relays(opened.address))
        self.assertFalse(relays(closed.address))
        opened.close()
        # Old smtpd processes finish the connection they have.
        self.assertTrue(any(not relays(opened.address) for _ in range(100)))

    def test_postfix_holds_mail_and_takes_no_more(self):
        postfix = self.lab.start("postfix-open")
        postfix.hold_outgoing()
        with smtplib.SMTP(postfix.address, 25, local_hostname="stranger.example", source_address=STRANGER) as smtp:
            smtp.sendmail("a@stranger.example", ["b@elsewhere.example"], "Subject: one\r\n\r\nmail\r\n")
        postfix.stop_listening()
        self.assertEqual([["b@elsewhere.example"]], list(postfix.queued().values()))

    def test_proxies(self):
        echo = self.lab.start("sham-echo")
        for name, through in (("squid", through_connect), ("dante", through_socks5), ("microsocks", through_socks5)):
            with self.subTest(name):
                opened, closed = self.lab.start(f"{name}-open"), self.lab.start(f"{name}-closed")
                tunnel = through(opened.address, (echo.address, 1080))
                self.assertIsNotNone(tunnel)
                with tunnel:
                    tunnel.sendall(b"hello")
                    self.assertEqual(b"hello", tunnel.recv(64))
                self.assertIsNone(through(closed.address, (echo.address, 1080)))

    def test_squid_closing(self):
        echo, squid = self.lab.start("sham-echo"), self.lab.start("squid-open")
        squid.close()
        self.assertIsNone(through_connect(squid.address, (echo.address, 1080)))

    def test_what_does_not_start_shows_its_log(self):
        class Broken(Server):
            name, ports = "broken", (1080,)

            def command(self):
                return ["sh", "-c", "echo the reason; exit 3"]

        with self.assertRaisesRegex(ServerError, "(?s)code 3.*the reason"):
            Broken("127.0.5.250").start(room.directory() / "broken")

    def test_another_server_is_not_taken_for_it(self):
        self.lab.start("sham-silent")
        with self.assertRaisesRegex(ServerError, "listens on .* already"):
            make("sham-silent").start(room.directory() / "second")


class Room(unittest.TestCase):
    def test_has_loopback_and_nothing_else(self):
        self.assertEqual(["lo"], [name for _, name in socket.if_nameindex()])
        with socket.socket() as way_out, self.assertRaises(OSError) as raised:
            way_out.connect(("192.0.2.1", 25))
        self.assertEqual(errno.ENETUNREACH, raised.exception.errno)

    def test_asks_our_responder(self):
        self.assertIn(f"nameserver {room.RESOLVER}", Path("/etc/resolv.conf").read_text())

    def test_stopping_leaves_no_process(self):
        before = processes()
        with Lab() as lab:
            for name in ("postfix-open", "squid-open", "dante-open", "microsocks-open", "sham-silent"):
                lab.start(name)
            self.assertGreater(len(processes()), len(before))
        self.assertEqual(before, processes())


def processes():
    """All of this room but zombies, which its first process is about to reap."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if (path / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z" and int(path.name) != os.getpid():
                found.add((path.name, (path / "cmdline").read_bytes()))
        except OSError:
            continue
    return found


if __name__ == "__main__":
    main()
