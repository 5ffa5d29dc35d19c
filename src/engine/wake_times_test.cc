#include <gtest/gtest.h>

#include "engine/engine_for_tests.h"
#include "engine/wake_times.h"

namespace insula::engine {
namespace {

class WakeTimesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder);
    stores = *store::open_sqlite({.folder = folder.string(), .hook = [this](std::string_view sql) {
      if (sql == "commit") ++commits;
      if (sql == "commit" && on_commit) on_commit();
    }});
    for (int i = 0; i < kTenants; ++i) {
      store::TenantRow row;
      row.uid = uid(i);
      row.id = TenantId(fmt::format("t{}", i));
      ASSERT_TRUE(stores->system().create_tenant(row));
    }
    commits = 0;
  }
  void TearDown() override {
    stores.reset();
    std::filesystem::remove_all(folder);
  }
  static TenantUid uid(int i) { return TenantUid(fmt::format("u{:03}", i)); }
  std::size_t due(Instant until) { return stores->system().wakes(until, 10'000)->size(); }

  static constexpr int kTenants = 200;
  std::filesystem::path folder = EngineForTests::new_folder();
  std::atomic<int> commits{0};
  std::function<void()> on_commit;
  std::unique_ptr<store::Stores> stores;
  SystemClock clock;
};

TEST_F(WakeTimesTest, TenantsThatAskWhileACommitIsUnderWayShareTheNextOne) {
  WakeTimes wakes(stores->system(), clock);
  std::mutex mutex;
  std::condition_variable changed;
  bool inside = false;
  std::atomic<int> asking{0};
  // The first commit waits until all others ask.
  on_commit = [&] {
    std::unique_lock lock(mutex);
    if (std::exchange(inside, true)) return;
    changed.notify_all();
    changed.wait(lock, [&] { return asking == kTenants - 1; });
  };
  std::vector<std::thread> threads;
  threads.emplace_back([&] { EXPECT_TRUE(wakes.awake({uid(0)})); });
  {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return inside; });
  }
  for (int i = 1; i < kTenants; ++i) {
    threads.emplace_back([&, i] {
      {
        const std::lock_guard lock(mutex);
        ++asking;
        changed.notify_all();
      }
      EXPECT_TRUE(wakes.awake({uid(i)}));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(due(clock.now()), static_cast<std::size_t>(kTenants));
  EXPECT_LT(commits, kTenants / 2) << "one commit for each would be " << kTenants;
}

TEST_F(WakeTimesTest, FallingAsleepIsWrittenWithTheNextFlushAndCostsNothingWhenTheTenantIsBackBefore) {
  WakeTimes wakes(stores->system(), clock);
  std::vector<TenantUid> all;
  for (int i = 0; i < kTenants; ++i) all.push_back(uid(i));
  ASSERT_TRUE(wakes.awake(all));
  EXPECT_EQ(commits, 1);
  const Instant later = clock.now() + std::chrono::hours(1);
  EXPECT_TRUE(wakes.asleep(uid(0), later));
  for (int i = 1; i < kTenants; ++i) EXPECT_FALSE(wakes.asleep(uid(i), i % 2 == 0 ? std::optional(later) : std::nullopt));
  EXPECT_EQ(commits, 1);
  ASSERT_TRUE(wakes.awake({uid(0), uid(1)}));
  EXPECT_EQ(commits, 1) << "their rows still say that they are awake";
  ASSERT_TRUE(wakes.flush());
  EXPECT_EQ(commits, 2);
  EXPECT_EQ(due(clock.now()), 2u);
  EXPECT_EQ(due(later), 2u + 99u);
  ASSERT_TRUE(wakes.awake({uid(7)}));
  EXPECT_EQ(due(clock.now()), 3u);
}

}  // namespace
}  // namespace insula::engine
