"""Proxies that are themselves spoken to through TLS: Squid's https_port, stunnel's SOCKS."""

from . import certificate
from .process import Server, find_program
from .squid import OpenSquid, Squid

HTTPS_PORT = 3129


class TlsSquid(Squid):
    """`http_access deny all` behind https_port."""

    name = "Squid over TLS (closed)"
    ports = (3128, HTTPS_PORT)

    def prepare(self):
        self.certificate = certificate.make(self.directory)
        super().prepare()

    def _write(self, access):
        super()._write(access)
        cert, key, _ = self.certificate
        with open(self.directory / "squid.conf", "a", encoding="ascii") as conf:
            conf.write(f"https_port {self.address}:{HTTPS_PORT} tls-cert={cert} tls-key={key}\n")


class OpenTlsSquid(TlsSquid):
    name = "Squid over TLS (open)"
    access = OpenSquid.access


class Stunnel(Server):
    """`protocol = socks`: SOCKS4 and SOCKS5 inside TLS, open to the world. It refuses loopback targets."""

    name = "stunnel with SOCKS (open)"
    ports = (9080,)

    def prepare(self):
        self.stunnel = find_program("stunnel4", "stunnel4")
        _, _, both = certificate.make(self.directory)
        (self.directory / "stunnel.conf").write_text(f"""\
foreground = yes
pid =
debug = info
syslog = no
[socks]
accept = {self.address}:9080
protocol = socks
cert = {both}
""")

    def command(self):
        return [self.stunnel, str(self.directory / "stunnel.conf")]
