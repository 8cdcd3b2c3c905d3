"""Times DNS answers, one question at a time, a thousand a second: what a mail server waits for.

A process of its own that comes before all others on its core, or it would measure how long it queues there itself."""

import gc
import multiprocessing
import socket
import time

import servers

INTERVAL = 0.001


def ask(where, questions, seconds, core, results):
    servers.put_before_all(core)
    gc.disable()
    asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.settimeout(1)
    asker.connect(where)
    took, lost, wrong = [], 0, 0
    end = time.monotonic() + seconds
    number = 0
    while time.monotonic() < end:
        message, rcode = questions[number % len(questions)]
        number += 1
        began = time.perf_counter_ns()
        asker.send(message)
        try:
            answer = asker.recv(512)
        except TimeoutError:
            lost += 1
            continue
        took.append(time.perf_counter_ns() - began)
        wrong += answer[3] & 15 != rcode
        time.sleep(INTERVAL)
    took.sort()
    results.send({"p50_ms": took[len(took) // 2] / 1e6, "p99_ms": took[len(took) * 99 // 100] / 1e6,
                  "longest_ms": took[-1] / 1e6, "answered": len(took), "lost": lost, "wrong": wrong})


def time_answers(where, questions, seconds, core):
    """Quantiles over `seconds`. SystemExit on a wrong answer."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.Process(target=ask, args=(where, questions, seconds, core, theirs), daemon=True)
    process.start()
    if not ours.poll(seconds + 30):
        raise SystemExit("the DNS client did not end")
    told = ours.recv()
    process.join()
    if told["wrong"]:
        raise SystemExit(f"wrong answers: {told}")
    return told
