// Rows of the instance and of identity.
#include "store/store_suite.h"

namespace insula::store {
namespace {

UserRow user(std::string_view id, std::string_view email) {
  UserRow u;
  u.id = UserId(id), u.email = email, u.first_name = "Ada", u.last_name = "Lovelace", u.password_hash = "$argon2id$…", u.created = at(1);
  return u;
}

TEST_P(StoreSuite, TenantsAreCreatedOnceAndTheirIdsAreFreeAfterDeletion) {
  SystemStore& system = stores->system();
  TenantRow t;
  t.uid = TenantUid("uid1"), t.id = TenantId("acme"), t.name = "Acme Größe", t.created = at(1), t.settings = {{"worker", JsonObject{{"group", "x"}}}};
  must(system.create_tenant(t));
  const TenantRow read = must(system.tenant(TenantId("acme"))).value();
  EXPECT_EQ(read.uid, t.uid);
  EXPECT_EQ(read.name, t.name);
  EXPECT_EQ(read.created, t.created);
  EXPECT_EQ(write_json(read.settings), write_json(t.settings));
  TenantRow same = t;
  same.uid = TenantUid("uid2");
  EXPECT_EQ(code_of(system.create_tenant(same)), "tenant-exists");
  EXPECT_EQ(must(system.scope(TenantId("acme"))).uid(), t.uid);
  EXPECT_EQ(code_of(system.scope(TenantId("none"))), "tenant-not-found");

  t.state = "deleting";
  must(system.update_tenant(t));
  EXPECT_FALSE(must(system.tenant(TenantId("acme"))).has_value());
  EXPECT_EQ(code_of(system.scope(TenantId("acme"))), "tenant-not-found");
  ASSERT_EQ(must(system.tenants("deleting")).size(), 1u);
  must(system.create_tenant(same));
  t.state = "active";
  EXPECT_EQ(code_of(system.update_tenant(t)), "tenant-exists");
  must(system.remove_tenant(t.uid));
  EXPECT_TRUE(must(system.tenants("deleting")).empty());
  EXPECT_EQ(must(system.search_tenants(where({{"q", Op::equals, {}, {"GRÖSSE"}}}))).total, 0);
  EXPECT_EQ(must(system.search_tenants(where({{"q", Op::equals, {}, {"größe"}}}))).total, 1);
  reopen();
  EXPECT_EQ(must(stores->system().tenant(TenantId("acme"))).value().uid, same.uid);
}

TEST_P(StoreSuite, UsersAreUniqueByIdAndByEmailWhateverItsCase) {
  SystemStore& system = stores->system();
  EXPECT_EQ(must(system.count_users()), 0);
  must(system.create_user(user("u1", "Ada@Example.org")));
  EXPECT_EQ(code_of(system.create_user(user("u1", "other@example.org"))), "user-exists");
  EXPECT_EQ(code_of(system.create_user(user("u2", "ADA@example.org"))), "user-exists");
  must(system.create_user(user("u2", "bob@example.org")));
  UserRow read = must(system.user_by_email("aDA@example.org")).value();
  EXPECT_EQ(read.id, UserId("u1"));
  EXPECT_EQ(read.email, "ada@example.org");
  EXPECT_EQ(read.password_hash, "$argon2id$…");
  read.super_admin = true;
  must(system.update_user(read));
  EXPECT_TRUE(must(system.user(UserId("u1"))).value().super_admin);
  read.email = "bob@example.org";
  EXPECT_EQ(code_of(system.update_user(read)), "user-exists");
  EXPECT_EQ(code_of(system.update_user(user("none", "x@example.org"))), "user-not-found");
  EXPECT_FALSE(must(system.user(UserId("none"))).has_value());
  EXPECT_EQ(must(system.count_users()), 2);
}

TEST_P(StoreSuite, GrantsAreSeenOnlyFromTheirTenant) {
  SystemStore& system = stores->system();
  const TenantScope acme = tenant("acme"), globex = tenant("globex");
  const UserId ada("u1");
  const auto a = stores->directory(acme);
  const auto b = stores->directory(globex);
  EXPECT_TRUE(must(a->standing(ada)).grants.empty());
  must(a->grant_role(ada, "ADMIN", at(1)));
  must(a->grant_role(ada, "ADMIN", at(2)));
  must(a->grant_role(ada, "VIEWER", at(2)));
  EXPECT_EQ(code_of(a->grant_role(ada, "OWNER", at(2))), "role-unknown");
  ASSERT_EQ(must(a->standing(ada)).grants.size(), 2u);
  EXPECT_TRUE(access::allows(must(a->standing(ada)).grants, access::Resource::flow, access::Action::create));
  EXPECT_TRUE(must(b->standing(ada)).grants.empty());
  must(b->grant_role(ada, "VIEWER", at(3)));
  EXPECT_FALSE(access::allows(must(b->standing(ada)).grants, access::Resource::flow, access::Action::create));
  ASSERT_EQ(must(system.tenants_of(ada)).size(), 2u);
  DirectoryTurn leave;
  leave.removed_accesses = {ada};
  must(b->commit(leave, at(4)));
  EXPECT_FALSE(must(b->standing(ada)).has_access);
  EXPECT_EQ(must(a->standing(ada)).grants.size(), 2u);
  ASSERT_EQ(must(system.tenants_of(ada)).size(), 1u);
  EXPECT_EQ(must(system.tenants_of(ada))[0].id, TenantId("acme"));
  must(system.remove_tenant(acme.uid()));
  EXPECT_TRUE(must(system.tenants_of(ada)).empty());
  EXPECT_TRUE(must(a->standing(ada)).grants.empty());
}

TEST_P(StoreSuite, WakesAreHeldInOrderAndForActiveTenantsOnly) {
  SystemStore& system = stores->system();
  const TenantScope a = tenant("a"), b = tenant("b"), c = tenant("c");
  EXPECT_EQ(must(system.next_wake()), std::nullopt);
  must(system.set_wakes({{a.uid(), at(30)}, {b.uid(), at(10)}, {c.uid(), at(20)}, {a.uid(), at(25)}}));
  EXPECT_EQ(must(system.next_wake()), at(10));
  const auto due = must(system.wakes(at(20), 10));
  ASSERT_EQ(due.size(), 2u);
  EXPECT_EQ(due[0].first.id, TenantId("b"));
  EXPECT_EQ(due[1].second, at(20));
  EXPECT_EQ(must(system.wakes(at(100), 1)).size(), 1u);
  must(system.set_wakes({{b.uid(), std::nullopt}, {c.uid(), at(40)}}));
  EXPECT_EQ(must(system.next_wake()), at(25));
  TenantRow row = must(system.tenant(TenantId("a"))).value();
  row.state = "deleting";
  must(system.update_tenant(row));
  EXPECT_EQ(must(system.next_wake()), at(40));
}

TEST_P(StoreSuite, SettingsAreKept) {
  EXPECT_EQ(must(stores->system().setting("uuid")), std::nullopt);
  must(stores->system().set_setting("uuid", "1"));
  must(stores->system().set_setting("uuid", "2"));
  reopen();
  EXPECT_EQ(must(stores->system().setting("uuid")), "2");
}

TEST_P(StoreSuite, ACrashWhileATenantIsCreatedLeavesItWholeOrNotAtAll) {
  int crashes = 0, crashes_when_written = 0;
  for (bool exists = false; !exists;) {
    int left = crashes + 1;
    std::string last;
    hook = [&](std::string_view sql) {
      last = sql;
      if (--left == 0) throw SimulatedCrash();
    };
    bool crashed = false;
    try {
      tenant("acme");
    } catch (const SimulatedCrash&) {
      crashed = true;
      ++crashes;
    }
    hook = {};
    reopen();
    exists = must(stores->system().tenant(TenantId("acme"))).has_value();
    if (!crashed) ASSERT_TRUE(exists);
    if (!exists) continue;
    if (crashed) {
      ASSERT_EQ(last, "committed") << "only a crash after the commit of the tenant's row may leave the tenant";
      ++crashes_when_written;
    }
    EXPECT_EQ(must(open(must(stores->system().scope(TenantId("acme"))))->turn_number()), 0) << "its data must be there, too";
  }
  EXPECT_GE(crashes, 3);
  EXPECT_EQ(crashes_when_written, 1);
}

TEST_P(StoreSuite, NothingOfAnErasedTenantIsLeftInAnyTable) {
  const TenantScope scope = tenant("acme");
  Turn turn;
  turn.executions = {header("a", "f", execution::State::running, 1)};
  turn.namespaces = {{Namespace("a"), "ours", {}, at(1), at(1)}};
  turn.quota_counts = {{Namespace(), std::chrono::hours(1), at(0), 3}};
  commit(*open(scope), turn);
  must(stores->erase_tenant_data(scope));
  must(stores->create_tenant_data(scope));   // the same uid, which never happens: it would see what was left
  const auto store = open(scope);
  EXPECT_TRUE(must(store->read().made_namespaces()).empty());
  EXPECT_TRUE(must(store->read().quota_counts()).empty());
  EXPECT_EQ(must(store->read().search_executions(where({}))).total, 0);
}

// The row says `deleting` first, then the data goes, then the row: wherever the power goes, the tenant is whole or its deletion is finished later.
TEST_P(StoreSuite, ACrashWhileATenantIsDeletedNeverLeavesHalfOfIt) {
  int crashes = 0, whole = 0, unfinished = 0;
  for (bool finished = false; !finished; ++crashes) {
    const TenantScope scope = tenant(fmt::format("acme{}", crashes));
    Turn turn;
    turn.executions = {header("a", "f", execution::State::running, 1)};
    commit(*open(scope), turn);
    must(stores->directory(scope)->grant_role(UserId("u1"), "ADMIN", at(1)));
    const auto erase = [&](TenantRow row) {
      row.state = "deleting";
      must(stores->system().update_tenant(row));
      must(stores->erase_tenant_data(scope));
      must(stores->system().remove_tenant(row.uid));
    };
    int left = crashes + 1;
    hook = [&left](std::string_view) { if (--left == 0) throw SimulatedCrash(); };
    try {
      erase(must(stores->system().tenant(scope.tenant())).value());
      finished = true;
    } catch (const SimulatedCrash&) {
    }
    hook = {};
    reopen();
    const auto visible = must(stores->system().tenant(scope.tenant()));
    const auto deleting = must(stores->system().tenants("deleting"));
    if (visible) {
      ++whole;
      EXPECT_EQ(must(reader(scope)->search_executions(where({}))).total, 1);
      EXPECT_TRUE(must(stores->directory(scope)->standing(UserId("u1"))).has_access);
      EXPECT_TRUE(deleting.empty());
    }
    for (const TenantRow& row : deleting) {
      ++unfinished;
      must(stores->erase_tenant_data(stores->system().scope(row)));
      must(stores->system().remove_tenant(row.uid));
    }
    if (!visible) {
      EXPECT_EQ(code_of(stores->read(scope)), "store-tenant-missing");
      EXPECT_FALSE(must(stores->directory(scope)->standing(UserId("u1"))).has_access);
      EXPECT_FALSE(must(stores->system().tenant(scope.uid())).has_value());
    }
  }
  EXPECT_GE(whole, 1);
  EXPECT_GE(unfinished, 3);
}

}  // namespace
}  // namespace insula::store
