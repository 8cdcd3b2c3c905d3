"""Every suspect of the lab by name, each with an address of its own, and the Lab that starts them."""

from . import room
from .postfix import DiscardingPostfix, OpenPostfix, Postfix
from .process import ServerError
from .sham_server import Sham
from .shams import SHAMS
from .socks import Dante, Microsocks, OpenDante, OpenMicrosocks
from .squid import OpenSquid, Squid

SMTP, SOCKS, HTTP = 25, 1080, 3128

REAL = {
    "postfix-open": ("127.0.5.1", OpenPostfix),
    "postfix-closed": ("127.0.5.2", Postfix),
    "postfix-discard": ("127.0.5.3", DiscardingPostfix),
    "squid-open": ("127.0.5.4", OpenSquid),
    "squid-closed": ("127.0.5.5", Squid),
    "dante-open": ("127.0.5.6", OpenDante),
    "dante-closed": ("127.0.5.7", Dante),
    "microsocks-open": ("127.0.5.8", OpenMicrosocks),
    "microsocks-closed": ("127.0.5.9", Microsocks),
}

# Where each sham listens: what it imitates decides. The hostile ones stand on a port of each protocol.
SHAM_PORTS = {
    "http-200-to-all": (80, HTTP, 8080),
    "http-connect-then-silence": (HTTP,),
    "socks-grant-then-silence": (SOCKS,),
    "closes-in-the-middle": (SMTP,),
    "smtp-refuses-after-data": (SMTP,),
    "smtp-bounces": (SMTP,),
}


def make(name):
    """A server of the catalogue, not started yet."""
    if name in REAL:
        address, kind = REAL[name]
        return kind(address)
    kind = name.removeprefix("sham-")
    if name.startswith("sham-") and kind in SHAMS:
        address = f"127.0.5.{100 + list(SHAMS).index(kind)}"
        return Sham(address, kind, SHAM_PORTS.get(kind, (SMTP, SOCKS, HTTP)))
    raise ServerError(f"the lab has no server '{name}'; it has: {', '.join(names())}")


def names():
    return [*REAL, *(f"sham-{kind}" for kind in SHAMS)]


class Lab:
    """The servers that run in this room. Ends them in reverse order."""

    def __init__(self):
        self.servers = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, name):
        if name in self.servers:
            raise ServerError(f"{name} runs already")
        server = make(name)
        self.servers[name] = server  # before it starts, so that a failed start is cleaned up too
        return server.start(room.directory() / name)

    def add(self, name, server):
        """A server from outside the catalogue (provenbl), started by the caller."""
        self.servers[name] = server
        return server

    def __getitem__(self, name):
        return self.servers[name]

    def stop(self):
        while self.servers:
            _, server = self.servers.popitem()
            server.stop()
