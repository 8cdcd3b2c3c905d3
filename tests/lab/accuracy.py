"""One round of the accuracy matrix: every specimen, what provenbl finds and what nmap says, and what both cost.

Specimens, provenbl and nmap run in one room. A host that was told to come back later is waited for: its verdict is
what the second visit finds.
"""

import os
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from . import room
from .catalogue import USERS, Lab
from .nmap import Nmap, Witness
from .process import ServerError, wait_until
from .program import CALLBACK_SINK, Provenbl

# stunnel connects to no loopback address, so the sink has another one as well.
OUTSIDE = "198.51.100.26"
LISTED, NOT_LISTED = 3, 0
PATIENCE = 300
AT_ONCE = 24

SETTINGS = {
    "scheduler": {"concurrent_scans": AT_ONCE, "concurrent_per_network": AT_ONCE},
    "probe": {"callback_targets": [f"{OUTSIDE}:25", f"{OUTSIDE}:443"], "visit_timeout": "90s"},
    "callback_sink": {"listen": [f"{CALLBACK_SINK}:25", f"{OUTSIDE}:25", f"{OUTSIDE}:443"]},
    # Put off for longer than the lab's greylisting lasts.
    "policy": {"retry_after": "6s"},
}


@dataclass
class Row:
    specimen: object
    address: str
    ports: tuple
    found: list = field(default_factory=list)  # classes
    ways: list = field(default_factory=list)   # techniques that were proven
    trouble: str = ""                          # beside the classes: no evidence, another exit
    wall: float = 0.0                          # of its visits
    nmap: object = None

    @property
    def expected(self):
        return [self.specimen.truth] if self.specimen.truth else []

    @property
    def wrong(self):
        return self.found != self.expected or bool(self.trouble)

    @property
    def nmap_wrong(self):
        return self.nmap is not None and self.nmap.open != bool(self.specimen.truth)


@dataclass
class Cost:
    hosts: int
    wall: float
    cpu: float


@dataclass
class Round:
    rows: list
    ours: Cost
    nmap: Cost | None
    starting: float


def run(program, specimens, with_nmap=True, say=lambda text: None):
    """Starts everything, asks, and ends everything. Called inside a room that has been furnished."""
    with Lab() as lab:
        began = time.monotonic()
        provenbl = lab.add("provenbl", Provenbl(program, SETTINGS))
        provenbl.start(room.directory() / "provenbl")
        names = [specimen.name for specimen in specimens]
        servers = lab.start_all(names)
        starting = time.monotonic() - began
        say(f"{len(servers)} specimens are up after {starting:.0f} s")
        rows = [Row(specimen, server.address, server.ports) for specimen, server in zip(specimens, servers)]
        ours = ask_provenbl(provenbl, rows, say)
        nmap = None
        if with_nmap:
            lab.add("witness", Witness()).start(room.directory() / "witness")
            nmap = ask_nmap(rows)
            say(f"nmap has looked at them, {nmap.wall:.0f} s")
        for row in rows:
            if row.wrong:
                say(f"--- {row.specimen.name} ---\n{lab[row.specimen.name].log(60)}")
        return Round(rows, ours, nmap, starting)


def prepare():
    """Once in a room: its users, and the address outside of loopback."""
    room.add_users(*USERS)
    subprocess.run(["ip", "address", "add", f"{OUTSIDE}/32", "dev", "lo"], check=True)


def ask_provenbl(provenbl, rows, say):
    began, cpu = time.monotonic(), cpu_seconds(provenbl.process.pid)
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        list(pool.map(lambda row: visit(provenbl, row), rows))
        say(f"first visits are over, {time.monotonic() - began:.0f} s")
        list(pool.map(lambda row: come_back(provenbl, row), rows))
    cost = Cost(len(rows), time.monotonic() - began, cpu_seconds(provenbl.process.pid) - cpu)
    say(f"provenbl has looked at them, {cost.wall:.0f} s")
    for row in rows:
        read_verdict(provenbl, row)
    return cost


def visit(provenbl, row):
    ports = [word for port in row.ports for word in ("--port", port)]
    before = time.monotonic()
    answer = provenbl.client("report", row.address, *ports, "--follow", seconds=PATIENCE)
    if answer.code != 0:
        raise ServerError(f"the visit to {row.specimen.name} failed: {answer}")
    row.wall += time.monotonic() - before


def come_back(provenbl, row):
    """Waits for what is due within the minute because the host asked for it; daily rescans are not waited for."""
    def over():
        host = provenbl.client("lookup", row.address).json
        coming = host["next_visit"]
        return coming is None or coming["kind"] != "report"

    before = time.monotonic()
    if not over():
        wait_until(over, PATIENCE, f"the second visit to {row.specimen.name}")
        row.wall += time.monotonic() - before


def read_verdict(provenbl, row):
    answer = provenbl.client("lookup", row.address)
    host = answer.json
    row.found = sorted(host["classes"])
    row.ways = sorted({hole["technique"] for hole in host["holes"]})
    if (answer.code == LISTED) != bool(row.found):
        row.trouble = f"lookup ended with {answer.code}"
    if row.found:
        exits = {item["exit"] for item in provenbl.client("evidence", row.address).json["evidence"]}
        if not exits:
            row.trouble = "no evidence"
        elif row.specimen.exit and exits != {row.specimen.exit}:
            row.trouble = f"came out of {', '.join(sorted(exits))}"
    if row.specimen.exit and provenbl.client("lookup", row.specimen.exit).code != NOT_LISTED:
        row.trouble = f"its exit {row.specimen.exit} is listed too"


def ask_nmap(rows):
    nmap = Nmap()
    hosts = {}
    for row in rows:
        family = {"http": "http", "socks": "socks"}.get(row.specimen.truth)
        if family is None and not row.specimen.truth and 25 not in row.ports:
            family = "socks" if 1080 in row.ports or 9080 in row.ports else "http"
        hosts[row.address] = (row.ports, family)
    said = nmap.run(hosts)
    for row in rows:
        row.nmap = said[row.address]
    return Cost(len(rows), nmap.wall, nmap.cpu)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

