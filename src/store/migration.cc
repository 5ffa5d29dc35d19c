#include "store/migration.h"

#include "store/sqlite_database.h"

namespace insula::store {
namespace {

std::string replaced(std::string_view sql, std::initializer_list<std::pair<std::string_view, std::string_view>> words) {
  std::string out(sql);
  for (const auto& [word, text] : words) {
    for (std::size_t at = out.find(word); at != std::string::npos; at = out.find(word, at + text.size())) out.replace(at, word.size(), text);
  }
  return out;
}

}  // namespace

std::vector<std::string_view> tables_of(std::span<const Migration> migrations) {
  constexpr std::string_view kCreate = "create table ";
  std::vector<std::string_view> names;
  for (const Migration& migration : migrations)
    for (std::size_t at = migration.sql.find(kCreate); at != std::string_view::npos; at = migration.sql.find(kCreate, at)) {
      at += kCreate.size();
      names.push_back(migration.sql.substr(at, migration.sql.find(' ', at) - at));
    }
  return names;
}

std::string sqlite_schema_text(const Migration& migration, TenantMode mode) {
  const bool column = mode == TenantMode::column;
  return replaced(migration.sql, {{"{tenant_column}", column ? "tenant text not null, " : ""}, {"{tenant_key}", column ? "tenant, " : ""},
                                  {"{text}", "text"}, {"{integer}", "integer"}, {"{rowless}", " without rowid"}});
}

std::string postgres_schema_text(const Migration& migration) {
  return replaced(migration.sql, {{"{tenant_column}", "tenant text collate \"C\" not null, "}, {"{tenant_key}", "tenant, "},
                                  {"{text}", "text collate \"C\""}, {"{integer}", "bigint"}, {"{rowless}", ""}});
}

std::string checksum(const Migration& migration) { return hex_encode(sha256(migration.sql)); }

std::span<const Migration> pending(std::span<const Migration> all, const std::vector<AppliedMigration>& applied) {
  for (std::size_t i = 0; i < applied.size(); ++i) {
    if (i >= all.size()) {
      unavailable("store-newer", fmt::format("The database was written by a newer Insula: it has migration {}, this one knows {}. Start the newer version.",
                                             applied[i].version, all.size()));
    }
    if (applied[i].version != all[i].version || applied[i].checksum != checksum(all[i])) {
      unavailable("store-migration-changed", fmt::format("Migration {} ({}) of the database is not the one of this program. Start the version that wrote it, or restore a backup.",
                                                         applied[i].version, all[i].name),
                  fmt::format("stored checksum {}", applied[i].checksum));
    }
  }
  return all.subspan(applied.size());
}

void migrate_sqlite(SqliteConnection& connection, std::span<const Migration> migrations) {
  const TenantMode mode = migrations.data() == system_migrations().data() ? TenantMode::column : TenantMode::own_file;
  const auto left = [&] {
    std::vector<AppliedMigration> applied;
    connection.query("select version, checksum from migrations order by version", {}, [&](const Row& row) {
      applied.push_back({static_cast<int>(row.integer(0)), std::string(row.text(1))});
    });
    return pending(migrations, applied);
  };
  connection.set_scope(TenantMode::none, {});
  connection.run_script("create table if not exists migrations (version integer not null primary key, checksum text not null)");
  while (!left().empty()) {
    Transaction transaction(connection, Transaction::Kind::write);
    if (const auto still = left(); !still.empty()) {  // a second connection may have been faster
      connection.run_script(sqlite_schema_text(still.front(), mode));
      Cells row;
      row.integer(still.front().version).own(checksum(still.front()));
      connection.execute("insert into migrations (version, checksum) values ($1, $2)", row);
    }
    transaction.commit();
  }
  connection.set_scope(mode, {});
}

}  // namespace insula::store
