"""Small mail relays of ours, open to all, with habits that no packaged server has. They send mail on for real, so they
live in a room only.

All mail goes to our mail sink, wherever its recipient is, as if its MX had been asked for; what the sink does not know it
refuses.
As a program: `python3 -m lab.relays NAME ADDRESS PORT...`, like shams.py.
"""

import socket
import threading
import time

from . import shams
from .shams import CHUNK, MAIL_SINK, address_in, reply

GREETING = b"220 relay.lab.example ESMTP"
MARKUP = b"<script>window.pwned=1</script><img src=pwned onerror=window.pwned=1>"


def send_on(own, sender, recipients, message, helo=b"relay.lab.example"):
    """Hands the mail to the sink, from our own address. True when it was taken."""
    with socket.create_connection(MAIL_SINK, timeout=10, source_address=(own, 0)) as sink, sink.makefile("rb") as stream:
        reply(stream)
        for command in (b"EHLO " + helo, f"MAIL FROM:<{sender}>".encode(),
                        *(f"RCPT TO:<{each}>".encode() for each in recipients), b"DATA"):
            sink.sendall(command + b"\r\n")
            if reply(stream) >= 400:
                return False
        sink.sendall(message + b"\r\n.\r\n")
        return reply(stream) < 400


class Habits:
    """What a relay does otherwise than others do."""

    greeting = GREETING
    pause = 0.0            # before each reply
    good = b"250 Ok"       # to most commands
    reset = b"250 Ok"      # to RSET
    taken = b"250 Ok"      # to the message
    strips = False         # headers and body
    knows_ehlo = True
    at_most = None         # messages it sends on for one client; the rest it keeps

    def __init__(self):
        self.sent = {}
        self.lock = threading.Lock()

    def may_send(self, client):
        with self.lock:
            self.sent[client] = self.sent.get(client, 0) + 1
            return self.at_most is None or self.sent[client] <= self.at_most

    def __call__(self, peer):
        own, client = peer.getsockname()[0], peer.getpeername()[0]
        sender, recipients = "", []

        def say(line):
            time.sleep(self.pause)
            peer.sendall(line + b"\r\n")

        say(self.greeting)
        with peer.makefile("rb") as stream:
            while line := stream.readline(CHUNK):
                word = line[:4].upper()
                if word == b"EHLO" and not self.knows_ehlo:
                    say(b"500 What?")
                elif word == b"MAIL":
                    sender, recipients = address_in(line), []
                    say(self.good)
                elif word == b"RCPT":
                    recipients.append(address_in(line))
                    say(self.good)
                elif word == b"DATA":
                    say(b"354 Go on")
                    message = []
                    while (part := stream.readline(CHUNK)) and part.rstrip(b"\r\n") != b".":
                        message.append(part)
                    body = b"" if self.strips else b"".join(message)
                    if self.may_send(client):
                        self.send_on(own, sender, recipients, body.rstrip(b"\r\n"))
                    say(self.taken)
                elif word == b"RSET":
                    say(self.reset)
                elif word == b"QUIT":
                    say(b"221 Bye")
                    return
                else:
                    say(self.good)

    def send_on(self, own, sender, recipients, message):
        send_on(own, sender, recipients, message)


class Slow(Habits):
    """A second before each reply."""

    pause = 1.0


class RefusesRset(Habits):
    reset = b"502 Not implemented"


class Strips(Habits):
    """Neither headers nor body come through: only the envelope does."""

    strips = True


class Lies(Habits):
    """Refuses the message in words, and sends it on all the same."""

    taken = b"550 No relaying"


class OldFashioned(Habits):
    """HELO alone, as forty years ago."""

    knows_ehlo = False


class FirstOnly(Habits):
    """A honeypot that lets a client's first message through, to be taken for open, and keeps the rest."""

    at_most = 1


class WritesMarkup(Habits):
    """Says and sends HTML wherever a text of its own can stand: who shows it as it is runs it."""

    greeting = b"220 " + MARKUP + b" ESMTP"
    good = b"250 " + MARKUP
    taken = good
    reset = good

    def send_on(self, own, sender, recipients, message):
        send_on(own, sender, recipients, b"Received: from " + MARKUP + b"\r\n" + message, helo=MARKUP)


RELAYS = {
    "slow": Slow(),
    "refuses-rset": RefusesRset(),
    "strips-everything": Strips(),
    "says-550-and-relays": Lies(),
    "helo-only": OldFashioned(),
    "first-message-only": FirstOnly(),
    "writes-markup": WritesMarkup(),
}


def main(name, address, *ports):
    shams.main(name, address, *ports, behaviours=RELAYS)


if __name__ == "__main__":
    import sys
    main(*sys.argv[1:])
