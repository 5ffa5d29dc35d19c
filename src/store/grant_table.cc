#include "store/tables.h"

namespace insula::store::grant_table {
namespace {

const Table& table() {
  static const Table table{"grants", {{"user_id", ColumnType::text, ColumnRole::key}, {"role", ColumnType::text, ColumnRole::key}, {"created", ColumnType::integer}}};
  return table;
}

}  // namespace

std::vector<std::string> roles(Connection& c, const UserId& user) {
  std::vector<std::string> out;
  c.query("select role from grants where {tenant} and user_id = $1 order by role", Cells().id(user), [&](const Row& row) { out.emplace_back(row.text(0)); });
  return out;
}

void add(Connection& c, const UserId& user, std::string_view role, Instant now) { c.upsert(table(), Cells().id(user).text(role).instant(now)); }
void erase_user(Connection& c, const UserId& user) { c.erase(table(), Cells().id(user), 1); }
void erase_tenant(Connection& c, const TenantUid& uid) { c.execute("delete from grants where tenant = $1", Cells().id(uid)); }

}  // namespace insula::store::grant_table
