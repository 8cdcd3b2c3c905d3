"""Sendmail, unpacked beside Postfix; m4 makes its configuration.

The probes' address has no name, so a closed Sendmail says 450, 'Relaying temporarily denied', for ever.
"""

import subprocess

from .process import Server, ServerError, find_program
from .program import MAIL_SINK, PROBE_DOMAIN
from .unpacked import path_of

USERS = ("smmta", "smmsp")

CONFIGURATION = """\
VERSIONID(`lab')
OSTYPE(`linux')
define(`confDOMAIN_NAME', `{host}.lab.example')
define(`confDONT_PROBE_INTERFACES', `True')
define(`confDONT_BLAME_SENDMAIL', `GroupWritableDirPathSafe')
define(`confPID_FILE', `{directory}/pid')
define(`confTO_IDENT', `0s')
define(`confMIN_QUEUE_AGE', `1s')
define(`QUEUE_DIR', `{directory}/mqueue')
define(`STATUS_FILE', `')
define(`HELP_FILE', `{helpfile}')
define(`ALIAS_FILE', `')
FEATURE(`no_default_msa')
FEATURE(`accept_unresolvable_domains')
FEATURE(`nocanonify')
{features}
DAEMON_OPTIONS(`Name=MTA, Addr={address}, Port=25, Family=inet')
CLIENT_OPTIONS(`Addr={address}, Family=inet')
MAILER(`local')
MAILER(`smtp')
"""


class Sendmail(Server):
    name = "Sendmail (closed)"
    host = "sendmail-closed"
    ports = (25,)
    features = ""

    def prepare(self):
        self.sendmail = path_of("sendmail-bin", "usr/libexec/sendmail/sendmail")
        parts = path_of("sendmail-cf", "usr/share/sendmail/cf")
        (self.directory / "mqueue").mkdir(exist_ok=True)
        (self.directory / "mqueue").chmod(0o700)
        source = self.directory / "sendmail.mc"
        source.write_text(CONFIGURATION.format(host=self.host, directory=self.directory, address=self.address,
                                               features=self.features,
                                               helpfile=path_of("sendmail-bin", "etc/mail/helpfile")))
        made = subprocess.run([find_program("m4", "m4"), f"-D_CF_DIR_={parts}/", str(parts / "m4" / "cf.m4"), str(source)],
                              capture_output=True, text=True, check=False)
        if made.returncode or not made.stdout:
            raise ServerError(f"m4 makes no sendmail.cf: {made.stderr.strip()}")
        (self.directory / "sendmail.cf").write_text(made.stdout)

    def command(self):
        # It waits for a minute where the machine's name is none that it can look up, and puts mail off for as long as
        # any name in it is not known: it asks its own hosts file first.
        (self.directory / "hosts").write_text(f"{self.address} {self.host}.lab.example\n{MAIL_SINK} mx.{PROBE_DOMAIN}\n")
        named = (f"echo {self.host}.lab.example >/proc/sys/kernel/hostname && "
                 f'mount --bind {self.directory}/hosts /etc/hosts && exec "$@"')
        return ["unshare", "--uts", "--mount", "sh", "-c", named, "named", str(self.sendmail), "-bD", "-q3s",
                "-C", str(self.directory / "sendmail.cf")]

    def log(self, lines=40):
        """It tells syslog alone; what waits in its queue says why."""
        waiting = [line for path in sorted((self.directory / "mqueue").glob("qf*"))
                   for line in path.read_text(errors="replace").splitlines() if line[:1] in "MR"]
        return super().log(lines) + "\n".join(waiting[-lines:])


class OpenSendmail(Sendmail):
    name = "Sendmail (open)"
    host = "sendmail-open"
    features = "FEATURE(`promiscuous_relay')"


class LocalSendersSendmail(Sendmail):
    """Relays for whoever claims to write from its own domain."""

    name = "Sendmail (local senders)"
    host = "sendmail-local"
    features = "FEATURE(`relay_local_from')"
