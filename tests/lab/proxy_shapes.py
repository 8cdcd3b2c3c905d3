"""Squid and Dante in shapes that are neither open nor closed: for browsing only, with a password, in a chain."""

import os

from .postfix_shapes import Chain, entry_of, exit_of
from .process import ServerError
from .socks import Dante
from .squid import OpenSquid, Squid


class BrowsingSquid(OpenSquid):
    """Open, with the ports that Squid ships: CONNECT to 443 alone."""

    name = "Squid (open, CONNECT to 443 only)"

    def _write(self, access):
        super()._write(access)
        conf = self.directory / "squid.conf"
        rules = "acl ssl_ports port 443\nacl CONNECT method CONNECT\nhttp_access deny CONNECT !ssl_ports\n"
        conf.write_text(conf.read_text().replace("http_access", rules + "http_access", 1))


class PasswordSquid(Squid):
    """Says 407 to whoever has no password."""

    name = "Squid (password)"
    helper = "/usr/lib/squid/basic_ncsa_auth"

    def _write(self, access):
        super()._write(access)
        if not os.access(self.helper, os.X_OK):
            raise ServerError(f"{self.helper} is missing: install the Debian package squid-openssl")
        (self.directory / "users").write_text("user:*\n")
        conf = self.directory / "squid.conf"
        rules = (f"auth_param basic program {self.helper} {self.directory}/users\nacl known proxy_auth REQUIRED\n"
                 "http_access allow known\n")
        conf.write_text(conf.read_text().replace("http_access", rules + "http_access", 1))


class EntrySquid(OpenSquid):
    """Open, and hands everything to a parent."""

    name = "Squid (open, through a parent)"

    def _write(self, access):
        super()._write(access)
        with open(self.directory / "squid.conf", "a", encoding="ascii") as conf:
            conf.write(f"cache_peer {exit_of(self.address)} parent 3128 0 no-query default\nnever_direct allow all\n")


class ExitSquid(Squid):
    """The parent: for its child alone."""

    name = "Squid (parent)"

    def _write(self, access):
        super()._write(access)
        conf = self.directory / "squid.conf"
        rules = f"acl child src {entry_of(self.address)}\nhttp_access allow child\n"
        text = conf.read_text().replace("http_access", rules + "http_access", 1)
        # A proxy that meets its own name in Via takes it for a loop.
        conf.write_text(text.replace("visible_hostname squid", "visible_hostname parent"))


class ProxyChain(Chain):
    entry_kind, exit_kind = EntrySquid, ExitSquid


class BrowsingDante(Dante):
    """Connects anybody to port 443, and to nothing else."""

    name = "Dante (open to 443 only)"

    def prepare(self):
        super().prepare()
        conf = self.directory / "danted.conf"
        allowed = "socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 port = 443 }\n"
        conf.write_text(conf.read_text().replace("socks block", allowed + "socks block"))


class PasswordDante(Dante):
    """Wants user and password of its machine."""

    name = "Dante (password)"
    rule = "pass"

    def prepare(self):
        super().prepare()
        conf = self.directory / "danted.conf"
        conf.write_text(conf.read_text().replace("socksmethod: none", "socksmethod: username"))


__all__ = ["BrowsingDante", "BrowsingSquid", "PasswordDante", "PasswordSquid", "ProxyChain"]
