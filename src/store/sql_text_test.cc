#include <gtest/gtest.h>

#include "store/migration.h"
#include "store/postgres_database.h"
#include "store/postgres_for_tests.h"
#include "store/sqlite_database.h"
#include "store/tables.h"

namespace insula::store {
namespace {

TEST(SqlText, ParametersKeepTheirNumbersWhateverTheirOrder) {
  const ExpandedSql sql = expand("select $2, $1, '$3 {tenant}'", TenantMode::none, '?');
  EXPECT_EQ(sql.text, "select ?2, ?1, '$3 {tenant}'");
  SqliteConnection sqlite({.path = ":memory:", .create = true, .read_only = false, .mode = TenantMode::none});
  PostgresConnection postgres({.connection = postgres_for_tests()});
  for (Connection* c : {static_cast<Connection*>(&sqlite), static_cast<Connection*>(&postgres)}) {
    std::vector<std::string> got;
    c->query("select cast($2 as text), cast($1 as text)", Cells().text("first").text("second"), [&](const Row& row) {
      got = {std::string(row.text(0)), std::string(row.text(1))};
    });
    EXPECT_EQ(got, (std::vector<std::string>{"second", "first"}));
  }
}

TEST(SqlText, TheTenantIsBoundAfterTheParametersOfTheCaller) {
  const ExpandedSql sql = expand("select 1 from a x join b y on {tenant y} and y.k = x.k where {tenant x} and x.k = $1", TenantMode::column, '$');
  EXPECT_EQ(sql.text, "select 1 from a x join b y on y.tenant = $2 and y.k = x.k where x.tenant = $2 and x.k = $1");
  EXPECT_TRUE(sql.binds_tenant);
  EXPECT_EQ(expand("select 1 from a where {tenant}", TenantMode::own_file, '?').text, "select 1 from a where true");
}

TEST(SqlText, AStatementThatDoesNotNameItsTenantIsRefusedOnBothDatabases) {
  for (const TenantMode mode : {TenantMode::column, TenantMode::own_file}) {
    for (const char* sql : {"select 1 from a", "select 1 from a join b on b.k = a.k where {tenant a}", "update a set x = 1", "DELETE FROM a",
                            "select 1 from a where {tenant} and exists (select 1 from b)"}) {
      EXPECT_THROW(expand(sql, mode, '?'), StoreFailure) << sql;
    }
  }
  EXPECT_THROW(expand("select 1 from a where {tenant}", TenantMode::none, '?'), StoreFailure);
  EXPECT_NO_THROW(expand("select 1 from (select 1 from a where {tenant}) x", TenantMode::column, '?'));
}

TEST(SqlText, BulkStatementsComeFromTheDeclaredColumns) {
  const Table table{"t", {{"k", ColumnType::text, ColumnRole::key}, {"n", ColumnType::integer, ColumnRole::sum}, {"v"}}};
  EXPECT_EQ(sqlite_upsert(table, TenantMode::own_file), "insert into t (k, n, v) values (?1, ?2, ?3) on conflict (k) do update set n = t.n + excluded.n, v = excluded.v");
  EXPECT_EQ(sqlite_erase(table, TenantMode::column, 1), "delete from t where tenant = ?1 and k = ?2");
  EXPECT_EQ(postgres_upsert(table), "insert into t (tenant, k, n, v) select $1::text, * from unnest($2::text[], $3::bigint[], $4::text[]) "
                                    "on conflict (tenant, k) do update set n = t.n + excluded.n, v = excluded.v");
  EXPECT_EQ(postgres_erase(table, 1), "delete from t where tenant = $1 and k = any($2::text[])");
  EXPECT_EQ(postgres_erase(table, 2), "delete from t where tenant = $1 and k = any($2::text[]) and (k, n) in (select * from unnest($2::text[], $3::bigint[]))");
}

TEST(SqlText, TextThatNoDatabaseHoldsIsRepairedAlikeForBoth) {
  Cells cells;
  cells.own(std::string("a\0b\xff", 4)).text("ä\xF0\x9F\x98\x80");
  EXPECT_EQ(std::get<std::string_view>(cells.all()[0]), "a\xEF\xBF\xBD" "b\xEF\xBF\xBD");
  EXPECT_EQ(std::get<std::string_view>(cells.all()[1]), "ä\xF0\x9F\x98\x80");
}

class DialectTest : public testing::Test {
 protected:
  // The same answer from both, or a failed test.
  bool both(const std::function<std::string(const Dialect&)>& condition, std::string_view text, std::string_view part) {
    std::vector<bool> answers;
    for (Connection* c : {static_cast<Connection*>(&sqlite), static_cast<Connection*>(&postgres)}) {
      answers.push_back(query_integer(*c, fmt::format("select case when {} then 1 else 0 end from (select cast($1 as text) as x) v", condition(c->dialect())),
                                      Cells().text(text).text(part)) == 1);
    }
    EXPECT_EQ(answers[0], answers[1]) << text << " / " << part;
    return answers[0];
  }
  SqliteConnection sqlite{{.path = ":memory:", .create = true, .read_only = false, .mode = TenantMode::none}};
  PostgresConnection postgres{{.connection = postgres_for_tests()}};
};

TEST_F(DialectTest, FindsTextWhateverItsCaseInAnyScript) {
  const auto folded = [](const Dialect& d) { return d.contains_folded("v.x", "$2"); };
  EXPECT_TRUE(both(folded, "Grüße aus KÖLN", "köln"));
  EXPECT_TRUE(both(folded, "ПРИВЕТ", "привет"));
  EXPECT_TRUE(both(folded, "anything", ""));
  EXPECT_FALSE(both(folded, "abc", "abd"));
  EXPECT_FALSE(both(folded, "100 percent", "%"));
}

TEST_F(DialectTest, ContainsAndEndsWithTakeCaseAndWildcardsLiterally) {
  const auto contains = [](const Dialect& d) { return d.contains("v.x", "$2"); };
  const auto ends = [](const Dialect& d) { return d.ends_with("v.x", "$2"); };
  EXPECT_TRUE(both(contains, "a_b", "_"));
  EXPECT_FALSE(both(contains, "ab", "_"));
  EXPECT_FALSE(both(contains, "ab", "A"));
  EXPECT_TRUE(both(ends, "größe", "öße"));
  EXPECT_TRUE(both(ends, "x", ""));
  EXPECT_FALSE(both(ends, "x", "xx"));
}

TEST_F(DialectTest, PatternsMatchAnywhereInTheText) {
  const auto matches = [](const Dialect& d) { return d.matches("v.x", "$2"); };
  EXPECT_TRUE(both(matches, "io.kestra.Log", "kest.a"));
  EXPECT_TRUE(both(matches, "flow-17", "^[a-z]+-\\d+$"));
  EXPECT_FALSE(both(matches, "flow-x", "^[a-z]+-\\d+$"));
}

std::vector<std::string> columns_in(Connection& c, const std::string& sql) {
  std::vector<std::string> out;
  c.query(sql, {}, [&](const Row& row) { out.emplace_back(row.text(0)); });
  return out;
}

TEST(Schema, IsTheSameOnBothDatabasesButForTheTenant) {
  SqliteConnection sqlite({.path = ":memory:", .create = true, .read_only = false, .mode = TenantMode::none});
  migrate_sqlite(sqlite, tenant_migrations());
  sqlite.set_scope(TenantMode::none, {});
  PostgresConnection postgres({.connection = postgres_for_tests(), .schema = "insula_schema_test"});
  migrate_postgres(postgres, "insula_schema_test");
  const auto tables = columns_in(sqlite, "select name from sqlite_master where type = 'table' and name <> 'migrations' order by name");
  ASSERT_EQ(tables.size(), tables_of(tenant_migrations()).size());
  for (const std::string& table : tables) {
    auto expected = columns_in(sqlite, fmt::format("select name from pragma_table_info('{}') order by cid", table));
    expected.insert(expected.begin(), "tenant");
    EXPECT_EQ(columns_in(postgres, fmt::format("select column_name from information_schema.columns where table_schema = 'insula_schema_test' and table_name = '{}' "
                                               "order by ordinal_position", table)), expected);
  }
  // Every key and index of a tenant's table starts with the tenant, but for what is asked of people across tenants.
  EXPECT_EQ(columns_in(postgres, "select indexname from pg_indexes where schemaname = 'insula_schema_test' and indexdef not like '%(tenant%' "
                                 "and tablename not in ('tenants', 'users', 'wakes', 'settings', 'migrations', 'tokens', 'sessions', 'password_resets', 'instance_audit', "
                                 "'instance_audit_chain') order by 1"),
            (std::vector<std::string>{"accesses_by_user", "bindings_by_subject", "invitations_by_email", "invitations_by_id", "members_by_user"}));
  postgres.run_script("drop schema insula_schema_test cascade");
}

TEST(Migrations, AChangedOrUnknownMigrationIsAClearError) {
  static constexpr std::array all{Migration{1, "one", "create table a (x {integer})"}, Migration{2, "two", "create table b (x {integer})"}};
  EXPECT_EQ(pending(all, {}).size(), 2u);
  EXPECT_EQ(pending(all, {{1, checksum(all[0])}}).front().version, 2);
  const auto code = [&](const std::vector<AppliedMigration>& applied) {
    return guarded([&] { return pending(all, applied).size(); }).error().code;
  };
  EXPECT_EQ(code({{1, "0000"}}), "store-migration-changed");
  EXPECT_EQ(code({{1, checksum(all[0])}, {2, checksum(all[1])}, {3, "abc"}}), "store-newer");
}

}  // namespace
}  // namespace insula::store
