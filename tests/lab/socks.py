"""Dante and microsocks: SOCKS servers, open and closed."""

from .process import Server, find_program


class Dante(Server):
    """Closed by rule: the client may speak, every request is blocked."""

    name = "Dante (closed)"
    ports = (1080,)
    rule = "block"

    def prepare(self):
        self.danted = find_program("danted", "dante-server")
        (self.directory / "danted.conf").write_text(f"""\
logoutput: stderr
internal: {self.address} port = 1080
external: {self.address}
clientmethod: none
socksmethod: none
user.privileged: root
user.unprivileged: nobody
client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
socks {self.rule} {{ from: 0.0.0.0/0 to: 0.0.0.0/0 log: error }}
""")

    def command(self):
        return [self.danted, "-f", str(self.directory / "danted.conf"), "-p", str(self.directory / "pid"), "-N", "1"]


class OpenDante(Dante):
    name = "Dante (open)"
    rule = "pass"


class Microsocks(Server):
    """Closed by password."""

    name = "microsocks (closed)"
    ports = (1080,)
    options = ("-u", "user", "-P", "not-told-to-anybody")

    def prepare(self):
        self.microsocks = find_program("microsocks", "microsocks")

    def command(self):
        return [self.microsocks, "-i", self.address, "-p", "1080", "-b", self.address, *self.options]


class OpenMicrosocks(Microsocks):
    name = "microsocks (open)"
    options = ()
