#include "store/tables.h"

namespace insula::store::setting_table {

std::optional<std::string> find(Connection& c, std::string_view key) {
  std::optional<std::string> found;
  c.query("select value from settings where setting_key = $1", Cells().text(key), [&](const Row& row) { found = std::string(row.text(0)); });
  return found;
}

void write(Connection& c, std::string_view key, std::string_view value) {
  static const Table table{"settings", {{"setting_key", ColumnType::text, ColumnRole::key}, {"value"}}, false};
  c.upsert(table, Cells().text(key).text(value));
}

}  // namespace insula::store::setting_table
