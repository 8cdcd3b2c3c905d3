#!/usr/bin/env python3
"""SIGHUP under load: no question is lost or answered wrongly, good configurations are taken, bad ones are not."""

import os
import signal
import smtplib
import socket
import unittest

from lab_case import PATIENCE, LabCase, dig, main, room, sanitized, wait_until
from lab.program import CONFIGURATION, RESPONDER, ZONE, merged, yaml
from steady_load import Load

TEST_ENTRY = f"2.0.0.127.{ZONE}"
RELOADS = 20
MIRROR = "127.0.99.60"
NOTIFY = 4  # RFC 1996
LMTP = ("127.0.99.24", 2424)
REPORTS = f"reports@{ZONE}"


class ServiceManager:
    """Takes what sd_notify says."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.setblocking(False)
        self.said = []

    def all(self):
        try:
            while True:
                self.said.append(self.socket.recv(65536).decode())
        except BlockingIOError:
            return self.said


class Reloads(LabCase):
    settings = {"zone_defaults": {"ttl": 100}, "nice": 3}

    @classmethod
    def before_start(cls):
        path = room.directory() / "notify"
        cls.manager = ServiceManager(path)
        os.environ["NOTIFY_SOCKET"] = str(path)
        cls.addClassCleanup(os.environ.pop, "NOTIFY_SOCKET")

    def setUp(self):
        self.reloads = self.ends()

    def ends(self):
        """How many reloads have come to their end."""
        text = self.provenbl.log_path.read_text()
        return text.count("reload: done") + text.count("reload: refused")

    def write(self, changes):
        own = {"data_directory": str(self.provenbl.data), "api": {"socket": str(self.provenbl.socket)}, "nice": 3}
        text = yaml(merged(merged(CONFIGURATION, own), changes)) + "\n"
        new = self.provenbl.configuration.with_suffix(".new")
        new.write_text(text)
        new.rename(self.provenbl.configuration)

    def reload(self):
        self.provenbl.process.send_signal(signal.SIGHUP)
        self.reloads += 1
        wait_until(lambda: self.ends() == self.reloads, PATIENCE, f"reload {self.reloads} has ended")
        wait_until(lambda: self.manager.all()[-1].startswith("READY=1"), PATIENCE, "the manager is told of the end")

    def ttl(self):
        return dig(TEST_ENTRY).answers[0][1]

    def serial(self):
        return int(dig(ZONE, "SOA").answers[0][3].split()[2])

    def test_a_steady_load_loses_nothing(self):
        taken = 100
        with Load(RESPONDER, 53, TEST_ENTRY) as load:
            for number in range(RELOADS):
                load.wait_for(100)
                kind = number % 4
                ttl = 101 + number
                if kind == 3:  # not to be taken
                    self.write({"zone_defaults": {"ttl": ttl, "txt": "x" * 300}})
                else:
                    changes = {"zone_defaults": {"ttl": ttl}, "dns": {"rate_limit": {"answers_per_second": 0}}}
                    if kind == 1:  # a zone more, which makes the counters anew
                        changes["zones"] = [*CONFIGURATION["zones"], {"apex": "more.example", "classes": "all"}]
                    if kind == 2:  # the verifier begins anew
                        changes["policy"] = {"rescan_interval": f"{20 + number}h"}
                    self.write(changes)
                    taken = ttl
                self.reload()
                self.assertEqual(taken, self.ttl(), f"after reload {number}")
            load.wait_for(100)
        self.assertEqual([], load.faults)
        ttls = {100, *(101 + number for number in range(RELOADS) if number % 4 != 3)}
        self.assertLessEqual(set(load.answers), {(0, "127.0.0.2", ttl) for ttl in ttls})
        self.assertGreater(len(load.answers), RELOADS // 2, "each was asked for")
        counted = self.provenbl.client("status").json["dns"]
        self.assertGreaterEqual(counted["udp_queries"] + counted["tcp_queries"], load.count, "counters go on")

    def test_what_has_changed_is_said_and_takes_effect(self):
        self.write({})
        self.reload()
        before = self.serial()
        self.write({"zones": [*CONFIGURATION["zones"], {"apex": "more.example", "classes": "all"}],
                    "dns": {"access": [{"clients": f"{RESPONDER}/32", "action": "refuse"}], "workers": 3},
                    "log": {"level": "debug"}})
        self.reload()
        log = self.provenbl.log_path.read_text()
        for said in ("zones[more.example].apex: default -> more.example",
                     f"dns.access[{RESPONDER}/32].action: default -> refuse", "log.level: info -> debug",
                     "dns.workers: 2 -> 3 (needs a restart)", "not taken before a restart: dns.workers"):
            self.assertIn("reload: " + said, log)
        self.assertIn("needs a restart: dns.workers", self.manager.all()[-1])
        self.assertEqual("REFUSED", dig("2.0.0.127.more.example", "A", f"-b{RESPONDER}").status)
        self.assertEqual(["127.0.0.2"], dig("2.0.0.127.more.example").data("A"))
        wait_until(lambda: self.serial() > before, PATIENCE, "the serial has moved")
        self.assertIn("RELOADING=1", "".join(self.manager.all()))
        # Said again, as long as it waits.
        self.reload()
        self.assertEqual(2, self.provenbl.log_path.read_text().count("not taken before a restart: dns.workers"))

    def test_mirrors_are_told_of_zones_that_are_defined_otherwise(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mirror:
            mirror.bind((MIRROR, 53))
            mirror.settimeout(PATIENCE)
            self.write({"zone_defaults": {"ttl": 200}})
            self.reload()
            self.provenbl.client("mirror", "add", "ns2", "--kind", "bind", "--address", MIRROR)

            def told_serial():
                while True:
                    message, sender = mirror.recvfrom(4096)
                    mirror.sendto(message[:2] + bytes([message[2] | 0x80]) + message[3:], sender)  # answered without a key
                    if message[2] >> 3 & 15 == NOTIFY and message[12:].startswith(b"\x02bl\x07example\x00"):
                        return message
            told_serial()
            for ttl in (201, 202):  # each takes the place of the one before
                self.write({"zone_defaults": {"ttl": ttl}})
                self.reload()
                told_serial()

    def test_static_zones_in_another_order_keep_their_data(self):
        files = {}
        for number, name in enumerate(("one", "two"), 1):
            files[name] = self.provenbl.configuration.with_name(f"{name}.txt")  # where the sandbox lets it read
            files[name].write_text(f":127.0.0.{10 + number}:{name}\n127.0.77.{number}\n")
        zones = [{"apex": f"{name}.example", "files": [{"type": "ip4set", "path": str(path)}]}
                 for name, path in files.items()]
        for order in (zones, zones[::-1], zones):
            self.write({"static_zones": order})
            self.reload()
            self.assertEqual(["127.0.0.11"], dig("1.77.0.127.one.example").data("A"))
            self.assertEqual(["127.0.0.12"], dig("2.77.0.127.two.example").data("A"))
            self.assertEqual("NXDOMAIN", dig("1.77.0.127.two.example").status)

    def test_what_waits_for_a_restart_does_not_restart_the_verifier(self):
        self.write({"mail_sink": {"listen": ["127.0.99.27:25"]}})
        self.reload()
        before = self.provenbl.log_path.read_text().count("mail_sink.listen")
        self.assertGreater(before, 0)
        sink = socket.create_connection(("127.0.99.25", 25), timeout=PATIENCE)
        self.addCleanup(sink.close)
        self.assertEqual(b"220", sink.recv(3))
        self.reload()
        sink.sendall(b"NOOP\r\n")
        self.assertIn(b"250", sink.recv(4096) + sink.recv(4096), "the connection went on")

    def test_what_is_wrong_is_said_with_its_line(self):
        self.write({"zone_defaults": {"ttl": 77}})
        self.reload()
        self.write({"zone_defaults": {"ttl": 78}, "policy": {"rescan_interval": "soon"}, "dns": {"workerz": 2}})
        lines = self.provenbl.configuration.read_text().splitlines()
        self.reload()
        log = self.provenbl.log_path.read_text()
        for setting, text in (("policy.rescan_interval", "rescan_interval:"), ("dns.workerz", "workerz:")):
            line = next(number for number, of in enumerate(lines, 1) if text in of)
            self.assertRegex(log, rf"reload: {self.provenbl.configuration}:{line}:\d+: {setting}: ")
            if setting == "dns.workerz":
                self.assertIn(f"{self.provenbl.configuration}:{line}:", self.manager.all()[-1])
        self.assertIn("STATUS=reload refused, the old configuration holds on", self.manager.all()[-1])
        self.assertEqual(77, self.ttl())
        # Files that the configuration names are part of the check.
        self.write({"zone_defaults": {"ttl": 79},
                    "static_zones": [{"apex": "static.example", "files": [{"type": "ip4set", "path": "/nowhere"}]}]})
        self.reload()
        self.assertIn("/nowhere", self.manager.all()[-1])
        elsewhere = room.directory() / "elsewhere"
        elsewhere.mkdir(exist_ok=True)
        (elsewhere / "list").write_text("127.0.77.1\n")
        self.write({"zone_defaults": {"ttl": 79},
                    "static_zones": [{"apex": "static.example", "files": [{"type": "ip4set", "path": str(elsewhere / "list")}]}]})
        if not sanitized():
            self.reload()
            self.assertIn("where one is new, restart", self.provenbl.log_path.read_text())
        self.assertEqual(77, self.ttl())

    # ---- ways in for reports

    def mail(self, **places):
        return {"intake": {"mail": {"addresses": [{"address": REPORTS, "reporter": "desk"}],
                                    "trusted_names": ["mx.example.org"], **places}}}

    def report(self, host):
        """Mails a forwarded spam that our MX had from `host`; the reply's code."""
        spam = (f"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
                f"Content-Type: message/rfc822\r\n\r\nReceived: from x (unknown [{host}]) by mx.example.org\r\n"
                f"Subject: buy\r\n\r\nbuy\r\n--b--\r\n")
        with smtplib.LMTP(*LMTP, local_hostname="client.example") as client:
            try:
                client.sendmail("a@b.example", [REPORTS], spam)
            except smtplib.SMTPRecipientsRefused as refused:
                return refused.recipients[REPORTS][0]
            except smtplib.SMTPDataError as refused:
                return refused.smtp_code
        return 250

    def test_mail_that_can_not_be_taken_is_tried_again(self):
        self.write({})
        self.reload()
        with socket.create_server(LMTP):
            self.write(self.mail(listen=[":".join(map(str, LMTP))]))
            self.reload()
            log = self.provenbl.log_path.read_text()
            self.assertIn("no reports by mail are taken", log)
            self.assertIn("intake.mail.listen", log)
            self.assertNotIn("lmtp", self.manager.all()[-1], "what is not there is not said to be")
        self.reload()  # nothing has changed
        self.assertIn(f"lmtp {LMTP[0]}:{LMTP[1]}", self.manager.all()[-1])
        self.assertEqual(250, self.report("127.0.77.21"))
        self.write({})
        self.reload()
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(LMTP, PATIENCE)

    @unittest.skipIf(sanitized(), "a sanitizer needs files that the sandbox would refuse")
    def test_mail_where_no_socket_can_be_made_is_refused_and_the_old_one_stays(self):
        sockets = [self.provenbl.socket.with_name("lmtp.sock"), room.directory() / "mail" / "lmtp.sock"]
        sockets[1].parent.mkdir()
        self.write(self.mail(socket=str(sockets[0])))
        self.reload()
        self.write(self.mail(socket=str(sockets[1])))
        self.reload()
        self.assertIn("reload refused", self.manager.all()[-1])
        self.assertIn("intake.mail.socket", self.manager.all()[-1])
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(PATIENCE)
            client.connect(str(sockets[0]))
            self.assertEqual(b"220", client.recv(3))

    def test_mail_goes_by_what_is_ours_now(self):
        changes = self.mail(listen=[":".join(map(str, LMTP))])
        self.write(changes)
        self.reload()
        self.assertEqual(250, self.report("127.0.77.22"))
        self.write({**changes, "probe": {"source4": "127.0.77.22"}})
        self.reload()
        self.assertEqual(550, self.report("127.0.77.22"), "it is one of our own addresses now")

    def test_traps_are_taken(self):
        def offered():
            with smtplib.SMTP("127.0.99.25", 25, local_hostname="client.example", timeout=PATIENCE) as client:
                client.ehlo()
                client.mail("a@b.example")
                return client.rcpt("old-name@example.net")[0]
        self.write({})
        self.reload()
        self.assertEqual(550, offered())
        self.write({"traps": {"addresses": ["old-name@example.net"]}})
        self.reload()
        self.assertEqual(250, offered())

    def test_what_begins_anew_gives_way_as_before(self):
        def places():
            threads = os.listdir(f"/proc/{self.provenbl.process.pid}/task")
            return [os.sched_getscheduler(int(thread)) for thread in threads]
        file = str(self.provenbl.socket.with_name("lmtp.sock"))
        self.write(self.mail(socket=file))
        self.reload()
        before = places()
        self.assertGreater(before.count(os.SCHED_BATCH), 0)
        self.write({**self.mail(socket=file, connection_limit=5), "retention": {"journal": "100d"}})
        self.reload()
        self.assertEqual(sorted(before), sorted(places()))


if __name__ == "__main__":
    main()
