#include "api/sign_in_guard.h"

#include <gtest/gtest.h>

namespace insula::api {
namespace {

using std::chrono::minutes;
const Instant kNow = *parse_instant("2026-01-01T00:00:00Z");
const UserId kAda("ada");

GuardLimits limits() {
  GuardLimits made;
  made.address_failures_max = 3;
  made.lock_threshold = 3;
  return made;
}

TEST(SignInGuard, ThrottlesAnAddressUntilItsWindowHasPassed) {
  SignInGuard guard(limits());
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(guard.is_throttled("a", kNow));
    guard.note_failure("a", kNow);
  }
  EXPECT_TRUE(guard.is_throttled("a", kNow + minutes(4)));
  EXPECT_FALSE(guard.is_throttled("b", kNow));
  EXPECT_FALSE(guard.is_throttled("a", kNow + minutes(5)));
}

TEST(SignInGuard, LocksAUserAtTheThreshold) {
  SignInGuard guard(limits());
  EXPECT_FALSE(guard.note_failure(kAda, kNow));
  EXPECT_FALSE(guard.note_failure(kAda, kNow));
  EXPECT_FALSE(guard.is_locked(kAda, kNow));
  EXPECT_TRUE(guard.note_failure(kAda, kNow));
  EXPECT_TRUE(guard.is_locked(kAda, kNow + minutes(29)));
  EXPECT_FALSE(guard.is_locked(kAda, kNow + minutes(30)));
}

TEST(SignInGuard, CountsOnlyWithinTheWindowAndSinceTheLastSuccess) {
  SignInGuard guard(limits());
  guard.note_failure(kAda, kNow);
  guard.note_failure(kAda, kNow);
  EXPECT_FALSE(guard.note_failure(kAda, kNow + minutes(5)));
  guard.note_failure(kAda, kNow + minutes(5));
  guard.note_success("a", kAda);
  EXPECT_FALSE(guard.note_failure(kAda, kNow + minutes(6)));
}

TEST(SignInGuard, UnlocksAndNeverLocksWithoutAThreshold) {
  SignInGuard guard(limits());
  for (int i = 0; i < 3; ++i) guard.note_failure(kAda, kNow);
  guard.unlock(kAda);
  EXPECT_FALSE(guard.is_locked(kAda, kNow));
  GuardLimits never = limits();
  never.lock_threshold = 0;
  SignInGuard open(never);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(open.note_failure(kAda, kNow));
}

TEST(SignInGuard, SendsOneLetterPerCooldownAndFewPerAddress) {
  SignInGuard guard(limits());
  EXPECT_TRUE(guard.may_send_reset("a", "ada@example.com", kNow));
  EXPECT_FALSE(guard.may_send_reset("b", "ada@example.com", kNow + minutes(4)));
  EXPECT_TRUE(guard.may_send_reset("a", "ada@example.com", kNow + minutes(5)));
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(guard.may_send_reset("a", fmt::format("u{}", i), kNow));
  EXPECT_FALSE(guard.may_send_reset("a", "one-more", kNow));
}

}  // namespace
}  // namespace insula::api
