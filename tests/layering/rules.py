"""The dependency rule between folders, as a function from a source tree to what breaks it.

Arrows run one way: tools -> dnsbl, verifier, zones -> store; dnsbl -> zones; dnsbl and verifier never meet.
Libraries have rooms: LMDB in store/, yaml-cpp in tools/config/, ldns behind dnsbl/wire and zones. Codecs
(wire/), the listing policy and the responder are pure: neither Asio nor LMDB, also not through a header of ours.
Techniques have no sockets, and nothing that would let them around the gate.
"""

import re
from pathlib import Path

MAY_INCLUDE = {
    "store": {"store"},
    "zones": {"zones", "store"},
    "verifier": {"verifier", "store"},
    "dnsbl": {"dnsbl", "zones", "store"},
    "tools": {"tools", "dnsbl", "verifier", "zones", "store"},
}

# Library -> the folders that may include it. Tests may include anything.
ROOMS = {
    "LMDB": (re.compile(r"lmdb\.h$"), ("store/",)),
    "yaml-cpp": (re.compile(r"yaml-cpp/"), ("tools/config/",)),
    "fstrm": (re.compile(r"fstrm"), ("dnsbl/watch/",)),
    "ldns": (re.compile(r"ldns/"), ("dnsbl/wire/", "zones/")),
    "CLI11": (re.compile(r"CLI/|CLI11"), ("tools/cli/",)),
    "Beast": (re.compile(r"boost/beast"), ("tools/api/", "tools/cli/", "tools/letters/rdap_client.cpp")),
    "prometheus-cpp": (re.compile(r"^prometheus/"), ("tools/metrics/",)),
    "cnats": (re.compile(r"^(nats\.h|nats/.+)$"), ("tools/workers/nats/",)),
    "nghttp2": (re.compile(r"nghttp2/"), ("verifier/wire/",)),
    "Asio": (re.compile(r"boost/asio"), ("verifier/", "dnsbl/", "tools/")),
}

PURE = re.compile(r"^(.+/wire/.+|verifier/policy\.[ch]pp|dnsbl/responder\.[ch]pp|zones/.+|store/.+)$")
IMPURE = {"Asio": re.compile(r"boost/(asio|beast)"), "LMDB": re.compile(r"lmdb\.h$")}
# The store is made of LMDB; it must only be free of Asio. Zones read the store through its headers.
KEEPS_LMDB = re.compile(r"^store/")

# Techniques reach a host through their context alone, which the gate stands behind: no socket, no network of their own.
WITHOUT_SOCKETS = re.compile(r"^verifier/(techniques|wire|fingerprint)/.+")
SOCKETS = re.compile(r"^(sys/socket\.h|sys/un\.h|netdb\.h|netinet/.+|arpa/.+|poll\.h|sys/epoll\.h|"
                     r"boost/asio/(ip/.+|ssl.*|local/.+|connect\.hpp|basic_.*socket.*|steady_timer\.hpp)|boost/asio\.hpp|"
                     r"verifier/(asio_\w+|endpoints|visit_context|scanner|scheduler|verifier|receiver|gate|commit|sinks/.+)\.hpp)$")

# The network that asks nobody: only what puts the gate in front of it knows it.
UNGATED = re.compile(r"^verifier/asio_\w+\.hpp$")
KNOWS_UNGATED = re.compile(r"^verifier/(asio_\w+\.[ch]pp|(verifier|visitor)\.cpp)$")

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def includes(path):
    """(kind, name) of every #include line; kind is '<' or '"'. Comments don't hide one: they rarely mean well."""
    return INCLUDE.findall(path.read_text(encoding="utf-8", errors="replace"))


def sources(root):
    for folder in MAY_INCLUDE:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".cpp", ".hpp", ".h", ".cc", ".ipp"):
                yield path


def violations(root):
    """One line for each breach: file, include, rule."""
    root = Path(root)
    found = []
    ours = {}  # file -> project headers that it includes
    foreign = {}  # file -> everything else
    for path in sources(root):
        name = path.relative_to(root).as_posix()
        folder = name.split("/")[0]
        ours[name], foreign[name] = [], []
        for kind, target in includes(path):
            if ".." in target.split("/"):
                found.append(f"{name}: '{target}' climbs; includes start at the project's root")
            elif target.split("/")[0] in MAY_INCLUDE and (root / target).is_file():
                ours[name].append(target)
                if target.split("/")[0] not in MAY_INCLUDE[folder]:
                    found.append(f"{name}: includes {target}; {folder}/ may include only "
                                 f"{', '.join(sorted(MAY_INCLUDE[folder]))}")
            elif target.split("/")[0] in ("tests",):
                found.append(f"{name}: includes {target}; the program knows nothing of its tests")
            elif kind == '"' and (path.parent / target).is_file():
                found.append(f"{name}: '{target}' is relative; includes start at the project's root")
            else:
                foreign[name].append(target)
                for library, (pattern, rooms) in ROOMS.items():
                    if pattern.search(target) and not name.startswith(rooms):
                        found.append(f"{name}: includes <{target}>; {library} belongs to {' and '.join(rooms)} only")
    for name in ours:
        if WITHOUT_SOCKETS.match(name):
            found += [f"{name}: includes {target}; a technique reaches a host through its ProbeContext alone"
                      for target in ours[name] + foreign[name] if SOCKETS.match(target)]
        if not KNOWS_UNGATED.match(name):
            found += [f"{name}: includes {target}, which asks no gate; take a Network" for target in ours[name]
                      if UNGATED.match(target)]
        if PURE.match(name):
            found += impurities(name, ours, foreign)
    return found


def impurities(name, ours, foreign):
    """Asio or LMDB in a pure file, directly or through headers of ours; says by which way."""
    found = []
    way = {name: None}
    queue = [name]
    while queue:
        at = queue.pop(0)
        for library, pattern in IMPURE.items():
            if library == "LMDB" and KEEPS_LMDB.match(name):
                continue
            for target in foreign.get(at, ()):
                if pattern.search(target):
                    steps, step = [], at
                    while step is not None:
                        steps.insert(0, step)
                        step = way[step]
                    found.append(f"{name}: is pure, but reaches {library}: {' -> '.join([*steps, target])}")
        for target in ours.get(at, ()):
            if target not in way:
                way[target] = at
                queue.append(target)
    return found
