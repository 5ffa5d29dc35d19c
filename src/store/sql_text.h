// SQL texts made from what the tables declare and write: parameters, the tenant's condition, bulk statements.
#pragma once
#include "store/database.h"

namespace insula::store {

struct ExpandedSql {
  std::string text;
  int parameters = 0;       // those of the caller
  bool binds_tenant = false;  // parameter number `parameters + 1` is the tenant's uid
};

// `$n` → `<mark>n`, `{tenant x}` → the condition. SQLite reads `$1` as a *name* and numbers names by first appearance, hence mark '?'.
// Refused (Cause::broken): with a mode other than none, fewer `{tenant}` than tables named after from, join, update.
ExpandedSql expand(std::string_view sql, TenantMode mode, char mark);

// `insert into t (…) values (?1, …) on conflict (…) do update set …`. The tenant's uid, when a column, is the first parameter.
std::string sqlite_upsert(const Table& table, TenantMode mode);
std::string sqlite_insert(const Table& table, TenantMode mode);
std::string sqlite_erase(const Table& table, TenantMode mode, std::size_t width);

// One statement per table and turn over arrays: `insert into t (…) select $1, * from unnest($2::text[], …) on conflict …`.
std::string postgres_upsert(const Table& table);
std::string postgres_insert(const Table& table);
std::string postgres_erase(const Table& table, std::size_t width);

}  // namespace insula::store
