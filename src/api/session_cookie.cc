#include "api/session_cookie.h"

#include "access/access.h"

namespace insula::api {
namespace {

constexpr std::size_t kSecretLength = 43;

std::string cookie_text(std::string_view name, std::string_view value, std::int64_t seconds, std::string_view attributes, std::string_view url) {
  return fmt::format("{}={}; Path=/; Max-Age={}; {}{}", name, value, seconds, attributes, url.starts_with("https://") ? "; Secure" : "");
}

void add_cookies(http::Response& response, std::string_view secret, std::string_view csrf, std::int64_t seconds, std::string_view url) {
  response.headers.add("Set-Cookie", cookie_text(kSessionCookie, secret, seconds, "HttpOnly; SameSite=Lax", url));
  response.headers.add("Set-Cookie", cookie_text(kCsrfCookie, csrf, seconds, "SameSite=Strict", url));
}

// `https://host:8080/path` → `https://host:8080`.
std::string_view origin_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  return scheme == std::string_view::npos ? std::string_view() : url.substr(0, url.find('/', scheme + 3));
}

bool is_secret(std::string_view text) {
  return text.size() == kSecretLength && std::ranges::all_of(text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; });
}

}  // namespace

std::string new_session_secret() {
  std::string text = base64_encode(random_bytes(32));
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

std::string session_hash(std::string_view secret) { return hex_encode(sha256(secret)); }

std::string csrf_token(std::string_view secret) { return hex_encode(hmac_sha256(secret, "csrf")); }

ShownSession shown_session(const http::Request& request) {
  ShownSession shown;
  std::size_t count = 0;
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    const auto [name, value] = request.headers[i];
    if (lower_ascii(name) != "cookie") continue;
    for (const std::string& pair : split(value, ';')) {
      if (trim(std::string_view(pair).substr(0, pair.find('='))) != kSessionCookie) continue;
      ++count;
      if (const auto secret = access::cookie(pair, kSessionCookie); secret && is_secret(*secret)) shown.secret = *secret;
    }
  }
  shown.is_there = count > 0;
  // Two of them: one was planted, and which one cannot be told.
  if (count > 1) shown.secret.clear();
  return shown;
}

bool changes_something(const http::Request& request) {
  return request.method != http::Method::get && request.method != http::Method::head && request.method != http::Method::options;
}

bool is_foreign(const http::Request& request, std::string_view url) {
  if (const auto origin = request.headers.find("Origin")) {
    if (!origin_of(url).empty() && lower_ascii(*origin) == lower_ascii(origin_of(url))) return false;
    const std::size_t scheme = origin->find("://");
    return scheme == std::string_view::npos || lower_ascii(origin->substr(scheme + 3)) != lower_ascii(request.headers.get("Host"));
  }
  const std::string_view site = request.headers.get("Sec-Fetch-Site");
  return site == "cross-site" || site == "same-site";
}

Result<void> check_forgery(const http::Request& request, std::string_view secret, std::string_view url) {
  if (!changes_something(request)) return {};
  if (is_foreign(request, url)) return fail(ErrorKind::forbidden, "origin-foreign", fmt::format("a page of another site may not change anything here; the address of this server is {} (kestra.url)", url));
  if (equal_constant_time(request.headers.get(kCsrfField), csrf_token(secret))) return {};
  return fail(ErrorKind::forbidden, "csrf-token-wrong", fmt::format("a request that is signed in by the cookie {} and changes something carries the value of the cookie {} in the field {}", kSessionCookie, kCsrfCookie, kCsrfField));
}

void set_session(http::Response& response, std::string_view secret, Duration max_age, std::string_view url) {
  add_cookies(response, secret, csrf_token(secret), std::chrono::duration_cast<std::chrono::seconds>(max_age).count(), url);
}

void clear_session(http::Response& response, std::string_view url) { add_cookies(response, {}, {}, 0, url); }

}  // namespace insula::api
