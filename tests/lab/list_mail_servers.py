"""Mail servers that ask the list: Postfix with and without postscreen, Exim, Sendmail, Haraka. Settings: docs/clients."""

import os
import shutil
import subprocess
from pathlib import Path

from . import exim, postfix, sendmail
from .list_clients import ListClient, MailServer
from .process import find_program

# What an administrator has besides: postscreen in front on port 25, smtpd alone on port 2525.
MASTER = """\
25 inet n - n - 1 postscreen
smtpd pass - - n - - smtpd
2525 inet n - n - - smtpd
dnsblog unix - - n - 0 dnsblog
tlsproxy unix - - n - 0 tlsproxy
"""


class ListPostfix(postfix.Postfix, MailServer):
    """smtpd alone."""

    name = "Postfix"
    host = "postfix"
    ports = (25, 2525)
    files = ("postfix.cf", "postscreen.cf", "postfix-key.cf")
    key = ""  # of a zone that needs one

    def settings(self):
        return {"mynetworks": "127.0.0.1/32", "smtpd_relay_restrictions": postfix.CLOSED_RULES, "inet_protocols": "all",
                "inet_interfaces": f"{self.address}, {self.address6}",
                # Its own tests of clients cost seconds, and are none of ours.
                "postscreen_greet_wait": "2s"}

    def prepare(self):
        # One postscreen for both families, so what interfaces hold has to say where it listens.
        for address in (f"{self.address}/32", f"{self.address6}/128"):
            subprocess.run([find_program("ip", "iproute2"), "address", "replace", address, "dev", "lo"], check=True)
        super().prepare()
        with open(self.conf / "main.cf", "a", encoding="utf-8") as main:
            for file in self.files if self.key else self.files[:2]:
                main.write(self.handed_out(file).replace("KEY", self.key))
        rest = "".join(line for line in postfix.MASTER.splitlines(keepends=True) if not line.endswith(" smtpd\n"))
        (self.conf / "master.cf").write_text(MASTER + rest)

    def comes_from(self, source, port=2525):
        return MailServer.comes_from(self, source, port)


class Postscreen(ListClient):
    """The same server through its other door."""

    name = "postscreen"

    def __init__(self, server):
        super().__init__(0)
        self.server = server

    def comes_from(self, source):
        return self.server.comes_from(source, 25)


class ListExim(exim.Exim, MailServer):
    name = "Exim"
    host = "exim"
    files = ("exim.acl",)

    @property
    def listen(self):
        return f"<; {self.address} ; {self.address6}"

    @property
    def rcpt(self):
        return f".include {self.directory}/list.acl"

    def prepare(self):
        (self.directory / "list.acl").write_text(self.handed_out("exim.acl"))
        super().prepare()


class ListSendmail(sendmail.Sendmail, MailServer):
    name = "Sendmail"
    host = "sendmail"
    files = ("sendmail.mc",)
    asks_for_ipv6 = False
    recipient = "root"  # whom every machine has

    @property
    def features(self):
        return (f"DAEMON_OPTIONS(`Name=MTA6, Addr=IPv6:{self.address6}, Port=25, Family=inet6')\n" +
                self.handed_out("sendmail.mc"))


class Haraka(MailServer):
    name = "Haraka"
    host = "haraka"
    files = ("haraka-dns-list.ini",)
    package = Path(__file__).resolve().parent / "haraka"  # pinned; lab/npm.py fetches it

    @staticmethod
    def place():
        return Path(os.environ.get("PROVENBL_HARAKA_MODULES", Haraka.package.parent.parent.parent / "build/haraka"))

    def prepare(self):
        config = self.directory / "config"
        shutil.copytree(self.place() / "node_modules/Haraka/config", config, dirs_exist_ok=True)  # as `haraka -i` does
        for name, text in {
                "smtp.ini": f"listen={self.address}:25,[{self.address6}]:25\nnodes=0\n",
                "plugins": "dns-list\nrcpt_to.in_host_list\n",
                "host_list": f"{self.domain}\n",
                "me": f"{self.domain}\n",
                "loglevel": "INFO\n",
                "dns-list.ini": self.handed_out("haraka-dns-list.ini")}.items():
            (config / name).write_text(text)
        modules = self.directory / "node_modules"
        if not modules.exists():
            modules.symlink_to(self.place() / "node_modules")

    def command(self):
        return [find_program("node", "nodejs"), str(self.place() / "node_modules/Haraka/bin/haraka"), "-c",
                str(self.directory)]

    def check_lists(self):
        """It checks its lists when it starts, and then every five minutes."""
        self.use(self.zone)

