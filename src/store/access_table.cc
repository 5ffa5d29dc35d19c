#include "store/identity_tables.h"

namespace insula::store::access_table {
namespace {

const Table& table() {
  static const Table table{"accesses", {{"user_id", ColumnType::text, ColumnRole::key}, {"created", ColumnType::integer}}};
  return table;
}

}  // namespace

void write(Connection& c, const std::vector<UserId>& users, Instant now) {
  Cells rows;
  for (const UserId& user : users) rows.id(user).instant(now);
  if (!rows.empty()) c.upsert(table(), rows);
}

void erase(Connection& c, const UserId& user) { c.erase(table(), Cells().id(user), 1); }

bool has(Connection& c, const UserId& user) {
  return query_integer(c, "select 1 where exists (select 1 from accesses a where {tenant a} and a.user_id = $1) "
                          "or exists (select 1 from members m where {tenant m} and m.user_id = $1) "
                          "or exists (select 1 from bindings b where {tenant b} and b.subject_type = 'USER' and b.subject_id = $1)",
                       Cells().id(user)).has_value();
}

std::string_view users_sql() {
  return "select a.user_id from accesses a where {tenant a} union select m.user_id from members m where {tenant m} "
         "union select b.subject_id from bindings b where {tenant b} and b.subject_type = 'USER'";
}

void erase_user_everywhere(Connection& c, const UserId& user) { c.execute("delete from accesses where user_id = $1", Cells().id(user)); }
void erase_tenant(Connection& c, const TenantUid& uid) { c.execute("delete from accesses where tenant = $1", Cells().id(uid)); }

}  // namespace insula::store::access_table
