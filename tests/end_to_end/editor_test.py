"""What an editor and the pages around it ask: expressions with values and reasons, progress of bulk commands, usages."""
import unittest
import urllib.parse

from end_to_end.server import Server

FLOW = """id: edited
namespace: company.team
variables: {greeting: hello}
inputs:
  - {id: name, type: STRING, defaults: Ada}
  - {id: asked, type: STRING, required: false}
tasks:
  - {id: say, type: io.kestra.plugin.core.debug.Return, format: "{{ vars.greeting }} {{ inputs.name }}"}
"""


class Editor(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.server.deploy(FLOW)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def render(self, *expressions: str, **context: str) -> tuple[dict, dict]:
        answer = self.server.call("POST", "/api/v1/main/expressions/render", {"expressions": list(expressions), **context})
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["rendered"], answer.json["errors"]

    def test_expressions_of_a_flow_have_values_or_reasons(self):
        shown, later = "{{ vars.greeting }} {{ inputs.name | upper }}", "{{ outputs.say.value }}"
        for context in ({"namespace": "company.team", "flowId": "edited"}, {"flow": FLOW}):
            rendered, errors = self.render(shown, later, **context)
            self.assertEqual(rendered, {shown: "hello ADA", later: later})
            self.assertEqual(list(errors), [later])
            self.assertIn("only while the flow runs", errors[later])

    def test_expressions_of_an_execution_read_its_outputs(self):
        execution = self.server.run("company.team", "edited")
        rendered, errors = self.render("{{ outputs.say.value }}", "{{ secret('KEY') }}", executionId=execution["id"])
        self.assertEqual(rendered, {"{{ outputs.say.value }}": "hello Ada", "{{ secret('KEY') }}": "[secret: KEY]"})
        self.assertEqual(errors, {})

    def test_expressions_that_an_editor_offers(self):
        categories = self.server.call("POST", "/api/v1/main/flows/expressions?taskId=say", FLOW).json["categories"]
        self.assertEqual(set(categories), {"taskOutputs", "executionContext", "inputs", "variables", "secrets", "kvPairs", "namespaceFiles", "filters", "functions", "appContext"})
        self.assertEqual(categories["inputs"], ["{{ inputs.name }}", "{{ inputs.asked }}"])
        self.assertEqual(categories["taskOutputs"], [])

    def test_a_bulk_command_tells_how_far_it_is(self):
        for _ in range(3):
            self.server.run("company.team", "edited")
        query = urllib.parse.quote("filters[flowId][EQUALS]=edited", safe="=")
        started = self.server.call("DELETE", f"/api/v1/main/executions/by-query?{query}").json
        operation = self.server.call("GET", f"/api/v1/main/operations/{started['operationId']}").json
        self.assertEqual((operation["kind"], operation["state"], operation["failed"]), ("delete", "DONE", 0))
        self.assertGreaterEqual(operation["processed"], 3)
        self.assertEqual(operation["processed"], operation["totalItems"])
        self.assertLessEqual(operation["startedAt"], operation["endedAt"])
        self.assertEqual(self.server.call("GET", "/api/v1/main/operations").json, {"results": [], "total": 0})

    def test_usages_count_the_tenant(self):
        usages = self.server.call("GET", "/api/v1/main/usages/all").json
        self.assertEqual(usages["flows"]["taskTypeCount"], {"io.kestra.plugin.core.debug.Return": 1})
        self.assertEqual(len(usages["executions"]["dailyExecutionsCount"]), 25)
        self.assertEqual(self.server.call("GET", "/api/v1/usages").json["flows"], usages["flows"], "the default tenant")


if __name__ == "__main__":
    unittest.main()
