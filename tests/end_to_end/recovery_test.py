"""Killed and started again: running executions go on, inline work is not doubled, acknowledged means durable."""
import subprocess
import threading
import unittest

from end_to_end.server import Server

SLOW = """id: slow
namespace: a.b
tasks:
  - {id: before, type: io.kestra.plugin.core.log.Log, message: before}
  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1S}
  - {id: after, type: io.kestra.plugin.core.log.Log, message: after}
"""
SCRIPT = """id: script
namespace: a.b
tasks:
  - {id: before, type: io.kestra.plugin.core.log.Log, message: before}
  - id: job
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ["sleep 2"]
  - {id: after, type: io.kestra.plugin.core.log.Log, message: after}
"""
FOREVER = """id: forever
namespace: a.b
tasks:
  - id: job
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {type: io.kestra.plugin.core.runner.Process}
    commands: ["(setsid sleep 98765 &) ; sleep 98765"]
"""


class Recovery(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        for source in (SLOW, SCRIPT, FOREVER):
            self.server.deploy(source)

    def tearDown(self):
        self.server.close()

    def start(self, flow: str) -> str:
        answer = self.server.form(f"/api/v1/main/executions/a.b/{flow}", {})
        self.assertEqual(answer.status, 200)
        return answer.json["id"]

    def test_kill_9_loses_nothing_and_doubles_no_inline_work(self):
        ids = [self.start("slow") for _ in range(20)]
        self.server.kill()
        self.server.start()
        for id in ids:
            self.assertEqual(self.server.wait_for(id)["state"]["current"], "SUCCESS")
            self.assertEqual([log["message"] for log in self.server.logs(id)], ["before", "Waiting for PT1S", "after"])

    def test_a_job_in_flight_is_resubmitted_under_the_same_attempt(self):
        id = self.start("script")
        self.server.wait_for(id, {"RUNNING"})
        self.server.kill()
        self.server.start()
        ended = self.server.wait_for(id)
        self.assertEqual(ended["state"]["current"], "SUCCESS", self.server.logs(id))
        job = next(run for run in ended["taskRunList"] if run["taskId"] == "job")
        self.assertEqual(len(job["attempts"]), 1)
        self.assertEqual([log["message"] for log in self.server.logs(id) if log.get("taskId") == "before"], ["before"])

    def test_killing_an_execution_kills_the_whole_tree_of_its_processes(self):
        id = self.start("forever")
        self.server.wait_for(id, {"RUNNING"})
        self.assertEqual(self.server.call("DELETE", f"/api/v1/main/executions/{id}/kill").status, 202)
        self.assertEqual(self.server.wait_for(id)["state"]["current"], "KILLED")
        self.assertEqual(self.server.terminate(), 0)
        left = subprocess.run(["pgrep", "-f", "sleep 98765"], capture_output=True, text=True).stdout.split()
        self.assertEqual(left, [])
        self.server.start()

    def test_a_stop_ends_streams_and_exits_with_0(self):
        id = self.start("slow")
        seen: list = []

        def follow() -> None:
            try:
                seen.extend(self.server.events(f"/api/v1/main/executions/{id}/follow"))
            except OSError:
                pass

        follower = threading.Thread(target=follow)
        follower.start()
        self.server.wait_for(id, {"RUNNING"})
        self.assertEqual(self.server.terminate(), 0)
        follower.join(timeout=30)
        self.assertFalse(follower.is_alive())
        self.server.start()
        self.assertEqual(self.server.wait_for(id)["state"]["current"], "SUCCESS")

    def test_the_data_folder_has_one_owner(self):
        second = subprocess.run([self.server.process.args[0], "server", "standalone", "--port", "0", "--data", str(self.server.data)], capture_output=True, text=True, timeout=60, env=self.server.environment)
        self.assertEqual(second.returncode, 1)
        self.assertIn("in use", second.stderr)
