"""What scripts tell as metrics is kept, shown by page, and goes with the execution."""
import unittest

from end_to_end.server import Server

FLOW = """id: measured
namespace: a.b
tasks:
  - id: first
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands:
      - 'echo "::{\\"metrics\\":[{\\"name\\":\\"rows\\",\\"type\\":\\"counter\\",\\"value\\":12.5,\\"tags\\":{\\"table\\":\\"t\\"}},{\\"name\\":\\"spent\\",\\"type\\":\\"timer\\",\\"value\\":1.5}]}::"'
      - 'echo "::{\\"metrics\\":[{\\"name\\":\\"nameless type\\",\\"value\\":1},{\\"type\\":\\"counter\\",\\"value\\":1}]}::"'
  - id: second
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ['echo "::{\\"metrics\\":[{\\"name\\":\\"rows\\",\\"type\\":\\"counter\\",\\"value\\":1}]}::"']
"""


class Metrics(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.server.deploy(FLOW)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def metrics(self, id: str, query: str = "", tenant: str = "main") -> dict:
        answer = self.server.call("GET", f"/api/v1/{tenant}/metrics/{id}{query}")
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json

    def test_metrics_of_an_execution(self):
        execution = self.server.run("a.b", "measured")
        id = execution["id"]
        found = self.metrics(id)
        self.assertEqual(found["total"], 3)
        first = next(metric for metric in found["results"] if metric["name"] == "rows" and metric["taskId"] == "first")
        run = next(run for run in execution["taskRunList"] if run["taskId"] == "first")
        self.assertRegex(first.pop("timestamp"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        self.assertEqual(first, {"namespace": "a.b", "flowId": "measured", "taskId": "first", "executionId": id, "taskRunId": run["id"], "type": "counter", "name": "rows",
                                 "value": 12.5, "tags": {"table": "t"}})
        self.assertEqual([metric["value"] for metric in found["results"] if metric["type"] == "timer"], [1500])
        self.assertEqual(self.metrics(id, "?taskId=second")["total"], 1)
        self.assertEqual(self.metrics(id, f"?taskRunId={run['id']}")["total"], 2)
        page = self.metrics(id, "?size=2&page=2&sort=name:asc")
        self.assertEqual((page["total"], [metric["name"] for metric in page["results"]]), (3, ["spent"]))

    def test_they_survive_a_restart_and_go_with_the_execution(self):
        id = self.server.run("a.b", "measured")["id"]
        self.server.kill()
        self.server.start()
        self.assertEqual(self.metrics(id)["total"], 3)
        self.assertEqual(self.server.call("DELETE", f"/api/v1/main/executions/{id}").status, 204)
        self.assertEqual(self.metrics(id), {"results": [], "total": 0})

    def test_another_tenant_sees_none_of_them(self):
        id = self.server.run("a.b", "measured")["id"]
        self.server.create_tenant("other")
        self.assertEqual(self.metrics(id, tenant="other"), {"results": [], "total": 0})
