#!/usr/bin/env python3
"""The client contract: mail servers, filters and the guard of an IRC server, run with the settings that the list hands out
(docs/clients), refuse who is listed and nobody else, whatever the list does.

All of them ask through a resolver that minimises names. Each question is put to all of them at once, because a list that is
silent costs each its own patience.
"""

import sys
import unittest
from concurrent.futures import ThreadPoolExecutor

from lab_case import CHAIN, HTTP, OK, PATIENCE, RELAY, SOCKS, LabCase, name_of, room, wait_until
from mirror_test import ask

from lab import exim, npm, sendmail
from lab.list_clients import NETWORK4, NETWORK6, RESOLVER, SilentResponder, Unbound, Verdict
from lab.list_filters import Rspamd, SpamAssassin
from lab.list_irc import Hopm
from lab.list_mail_servers import Haraka, ListExim, ListPostfix, ListSendmail, Postscreen
from lab.process import ServerError
from lab.program import ZONE

SUBLIST, KEYED = f"relay.{ZONE}", f"members.{ZONE}"
CODES = {"relay": RELAY, "socks": SOCKS, "http": HTTP, "chain": CHAIN}
FREE = ("198.18.9.1", "2001:db8::9:1")
LISTED = {address: kind for number, kind in enumerate(CODES, 1)
          for address in (f"198.18.1.{number}", f"2001:db8::1:{number}")}
NO_ANSWER = "127.255.255.254"  # what many lists say to a resolver that they don't answer
ANSWERED = {"dns": {"access": [{"clients": f"{RESOLVER}/32", "action": "answer", "code": NO_ANSWER}]}}
# While the list fails everybody comes from listed addresses of his own: programs remember whom they have judged, and the
# resolver's log tells who has asked.
STOPPED, SILENT, ANSWERING, BACK, KEY = range(2, 7)


class Clients(LabCase):
    settings = {"zones": [{"apex": ZONE, "classes": "all"}, {"apex": SUBLIST, "classes": ["relay"]},
                          {"apex": KEYED, "classes": "all", "access": "key"}],
                "policy": {"manual_listing": True},
                "gate": {"unlocked": ["127.0.0.0/8", NETWORK4, NETWORK6]}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        room.add_users(exim.USER, *sendmail.USERS)
        room.own_network(NETWORK4, NETWORK6)
        room.resolve_through(RESOLVER)
        cls.resolver = cls.lab.add("resolver", Unbound(RESOLVER))
        cls.resolver.start(room.directory() / "resolver")
        postfix = ListPostfix(1)
        servers = (postfix, ListExim(2), ListSendmail(3), Haraka(4), SpamAssassin(5), Rspamd(6), Hopm(7))
        cls.clients = [*servers, Postscreen(postfix)]
        own = {address: "relay" for phase in range(STOPPED, KEY + 1) for client in cls.clients
               for address in cls.own_addresses(client, phase)}
        with ThreadPoolExecutor(max_workers=4) as pool:
            list(pool.map(lambda one: cls.list(*one), {**LISTED, **own}.items()))
            for server in servers:
                cls.lab.add(server.name, server)
            list(pool.map(lambda server: server.start(room.directory() / server.name), servers))

    @classmethod
    def list(cls, address, kind):
        listed = cls.provenbl.client("list", address, "--class", kind, "--reason", "a test", "--expires", "1d")
        if listed.code != OK:
            raise AssertionError(listed)

    @classmethod
    def own_addresses(cls, client, phase):
        number = cls.clients.index(client) + 1
        return f"198.18.{phase}.{number}", f"2001:db8::{phase}:{number}"

    def named(self, name):
        return next(client for client in self.clients if client.name == name)

    def verdicts(self, sources):
        """What each client says of who comes from `sources(client)`, all at once: (name, source) -> verdict."""
        asked = [(client, source) for client in self.clients for source in sources(client)]
        with ThreadPoolExecutor(max_workers=len(asked)) as pool:
            said = list(pool.map(lambda one: self.verdict(*one), asked))
        return {(client.name, source): verdict for (client, source), verdict in zip(asked, said)}

    @staticmethod
    def verdict(client, source):
        """A client that says nothing must not hide what the others say."""
        try:
            return client.comes_from(source)
        except Exception as error:  # pylint: disable=broad-except
            return Verdict(None, f"{type(error).__name__}: {error}")

    def assert_all_pass(self, sources):
        for (name, source), verdict in self.verdicts(sources).items():
            with self.subTest(client=name, source=source):
                self.assertIs(False, verdict.refused, verdict.text)

    def assert_refused(self, sources):
        said = self.verdicts(sources)
        for (name, source), verdict in said.items():
            with self.subTest(client=name, source=source):
                expected = self.named(name).asks_for_ipv6 or ":" not in source
                self.assertIs(expected, verdict.refused, verdict.text)
        return said

    def assert_asked(self, phase, but=()):
        """They did ask for those of their own addresses, and nobody told them."""
        log = self.resolver.log_path.read_text()
        for client in self.clients:
            if client.name not in but:
                with self.subTest(client=client.name):
                    self.assertIn(f" {name_of(self.own_addresses(client, phase)[0])}. A ", log)

    def serve(self, **settings):
        """provenbl again, with other settings; the resolver has forgotten what was said before."""
        if self.provenbl.running():
            self.provenbl.stop()
        self.provenbl.changes = {**self.settings, **settings}
        self.provenbl.prepare()
        self.provenbl.restart()
        self.resolver.forget()

    # ---- in this order: the list fails in one way after the other, and comes back

    def test_1_who_is_not_listed_passes(self):
        self.assert_all_pass(lambda _: FREE)

    def test_2_who_is_listed_is_refused_and_told_why(self):
        said = self.assert_refused(lambda _: LISTED)
        for source, kind in LISTED.items():
            page = f"https://bl.example/{source}"
            told = {
                "Postfix": f"554 5.7.1 Service unavailable; Client host [{source}] blocked using {ZONE}; Listed: ",
                "postscreen": f"550 5.7.1 Service unavailable; client [{source}] blocked using {ZONE}",
                "Exim": f"550 {source} is listed in {ZONE}: Listed: ",
                "Sendmail": f"550 5.7.1 Rejected: {source} is listed in {ZONE} - see {page}",
                "Haraka": f"554 host [{source}] is listed on {ZONE}",
                # Each class has a name of its own.
                "SpamAssassin": f"RCVD_IN_BL_EXAMPLE_{kind.upper()}",
                "Rspamd": f"BL_EXAMPLE_{kind.upper()}(6.0)",
                "HOPM": f"Your host is listed in {ZONE}, see {page}",
            }
            for name, words in told.items():
                verdict = said[name, source]
                if verdict.refused:
                    with self.subTest(client=name, source=source):
                        self.assertIn(words, verdict.text)
                        if name in ("Postfix", "Exim"):
                            self.assertIn(page, verdict.text)

    def test_3_a_list_that_is_gone_refuses_nobody(self):
        self.provenbl.stop()
        self.resolver.forget()
        self.assert_all_pass(lambda client: self.own_addresses(client, STOPPED))
        self.assert_asked(STOPPED)

    def test_4_a_list_that_is_silent_refuses_nobody(self):
        self.resolver.forget()
        with SilentResponder() as silent:
            self.assert_all_pass(lambda client: self.own_addresses(client, SILENT))
            self.assertTrue(silent.was_asked())
        # These two have noticed by themselves, and ask no more.
        self.assert_asked(SILENT, but=("Haraka", "Rspamd"))

    def test_5_an_answer_that_is_no_code_refuses_nobody(self):
        self.serve(**ANSWERED)
        self.assertEqual([NO_ANSWER], ask(RESOLVER, name_of(FREE[0]), "A", "+recurse").data("A"))
        # It knows no codes; its check finds out.
        self.named("Haraka").check_lists()
        self.assert_all_pass(lambda client: self.own_addresses(client, ANSWERING))
        self.assert_asked(ANSWERING, but=("Haraka", "Rspamd"))

    def test_6_a_list_that_is_back_refuses_again(self):
        self.serve()
        self.named("Haraka").check_lists()
        self.assert_refused(lambda client: self.own_addresses(client, BACK))

    def test_7_a_sublist_refuses_its_class_alone(self):
        servers = [client for client in self.clients if client.name in ("Postfix", "Exim", "Sendmail", "Haraka")]
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda server: server.use(SUBLIST), servers))
        relay, socks = (address for address, kind in LISTED.items() if kind in ("relay", "socks") and ":" not in address)
        for server in servers:
            with self.subTest(client=server.name):
                said = self.verdict(server, relay)
                self.assertIs(True, said.refused, said.text)
                self.assertIn(SUBLIST, said.text)
                self.assertIs(False, self.verdict(server, socks).refused)

    def test_8_an_access_key_is_told_nobody(self):
        made = self.provenbl.client("key", "add", "customer")
        self.assertEqual(OK, made.code, made)
        postfix = self.named("Postfix")
        postfix.key = made.json["key"]
        wait_until(lambda: ask(RESOLVER, f"2.0.0.127.{postfix.key}.{KEYED}", "A", "+recurse").data("A"), PATIENCE,
                   "the key is known")
        postfix.use(KEYED)
        for client in (postfix, self.named("postscreen")):
            for source in self.own_addresses(client, KEY):
                with self.subTest(client=client.name, source=source):
                    said = self.verdict(client, source)
                    self.assertIs(True, said.refused, said.text)
                    self.assertIn("blocked; Listed: " if client is postfix else f"blocked using {KEYED}", said.text)
                    self.assertNotIn(postfix.key, said.text)


if __name__ == "__main__":
    try:
        if not room.inside():
            npm.fetch(Haraka.package, Haraka.place(), "--omit=optional")
        room.enter()
        room.furnish()
    except (room.RoomError, ServerError) as error:
        print(f"clients: {error}", file=sys.stderr)
        sys.exit(1)
    unittest.main(verbosity=2)
