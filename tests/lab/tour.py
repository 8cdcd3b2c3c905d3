"""The tour that tools/demo gives: the product's whole job on real servers, each step shown and checked.

Report, proof, listing, DNS, repair, delisting. A step that is not seen ends the tour with its name and the
logs. With `keep` everything stays up afterwards, in a room that `--enter` gets into and `--end` ends.
"""

import argparse
import json
import os
import shlex
import signal
import smtplib
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.dont_write_bytecode = True

from lab import room  # noqa: E402
from lab.catalogue import Lab  # noqa: E402
from lab.process import ServerError, wait_until  # noqa: E402
from lab.program import PROVENBL_SERVER, RESPONDER, ZONE, Provenbl  # noqa: E402

STATE = Path("/run/provenbl-demo.json")
SUSPECTS = ("postfix-open", "squid-open", "dante-open", "postfix-closed")
OK, LISTED, NOT_LISTED = 0, 3, 0  # exit codes; the last two of `lookup` and `delist`
EVIDENCE_LINES = 40  # shown of each host's; the first proof and its conversation


class NotSeen(Exception):
    """A step did not show what it had to."""


class Screen:
    """What the visitor reads: numbered steps, commands and their output, colours on a terminal only."""

    def __init__(self):
        self.step = ""
        self.number = 0
        self.colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def paint(self, code, text):
        return f"\x1b[{code}m{text}\x1b[0m" if self.colours else text

    def begin(self, title, why):
        self.number += 1
        self.step = f"{self.number}. {title}"
        print(f"\n{self.paint('1', self.step)}\n   {why}\n", flush=True)

    def command(self, arguments):
        print(f"   {self.paint('36', '$ ' + shlex.join(arguments))}", flush=True)

    def output(self, line):
        print(f"     {line.rstrip()}", flush=True)

    def seen(self, what):
        print(f"   {self.paint('32', 'seen:')} {what}", flush=True)

    def require(self, condition, what):
        if not condition:
            raise NotSeen(what)
        self.seen(what)


class Tour:
    def __init__(self, lab, program):
        self.lab = lab
        self.screen = Screen()
        self.program = Path(program).resolve()
        self.provenbl = Provenbl(self.program)

    def run(self, arguments, seconds=300, show=None, skip=None):
        """Shows a command and its output as it comes (the first `show` lines, and none with `skip` in it).

        Returns exit code and output.
        """
        self.screen.command(arguments)
        environment = dict(self.provenbl.environment(), PATH=f"{self.program.parent}:{os.environ['PATH']}")
        lines, skipped = [], 0
        with subprocess.Popen(["timeout", str(seconds), *arguments], env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
            for line in process.stdout:
                lines.append(line)
                if skip and skip in line:
                    skipped += 1
                elif show is None or len(lines) <= show:
                    if skipped:
                        self.screen.output(f"  (and {skipped} steps on ports that are closed)")
                        skipped = 0
                    self.screen.output(line)
        if show is not None and len(lines) > show:
            self.screen.output(f"(and {len(lines) - show} lines more)")
        return process.returncode, "".join(lines)

    def dig(self, address, record):
        name = ".".join(reversed(address.split("."))) + f".{ZONE}"
        arguments = ["dig", f"@{RESPONDER}", "+noall", "+comments", "+answer", "+nocookie", name, record]
        self.screen.command(["dig", f"@{RESPONDER}", name, record])
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=30, check=False)
        status = next((word.rstrip(",") for line in done.stdout.splitlines() if "status:" in line
                       for word in [line.split("status:")[1].split()[0]]), "no answer")
        answers = [line for line in done.stdout.splitlines() if line and not line.startswith(";")]
        self.screen.output(status)
        for line in answers:
            self.screen.output(line)
        return status, answers

    # ---- the steps

    def all(self):
        self.start_provenbl()
        self.start_suspects()
        self.nothing_is_listed()
        self.report()
        self.evidence()
        self.dns()
        self.repair()
        self.delist()
        self.gone()

    def start_provenbl(self):
        self.screen.begin("provenbl starts", "In a network namespace with nothing but loopback, so that no probe can leave "
                          "this machine.\n   One process: DNS responder, mail sink, callback sink, verifier, API, over an "
                          "embedded LMDB store.")
        self.lab.add("provenbl", self.provenbl)
        self.provenbl.start(room.directory() / "provenbl")
        self.screen.output(self.provenbl.describe())
        code, _ = self.run(["provenbl", "status"])
        self.screen.require(code == 0, "provenbl is up and answers its operator")

    def start_suspects(self):
        self.screen.begin("Four real servers start", "Three that an abuser could use, and one that is in order, each on an "
                          "address of its own.")
        for name in SUSPECTS:
            self.screen.output(self.lab.start(name).describe())
        self.screen.seen("all four accept connections")

    def nothing_is_listed(self):
        self.screen.begin("Nobody is listed", "An address without a proof has no record at all.")
        for name in SUSPECTS:
            status, _ = self.dig(self.lab[name].address, "A")
            if status != "NXDOMAIN":
                raise NotSeen(f"{name} should not be listed yet, DNS says {status}")
        self.screen.seen("NXDOMAIN for all four")

    def report(self):
        self.screen.begin("All four are reported", "A report is only a reason to look. provenbl tries what an abuser would try, "
                          "sends a secret token\n   through the host, and believes nothing but the token's arrival at its own "
                          "sink.")
        for name in SUSPECTS:
            server = self.lab[name]
            code, _ = self.run(["provenbl", "report", server.address, "--port", str(server.ports[0]),
                                     "--comment", "seen in the demo", "--follow"], skip=" closed-port ")
            if code != OK:
                raise NotSeen(f"the report of {name} ended with exit code {code}")
        self.screen.seen("four visits, from the first connection to the verdict")

    def evidence(self):
        self.screen.begin("The proofs", "What the token proved, with the conversation that proved it: anybody may read it.")
        for name in SUSPECTS:
            address = self.lab[name].address
            code, _ = self.run(["provenbl", "lookup", address])
            if name == "postfix-closed":
                self.screen.require(code == NOT_LISTED, f"{name} ({address}) is not listed: it refused everything")
                continue
            self.screen.require(code == LISTED, f"{name} ({address}) is listed")
            code, output = self.run(["provenbl", "evidence", address], show=EVIDENCE_LINES)
            self.screen.require(code == OK and "--- the conversation ---" in output, f"the evidence about {name}")

    def dns(self):
        self.screen.begin("What mail servers see", "The same, as DNS answers: A says what, TXT says why.")
        for name in SUSPECTS:
            address = self.lab[name].address
            status, answers = self.dig(address, "A")
            if name == "postfix-closed":
                self.screen.require(status == "NXDOMAIN" and not answers, f"{address} does not exist in the zone")
                continue
            self.screen.require(status == "NOERROR" and any("127.0.0." in line for line in answers),
                                f"{address} is in the zone")
            status, answers = self.dig(address, "TXT")
            self.screen.require(status == "NOERROR" and len(answers) == 1, "and one TXT record says why")

    def repair(self):
        postfix = self.lab["postfix-open"]
        self.screen.begin("The owner repairs the relay", "Not pretended: main.cf changes, Postfix reloads, and refuses.")
        self.screen.require(relays(postfix.address), "before: Postfix accepts mail for a stranger's domain")
        self.screen.output(f"in {postfix.conf}/main.cf: mynetworks = {postfix.address}/32 (it was 0.0.0.0/0)")
        self.screen.command(["postfix", "-c", str(postfix.conf), "reload"])
        postfix.close()
        wait_until(lambda: not relays(postfix.address), 30, "the closed Postfix refuses to relay")
        self.screen.seen("after: 'Relay access denied'")

    def delist(self):
        postfix = self.lab["postfix-open"]
        self.screen.begin("The owner asks to be delisted", "Nobody has to be believed: the same techniques look again, at once, "
                          "and the owner watches.")
        self.asked_at = time.monotonic()
        code, _ = self.run(["provenbl", "delist", postfix.address])
        self.screen.require(code == NOT_LISTED, "the scan found it closed, and the listing is gone")
    def gone(self):
        address = self.lab["postfix-open"].address
        self.screen.begin("DNS has forgotten", "The next query after the commit says so, without a reload.")
        status, answers = self.dig(address, "A")
        seconds = time.monotonic() - self.asked_at
        self.screen.require(status == "NXDOMAIN" and not answers, f"{address} does not exist in the zone any more")
        for name in ("squid-open", "dante-open"):
            status, _ = self.dig(self.lab[name].address, "A")
            self.screen.require(status == "NOERROR", f"{name} is listed as before")
        code, _ = self.run(["provenbl", "history", address])
        self.screen.require(code == OK, "the journal tells the whole story")
        print(f"\n   From the owner's request to NXDOMAIN: {seconds:.1f} s.", flush=True)


def relays(address):
    """Does it take mail from a stranger for a stranger? The recipient is refused or not; nothing is sent."""
    with smtplib.SMTP(address, 25, local_hostname="stranger.example", source_address=("127.0.77.1", 0), timeout=30) as smtp:
        smtp.ehlo()
        smtp.mail("a@stranger.example")
        return smtp.rcpt("b@elsewhere.example")[0] == 250


def give(arguments):
    room.enter()
    room.furnish()
    lab = Lab()
    tour = Tour(lab, arguments.program)
    kept = False
    try:
        print(tour.screen.paint("1", "provenbl: a DNS blocklist in which every listing is proven."))
        tour.all()
        print(f"\n{tour.screen.paint('1;32', 'All steps were seen.')}", flush=True)
        kept = arguments.keep
        if kept:
            stay(tour)
        return 0
    except (NotSeen, ServerError, TimeoutError, OSError, smtplib.SMTPException, subprocess.TimeoutExpired) as error:
        print(f"\n{tour.screen.paint('1;31', 'NOT SEEN')} in step {tour.screen.step or '(before the first)'}:\n   {error}\n",
              flush=True)
        for name, server in lab.servers.items():
            print(f"--- the end of the log of {name} ---\n{server.log(30)}", flush=True)
        return 1
    except KeyboardInterrupt:
        print("\nEnded by Ctrl-C.", flush=True)
        return 130
    finally:
        if not kept:
            lab.stop()


def stay(tour):
    """Everything stays up until `--end`."""
    STATE.write_text(json.dumps({"outer": room.outer_pid(), "program": str(tour.program),
                                 PROVENBL_SERVER: tour.provenbl.environment()[PROVENBL_SERVER]}))
    while True:
        signal.pause()


def state():
    try:
        kept = json.loads(STATE.read_text())
    except (OSError, ValueError):
        return None
    try:
        command = Path(f"/proc/{kept['outer']}/cmdline").read_bytes()
    except OSError:
        command = b""
    if b"tour.py" in command:
        return kept
    STATE.unlink(missing_ok=True)  # of a room that was ended otherwise
    return None


def keep(arguments):
    """Runs the tour in the background, shows it, and returns when it has only to be kept."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.setsid()
        return give(arguments)
    try:
        while True:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            if STATE.exists():
                print("\nEverything is still up. In its room:\n"
                      "   tools/demo --enter provenbl status\n"
                      f"   tools/demo --enter dig @{RESPONDER} 4.5.0.127.{ZONE} ANY\n"
                      "   tools/demo --enter                      (a shell)\n"
                      "End it with:\n"
                      "   tools/demo --end", flush=True)
                return 0
            time.sleep(0.1)
    except KeyboardInterrupt:
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)
        return 130


def main():
    parser = argparse.ArgumentParser(prog="tools/demo", description="The tour that tools/demo gives.")
    parser.add_argument("--program", required=True)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--end", action="store_true")
    parser.add_argument("--enter", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if room.inside():
        return give(arguments)
    kept = state()
    if arguments.end or arguments.enter is not None:
        if not kept:
            print("No demo is kept up. Start one with: tools/demo --keep", file=sys.stderr)
            return 1
        if arguments.end:
            os.kill(kept["outer"], signal.SIGTERM)
            wait_until(lambda: not Path(f"/proc/{kept['outer']}").exists(), 30, "the demo ends")
            STATE.unlink(missing_ok=True)
            print("Ended; nothing is left running.")
            return 0
        path = f"{Path(kept['program']).parent}:{os.environ['PATH']}"
        room.visit(kept["outer"], ["env", f"PATH={path}", f"{PROVENBL_SERVER}={kept[PROVENBL_SERVER]}",
                                   *(arguments.enter or ["bash"])])
    if kept:
        print("A demo is kept up already. End it with: tools/demo --end", file=sys.stderr)
        return 1
    return keep(arguments) if arguments.keep else give(arguments)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (room.RoomError, TimeoutError) as problem:
        print(f"demo: {problem}", file=sys.stderr)
        sys.exit(1)
