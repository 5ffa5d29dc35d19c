#include "engine/fair_queue.h"

#include <gtest/gtest.h>

namespace insula::engine {
namespace {

std::string drained(FairQueue<char>& queue, std::size_t count) {
  std::string order;
  while (order.size() < count) order += queue.pop().value_or('-');
  return order;
}

TEST(FairQueue, TenantsTakeTurnsHoweverMuchOneOfThemHas) {
  FairQueue<char> queue;
  for (int i = 0; i < 1'000; ++i) queue.push(TenantUid("noisy"), 'n');
  queue.push(TenantUid("quiet"), 'q');
  EXPECT_EQ(drained(queue, 3), "nqn");
  EXPECT_EQ(queue.size(), 998u);
}

TEST(FairQueue, AWeightIsSoManyTurnsPerRound) {
  FairQueue<char> queue;
  queue.set_weight(TenantUid("a"), 3);
  for (int i = 0; i < 9; ++i) queue.push(TenantUid("a"), 'a'), queue.push(TenantUid("b"), 'b');
  EXPECT_EQ(drained(queue, 8), "aaabaaab");
  queue.set_weight(TenantUid("a"), 1);
  EXPECT_EQ(drained(queue, 4), "abab") << "it holds at once, also for what is queued";
}

TEST(FairQueue, AWeightOutlivesAnEmptyLane) {
  FairQueue<char> queue;
  queue.set_weight(TenantUid("a"), 2);
  queue.push(TenantUid("a"), 'a');
  EXPECT_EQ(drained(queue, 2), "a-");
  for (int i = 0; i < 4; ++i) queue.push(TenantUid("a"), 'a'), queue.push(TenantUid("b"), 'b');
  EXPECT_EQ(drained(queue, 6), "aabaab");
}

}  // namespace
}  // namespace insula::engine
