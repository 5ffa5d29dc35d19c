"""Files between executions: a subflow of a subflow reads what its grandparent was given, nobody else does."""
import unittest

from end_to_end.server import Server

GRANDCHILD = """id: grandchild
namespace: a.b
inputs:
  - {id: file, type: STRING}
tasks:
  - {id: inline, type: io.kestra.plugin.core.log.Log, message: "inline {{ read(inputs.file) }}"}
  - id: job
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    inputFiles: {given.txt: "{{ inputs.file }}"}
    commands: ["echo job $(cat given.txt)"]
"""
CHILD = """id: child
namespace: a.b
inputs:
  - {id: file, type: STRING}
tasks:
  - {id: down, type: io.kestra.plugin.core.flow.Subflow, namespace: a.b, flowId: grandchild, wait: true, inputs: {file: "{{ inputs.file }}"}}
"""
PARENT = """id: parent
namespace: a.b
inputs:
  - {id: file, type: FILE}
tasks:
  - {id: down, type: io.kestra.plugin.core.flow.Subflow, namespace: a.b, flowId: child, wait: true, inputs: {file: "{{ inputs.file }}"}}
"""


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        for source in (GRANDCHILD, CHILD, PARENT):
            cls.server.deploy(source)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_a_grandchild_reads_a_file_of_its_grandparent(self):
        parent = self.server.run("a.b", "parent", fields={"file": ("note.txt", b"from above")})
        logs = self.server.call("GET", "/api/v1/main/logs/search?filters[flowId][EQUALS]=grandchild&size=100").json["results"]
        self.assertEqual(parent["state"]["current"], "SUCCESS", logs)
        messages = [log["message"] for log in logs]
        self.assertIn("inline from above", messages)
        self.assertIn("job from above", messages)

    def test_an_execution_that_descends_from_nobody_reads_no_file_of_another(self):
        parent = self.server.run("a.b", "parent", fields={"file": ("note.txt", b"from above")})
        stranger = self.server.run("a.b", "grandchild", fields={"file": parent["inputs"]["file"]})
        self.assertEqual(stranger["state"]["current"], "FAILED")
        self.assertNotIn("from above", str(self.server.logs(stranger["id"])))
