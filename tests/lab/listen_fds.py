"""Starts a program as a service manager does that keeps its sockets: they are its descriptors from 3 on, and its
environment says so (sd_listen_fds(3)).

  listen_fds.py NAME FD,FD... READY_FD PROGRAM ARGUMENT...      READY_FD becomes 100"""

import fcntl
import os
import sys

READY = 100


def main():
    name, kept, ready, *command = sys.argv[1:]
    # Out of the way first, whatever numbers they have.
    kept = [fcntl.fcntl(int(fd), fcntl.F_DUPFD_CLOEXEC, READY + 1) for fd in kept.split(",")]
    os.dup2(int(ready), READY)
    for place, fd in enumerate(kept, 3):
        os.dup2(fd, place)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(kept)), LISTEN_FDNAMES=":".join([name] * len(kept)))
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
