// Passwords, tokens, headers, tenant ids.
#include <gtest/gtest.h>

#include "access/access.h"

namespace insula::access {
namespace {

constexpr HashCost cheap{1, 64, 1};
const std::string salt = "0123456789abcdef";

std::vector<std::string> complaints(std::string_view password, const PasswordRules& rules = {}) {
  std::vector<std::string> messages;
  for (const Violation& violation : check_password(password, rules)) messages.push_back(violation.message);
  return messages;
}

TEST(Password, VerifiesOnlyTheRightOne) {
  const std::string hash = hash_password("Correct1horse", salt, cheap).value();
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
  EXPECT_TRUE(verify_password("Correct1horse", hash));
  EXPECT_FALSE(verify_password("Correct1horsf", hash));
  EXPECT_FALSE(verify_password("", hash));
  EXPECT_NE(hash, hash_password("Correct1horse", "another salt....", cheap).value());
}

TEST(Password, IsHashedWithTheAgreedCost) {
  const std::string hash = hash_password("Correct1horse", salt).value();
  EXPECT_TRUE(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_TRUE(verify_password("Correct1horse", hash));
  EXPECT_FALSE(needs_rehash(hash));
  EXPECT_TRUE(needs_rehash(hash_password("Correct1horse", salt, cheap).value()));
  EXPECT_TRUE(needs_rehash("nonsense"));
}

TEST(Password, HashesThatAreBrokenOrTooCostlyVerifyNothing) {
  for (const std::string_view hash : {"", "x", "$argon2id$", "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaA", "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo",
                                      "$argon2id$v=19$m=64,t=4000000000,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo", "$argon2id$v=19$m=64,t=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo"}) {
    EXPECT_FALSE(verify_password("Correct1horse", hash)) << hash;
  }
}

TEST(Password, TellsAllThatIsWrongAtOnce) {
  EXPECT_TRUE(complaints("Passw0rd").empty());
  EXPECT_EQ(complaints("pass"), (std::vector<std::string>{"must have at least 8 characters", "must have at least 1 upper-case letter", "must have at least 1 digit"}));
  EXPECT_EQ(complaints("").size(), 4u);
  EXPECT_EQ(complaints(std::string(257, 'a') + "A1"), std::vector<std::string>{"must have at most 256 characters"});
  EXPECT_EQ(complaints("Aa1éééé"), std::vector<std::string>{"must have at least 8 characters"});
  EXPECT_EQ(complaints("Passw0rd", {.special_min = 1}), std::vector<std::string>{"must have at least 1 special character"});
  EXPECT_EQ(hash_password(std::string(300, 'a'), salt, cheap).error().code, "password-too-long");
}

TEST(Password, CountsOnlyTheSpecialCharactersThatAreNamed) {
  const PasswordRules rules{.special_min = 1, .special = "!@"};
  EXPECT_TRUE(complaints("Passw0rd!", rules).empty());
  EXPECT_EQ(complaints("Passw0rd-", rules), std::vector<std::string>{"must have at least 1 special character of !@"});
}

TEST(Password, IsJudgedByThePatternAloneWhenThereIsOne) {
  const PasswordRules rules{.pattern = "[a-z]{4,8}"};
  EXPECT_TRUE(check_rules(rules));
  EXPECT_TRUE(complaints("abcd", rules).empty());
  EXPECT_EQ(complaints("abcdefghi", rules), std::vector<std::string>{"must match [a-z]{4,8}"});
  EXPECT_EQ(complaints("x abcd", rules).size(), 1u) << "the whole password";
  EXPECT_EQ(check_rules({.pattern = "(?=a)"}).error().code, "password-rules-invalid");
  EXPECT_EQ(check_rules({.pattern = std::string(1'001, 'a')}).error().code, "password-rules-invalid");
  EXPECT_TRUE(complaints(std::string(256, 'a'), {.pattern = "(a*)*b?"}).empty()) << "no pattern is slow";
}

TEST(Email, IsWhatTheOriginalTakesForOne) {
  for (const std::string_view text : {"a@b", "admin@kestra.io", "first.last+tag@sub.example.com", "o'hara@x-y.z"}) EXPECT_TRUE(is_email(text)) << text;
  for (const std::string_view text : {"", "admin", "@b", "a@", "a@b@c", "a b@c", "a@b c", "é@b.c", "a@b_c", "a@b\n"}) EXPECT_FALSE(is_email(text)) << text;
  EXPECT_FALSE(is_email(std::string(300, 'a') + "@b.c"));
}

std::string random_of(char fill) {
  std::string random(56, fill);
  for (std::size_t i = 0; i < random.size(); ++i) random[i] = static_cast<char>(random[i] + static_cast<char>(i * 7));
  return random;
}

TEST(Token, IsShownOnceAndVerifiedByItsHash) {
  const NewToken token = make_token(random_of('x'));
  EXPECT_EQ(token.text.size(), 58u);
  EXPECT_TRUE(token.text.starts_with("ist_"));
  EXPECT_EQ(token_prefix(token.text), token.record.prefix);
  EXPECT_TRUE(verify_token(token.text, token.record));
  EXPECT_FALSE(token.record.hash_hex.contains(token.text.substr(20)));
  const NewToken other = make_token(random_of('y'));
  EXPECT_NE(other.text, token.text);
  EXPECT_FALSE(verify_token(other.text, token.record));
}

TEST(Token, WithOneCharacterChangedIsRefused) {
  const NewToken token = make_token(random_of('x'));
  for (std::size_t i = 0; i < token.text.size(); ++i) {
    std::string changed = token.text;
    changed[i] = changed[i] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(verify_token(changed, token.record)) << i;
  }
  EXPECT_FALSE(verify_token("", token.record));
  EXPECT_FALSE(verify_token(token.text + "a", token.record));
}

TEST(Token, ThatCannotBeOursAsksNoDatabase) {
  const std::string text = make_token(random_of('x')).text;
  for (const std::string& wrong : {std::string(), std::string("eyJhbGciOiJIUzI1NiJ9.e30.x"), text + "x", "isu_" + text.substr(4), text.substr(0, 5) + "0" + text.substr(6), text.substr(0, 20) + " " + text.substr(21)}) {
    EXPECT_FALSE(token_prefix(wrong)) << wrong;
  }
}

TEST(Token, ExpiresAndSlidesWhenExtended) {
  const Instant created = parse_instant("2026-01-01T00:00:00Z").value();
  const Duration day = std::chrono::hours(24);
  const TokenLife fixed{day, false};
  const TokenLife sliding{day, true};
  EXPECT_FALSE(token_expiry({}, created));
  EXPECT_EQ(token_expiry(fixed, created), created + day);
  EXPECT_FALSE(token_expired(created + day, created + day - Duration(1)));
  EXPECT_TRUE(token_expired(created + day, created + day));
  EXPECT_FALSE(token_expired(std::nullopt, Instant::max()));
  EXPECT_FALSE(expiry_after_use(fixed, created + day, created + day / 2));
  EXPECT_EQ(expiry_after_use(sliding, created + day, created + day / 2), created + day / 2 + day);
  EXPECT_FALSE(expiry_after_use(sliding, created + day, created + std::chrono::minutes(10)));
  EXPECT_FALSE(expiry_after_use(sliding, created + day, created + 2 * day)) << "an expired token does not come back to life";
  EXPECT_EQ(token_expiry({Duration::max(), false}, created), Instant::max());
}

TEST(Token, NamesAreWordsJoinedByDashes) {
  for (const std::string_view name : {"a", "ci-2", "deploy-to-prod"}) EXPECT_TRUE(is_token_name(name)) << name;
  for (const std::string_view name : {"", "-a", "a-", "a--b", "A", "a_b", "a.b"}) EXPECT_FALSE(is_token_name(name)) << name;
  EXPECT_FALSE(is_token_name(std::string(64, 'a')));
}

TEST(Credentials, AreReadFromHeaders) {
  const auto basic = parse_basic("Basic " + base64_encode("admin@kestra.io:pass:word")).value();
  EXPECT_EQ(basic.username, "admin@kestra.io");
  EXPECT_EQ(basic.password, "pass:word");
  EXPECT_EQ(parse_basic("bAsIc  dTpw ")->password, "p");
  EXPECT_EQ(parse_basic("Basic YTpiYg")->password, "bb") << "without padding";
  EXPECT_EQ(parse_basic(write_basic({"u", ""}))->password, "");
  EXPECT_EQ(parse_bearer("bearer abc.def"), "abc.def");
  for (const std::string_view header : {"", "Basic", "Basic ", "Basic !!!", "Basic dTpw extra", "Bearer dTpw", "Basicx dTpw", "Basic dQ=="}) EXPECT_FALSE(parse_basic(header)) << header;
  for (const std::string_view header : {"", "Bearer", "Bearer ", "Bearer a b", "Basic a"}) EXPECT_FALSE(parse_bearer(header)) << header;
  EXPECT_FALSE(parse_basic("Basic " + std::string(20'000, 'A')));
  EXPECT_FALSE(parse_basic("Basic " + base64_encode(std::string("a\0b:c", 5))));
}

TEST(Credentials, AreReadFromCookies) {
  EXPECT_EQ(cookie("a=1; JWT=x.y.z; b=2", "JWT"), "x.y.z");
  EXPECT_EQ(cookie("JWT=\"q\"", "JWT"), "q");
  EXPECT_EQ(cookie("xJWT=1; JWT=2", "JWT"), "2");
  EXPECT_FALSE(cookie("a=1; jwt=2", "JWT"));
  EXPECT_FALSE(cookie("", "JWT"));
}

TEST(CredentialCache, RemembersForAWhile) {
  CredentialCache cache(std::string(32, 'k'), 10, std::chrono::minutes(5));
  const Instant now = parse_instant("2026-01-01T00:00:00Z").value();
  EXPECT_FALSE(cache.find("Basic dTpw", now));
  cache.put("Basic dTpw", {UserId("u1"), {}, {}}, now);
  EXPECT_EQ(cache.find("Basic dTpw", now + std::chrono::minutes(4))->user, UserId("u1"));
  EXPECT_FALSE(cache.find("Basic dTpx", now));
  EXPECT_FALSE(cache.find("Basic dTpw", now + std::chrono::minutes(5))) << "a use does not lengthen its life";
  EXPECT_EQ(cache.size(), 0u);
}

TEST(CredentialCache, DropsTheLeastRecentlyUsed) {
  CredentialCache cache(std::string(32, 'k'), 2);
  const Instant now{};
  cache.put("a", {UserId("u1"), {}, {}}, now);
  cache.put("b", {UserId("u2"), {}, {}}, now);
  EXPECT_TRUE(cache.find("a", now));
  cache.put("c", {UserId("u3"), {}, {}}, now);
  EXPECT_TRUE(cache.find("a", now));
  EXPECT_FALSE(cache.find("b", now));
  EXPECT_EQ(cache.size(), 2u);
}

TEST(CredentialCache, ForgetsAllOfAUserAtOnce) {
  CredentialCache cache(std::string(32, 'k'));
  const Instant now{};
  cache.put("a", {UserId("u1"), {}, {}}, now);
  cache.put("b", {UserId("u1"), {}, {}}, now);
  cache.put("c", {UserId("u2"), {}, {}}, now);
  cache.put("a", {UserId("u1"), {}, {}}, now);
  cache.forget(UserId("u1"));
  EXPECT_FALSE(cache.find("a", now));
  EXPECT_FALSE(cache.find("b", now));
  EXPECT_TRUE(cache.find("c", now));
  cache.clear();
  EXPECT_EQ(cache.size(), 0u);
}

TEST(CredentialCache, EndsWithTheCredentialItself) {
  CredentialCache cache(std::string(32, 'k'), 10, std::chrono::minutes(5));
  const Instant now{};
  cache.put("token", {UserId("u1"), {}, now + std::chrono::seconds(2)}, now);
  EXPECT_TRUE(cache.find("token", now + std::chrono::seconds(1)));
  EXPECT_FALSE(cache.find("token", now + std::chrono::seconds(2)));
}

TEST(CredentialCache, ForgetsASessionWithItsUserAndWithWhoOpenedIt) {
  CredentialCache cache(std::string(32, 'k'));
  const Instant now{};
  for (const char* who : {"u1", "admin"}) {
    cache.put("session", {UserId("u1"), UserId("admin"), {}}, now);
    EXPECT_EQ(cache.find("session", now)->impersonator, UserId("admin"));
    cache.forget(UserId(who));
    EXPECT_FALSE(cache.find("session", now)) << who;
    EXPECT_EQ(cache.size(), 0u);
  }
  cache.put("session", {UserId("u1"), UserId("admin"), {}}, now);
  cache.forget_one("session");
  cache.forget(UserId("u1"));
  EXPECT_EQ(cache.size(), 0u);
}

TEST(TenantId, IsALowerCasePathSegmentThatIsNoRouteWord) {
  for (const std::string_view id : {"main", "a", "0", "team-1", "unit_test", "acme-eu-prod"}) EXPECT_EQ(check_tenant_id(id), TenantId(id)) << id;
  for (const std::string_view id : {"", "-a", "_a", "A", "a.b", "a/b", "a b", "é", "flows", "executions", "me", "tenants", "configs", "ui", "api", "main-tenant-flows", "..", "%2e"}) {
    EXPECT_FALSE(check_tenant_id(id)) << id;
  }
  EXPECT_FALSE(check_tenant_id(std::string(101, 'a')));
  EXPECT_EQ(check_tenant_id("flows").error().message, "'flows' cannot be the id of a tenant: it is a word of the URLs of this server; 'team-flows' would do");
  EXPECT_NE(check_tenant_id("My Team").error().message.find("'my-team' would do"), std::string::npos);
}

}  // namespace
}  // namespace insula::access
