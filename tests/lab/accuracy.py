"""One round of the accuracy matrix: every specimen, what provenbl finds and what nmap says, and what both cost.

Specimens, provenbl and nmap run in one room. A host that was told to come back later is waited for: its verdict is
what the second visit finds.
"""

import os
import shutil
import subprocess
import time
from dataclasses import dataclass, field
from datetime import datetime

from . import room
from .catalogue import USERS, Lab
from .nmap import Nmap, Witness
from .process import ServerError
from .program import CALLBACK_SINK, Provenbl

# stunnel connects to no loopback address, so the sink has another one as well.
OUTSIDE = "198.51.100.26"
LISTED, NOT_LISTED = 3, 0
PATIENCE = 300

SETTINGS = {
    # All at once: hosts that say nothing are waited for side by side, as nmap does with a group.
    "scheduler": {"concurrent_scans": 200, "concurrent_per_network": 200},
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
    scan: str = ""                             # where the API tells of its visit
    wall: float = 0.0                          # of its first visit
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
    start: float = 0.0  # CPU of the program before it was asked anything, where that is not in `cpu`


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
    # The next round has new servers and an empty store.
    for name in ("provenbl", "witness", *names):
        shutil.rmtree(room.directory() / name, ignore_errors=True)
    return Round(rows, ours, nmap, starting)


def prepare():
    """Once in a room: its users, and the address outside of loopback."""
    room.add_users(*USERS)
    subprocess.run(["ip", "address", "add", f"{OUTSIDE}/32", "dev", "lo"], check=True)


def ask_provenbl(provenbl, rows, say):
    """Reports them all, and waits until nothing more comes of it within the minute."""
    before = finished(provenbl)
    began, cpu = time.monotonic(), cpu_seconds(provenbl.process.pid)
    for row in rows:
        row.scan = provenbl.ask("POST", "/v1/reports", {"address": row.address, "ports": list(row.ports)})["scan"]
    # One question now and then: who watches must not be what costs.
    await_that(lambda: finished(provenbl) >= before + len(rows) and at_rest(provenbl), "the first visits")
    say(f"first visits are over, {time.monotonic() - began:.0f} s")
    coming = [row for row in rows if comes_back(provenbl, row)]
    await_that(lambda: not any(comes_back(provenbl, row) for row in coming), "the second visits")
    cost = Cost(len(rows), time.monotonic() - began, cpu_seconds(provenbl.process.pid) - cpu, cpu)
    say(f"provenbl has looked at them, {cost.wall:.0f} s")
    for row in rows:
        read_verdict(provenbl, row)
    return cost


def await_that(over, what):
    end = time.monotonic() + PATIENCE
    while not over():
        if time.monotonic() > end:
            raise ServerError(f"{what} have not ended within {PATIENCE} s")
        time.sleep(0.5)


def finished(provenbl):
    return provenbl.ask("GET", "/v1/status")["verifier"]["scans_finished"]


def at_rest(provenbl):
    return provenbl.ask("GET", "/v1/status")["verifier"]["running_scans"] == 0


def seconds_of(scan):
    started, ended = (datetime.fromisoformat(scan[name].replace("Z", "+00:00")) for name in ("started", "finished"))
    return (ended - started).total_seconds()


def comes_back(provenbl, row):
    """A host that said "later" is visited again within the minute; daily rescans are not waited for."""
    coming = provenbl.ask("GET", f"/v1/hosts/{row.address}")["next_visit"]
    return coming is not None and coming["kind"] == "report"


def read_verdict(provenbl, row):
    answer = provenbl.client("lookup", row.address)
    host = answer.json
    row.found = sorted(host["classes"])
    row.wall = seconds_of(provenbl.ask("GET", f"/v1/hosts/{row.address}/scans/{row.scan}"))
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

