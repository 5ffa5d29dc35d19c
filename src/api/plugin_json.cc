#include "api/plugin_json.h"

#include "api/plugin_icons.h"

namespace insula::api {
namespace {

std::string last_part(std::string_view name) { return std::string(name.substr(name.rfind('.') + 1)); }
std::string subgroup_of(std::string_view type) { return std::string(type.substr(0, type.rfind('.'))); }

// The first four parts: `io.kestra.plugin.core`.
std::string group_of(std::string_view type) {
  std::size_t end = 0;
  for (int part = 0; part < 4 && end != std::string_view::npos; ++part) end = type.find('.', part == 0 ? 0 : end + 1);
  return std::string(type.substr(0, end));
}

std::string_view list_of(flow::TypeCategory category) {
  switch (category) {
    case flow::TypeCategory::task: return "tasks";
    case flow::TypeCategory::trigger: return "triggers";
    case flow::TypeCategory::condition: return "conditions";
    case flow::TypeCategory::task_runner: return "taskRunners";
  }
  return "tasks";
}

JsonObject element_json(const flow::TypeInfo& info) {
  JsonObject json{{"cls", info.type}};
  if (info.deprecated) json["deprecated"] = true;
  if (!info.title.empty()) json["title"] = info.title;
  if (!info.doc.empty()) json["description"] = info.doc;
  return json;
}

// Types whose name begins with `prefix` and a dot.
JsonObject plugin_json(const flow::Catalog& catalog, const std::string& group, const std::string& prefix) {
  const std::string title = last_part(prefix);
  JsonObject json{{"name", title}, {"title", title}, {"group", group}};
  if (prefix != group) json["subGroup"] = prefix;
  json["manifest"] = JsonObject{{"X-Kestra-Title", title}, {"X-Kestra-Group", group}};
  json["guides"] = JsonArray{};
  JsonArray aliases;
  std::map<std::string_view, JsonArray> lists = {{"tasks", {}}, {"triggers", {}}, {"conditions", {}}, {"taskRunners", {}}};
  for (const flow::TypeInfo* info : catalog.all()) {
    if (!info->type.starts_with(prefix + ".")) continue;
    for (const std::string& alias : info->aliases) aliases.emplace_back(alias);
    lists[list_of(info->category)].push_back(element_json(*info));
  }
  json["aliases"] = std::move(aliases);
  for (auto& [name, list] : lists) json[name] = std::move(list);
  return json;
}

std::string type_of(const JsonObject& schema) {
  const Json* type = find(schema, "type");
  if (type != nullptr && type->is_string()) return text_or(schema, "type");
  return "any";
}

std::string cell(const JsonObject& property, std::string_view key, std::string_view label) {
  const Json* value = find(property, key);
  return value == nullptr || (value->is_string() && value->as_string().empty()) ? "" : fmt::format("* **{}:** `{}`\n", label, to_text(*value));
}

void write_property(std::string& page, std::string_view name, const JsonObject& property) {
  const auto holds = [&](std::string_view key) { return find(property, key) != nullptr && *find(property, key) == true; };
  page += fmt::format("### `{}`\n\n", name);
  if (holds("$deprecated")) page += "> **Deprecated**\n\n";
  page += fmt::format("* **Type:** `{}`\n* **Dynamic:** {}\n* **Required:** {}\n", type_of(property), holds("$dynamic") ? "yes" : "no", holds("$required") ? "yes" : "no");
  page += cell(property, "default", "Default");
  if (const Json* values = find(property, "enum"); values != nullptr && values->is_array()) {
    page += "* **Values:**";
    for (const Json& value : values->as_array()) page += fmt::format(" `{}`", to_text(value));
    page += "\n";
  }
  if (const std::string doc = text_or(property, "title"); !doc.empty()) page += fmt::format("\n{}\n", doc);
  page += "\n";
}

void write_properties(std::string& page, std::string_view title, const Json* schema) {
  const Json* properties = schema == nullptr ? nullptr : find(*schema, "properties");
  if (properties == nullptr || !properties->is_object() || properties->as_object().empty()) return;
  page += fmt::format("## {}\n\n", title);
  for (const auto& [name, property] : properties->as_object()) write_property(page, std::string_view(name.data(), name.size()), property.as_object());
}

JsonObject icon_json(std::string_view name, std::string_view subgroup, bool is_flowable) {
  return {{"name", name}, {"icon", icon_base64(subgroup)}, {"flowable", is_flowable}};
}

}  // namespace

JsonArray plugins_json(const flow::Catalog& catalog, bool with_subgroups) {
  std::map<std::string, std::set<std::string>> groups;
  for (const flow::TypeInfo* info : catalog.all()) groups[group_of(info->type)].insert(subgroup_of(info->type));
  JsonArray list;
  for (const auto& [group, subgroups] : groups) {
    list.push_back(plugin_json(catalog, group, group));
    if (!with_subgroups) continue;
    for (const std::string& subgroup : subgroups)
      if (subgroup != group) list.push_back(plugin_json(catalog, group, subgroup));
  }
  return list;
}

JsonObject documentation_json(std::string_view title, std::string_view type, JsonObject schema) {
  const Json* properties = find(schema, "properties");
  const JsonObject& described = properties->as_object();
  std::string page = fmt::format("---\ntitle: {}\neditLink: false\n", title);
  const std::string summary = text_or(described, "title");
  if (!summary.empty()) {
    page += "description: ";
    write_json_string(summary, page);
    page += "\n";
  }
  page += fmt::format("---\n\n# {}\n\n", title);
  if (!summary.empty()) page += summary + "\n\n";
  page += fmt::format("```yaml\ntype: \"{}\"\n```\n\n", type);
  if (const std::string doc = text_or(described, "description"); !doc.empty()) page += doc + "\n\n";
  if (const Json* examples = find(described, "$examples"); examples != nullptr && examples->is_array()) {
    page += "## Examples\n\n";
    for (const Json& example : examples->as_array()) page += fmt::format("```yaml\n{}```\n\n", text_or(example.as_object(), "code"));
  }
  write_properties(page, "Properties", properties);
  write_properties(page, "Outputs", find(schema, "outputs"));
  return {{"markdown", std::move(page)}, {"schema", std::move(schema)}};
}

JsonObject type_icons(const flow::Catalog& catalog) {
  JsonObject icons;
  for (const flow::TypeInfo* info : catalog.all()) {
    const JsonObject icon = icon_json(last_part(info->type), subgroup_of(info->type), info->runs == flow::Runs::flowable);
    icons[info->type] = icon;
    for (const std::string& alias : info->aliases) icons[alias] = icon;
  }
  return icons;
}

JsonObject group_icons(const flow::Catalog& catalog) {
  JsonObject icons;
  for (const flow::TypeInfo* info : catalog.all())
    for (const std::string& group : {group_of(info->type), subgroup_of(info->type)}) icons[group] = icon_json(last_part(group), group, false);
  return icons;
}

}  // namespace insula::api
