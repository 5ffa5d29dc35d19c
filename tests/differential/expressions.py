"""Generates expressions from a small grammar. The same seed gives the same list."""
from __future__ import annotations

import random

VARIABLES = {
    "s": "Hello World", "e": "", "n": 5, "m": -3, "big": 12345678901, "d": 2.5, "t": True, "f": False, "z": None,
    "list": [3, 1, 2], "names": ["b", "a", "c"], "map": {"a": 1, "b": {"c": "x"}}, "date": "2024-05-06T07:08:09Z", "json": "{\"k\": [1, 2]}", "csv": "a,b,c",
}
TEXTS = ["s", "e", "csv", "'lit'", "'a b'", "names[0]"]
NUMBERS = ["n", "m", "d", "big", "1", "2.5", "0", "list[1]"]
LISTS = ["list", "names", "[1, 2, 3]", "['x', 'y']", "range(1, 3)"]
ANY = TEXTS + NUMBERS + LISTS + ["map", "t", "f", "z", "missing", "map.b.c", "map.none", "names[9]"]
TEXT_FILTERS = ["upper", "lower", "capitalize", "title", "trim", "length", "reverse", "slugify", "md5", "sha1", "sha256", "sha512", "urlencode", "base64encode", "abbreviate(6)", "split(' ')",
                "replace({'l': 'L'})", "startsWith('H')", "endsWith('d')", "substringBefore(' ')", "substringAfter(' ')", "substringBeforeLast('l')", "substringAfterLast('l')", "default('none')",
                "json", "toJson", "yaml", "first", "last", "slice(0, 3)", "string", "escapeChar('double')", "indent(2)", "nindent(2)"]
NUMBER_FILTERS = ["abs", "numberFormat('#,##0.00')", "string", "toJson", "default(1)", "number('INT')", "number('FLOAT')"]
LIST_FILTERS = ["join(',')", "sort", "rsort", "reverse", "first", "last", "length", "toJson", "yaml", "distinct", "chunk(2)", "slice(0, 2)", "flatten", "jq('.[0]')", "jq('map(.)')", "merge([9])", "max"]
DATE_FILTERS = ["date('yyyy-MM-dd')", "date('HH:mm', timeZone='Europe/Paris')", "dateAdd(1, 'DAYS')", "dateAdd(-2, 'HOURS')", "timestamp", "timestampMilli", "timestampMicro", "date('iso_date')", "date('EEE d MMM yyyy')"]
TESTS = ["is empty", "is defined", "is null", "is not empty", "is even", "is odd", "is iterable", "is map", "is not defined"]
OPERATORS = ["+", "-", "*", "/", "%", "~", "==", "!=", "<", ">", "<=", ">=", "and", "or", "??", "???", "contains"]


def atom(rng: random.Random, depth: int) -> str:
    roll = rng.random()
    if depth <= 0 or roll < 0.3:
        return rng.choice(ANY)
    if roll < 0.45:
        return f"{rng.choice(TEXTS)} | {rng.choice(TEXT_FILTERS)}"
    if roll < 0.55:
        return f"{rng.choice(NUMBERS)} | {rng.choice(NUMBER_FILTERS)}"
    if roll < 0.68:
        return f"{rng.choice(LISTS)} | {rng.choice(LIST_FILTERS)}"
    if roll < 0.74:
        return f"date | {rng.choice(DATE_FILTERS)}"
    if roll < 0.8:
        return f"({atom(rng, depth - 1)}) {rng.choice(TESTS)}"
    if roll < 0.95:
        return f"({atom(rng, depth - 1)}) {rng.choice(OPERATORS)} ({atom(rng, depth - 1)})"
    return f"({atom(rng, depth - 1)}) ? ({atom(rng, depth - 1)}) : ({atom(rng, depth - 1)})"


def generate(seed: int, count: int) -> list[dict]:
    rng = random.Random(seed)
    lines = []
    for number in range(count):
        expression = atom(rng, 2)
        roll = rng.random()
        if roll < 0.8:
            template = "{{ " + expression + " }}"
        elif roll < 0.88:
            template = "{% if " + expression + " %}yes{% else %}no{% endif %}"
        elif roll < 0.94:
            template = "{% for x in " + rng.choice(LISTS) + " %}{{ loop.index }}:{{ x }};{% endfor %}"
        else:
            template = "a {{ " + expression + " }} b {{ " + rng.choice(ANY) + " }}"
        lines.append({"id": str(number), "template": template, "variables": VARIABLES})
    return lines
