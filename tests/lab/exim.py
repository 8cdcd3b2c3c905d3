"""Exim, unpacked beside Postfix: closed, open, with the percent hack, bouncing, and for known users only.

Delivery to 127.0.0.0/8 has to be allowed by name (`self`, `allow_localhost`). Local mail goes nowhere.
"""

import os
import pwd
from pathlib import Path

from .process import Server, ServerError
from .unpacked import path_of

USER = "Debian-exim"

CONFIGURATION = """\
primary_hostname = {host}.lab.example
domainlist local_domains = @
exim_path = {exim}
exim_user = {user}
exim_group = {user}
never_users = root
spool_directory = {directory}/spool
log_file_path = {directory}/%slog
pid_file_path = {directory}/spool/pid
local_interfaces = {listen}
daemon_smtp_ports = 25
rfc1413_query_timeout = 0s
host_lookup =
tls_advertise_hosts =
keep_environment =
dns_dnssec_ok = 0
{main}
acl_smtp_rcpt = rcpt

begin acl
{acl}
rcpt:
{rcpt}
  accept domains = +local_domains
  deny message = relay not permitted

begin routers
{routers}
elsewhere:
  driver = dnslookup
  domains = ! +local_domains
  transport = smtp_out
  self = send
  no_more
here:
  driver = redirect
  data = :blackhole:

begin transports
smtp_out:
  driver = smtp
  interface = {address}
  allow_localhost
  hosts_try_dane =

begin retry
* * F,1h,3s

begin authenticators
{authenticators}
"""


class Exim(Server):
    """Closed, and says 250 to `user%elsewhere@itself` all the same: it has not looked at local users yet."""

    name = "Exim (closed)"
    host = "exim-closed"
    ports = (25,)
    main = acl = rcpt = routers = authenticators = ""

    @property
    def listen(self):
        return self.address

    def prepare(self):
        self.exim = path_of("exim4-daemon-light", "usr/sbin/exim4")
        try:
            owner = pwd.getpwnam(USER)
        except KeyError as error:
            raise ServerError(f"there is no user '{USER}': call room.add_users first") from error
        (self.directory / "spool").mkdir(exist_ok=True)
        for path in (self.directory, self.directory / "spool"):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        values = {part: getattr(self, part) for part in ("host", "listen", "main", "acl", "rcpt", "routers",
                                                      "authenticators")}
        # A configuration that anybody else could write is none to Exim.
        conf = self.directory / "exim.conf"
        conf.write_text(CONFIGURATION.format(exim=self.exim, user=USER, directory=self.directory, address=self.address,
                                             **values))
        conf.chmod(0o644)

    def command(self):
        return [str(self.exim), "-C", str(self.directory / "exim.conf"), "-bdf", "-q3s"]

    def log(self, lines=40):
        own = Path(self.directory) / "mainlog"
        return super().log(lines) + (own.read_text(errors="replace")[-4000:] if own.exists() else "")


class OpenExim(Exim):
    """`relay_from_hosts = *`."""

    name = "Exim (open)"
    host = "exim-open"
    rcpt = "  accept hosts = *"


class PercentExim(Exim):
    """Takes `user%elsewhere@itself`, `elsewhere!user@itself` and `"user@elsewhere"@itself`, and sends them on."""

    name = "Exim (percent hack)"
    host = "exim-percent"
    routers = r"""
percent_hack:
  driver = redirect
  domains = +local_domains
  data = ${if match{$local_part}{\N^(.+)%([^%]+)$\N}{$1@$2}{${if match{$local_part}{\N^([^!]+)!(.+)$\N}{$2@$1}\
         {${if match{$local_part}{@}{$local_part}fail}}}}}
"""


class BouncingExim(Exim):
    """Accepts mail for anybody from anybody, and then bounces it: backscatter, but no relay."""

    name = "Exim (accepts, then bounces)"
    host = "exim-bounces"
    rcpt = "  accept hosts = *"
    routers = """
nobody:
  driver = redirect
  condition = ${if def:sender_host_address}
  allow_fail
  data = :fail: no such user
"""


class AuthenticatedExim(Exim):
    """Relays for those who log in, and says 530 to everybody else."""

    name = "Exim (authenticated only)"
    host = "exim-auth"
    main = "acl_smtp_mail = mail"
    acl = """mail:
  accept authenticated = *
  deny message = 530 5.7.0 Authentication required
"""
    rcpt = "  accept authenticated = *"
    authenticators = """
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = no
"""
