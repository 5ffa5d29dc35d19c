// People, roles, groups, bindings, invitations, tokens and sessions, on both databases.
#include "store/store_suite.h"

namespace insula::store {
namespace {

UserRow person(std::string_view id, std::string_view email) {
  UserRow u;
  u.id = UserId(id), u.email = email, u.first_name = "Ada", u.last_name = "Lovelace", u.created = at(1);
  return u;
}

RoleRow role(std::string_view id, std::string_view name, access::Resource resource, access::Action action, bool is_default = false) {
  RoleRow r;
  r.id = RoleId(id), r.name = name, r.is_default = is_default, r.created = at(1);
  r.permissions.add(resource, action);
  return r;
}

BindingRow binding(std::string_view id, SubjectKind kind, std::string_view subject, std::string_view role, std::optional<Namespace> ns = std::nullopt) {
  return {BindingId(id), kind, std::string(subject), RoleId(role), std::move(ns), at(2)};
}

using access::Action;
using access::Resource;

TEST_P(StoreSuite, RightsComeFromBindingsOfTheUserAndOfItsGroups) {
  const TenantScope acme = tenant("acme"), globex = tenant("globex");
  const auto directory = stores->directory(acme), other = stores->directory(globex);
  const UserId ada("u1");
  must(stores->system().create_user(person("u1", "ada@example.org")));
  EXPECT_FALSE(must(directory->standing(ada)).has_access);

  DirectoryTurn turn;
  turn.roles = {role("r1", "Flow writer", Resource::flow, Action::create), role("r2", "Killer", Resource::execution, Action::kill)};
  turn.groups = {{GroupId("g1"), "Data", "Data people", false, at(1)}};
  turn.members = {{GroupId("g1"), ada, true, at(2)}};
  turn.bindings = {binding("b1", SubjectKind::user, "u1", "r1", Namespace("a.b")), binding("b2", SubjectKind::group, "g1", "r2"), binding("b3", SubjectKind::group, "g1", "VIEWER", Namespace("c"))};
  must(directory->commit(turn, at(3)));

  const Standing standing = must(directory->standing(ada));
  EXPECT_TRUE(standing.has_access);
  ASSERT_EQ(standing.grants.size(), 3u);
  EXPECT_TRUE(access::allows(standing.grants, Resource::flow, Action::create, Namespace("a.b.c")));
  EXPECT_FALSE(access::allows(standing.grants, Resource::flow, Action::create, Namespace("a")));
  EXPECT_TRUE(access::allows(standing.grants, Resource::execution, Action::kill, Namespace("z")));
  EXPECT_TRUE(access::allows(standing.grants, Resource::flow, Action::view, Namespace("c")));
  const auto held = must(directory->held(ada));
  ASSERT_EQ(held.size(), 3u);
  EXPECT_EQ(held[0].binding.id, BindingId("b1"));
  EXPECT_EQ(held[0].role.name, "Flow writer");
  EXPECT_EQ(held[2].role.name, "Viewer");
  EXPECT_FALSE(must(other->standing(ada)).has_access);
  EXPECT_TRUE(must(other->held(ada)).empty());
  ASSERT_EQ(must(directory->groups_of(ada)).size(), 1u);
  EXPECT_TRUE(must(directory->groups_of(ada))[0].second.owner);
  EXPECT_EQ(must(directory->members(GroupId("g1"), where({}))).rows[0].first.email, "ada@example.org");

  DirectoryTurn gone;
  gone.removed_groups = {GroupId("g1")};
  gone.removed_roles = {RoleId("r2")};
  must(directory->commit(gone, at(4)));
  EXPECT_EQ(must(directory->standing(ada)).grants.size(), 1u);
  EXPECT_EQ(must(directory->search_bindings(where({}))).total, 1);
  gone = {};
  gone.removed_bindings = {BindingId("b1")};
  must(directory->commit(gone, at(5)));
  EXPECT_FALSE(must(directory->standing(ada)).has_access);
}

TEST_P(StoreSuite, AccessWithoutARoleShowsTheTenantAndNothingInIt) {
  const TenantScope acme = tenant("acme");
  const auto directory = stores->directory(acme);
  must(stores->system().create_user(person("u1", "ada@example.org")));
  must(stores->system().create_user(person("u2", "bob@example.org")));
  DirectoryTurn turn;
  turn.accesses = {UserId("u1")};
  must(directory->commit(turn, at(1)));
  EXPECT_TRUE(must(directory->standing(UserId("u1"))).has_access);
  EXPECT_TRUE(must(directory->standing(UserId("u1"))).grants.empty());
  EXPECT_EQ(must(stores->system().tenants_of(UserId("u1"))).size(), 1u);
  EXPECT_TRUE(must(directory->person(UserId("u1"))).has_value());
  EXPECT_FALSE(must(directory->person(UserId("u2"))).has_value());
  EXPECT_EQ(must(directory->search_people(where({}))).total, 1);
  EXPECT_EQ(must(directory->search_people(where({{"q", Op::equals, {}, {"BOB"}}}))).total, 0);
  EXPECT_EQ(must(stores->system().search_users(where({{"q", Op::equals, {}, {"BOB"}}}))).total, 1);
}

TEST_P(StoreSuite, RolesAreSearchedTogetherWithTheBuiltInOnes) {
  const auto directory = stores->directory(tenant("acme"));
  DirectoryTurn turn;
  turn.roles = {role("r1", "Auditor", Resource::auditlog, Action::view, true)};
  must(directory->commit(turn, at(1)));
  const auto all = must(directory->search_roles(where({})));
  ASSERT_EQ(all.total, 6);
  EXPECT_EQ(all.rows[0].name, "Admin");
  EXPECT_EQ(all.rows[1].name, "Auditor");
  EXPECT_EQ(must(directory->search_roles(where({{"q", Op::equals, {}, {"audi"}}}))).rows[0].id, RoleId("r1"));
  EXPECT_EQ(must(directory->search_roles(where({}, {.number = 2, .size = 4, .sort = {}}))).rows.size(), 2u);
  EXPECT_EQ(must(directory->role(RoleId("ADMIN"))).value().permissions, access::Permissions::all());
  EXPECT_EQ(must(directory->role(RoleId("r1"))).value().permissions, turn.roles[0].permissions);
  EXPECT_FALSE(must(directory->role(RoleId("r9"))).has_value());
  ASSERT_EQ(must(directory->default_roles()).size(), 1u);
}

TEST_P(StoreSuite, NamesOfGroupsAreUniqueWithinATenant) {
  const auto directory = stores->directory(tenant("acme")), other = stores->directory(tenant("globex"));
  DirectoryTurn turn;
  turn.groups = {{GroupId("g1"), "Data", "", false, at(1)}};
  must(directory->commit(turn, at(1)));
  turn.groups[0].id = GroupId("g2");
  EXPECT_EQ(code_of(directory->commit(turn, at(1))), "group-exists");
  must(other->commit(turn, at(1)));
  EXPECT_FALSE(must(other->group(GroupId("g1"))).has_value());
  EXPECT_EQ(must(directory->search_groups(where({{"q", Op::equals, {}, {"dat"}}}))).total, 1);
}

TEST_P(StoreSuite, ADeletedUserHoldsNothingAnywhere) {
  SystemStore& system = stores->system();
  const TenantScope acme = tenant("acme"), globex = tenant("globex");
  SystemTurn turn;
  turn.new_users = {person("u1", "ada@example.org")};
  TokenRow token;
  token.id = TokenId("t1"), token.user = UserId("u1"), token.name = "ci", token.record = {"ist_abcdefghij", "00", "11"}, token.created = at(1), token.expires = at(100);
  token.life = {std::chrono::hours(1), true};
  turn.tokens = {token};
  turn.sessions = {{"hash1", UserId("u1"), UserId(), at(1), at(50)}};
  turn.resets = {{"hash2", UserId("u1"), at(50)}};
  DirectoryTurn part;
  part.accesses = {UserId("u1")};
  turn.tenants = {{acme.uid(), part}, {globex.uid(), part}};
  must(system.commit(turn, at(1)));
  EXPECT_EQ(must(system.tenants_of(UserId("u1"))).size(), 2u);
  const TokenRow read = must(system.token_by_prefix("ist_abcdefghij")).value();
  EXPECT_EQ(read.life.max_age, Duration(std::chrono::hours(1)));
  EXPECT_EQ(read.expires, at(100));
  EXPECT_EQ(must(system.session("hash1")).value().user, UserId("u1"));
  EXPECT_EQ(must(system.password_reset("hash2")).value().user, UserId("u1"));
  EXPECT_FALSE(must(system.session("hash2")).has_value());

  SystemTurn removal;
  removal.removed_users = {UserId("u1")};
  must(system.commit(removal, at(2)));
  EXPECT_FALSE(must(system.user(UserId("u1"))).has_value());
  EXPECT_FALSE(must(system.token_by_prefix("ist_abcdefghij")).has_value());
  EXPECT_FALSE(must(system.session("hash1")).has_value());
  EXPECT_FALSE(must(system.password_reset("hash2")).has_value());
  EXPECT_FALSE(must(stores->directory(acme)->standing(UserId("u1"))).has_access);
  EXPECT_TRUE(must(system.tenants_of(UserId("u1"))).empty());
}

TEST_P(StoreSuite, SessionsEndByThemselves) {
  SystemTurn turn;
  turn.sessions = {{"old", UserId("u1"), UserId(), at(1), at(10)}, {"new", UserId("u1"), UserId("u2"), at(1), at(20)}};
  must(stores->system().commit(turn, at(1)));
  must(stores->system().remove_expired(at(10)));
  EXPECT_FALSE(must(stores->system().session("old")).has_value());
  EXPECT_EQ(must(stores->system().session("new")).value().impersonator, UserId("u2"));
  SystemTurn out;
  out.signed_out = {UserId("u2")};
  must(stores->system().commit(out, at(11)));
  EXPECT_FALSE(must(stores->system().session("new")).has_value());
}

TEST_P(StoreSuite, ServiceAccountsShareNamesAndEndWithTheirTenant) {
  SystemStore& system = stores->system();
  const TenantScope acme = tenant("acme");
  SystemTurn turn;
  for (const char* id : {"s1", "s2", "s3"}) {
    UserRow program;
    program.id = UserId(id), program.service_account = true, program.name = "deployer", program.created = at(1);
    if (program.id != UserId("s3")) program.home = acme.uid();
    turn.new_users.push_back(program);
  }
  DirectoryTurn part;
  part.accesses = {UserId("s1"), UserId("s2"), UserId("s3")};
  turn.tenants = {{acme.uid(), part}};
  must(system.commit(turn, at(1)));
  EXPECT_EQ(must(system.count_users()), 0);
  EXPECT_FALSE(must(system.user_by_email("")).has_value());
  EXPECT_EQ(must(stores->directory(acme)->search_people(where({{"type", Op::equals, {}, {"SERVICE_ACCOUNT"}}}))).total, 3);
  EXPECT_EQ(must(stores->directory(acme)->search_people(where({{"home", Op::equals, {}, {"true"}}}))).total, 2);
  EXPECT_EQ(must(system.search_users(where({{"instance", Op::equals, {}, {"true"}}}))).total, 1);
  must(system.remove_tenant(acme.uid()));
  EXPECT_FALSE(must(system.user(UserId("s1"))).has_value());
  EXPECT_TRUE(must(system.user(UserId("s3"))).has_value());
}

TEST_P(StoreSuite, InvitationsAreFoundByTheirIdFromOutside) {
  const TenantScope acme = tenant("acme"), globex = tenant("globex");
  InvitationRow invitation;
  invitation.id = InvitationId("i1"), invitation.email = "New@Example.org", invitation.sent = at(1), invitation.expires = at(100);
  invitation.roles = {JsonObject{{"id", "VIEWER"}, {"namespaces", JsonArray{"a"}}}};
  DirectoryTurn turn;
  turn.invitations = {invitation};
  must(stores->directory(acme)->commit(turn, at(1)));
  EXPECT_FALSE(must(stores->directory(globex)->invitation(InvitationId("i1"))).has_value());
  const auto found = must(stores->system().invitation(InvitationId("i1"))).value();
  EXPECT_EQ(found.first.uid, acme.uid());
  EXPECT_EQ(write_json(Json(found.second.roles)), write_json(Json(invitation.roles)));
  EXPECT_EQ(must(stores->system().invitations_of("NEW@example.org")).size(), 1u);
  const auto by_status = [&](std::string_view status, Instant now) {
    return must(stores->directory(acme)->search_invitations(where({{"status", Op::equals, format_instant(now), {std::string(status)}}}))).total;
  };
  EXPECT_EQ(by_status("PENDING", at(50)), 1);
  EXPECT_EQ(by_status("EXPIRED", at(50)), 0);
  EXPECT_EQ(by_status("EXPIRED", at(150)), 1);
  turn.invitations[0].accepted = at(60);
  must(stores->directory(acme)->commit(turn, at(60)));
  EXPECT_EQ(by_status("ACCEPTED", at(150)), 1);
  EXPECT_TRUE(must(stores->system().invitations_of("new@example.org")).empty());
}

TEST_P(StoreSuite, AChangeOfIdentityIsWrittenWholeOrNotAtAll) {
  const TenantScope acme = tenant("acme");
  int crashes = 0;
  for (bool finished = false; !finished;) {
    int left = crashes + 1;
    SystemTurn turn;
    turn.new_users = {person("u1", "ada@example.org")};
    DirectoryTurn part;
    part.roles = {role("r1", "Reader", Resource::flow, Action::view)};
    part.bindings = {binding("b1", SubjectKind::user, "u1", "r1")};
    AuditRow entry;
    entry.id = AuditId("a1"), entry.at = at(1), entry.kind = "CREATE", entry.resource = "BINDING", entry.object_id = "b1";
    part.audit = {entry};
    turn.tenants = {{acme.uid(), part}};
    hook = [&left](std::string_view) { if (--left == 0) throw SimulatedCrash(); };
    try {
      must(stores->system().commit(turn, at(1)));
      finished = true;
    } catch (const SimulatedCrash&) {
      ++crashes;
    }
    hook = {};
    reopen();
    // A crash right after the commit leaves it whole.
    finished = finished || must(stores->system().user(UserId("u1"))).has_value();
    ASSERT_EQ(must(stores->system().user(UserId("u1"))).has_value(), finished);
    ASSERT_EQ(must(stores->directory(acme)->standing(UserId("u1"))).has_access, finished);
    ASSERT_EQ(must(stores->system().tenants_with_outbox()).size(), finished ? 1u : 0u);
  }
  EXPECT_GE(crashes, 3);
}

}  // namespace
}  // namespace insula::store
