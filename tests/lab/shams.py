"""Shams: small servers of ours that behave as no packaged server does. None of them forwards anything.

Each is one function over a connected socket. As a program: `python3 -m lab.shams NAME ADDRESS PORT...`, one
process for each sham, a thread for each connection. A peer that goes away ends the conversation, no more.
"""

import random
import socket
import socketserver
import sys
import threading
import time

CHUNK = 65536
GIGABYTE = 1 << 30


def http_head(stream):
    """The request line, after the whole head was read; nothing at the end of the connection."""
    first = stream.readline(CHUNK)
    line = first
    while line.strip():
        line = stream.readline(CHUNK)
    return first.decode("latin-1").strip()


def http_200_to_all(peer):
    """A web server that has a page for everything, CONNECT too."""
    page = b"<html><body><h1>Welcome</h1>It works!</body></html>\n"
    with peer.makefile("rb") as stream:
        while http_head(stream):
            peer.sendall(b"HTTP/1.1 200 OK\r\nServer: sham\r\nContent-Type: text/html\r\n"
                         b"Content-Length: %d\r\n\r\n%s" % (len(page), page))


def http_connect_then_silence(peer):
    """Says that the tunnel is there, and then nothing."""
    with peer.makefile("rb") as stream:
        if http_head(stream):
            peer.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            silent(peer)


def socks_grant_then_silence(peer):
    """Grants SOCKS4 and SOCKS5 requests without connecting anywhere."""
    greeting = peer.recv(CHUNK)
    if greeting[:1] == b"\x05":
        peer.sendall(b"\x05\x00")
        if peer.recv(CHUNK):
            peer.sendall(b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
    elif greeting[:1] == b"\x04":
        peer.sendall(b"\x00\x5a\x00\x00\x00\x00\x00\x00")
    silent(peer)


def echo(peer):
    """Sends back what it gets: a token comes back too, an answer never."""
    while True:
        data = peer.recv(CHUNK)
        if not data:
            return
        peer.sendall(data)


def silent(peer):
    """Reads and never says a word."""
    while peer.recv(CHUNK):
        pass


def garbage(peer):
    """Random bytes, the same ones each time, then listens politely."""
    peer.sendall(random.Random(25).randbytes(4 * CHUNK))
    silent(peer)


def slow(peer):
    """One byte a second, for ever: a line that never ends."""
    peer.sendall(b"220 ")
    while True:
        peer.sendall(b"a")
        time.sleep(1)


def endless_reply(peer):
    """A multi-line SMTP reply without a last line, as fast as it is read."""
    block = b"220-and another thing\r\n" * 1000
    while True:
        peer.sendall(block)


def endless_line(peer):
    """A line without an end, as fast as it is read."""
    peer.sendall(b"220 ")
    while True:
        peer.sendall(b"x" * CHUNK)


def gigabyte(peer):
    """A billion bytes to whoever connects, without being asked."""
    block = b"0123456789abcde\n" * (CHUNK // 16)
    for _ in range(GIGABYTE // CHUNK):
        peer.sendall(block)


def closes_in_the_middle(peer):
    """Greets, and hangs up in the middle of its second reply."""
    peer.sendall(b"220 sham.example ESMTP\r\n")
    peer.recv(CHUNK)
    peer.sendall(b"250-sham.exa")


def resets(peer):
    """Resets every connection at once."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def smtp(peer, after_data, take_mail=None):
    """A mail server that accepts every sender and recipient, answers `after_data` to the message itself."""
    sender, recipients = "", []
    peer.sendall(b"220 sham.example ESMTP\r\n")
    with peer.makefile("rb") as stream:
        while True:
            line = stream.readline(CHUNK)
            if not line:
                return
            word = line[:4].upper()
            if word == b"EHLO":
                peer.sendall(b"250-sham.example\r\n250 8BITMIME\r\n")
            elif word == b"MAIL":
                sender, recipients = address_in(line), []
                peer.sendall(b"250 2.1.0 Ok\r\n")
            elif word == b"RCPT":
                recipients.append(address_in(line))
                peer.sendall(b"250 2.1.5 Ok\r\n")
            elif word == b"DATA":
                peer.sendall(b"354 End data with <CR><LF>.<CR><LF>\r\n")
                message = []
                while line := stream.readline(CHUNK):
                    if line.rstrip(b"\r\n") == b".":
                        break
                    message.append(line)
                peer.sendall(after_data + b"\r\n")
                if take_mail:
                    take_mail(sender, recipients, b"".join(message))
            elif word == b"QUIT":
                peer.sendall(b"221 2.0.0 Bye\r\n")
                return
            else:
                peer.sendall(b"250 2.0.0 Ok\r\n")


def address_in(line):
    text = line.decode("latin-1")
    return text[text.find("<") + 1:text.rfind(">")]


def refuses_after_data(peer):
    """250 to every recipient, 550 to the message."""
    smtp(peer, b"550 5.7.1 Message refused")


def bounces(peer):
    """Accepts every mail and bounces it: the token goes to our mail exchanger, but in a body, from <>."""
    def later(*mail):
        threading.Thread(target=bounce_to_sink, args=mail, daemon=True).start()

    smtp(peer, b"250 2.0.0 Ok: queued as 1", later)


MAIL_SINK = ("127.0.99.25", 25)


def bounce_to_sink(sender, recipients, message):
    body = (b"From: MAILER-DAEMON@sham.example\r\nSubject: Undelivered Mail\r\n\r\n"
            + "".join(f"<{address}>: relay access denied\r\n" for address in recipients).encode() + b"\r\n"
            + b"".join(b"> " + line for line in message.splitlines(keepends=True)))
    commands = [b"EHLO sham.example", b"MAIL FROM:<>", f"RCPT TO:<{sender}>".encode(), b"DATA"]
    with socket.create_connection(MAIL_SINK, timeout=10) as sink, sink.makefile("rb") as stream:
        reply(stream)
        for command in commands:
            sink.sendall(command + b"\r\n")
            code = reply(stream)
            print(f"bounce: {command.decode()} -> {code}", flush=True)
            if code >= 400:
                break
        else:
            sink.sendall(body + b"\r\n.\r\n")
            print(f"bounce: message -> {reply(stream)}", flush=True)
        sink.sendall(b"QUIT\r\n")


def reply(stream):
    """The code of one SMTP reply, its last line included."""
    line = stream.readline(CHUNK)
    while line[3:4] == b"-":
        line = stream.readline(CHUNK)
    return int(line[:3]) if line[:3].isdigit() else 500


SHAMS = {
    "http-200-to-all": http_200_to_all,
    "http-connect-then-silence": http_connect_then_silence,
    "socks-grant-then-silence": socks_grant_then_silence,
    "echo": echo,
    "silent": silent,
    "garbage": garbage,
    "slow": slow,
    "endless-reply": endless_reply,
    "endless-line": endless_line,
    "gigabyte": gigabyte,
    "closes-in-the-middle": closes_in_the_middle,
    "resets": resets,
    "smtp-refuses-after-data": refuses_after_data,
    "smtp-bounces": bounces,
}


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64


def listen(behaviour, address, port):
    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            try:
                behaviour(self.request)
            except OSError:
                pass  # the peer has gone

        def finish(self):
            print(f"{self.client_address[0]} left port {port}", flush=True)

    return Listener((address, port), Handler)


def main(name, address, *ports, behaviours=SHAMS):
    listeners = [listen(behaviours[name], address, int(port)) for port in ports]
    for listener in listeners[1:]:
        threading.Thread(target=listener.serve_forever, daemon=True).start()
    listeners[0].serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
