#!/usr/bin/env python3
"""Receipts of a host that was listed and is no more: what they say, and that others can verify them without us."""

import base64
import datetime
import json
import subprocess
import time
import urllib.request

from lab_case import FAILED, OK, PATIENCE, REFUSED_BY_RULE, RELAY, USAGE, LabCase, main, room
from lab.process import find_program
from lab.program import PUBLIC_API


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


class Receipts(LabCase):
    suspects = ("postfix-open",)

    def receipt(self, address, at):
        path = room.directory() / "receipt.json"
        answer = self.provenbl.plain("receipt", address, "--at", at, "-o", path)
        self.assertEqual(OK, answer.code, answer)
        return path, json.loads(path.read_text())

    def delist(self, address):
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.provenbl.client("delist", address, seconds=PATIENCE)
            if "next request can be taken at" not in str(answer) or time.monotonic() > deadline:
                return answer
            time.sleep(0.5)

    def test_from_listed_to_gone(self):
        postfix = self.lab["postfix-open"]
        before = now()
        self.visit(postfix.address, 25)
        self.assert_listed(postfix.address, RELAY)
        listed = now()
        postfix.close()
        self.assertEqual(OK, self.delist(postfix.address).code)
        gone = now()
        with urllib.request.urlopen(f"http://{PUBLIC_API}/v1/receipts/key", timeout=60) as reply:
            key = json.load(reply)["key"]

        for at, state in ((before, "not-listed"), (listed, "listed"), (gone, "not-listed")):
            path, whole = self.receipt(postfix.address, at)
            self.assertEqual(state, whole["receipt"]["state"], whole)
            checked = self.provenbl.plain("verify-receipt", path, "--key", key)
            self.assertEqual(OK, checked.code, checked)
            self.assertIn("Good signature", checked.out)
            self.openssl_agrees(whole, key)
        self.assertEqual(["relay"], self.receipt(postfix.address, listed)[1]["receipt"]["classes"])

        path, whole = self.receipt(postfix.address, listed)
        path.write_text(path.read_text().replace('"listed"', '"not-listed"'))
        forged = self.provenbl.plain("verify-receipt", path, "--key", key)
        self.assertEqual(REFUSED_BY_RULE, forged.code, forged)
        self.assertIn("does not fit", forged.err)
        self.assertNotEqual(OK, self.provenbl.plain("verify-receipt", path, "--key", "nonsense").code)
        future = self.provenbl.client("receipt", postfix.address, "--at", "2999-01-01T00:00:00Z")
        self.assertIn(future.code, (FAILED, USAGE), future)

        # The key outlives the program.
        self.provenbl.stop()
        self.provenbl.restart()
        path, whole = self.receipt(postfix.address, listed)
        self.assertEqual(OK, self.provenbl.plain("verify-receipt", path, "--key", key).code)

    def openssl_agrees(self, whole, key):
        """The way for who has no provenbl: sorted members without blanks, and any Ed25519."""
        directory = room.directory()
        said = json.dumps(whole["receipt"], sort_keys=True, separators=(",", ":")).encode()
        (directory / "said").write_bytes(said)
        (directory / "signature").write_bytes(base64.b64decode(whole["signature"]["value"]))
        # SubjectPublicKeyInfo of Ed25519 (RFC 8410): a fixed head, then the 32 octets.
        (directory / "key.der").write_bytes(bytes.fromhex("302a300506032b6570032100") + base64.b64decode(key))
        done = subprocess.run([find_program("openssl", "openssl"), "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey",
                               directory / "key.der", "-rawin", "-in", directory / "said", "-sigfile", directory / "signature"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)


if __name__ == "__main__":
    main()
