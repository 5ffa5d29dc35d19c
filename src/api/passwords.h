// New passwords: the one way to set one, whoever asks (oneself, a super admin, somebody with a link).
#pragma once
#include "api/parts.h"

namespace insula::api {

// 1.x's `passwordConfiguration`.
JsonObject password_configuration_json(const Options& options);
// Checked against the rules of this server, then hashed: about 30 ms, off the I/O threads. Error `password-invalid` with every violation.
Result<std::string> hash_new_password(const Options& options, std::string_view password);

// Sets the password of the user, and ends what was opened with the old one: a lock, sessions (but `kept_session`, the caller's own, by hash), links for a new
// password, API tokens. `entry` goes to the audit log of the instance. Errors: `password-invalid`, `user-not-found`.
Result<void> change_password(Parts& parts, store::Stores& stores, const UserId& user, std::string_view password, store::AuditRow entry, std::string_view kept_session = {});

struct ResetLink {
  std::string url;
  Instant expires;
};
// A link for a new password, usable once; it ends the ones before.
Result<ResetLink> make_reset_link(Parts& parts, store::Stores& stores, const UserId& user, Instant now);

}  // namespace insula::api
