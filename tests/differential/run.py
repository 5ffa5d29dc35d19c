#!/usr/bin/env python3
"""Compares with the published original through the oracle's daemon (../shared/oracle; needs a JDK and Maven, so it is not part of ./dev test).

    ./dev differential [--seed N] [--expressions 5000] [--flows 300] [--only NUMBER] [--binary PATH] [--oracle http://127.0.0.1:8313]

Prints every difference, made small, with both sides; exit code 1 when there is one. The seed is printed; with --only it replays one case.
"""
from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from differential import expression_sides, expressions, flow_sides, flows, oracle, smaller, yaml_text  # noqa: E402
from run import ADMIN, RunningServer  # noqa: E402

AT_ONCE = 4
ORIGINAL_TRIES = 3   # what the original answers differently from time to time proves nothing


def text_of(shape: object, other: object) -> str:
    """The parts of a shape that the other has not."""
    if not isinstance(shape, dict) or not isinstance(other, dict):
        return f"      {shape}\n"
    text = ""
    for key, value in shape.items():
        if other.get(key) == value:
            continue
        if isinstance(value, list):
            rest = list(other.get(key) or [])
            for line in value:
                if line in rest:
                    rest.remove(line)
                else:
                    text += f"      {key}: {line}\n"
        elif isinstance(value, dict):
            text += f"      {key}:\n" + text_of(value, other.get(key) or {})
        else:
            text += f"      {key}: {value}\n"
    return text or "      (nothing more)\n"


def compare_flows(url: str, binary: Path, seed: int, count: int, only: int | None, shrink: bool) -> int:
    server = RunningServer(binary)
    original, insula = flow_sides.Original(url), flow_sides.Insula(server.url, ADMIN)
    unsteady: list[int] = []

    def both(case: dict, tries: int = ORIGINAL_TRIES) -> tuple[dict, dict] | None:
        """None when they agree, or when the original does not agree with itself."""
        ours, theirs = insula.run(case), [original.run(case)]
        while ours != theirs[-1] and len(theirs) < tries:
            theirs.append(original.run(case))
        if ours == theirs[-1]:
            return None
        if any(one != theirs[0] for one in theirs) or "STUCK" in str(theirs[0]):
            unsteady.append(1)
            return None
        return theirs[-1], ours

    different = 0
    try:
        cases = list(enumerate(flows.generate(seed, count)))
        if only is not None:
            cases = [cases[only]]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for (number, case), found in zip(cases, pool.map(lambda one: both(one[1]), cases)):
                if found is None:
                    continue
                different += 1
                if shrink:
                    ran = ["refused" not in side for side in found]

                    def differs(one: dict, ran: list[bool] = ran) -> bool:
                        now = both(one, 2)
                        return now is not None and ["refused" not in side for side in now] == ran

                    case = smaller.smaller(case, differs)
                    found = both(case) or found
                theirs, ours = found
                print(f"flow {number} of seed {seed}:\n{yaml_text.dump(case['flow'])}" + "".join(f"--- subflow\n{yaml_text.dump(child)}" for child in case["children"])
                      + f"    inputs {case['inputs']} labels {case['labels']} after {case['after']}\n    original\n{text_of(theirs, ours)}    insula\n{text_of(ours, theirs)}", flush=True)
    finally:
        server.stop()
    print(f"{len(cases)} flows, {different} differences; {len(unsteady)} times the original never ended, or did not agree with itself")
    return different


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--expressions", type=int, default=5000)
    parser.add_argument("--flows", type=int, default=300)
    parser.add_argument("--only", type=int, help="the number of one case")
    parser.add_argument("--whole", action="store_true", help="do not make the cases smaller")
    parser.add_argument("--binary", type=Path, default=ROOT / "build" / "release" / "insula")
    parser.add_argument("--oracle", default="http://127.0.0.1:8313")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    daemon = oracle.start(options.oracle)
    try:
        different = expression_sides.compare(options.oracle, options.binary, options.seed, options.expressions, options.only, not options.whole) if options.expressions else 0
        different += compare_flows(options.oracle, options.binary, options.seed, options.flows, options.only, not options.whole) if options.flows else 0
    finally:
        if daemon is not None:
            daemon.terminate()
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
