"""HOPM beside ircd-hybrid: whoever connects is looked up, and banned."""

import re
import shutil
import socket
import subprocess

from .list_clients import PATIENCE, ListClient, Verdict
from .process import START_SECONDS, Server, find_program, wait_until
from .unpacked import path_of

IRCD = """\
serverinfo {{ name = "irc.lab.example"; description = "lab"; network_name = "lab"; network_description = "lab"; hub = no;
  default_max_clients = 100; }};
admin {{ name = "lab"; description = "lab"; email = "root@lab.example"; }};
class {{ name = "all"; ping_time = 90 seconds; number_per_ip_local = 10; number_per_ip_global = 10; max_number = 100;
  sendq = 100 kbytes; recvq = 2560 bytes; }};
listen {{ host = "{address}"; port = 6667; host = "{address6}"; port = 6667; }};
auth {{ user = "*@*"; class = "all"; flags = exceed_limit; }};
operator {{ name = "hopm"; user = "*@*"; password = "secret"; encrypted = no; class = "all";
  flags = kline, remote; }};
general {{ disable_auth = yes; throttle_count = 100; throttle_time = 1 second; anti_nick_flood = no;
  oper_umodes = cconn, servnotice; }};
log {{ use_logging = no; }};
"""

HOPM = """\
options {{ pidfile = "{directory}/hopm.pid"; negcache = 0; }};
irc {{ nick = "hopm"; realname = "lab"; username = "hopm"; server = "{address}"; port = 6667; oper = "hopm secret";
  mode = "+c"; reconnectinterval = 5 seconds; readtimeout = 15 minutes;
  connregex = "\\\\*\\\\*\\\\* Notice -- Client connecting: ([^ ]+) \\\\(([^@]+)@([^\\\\)]+)\\\\) \\\\[([0-9a-f\\\\.:]+)\\\\].*";
  kline = "KLINE 180 *@%i :Open proxy found on your host."; }};
opm {{
{settings}
}};
exempt {{ mask = "*!*@{address}"; }};
"""


class Ircd(Server):
    """Only unpacked: installing it takes a minute, for keys that nobody needs here. Where its modules are is compiled in, so
    it gets a small root directory of its own."""

    name = "ircd-hybrid"
    ports = (6667,)

    def __init__(self, address, address6):
        super().__init__(address)
        self.address6 = address6

    def prepare(self):
        program = path_of("ircd-hybrid", "usr/sbin/ircd-hybrid")
        self.root = self.directory / "root"
        shutil.copytree(program.parent.parent, self.root / "usr", ignore=shutil.ignore_patterns("share"))
        listed = subprocess.run([find_program("ldd", "libc-bin"), str(program)], capture_output=True, text=True, check=True)
        for path in re.findall(r"(/\S+) \(0x", listed.stdout):
            (self.root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, self.root / path[1:])
        (self.root / "etc").mkdir()
        for name in ("passwd", "resolv.conf", "services"):
            shutil.copy(f"/etc/{name}", self.root / "etc")
        (self.root / "ircd.conf").write_text(IRCD.format(address=self.address, address6=self.address6))
        (self.root / "state").mkdir()
        (self.root / "state").chmod(0o777)

    def command(self):
        # It refuses to be root.
        return [find_program("chroot", "coreutils"), "--userspec=65534:65534", str(self.root), "/usr/sbin/ircd-hybrid",
                "-foreground", "-configfile", "/ircd.conf",
                *(word for name in ("klinefile", "dlinefile", "xlinefile", "resvfile", "pidfile", "logfile")
                  for word in (f"-{name}", f"/state/{name}"))]


class Hopm(ListClient):
    """Refused: banned from the server that it watches. HOPM's log says when it has made up its mind."""

    name = "HOPM"
    files = ("hopm.conf",)

    def prepare(self):
        self.ircd = Ircd(self.address, self.address6)
        self.ircd.start(self.directory / "ircd")
        (self.directory / "hopm.conf").write_text(HOPM.format(directory=self.directory, address=self.address,
                                                              settings=self.handed_out("hopm.conf")))

    def command(self):
        # A name below /etc/hopm is what it takes.
        return [find_program("hopm", "hopm"), "-d", "-d", "-d", "-c", f"../..{self.directory}/hopm"]

    def await_ready(self):
        wait_until(lambda: self.ended() or "+c" in self._said(), START_SECONDS, "HOPM watches the server")
        if self.ended():
            self.fail(f"ended with code {self.process.returncode}")

    def stop(self):
        super().stop()
        self.ircd.stop()

    def log(self, lines=40):
        return super().log(lines) + "\n" + self.ircd.log(lines)

    def _said(self):
        return self.log_path.read_text(errors="replace")

    def comes_from(self, source):
        with socket.socket(socket.AF_INET6 if ":" in source else socket.AF_INET) as user:
            user.settimeout(PATIENCE)
            user.bind((source, 0))
            user.connect((self.address_for(source), 6667))
            name = "u" + source.replace(".", "").replace(":", "")[-8:]
            user.send(f"NICK {name}\r\nUSER {name} 0 * :{name}\r\n".encode())
            wait_until(lambda: f"[{source}] complete." in self._said(), PATIENCE, f"HOPM is done with {source}")
            if f"KLINE 180 *@{source} " not in self._said():
                return Verdict(False, self._said_of(source))
            heard = b""
            while some := user.recv(4096):  # until the server hangs up
                heard += some
            return Verdict(True, heard.decode(errors="replace"))

    def _said_of(self, source):
        return "\n".join(line for line in self._said().splitlines() if source in line)
