#!/usr/bin/env python3
"""kill -9 between the sending of a probe mail and its arrival: the mail lists the host all the same."""

import time

from lab_case import LISTED, PATIENCE, RELAY, LabCase, dig, main, name_of, wait_until
from lab.program import PROBE_DOMAIN


class MailAfterCrash(LabCase):
    suspects = ("postfix-open",)

    def test_mail_that_arrives_after_kill_and_restart_lists_the_host(self):
        postfix = self.lab["postfix-open"]
        postfix.hold_outgoing()
        answer = self.provenbl.client("report", postfix.address, "--port", 25)
        self.assertEqual(0, answer.code, answer)
        wait_until(lambda: self.waiting(postfix), PATIENCE, "the probe mail waits in the queue of Postfix")

        self.provenbl.crash()
        # From here on nothing but the mail in the queue can prove anything: Postfix takes no new one.
        postfix.stop_listening()
        sent = self.waiting(postfix)
        self.provenbl.restart()
        self.assert_not_listed(postfix.address)

        postfix.release_outgoing()
        wait_until(lambda: self.listed(postfix.address), PATIENCE, "the mail arrives and lists the host")
        self.assert_listed(postfix.address, RELAY)
        answer = self.provenbl.client("lookup", postfix.address)
        self.assertEqual(LISTED, answer.code, answer)
        evidence = self.provenbl.client("evidence", postfix.address)
        # The message that arrived says in its Received line which mail of the queue it was.
        self.assertTrue(any(queue_id in evidence.out for queue_id in sent), evidence)

    def waiting(self, postfix):
        return [queue_id for queue_id, recipients in postfix.queued().items()
                if any(PROBE_DOMAIN in recipient for recipient in recipients)]

    def listed(self, address):
        time.sleep(0.1)  # each look is a process
        return dig(name_of(address)).status == "NOERROR"


if __name__ == "__main__":
    main()
