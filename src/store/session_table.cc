// Sessions of browsers and links for a new password: both are found by the hash of a secret and end by themselves.
#include "store/identity_tables.h"

namespace insula::store {

namespace session_table {
namespace {

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"sessions", {{"hash", ColumnType::text, ColumnRole::key}, {"user_id"}, {"impersonator"}, {"created", integer}, {"expires", integer}}, false};
  return table;
}

}  // namespace

void write(Connection& c, const std::vector<SessionRow>& sessions) {
  Cells rows;
  for (const SessionRow& s : sessions) rows.text(s.hash).id(s.user).id(s.impersonator).instant(s.created).instant(s.expires);
  if (!rows.empty()) c.upsert(table(), rows);
}

void erase(Connection& c, const std::vector<std::string>& hashes) {
  Cells keys;
  for (const std::string& hash : hashes) keys.text(hash);
  if (!keys.empty()) c.erase(table(), keys, 1);
}

void erase_user(Connection& c, const UserId& user) { c.execute("delete from sessions where user_id = $1 or impersonator = $1", Cells().id(user)); }
void erase_expired(Connection& c, Instant now) { c.execute("delete from sessions where expires <= $1", Cells().instant(now)); }

std::optional<SessionRow> find(Connection& c, std::string_view hash) {
  std::optional<SessionRow> found;
  c.query("select s.hash, s.user_id, s.impersonator, s.created, s.expires from sessions s where s.hash = $1", Cells().text(hash), [&](const Row& row) {
    Cursor cell(row);
    found = SessionRow{cell.text(), cell.id<UserId>(), cell.id<UserId>(), cell.instant(), cell.instant()};
  });
  return found;
}

}  // namespace session_table

namespace password_reset_table {

void write(Connection& c, const std::vector<PasswordResetRow>& resets) {
  static const Table table{"password_resets", {{"hash", ColumnType::text, ColumnRole::key}, {"user_id"}, {"expires", ColumnType::integer}}, false};
  Cells rows;
  for (const PasswordResetRow& r : resets) rows.text(r.hash).id(r.user).instant(r.expires);
  if (!rows.empty()) c.upsert(table, rows);
}

void erase_user(Connection& c, const UserId& user) { c.execute("delete from password_resets where user_id = $1", Cells().id(user)); }
void erase_expired(Connection& c, Instant now) { c.execute("delete from password_resets where expires <= $1", Cells().instant(now)); }

std::optional<PasswordResetRow> find(Connection& c, std::string_view hash) {
  std::optional<PasswordResetRow> found;
  c.query("select r.hash, r.user_id, r.expires from password_resets r where r.hash = $1", Cells().text(hash), [&](const Row& row) {
    Cursor cell(row);
    found = PasswordResetRow{cell.text(), cell.id<UserId>(), cell.instant()};
  });
  return found;
}

}  // namespace password_reset_table
}  // namespace insula::store
