"""Postfix in shapes that are neither open nor closed: for local senders, on another port, greylisting, in a chain."""

from . import certificate
from .postfix import CLOSED_RULES, OpenPostfix, Postfix
from .process import Server
from .policy import PolicyServer

SUBMISSION = """\
{address}:587 inet n - n - - smtpd -o smtpd_tls_security_level=may {rules}
{address}:465 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes -o smtpd_tls_security_level=encrypt {rules}
"""


class Submission:
    """Postfix on the ports of submission, without a password: 587 with STARTTLS, 465 inside TLS."""

    ports = (25, 587, 465)
    rules = ""

    def prepare(self):
        self.certificate = self.make_certificate()
        super().prepare()
        with open(self.conf / "master.cf", "a", encoding="ascii") as master:
            master.write(SUBMISSION.format(address=self.address, rules=self.rules))

    def make_certificate(self):
        return certificate.make(self.directory)

    def settings(self):
        cert, key, _ = self.certificate
        return {**super().settings(), "smtpd_tls_cert_file": cert, "smtpd_tls_key_file": key}


class OpenSubmission(Submission, OpenPostfix):
    name = "Postfix on 587 and 465 (open)"
    host = "submission"


class ClosedSubmission(Submission, Postfix):
    name = "Postfix on 587 and 465 (closed)"
    host = "closed-submission"


class OpenOnSubmissionOnly(ClosedSubmission):
    """Closed on 25; whoever comes to 587 or 465 is taken for a user."""

    name = "Postfix (closed on 25, open on 587 and 465)"
    host = "submission-only"
    rules = "-o mynetworks=0.0.0.0/0"


class LocalSendersPostfix(Postfix):
    """Takes a sender of its own domain for one of its own users."""

    name = "Postfix (local senders)"
    host = "local-senders"

    def settings(self):
        rules = f"permit_mynetworks, check_sender_access inline:{{ {{ {self.host}.lab.example = OK }} }}, " \
                "reject_unauth_destination"
        return {"mynetworks": f"{self.address}/32", "smtpd_relay_restrictions": rules}


class Greylisting:
    """Asks a policy server of ours, which puts off what it has not seen before."""

    def settings(self):
        return {**super().settings(), "smtpd_recipient_restrictions": f"check_policy_service inet:{self.address}:10023, permit"}

    def start(self, directory):
        self.policy = PolicyServer(self.address)
        self.policy.start(directory / "policy")
        return super().start(directory)

    def stop(self):
        super().stop()
        self.policy.stop()


class GreylistingOpenPostfix(Greylisting, OpenPostfix):
    name = "Postfix (open, greylisting)"
    host = "greylist-open"


class GreylistingPostfix(Greylisting, Postfix):
    name = "Postfix (closed, greylisting)"
    host = "greylist-closed"

    def settings(self):
        # The put-off comes first: who asks once hears 450, not 554.
        return {**super().settings(), "smtpd_relay_restrictions":
                f"check_policy_service inet:{self.address}:10023, {CLOSED_RULES}"}


class EntryPostfix(OpenPostfix):
    """Open, and sends everything through another machine of its owner."""

    name = "Postfix (open, through a smart host)"
    host = "entry"

    def settings(self):
        return {**super().settings(), "relayhost": f"[{exit_of(self.address)}]"}


class ExitPostfix(Postfix):
    """The smart host: relays for the entry alone."""

    name = "Postfix (smart host)"
    host = "exit"

    def settings(self):
        return {**super().settings(), "mynetworks": f"{self.address}/32 {entry_of(self.address)}/32"}


def exit_of(address):
    """The exit of a chain has its entry's number in another network."""
    a, b, _, d = address.split(".")
    return f"{a}.{b}.55.{d}"


def entry_of(address):
    a, b, _, d = address.split(".")
    return f"{a}.{b}.5.{d}"


class Chain(Server):
    """Two servers, known by the address of the first."""

    entry_kind = exit_kind = None

    def __init__(self, address):
        super().__init__(address)
        self.entry, self.exit = self.entry_kind(address), self.exit_kind(exit_of(address))
        self.name, self.ports = self.entry.name, self.entry.ports

    def start(self, directory):
        self.directory = directory
        self.exit.start(directory / "exit")
        self.entry.start(directory / "entry")
        return self

    def stop(self):
        self.entry.stop()
        self.exit.stop()

    def log(self, lines=40):
        return self.entry.log(lines) + "\n--- the exit's ---\n" + self.exit.log(lines)


class RelayChain(Chain):
    entry_kind, exit_kind = EntryPostfix, ExitPostfix
