"""One client that asks all the while for names whose answers are known, those that change among them."""

import random
import socket
import threading
import time
from collections import Counter

from lab_case import RESPONDER
from steady_load import question

NXDOMAIN = (3, None)


def positive(address):
    return (0, address)


class Asking(threading.Thread):
    """`answers`: name -> (rcode, address), what is answered now.

    A change is announced before it is asked for, by `becomes`: from then on either answer is right, and once the new
    one has been heard, it alone. So a change may take its time, and nothing ever goes back.
    """

    PATIENCE = 5

    def __init__(self, answers):
        super().__init__()
        self.answers = {name: [answer] for name, answer in answers.items()}
        self.over = threading.Event()
        self.counts = Counter()  # of right answers, by rcode
        self.changes = 0  # that were heard
        self.wrong = []
        self.unanswered = []  # (sent, given up)

    def becomes(self, name, answer):
        self.answers[name].append(answer)

    def heard(self, name):
        """Has every change of the name been heard?"""
        return len(self.answers[name]) == 1

    def run(self):
        dice = random.Random(5782)
        names = list(self.answers)
        number = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect((RESPONDER, 53))
            client.settimeout(self.PATIENCE)
            while not self.over.wait(0.002):
                number = number + 1 & 0xffff
                name = dice.choice(names)
                sent = time.monotonic()
                try:
                    client.send(question(name, number))
                    answer = self.answer_to(client, number)
                except OSError:  # refused, when nobody listens, or nothing at all
                    self.unanswered.append((sent, time.monotonic()))
                    continue
                self.judge(name, answer)

    def judge(self, name, answer):
        expected = self.answers[name]
        if answer == expected[0]:
            self.counts[answer[0]] += 1
        elif answer in expected[1:2]:
            self.counts[answer[0]] += 1
            self.changes += 1
            del expected[0]
        else:
            self.wrong.append((name, answer, list(expected)))

    @staticmethod
    def answer_to(client, number):
        while True:
            message = client.recv(4096)
            if message[:2] != number.to_bytes(2, "big"):
                continue  # to a question that was given up
            rcode, count = message[3] & 15, int.from_bytes(message[6:8], "big")
            return rcode, ".".join(map(str, message[-4:])) if count == 1 else None
