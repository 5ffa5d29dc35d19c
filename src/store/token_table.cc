#include "store/identity_tables.h"

namespace insula::store::token_table {
namespace {

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"tokens", {{"id", ColumnType::text, ColumnRole::key}, {"user_id"}, {"name"}, {"description"}, {"prefix"}, {"salt"}, {"hash"},
      {"max_age", integer}, {"extended", integer}, {"created", integer}, {"expires", integer}, {"last_used", integer}}, false};
  return table;
}

std::vector<TokenRow> rows_of(Connection& c, std::string_view rest, const Cells& parameters) {
  std::vector<TokenRow> out;
  c.query(fmt::format("select {} from tokens t where {}", columns_of(table(), "t"), rest), parameters, [&](const Row& row) {
    Cursor cell(row);
    TokenRow t;
    t.id = cell.id<TokenId>();
    t.user = cell.id<UserId>();
    t.name = cell.text();
    t.description = cell.text();
    t.record.prefix = cell.text();
    t.record.salt_hex = cell.text();
    t.record.hash_hex = cell.text();
    if (const auto age = cell.maybe_integer()) t.life.max_age = Duration(*age);
    t.life.extended = cell.flag();
    t.created = cell.instant();
    t.expires = cell.maybe_instant();
    t.last_used = cell.maybe_instant();
    out.push_back(std::move(t));
  });
  return out;
}

}  // namespace

void write(Connection& c, const std::vector<TokenRow>& tokens) {
  Cells rows;
  for (const TokenRow& t : tokens) {
    rows.id(t.id).id(t.user).text(t.name).text(t.description).text(t.record.prefix).text(t.record.salt_hex).text(t.record.hash_hex);
    t.life.max_age ? rows.integer(t.life.max_age->count()) : rows.null();
    rows.flag(t.life.extended).instant(t.created).instant(t.expires).instant(t.last_used);
  }
  if (!rows.empty()) c.upsert(table(), rows);
}

void erase(Connection& c, const std::vector<TokenId>& ids) {
  Cells keys;
  for (const TokenId& id : ids) keys.id(id);
  if (!keys.empty()) c.erase(table(), keys, 1);
}

void erase_user(Connection& c, const UserId& user) { c.execute("delete from tokens where user_id = $1", Cells().id(user)); }
std::vector<TokenRow> of_user(Connection& c, const UserId& user) { return rows_of(c, "t.user_id = $1 order by t.created, t.id", Cells().id(user)); }

std::optional<TokenRow> find_by_prefix(Connection& c, std::string_view prefix) {
  auto found = rows_of(c, "t.prefix = $1", Cells().text(prefix));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

}  // namespace insula::store::token_table
