#include "store/identity_tables.h"
#include "store/search.h"

namespace insula::store::binding_table {
namespace {

const Table& table() {
  static const Table table{"bindings", {{"id", ColumnType::text, ColumnRole::key}, {"subject_type"}, {"subject_id"}, {"role_id"}, {"namespace"}, {"created", ColumnType::integer}}};
  return table;
}

std::string_view word(SubjectKind kind) { return kind == SubjectKind::user ? "USER" : "GROUP"; }

std::vector<BindingRow> rows_of(Connection& c, std::string_view rest, const Cells& parameters) {
  std::vector<BindingRow> out;
  c.query(fmt::format("select {} from bindings b where {{tenant b}}{}", columns_of(table(), "b"), rest), parameters, [&](const Row& row) {
    Cursor cell(row);
    BindingRow b;
    b.id = cell.id<BindingId>();
    b.subject = cell.text() == "GROUP" ? SubjectKind::group : SubjectKind::user;
    b.subject_id = cell.text();
    b.role = cell.id<RoleId>();
    b.ns = cell.maybe_id<Namespace>();
    b.created = cell.instant();
    out.push_back(std::move(b));
  });
  return out;
}

constexpr std::array kFields{Field{"id", "b.id"}, Field{"type", "b.subject_type"}, Field{"subjectId", "b.subject_id"}, Field{"roleId", "b.role_id"},
    Field{"namespace", "b.namespace", FieldKind::text, true, true, true}, Field{"created", "b.created", FieldKind::instant}};

}  // namespace

void write(Connection& c, const std::vector<BindingRow>& bindings) {
  Cells rows;
  for (const BindingRow& b : bindings) rows.id(b.id).text(word(b.subject)).text(b.subject_id).id(b.role).id(b.ns).instant(b.created);
  if (!rows.empty()) c.upsert(table(), rows);
}

void erase(Connection& c, const std::vector<BindingId>& ids) {
  Cells keys;
  for (const BindingId& id : ids) keys.id(id);
  if (!keys.empty()) c.erase(table(), keys, 1);
}

void erase_role(Connection& c, const RoleId& role) { c.execute("delete from bindings where {tenant} and role_id = $1", Cells().id(role)); }
void erase_subject(Connection& c, SubjectKind kind, std::string_view id) {
  c.execute("delete from bindings where {tenant} and subject_type = $1 and subject_id = $2", Cells().text(word(kind)).text(id));
}
void erase_user_everywhere(Connection& c, const UserId& user) { c.execute("delete from bindings where subject_type = 'USER' and subject_id = $1", Cells().id(user)); }
void erase_tenant(Connection& c, const TenantUid& uid) { c.execute("delete from bindings where tenant = $1", Cells().id(uid)); }

std::optional<BindingRow> find(Connection& c, const BindingId& id) {
  auto found = rows_of(c, " and b.id = $1", Cells().id(id));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Found<BindingRow> search(Connection& c, const Query& query) {
  SqlText sql;
  Search search(c.dialect(), kFields, sql);
  for (const Filter& filter : query.filters) search.filter(filter);
  Found<BindingRow> found;
  found.total = query_integer(c, "select count(*) from bindings b where {tenant b}" + sql.text, sql.cells).value_or(0);
  const std::string where = sql.text;
  const std::string order = search.order(query.page, {{"created", false}}, "b.id");
  found.rows = rows_of(c, where + order + search.limit(query.page), sql.cells);
  return found;
}

std::vector<BindingRow> held(Connection& c, const UserId& user) {
  return rows_of(c, " and ((b.subject_type = 'USER' and b.subject_id = $1) or (b.subject_type = 'GROUP' and b.subject_id in "
                    "(select m.group_id from members m where {tenant m} and m.user_id = $1))) order by b.subject_type desc, b.created, b.id",
                 Cells().id(user));
}

}  // namespace insula::store::binding_table
