#!/usr/bin/env python3
"""Workers in other networks, over a real nats-server: a visit goes out and comes back, a worker that is killed or cut off
loses it to another, and nobody is believed without a registered key, or twice.

Each worker is in a network namespace of its own inside the room, with one link to the coordinator's. What they probe
is on the coordinator's side, at addresses that all can reach.
"""

import os
import signal
import socket
import subprocess
import threading

from lab_case import LISTED, OK, PATIENCE, SOCKS, LabCase, main, program, room, wait_until
from lab.process import Server, find_program
from lab.program import yaml

NATS = "127.0.99.42"
USERS = """
authorization { users: [
  { user: coordinator, password: SECRET }
  { user: worker, password: SECRET, permissions: {
      publish: [ "provenbl.desk", "provenbl.results", "$JS.API.INFO", "$JS.API.STREAM.NAMES",
                 "$JS.API.CONSUMER.INFO.PROVENBL_SCANS.workers", "$JS.API.CONSUMER.MSG.NEXT.PROVENBL_SCANS.workers",
                 "$JS.ACK.PROVENBL_SCANS.workers.>" ],
      subscribe: [ "_INBOX.>" ] } }
] }
"""
OPEN = "10.77.9.9"
SILENT_PORTS = (1080, 3128, 8080)


def run(*command):
    subprocess.run(command, check=True, capture_output=True, text=True)


class NatsServer(Server):
    name = "nats-server"
    ports = (4222,)

    def prepare(self):
        """As docs/workers.md has it, without TLS."""
        (self.directory / "nats.conf").write_text(
            f'listen: "0.0.0.0:4222"\njetstream {{ store_dir: "{self.directory / "store"}" }}\n' + USERS)

    def command(self):
        return [find_program("nats-server", "nats-server"), "-c", str(self.directory / "nats.conf")]


class MicroSocks(Server):
    """Open, and its connections leave from its own address."""

    name = "microsocks"
    ports = (1080,)

    def command(self):
        return [find_program("microsocks", "microsocks"), "-i", self.address, "-b", self.address, "-p", "1080"]


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


class Namespace:
    """A network of its own with one link here: ours is 10.77.N.1, its end 10.77.N.2."""

    def __init__(self, number):
        self.link, self.here, self.there = f"worker{number}", f"10.77.{number}.1", f"10.77.{number}.2"
        self.holder = subprocess.Popen(["unshare", "--net", "--", "sleep", "infinity"])
        wait_until(lambda: os.readlink(f"/proc/{self.holder.pid}/ns/net") != os.readlink("/proc/self/ns/net"),
                   PATIENCE, "a namespace")
        run("ip", "link", "add", self.link, "type", "veth", "peer", "name", "uplink", "netns", str(self.holder.pid))
        run("ip", "address", "add", f"{self.here}/30", "dev", self.link)
        run("ip", "link", "set", self.link, "up")
        self.run("ip", "link", "set", "lo", "up")
        self.run("ip", "address", "add", f"{self.there}/30", "dev", "uplink")
        self.run("ip", "link", "set", "uplink", "up")
        self.run("ip", "route", "add", "default", "via", self.here)

    def inside(self, *command):
        return ["nsenter", "--target", str(self.holder.pid), "--net", "--", *command]

    def run(self, *command):
        run(*self.inside(*command))

    def cut(self):
        run("ip", "link", "set", self.link, "down")

    def join(self):
        run("ip", "link", "set", self.link, "up")

    def end(self):
        self.holder.kill()
        self.holder.wait()


class Worker(Server):
    def __init__(self, name, space, coordinator_key):
        super().__init__(space.there)
        self.name, self.space, self.coordinator_key = name, space, coordinator_key

    def prepare(self):
        (self.directory / "data").mkdir(exist_ok=True)
        self.file.write_text(yaml({
            "nats": f"nats://worker:SECRET@{self.space.here}:4222", "coordinator_key": self.coordinator_key,
            "directory": str(self.directory / "data"), "helo": f"{self.name}.bl.example", "source4": self.space.there,
            "concurrent_visits": 4, "unlocked": ["10.77.9.0/24"]}) + "\n")

    @property
    def file(self):
        return self.directory / "worker.yaml"

    def key(self):
        done = subprocess.run([program(), "worker", "key", "-c", str(self.file), "--json"], capture_output=True,
                              text=True, check=True)
        return done.stdout.split('"key":"')[1].split('"')[0]

    def command(self):
        return self.space.inside(program(), "worker", "run", "-c", str(self.file))

    def await_ready(self):
        self.await_log("connected to", 1)

    def said(self, words):
        return self.log_path.read_text(errors="replace").count(words)

    def await_log(self, words, times):
        wait_until(lambda: self.said(words) >= times, PATIENCE, f"{self.name} says '{words}'\n{self.log(30)}")


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
        proxy = cls.lab.add("microsocks", MicroSocks(OPEN))
        proxy.start(room.directory() / f"{cls.__name__}-microsocks")
        shown = cls.provenbl.client("signing-key", "show", "--data", cls.provenbl.data)
        cls.coordinator_key = shown.json["base64"]
        cls.one, cls.two = cls.worker(1), cls.worker(2)
        wait_until(lambda: cls.counts()["connected"], PATIENCE, "the coordinator reaches NATS")

    @classmethod
    def worker(cls, number):
        space = Namespace(number)
        cls.addClassCleanup(space.end)
        worker = cls.lab.add(f"worker-{number}", Worker(f"worker-{number}", space, cls.coordinator_key))
        worker.directory = room.directory() / f"{cls.__name__}-worker-{number}"
        worker.directory.mkdir()
        worker.prepare()
        added = cls.provenbl.client("worker", "add", f"worker-{number}", "--key", worker.key(), "--data",
                                    cls.provenbl.data)
        if added.code != OK:
            raise AssertionError(str(added))
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
