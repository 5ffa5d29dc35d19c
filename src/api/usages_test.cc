#include <gtest/gtest.h>

#include "api/test_bench.h"
#include "execution/execution.h"

namespace insula::api {
namespace {

constexpr std::string_view kFlow = R"(id: counted
namespace: company.team
description: "type: io.kestra.plugin.core.log.Log is only named here"
tasks:
  # - {id: no, type: io.kestra.plugin.core.log.Log, message: m}
  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}
  - id: b
    type: "io.kestra.plugin.core.debug.Return"
    format: y
)";

class Usages : public testing::Test {
 protected:
  Usages() : bench_({}, 1, catalog()), ada_(bench_.add_user("ada", true)) {
    bench_.grant(ada_.id, bench_.add_tenant("acme"));
    EXPECT_EQ(ask("POST", "/flows", std::string(kFlow)).status, 200);
    EXPECT_EQ(ask("POST", "/flows", "id: other\nnamespace: company.other\ntasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: m}\n").status, 200);
    for (const std::string_view flow : {"company.team/counted", "company.team/counted", "company.other/other"}) EXPECT_EQ(ask("POST", fmt::format("/executions/{}?wait=true", flow)).status, 200);
  }
  static std::shared_ptr<flow::Catalog> catalog() {
    auto filled = std::make_shared<flow::Catalog>();
    execution::register_types(*filled);
    return filled;
  }
  Answer ask(std::string_view method, std::string_view path, std::string body = {}, std::string_view who = "ada", std::string_view type = "application/x-yaml") {
    return bench_.call(method, fmt::format("/api/v1/acme{}", path), std::move(body), {{"Authorization", basic(fmt::format("{}@example.com", who))}, {"Content-Type", std::string(type)}});
  }
  static std::int64_t succeeded(const Json& usages) {
    std::int64_t sum = 0;
    for (const Json& hour : usages.at("executions").at("dailyExecutionsCount").as_array()) sum += hour.at("executionCounts").at("SUCCESS").to_number<std::int64_t>();
    return sum;
  }

  TestBench bench_;
  store::UserRow ada_;
};

TEST_F(Usages, CountFlowsTypesAndTheExecutionsOfADay) {
  const Answer answer = ask("GET", "/usages");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json usages = answer.json();
  EXPECT_EQ(usages.at("flows"), Json(JsonObject{{"count", 2}, {"namespacesCount", 2}, {"taskTypeCount", JsonObject{{"io.kestra.plugin.core.debug.Return", 2}, {"io.kestra.plugin.core.log.Log", 1}}},
                                                {"triggerTypeCount", JsonObject{}}, {"taskRunnerTypeCount", JsonObject{}}}));
  EXPECT_EQ(usages.at("executions").at("dailyExecutionsCount").as_array().size(), 25u);
  const JsonObject& now = usages.at("executions").at("dailyExecutionsCount").as_array().back().as_object();
  EXPECT_EQ(now.at("executionCounts").at("SUCCESS"), 3);
  EXPECT_EQ(now.at("duration").at("count"), 3);
  EXPECT_EQ(now.at("groupBy"), "hour");
  EXPECT_EQ(usages.at("users").at("count"), 1);
  EXPECT_EQ(usages.at("tenants").at("count"), 1);
  EXPECT_EQ(ask("GET", "/usages/all").json(), usages);
}

TEST_F(Usages, ForgetADayLater) {
  bench_.clock().advance(std::chrono::hours(26));
  EXPECT_EQ(succeeded(ask("GET", "/usages").json()), 0);
}

TEST_F(Usages, AreOfWhatTheCallerMayList) {
  const JsonObject binding{{"type", "USER"}, {"externalId", bench_.add_user("bob").id.str()}, {"roleId", "VIEWER"}, {"namespaceId", "company.other"}};
  ASSERT_EQ(ask("POST", "/bindings", write_json(binding), "ada", "application/json").status, 200);
  const Answer answer = ask("GET", "/usages", {}, "bob");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json().at("flows").at("count"), 1);
  EXPECT_EQ(succeeded(answer.json()), 1);
  for (const std::string_view part : {"users", "groups", "roles", "tenants"}) EXPECT_EQ(find(answer.json(), part), nullptr) << part;
}

}  // namespace
}  // namespace insula::api
