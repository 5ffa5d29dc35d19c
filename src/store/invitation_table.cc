#include "store/identity_tables.h"
#include "store/search.h"

namespace insula::store::invitation_table {
namespace {

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"invitations", {{"id", ColumnType::text, ColumnRole::key}, {"email"}, {"roles"}, {"user_groups"}, {"super_admin", integer},
      {"sent", integer}, {"expires", integer}, {"accepted", integer}}};
  return table;
}

JsonArray array_of(Json value) { return value.is_array() ? value.as_array() : JsonArray{}; }

InvitationRow from_cells(Cursor& cell) {
  InvitationRow i;
  i.id = cell.id<InvitationId>();
  i.email = cell.text();
  i.roles = array_of(cell.json());
  i.groups = array_of(cell.json());
  i.super_admin = cell.flag();
  i.sent = cell.instant();
  i.expires = cell.instant();
  i.accepted = cell.maybe_instant();
  return i;
}

std::vector<InvitationRow> rows_of(Connection& c, std::string_view rest, const Cells& parameters) {
  std::vector<InvitationRow> out;
  c.query(fmt::format("select {} from invitations i where {{tenant i}}{}", columns_of(table(), "i"), rest), parameters, [&](const Row& row) {
    Cursor cell(row);
    out.push_back(from_cells(cell));
  });
  return out;
}

std::vector<std::pair<TenantUid, InvitationRow>> everywhere(Connection& c, std::string_view condition, const Cells& parameters) {
  std::vector<std::pair<TenantUid, InvitationRow>> out;
  c.query(fmt::format("select i.tenant, {} from invitations i where {} order by i.sent, i.id", columns_of(table(), "i"), condition), parameters, [&](const Row& row) {
    Cursor cell(row);
    TenantUid tenant = cell.id<TenantUid>();
    out.emplace_back(std::move(tenant), from_cells(cell));
  });
  return out;
}

constexpr std::array kFields{Field{"id", "i.id"}, Field{"email", "i.email"}, Field{"sentAt", "i.sent", FieldKind::instant}, Field{"expiredAt", "i.expires", FieldKind::instant}};
constexpr std::array<std::string_view, 1> kWordColumns{"i.email"};

// What an invitation is depends on the time: Filter::key is that of the caller.
void by_status(Search& search, SqlText& sql, const Filter& filter) {
  const auto now = parse_instant(filter.key);
  const auto status = single_value(filter);
  if (!now || !status) refuse("filter-invalid", "The filter on `status` takes exactly one value: PENDING, ACCEPTED or EXPIRED.");
  if (*status == "ACCEPTED") return search.also("i.accepted is not null");
  const std::string at = sql.bind(now->time_since_epoch().count());
  if (*status == "PENDING") return search.also(fmt::format("i.accepted is null and i.expires > {}", at));
  if (*status == "EXPIRED") return search.also(fmt::format("i.accepted is null and i.expires <= {}", at));
  refuse("filter-invalid", fmt::format("`{}` is no status of an invitation; there are PENDING, ACCEPTED, EXPIRED.", *status));
}

}  // namespace

void write(Connection& c, const std::vector<InvitationRow>& invitations) {
  Cells rows;
  for (const InvitationRow& i : invitations) {
    rows.id(i.id).own(lower_ascii(i.email)).json(Json(i.roles)).json(Json(i.groups)).flag(i.super_admin).instant(i.sent).instant(i.expires).instant(i.accepted);
  }
  if (!rows.empty()) c.upsert(table(), rows);
}

void erase(Connection& c, const std::vector<InvitationId>& ids) {
  Cells keys;
  for (const InvitationId& id : ids) keys.id(id);
  if (!keys.empty()) c.erase(table(), keys, 1);
}

std::optional<InvitationRow> find(Connection& c, const InvitationId& id) {
  auto found = rows_of(c, " and i.id = $1", Cells().id(id));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

Found<InvitationRow> search(Connection& c, const Query& query) {
  SqlText sql;
  Search search(c.dialect(), kFields, sql);
  for (const Filter& filter : query.filters) {
    if (filter.field == "q") search.words(filter, kWordColumns);
    else if (filter.field == "status") by_status(search, sql, filter);
    else search.filter(filter);
  }
  Found<InvitationRow> found;
  found.total = query_integer(c, "select count(*) from invitations i where {tenant i}" + sql.text, sql.cells).value_or(0);
  const std::string where = sql.text;
  const std::string order = search.order(query.page, {{"sentAt", true}}, "i.id");
  found.rows = rows_of(c, where + order + search.limit(query.page), sql.cells);
  return found;
}

std::vector<std::pair<TenantUid, InvitationRow>> find_everywhere(Connection& c, const InvitationId& id) { return everywhere(c, "i.id = $1", Cells().id(id)); }
std::vector<std::pair<TenantUid, InvitationRow>> of_email(Connection& c, std::string_view email) {
  return everywhere(c, "i.email = $1 and i.accepted is null", Cells().own(lower_ascii(email)));
}
void erase_tenant(Connection& c, const TenantUid& uid) { c.execute("delete from invitations where tenant = $1", Cells().id(uid)); }

}  // namespace insula::store::invitation_table
