// Plugin defaults: features.md §7.5, sharp edge 5.
#include "flow/check.h"
#include "flow/shape.h"

namespace insula::flow {
namespace {

// Maps are merged deeply, everything else is replaced; null in `over` says nothing.
void merge_into(JsonObject& base, const JsonObject& over) {
  for (const auto& [key, value] : over) {
    if (value.is_null()) continue;
    Json* present = base.if_contains(key);
    if (present && present->is_object() && value.is_object()) merge_into(present->as_object(), value.as_object());
    else base[key] = value;
  }
}

bool applies(const PluginDefault& one, const JsonObject& element, std::string_view type, const TypeInfo* info, const Catalog& catalog) {
  if (!one.ref.empty() && text_or(element, "pluginDefaultsRef") != one.ref) return false;
  if (type.starts_with(one.type)) return true;
  if (!info) return false;
  if (std::string_view(info->type).starts_with(one.type)) return true;
  return catalog.find(one.type) == info;   // written by another alias of the same type
}

class Applier {
 public:
  Applier(const std::vector<PluginDefault>& defaults, const Catalog& catalog) : defaults_(defaults), catalog_(catalog) {}

  void apply(Json& value) const {
    if (value.is_array()) {
      for (Json& item : value.as_array()) apply(item);
    } else if (value.is_object()) {
      if (const Json* type = find(value, "type"); type && type->is_string()) value = merged(value.as_object(), as_view(type->as_string()));
      for (auto& [key, child] : value.as_object()) apply(child);
    }
  }

 private:
  JsonObject merged(const JsonObject& element, std::string_view type) const {
    const TypeInfo* info = catalog_.find(type);
    std::vector<const PluginDefault*> matching;
    for (const PluginDefault& one : defaults_)
      if (applies(one, element, type, info, catalog_)) matching.push_back(&one);
    if (matching.empty()) return element;
    JsonObject result;
    for (const PluginDefault* one : matching)
      if (!one->forced) merge_into(result, known_part(one->values, info));
    JsonObject out;   // what the flow wrote stays first and in its order
    for (const auto& [key, value] : element) out[key] = value;
    for (const auto& [key, value] : result) {
      const Json* written = element.if_contains(key);
      if (is_absent_text(written)) out[key] = value;
      else if (value.is_object() && written->is_object()) {
        JsonObject both = value.as_object();
        merge_into(both, written->as_object());
        out[key] = std::move(both);
      }
    }
    for (auto one = matching.rbegin(); one != matching.rend(); ++one)   // the outermost is put in last, so it wins
      if ((*one)->forced) merge_into(out, known_part((*one)->values, info));
    out["type"] = *element.if_contains("type");
    return out;
  }

  // A default for `io.kestra.plugin.aws` reaches types that lack some of its properties: those are left out there.
  static JsonObject known_part(const JsonObject& values, const TypeInfo* info) {
    if (!info) return values;
    JsonObject known;
    for (const auto& [key, value] : values)
      if (is_known(*info, std::string_view(key.data(), key.size()))) known[key] = value;
    return known;
  }

  static bool is_known(const TypeInfo& info, std::string_view name) {
    if (find_property(info.properties, name)) return true;
    if (info.category == TypeCategory::trigger) return find_property(common_trigger_properties(), name) != nullptr;
    return info.category == TypeCategory::task && (find_property(common_task_properties(), name) || holds_child_tasks(info, name));
  }

  const std::vector<PluginDefault>& defaults_;
  const Catalog& catalog_;
};

const Json* written_defaults(const Json& tree) {
  const Json* list = find(tree, "pluginDefaults");
  return list ? list : find(tree, "taskDefaults");
}

void check_default(Checker& checker, const JsonObject& written, const Place& place) {
  check_properties(checker, written, {plugin_default_properties()}, place);
  const Json* values = find(written, "values");
  const TypeInfo* info = checker.catalog.find(text_or(written, "type"));
  if (!info || !values || !values->is_object()) return;
  std::vector<std::string> names;
  const bool is_trigger = info->category == TypeCategory::trigger;
  for (const auto& list : {std::span<const PropertyInfo>(info->properties), is_trigger ? common_trigger_properties() : common_task_properties()})
    for (const PropertyInfo& property : list) {
      names.push_back(property.name);
      names.insert(names.end(), property.aliases.begin(), property.aliases.end());
    }
  for (const auto& [key, value] : values->as_object()) {
    const std::string_view name(key.data(), key.size());
    if (std::ranges::find(names, name) != names.end()) continue;
    const std::string path = fmt::format("{}.values.{}", place.path, name);
    checker.findings.push_back({Rule::bean, path, place.shown, place.chain, fmt::format("Invalid Plugin Default: No property '{}' exists in plugin '{}'", name, info->type),
                                nearest_word(name, names).value_or(""), checker.position_of(path)});
  }
}

}  // namespace

void check_defaults(Checker& checker, const Json& tree) {
  const Json* list = written_defaults(tree);
  if (is_absent(list)) return;
  const bool old_name = !find(tree, "pluginDefaults");
  const Place root{.path = old_name ? "taskDefaults" : "pluginDefaults", .shown = "pluginDefaults", .cls = "java.util.ArrayList"};
  if (old_name) checker.deprecations.push_back("taskDefaults");
  if (!list->is_array()) return checker.unreadable(root, describe_mismatch("java.util.ArrayList<io.kestra.core.models.flows.PluginDefault>", *list));
  std::size_t index = 0;
  for (const Json& item : list->as_array()) {
    const Place place = root.item(index++, "io.kestra.core.models.flows.PluginDefault");
    if (item.is_object()) check_default(checker, item.as_object(), place);
    else checker.unreadable(place, describe_mismatch(place.cls, item));
  }
}

std::vector<PluginDefault> defaults_of(const Json& tree) {
  std::vector<PluginDefault> defaults;
  const Json* list = written_defaults(tree);
  if (!list || !list->is_array()) return defaults;
  for (const Json& item : list->as_array()) {
    const Json* values = find(item, "values");
    if (!values || !values->is_object()) continue;
    PluginDefault one{text_or(item.as_object(), "type"), false, values->as_object(), text_or(item.as_object(), "ref")};
    if (const Json* forced = find(item, "forced"); !is_absent(forced)) one.forced = read_bool(*forced).value_or(false);
    if (!one.type.empty()) defaults.push_back(std::move(one));
  }
  return defaults;
}

void apply_defaults(Json& tree, const std::vector<PluginDefault>& defaults, const Catalog& catalog) {
  if (!tree.is_object() || defaults.empty()) return;
  const Applier applier(defaults, catalog);
  for (auto& [key, value] : tree.as_object())
    if (key != "pluginDefaults" && key != "taskDefaults" && key != "variables" && key != "inputs") applier.apply(value);
}

}  // namespace insula::flow
