#!/usr/bin/env python3
"""A policy zone (RPZ) of ours in the resolver of somebody else: BIND takes it by AXFR and then IXFR, and does with listed
clients what the zone says, until they are delisted."""

import subprocess

from lab_case import OK, PATIENCE, LabCase, Reply, dig, main, room, wait_until
from lab.process import Server, find_program
from lab.program import RESPONDER, ZONE
from transfer_test import serial_of, transfer

POLICY, DROPPING, LEADING = "rpz.example", "drop.example", "wall.example"
RESOLVER = "127.0.98.1"
RELAY, PROXY, INNOCENT = "127.0.5.77", "127.0.5.78", "127.0.5.80"
SERVED = "served.example"


class Resolver(Server):
    """BIND with a policy of ours; `served.example` is its own, so that it needs nobody else."""

    name = "resolver"
    ports = (53,)

    def __init__(self, address, policies):
        super().__init__(address)
        self.policies = policies

    def prepare(self):
        subprocess.run(["ip", "address", "replace", f"{self.address}/32", "dev", "lo"], check=True)
        (self.directory / "served.zone").write_text("$TTL 60\n@ SOA ns hostmaster 1 60 60 6000 60\n@ NS ns\nns A 192.0.2.1\n"
                                                    "www A 192.0.2.80\n")
        policies = "\n".join(f'zone "{zone}" {{ type secondary; primaries {{ {RESPONDER}; }}; file "{zone}.db"; '
                             f"allow-query {{ none; }}; request-ixfr yes; }};" for zone in self.policies)
        order = " ".join(f'zone "{zone}";' for zone in self.policies)
        key = 'key "control" { algorithm hmac-sha256; secret "c2VjcmV0IG9mIGEgdGVzdCBhbmQgbm8gbW9yZQ=="; };'
        (self.directory / "named.conf").write_text(f"""
            options {{
                directory "{self.directory}"; pid-file "named.pid"; session-keyfile "session.key";
                listen-on {{ {self.address}; }}; listen-on-v6 {{ none; }};
                query-source address {self.address}; transfer-source {self.address};
                recursion yes; allow-recursion {{ any; }}; dnssec-validation no; notify no; min-refresh-time 1;
                allow-transfer {{ any; }};
                response-policy {{ {order} }} qname-wait-recurse no min-update-interval 0;
            }};
            {key}
            controls {{ inet {self.address} port 953 allow {{ any; }} keys {{ "control"; }}; }};
            zone "{SERVED}" {{ type primary; file "served.zone"; }};
            {policies}
            """)
        (self.directory / "rndc.conf").write_text(
            f'{key} options {{ default-server {self.address}; default-key "control"; default-port 953; }};')

    def command(self):
        return [find_program("named", "bind9"), "-g", "-n", "1", "-c", str(self.directory / "named.conf")]

    def refresh(self, zone):
        subprocess.run([find_program("rndc", "bind9"), "-c", str(self.directory / "rndc.conf"), "refresh", zone],
                       check=True, capture_output=True, timeout=60)


def ask_as(client, *options):
    """What the resolver says to this client: (status, data, flags), or None when it says nothing."""
    command = [find_program("dig", "bind9-dnsutils"), f"@{RESOLVER}", "-b", client, "+time=1", "+tries=1", *options,
               f"www.{SERVED}", "A"]
    reply = Reply(subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout)
    return (reply.status, reply.data("A"), "tc" in reply.flags) if reply.status else None


class Policies(LabCase):
    settings = {
        "policy": {"manual_listing": True},
        "transfers": {"allow_unsigned": ["127.0.0.0/8"]},
        "policy_zones": [
            {"apex": POLICY, "zone": ZONE, "classes": ["relay"]},
            {"apex": DROPPING, "zone": f"proxy.{ZONE}", "action": "drop"},
            {"apex": LEADING, "zone": ZONE, "classes": ["web"], "redirect": "192.0.2.66"},
        ],
    }
    answered = ("NOERROR", ["192.0.2.80"], False)

    @classmethod
    def setUpClass(cls):
        cls.query_log = room.directory() / "queries"
        cls.settings["dns"] = {"query_log": {"file": str(cls.query_log), "anonymize": False}}
        super().setUpClass()
        cls.list(RELAY, "relay")
        cls.resolver = cls.lab.add("resolver", Resolver(RESOLVER, (POLICY, DROPPING, LEADING)))
        cls.resolver.start(room.directory() / "resolver")

    @classmethod
    def list(cls, address, kind):
        done = cls.provenbl.client("list", address, "--class", kind, "--reason", "a test", "--expires", "1d")
        if done.code != OK:
            raise AssertionError(done)

    def unlist(self, address):
        done = self.provenbl.client("unlist", address, "--note", "a mistake")
        self.assertEqual(OK, done.code, done)

    def follow(self):
        for zone in (POLICY, DROPPING, LEADING):
            def there(zone=zone):
                wanted = serial_of(RESPONDER, zone)
                held = transfer(RESOLVER, zone)[0]
                if held is not None and held == wanted:
                    return True
                self.resolver.refresh(zone)
                return False
            wait_until(there, PATIENCE, f"the resolver has our {zone}")
            self.assertEqual(transfer(RESPONDER, zone), transfer(RESOLVER, zone))

    def await_answer(self, client, wanted):
        last = []

        def as_wanted():
            last[:] = [ask_as(client)]
            return last[0] == wanted
        try:
            wait_until(as_wanted, PATIENCE, f"{client} is told {wanted}")
        except TimeoutError as late:
            self.fail(f"{late}, but {last}")

    def test_1_whole_and_then_what_has_changed(self):
        self.follow()
        owners = {name for name, _, kind, _ in transfer(RESPONDER, POLICY)[1] if kind == "CNAME"}
        self.assertEqual({f"32.77.5.0.127.rpz-client-ip.{POLICY}."}, owners, "and no test entries")
        self.await_answer(RELAY, ("NXDOMAIN", [], False))
        self.await_answer(PROXY, self.answered)
        self.list(PROXY, "socks")
        self.follow()
        self.await_answer(PROXY, None)
        self.await_answer(RELAY, ("NXDOMAIN", [], False))
        self.await_answer(INNOCENT, self.answered)

    def test_2_delisted_is_answered(self):
        self.unlist(RELAY)
        self.unlist(PROXY)
        self.follow()
        self.await_answer(RELAY, self.answered)
        self.await_answer(PROXY, self.answered)
        log = self.resolver.log(100_000)
        for zone in (POLICY, DROPPING):
            self.assertIn(f"client-ip.{zone}", log.replace("CLIENT-IP", "client-ip"), "its log says why")
        asked = [line.split(f" tcp {RESOLVER} ")[1].split()[:2] for line in self.query_log.read_text().splitlines()
                 if f" tcp {RESOLVER} " in line and "XFR" in line]
        self.assertEqual("AXFR", next(kind for name, kind in asked if name == POLICY), "first all of it")
        self.assertIn([POLICY, "IXFR"], asked, "then what has changed")

    def test_3_a_local_answer(self):
        self.list(INNOCENT, "web")
        self.follow()
        self.await_answer(INNOCENT, ("NOERROR", ["192.0.2.66"], False))
        self.unlist(INNOCENT)
        self.follow()
        self.await_answer(INNOCENT, self.answered)

    def test_4_we_answer_for_it_as_well(self):
        self.list(RELAY, "relay")
        name = f"32.77.5.0.127.rpz-client-ip.{POLICY}"
        wait_until(lambda: dig(name, "CNAME").data("CNAME") == ["."], PATIENCE, "it is there")
        self.assertEqual(["."], dig(name, "A").data("CNAME"), "whatever is asked")
        self.assertEqual("NOERROR", dig(f"5.0.127.rpz-client-ip.{POLICY}").status)
        self.assertEqual("NXDOMAIN", dig(f"32.78.5.0.127.rpz-client-ip.{POLICY}").status)
        self.assertEqual("NXDOMAIN", dig(f"2.0.0.127.{POLICY}").status, "it has no test entries")
        self.assertEqual(1, len(dig(POLICY, "SOA").data("SOA")))
        # What changed for another class is no change here, and is none of a difference.
        before = serial_of(RESPONDER, POLICY)
        self.list(PROXY, "socks")
        wait_until(lambda: serial_of(RESPONDER, POLICY) > before, PATIENCE, "the serial moves")
        command = [find_program("dig", "bind9-dnsutils"), f"@{RESPONDER}", "+tcp", "+nocmd", "+nostats", "+nocomments",
                   POLICY, f"IXFR={before}"]
        text = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout
        kinds = [line.split()[3] for line in text.splitlines() if line and not line.startswith(";")]
        self.assertEqual(["SOA"] * 4, kinds, text)


if __name__ == "__main__":
    main()
