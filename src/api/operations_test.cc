// Progress of bulk commands, and who sees it.
#include <gtest/gtest.h>

#include "api/test_bench.h"
#include "execution/execution.h"

namespace insula::api {
namespace {

class Operations : public testing::Test {
 protected:
  Operations() : bench_({}, 1, catalog()), ada_(bench_.add_user("ada", true)), acme_(bench_.add_tenant("acme")) { bench_.grant(ada_.id, acme_); }

  static std::shared_ptr<flow::Catalog> catalog() {
    auto filled = std::make_shared<flow::Catalog>();
    execution::register_types(*filled);
    return filled;
  }
  Answer ask(std::string_view method, std::string_view path, std::string body = {}, std::string_view who = "ada", std::string_view type = "application/json") {
    return bench_.call(method, fmt::format("/api/v1/acme{}", path), std::move(body), {{"Authorization", basic(fmt::format("{}@example.com", who))}, {"Content-Type", std::string(type)}});
  }
  // Rows as an engine leaves them that is in the middle of its work.
  void store(std::vector<store::OperationRow> rows) {
    auto opened = bench_.stores().open(bench_.system().scope(acme_));
    ASSERT_TRUE(opened.has_value());
    store::Turn turn;
    turn.operations = std::move(rows);
    ASSERT_EQ((*opened)->commit(turn).outcome, store::CommitOutcome::committed);
  }
  store::OperationRow running(std::string_view id, JsonObject arguments) {
    return {.id = OperationId(id), .kind = "kill", .arguments = std::move(arguments), .cursor = {}, .total = 1'000, .done = 390, .failed = 10, .state = "RUNNING", .created = bench_.clock().now(), .updated = bench_.clock().now()};
  }
  void limit(std::string_view name, std::string_view ns) {
    const store::UserRow user = bench_.add_user(std::string(name));
    const JsonObject binding{{"type", "USER"}, {"externalId", user.id.str()}, {"roleId", "EDITOR"}, {"namespaceId", ns}};
    ASSERT_EQ(ask("POST", "/bindings", write_json(binding)).status, 200);
  }
  static std::vector<std::string> ids(const Answer& answer) {
    std::vector<std::string> found;
    const Json json = answer.json();
    for (const Json& one : json.at("results").as_array()) found.push_back(to_text(one.at("id")));
    return found;
  }

  TestBench bench_;
  store::UserRow ada_;
  store::TenantRow acme_;
};

TEST_F(Operations, TellHowFarTheyAre) {
  store({running("op1", {{"by", ada_.id.str()}})});
  const Answer answer = ask("GET", "/operations/op1");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const std::string now = format_instant(bench_.clock().now());
  EXPECT_EQ(answer.json(), Json(JsonObject{{"id", "op1"}, {"kind", "kill"}, {"state", "RUNNING"}, {"totalItems", 1'000}, {"processed", 400}, {"failed", 10}, {"startedAt", now}, {"updatedAt", now}, {"startedBy", ada_.id.str()}}));
  EXPECT_EQ(ask("GET", "/operations/none").status, 404);
}

TEST_F(Operations, ThatRunAreListedTheNewestFirst) {
  store::OperationRow done = running("op0", {});
  done.state = "DONE";
  store({done, running("op1", {}), running("op2", {})});
  const Answer answer = ask("GET", "/operations");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(ids(answer), (std::vector<std::string>{"op2", "op1"}));
  EXPECT_EQ(answer.json().at("total"), 2);
  EXPECT_NE(find(ask("GET", "/operations/op0").json(), "endedAt"), nullptr);
}

TEST_F(Operations, AreSeenByThoseWhoMaySeeAllThatTheyReach) {
  limit("bob", "company.team");
  const JsonObject team{{"query", JsonObject{{"namespaces", JsonArray{"company.team.a"}}}}}, both{{"query", JsonObject{{"namespaces", JsonArray{"company.team", "company.other"}}}}};
  store({running("op1", {}), running("op2", team), running("op3", both), running("op4", {{"by", "id-bob"}})});
  EXPECT_EQ(ids(ask("GET", "/operations", {}, "bob")), (std::vector<std::string>{"op4", "op2"}));
  EXPECT_EQ(ask("GET", "/operations/op1", {}, "bob").status, 404);
  EXPECT_EQ(ask("GET", "/operations/op3", {}, "bob").status, 404);
  EXPECT_EQ(ask("GET", "/operations/op4", {}, "bob").status, 200);
}

TEST_F(Operations, OfABulkCommandEndWithAllOfItsItems) {
  limit("bob", "company.team");
  limit("eve", "company.team");
  ASSERT_EQ(ask("POST", "/flows", "id: quick\nnamespace: company.team\ntasks:\n  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}\n", "ada", "application/x-yaml").status, 200);
  JsonArray executions;
  for (int i = 0; i < 3; ++i) executions.push_back(ask("POST", "/executions/company.team/quick?wait=true", {}, "ada", "application/x-yaml").json().at("id"));
  const JsonObject body{{"executionsId", executions}, {"executionLabels", JsonArray{JsonObject{{"key", "a"}, {"value", "b"}}}}};
  const Answer started = ask("POST", "/executions/labels/by-ids", write_json(body), "bob");
  ASSERT_EQ(started.status, 200) << started.body;
  const std::string path = fmt::format("/operations/{}", to_text(started.json().at("operationId")));
  const Answer answer = ask("GET", path, {}, "bob");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const Json operation = answer.json();
  EXPECT_EQ(operation.at("kind"), "labels");
  EXPECT_EQ(operation.at("state"), "DONE");
  EXPECT_EQ(operation.at("processed"), 3);
  EXPECT_EQ(operation.at("failed"), 0);
  EXPECT_EQ(operation.at("startedBy"), "id-bob");
  EXPECT_NE(find(operation, "endedAt"), nullptr);
  EXPECT_EQ(ask("GET", path, {}, "eve").status, 404);   // by ids: which namespaces it reached is written nowhere
}

}  // namespace
}  // namespace insula::api
