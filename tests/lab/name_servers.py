"""Name servers that mirror our zones: BIND, NSD, Knot DNS, PowerDNS. Each is given what `provenbl mirror add` printed,
as it is; around it stands only what makes a server of it: where it listens, where its files are, who it runs as.
"""

import os
import shutil
import socket
import sqlite3
import struct
import subprocess
from pathlib import Path

from .process import START_SECONDS, Server, ServerError, find_program, wait_until


def answers_dns(address):
    """Does anything come back to a question over UDP?"""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(1)
        try:
            client.connect((address, 53))
            client.send(struct.pack(">HHHHHH", 1, 0, 1, 0, 0, 0) + b"\0\0\2\0\1")
            return bool(client.recv(512))
        except OSError:
            return False


class NameServer(Server):
    """Its kit is set before it starts."""

    kit = ""

    def await_ready(self):
        try:
            wait_until(lambda: self.ended() or answers_dns(self.address), START_SECONDS, "answering")
        except TimeoutError:
            self.fail(f"does not answer after {START_SECONDS} s")
        if self.ended():
            self.fail(f"ended with code {self.process.returncode} before it answered")

    def write(self, name, text, private=False):
        path = self.directory / name
        path.write_text(text)
        path.chmod(0o600 if private else 0o644)
        return path

    def must(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            raise ServerError(f"{self.name}: '{' '.join(map(str, command))}' failed:\n{done.stdout}{done.stderr}")
        return done.stdout


class Bind(NameServer):
    name = "BIND"
    kind = "bind"

    def prepare(self):
        # It listens only on addresses that an interface holds.
        self.must("ip", "address", "replace", f"{self.address}/32", "dev", "lo")
        self.write("mirror.conf", self.kit, private=True)
        # What the kit of a catalog says in comments belongs into options.
        settings = "\n".join(line[2:] for line in self.kit.splitlines() if line.startswith("//     "))
        self.write("named.conf", f"""\
options {{
    directory "{self.directory}";
    pid-file "{self.directory}/named.pid";
    session-keyfile "{self.directory}/session.key";
    listen-on {{ {self.address}; }};
    listen-on-v6 {{ none; }};
    query-source address {self.address};
    transfer-source {self.address};
    recursion no;
    dnssec-validation no;
    empty-zones-enable no;
{settings}
}};
controls {{ }};
include "{self.directory}/mirror.conf";
""")
        self.must(find_program("named-checkconf", "bind9"), str(self.directory / "named.conf"))

    def command(self):
        return [find_program("named", "bind9"), "-g", "-n", "1", "-c", str(self.directory / "named.conf")]


class Nsd(NameServer):
    name = "NSD"
    kind = "nsd"

    def prepare(self):
        self.write("mirror.conf", self.kit, private=True)
        (self.directory / "zones").mkdir()
        self.write("nsd.conf", f"""\
server:
    ip-address: {self.address}
    username: ""
    chroot: ""
    database: ""
    zonesdir: "{self.directory}/zones"
    pidfile: "{self.directory}/nsd.pid"
    xfrdfile: "{self.directory}/xfrd.state"
    zonelistfile: "{self.directory}/zone.list"
    xfrdir: "{self.directory}"
    server-count: 1
    verbosity: 2
remote-control:
    control-enable: no
include: "{self.directory}/mirror.conf"
""")
        self.must(find_program("nsd-checkconf", "nsd"), str(self.directory / "nsd.conf"))

    def command(self):
        return [find_program("nsd", "nsd"), "-d", "-c", str(self.directory / "nsd.conf")]


class Knot(NameServer):
    name = "Knot"
    kind = "knot"

    def prepare(self):
        (self.directory / "db").mkdir(exist_ok=True)
        self.write("mirror.conf", self.kit, private=True)
        self.write("knot.conf", f"""\
server:
    rundir: "{self.directory}"
    listen: {self.address}@53
log:
  - target: stderr
    any: info
database:
    storage: "{self.directory}/db"
include: mirror.conf
""")
        # Into the template of the kit, which knows nothing of our directories.
        kit = self.kit.replace("    master: [", f"    storage: {self.directory}\n    master: [", 1)
        self.write("mirror.conf", kit, private=True)
        self.must(find_program("knotc", "knot"), "-c", str(self.directory / "knot.conf"), "conf-check")

    def command(self):
        return [find_program("knotd", "knot"), "-c", str(self.directory / "knot.conf")]


class PowerDns(NameServer):
    name = "PowerDNS"
    kind = "pdns"
    schema = Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")

    def prepare(self):
        if not self.schema.exists():
            raise ServerError("there is no schema of PowerDNS: install the Debian package pdns-backend-sqlite3")
        database = sqlite3.connect(self.directory / "pdns.sqlite3")
        database.executescript(self.schema.read_text())
        database.close()
        # What the kit says in comments belongs into pdns.conf.
        settings = [line[1:].split("#")[0].strip() for line in self.kit.splitlines()
                    if line.startswith("#     ") and "=" in line]
        if not settings:
            raise ServerError("the kit has no settings for pdns.conf")
        self.write("pdns.conf", "\n".join([
            "launch=gsqlite3", f"gsqlite3-database={self.directory}/pdns.sqlite3", f"local-address={self.address}",
            f"query-local-address={self.address}", f"socket-dir={self.directory}", "daemon=no", "guardian=no",
            "setuid=", "setgid=", *settings, ""]))
        script = self.write("mirror.sh", self.kit, private=True)
        tool = find_program("pdnsutil", "pdns-server")
        wrapper = self.write("pdnsutil", f'#!/bin/sh\nexec {tool} --config-dir={self.directory} "$@"\n')
        wrapper.chmod(0o755)
        environment = dict(os.environ, PATH=f"{self.directory}:{os.environ['PATH']}")
        done = subprocess.run([shutil.which("sh"), str(script)], env=environment, capture_output=True, text=True,
                              timeout=60, check=False)
        if done.returncode:
            raise ServerError(f"the kit does not run:\n{done.stdout}{done.stderr}")

    def command(self):
        return [find_program("pdns_server", "pdns-server"), f"--config-dir={self.directory}"]


NAME_SERVERS = (Bind, Nsd, Knot, PowerDns)
