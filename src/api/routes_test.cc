#include <gtest/gtest.h>

#include "api/api.h"
#include "api/router.h"

namespace insula::api {
namespace {

TEST(Routes, AreDocumentedAndNeverCollide) {
  const std::vector<Route> routes = all_routes();
  EXPECT_GT(routes.size(), 100u);
  for (const Route& route : routes) EXPECT_FALSE(route.doc.empty()) << route.pattern;
  const Router router(routes);  // asserts on two routes of one shape and on tenant routes whose resource could be the id of a tenant
}

TEST(Routes, NameOnlyParametersThatTheirPatternHas) {
  for (const Route& route : all_routes()) {
    const std::string_view name = route.rule.kind() == Rule::Kind::needs ? route.rule.namespace_parameter() : std::string_view();
    EXPECT_TRUE(name.empty() || route.pattern.contains(fmt::format("{{{}}}", name))) << route.pattern;
  }
}

TEST(Routes, AskForThePermissionInTheNamespaceOfThePath) {
  for (const Route& route : all_routes())
    if (route.rule.kind() == Rule::Kind::needs && route.pattern.contains("{namespace}")) EXPECT_EQ(route.rule.namespace_parameter(), "namespace") << route.pattern;
}

TEST(Routes, OfATenantAlwaysNeedAGrantMembershipOrAWebhookKey) {
  for (const Route& route : all_routes())
    if (route.pattern.contains("{tenant}") && !route.pattern.ends_with("/configs") && !route.pattern.ends_with("/basicAuth")) EXPECT_TRUE(route.rule.is_of_tenant()) << route.pattern;
}

TEST(Routes, AreOpenOnlyWhereWeMeantThem) {
  std::vector<std::string> open;
  for (const Route& route : all_routes())
    if (route.rule.kind() == Rule::Kind::open) open.push_back(route.pattern);
  std::ranges::sort(open);
  EXPECT_EQ(open, (std::vector<std::string>{"/", "/api/v1/auths", "/api/v1/basicAuthValidationErrors", "/api/v1/configs/login", "/api/v1/forgotten-password", "/api/v1/invitation/create/{invitationId}", "/api/v1/login",
                                            "/api/v1/reset-password", "/api/v1/setup", "/api/v1/setup", "/api/v1/validate-password", "/api/v1/{tenant}/basicAuth", "/api/v1/{tenant}/configs",
                                            "/health", "/health/liveness", "/health/readiness", "/login", "/ping", "/ui", "/ui/", "/ui/{path*}"}));
}

// Whoever governs the instance decides who enters a tenant, and sees nothing of what runs there.
TEST(Routes, OfATenantAdmitSuperAdminsOnlyWhereItIsAboutPeople) {
  using access::Resource;
  constexpr std::array about_people{Resource::user, Resource::group, Resource::role, Resource::binding, Resource::service_account, Resource::invitation};
  for (const Route& route : all_routes()) {
    if (!route.rule.admits_super_admin() || route.rule.kind() == Rule::Kind::member) continue;
    EXPECT_NE(std::ranges::find(about_people, route.rule.resource()), about_people.end()) << route.pattern;
  }
}

TEST(Routes, NameTheGroupWhoseOwnersMayCall) {
  for (const Route& route : all_routes()) {
    const std::string_view group = route.rule.group_parameter();
    if (!group.empty()) EXPECT_TRUE(route.pattern.contains(fmt::format("/groups/{{{}}}", group))) << route.pattern;
  }
}

TEST(Routes, ExistInBothDialectsOfActions) {
  const std::vector<Route> routes = all_routes();
  const Router router(routes);
  for (const std::string_view action : {"restart", "replay", "replay-with-inputs", "pause", "resume", "state", "change-status", "labels", "force-run", "unqueue"}) {
    for (const std::string_view family : {"", "actions/"}) {
      const auto target = http::parse_target(fmt::format("/api/v1/acme/executions/e1/{}{}", family, action));
      const Match match = router.match(http::Method::post, target->segments);
      ASSERT_NE(match.route, nullptr) << action;
      EXPECT_EQ(match.parameter("execution"), "e1") << match.route->pattern;
    }
  }
}

// A flow may have the name of an action, unless that is a reserved flow id: a dot says that the word before it is a namespace.
TEST(Routes, TakeAPathWithTheWordOfAnActionForTheActionUnlessANamespaceStandsBeforeIt) {
  const std::vector<Route> routes = all_routes();
  const Router router(routes);
  const auto execution = http::parse_target("/api/v1/main/executions/03557cRJwlYfhlEbkD4rM2/state"), flow = http::parse_target("/api/v1/main/executions/io.x/state");
  EXPECT_EQ(router.match(http::Method::post, execution->segments).parameter("execution"), "03557cRJwlYfhlEbkD4rM2");
  EXPECT_EQ(router.match(http::Method::post, flow->segments).parameter("namespace"), "io.x");
}

TEST(Rules, AreToldInWords) {
  EXPECT_EQ(to_string(public_()), "public");
  EXPECT_EQ(to_string(needs(access::Resource::flow, access::Action::view, "namespace")), "FLOW VIEW in {namespace}");
  EXPECT_EQ(to_string(may_run()), "EXECUTION CREATE or FLOW EXECUTE");
  EXPECT_EQ(to_string(needs(access::Resource::flow, access::Action::view).or_needs(access::Resource::execution, access::Action::view)), "FLOW VIEW or EXECUTION VIEW");
  EXPECT_EQ(to_string(member().or_super_admin()), "member of the tenant or super admin");
  EXPECT_EQ(to_string(needs(access::Resource::group, access::Action::manage_members).or_owner_of("id").or_super_admin()),
            "GROUP MANAGE_MEMBERS or owner of the group in {id} or super admin");
}

}  // namespace
}  // namespace insula::api
