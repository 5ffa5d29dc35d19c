#include "access/credentials.h"

namespace insula::access {
namespace {

// What follows the scheme, when the header is of that scheme (RFC 9110 §11.1: case does not matter).
std::optional<std::string_view> after_scheme(std::string_view header, std::string_view scheme) {
  header = trim(header);
  if (header.size() > authorization_bytes_max || header.size() <= scheme.size() || header[scheme.size()] != ' ') return std::nullopt;
  if (lower_ascii(header.substr(0, scheme.size())) != scheme) return std::nullopt;
  return trim(header.substr(scheme.size()));
}

}  // namespace

std::optional<BasicCredentials> parse_basic(std::string_view header) {
  const auto encoded = after_scheme(header, "basic");
  if (!encoded) return std::nullopt;
  std::string padded(*encoded);
  while (padded.size() % 4 != 0 && !padded.ends_with("==")) padded += '=';  // some clients leave the padding out
  const auto pair = base64_decode(padded);
  if (!pair || pair->contains('\0')) return std::nullopt;
  const std::size_t colon = pair->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return BasicCredentials{pair->substr(0, colon), pair->substr(colon + 1)};
}

std::optional<std::string> parse_bearer(std::string_view header) {
  const auto token = after_scheme(header, "bearer");
  if (!token || token->empty()) return std::nullopt;
  const bool visible = std::all_of(token->begin(), token->end(), [](char c) { return c > ' ' && c < 0x7f; });
  return visible ? std::optional(std::string(*token)) : std::nullopt;
}

std::string write_basic(const BasicCredentials& credentials) { return "Basic " + base64_encode(credentials.username + ':' + credentials.password); }

std::optional<std::string> cookie(std::string_view header, std::string_view name) {
  if (header.size() > authorization_bytes_max) return std::nullopt;
  for (const std::string& pair : split(header, ';')) {
    const std::string_view text = trim(pair);
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || trim(text.substr(0, equals)) != name) continue;
    std::string_view value = trim(text.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return std::string(value);
  }
  return std::nullopt;
}

}  // namespace insula::access
