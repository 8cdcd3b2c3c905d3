"""Servers of others as secondaries of our zones: BIND, NSD, Knot and PowerDNS as Debian ships them.

Each has an address of its own, takes zones from the primary without a signature, and lets anybody transfer them again,
so that a test can compare all that it holds. Without NOTIFY they are told to look by their own control programs.
"""

import re
import subprocess
from pathlib import Path

from .process import Server, find_program

SCHEMA = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"


class Secondary(Server):
    ports = (53,)
    # Takes what has changed alone.
    incremental = True
    # What its log says of the size of each transfer.
    size_in_log = None

    def __init__(self, address, primary, zones):
        super().__init__(address)
        self.primary = primary
        self.zones = tuple(zones)

    def write(self, name, text):
        path = self.directory / name
        path.write_text(text)
        return path

    def control(self, *arguments):
        done = subprocess.run([str(word) for word in arguments], capture_output=True, text=True, timeout=60,
                              cwd=self.directory, check=False)
        if done.returncode:
            self.note(f"'{' '.join(map(str, arguments))}' -> {done.returncode}: {done.stdout}{done.stderr}")
        return done.returncode == 0

    def note(self, text):
        with open(self.log_path, "a", encoding="utf-8") as log:
            log.write(text + "\n")

    def sizes(self):
        """Octets of each transfer that it took."""
        text = self.log_path.read_text(errors="replace")
        return [int(size) for size in re.findall(self.size_in_log, text)]

    def refresh(self, zone):
        """Asks it to look at the primary now. False when its control program would not."""
        raise NotImplementedError

    def crash(self):
        """kill -9."""
        self.kill()
        self.process = None


class Bind(Secondary):
    name = "bind"
    size_in_log = r"Transfer completed: .* (\d+) bytes"

    def prepare(self):
        # It listens only on addresses that an interface holds.
        subprocess.run(["ip", "address", "replace", f"{self.address}/32", "dev", "lo"], check=True)
        zones = "\n".join(
            f'zone "{zone}" {{ type secondary; primaries {{ {self.primary}; }}; file "{zone}.db"; }};'
            for zone in self.zones)
        key = 'key "control" { algorithm hmac-sha256; secret "c2VjcmV0IG9mIGEgdGVzdCBhbmQgbm8gbW9yZQ=="; };'
        self.write("named.conf", f"""
            options {{
                directory "{self.directory}"; pid-file "named.pid"; session-keyfile "session.key";
                listen-on {{ {self.address}; }}; listen-on-v6 {{ none; }};
                query-source address {self.address}; transfer-source {self.address};
                recursion no; dnssec-validation no; notify no; allow-transfer {{ any; }};
                min-refresh-time 1; max-journal-size 1m;
            }};
            {key}
            controls {{ inet {self.address} port 953 allow {{ any; }} keys {{ "control"; }}; }};
            {zones}
            """)
        self.write("rndc.conf", f"""
            {key}
            options {{ default-server {self.address}; default-key "control"; default-port 953; }};
            """)

    def command(self):
        return [find_program("named", "bind9"), "-g", "-n", "1", "-c", str(self.directory / "named.conf")]

    def refresh(self, zone):
        return self.control(find_program("rndc", "bind9"), "-c", self.directory / "rndc.conf", "refresh", zone)


class Nsd(Secondary):
    name = "nsd"
    over_udp = ""
    size_in_log = r"received update to serial .* of (\d+) bytes"

    def prepare(self):
        zones = "\n".join(f"""
zone:
  name: {zone}
  zonefile: {zone}.zone
  request-xfr: {self.over_udp} {self.primary} NOKEY
  outgoing-interface: {self.address}
  provide-xfr: 127.0.0.0/8 NOKEY""" for zone in self.zones)
        self.write("nsd.conf", f"""
server:
  ip-address: {self.address}
  username: ""
  zonesdir: "{self.directory}"
  database: ""
  xfrdir: "{self.directory}"
  xfrdfile: "{self.directory}/xfrd.state"
  zonelistfile: "{self.directory}/zone.list"
  pidfile: "{self.directory}/nsd.pid"
  xfrd-reload-timeout: 0
  server-count: 1
  rrl-ratelimit: 0
  verbosity: 2
remote-control:
  control-enable: yes
  control-interface: "{self.directory}/control.sock"
{zones}
""")

    def command(self):
        return [find_program("nsd", "nsd"), "-d", "-c", str(self.directory / "nsd.conf")]

    def refresh(self, zone):
        return self.control(find_program("nsd-control", "nsd"), "-c", self.directory / "nsd.conf", "transfer", zone)


class NsdOverUdp(Nsd):
    """Asks for IXFR over UDP first, as RFC 1995 has it."""

    name = "nsd-udp"
    over_udp = "UDP"


class Knot(Secondary):
    name = "knot"
    size_in_log = r"incoming, .* finished, .* (\d+) bytes"

    def prepare(self):
        zones = "\n".join(f"  - domain: {zone}" for zone in self.zones)
        self.write("knot.conf", f"""
server:
  listen: {self.address}@53
  rundir: {self.directory}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
control:
  listen: {self.directory}/knot.sock
database:
  storage: {self.directory}
log:
  - target: stderr
    any: info
remote:
  - id: primary
    address: {self.primary}@53
    via: {self.address}
acl:
  - id: anybody
    address: 127.0.0.0/8
    action: transfer
template:
  - id: default
    storage: {self.directory}
    master: primary
    acl: anybody
    zonefile-load: none
    zonefile-sync: -1
    journal-content: all
zone:
{zones}
""")

    def command(self):
        return [find_program("knotd", "knot"), "-c", str(self.directory / "knot.conf")]

    def refresh(self, zone):
        return self.control(find_program("knotc", "knot"), "-c", self.directory / "knot.conf", "zone-refresh", zone)


class PowerDns(Secondary):
    name = "pdns"
    # Names that came by IXFR answer NODATA until the zone is rectified; it is told to take the whole zone.
    incremental = False

    def prepare(self):
        database = self.directory / "pdns.sqlite3"
        # Names that only lead to others are millions in such a zone; its default would leave some of them out.
        self.write("pdns.conf", f"""
launch=gsqlite3
gsqlite3-database={database}
gsqlite3-pragma-synchronous=0
local-address={self.address}
query-local-address={self.address}
socket-dir={self.directory}
daemon=no
guardian=no
secondary=yes
xfr-cycle-interval=1
max-ent-entries=10000000
xfr-max-received-mbytes=10000
allow-axfr-ips=127.0.0.0/8
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
receiver-threads=1
distributor-threads=1
retrieval-threads=2
loglevel=5
""")
        if database.exists():
            return
        subprocess.run([find_program("sqlite3", "sqlite3"), str(database)], input=Path(SCHEMA).read_text(), text=True,
                       check=True, capture_output=True, timeout=60)
        for zone in self.zones:
            self.control(find_program("pdnsutil", "pdns-server"), f"--config-dir={self.directory}",
                         "create-secondary-zone", zone, self.primary)

    def command(self):
        return [find_program("pdns_server", "pdns-server"), f"--config-dir={self.directory}"]

    def refresh(self, zone):
        return self.control(find_program("pdns_control", "pdns-server"), f"--config-dir={self.directory}",
                            f"--socket-dir={self.directory}", "retrieve", zone)
