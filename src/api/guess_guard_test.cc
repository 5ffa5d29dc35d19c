#include "api/guess_guard.h"

#include <gtest/gtest.h>

namespace insula::api {
namespace {

TEST(GuessGuard, BlocksAfterTooManyMissesUntilTheWindowIsOver) {
  GuessGuard guard;
  const Instant start{};
  for (int i = 0; i < GuessGuard::kMissesMax; ++i) {
    EXPECT_FALSE(guard.is_blocked("1.2.3.4", start));
    guard.note_miss("1.2.3.4", start);
  }
  EXPECT_TRUE(guard.is_blocked("1.2.3.4", start));
  EXPECT_FALSE(guard.is_blocked("5.6.7.8", start));
  EXPECT_FALSE(guard.is_blocked("1.2.3.4", start + GuessGuard::kWindow + Duration(1)));
}

}  // namespace
}  // namespace insula::api
