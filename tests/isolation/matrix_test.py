"""The isolation matrix: every route × every kind of caller who must not get through, with real objects of another tenant in every place of an id.

Generated from the server's own route table (`insula routes --output json`), so a new route is covered the day it is added; where a route needs
a body to reach its handler, BODIES has one. A cell is one request. Nothing may leak: an answer to a caller without rights is byte for byte the
one for an object that does not exist, no word of the other tenant's content is in it, and after all cells the other tenant is what it was.

INSULA_PLANT_LEAK=1 makes the test act as if one tenant's search answered another tenant's caller: the matrix must fail then.
"""
from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import unittest

from end_to_end.server import BINARY, EMAIL, PASSWORD, Answer, Server

CANARY = "canary7f3a9c"
NAMESPACE = "company.team"
LEFT, RIGHT, ASLEEP, NOWHERE = "left", "right", "asleep", "nowhere"
PASS = "Passw0rd-of-them"
FLOW = """id: {flow}
namespace: company.team
description: {canary}
labels: {{kept: {canary}}}
inputs:
  - {{id: word, type: STRING, defaults: {canary}}}
tasks:
  - {{id: {task}, type: io.kestra.plugin.core.log.Log, message: "{canary} speaks {{{{ inputs.word }}}}"}}
  - {{id: keep, type: io.kestra.plugin.core.output.OutputValues, values: {{word: "{canary}"}}}}
  - {{id: file, type: io.kestra.plugin.scripts.shell.Commands, taskRunner: {{type: io.kestra.plugin.core.runner.Process}}, outputFiles: [out.txt], commands: ["echo {canary} > out.txt"]}}
triggers:
  - {{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: hook-key-{tenant}}}
  - {{id: {trigger}, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 1 1 *"}}
"""
PAUSED = """id: waiting
namespace: company.team
tasks:
  - {id: wait, type: io.kestra.plugin.core.flow.Pause}
"""


# Whom a tenant consists of is a super admin's business too (Terraform makes a tenant and its roles with one account); what it does is not.
GOVERNED = {"USER", "GROUP", "ROLE", "BINDING", "SERVICE_ACCOUNT", "INVITATION", "AUDITLOG"}


def basic(name: str) -> str:
    return f"{name}@example.com:{PASS}"


class Objects(dict):
    """Values of path parameters, by name; an id of any other name is looked up by the last literal before it."""


def bodies(ids: Objects, flow_source: str) -> dict[str, object]:
    """Bodies by `METHOD pattern`, or by the end of a pattern. What is not here gets `{}`."""
    execution, flow = ids["execution"], {"namespace": NAMESPACE, "id": ids["flow"]}
    trigger = {"namespace": NAMESPACE, "flowId": ids["flow"], "triggerId": ids["trigger"], "disabled": True}
    return {
        "POST /api/v1/{tenant}/flows": flow_source,
        "PUT /api/v1/{tenant}/flows/{namespace}/{flow}": flow_source,
        "POST /api/v1/{tenant}/flows/bulk": flow_source,
        "POST /api/v1/{tenant}/flows/{namespace}": flow_source,
        "POST /api/v1/{tenant}/flows/validate": flow_source,
        "POST /api/v1/{tenant}/flows/graph": PAUSED,
        "POST /api/v1/{tenant}/flows/expressions": PAUSED,
        "expressions/render": {"expressions": ["{{ flow.id }} {{ inputs.word }} {{ outputs.keep.values.word }}"], "executionId": execution},
        "dashboards/charts/preview": {"chart": "data: {type: io.kestra.plugin.core.dashboard.data.Executions, columns: {flow: {field: FLOW_ID}, total: {agg: COUNT}}}"},
        "flows/disable/by-ids": [flow], "flows/enable/by-ids": [flow], "flows/delete/by-ids": [flow], "flows/export/by-ids": [flow],
        "executions/latest": [{"namespace": NAMESPACE, "id": ids["flow"]}],
        "executions/restart/by-ids": [execution], "executions/replay/by-ids": [execution], "executions/pause/by-ids": [execution], "executions/resume/by-ids": [execution],
        "executions/kill/by-ids": [execution], "executions/by-ids": [execution], "executions/unqueue/by-ids": [execution], "executions/force-run/by-ids": [execution],
        "executions/change-status/by-ids": [execution], "executions/labels/by-ids": {"executionsId": [execution], "executionLabels": [{"key": "a", "value": "b"}]},
        "executions/{execution}/labels": [{"key": "a", "value": "b"}], "executions/{execution}/actions/labels": [{"key": "a", "value": "b"}],
        "executions/{execution}/state": {"taskRunId": ids["taskrun"], "state": "FAILED"}, "executions/{execution}/actions/state": {"taskRunId": ids["taskrun"], "state": "FAILED"},
        "PUT /api/v1/{tenant}/triggers": {**flow, **trigger}, "triggers/set-disabled": {**flow, **trigger},
        "set-disabled/by-triggers": {"triggers": [trigger], "disabled": True}, "unlock/by-triggers": [trigger], "triggers/delete/by-triggers": [trigger],
        "{tenant}/roles": {"name": "stolen", "permissions": {"FLOW": ["VIEW"]}}, "{tenant}/roles/{id}": {"name": "stolen", "permissions": {"FLOW": ["VIEW"]}},
        "{tenant}/roles/ids": {"ids": [ids.get("role", "")]}, "{tenant}/groups/ids": {"ids": [ids.get("group", "")]},
        "{tenant}/groups": {"name": "stolen"}, "{tenant}/groups/{id}": {"name": "stolen"},
        "{tenant}/bindings": {"type": "USER", "externalId": ids.get("user", ""), "roleId": ids.get("role", "")},
        "{tenant}/bindings/bulk": [{"type": "USER", "externalId": ids.get("user", ""), "roleId": ids.get("role", "")}],
        "{tenant}/invitations": {"email": "somebody@example.com", "roles": [{"id": ids.get("role", "")}], "groups": [ids.get("group", "")]},
        "{tenant}/service-accounts": {"name": "stolen"}, "{tenant}/service-accounts/{id}": {"name": "stolen"},
        "api-tokens": {"name": "stolen"},
        "{tenant}/users/{id}/groups": {"groupIds": [ids.get("group", "")]},
        "{tenant}/tenant-access": {"email": "reader@example.com"},
        "{tenant}/namespaces": {"id": "stolen"}, "namespaces/{namespace}": {"description": "stolen"}, "concurrency-limit/{namespace}/{flow}": {"running": 0},
        "autocomplete": {"q": "", "ids": [ids.get("role", ""), ids.get("group", ""), ids.get("user", "")]},
        "auditlogs/find": {"resource": "FLOW", "type": "CREATE", "detail": {"id": ids["flow"]}},
    }


# Parameters that the handler needs before it looks at the id.
QUERIES = {"state": "CREATED", "status": "SUCCESS", "newStatus": "SUCCESS", "taskRunId": "{taskrun}", "path": "{file}", "executionId": "{execution}", "flowId": "{flow}", "namespace": NAMESPACE,
           "expression": "{{ flow.id }}", "previousId": "{audit}"}


class Matrix(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.server = server = Server()
        cls.routes = json.loads(subprocess.run([str(BINARY), "routes", "--output", "json"], capture_output=True, text=True, check=True).stdout)
        # The super admin makes tenants and people, and has a role in none of the tenants under test.
        for tenant in (LEFT, RIGHT, ASLEEP):
            cls.must(server.call("POST", "/api/v1/tenants", {"id": tenant, "name": tenant.title()}))
        cls.users = {name: cls.must(server.call("POST", "/api/v1/users", {"email": f"{name}@example.com", "password": PASS, "tenants": tenants})).json["id"]
                     for name, tenants in {"owner": [], "attacker": [], "reader": [RIGHT], "limited": [RIGHT], "nobody": [RIGHT], "sleeper": []}.items()}
        # A super admin may say who governs a tenant, but has no right over what is in it.
        for name, tenant in (("owner", RIGHT), ("attacker", LEFT), ("sleeper", ASLEEP), ("owner", ASLEEP)):
            cls.must(server.call("POST", f"/api/v1/{tenant}/bindings", {"type": "USER", "externalId": cls.users[name], "roleId": "ADMIN"}))
        cls.ids = {tenant: cls.furnish(tenant, owner) for tenant, owner in ((RIGHT, "owner"), (LEFT, "attacker"), (ASLEEP, "owner"))}
        owner = basic("owner")
        for user, role, namespace in (("reader", "VIEWER", None), ("limited", "LAUNCHER", "other.team")):
            cls.must(server.call("POST", f"/api/v1/{RIGHT}/bindings", {"type": "USER", "externalId": cls.users[user], "roleId": role, **({"namespaceId": namespace} if namespace else {})}, user=owner))
        cls.tokens = {"expired": cls.must(server.call("POST", f"/api/v1/users/{cls.users['owner']}/api-tokens", {"name": "short", "maxAge": "PT0.001S"})).json["fullToken"]}
        cls.must(server.call("POST", f"/api/v1/tenants/{ASLEEP}/suspend", {}))
        cls.before = cls.fingerprint()
        cls.cells: dict[str, int] = {}

    @classmethod
    def tearDownClass(cls) -> None:
        print(f"\nisolation matrix: {len(cls.routes)} routes, {sum(cls.cells.values())} cells (" + ", ".join(f"{who} {count}" for who, count in sorted(cls.cells.items())) + ")", flush=True)
        cls.server.close()

    @staticmethod
    def must(answer: Answer) -> Answer:
        assert answer.status < 300, (answer.status, answer.body)
        return answer

    @classmethod
    def furnish(cls, tenant: str, owner: str) -> Objects:
        """One object of each kind, whose content (never whose id) holds the canary."""
        call = lambda method, path, body=None: cls.must(cls.server.call(method, f"/api/v1/{tenant}{path}", body, user=basic(owner)))
        word = CANARY if tenant == RIGHT else "plain"
        flow, task, trigger = ("plainly", "remark", "weekly") if tenant == LEFT else ("secretive", "utter", "nightly")   # no object of the attacker has a name of the other tenant
        call("POST", "/flows", FLOW.format(canary=word, tenant=tenant, flow=flow, task=task, trigger=trigger))
        call("POST", "/flows", PAUSED)
        if tenant == RIGHT:
            call("POST", "/namespaces", {"id": NAMESPACE, "description": word, "variables": {"kept": word}})
        cls.server.user = basic(owner)
        run = cls.must(cls.server.call("POST", f"/api/v1/{tenant}/executions/{NAMESPACE}/{flow}?wait=true", b"", content_type="multipart/form-data; boundary=x", user=basic(owner))).json
        assert run["state"]["current"] == "SUCCESS", run
        paused = cls.must(cls.server.call("POST", f"/api/v1/{tenant}/executions/{NAMESPACE}/waiting?wait=true", b"", content_type="multipart/form-data; boundary=x", user=basic(owner))).json
        files = [uri for task in run["taskRunList"] for uri in (task.get("outputs", {}).get("outputFiles") or {}).values()]
        ids = Objects(tenant=tenant, namespace=NAMESPACE, flow=flow, execution=run["id"], taskrun=run["taskRunList"][0]["id"], trigger=trigger, task=task, key=f"hook-key-{tenant}",
                      paused=paused["id"], file=files[0], user=cls.users[owner])
        ids["operation"] = call("POST", "/executions/labels/by-ids", {"executionsId": [run["id"]], "executionLabels": [{"key": "kept", "value": word}]}).json["operationId"]
        ids["role"] = call("POST", "/roles", {"name": f"{word} role", "description": word, "permissions": {"FLOW": ["VIEW"]}}).json["id"]
        ids["group"] = call("POST", "/groups", {"name": f"{word} group", "description": word, "membersId": [cls.users[owner]]}).json["id"]
        ids["binding"] = call("POST", "/bindings", {"type": "GROUP", "externalId": ids["group"], "roleId": ids["role"]}).json["id"]
        ids["service-account"] = call("POST", "/service-accounts", {"name": "deployer", "description": word}).json["id"]
        ids["token"] = call("POST", f"/service-accounts/{ids['service-account']}/api-tokens", {"name": "ci", "description": word}).json["id"]
        call("POST", "/invitations", {"email": f"{word}@example.org", "roles": [{"id": ids["role"]}], "groups": []})
        ids["invitation"] = call("GET", f"/invitations/email/{word}@example.org").json[0]["id"]
        found = call("GET", "/auditlogs/search?size=1").json["results"]
        ids["audit"] = found[0]["auditLog"]["id"]
        return ids

    # ---- requests

    @staticmethod
    def value_of(name: str, before: str, ids: Objects) -> str:
        if name in ids:
            return ids[name]
        kinds = {"roles": "role", "groups": "group", "bindings": "binding", "users": "user", "members": "user", "membership": "user", "service-accounts": "service-account", "api-tokens": "token",
                 "invitations": "invitation", "tenant-access": "user", "auditlogs": "audit", "history": "flow", "email": "email", "tenants": "tenant", "accept": "invitation", "create": "invitation"}
        return ids.get(kinds.get(before, before), ids["execution"])

    def request(self, route: dict, ids: Objects, tenant: str) -> tuple[str, str, object, dict]:
        parts, before = [], ""
        for part in route["pattern"].split("/"):
            match = re.fullmatch(r"\{(\w+)\}", part)
            if match:
                part = tenant if match[1] == "tenant" else self.value_of(match[1], before, ids)
            else:
                before = part
            parts.append(part)
        query = "&".join(f"{key}={self.fill(value, ids)}" for key, value in QUERIES.items())
        table = bodies(ids, FLOW.format(canary="stolen", tenant=tenant, flow=ids["flow"], task=ids["task"], trigger=ids["trigger"]))
        key = f"{route['method']} {route['pattern']}"
        body: object = None
        if route["method"] in ("POST", "PUT", "PATCH", "DELETE"):
            body = table.get(key, next((value for end, value in table.items() if route["pattern"].endswith(end)), {}))
        return route["method"], "/".join(parts) + "?" + query, body, {"X-Tenant": RIGHT, "X-Kestra-Tenant": RIGHT}

    @staticmethod
    def fill(value: str, ids: Objects) -> str:
        for name in ("taskrun", "file", "execution", "flow", "audit"):
            value = value.replace("{" + name + "}", ids.get(name, ""))
        return value.replace("{", "%7B").replace("}", "%7D").replace(" ", "%20")

    def ask(self, who: str, route: dict, ids: Objects, tenant: str, *, user: str | None = None, token: str | None = None) -> Answer:
        method, path, body, headers = self.request(route, ids, tenant)
        if token:
            headers = {**headers, "Authorization": f"Bearer {token}"}
        if "follow" in route["pattern"]:
            headers = {**headers, "Accept": "text/event-stream"}
        self.cells[who] = self.cells.get(who, 0) + 1
        return self.server.call(method, path, body, user=user, headers=headers, timeout=10)

    @staticmethod
    def unknown(ids: Objects) -> Objects:
        """Ids of the same shape that belong to nothing."""
        swap = lambda text: re.sub(r"[A-Za-z0-9]{22}", lambda m: "0" + hashlib.sha256(m[0].encode()).hexdigest()[:21], text)
        return Objects({name: value if name in ("tenant", "namespace") else {"flow": "no-such-flow", "trigger": "no-such-trigger", "task": "no-such-task", "key": "hook-key-nobody"}.get(name, swap(value)) for name, value in ids.items()})

    @staticmethod
    def plain(answer: Answer, ids: Objects, tenant: str) -> tuple[int, str]:
        """The answer without the ids that were asked for and without dates."""
        text = answer.body.decode(errors="replace")
        for name, value in sorted(ids.items(), key=lambda item: -len(item[1])):
            if value:
                text = text.replace(value, f"<{name}>").replace(value.replace("/", "\\/"), f"<{name}>")
        text = re.sub(rf"\b{tenant}\b", "<tenant>", text)
        return answer.status, re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-][\d:]+)", "<date>", re.sub(r"[A-Za-z0-9]{22}", "<id>", text))

    def of_tenant(self) -> list[dict]:
        return [route for route in self.routes if "{tenant}" in route["pattern"]]

    def no_content(self, answer: Answer, what: str) -> None:
        if os.environ.get("INSULA_PLANT_LEAK"):  # the answer that a leaking search would give
            if what.endswith("/flows/search"):
                answer.body = json.dumps({"results": [{"id": "secretive", "description": CANARY}], "total": 1}).encode()
        self.assertNotIn(CANARY.encode(), answer.body, what)

    @classmethod
    def fingerprint(cls) -> dict:
        """All of the other tenant as its owner sees it."""
        seen = {}
        for path in ("/flows/search?size=100", "/executions/search?size=100", "/triggers/search?size=100", "/roles/search?size=100", "/groups/search?size=100", "/bindings/search?size=100",
                     f"/groups/{cls.ids[RIGHT]['group']}/members", "/service-accounts/search?size=100", "/invitations/search?size=100", "/tenant-access?size=100", f"/executions/{cls.ids[RIGHT]['execution']}",
                     f"/executions/{cls.ids[RIGHT]['paused']}", f"/logs/{cls.ids[RIGHT]['execution']}", f"/service-accounts/{cls.ids[RIGHT]['service-account']}/api-tokens"):
            answer = cls.server.call("GET", f"/api/v1/{RIGHT}{path}", user=basic("owner"))
            seen[path] = (answer.status, answer.body)
        return seen

    # ---- callers

    def test_nobody_unknown_gets_in(self) -> None:
        ids = self.ids[RIGHT]
        for route in self.routes:
            open_to_all = route["rule"] in ("public", "webhook key")
            for who, how in (("anonymous", {}), ("expired token", {"token": self.tokens["expired"]}), ("wrong password", {"user": "owner@example.com:wrong-Passw0rd"} )):
                if who == "wrong password" and route is not self.routes[0]:
                    continue  # once is enough: more would lock the account
                with self.subTest(who=who, route=f"{route['method']} {route['pattern']}"):
                    if route["rule"] == "webhook key":
                        answer = self.ask(who, route, self.unknown(ids), RIGHT, **how)
                        self.assertEqual(answer.status, 404)
                    elif not open_to_all:
                        answer = self.ask(who, route, ids, RIGHT, **how)
                        self.assertEqual(answer.status, 401, answer.body)
                        self.no_content(answer, route["pattern"])

    def test_another_tenants_admin_cannot_tell_it_from_nothing(self) -> None:
        user = basic("attacker")
        for route in self.of_tenant():
            with self.subTest(route=f"{route['method']} {route['pattern']}"):
                if route["rule"] in ("public", "webhook key"):
                    continue
                # Their tenant in the path: like a tenant that does not exist.
                real = self.ask("other tenant's admin", route, self.ids[RIGHT], RIGHT, user=user)
                none = self.ask("other tenant's admin", route, self.ids[RIGHT], NOWHERE, user=user)
                self.assertEqual(real.status, 404, real.body)
                self.assertEqual(self.plain(real, self.ids[RIGHT], RIGHT), self.plain(none, self.ids[RIGHT], NOWHERE))
                self.no_content(real, route["pattern"])

    def test_ids_of_another_tenant_are_nothing_in_ones_own(self) -> None:
        user = basic("attacker")
        foreign = self.ids[RIGHT]
        missing = self.unknown(foreign)
        for route in self.of_tenant():
            if route["rule"] in ("public",) or not re.search(r"\{(?!tenant)", route["pattern"]) and route["method"] in ("POST", "PUT") and not route["pattern"].endswith(("by-ids", "by-triggers", "ids", "bindings", "bulk")):
                continue
            # What writes a flow from its source makes one of one's own.
            if route["rule"] == "webhook key" or route["method"] in ("POST", "PUT") and route["rule"].startswith(("FLOW CREATE", "FLOW UPDATE", "FLOW IMPORT")):
                continue
            with self.subTest(route=f"{route['method']} {route['pattern']}"):
                real = self.ask("ids of another tenant", route, foreign, LEFT, user=user)
                none = self.ask("ids of another tenant", route, missing, LEFT, user=user)
                self.no_content(real, route["pattern"])
                self.assertEqual(self.plain(real, foreign, LEFT), self.plain(none, missing, LEFT))

    def test_a_member_without_a_role_sees_nothing(self) -> None:
        for route in self.of_tenant():
            if route["rule"] in ("public", "webhook key", "signed in") or route["rule"].startswith("member of the tenant"):
                continue
            with self.subTest(route=f"{route['method']} {route['pattern']}"):
                answer = self.ask("member without role", route, self.ids[RIGHT], RIGHT, user=basic("nobody"))
                self.assertIn(answer.status, (403, 404), answer.body)
                self.no_content(answer, route["pattern"])

    def test_a_super_admin_has_no_rights_inside(self) -> None:
        for route in self.of_tenant():
            if route["rule"] in ("public", "webhook key", "signed in", "super admin") or route["rule"].split(" ")[0] in GOVERNED or route["rule"].startswith("member of the tenant"):
                continue
            with self.subTest(route=f"{route['method']} {route['pattern']}"):
                answer = self.ask("super admin without role", route, self.ids[RIGHT], RIGHT, user=f"{EMAIL}:{PASSWORD}")
                self.assertEqual(answer.status, 403, answer.body)
                self.no_content(answer, route["pattern"])

    def test_a_reader_changes_nothing(self) -> None:
        allowed = self.server.call("GET", f"/api/v1/{RIGHT}/acls/templates", user=basic("owner")).json["VIEWER"]
        for route in self.of_tenant():
            match = re.match(r"([A-Z_]+) ([A-Z_]+)", route["rule"])
            if not match or match[2] in allowed.get(match[1], []):
                continue
            if "or FLOW EXECUTE" in route["rule"] and "EXECUTE" in allowed.get("FLOW", []):
                continue
            with self.subTest(route=f"{route['method']} {route['pattern']}"):
                answer = self.ask("reader", route, self.ids[RIGHT], RIGHT, user=basic("reader"))
                self.assertEqual(answer.status, 403, answer.body)

    def test_a_member_of_one_namespace_sees_nothing_of_the_others(self) -> None:
        ids, missing = self.ids[RIGHT], self.unknown(self.ids[RIGHT])
        for route in self.of_tenant():
            if route["rule"] in ("public", "webhook key", "signed in"):
                continue
            with self.subTest(route=f"{route['method']} {route['pattern']}"):
                real = self.ask("namespace-limited", route, ids, RIGHT, user=basic("limited"))
                none = self.ask("namespace-limited", route, missing, RIGHT, user=basic("limited"))
                self.no_content(real, route["pattern"])
                self.assertEqual(self.plain(real, ids, RIGHT), self.plain(none, missing, RIGHT))

    def test_expressions_are_rendered_with_nothing_of_others(self) -> None:
        """A body names what they are rendered with, so the cells above know only the execution."""
        foreign, text = self.ids[RIGHT], "{{ flow.id }} {{ inputs.word }} {{ vars.word }}"
        for who, tenant, user in (("ids of another tenant", LEFT, "attacker"), ("namespace-limited", RIGHT, "limited")):
            for flow in (foreign["flow"], "no-such-flow"):
                with self.subTest(who=who, flow=flow):
                    self.cells[who] = self.cells.get(who, 0) + 1
                    answer = self.server.call("POST", f"/api/v1/{tenant}/expressions/render", {"expressions": [text], "namespace": NAMESPACE, "flowId": flow}, user=basic(user))
                    self.assertEqual(answer.status, 404 if tenant == LEFT else 403, answer.body)
                    self.no_content(answer, "expressions/render")

    def test_a_suspended_tenant_starts_nothing(self) -> None:
        ids = self.ids[ASLEEP]
        for route in self.of_tenant():
            if "CREATE or FLOW EXECUTE" in route["rule"] and route["method"] == "POST" and not route["pattern"].endswith("validate") or route["rule"] == "webhook key":
                with self.subTest(route=f"{route['method']} {route['pattern']}"):
                    answer = self.ask("suspended tenant", route, ids, ASLEEP, user=basic("owner"))
                    self.assertEqual(answer.status, 409, answer.body)
                    self.assertIn(b"suspended", answer.body)
        for route in self.of_tenant():  # its name tells outsiders nothing either
            if route["rule"] in ("public", "webhook key"):
                continue
            with self.subTest(route=f"{route['method']} {route['pattern']}"):
                answer = self.ask("suspended tenant", route, ids, ASLEEP, user=basic("attacker"))
                self.assertEqual(answer.status, 404)

    def test_zz_the_other_tenant_is_what_it_was(self) -> None:
        for path, (status, body) in self.fingerprint().items():
            with self.subTest(path=path):
                self.assertEqual((status, body), self.before[path])


if __name__ == "__main__":
    unittest.main()
