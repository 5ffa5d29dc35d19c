// Passwords: argon2id hashes and rules for new ones.
#pragma once
#include "base/base.h"

namespace insula::access {

struct HashCost {
  std::uint32_t passes = 2;
  std::uint32_t memory_kib = 19 * 1024;
  std::uint32_t lanes = 1;
  bool operator==(const HashCost&) const = default;
};

// `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. `salt`: 8–64 random bytes, 16 is right. Errors `password-too-long` (over 256 characters or 1024
// bytes), `password-hash-failed` (no memory).
Result<std::string> hash_password(std::string_view password, std::string_view salt, HashCost cost = {});
// False also for a hash that is malformed or asks for more than 1 GiB, 64 passes or 64 lanes.
bool verify_password(std::string_view password, std::string_view hash);
// Whether to hash again at the next login, because the cost has changed since.
bool needs_rehash(std::string_view hash, HashCost cost = {});

struct PasswordRules {
  int length_min = 8;  // in characters
  int length_max = 256;
  int upper_min = 1;   // ASCII letters
  int lower_min = 1;
  int digits_min = 1;
  int special_min = 0; // of `special`
  std::string special = {}; // what counts as a special character; empty = anything but letters and digits
  std::string pattern = {}; // RE2, at most 1,000 bytes: the whole password must match it, and it alone decides beside the length_max; empty = none
};
// Error `password-rules-invalid`: the pattern cannot be used.
Result<void> check_rules(const PasswordRules& rules);
// Everything that is wrong, in plain words; empty = acceptable.
std::vector<Violation> check_password(std::string_view password, const PasswordRules& rules = {});

// The user name of basic authentication has to be an e-mail address: `^[a-zA-Z0-9_!#$%&'*+/=?`{|}~^.-]+@[a-zA-Z0-9.-]+$`, at most 256 bytes.
bool is_email(std::string_view text);

}  // namespace insula::access
