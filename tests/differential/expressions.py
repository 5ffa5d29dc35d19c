"""Generates expressions from a grammar, as trees, so that one that differs can be made smaller. The same seed gives the same list.

No calls of Java methods and no long ranges: they harm the original.
"""
from __future__ import annotations

import random

VARIABLES = {
    "s": "Hello World", "e": "", "u": "Ünïcödé ß €", "lines": "one\ntwo\n\nthree", "n": 5, "m": -3, "big": 12345678901, "huge": 9007199254740993, "d": 2.5, "w": 3.0, "t": True, "f": False,
    "list": [3, 1, 2], "names": ["b", "a", "c", "a"], "mixed": [1, "a", None, True, 2.5, [1], {"k": "v"}], "nested": [[1, 2], [3, [4]]], "rows": [{"id": 2, "name": "y"}, {"id": 1, "name": "x"}],
    "map": {"a": 1, "b": {"c": "x", "d": [1, 2]}, "list": [5]}, "date": "2014-05-06T07:08:09Z", "day": "2014-05-06", "local": "2014-05-06T07:08:09", "offset": "2014-12-31T23:30:00.123456+05:30", "epoch": 1399360089,
    "json": "{\"k\": [1, 2.0, null], \"t\": \"é\"}", "array": "[3, 1]", "csv": "a,b,,c", "yaml": "a: 1\nb:\n  - x\n  - 2014-05-06\n", "num": "12.50", "neg": "-7", "b64": "aGVsbG8=", "url": "a b&c=d/é", "expr": "{{ n + 1 }}", "ion": "{a:1,b:[x,2014-05-06T]}",
}
TEXTS = ["s", "e", "u", "lines", "csv", "json", "array", "yaml", "num", "neg", "b64", "url", "expr", "ion", "'lit'", "'a b'", '"dq"', "''", "'it''s'", r"'back\\slash'", "names[0]", "map.b.c", "'1'", "'true'", "rows[0].name", "map['b']['c']", "'a' ~ n"]
NUMBERS = ["n", "m", "d", "w", "big", "huge", "1", "0", "2.5", "-4", "list[1]", "map.a", "1.10", "100000", "3000000000", "0.1", "1L", "rows[0].id", "list | length", "-0.0"]
LISTS = ["list", "names", "mixed", "nested", "rows", "[1, 2, 3]", "['x', 'y']", "[]", "range(1, 3)", "1..3", "[1.5, 2]", "[list, names]", "map.b.d", "('a'..'c')", "[null]", "[true, false]"]
MAPS = ["map", "map.b", "{'a': 1}", "{}", "{'x': [1], 'y': {'z': null}}", "rows[1]", "{1: 'one'}", "{'b': 2, 'a': 1}", "{s: n}"]
DATES = ["date", "day", "local", "offset", "epoch", "'2020-02-29'", "'2014-05-06 07:08'", "'2014-05-06T07:08:09.123Z'", "'nope'", "1399360089000", "'2014-10-26T02:30:00+01:00[Europe/Paris]'", "'Tue, 6 May 2014 07:08:09 GMT'"]
ODD = ["t", "f", "z", "missing", "map.none", "names[9]", "list.a", "s.x", "z.x", "map['no'].more", "null", "true", "rows.id", "list[-1]", "mixed[2]", "map[n]", "s[0]", "missing.deep.er", "n.x"]

FORMATS = ["yyyy-MM-dd", "HH:mm", "EEE d MMM yyyy", "iso_date", "iso_local_date_time", "sql_seq", "yyyy-MM-dd'T'HH:mm:ssXXX", "EEEE, MMMM d, uuuu h:mm a", "DDD", "w", "e", "qqq", "SSSSSS", "n", "zzz", "VV", "OOOO", "Q", "k:K", "yy", "G", "iso_zoned_date_time", "iso_instant", "iso_week_date",
           "rfc_1123_date_time", "full", "bad}", "'open", "yyyyy", "MMMMM", "LLLL", "xx", "Z", "ZZZZZ", "A", "B", "iso", "iso_sec", "sql", "iso_zoned_date_time", "basic_iso_date", "", "iso_time", "iso_milli"]
ZONES = ["Europe/Paris", "UTC", "America/New_York", "+02:00", "GMT+3", "Nowhere/Land", "Asia/Kolkata", "Z", "CET"]
LOCALES = ["fr", "de_DE", "en-US", "FR_fr", "ja", "x"]
UNITS = ["DAYS", "HOURS", "MONTHS", "YEARS", "MINUTES", "SECONDS", "WEEKS", "MILLIS", "NANOS", "DECADES", "days", "FOREVER", "HALF_DAYS", "NONE"]
JQ = [".", ".[0]", ".a", ".b.c", ".[]", "map(.)", "length", "keys", ".k[1]", ".[] | .id", "map(.id)", "[.[] | select(.id > 1)]", ".a // 5", "type", "to_entries", "add", "sort", "unique", "reverse", "tostring", ". as $x | $x", "if . then 1 else 2 end", ".[1:]", ".[-1]", "join(\",\")", "ascii_downcase",
      "test(\"l\")", "split(\" \")", "{a: .a, n: 1}", "[.[] | tostring]", "has(\"a\")", "..", "tojson", "fromjson", ".[] += 1", "del(.a)", "group_by(.id)", "min", "max_by(.id)", "flatten", "any", "all", "paths", "map(select(. != null))", "first", "last", "range(3)", "with_entries(.value |= tostring)", ".a?", ".[]?",
      "error(\"x\")", "nofunction", ".[", "1 + 1", "\"a\\(1)b\"", ".name", "limit(2; .[])", "index(\"l\")", "ltrimstr(\"H\")", "@base64", "@csv", "@json", "@uri", "not", "floor", "sqrt", ". * 2", ". - 1", ". / 2", ". % 2", "try error(\"x\") catch .", "reduce .[] as $i (0; . + 1)", "[.[] | numbers]", "input", "$ENV", "env"]
REGEXES = ["l+", "[aeiou]", "(\\\\w+) (\\\\w+)", "^H", ".", "\\\\s", "x*", "(", "\\\\d+"]
NUMBER_FORMATS = ["#,##0.00", "0", "#.##", "00000.0", "0.###E0", "#%", "$#,##0", "#;(#)", "0.0.0", "", "#,###", "¤0.00", "'n'0"]


class Maker:
    def __init__(self, rng: random.Random):
        self.rng = rng

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def leaf(self, pool: list[str] | None = None) -> list:
        pool = pool or self.rng.choices([TEXTS, NUMBERS, LISTS, MAPS, DATES, ODD], [6, 5, 4, 3, 1, 2.5])[0]
        return [self.rng.choice(pool)]

    def of(self, pool: list[str], depth: int) -> list:
        """Mostly what fits, sometimes anything."""
        if depth > 0 and self.chance(0.3):
            return ["(", self.any(depth - 1), ")"]
        return self.leaf(pool if self.chance(0.85) else None)

    def text_filter(self) -> str:
        rng = self.rng
        q = lambda value: "'" + value + "'"  # noqa: E731
        return rng.choice([
            "upper", "lower", "capitalize", "title", "trim", "length", "reverse", "slugify", "md5", "sha1", "sha256", "sha512", "urlencode", "urldecode", "base64encode", "base64decode", "nl2br", "string", "first", "last", "json", "toJson", "yaml", "toIon", "className",
            f"abbreviate({rng.choice([0, 3, 4, 6, 20, -1])})", f"split({q(rng.choice([' ', ',', 'l', '', '[', '.']))})", f"split(',', {rng.choice([-1, 0, 1, 2, 5])})", "replace({'l': 'L'})", "replace({'l': 'L', 'o': ''})", f"replace({{{q(rng.choice(REGEXES))}: '<$0>'}}, regexp=true)",
            "startsWith('H')", "endsWith('d')", "startsWith(value=names[0])", f"substringBefore({q(rng.choice([' ', 'l', 'zz', '']))})", f"substringAfter({q(rng.choice([' ', 'l', 'zz', '']))})", f"substringBeforeLast({q(rng.choice(['l', 'o', 'zz', '']))})", f"substringAfterLast({q(rng.choice(['l', 'o', 'zz', '']))})",
            "default('none')", "default(missing)", f"slice({rng.choice([0, 1, 2, -1, 20])}, {rng.choice([0, 1, 3, 5, 50])})", f"slice({rng.choice([0, 1, -2])})", "slice(fromIndex=1, toIndex=2)", f"escapeChar({q(rng.choice(['double', 'single', 'shell', 'other']))})",
            f"indent({rng.choice([0, 2, -1])})", "nindent(2)", "indent(2, '>')", "nindent(amount=1, prefix='- ')", f"number({q(rng.choice(['INT', 'LONG', 'FLOAT', 'DOUBLE', 'BIGDECIMAL', 'BIGINTEGER', 'X']))})", "number", "jq('.k')", "jq('.')", "upper('x')", "trim | upper | lower", "format(n, s)", "lower()", "merge('a')", "join(',')"])

    def number_filter(self) -> str:
        rng = self.rng
        return rng.choice(["abs", "string", "toJson", "default(1)", "length", "yaml", "toIon", "className", "numberFormat", f"numberFormat('{rng.choice(NUMBER_FORMATS)}')", "numberFormat(format='#.#')", f"number('{rng.choice(['INT', 'LONG', 'FLOAT', 'DOUBLE'])}')", "upper", "first", "json", "jq('. + 1')", "jq('.')", "date('yyyy')"])

    def list_filter(self) -> str:
        rng = self.rng
        return rng.choice(["join(',')", "join", "join(separator=' - ')", "sort", "rsort", "reverse", "first", "last", "length", "toJson", "json", "yaml", "toIon", "distinct", f"chunk({rng.choice([1, 2, 5, 0, -1])})", f"slice({rng.choice([0, 1])}, {rng.choice([1, 2, 9])})", "slice(1)", "flatten", "merge([9])", "merge(list)",
                           "keys", "values", "string", "className", "default([])", "max", "upper", f"jq({self.jq()})", f"jq({self.jq()})", f"jq({self.jq()}) | first", "sort | first", "distinct | join('+')", "indent(2)", "md5"])

    def map_filter(self) -> str:
        return self.rng.choice(["keys", "values", "length", "toJson", "json", "yaml", "toIon", "merge({'z': 9})", "merge(map)", "string", "className", "first", "default({})", f"jq({self.jq()})", f"jq({self.jq()})", "keys | sort | join(',')", "join(',')", "upper", "yaml | indent(2)"])

    def jq(self) -> str:
        return "'" + self.rng.choice(JQ).replace("'", "\\'") + "'"

    def date_filter(self) -> str:
        rng = self.rng
        arguments = [f"'{rng.choice(FORMATS)}'"] if self.chance(0.8) else []
        if self.chance(0.35):
            arguments.append(f"timeZone='{rng.choice(ZONES)}'")
        if self.chance(0.15):
            arguments.append(f"locale='{rng.choice(LOCALES)}'")
        if self.chance(0.12):
            arguments.append(f"existingFormat='{rng.choice(FORMATS)}'")
        return rng.choice([f"date({', '.join(arguments)})"] * 5 + [f"dateAdd({rng.choice([1, -2, 0, 40, 1.5])}, '{rng.choice(UNITS)}')", f"dateAdd(amount={rng.choice([1, -1])}, unit='{rng.choice(UNITS)}', format='yyyy-MM-dd HH:mm')", "timestamp", "timestampMilli", "timestampMicro", "timestampNano", f"timestamp(timeZone='{rng.choice(ZONES)}')",
                                                                   "date | dateAdd(1, 'DAYS') | date('yyyy')", f"dateAdd(1, '{rng.choice(UNITS)}', timeZone='{rng.choice(ZONES)}')"])

    def function(self, depth: int) -> list:
        rng = self.rng
        return rng.choice([
            lambda: ["max(", self.of(NUMBERS, depth), ", ", self.of(NUMBERS, depth), ")"], lambda: ["min(", self.of(NUMBERS, depth), ", ", self.of(NUMBERS, depth), ", 2)"],
            lambda: [f"range({rng.choice([0, 1, -2, 5])}, {rng.choice([3, 6, 0])}" + rng.choice(["", f", {rng.choice([1, 2, -1])}"]) + ")"], lambda: ["json(", self.leaf(TEXTS), ")"], lambda: ["fromJson(", self.leaf(["json", "array", "'[1, {\"a\": 2.50}]'", "'5'", "'\"x\"'", "'{'", "e", "n", "missing"]), ")"],
            lambda: ["yaml(", self.leaf(["yaml", "'[1, 2]'", "'a: b'", "'a: b: c'", "e", "num", "'- 0x1F\\n- 1_000\\n- 1e3\\n- yes\\n- ~'", "'a: &x 1\\nb: *x'", "n"]), ")"], lambda: ["fromIon(", self.leaf(["ion", "'[1,2.5,a]'", "'{a:null}'", "'2014T'", "e"]), ")"],
            lambda: ["render(", self.leaf(["expr", "s", "n", "'{{ map.a }}'", "'{{ x }}'", "missing", "map", "list"]), ")"], lambda: ["renderOnce(", self.leaf(["expr", "s"]), ")"], lambda: ["now() is defined"], lambda: ["(uuid() | length)"], lambda: ["nofunction(1)"],
            lambda: [f"nanoId(length={rng.choice([5, 0, -1])}) | length"], lambda: ["block('none')"], lambda: ["fetchContext().n"], lambda: ["randomInt(1, 2)"], lambda: ["randomInt(2, 1)"], lambda: ["i18n('a', 'b')"], lambda: ["printContext() | length > 5"], lambda: ["currentEachOutput(map)"], lambda: ["max()"], lambda: ["min('a', 'b')"], lambda: ["json()"],
            lambda: ["range(1)"], lambda: ["tasksWithState('FAILED')"], lambda: ["decrypt('k', 'x')"],
        ])()

    def any(self, depth: int) -> list:
        rng = self.rng
        if depth <= 0:
            return self.leaf()
        roll = rng.random()
        if roll < 0.06:
            return self.leaf()
        if roll < 0.2:
            return [self.of(TEXTS, depth), " | ", [self.text_filter()]]
        if roll < 0.27:
            return [self.of(NUMBERS, depth), " | ", [self.number_filter()]]
        if roll < 0.37:
            return [self.of(LISTS, depth), " | ", [self.list_filter()]]
        if roll < 0.44:
            return [self.of(MAPS, depth), " | ", [self.map_filter()]]
        if roll < 0.53:
            return [self.leaf(DATES), " | ", [self.date_filter()]]
        if roll < 0.6:
            return [self.of(TEXTS + NUMBERS + LISTS + MAPS + ODD, depth), f" is {rng.choice(['', '', 'not '])}{rng.choice(['empty', 'defined', 'null', 'even', 'odd', 'iterable', 'map', 'json', 'equalTo(5)', 'notest'])}"]
        if roll < 0.8:
            operator = rng.choice(["+", "-", "*", "/", "%", "~", "==", "!=", "<", ">", "<=", ">=", "and", "or", "??", "???", "contains", "not contains", "equals", "isIn", "is in", "not in", "in", "&&", "||", "^"] if self.chance(0.15) else ["+", "-", "*", "/", "%", "~", "==", "!=", "<", ">", "<=", ">=", "and", "or", "??", "contains", "equals", "isIn"])
            left, right = self.of(NUMBERS, depth), self.of(NUMBERS, depth)
            if operator in ("contains", "not contains"):
                left, right = self.of(TEXTS + LISTS + MAPS, depth), self.leaf(["'a'", "1", "n", "'l'", "['a']", "null", "'b'", "[1, 2]", "2.5", "list"])
            elif operator in ("isIn", "in", "is in", "not in"):
                left, right = self.leaf(), self.of(LISTS, depth)
            elif self.chance(0.5):
                left, right = self.of(TEXTS + NUMBERS + LISTS + MAPS + ODD, depth), self.of(TEXTS + NUMBERS + LISTS + MAPS + ODD, depth)
            return [left, f" {operator} ", right]
        if roll < 0.85:
            return ["(", self.any(depth - 1), ") ? (", self.any(depth - 1), ") : (", self.any(depth - 1), ")"]
        if roll < 0.88:
            return [rng.choice(["not ", "-", "+", "!"]), "(", self.any(depth - 1), ")"]
        if roll < 0.91:
            return ["[", self.any(depth - 1), ", ", self.any(depth - 1), "]"]
        if roll < 0.94:
            return ["{'k': ", self.any(depth - 1), ", 'l': ", self.leaf(), "}"]
        return self.function(depth)

    def template(self) -> list:
        rng = self.rng
        depth = rng.choice([1, 1, 2, 2, 3])
        roll = rng.random()
        if roll < 0.7:
            return ["{{ ", self.any(depth), " }}"]
        one, two = self.any(depth - 1), self.any(1)
        trim = rng.choice(["", "", "-"])
        return rng.choice([
            lambda: ["{% if ", one, f" {trim}%}} yes {{% elseif ", two, " %}other{% else %}no{% endif %}"], lambda: ["{% if ", one, " %}yes{% endif %} tail"],
            lambda: ["{% for x in ", self.of(LISTS + MAPS, 1), " %}{{ loop.index }}/{{ loop.length }}{{ loop.first }}{{ loop.last }}{{ loop.revindex }}:{{ x }};{% else %}none{% endfor %}"],
            lambda: ["{% for x in ", self.of(LISTS, 1), " %}{% if x == 1 %}one{% else %}{{ x ~ '-' }}{% endif %}{% endfor %}"], lambda: ["{% for e in ", self.of(MAPS, 1), " %}{{ e.key }}={{ e.value }},{% endfor %}"],
            lambda: ["{% set v = ", one, " %}<{{ v }}>{% set v = n %}{{ v }}"], lambda: ["{% macro m(a, b='d') %}[{{ a }}|{{ b }}]{% endmacro %}{{ m(", one, ") }}{{ m(b=", two, ", a=1) }}"],
            lambda: ["{% block one %}in ", "{{ ", one, " }}", "{% endblock %}{{ block('one') }}"], lambda: ["{% filter upper %}a {{ ", one, " }} b{% endfilter %}"], lambda: ["{% filter ", rng.choice(["lower", "trim", "length", "replace({'a': 'b'})", "upper | lower", "title"]), " %} Text a {{ ", one, " }}{% endfilter %}"],
            lambda: ["a {{ ", one, " }} b {{- ", two, " -}} c"], lambda: ["{% raw %}{{ kept }}{% endraw %}{{ ", one, " }}"], lambda: ["{# comment #}{{ ", one, " }}\n"], lambda: ["  {{ ", one, " }}\n\n{{ ", two, " }}"], lambda: ["{{ ", one], lambda: ["{{ ", one, " }} }} {% endif %}"], lambda: ["{{ ", one, " ", two, " }}"],
            lambda: ["{% verbatim %}{{ kept }}{% endverbatim %}{{ ", one, " }}"], lambda: ["{% for i in 1..3 %}{% for j in ", self.of(LISTS, 1), " %}{{ i }}{{ loop.parent.index ?? '' }}{{ j }} {% endfor %}{% endfor %}"], lambda: ["{{ ", one, " }}{% unknown %}"], lambda: ["\\{{ ", one, " }}"],
        ])()


def flat(tree: object) -> str:
    return tree if isinstance(tree, str) else "".join(flat(part) for part in tree)


def generate(seed: int, count: int) -> list[dict]:
    rng = random.Random(seed)
    lines = []
    for number in range(count):
        tree = Maker(rng).template()
        lines.append({"id": str(number), "tree": tree, "template": flat(tree), "variables": VARIABLES})
    return lines


def smaller(tree: list) -> list[list]:
    """Trees with one part replaced by something simpler."""
    made: list[list] = []

    def walk(node: list, build) -> None:
        for at, part in enumerate(node):
            if isinstance(part, str):
                continue
            rebuild = lambda new, at=at, node=node: build([*node[:at], new, *node[at + 1:]])  # noqa: E731
            for child in part:
                if not isinstance(child, str):
                    made.append(rebuild(child))
            if len(part) > 1 or len(flat(part)) > 3:
                made.extend(rebuild([simple]) for simple in ("1", "'a'"))
            walk(part, rebuild)

    walk(tree, lambda new: new)
    # What stands alone in a tag, printed.
    parts = [part for part in tree if not isinstance(part, str)]
    if len(parts) >= 1 and flat(tree[0]) != "{{ ":
        made = [["{{ ", part, " }}"] for part in parts] + made
    return made
