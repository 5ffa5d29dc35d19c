// core.execution.SetVariables and UnsetVariables: `vars` of the running execution.
#include "execution/inline_task.h"

namespace insula::execution {

namespace {

std::unexpected<expression::Interruption> refused(std::string message) { return std::unexpected(expression::Interruption(invalid_property(std::move(message)))); }

void merge(JsonObject& into, const JsonObject& from) {
  for (const auto& [key, value] : from) {
    Json& at = into[key];
    if (at.is_object() && value.is_object()) merge(at.as_object(), value.as_object());
    else at = value;
  }
}

}  // namespace

expression::Rendered<InlineResult> run_set_variables(const InlineCall& call) {
  const auto variables = call.structured("variables");
  if (!variables) return std::unexpected(variables.error());
  const auto overwrite = call.flag("overwrite", true);
  if (!overwrite) return std::unexpected(overwrite.error());
  if (!variables->is_object()) return refused("`variables` must be a map");
  JsonObject after = call.header().variables;
  if (!*overwrite) {
    std::string known;
    for (const auto& [key, value] : variables->as_object()) {
      if (after.contains(key)) known += (known.empty() ? "" : ", ") + std::string(key);
    }
    if (!known.empty()) return refused("`overwrite` is set to false and the following variables already exist: " + known);
  }
  merge(after, variables->as_object());
  InlineResult result;
  result.variables = std::move(after);
  return result;
}

expression::Rendered<InlineResult> run_unset_variables(const InlineCall& call) {
  const auto names = call.structured("variables");
  if (!names) return std::unexpected(names.error());
  if (!names->is_array()) return refused("`variables` must be a list of names");
  JsonObject after = call.header().variables;
  for (const Json& name : names->as_array()) after.erase(to_text(name));
  InlineResult result;
  result.variables = std::move(after);
  return result;
}

}  // namespace insula::execution
