"""OpenSMTPD, unpacked beside Postfix. Its directories are compiled in: each instance has empty ones of its own."""

from .process import Server
from .unpacked import path_of, privately

USERS = ("opensmtpd", "opensmtpq")


class OpenSmtpd(Server):
    """Closed: relays for its own machine, as it is shipped."""

    name = "OpenSMTPD (closed)"
    host = "opensmtpd-closed"
    ports = (25,)
    whose = "local"

    def prepare(self):
        self.smtpd = path_of("opensmtpd", "usr/sbin/smtpd")
        conf = self.directory / "smtpd.conf"
        conf.write_text(f"""\
listen on {self.address} port 25 hostname {self.host}.lab.example
action "out" relay src {self.address} helo {self.host}.lab.example
match from {self.whose} for any action "out"
""")
        conf.chmod(0o600)

    def command(self):
        private = {"/var/lib": ["opensmtpd/empty"], "/var/spool": ["smtpd"], "/run": []}
        return privately(private, [self.smtpd, "-d", "-f", self.directory / "smtpd.conf"])


class OpenOpenSmtpd(OpenSmtpd):
    """`match from any for any`."""

    name = "OpenSMTPD (open)"
    host = "opensmtpd-open"
    whose = "any"
