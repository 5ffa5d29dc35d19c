#include "api/open_requests.h"

#include <gtest/gtest.h>

namespace insula::api {
namespace {

TEST(OpenRequests, EachTenantHasItsOwnShareAndGivesItBack) {
  OpenRequests requests(2);
  const TenantUid acme("acme"), other("other");
  std::optional<OpenRequests::Ticket> first = requests.enter(acme), second = requests.enter(acme);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(requests.enter(acme));
  EXPECT_TRUE(requests.enter(other)) << "another tenant does not feel it";
  first.reset();
  EXPECT_EQ(requests.open(acme), 1u);
  OpenRequests::Ticket moved = std::move(*second);
  second.reset();
  EXPECT_EQ(requests.open(acme), 1u) << "a moved ticket counts once";
  moved = OpenRequests::Ticket();
  EXPECT_EQ(requests.open(acme), 0u);
  EXPECT_EQ(requests.open(other), 0u);
}

TEST(OpenRequests, WithoutALimitEverybodyMayEnter) {
  OpenRequests requests(0);
  std::vector<OpenRequests::Ticket> tickets;
  for (int i = 0; i < 5'000; ++i) tickets.push_back(*requests.enter(TenantUid("acme")));
  EXPECT_EQ(requests.open(TenantUid("acme")), 5'000u);
}

}  // namespace
}  // namespace insula::api
