// The audit log: its chain, its retention, its way out of the outbox.
#include <sqlite3.h>

#include <filesystem>

#include "store/store_suite.h"

namespace insula::store {
namespace {

AuditRow entry(std::string_view id, std::int64_t second, std::string_view kind = "UPDATE", std::string_view object = "f1") {
  AuditRow a;
  a.id = AuditId(id), a.at = at(second), a.kind = kind, a.resource = "FLOW", a.object_id = object, a.ns = Namespace("company.team"), a.flow_id = FlowId("f"), a.user = UserId("u1");
  a.user_name = "ada@example.org", a.address = "192.0.2.1", a.detail = {{"revision", 2}}, a.before = "id: f\n", a.after = "id: f\ndescription: größer\n";
  return a;
}

TEST_P(StoreSuite, TheAuditLogIsAChainThatVerifies) {
  const TenantScope acme = tenant("acme");
  const auto store = open(acme);
  Turn turn;
  turn.audit = {entry("a1", 1, "CREATE"), entry("a2", 2)};
  turn.audit[1].detail = {{"text", std::string("with NUL \0 and \xff", 16)}};
  commit(*store, turn);
  turn.audit = {entry("a2", 2), entry("a3", 3, "DELETE"), entry("a4", 4, "READ", "other")};  // a2 comes a second time
  commit(*store, turn);
  const AuditVerdict verdict = must(store->read().verify_audit());
  EXPECT_TRUE(verdict.intact()) << verdict.reason;
  EXPECT_EQ(verdict.entries, 4);
  const auto found = must(store->read().search_audit(where({{"objectId", Op::equals, {}, {"f1"}}})));
  ASSERT_EQ(found.total, 3);
  EXPECT_EQ(found.rows[0].id, AuditId("a3"));
  EXPECT_EQ(found.rows[0].sequence, 3);
  EXPECT_EQ(found.rows[2].after, "id: f\ndescription: größer\n");
  EXPECT_EQ(must(store->read().audit_history("f1")).size(), 3u);
  EXPECT_EQ(must(store->read().audit_entry(AuditId("a4"))).value().kind, "READ");
  Query limited = where({});
  limited.namespaces = std::vector<std::string>{"other"};
  EXPECT_EQ(must(store->read().search_audit(limited)).total, 0);
  EXPECT_EQ(must(reader(tenant("globex"))->search_audit(where({}))).total, 0);
}

TEST_P(StoreSuite, RetentionKeepsTheChain) {
  const auto store = open(tenant("acme"));
  Turn turn;
  for (int i = 1; i <= 9; ++i) turn.audit.push_back(entry(fmt::format("a{}", i), i));
  commit(*store, turn);
  Turn purge;
  purge.audit_purged_before = at(5);
  commit(*store, purge);
  EXPECT_EQ(must(store->read().search_audit(where({}))).total, 5);
  EXPECT_TRUE(must(store->read().verify_audit()).intact());
  purge.audit_purged_before = at(100);
  commit(*store, purge);
  EXPECT_EQ(must(store->read().verify_audit()).entries, 0);
  EXPECT_TRUE(must(store->read().verify_audit()).intact());
  turn.audit = {entry("b1", 200)};
  commit(*store, turn);
  EXPECT_EQ(must(store->read().audit_entry(AuditId("b1"))).value().sequence, 10);
  EXPECT_TRUE(must(store->read().verify_audit()).intact());
}

TEST_P(StoreSuite, TheOutboxHoldsEntriesUntilTheyWereMoved) {
  SystemStore& system = stores->system();
  const TenantScope acme = tenant("acme"), globex = tenant("globex");
  DirectoryTurn turn;
  turn.audit = {entry("a2", 2), entry("a1", 1)};
  must(stores->directory(acme)->commit(turn, at(1)));
  EXPECT_EQ(must(system.tenants_with_outbox()), std::vector{acme.uid()});
  const auto waiting = must(system.audit_outbox(acme.uid(), 10));
  ASSERT_EQ(waiting.size(), 2u);
  EXPECT_EQ(waiting[0].id, AuditId("a1"));
  EXPECT_EQ(waiting[0].before, "id: f\n");
  EXPECT_EQ(waiting[0].at, at(1));
  EXPECT_EQ(write_json(waiting[0].detail), R"({"revision":2})");
  EXPECT_TRUE(must(system.audit_outbox(globex.uid(), 10)).empty());
  must(system.remove_from_outbox(globex.uid(), {AuditId("a1")}));
  EXPECT_EQ(must(system.audit_outbox(acme.uid(), 10)).size(), 2u);
  must(system.remove_from_outbox(acme.uid(), {AuditId("a1"), AuditId("a2")}));
  EXPECT_TRUE(must(system.tenants_with_outbox()).empty());
}

TEST_P(StoreSuite, TheInstanceHasAnAuditLogOfItsOwn) {
  SystemStore& system = stores->system();
  SystemTurn turn;
  turn.audit = {entry("a1", 1), entry("a2", 2)};
  must(system.commit(turn, at(1)));
  EXPECT_EQ(must(system.search_audit(where({{"startDate", Op::greater_or_equal, {}, {format_instant(at(2))}}}))).total, 1);
  EXPECT_TRUE(must(system.verify_audit()).intact());
  must(system.purge_audit(at(2)));
  EXPECT_EQ(must(system.verify_audit()).entries, 1);
  EXPECT_TRUE(must(system.verify_audit()).intact());
}

// One byte is changed at every place of the chain's rows, with the means of somebody who holds the file.
TEST(AuditChain, OneChangedByteAnywhereIsFound) {
  const std::string folder = testing::TempDir() + "audit_chain_test";
  std::filesystem::remove_all(folder);
  const auto stores = must(open_sqlite({.folder = folder}));
  TenantRow row;
  row.uid = TenantUid("u1"), row.id = TenantId("acme"), row.name = "Acme", row.created = at(1);
  const TenantScope scope = stores->system().scope(row);
  must(stores->create_tenant_data(scope));
  must(stores->system().create_tenant(row));
  {
    const auto store = must(stores->open(scope));
    Turn turn;
    for (int i = 1; i <= 3; ++i) turn.audit.push_back(entry(fmt::format("a{}", i), i));
    ASSERT_EQ(store->commit(turn).outcome, CommitOutcome::committed);
  }
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open((folder + "/tenants/u1/tenant.db").c_str(), &database), SQLITE_OK);
  const auto run = [&](const std::string& sql) { ASSERT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database) << sql; };
  const auto verdict = [&] { return must(must(stores->read(scope))->verify_audit()); };
  EXPECT_TRUE(verdict().intact());
  int changes = 0;
  for (const char* column : {"id", "at", "kind", "resource", "object_id", "namespace", "flow_id", "execution_id", "user_id", "user_name", "impersonator", "address", "result", "before_text",
                             "after_text", "hash"}) {
    run(fmt::format("create temporary table kept as select * from audit where sequence = 2; update audit set {0} = {1} where sequence = 2", column,
                    std::string_view(column) == "at" ? "at + 1" : fmt::format("substr({0}, 1, 1) || 'x' || substr({0}, 3)", column)));
    EXPECT_EQ(verdict().broken_at, 2) << column;
    run("delete from audit where sequence = 2; insert into audit select * from kept; drop table kept");
    EXPECT_TRUE(verdict().intact()) << column;
    ++changes;
  }
  run("update audit set detail = '{\"revision\":3}' where sequence = 3");
  EXPECT_EQ(verdict().broken_at, 3);
  run("update audit set detail = '{\"revision\":2}' where sequence = 3; delete from audit where sequence = 2");
  EXPECT_EQ(verdict().broken_at, 2);
  run("delete from audit where sequence > 1");
  EXPECT_EQ(verdict().broken_at, 3) << "an end that was cut off";
  run("delete from audit");
  EXPECT_FALSE(verdict().intact());
  EXPECT_EQ(changes, 16);
  sqlite3_close(database);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace insula::store
