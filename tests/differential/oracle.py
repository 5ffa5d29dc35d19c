"""The oracle's daemon: the published original behind a small HTTP front (../shared/oracle/README.md)."""
from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path

RUN = Path(__file__).resolve().parents[3] / "shared" / "oracle" / "run"


def post(url: str, body: object, timeout: float = 120) -> object:
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return json.load(answer)


def start(url: str) -> subprocess.Popen | None:
    """The daemon: the one that runs already, or one of our own (None when nothing had to be started)."""
    try:
        post(url + "/render", {"batch": [{"id": "0", "template": "x", "variables": {}}]}, 30)
        return None
    except OSError:
        pass
    if not RUN.exists():
        raise SystemExit(f"the oracle is not on this machine: {RUN} is missing")
    port = url.rsplit(":", 1)[1]
    process = subprocess.Popen([str(RUN), "--kestra", "1.3", "serve", "--port", port], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    for _ in range(600):
        try:
            post(url + "/render", {"batch": []}, 30)
            return process
        except OSError:
            try:
                process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                continue
            raise SystemExit("the oracle ended: see ../shared/oracle/README.md for what it needs") from None
    process.kill()
    raise SystemExit("the oracle did not start within ten minutes")
