#!/usr/bin/env python3
"""What provenbl publishes as files, read by those whom it is meant for: rbldnsd, BIND, Postfix, nft, ipset, openssl; a
kill in the middle and a full disk, which leave the file that was there."""

import csv
import ipaddress
import json
import os
import random
import signal
import subprocess

from lab_case import FAILED, OK, PATIENCE, LabCase, dig, main, program, room, wait_until
from lab.process import find_program
from lab.program import RESPONDER, ZONE
from lab.published import Named, Rbldnsd

TECHNIQUES = {"relay": ("smtp-relay/plain", 25), "socks": ("socks5/connect", 1080), "http": ("http/connect", 3128)}
CODES = {"relay": "127.0.0.2", "socks": "127.0.0.8", "http": "127.0.0.9"}
RBLDNSD, NAMED = "127.0.99.54", "127.0.99.55"
TOO_OLD = 7
ENTRIES = 3000
LISTED_CLIENT = "5.6.200.200"  # an address that the test itself asks from


def entries_of(bits, seed=1):
    """address -> classes: scattered, in runs, IPv6; of IPv6 what the store keys by."""
    dice = random.Random(seed)
    found = {LISTED_CLIENT: ("relay",)}
    while len(found) < ENTRIES:
        classes = tuple(cls for cls in TECHNIQUES if dice.random() < 0.4) or ("socks",)
        if dice.random() < 0.2:
            network = 0x20010DB8 << 96 | dice.randrange(500) << 64
            address = ipaddress.IPv6Address(network if bits == 64 else network | dice.randrange(1, 300) ** 5)
        elif dice.random() < 0.5:
            address = ipaddress.IPv4Address("5.7.0.0") + dice.randrange(1500)
        else:
            address = ipaddress.IPv4Address("5.6.0.0") + dice.randrange(1 << 16)
        found.setdefault(str(address), classes)
    return found


def store_lines(entries, bits):
    """As `provenbl export` writes a store that lists them. Nobody is visited: the next visit is far away."""
    changes, evidence, hosts, sequence = [], [], [], 0
    at = "2026-01-01T00:00:00Z"
    for address, classes in entries.items():
        case, before = sequence + 1, []
        for ordinal, cls in enumerate(classes):
            sequence += 1
            changes.append({"type": "change", "sequence": sequence, "at": at, "address": address, "before": list(before),
                            "after": [*before, cls], "reason": "proven", "case": case, "actor": "verifier"})
            before.append(cls)
            technique, port = TECHNIQUES[cls]
            evidence.append({"type": "evidence", "host": address, "case": case, "ordinal": ordinal,
                             "technique": technique, "class": cls, "entry": {"address": address, "port": port}})
        hosts.append({"type": "host", "address": address, "case": case, "listed_since": at, "due_kind": "rescan",
                      "due": "2036-01-01T00:00:00Z", "next_ordinal": len(classes),
                      "holes": [{"technique": TECHNIQUES[cls][0], "entry": address, "port": TECHNIQUES[cls][1],
                                 "class": cls, "ordinal": ordinal} for ordinal, cls in enumerate(classes)]})
    records = changes + evidence + hosts
    header = {"type": "export", "format": 1, "serial": sequence, "ipv6_bits": bits, "made": at}
    return "".join(json.dumps(line) + "\n" for line in [header, *records, {"type": "end", "records": len(records)}])


def run(*arguments, code=OK, **options):
    done = subprocess.run([program(), *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE,
                          check=False, **options)
    if done.returncode != code:
        raise AssertionError(f"{arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done


def tool(name, package, *arguments, data=None):
    done = subprocess.run([find_program(name, package), *map(str, arguments)], input=data, capture_output=True,
                          text=True, timeout=PATIENCE, check=False)
    if done.returncode:
        raise AssertionError(f"{name} {arguments} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def name_of(address):
    pointer = ipaddress.ip_address(address).reverse_pointer
    return pointer.removesuffix(".in-addr.arpa").removesuffix(".ip6.arpa") + f".{ZONE}"


def ask(server, names, kind):
    """name -> what is answered, for all that have an answer."""
    file = room.directory() / "questions"
    file.write_text("".join(f"{name} {kind}\n" for name in names))
    found = {}
    for line in tool("dig", "bind9-dnsutils", f"@{server}", "+norecurse", "+noall", "+answer", "+time=10", "-f",
                     file).splitlines():
        name, _, _, of, data = line.split(None, 4)
        if of == kind:
            found.setdefault(name.rstrip("."), set()).add(data)
    return found


class Published(LabCase):
    bits = 128
    settings = {"zone_defaults": {"txt": 'Listed as "{classes}" \\ for $5, see {page}'}}

    @classmethod
    def before_start(cls):
        cls.provenbl.changes = dict(cls.provenbl.changes, policy={"ipv6_granularity": cls.bits})
        cls.out = room.directory() / f"published{cls.bits}"
        cls.out.mkdir()
        cls.entries = entries_of(cls.bits)
        lines = room.directory() / "lines"
        lines.write_text(store_lines(cls.entries, cls.bits))
        cls.provenbl.data = room.directory() / f"data{cls.bits}"
        run("import", lines, "--data", cls.provenbl.data)

    def publish(self, kind, *options, name=None, zone=ZONE, code=OK):
        file = self.out / (name or f"{zone}.{kind}")
        done = run("export", "-c", self.provenbl.configuration, "--zone", zone, "--format", kind, "--output", file,
                   *options, code=code)
        return file if code == OK else done

    def listed(self, address):
        """How a file names it."""
        return f"{address}/64" if self.bits == 64 and ":" in address else address

    def families(self):
        v4 = {address for address in self.entries if ":" not in address}
        return v4, {self.listed(address) for address in self.entries if ":" in address}

    def questions(self):
        """Names of all entries (of a /64 one address inside) and of as many neighbours."""
        names = []
        for address in self.entries:
            number = ipaddress.ip_address(address)
            inside = number + 0xABCDEF if self.bits == 64 and number.version == 6 else number
            names += [name_of(inside), name_of(number + (1 << 64 if number.version == 6 and self.bits == 64 else 1))]
        return [*dict.fromkeys(names), *(name_of(f"127.0.0.{i}") for i in range(1, 16)), name_of("::ffff:127.0.0.2")]

    def assert_answers_alike(self, server, kinds):
        names = self.questions()
        for kind in kinds:
            ours, theirs = ask(RESPONDER, names, kind), ask(server, names, kind)
            self.assertGreater(len(ours), len(self.entries))
            different = {name: (ours.get(name), theirs.get(name)) for name in names if ours.get(name) != theirs.get(name)}
            self.assertEqual({}, different)

    def test_rbldnsd(self):
        file = self.publish("rbldnsd")
        server = self.lab.add("rbldnsd", Rbldnsd(RBLDNSD, ZONE, file))
        server.start(room.directory() / f"rbldnsd{self.bits}")
        self.addCleanup(server.stop)
        self.assert_answers_alike(RBLDNSD, ("A", "TXT"))
        for kind in ("SOA", "NS"):
            self.assertEqual(ask(RESPONDER, [ZONE], kind), ask(RBLDNSD, [ZONE], kind))
        self.assertEqual(ask(RESPONDER, [f"ns.{ZONE}"], "A"), ask(RBLDNSD, [f"ns.{ZONE}"], "A"))
        self.assertNotIn("unrecognized", server.log(1000))
        self.assertNotIn("invalid", server.log(1000))

    def test_bind(self):
        zone = self.publish("bind")
        policy = self.publish("rpz", "--rpz-action", "nxdomain")
        self.assertIn("OK", tool("named-checkzone", "bind9-utils", "-i", "local", ZONE, zone))
        self.assertIn("OK", tool("named-checkzone", "bind9-utils", "-i", "local", "rpz.example", policy))
        server = self.lab.add("named", Named(NAMED, {ZONE: zone, "rpz.example": policy}, "rpz.example", "served.example"))
        server.start(room.directory() / f"named{self.bits}")
        self.addCleanup(server.stop)
        # A wildcard's TXT can't name the address that was asked for.
        self.assert_answers_alike(NAMED, ("A", "TXT") if self.bits == 128 else ("A",))
        for kind in ("SOA", "NS"):
            self.assertEqual(ask(RESPONDER, [ZONE], kind), ask(NAMED, [ZONE], kind))
        self.assertNotIn("invalid rpz", server.log(10_000))

        # The policy: a listed client gets nothing from a resolver that uses it.
        tool("ip", "iproute2", "address", "add", f"{LISTED_CLIENT}/32", "dev", "lo")
        self.addCleanup(tool, "ip", "iproute2", "address", "del", f"{LISTED_CLIENT}/32", "dev", "lo")
        question = ("www.served.example", "A", "+noall", "+comments", "+answer")
        others = tool("dig", "bind9-dnsutils", f"@{NAMED}", *question)
        self.assertIn("status: NOERROR", others)
        self.assertIn("192.0.2.80", others)
        self.assertIn("status: NXDOMAIN", tool("dig", "bind9-dnsutils", f"@{NAMED}", "-b", LISTED_CLIENT, *question))

    def test_postfix(self):
        file = self.publish("postfix")
        keys = list(self.entries)
        if self.bits == 64:
            keys = [str(ipaddress.ip_address(key) + 5) if ":" in key else key for key in keys]
        settings = room.directory() / "postfix"  # postmap wants a main.cf, whatever it says
        settings.mkdir(exist_ok=True)
        (settings / "main.cf").write_text("compatibility_level = 3.6\n")
        found = {}
        for line in tool("postmap", "postfix", "-c", settings, "-q", "-", f"cidr:{file}",
                         data="\n".join(keys) + "\n").splitlines():
            key, value = line.split("\t", 1)
            found[key] = value
        self.assertEqual(set(keys), set(found))
        self.assertEqual(f'REJECT Listed as "relay" \\ for $5, see https://bl.example/{LISTED_CLIENT}', found[LISTED_CLIENT])
        missing = subprocess.run([find_program("postmap", "postfix"), "-c", str(settings), "-q", "127.0.0.2",
                                  f"cidr:{file}"],
                                 capture_output=True, text=True, check=False, timeout=PATIENCE)
        self.assertEqual((1, ""), (missing.returncode, missing.stdout))

    def test_cidr(self):
        lines = [line for line in self.publish("cidr").read_text().splitlines() if not line.startswith("#")]
        v4, v6 = self.families()
        expected = [*ipaddress.collapse_addresses(map(ipaddress.ip_network, v4)),
                    *ipaddress.collapse_addresses(map(ipaddress.ip_network, v6))]
        self.assertEqual([str(prefix) for prefix in expected], lines)
        self.assertLess(len(lines), len(self.entries))

    def nft_sets(self):
        sets = {}
        for item in json.loads(tool("nft", "nftables", "-j", "list", "table", "inet", "provenbl"))["nftables"]:
            if "set" in item:
                sets[item["set"]["name"]] = {
                    one if isinstance(one, str) else f"{one['prefix']['addr']}/{one['prefix']['len']}"
                    for one in item["set"].get("elem", [])}
        return sets

    def test_nftables(self):
        tool("nft", "nftables", "flush", "ruleset")
        file = self.publish("nftables", "--set", "bad")
        tool("nft", "nftables", "-c", "-f", file)
        for _ in range(2):  # again, over what is there
            tool("nft", "nftables", "-f", file)
        v4, v6 = self.families()
        self.assertEqual({"bad_4": v4, "bad_6": v6}, self.nft_sets())
        relays = self.publish("nftables", "--set", "bad", zone=f"relay.{ZONE}")
        tool("nft", "nftables", "-f", relays)
        self.assertEqual({address for address in v4 if "relay" in self.entries[address]}, self.nft_sets()["bad_4"])

    def ipset_members(self, name):
        lines = tool("ipset", "ipset", "list", name, "-output", "save").splitlines()
        return {line.split()[2] for line in lines if line.startswith("add ")}

    def test_ipset(self):
        tool("ipset", "ipset", "destroy")
        file = self.publish("ipset", "--set", "bad")
        for _ in range(2):
            tool("ipset", "ipset", "restore", "-file", file)
        v4, v6 = self.families()
        self.assertEqual((v4, v6), (self.ipset_members("bad_4"), self.ipset_members("bad_6")))
        self.assertEqual(["bad_4", "bad_6"], sorted(tool("ipset", "ipset", "list", "-name").split()))

    def test_json_and_csv(self):
        header, *lines = map(json.loads, self.publish("json").read_text().splitlines())
        self.assertEqual(("zone", ZONE, False), (header["type"], header["zone"], header["shut_down"]))
        expected = {self.listed(address): [cls for cls in TECHNIQUES if cls in classes]
                    for address, classes in self.entries.items()}
        self.assertEqual(expected, {line["address"]: line["classes"] for line in lines})
        for line in lines:
            self.assertEqual(sorted(CODES[cls] for cls in line["classes"]), sorted(line["codes"]))
            self.assertTrue(line["text"].startswith('Listed as "' + ", ".join(line["classes"]) + '" \\ for $5, see '))
        with open(self.publish("csv"), newline="") as file:
            rows = list(csv.DictReader(file))
        self.assertEqual(expected, {row["address"]: row["classes"].split() for row in rows})
        self.assertEqual([line["text"] for line in lines], [row["text"] for row in rows])


class PublishedNetworks(Published):
    """The same where IPv6 is listed by /64."""

    bits = 64


class Files(LabCase):
    """Manifest, schedule, changes, and what may come between."""

    bits = 128
    entries = property(lambda self: entries_of(self.bits))

    @classmethod
    def before_start(cls):
        cls.out = room.directory() / "files"
        cls.out.mkdir()
        cls.scheduled = cls.out / "scheduled.json"
        cls.provenbl.changes = {"exports": [{"zone": ZONE, "format": "json", "file": str(cls.scheduled), "interval": "1s"}]}
        lines = room.directory() / "lines"
        lines.write_text(store_lines(entries_of(cls.bits), cls.bits))
        cls.provenbl.data = room.directory() / "datafiles"
        run("import", lines, "--data", cls.provenbl.data)

    publish = Published.publish

    def key(self):
        return run("signing-key", "show", "-c", self.provenbl.configuration).stdout

    def verify(self, file, code=OK):
        return run("verify-export", file, "--key", self.key_file(), code=code)

    def key_file(self):
        file = self.out / "key.pem"
        file.write_text(self.key())
        return file

    def serial(self):
        return int(dig(ZONE, "SOA").answers[0][3].split()[2])

    def test_openssl_alone_verifies_a_manifest(self):
        file = self.publish("rbldnsd")
        script = """set -e
grep -v '"signature"' "$1.manifest.json" > "$1.signed"
sed -n 's/^  "signature": "\\(.*\\)",$/\\1/p' "$1.manifest.json" | base64 -d > "$1.sig"
openssl pkeyutl -verify -pubin -inkey "$2" -rawin -in "$1.signed" -sigfile "$1.sig"
grep -q "$(sha256sum < "$1" | cut -d' ' -f1)" "$1.signed"
"""
        def check():
            return subprocess.run(["sh", "-c", script, "check", str(file), str(self.key_file())], capture_output=True,
                                  text=True, check=False, timeout=PATIENCE)
        done = check()
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        self.verify(file)
        with open(file, "a") as more:
            more.write("1.2.3.4\n")
        self.assertNotEqual(0, check().returncode)
        self.assertIn("is not the file that was signed", self.verify(file, FAILED).stderr)

    def test_scheduled_export_follows_and_changes_are_told(self):
        wait_until(self.scheduled.exists, PATIENCE, "the scheduled export is there")
        whole = {kind: self.publish(kind, "--set", "bad") for kind in ("nftables", "ipset")}
        before = self.serial()
        gone = [address for address in entries_of(self.bits) if ":" not in address][100:103]
        for address in gone:
            self.assertEqual(OK, self.provenbl.client("exclude", f"{address}/32", "--reason", "a test").code)
        wait_until(lambda: self.published_serial() == self.serial(), PATIENCE, "the scheduled export follows")
        wait_until(lambda: self.settled(self.scheduled), PATIENCE, "file and manifest are of one export")
        text = self.scheduled.read_text()
        for address in gone:
            self.assertNotIn(f'"{address}"', text)

        lines = [json.loads(line) for line in
                 self.publish("json", "--delta", before, name="delta.json").read_text().splitlines()]
        self.assertEqual((before, self.serial()), (lines[0]["since"], lines[0]["serial"]))
        self.assertEqual({("delisted", address) for address in gone}, {(line["type"], line["address"]) for line in lines[1:]})
        # Firewalls that took the whole file take the changes.
        tool("nft", "nftables", "-f", whole["nftables"])
        tool("nft", "nftables", "-f", self.publish("nftables", "--delta", before, "--set", "bad", name="delta.nft"))
        tool("ipset", "ipset", "restore", "-file", whole["ipset"])
        tool("ipset", "ipset", "restore", "-file", self.publish("ipset", "--delta", before, "--set", "bad", name="delta.set"))
        v4 = {address for address in entries_of(self.bits) if ":" not in address} - set(gone)
        self.assertEqual(v4, Published.nft_sets(self)["bad_4"])
        self.assertEqual(v4, Published.ipset_members(self, "bad_4"))

    def published_serial(self):
        return json.loads((self.out / "scheduled.json.manifest.json").read_text())["serial"]

    def settled(self, file):
        return subprocess.run([program(), "verify-export", str(file), "--key", str(self.key_file())],
                              capture_output=True, check=False, timeout=PATIENCE).returncode == OK

    def test_too_old_is_told(self):
        done = self.publish("csv", "--delta", "1000000000", name="future", code=2)
        self.assertIn("was never reached", done.stderr)
        # The definition of the zones is a change of its own: it came after the import.
        done = self.publish("csv", "--delta", "1", name="past", code=TOO_OLD)
        self.assertIn("take the whole file", done.stderr)
        self.assertFalse((self.out / "past").exists())

    def test_kill_in_the_middle_leaves_the_old_file(self):
        file = self.publish("json", name="killed")
        caught = 0
        for _ in range(40):
            process = subprocess.Popen([program(), "export", "-c", str(self.provenbl.configuration), "--zone", ZONE,
                                        "--format", "json", "--output", str(file)], stdout=subprocess.DEVNULL)
            partial = file.with_name(f"{file.name}.partial-{process.pid}")
            while process.poll() is None:
                if partial.exists():
                    os.kill(process.pid, signal.SIGKILL)
                    break
            process.wait(PATIENCE)
            if partial.exists():
                caught += 1
                self.verify(file)
            if caught == 3:
                break
        self.assertGreater(caught, 0, "no kill came in the middle")
        # The next one clears up.
        self.verify(self.publish("json", name="killed"))
        self.assertEqual([], [path for path in self.out.iterdir() if ".partial-" in path.name])

    def test_full_disk_leaves_the_old_file(self):
        small = self.out / "small"
        room.small_disk(small, "96k")
        self.addCleanup(room.writable_again, small)
        file = small / "list"
        run("export", "-c", self.provenbl.configuration, "--zone", ZONE, "--format", "cidr", "--output", file)
        done = run("export", "-c", self.provenbl.configuration, "--zone", ZONE, "--format", "json", "--output", file,
                   code=FAILED)
        self.assertIn("No space left on device; free some space, or name another place", done.stderr)
        self.verify(file)
        self.assertEqual(["list", "list.manifest.json"], sorted(path.name for path in small.iterdir()))

    def test_shut_down_list_is_published_empty(self):
        self.assertEqual(OK, self.provenbl.client("shutdown-list", "--note", "a test").code)
        try:
            for kind in ("cidr", "postfix", "rpz"):
                done = run("export", "-c", self.provenbl.configuration, "--zone", ZONE, "--format", kind, "--output",
                           self.out / f"shut.{kind}")
                self.assertIn("0 entries; the list is shut down, so it is empty", done.stdout)
                self.assertNotIn("5.6.", (self.out / f"shut.{kind}").read_text())
            tool("nft", "nftables", "-f", self.publish("nftables", "--set", "shut"))
            self.assertEqual((set(), set()), tuple(Published.nft_sets(self)[name] for name in ("shut_4", "shut_6")))
        finally:
            self.assertEqual(OK, self.provenbl.client("resume-list", "--note", "a test").code)


if __name__ == "__main__":
    main()
