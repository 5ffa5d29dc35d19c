#include <gtest/gtest.h>

#include "api/plugin_json.h"
#include "execution/execution.h"

namespace insula::api {
namespace {

const flow::Catalog& catalog() {
  static const flow::Catalog filled = [] {
    flow::Catalog list;
    execution::register_types(list);
    list.add({.type = "io.kestra.plugin.scripts.shell.Commands", .title = "Runs commands."});
    return list;
  }();
  return filled;
}

std::vector<std::string> names(const JsonArray& plugins, std::string_view key) {
  std::vector<std::string> list;
  for (const Json& plugin : plugins) list.push_back(text_or(plugin.as_object(), key));
  return list;
}

TEST(Plugins, AreTheGroupsOfTheCatalogWithTheirTypes) {
  const JsonArray plugins = plugins_json(catalog(), false);
  EXPECT_EQ(names(plugins, "group"), (std::vector<std::string>{"io.kestra.plugin.core", "io.kestra.plugin.scripts"}));
  EXPECT_EQ(plugins.at(1).at("tasks"), Json(JsonArray{JsonObject{{"cls", "io.kestra.plugin.scripts.shell.Commands"}, {"title", "Runs commands."}}}));
  EXPECT_NE(std::ranges::find(plugins.at(0).at("aliases").as_array(), Json("io.kestra.core.tasks.log.Log")), plugins.at(0).at("aliases").as_array().end());
}

TEST(Plugins, HaveAnEntryForEachSubgroupWhenAsked) {
  const JsonArray plugins = plugins_json(catalog(), true);
  const std::vector<std::string> subgroups = names(plugins, "subGroup");
  EXPECT_EQ(subgroups.front(), "");
  EXPECT_NE(std::ranges::find(subgroups, "io.kestra.plugin.core.flow"), subgroups.end());
  for (const Json& plugin : plugins)
    for (const Json& task : plugin.at("tasks").as_array()) EXPECT_TRUE(text_or(task.as_object(), "cls").starts_with(text_or(plugin.as_object(), "subGroup", "io.kestra.plugin.")));
}

TEST(Plugins, AreDocumentedInMarkdown) {
  const flow::TypeInfo& info = *catalog().find("io.kestra.plugin.core.flow.If");
  const std::string page = text_or(documentation_json("If", info.type, flow::type_documentation(info, false)), "markdown");
  EXPECT_TRUE(page.starts_with("---\ntitle: If\n"));
  EXPECT_TRUE(page.contains("### `condition`\n\n* **Type:** `string`\n* **Dynamic:** yes\n* **Required:** no\n"));
  EXPECT_TRUE(page.contains("## Outputs\n\n### `evaluationResult`"));
  EXPECT_TRUE(page.contains("```yaml\nid: example"));
}

TEST(Plugins, HaveAnIconEachWhateverNameTheyAreWrittenWith) {
  const JsonObject icons = type_icons(catalog());
  EXPECT_EQ(icons.at("io.kestra.plugin.core.flow.If").at("flowable"), true);
  EXPECT_EQ(icons.at("io.kestra.core.tasks.log.Log"), icons.at("io.kestra.plugin.core.log.Log"));
  for (const auto& [name, icon] : icons) EXPECT_TRUE(base64_decode(text_or(icon.as_object(), "icon")).value_or("").starts_with("<svg ")) << std::string_view(name);
  EXPECT_TRUE(group_icons(catalog()).contains("io.kestra.plugin.core"));
}

}  // namespace
}  // namespace insula::api
