"""Signing in: sessions of browsers, lock-out, the first start, rules of passwords, which addresses have a tenant."""
import http.cookies
import threading
import unittest

from end_to_end.server import EMAIL, PASSWORD, Answer, Server

NOBODY = {"INSULA_ADMIN_EMAIL": "", "INSULA_ADMIN_PASSWORD": ""}


class Browser:
    """Keeps cookies as a browser does, and sends the CSRF token as the pages do."""

    def __init__(self, server: Server):
        self.server = server
        self.cookies: dict[str, str] = {}
        self.attributes: dict[str, http.cookies.Morsel] = {}

    def call(self, method: str, path: str, body=None, *, csrf: bool = True, headers: dict[str, str] | None = None, content_type: str | None = None) -> Answer:
        sent = dict(headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if csrf and method != "GET" and "csrfToken" in self.cookies:
            sent["X-CSRF-TOKEN"] = self.cookies["csrfToken"]
        answer = self.server.call(method, path, body, user=None, headers=sent, content_type=content_type)
        for text in answer.set_cookies:
            for name, morsel in http.cookies.SimpleCookie(text).items():
                self.attributes[name] = morsel
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    def log_in(self, username: str = EMAIL, password: str = PASSWORD) -> Answer:
        return self.call("POST", "/api/v1/login", {"username": username, "password": password})


class SignIn(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server({"KESTRA_URL": "https://insula.example.com"})

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def test_a_session_begins_with_a_login_and_ends_with_a_logout(self):
        browser = Browser(self.server)
        self.assertEqual(browser.call("GET", "/api/v1/me").status, 401)
        self.assertEqual(browser.log_in().status, 200)
        self.assertTrue(browser.attributes["JWT"]["httponly"])
        self.assertTrue(browser.attributes["JWT"]["secure"], "the public address is https")
        self.assertEqual((browser.attributes["JWT"]["samesite"], browser.attributes["JWT"]["path"]), ("Lax", "/"))
        self.assertFalse(browser.attributes["csrfToken"]["httponly"])
        self.assertEqual(browser.call("GET", "/api/v1/main/flows/search").status, 200)
        self.assertIn(f'content="{browser.cookies["csrfToken"]}"', browser.call("GET", "/ui/").body.decode())
        kept = dict(browser.cookies)
        self.assertEqual(browser.call("POST", "/api/v1/logout").status, 200)
        self.assertEqual(browser.cookies, {})
        browser.cookies = kept
        ended = browser.call("GET", "/api/v1/me")
        self.assertEqual(ended.status, 401)
        self.assertEqual(browser.cookies, {}, "the cookies of a session that has ended are cleared")
        self.assertNotIn("Basic", ended.headers["WWW-Authenticate"])

    def test_a_form_signs_in_too(self):
        browser = Browser(self.server)
        answer = browser.call("POST", "/login", f"username={EMAIL}&password={PASSWORD}", content_type="application/x-www-form-urlencoded")
        self.assertEqual(answer.status, 200)
        self.assertEqual(browser.call("GET", "/api/v1/me").json["profile"]["email"], EMAIL)

    def test_forged_requests_are_refused(self):
        browser = Browser(self.server)
        browser.log_in()
        flow = "id: forged\nnamespace: a.b\ntasks:\n  - id: log\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n"
        self.assertEqual(browser.call("POST", "/api/v1/main/flows", flow, csrf=False).status, 403)
        self.assertEqual(browser.call("POST", "/api/v1/main/flows", flow, csrf=False, headers={"X-CSRF-TOKEN": "0" * 64}).status, 403)
        self.assertEqual(browser.call("POST", "/api/v1/main/flows", flow, headers={"Origin": "https://evil.example.com"}).status, 403)
        self.assertEqual(self.server.call("GET", "/api/v1/main/flows/a.b/forged").status, 404)
        self.assertEqual(browser.call("POST", "/api/v1/main/flows", flow, headers={"Origin": "https://insula.example.com"}).status, 200)

    def test_what_is_no_session_is_nobody(self):
        for value in ("", "x", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.", "A" * 43, "A" * 43 + "; JWT=" + "B" * 43):
            answer = self.server.call("GET", "/api/v1/me", user=None, headers={"Cookie": "JWT=" + value})
            self.assertEqual(answer.status, 401, value)
            self.assertTrue(any(c.startswith("JWT=;") for c in answer.set_cookies), value)

    def test_a_wrong_header_is_not_made_good_by_a_cookie(self):
        browser = Browser(self.server)
        browser.log_in()
        for header in ("Basic eDp5", "Bearer ist_aaaaaaaaaa_" + "A" * 43, "Bearer x", "Digest x"):
            self.assertEqual(browser.call("GET", "/api/v1/me", headers={"Authorization": header}).status, 401, header)

    def test_uploads_of_strangers_are_refused_before_they_are_read(self):
        self.assertEqual(self.server.call("POST", "/api/v1/login", b"{" + b" " * 200_000, user=None, content_type="application/json").status, 413)

    def test_passwords_keep_to_the_rules(self):
        self.assertEqual(self.server.call("POST", "/api/v1/validate-password", b"Passw0rd", user=None, content_type="text/plain").status, 200)
        weak = self.server.call("POST", "/api/v1/validate-password", b"weak", user=None, content_type="text/plain")
        self.assertEqual(weak.status, 422)
        self.assertEqual(len(weak.json["_embedded"]["errors"]), 3)

    def test_methods_are_told(self):
        self.assertEqual(self.server.call("GET", "/api/v1/auths", user=None).json, {"loginPassword": True, "mailsEnabled": False, "passwordless": False, "oauths": []})
        for name in (EMAIL, "nobody@example.com"):
            self.assertEqual(self.server.call("POST", "/api/v1/forgotten-password", {"username": name}, user=None).status, 200)


class Limits(unittest.TestCase):
    def test_a_session_expires(self):
        server = Server({"INSULA_SESSION_MAX_AGE": "PT0S"})
        self.addCleanup(server.close)
        answer = server.call("POST", "/api/v1/login", {"username": EMAIL, "password": PASSWORD}, user=None)
        secret = next(c for c in answer.set_cookies if c.startswith("JWT=")).split(";")[0]
        self.assertEqual(server.call("GET", "/api/v1/me", user=None, headers={"Cookie": secret}).status, 401)

    def test_wrong_passwords_lock_the_account_over_a_restart_too(self):
        server = Server({"KESTRA_SECURITY_LOGIN_FAILED_ATTEMPTS_THRESHOLD": "3"})
        self.addCleanup(server.close)
        browser = Browser(server)
        self.assertEqual(browser.log_in().status, 200)
        for _ in range(3):
            self.assertEqual(Browser(server).log_in(password="Wrong-1234").status, 401)
        self.assertEqual(Browser(server).log_in().status, 401)
        self.assertEqual(server.call("GET", "/api/v1/me").status, 401)
        self.assertEqual(browser.call("GET", "/api/v1/me").status, 200, "only the password stops")
        server.terminate()
        server.start()
        self.assertEqual(Browser(server).log_in().status, 401, "a lock is stored")
        me = browser.call("GET", "/api/v1/me").json
        self.assertRegex(browser.call("GET", f"/api/v1/users/{me['id']}").json["lockedUntil"], r"^\d{4}-\d\d-\d\dT")
        self.assertEqual(browser.call("DELETE", f"/api/v1/users/{me['id']}/lock").status, 204)
        self.assertIsNone(browser.call("GET", f"/api/v1/users/{me['id']}").json["lockedUntil"])
        self.assertEqual(Browser(server).log_in().status, 200, "the lock was lifted")

    def test_an_address_is_throttled(self):
        server = Server()
        self.addCleanup(server.close)
        for i in range(10):
            self.assertEqual(Browser(server).log_in(f"nobody{i}@example.com").status, 401)
        self.assertEqual(Browser(server).log_in().status, 429)


class FirstStart(unittest.TestCase):
    def test_the_setup_is_done_once(self):
        server = Server({**NOBODY, "INSULA_SETUP": "true"})
        self.addCleanup(server.close)
        self.assertFalse(server.call("GET", "/api/v1/configs/login", user=None).json["isBasicAuthInitialized"])
        before = server.call("GET", "/api/v1/setup", user=None)
        self.assertEqual((before.status, before.json["done"], before.json["passwordConfiguration"]["passwordMinLength"]), (200, False, 8))
        self.assertEqual(server.call("GET", "/api/v1/main/flows/search", user=None).status, 401)
        weak = server.call("POST", "/api/v1/setup", {"username": "a@example.com", "password": "weak"}, user=None)
        self.assertEqual(weak.status, 422)
        answers: list[Answer] = []
        threads = [threading.Thread(target=lambda i=i: answers.append(server.call("POST", "/api/v1/setup", {"username": f"first{i}@example.com", "password": PASSWORD, "tenant": {"id": "acme", "name": "Acme"}}, user=None)))
                   for i in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(a.status for a in answers), [200, 409, 409, 409, 409, 409])
        first = next(a.json for a in answers if a.status == 200)
        self.assertTrue(first["superAdmin"])
        user = f"{first['username']}:{PASSWORD}"
        for tenant in ("acme", "main"):
            self.assertEqual(server.call("GET", f"/api/v1/{tenant}/flows/search", user=user).status, 200)
        self.assertEqual(server.call("GET", "/api/v1/setup", user=None).status, 404)
        self.assertTrue(server.call("GET", "/api/v1/configs/login", user=None).json["isBasicAuthInitialized"])

    def test_the_configured_super_admin_is_kept_in_step(self):
        keys = {**NOBODY, "KESTRA_SECURITY_SUPER_ADMIN_USERNAME": "root@example.com", "KESTRA_SECURITY_SUPER_ADMIN_PASSWORD": PASSWORD, "KESTRA_SECURITY_SUPER_ADMIN_TENANT_ADMIN_ACCESS": "main"}
        server = Server(keys)
        self.addCleanup(server.close)
        user = f"root@example.com:{PASSWORD}"
        self.assertEqual(server.call("GET", "/api/v1/tenants/search", user=user).status, 200)
        self.assertEqual(server.call("GET", "/api/v1/main/flows/search", user=user).status, 200)
        server.terminate()
        server.environment["KESTRA_SECURITY_SUPER_ADMIN_PASSWORD"] = "Changed-1234"
        server.start()
        self.assertEqual(server.call("GET", "/api/v1/me", user=user).status, 401)
        self.assertEqual(server.call("GET", "/api/v1/me", user="root@example.com:Changed-1234").status, 200)


class Tenancy(unittest.TestCase):
    def test_without_tenants(self):
        server = Server({"KESTRA_EE_TENANTS_ENABLED": "false"})
        self.addCleanup(server.close)
        self.assertEqual(server.call("GET", "/api/v1/flows/search").status, 200)
        answer = server.call("POST", "/api/v1/tenants", {"id": "acme", "name": "Acme"})
        self.assertEqual((answer.status, answer.headers["X-Error-Code"]), (404, "tenants-disabled"))

    def test_without_a_default_tenant(self):
        server = Server({"KESTRA_EE_TENANTS_DEFAULT_TENANT": "false"})
        self.addCleanup(server.close)
        answer = server.call("GET", "/api/v1/flows/search")
        self.assertEqual((answer.status, answer.headers["X-Error-Code"]), (404, "tenant-missing"))
        server.create_tenant("acme")
        self.assertEqual(server.call("GET", "/api/v1/acme/flows/search").status, 200)

    def test_a_fallback_tenant_serves_addresses_without_one(self):
        server = Server({"KESTRA_EE_TENANTS_FALLBACK_TENANT": "acme", "KESTRA_EE_TENANTS_DEFAULT_TENANT": "false"})
        self.addCleanup(server.close)
        self.assertEqual(server.call("GET", "/api/v1/flows/search").status, 404)
        server.create_tenant("acme")
        source = "id: f\nnamespace: a.b\ntasks:\n  - id: log\n    type: io.kestra.plugin.core.log.Log\n    message: hi\n"
        saved = server.call("POST", "/api/v1/flows", source)
        self.assertEqual(saved.status, 200, saved.body)
        self.assertEqual(server.call("GET", "/api/v1/acme/flows/a.b/f").status, 200)


if __name__ == "__main__":
    unittest.main()
