"""nghttpx as an HTTP/2 proxy: with prior knowledge on 8080, inside TLS with ALPN h2 on 8443. What it may do is the
business of the HTTP/1 proxy behind it, a Squid of the lab's."""

from . import certificate
from .process import Server, find_program

CLEAR_PORT, TLS_PORT = 8080, 8443


class Http2Proxy(Server):
    ports = (CLEAR_PORT, TLS_PORT)

    def __init__(self, address, squid):
        super().__init__(address)
        self.squid = squid
        self.name = f"nghttpx in front of {squid.name}"

    def prepare(self):
        self.nghttpx = find_program("nghttpx", "nghttp2-proxy")
        self.cert, self.key, _ = certificate.make(self.directory)

    def command(self):
        return [self.nghttpx, "--conf=/dev/null", "--http2-proxy", "--workers=1",
                f"--frontend={self.address},{CLEAR_PORT};no-tls", f"--frontend={self.address},{TLS_PORT}",
                f"--backend={self.squid.address},3128", "--errorlog-file=/dev/stderr", str(self.key), str(self.cert)]
