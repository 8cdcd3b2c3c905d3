#!/usr/bin/env python3
"""The pages as a browser meets them: every one that links lead to is well formed, complete without scripts, small; and an
owner's whole way by links and the button alone, from the look-up to 'not listed any more'."""

import html.parser
import re
import time
import urllib.error
import urllib.parse
import urllib.request

from lab_case import PATIENCE, RELAY, LabCase, main
from lab.program import PUBLIC_API

BASE = f"http://{PUBLIC_API}"
VOID = {"br", "hr", "img", "input", "link", "meta"}
NEEDED = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
                               "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


class Page(html.parser.HTMLParser):
    """What is wrong with a page (`faults`), and what a visitor can do on it (`links`, `forms`)."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.text = text
        self.faults, self.open, self.links, self.forms, self.headings = [], [], [], [], []
        self.ids, self.labels, self.inputs, self.described = [], set(), [], []
        self.sources = []
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append(f"open at the end: {self.open}")
        for name in set(self.ids):
            if self.ids.count(name) > 1:
                self.faults.append(f"the id {name} is given more than once")
        for name in self.inputs:
            if name not in self.labels:
                self.faults.append(f"the input {name} has no label")
        for name in self.described:
            if name not in self.ids:
                self.faults.append(f"nothing has the id {name}")
        if self.headings.count(1) != 1:
            self.faults.append(f"headings {self.headings}")
        for before, after in zip([0, *self.headings], self.headings):
            if after > before + 1:
                self.faults.append(f"h{after} after h{before}")

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        if len(found) != len(attrs):
            self.faults.append(f"an attribute given twice in <{tag}>")
        if tag not in VOID:
            self.open.append(tag)
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "html" and not found.get("lang"):
            self.faults.append("no language")
        if tag == "a":
            self.links.append(found["href"])
        if tag == "form":
            self.forms.append((found["method"], found["action"]))
        if tag == "input":
            self.inputs.append(found.get("id"))
        if tag == "label":
            self.labels.add(found.get("for"))
        if tag == "style" or (tag == "script" and "src" not in found) or "style" in found:
            self.faults.append(f"inline in <{tag}>")
        if any(name.startswith("on") for name in found):
            self.faults.append(f"a handler in <{tag}>")
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "aria-describedby" in found:
            self.described += found["aria-describedby"].split()
        if tag == "link" or tag == "script":
            self.sources.append(found.get("href") or found.get("src"))
        if "autofocus" in found or (found.get("tabindex") or "0") not in ("0", "-1"):
            self.faults.append(f"the order of the keyboard is changed in <{tag}>")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    @property
    def heading(self):
        return re.search("<h1>(.*?)</h1>", self.text).group(1)


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def ask(path, method="GET", **headers):
    """(status, headers, text), without following a redirect."""
    request = urllib.request.Request(BASE + path, method=method, data=b"" if method == "POST" else None,
                                     headers={"Accept": "text/html", **headers})
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


class Pages(LabCase):
    suspects = ("postfix-open",)

    def page(self, path, status=200):
        found, headers, text = ask(path)
        self.assertEqual(status, found, text)
        self.assertEqual("text/html; charset=utf-8", headers["Content-Type"])
        for name, value in NEEDED.items():
            self.assertEqual(value, headers[name], f"{name} of {path}")
        self.assertLess(len(text), 100 * 1024, path)
        page = Page(text)
        self.assertEqual([], page.faults, f"{path}\n{text}")
        return page

    def test_every_page_that_links_lead_to(self):
        seen, waiting = set(), ["/", "/127.0.0.2", "/192.0.2.1", "/2001:db8::1"]
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            if path.startswith("/v1/"):
                self.assertEqual(200, ask(path, Accept="application/json")[0], path)
                continue
            if path.startswith("/use/"):  # settings as files
                status, headers, _ = ask(path)
                self.assertEqual((200, "text/plain; charset=utf-8"), (status, headers["Content-Type"]), path)
                continue
            page = self.page(path)
            for source in page.sources:
                status, headers, _ = ask(source)
                self.assertEqual(200, status, source)
                self.assertIn("immutable", headers["Cache-Control"])
                self.assertEqual(304, ask(source, **{"If-None-Match": headers["ETag"]})[0])
            waiting += [urllib.parse.urldefrag(link)[0] for link in page.links if link.startswith("/")]
        self.assertLessEqual({"/", "/criteria", "/use", "/statistics", "/mirrors"}, seen)

    def test_what_is_not_there(self):
        self.assertEqual("There is no such page", self.page("/nosuch", 404).heading)
        self.assertIn("problem+json", ask("/nosuch", Accept="application/json")[1]["Content-Type"])
        self.page("/lookup?address=%3Cb%3E", 400)

    def test_owners_way_without_scripts(self):
        postfix = self.lab["postfix-open"]
        self.visit(postfix.address, 25)
        self.assert_listed(postfix.address, RELAY)

        status, headers, _ = ask(f"/lookup?address={postfix.address}")
        self.assertEqual(303, status)
        home = headers["Location"]
        case = self.page(home)
        self.assertEqual(f"{postfix.address} is listed", case.heading)
        for name in ("check-now", "fix", "countdown", "receipt", "live-scan"):
            self.assertIn(name, case.ids)
        self.assertIn('class="evidence"', case.text)
        method, action = next(form for form in case.forms if "rescan" in form[1])

        self.assertEqual(403, ask(action, method.upper(), Origin="https://evil.example")[0])
        self.assertEqual(403, ask(action, method.upper(), **{"Sec-Fetch-Site": "cross-site"})[0])

        postfix.close()
        deadline = time.monotonic() + PATIENCE
        while True:
            status, headers, text = ask(action, method.upper(), Origin=BASE)
            if status == 303:
                break
            self.assertEqual(429, status, text)
            self.assertEqual([], Page(text).faults)
            self.assertLess(time.monotonic(), deadline)
            time.sleep(1)
        shown = urllib.parse.urldefrag(headers["Location"])[0]
        # As a browser without scripts does: while the page says so, it is loaded again.
        while 'http-equiv="refresh"' in (page := self.page(shown)).text:
            self.assertIn("data-follow", page.text)
            self.assertLess(time.monotonic(), deadline, "the visit does not end")
            time.sleep(0.5)
        self.assertEqual(f"{postfix.address} is not listed any more", page.heading)
        self.assertIn("countdown", page.ids)
        self.assert_not_listed(postfix.address)


if __name__ == "__main__":
    main()
