#include "store/tables.h"

namespace insula::store::idempotency_table {

void insert(Connection& c, const std::vector<IdempotencyKey>& keys) {
  static const Table table{"idempotency_keys", {{"idempotency_key", ColumnType::text, ColumnRole::key}, {"execution_id"}, {"created", ColumnType::integer}}};
  Cells rows;
  for (const IdempotencyKey& key : keys) rows.text(key.key).id(key.execution_id).instant(key.created);
  c.insert(table, rows);
}

std::optional<ExecutionId> find(Connection& c, const std::string& key) {
  std::optional<ExecutionId> found;
  c.query("select execution_id from idempotency_keys where {tenant} and idempotency_key = $1", Cells().text(key),
          [&](const Row& row) { found = ExecutionId(row.text(0)); });
  return found;
}

}  // namespace insula::store::idempotency_table
