"""coturn: a TURN server, open to anybody, behind credentials, and open but fenced."""

from .process import Server, find_program


class Turn(Server):
    """Closed by long-term credentials, as it is usually run."""

    name = "coturn (closed)"
    ports = (3478,)
    access = ("--lt-cred-mech", "--user=user:not-told-to-anybody")

    def prepare(self):
        self.turnserver = find_program("turnserver", "coturn")

    def command(self):
        # -n: no configuration file of the machine's. One address for listening and relaying, so entry and exit are one.
        return [self.turnserver, "-n", f"--listening-ip={self.address}", f"--relay-ip={self.address}",
                "--listening-port=3478", "--min-port=49160", "--max-port=49200", "--realm=lab.example",
                "--allow-loopback-peers", "--no-tls", "--no-dtls", "--no-cli", "--log-file=stdout", "--simple-log",
                f"--userdb={self.directory / 'turndb'}", f"--pidfile={self.directory / 'pid'}", *self.access]


class OpenTurn(Turn):
    name = "coturn (open)"
    access = ("--no-auth",)


class FencedTurn(Turn):
    """Relays for anybody, but not to where our sink is."""

    name = "coturn (fenced)"

    def __init__(self, address, forbidden):
        super().__init__(address)
        self.access = ("--no-auth", f"--denied-peer-ip={forbidden}")
