#!/usr/bin/env python3
"""An honest client asks while others flood: garbage, forged sources, half-open TCP, thousands of slow connections.

The room has a way out that ends nowhere (`default dev lo`), so that answers to forged sources leave as they do on the
Internet. The honest client does what a stub resolver does: it asks again after a second, and over TCP when it is told
to. Each test proves that its flood arrived, and prints what the honest client saw.
"""

import multiprocessing
import os
import random
import resource
import socket
import statistics
import struct
import subprocess
import time

from lab_case import PATIENCE, LabCase, main, wait_until
from lab.program import RESPONDER, ZONE

HONEST = 50  # queries during each flood
TRIES = 10
SLOW = 3000  # connections that send an octet a second
DNS = 53
HONEST_CLIENT = "127.0.98.1"
# Every honest query has an answer: the name, and the number of records.
NAMES = ((f"2.0.0.127.{ZONE}", 0, 1), (f"1.0.0.127.{ZONE}", 3, 0), (f"9.0.0.127.{ZONE}", 0, 1))


def query(name, number):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 1, 1)


def framed(message):
    return struct.pack("!H", len(message)) + message


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def forged(protocol, payload_of):
    """An IPv4 packet from anywhere; the kernel fills in length and checksum of the header."""
    source = socket.inet_aton(f"{random.choice((198, 203, 100))}.{random.randrange(256)}.{random.randrange(256)}."
                              f"{random.randrange(1, 255)}")
    target = socket.inet_aton(RESPONDER)
    payload = payload_of(source, target)
    return struct.pack("!BBHHHBBH", 0x45, 0, 0, 0, 0, 64, protocol, 0) + source + target + payload


def forged_query(_source, _target):
    name = f"{random.randrange(256)}.{random.randrange(256)}.2.10.{ZONE}"
    message = query(name, random.randrange(65536))
    return struct.pack("!4H", random.randrange(1024, 65536), DNS, 8 + len(message), 0) + message


def syn(source, target):
    def header(check):
        return struct.pack("!HHIIBBHHH", port, DNS, number, 0, 5 << 4, 2, 64240, check, 0)
    port, number = random.randrange(1024, 65536), random.randrange(1 << 32)
    pseudo = source + target + struct.pack("!BBH", 0, socket.IPPROTO_TCP, 20)
    return header(checksum(pseudo + header(0)))


def garbage():
    message = bytearray(query(f"2.0.0.127.{ZONE}", random.randrange(65536)))
    for _ in range(random.randrange(1, 6)):
        message[random.randrange(len(message))] = random.randrange(256)
    return bytes(message) if random.randrange(2) else random.randbytes(random.randrange(1500))


def send_for_ever(packets, raw):
    """Runs in a process of its own until that is ended."""
    if raw:
        sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    else:
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    # Both cores are the flooder's otherwise, and what is measured is the scheduler. A server that a sanitizer slows
    # down tenfold gets a tenth of the flood.
    pause_after = 20 if os.environ.get("PROVENBL_SANITIZE") else 200
    while True:
        for number, packet in enumerate(packets):
            if number % pause_after == pause_after - 1:
                time.sleep(0.002)
            try:
                sender.sendto(packet, (RESPONDER, DNS))
            except OSError:
                pass  # no room for it now


def crawl(count, connected):
    """Keeps `count` connections from as many addresses; each sends an octet a second and comes back when cut off."""
    message = framed(query(f"2.0.0.127.{ZONE}", 1) + bytes(400))
    slots = [(None, 0)] * count
    while True:
        for at in range(count):
            slots[at] = crawl_on(at, *slots[at], message)
            if at % 150 == 0:
                time.sleep(150 / count)  # the pace of the attack
        connected.value = sum(1 for slot, _ in slots if slot is not None)


def crawl_on(at, slot, sent, message):
    try:
        if slot is not None:
            slot.send(message[sent % len(message):][:1])
            return slot, sent + 1
        slot = socket.socket()
        slot.setblocking(False)
        slot.bind((f"127.1.{at // 250}.{1 + at % 250}", 0))
        slot.connect_ex((RESPONDER, DNS))
        return slot, 0
    except BlockingIOError:
        return slot, sent
    except OSError:
        slot.close()
        return None, 0


def kernel(table, name):
    """A counter of this room's network."""
    for path in ("/proc/net/snmp", "/proc/net/netstat"):
        with open(path) as file:
            lines = file.read().splitlines()
        for names, values in zip(lines[::2], lines[1::2]):
            if names.startswith(table + ":") and name in names.split():
                return int(values.split()[names.split().index(name)])
    raise AssertionError(f"the kernel counts no {table} {name}")


class StubResolver:
    """Asks as libc does, and remembers how long it took."""

    def __init__(self):
        self.seconds, self.retries = [], 0

    def ask(self, at, over_tcp=False):
        name, rcode, records = NAMES[at % len(NAMES)]
        began = time.monotonic()
        for attempt in range(TRIES):
            message = query(name, random.randrange(65536))
            answer = self.over_tcp(message) if over_tcp else self.over_udp(message)
            if answer is not None and answer[2] & 2:  # TC
                answer = self.over_tcp(message)
            if answer is not None:
                self.seconds.append(time.monotonic() - began)
                self.retries += attempt
                return answer[:2] == message[:2] and (answer[3] & 15, struct.unpack("!H", answer[6:8])[0]) == (rcode, records)
        return False

    def over_udp(self, message):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.bind((HONEST_CLIENT, 0))
            client.connect((RESPONDER, DNS))
            client.settimeout(0.5)
            try:
                client.send(message)
                return client.recv(4096)
            except OSError:
                return None

    def over_tcp(self, message):
        try:
            with socket.create_connection((RESPONDER, DNS), timeout=5, source_address=(HONEST_CLIENT, 0)) as client:
                client.sendall(framed(message))
                stream = client.makefile("rb")
                size = stream.read(2)
                return stream.read(struct.unpack("!H", size)[0]) if len(size) == 2 else None
        except OSError:
            return None

    def report(self, what):
        times = sorted(self.seconds)
        print(f"\n{what}: {len(times)} answered, {self.retries} asked again; median {statistics.median(times) * 1e3:.1f} ms, "
              f"worst {times[-1] * 1e3:.0f} ms", flush=True)


class FloodCase(LabCase):
    @classmethod
    def before_start(cls):
        resource.setrlimit(resource.RLIMIT_NOFILE, (8192, max(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
        subprocess.run(["ip", "route", "replace", "default", "dev", "lo"], check=True)

    def flood(self, target, *arguments):
        process = multiprocessing.get_context("fork").Process(target=target, args=arguments, daemon=True)
        process.start()
        self.addCleanup(process.join)
        self.addCleanup(process.kill)

    def honest(self, what, over_tcp=False):
        resolver = StubResolver()
        answered = sum(resolver.ask(at, over_tcp) for at in range(HONEST))
        resolver.report(what)
        self.assertEqual(HONEST, answered)

    def arrived(self, table, name, at_least):
        before = kernel(table, name)
        wait_until(lambda: kernel(table, name) - before >= at_least, PATIENCE, f"{at_least} {table} {name}")


class Flood(FloodCase):
    def test_garbage(self):
        self.flood(send_for_ever, [garbage() for _ in range(500)], False)
        self.arrived("Udp", "InDatagrams", 10000)
        self.honest("UDP under a flood of garbage")
        self.honest("TCP under a flood of garbage", over_tcp=True)
        self.arrived("Udp", "InDatagrams", 1000)

    def test_forged_sources(self):
        self.flood(send_for_ever, [forged(socket.IPPROTO_UDP, forged_query) for _ in range(2000)], True)
        self.arrived("Udp", "InDatagrams", 10000)
        self.honest("UDP under a flood from forged sources")
        self.honest("TCP under a flood from forged sources", over_tcp=True)
        self.arrived("Udp", "InDatagrams", 1000)

    def test_half_open_tcp(self):
        self.flood(send_for_ever, [forged(socket.IPPROTO_TCP, syn) for _ in range(5000)], True)
        # The queue of half-open connections is full.
        self.arrived("TcpExt", "TCPReqQFullDoCookies", 1000)
        self.honest("TCP beside half-open connections", over_tcp=True)
        self.honest("UDP beside half-open connections")
        self.arrived("TcpExt", "TCPReqQFullDoCookies", 100)


class SlowConnections(FloodCase):
    def test_octet_a_second(self):
        """Beyond the limit: the oldest without progress makes room."""
        connected = multiprocessing.Value("i", 0)
        self.flood(crawl, SLOW, connected)
        wait_until(lambda: connected.value >= SLOW // 2, PATIENCE, "slow connections")
        self.honest(f"TCP beside {SLOW} connections that send an octet a second", over_tcp=True)
        self.assertTrue(self.provenbl.running())


class SlowConnectionsThatAreKept(FloodCase):
    """All of them fit, and each may take its time."""

    settings = {"dns": {"tcp_connections": SLOW + 1000, "tcp_message_timeout": "60s", "tcp_idle_timeout": "600s"}}

    def test_octet_a_second(self):
        connected = multiprocessing.Value("i", 0)
        self.flood(crawl, SLOW, connected)
        wait_until(lambda: connected.value == SLOW and self.open_at_the_server() >= SLOW, PATIENCE, f"{SLOW} connections")
        self.honest(f"TCP beside {SLOW} connections that are kept", over_tcp=True)
        self.assertGreaterEqual(self.open_at_the_server(), SLOW)

    def open_at_the_server(self):
        return len(os.listdir(f"/proc/{self.provenbl.process.pid}/fd"))


if __name__ == "__main__":
    main()
