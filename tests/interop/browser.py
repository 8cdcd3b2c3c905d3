"""A browser in the room: Debian's Chromium, driven by the scenarios of tests/pages, which ask the lab for what a browser
can't do itself (close a server, ask DNS, verify a receipt)."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from lab import npm  # noqa: E402
from lab.process import find_program  # noqa: E402
from lab.program import PUBLIC_API  # noqa: E402

PAGES = Path(__file__).resolve().parent.parent / "pages"
MODULES = "PROVENBL_PAGES_MODULES"  # where npm puts what the scenarios need; below the build directory
SECONDS = 400  # a bound against hanging for ever


def place():
    return Path(os.environ.get(MODULES, PAGES.parent.parent / "build/pages"))


def fetch_modules():
    """Outside of the room, where there is a network: the pinned modules, once for each lock file. Chromium is Debian's."""
    npm.fetch(PAGES, place())
    for path in [PAGES, *PAGES.rglob("*.mjs")]:  # scenarios stand beside their modules: that is where node looks
        target = place() / path.relative_to(PAGES)
        if path.is_dir() or not path.suffix == ".mjs":
            continue
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)


def play(scenario, answers, **details):
    """Runs one scenario; `answers` maps what it may ask for to functions over the question. What it has found out."""
    environment = dict(os.environ, PROVENBL_PAGES=f"http://{PUBLIC_API}",
                       PROVENBL_CHROMIUM=find_program("chromium", "chromium"), HOME=os.environ["PROVENBL_ROOM"])
    command = [find_program("node", "nodejs"), "run.mjs", scenario, json.dumps(details)]
    with subprocess.Popen(command, cwd=place(), env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as node:
        watchdog = threading.Timer(SECONDS, node.kill)
        watchdog.start()
        try:
            for line in node.stdout:
                said = json.loads(line)
                if "done" in said:
                    node.stdin.close()
                    print(f"{scenario}: {said['done']}", file=sys.stderr)
                    return said["done"]
                try:
                    answer = {"result": answers[said["ask"]](said)}
                except Exception as error:  # pylint: disable=broad-except
                    answer = {"error": str(error)}  # tells it where it happened, and fails there
                node.stdin.write(json.dumps(answer) + "\n")
                node.stdin.flush()
            raise AssertionError(f"the scenario '{scenario}' failed; what it said stands above")
        finally:
            node.wait()  # the watchdog bounds it
            watchdog.cancel()
