// Migrations: forward only, each applied once and remembered with the SHA-256 of its text. The same list serves both databases; the words
// {text} {integer} {tenant_column} {tenant_key} {rowless} stand for what differs.
#pragma once
#include "store/sql_text.h"

namespace insula::store {

class SqliteConnection;

struct Migration {
  int version = 0;              // 1, 2, 3 … without gaps
  std::string_view name;
  std::string_view sql;         // statements separated by `;`, none inside a literal
};

std::span<const Migration> tenant_migrations();   // a tenant's file; on PostgreSQL the shared tables
std::span<const Migration> system_migrations();   // data/system.db

// Names of the tables that they make, in their order.
std::vector<std::string_view> tables_of(std::span<const Migration> migrations);

std::string sqlite_schema_text(const Migration& migration, TenantMode mode);
std::string postgres_schema_text(const Migration& migration);

struct AppliedMigration { int version = 0; std::string checksum; };
std::string checksum(const Migration& migration);
// Those still to apply. Failures (kind unavailable): `store-migration-changed`, `store-newer`.
std::span<const Migration> pending(std::span<const Migration> all, const std::vector<AppliedMigration>& applied);

// In one transaction each. `own_file` schemas have no tenant column, system.db has them where declared.
void migrate_sqlite(SqliteConnection& connection, std::span<const Migration> migrations);

}  // namespace insula::store
