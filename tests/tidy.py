#!/usr/bin/env python3
"""Checks of the tree that a compiler cannot make. Each failure names the fix. Exit code 1 when there is any."""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The table of ARCHITECTURE.md: what each folder may include.
MAY_INCLUDE = {
    "base": "",
    "expression": "base",
    "flow": "base expression",
    "schedule": "base",
    "access": "base",
    "execution": "base expression flow",
    "triggers": "base expression flow schedule execution",
    "client": "base",
    "sandbox": "base",
    "store": "base expression flow schedule access execution triggers",
    "storage": "base client",
    "vault": "base client store",
    "tasks": "base expression flow client sandbox storage",
    "engine": "base expression flow schedule access execution triggers client sandbox store storage vault tasks",
    "http": "base",
    "api": "base expression flow schedule access execution triggers client sandbox store storage vault tasks engine http",
    "cli": "base expression flow client",
    "app": "base expression flow schedule access execution triggers client sandbox store storage vault tasks engine http api cli",
}
# Pure folders: no I/O, no threads, no clock, no randomness.
PURE = {"expression", "flow", "schedule", "access", "execution", "triggers"}
IMPURE = re.compile(
    r"#include <(thread|mutex|condition_variable|fstream|filesystem|iostream|random|future|unistd\.h|sys/|poll\.h|fcntl\.h)"
    r"|std::(thread|mutex|random_device|ifstream|ofstream)\b|system_clock::now|steady_clock::now|random_bytes\(|SystemClock|getenv\(|log::(debug|info|warn|error)\("
)
BANNED_NAMES = {"util", "utils", "helper", "helpers", "common", "manager", "misc", "impl"}
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
REASON = re.compile(r"tidy: (long file|long function), because")
# For a visitor or two: behind the door they would be compiled with every file of the house.
SIDE_DOORS = {"flow/graph", "flow/schema", "triggers/upstream"}
LEFTOVERS = re.compile(r"\b(FIXME|HACK|TODO)\b|\bfor now\b")
SLEEP = re.compile(r"sleep_for|sleep_until|usleep\(|[^_a-z.]sleep\(|time\.sleep")

problems: list[str] = []


def problem(path: Path, line: int, text: str) -> None:
    problems.append(f"{path.relative_to(ROOT)}:{line}: {text}")


def sources(folder: str, *suffixes: str) -> list[Path]:
    base = ROOT / folder
    return sorted(p for p in base.rglob("*") if p.suffix in suffixes and "node_modules" not in p.parts) if base.exists() else []


def check_includes(path: Path, lines: list[str]) -> None:
    folder = path.relative_to(ROOT / "src").parts[0]
    allowed = set(MAY_INCLUDE[folder].split()) | {folder}
    is_test = path.name.endswith("_test.cc") or "for_tests" in path.name
    for number, line in enumerate(lines, 1):
        match = re.match(r'#include "([a-z_]+)/([a-z_0-9]+)\.h"', line)
        if not match:
            continue
        other, header = match.groups()
        if other not in MAY_INCLUDE:
            continue
        if other not in allowed and not is_test:
            problem(path, number, f"{folder} may not include {other}; see the table in ARCHITECTURE.md")
        elif other != folder and other != "base" and header != other and f"{other}/{header}" not in SIDE_DOORS and not (is_test and header.endswith("_for_tests")):
            problem(path, number, f"include the door {other}/{other}.h, not {other}/{header}.h")


def check_pure(path: Path, lines: list[str]) -> None:
    folder = path.relative_to(ROOT / "src").parts[0]
    if folder not in PURE or path.name.endswith("_test.cc"):
        return
    for number, line in enumerate(lines, 1):
        if IMPURE.search(line.split("//")[0]) and "tidy: pure, because" not in line:
            problem(path, number, f"{folder} is pure: take what this needs as an argument")


def check_names(path: Path) -> None:
    words = set(re.split(r"[_.]", path.stem.lower()))
    for word in words & BANNED_NAMES:
        problem(path, 1, f"the name says nothing: `{word}`; name the thing")


def check_lengths(path: Path, text: str, lines: list[str]) -> None:
    if len(lines) > FILE_LINES_MAX and "tidy: long file, because" not in text:
        problem(path, 1, f"{len(lines)} lines; at most {FILE_LINES_MAX}: split it by what it does")
    if path.suffix not in (".cc", ".h") or path.name.endswith("_test.cc"):
        return
    start = None
    for number, line in enumerate(lines, 1):
        # A function begins at a line that ends in `{` and starts in column 0 or 2, and ends at a brace in the same column.
        opening = re.match(r"( {0,2})[A-Za-z].*\) ?(const|noexcept|override|final|->.*| )*\{$", line)
        if opening and start is None and not re.match(r" *(namespace|class|struct|enum|if|for|while|switch|else)\b", line):
            start = (number, len(opening.group(1)))
        elif start and line.startswith(" " * start[1] + "}") and not line.startswith(" " * (start[1] + 1)):
            length = number - start[0] + 1
            if length > FUNCTION_LINES_MAX and not REASON.search("\n".join(lines[max(0, start[0] - 4): start[0] + 1])):
                problem(path, start[0], f"a function of {length} lines; at most {FUNCTION_LINES_MAX}: split it, or say `tidy: long function, because …` above it")
            start = None


def check_text(path: Path, lines: list[str]) -> None:
    for number, line in enumerate(lines, 1):
        if LEFTOVERS.search(line) and path.name != "tidy.py":
            problem(path, number, "a leftover: finish it or write an issue")
        if SLEEP.search(line) and ("_test" in path.name or path.parts[len(ROOT.parts)] == "tests") and path.name != "tidy.py":
            problem(path, number, "no sleep in tests: wait for the event, or use the fake clock")


def check_tests_are_built() -> None:
    for path in sources("src", ".cc") + sources("tests", ".cc"):
        if not path.name.endswith("_test.cc"):
            continue
        listed = any(path.name in cmake.read_text() for cmake in (p / "CMakeLists.txt" for p in [path.parent, *path.parents][:4]) if cmake.exists())
        if not listed:
            problem(path, 1, "this test is in no target: add it to TESTS in CMakeLists.txt")


def check_names_of_machine() -> None:
    words = "|".join(["/wor" + "k/main", "/wor" + "k/shared", r"deb\.deb" + r"ian\.org", r"registry\.npm" + r"js\.org", r"pypi\.o" + "rg"])
    found = subprocess.run(["git", "grep", "-nIE", words], cwd=ROOT, capture_output=True, text=True).stdout
    for line in found.splitlines():
        problems.append(f"{line.split(':', 2)[0]}: a path of one machine or a registry's host: remove it")


def main() -> int:
    for path in sources("src", ".cc", ".h") + sources("tests", ".cc", ".h", ".py") + sources("bench", ".cc", ".h", ".py") + sources("fuzz", ".cc", ".py"):
        text = path.read_text(errors="replace")
        lines = text.splitlines()
        if path.is_relative_to(ROOT / "src"):
            check_includes(path, lines)
            check_pure(path, lines)
        check_names(path)
        check_lengths(path, text, lines)
        check_text(path, lines)
    check_tests_are_built()
    check_names_of_machine()
    for text in problems:
        print(text)
    print(f"tidy: {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
