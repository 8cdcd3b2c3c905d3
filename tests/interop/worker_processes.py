"""A nats-server, and workers each in a network namespace of its own inside the room, with one link to the coordinator's.

What they probe is on the coordinator's side, at addresses that all can reach: so not in 127.0.0.0/8, which each has for
itself.
"""

import os
import subprocess

from lab_case import OK, PATIENCE, program, wait_until
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
    """`unlocked`: what of special-purpose addresses it may probe."""

    def __init__(self, name, space, coordinator_key, unlocked, visits=4):
        super().__init__(space.there)
        self.name, self.space, self.coordinator_key = name, space, coordinator_key
        self.unlocked, self.visits = unlocked, visits

    def prepare(self):
        (self.directory / "data").mkdir(exist_ok=True)
        self.file.write_text(yaml({
            "nats": f"nats://worker:SECRET@{self.space.here}:4222", "coordinator_key": self.coordinator_key,
            "directory": str(self.directory / "data"), "helo": f"{self.name}.bl.example", "source4": self.space.there,
            "concurrent_visits": self.visits, "unlocked": self.unlocked}) + "\n")

    @property
    def file(self):
        return self.directory / "worker.yaml"

    def key(self):
        done = subprocess.run([program(), "worker", "key", "-c", str(self.file), "--json"], capture_output=True,
                              text=True, check=True)
        return done.stdout.split('"key":"')[1].split('"')[0]

    def register(self, directory, provenbl):
        """Makes its key in `directory`, and tells the coordinator whose it is."""
        self.directory = directory
        directory.mkdir()
        self.prepare()
        added = provenbl.client("worker", "add", self.name, "--key", self.key(), "--data", provenbl.data)
        if added.code != OK:
            raise AssertionError(str(added))

    def command(self):
        return self.space.inside(program(), "worker", "run", "-c", str(self.file))

    def await_ready(self):
        self.await_log("connected to", 1)

    def said(self, words):
        return self.log_path.read_text(errors="replace").count(words)

    def await_log(self, words, times):
        wait_until(lambda: self.said(words) >= times, PATIENCE, f"{self.name} says '{words}'\n{self.log(30)}")
