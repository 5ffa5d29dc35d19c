#include "triggers/upstream.h"

#include <gtest/gtest.h>

namespace insula::triggers {
namespace {

// Does a trigger with these properties hear of company.team.extract?
bool hears(std::string_view properties) {
  flow::Trigger trigger;
  trigger.properties = parse_json(properties).value().as_object();
  return may_follow(trigger, Namespace("company.team"), FlowId("extract"));
}

std::string one(std::string_view condition) { return fmt::format(R"({{"conditions": [{}]}})", condition); }
std::string core(std::string_view type, std::string_view more) { return fmt::format(R"({{"type": "io.kestra.plugin.core.condition.{}", {}}})", type, more); }

TEST(Upstream, IsAnyFlowForATriggerWithoutConditions) { EXPECT_TRUE(hears("{}")); }

TEST(Upstream, IsTheFlowThatAConditionNames) {
  EXPECT_TRUE(hears(one(core("ExecutionFlow", R"("namespace": "company.team", "flowId": "extract")"))));
  EXPECT_FALSE(hears(one(core("ExecutionFlow", R"("namespace": "company.team", "flowId": "load")"))));
  EXPECT_TRUE(hears(one(core("ExecutionFlowCondition", R"("namespace": "company.team", "flowId": "{{ vars.flow }}")"))));
}

TEST(Upstream, IsAnyFlowOfANamespace) {
  EXPECT_TRUE(hears(one(core("ExecutionNamespace", R"("namespace": "company", "comparison": "PREFIX")"))));
  EXPECT_FALSE(hears(one(core("ExecutionNamespace", R"("namespace": "company")"))));
  EXPECT_TRUE(hears(one(core("ExecutionNamespace", R"("namespace": "team", "comparison": "SUFFIX")"))));
}

TEST(Upstream, IsNotRuledOutByWhatOnlyAnExecutionTells) {
  EXPECT_TRUE(hears(one(core("ExecutionStatus", R"("in": ["FAILED"])"))));
  EXPECT_TRUE(hears(one(core("Expression", R"("expression": "{{ false }}")"))));
  EXPECT_TRUE(hears(one(core("Not", fmt::format(R"("conditions": [{}])", core("ExecutionStatus", R"("in": ["FAILED"])"))))));
}

TEST(Upstream, FollowsNotOrAndMultipleConditions) {
  const std::string extract = core("ExecutionFlow", R"("namespace": "company.team", "flowId": "extract")"), load = core("ExecutionFlow", R"("namespace": "company.team", "flowId": "load")");
  EXPECT_FALSE(hears(one(core("Not", fmt::format(R"("conditions": [{}])", extract)))));
  EXPECT_TRUE(hears(one(core("Not", fmt::format(R"("conditions": [{}])", load)))));
  EXPECT_TRUE(hears(one(core("Or", fmt::format(R"("conditions": [{}, {}])", load, extract)))));
  EXPECT_FALSE(hears(one(core("Or", fmt::format(R"("conditions": [{}])", load)))));
  EXPECT_TRUE(hears(one(core("MultipleCondition", fmt::format(R"("conditions": {{"a": {}, "b": {}}})", load, extract)))));
  EXPECT_FALSE(hears(one(core("MultipleCondition", fmt::format(R"("conditions": {{"a": {}}})", load)))));
}

TEST(Upstream, IsOneOfThePreconditions) {
  EXPECT_TRUE(hears(R"({"preconditions": {"flows": [{"flowId": "load"}, {"namespace": "company.team", "flowId": "extract"}]}})"));
  EXPECT_FALSE(hears(R"({"preconditions": {"flows": [{"namespace": "company.team", "flowId": "load"}]}})"));
  EXPECT_TRUE(hears(R"({"preconditions": {"where": [{"id": "w", "filters": [{"field": "FLOW_ID", "type": "STARTS_WITH", "value": "ex"}]}]}})"));
  EXPECT_FALSE(hears(R"({"preconditions": {"where": [{"id": "w", "filters": [{"field": "NAMESPACE", "type": "IN", "values": ["other"]}, {"field": "STATE", "type": "EQUAL_TO", "value": "FAILED"}]}]}})"));
  EXPECT_TRUE(hears(R"({"preconditions": {"where": [{"id": "w", "operand": "OR", "filters": [{"field": "NAMESPACE", "type": "IN", "values": ["other"]}, {"field": "STATE", "type": "EQUAL_TO", "value": "FAILED"}]}]}})"));
}

}  // namespace
}  // namespace insula::triggers
