#!/usr/bin/env python3
"""The benchmarks of docs/performance.md, all in one run on this machine so that figures can be compared as ratios.

    ./dev bench            everything (about 30 minutes with the ten-minute soak)
    ./dev bench quick      without the soak, the search of 1,000,000 executions and the 10,000 tenants
    ./dev bench b d        only these letters
"""
from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import tenancy
from sources import EACH, FIVE, ONE_LOG, PYTHON, TWO, hook

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / "build" / "release" / "insula"
LOAD = ROOT / "build" / "release" / "insula_bench"
USER = "bench@example.com:Passw0rd-bench"
class Server:
    def __init__(self, data: Path):
        self.data = data
        self.log = (data.parent / "server.log").open("a+")
        started = time.monotonic()
        env = {**os.environ, "INSULA_ADMIN_EMAIL": USER.split(":")[0], "INSULA_ADMIN_PASSWORD": USER.split(":")[1], "INSULA_NO_QUESTIONS": "1", "INSULA_LOG_LEVEL": "info"}
        before = self.log.tell()
        self.process = subprocess.Popen([str(BINARY), "server", "standalone", "--port", "0", "--data", str(data)], stdout=self.log, stderr=subprocess.STDOUT, env=env, cwd=data.parent)
        self.port = 0
        while self.port == 0:
            text = Path(self.log.name).read_text()[before:]
            match = re.search(r"listening on http://[\d.]+:(\d+)", text)
            if match:
                self.port = int(match[1])
            elif self.process.poll() is not None:
                raise SystemExit(text)
            else:
                time.sleep(0.001)
        self.call("GET", "/health")
        self.started_s = time.monotonic() - started

    def call(self, method: str, path: str, body: bytes | None = None, content_type: str = "application/x-yaml"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, method=method)
        request.add_header("Authorization", "Basic " + base64.b64encode(USER.encode()).decode())
        if body is not None:
            request.add_header("Content-Type", content_type)
        with urllib.request.urlopen(request, timeout=600) as answer:
            text = answer.read()
        return json.loads(text) if text[:1] in (b"{", b"[") else text

    def flow(self, source: str, tenant: str = "main") -> None:
        try:
            self.call("POST", f"/api/v1/{tenant}/flows", source.encode())
        except urllib.error.HTTPError as error:
            if error.code != 422 or b"already exists" not in error.read():
                raise

    def load(self, *options: str) -> dict:
        done = subprocess.run([str(LOAD), "--port", str(self.port), *options], capture_output=True, text=True)
        if done.stderr:
            print(done.stderr.strip())
        return json.loads(done.stdout)

    def memory_mb(self, field: str = "VmRSS") -> float:
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{field}:\s+(\d+)", text)[1]) / 1024

    def cpu_s(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


def show(letter: str, what: str, text: str) -> None:
    print(f"{letter:3} {what:58} {text}", flush=True)


def rates(result: dict) -> str:
    return f"{result['rate']:9.0f}/s  p50 {result['p50_ms']:7.2f} ms  p99 {result['p99_ms']:7.2f} ms  errors {result['errors']}"


def fsync(folder: Path) -> str:
    """The bare cost of a durable append, for comparison."""
    path = folder / "fsync.bin"
    with path.open("wb") as out:
        times = []
        for _ in range(2000):
            started = time.perf_counter()
            out.write(b"x" * 4096)
            out.flush()
            os.fdatasync(out.fileno())
            times.append(time.perf_counter() - started)
    path.unlink()
    times.sort()
    return f"p50 {times[1000] * 1000:.3f} ms  p99 {times[1980] * 1000:.3f} ms  {2000 / sum(times):.0f}/s"


def run_and_wait(server: Server, flow: str) -> tuple[float, dict]:
    started = time.perf_counter()
    execution = server.call("POST", f"/api/v1/main/executions/bench/{flow}?wait=true", b"", "application/octet-stream")
    return time.perf_counter() - started, execution


def flows(server: Server, wanted: set[str]) -> None:
    server.flow(ONE_LOG)
    server.flow(TWO)
    server.flow(FIVE)
    hello = ["--body", "hello", "--content-type", "text/plain"]
    if "a" in wanted:
        show("a", "one Log task, POST, 64 connections", rates(server.load("--path", "/api/v1/main/executions/bench/one", "--user", USER, "--seconds", "8")))
        show("a", "one Log task, wait=true, 10/s", rates(server.load("--path", "/api/v1/main/executions/bench/one?wait=true", "--user", USER, "--seconds", "10", "--rate", "10", "--connections", "4")))
    if "c" in wanted:
        show("c", "five sequential Return tasks, 64 connections", rates(server.load("--path", "/api/v1/main/executions/bench/five", "--user", USER, "--seconds", "8")))
    if "d" in wanted:
        server.flow(EACH.format(n=100, limit=1))
        times = sorted(run_and_wait(server, "each100")[0] for _ in range(20))
        show("d", "ForEach of 100 × 2 tasks", f"p50 {times[10] * 1000:.1f} ms  max {times[-1] * 1000:.1f} ms")
    if "e" in wanted:
        for count in (10_000, 100_000):
            server.flow(EACH.format(n=count, limit=0 if count == 0 else 1))
            seconds, execution = run_and_wait(server, f"each{count}")
            show("e", f"ForEach of {count} × 2 tasks", f"{seconds:.2f} s  {seconds / count * 1e6:.0f} µs per item  {execution['state']['current']}  peak memory {server.memory_mb('VmHWM'):.0f} MB")
    if "f" in wanted:
        server.flow(PYTHON)
        seconds, execution = run_and_wait(server, "py")
        started = time.perf_counter()
        for _ in range(40):
            subprocess.run(["python3", "-c", "print(1)"], stdout=subprocess.DEVNULL, check=True)
        bare = time.perf_counter() - started
        show("f", "40 sequential Python tasks", f"{seconds:.2f} s  {execution['state']['current']}  (bare processes {bare:.2f} s)")
    if "b" in wanted:
        before = server.cpu_s()
        result = server.load("--path", hook("main"), *hello, "--seconds", "15")
        show("b", "OutputValues → Log by webhook, 64 connections", rates(result) + f"  server CPU {(server.cpu_s() - before) * 1e6 / max(result['requests'], 1):.0f} µs each")
        show("b", "the same at 10/s", rates(server.load("--path", hook("main"), *hello, "--seconds", "15", "--rate", "10", "--connections", "4")))
        made = 0
        for count in (100, 1000):
            names = [f"bench-{i}" for i in range(count)]
            tenancy.make(server, names[made:], [TWO])
            made = count
            options = [option for name in names for option in ("--path", hook(name))]
            server.load(*options, *hello, "--count", str(count))  # wake them
            show("b", f"the same over {count} tenants", rates(server.load(*options, *hello, "--seconds", "10", "--connections", "64")))


def soak(server: Server, minutes: int) -> None:
    peak = server.load("--path", hook("main"), "--body", "x", "--seconds", "5")["rate"]
    for minute in range(minutes):
        result = server.load("--path", hook("main"), "--body", "x", "--seconds", "60", "--rate", str(int(peak / 2)))
        size = sum(p.stat().st_size for p in server.data.rglob("*") if p.is_file()) / 1e6
        show("g", f"half speed, minute {minute + 1}", rates(result) + f"  store {size:.0f} MB  memory {server.memory_mb():.0f} MB")


def search(server: Server, executions: int) -> None:
    have = server.call("GET", "/api/v1/main/executions/search?size=1")["total"]
    if have < executions:
        server.load("--path", hook("main"), "--body", "x", "--count", str(executions - have), "--connections", "128")
    server.call("POST", "/api/v1/main/executions/bench/one?labels=needle:yes&wait=true", b"", "application/octet-stream")
    queries = {
        "first page": "size=25&sort=state.startDate:desc",
        "by state": "filters[state][IN]=SUCCESS&size=25&sort=state.startDate:desc",
        "by rare state": "filters[state][IN]=FAILED&size=25",
        "by label": "filters[labels][EQUALS][needle]=yes&size=25",
        "by flow": "filters[flowId][EQUALS]=two&size=25",
        "page 1,000": "size=25&page=1000",
    }
    total = server.call("GET", "/api/v1/main/executions/search?size=1")["total"]
    for name, query in queries.items():
        times = []
        for _ in range(7):
            started = time.perf_counter()
            server.call("GET", "/api/v1/main/executions/search?" + query.replace("[", "%5B").replace("]", "%5D"))
            times.append(time.perf_counter() - started)
        times.sort()
        show("h", f"search of {total} executions: {name}", f"p50 {times[3] * 1000:.1f} ms  max {times[-1] * 1000:.1f} ms")


def main() -> int:
    arguments = sys.argv[1:]
    wanted = set("abcdefghint") if not arguments else set("abcdefin") if arguments == ["quick"] else set("".join(arguments))
    folder = Path(tempfile.mkdtemp(prefix="insula-bench-", dir=os.environ.get("INSULA_BENCH_FOLDER")))
    try:
        print(f"{os.cpu_count()} cores, {time.strftime('%Y-%m-%d')}, {subprocess.run([str(BINARY), 'version'], capture_output=True, text=True).stdout.strip()}")
        show("0", "fsynced append of 4 KB", fsync(folder))
        server = Server(folder / "data")
        server.stop()
        server = Server(folder / "data")
        if "i" in wanted:
            show("i", "process start to first 200 on /health (second start)", f"{server.started_s * 1000:.0f} ms")
            show("i", "resident memory, idle", f"{server.memory_mb():.1f} MB")
        flows(server, wanted)
        if "g" in wanted:
            soak(server, 10)
        if "h" in wanted:
            search(server, 1_000_000)
        if "n" in wanted:
            tenancy.noisy(server, show, 100_000)
        server.stop()
        if "t" in wanted:
            tenancy.many(Server, folder / "many", show, 10_000)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
