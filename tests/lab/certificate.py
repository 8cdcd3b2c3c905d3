"""Certificates for the servers of the lab that speak TLS: self-signed in the server's own directory, or of a CA of the
lab where the other side is strict."""

import subprocess

from .process import ServerError, find_program


def make(directory, name="lab.example", others=()):
    """Two files, certificate and key, and one that holds both. `others`: more names, such as "IP:127.0.0.1"."""
    alternatives = ["-addext", "subjectAltName=" + ",".join((f"DNS:{name}", *others))] if others else []
    certificate, key, both = (directory / part for part in ("cert.pem", "key.pem", "both.pem"))
    done = subprocess.run([find_program("openssl", "openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                           "-subj", f"/CN={name}", *alternatives, "-keyout", str(key), "-out", str(certificate)],
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerError(f"openssl makes no certificate: {done.stderr.strip()}")
    both.write_text(key.read_text() + certificate.read_text())
    for path in (certificate, key, both):
        path.chmod(0o644)  # servers give up root before they read it
    return certificate, key, both


def _openssl(*arguments):
    done = subprocess.run([find_program("openssl", "openssl"), *map(str, arguments)], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise ServerError(f"openssl {arguments[0]} failed: {done.stderr.strip()}")


_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Authority:
    """A CA. Its certificate is in `file`."""

    def __init__(self, directory, name="ca"):
        self.directory = directory
        self.file, self.key = directory / f"{name}.pem", directory / f"{name}.key"
        _openssl("req", "-x509", *_KEY, "-days", 2, "-subj", f"/CN={name}", "-keyout", self.key, "-out", self.file)

    def issue(self, name, certificate, key, days=2):
        """A certificate for a host and its key, put into place as a whole. With 0 days it has just ended."""
        request, made, made_key = (self.directory / f"{name}.{part}" for part in ("csr", "pem", "made"))
        _openssl("req", *_KEY, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", made_key,
                 "-out", request)
        _openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self.key, "-CAcreateserial", "-days", days,
                 "-copy_extensions", "copyall", "-out", made)
        made_key.chmod(0o644)  # servers give up root before they read it
        made_key.rename(key)
        made.rename(certificate)
