"""HTTP proxies besides Squid: Tinyproxy, Privoxy, Apache, HAProxy, nginx; open and closed."""

from .process import Server, find_program
from .program import RESPONDER

NOBODY = "127.0.77.77"  # has no server and asks for nothing


class ConfiguredServer(Server):
    """Runs with one file of configuration, made from `text()`."""

    def prepare(self):
        self.conf.write_text(self.text())
        self.conf.chmod(0o644)

    @property
    def conf(self):
        return self.directory / "conf"

    def text(self):
        raise NotImplementedError


class Tinyproxy(ConfiguredServer):
    """`Allow` for somebody else."""

    name = "Tinyproxy (closed)"
    ports = (8888,)
    rules = f"Allow {NOBODY}\n"

    def text(self):
        return (f"User nobody\nGroup nogroup\nPort 8888\nListen {self.address}\nBind {self.address}\nTimeout 60\n"
                f"MaxClients 100\nLogLevel Connect\n{self.rules}")

    def command(self):
        return [find_program("tinyproxy", "tinyproxy-bin"), "-d", "-c", str(self.conf)]


class OpenTinyproxy(Tinyproxy):
    """No `Allow` at all."""

    name = "Tinyproxy (open)"
    rules = ""


class BrowsingTinyproxy(Tinyproxy):
    """Open to all, CONNECT to port 443 alone."""

    name = "Tinyproxy (open, CONNECT to 443 only)"
    rules = "ConnectPort 443\n"


class Privoxy(ConfiguredServer):
    """`permit-access` for somebody else. It leaves from whatever address the kernel takes."""

    name = "Privoxy (closed)"
    ports = (8118,)
    rules = f"permit-access {NOBODY}\n"

    def text(self):
        return (f"confdir /etc/privoxy\nlogdir {self.directory}\nlisten-address {self.address}:8118\ntoggle 0\n"
                f"{self.rules}")

    def command(self):
        return [find_program("privoxy", "privoxy"), "--no-daemon", str(self.conf)]


class OpenPrivoxy(Privoxy):
    name = "Privoxy (open)"
    rules = ""


class Apache(ConfiguredServer):
    """mod_proxy on, and `Require all denied`."""

    name = "Apache (closed)"
    ports = (8080,)
    require = "denied"

    def text(self):
        modules = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
                          for name in ("mpm_event", "authz_core", "proxy", "proxy_http", "proxy_connect"))
        return f"""\
{modules}ServerRoot {self.directory}
DefaultRuntimeDir {self.directory}
PidFile {self.directory}/pid
Mutex file:{self.directory} default
ErrorLog {self.directory}/log
ServerName apache.lab.example
Listen {self.address}:8080
User nobody
Group nogroup
StartServers 1
ThreadsPerChild 25
DocumentRoot {self.directory}
<Directory "{self.directory}">
Require all denied
</Directory>
ProxyRequests On
ProxySourceAddress {self.address}
AllowCONNECT 1-65535
<Proxy "*">
Require all {self.require}
</Proxy>
"""

    def command(self):
        return [find_program("apache2", "apache2-bin"), "-DFOREGROUND", "-f", str(self.conf)]


class OpenApache(Apache):
    name = "Apache (open)"
    require = "granted"


class Haproxy(ConfiguredServer):
    """An ordinary reverse proxy, with nothing behind it."""

    name = "HAProxy (closed)"
    ports = (8080,)
    front = "  default_backend site"

    def text(self):
        return f"""\
global
  maxconn 100
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
resolvers room
  nameserver ours {RESPONDER}:53
  timeout resolve 2s
frontend all
  bind {self.address}:8080
{self.front}
backend site
  source {self.address}
  server own {NOBODY}:80
backend anywhere
  source {self.address}
  server any 0.0.0.0:0
"""

    def command(self):
        return [find_program("haproxy", "haproxy"), "-db", "-f", str(self.conf)]


class OpenHaproxy(Haproxy):
    """Goes to whatever address stands in the client's Host header."""

    name = "HAProxy (open, GET only)"
    front = """\
  http-request set-dst hdr_ip(host)
  http-request set-var(txn.port) hdr(host),port_only
  http-request set-dst-port var(txn.port)
  default_backend anywhere"""


class NamesHaproxy(Haproxy):
    """Goes to whatever name stands in the client's Host header, and to no bare address."""

    name = "HAProxy (open, GET by name only)"
    front = """\
  http-request do-resolve(txn.dst,room,ipv4) hdr(host),host_only
  http-request set-dst var(txn.dst)
  http-request set-var(txn.port) hdr(host),port_only
  http-request set-dst-port var(txn.port)
  default_backend anywhere"""


class Nginx(ConfiguredServer):
    """An ordinary web server: it has a page for whatever is asked, also for another server's."""

    name = "nginx (closed)"
    ports = (80,)
    location = 'return 200 "welcome\\n";'

    def text(self):
        temporary = "".join(f"{kind}_temp_path {self.directory}/{kind};\n"
                            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""\
user nobody nogroup;
worker_processes 1;
daemon off;
pid {self.directory}/pid;
error_log stderr;
events {{ worker_connections 128; }}
http {{
access_log off;
{temporary}resolver {RESPONDER};
server {{
listen {self.address}:80;
location / {{ {self.location} }}
}}
}}
"""

    def command(self):
        return [find_program("nginx", "nginx"), "-c", str(self.conf)]


class OpenNginx(Nginx):
    """`proxy_pass http://$http_host$request_uri`."""

    name = "nginx (open, GET only)"

    @property
    def location(self):
        return f"proxy_bind {self.address}; proxy_pass http://$http_host$request_uri;"

