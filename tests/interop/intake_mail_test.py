#!/usr/bin/env python3
"""Reports by mail: a real Postfix delivers by LMTP and through a pipe what Python's email package has written (forwarded
spam, ARF, XARF, HOPM's mail, spam itself, garbage), and mail reaches a trap of the mail sink.
"""

import email.message
import email.policy
import json
import shutil
import smtplib

from lab_case import HTTP, LISTED, OK, PATIENCE, RELAY, SOCKS, LabCase, main, program, room, wait_until
from lab.postfix import MASTER, Postfix
from lab.program import MAIL_SINK, PROBE_DOMAIN

GATEWAY = "127.0.6.91"  # the Postfix that takes reports
DOMAIN = "reports.example"
BY_LMTP, BY_PIPE, JUNK = f"spam@{DOMAIN}", f"pipe@{DOMAIN}", f"junk@{DOMAIN}"
BY_ALIAS = "report@reports.lab.example"
SOMEBODY = "user@reporters.example"
OUR_MX = "mx.our.example"


def socket_path():
    return room.directory() / "lmtp.sock"


class ReportsPostfix(Postfix):
    """Takes mail for DOMAIN; docs/reporting.md tells the same lines."""

    name = "Postfix (takes reports)"
    host = "reports"

    def settings(self):
        return {"mynetworks": "127.0.0.0/8", "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination",
                "relay_domains": DOMAIN, "relay_recipient_maps": "",
                "transport_maps": f"inline:{{ {{{BY_LMTP} = lmtp:unix:{socket_path()}}}, {{{JUNK} = lmtp:unix:{socket_path()}}}, "
                                  f"{{{BY_PIPE} = provenbl:}}, {{{BY_ALIAS} = local:}}, "
                                  "{reporters.example = discard:} }",
                "local_recipient_maps": "", "alias_maps": f"texthash:{self.conf}/aliases", "default_privs": "nobody",
                "provenbl_destination_recipient_limit": "1"}

    def prepare(self):
        super().prepare()
        # The user of the pipe has to reach it, wherever the build is.
        copy = room.directory() / "provenbl"
        shutil.copy(program(), copy)
        copy.chmod(0o755)
        (self.conf / "aliases").write_text(f'report "|{copy} report --mail --lmtp unix:{socket_path()}"\n')
        (self.conf / "master.cf").write_text(MASTER.format(address=self.address) + f"""\
lmtp unix - - n - - lmtp
provenbl unix - n n - 4 pipe
  flags=R user=nobody argv={copy} report --mail --lmtp unix:{socket_path()} --to ${{recipient}}
""")

    def deliver(self, recipient, message, source="127.0.7.1"):
        """Hands a mail over by SMTP, from the address `source`."""
        data = message if isinstance(message, bytes) else message.as_bytes(policy=email.policy.SMTP)
        with smtplib.SMTP(self.address, 25, local_hostname="client.example", timeout=60,
                          source_address=(source, 0)) as client:
            client.sendmail(SOMEBODY, [recipient], data)

    def told(self, *words):
        """The first line of its log that holds all these words."""
        def find():
            return next((line for line in self.log_path.read_text(errors="replace").splitlines()
                         if all(word in line for word in words)), None)
        return wait_until(find, PATIENCE, f"Postfix says {words}")


def spam(address, number=1):
    """As our MX received it from `address`, which has put a forged hop below."""
    message = email.message.EmailMessage()
    message["Received"] = f"from bulk.example (unknown [{address}]) by {OUR_MX} (Postfix) with ESMTP id {number}"
    message.add_header("Received", f"from victim.example (victim.example [127.0.7.99]) by {OUR_MX} (Postfix)")
    message["Message-ID"] = f"<{number}@bulk.example>"
    message["Subject"] = "Cheap watches"
    message.set_content("Buy now.")
    return message


def letter(to, subject="Fwd: spam"):
    message = email.message.EmailMessage()
    message["From"], message["To"], message["Subject"] = SOMEBODY, to, subject
    return message


def forwarded(to, *mails):
    message = letter(to)
    message.set_content("See the attachment.")
    for mail in mails:
        message.add_attachment(mail)
    return message


def arf(to, fields, original):
    report = email.message.Message()
    report["Content-Type"] = "message/feedback-report"
    inner = email.message.Message()
    for name, value in fields.items():
        inner[name] = value
    report.set_payload([inner])
    message = letter(to, "abuse report")
    message.set_content("This is a complaint.")
    message.make_mixed()
    message.attach(report)
    message.add_attachment(original)
    message.replace_header("Content-Type", 'multipart/report; report-type="feedback-report"')
    return message


class IntakeMail(LabCase):
    suspects = ("postfix-open", "squid-open", "microsocks-open")

    @classmethod
    def setUpClass(cls):
        cls.settings = {
            "intake": {"mail": {
                "socket": str(socket_path()), "socket_mode": "0666", "message_limit": "200KiB",
                "addresses": [{"address": BY_LMTP, "reporter": "desk"}, {"address": BY_PIPE, "reporter": "pipe"},
                              {"address": BY_ALIAS, "reporter": "alias"},
                              {"address": JUNK, "reporter": "junk", "spam": True}],
                "trusted_names": [OUR_MX, "reports.lab.example"]}},
            "traps": {"addresses": ["old-name@example.net", "@trap.example"]}}
        super().setUpClass()
        cls.gateway = cls.lab.add("gateway", ReportsPostfix(GATEWAY))
        cls.gateway.start(room.directory() / "gateway")

    def reported_by(self, address):
        """Who has reported the host, as the operator sees it."""
        answer = self.provenbl.client("history", address)
        if answer.code != OK:
            return []
        return [event["actor"] for event in answer.json["events"] if event["what"] == "reported"]

    def await_report(self, address, reporter):
        wait_until(lambda: reporter in self.reported_by(address), PATIENCE, f"{reporter} has reported {address}")

    def await_listed(self, address, code):
        wait_until(lambda: self.provenbl.client("lookup", address).code == LISTED, PATIENCE, f"{address} is listed")
        self.assert_listed(address, code)

    def test_a_forwarded_spam_leads_to_the_proof(self):
        """By LMTP; the host that our MX names is visited and proven, the one that the spam names is not."""
        relay = self.lab["postfix-open"].address
        self.gateway.deliver(BY_LMTP, forwarded(BY_LMTP, spam(relay)))
        self.gateway.told(BY_LMTP, "status=sent", f"reported: {relay}")
        self.await_listed(relay, RELAY)
        self.assertIn("desk", self.reported_by(relay))
        self.assertNotIn("desk", self.reported_by("127.0.7.99"))
        self.assertNotIn("desk", self.reported_by("127.0.7.1"), "nor is who forwarded it")

    def test_what_hopm_mails_leads_to_the_port(self):
        proxy = self.lab["microsocks-open"].address
        self.gateway.deliver(BY_LMTP, f"From: hopm <hopm@irc.example>\nTo: {BY_LMTP}\nSubject: HOPM Report\n"
                                      f"X-HOPM-Version: 1.1.10\n\nSOCKS5: {proxy}:1080\n\nproof\n".encode())
        self.gateway.told(BY_LMTP, "status=sent", f"reported: {proxy}")
        self.await_listed(proxy, SOCKS)

    def test_through_the_pipe(self):
        """ARF, XARF and forwarded spam, each by the command's exit status and words."""
        self.gateway.deliver(BY_PIPE, arf(BY_PIPE, {"Feedback-Type": "abuse", "User-Agent": "FBL/1", "Version": "1",
                                                    "Source-IP": "127.0.7.21"}, spam("127.0.7.98")))
        self.gateway.told(BY_PIPE, "status=sent", "reported: 127.0.7.21")
        self.await_report("127.0.7.21", "pipe")
        self.gateway.deliver(BY_PIPE, arf(BY_PIPE, {"Feedback-Type": "abuse", "User-Agent": "FBL/1", "Version": "1"},
                                          spam("127.0.7.22")))
        self.await_report("127.0.7.22", "pipe")
        message = letter(BY_PIPE, "XARF")
        message.set_content("A report.")
        message.add_attachment(json.dumps({"xarf_version": "4.0.0", "report_id": "1", "category": "vulnerability",
                                           "type": "open_service", "source_identifier": "127.0.7.23",
                                           "service_port": 1080}).encode(),
                               maintype="application", subtype="json", filename="xarf.json")
        self.gateway.deliver(BY_PIPE, message)
        self.await_report("127.0.7.23", "pipe")
        self.gateway.deliver(BY_PIPE, forwarded(BY_PIPE, spam("127.0.7.24"), spam("127.0.7.25", 2)))
        self.await_report("127.0.7.24", "pipe")
        self.await_report("127.0.7.25", "pipe")

    def test_through_an_alias(self):
        """By local(8), which says the address in RECIPIENT and puts an mbox's From line in front."""
        self.gateway.deliver(BY_ALIAS, forwarded(BY_ALIAS, spam("127.0.7.27")))
        self.gateway.told(BY_ALIAS, "status=sent")
        self.await_report("127.0.7.27", "alias")
        hello = letter(BY_ALIAS, "hello")
        hello.set_content("Could you help me?")
        self.gateway.deliver(BY_ALIAS, hello)
        self.gateway.told(BY_ALIAS, "status=bounced", "forward the spam as an attachment")

    def test_inline_with_its_header_lines(self):
        message = letter(BY_LMTP)
        quoted = "\n".join(f"> {line}" for line in str(spam("127.0.7.26")).splitlines())
        message.set_content(f"Look at this:\n\n{quoted}\n")
        self.gateway.deliver(BY_LMTP, message)
        self.await_report("127.0.7.26", "desk")

    def test_spam_itself(self):
        """By the Received line that this very Postfix writes."""
        self.gateway.deliver(JUNK, spam("127.0.7.97"), source="127.0.7.31")
        self.await_report("127.0.7.31", "junk")
        self.assertNotIn("junk", self.reported_by("127.0.7.97"))

    def test_what_makes_no_report_comes_back_with_words(self):
        hello = letter(BY_LMTP, "hello")
        hello.set_content("Could you help me?")
        nested = "From: a@b.example\n" + "".join(
            f'Content-Type: multipart/mixed; boundary="b{i}"\n\n--b{i}\n' for i in range(50)) + "\nx\n"
        for recipient, said in ((BY_LMTP, "5.6.0"), (BY_PIPE, "data format error")):
            with self.subTest(recipient=recipient):
                self.gateway.deliver(recipient, hello)
                self.gateway.told(recipient, "status=bounced", said, "forward the spam as an attachment")
                self.gateway.deliver(recipient, nested.encode())
                self.gateway.told(recipient, "status=bounced", said, "deeper than 8")
        self.gateway.deliver(BY_LMTP, forwarded(BY_LMTP, spam("10.1.2.3")))
        self.gateway.told(BY_LMTP, "status=bounced", "5.7.1", "10.1.2.3")
        self.gateway.deliver(BY_PIPE, forwarded(BY_PIPE, spam("10.1.2.4")))
        self.gateway.told(BY_PIPE, "status=bounced", "10.1.2.4")
        large = letter(BY_LMTP)
        large.set_content("x" * 70 + "\n" + ("y" * 70 + "\n") * 4000)
        self.gateway.deliver(BY_LMTP, large)
        self.gateway.told(BY_LMTP, "status=bounced", "size")
        # And after all that:
        self.gateway.deliver(BY_LMTP, forwarded(BY_LMTP, spam("127.0.7.41")))
        self.await_report("127.0.7.41", "desk")

    def test_while_the_server_is_away_mail_waits(self):
        self.provenbl.crash()
        self.gateway.deliver(BY_LMTP, forwarded(BY_LMTP, spam("127.0.7.51")))
        self.gateway.deliver(BY_PIPE, forwarded(BY_PIPE, spam("127.0.7.52")))
        self.gateway.told(BY_LMTP, "status=deferred")
        self.gateway.told(BY_PIPE, "status=deferred", "temporary failure")
        self.provenbl.restart()
        self.await_report("127.0.7.51", "desk")
        self.await_report("127.0.7.52", "pipe")
        wait_until(lambda: not self.gateway.queued(), PATIENCE, "Postfix has delivered everything")

    # ---- traps

    def to_sink(self, source, recipient, sender=SOMEBODY):
        with smtplib.SMTP(MAIL_SINK, 25, local_hostname="client.example", timeout=60,
                          source_address=(source, 0)) as client:
            client.sendmail(sender, [recipient], b"Subject: buy\r\n\r\nbuy\r\n")

    def test_mail_to_a_trap_leads_to_the_proof(self):
        proxy = self.lab["squid-open"].address
        self.to_sink(proxy, "Old-Name@example.net")
        self.await_report(proxy, "traps")
        self.await_listed(proxy, HTTP)

    def test_a_trap_alone_proves_nothing(self):
        harmless, bouncing = "127.0.7.61", "127.0.7.62"
        self.to_sink(harmless, "anybody@trap.example")
        self.to_sink(bouncing, "anybody@trap.example", sender="")
        self.await_report(harmless, "traps")
        wait_until(lambda: self.provenbl.client("history", harmless).json["visits"][0]["state"] == "finished",
                   PATIENCE, "the visit has ended")
        self.assert_not_listed(harmless)
        self.assertNotIn("traps", self.reported_by(bouncing), "a bounce is no report")

    def test_only_traps_and_tokens_are_taken(self):
        for recipient in ("somebody@example.net", f"x@{PROBE_DOMAIN}", "x@sub.trap.example"):
            with self.assertRaises(smtplib.SMTPRecipientsRefused, msg=recipient):
                self.to_sink("127.0.7.63", recipient)


if __name__ == "__main__":
    main()
