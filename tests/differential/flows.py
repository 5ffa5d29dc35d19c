"""Generates flows of the tasks that exist on both sides. The same seed gives the same list."""
from __future__ import annotations

import random

LOG = "io.kestra.plugin.core.log.Log"
RETURN = "io.kestra.plugin.core.debug.Return"
FLOW = "io.kestra.plugin.core.flow."


class Maker:
    def __init__(self, rng: random.Random):
        self.rng = rng
        self.count = 0
        self.returns: list[str] = []

    def task(self, depth: int, indent: str, value: bool) -> str:
        self.count += 1
        id = f"t{self.count}"
        kinds = ["log", "return", "fail"] + (["sequential", "parallel", "if", "switch", "each", "allow"] if depth > 0 else [])
        weights = [5, 5, 1] + ([2, 2, 2, 1, 2, 1] if depth > 0 else [])
        kind = self.rng.choices(kinds, weights)[0]
        head = f"{indent}- id: {id}\n{indent}  "
        if kind == "log":
            text = "{{ taskrun.value }}" if value and self.rng.random() < 0.5 else f"{{{{ outputs.{self.rng.choice(self.returns)}.value ?? 'none' }}}}" if self.returns else "hello"
            return f"{head}type: {LOG}\n{indent}  message: \"{text}\"\n"
        if kind == "return":
            if not value:
                self.returns.append(id)
            return f"{head}type: {RETURN}\n{indent}  format: \"{id} {'{{ taskrun.value }}' if value else '{{ task.id }}'}\"\n"
        if kind == "fail":
            extra = self.rng.choice(["", f"{indent}  allowFailure: true\n", f"{indent}  runIf: \"false\"\n", f"{indent}  condition: \"{{{{ false }}}}\"\n"])
            return f"{head}type: io.kestra.plugin.core.execution.Fail\n{extra}"
        children = lambda name, count, inner: f"{indent}  {name}:\n" + "".join(self.task(depth - 1, indent + "    ", inner) for _ in range(count))  # noqa: E731
        if kind == "sequential":
            return f"{head}type: {FLOW}Sequential\n" + children("tasks", self.rng.randint(1, 3), value) + (children("errors", 1, value) if self.rng.random() < 0.3 else "")
        if kind == "parallel":
            return f"{head}type: {FLOW}Parallel\n" + children("tasks", self.rng.randint(1, 3), value)
        if kind == "if":
            return f"{head}type: {FLOW}If\n{indent}  condition: \"{{{{ {self.rng.choice(['true', 'false', '1 == 1'])} }}}}\"\n" + children("then", self.rng.randint(1, 2), value) + (children("else", 1, value) if self.rng.random() < 0.5 else "")
        if kind == "switch":
            return f"{head}type: {FLOW}Switch\n{indent}  value: \"{self.rng.choice('abc')}\"\n{indent}  cases:\n{indent}    a:\n" + self.task(depth - 1, indent + "      ", value) + f"{indent}    b:\n" + self.task(depth - 1, indent + "      ", value)
        if kind == "each":
            return f"{head}type: {FLOW}ForEach\n{indent}  values: [\"x\", \"y\"]\n" + children("tasks", self.rng.randint(1, 2), True)
        return f"{head}type: {FLOW}AllowFailure\n" + children("tasks", self.rng.randint(1, 2), value)


def generate(seed: int, count: int) -> list[tuple[str, str]]:
    flows = []
    for number in range(count):
        maker = Maker(random.Random(seed * 100_000 + number))
        id = f"gen{number}"
        text = f"id: {id}\nnamespace: io.differential\ntasks:\n" + "".join(maker.task(2, "  ", False) for _ in range(maker.rng.randint(1, 4)))
        for section in ("errors", "finally"):
            if maker.rng.random() < 0.25:
                text += f"{section}:\n" + maker.task(0, "  ", False)
        flows.append((id, text))
    return flows
