#include "store/tables.h"

namespace insula::store::quota_table {
namespace {

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"quota_counts", {{"namespace", ColumnType::text, ColumnRole::key}, {"span", integer, ColumnRole::key}, {"start", integer}, {"executions", integer}}};
  return table;
}

}  // namespace

void write(Connection& c, const std::vector<QuotaCount>& counts) {
  Cells rows;
  for (const QuotaCount& count : counts) rows.id(count.ns).integer(count.window.count()).instant(count.start).integer(count.executions);
  c.upsert(table(), rows);
}

std::vector<QuotaCount> all(Connection& c) {
  std::vector<QuotaCount> out;
  c.query(fmt::format("select {} from quota_counts q where {{tenant q}} order by q.namespace, q.span", columns_of(table(), "q")), {}, [&](const Row& row) {
    Cursor cell(row);
    QuotaCount count;
    count.ns = cell.id<Namespace>();
    count.window = Duration(cell.integer());
    count.start = cell.instant();
    count.executions = cell.integer();
    out.push_back(std::move(count));
  });
  return out;
}

}  // namespace insula::store::quota_table
