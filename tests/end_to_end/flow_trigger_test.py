"""Flow triggers and WorkingDirectory as a user meets them, over HTTP, also through a kill of the server."""
import shutil
import os
import time
import unittest

from end_to_end.server import ROOT, Server

REPORT = (ROOT / "examples" / "flow-trigger.yml").read_text()
WATCH = (ROOT / "examples" / "conditions.yml").read_text()
DIRECTORY = (ROOT / "examples" / "working-directory.yml").read_text()


def source(id: str, output: str = "", task: str = "type: io.kestra.plugin.core.debug.Return\n    format: x", namespace: str = "company.team") -> str:
    outputs = f"outputs:\n  - id: rows\n    type: INT\n    value: \"{output}\"\n" if output else ""
    return f"id: {id}\nnamespace: {namespace}\nlabels:\n  from: {id}\ntasks:\n  - id: only\n    {task}\n{outputs}"


class OverHttp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.server.create_tenant("stage")

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def executions(self, flow: str, tenant: str = "main", namespace: str = "company.team") -> list[dict]:
        """All of a flow, each awaited to its end by its event stream."""
        found = self.server.call("GET", f"/api/v1/{tenant}/executions/search?namespace={namespace}&flowId={flow}&size=100").json["results"]
        return [self.server.wait_for(execution["id"], tenant=tenant) for execution in found]


class FlowTriggers(OverHttp):
    def test_two_flows_start_a_third_once_with_their_outputs_and_labels(self):
        for text in (REPORT, source("extract", "7"), source("clean")):
            self.server.deploy(text)
        first = self.server.run("company.team", "extract")
        self.assertEqual(self.executions("report"), [])
        self.server.run("company.team", "extract")
        last = self.server.run("company.team", "clean")
        made = self.executions("report")
        self.assertEqual(len(made), 1)
        execution = made[0]
        self.assertEqual(execution["state"]["current"], "SUCCESS")
        self.assertEqual(execution["inputs"], {"rows": 7})
        labels = {label["key"]: label["value"] for label in execution["labels"]}
        self.assertEqual(labels, {"upstream": "clean", "system.correlationId": last["id"]})
        trigger = execution["trigger"]
        self.assertEqual((trigger["id"], trigger["type"]), ("ready", "io.kestra.plugin.core.trigger.Flow"))
        self.assertEqual({key: trigger["variables"][key] for key in ("executionId", "namespace", "flowId", "flowRevision", "state", "executionLabels", "outputs")},
                         {"executionId": last["id"], "namespace": "company.team", "flowId": "clean", "flowRevision": 1, "state": "SUCCESS", "executionLabels": {"from": "clean", "system": {"from": "api"}}, "outputs": {"rows": 7}})
        self.server.run("company.team", "clean")   # the window began anew
        self.assertEqual(len(self.executions("report")), 1)
        self.assertNotEqual(first["id"], last["id"])

    def test_a_failure_is_heard_in_its_own_tenant_only_and_not_when_disabled(self):
        failing = source("failing", task="type: io.kestra.plugin.core.execution.Fail")
        for tenant in ("main", "stage"):
            self.server.deploy(WATCH, tenant)
            self.server.deploy(failing, tenant)
        failed = self.server.run("company.team", "failing", "stage")
        heard = lambda tenant: [execution["trigger"]["variables"]["executionId"] for execution in self.executions("watch", tenant, "company.operations") if execution["trigger"]["id"] == "failures"]
        self.assertEqual(heard("stage"), [failed["id"]])
        self.assertEqual(heard("main"), [])
        off = WATCH.replace("    states: [FAILED]", "    disabled: true\n    states: [FAILED]")
        self.assertEqual(self.server.call("PUT", "/api/v1/stage/flows/company.operations/watch", off).status, 200)
        self.server.run("company.team", "failing", "stage")
        self.assertEqual(len(heard("stage")), 1)
        self.assertEqual(self.server.call("DELETE", "/api/v1/main/flows/company.operations/watch").status, 204)
        self.server.run("company.team", "failing")
        self.assertEqual(heard("main"), [])

    def test_what_is_gathered_and_who_is_to_be_started_survive_a_kill_of_the_server(self):
        names = {"report": "report2", "extract": "extract2", "clean": "clean2"}
        listener = REPORT
        for old, new in names.items():
            listener = listener.replace(f"id: {old}\n", f"id: {new}\n").replace(f"flowId: {old}\n", f"flowId: {new}\n")
        for text in (listener, source("extract2", "3"), source("clean2")):
            self.server.deploy(text)
        self.server.run("company.team", "extract2")
        self.server.kill()
        self.server.start()
        last = self.server.run("company.team", "clean2")
        self.server.kill()   # the end of clean2 was told: what it starts is in the store
        self.server.start()
        made = self.executions("report2")
        self.assertEqual([(execution["trigger"]["variables"]["executionId"], execution["inputs"]) for execution in made], [(last["id"], {"rows": 3})])

    def test_a_flow_may_not_be_heard_by_itself_and_inputs_that_fail_are_told_in_the_log(self):
        self.server.deploy(source("loud") + "triggers:\n  - id: heard\n    type: io.kestra.plugin.core.trigger.Flow\n    conditions:\n      - {type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: company.team, flowId: loud}\n")
        self.server.deploy(source("deaf") + "triggers:\n  - id: heard\n    type: io.kestra.plugin.core.trigger.Flow\n    inputs: {a: \"{{ nothing.here }}\"}\n    conditions:\n      - {type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: company.team, flowId: loud}\n")
        loud = self.server.run("company.team", "loud")
        self.assertEqual(len(self.executions("loud")), 1)
        self.assertEqual(self.executions("deaf"), [])
        lines = self.server.call("GET", "/api/v1/main/logs/search?namespace=company.team&flowId=deaf&minLevel=WARN").json["results"]
        self.assertTrue(any(f"Failed to trigger flow company.team.deaf for trigger heard on execution {loud['id']}, invalid inputs" in line["message"] for line in lines), lines)


class WorkingDirectories(OverHttp):
    def test_tasks_share_a_folder_and_its_cache_outlives_it(self):
        self.server.deploy(DIRECTORY)
        for run in (1, 2):
            execution = self.server.run("company.team", "working-directory", fields={"name": "Ada"})
            self.assertEqual(execution["state"]["current"], "SUCCESS", self.server.logs(execution["id"]))
            self.assertEqual(self.server.logs(execution["id"])[-1]["message"], f"hello Ada, run {run}")
            self.assertEqual([run["taskId"] for run in execution["taskRunList"]], ["folder", "greet", "count", "show"])
        self.assertEqual(list((self.server.data / "work" / "sessions").rglob("greeting.txt")), [])

    def test_an_interrupted_task_runs_again_in_the_folder_as_it_was_left(self):
        flow = """id: interrupted
namespace: company.team
tasks:
  - id: folder
    type: io.kestra.plugin.core.flow.WorkingDirectory
    outputFiles: [log.txt]
    tasks:
      - id: first
        type: io.kestra.plugin.scripts.shell.Commands
        commands: [echo first >> log.txt]
      - id: second
        type: io.kestra.plugin.scripts.shell.Commands
        commands:
          - echo second >> log.txt
          - test -e again || { touch again; exec sleep 60; }
  - id: show
    type: io.kestra.plugin.core.log.Log
    message: "{{ read(outputs.folder.outputFiles['log.txt']) }}"
"""
        self.server.deploy(flow)
        started = self.server.form("/api/v1/main/executions/company.team/interrupted", {}).json
        self.until(lambda: list((self.server.data / "work" / "sessions").rglob("again")))
        self.server.kill()
        self.server.start()
        ended = self.server.wait_for(started["id"])
        self.assertEqual(ended["state"]["current"], "SUCCESS", self.server.logs(started["id"]))
        self.assertEqual(self.server.logs(started["id"])[-1]["message"], "first\nsecond\nsecond\n")
        self.until(lambda: not list((self.server.data / "work" / "sessions").rglob("again")))

    def test_a_folder_that_is_lost_is_told_and_a_restart_runs_everything_again(self):
        flow = """id: lost
namespace: company.team
tasks:
  - id: folder
    type: io.kestra.plugin.core.flow.WorkingDirectory
    tasks:
      - id: first
        type: io.kestra.plugin.scripts.shell.Commands
        commands: [touch here-it-was]
      - id: second
        type: io.kestra.plugin.scripts.shell.Commands
        commands: ["[ $(ls | wc -l) = 1 ]", touch working, "[ -e %s ] || exec sleep 60"]
""" % (self.server.data / "goes-on")
        self.server.deploy(flow)
        started = self.server.form("/api/v1/main/executions/company.team/lost", {}).json
        sessions = self.server.data / "work" / "sessions"
        self.until(lambda: list(sessions.rglob("working")))
        self.server.kill()
        shutil.rmtree(sessions)
        self.server.start()
        self.assertEqual(self.server.wait_for(started["id"])["state"]["current"], "FAILED")
        self.assertTrue(any("folder of the WorkingDirectory is gone" in line["message"] for line in self.server.logs(started["id"])))
        (self.server.data / "goes-on").touch()
        restarted = self.server.call("POST", f"/api/v1/main/executions/{started['id']}/restart")
        self.assertEqual(restarted.status, 200, restarted.body)
        self.until(lambda: self.server.execution(started["id"])["state"]["current"] == "SUCCESS")
        self.assertEqual([run["taskId"] for run in self.server.execution(started["id"])["taskRunList"]], ["folder", "first", "second"])

    def test_a_kill_removes_the_folder(self):
        flow = "id: long\nnamespace: company.team\ntasks:\n  - id: folder\n    type: io.kestra.plugin.core.flow.WorkingDirectory\n    tasks:\n      - id: wait\n        type: io.kestra.plugin.scripts.shell.Commands\n        commands: [touch here-it-is, exec sleep 60]\n"
        self.server.deploy(flow)
        started = self.server.form("/api/v1/main/executions/company.team/long", {}).json
        folders = lambda: [name for _, _, names in os.walk(self.server.data / "work" / "sessions") for name in names if name == "here-it-is"]   # which may go meanwhile
        self.until(folders)
        self.assertIn(self.server.call("DELETE", f"/api/v1/main/executions/{started['id']}/kill").status, (200, 202))
        self.assertEqual(self.server.wait_for(started["id"])["state"]["current"], "KILLED")
        self.until(lambda: not folders())

    def until(self, holds) -> None:
        """What is seen on disk only: asked for again and again, with a limit."""
        ended = time.monotonic() + 30
        while not holds():
            self.assertLess(time.monotonic(), ended, "it did not come")
            self.server.call("GET", "/ping")


if __name__ == "__main__":
    unittest.main()
