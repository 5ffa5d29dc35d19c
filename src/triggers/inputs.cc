#include "triggers/triggers.h"

namespace insula::triggers {

Result<flow::GivenInputs> inputs_of(const flow::Trigger& trigger, const expression::Variables& variables, const expression::Environment& environment) {
  flow::GivenInputs given;
  const auto at = trigger.compiled.find("inputs");
  if (at == trigger.compiled.end()) return given;
  auto rendered = at->second.render(variables, environment);
  if (!rendered) {
    const Error* error = std::get_if<Error>(&rendered.error());
    return fail(error != nullptr ? *error : Error{ErrorKind::invalid, "trigger-inputs", "the trigger's inputs need a value that is not available", {}, {}});
  }
  if (rendered->is_object()) {
    for (auto& [name, value] : rendered->get_object()) given.emplace(std::string(name), std::move(value));
  }
  return given;
}

Result<std::vector<flow::Label>> labels_of(const flow::Trigger& trigger, const expression::Variables& variables, const expression::Environment& environment) {
  std::vector<flow::Label> labels;
  for (const flow::Label& label : trigger.labels) {
    auto key = expression::Template::compile(label.key).render(variables, environment);
    auto value = expression::Template::compile(label.value).render(variables, environment);
    if (!key || !value) {
      const Error* error = std::get_if<Error>(key ? &value.error() : &key.error());
      return fail(error != nullptr ? *error : Error{ErrorKind::invalid, "trigger-labels", "the trigger's labels need a value that is not available", {}, {}});
    }
    if (key->starts_with("system.")) continue;
    labels.push_back({std::move(*key), std::move(*value)});
  }
  return labels;
}

}  // namespace insula::triggers
