// API tokens: `ist_` + 10 characters that name the token + `_` + 43 characters of secret (256 bits, base64url). Shown once; what is kept is the
// prefix, a salt and a salted hash, so that a stolen database opens nothing.
#pragma once
#include "base/base.h"

namespace insula::access {

struct TokenRecord {
  std::string prefix;     // `ist_` + 10 characters: finds the row, shown in lists
  std::string salt_hex;   // 16 bytes
  std::string hash_hex;   // HMAC-SHA-256 keyed with salt_hex, over the whole token
};
struct NewToken {
  std::string text;  // the only time it is known
  TokenRecord record;
};

// `random`: 56 bytes from the operating system.
NewToken make_token(std::string_view random);
// The prefix to look for, or nothing when the text cannot be a token of ours.
std::optional<std::string> token_prefix(std::string_view text);
// In constant time.
bool verify_token(std::string_view text, const TokenRecord& record);

struct TokenLife {
  std::optional<Duration> max_age;  // none = does not expire
  bool extended = false;            // each use starts max_age anew
};
std::optional<Instant> token_expiry(const TokenLife& life, Instant created);
inline bool token_expired(std::optional<Instant> expires, Instant now) { return expires && now >= *expires; }
// The expiry to store after a use at `now`; nothing when it stays. Written at most once per hundredth of max_age, so that use costs no write each time.
std::optional<Instant> expiry_after_use(const TokenLife& life, std::optional<Instant> expires, Instant now);

// `^(?=.{1,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$`: names of tokens and service accounts.
bool is_token_name(std::string_view name);

}  // namespace insula::access
