"""How much a tenant may do at once: concurrency limits of tenant and namespace, weights, open requests; how long its audit log is kept."""
import time
import unittest
import urllib.request

from end_to_end.server import EMAIL, PASSWORD, Server

WAITS = """id: {id}
namespace: {namespace}
tasks:
  - {{id: wait, type: io.kestra.plugin.core.flow.Pause}}
"""
FORM = {"content_type": "multipart/form-data; boundary=x"}


class Limits(unittest.TestCase):
    def setUp(self):
        self.server = Server({"INSULA_TENANTS_REQUESTS_MAX": "6"})
        self.addCleanup(self.server.close)
        self.server.create_tenant("acme")

    def call(self, method: str, path: str, body=None, expect: int = 200, **how):
        answer = self.server.call(method, f"/api/v1{path}", body, **how)
        self.assertEqual(answer.status, expect, f"{method} {path}: {answer.body!r}")
        return answer

    def start(self, namespace: str, flow: str) -> str:
        return self.call("POST", f"/acme/executions/{namespace}/{flow}", b"", **FORM).json["id"]

    def reaches(self, execution: str, state: str) -> None:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            current = self.call("GET", f"/acme/executions/{execution}").json["state"]["current"]
            if current == state:
                return
        self.fail(f"{execution} is {current}, not {state}")

    def test_the_limit_of_a_tenant_holds_over_all_its_flows_and_a_restart(self):
        self.server.deploy(WAITS.format(id="one", namespace="a"), "acme")
        self.server.deploy(WAITS.format(id="two", namespace="b"), "acme")
        saved = self.call("PUT", "/tenants/acme", {"id": "acme", "name": "Acme", "concurrency": {"limit": 1, "behavior": "QUEUE"}, "weight": 3}).json
        self.assertEqual((saved["concurrency"], saved["weight"]), ({"limit": 1, "behavior": "QUEUE"}, 3))
        first, second = self.start("a", "one"), self.start("b", "two")
        self.reaches(first, "PAUSED")
        self.reaches(second, "QUEUED")
        self.server.kill()
        self.server.start()
        self.reaches(second, "QUEUED")
        self.call("DELETE", f"/acme/executions/{first}/kill", expect=202)
        self.reaches(second, "PAUSED")
        self.call("PUT", "/tenants/acme", {"id": "acme", "name": "Acme", "concurrency": {"limit": 1, "behavior": "FAIL"}})
        self.reaches(self.start("a", "one"), "FAILED")
        for wrong in ({"limit": 0, "behavior": "QUEUE"}, {"limit": 1}, {"limit": 1, "behavior": "WAIT"}):
            self.call("PUT", "/tenants/acme", {"id": "acme", "name": "Acme", "concurrency": wrong}, 422)
        self.call("PUT", "/tenants/acme", {"id": "acme", "name": "Acme", "weight": 0}, 422)

    def test_quotas_let_so_many_begin_per_window_through_a_restart(self):
        self.server.deploy(WAITS.format(id="one", namespace="a.b"), "acme")
        self.server.deploy(WAITS.format(id="two", namespace="c"), "acme")
        day = {"duration": "P1D", "limit": 3, "behavior": "FAIL"}
        self.call("PUT", "/tenants/acme", {"id": "acme", "name": "Acme", "quotas": [day]})
        self.call("POST", "/acme/namespaces", {"id": "a", "quotas": [{"duration": "P7D", "limit": 1, "behavior": "CANCEL"}]})
        self.reaches(self.start("a.b", "one"), "PAUSED")
        refused = self.start("a.b", "one")
        self.reaches(refused, "CANCELLED")
        log = self.call("GET", f"/acme/logs/{refused}").json
        self.assertIn("1 executions of the namespace a have begun within PT168H, which is its quota", log[-1]["message"])
        self.server.kill()
        self.server.start()
        self.reaches(self.start("c", "two"), "PAUSED")
        self.reaches(self.start("c", "two"), "PAUSED")
        self.reaches(self.start("c", "two"), "FAILED")
        counts = {one.get("namespace", ""): one["count"] for one in self.call("GET", "/acme/quota-limits").json}
        self.assertEqual(counts, {"": 3, "a": 1})
        self.call("PUT", "/tenants/acme", {"id": "acme", "name": "Acme", "quotas": [{**day, "limit": 4}]})
        self.reaches(self.start("c", "two"), "PAUSED")
        for wrong in ([{**day, "duration": "PT1S"}], [day, day], [{**day, "behavior": "QUEUE"}]):
            self.call("PUT", "/tenants/acme", {"id": "acme", "name": "Acme", "quotas": wrong}, 422)

    def test_flows_only_in_namespaces_that_somebody_has_made(self):
        self.server.deploy(WAITS.format(id="earlier", namespace="a"), "acme")
        self.call("PUT", "/tenants/acme", {"id": "acme", "name": "Acme", "requireExistingNamespace": True})
        yaml = {"content_type": "application/x-yaml"}
        refused = self.call("POST", "/acme/flows", WAITS.format(id="one", namespace="a").encode(), 422, **yaml)
        self.assertIn("Namespace 'a' does not exist", refused.json["message"])
        changed = WAITS.format(id="earlier", namespace="a") + "description: new\n"
        self.assertEqual(self.call("PUT", "/acme/flows/a/earlier", changed.encode(), **yaml).json["revision"], 2)
        self.call("POST", "/acme/namespaces", {"id": "a"})
        self.call("POST", "/acme/flows", WAITS.format(id="one", namespace="a").encode(), **yaml)

    def test_a_namespace_is_made_limits_what_is_below_it_and_is_forgotten(self):
        self.server.deploy(WAITS.format(id="one", namespace="team.a"), "acme")
        self.server.deploy(WAITS.format(id="two", namespace="team.a.b"), "acme")
        self.assertEqual(self.call("GET", "/acme/namespaces/team").json, {"id": "team"})
        self.call("GET", "/acme/namespaces/tea", expect=404)
        body = {"id": "team", "description": "All teams", "concurrency": {"limit": 1, "behavior": "QUEUE"}}
        self.assertEqual(self.call("POST", "/acme/namespaces", body).json, {**body, "deleted": False})
        self.assertEqual(self.call("POST", "/acme/namespaces", body, 422).json["_embedded"]["errors"][0]["path"], "namespace.id")
        self.call("POST", "/acme/namespaces", {"id": "Not One"}, 422)
        found = self.call("GET", "/acme/namespaces/search").json
        self.assertEqual([one["id"] for one in found["results"]], ["team", "team.a", "team.a.b"])
        self.assertEqual(self.call("GET", "/acme/namespaces/search?existing=true").json["total"], 1)
        self.assertEqual(self.call("POST", "/acme/namespaces/autocomplete", {"q": "A.B"}).json, ["team.a.b"])
        first, second = self.start("team.a", "one"), self.start("team.a.b", "two")
        self.reaches(first, "PAUSED")
        self.reaches(second, "QUEUED")
        self.assertEqual(self.call("GET", "/acme/concurrency-limit/search").json, {"results": [], "total": 0})
        self.assertEqual(self.call("PUT", "/acme/concurrency-limit/team.a/one", {"running": 0}).json["running"], 1)
        self.call("PUT", "/acme/namespaces/team", {"description": "no limit any more"})
        self.reaches(second, "PAUSED")
        self.call("DELETE", "/acme/namespaces/team", expect=204)
        self.call("DELETE", "/acme/namespaces/team", expect=404)
        self.assertEqual(self.call("GET", "/acme/namespaces/team").json, {"id": "team"})
        kinds = [(one["auditLog"]["type"], one["auditLog"]["detail"].get("id")) for one in self.call("GET", "/acme/auditlogs/search?resource=NAMESPACE").json["results"]]
        self.assertEqual([kind for kind, _ in kinds][:3], ["DELETE", "UPDATE", "CREATE"])

    def test_one_tenants_open_requests_leave_the_others_alone(self):
        self.server.create_tenant("other")
        self.server.deploy(WAITS.format(id="one", namespace="a"), "acme")
        execution = self.start("a", "one")
        streams = []
        try:
            for _ in range(6):
                request = urllib.request.Request(f"{self.server.url}/api/v1/acme/executions/{execution}/follow", headers=self.server.authorization())
                streams.append(urllib.request.urlopen(request, timeout=30))
            refused = self.call("GET", "/acme/flows/search", expect=429)
            self.assertIn("insula.tenants.requests-max", refused.json["message"])
            self.assertEqual(refused.headers.get("Retry-After"), "1")
            self.call("GET", "/other/flows/search")
        finally:
            for stream in streams:
                stream.close()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.server.call("GET", "/api/v1/acme/flows/search").status != 200:
            pass
        self.call("GET", "/acme/flows/search")


if __name__ == "__main__":
    unittest.main()
