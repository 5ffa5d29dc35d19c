// Labels: written as a map or as a list of {key, value}, shown as a list.
#include <re2/re2.h>

#include "flow/check.h"

namespace insula::flow {
namespace {

constexpr std::string_view kSystem = "system.";
constexpr std::string_view kReadOnly = "system.readOnly";   // the one system label that a source may set

struct WrittenLabel {
  std::string key;
  const Json* value = nullptr;
  std::string path;       // relative to the labels, for the position
};

std::vector<WrittenLabel> written_labels(const Json& value) {
  std::vector<WrittenLabel> labels;
  if (value.is_object())
    for (const auto& [key, text] : value.as_object()) labels.push_back({std::string(key), &text, "." + std::string(key)});
  if (value.is_array())
    for (std::size_t i = 0; i < value.as_array().size(); ++i) {
      const Json& item = value.as_array()[i];
      if (!item.is_object()) continue;
      const Json* key = find(item, "key");
      labels.push_back({key ? to_text(*key) : "", find(item, "value"), fmt::format("[{}]", i)});
    }
  return labels;
}

void check_label(Checker& checker, const WrittenLabel& label, const Place& place, const Place& list, bool of_the_flow) {
  static const RE2 pattern("\\p{Ll}[\\p{L}0-9._-]*");
  const Position at = checker.position_of(list.path + label.path);
  const auto tell = [&](std::string_view property, std::string message, std::string suggestion = {}) {
    checker.findings.push_back({Rule::bean, list.path + label.path, place.name_of(property), place.chain, std::move(message), std::move(suggestion), at});
  };
  if (label.key.empty()) tell("key", "must not be empty");
  if (!RE2::FullMatch(label.key, pattern))
    tell("key", "Invalid label key. A valid key contains only lowercase letters numbers hyphens (-) underscores (_) or periods (.) and must begin with a lowercase letter.",
         slugify(label.key));
  if (!label.value || is_absent(label.value)) tell("value", "must not be empty");
  if (!label.key.starts_with(kSystem) || label.key == kReadOnly) return;
  const std::string message = fmt::format("System labels can only be set by Kestra itself, offending label: {}={}", label.key, label.value ? to_text(*label.value) : "");
  if (of_the_flow) checker.flow_rule(list.path + label.path, message, "choose a key that does not begin with `system.`");
  else tell("<list element>", message + ".");
}

}  // namespace

void check_labels(Checker& checker, const Json& value, const Place& place, bool of_the_flow) {
  if (is_absent(&value)) return;
  if (!value.is_object() && !value.is_array())
    return checker.unreadable(place, "Unable to deserialize value as it's neither an object neither an array", "write `key: value` lines, or a list of {key, value}");
  if (value.is_array())
    for (std::size_t i = 0; i < value.as_array().size(); ++i)
      if (!value.as_array()[i].is_object()) checker.unreadable(place.item(i), describe_mismatch("java.util.Map", value.as_array()[i]), "write `- key: …` and `value: …`");
  std::size_t index = 0;
  for (const WrittenLabel& label : written_labels(value)) {
    const Place at = place.item(index++, "io.kestra.core.models.Label");
    if (label.value && (label.value->is_object() || label.value->is_array()))
      checker.unreadable(at, fmt::format("Unsupported type for key: {}, value: {}", label.key, write_json(*label.value)), "a label is a text");
    else
      check_label(checker, label, at, place, of_the_flow);
  }
}

std::vector<Label> compile_labels(const Json* value) {
  std::vector<Label> labels;
  if (!value) return labels;
  for (const WrittenLabel& written : written_labels(*value)) {
    Label label{written.key, written.value && !written.value->is_null() ? to_text(*written.value) : ""};
    const auto same = std::ranges::find(labels, label.key, &Label::key);
    if (same == labels.end()) labels.push_back(std::move(label));
    else same->value = std::move(label.value);
  }
  return labels;
}

Json labels_tree(const Json& value) {
  JsonArray list;
  for (const Label& label : compile_labels(&value)) list.push_back(JsonObject{{"key", label.key}, {"value", label.value}});
  return list;
}

}  // namespace insula::flow
