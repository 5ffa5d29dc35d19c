// The algebra of permissions.
#include "access/access.h"

#include <gtest/gtest.h>

namespace insula::access {
namespace {

using enum Action;

Grant everywhere(ManagedRole role) { return {permissions_of(role), std::nullopt}; }
Grant within(ManagedRole role, const char* scope) { return {permissions_of(role), Namespace(scope)}; }
Json json(std::string_view text) { return parse_json(text).value(); }

TEST(Permissions, HaveNamesThatReadBack) {
  for (std::size_t i = 0; i < resource_count; ++i) EXPECT_EQ(resource_named(to_string(static_cast<Resource>(i))), static_cast<Resource>(i));
  for (std::size_t i = 0; i < action_count; ++i) EXPECT_EQ(action_named(to_string(static_cast<Action>(i))), static_cast<Action>(i));
  EXPECT_EQ(to_string(Resource::policy), "POLICY");
  EXPECT_EQ(to_string(impersonate), "IMPERSONATE");
  EXPECT_FALSE(resource_named("flow"));
  EXPECT_FALSE(action_named(""));
}

TEST(Permissions, OfARoleSurviveJson) {
  for (const ManagedRole role : managed_roles) {
    std::vector<std::string> unknown;
    EXPECT_EQ(read_permissions(permissions_of(role).to_json(), &unknown), permissions_of(role)) << to_string(role);
    EXPECT_TRUE(unknown.empty());
    EXPECT_EQ(managed_role_named(to_string(role)), role);
  }
}

TEST(Permissions, IgnoreActionsThatDoNotExistOnAResource) {
  Permissions permissions;
  permissions.add(Resource::kvstore, kill);
  permissions.add(Resource::copilot, {view, use});
  EXPECT_EQ(write_json(permissions.to_json()), R"({"COPILOT":["USE"]})");
  EXPECT_EQ(permissions.count(), 1u);
}

TEST(Permissions, ReadTheVerbsOfTheOldModel) {
  EXPECT_EQ(write_json(read_permissions(json(R"({"FLOW": ["READ"]})"))->to_json()), R"({"FLOW":["VIEW","LIST","EXPORT"]})");
  EXPECT_EQ(write_json(read_permissions(json(R"({"FLOW": ["READ", "CREATE", "UPDATE", "DELETE"]})"))->to_json()),
            R"({"FLOW":["VIEW","LIST","CREATE","UPDATE","DELETE","EXECUTE","EXPORT","IMPORT","DISABLE","ENABLE","VALIDATE"],"NAMESPACE":["MANAGE_FILES"]})");
  const auto execution = read_permissions(json(R"({"EXECUTION": ["READ", "UPDATE"]})")).value();
  for (const Action action : {view, list, access_logs, access_outputs, access_files, export_, follow, update, restart, kill, replay, pause, resume, change_labels, unqueue, force_run}) {
    EXPECT_TRUE(execution.allows(Resource::execution, action)) << to_string(action);
  }
  EXPECT_FALSE(execution.allows(Resource::execution, create));
  EXPECT_TRUE(execution.allows(Resource::trigger, unlock));
  EXPECT_FALSE(execution.allows(Resource::trigger, delete_));
}

TEST(Permissions, ReadTheResourcesOfTheOldModel) {
  const auto permissions =
      read_permissions(json(R"({"SETTING": ["READ"], "AI_COPILOT": ["READ"], "TEST": ["READ", "CREATE"], "APPEXECUTION": ["CREATE"], "TENANT_ACCESS": ["DELETE"],
                                "GROUP_MEMBERSHIP": ["UPDATE"], "TEMPLATE": ["READ"], "IMPERSONATE": ["READ"]})"))
          .value();
  EXPECT_EQ(write_json(permissions.to_json()),
            R"({"APP":["EXECUTE"],"SYSTEM_SETTINGS":["VIEW"],"TENANT_SETTINGS":["VIEW"],"TESTSUITE":["VIEW","LIST","CREATE","EXECUTE"],"USER":["DELETE"],"GROUP":["MANAGE_MEMBERS"],"COPILOT":["USE"]})");
}

TEST(Permissions, ReadPlainVerbsAsNewWhenNothingSaysOld) {
  EXPECT_EQ(write_json(read_permissions(json(R"({"FLOW": ["UPDATE"]})"))->to_json()), R"({"FLOW":["UPDATE"]})");
}

TEST(Permissions, DropAndReportUnknownNames) {
  std::vector<std::string> unknown;
  const auto permissions = read_permissions(json(R"({"FLOW": ["VIEW", "JUMP", "KILL"], "MOON": ["VIEW", "READ"]})"), &unknown).value();
  EXPECT_EQ(write_json(permissions.to_json()), R"({"FLOW":["VIEW"]})");
  EXPECT_EQ(unknown, (std::vector<std::string>{"FLOW.JUMP", "FLOW.KILL", "MOON.VIEW", "MOON.READ"}));
}

TEST(Permissions, RefuseAnotherForm) {
  for (const std::string_view text : {"[]", "1", R"({"FLOW": "VIEW"})", R"({"FLOW": [1]})"}) {
    EXPECT_EQ(read_permissions(json(text)).error().code, "permissions-invalid") << text;
  }
}

TEST(Roles, GrowFromViewerToAdmin) {
  const std::array ladder{ManagedRole::viewer, ManagedRole::launcher, ManagedRole::editor, ManagedRole::developer, ManagedRole::admin};
  for (std::size_t i = 1; i < ladder.size(); ++i) {
    EXPECT_TRUE(permissions_of(ladder[i]).contains(permissions_of(ladder[i - 1])));
    EXPECT_FALSE(permissions_of(ladder[i - 1]).contains(permissions_of(ladder[i])));
  }
  EXPECT_EQ(permissions_of(ManagedRole::admin), Permissions::all());
}

TEST(Roles, GiveWhatTheirNamesPromise) {
  const Permissions& viewer = permissions_of(ManagedRole::viewer);
  EXPECT_TRUE(viewer.allows(Resource::execution, access_logs));
  EXPECT_FALSE(viewer.allows(Resource::flow, execute));
  EXPECT_FALSE(viewer.allows(Resource::secret, list));
  EXPECT_TRUE(permissions_of(ManagedRole::launcher).allows(Resource::execution, create));
  EXPECT_FALSE(permissions_of(ManagedRole::launcher).allows(Resource::flow, update));
  EXPECT_FALSE(permissions_of(ManagedRole::editor).allows(Resource::secret, update));
  EXPECT_TRUE(permissions_of(ManagedRole::developer).allows(Resource::secret, update));
  EXPECT_FALSE(permissions_of(ManagedRole::developer).allows(Resource::user, view));
  EXPECT_FALSE(permissions_of(ManagedRole::developer).allows(Resource::auditlog, view));
}

TEST(Grants, ReachDownTheTreeOfNamespacesOnly) {
  EXPECT_TRUE(covers(Namespace("a"), Namespace("a")));
  EXPECT_TRUE(covers(Namespace("a"), Namespace("a.b.c")));
  EXPECT_FALSE(covers(Namespace("a"), Namespace("ab")));
  EXPECT_FALSE(covers(Namespace("a.b"), Namespace("a")));
  const std::vector grants{within(ManagedRole::editor, "a.b")};
  EXPECT_TRUE(allows(grants, Resource::flow, update, Namespace("a.b")));
  EXPECT_TRUE(allows(grants, Resource::flow, update, Namespace("a.b.c")));
  EXPECT_FALSE(allows(grants, Resource::flow, update, Namespace("a")));
  EXPECT_FALSE(allows(grants, Resource::flow, update, Namespace("a.bc")));
  EXPECT_FALSE(allows(grants, Resource::flow, update));
}

TEST(Grants, WithAScopeNeverReachResourcesOfTheTenant) {
  const std::vector grants{within(ManagedRole::admin, "a")};
  for (const Resource resource : {Resource::user, Resource::role, Resource::auditlog, Resource::dashboard, Resource::tenant_settings}) {
    EXPECT_FALSE(allows(grants, resource, view, Namespace("a"))) << to_string(resource);
    EXPECT_FALSE(allows_somewhere(grants, resource, view)) << to_string(resource);
  }
}

TEST(Grants, WithAnEmptyScopeReachNothing) {
  const std::vector grants{within(ManagedRole::admin, "")};
  EXPECT_FALSE(allows(grants, Resource::flow, view, Namespace("a")));
  EXPECT_FALSE(allows(grants, Resource::flow, view, Namespace("")));
  EXPECT_TRUE(namespaces_allowed(grants, Resource::flow, view).nowhere());
}

TEST(Grants, SayWhereAQueryMayLook) {
  EXPECT_TRUE(namespaces_allowed({}, Resource::flow, list).nowhere());
  const std::vector grants{within(ManagedRole::viewer, "b.c"), within(ManagedRole::viewer, "a"), within(ManagedRole::editor, "a.x"), within(ManagedRole::viewer, "a")};
  EXPECT_EQ(namespaces_allowed(grants, Resource::flow, list).prefixes, (std::vector{Namespace("a"), Namespace("b.c")}));
  EXPECT_EQ(namespaces_allowed(grants, Resource::flow, update).prefixes, std::vector{Namespace("a.x")});
  const std::vector wide{grants[0], everywhere(ManagedRole::viewer)};
  EXPECT_TRUE(namespaces_allowed(wide, Resource::flow, list).all);
  EXPECT_TRUE(namespaces_allowed(wide, Resource::flow, update).nowhere());
}

TEST(Grants, StartARunInEitherModel) {
  const std::vector old_launcher{Grant{read_permissions(json(R"({"FLOW": ["READ"], "EXECUTION": ["READ", "CREATE"]})")).value(), Namespace("a")}};
  EXPECT_TRUE(allows_run(old_launcher, Namespace("a.b")));
  EXPECT_FALSE(allows_run(old_launcher, Namespace("b")));
  EXPECT_TRUE(allows_run_somewhere(old_launcher));
  EXPECT_TRUE(allows_run(std::vector{Grant{read_permissions(json(R"({"FLOW": ["EXECUTE"]})")).value(), std::nullopt}}, Namespace("b")));
  EXPECT_FALSE(allows_run(std::vector{everywhere(ManagedRole::viewer)}, Namespace("b")));
}

TEST(Grants, AreHandedOutOnlyByWhoHoldsThem) {
  const std::vector editor{within(ManagedRole::editor, "a")};
  EXPECT_TRUE(may_grant(editor, within(ManagedRole::viewer, "a.b")));
  EXPECT_TRUE(may_grant(editor, within(ManagedRole::editor, "a")));
  EXPECT_FALSE(may_grant(editor, within(ManagedRole::developer, "a")));
  EXPECT_FALSE(may_grant(editor, within(ManagedRole::viewer, "b")));
  EXPECT_FALSE(may_grant(editor, everywhere(ManagedRole::viewer)));
  EXPECT_TRUE(may_grant(std::vector{everywhere(ManagedRole::admin)}, everywhere(ManagedRole::admin)));
}

// Properties over random grants.
class RandomGrants {
 public:
  std::uint64_t below(std::uint64_t bound) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return (state_ >> 33) % bound;
  }
  Namespace some_namespace() {
    std::string name(1, static_cast<char>('a' + below(3)));
    for (std::uint64_t depth = below(3); depth > 0; --depth) name += fmt::format(".{}", static_cast<char>('a' + below(3)));
    return Namespace(name);
  }
  Grant grant() {
    Grant grant;
    for (std::uint64_t i = below(60); i > 0; --i) grant.permissions.add(resource(), action());
    if (below(5) != 0) grant.scope = some_namespace();
    return grant;
  }
  std::vector<Grant> grants() {
    std::vector<Grant> all;
    for (std::uint64_t i = below(5); i > 0; --i) all.push_back(grant());
    return all;
  }
  Resource resource() { return static_cast<Resource>(below(resource_count)); }
  Action action() { return static_cast<Action>(below(action_count)); }

 private:
  std::uint64_t state_ = 17;
};

TEST(GrantsProperty, MoreGrantsNeverTakeARightAway) {
  RandomGrants random;
  for (int round = 0; round < 3000; ++round) {
    auto grants = random.grants();
    const Resource resource = random.resource();
    const Action action = random.action();
    const Namespace where = random.some_namespace();
    const bool before = allows(grants, resource, action, where);
    const bool before_anywhere = allows_somewhere(grants, resource, action);
    grants.push_back(random.grant());
    EXPECT_TRUE(!before || allows(grants, resource, action, where));
    EXPECT_TRUE(!before_anywhere || allows_somewhere(grants, resource, action));
  }
}

TEST(GrantsProperty, WhatHoldsForTheTenantOrAParentHoldsBelow) {
  RandomGrants random;
  for (int round = 0; round < 3000; ++round) {
    const auto grants = random.grants();
    const Resource resource = random.resource();
    const Action action = random.action();
    const Namespace where = random.some_namespace();
    EXPECT_TRUE(!allows(grants, resource, action) || allows(grants, resource, action, where));
    EXPECT_TRUE(!allows(grants, resource, action, where) || allows(grants, resource, action, Namespace(where.str() + ".deeper")));
    EXPECT_TRUE(!allows(grants, resource, action, where) || allows_somewhere(grants, resource, action));
  }
}

TEST(GrantsProperty, AQueryIsRestrictedToExactlyWhatIsAllowed) {
  RandomGrants random;
  for (int round = 0; round < 3000; ++round) {
    const auto grants = random.grants();
    const auto more = random.grants();
    const Resource resource = random.resource();
    const Action action = random.action();
    const Namespace where = random.some_namespace();
    const Namespaces places = namespaces_allowed(grants, resource, action);
    EXPECT_EQ(places.contains(where), allows(grants, resource, action, where));
    EXPECT_EQ(places.all, allows(grants, resource, action));
    std::vector<Grant> both = grants;
    both.insert(both.end(), more.begin(), more.end());
    EXPECT_EQ(places | namespaces_allowed(more, resource, action), namespaces_allowed(both, resource, action));
  }
}

TEST(GrantsProperty, NobodyGainsByGrantingToThemselves) {
  RandomGrants random;
  for (int round = 0; round < 2000; ++round) {
    const auto grants = random.grants();
    const Grant wanted = random.grant();
    if (!may_grant(grants, wanted)) continue;
    auto after = grants;
    after.push_back(wanted);
    const Resource resource = random.resource();
    const Action action = random.action();
    const Namespace where = random.some_namespace();
    EXPECT_EQ(allows(after, resource, action, where), allows(grants, resource, action, where));
  }
}

}  // namespace
}  // namespace insula::access
