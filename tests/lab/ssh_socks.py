"""`ssh -D` bound to a public address: SOCKS for anybody, out of the machine that it is logged in to.

The sshd behind it is one of ours on a port of its own; host key and user key are made on the fly.
"""

import subprocess

from .process import Server, ServerError, find_program
from .unpacked import privately


def make_key(path):
    done = subprocess.run([find_program("ssh-keygen", "openssh-client"), "-q", "-t", "ed25519", "-N", "", "-f", str(path)],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerError(f"ssh-keygen makes no key: {done.stderr.strip()}")


class Sshd(Server):
    name = "sshd"
    ports = (2022,)

    def __init__(self, address, forwarding):
        super().__init__(address)
        self.forwarding = forwarding

    def prepare(self):
        for key in ("host", "user"):
            make_key(self.directory / key)
        (self.directory / "conf").write_text(f"""\
ListenAddress {self.address}:2022
HostKey {self.directory}/host
AuthorizedKeysFile {self.directory}/user.pub
PidFile {self.directory}/pid
UsePAM no
StrictModes no
PermitRootLogin prohibit-password
PasswordAuthentication no
AllowTcpForwarding {self.forwarding}
""")

    def command(self):
        sshd = find_program("sshd", "openssh-server")  # wants its whole path
        return privately({"/run": ["sshd"]}, [sshd, "-D", "-e", "-f", self.directory / "conf"])


class SshSocks(Server):
    """Closed by the far end: it grants every request of SOCKS before it asks the sshd, which forbids them all."""

    name = "ssh -D (sshd forbids it)"
    ports = (1080,)
    forwarding = "no"

    def start(self, directory):
        self.sshd = Sshd(self.address, self.forwarding)
        self.sshd.start(directory / "sshd")
        return super().start(directory)

    def command(self):
        return [find_program("ssh", "openssh-client"), "-N", "-D", f"{self.address}:1080", "-F", "none",
                "-i", str(self.sshd.directory / "user"), "-p", "2022", "-o", "StrictHostKeyChecking=no",
                "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes", "-o", "ExitOnForwardFailure=yes",
                f"root@{self.address}"]

    def stop(self):
        super().stop()
        self.sshd.stop()


class OpenSshSocks(SshSocks):
    name = "ssh -D (open)"
    forwarding = "yes"
