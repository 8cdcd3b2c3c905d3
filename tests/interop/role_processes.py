"""provenbl as roles: a process for each over one store, those who talk to them all the while, and what the store holds."""

import http.client
import json
import socket
import subprocess
import sys
import threading
import time

from lab_case import PATIENCE, program
from lab import listen_fds
from lab.process import ServerError
from lab.program import Provenbl


class Process(Provenbl):
    """One role. `sockets` are kept here and passed to every process that is started, as a service manager does."""

    def __init__(self, role, data, sockets=(), settings=None):
        super().__init__(program(), settings, data)
        self.role = role
        self.sockets = sockets

    def command(self):
        command = [*super().command(), "--role", self.role]
        if not self.sockets:
            return command
        kept = ",".join(str(kept.fileno()) for kept in self.sockets)
        command[command.index("--ready-fd") + 1] = str(listen_fds.READY)
        return [sys.executable, "-B", listen_fds.__file__, self.role, kept, str(self.ready_fd), *command]

    def launch(self, pass_fds=()):
        super().launch([kept.fileno() for kept in self.sockets])


def insist(api, method, path, body=None, done_already="-> 404"):
    """Until it is acknowledged, for the API may go away at any moment, also between a commit and its answer."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return api.ask(method, path, body)
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() > end:
                raise TimeoutError(f"{method} {path} was not answered within {PATIENCE} s: {error!r}") from error
            time.sleep(0.02)
        except ServerError as error:
            if method == "DELETE" and done_already in str(error):
                return None
            raise


def exported(configuration, file):
    """The store as a list of objects; `file` is written anew."""
    file.unlink(missing_ok=True)
    done = subprocess.run([program(), "export", file, "--private", "-c", configuration], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise AssertionError(done.stderr)
    return [json.loads(line) for line in file.read_text().splitlines()]


class Reporter(threading.Thread):
    """Reports one address of `network` after the other; keeps those whose report was acknowledged."""

    def __init__(self, api, network="127.20", pause=0.02):
        super().__init__()
        self.api, self.network, self.pause = api, network, pause
        self.stop = threading.Event()
        self.acknowledged = []
        self.refused = 0

    def over(self):
        self.stop.set()
        self.join()

    def run(self):
        for number in range(1, 60000):
            if self.stop.wait(self.pause):
                return
            address = f"{self.network}.{number // 250}.{number % 250 + 1}"
            try:
                if self.report(address) // 100 == 2:
                    self.acknowledged.append(address)
                else:
                    self.refused += 1
            except OSError:
                self.refused += 1

    def report(self, address):
        body = json.dumps({"address": address, "ports": [1]}).encode()
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(str(self.api.socket))
            client.sendall(b"POST /v1/reports HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
                           b"Content-Length: %d\r\n\r\n" % len(body) + body)
            answer = b""
            while more := client.recv(65536):
                answer += more
        if not answer:
            raise OSError("the API went away")
        return int(answer.split()[1])

    def lost(self, file):
        """Of what was acknowledged, what an export of the store to `file` has no report of."""
        there = {each["host"] for each in exported(self.api.configuration, file) if each["type"] == "report"}
        return [address for address in self.acknowledged if address not in there]
