"""The plot: CPU, memory and start time of each server, one row for each size.

A program of its own, because Debian's matplotlib belongs to Debian's Python, which need not be the first in PATH:
    /usr/bin/python3 plot.py RESULTS.json STEM"""
import json
import pathlib
import sys

sys.dont_write_bytecode = True


def draw(results, stem):
    """Writes stem.png and stem.svg."""
    import matplotlib
    matplotlib.use("Agg")
    matplotlib.rcParams["svg.hashsalt"] = "provenbl"  # the same picture is the same file
    from matplotlib import pyplot
    import report

    figure, grid = pyplot.subplots(len(results), 3, figsize=(12, 0.9 + 2.9 * len(results)), squeeze=False)
    for row, result in zip(grid, results):
        names = list(result["servers"])
        echo = result["servers"]["echo"]["cpu"]
        # The ratio to the echo beside is what can be trusted; microseconds are those of the run's median echo.
        total = [result["servers"][name].get("ratio", 1.0) * echo for name in names]
        user = [all_of_it * result["servers"][name]["user_share"] for name, all_of_it in zip(names, total)]
        system = [all_of_it - part for all_of_it, part in zip(total, user)]
        colors = ["#c0392b" if name == "provenbl" else "#7f8c8d" for name in names]
        cpu, memory, start = row
        cpu.barh(names, system, color=colors, label="system")
        cpu.barh(names, user, left=system, color=colors, alpha=0.5, label="user")
        cpu.axvline(echo, color="black", linewidth=0.8, linestyle=":")
        for place, (value, name) in enumerate(zip(total, names)):
            cpu.text(value, place, f" {result['servers'][name].get('ratio', 1.0):.2f}", va="center", fontsize=8)
        cpu.set_title(f"CPU µs a query, {report.short(result['size'])} entries", fontsize=10)
        cpu.set_xlim(0, max(total) * 1.15)
        cpu.set_xlabel("pale: in user mode; numbers: times the echo", fontsize=8)
        others = [name for name in names if name != "echo"]
        shades = [color for name, color in zip(names, colors) if name != "echo"]
        for axes, title, values, form in (
                (memory, "anonymous memory, MiB",
                 [result["servers"][n]["memory"]["anonymous"] for n in others], " {:.0f}"),
                (start, "start to first answer, s", [result["servers"][n]["start"] for n in others], " {:.2f}")):
            axes.barh(others, values, color=shades)
            axes.set_xscale("log")
            axes.set_xlim(min(values) / 2, max(values) * 4)
            axes.set_title(title, fontsize=10)
            for place, value in enumerate(values):
                axes.text(value, place, form.format(value), va="center", fontsize=8)
        for axes in row:
            axes.invert_yaxis()
            axes.tick_params(labelsize=8)
            for side in ("top", "right"):
                axes.spines[side].set_visible(False)
    figure.tight_layout()
    figure.savefig(f"{stem}.png", dpi=110, metadata={"Software": None})
    figure.savefig(f"{stem}.svg", metadata={"Date": None})


if __name__ == "__main__":
    draw(json.loads(pathlib.Path(sys.argv[1]).read_text()), sys.argv[2])
