"""provenbl itself as a server of the lab: its configuration, start, end (also a hard one), client commands.

The configuration is the lab's: short times, loopback unlocked, everything on addresses of its own that no
server trusts. `settings` changes single values of it.
"""

import copy
import http.client
import json
import os
import select
import signal
import socket
import subprocess
import time
from pathlib import Path

from .process import START_SECONDS, STOP_SECONDS, Server, ServerError

RESPONDER = "127.0.99.53"
MAIL_SINK = "127.0.99.25"
CALLBACK_SINK = "127.0.99.26"
PROBE_SOURCE = "127.0.99.1"
PUBLIC_API = "127.0.99.80:8080"
ZONE = "bl.example"
PROBE_DOMAIN = "probe.example"
PROVENBL_SERVER = "PROVENBL_SERVER"  # where client commands find the API

# What a sanitizer says when it has found something; its exit code alone could be hidden by a kill.
FINDINGS = ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer", "runtime error:")

CONFIGURATION = {
    "identity": {
        "probe_domain": PROBE_DOMAIN,
        "helo": "prober.bl.example",
        "contact": "operator@bl.example",
        "page": "https://bl.example/probing",
    },
    "zone_defaults": {
        "page": "https://bl.example/{address}",
        "name_servers": [{"name": "ns.bl.example", "addresses": [RESPONDER]}],
    },
    "zones": [
        {"apex": ZONE, "classes": "all"},
        {"apex": f"relay.{ZONE}", "classes": ["relay"]},
        {"apex": f"proxy.{ZONE}", "classes": ["socks", "http"]},
    ],
    "probe_domain": {"mail_exchanger": f"mx.{PROBE_DOMAIN}", "addresses": [MAIL_SINK]},
    "dns": {"listen": [f"{RESPONDER}:53"], "workers": 2},
    "probe": {
        "source4": PROBE_SOURCE,
        "callback_targets": [f"{CALLBACK_SINK}:25", f"{CALLBACK_SINK}:443"],
        "connect_timeout": "2s",
        "read_timeout": "3s",
        "conversation_timeout": "10s",
        "nudge_after": "500ms",
        "mail_wait": "8s",
    },
    "gate": {"unlocked": ["127.0.0.0/8"]},
    "mail_sink": {"listen": [f"{MAIL_SINK}:25"]},
    "callback_sink": {"listen": [f"{CALLBACK_SINK}:25", f"{CALLBACK_SINK}:443"]},
    "policy": {"owner_spacing": "1s", "closed_port_spacing": "1s"},
    "api": {"public_listen": [PUBLIC_API]},
    "log": {"level": "info"},
    # LeakSanitizer forks, and ThreadSanitizer reads what no server needs.
    "service": {"sandbox": not os.environ.get("PROVENBL_SANITIZE")},
}


def merged(base, changes):
    result = copy.deepcopy(base)
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict):
            result[key] = merged(result[key], value)
        else:
            result[key] = value
    return result


def yaml(value, indent=0):
    """As much YAML as the configuration needs."""
    space = "  " * indent
    lines = []
    for key, item in value.items():
        if isinstance(item, dict):
            lines += [f"{space}{key}:", yaml(item, indent + 1)]
        elif isinstance(item, list) and item and isinstance(item[0], dict):
            lines += [f"{space}{key}:", *(f"{space}  - {flow(entry)}" for entry in item)]
        else:
            lines.append(f"{space}{key}: {flow(item)}")
    return "\n".join(lines)


def flow(item):
    if isinstance(item, dict):
        return "{" + ", ".join(f"{key}: {flow(value)}" for key, value in item.items()) + "}"
    if isinstance(item, list):
        return "[" + ", ".join(flow(entry) for entry in item) + "]"
    if isinstance(item, bool):
        return str(item).lower()
    return json.dumps(item) if isinstance(item, str) and not item.replace(".", "").isalnum() else str(item)


class SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    """What a client command said: exit code, text, and the object when it was asked for JSON."""

    def __init__(self, command, done):
        self.command = " ".join(command)
        self.code = done.returncode
        self.out = done.stdout
        self.err = done.stderr

    @property
    def json(self):
        """The last object: commands that follow something print one a line."""
        lines = [line for line in self.out.splitlines() if line.strip()]
        if not lines:
            raise ServerError(f"'{self.command}' printed no JSON, exit code {self.code}: {self.err.strip()}")
        try:
            return json.loads(self.out)
        except json.JSONDecodeError:
            return json.loads(lines[-1])

    def __str__(self):
        return f"'{self.command}' -> {self.code}\n{self.out}{self.err}"


class Provenbl(Server):
    name = "provenbl"

    def __init__(self, program, settings=None, data=None):
        super().__init__(RESPONDER)
        self.program = str(program)
        self.changes = settings or {}
        self.data = data
        self.runs = 0

    def prepare(self):
        self.data = self.data or self.directory / "data"
        self.data.mkdir(exist_ok=True)
        own = {"data_directory": str(self.data), "api": {"socket": str(self.socket)}}
        self.configuration.write_text(yaml(merged(merged(CONFIGURATION, own), self.changes)) + "\n")

    @property
    def configuration(self):
        return self.directory / "provenbl.yaml"

    @property
    def socket(self):
        return self.directory / "api.sock"

    def command(self):
        return [self.program, "run", "-c", str(self.configuration), "--ready-fd", str(self.ready_fd)]

    def launch(self, pass_fds=()):
        reader, self.ready_fd = os.pipe()
        try:
            self._ready = reader
            super().launch(pass_fds=(self.ready_fd, *pass_fds))
        finally:
            os.close(reader)
            if self.ready_fd is not None:
                os.close(self.ready_fd)
        self.runs += 1

    def await_ready(self):
        os.close(self.ready_fd)  # ours; the end of the program's own then shows
        self.ready_fd = None
        end = time.monotonic() + START_SECONDS
        while not select.select([self._ready], [], [], 0.1)[0]:
            if time.monotonic() > end:
                self.fail(f"is not ready after {START_SECONDS} s")
        if not os.read(self._ready, 16):
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.fail("closed its ready descriptor without a word")
            self.fail(f"ended with code {self.process.returncode} before it was ready")

    def restart(self):
        self.launch()

    def stop(self):
        """Ends it in good order; raises when it did not end well or a sanitizer has found something."""
        if self.process is None:
            return
        if self.running():
            self.signal(signal.SIGTERM)
            try:
                self.process.wait(4 * STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.fail(f"did not end within {4 * STOP_SECONDS} s of SIGTERM")
        code = self.process.returncode
        self.process = None
        text = self.log_path.read_text(errors="replace")
        if any(finding in text for finding in FINDINGS):
            raise ServerError(f"a sanitizer found something in provenbl:\n{self.log(200)}")
        if code != 0:
            raise ServerError(f"provenbl ended with code {code}:\n{self.log()}")

    def crash(self):
        """kill -9."""
        self.kill()
        self.process = None

    def resident_bytes(self):
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise ServerError("the kernel does not say how much memory provenbl uses")

    # ---- the API, without a process for each question

    def ask(self, method, path, body=None):
        """The object that the API answers with, over the operator's socket; ServerError for anything but 2xx."""
        connection = SocketConnection(self.socket)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status // 100 != 2:
            raise ServerError(f"{method} {path} -> {answer.status}: {text}")
        return json.loads(text)

    # ---- client commands

    def environment(self):
        return dict(os.environ, **{PROVENBL_SERVER: f"unix:{self.socket}"})

    def client(self, *arguments, seconds=180):
        """Runs `provenbl ARGUMENT... --json`."""
        return self.plain(*arguments, "--json", seconds=seconds)

    def plain(self, *arguments, seconds=180):
        command = [self.program, *map(str, arguments)]
        try:
            done = subprocess.run(command, env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, timeout=seconds, check=False)
        except subprocess.TimeoutExpired as error:
            raise ServerError(f"'{' '.join(command)}' did not end within {seconds} s\n--- log of provenbl ---\n"
                              f"{self.log()}") from error
        return Answer(command, done)

    def describe(self):
        return f"provenbl: DNS on {RESPONDER}:53, mail sink on {MAIL_SINK}:25, callback sink on {CALLBACK_SINK}"
