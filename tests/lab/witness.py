"""The page that nmap is to fetch through an open proxy. As a program, like shams.py."""

import sys

from . import shams
from .traps import page


def serve(peer):
    with peer.makefile("rb") as stream:
        shams.http_head(stream)
    page(peer, "200 OK", "", b"<html>\nwitnessofthelab\n</html>\n")


def main(name, address, *ports):
    shams.main(name, address, *ports, behaviours={"page": serve})


if __name__ == "__main__":
    main(*sys.argv[1:])
