// What stands between two tenants when everything above the store has failed: a forced wrong tenant finds nothing.
#include "store/postgres_database.h"
#include "store/postgres_for_tests.h"
#include "store/store_suite.h"

namespace insula::store {
namespace {

TEST_P(StoreSuite, AForcedWrongTenantFindsNothing) {
  const TenantScope acme = tenant("acme"), globex = tenant("globex");
  const auto store = open(acme);
  Turn turn;
  turn.executions = {header("company.team", "f", execution::State::running, 1)};
  commit(*store, turn);
  // Whoever forges a scope holds the uid of one tenant and believes it to be another's.
  const TenantScope forged = ScopeForTests::make(globex.uid().str(), "acme");
  EXPECT_EQ(must(reader(forged)->search_executions(where({}))).total, 0);
  EXPECT_FALSE(must(reader(forged)->execution(turn.executions[0].id)).has_value());
  EXPECT_EQ(must(reader(acme)->search_executions(where({}))).total, 1);
}

// On PostgreSQL tenants share tables: even a statement whose condition is broken sees no row of another tenant, nor can it write one.
TEST_P(StoreSuite, RowLevelSecurityIsTheSecondWall) {
  if (GetParam() == Driver::sqlite) return;  // there a tenant's rows are in a file of its own
  const TenantScope acme = tenant("acme"), globex = tenant("globex");
  Turn turn;
  turn.executions = {header("company.team", "f", execution::State::running, 1)};
  commit(*open(acme), turn);
  must(stores->directory(acme)->grant_role(UserId("u1"), "ADMIN", at(1)));
  PostgresConnection connection({.connection = postgres_for_tests(), .schema = schema});
  const auto count = [&](std::string_view table) { return query_integer(connection, fmt::format("select count(*) from {} where ({{tenant}} or true)", table)); };
  connection.set_scope(TenantMode::column, acme.uid());
  EXPECT_EQ(count("executions"), 1);
  EXPECT_EQ(count("bindings"), 1);
  connection.set_scope(TenantMode::column, globex.uid());
  for (const char* table : {"executions", "execution_labels", "task_runs", "logs", "flows", "bindings", "audit"}) EXPECT_EQ(count(table), 0) << table;
  EXPECT_EQ(connection.execute("delete from executions where ({tenant} or true)", {}), 0);
  EXPECT_THROW(connection.execute("update turn set tenant = $1 where {tenant}", Cells().id(acme.uid())), StoreFailure);
  connection.run_script("set insula.tenant to ''");
  connection.set_scope(TenantMode::column, TenantUid("nobody"));
  EXPECT_EQ(count("executions"), 0);
  connection.set_scope(TenantMode::none, {});
  EXPECT_EQ(query_integer(connection, "select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid "
                                      "where n.nspname = $1 and c.relkind = 'r' and a.attname = 'tenant' and not c.relforcerowsecurity", Cells().text(schema)), 0);
}

}  // namespace
}  // namespace insula::store
