#include "store/tables.h"

namespace insula::store::user_table {
namespace {

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"users", {{"id", ColumnType::text, ColumnRole::key}, {"email"}, {"first_name"}, {"last_name"}, {"password_hash"},
      {"super_admin", integer}, {"restricted", integer}, {"created", integer}}, false};
  return table;
}

std::optional<UserRow> one(Connection& c, std::string_view condition, const Cells& parameters) {
  std::optional<UserRow> found;
  c.query(fmt::format("select {} from users u where {}", columns_of(table(), "u"), condition), parameters, [&](const Row& row) {
    Cursor cell(row);
    UserRow u;
    u.id = cell.id<UserId>();
    u.email = cell.text();
    u.first_name = cell.text();
    u.last_name = cell.text();
    u.password_hash = cell.text();
    u.super_admin = cell.flag();
    u.restricted = cell.flag();
    u.created = cell.instant();
    found = std::move(u);
  });
  return found;
}

Cells cells(const UserRow& u) {
  Cells out;
  out.id(u.id).own(lower_ascii(u.email)).text(u.first_name).text(u.last_name).text(u.password_hash).flag(u.super_admin).flag(u.restricted).instant(u.created);
  return out;
}

}  // namespace

void insert(Connection& c, const UserRow& user) { c.insert(table(), cells(user)); }

bool update(Connection& c, const UserRow& user) {
  return c.execute("update users set email = $2, first_name = $3, last_name = $4, password_hash = $5, super_admin = $6, restricted = $7, created = $8 "
                   "where id = $1", cells(user)) == 1;
}

std::optional<UserRow> find(Connection& c, const UserId& id) { return one(c, "u.id = $1", Cells().id(id)); }
std::optional<UserRow> find_by_email(Connection& c, std::string_view email) { return one(c, "u.email = $1", Cells().own(lower_ascii(email))); }
std::int64_t count(Connection& c) { return query_integer(c, "select count(*) from users").value_or(0); }

}  // namespace insula::store::user_table
