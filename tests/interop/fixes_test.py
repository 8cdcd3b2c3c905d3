#!/usr/bin/env python3
"""What a fix guide says really closes: its lines are taken as `provenbl fix` prints them, put into the configuration of
an open server that runs, and the owner's request then ends the listing.
"""

import socket
import subprocess
import time

from lab_case import HTTP, OK, PATIENCE, RELAY, SOCKS, LabCase, main, room, wait_until
from lab.postfix import OpenPostfix
from lab.process import STOP_SECONDS, Server, find_program
from lab.socks import OpenDante
from lab.squid import OpenSquid

STRANGER = "127.0.99.2"  # an address that no server trusts


def apply(text, change):
    """A configuration with one change of a guide made: old lines go, new ones take their place."""
    lines = text.splitlines()
    place = len(lines)
    for line in change["lines"]:
        if line["change"] == "old":
            place = lines.index(line["text"])  # ValueError: the guide speaks of something else
            del lines[place]
    lines[place:place] = [line["text"] for line in change["lines"] if line["change"] == "new"]
    return "\n".join(lines) + "\n"


def proxy_denies(address, port):
    try:
        with socket.create_connection((address, port), timeout=5, source_address=(STRANGER, 0)) as client:
            client.sendall(b"GET http://127.0.77.9/ HTTP/1.0\r\n\r\n")
            return b" 403 " in client.recv(64)
    except OSError:
        return False  # it closes its port for a moment while it reads


class GuidedPostfix(OpenPostfix):
    def take(self, change):
        path = self.conf / "main.cf"
        path.write_text(apply(path.read_text(), change))
        self._postfix("reload")


class GuidedSquid(OpenSquid):
    def take(self, change):
        path = self.directory / "squid.conf"
        path.write_text(apply(path.read_text(), change))
        subprocess.run([*self.command(), "-k", "parse"], check=True, capture_output=True)
        subprocess.run([*self.command(), "-k", "reconfigure"], check=True, capture_output=True)
        wait_until(lambda: proxy_denies(self.address, 3128), STOP_SECONDS, "Squid denies strangers")


class GuidedDante(OpenDante):
    """Its rule as most examples in the world have it."""

    def prepare(self):
        super().prepare()
        path = self.directory / "danted.conf"
        path.write_text(path.read_text().replace(" log: error }", " }"))

    def take(self, change):
        path = self.directory / "danted.conf"
        path.write_text(apply(path.read_text(), change))
        subprocess.run([self.danted, "-V", "-f", str(path)], check=True, capture_output=True)
        self.stop()
        self.launch()


class OpenTinyproxy(Server):
    """As it is without an Allow line."""

    name = "Tinyproxy (open)"
    ports = (8888,)

    def prepare(self):
        self.tinyproxy = find_program("tinyproxy", "tinyproxy")
        self.conf = self.directory / "tinyproxy.conf"
        self.conf.write_text(f"""\
Port 8888
Listen {self.address}
Bind {self.address}
Timeout 30
MaxClients 50
""")

    def command(self):
        return [self.tinyproxy, "-d", "-c", str(self.conf)]

    def take(self, change):
        self.conf.write_text(apply(self.conf.read_text(), change))
        self.stop()
        self.launch()


class Guides(LabCase):
    def closes(self, server, port, code, *asked):
        """From open to listed, from the guide to gone."""
        self.lab.add(server.name, server)
        server.start(room.directory() / server.name.split()[0])
        self.visit(server.address, port)
        self.assert_listed(server.address, code)
        told = self.provenbl.client("fix", server.address, *asked)
        self.assertEqual(OK, told.code, told)
        guide = told.json["guides"][0]
        self.assertEqual("software", guide["fits"], told)
        self.assertIn(server.name.split()[0], guide["software"])
        for section in guide["sections"]:
            if section["kind"] == "change":
                server.take(section)
        gone = self.delist(server.address)
        self.assertEqual(OK, gone.code, gone)
        self.assert_not_listed(server.address)
        return told.json

    def delist(self, address):
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.provenbl.client("delist", address, seconds=PATIENCE)
            if "next request can be taken at" not in str(answer) or time.monotonic() > deadline:
                return answer
            time.sleep(0.5)

    def test_postfix(self):
        told = self.closes(GuidedPostfix("127.0.6.61"), 25, RELAY)
        self.assertIn("postfix", [guide["guide"] for guide in told["guides"]])

    def test_squid(self):
        self.closes(GuidedSquid("127.0.6.62"), 3128, HTTP)

    def test_dante_which_does_not_say_what_it_is(self):
        server = GuidedDante("127.0.6.63")
        told = self.closes(server, 1080, SOCKS, "--software", "dante")
        self.assertEqual("class-socks", told["guides"][-1]["guide"])

    def test_tinyproxy(self):
        self.closes(OpenTinyproxy("127.0.6.64"), 8888, HTTP)

    def test_guides_for_people(self):
        told = self.provenbl.plain("fix", "127.0.6.99", "--software", "squid")
        self.assertEqual(OK, told.code, told)
        self.assertIn("  - http_access allow all\n", told.out)
        self.assertIn("  + http_access deny all\n", told.out)


if __name__ == "__main__":
    main()
