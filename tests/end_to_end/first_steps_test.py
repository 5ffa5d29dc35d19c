"""What a new user does in the first minutes, over HTTP and by the command line."""
import json
import tempfile
import unittest
from pathlib import Path

from end_to_end.server import EMAIL, PASSWORD, ROOT, Server, insula

HELLO = (ROOT / "examples" / "hello.yml").read_text()
LOOP = (ROOT / "examples" / "loop.yml").read_text()
SCRIPTS = (ROOT / "examples" / "scripts.yml").read_text()
WEBHOOK = (ROOT / "examples" / "webhook.yml").read_text()


class FirstSteps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.server.create_tenant("stage")
        for source in (HELLO, LOOP, SCRIPTS, WEBHOOK):
            cls.server.deploy(source)
        cls.server.deploy(HELLO, "stage")

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_ping_and_health_need_no_credentials_but_flows_do(self):
        self.assertEqual(self.server.call("GET", "/ping", user=None).body, b"pong")
        self.assertEqual(self.server.call("GET", "/health", user=None).status, 200)
        refused = self.server.call("GET", "/api/v1/main/flows/search", user=None)
        self.assertEqual(refused.status, 401)
        self.assertTrue(refused.headers["WWW-Authenticate"].startswith("Basic"))
        self.assertEqual(self.server.call("GET", "/api/v1/main/flows/search", user=f"{EMAIL}:wrong").status, 401)

    def test_a_flow_runs_with_inputs_logs_and_outputs(self):
        execution = self.server.run("company.team", "hello", fields={"name": "Ada"})
        self.assertEqual(execution["state"]["current"], "SUCCESS")
        self.assertEqual(execution["outputs"], {"greeting": "Hello Ada"})
        self.assertEqual([log["message"] for log in self.server.logs(execution["id"])][-1], "Hello Ada, this is tenant main")

    def test_the_same_flow_lives_in_two_tenants_and_neither_sees_the_other(self):
        execution = self.server.run("company.team", "hello", "stage", {"name": "Bob"})
        self.assertEqual(self.server.logs(execution["id"], "stage")[-1]["message"], "Hello Bob, this is tenant stage")
        self.assertEqual(self.server.call("GET", f"/api/v1/main/executions/{execution['id']}").status, 404)
        self.assertEqual(self.server.call("GET", f"/api/v1/main/logs/{execution['id']}").json, [])
        self.assertEqual(self.server.call("GET", "/api/v1/nobody/flows/search").status, 404)
        ids = [found["id"] for found in self.server.call("GET", "/api/v1/main/executions/search?size=100").json["results"]]
        self.assertNotIn(execution["id"], ids)

    def test_the_default_tenant_is_served_without_its_segment(self):
        with_tenant = self.server.call("GET", "/api/v1/main/flows/company.team/hello").json
        self.assertEqual(self.server.call("GET", "/api/v1/flows/company.team/hello").json, with_tenant)

    def test_a_loop_and_a_decision(self):
        execution = self.server.run("company.team", "loop")
        self.assertEqual(execution["state"]["current"], "SUCCESS", self.server.logs(execution["id"]))
        self.assertEqual(sorted(log["message"] for log in self.server.logs(execution["id"]) if log.get("taskId") == "show"), ["BLUE", "GREEN", "RED"])

    def test_scripts_pass_values_and_files(self):
        execution = self.server.run("company.team", "scripts")
        self.assertEqual(execution["state"]["current"], "SUCCESS", self.server.logs(execution["id"]))
        self.assertEqual(self.server.logs(execution["id"])[-1]["message"], "5 numbers, total 15")
        uri = next(run for run in execution["taskRunList"] if run["taskId"] == "make")["outputs"]["outputFiles"]["numbers.txt"]
        self.assertEqual(self.server.call("GET", f"/api/v1/main/executions/{execution['id']}/file?path={uri}").body, b"1\n2\n3\n4\n5\n")

    def test_a_webhook_starts_an_execution(self):
        path = "/api/v1/main/executions/webhook/company.team/webhook/"
        started = self.server.call("POST", path + "let-me-in-4wjtkzwVGBM9yKnjm3yv8r", {"a": 1}, user=None)
        self.assertEqual(started.status, 200)
        ended = self.server.wait_for(started.json["id"])
        self.assertEqual(ended["state"]["current"], "SUCCESS")
        self.assertEqual(ended["trigger"]["variables"]["body"], {"a": 1})
        self.assertEqual(self.server.call("POST", path + "wrong", {}, user=None).status, 404)

    def test_configs_me_metrics_and_routes(self):
        self.assertIn("version", self.server.call("GET", "/api/v1/configs", user=None).json)
        me = self.server.call("GET", "/api/v1/me").json
        self.assertIn("main", [tenant["id"] for tenant in me["tenants"]])
        self.assertIn("insula_", self.server.call("GET", "/metrics").body.decode())
        self.assertIn("/api/v1/{tenant}/flows", insula("routes").stdout)


class CommandLine(unittest.TestCase):
    def test_validate_names_line_column_and_the_near_word(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bad.yml"
            path.write_text("id: bad\nnamespace: a.b\ntasks:\n  - id: log\n    type: io.kestra.plugin.core.log.Log\n    mesage: hi\n")
            done = insula("flow", "validate", str(path))
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertIn("bad.yml:6:5", done.stdout)
            self.assertIn("message", done.stdout)
        self.assertEqual(insula("flow", "validate", str(ROOT / "examples")).returncode, 0)

    def test_run_ends_with_the_state_as_exit_code(self):
        done = insula("flow", "run", str(ROOT / "examples" / "hello.yml"), "--input", "name=Ada", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout)["outputs"], {"greeting": "Hello Ada"})
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "fails.yml"
            path.write_text("id: fails\nnamespace: a.b\ntasks:\n  - id: no\n    type: io.kestra.plugin.core.execution.Fail\n")
            self.assertEqual(insula("flow", "run", str(path)).returncode, 1)
            self.assertEqual(insula("flow", "run", str(Path(folder) / "missing.yml")).returncode, 1)
        wrong = insula("flow", "run", str(ROOT / "examples" / "hello.yml"), "--input", "nme=Ada")
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("did you mean `name`", wrong.stderr)

    def test_tenants_are_created_with_and_without_a_running_server(self):
        server = Server()
        try:
            done = insula("tenants", "create", "--tenant", "stage", "--name", "Staging", "--admin-username", EMAIL, "--data", str(server.data))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(server.call("GET", "/api/v1/stage/flows/search").status, 200)
            again = insula("tenants", "create", "--tenant", "stage", "--name", "Staging", "--data", str(server.data))
            self.assertEqual(again.returncode, 1)
            self.assertIn("exists", again.stderr)
            self.assertEqual(insula("tenants", "create", "--tenant", "Stage!", "--name", "x", "--data", str(server.data)).returncode, 1)
            self.assertEqual(server.terminate(), 0)
            done = insula("tenants", "create", "--tenant", "late", "--name", "Late", "--data", str(server.data))
            self.assertEqual(done.returncode, 0, done.stderr)
            server.start()
            self.assertIn("late", [found["id"] for found in server.call("GET", "/api/v1/tenants/search?size=100").json["results"]])
        finally:
            server.close()

    def test_help_version_and_wrong_options(self):
        self.assertIn("insula flow run", insula("flow", "run", "--help").stdout)
        self.assertRegex(insula("version").stdout, r"insula \d+\.\d+")
        self.assertEqual(insula("nonsense").returncode, 2)


if __name__ == "__main__":
    unittest.main()
