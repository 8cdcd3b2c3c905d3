"""Filters that ask the list: SpamAssassin and Rspamd. Each is shown a mail with the address it came from, as a mail server
would show it, and says what it has found."""

import http.client
import json
import os
import pwd
import subprocess
from email.utils import formatdate
from ipaddress import ip_address

from .list_clients import PATIENCE, ListClient, Verdict
from .process import ServerError, find_program

MAIL = """\
Received: from client.lab.example (client.lab.example [{source}])
\tby mx.lab.example (Postfix) with ESMTP id 4SkX5T0000z1
\tfor <somebody@lab.example>; {date}
From: A client <somebody@client.lab.example>
To: somebody@lab.example
Subject: Nothing of note
Date: {date}
Message-ID: <{id}@client.lab.example>

There is nothing to find in here.
"""


def mail_from(source):
    shown = f"IPv6:{source}" if ip_address(source).version == 6 else source
    return MAIL.format(source=shown, date=formatdate(), id=source.replace(":", "-"))


class SpamAssassin(ListClient):
    """spamd, asked by spamc. Refused: what the list's rules add to the score."""

    name = "SpamAssassin"
    ports = (783,)
    files = ("spamassassin.cf",)

    def prepare(self):
        rules, site = self.directory / "rules", self.directory / "site"
        for folder in (rules, site):
            folder.mkdir(exist_ok=True)
        # No other rules: they ask everybody else's lists.
        (rules / "10_none.cf").write_text("# none\n")
        (site / "init.pre").write_text("".join(f"loadplugin Mail::SpamAssassin::Plugin::{name}\n"
                                               for name in ("Check", "DNSEval")))
        (site / "local.cf").write_text(f"trusted_networks {self.address}\nutil_rb_tld example\nuse_bayes 0\n"
                                       "rbl_timeout 5 1\n")
        (site / "list.cf").write_text(self.handed_out("spamassassin.cf"))
        places = ["-C", str(rules), "--siteconfigpath", str(site)]
        checked = subprocess.run([find_program("spamassassin", "spamassassin"), "--lint", "-L", *places],
                                 capture_output=True, text=True, timeout=PATIENCE, check=False)
        if checked.returncode or checked.stderr:
            raise ServerError(f"SpamAssassin finds fault with its settings:\n{checked.stderr}")
        self.places = places

    def command(self):
        return [find_program("spamd", "spamd"), "-i", self.address, "-p", "783", "-A", "198.18.0.0/15", "-x",
                "--max-children", "4", "--min-children", "4", "--syslog", "stderr", "-u", "nobody",
                "--pidfile", str(self.directory / "pid"), *self.places]

    def comes_from(self, source):
        command = [find_program("spamc", "spamc"), "-d", self.address, "-p", "783", "-y", "-x", "-t", str(PATIENCE)]
        done = subprocess.run(command, input=mail_from(source), capture_output=True, text=True, timeout=2 * PATIENCE,
                              check=False)
        if done.returncode:
            raise AssertionError(f"spamc ends with {done.returncode}: {done.stderr}\n{self.log()}")
        return Verdict("RCVD_IN_" in done.stdout, done.stdout.strip())


class Rspamd(ListClient):
    """With Debian's whole configuration. Refused: any symbol of the list's, but that it failed."""

    name = "Rspamd"
    ports = (11333,)
    start_seconds = 180  # it reads a great many rules first
    files = ("rspamd-rbl.conf", "rspamd-rbl_group.conf")

    def prepare(self):
        local = self.directory / "local.d"
        local.mkdir(exist_ok=True)
        for name, text in {
                "worker-normal.inc": f'bind_socket = "{self.address}:11333";\ncount = 1;\n',
                "worker-controller.inc": "enabled = false;\n",
                "worker-proxy.inc": "enabled = false;\n",
                "logging.inc": 'type = "console";\n',
                # Compiling patterns for speed, of all the world's domains, takes longer than all of this test.
                "options.inc": f'disable_hyperscan = true;\nurl_tld = "{self.directory}/local.d/domains";\n',
                "domains": "example\n",
                "rbl.conf": self.handed_out("rspamd-rbl.conf"),
                "rbl_group.conf": self.handed_out("rspamd-rbl_group.conf")}.items():
            (local / name).write_text(text)
        owner = pwd.getpwnam("_rspamd")
        for folder in ("db", "run", "logs"):
            (self.directory / folder).mkdir(exist_ok=True)
            os.chown(self.directory / folder, owner.pw_uid, owner.pw_gid)

    def command(self):
        places = {"LOCAL_CONFDIR": self.directory, "DBDIR": self.directory / "db", "RUNDIR": self.directory / "run",
                  "LOGDIR": self.directory / "logs"}
        return [find_program("rspamd", "rspamd"), "-f", "-u", "_rspamd", "-g", "_rspamd",
                *(f"--var={name}={path}" for name, path in places.items())]

    def comes_from(self, source):
        connection = http.client.HTTPConnection(self.address, 11333, timeout=PATIENCE)
        connection.request("POST", "/checkv2", mail_from(source).encode(),
                           {"IP": source, "Helo": "client.lab.example", "From": "somebody@client.lab.example",
                            "Rcpt": "somebody@lab.example"})
        found = json.load(connection.getresponse())["symbols"]
        connection.close()
        ours = {name: symbol["score"] for name, symbol in found.items() if name.startswith("BL_EXAMPLE")}
        return Verdict(any(not name.endswith("_FAIL") for name in ours),
                       " ".join(f"{name}({score})" for name, score in sorted(ours.items())))
