#include "store/tables.h"

namespace insula::store::wake_table {
namespace {

const Table& table() {
  static const Table table{"wakes", {{"tenant_uid", ColumnType::text, ColumnRole::key}, {"due", ColumnType::integer}}, false};
  return table;
}

}  // namespace

void write(Connection& c, const std::vector<std::pair<TenantUid, std::optional<Instant>>>& wakes) {
  Cells rows, keys;
  std::map<TenantUid, std::optional<Instant>> last;
  for (const auto& [uid, due] : wakes) last[uid] = due;
  for (const auto& [uid, due] : last) {
    if (due) rows.id(uid).instant(*due);
    else keys.id(uid);
  }
  c.erase(table(), keys, 1);
  c.upsert(table(), rows);
}

std::optional<Instant> next(Connection& c) {
  const auto due = query_integer(c, "select w.due from wakes w join tenants t on t.uid = w.tenant_uid where t.state = 'active' order by w.due limit 1");
  return due ? std::optional(Instant(Duration(*due))) : std::nullopt;
}

}  // namespace insula::store::wake_table
