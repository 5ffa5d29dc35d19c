#include <gtest/gtest.h>

#include "api/test_bench.h"
#include "execution/execution.h"

namespace insula::api {
namespace {

TEST(AuditLog, TellsTheHistoryOfTheObjectInItsNamespace) {
  auto catalog = std::make_shared<flow::Catalog>();
  execution::register_types(*catalog);
  TestBench bench({}, 1, catalog);
  bench.grant(bench.add_user("ada", true).id, bench.add_tenant("acme"));
  const auto ask = [&](std::string_view method, std::string_view path, std::string body = {}) {
    return bench.call(method, fmt::format("/api/v1/acme{}", path), std::move(body), {{"Authorization", basic("ada@example.com")}, {"Content-Type", "application/x-yaml"}});
  };
  const auto source = [](std::string_view ns, std::string_view text) {
    return fmt::format("id: same\nnamespace: {}\ntasks:\n  - {{id: a, type: io.kestra.plugin.core.debug.Return, format: {}}}\n", ns, text);
  };
  ASSERT_EQ(ask("POST", "/flows", source("a.b", "x")).status, 200);
  ASSERT_EQ(ask("POST", "/flows", source("a.c", "x")).status, 200);
  ASSERT_EQ(ask("PUT", "/flows/a.c/same", source("a.c", "y")).status, 200);
  const auto kinds = [&](std::string_view query) {
    std::vector<std::string> found;
    const Json rows = ask("GET", fmt::format("/auditlogs/history/same{}", query)).json();
    for (const Json& row : rows.as_array()) found.push_back(to_text(row.at("type")));
    return found;
  };
  EXPECT_EQ(kinds(""), (std::vector<std::string>{"UPDATE", "CREATE", "CREATE"}));
  EXPECT_EQ(kinds("?namespace=a.c"), (std::vector<std::string>{"UPDATE", "CREATE"}));
  EXPECT_EQ(kinds("?namespace=a.b"), (std::vector<std::string>{"CREATE"}));
  EXPECT_EQ(kinds("?namespace=a"), std::vector<std::string>());   // exactly this one
}

}  // namespace
}  // namespace insula::api
