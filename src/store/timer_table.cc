#include "store/tables.h"

namespace insula::store::timer_table {
namespace {

const Table& table() {
  static const Table table{"timers", {{"execution_id", ColumnType::text, ColumnRole::key}, {"timer_key", ColumnType::text, ColumnRole::key},
                           {"due", ColumnType::integer}}};
  return table;
}

}  // namespace

void write(Connection& c, const std::vector<TimerRow>& timers) {
  Cells rows;
  for (const TimerRow& timer : timers) rows.id(timer.execution_id).text(timer.key).instant(timer.due);
  c.upsert(table(), rows);
}

void erase(Connection& c, const std::vector<std::pair<ExecutionId, std::string>>& cleared) {
  Cells keys;
  for (const auto& [execution_id, key] : cleared) keys.id(execution_id).text(key);
  c.erase(table(), keys, 2);
}

void erase_all(Connection& c, const std::vector<ExecutionId>& executions) {
  Cells keys;
  for (const ExecutionId& id : executions) keys.id(id);
  c.erase(table(), keys, 1);
}

std::vector<TimerRow> all(Connection& c) {
  std::vector<TimerRow> out;
  c.query("select execution_id, timer_key, due from timers where {tenant} order by due, execution_id, timer_key", {}, [&](const Row& row) {
    Cursor cell(row);
    TimerRow timer;
    timer.execution_id = cell.id<ExecutionId>();
    timer.key = cell.text();
    timer.due = cell.instant();
    out.push_back(std::move(timer));
  });
  return out;
}

std::optional<Instant> earliest(Connection& c) {
  const auto due = query_integer(c, "select min(due) from timers where {tenant}");
  return due ? std::optional(Instant(Duration(*due))) : std::nullopt;
}

}  // namespace insula::store::timer_table
