"""Postfix, as many instances as wanted, each with private configuration, queue and data directories.

The listening address stands in master.cf, because inet_interfaces refuses what is not configured on an
interface; nothing runs in a chroot, so that the room's resolv.conf counts. The master leaves its process
group: `postfix stop` ends it, and its pid file says whether it has gone.
"""

import json
import os
import pwd
import signal
import subprocess
from pathlib import Path

from .process import STOP_SECONDS, Server, ServerError, answers, find_program, wait_until

# The queue manager wakes often: a reload can end it right after it has taken the request to look at the queue, and what
# waits there would then wait for the next wake-up. Without tlsmgr Postfix offers STARTTLS and can do no TLS.
MASTER = """\
{address}:25 inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 5 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""

MAIN = {
    "compatibility_level": "3.6",
    "inet_protocols": "ipv4",
    "maillog_file": "/dev/stdout",
    "mydomain": "lab.example",
    "alias_maps": "",
    "alias_database": "",
    "local_recipient_maps": "inline:{ {postmaster = postmaster} }",
    "local_transport": "discard",
    "notify_classes": "",
    "biff": "no",
    # Our own responder says where the probe domain's mail goes.
    "disable_dns_lookups": "no",
    "smtp_host_lookup": "dns",
    "smtp_tls_security_level": "none",
    # A mail that could not be sent is tried again within seconds.
    "queue_run_delay": "3s",
    "minimal_backoff_time": "3s",
    "maximal_backoff_time": "6s",
    "smtp_connect_timeout": "5s",
}

CLOSED_RULES = "permit_mynetworks, reject_unauth_destination"


class Postfix(Server):
    """Closed: relays for its own address only, as a stock installation does."""

    name = "Postfix (closed)"
    host = "closed"
    ports = (25,)

    def settings(self):
        return {"mynetworks": f"{self.address}/32", "smtpd_relay_restrictions": CLOSED_RULES}

    def prepare(self):
        self.postfix = find_program("postfix", "postfix")
        try:
            owner = pwd.getpwnam("postfix")
        except KeyError as error:
            raise ServerError("there is no user 'postfix': install the Debian package postfix") from error
        for part in ("conf", "queue", "data"):
            (self.directory / part).mkdir(exist_ok=True)
        os.chown(self.directory / "data", owner.pw_uid, owner.pw_gid)
        self._write_main(self.settings())
        (self.conf / "master.cf").write_text(MASTER.format(address=self.address))

    def _write_main(self, settings):
        values = dict(MAIN,
                      myhostname=f"{self.host}.lab.example",
                      mydestination=f"{self.host}.lab.example, localhost",
                      queue_directory=self.directory / "queue",
                      data_directory=self.directory / "data",
                      smtp_bind_address=self.address,
                      **settings)
        (self.conf / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in values.items()))

    @property
    def conf(self):
        return self.directory / "conf"

    def command(self):
        return [self.postfix, "-c", str(self.conf), "start-fg"]

    def ask_to_stop(self):
        self._postfix("stop", check=False)

    def kill(self):
        master = self.master()
        if master:
            try:
                os.killpg(os.getpgid(master), signal.SIGKILL)
            except ProcessLookupError:
                pass
            wait_until(lambda: not self.master(), STOP_SECONDS, "the Postfix master ends")
        super().kill()

    def master(self):
        """The master's process id while it lives."""
        try:
            pid = int((self.directory / "queue" / "pid" / "master.pid").read_text())
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (OSError, ValueError):
            return None
        return None if state == "Z" else pid

    def reconfigure(self, **changes):
        """Writes main.cf anew with `changes` and reloads: what its owner does."""
        self._write_main({**self.settings(), **changes})
        self._postfix("reload")

    def close(self):
        """Shuts the relay for real: only its own address may relay now."""
        self.reconfigure(mynetworks=f"{self.address}/32", smtpd_relay_restrictions=CLOSED_RULES)

    def hold_outgoing(self):
        """From now on accepted mail waits in the queue instead of leaving."""
        self.reconfigure(smtpd_data_restrictions="check_client_access static:HOLD")

    def release_outgoing(self):
        """What waits leaves. Without a reload: one that catches the queue manager at work can stop it for minutes."""
        subprocess.run([find_program("postsuper", "postfix"), "-c", str(self.conf), "-H", "ALL"], check=True)
        subprocess.run([find_program("postqueue", "postfix"), "-c", str(self.conf), "-f"], check=True)

    def stop_listening(self):
        """Its port closes; what is in the queue is still delivered."""
        lines = MASTER.format(address=self.address).splitlines(keepends=True)
        (self.conf / "master.cf").write_text("".join(line for line in lines if not line.endswith(" smtpd\n")))
        self._postfix("reload")
        wait_until(lambda: not answers(self.address, 25), STOP_SECONDS, "Postfix stops listening")

    def queued(self):
        """The mail that waits: queue id -> recipients."""
        done = subprocess.run([find_program("postqueue", "postfix"), "-c", str(self.conf), "-j"],
                              capture_output=True, text=True, check=False)
        mails = [json.loads(line) for line in done.stdout.splitlines()]
        return {mail["queue_id"]: [recipient["address"] for recipient in mail["recipients"]] for mail in mails}

    def _postfix(self, word, check=True):
        done = subprocess.run([self.postfix, "-c", str(self.conf), word], capture_output=True, text=True, check=False)
        if check and done.returncode:
            self.fail(f"refuses '{word}': {done.stderr.strip()}")


class OpenPostfix(Postfix):
    """Relays for the world: `mynetworks = 0.0.0.0/0`."""

    name = "Postfix (open)"
    host = "open"

    def settings(self):
        return {"mynetworks": "0.0.0.0/0", "smtpd_relay_restrictions": CLOSED_RULES}


class DiscardingPostfix(Postfix):
    """Accepts everything and throws it away: no relay, however friendly its answers."""

    name = "Postfix (accepts and discards)"
    host = "discard"

    def settings(self):
        return {"mynetworks": "0.0.0.0/0", "smtpd_relay_restrictions": CLOSED_RULES, "default_transport": "discard"}
