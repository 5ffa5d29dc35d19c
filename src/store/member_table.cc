#include "store/identity_tables.h"
#include "store/search.h"

namespace insula::store::member_table {
namespace {

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"members", {{"group_id", ColumnType::text, ColumnRole::key}, {"user_id", ColumnType::text, ColumnRole::key}, {"is_owner", integer}, {"created", integer}}};
  return table;
}

MemberRow from_cells(Cursor& cell) { return {cell.id<GroupId>(), cell.id<UserId>(), cell.flag(), cell.instant()}; }

constexpr std::array kFields{Field{"id", "u.id"}, Field{"email", "u.email"}, Field{"username", "u.email"}, Field{"name", "u.name"}};
constexpr std::array<std::string_view, 4> kWordColumns{"u.email", "u.first_name", "u.last_name", "u.name"};

}  // namespace

void write(Connection& c, const std::vector<MemberRow>& members) {
  Cells rows;
  for (const MemberRow& m : members) rows.id(m.group).id(m.user).flag(m.owner).instant(m.created);
  if (!rows.empty()) c.upsert(table(), rows);
}

void erase(Connection& c, const std::vector<std::pair<GroupId, UserId>>& members) {
  Cells keys;
  for (const auto& [group, user] : members) keys.id(group).id(user);
  if (!keys.empty()) c.erase(table(), keys, 2);
}

void erase_group(Connection& c, const GroupId& group) { c.execute("delete from members where {tenant} and group_id = $1", Cells().id(group)); }
void erase_user(Connection& c, const UserId& user) { c.execute("delete from members where {tenant} and user_id = $1", Cells().id(user)); }
void erase_user_everywhere(Connection& c, const UserId& user) { c.execute("delete from members where user_id = $1", Cells().id(user)); }
void erase_tenant(Connection& c, const TenantUid& uid) { c.execute("delete from members where tenant = $1", Cells().id(uid)); }

std::optional<MemberRow> find(Connection& c, const GroupId& group, const UserId& user) {
  std::optional<MemberRow> found;
  c.query(fmt::format("select {} from members m where {{tenant m}} and m.group_id = $1 and m.user_id = $2", columns_of(table(), "m")), Cells().id(group).id(user), [&](const Row& row) {
    Cursor cell(row);
    found = from_cells(cell);
  });
  return found;
}

std::vector<std::pair<GroupRow, MemberRow>> groups_of(Connection& c, const UserId& user) {
  std::vector<std::pair<GroupRow, MemberRow>> out;
  c.query(fmt::format("select {}, g.name, g.description, g.external, g.created from members m join user_groups g on {{tenant g}} and g.id = m.group_id "
                      "where {{tenant m}} and m.user_id = $1 order by g.name, g.id", columns_of(table(), "m")),
          Cells().id(user), [&](const Row& row) {
            Cursor cell(row);
            MemberRow member = from_cells(cell);
            GroupRow group{member.group, cell.text(), cell.text(), cell.flag(), cell.instant()};
            out.emplace_back(std::move(group), std::move(member));
          });
  return out;
}

Found<std::pair<UserRow, MemberRow>> search(Connection& c, const GroupId& group, const Query& query) {
  SqlText sql;
  Search search(c.dialect(), kFields, sql);
  const std::string in_group = sql.bind(group.str());
  for (const Filter& filter : query.filters) {
    if (filter.field == "q") search.words(filter, kWordColumns);
    else search.filter(filter);
  }
  const std::string from = fmt::format("from members m join users u on u.id = m.user_id where {{tenant m}} and m.group_id = {}{}", in_group, sql.text);
  Found<std::pair<UserRow, MemberRow>> found;
  found.total = query_integer(c, "select count(*) " + from, sql.cells).value_or(0);
  const std::string order = search.order(query.page, {{"email", false}, {"name", false}}, "u.id");
  const std::string limit = search.limit(query.page);
  c.query(fmt::format("select {}, {} {}{}{}", columns_of(table(), "m"), columns_of(user_table::table(), "u"), from, order, limit), sql.cells, [&](const Row& row) {
    Cursor cell(row);
    MemberRow member = from_cells(cell);
    found.rows.emplace_back(user_table::from_cells(cell), std::move(member));
  });
  return found;
}

}  // namespace insula::store::member_table
