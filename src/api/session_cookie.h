// What a signed-in browser carries: the cookie `JWT` (the name Kestra's clients know; here an opaque random secret, of which only SHA-256 is stored) and
// the readable cookie `csrfToken`. Pure but for new_session_secret().
//
// Against forged requests (CSRF): whatever changes something and is authenticated by the cookie needs the field `X-CSRF-TOKEN`. The token is derived
// from the secret of the session, so a token planted by somebody else (a neighbouring host that may set cookies) is worth nothing, and nothing is stored.
#pragma once
#include "http/http.h"
#include "base/base.h"

namespace insula::api {

inline constexpr std::string_view kSessionCookie = "JWT";
inline constexpr std::string_view kCsrfCookie = "csrfToken";
inline constexpr std::string_view kCsrfField = "X-CSRF-TOKEN";

std::string new_session_secret();                                  // 256 random bits in 43 characters of base64url
std::string session_hash(std::string_view secret);                 // what the store keeps
std::string csrf_token(std::string_view secret);

// Whether a cookie of that name came, and its secret when it came once and has the form of one.
struct ShownSession {
  bool is_there = false;
  std::string secret;                                              // empty: nobody's session
};
ShownSession shown_session(const http::Request& request);

// GET, HEAD and OPTIONS change nothing.
bool changes_something(const http::Request& request);
// Whether a browser sent this from a page of another site (Origin, else Sec-Fetch-Site). `url`: the public address of this server.
bool is_foreign(const http::Request& request, std::string_view url);
// Of a request that is authenticated by the cookie: forbidden `origin-foreign`, `csrf-token-wrong`.
Result<void> check_forgery(const http::Request& request, std::string_view secret, std::string_view url);

// HttpOnly, SameSite=Lax, path `/`; Secure when the public address is https. The CSRF cookie is readable, and SameSite=Strict.
void set_session(http::Response& response, std::string_view secret, Duration max_age, std::string_view url);
void clear_session(http::Response& response, std::string_view url);

}  // namespace insula::api
