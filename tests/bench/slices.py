"""Slices of load, and what a server spent on each.

CPU is the run time of all threads as the scheduler counts it (schedstat, nanoseconds), divided by the queries that
were answered. User and system shares come from utime and stime, which the kernel counts by ticks and then scales to
the same run time. Each slice stands between two slices on the echo: the machine drifts, the ratio does not."""
import json
import pathlib
import statistics
import subprocess

from servers import put_first


def cpu(pids):
    """(run time in us, user ticks, system ticks) of all threads."""
    run, user, system = 0.0, 0, 0
    for pid in pids:
        try:
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
                run += int((task / "schedstat").read_text().split()[0]) / 1e3
                fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
                user += int(fields[11])
                system += int(fields[12])
        except FileNotFoundError:
            continue
    return run, user, system


def memory(pids):
    """MiB: private (anonymous: its own), private (pages of files that only it maps), shared part."""
    anonymous = private = proportional = 0
    for pid in pids:
        rows = {}
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, value = line.split(":")
            rows[name] = int(value.split()[0]) / 1024
        anonymous += rows.get("Pss_Anon", rows["Anonymous"])
        private += rows["Private_Clean"] + rows["Private_Dirty"]
        proportional += rows["Pss"]
    return {"anonymous": anonymous, "private": private, "proportional": proportional}


class Load:
    """Runs bench_load."""

    def __init__(self, build, queries, core, seconds, window, sockets=1, nice=0):
        self.program = pathlib.Path(build) / "tests/bench/bench_load"
        self.queries, self.core, self.seconds, self.window = queries, core, seconds, window
        self.sockets, self.nice = sockets, nice
        self.first = 0

    def command(self, endpoint, *more, seconds=None):
        self.first += 37_777  # go on elsewhere in the file
        return [str(word) for word in (self.program, endpoint, self.queries, "--seconds", seconds or self.seconds,
                                       *([] if "--window" in more else ["--window", self.window]),
                                       *([] if self.core is None else ["--core", self.core]),
                                       "--sockets", self.sockets, "--first", self.first, *more)]

    def start(self, endpoint, *more, seconds=None):
        return subprocess.Popen(self.command(endpoint, *more, seconds=seconds), stdout=subprocess.PIPE,
                                start_new_session=True, preexec_fn=lambda: put_first(self.nice))

    def run(self, server, *more, seconds=None):
        """One slice: what the generator saw, and cpu, user, system in us for each answered query."""
        if server.name == "echo":
            more += ("--echo",)
        pids = server.pids()
        before = cpu(pids)
        loader = self.start(server.endpoint, *more, seconds=seconds)
        out, _ = loader.communicate()
        after = cpu(pids)
        if loader.returncode != 0:
            raise SystemExit(f"bench_load failed against {server.name}; its words:\n{server.words()}")
        seen = json.loads(out)
        if seen["answered"] == 0:
            raise SystemExit(f"{server.name} answered nothing; its words:\n{server.words()}")
        spent, user, system = (b - a for a, b in zip(before, after))
        seen["cpu"] = spent / seen["answered"]
        ticks = max(user + system, 1)
        seen["user_share"] = user / ticks
        seen["busy"] = spent / 1e6 / seen["seconds"]
        return seen


def measure(load, echo, servers, rounds, progress):
    """Rounds of slices: echo, server, echo, server ... Returns the slices of each server; each knows its echo."""
    slices = {server.name: [] for server in servers}
    slices["echo"] = []
    for server in servers:
        load.run(server, seconds=0.3)  # warm
    load.run(echo, seconds=0.3)
    for number in range(rounds):
        before = load.run(echo)
        for server in servers[number % len(servers):] + servers[:number % len(servers)]:
            middle = load.run(server)
            after = load.run(echo)
            middle["echo"] = (before["cpu"] + after["cpu"]) / 2
            middle["ratio"] = middle["cpu"] / middle["echo"]
            slices[server.name].append(middle)
            slices["echo"].append(after)
            before = after
        progress(f"round {number + 1} of {rounds}")
    return slices


def medians(slices):
    """One row for a server."""
    def median(key):
        return statistics.median(one[key] for one in slices)
    row = {key: median(key) for key in ("cpu", "user_share", "qps", "busy", "p50_ms", "p99_ms")}
    # User time is counted by ticks: all slices together are good to a percent, one is not.
    row["user_share"] = (sum(one["user_share"] * one["cpu"] * one["answered"] for one in slices) /
                         sum(one["cpu"] * one["answered"] for one in slices))
    row["user"] = row["cpu"] * row["user_share"]
    row["system"] = row["cpu"] - row["user"]
    for key in ("answered", "lost", "wrong"):
        row[key] = sum(one[key] for one in slices)
    row["first_wrong"] = next((one["first_wrong"] for one in slices if one["first_wrong"]), "")
    if "ratio" in slices[0]:
        row["ratio"] = median("ratio")
        ratios = [one["ratio"] for one in slices]
        row["ratio_low"], row["ratio_high"], row["ratios"] = min(ratios), max(ratios), ratios
    return row
