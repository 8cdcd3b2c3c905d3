"""One server process of the lab: started, waited for by connecting, stopped with all its children.

Every wait is bounded. A server that does not come up, or ends by itself, raises ServerError with the end of
its log, so that a failing test says why without a second run.
"""

import os
import resource
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

START_SECONDS = 60  # sanitizers on a busy machine
STOP_SECONDS = 15
POLL_SECONDS = 0.02
# Squid and Dante size tables by the limit, and some machines set it to a thousand million.
OPEN_FILES = 4096


class ServerError(Exception):
    """A server did not do what it was asked; the message ends with its log."""


def wait_until(condition, seconds, what):
    """The first true value of `condition()`; TimeoutError with `what` after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s: {what}")
        time.sleep(POLL_SECONDS)


def answers(address, port):
    """Does a TCP connection come up?"""
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False


def find_program(name, package):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if not path:
        raise ServerError(f"{name} is missing: install the Debian package {package} (packaging/dependencies.sh)")
    return path


class Server:
    """A process with its own address, directory and log. Subclasses say how it is configured and started."""

    name = "server"
    ports = ()
    start_seconds = START_SECONDS

    def __init__(self, address):
        self.address = address
        self.directory = None
        self.process = None

    # What subclasses provide.
    def prepare(self):
        """Writes the configuration below self.directory."""

    def command(self):
        raise NotImplementedError

    def start(self, directory):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        for port in self.ports:
            if answers(self.address, port):  # else it would be taken for ours
                raise ServerError(f"{self.name}: something listens on {self.address}:{port} already")
        self.prepare()
        self.launch()
        return self

    def launch(self, pass_fds=()):
        def limit():
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            if hard == resource.RLIM_INFINITY or hard > OPEN_FILES:
                hard = OPEN_FILES
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, hard), hard))

        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, preexec_fn=limit, pass_fds=pass_fds,
                                            cwd=self.directory)
        self.await_ready()

    def await_ready(self):
        for port in self.ports:
            try:
                wait_until(lambda: self.ended() or answers(self.address, port), self.start_seconds, "listening")
            except TimeoutError:
                self.fail(f"does not listen on {self.address}:{port} after {self.start_seconds} s")
            if self.ended():
                self.fail(f"ended with code {self.process.returncode} before it listened on {self.address}:{port}")

    def ended(self):
        return self.process.poll() is not None

    def running(self):
        return self.process is not None and not self.ended()

    def stop(self):
        if self.process is None:
            return
        self.ask_to_stop()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        self.kill()
        self.process = None

    def ask_to_stop(self):
        self.signal(signal.SIGTERM)

    def kill(self):
        """kill -9 for the process and all that is in its session's group."""
        self.signal(signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    @property
    def log_path(self):
        return self.directory / "log"

    def log(self, lines=40):
        try:
            return "\n".join(self.log_path.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return "(no log)"

    def fail(self, what):
        message = f"{self.name} on {self.address} {what}\n--- its log ---\n{self.log()}\n---"
        if self.process is not None:
            self.kill()
            self.process = None
        raise ServerError(message)

    def describe(self):
        return f"{self.name} on {self.address}, port {', '.join(map(str, self.ports))}"
