#include "api/shown_variables.h"

namespace insula::api {
namespace {

constexpr std::string_view kEncrypted = "io.kestra.datatype:aes_encrypted";
// Roots that only a run has.
constexpr std::array kOfRuns{"execution", "outputs", "tasks", "task", "taskrun", "parent", "parents", "trigger", "schedule"};

void mask_secrets(Json& value, std::string_view name) {
  if (auto* list = value.if_array()) {
    for (Json& item : *list) mask_secrets(item, name);
  } else if (auto* object = value.if_object()) {
    if (text_or(*object, "type") == kEncrypted) value = Json(fmt::format("[secret: {}]", name));
    else for (auto& entry : *object) mask_secrets(entry.value(), entry.key());
  }
}

std::shared_ptr<const JsonObject> surroundings(const engine::Settings& settings) {
  const Json environment_name = settings.environment_name.empty() ? Json(nullptr) : Json(settings.environment_name);
  return std::make_shared<const JsonObject>(JsonObject{{"globals", settings.globals}, {"kestra", JsonObject{{"url", settings.url}, {"environment", environment_name}}}});
}

JsonObject variables_of(const engine::Settings& settings, const TenantId& tenant, const flow::Flow& flow, const execution::Header& header, const std::vector<execution::TaskRun>& task_runs) {
  IdGenerator ids(1);
  execution::StepContext context{.now = {}, .ids = ids};
  context.tenant_id = tenant.str();
  context.surroundings = surroundings(settings);
  return execution::Run::variables_of(flow, header, task_runs, {}, context);
}

// For defaults of inputs: what has no value is an error of the input that reads it, so that the others still get theirs.
class Refusing final : public expression::Variables {
 public:
  explicit Refusing(const ShownVariables& shown) : shown_(shown) {}
  const Json* root(std::string_view name) const override { return shown_.root(name); }
  std::vector<std::string> root_names() const override { return shown_.root_names(); }
  bool is_lazy(std::string_view name) const override { return shown_.is_lazy(name); }
  expression::Answer member(std::string_view root, std::string_view key) const override { return told(shown_.member(root, key), {std::string(root), JsonObject{{"key", key}}}); }
  expression::Answer whole(std::string_view root) const override { return told(shown_.whole(root), {std::string(root), JsonObject{}}); }
  expression::Answer lookup(const expression::Lookup& lookup) const override { return told(shown_.lookup(lookup), lookup); }

 private:
  expression::Answer told(expression::Answer answer, const expression::Lookup& lookup) const {
    if (!std::holds_alternative<expression::Pending>(answer)) return answer;
    return Error{ErrorKind::invalid, "expression-not-shown", shown_.reason(lookup), {}, {}};
  }
  const ShownVariables& shown_;
};

}  // namespace

ShownVariables::ShownVariables(const engine::Settings& settings) : known_(*surroundings(settings)) {}

ShownVariables ShownVariables::of_flow(const engine::Settings& settings, const TenantId& tenant, std::shared_ptr<const flow::Flow> flow, bool is_saved, const expression::Environment& environment) {
  ShownVariables shown(settings);
  execution::Header probe;
  probe.ns = flow->ns;
  probe.flow_id = flow->id;
  probe.flow_revision = flow->revision;
  probe.state = execution::StateHistory(execution::State::created, environment.now);
  probe.variables = flow->variables;
  for (const flow::Label& label : flow->labels)
    if (!label.key.starts_with("system.")) probe.labels.push_back(label);
  shown.known_ = variables_of(settings, tenant, *flow, probe, {});
  for (const std::string_view root : kOfRuns) {
    shown.known_.erase(root);
    shown.later_.emplace(root, fmt::format("`{}` is known only while the flow runs", root));
  }
  if (!is_saved) {
    shown.known_["flow"].as_object().erase("revision");
    shown.later_.emplace("flow.revision", "the revision is known when the flow is saved");
  }
  shown.flow_ = std::move(flow);
  shown.bind_inputs(environment);
  return shown;
}

ShownVariables ShownVariables::of_broken_flow(const engine::Settings& settings, const std::string& why) {
  ShownVariables shown(settings);
  for (const std::string_view root : kOfRuns) shown.later_.emplace(root, why);
  for (const std::string_view root : {"flow", "inputs", "vars", "labels"}) shown.later_.emplace(root, why);
  return shown;
}

ShownVariables ShownVariables::of_execution(const engine::Settings& settings, const TenantId& tenant, const flow::Flow& flow, const execution::Header& header,
                                            const std::vector<execution::TaskRun>& task_runs) {
  ShownVariables shown(settings);
  shown.known_ = variables_of(settings, tenant, flow, header, task_runs);
  for (auto& entry : shown.known_) mask_secrets(entry.value(), entry.key());
  // Some would look as if they had no outputs.
  if (std::cmp_less(task_runs.size(), header.task_runs)) {
    for (const std::string_view root : {"outputs", "tasks"}) {
      shown.known_.erase(root);
      shown.later_.emplace(root, fmt::format("`{}` is not shown of an execution with {} task runs, but of those with at most {}", root, header.task_runs, task_runs.size()));
    }
  }
  return shown;
}

void ShownVariables::bind_inputs(const expression::Environment& environment) {
  if (flow_->inputs.empty()) return;
  const Refusing variables(*this);
  const flow::BindContext context{variables, environment, [](std::string_view) -> Result<Json> { return Json(JsonObject{{"type", kEncrypted}, {"value", ""}}); }};
  const auto bound = flow::bind_each(flow_->inputs, {}, context);
  std::vector<flow::Input> with_values;
  for (std::size_t i = 0; i < flow_->inputs.size(); ++i) {
    const flow::Input& input = flow_->inputs[i];
    const flow::BoundInput* one = bound ? &(*bound)[i] : nullptr;
    if (one != nullptr && one->enabled && one->errors.empty() && !one->value.is_null()) with_values.push_back(input);
    else if (one != nullptr && !one->errors.empty() && input.defaults) later_.emplace("inputs." + input.id, one->errors.front());
    else if (one != nullptr && !one->enabled) later_.emplace("inputs." + input.id, fmt::format("whether there is the input `{}` is known when the flow is started", input.id));
    else later_.emplace("inputs." + input.id, fmt::format("the input `{}` has no default: it gets its value when the flow is started", input.id));
  }
  auto values = flow::bind_inputs(with_values, {}, context);
  JsonObject inputs = values ? std::move(*values) : JsonObject{};
  for (auto& entry : inputs) mask_secrets(entry.value(), entry.key());
  known_["inputs"] = std::move(inputs);
}

std::map<std::string, std::string, std::less<>>::const_iterator ShownVariables::later(std::string_view path) const {
  const auto found = later_.lower_bound(path);
  if (found == later_.end() || !found->first.starts_with(path)) return later_.end();
  if (found->first.size() == path.size()) return found;
  const auto below = later_.lower_bound(fmt::format("{}.", path));
  return below != later_.end() && below->first.starts_with(path) && below->first[path.size()] == '.' ? below : later_.end();
}

std::vector<std::string> ShownVariables::root_names() const {
  std::vector<std::string> names;
  for (const auto& entry : known_) names.emplace_back(entry.key());
  for (const auto& [path, why] : later_)
    if (!path.contains('.')) names.push_back(path);
  return names;
}

bool ShownVariables::is_lazy(std::string_view name) const { return later(name) != later_.end(); }

expression::Answer ShownVariables::member(std::string_view root, std::string_view key) const {
  if (later_.contains(root)) {
    const bool of_task = flow_ != nullptr && (root == "outputs" || root == "tasks");
    return of_task && flow_->find(TaskId(key)) == nullptr ? expression::Answer(expression::Undefined{}) : expression::Answer(expression::Pending{});
  }
  if (later(fmt::format("{}.{}", root, key)) != later_.end()) return expression::Pending{};
  const Json* whole = insula::find(known_, root);
  const Json* found = whole != nullptr ? insula::find(*whole, key) : nullptr;
  return found != nullptr ? expression::Answer(found) : expression::Answer(expression::Undefined{});
}

expression::Answer ShownVariables::whole(std::string_view) const { return expression::Pending{}; }

expression::Answer ShownVariables::lookup(const expression::Lookup& lookup) const {
  if (lookup.name == "secret") return Json(fmt::format("[secret: {}]", text_or(lookup.arguments, "key")));
  return expression::Pending{};
}

std::string ShownVariables::reason(const expression::Lookup& lookup) const {
  const auto root = later_.find(lookup.name);
  if (root != later_.end()) return root->second;
  const std::string key = text_or(lookup.arguments, "key");
  const auto found = later(key.empty() ? lookup.name : fmt::format("{}.{}", lookup.name, key));
  if (found != later_.end()) return found->second;
  return fmt::format("{}() is called only when the flow runs", lookup.name);
}

}  // namespace insula::api
