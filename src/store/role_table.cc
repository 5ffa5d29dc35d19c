#include "store/identity_tables.h"

namespace insula::store {

const std::vector<RoleRow>& managed_role_rows() {
  static const std::vector<RoleRow> rows = [] {
    std::vector<RoleRow> out;
    for (const access::ManagedRole role : access::managed_roles) {
      RoleRow row;
      const std::string name(access::to_string(role));
      row.id = RoleId(name);
      row.name = name.substr(0, 1) + lower_ascii(name.substr(1));
      row.description = fmt::format("Built-in role {}", row.name);
      row.permissions = access::permissions_of(role);
      out.push_back(std::move(row));
    }
    return out;
  }();
  return rows;
}

std::optional<RoleRow> managed_role(const RoleId& id) {
  const auto& rows = managed_role_rows();
  const auto found = std::ranges::find(rows, id, &RoleRow::id);
  return found == rows.end() ? std::nullopt : std::optional(*found);
}

namespace role_table {
namespace {

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"roles", {{"id", ColumnType::text, ColumnRole::key}, {"name"}, {"description"}, {"is_default", integer}, {"permissions"}, {"created", integer}}};
  return table;
}

std::vector<RoleRow> rows_of(Connection& c, std::string_view rest, const Cells& parameters) {
  std::vector<RoleRow> out;
  c.query(fmt::format("select {} from roles r where {{tenant r}} {}", columns_of(table(), "r"), rest), parameters, [&](const Row& row) {
    Cursor cell(row);
    RoleRow r;
    r.id = cell.id<RoleId>();
    r.name = cell.text();
    r.description = cell.text();
    r.is_default = cell.flag();
    auto permissions = access::read_permissions(cell.object());
    if (!permissions) broken("The permissions of a stored role cannot be read.", r.id.str());
    r.permissions = std::move(*permissions);
    r.created = cell.instant();
    out.push_back(std::move(r));
  });
  return out;
}

}  // namespace

void write(Connection& c, const std::vector<RoleRow>& roles) {
  Cells rows;
  for (const RoleRow& r : roles) rows.id(r.id).text(r.name).text(r.description).flag(r.is_default).own(write_json(r.permissions.to_json())).instant(r.created);
  if (!rows.empty()) c.upsert(table(), rows);
}

void erase(Connection& c, const std::vector<RoleId>& ids) {
  Cells keys;
  for (const RoleId& id : ids) keys.id(id);
  if (!keys.empty()) c.erase(table(), keys, 1);
}

std::optional<RoleRow> find(Connection& c, const RoleId& id) {
  auto found = rows_of(c, "and r.id = $1", Cells().id(id));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<RoleRow> all(Connection& c) { return rows_of(c, "order by r.name, r.id", {}); }
void erase_tenant(Connection& c, const TenantUid& uid) { c.execute("delete from roles where tenant = $1", Cells().id(uid)); }

}  // namespace role_table
}  // namespace insula::store
