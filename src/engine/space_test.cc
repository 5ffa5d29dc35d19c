#include <gtest/gtest.h>

#include "engine/engine_for_tests.h"
#include "engine/space.h"

namespace insula::engine {
namespace {

struct HandClock final : Clock {
  Instant at{};
  Instant now() const override { return at; }
  std::chrono::steady_clock::time_point monotonic() const override { return std::chrono::steady_clock::time_point(at.time_since_epoch()); }
};

TEST(Space, GivesUpItsBallastOnAFullDiskAndTakesItBackWhenThereIsRoom) {
  const std::filesystem::path folder = EngineForTests::new_folder();
  std::filesystem::create_directories(folder);
  HandClock clock;
  std::uint64_t free_bytes = 0;
  Space space(folder, 1u << 20, clock, [&](const std::filesystem::path&) { return free_bytes; });
  space.open();
  EXPECT_EQ(std::filesystem::file_size(folder / "ballast"), 1u << 20);
  EXPECT_FALSE(space.is_full());

  space.report_full();
  EXPECT_TRUE(space.is_full());
  EXPECT_FALSE(std::filesystem::exists(folder / "ballast"));
  clock.at += std::chrono::seconds(5);
  EXPECT_TRUE(space.is_full()) << "there is no room yet";
  free_bytes = (2u << 20) - 1;
  clock.at += std::chrono::seconds(5);
  EXPECT_TRUE(space.is_full()) << "not for the ballast and as much again";
  free_bytes = 2u << 20;
  EXPECT_TRUE(space.is_full()) << "it looks once a second";
  clock.at += std::chrono::seconds(1);
  EXPECT_FALSE(space.is_full());
  EXPECT_TRUE(std::filesystem::exists(folder / "ballast"));
  std::filesystem::remove_all(folder);
}

TEST(Space, WithoutAFolderNothingIsEverFull) {
  HandClock clock;
  Space space({}, 1u << 20, clock);
  space.open();
  space.report_full();
  EXPECT_FALSE(space.is_full());
}

}  // namespace
}  // namespace insula::engine
