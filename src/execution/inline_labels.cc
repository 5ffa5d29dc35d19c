// core.execution.Labels: labels of the running execution.
#include "execution/inline_task.h"

namespace insula::execution {

namespace {

std::unexpected<expression::Interruption> refused(std::string message) { return std::unexpected(expression::Interruption(invalid_property(std::move(message)))); }

}  // namespace

expression::Rendered<InlineResult> run_labels(const InlineCall& call) {
  const Json& written = call.source("labels");
  if (written.is_object()) {
    for (const auto& [key, value] : written.as_object()) {
      if (!value.is_string()) return refused(fmt::format("The value of label `{}` must be a text: put it in quotes", std::string_view(key.data(), key.size())));
    }
  }
  const auto labels = call.structured("labels");
  if (!labels) return std::unexpected(labels.error());
  InlineResult result;
  if (labels->is_object()) {
    for (const auto& [key, value] : labels->as_object()) result.labels.push_back({std::string(key), value.is_null() ? std::string() : to_text(value)});
  } else if (labels->is_array()) {
    for (const Json& item : labels->as_array()) {
      if (!item.is_object()) return refused("`labels` must be a map, or a list of `key` and `value`");
      const Json* value = insula::find(item, "value");
      result.labels.push_back({text_or(item.as_object(), "key"), value && !value->is_null() ? to_text(*value) : std::string()});
    }
  } else {
    return refused("`labels` must be a map, or a list of `key` and `value`");
  }
  for (const Label& label : result.labels) {
    if (label.value.empty()) return refused(fmt::format("Label values cannot be empty, offending label: {}", label.key));
    if (label.key.empty()) return refused(fmt::format("Label keys cannot be empty, offending label: {}", label.value));
    if (label.key.starts_with("system.")) return refused(fmt::format("System labels can only be set by Kestra itself, offending label: {}={}", label.key, label.value));
  }
  return result;
}

}  // namespace insula::execution
