// What is wrong with a flow is told with its place, by the check and by what would save it.
#include <gtest/gtest.h>

#include "api/test_bench.h"
#include "execution/execution.h"

namespace insula::api {
namespace {

constexpr std::string_view kTwoFaults = R"(id: faulty
namespace: company.team
tasks:
  - id: first
    type: io.kestra.plugin.core.log.Log
    message: m
  - id: first
    type: io.kestra.plugin.core.log.Log
    mesage: m
)";

class FlowViolations : public testing::Test {
 protected:
  FlowViolations() : bench_({}, 1, catalog()), ada_(bench_.add_user("ada", true)) { bench_.grant(ada_.id, bench_.add_tenant("acme")); }

  static std::shared_ptr<flow::Catalog> catalog() {
    auto filled = std::make_shared<flow::Catalog>();
    execution::register_types(*filled);
    return filled;
  }
  Answer ask(std::string_view method, std::string_view path, std::string_view body, std::string_view type = "application/x-yaml") {
    return bench_.call(method, fmt::format("/api/v1/acme{}", path), std::string(body), {{"Authorization", basic("ada@example.com")}, {"Content-Type", std::string(type)}});
  }
  // `9:5 tasks[1].mesage` of each; `-` for one without a place.
  static std::vector<std::string> places(const Json& violations) {
    std::vector<std::string> lines;
    for (const Json& one : violations.as_array()) {
      const bool has_place = insula::find(one, "line") != nullptr;
      lines.push_back(fmt::format("{} {}", has_place ? fmt::format("{}:{}", to_text(one.at("line")), to_text(one.at("column"))) : "-", to_text(one.at("path"))));
    }
    return lines;
  }

  TestBench bench_;
  store::UserRow ada_;
};

TEST_F(FlowViolations, AreToldOneByOneWithTheirPlaces) {
  const Answer answer = ask("POST", "/flows/validate", kTwoFaults);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json report = answer.json().at(0);
  EXPECT_EQ(places(report.at("violations")), (std::vector<std::string>{"9:5 tasks[1].mesage", "7:5 tasks[1].message", "7:5 tasks[1].id"})) << answer.body;
  EXPECT_EQ(report.at("violations").at(0).at("suggestion"), "message");
  EXPECT_TRUE(report.at("constraints").is_string());   // as 1.3 tells them, all in one
}

TEST_F(FlowViolations, AreLeftOutWhereThereAreNone) {
  const Answer answer = ask("POST", "/flows/validate", "id: fine\nnamespace: company.team\ntasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: m}\n");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(find(answer.json().at(0), "violations"), nullptr);
}

TEST_F(FlowViolations, StandInWhatCreatingAndUpdatingAnswer) {
  const Answer created = ask("POST", "/flows", kTwoFaults);
  ASSERT_EQ(created.status, 422) << created.body;
  EXPECT_EQ(places(created.json().at("violations")), (std::vector<std::string>{"9:5 tasks[1].mesage", "7:5 tasks[1].message", "7:5 tasks[1].id"}));
  EXPECT_EQ(created.headers.get("X-Error-Code"), "flow-invalid");
  EXPECT_TRUE(created.json().at("_embedded").at("errors").is_array());   // 1.3's own stay

  constexpr std::string_view fine = "id: fine\nnamespace: company.team\ntasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: m}\n";
  ASSERT_EQ(ask("POST", "/flows", fine).status, 200);
  const Answer moved = ask("PUT", "/flows/company.team/fine", "namespace: company.other\nid: fine\ntasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: m}\n");
  ASSERT_EQ(moved.status, 422) << moved.body;
  EXPECT_EQ(places(moved.json().at("violations")), (std::vector<std::string>{"1:1 namespace"}));
  const Answer twice = ask("POST", "/flows", fine);
  ASSERT_EQ(twice.status, 422) << twice.body;
  EXPECT_EQ(places(twice.json().at("violations")), (std::vector<std::string>{"1:1 id"}));
}

TEST_F(FlowViolations, OfBrokenYamlPointAtTheLineThatBreaksIt) {
  const Answer answer = ask("POST", "/flows", "id: broken\nnamespace: a.b\ntasks: [\n");
  ASSERT_EQ(answer.status, 422) << answer.body;
  ASSERT_EQ(answer.json().at("violations").as_array().size(), 1u);
  EXPECT_GE(answer.json().at("violations").at(0).at("line").to_number<int>(), 3);
}

TEST_F(FlowViolations, OfAKeyThatStandsTwiceArePlacedAtTheSecond) {
  const Answer answer = ask("POST", "/flows", "id: twice\nnamespace: a.b\nid: again\ntasks:\n  - {id: a, type: io.kestra.plugin.core.log.Log, message: m}\n");
  ASSERT_EQ(answer.status, 422) << answer.body;
  EXPECT_EQ(places(answer.json().at("violations")), (std::vector<std::string>{"3:1 id"}));
}

TEST_F(FlowViolations, OfJsonHaveNoPlaces) {
  const Answer answer = ask("POST", "/flows", R"({"id": "x", "namespace": "a.b", "tasks": [{"id": "a", "type": "io.kestra.plugin.core.log.Log"}]})", "application/json");
  ASSERT_EQ(answer.status, 422) << answer.body;
  EXPECT_EQ(places(answer.json().at("violations")), (std::vector<std::string>{"- tasks[0].message"}));
}

}  // namespace
}  // namespace insula::api
