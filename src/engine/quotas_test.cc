// Quotas: fixed windows, each execution counted once in all that cover it.
#include "engine/quotas.h"

#include "engine/engine_for_tests.h"

namespace insula::engine {
namespace {

using Behavior = flow::Concurrency::Behavior;
using namespace std::chrono_literals;

const Namespace kTeam("a.b"), kChild("a.b.c"), kSibling("a.bc");
constexpr Instant kHour(Duration(1'790'000h));

Quotas loaded() {
  Quotas quotas;
  quotas.load({});
  return quotas;
}

TEST(Quotas, ATenantMayStartSoManyPerWindowAndThenWaitsForTheNext) {
  Quotas quotas = loaded();
  quotas.limit_tenant({{1h, 2, Behavior::fail}});
  EXPECT_FALSE(quotas.take(kTeam, kHour + 10min));
  EXPECT_FALSE(quotas.take(kSibling, kHour + 59min));
  const auto exceeded = quotas.take(kTeam, kHour + 59min + 59s);
  ASSERT_TRUE(exceeded);
  EXPECT_EQ(exceeded->scope, "tenant");
  EXPECT_EQ(exceeded->until, kHour + 1h);
  EXPECT_FALSE(quotas.take(kTeam, kHour + 1h));
}

TEST(Quotas, ANamespaceCountsWhatLiesBelowItAndNothingBeside) {
  Quotas quotas = loaded();
  quotas.limit_namespace(kTeam, {{1h, 1, Behavior::cancel}});
  EXPECT_FALSE(quotas.take(kSibling, kHour));
  EXPECT_FALSE(quotas.take(kChild, kHour));
  ASSERT_TRUE(quotas.take(kTeam, kHour));
  EXPECT_EQ(quotas.take(kChild, kHour)->scope, "namespace a.b");
  EXPECT_FALSE(quotas.take(kSibling, kHour));
}

TEST(Quotas, WhatIsRefusedIsCountedNowhereAndTheStrictestDecides) {
  Quotas quotas = loaded();
  quotas.limit_tenant({{1h, 1, Behavior::cancel}, {24h, 100, Behavior::cancel}});
  quotas.limit_namespace(kTeam, {{1min, 1, Behavior::fail}});
  EXPECT_FALSE(quotas.take(kTeam, kHour));
  EXPECT_EQ(quotas.take(kTeam, kHour)->quota.behavior, Behavior::fail);
  EXPECT_EQ(quotas.take(kSibling, kHour)->quota.behavior, Behavior::cancel);
  for (const store::QuotaCount& count : quotas.changed()) EXPECT_EQ(count.executions, 1) << count.ns.str();
  EXPECT_TRUE(quotas.changed().empty());
}

TEST(Quotas, WhatWasCountedBeforeCountsOn) {
  Quotas quotas;
  quotas.limit_tenant({{1h, 3, Behavior::fail}});
  quotas.load({{Namespace(), 1h, kHour, 2}});
  EXPECT_FALSE(quotas.take(kTeam, kHour + 1s));
  EXPECT_TRUE(quotas.take(kTeam, kHour + 2s));
  Quotas later;
  later.limit_tenant({{1h, 3, Behavior::fail}});
  later.load({{Namespace(), 1h, kHour, 3}});
  EXPECT_FALSE(later.take(kTeam, kHour + 1h)) << "a window that is over does not count";
}

TEST(Quotas, WeeksBeginOnMondays) {
  Quotas quotas = loaded();
  quotas.limit_tenant({{168h, 0, Behavior::fail}});
  const auto exceeded = quotas.take(kTeam, *parse_instant("2026-11-28T10:00:00Z"));
  ASSERT_TRUE(exceeded);
  EXPECT_EQ(exceeded->until, *parse_instant("2026-11-30T00:00:00Z"));
}

TEST(Quotas, ALimitOfNothingLetsNothingBegin) {
  Quotas quotas = loaded();
  quotas.limit_tenant({{1min, 0, Behavior::fail}});
  EXPECT_TRUE(quotas.take(kTeam, kHour));
}

TEST(Quotas, ReadsWhatTheApiHasChecked) {
  const Json json = *parse_json(R"([{"duration":"PT1H","limit":5,"behavior":"CANCEL"},{"duration":"P1D","limit":7},{"limit":7}])");
  const auto quotas = read_quotas(&json);
  ASSERT_EQ(quotas.size(), 2u);
  EXPECT_EQ(quotas[0], (Quota{1h, 5, Behavior::cancel}));
  EXPECT_EQ(quotas[1], (Quota{24h, 7, Behavior::fail}));
  EXPECT_TRUE(read_quotas(nullptr).empty());
}

}  // namespace
}  // namespace insula::engine
