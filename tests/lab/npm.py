"""What comes from npm: pinned by a lock file, fetched once for each, outside of the room, where there is a network."""

import os
import shutil
import subprocess
from pathlib import Path

from .process import ServerError, find_program


def fetch(package, place, *options):
    """Into `place`, what package.json and package-lock.json in the folder `package` name. No script of theirs runs."""
    package, place = Path(package), Path(place)
    lock = (package / "package-lock.json").read_text()
    stamp = place / "fetched"
    if stamp.exists() and stamp.read_text() == lock:
        return
    place.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(package / name, place)
    command = [find_program("npm", "npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund", *options]
    environment = dict(os.environ, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD="1")
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ServerError(f"npm can't fetch what {package} needs (package-lock.json): {done.stderr[-2000:]}")
    stamp.write_text(lock)
