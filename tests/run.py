#!/usr/bin/env python3
"""Every test of the project, and one line of totals at the end. `./dev test` installs what is missing and calls this.

    ./dev test                     everything (preset quick; `--preset dev` adds address and undefined-behaviour sanitizers)
    ./dev test --preset quick      without sanitizers: the shortest loop
    ./dev test unit end_to_end     only these parts
"""
from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
PARTS = ["tidy", "unit", "end_to_end", "isolation", "conformance", "docs", "ui"]
# What the foundation must pass; the rest of the suites belongs to later work.
CONFORMANCE = [
    ("flows", "basic,logs,flowable,errors,foreach,alias,disabled,variables,inputs,limits,outputs,subflow,runif,fail,if,switch,pause,labels,retry,timeout,kill,http,delete,trigger-webhook,restart,replay,condition,trigger-flow,workingdir,concurrency,foreachitem,state"),
    ("expressions", "variables,operator,strict,tag,object,render,raw,access,test,coalesce,filter,date,jq,json,yaml,function,typed,ion"),
    ("validation", "flow,inputs,parse,task,trigger,precondition-filter,time-window,retry,multi,create,warnings"),
    ("api", "executions,flows,webhook,inputs,logs,errors"),
]
ADMIN = ("admin@example.com", "Passw0rd-for-tests")
SECRET_KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@dataclass
class Totals:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, passed: int, failed: int, skipped: int = 0) -> None:
        self.passed += passed
        self.failed += failed
        self.skipped += skipped


def say(text: str) -> None:
    print(f"\n=== {text}", flush=True)


def build(preset: str) -> Path:
    folder = ROOT / "build" / preset
    if not (folder / "build.ninja").exists():
        subprocess.run(["cmake", "--preset", preset], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    started = time.monotonic()
    subprocess.run(["cmake", "--build", str(folder)], cwd=ROOT, check=True)
    print(f"built {preset} in {time.monotonic() - started:.0f} s", flush=True)
    return folder


def tidy(totals: Totals) -> None:
    done = subprocess.run([sys.executable, "tests/tidy.py"], cwd=ROOT)
    totals.add(int(done.returncode == 0), int(done.returncode != 0))
    if done.returncode:
        totals.failures.append("tidy")


def unit(folder: Path, totals: Totals) -> None:
    programs = sorted(p for p in folder.iterdir() if p.name.endswith("_test") and os.access(p, os.X_OK))
    environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=1:abort_on_error=0", "UBSAN_OPTIONS": "print_stacktrace=1",
                   "ASAN_SYMBOLIZER_PATH": "/usr/bin/llvm-symbolizer-19"}
    running: list[tuple[Path, subprocess.Popen, Path, float]] = []
    waiting = list(programs)
    with tempfile.TemporaryDirectory() as scratch:
        while waiting or running:
            while waiting and len(running) < 2:
                program = waiting.pop(0)
                output = Path(scratch) / (program.name + ".txt")
                with output.open("w") as out:
                    process = subprocess.Popen([str(program), f"--gtest_output=json:{scratch}/{program.name}.json"], cwd=scratch, stdout=out, stderr=subprocess.STDOUT, env=environment)
                running.append((program, process, output, time.monotonic()))
            for entry in list(running):
                program, process, output, started = entry
                try:
                    process.wait(timeout=0.1)
                except subprocess.TimeoutExpired:
                    if time.monotonic() - started > 1500:
                        process.kill()
                    continue
                running.remove(entry)
                count(program, process.returncode, Path(scratch) / (program.name + ".json"), output, totals, time.monotonic() - started)


def count(program: Path, code: int, report: Path, output: Path, totals: Totals, seconds: float) -> None:
    passed = failed = skipped = 0
    if report.exists():
        for suite in json.loads(report.read_text())["testsuites"]:
            for case in suite["testsuite"]:
                if case.get("failures"):
                    failed += 1
                    totals.failures.append(f"{program.name}: {suite['name']}.{case['name']}")
                elif case.get("result") == "SKIPPED":
                    skipped += 1
                else:
                    passed += 1
    if code != 0 and failed == 0:  # a sanitizer's report, or a crash
        failed += 1
        totals.failures.append(f"{program.name}: exit code {code}")
    if code != 0:
        print(output.read_text(errors="replace")[-8000:])
    totals.add(passed, failed, skipped)
    print(f"{program.name}: {passed} passed, {failed} failed{f', {skipped} skipped' if skipped else ''} in {seconds:.1f} s", flush=True)


class RunningServer:
    """A server of the build under test, on a free port, in a folder of its own."""

    def __init__(self, binary: Path, environment: dict[str, str] | None = None):
        self.folder = tempfile.TemporaryDirectory()
        self.log = open(Path(self.folder.name) / "server.log", "w+")
        env = {**os.environ, "INSULA_ADMIN_EMAIL": ADMIN[0], "INSULA_ADMIN_PASSWORD": ADMIN[1], "KESTRA_ENCRYPTION_SECRET_KEY": SECRET_KEY,
               "SECRET_WEBHOOK_KEY": "c2VjcmV0S2V5", "INSULA_NO_QUESTIONS": "1", **(environment or {})}
        self.process = subprocess.Popen([str(binary), "server", "standalone", "--port", "0", "--data", str(Path(self.folder.name) / "data")],
                                        stdout=self.log, stderr=subprocess.STDOUT, env=env, cwd=self.folder.name)
        self.url = self._address()

    def _address(self) -> str:
        path = Path(self.log.name)
        for _ in range(600):
            match = re.search(r"listening on (http://[\d.]+:\d+)", path.read_text())
            if match:
                return match.group(1)
            try:
                self.process.wait(timeout=0.1)
                break
            except subprocess.TimeoutExpired:
                continue
        raise SystemExit(f"the server did not start:\n{path.read_text()}")

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = -9
        text = Path(self.log.name).read_text(errors="replace")
        if code != 0 or "ERROR: AddressSanitizer" in text or "runtime error:" in text:
            print(text[-6000:])
        self.folder.cleanup()
        return code


def conformance(folder: Path, totals: Totals) -> None:
    runner = SHARED / "conformance" / "run.py"
    if not runner.exists():
        print("the shared cases are not on this machine: nothing to replay")
        return
    server = RunningServer(folder / "insula")
    try:
        for suite, areas in CONFORMANCE:
            say(f"conformance {suite}")
            done = bounded([sys.executable, str(runner), "--url", server.url, "--user", ADMIN[0], "--password", ADMIN[1], "--suite", suite, "--area", areas,
                                   "--jobs", "4", "--timeout-scale", "3", "--show-failures", "200"], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
            print(done.stdout[-12000:], flush=True)
            match = re.search(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$", done.stdout)
            if not match:
                totals.add(0, 1)
                totals.failures.append(f"conformance {suite} ended without totals")
                continue
            bad = set(re.findall(r"^(?:FAIL|ERROR) (\S+)", done.stdout, re.M))
            # What the runner calls "the same in N other cases" is not named.
            unnamed = int(match[2]) - len(bad)
            totals.add(int(match[1]), int(match[2]), int(match[3] or 0))
            totals.failures += [f"conformance {case}" for case in sorted(bad)] + ([f"conformance {suite}: {unnamed} more"] if unnamed else [])
    finally:
        code = server.stop()
        totals.add(int(code == 0), int(code != 0))
        if code:
            totals.failures.append(f"the server of the conformance run ended with {code}")


def bounded(command: list[str], seconds: int = 600, **how) -> subprocess.CompletedProcess:
    """Like subprocess.run, but output goes through a file and the time is limited, so that what hangs cannot hang the run."""
    captured = "stdout" if how.get("stdout") == subprocess.PIPE else "stderr"
    how = {key: value for key, value in how.items() if key not in ("stdout", "stderr", "text", "start_new_session")}
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, **{captured: output}, start_new_session=True, **how)
        try:
            process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        output.seek(0)
        text = output.read()
    return subprocess.CompletedProcess(command, process.returncode, text if captured == "stdout" else "", text if captured == "stderr" else "")


def python_tests(name: str, folder: Path, totals: Totals) -> None:
    environment = {**os.environ, "INSULA_BINARY": str(folder / "insula"), "PYTHONPATH": str(ROOT / "tests"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = bounded([sys.executable, "-m", "unittest", "discover", "-v", "-s", f"tests/{name}", "-t", "tests", "-p", "*_test.py"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)
    print(done.stderr[-8000:], flush=True)
    ran = re.search(r"Ran (\d+) tests?", done.stderr)
    bad = sum(int(n) for n in re.findall(r"(?:failures|errors)=(\d+)", done.stderr))
    skipped = sum(int(n) for n in re.findall(r"skipped=(\d+)", done.stderr))
    total = int(ran[1]) if ran else 0
    totals.add(max(total - bad - skipped, 0), bad if ran else 1, skipped)
    if done.returncode:
        totals.failures.append(name)


def ui(folder: Path, totals: Totals) -> None:
    """The web application: types, lint and unit tests, then journeys in a browser against a server of this build."""
    node = ROOT / "build" / "node" / "node_modules" / "node" / "bin"
    environment = {**os.environ, "INSULA_BINARY": str(folder / "insula"), "PATH": f"{node}:{os.environ['PATH']}", "NO_COLOR": "1"}
    for step in ("types", "lint", "typecheck"):
        done = bounded(["npm", "run", "--silent", step], cwd=ROOT / "ui", env=environment, stdout=subprocess.PIPE, text=True)
        totals.add(int(done.returncode == 0), int(done.returncode != 0))
        if done.returncode:
            print(done.stdout[-4000:], flush=True)
            totals.failures.append(f"ui {step}")
    for step, seconds, pattern in (("unit", 300, r"Tests\s+(?:(\d+) failed \| )?(\d+) passed"), ("e2e", 1_200, r"ui: (?:\d+ passed, (\d+) failed)")):
        done = bounded(["npm", "run", "--silent", step], seconds, cwd=ROOT / "ui", env=environment, stdout=subprocess.PIPE, text=True)
        found = re.search(pattern, done.stdout)
        failed = int(found[1] or 0) if found else 1
        passed = re.search(r"(\d+) passed", found[0]) if found else None
        totals.add(int(passed[1]) if passed else 0, failed or int(done.returncode != 0))
        print(f"ui {step}: {found[0] if found else 'ended without totals'}", flush=True)
        if failed or done.returncode:
            print(done.stdout[-8000:], flush=True)
            totals.failures.append(f"ui {step}")


def docs(folder: Path, totals: Totals) -> None:
    """The generated pages are what this build generates."""
    for page in ("configuration", "tasks", "expressions", "api", "cli", "errors"):
        path = ROOT / "docs" / "reference" / f"{page}.md"
        command = [sys.executable, "tests/errors_page.py"] if page == "errors" else [str(folder / "insula"), "reference", page]
        made = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
        if os.environ.get("INSULA_REWRITE_GOLDEN"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made)
        same = path.exists() and path.read_text() == made
        totals.add(int(same), int(not same))
        if not same:
            totals.failures.append(f"docs/reference/{page}.md is stale: INSULA_REWRITE_GOLDEN=1 ./dev test docs")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--preset", default="quick")
    options = parser.parse_args()
    wanted = options.parts or PARTS
    totals = Totals()
    if "tidy" in wanted:
        say("tidy")
        tidy(totals)
    if set(wanted) - {"tidy"}:
        say("build")
        folder = build(options.preset)
    if "unit" in wanted:
        say("unit, store suites and simulation")
        unit(folder, totals)
    if "end_to_end" in wanted:
        say("end to end")
        python_tests("end_to_end", folder, totals)
    if "isolation" in wanted:
        say("isolation matrix")
        python_tests("isolation", folder, totals)
    if "conformance" in wanted:
        say("conformance")
        conformance(folder, totals)
    if "docs" in wanted:
        say("generated pages")
        docs(folder, totals)
    if "ui" in wanted:
        say("web application")
        ui(folder, totals)
    for failure in totals.failures:
        print(f"FAILED {failure}")
    print(f"\n{totals.passed} passed, {totals.failed} failed, {totals.skipped} skipped")
    return 1 if totals.failed else 0


if __name__ == "__main__":
    sys.exit(main())
