// What an answer tells by the work behind it.
#include <gtest/gtest.h>

#include "api/test_bench.h"

namespace insula::api {
namespace {

// Statements, and whether they were run before the answer: a clock in a test would only be a poorer measure of the same.
std::vector<std::uint64_t> work(TestBench& bench, std::string_view target, std::string_view user) {
  std::vector<std::uint64_t> counts;
  for (int i = 0; i < 3; ++i) {
    bench.settle();
    const std::uint64_t before = bench.statements();
    EXPECT_EQ(bench.call("GET", target, {}, {{"Authorization", basic(user)}}).status, 404);
    bench.settle();
    counts.push_back(bench.statements() - before);
  }
  return counts;
}

TEST(Admittance, ATenantThatTheCallerMayNotSeeCostsWhatOneThatDoesNotExistCosts) {
  TestBench bench;
  const store::UserRow ada = bench.add_user("ada"), eve = bench.add_user("eve");
  const store::TenantRow acme = bench.add_tenant("acme");
  bench.grant(ada.id, acme);
  EXPECT_EQ(bench.call("GET", "/api/v1/acme/flows/search", {}, {{"Authorization", basic("eve@example.com")}}).status, 404);   // her password is checked once
  bench.clock().advance(std::chrono::minutes(1));
  for (const std::string_view path : {"/flows/search", "/executions/abc", "/namespaces/a", "/roles/search"}) {
    const auto hidden = work(bench, fmt::format("/api/v1/acme{}", path), "eve@example.com");
    const auto missing = work(bench, fmt::format("/api/v1/nowhere{}", path), "eve@example.com");
    EXPECT_EQ(hidden, missing) << path;
    bench.clock().advance(std::chrono::minutes(1));   // what is remembered of either is forgotten
  }
}

}  // namespace
}  // namespace insula::api
