#include "store/tables.h"

namespace insula::store::operation_table {
namespace {

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"operations", {{"id", ColumnType::text, ColumnRole::key}, {"kind"}, {"arguments"}, {"progress_cursor"}, {"total", integer},
      {"done", integer}, {"failed", integer}, {"state"}, {"created", integer}, {"updated", integer}}};
  return table;
}

std::vector<OperationRow> rows_of(Connection& c, std::string_view condition, const Cells& parameters) {
  std::vector<OperationRow> out;
  c.query(fmt::format("select {} from operations o where {{tenant o}} and {}", columns_of(table(), "o"), condition), parameters, [&](const Row& row) {
    Cursor cell(row);
    OperationRow o;
    o.id = cell.id<OperationId>();
    o.kind = cell.text();
    o.arguments = cell.json();
    o.cursor = cell.text();
    o.total = cell.integer();
    o.done = cell.integer();
    o.failed = cell.integer();
    o.state = cell.text();
    o.created = cell.instant();
    o.updated = cell.instant();
    out.push_back(std::move(o));
  });
  return out;
}

}  // namespace

void write(Connection& c, const std::vector<OperationRow>& operations) {
  Cells rows;
  for (const OperationRow& o : operations) {
    rows.id(o.id).text(o.kind).json(o.arguments).text(o.cursor).integer(o.total).integer(o.done).integer(o.failed).text(o.state);
    rows.instant(o.created).instant(o.updated);
  }
  c.upsert(table(), rows);
}

std::optional<OperationRow> find(Connection& c, const OperationId& id) {
  auto found = rows_of(c, "o.id = $1", Cells().id(id));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<OperationRow> open(Connection& c) { return rows_of(c, "o.state = 'RUNNING' order by o.id", {}); }

}  // namespace insula::store::operation_table
