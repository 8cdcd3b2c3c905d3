#!/usr/bin/env python3
"""Static zones beside Debian's rbldnsd: the same files, the same questions, the same answers, but where rbldnsd is wrong.

Random data sets of every type are served by both, and more than 100,000 questions are put to both over UDP. Each answer
that differs must have one of the reasons that are named in DIFFERENCES; they are counted and printed. The seed is
printed; PROVENBL_SEED makes the same world again.
"""

import collections
import ipaddress
import os
import random
import select
import socket
import subprocess
import time

from lab_case import PATIENCE, LabCase, main, room, wait_until
from lab.process import Server, find_program
from lab.program import RESPONDER

RBLDNSD = "127.0.98.53"
QUESTIONS = 15_000  # of each zone
IN_FLIGHT = 100
SECONDS_WITHOUT_ANSWER = 20

TYPES = {"A": 1, "NS": 2, "SOA": 6, "MX": 15, "TXT": 16, "AAAA": 28, "ANY": 255}
NAMES = {number: name for name, number in TYPES.items()}
NOERROR, NXDOMAIN = 0, 3

# Why an answer may differ from rbldnsd's. Whatever differs without one of these reasons is a failure.
ENT = "empty non-terminal: something is listed below the name, so it exists (RFC 8020); rbldnsd says NXDOMAIN"
ZERO = "leading zero: 02.0.0.10 is no second name of 2.0.0.10; rbldnsd lists it"
MAPPED = "mapped: ::ffff:0:0/96 of an IPv6 set can be asked for beside an IPv4 set; rbldnsd looks into the latter alone"
LONG = "long text: a TXT has 255 octets where rbldnsd cuts at 254"
TRUNCATED = "truncated: what does not fit comes over TCP, with TC before; rbldnsd leaves it out and says nothing"
AUTHORITY = "authority: every zone has SOA and NS; rbldnsd refuses to say them where its files have none"


# Zones with an IPv4 and an IPv6 set, and those with the latter alone.
MAPPED_ALONE = {"tries.test": "six.test", "joined.test": "six2.test"}


# ---- questions over UDP


def wire(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def question(number, name, kind):
    return number.to_bytes(2, "big") + b"\0\0\0\1\0\0\0\0\0\0" + wire(name) + kind.to_bytes(2, "big") + b"\0\1"


def skip_name(message, at):
    while message[at]:
        if message[at] >= 192:
            return at + 2
        at += 1 + message[at]
    return at + 1


def read_name(message, at):
    labels = []
    while message[at]:
        if message[at] >= 192:
            at = (message[at] & 63) << 8 | message[at + 1]
            continue
        labels.append(message[at + 1:at + 1 + message[at]].lower())
        at += 1 + message[at]
    return b".".join(labels)


def read(message):
    """(rcode, TC, the answer's records): TTLs count, order does not."""
    at = skip_name(message, 12) + 4
    records = set()
    for _ in range(int.from_bytes(message[6:8], "big")):
        at = skip_name(message, at)
        kind = int.from_bytes(message[at:at + 2], "big")
        ttl = int.from_bytes(message[at + 4:at + 8], "big")
        size = int.from_bytes(message[at + 8:at + 10], "big")
        data = message[at + 10:at + 10 + size]
        if kind == TYPES["MX"]:
            data = data[:2] + read_name(message, at + 12)
        if kind == TYPES["NS"]:
            data = read_name(message, at + 10)
        if kind == TYPES["SOA"]:
            # The numbers behind the two names.
            data = read_name(message, at + 10) + message[at + 10 + size - 20:at + 10 + size]
        records.add((kind, ttl, bytes(data)))
        at += 10 + size
    return message[3] & 15, bool(message[2] & 2), frozenset(records)


def ask_over_tcp(server, name, kind):
    with socket.create_connection((server, 53), timeout=PATIENCE) as talk:
        message = question(1, name, kind)
        talk.sendall(len(message).to_bytes(2, "big") + message)
        stream = talk.makefile("rb")
        return read(stream.read(int.from_bytes(stream.read(2), "big")))


def ask_all(server, questions):
    """The answer to each of (name, type), in order, as it came."""
    answers = [None] * len(questions)
    waiting = {}
    sent = 0
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talk:
        talk.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 21)
        talk.connect((server, 53))
        heard = time.monotonic()
        while sent < len(questions) or waiting:
            while sent < len(questions) and len(waiting) < IN_FLIGHT:
                number = sent & 0xffff
                waiting[number] = sent
                talk.send(question(number, *questions[sent]))
                sent += 1
            if not select.select([talk], [], [], 2)[0]:
                # Lost on the way: asked again.
                if time.monotonic() - heard > SECONDS_WITHOUT_ANSWER:
                    raise AssertionError(f"{server} does not answer {[questions[at] for at in waiting.values()][:3]}")
                for number, at in waiting.items():
                    talk.send(question(number, *questions[at]))
                continue
            while True:
                message = talk.recv(4096)
                heard = time.monotonic()
                at = waiting.pop(int.from_bytes(message[:2], "big"), None)
                if at is not None:
                    answers[at] = message
                if not waiting or not select.select([talk], [], [], 0)[0]:
                    break
    return answers


def same(mine, other):
    """Without taking them apart, where they are the same octets."""
    if mine[3] & 15 != other[3] & 15:
        return False
    if mine[6:8] == other[6:8] == b"\0\0":
        return not mine[2] & 2
    if mine[12:] == other[12:]:
        return True
    mine, other = read(mine), read(other)
    return (mine[0], mine[2]) == (other[0], other[2])


# ---- random worlds


class World:
    """Data sets in which much overlaps, and questions that hit them, their ancestors and what is beside them."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.zones = {}  # name -> [(type, [file text, ...]), ...]
        self.certain = {}  # name -> [relative name, ...] that are asked in any case

    def chance(self, of):
        return self.random.random() < of

    def text(self):
        return self.random.choice([
            "listed $", "see http://bl.example/?$ now", "$1 and $2", "costs $$5", "=plain $", "r123", "", "x" * 230 + "$",
            "two # words ; here", "$ $ $", "tail $"])

    def value(self):
        code = self.random.choice(["2", "3", "127.0.0.4", "127.0.1.5", "127.6", "127.0.7"])
        return self.random.choice(["", "", "", f" :{code}", f" :{code}:", f" :{code}:{self.text()}", f" {self.text()}",
                                   " # a comment", " ; another"])

    def head(self):
        lines = [f"$TTL {self.random.choice(['60', '5m', '1h'])}"]
        if self.chance(0.7):
            lines.append("$1 variable one")
        if self.chance(0.3):
            lines.append("$= base ($=) of $")
        if self.chance(0.7):
            lines.append(f":{self.random.randint(2, 9)}:{self.text()}")
        return lines

    def file(self, line, count, excludes=True):
        lines = self.head()
        for _ in range(count):
            if self.chance(0.05):
                lines.append(self.random.choice(["", "# comment", "; comment", f":{self.random.randint(2, 9)}:again $",
                                                 "   ", "rubbish here ("]))
            no = "!" if excludes and self.chance(0.15) else ""
            lines.append(f"{self.random.choice(['', '', ' '])}{no}{line()}{'' if no else self.value()}")
        return "\n".join(lines) + "\n"

    # 10.0.0.0/14 and some borders of the whole space.
    def address(self):
        if self.chance(0.03):
            return self.random.choice([0, 0xffffffff, 0x7f000001, 0x7f000002, 0xff000000])
        return 0x0a000000 | self.random.choice([self.random.randrange(1 << 18), self.random.randrange(1 << 10)])

    def range4(self):
        kind = self.random.randrange(8)
        first = self.address()
        if kind < 3:
            return dotted(first)
        if kind == 3:
            octets = dotted(first).split(".")
            return ".".join(octets[:self.random.randint(2, 3)])
        if kind == 4:
            bits = self.random.randint(12, 32)
            return f"{dotted(first & mask(bits))}/{bits}"
        if kind == 5:
            first, last = sorted([first, self.address()])
            return f"{dotted(first)}-{dotted(last)}"
        if kind == 6:
            octets = dotted(first).split(".")
            low, high = sorted(self.random.sample(range(256), 2))
            return ".".join([*octets[:3], f"{low}-{high}"])
        octets = dotted(first).split(".")
        low, high = sorted(self.random.sample(range(256), 2))
        return f"{octets[0]}.{octets[1]}.{low}-{high}"

    def prefix4(self):
        bits = self.random.choice([self.random.randint(8, 32), 32])
        return f"{dotted(self.address() & mask(bits))}/{bits}"

    def address6(self):
        top = self.random.choice([0x20010db8 << 96, 0x20010db8 << 96, 0x2002 << 112, 0xffff << 32, 0xfd << 120])
        return top | self.random.randrange(4) << 64 | self.random.randrange(3) << 48 | \
            self.random.choice([0, self.random.randrange(1 << 12), self.address()])

    def prefix6(self):
        bits = self.random.choice([128, 128, 64, self.random.randint(20, 128)])
        address = self.address6() & mask(bits, 128)
        text = str(ipaddress.IPv6Address(address)) if self.chance(0.5) else full(address)
        return f"{full(address) if '.' in text else text}/{bits}"

    def half6(self):
        address = self.address6()
        return ":".join(f"{address >> shift & 0xffff:x}" for shift in (112, 96, 80, 64))

    def domain(self):
        labels = [self.random.choice(["a", "b", "www", "example", "mail"]) for _ in range(self.random.randint(1, 4))]
        return ".".join([*labels, self.random.choice(["com", "org", "COM", "net."])])

    def wild(self):
        return self.random.choice(["", "", "*.", "."]) + self.domain()

    def record(self):
        name = self.random.choice(["@", "www", "a.b", "about", "c.a.b", self.domain()])
        ttl = self.random.choice(["", "", "3000 ", "1h "])
        return self.random.choice([
            f"{name} {ttl}A 127.0.0.{self.random.randint(1, 9)}", f"{name} {ttl}IN A 192.0.2.1",
            f'{name} {ttl}TXT "text {self.random.randint(1, 3)}"', f"{name} {ttl}txt unquoted {name}",
            f"{name} {ttl}MX {self.random.randint(0, 20)} mx.example.com."])

    def build(self):
        soa = "$SOA 1h ns.example hostmaster.example 77 2h 30m 1w 5m\n$NS 1h ns1.example. ns2.example -ns3.example\n"
        set4 = [self.file(self.range4, 300) for _ in range(2)]
        trie4 = self.file(self.prefix4, 300)
        # Where nothing else is: too much for one message, and a text as long as texts get.
        set4[0] += "".join(f"11.1.2.9 :2:{number}{'a' * 240}\n" for number in range(4))
        trie6 = self.file(self.prefix6, 300) + \
            f"2001:db8:ffff::1 :2:{'y' * 254}z\n::ffff:b01:209 :2:=mapped\n"
        set6 = self.file(lambda: self.half6(), 60, excludes=False) + \
            "".join(f"!{full(self.address6())}\n" for _ in range(30))
        tset4 = self.file(lambda: dotted(self.address()), 300, excludes=False)
        names = self.file(self.wild, 200)
        records = "$TTL 10m\n" + "".join(self.record() + "\n" for _ in range(60))
        joined6 = self.file(self.prefix6, 60)
        joined = (soa + "$TTL 2m\n$1 common\n"
                  "$DATASET ip4set:one sub @\n" + self.file(self.range4, 100) +
                  "$DATASET dnset names.deep sub\n" + self.file(self.wild, 60) +
                  "$DATASET ip6trie:six @\n" + joined6 +
                  "$DATASET generic:own @ sub\n@ A 127.0.0.8\nwww 60 A 127.0.0.8\n@ MX 5 mx.example\n")
        self.certain = {"set4.test": ["9.2.1.11"],
                        "tries.test": [".".join(reversed("0" * 20 + "ffff" + "0b010209"))],
                        "six.test": [".".join(reversed("20010db8ffff" + "0" * 19 + "1"))]}
        self.zones = {
            "set4.test": [("ip4set", [soa + set4[0], set4[1]])],
            "tries.test": [("ip4trie", [soa + trie4]), ("ip6trie", [trie6]), ("ip4tset", [tset4])],
            "set6.test": [("ip6tset", [set6])],
            "names.test": [("dnset", [soa + names]), ("generic", [records])],
            "mixed.test": [("ip4set", [set4[1]]), ("ip4trie", [trie4]), ("generic", [soa + records])],
            "joined.test": [("combined", [joined])],
            "six.test": [("ip6trie", [soa + trie6])],
            "six2.test": [("ip6trie", [soa + "$1 common\n" + joined6])],
        }

    def name(self, zone):
        """A question's name, relative to the zone."""
        prefix = ""
        if zone == "joined.test" and self.chance(0.6):
            prefix = self.random.choice([".sub", ".names.deep", ".deep", ".other"])
        kinds = {"set4.test": "4446d", "tries.test": "44666d", "set6.test": "666d", "names.test": "dddd4",
                 "mixed.test": "444d6", "joined.test": "4466dd"}.get(zone, "6")
        kind = self.random.choice(kinds)
        if kind == "4":
            labels = list(reversed(dotted(self.address()).split(".")))
            if self.chance(0.03):
                labels[self.random.randrange(4)] = self.random.choice(["02", "010", "256", "x", "1e"])
        elif kind == "6":
            address = self.address6()
            if self.chance(0.3):  # an IPv4 host's second names
                address = self.random.choice([0xffff << 32 | self.address(),
                                              0x2002 << 112 | self.address() << 80 | self.random.randrange(9)])
            labels = [f"{address >> shift & 15:x}" for shift in range(0, 128, 4)]
        else:
            labels = self.random.choice([self.domain(), "www", "a.b", "about", "c.a.b", ""]).rstrip(".").lower().split(".")
            if self.chance(0.2):
                labels.insert(0, self.random.choice(["x", "y"]))
        if self.chance(0.15):
            labels = labels[self.random.randrange(len(labels)):]
        if self.chance(0.02):
            labels = ["zz", *labels]
        name = ".".join(label for label in labels if label)
        return f"{name}{prefix}".strip(".")

    def ask(self, zone):
        kind = self.random.choice(["A"] * 5 + ["TXT"] * 5 + ["ANY", "ANY", "MX", "AAAA", "NS", "SOA"])
        name = self.name(zone)
        return (f"{name}.{zone}" if name else zone), TYPES[kind]


def dotted(address):
    return ".".join(str(address >> shift & 255) for shift in (24, 16, 8, 0))


def full(address):
    return ":".join(f"{address >> shift & 0xffff:x}" for shift in range(112, -1, -16))


def mask(bits, width=32):
    return (1 << width) - (1 << (width - bits))


class Rbldnsd(Server):
    name = "rbldnsd"

    def __init__(self, zones):
        super().__init__(RBLDNSD)
        self.zones = zones

    def command(self):
        # -a: no authority section; -c 0: no reload. It gives up root by itself.
        return [find_program("rbldnsd", "rbldnsd"), "-n", "-u", "nobody:nogroup", "-b", f"{RBLDNSD}/53", "-a", "-c",
                "0", "-t", "120", *[f"{zone}:{kind}:{','.join(map(str, files))}"
                                    for zone, sets in self.zones.items() for kind, files in sets]]

    def await_ready(self):
        """It speaks no TCP: an answer to a question is the sign."""
        def answers():
            if self.ended():
                self.fail(f"ended with code {self.process.returncode}")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as talk:
                talk.settimeout(1)
                talk.connect((RBLDNSD, 53))
                try:
                    talk.send(question(1, next(iter(self.zones)), TYPES["A"]))
                    return bool(talk.recv(4096))
                except OSError:
                    return False
        wait_until(answers, PATIENCE, "rbldnsd answers")


class Beside(LabCase):
    @classmethod
    def before_start(cls):
        cls.seed = int(os.environ.get("PROVENBL_SEED", time.time_ns() % 1_000_000_007))
        print(f"seed {cls.seed} (PROVENBL_SEED={cls.seed} asks the same again)", flush=True)
        cls.world = World(cls.seed)
        cls.world.build()
        directory = room.directory() / "lists"
        directory.mkdir()
        directory.chmod(0o755)
        files, static = {}, []
        for zone, sets in cls.world.zones.items():
            files[zone], ours = [], []
            for at, (kind, texts) in enumerate(sets):
                paths = [directory / f"{zone}-{at}-{part}" for part in range(len(texts))]
                for path, text in zip(paths, texts):
                    path.write_text(text)
                files[zone].append((kind, paths))
                ours.append({"type": kind, "path": [str(path) for path in paths], "bad_lines": "skip"})
            static.append({"apex": zone, "files": ours})
        # Of provenbl alone: here a bad line is not left out.
        cls.strict = directory / "strict"
        cls.strict.write_text("10.2.2.2\n")
        static.append({"apex": "strict.test", "files": [{"type": "ip4set", "path": str(cls.strict)}]})
        cls.files = files
        cls.confirmed = set()
        cls.subzones = {"sub.joined.test", "names.deep.joined.test"}
        cls.provenbl.changes = {"static_zones": static,
                                "zone_defaults": {"ttl": 120}}
        cls.other = cls.lab.add("rbldnsd", Rbldnsd(files))
        cls.other.start(room.directory() / "rbldnsd")

    def test_answers_are_those_of_rbldnsd(self):
        counts = collections.Counter()
        for zone in self.files:
            questions = [self.world.ask(zone) for _ in range(QUESTIONS)]
            questions += [(f"{name}.{zone}", TYPES["TXT"]) for name in self.world.certain.get(zone, [])]
            ours = ask_all(RESPONDER, questions)
            theirs = ask_all(RBLDNSD, questions)
            for (name, _), answer in zip(questions, theirs):
                if answer[3] & 15 == NOERROR and name != zone:
                    self.confirm(zone, name)
            for (name, kind), mine, other in zip(questions, ours, theirs):
                counts["questions"] += 1
                counts["answers with records"] += mine[6:8] != b"\0\0"
                if same(mine, other):
                    continue
                mine, other = read(mine), read(other)
                reason = self.reason(zone, name, kind, mine, other)
                if reason is None:
                    self.fail(f"seed {self.seed}: {name} {NAMES[kind]}: provenbl says {mine}, rbldnsd {other}")
                counts[reason] += 1
        print("\n".join(f"  {count:8} {what}" for what, count in counts.most_common()), flush=True)
        self.assertGreaterEqual(counts["questions"], 100_000)
        self.assertGreater(counts["answers with records"], counts["questions"] // 10, "too few questions hit anything")
        for reason in (ENT, ZERO, MAPPED, LONG, TRUNCATED, AUTHORITY):
            self.assertGreater(counts[reason], 0, f"no question shows this any more: {reason}")

    def reason(self, zone, name, kind, mine, other):
        """Why the two may differ, proven; None when they may not."""
        relative = name[:-len(zone)].strip(".")
        labels = relative.split(".")
        if mine[1]:
            whole = ask_over_tcp(RESPONDER, name, kind)
            return TRUNCATED if not whole[1] and cut(other) < cut(whole) else None
        if not relative and other[0] == 5 and kind in (TYPES["NS"], TYPES["SOA"], TYPES["ANY"]):
            return AUTHORITY if mine[0] == NOERROR else None
        alone = MAPPED_ALONE.get(zone)
        if alone and mine[0] == NOERROR and len(labels) == 32 and \
                "".join(reversed(labels)).startswith("0" * 20 + "ffff"):
            # The IPv6 set in a zone of its own says the rest.
            rest = read(ask_all(RBLDNSD, [(f"{relative}.{alone}", kind)])[0])
            return MAPPED if rest[0] == NOERROR and cut(mine) == cut(other) | cut(rest) else None
        if mine[0] == NOERROR and not mine[2] and other[0] == NXDOMAIN:
            return ENT if self.something_below(zone, name) else None
        if mine[0] == NXDOMAIN and other[0] == NOERROR:
            octets = [label for label in labels[:4] if label.isdigit()]
            return ZERO if len(octets) == 4 and any(octet != str(int(octet)) for octet in octets) else None
        if mine[0] == other[0] == NOERROR and cut(mine) == cut(other):
            return LONG
        return None

    def something_below(self, zone, name):
        """A name below this one that rbldnsd knows."""
        if name in self.confirmed:
            return True
        found = self.descend(name)
        if found is None:
            return False
        witnesses = [found]
        if zone in MAPPED_ALONE:  # what rbldnsd can't find beside an IPv4 set
            witnesses.append(f"{found[:-len(zone) - 1]}.{MAPPED_ALONE[zone]}")
        if all(answer[3] & 15 != NOERROR for answer in ask_all(RBLDNSD, [(one, TYPES["A"]) for one in witnesses])):
            return False
        self.confirm(zone, found)
        return True

    def descend(self, name):
        """The way down by what provenbl says, to the first name that has records or was asked for."""
        while True:
            below = [(f"{child}.{name}", TYPES["ANY"]) for child in self.children(name)]
            answers = [read(answer) for answer in ask_all(RESPONDER, below)]
            for (child, _), (_, truncated, records) in zip(below, answers):
                if records or truncated or child in self.subzones:
                    return child
            exist = [child for (child, _), (rcode, _, _) in zip(below, answers) if rcode == NOERROR]
            if not exist:
                return None
            name = exist[0]

    @staticmethod
    def children(name):
        """Labels that may stand below a name, where that can be seen at it."""
        labels = name.split(".")[:-2]  # without the zone's
        if labels and all(len(label) == 1 and label in "0123456789abcdef" for label in labels):
            return [*(map(str, range(256)) if len(labels) < 4 else "0123456789"), *"abcdef"]
        if labels and all(label.isdigit() for label in labels):
            return map(str, range(256))
        words = ["a", "b", "c", "www", "mail", "example", "com", "org", "net", "x", "about", "sub", "names", "deep"]
        if not labels or labels[-1] in ("sub", "deep"):
            return [*words, *map(str, range(256)), *"def"]
        return words

    def confirm(self, zone, name):
        """rbldnsd knows the name: its ancestors exist."""
        while name != zone:
            name = name.split(".", 1)[1]
            self.confirmed.add(name)

    # ---- changes

    def test_a_changed_file_is_served_and_a_bad_one_is_not(self):
        self.replace(self.strict, "10.2.2.2\n10.9.9.9 :7:fresh\n")
        wait_until(lambda: self.listed("9.9.9.10.strict.test"), PATIENCE, "the changed file is served")

        self.replace(self.strict, "10.1.1.1\n10.1.1.300\n")
        wait_until(lambda: self.state("strict.test")["trouble"], PATIENCE, "the bad file is told")
        where = f"{self.strict}:2: '10.1.1.300' is no IPv4 address"
        self.assertIn(where, self.state("strict.test")["trouble"])
        self.assertTrue(self.listed("2.2.2.10.strict.test"), "the last good data stay")
        self.assertFalse(self.listed("1.1.1.10.strict.test"))
        self.assertIn(where, self.provenbl.plain("status").out)
        self.assertIn(where, self.provenbl.log())
        checked = self.provenbl.plain("check-config", "-c", self.provenbl.configuration)
        self.assertEqual(2, checked.code, checked)
        self.assertIn(f"static_zones[{len(self.files)}].files[0]: {where}", checked.err)

        self.replace(self.strict, "10.1.1.1\n")
        wait_until(lambda: self.listed("1.1.1.10.strict.test"), PATIENCE, "the repaired file is served")
        self.assertEqual("", self.state("strict.test")["trouble"])
        checked = self.provenbl.plain("check-config", "-c", self.provenbl.configuration)
        self.assertEqual(0, checked.code, checked)

    def test_import_tells_what_is_in_files_and_how_to_serve_them(self):
        good = room.directory() / "lists" / "good"
        good.write_text("10.1.1.1\n")
        told = self.provenbl.plain("import", "--format", "rbldnsd", "--type", "ip4set", good)
        self.assertEqual(0, told.code, told)
        self.assertIn("1 entries", told.out)
        self.assertIn(f'- {{type: ip4set, path: "{good}"}}', told.out)
        bad = room.directory() / "lists" / "bad"
        bad.write_text("10.1.1.1\nrubbish\n")
        told = self.provenbl.client("import", "--format", "rbldnsd", f"bl.test:ip4set:{good},{bad}")
        self.assertEqual(1, told.code, told)
        complaint = told.json["zones"][0]["sets"][0]["complaints"][0]
        self.assertEqual((str(bad), 2, True), (complaint["file"], complaint["line"], complaint["error"]))

    def replace(self, path, text):
        fresh = path.with_suffix(".fresh")
        fresh.write_text(text)
        fresh.rename(path)

    def listed(self, name):
        return bool(read(ask_all(RESPONDER, [(name, TYPES["A"])])[0])[2])

    def state(self, apex):
        zones = self.provenbl.client("status").json["dns"]["static_zones"]
        return next(zone for zone in zones if zone["apex"] == apex)


def cut(answer):
    """Without the 255th octet of a text."""
    return {(kind, data[1:255] if kind == TYPES["TXT"] else data) for kind, _, data in answer[2]}


if __name__ == "__main__":
    main()
