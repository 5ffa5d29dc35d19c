#include "access/token.h"

namespace insula::access {
namespace {

constexpr std::string_view marker = "ist_";
constexpr std::size_t name_length = 10;
constexpr std::size_t secret_length = 43;
constexpr std::size_t prefix_length = marker.size() + name_length;
constexpr std::size_t token_length = prefix_length + 1 + secret_length;
constexpr std::string_view base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view base32 = "abcdefghijklmnopqrstuvwxyz234567";  // the name has no `-` and `_`, so that it is one word in lists

// 256 bits in 43 characters.
std::string secret_text(std::string_view bytes) {
  std::string text = base64_encode(bytes);
  while (text.ends_with('=')) text.pop_back();
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::string hash(std::string_view text, std::string_view salt_hex) { return hex_encode(hmac_sha256(salt_hex, text)); }

}  // namespace

NewToken make_token(std::string_view random) {
  INSULA_ASSERT(random.size() == 56);
  NewToken token;
  token.text = marker;
  for (std::size_t i = 0; i < name_length - 2; ++i) token.text += base32[static_cast<unsigned char>(random[i]) % 32];
  // Two more characters are bound to the first eight: a mistyped prefix is refused before the database is asked.
  const std::string check = sha256(token.text);
  for (std::size_t i = 0; i < 2; ++i) token.text += base32[static_cast<unsigned char>(check[i]) % 32];
  token.record.prefix = token.text;
  token.text += '_';
  token.text += secret_text(random.substr(8, 32));
  token.record.salt_hex = hex_encode(random.substr(40, 16));
  token.record.hash_hex = hash(token.text, token.record.salt_hex);
  return token;
}

std::optional<std::string> token_prefix(std::string_view text) {
  if (text.size() != token_length || !text.starts_with(marker) || text[prefix_length] != '_') return std::nullopt;
  const std::string_view name = text.substr(marker.size(), name_length);
  const std::string_view secret = text.substr(prefix_length + 1);
  if (name.find_first_not_of(base32) != std::string_view::npos || secret.find_first_not_of(base64url) != std::string_view::npos) return std::nullopt;
  const std::string check = sha256(text.substr(0, prefix_length - 2));
  for (std::size_t i = 0; i < 2; ++i) {
    if (text[prefix_length - 2 + i] != base32[static_cast<unsigned char>(check[i]) % 32]) return std::nullopt;
  }
  return std::string(text.substr(0, prefix_length));
}

bool verify_token(std::string_view text, const TokenRecord& record) {
  return text.size() == token_length && equal_constant_time(hash(text, record.salt_hex), record.hash_hex);
}

std::optional<Instant> token_expiry(const TokenLife& life, Instant created) {
  if (!life.max_age) return std::nullopt;
  return *life.max_age > Instant::max() - created ? Instant::max() : created + *life.max_age;
}

std::optional<Instant> expiry_after_use(const TokenLife& life, std::optional<Instant> expires, Instant now) {
  if (!life.extended || !life.max_age || token_expired(expires, now)) return std::nullopt;
  const auto later = token_expiry(life, now);
  if (expires && *later - *expires < *life.max_age / 100) return std::nullopt;
  return later;
}

bool is_token_name(std::string_view name) {
  if (name.empty() || name.size() > 63 || name.front() == '-' || name.back() == '-' || name.contains("--")) return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace insula::access
