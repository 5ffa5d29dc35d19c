#include "api/session_cookie.h"

#include <gtest/gtest.h>

namespace insula::api {
namespace {

constexpr std::string_view kUrl = "https://insula.example.com";

http::Request request(http::Method method, std::initializer_list<http::Headers::Field> fields) {
  http::Request made;
  made.method = method;
  made.headers = http::Headers(fields);
  return made;
}

std::string code(const Result<void>& result) { return result ? "ok" : result.error().code; }

TEST(SessionCookie, IsHiddenFromScriptsAndBoundToTheSite) {
  http::Response response = http::Response::empty(200);
  set_session(response, "secret", std::chrono::hours(1), kUrl);
  ASSERT_EQ(response.headers.count("Set-Cookie"), 2u);
  EXPECT_EQ(response.headers[0].value, "JWT=secret; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure");
  EXPECT_EQ(response.headers[1].value, fmt::format("csrfToken={}; Path=/; Max-Age=3600; SameSite=Strict; Secure", csrf_token("secret")));
  http::Response plain = http::Response::empty(200);
  clear_session(plain, "http://localhost:8080");
  EXPECT_EQ(plain.headers[0].value, "JWT=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
}

TEST(SessionCookie, HasASecretThatIsNewEachTime) {
  const std::string secret = new_session_secret();
  EXPECT_EQ(secret.size(), 43u);
  EXPECT_NE(secret, new_session_secret());
  EXPECT_EQ(shown_session(request(http::Method::get, {{"Cookie", "a=b; JWT=" + secret}})).secret, secret);
  EXPECT_EQ(session_hash(secret).size(), 64u);
}

TEST(SessionCookie, IsNobodysWhenItComesTwiceOrIsMalformed) {
  const std::string one = new_session_secret(), two = new_session_secret();
  EXPECT_FALSE(shown_session(request(http::Method::get, {{"Cookie", "a=b"}})).is_there);
  const std::string both = fmt::format("JWT={}; JWT={}", one, two), first = "JWT=" + one, second = "JWT=" + two;
  for (const auto& shown : {shown_session(request(http::Method::get, {{"Cookie", both}})), shown_session(request(http::Method::get, {{"Cookie", first}, {"Cookie", second}})),
                            shown_session(request(http::Method::get, {{"Cookie", "JWT=eyJhbGciOiJub25lIn0.e30."}})), shown_session(request(http::Method::get, {{"Cookie", "JWT="}}))}) {
    EXPECT_TRUE(shown.is_there);
    EXPECT_EQ(shown.secret, "");
  }
}

TEST(Forgery, IsRefusedWithoutTheTokenOfThisSession) {
  const std::string secret = new_session_secret(), token = csrf_token(secret), other = csrf_token(new_session_secret());
  EXPECT_EQ(code(check_forgery(request(http::Method::get, {}), secret, kUrl)), "ok");
  EXPECT_EQ(code(check_forgery(request(http::Method::post, {}), secret, kUrl)), "csrf-token-wrong");
  EXPECT_EQ(code(check_forgery(request(http::Method::other, {}), secret, kUrl)), "csrf-token-wrong");
  const std::string planted = "csrfToken=" + other;
  EXPECT_EQ(code(check_forgery(request(http::Method::post, {{"X-CSRF-TOKEN", other}, {"Cookie", planted}}), secret, kUrl)), "csrf-token-wrong");
  EXPECT_EQ(code(check_forgery(request(http::Method::post, {{"X-CSRF-TOKEN", token}}), secret, kUrl)), "ok");
}

TEST(Forgery, IsRefusedFromAnotherSite) {
  const std::string secret = new_session_secret(), token = csrf_token(secret);
  const auto from = [&](std::string_view name, std::string_view value) {
    return code(check_forgery(request(http::Method::post, {{"X-CSRF-TOKEN", token}, {"Host", "10.0.0.1:8080"}, {name, value}}), secret, kUrl));
  };
  EXPECT_EQ(from("Origin", "https://insula.example.com"), "ok");
  EXPECT_EQ(from("Origin", "http://10.0.0.1:8080"), "ok") << "the address it was sent to";
  for (const std::string_view origin : {"https://evil.example.com", "https://insula.example.com.evil.com", "http://insula.example.com", "null", "", "http://10.0.0.1"})
    EXPECT_EQ(from("Origin", origin), "origin-foreign") << origin;
  EXPECT_EQ(from("Sec-Fetch-Site", "cross-site"), "origin-foreign");
  EXPECT_EQ(from("Sec-Fetch-Site", "same-origin"), "ok");
}

}  // namespace
}  // namespace insula::api
