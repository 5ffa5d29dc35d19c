#include "store/identity_tables.h"
#include "store/search.h"

namespace insula::store::user_table {
namespace {

Cells cells(const UserRow& u) {
  Cells out;
  out.id(u.id).own(lower_ascii(u.email)).text(u.first_name).text(u.last_name).text(u.password_hash).flag(u.super_admin).flag(u.restricted).instant(u.created);
  out.flag(u.service_account).text(u.name).text(u.description).id(u.home).instant(u.locked_until);
  return out;
}

std::optional<UserRow> one(Connection& c, std::string_view condition, const Cells& parameters) {
  std::optional<UserRow> found;
  c.query(fmt::format("select {} from users u where {}", columns_of(table(), "u"), condition), parameters, [&](const Row& row) {
    Cursor cell(row);
    found = from_cells(cell);
  });
  return found;
}

constexpr std::array kFields{Field{"id", "u.id"}, Field{"email", "u.email"}, Field{"username", "u.email"}, Field{"name", "u.name"},
    Field{"firstName", "u.first_name"}, Field{"lastName", "u.last_name"}, Field{"created", "u.created", FieldKind::instant}};
constexpr std::array<std::string_view, 5> kWordColumns{"u.email", "u.first_name", "u.last_name", "u.name", "u.description"};

bool is_true(const Filter& filter) { return single_value(filter) == "true"; }

}  // namespace

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"users", {{"id", ColumnType::text, ColumnRole::key}, {"email"}, {"first_name"}, {"last_name"}, {"password_hash"},
      {"super_admin", integer}, {"restricted", integer}, {"created", integer}, {"service_account", integer}, {"name"}, {"description"}, {"home"},
      {"locked_until", integer}}, false};
  return table;
}

UserRow from_cells(Cursor& cell) {
  UserRow u;
  u.id = cell.id<UserId>();
  u.email = cell.text();
  u.first_name = cell.text();
  u.last_name = cell.text();
  u.password_hash = cell.text();
  u.super_admin = cell.flag();
  u.restricted = cell.flag();
  u.created = cell.instant();
  u.service_account = cell.flag();
  u.name = cell.text();
  u.description = cell.text();
  u.home = cell.id<TenantUid>();
  u.locked_until = cell.maybe_instant();
  return u;
}

void insert(Connection& c, const UserRow& user) { c.insert(table(), cells(user)); }

bool update(Connection& c, const UserRow& user) {
  return c.execute("update users set email = $2, first_name = $3, last_name = $4, password_hash = $5, super_admin = $6, restricted = $7, created = $8, "
                   "service_account = $9, name = $10, description = $11, home = $12, locked_until = $13 where id = $1", cells(user)) == 1;
}

void erase(Connection& c, const UserId& id) { c.execute("delete from users where id = $1", Cells().id(id)); }

std::optional<UserRow> find(Connection& c, const UserId& id) { return one(c, "u.id = $1", Cells().id(id)); }
std::optional<UserRow> find_by_email(Connection& c, std::string_view email) {
  return one(c, "u.email = $1 and u.service_account = 0", Cells().own(lower_ascii(email)));
}
std::int64_t count(Connection& c) { return query_integer(c, "select count(*) from users where service_account = 0").value_or(0); }

Found<UserRow> search(Connection& c, const Query& query, std::string_view condition, const TenantUid& home) {
  SqlText sql;
  Search search(c.dialect(), kFields, sql);
  for (const Filter& filter : query.filters) {
    if (filter.field == "q") search.words(filter, kWordColumns);
    else if (filter.field == "type") search.also(single_value(filter) == "SERVICE_ACCOUNT" ? "u.service_account = 1" : "u.service_account = 0");
    else if (filter.field == "superAdmin") search.also(is_true(filter) ? "u.super_admin = 1" : "u.super_admin = 0");
    else if (filter.field == "instance") search.also(is_true(filter) ? "u.home = ''" : "u.home <> ''");
    else if (filter.field == "home") search.also(fmt::format("u.home {} {}", is_true(filter) ? "=" : "<>", sql.bind(home.str())));
    else search.filter(filter);
  }
  const std::string where = fmt::format("where {}{}", condition, sql.text);
  Found<UserRow> found;
  found.total = query_integer(c, "select count(*) from users u " + where, sql.cells).value_or(0);
  const std::string order = search.order(query.page, {{"email", false}, {"name", false}}, "u.id");
  const std::string limit = search.limit(query.page);
  c.query(fmt::format("select {} from users u {}{}{}", columns_of(table(), "u"), where, order, limit), sql.cells, [&](const Row& row) {
    Cursor cell(row);
    found.rows.push_back(from_cells(cell));
  });
  return found;
}

}  // namespace insula::store::user_table
