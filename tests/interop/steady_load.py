"""Questions at a steady pace, over UDP and over one lasting TCP connection: was any lost, or answered wrongly?

Each is sent once and its answer waited for, so a question that the server loses is seen as such. A wait is long enough
for a busy machine: what takes so long is lost."""

import socket
import struct
import threading
import time

LOST_AFTER = 20  # seconds


def question(name, number, kind=1):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">HHHHHH", number, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", kind, 1)


class Answer:
    """Of the test entry: rcode, and of its A record address and TTL."""

    def __init__(self, message, asked):
        number, flags, _, count, _, _ = struct.unpack(">HHHHHH", message[:12])
        self.number, self.rcode = number, flags & 15
        self.address = self.ttl = None
        if count == 1 and not self.rcode:
            self.ttl, size = struct.unpack(">IH", message[len(asked) + 6:len(asked) + 12])
            self.address = ".".join(map(str, message[-4:] if size == 4 else b""))

    def __repr__(self):
        return f"rcode {self.rcode}, {self.address}, TTL {self.ttl}"


class Load:
    """`with Load(address, port, name) as load:` asks all the while. `pause`: between a client's questions, seconds."""

    def __init__(self, address, port, name, udp_clients=4, tcp_clients=1, pause=0.002):
        self.where, self.name, self.pause = (address, port), name, pause
        self.answers = {}  # (rcode, address, ttl) -> how many
        self.faults = []
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._guarded, args=(self._udp,)) for _ in range(udp_clients)]
        self._threads += [threading.Thread(target=self._guarded, args=(self._tcp,)) for _ in range(tcp_clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    @property
    def count(self):
        with self._lock:
            return sum(self.answers.values())

    def wait_for(self, more, seconds=60):
        """Until so many more answers have come."""
        wanted, end = self.count + more, time.monotonic() + seconds
        while self.count < wanted and not self.faults:
            if time.monotonic() > end:
                raise TimeoutError(f"{more} answers did not come within {seconds} s")
            time.sleep(0.01)

    def _guarded(self, ask):
        try:
            ask()
        except OSError as error:
            with self._lock:
                self.faults.append(f"{ask.__name__}: {error!r}")

    def _note(self, answer):
        with self._lock:
            key = (answer.rcode, answer.address, answer.ttl)
            self.answers[key] = self.answers.get(key, 0) + 1

    def _udp(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect(self.where)
            client.settimeout(LOST_AFTER)
            number = 0
            while not self._stop.wait(self.pause):
                number = number + 1 & 0xffff
                asked = question(self.name, number)
                client.send(asked)
                answer = Answer(client.recv(4096), asked)
                if answer.number != number:
                    raise OSError(f"asked {number}, answered {answer.number}")
                self._note(answer)

    def _tcp(self):
        with socket.create_connection(self.where, timeout=LOST_AFTER) as client:
            number = 0
            while not self._stop.wait(self.pause):
                number = number + 1 & 0xffff
                asked = question(self.name, number)
                client.sendall(struct.pack(">H", len(asked)) + asked)
                (size,) = struct.unpack(">H", self._exactly(client, 2))
                answer = Answer(self._exactly(client, size), asked)
                if answer.number != number:
                    raise OSError(f"asked {number}, answered {answer.number}")
                self._note(answer)

    @staticmethod
    def _exactly(client, size):
        data = b""
        while len(data) < size:
            more = client.recv(size - len(data))
            if not more:
                raise OSError("the server has closed the connection")
            data += more
        return data
