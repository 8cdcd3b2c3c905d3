"""The accuracy matrix as text: for a terminal, and for docs/accuracy.md between its two marks."""

BEGIN, END = "<!-- matrix: begin -->", "<!-- matrix: end -->"


def verdict(classes):
    return ", ".join(classes) if classes else "-"


def nmap_word(row):
    return "" if row.nmap is None else "open" if row.nmap.open else "-"


def summary(result):
    """Sentences with every number that was measured."""
    rows = result.rows
    wrong = [row for row in rows if row.wrong]
    lines = [f"provenbl: {len(wrong)} of {len(rows)} wrong; {cost(result.ours)}"]
    lines += [f"   {row.specimen.name}: expected {verdict(row.expected)}, found {verdict(row.found)} {row.trouble}".rstrip()
              for row in wrong]
    if result.nmap:
        false_alarm = [row for row in rows if row.nmap_wrong and row.nmap.open]
        missed = [row for row in rows if row.nmap_wrong and not row.nmap.open]
        lines.append(f"nmap: {len(false_alarm) + len(missed)} of {len(rows)} wrong ({len(false_alarm)} closed ones called "
                     f"open, {len(missed)} open ones not seen); {cost(result.nmap)}")
        lines.append(f"provenbl beside nmap, a host: {result.ours.wall / result.nmap.wall:.2f} times the time, "
                     f"{result.ours.cpu / result.nmap.cpu:.2f} times the CPU")
    return lines


def cost(of):
    start = f" ({1000 * (of.cpu + of.start) / of.hosts:.1f} with the program's start)" if of.start else ""
    return (f"{of.wall:.0f} s for {of.hosts} hosts, {of.wall / of.hosts:.2f} s a host; CPU {of.cpu:.1f} s, "
            f"{1000 * of.cpu / of.hosts:.1f} ms a host{start}")


def for_terminal(result):
    lines = [f"{'specimen':32}{'truth':9}{'provenbl':10}{'s':>5}  {'nmap':6}nmap's words"]
    for row in result.rows:
        mark = "  <- WRONG" if row.wrong else ""
        words = "" if row.nmap is None else row.nmap.in_short()[:90]
        flag = "*" if row.nmap_wrong else " "
        lines.append(f"{row.specimen.name:32}{row.specimen.truth or '-':9}{verdict(row.found):10}{row.wall:5.0f}  "
                     f"{nmap_word(row):5}{flag}{words}{mark}")
    return "\n".join([*lines, "", *summary(result)])


def of_rounds(results):
    """A sentence for each round, where there was more than one."""
    if len(results) == 1:
        return []
    return [f"round {number} of {len(results)}: {sum(row.wrong for row in result.rows)} of {len(result.rows)} wrong; "
            f"{cost(result.ours)}" for number, result in enumerate(results, 1)]


def for_markdown(results):
    """The table of the last round, and what the others had to say."""
    result = results[-1]
    lines = ["| specimen | what it is | truth | provenbl | proven by | nmap |", "|---|---|---|---|---|---|"]
    for row in result.rows:
        said = nmap_word(row)
        if row.nmap_wrong:
            said = f"**{'open' if row.nmap.open else 'not open'}**: {row.nmap.in_short()[:80]}".replace("|", "/")
        found = f"**{verdict(row.found)}**" if row.wrong else verdict(row.found)
        ways = ", ".join(row.ways[:2]) + (f" and {len(row.ways) - 2} more" if len(row.ways) > 2 else "")
        lines.append(f"| {row.specimen.name} | {row.specimen.shape} | {row.specimen.truth or '-'} | {found} | {ways} | "
                     f"{said} |")
    return "\n".join([*lines, "", *(f"- {line}" for line in [*summary(result), *of_rounds(results)])])


def write_into(path, results):
    text = path.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN, 1)
    path.write_text(f"{head}{BEGIN}\n\n{for_markdown(results)}\n\n{END}{rest.split(END, 1)[1]}", encoding="utf-8")
