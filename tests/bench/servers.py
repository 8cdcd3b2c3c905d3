"""The servers that are measured, each on the same data: how it is configured, started, and who its processes are.

Every server serves bl.example on 127.0.0.1, on a port of its own, with one worker (or as many as asked for), pinned to
the given cores. What would slow a peer down for no reason is switched off: rate limiting, logging, secondary duties."""
import os
import pathlib
import signal
import socket
import subprocess
import time

APEX = "bl.example"
OBSERVED = "provenbl, observed"


def free_port():
    """A port that is free for UDP and TCP."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            try:
                tcp.bind(udp.getsockname())
            except OSError:
                continue
            return udp.getsockname()[1]


def wire_query(address):
    """A question for the A record of a listed IPv4 address."""
    labels = list(reversed(address.split("."))) + APEX.split(".")
    name = b"".join(bytes([len(label)]) + label.encode() for label in labels) + b"\0"
    return b"\x12\x34\0\0\0\1\0\0\0\0\0\0" + name + b"\0\1\0\1"


def put_first(nice):
    """For the calling process: its nice value, also as a group where the kernel shares cores out by session."""
    if not nice:
        return
    os.nice(nice)
    try:
        pathlib.Path("/proc/self/autogroup").write_text(str(nice))
    except OSError:
        pass


def put_before_all(core):
    """For a process that sleeps most of the time and measures how soon it is answered: it must not queue for its core
    behind the load generator, which never sleeps."""
    os.sched_setaffinity(0, {core})
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except PermissionError:
        pass


class Server:
    """One server process and its children."""
    name = ""
    start_limit = 120.0

    def __init__(self, place, data, cores, workers=1):
        self.place = pathlib.Path(place) / self.name.replace(", ", "-").replace(" ", "-")
        self.place.mkdir(parents=True, exist_ok=True)
        self.data = pathlib.Path(data)
        self.cores = set(cores)
        self.workers = workers
        self.port = free_port()
        self.process = None
        self.start_seconds = None

    def command(self):
        raise NotImplementedError

    @property
    def endpoint(self):
        return f"127.0.0.1:{self.port}"

    def start(self, listed, nice=0):
        """Starts it and waits for the first right answer; keeps how long that took."""
        command = [str(word) for word in self.command()]

        def prepare():
            os.setsid()
            os.sched_setaffinity(0, self.cores)
            put_first(nice)

        log = open(self.place / "log", "wb")
        began = time.monotonic()
        self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=prepare)
        query = wire_query(listed)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.connect(("127.0.0.1", self.port))
            asker.settimeout(0.002)
            while True:
                if self.process.poll() is not None:
                    raise SystemExit(f"{self.name} ended at once; its words:\n{self.words()}")
                if time.monotonic() - began > self.start_limit:
                    raise SystemExit(f"{self.name} does not answer; its words:\n{self.words()}")
                try:
                    asker.send(query)
                    answer = asker.recv(512)
                except (ConnectionRefusedError, TimeoutError):
                    continue
                if self.is_right(answer):
                    break
        self.start_seconds = time.monotonic() - began

    def is_right(self, answer):
        return answer[3] & 15 == 0 and answer[6:8] == b"\0\1"

    def words(self):
        return (self.place / "log").read_text(errors="replace")[-2000:]

    def pids(self):
        """The process and all below it."""
        if self.process is None:
            return []
        children = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    fields = pathlib.Path(f"/proc/{entry}/stat").read_text().rsplit(")", 1)[1].split()
                except OSError:
                    continue
                children.setdefault(int(fields[1]), []).append(int(entry))
        found, queue = [], [self.process.pid]
        while queue:
            pid = queue.pop()
            found.append(pid)
            queue += children.get(pid, [])
        return found

    def stop(self):
        if self.process is None:
            return
        pids = self.pids()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.process.wait()
        self.process = None


class Echo(Server):
    name = "echo"

    def __init__(self, place, data, cores, build):
        super().__init__(place, data, cores)
        self.build = pathlib.Path(build)

    def command(self):
        return [self.build / "tests/bench/bench_echo", self.endpoint]

    def is_right(self, answer):
        return True


class Provenbl(Server):
    name = "provenbl"

    def __init__(self, place, data, cores, build, workers=1, observed=False):
        if observed:
            self.name = OBSERVED
        super().__init__(place, data, cores, workers)
        self.build = pathlib.Path(build)
        self.observed = observed

    def watching(self):
        """Everything that limits, counts and logs, or as for the peers nothing but the counters, which are always on. The
        limits are so high that nothing is held back, but each is kept."""
        return f"""\
  statistics_file: {self.place}/statistics.json
  rate_limit:
    answers_per_second: 100000000
    errors_per_second: 100000000
    exempt: []
  query_log:
    file: {self.place}/queries.log
    sample: 1/1000
  dnstap:
    file: {self.place}/queries.fstrm
    sample: 1/1000
""" if self.observed else """\
  rate_limit:
    answers_per_second: 0
    errors_per_second: 0
"""

    def command(self):
        config = self.place / "provenbl.yaml"
        config.write_text(f"""\
data_directory: {self.data}/store
zone_defaults:
  page: https://{APEX}/{{address}}
  soa:
    rname: hostmaster@{APEX}
  name_servers:
    - name: ns1.{APEX}
      addresses: [192.0.2.53]
zones:
  - apex: {APEX}
    classes: all
dns:
  listen: ["{self.endpoint}"]
  workers: {self.workers}
{self.watching()}api:
  socket: {self.place}/api.sock
log:
  level: warn
""")
        return [self.build / "tools/provenbl", "run", "-c", config, "--role", "dns"]


class Rbldnsd(Server):
    name = "rbldnsd"

    def command(self):
        # It refuses to run as root.
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        return ["rbldnsd", "-n", "-a", *user, "-b", f"127.0.0.1/{self.port}",
                f"{APEX}:ip4set:{self.data}/rbldnsd4", f"{APEX}:ip6trie:{self.data}/rbldnsd6"]


class Gdnsd(Server):
    name = "gdnsd"

    def command(self):
        for part in ("zones", "run", "state"):
            (self.place / part).mkdir(exist_ok=True)
        zone = self.place / "zones" / APEX
        if not zone.exists():
            zone.symlink_to(self.data / f"{APEX}.zone")
        (self.place / "config").write_text(f"""\
options => {{
  listen => {{ 127.0.0.1:{self.port} => {{ udp_threads = {self.workers}, tcp_threads = 1 }} }}
  run_dir => {self.place}/run
  state_dir => {self.place}/state
}}
""")
        return ["gdnsd", "-c", self.place, "start"]


class Nsd(Server):
    name = "NSD"

    def command(self):
        config = self.place / "nsd.conf"
        config.write_text(f"""\
server:
  ip-address: 127.0.0.1@{self.port}
  server-count: {self.workers}
  reuseport: yes
  username: ""
  chroot: ""
  zonesdir: "{self.data}"
  database: ""
  pidfile: ""
  xfrdfile: ""
  zonelistfile: "{self.place}/zones.list"
  xfrdir: "{self.place}"
  logfile: "{self.place}/nsd.log"
  minimal-responses: yes
  rrl-ratelimit: 0
  rrl-whitelist-ratelimit: 0
remote-control:
  control-enable: no
zone:
  name: {APEX}
  zonefile: {APEX}.zone
""")
        return ["nsd", "-d", "-c", config]


class Knot(Server):
    name = "Knot"

    def command(self):
        config = self.place / "knot.conf"
        (self.place / "db").mkdir(exist_ok=True)
        config.write_text(f"""\
server:
  listen: 127.0.0.1@{self.port}
  rundir: {self.place}
  udp-workers: {self.workers}
  tcp-workers: 1
  background-workers: 1
database:
  storage: {self.place}/db
log:
  - target: stderr
    any: warning
template:
  - id: default
    storage: {self.data}
    semantic-checks: off
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
zone:
  - domain: {APEX}
    file: {APEX}.zone
""")
        return ["knotd", "-c", config]


PEERS = {"rbldnsd": Rbldnsd, "gdnsd": Gdnsd, "nsd": Nsd, "knot": Knot}
PEER_PACKAGES = ("rbldnsd", "gdnsd", "nsd", "knot")
