"""Squid, open to all or denying all. It leaves from its own address, so that entry and exit are the same."""

import os
import pwd
import socket
import subprocess

from .process import STOP_SECONDS, Server, ServerError, find_program, wait_until


class Squid(Server):
    name = "Squid (closed)"
    ports = (3128,)
    access = "deny"

    def prepare(self):
        self.squid = find_program("squid", "squid-openssl")
        try:
            owner = pwd.getpwnam("proxy")
        except KeyError as error:
            raise ServerError("there is no user 'proxy': install the Debian package squid-openssl") from error
        self.log_path.touch()
        for path in (self.directory, self.log_path):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        self._write(self.access)

    def _write(self, access):
        (self.directory / "squid.conf").write_text(f"""\
http_port {self.address}:3128
http_access {access} all
tcp_outgoing_address {self.address}
visible_hostname squid.lab.example
dns_nameservers 127.0.99.53
pinger_enable off
cache deny all
cache_mem 8 MB
memory_pools off
access_log stdio:{self.directory}/access.log
cache_log {self.log_path}
cache_store_log none
pid_filename {self.directory}/pid
coredump_dir {self.directory}
shutdown_lifetime 0 seconds
via on
""")

    def command(self):
        # A service name of its own: shared memory segments are named after it.
        name = "lab" + self.address.replace(".", "")
        return [self.squid, "-N", "-n", name, "-f", str(self.directory / "squid.conf")]

    def close(self):
        """`http_access deny all`, and Squid reads its configuration again."""
        self._write("deny")
        subprocess.run([*self.command(), "-k", "reconfigure"], check=True, capture_output=True)
        wait_until(self._denies, STOP_SECONDS, "Squid denies")

    def _denies(self):
        try:
            with socket.create_connection((self.address, 3128), timeout=5) as client:
                client.sendall(b"GET http://127.0.77.9/ HTTP/1.0\r\n\r\n")
                return b" 403 " in client.recv(64)
        except OSError:
            return False  # it closes its port for a moment while it reads


class OpenSquid(Squid):
    name = "Squid (open)"
    access = "allow"
