"""The calls that the Terraform provider `kestra-io/kestra` makes for tenants, users, groups, roles, bindings, service accounts, API tokens and flows
(features.md, Appendix B): create, read, change, read again, import by id, delete, read a 404. Success is 200, 201 or 204; a body is JSON or empty."""
import json
import unittest

from end_to_end.server import EMAIL, PASSWORD, Server

FLOW = """# a comment that must come back
id: tf-flow
namespace: io.kestra.terraform.data
variables:
  big: 12345678901234567890123
tasks:
  - id: t1 # and this one
    type: io.kestra.plugin.core.debug.Return
    format: first {{ taskrun.startDate }}
"""


class Provider:
    """Basic, then Bearer, then the cookie: whichever the provider was configured with."""

    def __init__(self, server: Server, **credentials):
        self.server, self.credentials = server, credentials

    def call(self, method: str, path: str, body=None, content_type: str | None = None):
        headers = {"Accept": "application/json"}
        user = f"{self.credentials['username']}:{self.credentials['password']}" if "username" in self.credentials else None
        if "api_token" in self.credentials:
            headers["Authorization"] = "Bearer " + self.credentials["api_token"]
        answer = self.server.call(method, path, body, content_type=content_type, user=user, headers=headers)
        return answer.status, json.loads(answer.body) if answer.body else None

    def good(self, method: str, path: str, body=None, content_type: str | None = None):
        status, value = self.call(method, path, body, content_type)
        assert status in (200, 201, 204), (method, path, status, value)
        return value


class Terraform(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.provider = Provider(cls.server, username=EMAIL, password=PASSWORD)
        cls.provider.good("POST", "/api/v1/tenants", {"id": "unit_test", "name": "Unit Test"})

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def life(self, base: str, create: dict, change: dict, shown: set[str], verb: str = "PUT", create_path: str | None = None):
        """One resource: what was sent comes back, an import finds it by its id, and after deletion it is a 404."""
        made = self.provider.good("POST", create_path or base, create)
        self.assertTrue(made.get("id"), made)
        path = f"{base}/{made['id']}"
        for key in shown & create.keys():
            self.assertEqual(made[key], create[key], made)
        read = self.provider.good("GET", path)
        for key in shown & create.keys():
            self.assertEqual(read[key], create[key], read)
        self.provider.good(verb, path, change)
        again = self.provider.good("GET", path)
        for key in shown & change.keys():
            self.assertEqual(again[key], change[key], again)
        self.provider.good("DELETE", path)
        self.assertEqual(self.provider.call("GET", path)[0], 404)
        return made

    def test_tenant(self):
        body = {"id": "tf_tenant", "name": "My tenant", "storageType": "local", "storageConfiguration": {"basePath": "/x"}, "requireExistingNamespace": True, "outputsInInternalStorage": False,
                "storageIsolation": {"enabled": False, "deniedServices": []}, "workerGroup": {"key": "wg", "fallback": "WAIT"}}
        self.life("/api/v1/tenants", body, {**body, "name": "Another name"}, {"id", "name", "requireExistingNamespace", "outputsInInternalStorage", "storageType", "workerGroup"})

    def test_user_and_its_password_token_and_groups(self):
        body = {"email": "tf@example.com", "firstName": "Terra", "lastName": "Form", "tenants": ["unit_test"], "groups": []}
        self.life("/api/v1/users", {**body, "password": "Passw0rd-of-tf"}, {**body, "firstName": "Terrence"}, {"email", "firstName", "lastName"})
        user = self.provider.good("POST", "/api/v1/users", {**body, "email": "tf2@example.com"})
        self.provider.good("PATCH", f"/api/v1/users/{user['id']}/password", {"password": "Passw0rd-of-tf2"})
        group = self.provider.good("POST", "/api/v1/unit_test/groups", {"name": "tf-members", "description": ""})
        self.provider.good("PUT", f"/api/v1/unit_test/groups/{group['id']}/members/{user['id']}?membership=MEMBER")
        members = self.provider.good("GET", f"/api/v1/unit_test/groups/{group['id']}/members?page=1&size=100")
        self.assertEqual([member["id"] for member in members["results"]], [user["id"]])
        self.provider.good("PUT", f"/api/v1/unit_test/groups/{group['id']}/members/membership/{user['id']}?membership=OWNER")
        self.provider.good("DELETE", f"/api/v1/unit_test/groups/{group['id']}/members/{user['id']}")
        token = self.provider.good("POST", f"/api/v1/users/{user['id']}/api-tokens", {"name": "tf-token", "description": "d", "maxAge": "PT1H", "extended": False})
        self.assertTrue(token["fullToken"])
        listed = self.provider.good("GET", f"/api/v1/users/{user['id']}/api-tokens")
        self.assertEqual([one["id"] for one in listed["results"]], [token["id"]])
        self.assertNotIn(token["fullToken"], json.dumps(listed))
        self.provider.good("DELETE", f"/api/v1/users/{user['id']}/api-tokens/{token['id']}")
        self.assertEqual(self.provider.good("GET", f"/api/v1/users/{user['id']}/api-tokens")["results"], [])

    def test_group(self):
        self.life("/api/v1/unit_test/groups", {"name": "tf-group", "description": "first"}, {"name": "tf-group", "description": "second"}, {"name", "description"})

    def test_role_in_both_models(self):
        self.life("/api/v1/unit_test/roles", {"name": "tf-role", "description": "r", "permissions": {"FLOW": ["VIEW", "LIST"], "EXECUTION": ["VIEW"]}},
                  {"name": "tf-role", "description": "changed", "permissions": {"FLOW": ["VIEW"]}}, {"name", "description"})
        old = self.provider.good("POST", "/api/v1/unit_test/roles", {"name": "tf-old", "permissions": {"FLOW": ["READ", "UPDATE"], "KVSTORE": ["CREATE", "READ"]}})
        self.assertIn("EXECUTE", old["permissions"]["FLOW"])
        found = self.provider.good("GET", "/api/v1/unit_test/roles/search?page=1&size=100&filters%5Bq%5D%5BEQUALS%5D=tf-old")
        self.assertEqual([role["name"] for role in found["results"]], ["tf-old"])

    def test_binding(self):
        role = self.provider.good("POST", "/api/v1/unit_test/roles", {"name": "tf-bound", "permissions": {"FLOW": ["VIEW"]}})
        group = self.provider.good("POST", "/api/v1/unit_test/groups", {"name": "tf-bound", "description": ""})
        made = self.provider.good("POST", "/api/v1/unit_test/bindings", {"type": "GROUP", "externalId": group["id"], "roleId": role["id"], "namespaceId": "io.kestra.terraform"})
        read = self.provider.good("GET", f"/api/v1/unit_test/bindings/{made['id']}")
        self.assertEqual((read["type"], read["group"]["id"], read["role"]["id"], read["namespace"]), ("GROUP", group["id"], role["id"], "io.kestra.terraform"))
        self.provider.good("DELETE", f"/api/v1/unit_test/bindings/{made['id']}")
        self.assertEqual(self.provider.call("GET", f"/api/v1/unit_test/bindings/{made['id']}")[0], 404)

    def test_service_account_and_its_token(self):
        self.life("/api/v1/unit_test/service-accounts", {"name": "tf-account", "description": "first"}, {"name": "tf-account", "description": "second"}, {"name", "description"})
        account = self.provider.good("POST", "/api/v1/unit_test/service-accounts", {"name": "tf-robot", "description": ""})
        token = self.provider.good("POST", f"/api/v1/unit_test/service-accounts/{account['id']}/api-tokens", {"name": "tf-robot-token", "maxAge": "P1D"})
        self.provider.good("POST", "/api/v1/unit_test/bindings", {"type": "USER", "externalId": account["id"], "roleId": "DEVELOPER"})
        robot = Provider(self.server, api_token=token["fullToken"])
        self.assertEqual(robot.call("GET", "/api/v1/unit_test/flows/search")[0], 200)
        self.assertIn(robot.call("GET", "/api/v1/main/flows/search")[0], (404,))
        self.provider.good("DELETE", f"/api/v1/unit_test/service-accounts/{account['id']}/api-tokens/{token['id']}")
        self.assertEqual(robot.call("GET", "/api/v1/unit_test/flows/search")[0], 401)

    def test_flow(self):
        base = "/api/v1/main/flows"
        self.provider.good("POST", base + "/validate", FLOW, "application/x-yaml")
        self.provider.good("POST", base, FLOW, "application/x-yaml")
        path = base + "/io.kestra.terraform.data/tf-flow"
        self.assertEqual(self.provider.good("GET", path + "?source=true")["source"], FLOW)
        changed = FLOW.replace("first", "second")
        self.provider.good("PUT", path, changed, "application/x-yaml")
        self.assertEqual(self.provider.good("GET", path + "?source=true")["source"], changed)
        self.provider.good("DELETE", path)
        self.assertEqual(self.provider.call("GET", path + "?source=true")[0], 404)

    def test_the_cookie_signs_in_too(self):
        answer = self.server.call("POST", "/api/v1/login", {"username": EMAIL, "password": PASSWORD}, user=None)
        self.assertLess(answer.status, 300, answer.body)
        jwt = answer.headers["Set-Cookie"].split("JWT=")[1].split(";")[0]
        read = self.server.call("GET", "/api/v1/tenants/unit_test", user=None, headers={"Cookie": f"JWT={jwt}"})
        self.assertEqual((read.status, read.json["id"]), (200, "unit_test"))


if __name__ == "__main__":
    unittest.main()
