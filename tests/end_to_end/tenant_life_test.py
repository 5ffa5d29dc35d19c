"""The life of a tenant: suspended, resumed, exported, imported, deleted while it works; and its audit log."""
import contextlib
import sqlite3
import time
import unittest
from pathlib import Path

from end_to_end.server import EMAIL, PASSWORD, Server, insula

FLOW = "id: {id}\nnamespace: company.team\ndescription: {description}\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hello\ntriggers:\n  - id: hook\n    type: io.kestra.plugin.core.trigger.Webhook\n    key: open-sesame\n"
TICKING = """id: ticking
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: tick
triggers:
  - id: each
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "*/1 * * * * *"
    withSeconds: true
"""
WORKING = """id: working
namespace: company.team
tasks:
  - id: work
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner:
      type: io.kestra.plugin.core.runner.Process
    commands: ["exec sleep 31415"]
"""


SLEEPING = "id: sleeping\nnamespace: company.team\ntasks:\n  - {id: sleep, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}\n"


class TenantLife(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.close)
        self.server.create_tenant("acme")

    def call(self, method: str, path: str, body=None, expect: int = 200, **how):
        answer = self.server.call(method, f"/api/v1{path}", body, **how)
        self.assertEqual(answer.status, expect, f"{method} {path}: {answer.body!r}")
        return answer

    def until(self, what, seconds: float = 30):
        """Asks again until it holds: for what no stream tells of."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = what()
            if found:
                return found
            self.server.process.poll()
        self.fail("it did not happen")

    def test_a_suspended_tenant_rests_and_goes_on(self):
        self.server.deploy(FLOW.format(id="one", description="first"), "acme")
        self.server.deploy(TICKING, "acme")
        ticks = lambda: self.call("GET", "/acme/executions/search?flowId=ticking&size=1").json["total"]
        self.until(lambda: ticks() > 0)
        self.assertEqual(self.call("POST", "/tenants/acme/suspend").json["state"], "suspended")
        self.assertEqual(self.call("GET", "/tenants/acme").json["state"], "suspended")
        refused = self.call("POST", "/acme/executions/company.team/one", b"", 409, content_type="multipart/form-data; boundary=x")
        self.assertIn("suspended", refused.json["message"])
        self.call("POST", "/acme/executions/webhook/company.team/one/open-sesame", {}, 409)
        self.call("POST", "/acme/executions/webhook/company.team/one/wrong-key", {}, 404)
        self.call("GET", "/acme/flows/search")
        resting = ticks()
        self.server.terminate()
        self.server.start()
        self.assertEqual(ticks(), resting)
        self.assertEqual(self.call("POST", "/tenants/acme/resume").json["state"], "active")
        self.until(lambda: ticks() > resting)
        self.call("POST", "/acme/executions/company.team/one?wait=true", b"", content_type="multipart/form-data; boundary=x")

    def test_a_tenant_travels_as_an_archive(self):
        self.server.deploy(FLOW.format(id="one", description="first"), "acme")
        self.call("PUT", "/acme/flows/company.team/one", FLOW.format(id="one", description="second"))
        role = self.call("POST", "/acme/roles", {"name": "Looker", "permissions": {"FLOW": ["VIEW", "LIST"]}}).json
        me = self.call("GET", "/me").json["id"]
        group = self.call("POST", "/acme/groups", {"name": "lookers", "membersId": [me]}).json
        self.call("POST", "/acme/bindings", {"type": "GROUP", "externalId": group["id"], "roleId": role["id"], "namespaceId": "company"})
        archive = self.call("GET", "/tenants/acme/export").body
        self.call("POST", "/tenants", {"id": "copy", "name": "Copy"})
        counts = self.call("POST", "/tenants/copy/import", archive, content_type="application/zip").json
        self.assertEqual((counts["flows"], counts["revisions"], counts["roles"], counts["groups"]), (1, 2, 1, 1), counts)
        self.assertEqual(counts["skipped"], [])
        self.call("POST", "/copy/bindings", {"type": "USER", "externalId": me, "roleId": "ADMIN"})
        self.assertIn("second", self.call("GET", "/copy/flows/company.team/one?source=true").json["source"])
        self.assertEqual(len(self.call("GET", "/copy/flows/company.team/one/revisions").json), 2)
        bindings = self.call("GET", "/copy/bindings/search").json["results"]
        self.assertTrue(any(one.get("namespace") == "company" and one["type"] == "GROUP" for one in bindings), bindings)
        again = self.call("POST", "/tenants/copy/import", archive, content_type="application/zip").json
        self.assertEqual((again["flows"], again["roles"], again["groups"], again["bindings"]), (0, 0, 0, 0))
        self.call("POST", "/tenants/copy/import", b"no archive", 422, content_type="application/zip")

    def scan(self, *words: str) -> list[str]:
        """Every place of the server's folder, and every process, in which one of the words is found."""
        found = []
        for path in sorted(Path(self.server.folder.name).rglob("*")):
            if any(word in str(path.relative_to(self.server.folder.name)) for word in words):
                found.append(str(path))
            elif path.is_file() and any(word.encode() in path.read_bytes() for word in words):
                found.append(str(path))
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and entry.name != str(self.server.process.pid):
                try:
                    command = (entry / "cmdline").read_bytes()
                except OSError:
                    continue
                if b"sleep\x0031415" in command:
                    found.append(f"process {entry.name}")
        return found

    def test_a_deleted_tenant_leaves_nothing_behind(self):
        word = "residue7f3a"
        self.call("POST", "/tenants", {"id": "gone", "name": f"Gone {word}"})
        me = self.call("GET", "/me").json["id"]
        self.call("POST", "/gone/bindings", {"type": "USER", "externalId": me, "roleId": "ADMIN"})
        self.server.deploy(FLOW.format(id="one", description=word), "gone")
        self.server.deploy(WORKING.replace("id: working", f"id: working\ndescription: {word}"), "gone")
        for _ in range(20):
            self.call("POST", "/gone/executions/company.team/one", b"", content_type="multipart/form-data; boundary=x")
        # 1,000 of them go on: most wait for an hour, some for a process, some for a free worker.
        self.server.deploy(SLEEPING, "gone")
        for flow, count in (("sleeping", 970), ("working", 30)):
            for _ in range(count):
                running = self.call("POST", f"/gone/executions/company.team/{flow}", b"", content_type="multipart/form-data; boundary=x").json["id"]
        self.server.wait_for(running, {"RUNNING"}, "gone")
        self.assertEqual(self.call("GET", "/gone/executions/search?size=1&filters%5Bstate%5D%5BIN%5D=RUNNING").json["total"], 1_000)
        self.until(lambda: any(place.startswith("process") for place in self.scan(word)))
        before = self.scan(word)
        self.assertTrue([place for place in before if place.endswith(("tenant.db", "tenant.db-wal"))], before)
        self.call("DELETE", "/tenants/gone", expect=204)
        self.call("GET", "/tenants/gone", expect=404)
        self.call("GET", "/gone/flows/search", expect=404)
        report = self.until(lambda: (lambda r: r if r["state"] == "DONE" else None)(self.call("GET", "/tenants/gone/deletion").json))
        self.assertEqual((report["executions"], report["flows"]), (1_020, 3), report)
        # Its id may be used again, and sees nothing of what was.
        self.call("POST", "/tenants", {"id": "gone", "name": "New"})
        self.call("POST", "/gone/bindings", {"type": "USER", "externalId": me, "roleId": "ADMIN"})
        self.assertEqual(self.call("GET", "/gone/executions/search").json["total"], 0)
        self.until(lambda: self.call("GET", "/gone/auditlogs/search").json["total"] == 1)
        self.server.terminate()   # what a write-ahead log still holds is checkpointed
        places = [place for place in self.scan(word) if not place.endswith(("system.db", "system.db-wal"))]
        self.assertEqual(places, [])
        # system.db keeps the report and the entry of the instance's audit log, which name the tenant: nothing of its content.
        planted = self.server.data / "planted"
        planted.write_text(word)
        self.assertEqual(self.scan(word)[-1:] if len(self.scan(word)) == 1 else [p for p in self.scan(word) if "planted" in p], [str(planted)])

    # ---- audit

    def test_the_audit_log_tells_who_did_what(self):
        self.server.deploy(FLOW.format(id="one", description="first"), "acme")
        self.call("PUT", "/acme/flows/company.team/one", FLOW.format(id="one", description="second"))
        run = self.call("POST", "/acme/executions/company.team/one?wait=true", b"", content_type="multipart/form-data; boundary=x").json["id"]
        self.call("POST", f"/acme/executions/{run}/replay")
        self.call("DELETE", f"/acme/executions/{run}", expect=204)
        self.call("DELETE", "/acme/flows/company.team/one", expect=204)
        self.call("POST", "/users", {"email": "viewer@example.com", "password": "Passw0rd-of-viewer", "tenants": ["acme"]}, 201)
        self.call("GET", "/acme/flows/search", expect=403, user="viewer@example.com:Passw0rd-of-viewer")
        entries = self.until(lambda: (lambda e: e if any(x["auditLog"]["result"] == "DENIED" for x in e) and any(x["auditLog"]["detail"]["resource"] == "BINDING" for x in e) else None)(
            self.call("GET", "/acme/auditlogs/search?size=100").json["results"]))
        seen = [(e["auditLog"]["type"], e["auditLog"]["detail"]["resource"], e["user"]["username"]) for e in entries]
        for wanted in (("CREATE", "FLOW", EMAIL), ("UPDATE", "FLOW", EMAIL), ("CREATE", "EXECUTION", EMAIL), ("UPDATE", "EXECUTION", EMAIL), ("DELETE", "EXECUTION", EMAIL), ("DELETE", "FLOW", EMAIL)):
            self.assertIn(wanted, seen)
        self.assertIn(("READ", "FLOW", "viewer@example.com"), seen)
        change = next(e for e in entries if e["auditLog"]["type"] == "UPDATE" and e["auditLog"]["detail"]["resource"] == "FLOW")
        self.assertEqual(change["auditLog"]["appliedPatch"], [{"op": "replace", "path": "/description", "value": "second"}])
        difference = self.call("GET", f"/acme/auditlogs/{change['auditLog']['id']}/diff").json
        self.assertIn("first", difference["before"])
        self.assertIn("second", difference["after"])
        self.assertGreaterEqual(len(self.call("GET", "/acme/auditlogs/history/one").json), 3)
        self.assertEqual(self.call("GET", "/acme/auditlogs/search?resource=FLOW&type=DELETE").json["total"], 1)
        self.assertEqual(self.call("POST", "/acme/auditlogs/find", {"resource": "FLOW", "type": "CREATE", "detail": {"id": "one"}}).json["auditLog"]["type"], "CREATE")
        self.assertIn(b"company.team", self.call("GET", "/acme/auditlogs/export").body)
        verdict = self.call("GET", "/acme/auditlogs/verify").json
        self.assertTrue(verdict["intact"], verdict)
        self.assertEqual(verdict["entries"], len(entries))
        instance = self.call("GET", "/auditlogs/search?size=100").json["results"]
        self.assertTrue(any(e["auditLog"]["detail"]["resource"] == "USER" and e["auditLog"]["type"] == "CREATE" for e in instance))
        self.assertNotIn("Passw0rd-of-viewer", str(instance))

    def test_verify_names_the_entry_that_was_changed(self):
        self.server.deploy(FLOW.format(id="one", description="first"), "acme")
        self.server.deploy(FLOW.format(id="two", description="first"), "acme")
        self.server.terminate()
        last = None
        for file in self.server.data.glob("tenants/*/tenant.db"):
            with contextlib.closing(sqlite3.connect(file)) as database, database:
                found = database.execute("select max(sequence) from audit where object_id = 'two'").fetchone()[0]
                database.execute("update audit set user_name = 'mallory@example.com' where sequence = ?", (found,))
                last = found or last
        self.server.start()
        verdict = self.call("GET", "/acme/auditlogs/verify").json
        self.assertEqual((verdict["intact"], verdict["brokenAt"]), (False, last))
        told = insula("audit", "verify", "--tenant", "acme", "--server", self.server.url, "--user", f"{EMAIL}:{PASSWORD}")
        self.assertEqual(told.returncode, 1)
        self.assertIn(f"entry {last}", told.stderr)


if __name__ == "__main__":
    unittest.main()
