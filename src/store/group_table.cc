#include "store/identity_tables.h"
#include "store/search.h"

namespace insula::store::group_table {
namespace {

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"user_groups", {{"id", ColumnType::text, ColumnRole::key}, {"name"}, {"description"}, {"external", integer}, {"created", integer}}};
  return table;
}

std::vector<GroupRow> rows_of(Connection& c, std::string_view rest, const Cells& parameters) {
  std::vector<GroupRow> out;
  c.query(fmt::format("select {} from user_groups g where {{tenant g}}{}", columns_of(table(), "g"), rest), parameters, [&](const Row& row) {
    Cursor cell(row);
    out.push_back({cell.id<GroupId>(), cell.text(), cell.text(), cell.flag(), cell.instant()});
  });
  return out;
}

constexpr std::array kFields{Field{"id", "g.id"}, Field{"name", "g.name"}, Field{"created", "g.created", FieldKind::instant}};
constexpr std::array<std::string_view, 2> kWordColumns{"g.name", "g.description"};

}  // namespace

void write(Connection& c, const std::vector<GroupRow>& groups) {
  Cells rows;
  for (const GroupRow& g : groups) rows.id(g.id).text(g.name).text(g.description).flag(g.external).instant(g.created);
  if (!rows.empty()) c.upsert(table(), rows);
}

void erase(Connection& c, const std::vector<GroupId>& ids) {
  Cells keys;
  for (const GroupId& id : ids) keys.id(id);
  if (!keys.empty()) c.erase(table(), keys, 1);
}

std::optional<GroupRow> find(Connection& c, const GroupId& id) {
  auto found = rows_of(c, " and g.id = $1", Cells().id(id));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Found<GroupRow> search(Connection& c, const Query& query) {
  SqlText sql;
  Search search(c.dialect(), kFields, sql);
  for (const Filter& filter : query.filters) {
    if (filter.field == "q") search.words(filter, kWordColumns);
    else search.filter(filter);
  }
  Found<GroupRow> found;
  found.total = query_integer(c, "select count(*) from user_groups g where {tenant g}" + sql.text, sql.cells).value_or(0);
  const std::string where = sql.text;
  const std::string order = search.order(query.page, {{"name", false}}, "g.id");
  found.rows = rows_of(c, where + order + search.limit(query.page), sql.cells);
  return found;
}

void erase_tenant(Connection& c, const TenantUid& uid) { c.execute("delete from user_groups where tenant = $1", Cells().id(uid)); }

}  // namespace insula::store::group_table
