"""The hosts of a campaign that answer: one process, one epoll, all their sockets.

Every address of the campaign is this machine's own (a local route), so what nobody listens on is refused at once. Those that
serve are of three kinds:

  mail      port 25: greets, takes a sender, refuses every recipient
  web       port 8080: refuses every request
  tarpit    accepts, and never says a word (in networks whose third number is even), or says a byte a second (odd)

  python3 campaign_hosts.py KIND PORT...     the addresses on standard input, one a line; "*" is all of them

Prints a line when it listens, and once a second how many connections are open ("OPEN MOST")."""
import resource
import select
import socket
import sys
import time

BACKLOG = 16384
GREETING = b"220 mail.example ESMTP\r\n"
REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
SMTP = {b"EHLO": b"250 mail.example\r\n", b"HELO": b"250 mail.example\r\n", b"MAIL": b"250 2.1.0 Ok\r\n",
        b"RCPT": b"550 5.7.1 Relaying denied\r\n", b"RSET": b"250 2.0.0 Ok\r\n", b"QUIT": b"221 2.0.0 Bye\r\n",
        b"DATA": b"503 5.5.1 No valid recipients\r\n"}


def listen(address, port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("" if address == "*" else address, port))
    listener.listen(BACKLOG)
    listener.setblocking(False)
    return listener


class Hosts:
    def __init__(self, kind, listeners):
        self.kind, self.poll = kind, select.epoll()
        self.listeners = {listener.fileno(): listener for listener in listeners}
        self.clients, self.heard, self.dripping, self.most = {}, {}, {}, 0
        for number in self.listeners:
            self.poll.register(number, select.EPOLLIN)

    def run(self):
        told = dripped = time.monotonic()
        while True:
            for number, _ in self.poll.poll(0.2):
                if number in self.listeners:
                    self.accept(self.listeners[number])
                else:
                    self.hear(number)
            now = time.monotonic()
            if now - dripped >= 1:
                dripped = now
                for number, said in list(self.dripping.items()):
                    self.say(number, b"220-"[said:said + 1] or b"x")
                    if number in self.dripping:
                        self.dripping[number] += 1
            if now - told >= 1:
                told = now
                print(len(self.clients), self.most, flush=True)

    def accept(self, listener):
        for _ in range(1000):
            try:
                client, _ = listener.accept()
            except BlockingIOError:
                return
            client.setblocking(False)
            number = client.fileno()
            self.clients[number], self.heard[number] = client, b""
            self.most = max(self.most, len(self.clients))
            self.poll.register(number, select.EPOLLIN)
            if self.kind == "mail":
                self.say(number, GREETING)
            elif self.kind == "tarpit" and int(client.getsockname()[0].split(".")[2]) % 2:
                self.dripping[number] = 0

    def hear(self, number):
        client = self.clients.get(number)
        if client is None:
            return
        try:
            said = client.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            said = b""
        if not said:
            self.end(number)
        elif self.kind == "web" and (said.find(b"\r\n\r\n") >= 0 or not said[:1].isalpha()):
            self.say(number, REFUSED)
            self.end(number)
        elif self.kind == "mail":
            *lines, rest = (self.heard[number] + said).split(b"\r\n")
            self.heard[number] = rest[:1024]
            for line in lines:
                self.say(number, SMTP.get(line[:4].upper(), b"502 5.5.2 No such command\r\n"))
                if line[:4].upper() == b"QUIT":
                    self.end(number)
                    return

    def say(self, number, what):
        try:
            self.clients[number].send(what)
        except BlockingIOError:
            pass
        except OSError:
            self.end(number)

    def end(self, number):
        client = self.clients.pop(number, None)
        self.heard.pop(number, None)
        self.dripping.pop(number, None)
        if client is not None:
            client.close()  # the poll forgets it with its descriptor


def main():
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    kind, *ports = sys.argv[1:]
    addresses = sys.stdin.read().split()
    hosts = Hosts(kind, [listen(address, int(port)) for address in addresses for port in ports])
    print("ready", flush=True)
    hosts.run()


if __name__ == "__main__":
    main()
