"""Runs a case of flows.py on either side and says what came of it in one form: states, task runs, outputs, logs and messages."""
from __future__ import annotations

import base64
import itertools
import json
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

from differential import known, yaml_text
from differential.flows import NAMESPACE
from differential.oracle import post

ENDED = {"SUCCESS", "WARNING", "FAILED", "KILLED", "CANCELLED", "RETRIED", "SKIPPED"}
LEVELS = ("INFO", "WARN", "ERROR")
TIMEOUT_S = 20
RESUMES_MAX = 4
_tick = threading.Event()   # never set: the time between two looks

_ID = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{20,22}(?![0-9A-Za-z])")
_INSTANT = re.compile(r"20[2-9]\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d(\[[^\]]*\])?)?")
_FILE = re.compile(r"kestra:///[^\s\"']*")
_SECRET = re.compile(r'(aes_encrypted", "value": ")[^"]*')


def _sorted_maps(text: str) -> str:
    """A text that is JSON, with its maps in one order: that of the original is the order of a hash table."""
    if text[:1] not in ("{", "["):
        return text
    try:
        return json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False)
    except ValueError:
        return text


def scrub(text: str) -> str:
    """Without what differs from run to run: ids, dates, addresses of files, cipher texts."""
    text = known.replaced(_sorted_maps(text).replace(', "from": "api"', "").replace(', \\"from\\": \\"api\\"', ""))
    text = _FILE.sub("<file>", text)
    return _SECRET.sub(r"\1<cipher>", _INSTANT.sub("<instant>", _ID.sub("<id>", text)))


def _texts_sorted(value: object) -> object:
    if isinstance(value, str):
        return _sorted_maps(value)
    if isinstance(value, dict):
        # The oracle writes no nulls, nor who resumed.
        return {key: _texts_sorted(held) for key, held in value.items() if held is not None and key != "by"}
    return [_texts_sorted(held) for held in value] if isinstance(value, list) else value


def _json(value: object) -> str:
    return scrub(json.dumps(_texts_sorted(value), sort_keys=True, ensure_ascii=False))


def _states(state: dict) -> str:
    return " ".join(one["state"] for one in state.get("histories", []))


def shape(execution: dict, logs: list[dict]) -> dict:
    runs = {run["id"]: run for run in execution.get("taskRunList") or []}
    paths = paths_of(execution)
    task_runs = sorted(f"{paths[run['id']]}: {_states(run['state'])} | attempts {[_states(one['state']) for one in run.get('attempts') or []]} | {_json(run.get('outputs') or {})}" for run in runs.values())
    lines = sorted(line for line in (f"{paths.get(line.get('taskRunId') or '') or line.get('taskId') or ''}: {line['level']} {scrub(line.get('message') or '')}" for line in logs if line["level"] in LEVELS) if not known.is_left_out(line))
    labels = sorted(f"{one['key']}={scrub(str(one['value']))}" for one in execution.get("labels") or [] if one["key"] != "system.from")
    made = {"state": _states(execution["state"]), "task runs": task_runs, "logs": lines, "labels": labels}
    for key in ("inputs", "outputs", "variables"):
        made[key] = _json(execution.get(key) or {})
    return made


def paths_of(execution: dict) -> dict[str, str]:
    """Where each task run stands, by id: the names of the flowables around it, with values and iterations."""
    runs = {run["id"]: run for run in execution.get("taskRunList") or []}

    def path(id: str | None) -> str:
        run = runs.get(id or "")
        if run is None:
            return "" if not id else "?"
        above = path(run.get("parentTaskRunId"))
        name = run["taskId"] + (f"[{run['value']}]" if run.get("value") is not None else "") + (f"#{run['iteration']}" if run.get("iteration") is not None else "")
        return f"{above} > {name}" if above else name

    return {id: path(id) for id in runs}


def task_run_for_replay(case: dict, execution: dict, fraction: float) -> str:
    """The same task run on both sides: by place in the order of paths. None of afterExecution (docs/compatibility.md)."""
    after = {task["id"] for task in case["flow"].get("afterExecution") or []}
    paths = sorted((path, id) for id, path in paths_of(execution).items() if path.split(" > ")[0].split("[")[0].split("#")[0] not in after)
    return paths[int(fraction * len(paths))][1] if paths else ""


def ends_only_by_resume(sources: list[str]) -> bool:
    return not any("pauseDuration" in text or "timeout" in text for text in sources)


class Original:
    def __init__(self, url: str):
        self.url = url
        self.prefix = "d" + uuid.uuid4().hex[:8]
        self.numbers = itertools.count(1)

    def _act(self, tenant: str, op: str, **more: object) -> dict:
        return post(self.url + "/act", {"tenant": tenant, "op": op, **more})

    def _finish(self, tenant: str, execution: dict, resumable: bool) -> dict:
        """Waits for the end; what pauses is resumed, unless it ends by itself."""
        deadline, resumes = time.monotonic() + TIMEOUT_S, 0
        while time.monotonic() < deadline:
            answer = self._act(tenant, "wait", execution=execution["id"], until="ANY", timeout_s=1)
            execution = answer.get("execution", execution)
            state = execution["state"]["current"]
            if state in ENDED:
                return self._act(tenant, "wait", execution=execution["id"], timeout_s=3).get("execution", execution)
            if state == "PAUSED" and resumes < RESUMES_MAX and resumable:
                resumes += 1
                self._act(tenant, "resume", execution=execution["id"], until="ANY", timeout_s=1)
            _tick.wait(0.04)
        return {**execution, "state": {"current": "STUCK", "histories": [*execution["state"]["histories"], {"state": "STUCK"}]}}

    def run(self, case: dict) -> dict:
        if case.get("spoiled"):
            return self.validate(yaml_text.dump(case["flow"]))
        tenant = f"{self.prefix}-{next(self.numbers)}"
        sources = [yaml_text.dump(child) for child in case["children"]] + [yaml_text.dump(case["flow"])]
        pauses, resumable = "flow.Pause" in "".join(sources), ends_only_by_resume(sources)
        answer = post(self.url + "/run", {"tenant": tenant, "keep": True, "flows": sources, "namespace": NAMESPACE, "flow": case["flow"]["id"], "inputs": case["inputs"], "labels": case["labels"],
                                          "until": "ANY" if pauses else "TERMINATED", "timeout_s": TIMEOUT_S})
        try:
            if "execution" not in answer:
                if "JDBC" in (answer.get("error") or ""):
                    raise SystemExit("the oracle has no connection to its database left: executions that never end hold them. Start it anew.")
                return {"refused": scrub(answer.get("error") or "")}
            execution, logs = answer["execution"], answer.get("logs") or []
            if pauses:
                execution = self._finish(tenant, execution, resumable)
                logs = self._logs(tenant, execution["id"])
            made = shape(execution, logs)
            if not answer.get("reached"):
                made["state"] += " STUCK"
            after = case.get("after")
            if after and execution["state"]["current"] in ENDED:
                op, _, fraction = after.partition(" ")
                more = {"task_run": task_run_for_replay(case, execution, float(fraction))} if fraction else {}
                then = self._act(tenant, op, execution=execution["id"], timeout_s=TIMEOUT_S, **more)
                made["after " + after] = shape(self._finish(tenant, then["execution"], resumable) if pauses else then["execution"], then["logs"]) if "execution" in then else scrub(then.get("error") or "")
            for child in case["children"]:
                found = self._act(tenant, "find", namespace=NAMESPACE, flow=child["id"]).get("executions") or []
                for one in found:
                    if one["state"]["current"] not in ENDED and not pauses:
                        one = self._finish(tenant, one, resumable)
                made["child " + child["id"].rsplit("-", 1)[-1]] = sorted((shape(one, self._logs(tenant, one["id"])) for one in found), key=str)
            return made
        finally:
            self._act(tenant, "unload")

    def validate(self, source: str) -> dict:
        result = post(self.url + "/validate", {"source": source, "kind": "flow"})["results"][0]
        return {"constraints": scrub(result.get("constraints") or "")}

    def _logs(self, tenant: str, execution: str) -> list[dict]:
        return self._act(tenant, "logs", execution=execution).get("logs") or []


def message_of(error: urllib.error.HTTPError) -> str:
    """The message of the rules, without the words that the HTTP layer of either side puts before it (the oracle has none)."""
    text = error.read().decode(errors="replace")
    try:
        text = json.loads(text).get("message", text)
    except ValueError:
        pass
    for before in ("Illegal argument: ", "Invalid entity: ", "Illegal state: "):
        text = text.removeprefix(before)
    return text


class Insula:
    def __init__(self, url: str, credentials: tuple[str, str]):
        self.url = url + "/api/v1/main"
        self.authorization = "Basic " + base64.b64encode(":".join(credentials).encode()).decode()

    def _call(self, method: str, path: str, body: bytes | None = None, kind: str = "application/x-yaml") -> dict:
        request = urllib.request.Request(self.url + path, data=body, method=method, headers={"Authorization": self.authorization, "Content-Type": kind})
        with urllib.request.urlopen(request, timeout=TIMEOUT_S + 30) as answer:
            text = answer.read()
            return json.loads(text) if text else {}

    def _form(self, path: str, fields: dict[str, object]) -> dict:
        boundary = "insula" + uuid.uuid4().hex
        parts = "".join(f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items())
        return self._call("POST", path, (parts + f"--{boundary}--\r\n").encode(), f"multipart/form-data; boundary={boundary}")

    def _finish(self, execution: dict, resumable: bool) -> dict:
        deadline, resumes = time.monotonic() + TIMEOUT_S, 0
        while time.monotonic() < deadline:
            execution = self._call("GET", f"/executions/{execution['id']}")
            state = execution["state"]["current"]
            if state in ENDED:
                return execution
            if state == "PAUSED" and resumes < RESUMES_MAX and resumable:
                resumes += 1
                try:
                    self._form(f"/executions/{execution['id']}/resume", {})
                except urllib.error.HTTPError:
                    pass
            _tick.wait(0.04)
        return {**execution, "state": {"current": "STUCK", "histories": [*execution["state"]["histories"], {"state": "STUCK"}]}}

    def _whole(self, execution: dict) -> dict:
        return shape(self._call("GET", f"/executions/{execution['id']}"), self._call("GET", f"/logs/{execution['id']}"))

    def validate(self, source: str) -> dict:
        try:
            return {"constraints": scrub(self._call("POST", "/flows/validate", source.encode())[0].get("constraints") or "")}
        except urllib.error.HTTPError as error:
            return {"constraints": scrub(message_of(error))}

    def run(self, case: dict) -> dict:
        if case.get("spoiled"):
            return self.validate(yaml_text.dump(case["flow"]))
        flow = case["flow"]
        sources = [yaml_text.dump(child) for child in case["children"]] + [yaml_text.dump(flow)]
        pauses, resumable = "flow.Pause" in "".join(sources), ends_only_by_resume(sources)
        loaded: list[str] = []
        try:
            for id, source in zip([child["id"] for child in case["children"]] + [flow["id"]], sources):
                self._call("POST", "/flows", source.encode())
                loaded.append(id)
            query = "&".join("labels=" + urllib.parse.quote(f"{key}:{value}") for key, value in case["labels"].items())
            execution = self._form(f"/executions/{NAMESPACE}/{flow['id']}?wait={'false' if pauses else 'true'}&{query}", case["inputs"])
            if execution["state"]["current"] not in ENDED:
                execution = self._finish(execution, resumable)
            made = self._whole(execution)
            after = case.get("after")
            if after and execution["state"]["current"] in ENDED:
                made["after " + after] = self._after(case, execution, resumable)
            for child in case["children"]:
                found = self._call("GET", f"/executions?namespace={NAMESPACE}&flowId={child['id']}").get("results") or []
                made["child " + child["id"].rsplit("-", 1)[-1]] = sorted((self._whole(self._finish(one, resumable)) for one in found), key=str)
            return made
        except urllib.error.HTTPError as error:
            text = message_of(error)
            return {"refused": scrub(text)} if error.code == 422 else {"status": error.code, "text": text}
        finally:
            for id in loaded:
                self._call("DELETE", f"/flows/{NAMESPACE}/{id}")

    def _after(self, case: dict, execution: dict, resumable: bool) -> object:
        try:
            op, _, fraction = case["after"].partition(" ")
            query = f"?taskRunId={task_run_for_replay(case, execution, float(fraction))}" if fraction else ""
            then = self._call("POST", f"/executions/{execution['id']}/{op}{query}", b"")
            return self._whole(self._finish(then, resumable))
        except urllib.error.HTTPError as error:
            return scrub(message_of(error))
