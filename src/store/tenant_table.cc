#include "store/search.h"
#include "store/tables.h"

namespace insula::store::tenant_table {
namespace {

const Table& table() {
  static const Table table{"tenants", {{"uid", ColumnType::text, ColumnRole::key}, {"id"}, {"name"}, {"state"}, {"settings"}, {"created", ColumnType::integer}}, false};
  return table;
}

TenantRow from_cells(Cursor& cell) {
  TenantRow t;
  t.uid = cell.id<TenantUid>();
  t.id = cell.id<TenantId>();
  t.name = cell.text();
  t.state = cell.text();
  t.settings = cell.object();
  t.created = cell.instant();
  return t;
}

Cells cells(const TenantRow& t) {
  Cells out;
  out.id(t.uid).id(t.id).text(t.name).text(t.state).json(t.settings).instant(t.created);
  return out;
}

std::vector<TenantRow> rows_of(Connection& c, std::string_view rest, const Cells& parameters) {
  std::vector<TenantRow> out;
  c.query(fmt::format("select {} from tenants t {}", columns_of(table(), "t"), rest), parameters, [&](const Row& row) {
    Cursor cell(row);
    out.push_back(from_cells(cell));
  });
  return out;
}

constexpr std::array kFields{Field{"id", "t.id"}, Field{"tenantId", "t.id"}, Field{"name", "t.name"}, Field{"state", "t.state"},
    Field{"created", "t.created", FieldKind::instant}};
constexpr std::array<std::string_view, 2> kWordColumns{"t.id", "t.name"};

}  // namespace

void insert(Connection& c, const TenantRow& tenant) { c.insert(table(), cells(tenant)); }
void update(Connection& c, const TenantRow& tenant) { c.upsert(table(), cells(tenant)); }
void erase(Connection& c, const TenantUid& uid) { c.erase(table(), Cells().id(uid), 1); }

std::optional<TenantRow> find(Connection& c, const TenantId& id) {
  auto found = rows_of(c, "where t.id = $1 and t.state <> 'deleting'", Cells().id(id));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<TenantRow> with_state(Connection& c, std::string_view state) {
  if (state.empty()) return rows_of(c, "where t.state <> 'deleting' order by t.id", {});
  return rows_of(c, "where t.state = $1 order by t.id", Cells().text(state));
}

std::vector<TenantRow> of_user(Connection& c, const UserId& user) {
  return rows_of(c, "where t.state <> 'deleting' and t.uid in (select a.tenant from accesses a where a.user_id = $1 "
                    "union select m.tenant from members m where m.user_id = $1 union select b.tenant from bindings b where b.subject_type = 'USER' and b.subject_id = $1) "
                    "order by t.id", Cells().id(user));
}

std::optional<TenantRow> find_uid(Connection& c, const TenantUid& uid) {
  auto found = rows_of(c, "where t.uid = $1", Cells().id(uid));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<std::string> all_uids(Connection& c) {
  std::vector<std::string> out;
  c.query("select uid from tenants order by uid", {}, [&](const Row& row) { out.emplace_back(row.text(0)); });
  return out;
}

Found<TenantRow> search(Connection& c, const Query& query) {
  SqlText sql;
  Search search(c.dialect(), kFields, sql);
  for (const Filter& filter : query.filters) {
    if (filter.field == "q") search.words(filter, kWordColumns);
    else search.filter(filter);
  }
  const std::string where = "where t.state <> 'deleting'" + sql.text;
  Found<TenantRow> found;
  found.total = query_integer(c, "select count(*) from tenants t " + where, sql.cells).value_or(0);
  const std::string order = search.order(query.page, {{"id", false}}, "t.id");
  found.rows = rows_of(c, where + order + search.limit(query.page), sql.cells);
  return found;
}

std::vector<std::pair<TenantRow, Instant>> due(Connection& c, Instant until, std::size_t limit) {
  std::vector<std::pair<TenantRow, Instant>> out;
  c.query(fmt::format("select {}, w.due from wakes w join tenants t on t.uid = w.tenant_uid where w.due <= $1 and t.state <> 'deleting' "
                      "order by w.due, w.tenant_uid limit $2", columns_of(table(), "t")),
          Cells().instant(until).integer(static_cast<std::int64_t>(limit)), [&](const Row& row) {
            Cursor cell(row);
            TenantRow tenant = from_cells(cell);
            out.emplace_back(std::move(tenant), cell.instant());
          });
  return out;
}

}  // namespace insula::store::tenant_table
