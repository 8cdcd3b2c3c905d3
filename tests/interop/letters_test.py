#!/usr/bin/env python3
"""Advisory letters for hosts that are really listed: what a real Postfix receives, in nine languages, taken apart by
Python's own parser; bounces, opt-outs, and a kill -9 while a letter is being handed over. A smarthost that wants a password
gets it inside TLS, by a certificate that is good for its name, and else nothing.
"""

import base64
import email
import email.policy
import hashlib
import http.server
import json
import os
import re
import signal
import socketserver
import subprocess
import threading
import urllib.request

from lab_case import OK, PATIENCE, LabCase, main, room, wait_until
from lab import certificate
from lab.postfix import Postfix
from lab.postfix_shapes import Submission
from lab.process import find_program
from lab.program import MAIL_SINK, PUBLIC_API

SMARTHOST = "127.0.6.81"
TARPIT = "127.0.6.82"
RDAP = "127.0.6.83:8083"
KNOWN_SMARTHOST, OTHER_NAME = "127.0.6.85", "127.0.6.86"  # the certificate names the first alone
USER, PASSWORD = "list", "s3cret of the list"
NEVER_ASKED = "127.0.6.84:8084"  # a redirect leads there, and it is no public address
LANGUAGES = {"en": "Hello", "de": "Guten Tag", "fr": "Bonjour", "es": "Hola", "pt": "Olá", "zh": "您好", "ja": "ご担当者様",
             "ko": "안녕하십니까", "ru": "Здравствуйте"}


def letter_settings(smarthost, table, rdap="none"):
    path = room.directory() / f"contacts-{smarthost}.csv"
    path.write_text(table)
    return {"letters": {"enabled": True, "smarthost": f"{smarthost}:25", "public_url": f"http://{PUBLIC_API}",
                        "organization": "Liste für geprüfte Löcher", "contact_table": str(path), "rdap": rdap,
                        "contact_spacing": "0s", "retry_after": "1s", "timeout": "20s"}}


class Smarthost(Postfix):
    """Takes our letters. Those to isp.example are held, to be looked at; gone.example leads to a server that refuses."""

    name = "Postfix (smarthost)"
    host = "smarthost"

    def settings(self):
        return {"mynetworks": "127.0.0.1/32", "smtpd_relay_restrictions": "permit_mynetworks, reject_unauth_destination",
                "smtpd_recipient_restrictions": "check_recipient_access inline:{ {isp.example = HOLD} }",
                "transport_maps": f"inline:{{ {{gone.example = smtp:[{MAIL_SINK}]:25}} }}"}

    def held(self, recipient):
        return sorted(number for number, recipients in self.queued().items() if recipient in recipients)

    def message(self, number):
        done = subprocess.run([find_program("postcat", "postfix"), "-c", str(self.conf), "-bh", "-q", number],
                              capture_output=True, check=True)
        return email.message_from_bytes(done.stdout, policy=email.policy.default)


class LettersCase(LabCase):
    def letter(self, address):
        told = self.provenbl.client("letter", "list").json
        return next((one for one in told["letters"] if one["address"] == address), None)

    def await_state(self, address, state):
        wait_until(lambda: (self.letter(address) or {}).get("state") == state, PATIENCE, f"letter about {address} {state}")
        return self.letter(address)


class RdapServer(http.server.ThreadingHTTPServer):
    """Of Squid it names the contact, behind a redirect; of the others it answers as a hostile server would."""

    daemon_threads = True

    def __init__(self, place):
        host, port = place.split(":")
        super().__init__((host, int(port)), RdapAnswer)
        self.asked = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class RdapAnswer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/ip/127.0.5.4":
            return self.answer(302, b"", Location=f"http://{RDAP}/found/127.0.5.4")
        if self.path == "/found/127.0.5.4":
            return self.answer(200, json.dumps({"objectClassName": "ip network", "entities": [
                {"roles": ["registrant"], "vcardArray": ["vcard", [["email", {}, "text", "owner@isp.example"]]]},
                {"roles": ["abuse"], "vcardArray": ["vcard", [["email", {}, "text", "noc@isp.example"]]]}]}).encode())
        if self.path == "/ip/127.0.5.8":
            return self.answer(302, b"", Location=f"http://{NEVER_ASKED}/ip/127.0.5.8")
        return self.answer(200, b"[" * (2 << 20))  # without an end

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass  # it has had enough

    def log_message(self, *_):
        pass


class Letters(LettersCase):
    suspects = ("postfix-open", "squid-open", "microsocks-open")

    @classmethod
    def setUpClass(cls):
        cls.rdap, cls.never_asked = RdapServer(RDAP), RdapServer(NEVER_ASKED)
        cls.addClassCleanup(cls.rdap.shutdown)
        cls.addClassCleanup(cls.never_asked.shutdown)
        cls.settings = letter_settings(SMARTHOST, "# postfix, microsocks\n127.0.5.1/32,abuse@isp.example\n"
                                                  "127.0.5.8/32,abuse@gone.example\n127.0.5.8/32,second@isp.example\n",
                                       f"http://{RDAP}/")
        super().setUpClass()
        cls.smarthost = cls.lab.add("smarthost", Smarthost(SMARTHOST))
        cls.smarthost.start(room.directory() / "smarthost")

    def test_nine_languages(self):
        """The letter about an open relay, read as its receiver would read it."""
        postfix = self.lab["postfix-open"]
        self.visit(postfix.address, 25)
        seen = set()
        for language, greeting in LANGUAGES.items():
            sent = self.provenbl.client("letter", "send", postfix.address, "--language", language, "--again")
            self.assertEqual(OK, sent.code, sent)
            new = wait_until(lambda: [one for one in self.smarthost.held("abuse@isp.example") if one not in seen], PATIENCE,
                             f"Postfix has the letter in {language}")
            seen.update(new)
            self.await_state(postfix.address, "sent")
            with self.subTest(language=language):
                self.check_letter(self.smarthost.message(new[0]), postfix.address, greeting, language)
        again = self.provenbl.client("letter", "send", postfix.address)
        self.assertNotEqual(OK, again.code, "one letter for each listing")

    def check_letter(self, message, address, greeting, language):
        self.assertEqual([], message.defects)
        self.assertEqual("multipart/report", message.get_content_type())
        self.assertEqual("feedback-report", message.get_param("report-type"))
        self.assertEqual("abuse@isp.example", message["To"].addresses[0].addr_spec)
        self.assertEqual("operator@bl.example", message["From"].addresses[0].addr_spec)
        self.assertEqual("Liste für geprüfte Löcher", message["From"].addresses[0].display_name)
        self.assertIn(address, message["Subject"])
        self.assertIsNotNone(message["Date"].datetime)
        self.assertEqual("auto-generated", message["Auto-Submitted"])
        self.assertRegex(message["Message-ID"], rf"^<letter\.{re.escape(address)}\.\d+\.0@bl\.example>$")
        for part in message.walk():
            self.assertEqual([], part.defects, part.get_content_type())
        people, report, evidence = message.iter_parts()

        self.assertEqual("multipart/mixed", people.get_content_type())
        text, xarf = people.iter_parts()
        self.assertEqual(("text/plain", "utf-8"), (text.get_content_type(), text.get_content_charset()))
        words = text.get_content()
        for needed in (greeting, address, f"http://{PUBLIC_API}/{address}", "bl.example", "operator@bl.example",
                       "+ mynetworks = 127.0.0.1/32", "/v1/letters/opt-out/"):
            self.assertIn(needed, words)
        findings = [line for line in words.splitlines() if line.startswith("* ")]
        self.assertEqual(1 if language == "en" else 2, len(findings), "many forms of one hole are told once")
        self.assertNotIn("\N{REPLACEMENT CHARACTER}", words)
        if language != "en":
            self.assertIn("Hello,", words, "and the same in English")

        self.assertEqual("application/json", xarf.get_content_type())
        self.check_xarf(json.loads(xarf.get_content()), address)

        self.assertEqual("message/feedback-report", report.get_content_type())
        fields = email.message_from_string(report.get_payload()[0].as_string() if report.is_multipart()
                                           else report.get_payload())
        self.assertEqual(("1", address, "other"), (fields["Version"], fields["Source-IP"], fields["Feedback-Type"]))

        self.assertEqual("message/rfc822", evidence.get_content_type())
        proof = evidence.get_content().get_content()
        self.assertIn("RCPT TO:<[token]@", proof)
        # No token of ours stands in anything that leaves, but that of bounces and opt-out.
        for found in re.findall(r"[a-z2-7]{40}", proof):
            self.fail(f"a token is in the evidence: {found}")

    def check_xarf(self, report, address):
        for member in ("xarf_version", "report_id", "timestamp", "reporter", "sender", "source_identifier", "category",
                       "type", "service"):
            self.assertIn(member, report)
        self.assertRegex(report["xarf_version"], r"^4\.\d+\.\d+$")
        self.assertRegex(report["report_id"], r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
        self.assertEqual((address, "vulnerability", "open_service", 25),
                         (report["source_identifier"], report["category"], report["type"], report["source_port"]))
        for who in ("reporter", "sender"):
            self.assertEqual({"org", "contact", "domain"}, set(report[who]))
        for item in report["evidence"]:
            payload = base64.b64decode(item["payload"], validate=True)
            self.assertEqual("sha256:" + hashlib.sha256(payload).hexdigest(), item["hash"])
            self.assertEqual(len(payload), item["size"])

    def test_opt_out_by_the_link(self):
        squid = self.lab["squid-open"]
        self.visit(squid.address, 3128)
        self.assertEqual(OK, self.provenbl.client("letter", "send", squid.address).code)
        number = wait_until(lambda: self.smarthost.held("noc@isp.example"), PATIENCE, "Postfix has the letter")[0]
        message = self.smarthost.message(number)
        words = next(next(message.iter_parts()).iter_parts()).get_content()
        self.assertIn("Six questions", words)
        link = message["List-Unsubscribe"].strip("<>")
        self.assertIn(link, words)
        with urllib.request.urlopen(link, timeout=60) as page:
            self.assertIn("noc@isp.example", page.read().decode())
        self.assertEqual([], self.provenbl.client("letter", "list").json["opted_out"], "a link that is looked at is no wish")
        request = urllib.request.Request(link, data=b"List-Unsubscribe=One-Click", method="POST")
        with urllib.request.urlopen(request, timeout=60) as page:
            self.assertEqual(200, page.status)
        self.await_state(squid.address, "sent")
        self.assertEqual(OK, self.provenbl.client("letter", "send", squid.address, "--again").code)
        stopped = self.await_state(squid.address, "stopped")
        self.assertIn("wants no letters", stopped["note"])
        self.assertEqual([number], self.smarthost.held("noc@isp.example"))

    def test_a_bounce_is_the_next_contacts_turn(self):
        socks = self.lab["microsocks-open"]
        self.visit(socks.address, 1080)
        self.assertEqual(OK, self.provenbl.client("letter", "send", socks.address).code)
        wait_until(lambda: self.smarthost.held("second@isp.example"), PATIENCE, "the next contact has the letter")
        letter = self.await_state(socks.address, "sent")
        self.assertEqual([], self.never_asked.asked, "a redirect led to an address that is not public")
        self.assertEqual((["abuse@gone.example"], "second@isp.example"), (letter["tried"], letter["contact"]))


class KnownSmarthost(Submission, Smarthost):
    """Takes letters of its user alone: on 587 by PLAIN, on 465 by LOGIN, on 25 without TLS. The user is in a sasldb."""

    name = "Postfix (smarthost with a password)"
    host = "known"

    def make_certificate(self):
        return certificate.make(self.directory, others=(f"IP:{KNOWN_SMARTHOST}",))

    def settings(self):
        return {**super().settings(), "mynetworks": "127.0.0.1/32", "smtpd_relay_restrictions": "permit_sasl_authenticated, reject",
                "smtpd_sasl_auth_enable": "yes", "smtpd_sasl_local_domain": "lab.example", "smtpd_sasl_path": "plain",
                "smtpd_sasl_authenticated_header": "yes"}

    def prepare(self):
        super().prepare()
        database = self.directory / "sasldb2"
        subprocess.run([find_program("saslpasswd2", "sasl2-bin"), "-p", "-c", "-f", str(database), "-u", "lab.example", USER],
                       input=PASSWORD.encode(), check=True)
        database.chmod(0o644)  # smtpd is not root
        sasl = self.conf / "sasl"  # Debian's Postfix looks there, whatever cyrus_sasl_config_path says
        sasl.mkdir()
        for mechanism in ("PLAIN", "LOGIN"):
            (sasl / f"{mechanism.lower()}.conf").write_text(
                f"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: {database}\nmech_list: {mechanism}\n")
        master = self.conf / "master.cf"
        text = master.read_text().replace("smtpd_tls_wrappermode=yes", "smtpd_tls_wrappermode=yes -o smtpd_sasl_path=login")
        other = f"{OTHER_NAME}:587 inet n - n - - smtpd -o smtpd_tls_security_level=may\n"
        master.write_text(text + other)


class KnownToTheSmarthost(LettersCase):
    suspects = ("postfix-open",)

    @classmethod
    def setUpClass(cls):
        # Directories of their own: the sandbox opens what the settings name, and no more.
        cls.readable, secrets = room.directory() / "readable", room.directory() / "secrets"
        cls.readable.mkdir()
        secrets.mkdir()
        cls.password = secrets / "smarthost.password"
        cls.password.write_text(PASSWORD + "\n")
        cls.password.chmod(0o600)
        table = cls.readable / "contacts.csv"
        table.write_text("127.0.5.0/24,abuse@isp.example\n")
        cls.settings = letter_settings(KNOWN_SMARTHOST, "")
        cls.settings["letters"].update(smarthost=f"{KNOWN_SMARTHOST}:587", contact_table=str(table), user=USER,
                                       password_file=str(cls.password), retry_after="1h")
        super().setUpClass()

    @classmethod
    def before_start(cls):
        cls.smarthost = cls.lab.add("smarthost", KnownSmarthost(KNOWN_SMARTHOST))
        cls.smarthost.start(room.directory() / "known")
        # An authority that the machine trusts.
        authority = cls.readable / "authority.pem"
        authority.write_bytes(cls.smarthost.certificate[0].read_bytes())
        os.environ["SSL_CERT_FILE"] = str(authority)
        cls.addClassCleanup(os.environ.pop, "SSL_CERT_FILE")

    def reloads(self):
        return self.provenbl.log_path.read_text().count("reload: done")

    def send_by(self, **letters):
        """Another letter about the same relay, after a reload with these settings."""
        changes = dict(self.settings["letters"], **letters)
        self.provenbl.changes = {"letters": changes}
        self.provenbl.prepare()
        done = self.reloads()
        self.provenbl.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.reloads() > done, PATIENCE, "the reload is done")
        sent = self.provenbl.client("letter", "send", self.lab["postfix-open"].address, "--again")
        self.assertEqual(OK, sent.code, sent)

    def not_sent(self, why, **letters):
        before = self.smarthost.held("abuse@isp.example")
        self.send_by(**letters)
        address = self.lab["postfix-open"].address
        wait_until(lambda: re.search(why, self.letter(address)["note"] or ""), PATIENCE, f"the letter's note says {why}")
        self.assertEqual("queued", self.letter(address)["state"])
        self.assertEqual(before, self.smarthost.held("abuse@isp.example"))
        self.assertNotIn(PASSWORD, self.provenbl.log_path.read_text())

    def sent(self, how, **letters):
        before = self.smarthost.held("abuse@isp.example")
        self.send_by(**letters)
        self.await_state(self.lab["postfix-open"].address, "sent")
        new = [one for one in self.smarthost.held("abuse@isp.example") if one not in before]
        self.assertEqual(1, len(new))
        received = self.smarthost.message(new[0])["Received"]
        self.assertIn(f"Authenticated sender: {USER}", received)
        self.assertIn("with ESMTPSA", received)
        self.assertIn(f"sasl_method={how}", self.smarthost.log_path.read_text())

    def test_only_inside_tls_and_to_a_good_certificate(self):
        self.visit(self.lab["postfix-open"].address, 25)
        self.sent("PLAIN")
        self.sent("LOGIN", smarthost=f"{KNOWN_SMARTHOST}:465")
        self.not_sent("never sent in clear text", smarthost=f"{KNOWN_SMARTHOST}:25")
        self.not_sent(f"certificate is not good for {OTHER_NAME}", smarthost=f"{OTHER_NAME}:587")
        # Read for each letter: no reload is needed, and there is none that could fail.
        self.password.write_text("another\n")
        self.not_sent("letters.password_file: 535")
        self.password.write_text(PASSWORD)
        self.sent("PLAIN")
        self.password.chmod(0o644)
        answer = self.provenbl.client("letter", "send", self.lab["postfix-open"].address, "--again")
        self.assertEqual(OK, answer.code, answer)
        wait_until(lambda: "others can reach it" in (self.letter(self.lab["postfix-open"].address)["note"] or ""), PATIENCE,
                   "the letter waits for a safe file")


class Tarpit(socketserver.ThreadingTCPServer):
    """A mail server that takes a message and says nothing, until it is told to be a good one."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self):
        super().__init__((TARPIT, 25), Conversation)
        self.messages = []
        self.answers = False
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Conversation(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 tarpit")
        while line := self.rfile.readline(2000).decode("latin-1").strip():
            if not line.upper().startswith("DATA"):
                self.say("221 bye" if line.upper().startswith("QUIT") else f"250 {'tarpit' if line.upper().startswith('EHLO') else 'ok'}")
                continue
            self.say("354 go on")
            body = b""
            while not body.endswith(b"\r\n.\r\n"):
                body += self.rfile.readline(2000)
            self.server.messages.append(body)
            if not self.server.answers:
                self.rfile.read(1)  # until the other side has gone
                return
            self.say("250 taken")

    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")


class CrashWhileSending(LettersCase):
    suspects = ("postfix-open",)

    @classmethod
    def setUpClass(cls):
        cls.settings = letter_settings(TARPIT, "127.0.5.0/24,abuse@isp.example\n")
        super().setUpClass()
        cls.tarpit = Tarpit()
        cls.addClassCleanup(cls.tarpit.shutdown)

    def test_kill_between_sending_and_sent_does_not_send_twice(self):
        postfix = self.lab["postfix-open"]
        self.visit(postfix.address, 25)
        self.assertEqual(OK, self.provenbl.client("letter", "send", postfix.address).code)
        wait_until(lambda: self.tarpit.messages, PATIENCE, "the mail server has the letter, and says nothing")
        self.assertEqual("sending", self.letter(postfix.address)["state"])
        self.provenbl.crash()
        self.tarpit.answers = True
        self.provenbl.restart()

        self.assertEqual("sending", self.letter(postfix.address)["state"])
        wait_until(lambda: "may have been taken" in self.provenbl.log(), PATIENCE, "the log speaks of the unsure letter")
        refused = self.provenbl.client("letter", "send", postfix.address)
        self.assertNotEqual(OK, refused.code, refused)
        self.assertIn("--again", str(refused))
        self.assertEqual(1, len(self.tarpit.messages))

        # Only when the operator says so; and it is the same letter.
        self.assertEqual(OK, self.provenbl.client("letter", "send", postfix.address, "--again").code)
        self.await_state(postfix.address, "sent")
        self.assertEqual(2, len(self.tarpit.messages))
        first, second = (email.message_from_bytes(one, policy=email.policy.default) for one in self.tarpit.messages)
        self.assertEqual(first["Message-ID"], second["Message-ID"])


if __name__ == "__main__":
    main()
