"""Who may do what: roles, groups, bindings, people, service accounts, tokens and invitations, against a real server."""
import unittest
import uuid

from end_to_end.server import EMAIL, PASSWORD, Answer, Server

ADMIN = f"{EMAIL}:{PASSWORD}"
SECRET = "Passw0rd-of-a-user"
FLOW = "id: {id}\nnamespace: {namespace}\ntasks:\n  - id: say\n    type: io.kestra.plugin.core.log.Log\n    message: hello\n"
READER = {"name": "Reader", "permissions": {"FLOW": ["READ"]}}


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


class Person:
    """Somebody with an account, and calls in their name."""

    def __init__(self, server: Server, id: str, email: str, password: str = SECRET):
        self.server, self.id, self.email, self.login = server, id, email, f"{email}:{password}"

    def call(self, method: str, path: str, body=None, **how) -> Answer:
        return self.server.call(method, path, body, user=self.login, **how)


class Identity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        for tenant in ("acme", "other"):
            cls.server.create_tenant(tenant)
        cls.server.deploy(FLOW.format(id="one", namespace="a.b"), "acme")
        cls.server.deploy(FLOW.format(id="two", namespace="ab"), "acme")

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    # ---- calls in short

    def call(self, method: str, path: str, body=None, expect: int | None = None, **how) -> Answer:
        answer = self.server.call(method, f"/api/v1{path}", body, **how)
        if expect is not None:
            self.assertEqual(answer.status, expect, f"{method} {path}: {answer.body!r}")
        return answer

    def person(self, **fields) -> Person:
        email = f"{unique('ada')}@example.com"
        made = self.call("POST", "/users", {"email": email, "firstName": "Ada", "lastName": "Lovelace", "password": SECRET, **fields}, 201).json
        return Person(self.server, made["id"], email)

    def role(self, permissions: dict, tenant: str = "acme", **fields) -> dict:
        return self.call("POST", f"/{tenant}/roles", {"name": unique("role"), "permissions": permissions, **fields}, 200).json

    def bind(self, subject: str, role: str, tenant: str = "acme", type: str = "USER", namespace: str | None = None) -> dict:
        return self.call("POST", f"/{tenant}/bindings", {"type": type, "externalId": subject, "roleId": role, "namespaceId": namespace}, 200).json

    def group(self, tenant: str = "acme", members: list[str] | None = None) -> dict:
        return self.call("POST", f"/{tenant}/groups", {"name": unique("group"), "description": "people", "membersId": members or []}, 200).json

    def status(self, person: Person, path: str = "/acme/flows/search") -> int:
        return person.call("GET", f"/api/v1{path}").status

    # ---- tenants

    def test_a_super_admin_has_no_rights_in_a_tenant_of_their_making(self):
        tenant = unique("fresh")
        self.call("POST", "/tenants", {"id": tenant, "name": "Fresh"}, 200)
        denied = self.call("GET", f"/{tenant}/flows/search", expect=403)
        self.assertNotIn("FLOW", denied.json["message"])
        self.call("GET", f"/{tenant}/acls/permissions", expect=200)
        me = self.call("GET", "/me").json
        self.bind(me["id"], "ADMIN", tenant)
        self.call("GET", f"/{tenant}/flows/search", expect=200)
        self.call("DELETE", f"/tenants/{tenant}", expect=204)
        self.call("GET", f"/tenants/{tenant}", expect=404)

    def test_tenant_fields_are_checked_and_come_back(self):
        tenant = unique("full")
        whole = {"id": tenant, "name": "Full", "storageIsolation": {"enabled": True, "deniedServices": ["WORKER"]}, "defaultWorkerSelector": {"tags": ["gpu"], "match": "ALL", "fallback": "WAIT"},
                 "workerGroup": {"key": "gpu", "fallback": "CANCEL"}, "concurrency": {"limit": 5, "behavior": "QUEUE"}, "storageType": "s3", "storageConfiguration": {"bucket": "b"},
                 "secretType": "vault", "secretReadOnly": False, "secretConfiguration": {"address": "x"}, "requireExistingNamespace": True, "outputsInInternalStorage": False,
                 "appCatalogConfig": {"title": "Apps"}, "settings": {"dashboard": {"defaultHomeDashboard": "home"}}, "quotas": [{"duration": "PT1H", "limit": 10, "behavior": "FAIL"}]}
        self.call("POST", "/tenants", whole, 200)
        self.assertEqual(self.call("GET", f"/tenants/{tenant}").json, {**whole, "deleted": False, "state": "active"})
        for wrong in ({"concurrency": {"limit": 0, "behavior": "QUEUE"}}, {"concurrency": {"limit": 1, "behavior": "WAIT"}}, {"quotas": [{"duration": "PT30S", "limit": 1, "behavior": "FAIL"}]},
                      {"quotas": [{"duration": "PT1H", "limit": 1, "behavior": "FAIL"}] * 2}, {"storageIsolation": {"deniedServices": ["COOK"]}}, {"secretReadOnly": "yes"}, {"name": " "}, {"id": "other"}):
            self.call("PUT", f"/tenants/{tenant}", {"id": tenant, "name": "Full", **wrong}, 422)
        self.call("POST", "/tenants", {"id": "No.Dots", "name": "x"}, 422)
        self.call("POST", "/tenants", {"id": tenant, "name": "again"}, 422)

    def test_logo_catalog_and_dashboards_of_a_tenant(self):
        picture = b"\x89PNG\r\n\x1a\n" + b"0" * 20
        shown = self.server.form("/api/v1/tenants/other/logo", {"logo": ("x.png", picture)})
        self.assertEqual(shown.status, 200, shown.body)
        self.assertTrue(shown.json["logo"].startswith("data:image/png;base64,"))
        self.assertEqual(self.server.form("/api/v1/tenants/other/logo", {"logo": ("x.html", b"<html>")}).status, 415)
        self.call("POST", "/tenants/other/apps-catalog", {"title": "Ours"}, 200)
        self.call("DELETE", "/tenants/other/apps-catalog/logo", expect=200)
        self.call("POST", "/tenants/other/settings/default-dashboards", {"defaultHomeDashboard": "d"}, 200)
        self.call("PUT", "/tenants/other", {"id": "other", "name": "other", "appCatalogConfig": {"title": "Ours"}}, 200)
        self.assertIn("logo", self.call("GET", "/tenants/other").json)
        member, stranger = self.person(tenants=["other"]), self.person()
        self.assertEqual(member.call("GET", "/api/v1/tenants/other/apps-catalog").json["title"], "Ours")
        self.assertEqual(self.status(stranger, "/tenants/other/apps-catalog"), 404)

    # ---- roles

    def test_roles_are_made_changed_found_and_deleted(self):
        role = self.role({"FLOW": ["VIEW", "LIST"]}, description="sees")
        self.assertEqual(role["permissions"], {"FLOW": ["VIEW", "LIST"]})
        self.assertEqual((role["isManaged"], role["isDefault"]), (False, False))
        changed = self.call("PUT", f"/acme/roles/{role['id']}", {"name": role["name"], "permissions": {"KVSTORE": ["VIEW"]}}, 200).json
        self.assertEqual(changed["permissions"], {"KVSTORE": ["VIEW"]})
        self.assertEqual(self.call("GET", f"/acme/roles/{role['id']}").json["permissions"], {"KVSTORE": ["VIEW"]})
        found = self.call("GET", f"/acme/roles/search?q={role['name']}").json
        self.assertEqual([(one["id"], one["permissionCount"]) for one in found["results"]], [(role["id"], 1)])
        self.assertEqual([one["id"] for one in self.call("POST", "/acme/roles/ids", {"ids": [role["id"], "none"]}).json], [role["id"]])
        self.assertIn("ADMIN", [one["id"] for one in self.call("POST", "/acme/roles/autocomplete", {"q": "adm"}).json])
        self.call("DELETE", f"/acme/roles/{role['id']}", expect=204)
        self.call("GET", f"/acme/roles/{role['id']}", expect=404)
        self.call("POST", "/acme/roles", {"permissions": {"FLOW": ["VIEW"]}}, 422)
        self.call("POST", "/acme/roles", {"name": "x"}, 422)

    def test_legacy_names_are_mapped_and_unknown_ones_told(self):
        role = self.role({"FLOW": ["READ"], "SETTING": ["READ"], "TEMPLATE": ["READ"], "NO_SUCH": ["READ"]})
        self.assertEqual(role["permissions"]["FLOW"], ["VIEW", "LIST", "EXPORT"])
        self.assertIn("TENANT_SETTINGS", role["permissions"])
        self.assertEqual(role["ignoredPermissions"], ["NO_SUCH.READ"])

    def test_built_in_roles_are_there_and_nobody_changes_them(self):
        self.assertTrue(self.call("GET", "/acme/roles/ADMIN").json["isManaged"])
        self.call("PUT", "/acme/roles/ADMIN", {"name": "x", "permissions": {}}, 409)
        self.call("DELETE", "/acme/roles/VIEWER", expect=409)
        self.assertEqual(set(self.call("GET", "/acme/acls/templates").json), {"ADMIN", "DEVELOPER", "EDITOR", "LAUNCHER", "VIEWER"})

    def test_nobody_gives_more_than_they_hold(self):
        manager = self.person()
        self.bind(manager.id, self.role({"ROLE": ["CREATE", "UPDATE", "LIST"], "BINDING": ["CREATE"], "GROUP": ["MANAGE_MEMBERS"], "FLOW": ["VIEW"], "USER": ["MANAGE_GROUP_MEMBERSHIP"],
                                         "INVITATION": ["CREATE"], "SERVICE_ACCOUNT": ["CREATE", "UPDATE"]})["id"])
        refused = manager.call("POST", "/api/v1/acme/roles", {"name": "more", "permissions": {"FLOW": ["VIEW", "DELETE"]}})
        self.assertEqual(refused.status, 403)
        self.assertIn("FLOW DELETE", refused.json["message"])
        small = manager.call("POST", "/api/v1/acme/roles", {"name": "less", "permissions": {"FLOW": ["VIEW"]}})
        self.assertEqual(small.status, 200, small.body)
        self.assertEqual(manager.call("PUT", f"/api/v1/acme/roles/{small.json['id']}", {"name": "less", "permissions": {"SECRET": ["VIEW"]}}).status, 403)
        for subject in (manager.id, self.person().id):
            self.assertEqual(manager.call("POST", "/api/v1/acme/bindings", {"type": "USER", "externalId": subject, "roleId": "ADMIN"}).status, 403)
        self.assertEqual(manager.call("POST", "/api/v1/acme/bindings", {"type": "USER", "externalId": self.person(tenants=["acme"]).id, "roleId": small.json["id"]}).status, 200)
        # The id of somebody outside the tenant is nothing to its members, as if there were no such user.
        self.assertEqual(manager.call("POST", "/api/v1/acme/bindings", {"type": "USER", "externalId": self.person().id, "roleId": small.json["id"]}).status, 404)
        strong = self.group()
        self.bind(strong["id"], "ADMIN", type="GROUP")
        self.assertEqual(manager.call("PUT", f"/api/v1/acme/groups/{strong['id']}/members/{manager.id}").status, 403)
        self.assertEqual(manager.call("PUT", f"/api/v1/acme/users/{manager.id}/groups", {"groupIds": [strong["id"]]}).status, 403)
        self.assertEqual(manager.call("POST", "/api/v1/acme/service-accounts", {"name": "robot", "groups": [{"id": strong["id"]}]}).status, 403)
        for promise in ({"roles": [{"id": "ADMIN"}]}, {"groups": [strong["id"]]}, {"superAdmin": True}):
            self.assertEqual(manager.call("POST", "/api/v1/acme/invitations", {"email": f"{unique('x')}@example.com", **promise}).status, 403)
        robot = self.call("POST", "/acme/service-accounts", {"name": "strong"}, 200).json
        self.bind(robot["id"], "ADMIN")
        self.assertEqual(manager.call("POST", f"/api/v1/acme/service-accounts/{robot['id']}/api-tokens", {"name": "t"}).status, 403)
        self.assertEqual(manager.call("PUT", f"/api/v1/acme/service-accounts/{robot['id']}", {"name": "strong", "superAdmin": True}).status, 403)

    # ---- bindings

    def test_a_binding_to_a_namespace_covers_what_is_below_and_nothing_of_the_tenant(self):
        person = self.person()
        binding = self.bind(person.id, self.role(READER["permissions"] | {"ROLE": ["LIST"]})["id"], namespace="a")
        self.assertEqual((binding["namespace"], binding["user"]["id"], binding["type"]), ("a", person.id, "USER"))
        self.assertEqual(self.status(person, "/acme/flows/a.b/one"), 200)
        self.assertEqual(self.status(person, "/acme/flows/ab/two"), 403)
        self.assertEqual([flow["id"] for flow in person.call("GET", "/api/v1/acme/flows/search").json["results"]], ["one"])
        denied = person.call("GET", "/api/v1/acme/roles/search")
        self.assertEqual(denied.status, 403)
        self.assertIn("ROLE LIST", denied.json["message"])
        me = person.call("GET", "/api/v1/me").json
        self.assertEqual([(one["id"], one["permissions"][0]["namespace"]) for one in me["tenants"]], [("acme", "a")])
        self.call("DELETE", f"/acme/bindings/{binding['id']}", expect=204)
        self.call("GET", f"/acme/bindings/{binding['id']}", expect=404)
        self.assertEqual(self.status(person), 404)

    def test_bindings_in_bulk_are_all_or_none_and_twice_is_once(self):
        person, role = self.person(), self.role({"FLOW": ["VIEW"]})
        wanted = {"type": "USER", "externalId": person.id, "roleId": role["id"]}
        self.call("POST", "/acme/bindings/bulk", [wanted, {**wanted, "roleId": "none"}], 404)
        self.assertEqual(self.status(person), 404)
        made = self.call("POST", "/acme/bindings/bulk", [wanted, {**wanted, "namespaceId": "a"}, wanted], 200).json
        self.assertEqual([one["namespace"] for one in made], [None, "a", None])
        self.assertEqual(self.call("POST", "/acme/bindings", wanted).json["id"], made[0]["id"])
        found = self.call("GET", f"/acme/bindings/search?type=USER&id={person.id}").json
        self.assertEqual(found["total"], 2)
        self.call("POST", "/acme/bindings", {"type": "ROBOT", "externalId": "x", "roleId": "y"}, 422)

    # ---- groups

    def test_groups_give_access_and_take_it_with_them(self):
        person = self.person()
        self.assertEqual(self.status(person), 404)
        group = self.group()
        self.bind(group["id"], self.role(READER["permissions"])["id"], type="GROUP")
        member = self.call("PUT", f"/acme/groups/{group['id']}/members/{person.id}", expect=200).json
        self.assertEqual([(one["id"], one["membership"]) for one in member["groups"]], [(group["id"], "MEMBER")])
        self.call("PUT", f"/acme/groups/{group['id']}/members/{person.id}", expect=409)
        self.assertEqual(self.status(person), 200)
        access = self.call("GET", f"/acme/tenant-access/{person.id}", expect=200).json
        self.assertEqual([(one["origin"], one["sourceId"]) for one in access["roles"]], [("GROUP", group["id"])])
        self.call("DELETE", f"/acme/groups/{group['id']}/members/{person.id}", expect=200)
        self.call("DELETE", f"/acme/groups/{group['id']}/members/{person.id}", expect=409)
        self.assertEqual(self.status(person), 404)
        self.call("PUT", f"/acme/groups/{group['id']}/members/{person.id}", expect=200)
        self.call("DELETE", f"/acme/groups/{group['id']}", expect=200)
        self.call("GET", f"/acme/groups/{group['id']}", expect=404)
        self.assertEqual(self.status(person), 404)
        self.assertEqual(self.call("GET", f"/acme/bindings/search?type=GROUP&id={group['id']}").json["total"], 0)

    def test_group_names_are_unique_and_groups_are_found(self):
        group = self.group()
        self.call("POST", "/acme/groups", {"name": group["name"]}, 409)
        self.call("POST", "/other/groups", {"name": group["name"]}, 200)
        self.call("POST", "/acme/groups", {"name": ""}, 422)
        other = self.group()
        self.call("PUT", f"/acme/groups/{other['id']}", {"name": group["name"]}, 409)
        self.call("PUT", f"/acme/groups/{other['id']}", {"name": unique("renamed"), "description": "new"}, 200)
        self.assertEqual([one["id"] for one in self.call("GET", f"/acme/groups/search?q={group['name']}").json["results"]], [group["id"]])
        self.assertEqual([one["id"] for one in self.call("POST", "/acme/groups/ids", {"ids": [group["id"]]}).json], [group["id"]])
        self.assertEqual([one["id"] for one in self.call("POST", "/acme/groups/autocomplete", {"q": group["name"]}).json], [group["id"]])

    def test_owners_of_a_group_manage_its_members_without_the_permission(self):
        owner, other, friend = self.person(), self.person(), self.person(tenants=["acme"])
        group, strange = self.group(members=[owner.id, other.id]), self.group()
        path = f"/api/v1/acme/groups/{group['id']}/members"
        self.call("PUT", f"/acme/groups/{group['id']}/members/membership/{owner.id}?membership=OWNER", expect=200)
        self.call("PUT", f"/acme/groups/{group['id']}/members/membership/{owner.id}?membership=KING", expect=422)
        self.call("PUT", f"/acme/groups/{group['id']}/members/membership/{owner.id}", expect=400)
        self.call("PUT", f"/acme/groups/{group['id']}/members/membership/{friend.id}?membership=OWNER", expect=409)
        self.assertEqual(other.call("PUT", f"{path}/{friend.id}").status, 403)
        self.assertEqual(owner.call("PUT", f"{path}/{friend.id}").status, 200)
        self.assertEqual(owner.call("GET", f"{path}?size=10").json["total"], 3)
        self.assertEqual(owner.call("PUT", f"/api/v1/acme/groups/{strange['id']}/members/{friend.id}").status, 403)
        self.assertEqual(owner.call("DELETE", f"{path}/{friend.id}").status, 200)

    def test_all_groups_of_a_user_at_once(self):
        person, one, two = self.person(tenants=["acme"]), self.group(), self.group()
        self.call("PUT", f"/acme/users/{person.id}/groups", {"groupIds": [one["id"], two["id"]]}, 204)
        self.call("PUT", f"/acme/users/{person.id}/groups", {"groupIds": [two["id"]]}, 204)
        self.assertEqual([group["id"] for group in self.call("GET", f"/acme/tenant-access/{person.id}").json["groups"]], [two["id"]])
        self.call("PUT", f"/acme/users/{person.id}/groups", {"groupIds": ["none"]}, 404)
        self.call("PUT", "/acme/users/nobody/groups", {"groupIds": []}, 404)
        self.call("PUT", f"/acme/users/{person.id}/groups", {}, 422)

    # ---- access

    def test_tenant_access_answers_its_own_codes(self):
        person = self.person()
        self.call("POST", "/acme/tenant-access", {"email": "nobody@example.com"}, 404)
        self.call("POST", "/acme/tenant-access", {"email": person.email.upper()}, 204)
        self.call("POST", "/acme/tenant-access", {"email": person.email}, 409)
        self.assertEqual(self.status(person), 403)
        self.call("GET", f"/acme/tenant-access/{person.id}", expect=200)
        found = self.call("GET", f"/acme/tenant-access?q={person.email}").json
        self.assertEqual([(one["id"], one["username"], one["displayName"]) for one in found["results"]], [(person.id, person.email, "Ada Lovelace")])
        self.assertEqual([one["id"] for one in self.call("POST", "/acme/tenant-access/autocomplete", {"q": person.email}).json], [person.id])
        self.call("DELETE", f"/acme/tenant-access/{person.id}", expect=204)
        self.call("DELETE", f"/acme/tenant-access/{person.id}", expect=404)
        self.assertEqual(self.status(person), 404)
        self.call("PUT", f"/acme/tenant-access/{person.id}", expect=201)
        self.call("PUT", "/acme/tenant-access/nobody", expect=404)
        self.assertEqual(self.status(person), 403)

    def test_default_roles_come_with_access_and_go_with_the_last_path(self):
        tenant = unique("defaults")
        self.server.create_tenant(tenant)
        role = self.role(READER["permissions"], tenant, isDefault=True)
        given, by_group, both = self.person(tenants=[tenant]), self.person(), self.person()
        group = self.group(tenant, [by_group.id, both.id])
        self.call("PUT", f"/{tenant}/tenant-access/{both.id}", expect=201)
        for person in (given, by_group, both):
            self.assertEqual(self.status(person, f"/{tenant}/flows/search"), 200)
        self.call("DELETE", f"/{tenant}/groups/{group['id']}", expect=200)
        self.assertEqual([self.status(person, f"/{tenant}/flows/search") for person in (given, by_group, both)], [200, 404, 200])
        self.call("DELETE", f"/{tenant}/roles/{role['id']}", expect=204)
        self.assertEqual(self.status(given, f"/{tenant}/flows/search"), 403)

    def test_objects_of_another_tenant_answer_like_ones_that_do_not_exist(self):
        role, group, person = self.role({"FLOW": ["VIEW"]}, "other"), self.group("other"), self.person(tenants=["other"])
        binding = self.bind(person.id, role["id"], "other")
        robot = self.call("POST", "/other/service-accounts", {"name": "robot"}, 200).json
        invitation = self.call("POST", "/other/invitations", {"email": f"{unique('x')}@example.com"}, 201).json
        for path, id in ((f"/roles/{{}}", role["id"]), ("/groups/{}", group["id"]), ("/bindings/{}", binding["id"]), ("/service-accounts/{}", robot["id"]), ("/tenant-access/{}", person.id),
                         ("/invitations/{}", invitation["id"]), ("/groups/{}/members", group["id"]), ("/service-accounts/{}/api-tokens", robot["id"])):
            for method in ("GET",) if path.endswith(("members", "tokens")) else ("GET", "DELETE"):
                strange, missing = self.call(method, "/acme" + path.format(id), expect=404), self.call(method, "/acme" + path.format("none"), expect=404)
                self.assertEqual(strange.body.replace(id.encode(), b"none"), missing.body, path)
        mine = self.person(tenants=["acme"])
        for body in ({"type": "USER", "externalId": mine.id, "roleId": role["id"]}, {"type": "GROUP", "externalId": group["id"], "roleId": "VIEWER"}, {"type": "USER", "externalId": robot["id"], "roleId": "VIEWER"}):
            self.call("POST", "/acme/bindings", body, 404)
        self.call("POST", "/acme/groups", {"name": unique("g"), "membersId": [robot["id"]]}, 404)
        self.call("POST", "/acme/invitations", {"email": f"{unique('x')}@example.com", "roles": [{"id": role["id"]}]}, 404)
        self.assertNotIn(role["id"], [one["id"] for one in self.call("GET", "/acme/roles/search?size=1000").json["results"]])

    # ---- users

    def test_users_are_made_changed_and_deleted(self):
        group = self.group()
        email = f"{unique('Grace')}@Example.com"
        made = self.call("POST", "/users", {"email": email, "firstName": "Grace", "tenants": ["acme"], "groups": [group["id"]], "instanceOwner": False}, 201).json
        self.assertEqual((made["email"], made["superAdmin"], made["instanceOwner"], made["auths"]), (email.lower(), False, False, []))
        self.assertEqual(([one["id"] for one in made["tenants"]], [(one["id"], one["tenantId"]) for one in made["groups"]]), (["acme"], [(group["id"], "acme")]))
        self.call("POST", "/users", {"email": email}, 409)
        self.call("POST", "/users", {"email": "no address"}, 422)
        self.call("POST", "/users", {"email": f"{unique('x')}@example.com", "password": "weak"}, 422)
        self.call("POST", "/users", {"email": f"{unique('x')}@example.com", "tenants": ["nowhere"]}, 404)
        self.call("POST", "/users", {"email": f"{unique('x')}@example.com", "groups": ["none"]}, 404)
        changed = self.call("PUT", f"/users/{made['id']}", {"email": email, "lastName": "Hopper", "tenants": ["other"], "groups": []}, 200).json
        self.assertEqual([one["id"] for one in changed["tenants"]], ["other"])
        self.assertEqual(self.call("GET", f"/users/{made['id']}").json["lastName"], "Hopper")
        self.assertEqual(self.call("PATCH", f"/users/{made['id']}", {"firstName": "G."}).json["lastName"], "Hopper")
        self.assertEqual(len(self.call("PATCH", f"/users/{made['id']}/password", {"password": SECRET}).json["auths"]), 1)
        person = Person(self.server, made["id"], email)
        self.assertEqual(self.status(person, "/me"), 200)
        self.assertEqual(self.call("DELETE", f"/users/{made['id']}/auths/basic").json["auths"], [])
        self.call("DELETE", f"/users/{made['id']}/auths/basic", expect=404)
        self.assertEqual(self.status(person, "/me"), 401)
        self.call("DELETE", f"/users/{made['id']}/refresh-token", expect=204)
        self.assertEqual([one["id"] for one in self.call("GET", f"/users?q={email}").json["results"]], [made["id"]])
        self.call("DELETE", f"/users/{made['id']}", expect=204)
        self.call("GET", f"/users/{made['id']}", expect=404)
        self.call("DELETE", f"/users/{made['id']}", expect=404)

    def test_only_super_admins_manage_users_and_the_last_one_stays(self):
        person = self.person(tenants=["acme"])
        self.bind(person.id, "ADMIN")
        for method, path in (("GET", "/users"), ("POST", "/users"), ("GET", "/service-accounts"), ("POST", "/tenants"), ("GET", "/tenants/search"), ("GET", f"/users/{person.id}/api-tokens")):
            self.assertEqual(person.call(method, f"/api/v1{path}").status, 403, path)
        me = self.call("GET", "/me").json["id"]
        for method, path, body in (("DELETE", f"/users/{me}", None), ("PATCH", f"/users/{me}/superadmin", {"superAdmin": False}), ("DELETE", f"/users/{me}/auths/basic", None),
                                   ("PUT", f"/users/{me}", {"email": EMAIL, "superAdmin": False})):
            self.call(method, path, body, 409)
        self.assertTrue(self.call("PATCH", f"/users/{person.id}/superadmin", {"instanceOwner": True}, 200).json["superAdmin"])
        self.assertEqual(self.status(person, "/users"), 200)
        self.assertFalse(person.call("PATCH", f"/api/v1/users/{person.id}/superadmin", {"superAdmin": False}).json["instanceOwner"])
        self.assertEqual(self.status(person, "/users"), 403)

    def test_people_change_their_own_profile_and_password(self):
        person = self.person()
        self.assertEqual(person.call("PATCH", "/api/v1/me", {"firstName": "Countess"}).json["profile"]["firstName"], "Countess")
        self.assertEqual(person.call("PATCH", "/api/v1/me", {"email": EMAIL}).status, 409)
        self.assertEqual(person.call("PUT", "/api/v1/me/password", {"oldPassword": "wrong", "newPassword": "Another-0ne"}).status, 422)
        self.assertEqual(person.call("PUT", "/api/v1/me/password", {"oldPassword": SECRET, "newPassword": "weak"}).status, 422)
        self.assertEqual(person.call("PUT", "/api/v1/me/password", {"oldPassword": SECRET, "newPassword": "Another-0ne"}).status, 200)
        self.assertEqual(self.status(person, "/me"), 401)
        self.assertEqual(self.status(Person(self.server, person.id, person.email, "Another-0ne"), "/me"), 200)
        demo = self.person(restricted=True)
        self.assertEqual(demo.call("PATCH", "/api/v1/me", {"firstName": "x"}).status, 403)
        self.call("PATCH", f"/users/{demo.id}/restricted", {"restricted": False}, 200)
        self.assertEqual(demo.call("PATCH", "/api/v1/me", {"firstName": "x"}).status, 200)

    # ---- service accounts and tokens

    def test_service_accounts_of_the_instance_and_of_a_tenant(self):
        instance = self.call("POST", "/service-accounts", {"name": "ci", "description": "builds", "tenants": ["acme"]}, 200).json
        self.assertEqual([one["id"] for one in instance["tenants"]], ["acme"])
        self.call("POST", "/service-accounts", {"name": "Not A Name"}, 422)
        self.call("POST", "/service-accounts", {"name": "ci", "tenants": ["nowhere"]}, 404)
        self.assertEqual(self.call("PATCH", f"/service-accounts/{instance['id']}", {"name": "cd"}).json["name"], "cd")
        self.assertTrue(self.call("PATCH", f"/service-accounts/{instance['id']}/superadmin", {"superAdmin": True}).json["superAdmin"])
        group = self.group()
        tenant = self.call("POST", "/acme/service-accounts", {"name": "robot", "groups": [{"id": group["id"]}]}, 200).json
        self.assertEqual([one["id"] for one in tenant["groups"]], [group["id"]])
        self.call("POST", "/acme/service-accounts", {"name": "robot", "groups": [{"id": "none"}]}, 404)
        self.assertEqual(self.call("PUT", f"/acme/service-accounts/{tenant['id']}", {"name": "robot-2", "groups": []}).json["groups"], [])
        listed = {one["id"] for one in self.call("GET", "/acme/service-accounts?size=100").json["results"]}
        self.assertLessEqual({instance["id"], tenant["id"]}, listed)
        self.assertNotIn(tenant["id"], {one["id"] for one in self.call("GET", "/other/service-accounts?size=100").json["results"]})
        admin = self.person()
        self.bind(admin.id, "ADMIN")
        self.assertEqual(admin.call("DELETE", f"/api/v1/acme/service-accounts/{instance['id']}").status, 403)
        self.assertEqual(admin.call("POST", f"/api/v1/acme/service-accounts/{instance['id']}/api-tokens", {"name": "x"}).status, 403)
        self.assertEqual(admin.call("DELETE", f"/api/v1/acme/service-accounts/{tenant['id']}").status, 200)
        self.call("GET", f"/acme/service-accounts/{tenant['id']}", expect=404)
        self.call("DELETE", f"/service-accounts/{instance['id']}", expect=204)
        self.call("GET", f"/service-accounts/{instance['id']}", expect=404)

    def test_a_token_is_told_once(self):
        person = self.person()
        robot = self.call("POST", "/acme/service-accounts", {"name": "robot"}, 200).json
        for path, created, how in (("/me/api-tokens", 200, {"user": person.login}), (f"/users/{person.id}/api-tokens", 201, {}), (f"/service-accounts/{robot['id']}/api-tokens", 200, {}),
                                   (f"/acme/service-accounts/{robot['id']}/api-tokens", 200, {})):
            made = self.call("POST", path, {"name": "deploy", "maxAge": "P30D", "extended": True}, created, **how).json
            self.assertTrue(made["fullToken"].startswith("ist_"), path)
            listed = self.call("GET", path, expect=200, **how)
            self.assertNotIn(made["fullToken"], listed.body.decode())
            one = next(token for token in listed.json["results"] if token["id"] == made["id"])
            self.assertEqual((one["name"], one["extended"], one["expired"], one["lastUsed"]), ("deploy", True, False, None))
            self.assertTrue(made["fullToken"].startswith(one["prefix"]))
            self.call("DELETE", f"{path}/{made['id']}", expect=204, **how)
            self.call("DELETE", f"{path}/{made['id']}", expect=404, **how)
        self.call("POST", f"/users/{person.id}/api-tokens", {"name": "No Spaces"}, 422)
        self.call("POST", f"/users/{person.id}/api-tokens", {"name": "x", "maxAge": "P1M"}, 422)
        self.call("POST", "/users/nobody/api-tokens", {"name": "x"}, 404)

    def test_a_token_acts_as_its_account_until_it_is_deleted(self):
        robot = self.call("POST", "/acme/service-accounts", {"name": "robot"}, 200).json
        self.bind(robot["id"], self.role(READER["permissions"])["id"])
        made = self.call("POST", f"/acme/service-accounts/{robot['id']}/api-tokens", {"name": "reads"}, 200).json
        bearer = {"user": None, "headers": {"Authorization": f"Bearer {made['fullToken']}"}}
        self.call("GET", "/acme/flows/search", expect=200, **bearer)
        self.call("POST", "/acme/flows", FLOW.format(id="no", namespace="a"), 403, **bearer)
        self.call("GET", "/other/flows/search", expect=404, **bearer)
        self.assertEqual(self.call("GET", "/me", expect=200, **bearer).json["profile"]["username"], "robot")
        self.call("PATCH", "/me", {"firstName": "x"}, 403, **bearer)
        self.call("DELETE", f"/acme/service-accounts/{robot['id']}/api-tokens/{made['id']}", expect=204)
        self.call("GET", "/acme/flows/search", expect=401, **bearer)

    # ---- invitations

    def test_somebody_new_is_invited_and_makes_an_account(self):
        email, group = f"{unique('new')}@example.com", self.group()
        role = self.role(READER["permissions"])
        made = self.call("POST", "/acme/invitations", {"email": email, "roles": [{"id": role["id"], "namespaces": ["a"]}], "groups": [group["id"]]}, 201).json
        self.assertEqual((made["status"], made["email"], made["tenantId"]), ("PENDING", email, "acme"))
        self.assertIn(made["id"], made["link"])
        self.call("POST", "/acme/invitations", {"email": email}, 409)
        self.assertEqual([one["id"] for one in self.call("GET", f"/acme/invitations/email/{email}").json], [made["id"]])
        self.assertEqual(self.call("GET", f"/acme/invitations/search?filters[status][EQUALS]=PENDING&filters[email][EQUALS]={email}").json["total"], 1)
        path = f"/invitation/create/{made['id']}"
        self.call("POST", path, {"firstName": "N", "lastName": "W", "password": "weak"}, 422, user=None)
        self.call("POST", path, {"firstName": "N", "lastName": "W", "password": SECRET}, 200, user=None)
        self.call("POST", path, {"firstName": "N", "lastName": "W", "password": SECRET}, 409, user=None)
        person = Person(self.server, "", email)
        self.assertEqual(self.status(person, "/acme/flows/a.b/one"), 200)
        self.assertEqual(self.status(person, "/acme/flows/ab/two"), 403)
        self.assertEqual(self.call("GET", f"/acme/invitations/{made['id']}").json["status"], "ACCEPTED")
        self.assertEqual(self.call("GET", f"/acme/groups/{group['id']}/members").json["total"], 1)

    def test_somebody_with_an_account_is_let_in_at_once_or_accepts(self):
        person = self.person()
        self.call("POST", "/acme/invitations", {"email": person.email, "roles": [{"id": "VIEWER"}]}, 204)
        self.assertEqual(self.status(person), 200)
        self.call("POST", "/acme/invitations", {"email": person.email}, 409)
        self.call("POST", "/acme/invitations", {"email": f"{unique('made')}@example.com", "createUserIfNotExist": True}, 204)
        email = f"{unique('late')}@example.com"
        made = self.call("POST", "/acme/invitations", {"email": email, "roles": [{"id": "VIEWER"}]}, 201).json
        late = Person(self.server, self.call("POST", "/users", {"email": email, "password": SECRET}, 201).json["id"], email)
        self.assertEqual([one["id"] for one in late.call("GET", "/api/v1/me/invitations").json], [made["id"]])
        self.assertEqual(person.call("POST", f"/api/v1/invitation/accept/{made['id']}").status, 404)
        self.call("POST", f"/invitation/create/{made['id']}", {"firstName": "x", "lastName": "y", "password": SECRET}, 409, user=None)
        self.assertEqual(late.call("POST", f"/api/v1/invitation/accept/{made['id']}").status, 200)
        self.assertEqual(late.call("POST", f"/api/v1/invitation/accept/{made['id']}").status, 409)
        self.assertEqual(self.status(late), 200)
        self.assertEqual(late.call("GET", "/api/v1/me/invitations").json, [])

    def test_an_invitation_is_taken_back(self):
        made = self.call("POST", "/acme/invitations", {"email": f"{unique('x')}@example.com"}, 201).json
        self.call("DELETE", f"/acme/invitations/{made['id']}", expect=204)
        self.call("DELETE", f"/acme/invitations/{made['id']}", expect=404)
        self.call("GET", f"/acme/invitations/{made['id']}", expect=404)


class Guessing(unittest.TestCase):
    def test_invitations_cannot_be_guessed(self):
        server = Server()
        try:
            body = {"firstName": "x", "lastName": "y", "password": SECRET}
            answers = [server.call("POST", f"/api/v1/invitation/create/{number:048x}", body, user=None).status for number in range(12)]
            self.assertEqual(answers, [404] * 10 + [429] * 2)
        finally:
            server.close()


if __name__ == "__main__":
    unittest.main()
