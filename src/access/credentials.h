// Credentials as requests carry them (RFC 7617, RFC 6750).
#pragma once
#include "base/base.h"

namespace insula::access {

struct BasicCredentials {
  std::string username;
  std::string password;
};

inline constexpr std::size_t authorization_bytes_max = 8 * 1024;

// The value of an Authorization header; nothing when it is of another scheme or malformed. The user name ends at the first colon.
std::optional<BasicCredentials> parse_basic(std::string_view header);
std::optional<std::string> parse_bearer(std::string_view header);
std::string write_basic(const BasicCredentials& credentials);  // `Basic …`
// The value of a cookie in a Cookie header (RFC 6265).
std::optional<std::string> cookie(std::string_view header, std::string_view name);

}  // namespace insula::access
