"""Secrets stay out of what people read: log lines of inline tasks and of jobs, as they are and encoded, in the same task and in later ones."""
import base64
import json
import unittest

from end_to_end.server import Server

TOKEN, PASSWORD = "tok-9f8e7d6c5b", "pass word/with=signs"

FLOW = """id: secretive
namespace: a.b
inputs:
  - {id: password, type: SECRET}
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log, message: "token {{ secret('TOKEN') }} password {{ inputs.password }}"}
  - id: shell
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    env: {TOKEN: "{{ secret('TOKEN') }}", PASSWORD: "{{ inputs.password }}"}
    commands:
      - echo "job token $TOKEN"
      - echo "job password $PASSWORD" >&2
      - printf %s "$TOKEN" | base64
      - 'echo "::{\\"logs\\":[{\\"level\\":\\"WARN\\",\\"message\\":\\"told $TOKEN\\"}],\\"outputs\\":{\\"kept\\":\\"$TOKEN\\"}}::"'
      - test -n "$TOKEN"
  - {id: later, type: io.kestra.plugin.core.log.Log, message: "later {{ outputs.shell.vars.kept }}"}
  - id: rest
    type: io.kestra.plugin.core.flow.Sleep
    duration: PT1S
  - {id: afterwards, type: io.kestra.plugin.core.log.Log, message: "afterwards {{ outputs.shell.vars.kept }} {{ inputs.password }}"}
  - id: fails
    type: io.kestra.plugin.core.execution.Fail
    errorMessage: "failed with {{ secret('TOKEN') }}"
"""


class Secrets(unittest.TestCase):
    def setUp(self):
        self.server = Server({"SECRET_TOKEN": base64.b64encode(TOKEN.encode()).decode()})
        self.server.deploy(FLOW)

    def tearDown(self):
        self.server.close()

    def assert_hidden(self, id: str) -> list[str]:
        text = json.dumps(self.server.logs(id))
        for secret in (TOKEN, PASSWORD, base64.b64encode(TOKEN.encode()).decode()):
            self.assertNotIn(secret, text)
        return [log["message"] for log in self.server.logs(id)]

    def test_no_log_line_shows_the_value_of_a_secret_or_of_a_secret_input(self):
        execution = self.server.run("a.b", "secretive", fields={"password": PASSWORD})
        self.assertEqual(execution["state"]["current"], "FAILED")
        self.assertNotIn(PASSWORD, json.dumps(execution))
        messages = self.assert_hidden(execution["id"])
        for line in ("token ****** password ******", "job token ******", "job password ******", "told ******", "later ******", "afterwards ****** ******", "failed with ******"):
            self.assertIn(line, messages)

    def test_after_a_restart_of_the_server_too(self):
        id = self.server.form("/api/v1/main/executions/a.b/secretive", {"password": PASSWORD}).json["id"]
        for event in self.server.events(f"/api/v1/main/executions/{id}/follow"):
            if any(run["taskId"] == "rest" for run in event.get("taskRunList") or []):
                break
        self.server.kill()
        self.server.start()
        self.assertEqual(self.server.wait_for(id)["state"]["current"], "FAILED")
        self.assertIn("afterwards ****** ******", self.assert_hidden(id))
