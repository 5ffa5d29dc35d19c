"""ForEachItem, core.state, core.trigger.Toggle and the HTTP trigger as a user meets them, also through a kill of the server."""
import json
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from end_to_end.server import Server

BATCH = """
id: one-batch
namespace: company.team
inputs:
  - {id: lines, type: STRING}
  - {id: number, type: INT}
tasks:
  - {id: text, type: io.kestra.plugin.core.debug.Return, format: "{{ read(inputs.lines) }}"}
outputs:
  - {id: text, type: STRING, value: "{{ outputs.text.value }}"}
  - {id: number, type: INT, value: "{{ inputs.number }}"}
"""
EACH = """
id: each-line
namespace: company.team
inputs:
  - {id: file, type: FILE}
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEachItem
    items: "{{ inputs.file }}"
    batch: {rows: 2}
    namespace: company.team
    flowId: one-batch
    inputs:
      lines: "{{ taskrun.items }}"
      number: "{{ taskrun.iteration }}"
  - {id: all, type: io.kestra.plugin.core.debug.Return, format: "{{ read(outputs.each_merge.subflowOutputs) }}"}
"""


class Items(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_each_batch_is_an_execution_and_their_outputs_are_one_file(self):
        self.server.deploy(BATCH)
        self.server.deploy(EACH)
        execution = self.server.run("company.team", "each-line", fields={"file": ("in.txt", b"a\nb\nc\nd\ne\n")})
        self.assertEqual(execution["state"]["current"], "SUCCESS")
        self.assertEqual([run["taskId"] for run in execution["taskRunList"]], ["each", "each_split", "each_items", "each_merge", "all"])
        self.assertEqual(execution["taskRunList"][2]["outputs"]["numberOfBatches"], 3)
        self.assertEqual(execution["taskRunList"][4]["outputs"]["value"], '{text:"a\\nb\\n",number:0}\n{text:"c\\nd\\n",number:1}\n{text:"e\\n",number:2}\n')
        found = self.server.call("GET", f"/api/v1/main/executions/search?triggerExecutionId={execution['id']}&size=10").json
        self.assertEqual(found["total"], 3)

    def test_a_kill_reaches_every_batch(self):
        self.server.deploy(BATCH.replace("one-batch", "slow-batch").replace("tasks:", "tasks:\n  - {id: wait, type: io.kestra.plugin.core.flow.Pause}"))
        self.server.deploy(EACH.replace("one-batch", "slow-batch").replace("each-line", "each-slow"))
        started = self.server.form("/api/v1/main/executions/company.team/each-slow", {"file": ("in.txt", b"a\nb\nc\nd\n")}).json
        for event in self.server.events(f"/api/v1/main/executions/{started['id']}/follow"):
            items = [run for run in event.get("taskRunList") or [] if run["taskId"] == "each_items"]
            if items and (items[0].get("outputs") or {}).get("iterations", {}).get("RUNNING") == 2:
                break
        self.server.call("DELETE", f"/api/v1/main/executions/{started['id']}/kill")
        self.server.wait_for(started["id"])
        found = self.server.call("GET", f"/api/v1/main/executions/search?triggerExecutionId={started['id']}&size=10").json["results"]
        self.assertEqual([self.server.wait_for(child["id"])["state"]["current"] for child in found], ["KILLED", "KILLED"])

    def test_a_state_outlives_a_kill_of_the_server(self):
        server = Server()
        try:
            server.deploy("id: counter\nnamespace: company.team\ntasks:\n  - {id: get, type: io.kestra.plugin.core.state.Get}\n"
                          "  - {id: set, type: io.kestra.plugin.core.state.Set, data: {n: \"{{ (outputs.get.data.n ?? '') ~ 'x' }}\"}}\n  - {id: now, type: io.kestra.plugin.core.state.Get}\n")
            self.assertEqual(server.run("company.team", "counter")["taskRunList"][2]["outputs"], {"count": 1, "data": {"n": "x"}})
            server.kill()
            server.start()
            self.assertEqual(server.run("company.team", "counter")["taskRunList"][2]["outputs"], {"count": 1, "data": {"n": "xx"}})
        finally:
            server.close()

    def test_a_trigger_is_turned_off_and_on_by_a_flow(self):
        self.server.deploy("id: planned\nnamespace: company.team\ntasks:\n  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}\n"
                           "triggers:\n  - {id: yearly, type: io.kestra.plugin.core.trigger.Schedule, cron: \"0 0 1 1 *\"}\n")
        toggle = "id: toggle-{0}\nnamespace: company.team\ntasks:\n  - {{id: t, type: io.kestra.plugin.core.trigger.Toggle, flowId: planned, trigger: {1}, enabled: {2}}}\n"
        for name, trigger, enabled, state in (("off", "yearly", "false", "SUCCESS"), ("on", "yearly", "true", "SUCCESS"), ("none", "nope", "true", "FAILED")):
            self.server.deploy(toggle.format(name, trigger, enabled))
            self.assertEqual(self.server.run("company.team", f"toggle-{name}")["state"]["current"], state)
            if state == "SUCCESS":
                found = self.server.call("GET", "/api/v1/main/triggers/company.team/planned").json["results"]
                self.assertEqual([one["disabled"] for one in found], [enabled == "false"])


class Answering(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked += 1
        body = json.dumps({"ready": self.server.ready, "asked": self.server.asked}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        with self.server.answered:
            self.server.answered.notify_all()

    def log_message(self, *_):
        pass


class HttpTrigger(unittest.TestCase):
    def setUp(self):
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.http.asked, self.http.ready, self.http.answered = 0, False, threading.Condition()
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.server = Server()

    def tearDown(self):
        self.server.close()
        self.http.shutdown()
        self.http.server_close()

    def executions(self) -> list[dict]:
        return self.server.call("GET", "/api/v1/main/executions/search?namespace=company.team&flowId=polled&size=100").json["results"]

    def until(self, holds) -> None:
        limit = time.monotonic() + 30
        while not holds() and time.monotonic() < limit:
            with self.http.answered:
                self.http.answered.wait(0.2)   # or until the next request
        self.assertTrue(holds())

    def test_an_answer_that_holds_starts_one_execution_which_keeps_it_from_asking(self):
        self.server.deploy("id: polled\nnamespace: company.team\ntasks:\n  - {id: hold, type: io.kestra.plugin.core.flow.Pause}\n  - {id: a, type: io.kestra.plugin.core.debug.Return, format: \"{{ trigger.code }} {{ trigger.body }}\"}\n"
                           f"triggers:\n  - id: http\n    type: io.kestra.plugin.fs.http.Trigger\n    uri: http://127.0.0.1:{self.http.server_port}/\n    responseCondition: \"{{{{ json(response.body).ready }}}}\"\n    interval: PT1S\n")
        self.until(lambda: self.http.asked >= 2)
        self.assertEqual(self.executions(), [])
        self.http.ready = True
        self.until(lambda: len(self.executions()) == 1)
        asked = self.http.asked
        self.server.kill()
        self.server.start()
        execution = self.executions()[0]
        self.assertEqual(execution["trigger"]["id"], "http")
        self.assertEqual(execution["trigger"]["type"], "io.kestra.plugin.core.http.Trigger")
        self.server.wait_for(execution["id"], {"PAUSED"})
        self.http.ready = False
        self.assertEqual(self.http.asked, asked)
        self.server.form(f"/api/v1/main/executions/{execution['id']}/resume", {})
        ended = self.server.wait_for(execution["id"])
        self.assertEqual(ended["taskRunList"][1]["outputs"]["value"], "200 " + json.dumps({"ready": True, "asked": asked}))
        self.until(lambda: self.http.asked > asked)
        self.assertEqual(len(self.executions()), 1)


if __name__ == "__main__":
    unittest.main()
