"""Look-ups through the API at a rate: a process of its own with a few connections that stay open, as a proxy in front of
the API keeps them. A request that is due waits for a free connection, and its time runs from when it was due.

Raw sockets, because Python's HTTP client alone would cost more than the server."""

import collections
import multiprocessing
import os
import select
import socket
import time

CONNECTIONS = 16


class Connection:
    def __init__(self, where):
        self.where = where
        self.socket = None
        self.open()

    def open(self):
        if self.socket:
            self.socket.close()
        self.socket = socket.create_connection(self.where, timeout=10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.due = None

    def ask(self, target, due):
        self.due = due
        self.socket.sendall(target)

    def answer(self):
        """The status of an answer that is whole, and whether the server goes on; nothing before that."""
        piece = self.socket.recv(65536)
        if not piece:
            return 0, False
        self.buffer += piece
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.buffer[:end].lower()
        size = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(self.buffer) < end + 4 + size:
            return None
        self.buffer = b""
        return int(head.split(b" ", 2)[1]), b"connection: close" not in head


def ask_all(server, rate, targets, core, over, results):
    os.sched_setaffinity(0, {core})
    host, port = server.split(":")
    requests = [f"GET {target} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n\r\n".encode() for target in targets]
    connections = [Connection((host, int(port))) for _ in range(CONNECTIONS)]
    poller = select.epoll()
    by_number = {}

    def watch(connection):
        by_number[connection.socket.fileno()] = connection
        poller.register(connection.socket, select.EPOLLIN)

    for connection in connections:
        watch(connection)
    free = collections.deque(connections)
    began = time.monotonic()
    sent, failed, took = 0, 0, []
    while not over.is_set() or len(free) < CONNECTIONS:
        now = time.monotonic()
        while free and not over.is_set() and began + sent / rate <= now:
            free.popleft().ask(requests[sent % len(requests)], began + sent / rate)
            sent += 1
        wait = max(0.0, began + sent / rate - time.monotonic()) if free else 0.05
        for number, _ in poller.poll(wait):
            connection = by_number[number]
            answer = connection.answer()
            if answer is None:
                continue
            status, goes_on = answer
            failed += status != 200
            took.append(time.monotonic() - connection.due)
            if not goes_on:  # a connection carries so many requests and no more
                poller.unregister(connection.socket)
                connection.open()
                watch(connection)
            free.append(connection)
    seconds = time.monotonic() - began
    took.sort()
    results.send({"a_second": len(took) / seconds, "failed": failed, "p50_ms": 1e3 * took[len(took) // 2],
                  "p99_ms": 1e3 * took[len(took) * 99 // 100], "longest_ms": 1e3 * took[-1]})


class Load:
    def __init__(self, server, rate, targets, core):
        ours, theirs = multiprocessing.Pipe(duplex=False)
        self.results, self.over = ours, multiprocessing.Event()
        self.process = multiprocessing.Process(target=ask_all, args=(server, rate, targets, core, self.over, theirs), daemon=True)

    def start(self):
        self.process.start()

    def stop(self):
        self.over.set()
        if not self.results.poll(60):
            raise SystemExit("the look-ups did not end")
        told = self.results.recv()
        self.process.join()
        return told
