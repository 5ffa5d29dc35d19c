#include "store/tables.h"

namespace insula::store::file_deletion_table {
namespace {

const Table& table() {
  static const Table table{"file_deletions", {{"prefix", ColumnType::text, ColumnRole::key}}};
  return table;
}
Cells cells(const std::vector<std::string>& prefixes) {
  Cells out;
  for (const std::string& prefix : prefixes) out.text(prefix);
  return out;
}

}  // namespace

void write(Connection& c, const std::vector<std::string>& prefixes) { c.upsert(table(), cells(prefixes)); }
void erase(Connection& c, const std::vector<std::string>& prefixes) { c.erase(table(), cells(prefixes), 1); }

std::vector<std::string> all(Connection& c) {
  std::vector<std::string> out;
  c.query("select prefix from file_deletions where {tenant} order by prefix", {}, [&](const Row& row) { out.emplace_back(row.text(0)); });
  return out;
}

}  // namespace insula::store::file_deletion_table
