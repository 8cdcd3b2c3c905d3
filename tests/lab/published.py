"""Servers that read what provenbl publishes as files: rbldnsd, and BIND with zones and a response policy from files."""

import os
import socket
import struct
import subprocess

from .process import START_SECONDS, Server, find_program, wait_until


def answers_dns(address, name):
    """Does anybody answer over UDP? Whatever it says."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    query = struct.pack(">HHHHHH", 0x1234, 0, 1, 0, 0, 0) + labels + struct.pack(">HH", 6, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.settimeout(1)
        try:
            sender.connect((address, 53))
            sender.send(query)
            return bool(sender.recv(4096))
        except OSError:
            return False


class _DnsServer(Server):
    zone = None

    def await_ready(self):
        try:
            wait_until(lambda: self.ended() or answers_dns(self.address, self.zone), START_SECONDS, "answering")
        except TimeoutError:
            self.fail(f"does not answer for {self.zone} after {START_SECONDS} s")
        if self.ended():
            self.fail(f"ended with code {self.process.returncode} before it answered")


class Rbldnsd(_DnsServer):
    name = "rbldnsd"

    def __init__(self, address, zone, file):
        super().__init__(address)
        self.zone, self.file = zone, file

    def command(self):
        return [find_program("rbldnsd", "rbldnsd"), "-n", "-b", f"{self.address}/53", "-w", str(self.file.parent),
                f"{self.zone}:combined:{self.file.name}"]


class Named(_DnsServer):
    """`zones`: name -> master file. One of them may be the policy, which holds for `served`, a zone of its own."""

    name = "named"

    def __init__(self, address, zones, policy=None, served=None):
        super().__init__(address)
        self.zones, self.policy, self.served = zones, policy, served
        self.zone = next(iter(zones))

    def prepare(self):
        # BIND listens only on addresses that an interface holds.
        subprocess.run([find_program("ip", "iproute2"), "address", "replace", f"{self.address}/32", "dev", "lo"], check=True)
        zones = dict(self.zones)
        if self.served:
            file = self.directory / "served.zone"
            file.write_text("$TTL 60\n@ SOA localhost. root.localhost. 1 60 60 3600 60\n@ NS localhost.\nwww A 192.0.2.80\n")
            zones[self.served] = file
        policy = (f'response-policy {{ zone "{self.policy}"; }} recursive-only no qname-wait-recurse no nsip-enable no;'
                  if self.policy else "")
        text = (f'options {{ directory "{self.directory}"; listen-on {{ {self.address}; }}; listen-on-v6 {{ none; }};'
                f' recursion no; notify no; allow-query {{ any; }}; dnssec-validation no; empty-zones-enable no;'
                f' pid-file none; session-keyfile none; check-names primary ignore; {policy} }};\n'
                "controls {};\n")
        for name, file in zones.items():
            text += f'zone "{name}" {{ type primary; file "{file}"; }};\n'
        (self.directory / "named.conf").write_text(text)
        os.chmod(self.directory, 0o755)

    def command(self):
        return [find_program("named", "bind9"), "-g", "-n", "1", "-c", str(self.directory / "named.conf")]


__all__ = ["Named", "Rbldnsd"]
