"""Small faithful servers of ours for what Debian has no server for: a telnet gateway of WinGate's kind, a web page
proxy, and an HTTP proxy that takes POST alone. They relay for anybody, so they live in a room only.

As a program: `python3 -m lab.gateways NAME ADDRESS PORT`, one process each, a thread for each connection.
"""

import socket
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from .process import Server
from .shams import CHUNK, http_head, listen


def pump(source, sink):
    try:
        while data := source.recv(CHUNK):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        try:
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass


def connect_from(own, host, port):
    """Leaves from our own address, so that entry and exit are the same."""
    return socket.create_connection((host, int(port)), timeout=10, source_address=(own, 0))


def telnet_gateway(peer):
    """As WinGate's telnet service: a prompt, "host port", and the line is connected."""
    own = peer.getsockname()[0]
    peer.sendall(b"\xff\xfb\x01\xff\xfe\x01\xff\xfd\x03\xff\xfb\x03WinGate>")
    line = b""
    while not line.endswith(b"\n"):
        byte = peer.recv(1)
        if not byte:
            return
        peer.sendall(byte)  # it echoes
        line += byte
    host, _, port = line.decode("latin-1").strip().partition(" ")
    peer.sendall(f"Connecting to host {host}...".encode())
    try:
        far = connect_from(own, host, port or "23")
    except OSError:
        peer.sendall(b"Host name lookup or connection failed\r\n")
        return
    with far:
        peer.sendall(b"Connected\r\n")
        threading.Thread(target=pump, args=(peer, far), daemon=True).start()
        pump(far, peer)


def telnet_login(peer):
    """A machine that wants to know who is there. What it is told must be nothing."""
    peer.sendall(b"Debian GNU/Linux 12\r\nhost login: ")
    said = peer.recv(CHUNK)
    print(f"login was told {said!r}", flush=True)
    if said:
        peer.sendall(b"Password: ")
        peer.recv(CHUNK)


def page_proxy(peer):
    """As Glype and its like: /browse.php?u=ADDRESS brings the page, all else a form."""
    with peer.makefile("rb") as stream:
        words = http_head(stream).split()
    path = urllib.parse.urlsplit(words[1]) if len(words) > 1 else urllib.parse.urlsplit("/")
    wanted = urllib.parse.parse_qs(path.query).get("u") if path.path == "/browse.php" else None
    if not wanted:
        answer(peer, "200 OK", b"<form action=/browse.php><input name=u></form>\n")
        return
    try:
        with urllib.request.urlopen(wanted[0], timeout=10) as page:
            answer(peer, "200 OK", b"<html><!-- proxied -->" + page.read(CHUNK) + b"</html>\n")
    except (urllib.error.URLError, ValueError, OSError):
        answer(peer, "200 OK", b"The page could not be fetched.\n")


def redirecting_page(peer):
    """Sends visitors on instead of fetching for them: no proxy."""
    with peer.makefile("rb") as stream:
        words = http_head(stream).split()
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(words[1]).query) if len(words) > 1 else {}
    where = next(iter(query.values()), ["/"])[0]
    peer.sendall(f"HTTP/1.1 302 Found\r\nLocation: {where}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())


def post_only(peer):
    """An HTTP proxy that passes on POST, to any port, and nothing else."""
    own = peer.getsockname()[0]
    with peer.makefile("rb") as stream:
        head = [stream.readline(CHUNK)]
        while head[-1].strip():
            head.append(stream.readline(CHUNK))
        method, target, _ = (head[0].decode("latin-1").split() + ["", "", ""])[:3]
        if method != "POST" or not target.startswith("http://"):
            answer(peer, "405 Method Not Allowed", b"POST only\n")
            return
        length = next((int(line.split(b":")[1]) for line in head if line.lower().startswith(b"content-length:")), 0)
        body = stream.read(length)
    parts = urllib.parse.urlsplit(target)
    with connect_from(own, parts.hostname, parts.port or 80) as far:
        far.sendall(f"POST {parts.path or '/'} HTTP/1.1\r\n".encode() + b"".join(head[1:]) + body)
        pump(far, peer)


def answer(peer, status, page):
    peer.sendall(f"HTTP/1.1 {status}\r\nServer: gateway-of-the-lab\r\nContent-Type: text/html\r\n"
                 f"Content-Length: {len(page)}\r\nConnection: close\r\n\r\n".encode() + page)


GATEWAYS = {
    "telnet-gateway": telnet_gateway,
    "telnet-login": telnet_login,
    "page-proxy": page_proxy,
    "redirecting-page": redirecting_page,
    "post-only": post_only,
}


class Gateway(Server):
    def __init__(self, address, kind, port):
        super().__init__(address)
        self.kind = kind
        self.name = f"our own '{kind}'"
        self.ports = (port,)

    def command(self):
        runner = "import sys; sys.path.insert(0, sys.argv.pop(1)); from lab.gateways import main; main(*sys.argv[1:])"
        tests = str(Path(__file__).resolve().parent.parent)
        return [sys.executable, "-E", "-c", runner, tests, self.kind, self.address, str(self.ports[0])]


def main(name, address, port):
    listen(GATEWAYS[name], address, int(port)).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
