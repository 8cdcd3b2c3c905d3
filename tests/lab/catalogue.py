"""Every suspect of the lab by name, each with an address of its own, and the Lab that starts them."""

from concurrent.futures import ThreadPoolExecutor

from . import exim, http_proxies, opensmtpd, postfix_shapes, proxy_shapes, room, sendmail, ssh_socks
from .gateways import GATEWAYS, Gateway
from .postfix import DiscardingPostfix, OpenPostfix, Postfix
from .process import ServerError
from .relays import RELAYS
from .sham_server import Sham, SmallRelay, Trap
from .shams import SHAMS
from .socks import Dante, Microsocks, OpenDante, OpenMicrosocks
from .squid import OpenSquid, Squid
from .tls_proxies import OpenTlsSquid, Stunnel, TlsSquid
from .traps import TRAPS

SMTP, SOCKS, HTTP = 25, 1080, 3128

# Users of packages that are only unpacked (room.add_users).
USERS = (exim.USER, *opensmtpd.USERS, *sendmail.USERS)

REAL = {
    "postfix-open": OpenPostfix,
    "postfix-closed": Postfix,
    "postfix-discard": DiscardingPostfix,
    "squid-open": OpenSquid,
    "squid-closed": Squid,
    "dante-open": OpenDante,
    "dante-closed": Dante,
    "microsocks-open": OpenMicrosocks,
    "microsocks-closed": Microsocks,
    "postfix-local-senders": postfix_shapes.LocalSendersPostfix,
    "postfix-submission-open": postfix_shapes.OpenOnSubmissionOnly,
    "postfix-submission-closed": postfix_shapes.ClosedSubmission,
    "postfix-greylist-open": postfix_shapes.GreylistingOpenPostfix,
    "postfix-greylist-closed": postfix_shapes.GreylistingPostfix,
    "postfix-chain": postfix_shapes.RelayChain,
    "exim-open": exim.OpenExim,
    "exim-closed": exim.Exim,
    "exim-percent": exim.PercentExim,
    "exim-bounces": exim.BouncingExim,
    "exim-auth": exim.AuthenticatedExim,
    "opensmtpd-open": opensmtpd.OpenOpenSmtpd,
    "opensmtpd-closed": opensmtpd.OpenSmtpd,
    "sendmail-open": sendmail.OpenSendmail,
    "sendmail-closed": sendmail.Sendmail,
    "sendmail-local-senders": sendmail.LocalSendersSendmail,
    "squid-browsing": proxy_shapes.BrowsingSquid,
    "squid-password": proxy_shapes.PasswordSquid,
    "squid-chain": proxy_shapes.ProxyChain,
    "squid-tls-open": OpenTlsSquid,
    "squid-tls-closed": TlsSquid,
    "tinyproxy-open": http_proxies.OpenTinyproxy,
    "tinyproxy-closed": http_proxies.Tinyproxy,
    "tinyproxy-browsing": http_proxies.BrowsingTinyproxy,
    "privoxy-open": http_proxies.OpenPrivoxy,
    "privoxy-closed": http_proxies.Privoxy,
    "apache-open": http_proxies.OpenApache,
    "apache-closed": http_proxies.Apache,
    "haproxy-open": http_proxies.OpenHaproxy,
    "haproxy-names": http_proxies.NamesHaproxy,
    "haproxy-closed": http_proxies.Haproxy,
    "nginx-open": http_proxies.OpenNginx,
    "nginx-closed": http_proxies.Nginx,
    "dante-browsing": proxy_shapes.BrowsingDante,
    "dante-password": proxy_shapes.PasswordDante,
    "ssh-open": ssh_socks.OpenSshSocks,
    "ssh-forbidden": ssh_socks.SshSocks,
    "stunnel-open": Stunnel,
}

# Where each sham listens: what it imitates decides. The hostile ones stand on a port of each protocol.
SHAM_PORTS = {
    "http-200-to-all": (80, HTTP, 8080),
    "http-connect-then-silence": (HTTP,),
    "socks-grant-then-silence": (SOCKS,),
    "closes-in-the-middle": (SMTP,),
    "smtp-refuses-after-data": (SMTP,),
    "smtp-bounces": (SMTP,),
}
GATEWAY_PORTS = {"telnet-gateway": 23, "telnet-login": 23, "page-proxy": 80, "redirecting-page": 80, "post-only": HTTP}


def trap_port(kind):
    return SMTP if kind.startswith("smtp") else SOCKS if kind.startswith("socks") else HTTP


# prefix of the name -> the kinds, the first number of their addresses, and what makes one
OURS = {
    "sham-": (SHAMS, 100, lambda address, kind: Sham(address, kind, SHAM_PORTS.get(kind, (SMTP, SOCKS, HTTP)))),
    "trap-": (TRAPS, 130, lambda address, kind: Trap(address, kind, (trap_port(kind),))),
    "relay-": (RELAYS, 160, lambda address, kind: SmallRelay(address, kind, (SMTP,))),
    "gateway-": (GATEWAYS, 180, lambda address, kind: Gateway(address, kind, GATEWAY_PORTS[kind])),
}


def make(name):
    """A server of the catalogue, not started yet."""
    if name in REAL:
        return REAL[name](f"127.0.5.{1 + list(REAL).index(name)}")
    for prefix, (kinds, first, made) in OURS.items():
        kind = name.removeprefix(prefix)
        if name.startswith(prefix) and kind in kinds:
            return made(f"127.0.5.{first + list(kinds).index(kind)}", kind)
    raise ServerError(f"the lab has no server '{name}'; it has: {', '.join(names())}")


def names():
    return [*REAL, *(prefix + kind for prefix, (kinds, _, _) in OURS.items() for kind in kinds)]


class Lab:
    """The servers that run in this room. Ends them in reverse order."""

    def __init__(self):
        self.servers = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self, name):
        if name in self.servers:
            raise ServerError(f"{name} runs already")
        server = make(name)
        self.servers[name] = server  # before it starts, so that a failed start is cleaned up too
        return server.start(room.directory() / name)

    def start_all(self, wanted, at_once=4):
        """Many servers wait for themselves more than for a core."""
        with ThreadPoolExecutor(max_workers=at_once) as pool:
            return list(pool.map(self.start, wanted))

    def add(self, name, server):
        """A server from outside the catalogue (provenbl), started by the caller."""
        self.servers[name] = server
        return server

    def __getitem__(self, name):
        return self.servers[name]

    def stop(self):
        while self.servers:
            _, server = self.servers.popitem()
            server.stop()
