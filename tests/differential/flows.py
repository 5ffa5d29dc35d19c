"""Generates flows of the tasks that exist on both sides, with inputs, subflows and what is done afterwards. The same seed gives the same list.

A case is plain data, so that it can be printed and made smaller: {"flow", "children", "inputs", "labels", "after"}. Script tasks are not
compared: their plugins are not published where the oracle gets the original from.
"""
from __future__ import annotations

import random

NAMESPACE = "io.differential"
CORE = "io.kestra.plugin.core."
LOG, RETURN, ECHO = CORE + "log.Log", CORE + "debug.Return", CORE + "debug.Echo"
FLOW, EXECUTION = CORE + "flow.", CORE + "execution."

# Values for each type of input: good ones, and some that are refused.
INPUTS: dict[str, list[object]] = {
    "STRING": ["text", "", "a b", "{{ 1 + 1 }}", "ünï"],
    "INT": ["3", "-7", "x", "1.5", "9999999999", "", " 4", "007"],
    "FLOAT": ["3.5", "1", "abc", "-0.25", "1e3"],
    "BOOLEAN": ["true", "false", "yes", "TRUE", ""],
    "BOOL": ["true", "false", "True", "no"],
    "DATETIME": ["2014-05-06T07:08:09Z", "2014-05-06T07:08:09.123456Z", "2014-05-06", "2014-05-06T07:08:09+02:00", "2014-13-01T00:00:00Z"],
    "DATE": ["2014-05-06", "2014-02-30", "06/05/2014", "2014-5-6"],
    "TIME": ["10:11:12", "10:11", "25:00:00", "10:11:12.5"],
    "DURATION": ["PT5M", "P1D", "5m", "PT90S", "P1DT2H3.5S", "pt1s"],
    "JSON": ['{"a": [1, 2.0, null]}', "[1]", "x", '"t"', "{", "5", ""],
    "YAML": ["a: 1", "[x, y]", "- 1\n- b: 2", "a: b: c", "5"],
    "URI": ["https://a.b/c?d=e#f", "not a uri", "relative/path", "mailto:a@b.c", ""],
    "EMAIL": ["a@b.co", "nobody", "a@b", "a.b+c@d-e.org"],
    "ARRAY": ['["a", "b"]', "[1, 2]", "nope", "[]", '["1", "x"]', "[null]"],
    "SELECT": ["one", "two", "four", ""],
    "ENUM": ["one", "other"],
    "MULTISELECT": ['["one", "three"]', '["nine"]', "one", "[]"],
    "SECRET": ["hidden-text"],
}
TEXTS = ["hello", "", "two\nlines", "{{ flow.id }}", "{{ flow.namespace }}/{{ task.id }}", "{{ taskrun.attemptsCount }}", "{{ execution.state }}", "{{ vars.name }}", "{{ vars.deep.list }}",
         "{{ render(vars.expr) }}", "{{ vars.expr }}", "{{ vars }}", "{{ labels }}", "{{ labels.team }}", "{{ labels.system.correlationId is defined }}", "{{ inputs }}", "{{ tasks }}", "{{ parents | length }}",
         "{{ 1 + 2 }}", "{{ [1, 'a', true] }}", "{{ {'a': {'b': 1.5}} }}", "{{ task }}", "{{ task.type }}", "{{ flow.revision }}", "{{ trigger ?? 'no trigger' }}", "{{ outputs | keys }}", "{{ execution.labels ?? 'none' }}",
         "{{ parent ?? 'no parent' }}", "{{ kestra.environment ?? 'none' }}", "{{ flow.tenantId is defined }}"]
BROKEN = ["{{ missing.thing }}", "{{ outputs.nowhere.value }}", "{{ 1 / 0 }}", "{{ unclosed", "{{ vars.none }}", "{{ inputs.none }}", "{{ x | nofilter }}", "{{ nofunction() }}", "{{ json('{') }}", "{{ 'a' | number('INT') }}",
          "{{ taskrun.value }}", "{{ taskrun.iteration }}", "{{ parent.taskrun.value }}", "{{ parents[0].taskrun.value }}"]
CONDITIONS = ["{{ true }}", "{{ true }}", "{{ false }}", "{{ false }}", "{{ false }}", "{{ 1 == 1 }}", "true", "false", "0", "", "{{ vars.name == 'n' }}", "{{ inputs is empty }}", "{{ missing.x }}", "{{ execution.state == 'RUNNING' }}", "no", "{{ 0 }}", "{{ null }}", "{{ [] }}", "  "]
VALUES = [["x", "y"], ["a", "a", "b"], [1, 2, 3], [], '["p", "q"]', "{{ ['m', 'n'] }}", "{{ vars.deep.list }}", "{{ range(1, 3) }}", [{"k": 1}, {"k": 2}], ["{{ vars.name }}", "z"], "not a list", [True], [1.5], '[{"k": "v"}, 2]', "{{ [] }}", ["a", ""], '["a", null]',
          '[["n"], ["m"]]', "[1.50, true]", '{"k": "v", "l": 2}']
STATES = ["SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED"]


class Maker:
    def __init__(self, rng: random.Random, id: str):
        self.rng = rng
        self.id = id
        self.count = 0
        self.made: list[str] = []       # ids of tasks that were generated before
        self.children: list[dict] = []
        self.sleeps = 0

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def text(self, loops: int) -> str:
        rng = self.rng
        roll = rng.random()
        if loops and roll < 0.35:
            return rng.choice(["{{ taskrun.value }}", "{{ taskrun.iteration }}", "{{ parent.taskrun.value }}", "{{ parents[0].taskrun.value }}", "{{ parents }}", "{{ taskrun.value | upper }}"])
        if self.made and roll < 0.5:
            id = rng.choice(self.made)
            return rng.choice([f"{{{{ outputs.{id}.value }}}}", f"{{{{ outputs.{id} ?? 'none' }}}}", f"{{{{ outputs.{id}.values ?? outputs.{id}.value ?? 'no' }}}}", f"{{{{ outputs.{id} }}}}", f"{{{{ tasks.{id}.state }}}}", f"{{{{ outputs.{id}[taskrun.value].value }}}}", f"{{{{ currentEachOutput(outputs.{id}).value }}}}",
                               f"{{{{ outputs.{id}.values.text }}}}", f"{{{{ outputs.{id}.value ?? 'none' }}}}", f"{{{{ outputs.{id}['x'].value ?? 'nothing' }}}}", f"{{{{ outputs.{id}[parent.taskrun.value][taskrun.value].value }}}}"])
        if roll < 0.52:
            return rng.choice(BROKEN)
        return rng.choice(TEXTS)

    def sure(self, loops: int) -> str:
        """A text that always renders. When Labels, SetVariables and UnsetVariables fail, the original passes over `errors`, `finally` and allowFailure (docs/compatibility.md)."""
        return self.rng.choice(["{{ flow.id }}", "plain", "{{ task.id }}", "{{ 1 + 2 }}", "{{ [1, 'a'] }}", "{{ execution.state }}"] + (["{{ taskrun.value }}"] if loops else []))

    def tasks(self, depth: int, loops: int, least: int = 1, most: int = 3) -> list[dict]:
        return [self.task(depth, loops) for _ in range(self.rng.randint(least, most))]

    def task(self, depth: int, loops: int) -> dict:
        rng = self.rng
        self.count += 1
        task: dict = {"id": f"t{self.count}"}
        leaf = {"log": 5, "return": 5, "values": 3, "fail": 2, "echo": 0.7, "labels": 0.7, "sleep": 0.4, "fetch": 0.3, "set": 0.7, "unset": 0.4, "exit": 0.35, "assert": 0.7, "resume": 0.15}
        branch = {"Sequential": 2, "Parallel": 1.5, "If": 2, "Switch": 1.5, "ForEach": 2.5, "AllowFailure": 1, "Dag": 1, "EachSequential": 0.8, "EachParallel": 0.8, "LoopUntil": 0.4, "Pause": 0.5, "Subflow": 0.8}
        kinds = {**leaf, **branch} if depth > 0 else leaf
        kind = rng.choices(list(kinds), list(kinds.values()))[0]
        getattr(self, "_" + kind.lower())(task, depth, loops)
        self._common(task, kind, loops)
        self.made.append(task["id"])
        return task

    def _common(self, task: dict, kind: str, loops: int) -> None:
        rng = self.rng
        if self.chance(0.06):
            task["allowFailure"] = True
        if self.chance(0.02):
            task["allowWarning"] = True
        if self.chance(0.03):
            task["disabled"] = True
        if self.chance(0.06):
            task["runIf"] = rng.choice(CONDITIONS)
        if self.chance(0.03):
            task["description"] = "what it does"
        if self.chance(0.02):
            task["logLevel"] = rng.choice(["WARN", "DEBUG", "INFO"])
        if self.chance(0.08 if kind in ("fail", "return") else 0.02):
            task["retry"] = rng.choice([{"type": "constant", "interval": "PT0.02S", "maxAttempts": rng.randint(1, 3)}, {"type": "constant", "interval": "PT0.02S", "maxAttempts": 2, "warningOnRetry": True},
                                        {"type": "exponential", "interval": "PT0.01S", "maxInterval": "PT0.05S", "maxAttempts": 3}, {"type": "random", "minInterval": "PT0.01S", "maxInterval": "PT0.03S", "maxAttempts": 2}])
        if self.chance(0.02):
            task["timeout"] = "PT30S"

    # ---- tasks without children
    def _log(self, task: dict, depth: int, loops: int) -> None:
        task["type"] = LOG
        task["message"] = [self.text(loops), self.text(loops)] if self.chance(0.12) else self.text(loops)
        if self.chance(0.15):
            task["level"] = self.rng.choice(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "{{ 'WARN' }}"])

    def _return(self, task: dict, depth: int, loops: int) -> None:
        task["type"] = RETURN
        if not self.chance(0.05):
            task["format"] = self.text(loops)

    def _echo(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": ECHO, "format": self.text(loops)}
        if self.chance(0.3):
            task["level"] = self.rng.choice(["WARN", "ERROR"])

    def _values(self, task: dict, depth: int, loops: int) -> None:
        task["type"] = CORE + "output.OutputValues"
        task["values"] = {"text": self.text(loops), "number": 5, "nested": {"list": [1, self.text(loops), 2.50, None, True], "{{ 'key' }}": "v"}} if self.chance(0.4) else {"text": self.text(loops)}

    def _fail(self, task: dict, depth: int, loops: int) -> None:
        task["type"] = EXECUTION + "Fail"
        if self.chance(0.4):
            task["condition"] = self.rng.choice(CONDITIONS)
        if self.chance(0.4):
            task["errorMessage"] = self.text(loops)

    def _assert(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": EXECUTION + "Assert", "conditions": [self.rng.choice(CONDITIONS) for _ in range(self.rng.randint(1, 3))]}
        if self.chance(0.4):
            task["errorMessage"] = self.text(loops)

    def _labels(self, task: dict, depth: int, loops: int) -> None:
        task["type"] = EXECUTION + "Labels"
        task["labels"] = self.rng.choice([{"team": "blue", "mark": "{{ flow.id }}"}, [{"key": "k", "value": self.sure(loops)}], '{"from": "json"}'])

    def _set(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": EXECUTION + "SetVariables", "variables": self.rng.choice([{"name": self.sure(loops)}, {"deep": {"more": 1}}, {"fresh": [1, 2]}, {}])}

    def _unset(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": EXECUTION + "UnsetVariables", "variables": self.rng.choice([["name"], ["none"], ["deep", "name"], ["{{ 'expr' }}"]]), "ignoreMissing": True}

    def _exit(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": EXECUTION + "Exit", "state": self.rng.choice(STATES + ["{{ 'WARNING' }}"])}

    def _sleep(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": FLOW + "Sleep", "duration": self.rng.choice(["PT0.02S", "PT0S", "{{ 'PT0.01S' }}", "soon"])}

    def _fetch(self, task: dict, depth: int, loops: int) -> None:
        task["type"] = CORE + "log.Fetch"
        if self.chance(0.3):
            task["level"] = self.rng.choice(["WARN", "ERROR"])
        if self.made and self.chance(0.3):
            task["tasksId"] = [self.rng.choice(self.made)]

    def _resume(self, task: dict, depth: int, loops: int) -> None:
        task["type"] = EXECUTION + "Resume"
        if self.chance(0.5):
            task["executionId"] = self.rng.choice(["nothere", "{{ execution.id }}"])

    # ---- flowables
    def _branches(self, task: dict, depth: int, loops: int) -> None:
        for section, probability in (("errors", 0.2), ("finally", 0.12)):
            if self.chance(probability):
                task[section] = self.tasks(depth - 1 if self.chance(0.3) else 0, loops, 1, 2)

    def _sequential(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": FLOW + "Sequential", "tasks": self.tasks(depth - 1, loops)}
        self._branches(task, depth, loops)

    def _parallel(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": FLOW + "Parallel", "tasks": self.tasks(depth - 1, loops, 1, 4)}
        if self.chance(0.4):
            task["concurrent"] = self.rng.choice([0, 1, 2])
        self._branches(task, depth, loops)

    def _allowfailure(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": FLOW + "AllowFailure", "tasks": self.tasks(depth - 1, loops)}
        self._branches(task, depth, loops)

    def _if(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": FLOW + "If", "condition": self.rng.choice(CONDITIONS), "then": self.tasks(depth - 1, loops, 1, 2)}
        self._branches(task, depth, loops)
        if self.chance(0.5) or "finally" in task:
            task["else"] = self.tasks(depth - 1, loops, 1, 2)

    def _switch(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": FLOW + "Switch", "value": self.rng.choice(["a", "b", "c", "{{ vars.name }}", "{{ 'a' }}", "{{ missing.x }}", "", "true"]), "cases": {key: self.tasks(depth - 1, loops, 1, 2) for key in ("a", "b")}}
        if self.chance(0.5):
            task["defaults"] = self.tasks(depth - 1, loops, 1, 2)
        if self.chance(0.2):
            task["cases"]["true"] = self.tasks(depth - 1, loops, 1, 1)
        self._branches(task, depth, loops)

    def _foreach(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": FLOW + "ForEach", "values": self.rng.choice(VALUES), "tasks": self.tasks(depth - 1, loops + 1)}
        if self.chance(0.4):
            task["concurrencyLimit"] = self.rng.choice([0, 1, 2])
        self._branches(task, depth, loops)

    def _eachsequential(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": FLOW + "EachSequential", "value": self.rng.choice(VALUES), "tasks": self.tasks(depth - 1, loops + 1)}
        self._branches(task, depth, loops)

    def _eachparallel(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": FLOW + "EachParallel", "value": self.rng.choice(VALUES), "tasks": self.tasks(depth - 1, loops + 1)}
        if self.chance(0.3):
            task["concurrent"] = self.rng.choice([0, 1, 2])
        self._branches(task, depth, loops)

    def _dag(self, task: dict, depth: int, loops: int) -> None:
        made = self.tasks(depth - 1, loops, 1, 4)
        nodes: list[dict] = []
        for at, one in enumerate(made):
            node: dict = {"task": one}
            before = [other["id"] for other in made[:at] if self.chance(0.5)]
            if before:
                node["dependsOn"] = before
            nodes.append(node)
        self.rng.shuffle(nodes)
        task |= {"type": FLOW + "Dag", "tasks": nodes}
        if self.chance(0.3):
            task["concurrent"] = self.rng.choice([0, 1, 2])
        self._branches(task, depth, loops)

    def _loopuntil(self, task: dict, depth: int, loops: int) -> None:
        task |= {"type": FLOW + "LoopUntil", "condition": self.rng.choice([f"{{{{ outputs.{task['id']}.iterationCount >= 2 }}}}", "{{ true }}", "{{ false }}", "{{ missing.x }}"]), "tasks": self.tasks(0, loops, 1, 2),
                 "checkFrequency": {"interval": "PT0.05S", "maxIterations": 3}}
        if self.chance(0.3):
            task["failOnMaxReached"] = True

    def _pause(self, task: dict, depth: int, loops: int) -> None:
        task["type"] = FLOW + "Pause"
        roll = self.rng.random()
        if roll < 0.5:
            task["pauseDuration"] = "PT0.05S"
            if self.chance(0.6):
                task["behavior"] = self.rng.choice(["RESUME", "WARN", "FAIL", "CANCEL"])
        elif roll < 0.6:
            task["timeout"] = "PT0.05S"
        if self.chance(0.3):
            task["onResume"] = [{"id": "reason", "type": "STRING", "defaults": "because"}, {"id": "count", "type": "INT", "required": False}]

    def _subflow(self, task: dict, depth: int, loops: int) -> None:
        inner = Maker(self.rng, f"{self.id}-child{len(self.children) + 1}")
        child = inner.flow(1)
        self.children.append(child)
        self.children += inner.children
        task |= {"type": FLOW + "Subflow", "namespace": NAMESPACE, "flowId": child["id"] if not self.chance(0.04) else "not-there"}
        for one in child.get("inputs", []):
            if self.chance(0.6):
                task.setdefault("inputs", {})[one["id"]] = self.rng.choice(INPUTS[one["type"]])
        if self.chance(0.2):
            task["wait"] = self.chance(0.3)
        if self.chance(0.3):
            task["transmitFailed"] = self.chance(0.5)
        if self.chance(0.2):
            task["inheritLabels"] = True
        if self.chance(0.2):
            task["labels"] = {"given": self.text(loops)}

    # ---- the whole
    def input(self, number: int) -> dict:
        kind = self.rng.choice(list(INPUTS))
        made: dict = {"id": f"in{number}", "type": kind}
        if kind in ("SELECT", "ENUM", "MULTISELECT"):
            made["values"] = ["one", "two", "three"]
        if kind == "SELECT" and self.chance(0.2):
            made["allowCustomValue"] = True
        if kind == "ARRAY":
            made["itemType"] = self.rng.choice(["STRING", "INT", "BOOLEAN"])
        if kind in ("INT", "FLOAT") and self.chance(0.4):
            made |= {"min": 0, "max": 5}
        if kind == "STRING" and self.chance(0.2):
            made["validator"] = "[a-z]+"
        if kind in ("DATE", "DATETIME", "TIME") and self.chance(0.2):
            made["after"] = {"DATE": "2014-05-07", "DATETIME": "2014-05-07T00:00:00Z", "TIME": "10:30:00"}[kind]
        if kind == "DURATION" and self.chance(0.3):
            made |= {"min": "PT1M", "max": "PT1H"}
        if self.chance(0.25):
            made["required"] = False
        elif self.chance(0.4) and kind not in ("SECRET",):
            made["defaults"] = self.rng.choice(INPUTS[kind])
        return made

    def flow(self, depth: int) -> dict:
        flow: dict = {"id": self.id, "namespace": NAMESPACE}
        if self.chance(0.3):
            flow["labels"] = {"team": "red", "level": 5} if self.chance(0.5) else [{"key": "team", "value": "green"}]
        if self.chance(0.35):
            flow["inputs"] = [self.input(number) for number in range(1, self.rng.randint(1, 3) + 1)]
        flow["variables"] = {"name": "n", "expr": "{{ flow.id }} {{ 1 + 1 }}", "deep": {"list": ["l1", "l2"], "number": 3}}
        flow["tasks"] = self.tasks(depth, 0, 1, 4)
        for section, probability in (("errors", 0.25), ("finally", 0.2), ("afterExecution", 0.1)):
            if self.chance(probability):
                flow[section] = self.tasks(1 if self.chance(0.3) else 0, 0, 1, 2)
        if self.chance(0.25):
            flow["outputs"] = [{"id": f"a{number}", "type": self.rng.choice(["STRING", "STRING", "INT", "JSON", "BOOLEAN", "FLOAT"]), "value": self.text(0).replace("currentEachOutput(", "(")} for number in range(1, self.rng.randint(1, 2) + 1)]
        if self.chance(0.04):
            flow["retry"] = {"type": "constant", "interval": "PT0.02S", "maxAttempts": 2}
        return flow


def spoil(rng: random.Random, flow: dict) -> None:
    """Makes the flow wrong somewhere: a property too many, too few or of another type."""
    places: list[dict] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            places.append(value)
            for held in value.values():
                walk(held)
        elif isinstance(value, list):
            for held in value:
                walk(held)

    walk(flow)
    place = rng.choice(places)
    keys = [key for key in place if not (place is flow and key in ("id", "namespace"))]
    roll = rng.random()
    if roll < 0.25 or not keys:
        place["unknownKey"] = 1
    elif roll < 0.55:
        del place[rng.choice(keys)]
    else:
        place[rng.choice(keys)] = rng.choice([5, "text", ["a"], {"k": "v"}, None, "", [], True])


def generate(seed: int, count: int) -> list[dict]:
    cases = []
    for number in range(count):
        rng = random.Random(seed * 100_000 + number)
        maker = Maker(rng, f"gen{seed}-{number}")
        flow = maker.flow(rng.choice([1, 2, 2, 3]))
        spoiled = rng.random() < 0.08
        if spoiled:
            spoil(rng, flow)
        case: dict = {"spoiled": spoiled, "flow": flow, "children": maker.children, "inputs": {}, "labels": {}, "after": None}
        for one in [] if spoiled else flow.get("inputs", []):
            if isinstance(one, dict) and isinstance(one.get("id"), str) and str(one.get("type")) in INPUTS and rng.random() < (0.75 if "defaults" in one or one.get("required") is False else 0.97):
                case["inputs"][one["id"]] = rng.choice(INPUTS[one["type"]][:1] if rng.random() < 0.7 else INPUTS[one["type"]])
        if rng.random() < 0.15:
            case["labels"] = {"given": "yes", "team": "own"}
        if rng.random() < 0.2:
            case["after"] = rng.choice(["restart", "replay", f"replay {rng.random():.2f}"])
        cases.append(case)
    return cases
