"""What each suspect of the lab is in truth, and in one line how.

`truth` is the class that its listing must have, or None: it relays for no stranger, however it looks. The truth stands
in its configuration, or in its source; no tool has been asked for it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Specimen:
    name: str   # in the catalogue
    truth: str | None
    shape: str
    exit: str | None = None  # where what enters comes out, when that is another host


MAIL = [
    Specimen("postfix-open", "relay", "`mynetworks = 0.0.0.0/0`"),
    Specimen("postfix-closed", None, "as shipped: relays for its own address"),
    Specimen("postfix-local-senders", "relay", "relays for whoever claims to write from its own domain"),
    Specimen("postfix-submission-open", "relay", "closed on 25; takes everybody for a user on 587 and 465"),
    Specimen("postfix-submission-closed", None, "25, 587 and 465, all closed"),
    Specimen("postfix-greylist-open", "relay", "open, and puts off what it has not seen before (450)"),
    Specimen("postfix-greylist-closed", None, "closed, and puts off what it has not seen before (450)"),
    Specimen("postfix-chain", "relay", "open, and sends on through a smart host that is closed", "127.0.55.15"),
    Specimen("postfix-discard", None, "accepts all mail and throws it away"),
    Specimen("exim-open", "relay", "relays for all hosts"),
    Specimen("exim-closed", None, "closed, and says 250 to `user%elsewhere@itself`"),
    Specimen("exim-percent", "relay", "relays `user%elsewhere@itself` and its kin, nothing else"),
    Specimen("exim-bounces", None, "accepts all mail, then bounces it to the sender"),
    Specimen("exim-auth", None, "530 to whoever has not logged in"),
    Specimen("opensmtpd-open", "relay", "`match from any for any`"),
    Specimen("opensmtpd-closed", None, "as shipped: relays for its own machine"),
    Specimen("sendmail-open", "relay", "`promiscuous_relay`"),
    Specimen("sendmail-closed", None, "as shipped: 450 to whoever has no name"),
    Specimen("sendmail-local-senders", "relay", "`relay_local_from`"),
    Specimen("relay-slow", "relay", "open; a second before each reply"),
    Specimen("relay-refuses-rset", "relay", "open; knows no RSET"),
    Specimen("relay-strips-everything", "relay", "open; drops headers and body"),
    Specimen("relay-says-550-and-relays", "relay", "open; refuses the message in words and sends it on"),
    Specimen("relay-helo-only", "relay", "open; knows no EHLO"),
    Specimen("relay-first-message-only", "relay", "sends on a client's first message alone"),
    Specimen("sham-smtp-refuses-after-data", None, "250 to every recipient, 550 to the message"),
    Specimen("sham-smtp-bounces", None, "accepts all mail, then bounces it with the message in it"),
    Specimen("trap-smtp-honeypot", None, "says yes to everything and keeps it"),
    Specimen("trap-smtp-tarpit", None, "closed, at a byte every tenth of a second"),
    Specimen("trap-smtp-turns-away", None, "554 instead of a greeting"),
]

PROXIES = [
    Specimen("squid-open", "http", "`http_access allow all`"),
    Specimen("squid-closed", None, "`http_access deny all`"),
    Specimen("squid-browsing", "http", "open, CONNECT to 443 alone"),
    Specimen("squid-password", None, "407 to whoever has no password"),
    Specimen("squid-chain", "http", "open, and asks a parent that is closed", "127.0.55.28"),
    Specimen("squid-tls-open", "http", "open, on a plain port and inside TLS"),
    Specimen("squid-tls-closed", None, "closed on both"),
    Specimen("tinyproxy-open", "http", "no `Allow`"),
    Specimen("tinyproxy-closed", None, "`Allow` for another host"),
    Specimen("tinyproxy-browsing", "http", "open, CONNECT to 443 alone"),
    Specimen("privoxy-open", "http", "no `permit-access`; leaves from another address"),
    Specimen("privoxy-closed", None, "`permit-access` for another host"),
    Specimen("apache-open", "http", "`ProxyRequests On`, all granted"),
    Specimen("apache-closed", None, "`ProxyRequests On`, all denied"),
    Specimen("haproxy-open", "http", "goes to the address in the Host header; GET, no CONNECT"),
    Specimen("haproxy-names", "http", "goes to the name in the Host header and to no address; GET, no CONNECT"),
    Specimen("haproxy-closed", None, "a reverse proxy with nothing behind it"),
    Specimen("nginx-open", "http", "`proxy_pass http://$http_host`; GET, no CONNECT"),
    Specimen("nginx-closed", None, "a web server with a page for every request"),
    Specimen("gateway-post-only", "http", "passes on POST alone"),
    Specimen("gateway-page-proxy", "web", "a script that fetches any page"),
    Specimen("gateway-redirecting-page", None, "a script that redirects to any page"),
    Specimen("gateway-telnet-gateway", "wingate", "a telnet prompt that connects to anywhere"),
    Specimen("gateway-telnet-login", None, "an ordinary login prompt"),
    Specimen("dante-open", "socks", "`socks pass` for all"),
    Specimen("dante-closed", None, "`socks block`"),
    Specimen("dante-browsing", "socks", "open to port 443 alone"),
    Specimen("dante-password", None, "`socksmethod: username`"),
    Specimen("microsocks-open", "socks", "no user"),
    Specimen("microsocks-closed", None, "a user and a password"),
    Specimen("ssh-open", "socks", "`ssh -D` on a public address; leaves from another address"),
    Specimen("ssh-forbidden", None, "`ssh -D`: grants all, and the far end forbids all"),
    Specimen("stunnel-open", "socks", "SOCKS inside TLS"),
    Specimen("sham-http-200-to-all", None, "a page for every request, CONNECT too"),
    Specimen("sham-http-connect-then-silence", None, "grants CONNECT, then silence"),
    Specimen("sham-socks-grant-then-silence", None, "grants SOCKS, then silence"),
    Specimen("sham-echo", None, "says back what it hears, on three ports"),
    Specimen("trap-socks-then-fake-smtp", None, "grants SOCKS, then plays a mail server"),
    Specimen("trap-socks-then-replay", None, "grants SOCKS, then says what a sink has said before"),
    Specimen("trap-socks-then-echo", None, "grants SOCKS, then says back what it hears"),
    Specimen("trap-connect-then-fake-smtp", None, "grants CONNECT, then plays a mail server"),
    Specimen("trap-connect-then-replay", None, "grants CONNECT, then says what a sink has said before"),
    Specimen("trap-connect-then-echo", None, "grants CONNECT, then says back what it hears"),
    Specimen("trap-captive-portal", None, "302 to its own page for every request"),
    Specimen("trap-search-engine", None, "a page for every request, with a search engine's headers"),
    Specimen("trap-tells-request-back", None, "a page in which the request stands"),
    Specimen("trap-wants-a-password", None, "407 to every request"),
]

SPECIMENS = MAIL + PROXIES
