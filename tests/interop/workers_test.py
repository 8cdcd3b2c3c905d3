#!/usr/bin/env python3
"""Workers in other networks, over a real nats-server: a visit goes out and comes back, a worker that is killed or cut off
loses it to another, and nobody is believed without a registered key, or twice.

What they are on is in worker_processes.py.
"""

import signal
import socket
import subprocess
import threading

from lab_case import LISTED, OK, PATIENCE, SOCKS, LabCase, main, room, wait_until
from lab.socks import OpenMicrosocks
from worker_processes import NATS, Namespace, NatsServer, Worker, run

OPEN = "10.77.9.9"
SILENT_PORTS = (1080, 3128, 8080)


class Silent:
    """Takes connections and never says a word, so that a visit lasts."""

    def __init__(self, address, ports):
        self.sockets, self.kept = [], []
        for port in ports:
            listener = socket.create_server((address, port), backlog=64)
            self.sockets.append(listener)
            threading.Thread(target=self.take, args=(listener,), daemon=True).start()

    def take(self, listener):
        while True:
            try:
                self.kept.append(listener.accept()[0])
            except OSError:
                return

    def close(self):
        for listener in self.sockets:
            listener.shutdown(socket.SHUT_RDWR)
        for each in self.sockets + self.kept:
            each.close()


class Line:
    """As much of the NATS protocol as it takes to listen in, and to say things."""

    def __init__(self):
        self.socket = socket.create_connection((NATS, 4222))
        self.stream = self.socket.makefile("rb")
        self.stream.readline()  # INFO
        self.socket.sendall(b'CONNECT {"verbose":false,"user":"coordinator","pass":"SECRET"}\r\nPING\r\n')
        while self.stream.readline().strip() != b"PONG":
            pass

    def listen(self, subject):
        self.socket.sendall(b"SUB %s 1\r\nPING\r\n" % subject.encode())
        while self.stream.readline().strip() != b"PONG":
            pass

    def next(self):
        while True:
            words = self.stream.readline().split()
            if words[:1] == [b"MSG"]:
                data = self.stream.read(int(words[-1]))
                self.stream.readline()
                return data
            if words[:1] == [b"PING"]:
                self.socket.sendall(b"PONG\r\n")

    def say(self, subject, data):
        self.socket.sendall(b"PUB %s %d\r\n%s\r\n" % (subject.encode(), len(data), data))

    def close(self):
        self.stream.close()
        self.socket.close()


class WithWorkers(LabCase):
    """A coordinator, a nats-server, and two workers that are registered and not started yet."""

    workers = {}

    @classmethod
    def setUpClass(cls):
        subprocess.run(["ip", "address", "add", f"{OPEN}/32", "dev", "lo"], check=False, capture_output=True)
        cls.settings = {
            "workers": dict({"nats": f"nats://coordinator:SECRET@{NATS}:4222", "ack_wait": "4s", "take_within": "20s"}, **cls.workers),
            "gate": {"unlocked": ["127.0.0.0/8", "10.77.9.0/24"]},
            "probe": {"read_timeout": "1s", "conversation_timeout": "5s", "mail_wait": "1s"},
            "log": {"level": "debug"},
        }
        super().setUpClass()
        cls.nats = cls.lab.add("nats", NatsServer(NATS))
        cls.nats.start(room.directory() / f"{cls.__name__}-nats")
        proxy = cls.lab.add("microsocks", OpenMicrosocks(OPEN))
        proxy.start(room.directory() / f"{cls.__name__}-microsocks")
        shown = cls.provenbl.client("signing-key", "show", "--data", cls.provenbl.data)
        cls.coordinator_key = shown.json["base64"]
        cls.one, cls.two = cls.worker(1), cls.worker(2)
        wait_until(lambda: cls.counts()["connected"], PATIENCE, "the coordinator reaches NATS")

    @classmethod
    def worker(cls, number):
        space = Namespace(number)
        cls.addClassCleanup(space.end)
        worker = cls.lab.add(f"worker-{number}", Worker(f"worker-{number}", space, cls.coordinator_key, ["10.77.9.0/24"]))
        worker.register(room.directory() / f"{cls.__name__}-worker-{number}", cls.provenbl)
        return worker

    def start(self, worker):
        worker.start(worker.directory)
        self.addCleanup(self.end, worker)

    @staticmethod
    def end(worker):
        if worker.running():
            worker.signal(signal.SIGTERM)
            worker.process.wait(PATIENCE)
        worker.process = None

    @classmethod
    def counts(cls):
        return cls.provenbl.client("status").json["workers"]

    def report(self, address):
        answer = self.provenbl.client("report", address)
        self.assertEqual(OK, answer.code, answer)

    def coordinator_says(self, words):
        return self.provenbl.log_path.read_text(errors="replace").count(words)


class OneNetworkIsEnough(WithWorkers):
    """vantage_points: 1, where a worker's proof lists when the host itself has brought the token."""

    workers = {"vantage_points": 1}

    def test_a_worker_proves_and_its_conversation_is_the_evidence(self):
        self.start(self.one)
        self.visit(OPEN, 1080)
        answer = self.provenbl.client("lookup", OPEN)
        self.assertEqual(LISTED, answer.code, answer)
        self.assert_listed(OPEN, SOCKS)
        self.one.await_log(f"{OPEN} is visited", 1)
        for item in self.provenbl.client("evidence", OPEN).json["evidence"]:
            self.assertEqual(OPEN, item["exit"])
            self.assertIn("connected to", item["transcript"])
            self.assertFalse(item.get("repeat"), "no command is a worker's words")
        self.assertEqual(1, self.counts()["returned"])


class TwoNetworks(WithWorkers):
    """As it is by default."""

    def test_1_what_a_worker_finds_open_is_proven_from_here(self):
        self.start(self.one)
        self.visit(OPEN, 1080)
        self.assert_listed(OPEN, SOCKS)
        self.one.await_log(f"{OPEN} is visited", 1)
        self.assertEqual(1, self.coordinator_says("are looked at from here, too"))
        for item in self.provenbl.client("evidence", OPEN).json["evidence"]:
            self.assertTrue(item["repeat"], "the proof is our own")

    def test_2_a_killed_workers_visit_goes_to_the_other(self):
        silent = self.silent(1)
        self.start(self.one)
        self.report(silent)
        self.one.await_log(f"visits {silent}", 1)
        self.start(self.two)
        self.one.kill()
        self.two.await_log(f"{silent} is visited", 1)
        self.await_end()
        self.assertEqual(1, self.coordinator_says("worker-2 takes over the visit"))
        self.assertEqual(1, self.counts()["lost"])

    def test_3_a_worker_that_is_cut_off_gives_up_and_comes_back(self):
        silent = self.silent(2)
        self.start(self.two)
        connected = self.two.said("connected to")
        self.report(silent)
        self.two.await_log(f"visits {silent}", 1)
        self.start(self.one)
        self.two.space.cut()
        self.addCleanup(self.two.space.join)
        self.two.await_log(f"the visit to {silent} is given up", 1)
        self.one.await_log(f"{silent} is visited", 1)
        self.await_end()
        self.assertEqual(0, self.two.said(f"{silent} is visited"))
        self.end(self.one)
        self.two.space.join()
        self.two.await_log("connected to", connected + 1)
        again = self.silent(3)
        self.report(again)
        self.two.await_log(f"{again} is visited", 1)
        self.await_end()

    def test_4_the_forged_the_repeated_and_the_unknown_are_refused(self):
        silent = self.silent(4)
        line = Line()
        self.addCleanup(line.close)
        line.listen("provenbl.results")
        self.start(self.one)
        self.report(silent)
        genuine = line.next()
        self.await_end()
        refused = self.counts()["refused"]
        changed = genuine.replace(b'"software"', b'"softwarf"')
        self.assertNotEqual(genuine, changed)
        for words, message in (
                ("it answers no visit that is out", genuine),
                ("the signature is wrong", changed),
                ("no message of a worker's", b"PBLW1r" + bytes(50)),
                ("its key is no registered worker's", self.sealed(b"r", b"{}"))):
            before = self.coordinator_says(words)
            line.say("provenbl.results", message)
            wait_until(lambda: self.coordinator_says(words) > before, PATIENCE, words)  # noqa: B023
        self.assertEqual(refused + 4, self.counts()["refused"])
        # Orders that are not the coordinator's are carried out by nobody.
        line.say("provenbl.scans", self.sealed(b"o", b'{"scan":1,"until":"2100-01-01T00:00:00Z"}'))
        self.one.await_log("an order that is not the coordinator's", 1)

    def test_5_a_worker_that_was_removed_is_told_so(self):
        silent = self.silent(5)
        removed = self.provenbl.client("worker", "remove", "worker-2", "--data", self.provenbl.data)
        self.assertEqual(OK, removed.code, removed)
        self.start(self.two)
        self.report(silent)
        self.two.await_log("this key is no registered worker's", 1)
        wait_until(lambda: self.coordinator_says(f"{silent} is visited from here") == 1, PATIENCE, "nobody takes it")

    def test_6_without_the_server_visits_are_carried_out_here(self):
        silent = self.silent(6)
        self.nats.stop()
        wait_until(lambda: not self.counts()["connected"], PATIENCE, "the loss is seen")
        self.report(silent)
        wait_until(lambda: self.coordinator_says(f"{silent} is visited from here") == 1, PATIENCE, "our own visit")
        self.nats.launch()
        wait_until(lambda: self.counts()["connected"], PATIENCE, "it is back")
        self.start(self.one)
        again = self.silent(7)
        self.report(again)
        self.one.await_log(f"{again} is visited", 1)
        self.await_end()

    # ----

    def silent(self, number):
        """A host of which nothing is known yet, whose visit lasts some seconds."""
        address = f"10.77.9.{20 + number}"
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=False, capture_output=True)
        host = Silent(address, SILENT_PORTS)
        self.addCleanup(host.close)
        return address

    def await_end(self):
        wait_until(lambda: self.counts()["out"] == 0, PATIENCE, "no visit is out")

    @staticmethod
    def sealed(purpose, body):
        """A message that is signed well, with a key that nobody knows."""
        directory = room.directory()
        key, public, text = directory / "stranger.pem", directory / "stranger.der", directory / "stranger.text"
        run("openssl", "genpkey", "-algorithm", "ed25519", "-out", str(key))
        run("openssl", "pkey", "-in", str(key), "-pubout", "-outform", "DER", "-out", str(public))
        head = b"PBLW1" + purpose
        text.write_bytes(head + body)
        signature = subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", str(key), "-rawin", "-in", str(text)],
                                   check=True, capture_output=True).stdout
        return head + public.read_bytes()[-32:] + signature + body


if __name__ == "__main__":
    main()
