#!/usr/bin/env python3
"""Each role as a user of its own, started as root: what the kernel says of its threads, and that it works."""

import os
import pwd
import shutil
import signal
import unittest
from pathlib import Path

from lab_case import PATIENCE, SOCKS, LabCase, dig, main, program, room, sanitized, wait_until
from lab.catalogue import Lab
from lab.program import ZONE, Provenbl

USER = "provenbl-test"
TEST_ENTRY = f"2.0.0.127.{ZONE}"
LOW_PORTS = 1 << 10  # CAP_NET_BIND_SERVICE


class Role(Provenbl):
    def __init__(self, role, settings, data):
        super().__init__(program(), settings, data)
        self.role = role

    def command(self):
        return [*super().command(), "--role", self.role]

    def prepare(self):
        super().prepare()
        os.chown(self.directory, pwd.getpwnam(USER).pw_uid, pwd.getpwnam(USER).pw_gid)  # for api.sock


def status(thread):
    return dict(line.split(":\t", 1) for line in thread.joinpath("status").read_text().splitlines() if ":\t" in line)


class Sandboxed(unittest.TestCase):
    def test_every_thread_of_every_role_is_confined(self):
        room.add_users(USER)
        directory = room.directory() / "roles"
        directory.mkdir()
        os.chown(directory, pwd.getpwnam(USER).pw_uid, -1)
        settings = {"service": {"user": USER, "sandbox": not sanitized()}}
        lab = Lab()
        self.addCleanup(lab.stop)
        roles = {}
        for role in ("verifier", "dns", "api"):
            data = directory / "data"
            roles[role] = lab.add(role, Role(role, settings, data))
            if role == "verifier":
                data.mkdir()
                os.chown(data, pwd.getpwnam(USER).pw_uid, pwd.getpwnam(USER).pw_gid)
            roles[role].start(directory / role)
        for role, process in roles.items():
            with self.subTest(role=role):
                threads = list(Path(f"/proc/{process.process.pid}/task").iterdir())
                self.assertGreater(len(threads), 1)
                for thread in threads:
                    said = status(thread)
                    self.assertEqual({str(pwd.getpwnam(USER).pw_uid)}, set(said["Uid"].split()))
                    self.assertEqual("1", said["NoNewPrivs"])
                    wanted = 0 if role == "api" else LOW_PORTS  # the API of the lab has no low port
                    for name in ("CapEff", "CapPrm", "CapBnd"):
                        self.assertEqual(wanted, int(said[name], 16), f"{name} of {thread}")
                    for name in ("CapInh", "CapAmb"):
                        self.assertEqual(0, int(said[name], 16), f"{name} of {thread}")
                    if not sanitized():
                        self.assertEqual("2", said["Seccomp"], "a filter")
                self.assertIn(f"sandbox: user {USER}", process.log())
        self.assertEqual(["127.0.0.2"], dig(TEST_ENTRY).data("A"))
        # A new configuration is read by the user, without the privileges of the start.
        dns = roles["dns"]
        dns.configuration.write_text(dns.configuration.read_text().replace("zone_defaults:", "zone_defaults:\n  ttl: 55"))
        dns.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "reload: done" in dns.log(), PATIENCE, "the configuration is taken")
        self.assertEqual(55, dig(TEST_ENTRY).answers[0][1])


class Works(LabCase):
    """As in the lab otherwise, a visit to its end: nothing that it needs is refused."""

    suspects = ("microsocks-open",)

    def test_a_visit_lists(self):
        socks = self.lab["microsocks-open"]
        self.visit(socks.address, 1080)
        self.assert_listed(socks.address, SOCKS)
        if not sanitized():
            self.assertIn("system calls are confined", self.provenbl.log_path.read_text())


class Fresh(LabCase):
    """Directories of ours that are not there yet are made, and can be used."""

    settings = {"intake": {"folder": "/var/tmp/provenbl-fresh/lists/in"}}

    @classmethod
    def before_start(cls):
        cls.addClassCleanup(shutil.rmtree, "/var/tmp/provenbl-fresh", True)

    def test_a_list_is_taken(self):
        folder = Path("/var/tmp/provenbl-fresh/lists/in")
        (folder / "list.txt").write_text("127.0.77.9\n")
        wait_until(lambda: (folder / "done").exists() and list((folder / "done").iterdir()), PATIENCE, "it is done")


if __name__ == "__main__":
    main()
