"""What was measured, as tables in Markdown, and the section of docs/performance.md that holds them."""
import pathlib
import statistics

from servers import OBSERVED

BEGIN = "<!-- measured: written by tests/bench/serve, don't edit -->"
END = "<!-- end of measured -->"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows])


def short(size):
    return f"{size // 1_000_000} M" if size % 1_000_000 == 0 else f"{size // 1000} k"


def serving(result):
    """The table of one size."""
    rows = []
    rbldnsd = result["servers"].get("rbldnsd")
    for name, row in result["servers"].items():
        echo = name == "echo"
        rows.append([
            name, f"{row['cpu']:.2f}", f"{row['user']:.2f}", f"{row['system']:.2f}",
            "1.00" if echo else f"{row['ratio']:.2f} ({row['ratio_low']:.2f}-{row['ratio_high']:.2f})",
            f"{row['ratio'] / rbldnsd['ratio']:.2f}" if rbldnsd and not echo else "",
            f"{row['qps'] / 1000:.0f} k", f"{row['busy'] * 100:.0f} %",
            "" if echo else f"{row['memory']['anonymous']:.1f}",
            "" if echo else f"{row['memory']['private']:.1f}",
            "" if echo else f"{row['memory']['proportional']:.1f}",
            "" if echo else f"{row['start']:.2f}",
            f"{row['wrong']} / {row['lost']}" + ("" if echo or not row["lost"] else f" of {row['answered']}"),
        ])
    return table(["server", "CPU µs/query", "user", "system", "times the echo (lowest-highest)", "times rbldnsd",
                  "queries/s", "busy", "anonymous MiB", "private MiB",
                  "proportional MiB", "start s", "wrong / lost"], rows)


def changes(result):
    rows = []
    for name, row in result["changes"].items():
        seen, load = row["changes"], row["load"]
        rows.append([
            name, f"{seen['rate']:.0f}/s", seen["changes"],
            f"{seen['visible_p50_ms']:.2f} / {seen['visible_p99_ms']:.2f} / {seen['visible_longest_ms']:.2f}",
            f"{seen['lost']} / {seen['late']} / {seen['wrong_at_end']}",
            f"{seen['commit_p50_ms']:.2f} / {seen['commit_p99_ms']:.2f}",
            f"{load['silence_ms']:.2f}", f"{load['p99_ms']:.2f}", f"{load['qps'] / 1000:.0f} k",
            f"{load['wrong']} / {load['lost']} of {load['answered']}",
        ])
    quiet = result["quiet"]
    rows.append(["no changes, for comparison", "", "", "", "", "", f"{quiet['silence_ms']:.2f}",
                 f"{quiet['p99_ms']:.2f}", f"{quiet['qps'] / 1000:.0f} k",
                 f"{quiet['wrong']} / {quiet['lost']} of {quiet['answered']}"])
    return table(["changes", "rate", "in all", "seen after ms (median / 99 % / longest)",
                  "lost / over 10 ms / wrong at the end", "commit ms (median / 99 %)", "longest silence ms",
                  "answers' 99 % ms", "queries/s meanwhile", "wrong / lost"], rows)


def figures(result):
    """The figures that provenbl is to reach, and what this run says."""
    servers, rows = result["servers"], []
    own, rbldnsd = servers.get("provenbl"), servers.get("rbldnsd")
    if not own:
        return ""

    def row(what, bound, value, unit="", digits=2):
        rows.append([what, f"{bound:g}{unit}", f"{value:.{digits}f}{unit}", "yes" if value <= bound else "**no**"])

    row("CPU, times the echo", 1.12, own["ratio"])
    if rbldnsd:
        row("CPU, times rbldnsd", 0.78, own["ratio"] / rbldnsd["ratio"])
    row("user mode, a query", 0.40, own["user"], " µs")
    if OBSERVED in servers:
        # Round by round, as the two stand next to each other in each.
        pairs = zip(servers[OBSERVED]["ratios"], own["ratios"])
        row("CPU with rate limiting, metrics, query log and dnstap on, times without", 1.05,
            statistics.median(on / off for on, off in pairs))
    if rbldnsd:
        for kind, note in (("anonymous", ""), ("private", ", database pages that only it maps included")):
            row(f"{kind} memory, against rbldnsd's{note}", round(rbldnsd["memory"][kind], 1), own["memory"][kind],
                " MiB", 1)
        if "memory_after_changes" in result:
            row("anonymous memory after the changes, against rbldnsd's", round(rbldnsd["memory"]["anonymous"], 1),
                result["memory_after_changes"]["anonymous"], " MiB", 1)
    row("LMDB, an entry of the serving index, written in order", 40, result["data"]["index_bytes_per_entry"],
        " bytes", 1)
    if "scattered" in result:
        row("the same, entries come in random order", 40, result["scattered"]["index_bytes_per_entry"], " bytes", 1)
    row("start to the first right answer", 1.0 if result["size"] > 1_000_000 else 0.3, own["start"], " s")
    for name, seen in result.get("changes", {}).items():
        row(f"{name}: seen, 99 of 100", 10, seen["changes"]["visible_p99_ms"], " ms")
        row(f"{name}: lost or wrong", 0,
            seen["changes"]["lost"] + seen["changes"]["wrong_at_end"] + seen["load"]["wrong"], "", 0)
        row(f"{name}: longest silence", 5, seen["load"]["silence_ms"], " ms")
    return table(["figure", "at most", "measured", "holds"], rows)


def section(results, command, machine, plots):
    parts = [BEGIN, "", f"Made by `{command}` on {machine}.", ""]
    for result in results:
        data = result["data"]
        parts += [f"### {short(result['size'])} entries", "",
                  f"{data['ipv4']} IPv4 addresses ({data['networks']} whole /24s among them), {data['ipv6']} IPv6 "
                  f"addresses; {data['queries']} queries, {result['rounds']} slices of {result['seconds']:g} s for "
                  f"each server.", "", serving(result), ""]
        if "changes" in result:
            parts += [changes(result), ""]
        if "scaling" in result:
            scaling = result["scaling"]
            parts += [f"With full queues and both cores shared with the load generator, one worker spends "
                      f"{scaling['one']:.2f} µs on a query and two spend {scaling['two']:.2f} µs: two have "
                      f"{scaling['capacity']:.2f} times the capacity of one.", ""]
        wanted = figures(result)
        if wanted:
            parts += [wanted, ""]
    for plot in plots:
        parts += [f"![CPU, memory and start time]({plot})", ""]
    return "\n".join(parts + [END])


def write(path, text):
    """Puts the section between its markers."""
    path = pathlib.Path(path)
    page = path.read_text()
    if BEGIN not in page or END not in page:
        raise SystemExit(f"{path} has no place for the measured section; it needs the lines\n{BEGIN}\n{END}")
    before, rest = page.split(BEGIN, 1)
    path.write_text(before + text + rest.split(END, 1)[1])
