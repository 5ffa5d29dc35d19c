#include "flow/schema.h"

#include <gtest/gtest.h>

#include "flow/test_catalog.h"

namespace insula::flow {
namespace {

const JsonObject& definitions(const JsonObject& schema) { return schema.at("definitions").as_object(); }

JsonObject flow_schema() { return schema(test_catalog(), SchemaKind::flow); }

// Every `$ref` of the tree.
void collect(const Json& tree, std::set<std::string>& names) {
  if (const auto* list = tree.if_array())
    for (const Json& item : *list) collect(item, names);
  if (const auto* object = tree.if_object())
    for (const auto& [key, value] : *object) {
      if (key == "$ref") names.insert(to_text(value));
      else collect(value, names);
    }
}

TEST(Schema, RefersOnlyToWhatItDefines) {
  const JsonObject all = flow_schema();
  std::set<std::string> names;
  collect(all, names);
  EXPECT_GE(names.size(), 20U);
  for (const std::string& name : names) EXPECT_TRUE(definitions(all).contains(name.substr(std::string_view("#/definitions/").size()))) << name;
}

TEST(Schema, DefinesEachTypeAndEachInputAndNothingMoreMayBeWritten) {
  const JsonObject all = flow_schema();
  for (const TypeInfo* info : test_catalog().all()) {
    ASSERT_TRUE(definitions(all).contains(info->type)) << info->type;
    EXPECT_EQ(definitions(all).at(info->type).at("additionalProperties"), false) << info->type;
  }
  for (const InputType& type : input_types()) EXPECT_EQ(definitions(all).at(type.cls).at("properties").at("type").at("const"), Json(type.type));
}

TEST(Schema, OffersTheNameOfATypeAndTakesItsOldOnes) {
  const JsonObject all = flow_schema();
  const Json& type = definitions(all).at("io.kestra.plugin.core.log.Log").at("properties").at("type");
  EXPECT_EQ(type.at("anyOf").at(0).at("const"), "io.kestra.plugin.core.log.Log");
  EXPECT_EQ(type.at("anyOf").at(1).at("pattern"), "^(io\\.kestra\\.core\\.tasks\\.log\\.Log)$");
}

TEST(Schema, AsksForWhatATaskNeeds) {
  const JsonObject all = flow_schema();
  EXPECT_EQ(definitions(all).at("io.kestra.plugin.core.log.Log").at("required"), Json(JsonArray{"message", "id", "type"}));
  EXPECT_EQ(definitions(all).at("io.kestra.core.models.flows.Flow").at("required"), Json(JsonArray{"id", "namespace", "tasks"}));
  EXPECT_EQ(definitions(all).at("io.kestra.plugin.core.condition.Expression").at("required"), Json(JsonArray{"expression", "type"}));
}

TEST(Schema, TakesAnExpressionWhereOneMayStand) {
  const JsonObject all = flow_schema();
  const Json& log = definitions(all).at("io.kestra.plugin.core.flow.Pause").at("properties");
  EXPECT_EQ(log.at("pauseDuration").at("type"), Json(JsonArray{"string", "number"}));
  EXPECT_EQ(log.at("disabled").at("type"), "boolean");
  EXPECT_EQ(definitions(all).at("io.kestra.plugin.core.http.Request").at("properties").at("headers").at("anyOf").at(1).at("type"), "string");
}

TEST(Schema, TakesAnInputByItsOldNameToo) {
  const JsonObject all = flow_schema();
  const Json& input = definitions(all).at("io.kestra.core.models.flows.input.StringInput");
  EXPECT_EQ(input.at("required"), Json(JsonArray{"type"}));
  EXPECT_EQ(input.at("anyOf").at(1).at("required"), Json(JsonArray{"name"}));
}

TEST(Schema, KnowsTheBranchesOfAFlowableAndTheCasesOfASwitch) {
  const JsonObject all = flow_schema();
  const Json& properties = definitions(all).at("io.kestra.plugin.core.flow.Switch").at("properties");
  EXPECT_EQ(properties.at("errors").at("items").at("$ref"), "#/definitions/io.kestra.core.models.tasks.Task");
  EXPECT_EQ(properties.at("cases").at("additionalProperties").at("items").at("$ref"), "#/definitions/io.kestra.core.models.tasks.Task");
  EXPECT_FALSE(definitions(all).at("io.kestra.plugin.core.log.Log").at("properties").as_object().contains("errors"));
}

TEST(Schema, ComesForAListToo) {
  const JsonObject list = schema(test_catalog(), SchemaKind::task, true);
  EXPECT_EQ(list.at("type"), "array");
  EXPECT_EQ(list.at("items").at("$ref"), "#/definitions/io.kestra.core.models.tasks.Task");
  EXPECT_EQ(parse_schema_kind("PLUGINDEFAULT"), SchemaKind::plugin_default);
  EXPECT_EQ(parse_schema_kind("dashboard"), std::nullopt);
}

TEST(Documentation, TellsOfATypeWhatIsItsOwnAndOnDemandWhatAllHave) {
  const TypeInfo& log = *test_catalog().find("io.kestra.plugin.core.log.Log");
  const JsonObject own = type_documentation(log, false), all = type_documentation(log, true);
  const Json& message = own.at("properties").at("properties").at("message");
  EXPECT_EQ(message.at("$required"), true);
  EXPECT_EQ(message.at("$dynamic"), true);
  EXPECT_FALSE(own.at("properties").at("properties").as_object().contains("timeout"));
  EXPECT_EQ(all.at("properties").at("properties").at("timeout").at("$group"), "core");
}

TEST(Documentation, OfInputsIsThereForEachTypeAndForNoOther) {
  EXPECT_TRUE(input_documentation("SELECT")->at("properties").at("properties").as_object().contains("values"));
  EXPECT_FALSE(input_documentation("FORM").has_value());
}

}  // namespace
}  // namespace insula::flow
