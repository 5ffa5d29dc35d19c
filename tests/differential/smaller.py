"""Makes a case that differs smaller while it still differs: whole subtrees first, then single properties."""
from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator


def _parents(value: object, path: tuple = ()) -> Iterator[tuple]:
    if isinstance(value, dict):
        for key, held in value.items():
            yield path + (key,)
            yield from _parents(held, path + (key,))
    elif isinstance(value, list):
        for at, held in enumerate(value):
            yield path + (at,)
            yield from _parents(held, path + (at,))


def _holder(root: object, path: tuple) -> object:
    for key in path[:-1]:
        root = root[key]
    return root


def candidates(root: dict) -> Iterator[dict]:
    """Copies with one thing less, the nearest to the root first."""
    paths = sorted(_parents(root), key=len)
    for path in paths:
        made = copy.deepcopy(root)
        holder = _holder(made, path)
        if path[-1] in ("id", "type", "namespace", "flow", "children", "inputs", "labels", "after", "spoiled") and len(path) == 1:
            continue
        if isinstance(holder, dict) and path[-1] in ("id", "type", "namespace", "flowId"):
            continue
        value = holder[path[-1]]
        # A flowable gives way to its children.
        if isinstance(value, dict) and isinstance(value.get("tasks") or value.get("then"), list) and isinstance(holder, list):
            children = [child.get("task", child) for child in value.get("tasks") or value.get("then")]
            lifted = copy.deepcopy(made)
            _holder(lifted, path)[path[-1]:path[-1] + 1] = children
            yield lifted
        if isinstance(holder, list) and len(holder) == 1 and isinstance(path[-2], str) and path[-2] in ("tasks", "then"):
            continue
        del holder[path[-1]]
        yield made


def smaller(case: dict, differs: Callable[[dict], bool], seconds: float = 25) -> dict:
    deadline = time.monotonic() + seconds
    again = True
    while again and time.monotonic() < deadline:
        again = False
        for candidate in candidates(case):
            if time.monotonic() > deadline:
                break
            if differs(candidate):
                case, again = candidate, True
                break
    return case
