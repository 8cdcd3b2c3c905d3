"""Who asks the list: what the programs of docs/clients have in common as servers of the room, the resolver that leads to
provenbl, and the ways a list may be dead.

Each program is given the settings that provenbl itself hands out (/use/FILE), as they are; around them stands only what
makes a server of it. A `Verdict` is what became of somebody who came from an address.
"""

import smtplib
import socket
import urllib.request
from dataclasses import dataclass
from ipaddress import ip_address

from .process import START_SECONDS, Server, ServerError, answers, find_program, wait_until
from .program import PUBLIC_API, RESPONDER, ZONE

# Networks that the room takes for its own (room.own_network): no program takes them for private ones.
NETWORK4, NETWORK6 = "198.18.0.0/15", "2001:db8::/32"
RESOLVER = "127.0.99.54"
PATIENCE = 60  # a bound against hanging for ever, longer than any program waits for a list


def settings_of(file, zone=ZONE):
    """The settings of one program, as the list hands them out."""
    with urllib.request.urlopen(f"http://{PUBLIC_API}/use/{file}?zone={zone}", timeout=PATIENCE) as reply:
        return reply.read().decode()


@dataclass
class Verdict:
    """`refused`: by the list. `text`: what he was told, or what a filter found."""
    refused: bool
    text: str


class ListClient(Server):
    """Listens on an IPv4 address and on its IPv6 sibling."""

    asks_for_ipv6 = True
    files = ()
    zone = ZONE

    def __init__(self, number):
        super().__init__(f"198.18.25.{number}")
        self.address6 = f"2001:db8::25:{number}"

    def handed_out(self, file):
        if file not in self.files:
            raise ServerError(f"{self.name} has not said that it is given {file}")
        return settings_of(file, self.zone)

    def use(self, zone):
        """With the settings of another zone, from now on."""
        self.stop()
        self.zone = zone
        self.prepare()
        self.launch()

    def address_for(self, source):
        return self.address6 if ip_address(source).version == 6 else self.address

    def comes_from(self, source):
        """The verdict about somebody who comes from `source`."""
        raise NotImplementedError


class MailServer(ListClient):
    ports = (25,)
    recipient = "postmaster"
    host = ""

    @property
    def domain(self):
        return f"{self.host}.lab.example"

    def comes_from(self, source, port=25):
        """A mail is offered, up to its recipient. Only a refusal for good is the list's."""
        where = self.address_for(source)
        try:
            with smtplib.SMTP(timeout=PATIENCE, source_address=(source, 0)) as client:
                client.connect(where, port)
                client.helo("client.lab.example")
                client.mail("somebody@client.lab.example")
                code, text = client.rcpt(f"{self.recipient}@{self.domain}")
        except smtplib.SMTPResponseException as error:
            code, text = error.smtp_code, error.smtp_error
        except smtplib.SMTPServerDisconnected as error:
            raise AssertionError(f"{self.name} left {source} without a word: {error}") from error
        if 400 <= code < 500:
            raise AssertionError(f"{self.name} puts {source} off: {code} {text}")
        # Replies are folded as each server likes it.
        return Verdict(code >= 500, f"{code} {' '.join(text.decode(errors='replace').split())}")

    def await_ready(self):
        super().await_ready()
        wait_until(lambda: self.ended() or answers(self.address6, self.ports[0]), START_SECONDS, "listening on IPv6")


class Unbound(Server):
    """Asks provenbl for its zone, minimising names (RFC 9156); knows of nothing else. What it remembers goes with it."""

    name = "Unbound"

    def prepare(self):
        (self.directory / "unbound.conf").write_text(f"""\
server:
    directory: "{self.directory}"
    chroot: ""
    username: ""
    pidfile: ""
    interface: {self.address}
    outgoing-interface: {self.address}
    access-control: 0.0.0.0/0 allow
    do-not-query-localhost: no
    do-ip6: no
    use-syslog: no
    log-queries: yes
    num-threads: 1
    qname-minimisation: yes
    module-config: "iterator"
    local-zone: "." static
    local-zone: "{ZONE}." transparent
stub-zone:
    name: "{ZONE}"
    stub-addr: {RESPONDER}
remote-control:
    control-enable: no
""")

    def command(self):
        return [find_program("unbound", "unbound"), "-d", "-p", "-c", str(self.directory / "unbound.conf")]

    def await_ready(self):
        wait_until(lambda: self.ended() or self._answers(), START_SECONDS, "the resolver answers")
        if self.ended():
            self.fail(f"ended with code {self.process.returncode}")

    def forget(self):
        self.stop()
        self.launch()

    def _answers(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(1)
            try:
                client.connect((self.address, 53))
                client.send(bytes.fromhex("000101000001000000000000") + b"\x04test\x00\x00\x01\x00\x01")
                return bool(client.recv(512))
            except OSError:
                return False


class SilentResponder:
    """Where provenbl was: takes questions and connections, and never says anything."""

    def __enter__(self):
        self.datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.connections = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.connections.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        for one in (self.datagrams, self.connections):
            one.bind((RESPONDER, 53))
        self.connections.listen(100)
        return self

    def __exit__(self, *_):
        self.datagrams.close()
        self.connections.close()

    def was_asked(self):
        self.datagrams.setblocking(False)
        try:
            return bool(self.datagrams.recv(512))
        except BlockingIOError:
            return False
