// Signing in, through the whole api.
#include <gtest/gtest.h>

#include "api/test_bench.h"

namespace insula::api {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Browser {
 public:
  Browser(TestBench& bench, const Answer& signed_in) : bench_(bench), secret_(signed_in.session()) {}
  Answer get(std::string_view target) { return bench_.call("GET", target, {}, {{"Cookie", cookie()}}); }
  Answer post(std::string_view target, std::string body = {}) { return bench_.call("POST", target, std::move(body), {{"Cookie", cookie()}, {kCsrfField, csrf_token(secret_)}}); }
  Answer post_unsafely(std::string_view target) { return bench_.call("POST", target, {}, {{"Cookie", cookie()}}); }
  std::string cookie() const { return fmt::format("{}={}", kSessionCookie, secret_); }

 private:
  TestBench& bench_;
  std::string secret_;
};

std::string who(const Answer& answer) { return answer.status == 200 ? text_or(answer.json().as_object(), "id") : fmt::format("{}", answer.status); }

TEST(SignIn, TakesTheFirstCredentialThatIsShown) {
  TestBench bench;
  const store::UserRow ada = bench.add_user("ada"), bob = bench.add_user("bob"), eve = bench.add_user("eve");
  const std::string token = "Bearer " + bench.add_token(bob.id);
  Browser browser(bench, bench.log_in("eve@example.com"));
  EXPECT_EQ(who(bench.call("GET", "/api/v1/me")), "401");
  EXPECT_EQ(who(bench.call("GET", "/api/v1/me", {}, {{"Authorization", basic("ADA@example.com")}})), ada.id.str());
  EXPECT_EQ(who(bench.call("GET", "/api/v1/me", {}, {{"Authorization", token}})), bob.id.str());
  EXPECT_EQ(who(browser.get("/api/v1/me")), eve.id.str());
  EXPECT_EQ(who(bench.call("GET", "/api/v1/me", {}, {{"Authorization", token}, {"Cookie", browser.cookie()}})), bob.id.str());
  EXPECT_EQ(who(bench.call("GET", "/api/v1/me", {}, {{"Authorization", "Bearer nonsense"}, {"Cookie", browser.cookie()}})), "401") << "never made good by a cookie";
  EXPECT_EQ(who(bench.call("GET", "/api/v1/me", {}, {{"Authorization", token}, {"Authorization", basic("ada@example.com")}})), "401");
  EXPECT_EQ(who(bench.call("GET", "/api/v1/me", {}, {{"Authorization", "Digest a"}})), "401");
}

TEST(SignIn, TakesAFormToo) {
  TestBench bench;
  bench.add_user("ada");
  const Answer answer = bench.call("POST", "/login", "username=ada%40example.com&password=Passw0rd-1", {{"Content-Type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.set_cookie("JWT").contains("HttpOnly; SameSite=Lax"));
  EXPECT_FALSE(answer.set_cookie("csrfToken").contains("HttpOnly"));
  EXPECT_EQ(bench.call("POST", "/api/v1/login", "{\"username\":\"ada@example.com\"}").status, 422);
  const Answer wrong = bench.log_in("ada@example.com", "Wrong-1234");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.headers.get("WWW-Authenticate"), "Bearer") << "no dialogue of the browser's own";
  EXPECT_EQ(wrong.session(), "");
}

TEST(SignIn, IsNotDoneByAPageOfAnotherSite) {
  TestBench bench;
  bench.add_user("ada");
  const std::string body = R"({"username":"ada@example.com","password":"Passw0rd-1"})";
  EXPECT_EQ(bench.call("POST", "/api/v1/login", body, {{"Origin", "https://evil.example.com"}}).status, 403);
  EXPECT_EQ(bench.call("POST", "/api/v1/login", body, {{"Origin", "http://localhost:8080"}}).status, 200);
}

TEST(Session, ChangesNothingWithoutTheCsrfToken) {
  TestBench bench;
  bench.add_user("root", true);
  Browser browser(bench, bench.log_in("root@example.com"));
  const std::string tenant = R"({"id":"acme","name":"Acme"})";
  EXPECT_EQ(bench.call("POST", "/api/v1/tenants", tenant, {{"Cookie", browser.cookie()}}).status, 403);
  EXPECT_EQ(browser.post_unsafely("/api/v1/logout").headers.get("X-Error-Code"), "csrf-token-wrong");
  EXPECT_EQ(browser.get("/api/v1/me").status, 200);
  EXPECT_EQ(browser.post("/api/v1/tenants", tenant).status, 200);
  EXPECT_EQ(bench.call("POST", "/api/v1/tenants", R"({"id":"other","name":"Other"})", {{"Authorization", basic("root@example.com")}}).status, 200) << "only cookies need it";
}

TEST(Session, EndsByItself) {
  TestBench bench([](Options& options) { options.session_max_age = minutes(30); });
  bench.add_user("ada");
  Browser browser(bench, bench.log_in("ada@example.com"));
  bench.clock().advance(minutes(29));
  EXPECT_EQ(browser.get("/api/v1/me").status, 200);
  bench.clock().advance(minutes(1));
  const Answer ended = browser.get("/api/v1/me");
  EXPECT_EQ(ended.status, 401);
  EXPECT_EQ(ended.headers.get("X-Error-Code"), "session-ended");
  EXPECT_TRUE(ended.set_cookie("JWT").starts_with("JWT=; Path=/; Max-Age=0"));
  EXPECT_EQ(bench.call("GET", "/api/v1/me", {}, {{"Cookie", "JWT=eyJhbGciOiJub25lIn0.e30."}}).set_cookie("JWT").substr(0, 5), "JWT=;");
}

TEST(Session, EndsWithItsLogoutAndWithTheNextLogin) {
  TestBench bench;
  bench.add_user("ada");
  Browser first(bench, bench.log_in("ada@example.com")), other(bench, bench.log_in("ada@example.com"));
  const Answer again = bench.call("POST", "/api/v1/login", R"({"username":"ada@example.com","password":"Passw0rd-1"})", {{"Cookie", first.cookie()}});
  EXPECT_EQ(first.get("/api/v1/me").status, 401);
  Browser second(bench, again);
  const Answer out = second.post("/api/v1/logout");
  EXPECT_EQ(out.status, 200);
  EXPECT_TRUE(out.set_cookie("JWT").contains("Max-Age=0"));
  EXPECT_EQ(second.get("/api/v1/me").status, 401);
  EXPECT_EQ(other.get("/api/v1/me").status, 200) << "another browser stays";
  EXPECT_EQ(bench.audit(), (std::vector<std::string>{"LOGOUT id-ada", "LOGIN id-ada", "LOGIN id-ada", "LOGIN id-ada"}));
}

TEST(Session, EndsWithItsUser) {
  TestBench bench;
  const store::UserRow ada = bench.add_user("ada");
  Browser browser(bench, bench.log_in("ada@example.com"));
  EXPECT_EQ(browser.get("/api/v1/me").status, 200);
  store::SystemTurn turn;
  turn.removed_users.push_back(ada.id);
  ASSERT_TRUE(bench.system().commit(turn, bench.clock().now()));
  bench.clock().advance(seconds(30));
  EXPECT_EQ(browser.get("/api/v1/me").status, 401) << "also when nobody said so here";
}

TEST(Page, CarriesTheCsrfTokenOfItsSession) {
  TestBench bench;
  bench.add_user("ada");
  Browser browser(bench, bench.log_in("ada@example.com"));
  const std::string secret = browser.cookie().substr(4);
  EXPECT_TRUE(browser.get("/ui/").body.contains(fmt::format("<meta name=\"csrf-token\" content=\"{}\"", csrf_token(secret))));
  EXPECT_TRUE(bench.call("GET", "/ui/").body.contains("<meta name=\"csrf-token\" content=\"\""));
}

// ---- lock-out

void three(Options& options) { options.guard.lock_threshold = 3; }

// Sessions and tokens go on: else anybody who knows an address could shut out a person and its programs.
TEST(Lockout, StopsTheRightPasswordUntilItEnds) {
  TestBench bench(three);
  const store::UserRow ada = bench.add_user("ada");
  bench.add_user("bob");
  const std::string token = "Bearer " + bench.add_token(ada.id);
  Browser browser(bench, bench.log_in("ada@example.com"));
  EXPECT_EQ(browser.get("/api/v1/me").status, 200);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bench.log_in("ada@example.com", "Wrong-1234").status, 401);
  EXPECT_EQ(bench.log_in("ada@example.com").status, 401);
  EXPECT_EQ(who(bench.call("GET", "/api/v1/me", {}, {{"Authorization", basic("ada@example.com")}})), "401");
  EXPECT_EQ(who(bench.call("GET", "/api/v1/me", {}, {{"Authorization", token}})), ada.id.str());
  EXPECT_EQ(browser.get("/api/v1/me").status, 200);
  EXPECT_EQ(bench.log_in("bob@example.com").status, 200);
  EXPECT_EQ(bench.log_in("nobody@example.com").status, 401);
  EXPECT_EQ(bench.audit(), (std::vector<std::string>{"LOGIN id-bob", "ACCOUNT_LOCKED id-ada", "LOGIN_FAILURE id-ada", "LOGIN_FAILURE id-ada", "LOGIN_FAILURE id-ada", "LOGIN id-ada"}));
  EXPECT_TRUE((*bench.system().user(ada.id))->locked_until);
  bench.clock().advance(minutes(30));
  EXPECT_EQ(bench.log_in("ada@example.com").status, 200);
}

TEST(Lockout, IsSeenAndLiftedBySuperAdmins) {
  TestBench bench(three);
  bench.add_user("root", true);
  bench.add_user("ada");
  const auto as_root = [&](std::string_view method, std::string_view path) { return bench.call(method, path, {}, {{"Authorization", basic("root@example.com")}}); };
  const auto locked_until = [&] { return as_root("GET", "/api/v1/users/id-ada").json().at("lockedUntil"); };
  EXPECT_TRUE(locked_until().is_null());
  for (int i = 0; i < 3; ++i) bench.log_in("ada@example.com", "Wrong-1234");
  bench.settle();
  const Json until(format_instant(bench.clock().now() + minutes(30)));
  EXPECT_EQ(locked_until(), until);
  const Json page = as_root("GET", "/api/v1/users?sort=email:asc").json();
  EXPECT_EQ(page.at("results").at(0).at("lockedUntil"), until);
  EXPECT_TRUE(page.at("results").at(1).at("lockedUntil").is_null());
  EXPECT_EQ(bench.call("DELETE", "/api/v1/users/id-ada/lock", {}, {{"Authorization", "Bearer " + bench.add_token(UserId("id-ada"))}}).status, 403);
  EXPECT_EQ(as_root("DELETE", "/api/v1/users/id-ada/lock").status, 204);
  EXPECT_EQ(as_root("DELETE", "/api/v1/users/id-ada/lock").status, 204);   // twice is once
  EXPECT_EQ(as_root("DELETE", "/api/v1/users/id-nobody/lock").status, 404);
  EXPECT_TRUE(locked_until().is_null());
  EXPECT_EQ(std::ranges::count(bench.audit(), "UPDATE id-ada"), 1);
  EXPECT_EQ(bench.log_in("ada@example.com").status, 200);
  // It is told no longer than it lasts.
  for (int i = 0; i < 3; ++i) bench.log_in("ada@example.com", "Wrong-1234");
  bench.settle();
  bench.clock().advance(minutes(30));
  EXPECT_TRUE(locked_until().is_null());
}

TEST(Lockout, EndsWithANewPassword) {
  TestBench bench(three);
  bench.add_user("root", true);
  bench.add_user("ada");
  for (int i = 0; i < 3; ++i) bench.log_in("ada@example.com", "Wrong-1234");
  bench.settle();
  const Answer link = bench.call("POST", "/api/v1/users/id-ada/password-reset-link", {}, {{"Authorization", basic("root@example.com")}});
  ASSERT_EQ(link.status, 200);
  const std::string url = text_or(link.json().as_object(), "link");
  const std::string token = url.substr(url.find('=') + 1);
  EXPECT_EQ(bench.call("POST", "/api/v1/reset-password", write_json(JsonObject{{"token", token}, {"password", "New-passw0rd"}})).status, 200);
  EXPECT_EQ(bench.log_in("ada@example.com", "New-passw0rd").status, 200);
  EXPECT_EQ(bench.log_in("ada@example.com").status, 401);
}

TEST(Throttle, AnswersAnAddressWithTooManyFailures) {
  TestBench bench([](Options& options) { options.guard.address_failures_max = 2; });
  bench.add_user("ada");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(bench.log_in("nobody@example.com").status, 401);
  EXPECT_EQ(bench.log_in("ada@example.com").status, 429);
}

// ---- tokens

TEST(Token, StopsWhenItIsRevokedOrExpires) {
  TestBench bench;
  const store::UserRow ada = bench.add_user("ada");
  const std::string token = "Bearer " + bench.add_token(ada.id), brief = "Bearer " + bench.add_token(ada.id, {minutes(1), false});
  const auto me = [&](const std::string& credential) { return bench.call("GET", "/api/v1/me", {}, {{"Authorization", credential}}).status; };
  EXPECT_EQ(me(token), 200);
  EXPECT_EQ(me(brief), 200);
  EXPECT_EQ(me(token.substr(0, token.size() - 1) + "_"), 401);
  bench.clock().advance(minutes(1));
  EXPECT_EQ(me(brief), 401);
  store::SystemTurn turn;
  for (const store::TokenRow& row : *bench.system().tokens_of(ada.id)) turn.removed_tokens.push_back(row.id);
  EXPECT_EQ(me(token), 200);
  ASSERT_TRUE(bench.system().commit(turn, bench.clock().now()));
  bench.api().forget_credentials();
  EXPECT_EQ(me(token), 401);
  bench.settle();
  EXPECT_TRUE(bench.system().tokens_of(ada.id)->empty()) << "its last use does not bring it back";
}

TEST(Token, SlidesWhileItIsUsedAndTellsWhen) {
  TestBench bench;
  const store::UserRow ada = bench.add_user("ada");
  const std::string token = "Bearer " + bench.add_token(ada.id, {hours(1), true});
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(bench.call("GET", "/api/v1/me", {}, {{"Authorization", token}}).status, 200) << i;
    bench.settle();
    bench.clock().advance(minutes(50));
  }
  const auto rows = bench.system().tokens_of(ada.id);
  EXPECT_EQ(rows->front().last_used, bench.clock().now() - minutes(50));
  bench.clock().advance(minutes(10));
  EXPECT_EQ(bench.call("GET", "/api/v1/me", {}, {{"Authorization", token}}).status, 401);
}

TEST(ServiceAccount, OfATenantIsNobodyInAnother) {
  TestBench bench;
  const store::TenantRow acme = bench.add_tenant("acme"), other = bench.add_tenant("other");
  const store::UserRow robot = bench.add_user("robot", true, acme.uid);
  bench.grant(robot.id, acme);
  bench.grant(robot.id, other);
  const std::string token = "Bearer " + bench.add_token(robot.id);
  const auto get = [&](std::string_view target) { return bench.call("GET", target, {}, {{"Authorization", token}}).status; };
  EXPECT_EQ(get("/api/v1/acme/flows/search"), 200);
  EXPECT_EQ(get("/api/v1/other/flows/search"), 404);
  EXPECT_EQ(get("/api/v1/tenants/search"), 403) << "the flag of a super admin means nothing on it";
  EXPECT_EQ(bench.log_in("robot", "").status, 422);
}

// ---- impersonation

TEST(Impersonation, IsASessionAsTheUserThatTheAuditLogKnowsOf) {
  TestBench bench;
  const store::UserRow root = bench.add_user("root", true);
  bench.add_user("other", true);
  const store::UserRow ada = bench.add_user("ada");
  Browser admin(bench, bench.log_in("root@example.com"));
  EXPECT_EQ(admin.post("/api/v1/users/id-other/impersonate").status, 403);
  EXPECT_EQ(admin.post("/api/v1/users/nobody/impersonate").status, 404);
  const Answer answer = admin.post("/api/v1/users/id-ada/impersonate");
  ASSERT_EQ(answer.status, 200);
  Browser browser(bench, answer);
  EXPECT_EQ(who(browser.get("/api/v1/me")), ada.id.str());
  EXPECT_EQ(browser.post("/api/v1/users/id-ada/impersonate").status, 403) << "they have the rights of the user, no others";
  EXPECT_EQ(browser.post("/api/v1/logout").status, 200);
  EXPECT_EQ(browser.get("/api/v1/me").status, 401);
  bench.settle();
  const auto entries = bench.system().search_audit({});
  EXPECT_EQ(entries->rows[0].kind, "LOGOUT");
  EXPECT_EQ(entries->rows[0].user, ada.id);
  EXPECT_EQ(entries->rows[0].impersonator, root.id);
  EXPECT_EQ(entries->rows[1].result, "DENIED") << "what the user may not do";
  EXPECT_EQ(entries->rows[1].impersonator, root.id);
  EXPECT_EQ(entries->rows[2].kind, "IMPERSONATE");
  EXPECT_EQ(entries->rows[2].user, root.id);
}

TEST(Impersonation, EndsWhenItsAuthorMayNoLonger) {
  TestBench bench;
  store::UserRow root = bench.add_user("root", true);
  bench.add_user("ada");
  const Answer answer = bench.call("POST", "/api/v1/users/id-ada/impersonate", {}, {{"Authorization", basic("root@example.com")}});
  Browser browser(bench, answer);
  EXPECT_EQ(browser.get("/api/v1/me").status, 200);
  root.super_admin = false;
  ASSERT_TRUE(bench.system().update_user(root));
  bench.clock().advance(seconds(30));
  EXPECT_EQ(browser.get("/api/v1/me").status, 401);
}

// ---- passwords

class LetterBox final : public Mailer {
 public:
  Result<void> send(const Letter& letter) override {
    letters.push_back(letter);
    return {};
  }
  std::vector<Letter> letters;
};

TEST(ForgottenPassword, AnswersTheSameAndSendsOneLetter) {
  const auto box = std::make_shared<LetterBox>();
  TestBench bench([&](Options& options) { options.mailer = box; });
  const store::UserRow ada = bench.add_user("ada");
  Browser browser(bench, bench.log_in("ada@example.com"));
  const std::string token = bench.add_token(ada.id);
  for (const char* name : {"ada@example.com", "ada@example.com", "nobody@example.com", "no address"}) {
    const Answer answer = bench.call("POST", "/api/v1/forgotten-password", write_json(JsonObject{{"username", name}}));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "{}");
  }
  bench.settle();
  ASSERT_EQ(box->letters.size(), 1u);
  const std::string& text = box->letters[0].text;
  const std::string secret = text.substr(text.find("token=") + 6, 43);
  const auto reset = [&](std::string_view password) { return bench.call("POST", "/api/v1/reset-password", write_json(JsonObject{{"token", secret}, {"password", password}})).status; };
  EXPECT_EQ(reset("weak"), 422);
  EXPECT_EQ(reset("Str0ng-enough"), 200) << "a refused password leaves the link usable";
  EXPECT_EQ(reset("Str0ng-again"), 422) << "once";
  EXPECT_EQ(browser.get("/api/v1/me").status, 401) << "what was opened with the old password ends";
  EXPECT_EQ(bench.call("GET", "/api/v1/me", {}, {{"Authorization", "Bearer " + token}}).status, 401);
  EXPECT_EQ(bench.log_in("ada@example.com", "Str0ng-enough").status, 200);
}

TEST(ResetLink, Expires) {
  TestBench bench;
  bench.add_user("root", true);
  bench.add_user("ada");
  const Answer link = bench.call("POST", "/api/v1/users/id-ada/password-reset-link", {}, {{"Authorization", basic("root@example.com")}});
  const std::string url = text_or(link.json().as_object(), "link");
  bench.clock().advance(hours(1));
  EXPECT_EQ(bench.call("POST", "/api/v1/reset-password", write_json(JsonObject{{"token", url.substr(url.find('=') + 1)}, {"password", "Str0ng-enough"}})).status, 422);
}

TEST(PasswordRules, AreTold) {
  TestBench bench([](Options& options) { options.password_rules.length_min = 12; });
  EXPECT_EQ(bench.call("POST", "/api/v1/validate-password", "Str0ng-enough", {{"Content-Type", "text/plain"}}).status, 200);
  const Answer weak = bench.call("POST", "/api/v1/validate-password", "Sh0rt", {{"Content-Type", "text/plain"}});
  EXPECT_EQ(weak.status, 422);
  EXPECT_TRUE(weak.body.contains("must have at least 12 characters"));
}

class OneName final : public PasswordDirectory {
 public:
  std::string name() const override { return "ldap"; }
  Result<std::optional<ExternalIdentity>> check(std::string_view username, std::string_view password) override {
    if (username == "ada" && password == "from-ldap") return std::optional(ExternalIdentity{"ldap", "cn=ada", "Ada@Example.com", "Ada", "", {}});
    return std::optional<ExternalIdentity>();
  }
};

TEST(Directory, ProvesUsersWithoutAPasswordHere) {
  TestBench bench([](Options& options) { options.password_directories.push_back(std::make_shared<OneName>()); });
  store::UserRow ada = bench.add_user("ada");
  EXPECT_EQ(bench.log_in("ada", "from-ldap").status, 200);
  EXPECT_EQ(bench.log_in("ada", "wrong").status, 401);
  EXPECT_EQ(bench.log_in("ada@example.com", "from-ldap").status, 401) << "whoever has a password here uses it";
}

// ---- the first start

TEST(Setup, IsDoneOnceHoweverManyTry) {
  TestBench bench({}, 4);
  bench.add_tenant("main");
  EXPECT_EQ(bench.call("GET", "/api/v1/setup").json().as_object().at("done"), Json(false));
  EXPECT_EQ(bench.call("GET", "/api/v1/configs/login").body, R"({"isBasicAuthInitialized":false})");
  EXPECT_EQ(bench.call("POST", "/api/v1/setup", R"({"username":"nobody","password":"Passw0rd-1"})").status, 422);
  EXPECT_EQ(bench.call("POST", "/api/v1/setup", R"({"username":"a@b.c","password":"weak"})").status, 422);
  std::vector<std::future<int>> tries;
  for (int i = 0; i < 4; ++i)
    tries.push_back(std::async(std::launch::async, [&bench, i] {
      return bench.call("POST", "/api/v1/setup", write_json(JsonObject{{"username", fmt::format("u{}@example.com", i)}, {"password", "Passw0rd-1"}, {"tenant", JsonObject{{"id", fmt::format("t{}", i)}, {"name", "T"}}}})).status;
    }));
  std::map<int, int> statuses;
  for (auto& one : tries) ++statuses[one.get()];
  EXPECT_EQ(statuses, (std::map<int, int>{{200, 1}, {409, 3}}));
  EXPECT_EQ(*bench.system().count_users(), 1);
  EXPECT_EQ(bench.system().tenants("")->size(), 2u) << "main, and the one of whoever was first";
  EXPECT_EQ(bench.call("GET", "/api/v1/setup").status, 404);
  EXPECT_EQ(bench.call("POST", "/api/v1/main/basicAuth", R"({"username":"a@b.c","password":"Passw0rd-1"})").status, 409);
}

TEST(Setup, OfTheOpenEditionMakesAnAdminOfTheDefaultTenant) {
  TestBench bench;
  bench.add_tenant("main");
  EXPECT_EQ(bench.call("POST", "/api/v1/main/basicAuth", R"({"uid":"x","username":"a@b.c","password":"Passw0rd-1"})").status, 204);
  EXPECT_EQ(bench.call("GET", "/api/v1/main/flows/search", {}, {{"Authorization", basic("a@b.c")}}).status, 200);
  EXPECT_EQ(bench.call("GET", "/api/v1/configs/login").body, R"({"isBasicAuthInitialized":true})");
}

// ---- tenancy

TEST(Tenancy, WithoutTenantsHasOne) {
  TestBench bench([](Options& options) { options.tenants_enabled = false; });
  const store::UserRow root = bench.add_user("root", true);
  bench.grant(root.id, bench.add_tenant("main"));
  bench.grant(root.id, bench.add_tenant("acme"));
  const auto get = [&](std::string_view target) { return bench.call("GET", target, {}, {{"Authorization", basic("root@example.com")}}); };
  EXPECT_EQ(get("/api/v1/flows/search").status, 200);
  EXPECT_EQ(get("/api/v1/main/flows/search").status, 200);
  EXPECT_EQ(get("/api/v1/acme/flows/search").status, 404);
  EXPECT_EQ(get("/api/v1/tenants/search").headers.get("X-Error-Code"), "tenants-disabled");
}

TEST(Tenancy, WithoutADefaultTenantNeedsOneInThePath) {
  TestBench bench([](Options& options) { options.serves_default_tenant = false; });
  const store::UserRow root = bench.add_user("root", true);
  bench.grant(root.id, bench.add_tenant("main"));
  const auto get = [&](std::string_view target) { return bench.call("GET", target, {}, {{"Authorization", basic("root@example.com")}}); };
  EXPECT_EQ(get("/api/v1/flows/search").headers.get("X-Error-Code"), "tenant-missing");
  EXPECT_EQ(get("/api/v1/main/flows/search").status, 200);
  EXPECT_EQ(bench.call("POST", "/api/v1/executions/webhook/a.b/f/k").headers.get("X-Error-Code"), "tenant-missing");
}

}  // namespace
}  // namespace insula::api
