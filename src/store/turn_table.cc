#include "store/tables.h"

namespace insula::store::turn_table {

std::optional<State> read(Connection& c) {
  std::optional<State> state;
  c.query("select number, fence, log_sequence from turn where {tenant}", {}, [&](const Row& row) { state = State{row.integer(0), row.integer(1), row.integer(2)}; });
  return state;
}

std::optional<State> raise_fence(Connection& c) {
  // The row stays locked until the commit, so what is read is what this owner starts from.
  if (c.execute("update turn set fence = fence + 1 where {tenant}", {}) == 0) return std::nullopt;
  return read(c);
}

bool advance(Connection& c, const State& expected, std::int64_t log_lines) {
  return c.execute("update turn set number = number + 1, log_sequence = log_sequence + $3 where {tenant} and number = $1 and fence = $2",
                   Cells().integer(expected.number).integer(expected.fence).integer(log_lines)) == 1;
}

void create(Connection& c) {
  static const Table table{"turn", {{"one", ColumnType::integer, ColumnRole::key}, {"number", ColumnType::integer, ColumnRole::sum},
                           {"fence", ColumnType::integer, ColumnRole::sum}, {"log_sequence", ColumnType::integer, ColumnRole::sum}}};
  c.upsert(table, Cells().integer(1).integer(0).integer(0).integer(0));
}

}  // namespace insula::store::turn_table
