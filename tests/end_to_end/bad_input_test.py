"""What is wrong is told, and the server lives."""
import socket
import unittest

from end_to_end.server import Server

LOG = "id: ok\nnamespace: a.b\ntasks:\n  - id: log\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n"


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server({"INSULA_SERVER_BODY_BYTES_MAX": "200000"})
        cls.server.deploy(LOG)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def tearDown(self):
        self.assertEqual(self.server.call("GET", "/ping", user=None).body, b"pong")

    def refused(self, source: str) -> str:
        answer = self.server.call("POST", "/api/v1/main/flows", source)
        self.assertEqual(answer.status, 422, answer.body)
        return answer.body.decode()

    def test_invalid_yaml_unknown_properties_types_and_duplicate_ids(self):
        self.refused("id: [\n")
        self.assertIn("message", self.refused(LOG.replace("message", "mesage")))
        self.assertIn("Invalid type", self.refused(LOG.replace("log.Log", "log.Lgo")))
        self.assertIn("Duplicate task id", self.refused(LOG + "  - id: log\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n"))
        self.refused("&a [*a, *a]")
        self.refused("a: " + "[" * 10_000)
        self.refused("\x00")

    def test_all_violations_are_told_at_once(self):
        text = self.refused("id: x\nnamespace: A.b\ntasks:\n  - id: a.b\n    type: io.kestra.plugin.core.log.Log\n")
        for part in ("namespace", "message"):
            self.assertIn(part, text)

    def test_every_violation_has_its_place(self):
        source = LOG.replace("id: ok", "id: placed").replace("message: hi", "mesage: hi") + "  - id: log\n    type: io.kestra.plugin.core.log.Logg\n"
        for answer in (self.server.call("POST", "/api/v1/main/flows/validate", source).json[0], self.server.call("POST", "/api/v1/main/flows", source).json):
            places = {(one["line"], one["column"], one["path"]) for one in answer["violations"]}
            self.assertLessEqual({(6, 5, "tasks[0].mesage"), (8, 5, "tasks[1]")}, places)
            self.assertEqual({one["path"]: one.get("suggestion") for one in answer["violations"]}["tasks[1]"], "io.kestra.plugin.core.log.Log")

    def test_bodies_that_are_too_large_are_413(self):
        self.assertEqual(self.server.call("POST", "/api/v1/main/flows", "a" * 300_000).status, 413)

    def test_unknown_things_are_404_and_broken_requests_400(self):
        for path in ("/api/v1/main/flows/a.b/none", "/api/v1/main/executions/none", "/api/v1/nobody/flows/a.b/ok", "/api/v1/main/nothing-here"):
            self.assertEqual(self.server.call("GET", path).status, 404, path)
        host, port = self.server.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"NONSENSE\r\n\r\n")
            self.assertTrue(connection.recv(100).startswith(b"HTTP/1.1 400"))

    def test_path_tricks_do_not_reach_a_handler(self):
        for path in ("/api/v1/main//flows/search", "/api/v1/main/./flows/search", "/api/v1/x/..;/main/flows/search", "/api/v1/MAIN/flows/search", "/api/v1/main/flows%2Fsearch",
                     "/api/v1/%2e%2e/configs", "/api/v1/configs/flows/search"):
            self.assertIn(self.server.call("GET", path).status, (400, 404), path)
        self.assertEqual(self.server.call("GET", "/api/v1/main/flows/search;a=b").json, [], "a segment is data: the flows of a namespace of that name")

    def test_values_that_no_input_takes_are_told_in_the_log(self):
        self.server.deploy(LOG.replace("id: ok", "id: asks").replace("tasks:", "inputs:\n  - {id: x, type: STRING}\ntasks:"))
        execution = self.server.run("a.b", "asks", fields={"x": "1", "z": "2", "y": "3"})
        lines = [line["message"] for line in self.server.call("GET", f"/api/v1/main/logs/{execution['id']}?minLevel=WARN").json]
        self.assertEqual(lines, [f"Input {name} was provided for workflow a.b.asks but isn't declared in the workflow inputs" for name in "yz"])
        self.assertEqual(execution["inputs"], {"x": "1"})

    def test_an_upload_of_the_wrong_kind_is_told(self):
        source = LOG.replace("id: ok", "id: typed").replace("tasks:", "inputs:\n  - id: n\n    type: INT\ntasks:")
        self.server.deploy(source)
        answer = self.server.form("/api/v1/main/executions/a.b/typed", {"n": "many"})
        self.assertEqual(answer.status, 422)
        self.assertIn("n", answer.json["message"])
        self.assertEqual(self.server.form("/api/v1/main/executions/a.b/typed", {"x": "1"}).status, 422)
        broken = self.server.call("POST", "/api/v1/main/executions/a.b/typed", b"no parts here", content_type="multipart/form-data")
        self.assertIn(broken.status, (400, 422))

    def test_bad_sorts_pages_and_filters_are_told(self):
        for query in ("sort=nope", "page=0", "size=0", "filters%5Bnope%5D%5BEQUALS%5D=x", "sort=id%3B%20drop%20table%20executions:asc"):
            self.assertIn(self.server.call("GET", f"/api/v1/main/executions/search?{query}").status, (400, 422), query)
