"""What many tenants cost, and what a noisy one does to the others (letters t and n of run.py)."""
from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

from sources import QUEUED, TWO, WITH_SCHEDULE, hook

def percentiles(times: list[float]) -> str:
    times = sorted(times)
    return f"p50 {times[len(times) // 2] * 1000:6.2f} ms  p99 {times[int(len(times) * 0.99)] * 1000:6.2f} ms  max {times[-1] * 1000:.1f} ms"


def make(server, names: list[str], sources: list[str]) -> list[float]:
    """The tenants, each with the caller as Admin and these flows; how long each took to be made."""
    grant = json.dumps({"type": "USER", "externalId": server.call("GET", "/api/v1/me")["id"], "roleId": "ADMIN"}).encode()
    times = []
    for name in names:
        started = time.perf_counter()
        server.call("POST", "/api/v1/tenants", json.dumps({"id": name, "name": name}).encode(), "application/json")
        times.append(time.perf_counter() - started)
        server.call("POST", f"/api/v1/{name}/bindings", grant, "application/json")
        for source in sources:
            server.flow(source, name)
    return times


def many(new_server, data, show, count: int) -> None:
    server = new_server(data)
    server.stop()
    server = new_server(data)
    empty_mb = server.memory_mb()
    names = [f"many-{i}" for i in range(count)]
    times = make(server, names, [WITH_SCHEDULE])
    show("t", f"tenants made, 1 to {count}", percentiles(times))
    show("t", f"  the last 1,000 of them", percentiles(times[-1000:]))
    show("t", "memory after making them", f"{server.memory_mb():.0f} MB")
    server.stop()
    server = new_server(data)
    show("t", f"start with {count} tenants that sleep", f"{server.started_s * 1000:.0f} ms")
    time.sleep(2)
    grown = server.memory_mb() - empty_mb
    show("t", "memory with them", f"{server.memory_mb():.1f} MB, {grown * 1024 * 1024 / count:.0f} bytes per sleeping tenant")
    body = ["--body", "hello", "--content-type", "text/plain"]
    first = [server.load("--path", hook(name), *body, "--count", "1", "--connections", "1")["p50_ms"] / 1000 for name in names[:300]]
    show("t", "first request to a sleeping tenant (webhook, committed)", percentiles(first))
    options = [option for name in names[1000:4000] for option in ("--path", hook(name))]
    woken = server.load(*options, *body, "--count", "3000", "--connections", "64")
    show("t", "tenants woken by requests, 64 connections", f"{woken['rate']:.0f}/s  errors {woken['errors']}")
    server.load("--path", hook(names[0]), *body, "--count", "50")
    warm = server.load("--path", hook(names[0]), *body, "--seconds", "10", "--rate", "100", "--connections", "8")
    show("t", "a warm tenant among them at 100/s", f"p50 {warm['p50_ms']:.2f} ms  p99 {warm['p99_ms']:.2f} ms  errors {warm['errors']}")
    server.stop()


def noisy(server, show, queued: int) -> None:
    quiet = [f"quiet-{i}" for i in range(7)]
    make(server, quiet, [TWO])
    make(server, ["noisy"], [TWO, QUEUED])
    body = ["--body", "hello", "--content-type", "text/plain"]
    paths = [option for name in quiet for option in ("--path", hook(name))]
    measure = [*paths, *body, "--rate", "35", "--connections", "16"]
    server.load(*paths, *body, "--count", "70")
    idle = server.load(*measure, "--seconds", "15")
    show("n", "seven quiet tenants, 5/s each, nothing else", f"p50 {idle['p50_ms']:.2f} ms  p99 {idle['p99_ms']:.2f} ms")
    held = server.call("POST", hook("noisy", "queued"), b"hold", "text/plain")
    filled = server.load("--path", hook("noisy", "queued"), *body, "--count", str(queued), "--connections", "64")
    show("n", f"{queued} executions queued in the noisy tenant", f"{filled['rate']:.0f}/s  errors {filled['errors']}")
    with_queue = server.load(*measure, "--seconds", "15")
    show("n", "quiet tenants while they wait", f"p50 {with_queue['p50_ms']:.2f} ms  p99 {with_queue['p99_ms']:.2f} ms")
    before, started = server.cpu_s(), time.perf_counter()
    server.call("POST", f"/api/v1/noisy/executions/{held['id']}/resume", b"", "multipart/form-data; boundary=x")
    with ThreadPoolExecutor(1) as pool:
        # The noisy tenant's callers do not stop, either.
        flood = pool.submit(server.load, "--path", hook("noisy"), *body, "--connections", "64", "--seconds", "20")
        loud = server.load(*measure, "--seconds", "18")
        cores = (server.cpu_s() - before) / (time.perf_counter() - started)
        flooded = flood.result()
    left = server.call("GET", "/api/v1/noisy/executions/search?size=1&filters%5Bstate%5D%5BIN%5D=QUEUED")["total"]
    show("n", "quiet tenants while the queue runs and 64 callers push", f"p50 {loud['p50_ms']:.2f} ms  p99 {loud['p99_ms']:.2f} ms  errors {loud['errors']}")
    show("n", "  the noisy tenant meanwhile", f"{flooded['rate']:.0f} started/s, {queued - left} of its queue done, server on {cores:.2f} cores (the rest is the load generator)")
