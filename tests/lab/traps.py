"""Traps: small servers of ours that look open to whoever believes what he is told. None of them forwards anything.

As a program: `python3 -m lab.traps NAME ADDRESS PORT...`, like shams.py.
"""

import time

from . import shams
from .shams import CHUNK, http_head

# What a sink of ours has said once to somebody: whoever has seen it can say it again, and knows no later answer.
OLD_GREETING = b"220 provenbl callback\r\n"
OLD_ANSWER = b"250 mfrggzdfmztwq2lknnwg23tpobyxg5dvoz3xq6l2mfrggzdfmztwq2lknnwg23tp\r\n"


def grant_socks(peer):
    """Says yes to SOCKS4 and SOCKS5, step by step; false when it was neither."""
    greeting = peer.recv(CHUNK)
    if greeting[:1] == b"\x05":
        peer.sendall(b"\x05\x00")
        if not peer.recv(CHUNK):
            return False
        peer.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x19")
    elif greeting[:1] == b"\x04":
        peer.sendall(b"\x00\x5a\x00\x19\x7f\x00\x00\x01")
    else:
        return False
    return True


def grant_connect(peer):
    """Says 200 to a CONNECT, 405 to all else."""
    with peer.makefile("rb") as stream:
        line = http_head(stream)
    if not line.startswith("CONNECT "):
        peer.sendall(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        return False
    peer.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    return True


def fake_smtp(peer):
    """A mail server of its own behind the grant, that takes everything."""
    shams.smtp(peer, b"250 2.0.0 Ok: queued as 4F2A91")


def replay(peer):
    """Says what our sink has said before, whatever it is asked."""
    peer.sendall(OLD_GREETING)
    while peer.recv(CHUNK):
        peer.sendall(OLD_ANSWER)


def behind(grant, behaviour):
    def trap(peer):
        if grant(peer):
            behaviour(peer)

    return trap


def page(peer, status, headers, body):
    peer.sendall(f"HTTP/1.1 {status}\r\n{headers}Content-Type: text/html\r\nContent-Length: {len(body)}\r\n"
                 "Connection: close\r\n\r\n".encode() + body)


def captive(peer):
    """Sends everybody to its page first, as in a hotel."""
    with peer.makefile("rb") as stream:
        http_head(stream)
    page(peer, "302 Found", "Location: http://portal.lab.example/login\r\n", b"<html>Please log in.</html>\n")


def imitates_a_search_engine(peer):
    """A page for every request, with the header of a server that testers like to ask for."""
    with peer.makefile("rb") as stream:
        http_head(stream)
    page(peer, "200 OK", "Server: gws\r\nVia: 1.1 cache (squid/5.7)\r\n", b"<html>wikimedia, museum, welcome</html>\n")


def tells_the_request_back(peer):
    """A page for debugging: all that was asked stands in it, a token too."""
    request = peer.recv(CHUNK)
    page(peer, "200 OK", "", b"<pre>You asked:\n" + request + b"</pre>\n")


def wants_a_password(peer):
    with peer.makefile("rb") as stream:
        http_head(stream)
    page(peer, "407 Proxy Authentication Required", 'Proxy-Authenticate: Basic realm="x"\r\n', b"no\n")


def turns_away(peer):
    """554 instead of a greeting, and no word more."""
    peer.sendall(b"554 5.7.1 No mail is taken from here\r\n")
    peer.recv(CHUNK)


def tarpit(peer):
    """An ordinary closed mail server at a byte every tenth of a second."""
    def slowly(line):
        for byte in line:
            peer.sendall(bytes([byte]))
            time.sleep(0.1)

    slowly(b"220 tar ESMTP\r\n")
    with peer.makefile("rb") as stream:
        while line := stream.readline(CHUNK):
            word = line[:4].upper()
            if word == b"QUIT":
                slowly(b"221 Bye\r\n")
                return
            slowly(b"554 No\r\n" if word == b"RCPT" else b"503 No\r\n" if word == b"DATA" else b"250 Ok\r\n")


def takes_all_and_keeps_it(peer):
    """A honeypot: says yes to every command, also to those that there are not, and lets users in with any password."""
    shams.smtp(peer, b"250 2.0.0 Ok: queued as 77A0C1")


TRAPS = {
    "socks-then-fake-smtp": behind(grant_socks, fake_smtp),
    "socks-then-replay": behind(grant_socks, replay),
    "socks-then-echo": behind(grant_socks, shams.echo),
    "connect-then-fake-smtp": behind(grant_connect, fake_smtp),
    "connect-then-replay": behind(grant_connect, replay),
    "connect-then-echo": behind(grant_connect, shams.echo),
    "captive-portal": captive,
    "search-engine": imitates_a_search_engine,
    "tells-request-back": tells_the_request_back,
    "wants-a-password": wants_a_password,
    "smtp-turns-away": turns_away,
    "smtp-tarpit": tarpit,
    "smtp-honeypot": takes_all_and_keeps_it,
}


def main(name, address, *ports):
    shams.main(name, address, *ports, behaviours=TRAPS)


if __name__ == "__main__":
    import sys
    main(*sys.argv[1:])
