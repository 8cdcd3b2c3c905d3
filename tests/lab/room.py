"""A room: a network, mount and process namespace of its own, so that no probe can leave the machine.

The process that calls `enter` starts itself again inside the room and waits. Inside there is only `lo`,
every port may be bound, and /etc/resolv.conf points to provenbl's responder, so that a relay in the room
finds our mail sink through our own DNS. The kernel ends every process of the room with its first one, also
a Postfix master that has left its process group; the outer process then removes the directory. So nothing
is left whatever happened, a `kill -9` of the outer process included.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

RESOLVER = "127.0.99.53"
MARK = "PROVENBL_ROOM"
OUTER = "PROVENBL_ROOM_OUTER"
PREFIX = "provenbl-room-"

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class RoomError(Exception):
    """The room can't be made; the message says what to do."""


def inside():
    return MARK in os.environ


def directory():
    """The room's own directory: removed when the room ends."""
    return Path(os.environ[MARK])


def outer_pid():
    """The process outside that waits for this room: it names the room, and ending it ends the room."""
    return int(os.environ[OUTER])


def visit(outer, command):
    """From outside: becomes `command` in the room of the process `outer`."""
    shell = _child(_child(int(outer)))  # outer, unshare, and the room's process 1
    if not shell:
        raise RoomError(f"process {outer} has no room (it may have ended)")
    os.execvp("nsenter", ["nsenter", "--target", str(shell), "--net", "--mount", "--pid", "--", *command])


def enter():
    """Runs this program again inside a new room and ends with its exit code. Returns at once when inside."""
    if inside():
        return
    _become_root()
    _remove_orphans()
    root = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    root.chmod(0o755)  # servers give up root and still have to reach their files
    environment = dict(os.environ, **{MARK: str(root), OUTER: str(os.getpid())}, PYTHONDONTWRITEBYTECODE="1")
    # The shell is process 1 of the room: it reaps what daemons leave behind. Its last word keeps it from
    # replacing itself with the command.
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--",
               "sh", "-c", '"$@"; exit $?', "room", sys.executable, *sys.argv]
    try:
        code = _run(command, environment)
    except FileNotFoundError as error:
        raise RoomError("'unshare' is missing: install the package util-linux") from error
    finally:
        shutil.rmtree(root, ignore_errors=True)
    sys.stdout.flush()
    os._exit(code)


def furnish():
    """Inside: lo, ports, resolver. Called once, before the first server starts."""
    _command("ip", "link", "set", "lo", "up")
    # Squid leaves segments behind when it is killed; here they go with the room.
    _command("mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", "/dev/shm")
    try:
        Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").write_text("0\n")
    except OSError as error:
        raise RoomError(f"can't open the low ports of the room ({error}): "
                        "in a container, run it with --privileged") from error
    # Attempts fail at once when provenbl is down: nothing listens, and lo says so.
    _replace("/etc/resolv.conf", f"nameserver {RESOLVER}\noptions timeout:2 attempts:1\n")
    _replace("/etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n"
                                   "services: files\nprotocols: files\n")


def resolve_through(address):
    """From now on programs that start ask another resolver."""
    (directory() / "resolv.conf").write_text(f"nameserver {address}\noptions timeout:2 attempts:1\n")


def own_network(ipv4, ipv6):
    """Every address of these networks is the room's own: servers listen on them, and clients come from them."""
    _command("ip", "route", "add", "local", ipv4, "dev", "lo")
    _command("ip", "-6", "route", "add", "local", ipv6, "dev", "lo")
    Path("/proc/sys/net/ipv6/ip_nonlocal_bind").write_text("1\n")


def add_users(*names):
    """System users for servers whose package is only unpacked, in this room only. Their numbers are nobody else's."""
    passwd, group = Path("/etc/passwd").read_text(), Path("/etc/group").read_text()
    taken = {int(line.split(":")[2]) for line in (passwd + group).splitlines() if line.count(":") > 2}
    known = {line.split(":")[0] for line in passwd.splitlines()}
    free = (number for number in range(64000, 60000, -1) if number not in taken)
    for name, number in zip([name for name in names if name not in known], free):
        passwd += f"{name}:x:{number}:{number}::/nonexistent:/usr/sbin/nologin\n"
        group += f"{name}:x:{number}:\n"
    _replace("/etc/passwd", passwd)
    _replace("/etc/group", group)
    # Nobody can log in by password, and nobody is locked: sshd takes no key of a locked user.
    if os.path.exists("/etc/shadow"):
        _replace("/etc/shadow", "".join(f"{line.split(':')[0]}:*:19000:0:99999:7:::\n" for line in passwd.splitlines()))


def trust(certificate):
    """The CA of this certificate is one that everybody trusts, in this room only."""
    _replace("/etc/ssl/certs/ca-certificates.crt", Path(certificate).read_text())


def small_disk(path, size):
    """Mounts a file system of `size` (as mount understands it) on `path`, in this room only."""
    Path(path).mkdir(parents=True, exist_ok=True)
    _command("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(path))


def read_only(path):
    """Makes what is below `path` read-only, in this room only."""
    _command("mount", "--bind", str(path), str(path))
    _command("mount", "-o", "remount,bind,ro", str(path))


def writable_again(path):
    _command("umount", str(path))


def _become_root():
    if os.geteuid() == 0:
        return
    if not shutil.which("sudo"):
        raise RoomError("namespaces need root: run it as root, or install sudo")
    kept = [f"{key}={value}" for key, value in os.environ.items()
            if key.startswith(("PROVENBL_", "ASAN_", "UBSAN_", "TSAN_", "PATH", "TERM", "LANG"))]
    sys.stdout.flush()
    os.execvp("sudo", ["sudo", "env", "PYTHONDONTWRITEBYTECODE=1", *kept, sys.executable, *sys.argv])


def _run(command, environment):
    outer = os.getpid()

    def die_with_parent():
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != outer:
            os._exit(1)

    child = subprocess.Popen(command, env=environment, preexec_fn=die_with_parent)
    # The room hears Ctrl-C by itself and cleans up; we wait for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: child.kill())
    code = child.wait()
    return code if code >= 0 else 128 - code


def _child(parent):
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(path.read_text().rsplit(")", 1)[1].split()[1]) == parent:
                return int(path.parent.name)
        except OSError:
            continue  # it has just ended
    return None


def _remove_orphans():
    """Directories of rooms whose outer process was killed."""
    for path in Path(tempfile.gettempdir()).glob(PREFIX + "*"):
        owner = path.name[len(PREFIX):].split("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            shutil.rmtree(path, ignore_errors=True)


def _replace(path, text):
    if not os.path.exists(path):
        raise RoomError(f"{path} does not exist: create it (it may be empty); the room puts its own over it")
    own = directory() / Path(path).name
    own.write_text(text)
    _command("mount", "--bind", str(own), path)


def _command(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RoomError(f"'{' '.join(argv)}' failed: {done.stderr.strip() or done.stdout.strip()}")
