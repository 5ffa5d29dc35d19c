#include "store/tables.h"

namespace insula::store::namespace_table {
namespace {

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"namespaces", {{"id", ColumnType::text, ColumnRole::key}, {"description"}, {"settings"}, {"limited", integer}, {"created", integer}, {"updated", integer}}};
  return table;
}

std::vector<NamespaceRow> rows_of(Connection& c, std::string_view condition, const Cells& parameters) {
  std::vector<NamespaceRow> out;
  c.query(fmt::format("select {} from namespaces n where {{tenant n}} and {} order by n.id", columns_of(table(), "n"), condition), parameters, [&](const Row& row) {
    Cursor cell(row);
    NamespaceRow n;
    n.id = cell.id<Namespace>();
    n.description = cell.text();
    if (Json settings = cell.json(); settings.is_object()) n.settings = std::move(settings.get_object());
    static_cast<void>(cell.integer());
    n.created = cell.instant();
    n.updated = cell.instant();
    out.push_back(std::move(n));
  });
  return out;
}

}  // namespace

void write(Connection& c, const std::vector<NamespaceRow>& namespaces) {
  Cells rows;
  for (const NamespaceRow& n : namespaces)
    rows.id(n.id).text(n.description).json(n.settings).integer(n.settings.contains("concurrency") || n.settings.contains("quotas") ? 1 : 0).instant(n.created).instant(n.updated);
  c.upsert(table(), rows);
}

void erase(Connection& c, const std::vector<Namespace>& namespaces) {
  Cells keys;
  for (const Namespace& id : namespaces) keys.id(id);
  c.erase(table(), keys, 1);
}

std::optional<NamespaceRow> find(Connection& c, const Namespace& id) {
  auto found = rows_of(c, "n.id = $1", Cells().id(id));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<NamespaceRow> all(Connection& c) { return rows_of(c, "1 = 1", {}); }
std::vector<NamespaceRow> limited(Connection& c) { return rows_of(c, "n.limited = 1", {}); }

}  // namespace insula::store::namespace_table
