"""A certificate for the servers of the lab that speak TLS: self-signed, in the server's own directory."""

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
