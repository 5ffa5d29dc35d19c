"""Renders generated expressions on both sides."""
from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from differential import expressions, known
from differential.oracle import post

BATCH = 200
ROUNDS_MAX = 12


def insula(binary: Path, lines: list[dict]) -> dict[str, dict]:
    done = subprocess.run([str(binary), "expression", "render"], input="".join(json.dumps({**line, "zone": "Etc/UTC"}) + "\n" for line in lines), capture_output=True, text=True)
    answers = {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}
    return {line["id"]: answers.get(line["id"], {"ok": False, "error": f"no answer; exit code {done.returncode}"}) for line in lines}


def original(url: str, lines: list[dict]) -> dict[str, dict]:
    """Without those that break the original itself: its daemon hangs up on them."""
    answers: dict[str, dict] = {}

    def ask(some: list[dict]) -> None:
        try:
            for answer in post(url + "/render", {"batch": [{key: line[key] for key in ("id", "template", "variables")} for line in some]}):
                answers[answer["id"]] = answer
        except OSError:
            if len(some) > 1:
                ask(some[:len(some) // 2])
                ask(some[len(some) // 2:])

    for start in range(0, len(lines), BATCH):
        ask(lines[start:start + BATCH])
    return answers


def same(theirs: dict, ours: dict, template: str) -> bool:
    if theirs.get("ok") or theirs.get("error"):
        return shown(theirs) == shown(ours) or known.is_known(template, shown(theirs), shown(ours))
    # The Java machine leaves out the message of an error that it throws often: any error is the same then.
    return not ours.get("ok") or known.is_harmless(template)


def shown(answer: dict) -> str:
    if answer.get("ok"):
        return f"value {answer.get('value')!r}"
    return f"error {answer.get('error') or 'null'!r}"


def compare(url: str, binary: Path, seed: int, count: int, only: int | None, shrink: bool) -> int:
    lines = expressions.generate(seed, count)
    if only is not None:
        lines = [lines[only]]

    def differing(some: list[dict]) -> list[tuple[dict, str, str]]:
        packed = [{key: line[key] for key in ("id", "template", "variables")} for line in some]
        ours, theirs = insula(binary, packed), original(url, packed)
        return [(line, shown(theirs[line["id"]]), shown(ours[line["id"]])) for line in some if line["id"] in theirs and not same(theirs[line["id"]], ours[line["id"]], line["template"])]

    found = differing(lines)
    again = differing([line for line, _, _ in found])  # random values differ from themselves
    kept = []
    for (line, theirs, ours), (_, theirs_again, _) in zip(found, again):
        if theirs == theirs_again:
            kept.append((line, theirs, ours))
    rounds = ROUNDS_MAX if shrink else 0
    # All at once: every round renders every candidate of every difference.
    active = dict(enumerate(kept))
    for _ in range(rounds):
        candidates = []
        for at, (line, _, _) in active.items():
            for number, tree in enumerate(sorted(expressions.smaller(line["tree"]), key=lambda one: len(expressions.flat(one)))[:40]):
                text = expressions.flat(tree)
                if len(text) < len(line["template"]):
                    candidates.append({"id": f"{at}/{number}", "tree": tree, "template": text, "variables": line["variables"], "number": line.get("number", line["id"])})
        if not candidates:
            break
        better: dict[int, tuple[dict, str, str]] = {}
        for line, theirs, ours in differing(candidates):
            better.setdefault(int(line["id"].split("/")[0]), (line, theirs, ours))
        if not better:
            break
        for at, one in better.items():
            kept[at] = one
        active = better
    groups: dict[tuple[str, str, str], list] = {}
    for line, theirs, ours in kept:
        groups.setdefault((line["template"], theirs, ours), []).append(line.get("number", line["id"]))
    for (template, theirs, ours), numbers in sorted(groups.items(), key=lambda one: re.sub(r"\W+", "", one[0][0])):
        print(f"expression {', '.join(numbers[:3])} of seed {seed}{f' and {len(numbers) - 3} more' if len(numbers) > 3 else ''}: {template!r}\n    original {theirs}\n    insula   {ours}")
    print(f"{len(lines)} expressions, {len(kept)} differences, {len(groups)} when made small")
    return len(kept)
