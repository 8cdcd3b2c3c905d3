#!/usr/bin/env python3
"""The API as its clients meet it: real answers against the OpenAPI document, HTTPS, a proxy in front, limits, and who
behaves badly."""

import http.client
import json
import socket
import ssl
import threading
from pathlib import Path

from lab_case import LISTED, NOT_REACHABLE, OK, PATIENCE, USAGE, LabCase, main, room, sanitized
from lab import certificate
from lab.program import PUBLIC_API
from openapi import Description, faults

HOST, PORT = PUBLIC_API.split(":")
TLS_PORT = 8443
PROXY = "127.0.88.1"
STRANGER = "127.0.77.7"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


class Answered:
    def __init__(self, reply):
        self.status = reply.status
        self.headers = reply.headers
        self.text = reply.read().decode()
        self.kind = reply.headers.get("Content-Type", "")

    @property
    def json(self):
        return json.loads(self.text)


def ask(method, path, body=None, source=STRANGER, **headers):
    """Over TCP, from an address of the lab."""
    connection = http.client.HTTPConnection(HOST, int(PORT), timeout=60, source_address=(source, 0))
    return exchange(connection, method, path, body, headers)


def exchange(connection, method, path, body, headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        return Answered(connection.getresponse())
    finally:
        connection.close()


def raw(data, seconds=60):
    """What comes back for these octets, until the server closes."""
    with socket.create_connection((HOST, int(PORT)), seconds, source_address=(STRANGER, 0)) as connection:
        connection.sendall(data)
        return read_all(connection)


def read_all(connection):
    answer = b""
    try:
        while piece := connection.recv(65536):
            answer += piece
    except ConnectionResetError:
        pass
    return answer.decode(errors="replace")


class ForwardingProxy:
    """A proxy in front of the API that says for whom it asks; one connection, one request."""

    def __init__(self, client):
        self.client = client
        self.server = socket.create_server((PROXY, 0))
        self.url = f"http://{PROXY}:{self.server.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.forward, args=(connection,), daemon=True).start()

    def forward(self, connection):
        with connection, socket.create_connection((HOST, int(PORT)), 60, source_address=(PROXY, 0)) as behind:
            line, _, rest = connection.recv(65536).partition(b"\r\n")
            behind.sendall(line + f"\r\nX-Forwarded-For: 5.5.5.5, {self.client}\r\n".encode() + rest)
            behind.settimeout(PATIENCE)
            while piece := behind.recv(65536):
                connection.sendall(piece)

    def close(self):
        self.server.close()


class Api(LabCase):
    suspects = ("postfix-open", "microsocks-open")

    @classmethod
    def before_start(cls):
        tls = room.directory() / "tls"
        tls.mkdir(exist_ok=True)
        cls.certificate, cls.key, _ = certificate.make(tls, "api.example", ("IP:" + HOST,))
        cls.provenbl.changes = {"api": {
            "request_timeout": "5s" if sanitized() else "2s",
            "trusted_proxies": [f"{PROXY}/32"],
            "limits": {"rescans_per_hour": 20, "lookups_per_minute": 2000},
            "tls": {"listen": [f"{HOST}:{TLS_PORT}"], "certificate": str(cls.certificate), "key": str(cls.key)}}}

    def operator(self, method, path, body=None):
        return exchange(UnixConnection(self.provenbl.socket), method, path, body, {})

    # ---- the document

    def test_the_document_is_valid_and_real_answers_are_as_it_says(self):
        shipped = json.loads((Path(__file__).resolve().parents[2] / "docs" / "openapi.json").read_text())
        document = ask("GET", "/openapi.json").json
        self.assertEqual(shipped, document)
        self.assertEqual([], faults(document))
        description = Description(document)

        postfix = self.lab["postfix-open"].address
        self.visit(postfix, 25)
        host = f"/v1/hosts/{postfix}"

        def public(method, path, body=None, **headers):
            answer = ask(method, path, body, **headers)
            description.check(method, path, answer.status, answer.kind, answer.json if "json" in answer.kind else None)
            return answer

        def operator(method, path, body=None):
            answer = self.operator(method, path, body)
            description.check(method, path, answer.status, answer.kind, answer.json if "json" in answer.kind else None)
            return answer

        for path in ("", "/evidence", "/history", "/why", "/fix", "/receipt"):
            self.assertEqual(200, public("GET", host + path).status, path)
        self.assertTrue(public("GET", host).json["listed"])
        visit = public("POST", host + "/rescan", source=postfix)
        self.assertEqual(202, visit.status, visit.text)
        self.assertEqual(200, public("GET", visit.headers["Location"]).status)
        for path in ("/v1/receipts/key", "/v1/criteria", "/v1/statistics", "/v1/zones", "/v1/notices", "/v1/problems",
                     "/v1/problems/too-many", "/healthz", "/readyz", "/openapi.json"):
            self.assertEqual(200, public("GET", path).status, path)
        many = public("POST", "/v1/lookup", {"addresses": [postfix, STRANGER, "2001:db8::1"]}).json["hosts"]
        self.assertEqual([True, False, False], [one["listed"] for one in many])
        # Errors are of the document, too.
        for method, path, status in (("GET", "/v1/hosts/nonsense", 400), ("GET", "/v1/hosts/127.0.5.250/evidence", 404),
                                     ("GET", "/v1/status", 403), ("GET", "/v1/mirrors/lag", 403), ("GET", host + "/scans/999999", 404),
                                     ("POST", "/v1/reports", 401), ("GET", "/v1/letters/opt-out/x", 404)):
            self.assertEqual(status, public(method, path).status, path)

        key = operator("POST", "/v1/reporters", {"name": "alice", "per_day": 10}).json["key"]
        taken = public("POST", "/v1/reports", {"address": "127.0.5.249", "ports": [25]}, Authorization=f"Bearer {key}")
        self.assertEqual(201, taken.status, taken.text)
        operator("PATCH", "/v1/reporters/alice", {"per_hour": 5})
        operator("GET", "/v1/reporters")
        operator("DELETE", "/v1/reporters/alice")
        self.assertEqual(201, operator("POST", "/v1/exclusions", {"prefix": "127.0.6.0/24", "reason": "asked"}).status)
        operator("GET", "/v1/exclusions")
        self.assertTrue(public("GET", "/v1/hosts/127.0.6.1").json["exclusion"])
        self.assertEqual(200, operator("DELETE", "/v1/exclusions/127.0.6.0%2F24").status)
        wish = public("POST", "/v1/exclusion-requests", {"text": "a research network"})
        self.assertEqual((201, f"{STRANGER}/32", "waiting"),
                         (wish.status, wish.json["prefix"], wish.json["state"]), wish.text)
        other = public("POST", "/v1/exclusion-requests",
                       {"prefix": "127.0.78.0/24", "contact": "noc@example.net", "text": "our customers"})
        self.assertEqual(400, public("POST", "/v1/exclusion-requests", {"prefix": "127.0.78.9", "text": "x"}).status)
        self.assertEqual(2, operator("GET", "/v1/exclusion-requests").json["waiting"])
        numbers = [one.json["number"].split("-")[0] for one in (wish, other)]
        self.assertEqual(200, operator("POST", f"/v1/exclusion-requests/{numbers[0]}/accept", {"until": "90d"}).status)
        self.assertEqual(200, operator("POST", f"/v1/exclusion-requests/{numbers[1]}/refuse", {"reason": "no"}).status)
        self.assertEqual("accepted", public("GET", wish.headers["Location"]).json["state"])
        self.assertEqual("no", public("GET", other.headers["Location"]).json["answer"])
        self.assertEqual(404, public("GET", f"/v1/exclusion-requests/{numbers[0]}").status, "without its code")
        self.assertTrue(public("GET", f"/v1/hosts/{STRANGER}").json["exclusion"])
        self.assertEqual(200, operator("DELETE", f"/v1/exclusions/{STRANGER}").status)
        operator("POST", "/v1/keys", {"name": "customer"})
        operator("GET", "/v1/keys")
        operator("DELETE", "/v1/keys/customer")
        operator("POST", "/v1/mirrors", {"name": "ns2", "kind": "bind", "addresses": ["192.0.2.1"]})
        for path in ("/v1/mirrors", "/v1/mirrors/ns2", "/v1/mirrors/lag", "/v1/serials/1", "/v1/status", "/v1/dns/statistics", "/v1/letters", "/metrics"):
            self.assertEqual(200, operator("GET", path).status, path)
        operator("DELETE", "/v1/mirrors/ns2")
        batch = {"since": "2026-01-01T00:00:00Z", "technique": "no-such/", "note": "a test"}
        operator("POST", "/v1/purges/preview", {"technique": "no-such/", "since": "2026-01-01T00:00:00Z"})
        number = operator("POST", "/v1/purges", batch).json["purge"]
        operator("POST", f"/v1/purges/{number}/step")
        operator("GET", "/v1/purges")
        operator("POST", "/v1/manual", {"address": "127.0.5.248", "class": "relay", "reason": "x", "until": "7d"})
        operator("POST", "/v1/manual/127.0.5.248/end", {"note": "x"})
        operator("GET", host + "/letter")
        operator("POST", host + "/letter")
        operator("POST", "/v1/letters/opt-outs", {"contact": "@example.net"})
        self.assertEqual(201, operator("POST", "/v1/shutdown", {"note": "a test"}).status)
        self.assertTrue(public("GET", "/v1/notices").json["shut_down"])
        operator("GET", "/v1/status")
        self.assertEqual(201, operator("POST", "/v1/resume", {"note": "over"}).status)
        described = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
        unasked = {("POST", "/v1/selftest"), ("POST", "/v1/letters/opt-out/{token}")}  # below; the letters' own test
        self.assertEqual(described - unasked, description.seen)

    # ---- what all routes share

    def test_caches_heads_and_other_sites(self):
        first = ask("GET", "/v1/hosts/127.0.5.240")
        again = ask("GET", "/v1/hosts/127.0.5.240", If_None_Match=first.headers["ETag"])
        self.assertEqual((304, ""), (again.status, again.text))
        self.assertEqual("no-cache", first.headers["Cache-Control"])
        self.assertEqual("*", first.headers["Access-Control-Allow-Origin"])
        self.assertIsNone(first.headers["Access-Control-Allow-Credentials"])
        head = ask("HEAD", "/v1/hosts/127.0.5.240")
        self.assertEqual((200, "", str(len(first.text))), (head.status, head.text, head.headers["Content-Length"]))
        preflight = ask("OPTIONS", "/v1/selftest", Origin="https://x.example", Access_Control_Request_Method="POST")
        self.assertEqual((204, None), (preflight.status, preflight.headers["Access-Control-Allow-Origin"]))
        wrong = ask("DELETE", "/v1/hosts/127.0.5.240")
        self.assertEqual((405, "GET, HEAD, OPTIONS"), (wrong.status, wrong.headers["Allow"]))

    def test_limits_say_when_to_come_back(self):
        greedy = "127.0.77.8"
        for _ in range(20):
            ask("POST", "/v1/hosts/127.0.5.241/rescan", source=greedy)
        refused = ask("POST", "/v1/hosts/127.0.5.241/rescan", source=greedy)
        self.assertEqual((429, "too-many"), (refused.status, refused.json["code"]))
        self.assertGreater(int(refused.headers["Retry-After"]), 0)
        self.assertEqual("0", refused.headers["RateLimit-Remaining"])
        self.assertEqual(200, ask("GET", "/v1/hosts/127.0.5.241", source=greedy).status)
        # A header of his own does not make him another.
        spoofed = ask("POST", "/v1/hosts/127.0.5.241/rescan", source=greedy, X_Forwarded_For="127.0.77.9")
        self.assertEqual(429, spoofed.status)

    # ---- the self-test

    def test_nobody_has_a_stranger_visited(self):
        stranger, me = "127.0.5.242", "127.0.77.10"
        for headers in ({}, {"X_Forwarded_For": stranger}, {"Forwarded": f"for={stranger}"}):
            with self.subTest(**headers):
                refused = ask("POST", "/v1/selftest", {"address": stranger}, source=me, **headers)
                self.assertEqual(403, refused.status, refused.text)
        cross = ask("POST", "/v1/selftest", source=me, Sec_Fetch_Site="cross-site")
        self.assertEqual((403, "cross-site"), (cross.status, cross.json["code"]))
        self.assertEqual(403, ask("POST", "/v1/selftest", source=PROXY).status, "a proxy that does not say for whom")
        taken = ask("POST", "/v1/selftest", source=me, X_Forwarded_For=stranger)
        self.assertEqual((202, me), (taken.status, taken.json["address"]), taken.text)
        self.assertEqual(0, ask("GET", f"/v1/hosts/{stranger}").json["visits"])

    def test_the_self_test_tells_in_plain_words(self):
        """From where the proxy says that we are: the command can't choose its address."""
        socks = self.lab["microsocks-open"].address
        for address, code, words in ((socks, LISTED, "is still listed: socks"),
                                     ("127.0.77.11", OK, "Nothing was found open at 127.0.77.11")):
            proxy = ForwardingProxy(address)
            self.addCleanup(proxy.close)
            answer = self.provenbl.plain("selftest", "--server", proxy.url, seconds=PATIENCE)
            self.assertEqual(code, answer.code, answer)
            self.assertIn(f"You come from {address}", answer.out)
            self.assertIn(words, answer.out)
        socket_only = self.provenbl.plain("selftest")
        self.assertEqual(USAGE, socket_only.code, socket_only)

    # ---- HTTPS

    def https(self, **options):
        context = ssl.create_default_context(cafile=str(self.certificate))
        for name, value in options.items():
            setattr(context, name, value)
        return context

    def test_https_speaks_as_one_should(self):
        url = f"https://{HOST}:{TLS_PORT}"
        answer = self.provenbl.plain("lookup", "127.0.5.243", "127.0.5.244", "--server", url, "--ca", self.certificate)
        self.assertEqual(OK, answer.code, answer)
        self.assertIn("127.0.5.244 is not listed", answer.out)
        distrusted = self.provenbl.plain("lookup", "127.0.5.243", "--server", url)
        self.assertEqual(NOT_REACHABLE, distrusted.code, distrusted)
        self.assertIn("--ca", distrusted.err)
        wrong_name = self.provenbl.plain("lookup", "127.0.5.243", "--server", f"https://localhost:{TLS_PORT}", "--ca",
                                         self.certificate)
        self.assertEqual(NOT_REACHABLE, wrong_name.code, wrong_name)

        connection = http.client.HTTPSConnection(HOST, TLS_PORT, timeout=60, context=self.https())
        secure = exchange(connection, "GET", "/healthz", None, {})
        self.assertRegex(secure.headers["Strict-Transport-Security"], r"^max-age=\d+$")
        self.assertIsNone(ask("GET", "/healthz").headers["Strict-Transport-Security"])

        offering = self.https()
        offering.set_alpn_protocols(["h2", "http/1.1"])
        with socket.create_connection((HOST, TLS_PORT), 60) as plain, \
                offering.wrap_socket(plain, server_hostname=HOST) as tls:
            self.assertEqual("http/1.1", tls.selected_alpn_protocol())
            self.assertIn(tls.version(), ("TLSv1.2", "TLSv1.3"))
        only_h2 = self.https()
        only_h2.set_alpn_protocols(["h2"])
        old = self.https()
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        for context in (only_h2, old):
            with self.assertRaises((ssl.SSLError, ConnectionError)), \
                    socket.create_connection((HOST, TLS_PORT), 60) as plain:
                context.wrap_socket(plain, server_hostname=HOST)
        with socket.create_connection((HOST, TLS_PORT), 60) as plain:
            plain.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertNotIn("200", read_all(plain))

    def test_a_renewed_certificate_is_taken_up(self):
        def shown():
            context = ssl._create_unverified_context()
            with socket.create_connection((HOST, TLS_PORT), 60) as plain, context.wrap_socket(plain) as tls:
                return tls.getpeercert(binary_form=True)

        before = shown()
        old = self.certificate.read_bytes(), self.key.read_bytes()
        self.certificate.write_text("half a certificate")
        self.assertEqual(before, shown(), "what can't be read replaces nothing")
        directory = room.directory() / "renewed"
        directory.mkdir()
        new, key, _ = certificate.make(directory, "api.example", ("IP:" + HOST,))
        self.certificate.write_bytes(new.read_bytes())
        self.key.write_bytes(key.read_bytes())
        after = shown()
        self.assertNotEqual(before, after)
        self.certificate.write_bytes(old[0])
        self.key.write_bytes(old[1])

    def test_a_certificate_that_is_missing_is_named_at_the_start(self):
        text = self.provenbl.configuration.read_text().replace(str(self.certificate), "/nonexistent/cert.pem")
        text = text.replace(f"{HOST}:{TLS_PORT}", f"{HOST}:{TLS_PORT + 1}").replace(str(self.provenbl.data), str(self.fresh()))
        broken = room.directory() / "broken.yaml"
        broken.write_text(text.replace(str(self.provenbl.socket), str(room.directory() / "other.sock")))
        answer = self.provenbl.plain("run", "-c", broken, "--role", "api")
        self.assertNotEqual(OK, answer.code)
        self.assertIn("/nonexistent/cert.pem", answer.err)
        self.assertIn("api.tls.certificate", answer.err)

    def fresh(self):
        directory = room.directory() / "fresh"
        directory.mkdir(exist_ok=True)
        return directory

    # ---- who behaves badly

    def test_slow_and_huge_requests_are_cut(self):
        self.assertIn("408 Request Timeout", raw(b"GET / HTTP/1.1\r\nHos"))
        self.assertEqual("", raw(b""), "an idle connection is closed without a word")
        self.assertIn("408", raw(b"POST /v1/lookup HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"))
        drip = socket.create_connection((HOST, int(PORT)), 60)
        ended = threading.Event()

        def trickle():
            try:
                while not ended.wait(0.2):
                    drip.sendall(b"X: y\r\n")
            except OSError:
                pass

        drip.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        thread = threading.Thread(target=trickle)
        thread.start()
        self.assertIn("408", read_all(drip), "a byte now and then wins no time")
        ended.set()
        thread.join()
        drip.close()
        self.assertIn("413 Content Too Large", raw(b"POST /v1/lookup HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n"))
        self.assertIn("414 URI Too Long", raw(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n"))
        self.assertIn("431 Request Header", raw(b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"b" * 9000 + b"\r\n\r\n"))
        self.assertIn("400 Bad Request", raw(bytes(range(256)) + b"\r\n\r\n"))
        self.assertIn("505 HTTP Version", raw(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"))
        for answer in (raw(b"GARBAGE\r\n\r\n"), raw(b"GET /%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")):
            self.assertIn("application/problem+json", answer)
        self.assertEqual(200, ask("GET", "/healthz").status)

    def test_what_is_sent_ahead_is_answered_in_order_and_bounded(self):
        one = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
        answers = raw(one * 2000)
        self.assertEqual(1000, answers.count("HTTP/1.1 200 OK"), "of one connection; then it ends")
        last = raw(one + b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" + one)
        self.assertEqual(2, last.count("HTTP/1.1 200 OK"))

    def test_leave_to_send_is_given(self):
        with socket.create_connection((HOST, int(PORT)), 60) as connection:
            body = b'{"addresses": ["127.0.5.245"]}'
            connection.sendall(b"POST /v1/lookup HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nConnection: close\r\n"
                               b"Content-Length: %d\r\n\r\n" % len(body))
            self.assertTrue(connection.recv(100).startswith(b"HTTP/1.1 100 Continue\r\n\r\n"))
            connection.sendall(body)
            self.assertIn("200 OK", read_all(connection))


if __name__ == "__main__":
    main()
