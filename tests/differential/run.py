#!/usr/bin/env python3
"""Compares with the published original through the oracle's daemon (../shared/oracle; needs a JDK and Maven, so it is not part of ./dev test).

    ./dev differential [--seed N] [--expressions 5000] [--flows 300] [--oracle http://127.0.0.1:8313]

Prints every difference with both sides; exit code 1 when there is one. The seed is printed and replays.
"""
from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from differential import expressions, flows  # noqa: E402
from run import ADMIN, RunningServer  # noqa: E402

BINARY = ROOT / "build" / "release" / "insula"


def post(url: str, body: object, timeout: float = 120) -> object:
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return json.load(answer)


def oracle_at(url: str) -> subprocess.Popen | None:
    """The daemon: the one that runs already, or one of our own (None when nothing had to be started)."""
    try:
        post(url + "/render", {"batch": [{"id": "0", "template": "x", "variables": {}}]}, 30)
        return None
    except OSError:
        pass
    port = url.rsplit(":", 1)[1]
    process = subprocess.Popen([str(ROOT.parent / "shared" / "oracle" / "run"), "--kestra", "1.3", "serve", "--port", port], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            post(url + "/render", {"batch": []}, 30)
            return process
        except OSError:
            try:
                process.wait(timeout=1)
                raise SystemExit("the oracle ended: see ../shared/oracle/README.md for what it needs")
            except subprocess.TimeoutExpired:
                continue
    raise SystemExit("the oracle did not start within ten minutes")


def compare_expressions(url: str, seed: int, count: int) -> int:
    lines = expressions.generate(seed, count)
    ours_text = subprocess.run([str(BINARY), "expression", "render"], input="\n".join(json.dumps(line) for line in lines), capture_output=True, text=True).stdout
    ours = {answer["id"]: answer for answer in map(json.loads, ours_text.splitlines())}
    theirs: dict[str, dict] = {}
    for start in range(0, len(lines), 200):
        for answer in post(url + "/render", {"batch": lines[start:start + 200]}):
            theirs[answer["id"]] = answer
    different = 0
    for line in lines:
        mine, original = ours.get(line["id"], {}), theirs[line["id"]]
        if mine.get("ok") == original.get("ok") and (not original["ok"] or mine.get("value") == original.get("value")):
            continue
        different += 1
        print(f"expression {line['id']}: {line['template']}\n    original {original.get('value', original.get('error'))!r}\n    insula   {mine.get('value', mine.get('error'))!r}")
    print(f"{len(lines)} expressions, {different} differences")
    return different


def shape(execution: dict, logs: list[dict]) -> dict:
    """What must be equal: states, task runs with their states and outputs, log lines by task."""
    runs = sorted((run["taskId"], run.get("value") or "", run["state"]["current"], json.dumps(run.get("outputs") or {}, sort_keys=True)) for run in execution.get("taskRunList") or [])
    runs = [(task, value, state, "" if state == "RUNNING" else outputs) for task, value, state, outputs in runs]
    lines = sorted((line.get("taskId") or "", line["level"], line["message"].split("\n")[0]) for line in logs if line["level"] in ("INFO", "WARN", "ERROR"))
    return {"state": execution["state"]["current"], "task runs": runs, "logs": lines}


def compare_flows(url: str, seed: int, count: int) -> int:
    server = RunningServer(BINARY)
    different = 0

    def call(method: str, path: str, body: bytes | None = None) -> object:
        import base64
        request = urllib.request.Request(server.url + path, data=body, method=method, headers={"Authorization": "Basic " + base64.b64encode(":".join(ADMIN).encode()).decode(), "Content-Type": "application/x-yaml"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    try:
        for id, source in flows.generate(seed, count):
            original = post(url + "/run", {"flows": [source], "namespace": "io.differential", "flow": id, "timeout_s": 30})
            if "error" in original:
                theirs: object = "refused"
            else:
                theirs = shape(original["execution"], original["logs"])
            try:
                call("POST", "/api/v1/main/flows", source.encode())
                execution = call("POST", f"/api/v1/main/executions/io.differential/{id}?wait=true", b"")
                ours: object = shape(execution, call("GET", f"/api/v1/main/logs/{execution['id']}"))
            except urllib.error.HTTPError as error:
                ours = "refused" if error.code == 422 else f"status {error.code}"
            if ours != theirs:
                different += 1
                print(f"flow {id}:\n{source}    original {theirs}\n    insula   {ours}")
    finally:
        server.stop()
    print(f"{count} flows, {different} differences")
    return different


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--expressions", type=int, default=5000)
    parser.add_argument("--flows", type=int, default=300)
    parser.add_argument("--oracle", default="http://127.0.0.1:8313")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    daemon = oracle_at(options.oracle)
    try:
        different = compare_expressions(options.oracle, options.seed, options.expressions) if options.expressions else 0
        different += compare_flows(options.oracle, options.seed, options.flows) if options.flows else 0
    finally:
        if daemon is not None:
            daemon.terminate()
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
