"""What nmap says of the suspects, asked in the way that is best for it.

It sees nothing but the room, so it is given what it would ask of the Internet: a page of ours that an open proxy can
fetch, with a word in it, and a domain of ours for its recipients. It asks from an address that no server trusts, and on
ports that it does not take for a proxy's by itself its script is forced.
"""

import os
import subprocess
import time
import xml.etree.ElementTree as xml
from concurrent.futures import ThreadPoolExecutor

from .process import ServerError, find_program
from .program import MAIL_SINK, PROBE_DOMAIN
from .sham_server import Sham

SOURCE = "127.0.99.2"
WORD = "witnessofthelab"
SCRIPTS = "smtp-open-relay,http-open-proxy,socks-open-proxy"
# Where its scripts look by themselves.
RELAY_PORTS, HTTP_PORTS, SOCKS_PORTS = {25, 465, 587}, {3128, 8000, 8080, 8123}, {1080, 9050}
SECONDS = 300


class Witness(Sham):
    """The page, at the name that the room's DNS knows: our mail exchanger's."""

    module, what = "witness", "page for nmap"

    def __init__(self):
        super().__init__(MAIL_SINK, "page", (80,))


class Said:
    """What nmap said of one host."""

    def __init__(self):
        self.lines = []
        self.open = False

    def add(self, script, text):
        text = " ".join(text.split())
        if text:
            self.lines.append(f"{script}: {text}")
        # Each script's own words for 'open'; socks-open-proxy calls it a status.
        self.open = self.open or "is an open relay" in text or "OPEN proxy" in text or \
            (script == "socks-open-proxy" and "status: open" in text)

    def in_short(self):
        return "; ".join(self.lines) if self.lines else "nothing"


class Nmap:
    def __init__(self):
        self.program = find_program("nmap", "nmap")
        self.said = {}
        self.wall = self.cpu = 0.0

    def run(self, hosts):
        """`hosts` is address -> (ports, 'http' | 'socks' | None: whose script is to be forced on its odd ports)."""
        self.said = {address: Said() for address in hosts}
        usual = RELAY_PORTS | HTTP_PORTS | SOCKS_PORTS
        self._scan(sorted(hosts), sorted(usual & {port for ports, _ in hosts.values() for port in ports}), SCRIPTS)
        for family in ("http", "socks"):
            odd = {address: set(ports) - usual for address, (ports, of) in hosts.items() if of == family}
            odd = {address: ports for address, ports in odd.items() if ports}
            if odd:
                self._scan(sorted(odd), sorted(set().union(*odd.values())), f"+{family}-open-proxy")
        return self.said

    def _scan(self, addresses, ports, scripts):
        began = time.monotonic()
        command = [self.program, "-Pn", "-sT", "-S", SOURCE, "-e", "lo", "--dns-servers", "127.0.99.53", "-p",
                   ",".join(map(str, ports)), "--script", scripts, "--script-timeout", "60s", "--script-args",
                   f"proxy.url=http://mx.{PROBE_DOMAIN}/,proxy.pattern={WORD},smtp-open-relay.domain={PROBE_DOMAIN}",
                   "-oX", "-", *addresses]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
            with ThreadPoolExecutor(1) as reader:
                errors = reader.submit(process.stderr.read)
                text = process.stdout.read()
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                if process.returncode:
                    raise ServerError(f"nmap ended with {process.returncode}: {errors.result().decode(errors='replace')}")
        self.wall += time.monotonic() - began
        self.cpu += used.ru_utime + used.ru_stime
        for host in xml.fromstring(text).iter("host"):
            said = self.said.get(host.find("address").get("addr"))
            for script in host.iter("script"):
                if said is not None:
                    said.add(script.get("id"), script.get("output"))
