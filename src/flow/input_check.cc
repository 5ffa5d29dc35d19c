// Declarations of inputs: what validation says of them, how they are compiled, how the API shows them.
#include <re2/re2.h>

#include "flow/check.h"
#include "flow/input_kinds.h"
#include "flow/temporal.h"

namespace insula::flow {
namespace {

constexpr std::string_view kJavaPackage = "io.kestra.core.models.flows.input.";

std::vector<std::string> depends_on_ids(const JsonObject& input) {
  std::vector<std::string> ids;
  const Json* depends_on = find(input, "dependsOn");
  const Json* list = depends_on ? find(*depends_on, "inputs") : nullptr;
  if (list && list->is_array())
    for (const Json& id : list->as_array()) ids.push_back(to_text(id));
  return ids;
}

void check_id(Checker& checker, const JsonObject& input, const Place& place) {
  static const RE2 pattern("[a-zA-Z0-9][.a-zA-Z0-9_-]*");
  const std::string id = input_id(input);
  if (id.empty()) checker.bean(place, "id", "must not be null", "give it an `id`");
  else if (!RE2::FullMatch(id, pattern)) checker.bean(place, "id", "must match \"^[a-zA-Z0-9][.a-zA-Z0-9_-]*\"", slugify(id));
}

void check_validator(Checker& checker, const JsonObject& input, const Place& place) {
  const std::string pattern = text_or(input, "validator");
  if (pattern.empty()) return;
  const RE2 compiled(pattern, RE2::Quiet);
  if (!compiled.ok()) checker.bean(place, "validator", fmt::format("invalid pattern [{}]", pattern), compiled.error());
}

void check_default(Checker& checker, const JsonObject& input, const InputKind& kind, const Place& place) {
  const Json* defaults = find(input, "defaults");
  const bool first_selected = find(input, "autoSelectFirst") && read_bool(*find(input, "autoSelectFirst")).value_or(false);
  const bool has_default = !is_absent_text(defaults) || first_selected;
  const Json* required = find(input, "required");
  if (has_default && required && read_bool(*required) == false)
    checker.bean(place, "", "Inputs with a default value must be required, since the default is always applied.", "remove `required: false`, or use `prefill` instead of `defaults`");
  if (kind.type != "FILE" || is_absent(defaults)) return;
  const std::string uri = to_text(*defaults);
  if (!uri.starts_with("file://") && !uri.starts_with("nsfile://") && !uri.starts_with("kestra://") && !has_expression(uri))
    checker.bean(place, "", "inputs of type 'FILE' only support `defaults` as local files using a file URI or as namespace files using a nsfile URI", "nsfile:///" + uri);
}

// after and before of DATE, TIME and DATETIME.
void check_bounds(Checker& checker, const JsonObject& input, const InputKind& kind, const Place& place) {
  const auto check = [&](std::string_view java, const auto& read) {
    for (const std::string_view name : {"after", "before"}) {
      const Json* bound = find(input, name);
      if (is_absent(bound)) continue;
      const auto value = read(to_text(*bound));
      if (value) continue;
      checker.unreadable(place.key(name), describe_mismatch(java, *bound, fmt::format("Failed to deserialize {}: (java.time.format.DateTimeParseException) {}", java, value.error())));
    }
  };
  if (kind.type == "DATETIME") check("java.time.Instant", read_instant);
  if (kind.type == "DATE") check("java.time.LocalDate", read_date);
  if (kind.type == "TIME") check("java.time.LocalTime", read_time_of_day);
}

void check_input(Checker& checker, const Json& value, const Place& at) {
  const std::string type = value.is_object() ? text_or(value.as_object(), "type") : "";
  const InputKind* kind = find_input_kind(type);
  if (!kind) {
    std::vector<std::string> names;
    for (const InputKind& each : input_kinds()) names.emplace_back(each.type);
    return checker.unknown_type(at, type.empty() ? "null" : type, nearest_word(type, names).value_or("one of " + join(names, ", ")));
  }
  const JsonObject& input = value.as_object();
  Place place = at;
  place.cls = std::string(kJavaPackage) + std::string(kind->java);
  place.leaf = input_id(input);
  place.leaf_list = "inputs";
  if (kind->deprecated) checker.deprecations.push_back(place.path);
  check_id(checker, input, place);
  check_properties(checker, input, {input_properties(*kind)}, place);
  check_validator(checker, input, place);
  check_default(checker, input, *kind, place);
  check_bounds(checker, input, *kind, place);
  const std::string item = text_or(input, "itemType");
  const InputKind* item_kind = find_input_kind(item);
  if (item_kind && !item_kind->can_be_item) checker.bean(place, "", fmt::format("`itemType` cannot be {}", item));
}

using Graph = std::map<std::string, std::vector<std::string>, std::less<>>;

// The way from `start` back to itself, without its repetition; empty when there is none.
std::vector<std::string> cycle_of(const Graph& graph, const std::string& start) {
  std::vector<std::string> path;
  std::set<std::string, std::less<>> seen;
  const auto walk = [&](const auto& self, const std::string& id) -> bool {
    path.push_back(id);
    const auto next = graph.find(id);
    if (next != graph.end())
      for (const std::string& dependency : next->second) {
        if (dependency == start) return true;
        if (seen.insert(dependency).second && self(self, dependency)) return true;
      }
    path.pop_back();
    return false;
  };
  return walk(walk, start) ? path : std::vector<std::string>();
}

void check_dependencies(Checker& checker, const Graph& graph, const std::vector<std::pair<std::string, std::string>>& inputs) {
  for (const auto& [id, path] : inputs)
    for (const std::string& dependency : graph.at(id))
      if (!graph.contains(dependency)) {
        std::vector<std::string> names;
        for (const auto& [name, ids] : graph) names.push_back(name);
        checker.flow_rule(path + ".dependsOn", fmt::format("Input with id '{}' depends on a non-existent input '{}'.", id, dependency), nearest_word(dependency, names).value_or(""));
      }
  constexpr std::size_t kTold = 100;   // each start is a walk of its own
  std::size_t told = 0;
  for (const auto& [id, path] : inputs) {
    if (++told > kTold) break;
    if (const auto cycle = cycle_of(graph, id); !cycle.empty())
      checker.flow_rule(path + ".dependsOn", fmt::format("Cycle dependency detected for input with id '{}': [{}]", id, join(cycle, ", ")));
  }
}

}  // namespace

std::string input_id(const JsonObject& written) {
  const Json* id = find(written, "id");
  if (is_absent_text(id)) id = find(written, "name");
  return is_absent_text(id) || id->is_object() || id->is_array() ? "" : to_text(*id);
}

void check_inputs(Checker& checker, const Json& value, const Place& place) {
  if (is_absent(&value)) return;
  if (!value.is_array())
    return checker.unreadable(place, describe_mismatch("java.util.ArrayList<io.kestra.core.models.flows.Input<java.lang.Object>>", value), "write a list: `- id: …`");
  std::size_t index = 0;
  for (const Json& item : value.as_array()) check_input(checker, item, place.item(index++));
}

void check_input_rules(Checker& checker, const Json& value) {
  if (!value.is_array()) return;
  Graph graph;
  std::vector<std::pair<std::string, std::string>> inputs;   // id, path; in file order
  std::vector<std::string> repeated;
  std::string first_repeated;   // where the first of them stands again
  std::size_t index = 0;
  for (const Json& item : value.as_array()) {
    const std::string path = fmt::format("inputs[{}]", index++);
    if (!item.is_object()) continue;
    const std::string id = input_id(item.as_object());
    if (id.empty()) continue;
    if (!graph.emplace(id, depends_on_ids(item.as_object())).second) {
      if (std::ranges::find(repeated, id) == repeated.end()) repeated.push_back(id);
      if (first_repeated.empty()) first_repeated = path + ".id";
      continue;
    }
    inputs.emplace_back(id, path);
  }
  if (!repeated.empty()) checker.flow_rule(first_repeated, fmt::format("Duplicate input with name [{}]", join(repeated, ", ")));
  for (const auto& [id, path] : inputs)
    for (std::size_t dot = id.find('.'); dot != std::string::npos; dot = id.find('.', dot + 1))
      if (graph.contains(id.substr(0, dot)))
        checker.flow_rule(path, fmt::format("Input path '{}' conflicts with '{}'; one cannot be nested under the other.", id.substr(0, dot), id));
  check_dependencies(checker, graph, inputs);
}

std::vector<Input> compile_inputs(const Json* value) {
  std::vector<Input> inputs;
  if (!value || !value->is_array()) return inputs;
  for (const Json& item : value->as_array()) {
    if (!item.is_object()) continue;
    const JsonObject& written = item.as_object();
    Input input;
    input.id = input_id(written);
    input.type = text_or(written, "type");
    if (const Json* required = find(written, "required"); !is_absent(required)) input.required = read_bool(*required).value_or(true);
    if (const Json* defaults = find(written, "defaults"); !is_absent_text(defaults)) input.defaults = expression::Property::compile(*defaults);
    if (const Json* prefill = find(written, "prefill"); !is_absent_text(prefill)) input.prefill = expression::Property::compile(*prefill);
    input.depends_on = depends_on_ids(written);
    if (const Json* depends_on = find(written, "dependsOn"))
      if (const Json* condition = find(*depends_on, "condition"); !is_absent(condition)) input.condition = expression::Template::compile(to_text(*condition));
    input.properties = written;
    inputs.push_back(std::move(input));
  }
  return inputs;
}

Json input_tree(const JsonObject& written) {
  const auto copy = [&](JsonObject& to, std::string_view key) {
    if (const Json* value = find(written, key); !is_absent_text(value)) to[key] = without_nulls(*value);
  };
  const std::string type = text_or(written, "type");
  JsonObject tree{{"id", input_id(written)}, {"type", type}};
  copy(tree, "description");
  copy(tree, "dependsOn");
  const Json* required = find(written, "required");
  tree["required"] = is_absent(required) ? true : read_bool(*required).value_or(true);
  for (const std::string_view key : {"defaults", "prefill"})   // kept as the text of an expression
    if (const Json* value = find(written, key); !is_absent_text(value)) tree[key] = to_text(*value);
  copy(tree, "displayName");
  for (const auto& [key, value] : written)
    if (!tree.contains(key) && key != "name" && !value.is_null()) tree[key == "options" ? "values" : key] = without_nulls(value);
  if (type == "MULTISELECT" && !tree.contains("itemType")) tree["itemType"] = "STRING";
  if (type == "SELECT" || type == "MULTISELECT")
    for (const std::string_view flag : {"allowCustomValue", "isRadio", "autoSelectFirst"})
      if (!tree.contains(flag) && !(flag == "isRadio" && type == "MULTISELECT")) tree[flag] = false;
  return tree;
}

}  // namespace insula::flow
