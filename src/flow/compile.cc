// A checked tree → the Flow that runs.
#include "flow/check.h"

namespace insula::flow {
namespace {

// Properties of a task that have a member of their own in Task.
bool is_member(std::string_view name) {
  constexpr std::array<std::string_view, 11> kMembers = {"id", "type", "description", "disabled", "allowFailure", "allowWarning", "logToFile", "logLevel", "retry", "runIf", "timeout"};
  return std::ranges::find(kMembers, name) != kMembers.end();
}

bool flag(const JsonObject& object, std::string_view key) {
  const Json* value = find(object, key);
  return !is_absent(value) && read_bool(*value).value_or(false);
}

std::optional<expression::Property> property_at(const JsonObject& object, std::string_view key) {
  const Json* value = find(object, key);
  if (is_absent(value)) return std::nullopt;
  return expression::Property::compile(*value);
}

class Compiler {
 public:
  Compiler(Flow& flow, const Positions& positions, const Catalog& catalog) : flow_(flow), positions_(positions), catalog_(catalog) {}

  Branch branch(std::string_view name, const Json* list) {
    Branch branch{std::string(name), "", {}};
    if (!list || !list->is_array()) return branch;
    const Place place{.path = std::string(name)};
    std::size_t index = 0;
    for (const Json& item : list->as_array()) add(branch, item, place.item(index++), kNoTask);
    return branch;
  }

  // Dag: ids are known once all siblings are compiled.
  void resolve_dependencies() {
    for (const auto& [index, ids] : dependencies_)
      for (const std::string& id : ids)
        if (const Task* other = flow_.find(TaskId(id))) flow_.tasks[static_cast<std::size_t>(index)].depends_on.push_back(other->index);
  }

 private:
  void add(Branch& branch, const Json& value, const Place& place, TaskIndex parent) {
    const Json* type = find(value, "type");
    const TypeInfo* info = type && type->is_string() ? catalog_.find(as_view(type->as_string())) : nullptr;
    if (!info || info->category != TypeCategory::task) return;
    add(branch, value, *info, place, parent);
  }

  void add(Branch& branch, const Json& value, const TypeInfo& info, const Place& place, TaskIndex parent) {
    const TaskIndex index = static_cast<TaskIndex>(flow_.tasks.size());
    branch.tasks.push_back(index);
    flow_.tasks.push_back(task(value.as_object(), info, index, parent, place));
    std::vector<Branch> branches;   // children grow the list, so the task is looked up again afterwards
    if (info.parts) {
      Branch made{"tasks", "", {}};
      for (const TaskPart& part : info.parts(value.as_object())) add(made, part.written, *part.info, place, index);
      branches.push_back(std::move(made));
    }
    for (const ChildList& children : child_lists(info, value.as_object(), place)) {
      Branch inner{children.name, children.key, {}};
      for (const ChildTask& child : children.tasks) {
        if (!child.task) continue;
        const TaskIndex child_index = static_cast<TaskIndex>(flow_.tasks.size());
        add(inner, *child.task, child.place, index);
        if (child.depends_on && child.depends_on->is_array())
          for (const Json& id : child.depends_on->as_array()) dependencies_[child_index].push_back(to_text(id));
      }
      branches.push_back(std::move(inner));
    }
    flow_.tasks[static_cast<std::size_t>(index)].branches = std::move(branches);
  }

  Task task(const JsonObject& written, const TypeInfo& info, TaskIndex index, TaskIndex parent, const Place& place) {
    Task task;
    const Json* id = find(written, "id");
    task.id = TaskId(is_absent_text(id) ? "" : to_text(*id));
    task.type = info.type;
    task.written_type = text_or(written, "type");
    task.info = &info;
    task.index = index;
    task.parent = parent;
    task.disabled = flag(written, "disabled");
    task.allow_failure = flag(written, "allowFailure");
    task.allow_warning = flag(written, "allowWarning");
    task.log_to_file = flag(written, "logToFile");
    task.log_level = parse_log_level(text_or(written, "logLevel"));
    if (const Json* retry = find(written, "retry")) task.retry = compile_retry(*retry);
    // An empty text is a condition, too: it never holds.
    if (const Json* run_if = find(written, "runIf"); run_if && !run_if->is_null()) task.run_if = expression::Property::compile(*run_if);
    task.timeout = property_at(written, "timeout");
    for (const auto& [key, value] : written) {
      const std::string_view name(key.data(), key.size());
      if (is_member(name) || holds_child_tasks(info, name) || value.is_null()) continue;
      const PropertyInfo* property = find_property(info.properties, name);
      const std::string canonical = property ? property->name : std::string(name);
      task.properties[canonical] = value;
      task.compiled.insert_or_assign(canonical, expression::Property::compile(value));
      if (property && property->kind == PropertyInfo::Kind::input_list) task.on_resume = &(flow_.resume_inputs[index] = compile_inputs(&value));
    }
    const auto position = positions_.find(place.path);
    task.line = position == positions_.end() ? 0 : position->second.line;
    return task;
  }

  Flow& flow_;
  const Positions& positions_;
  const Catalog& catalog_;
  std::map<TaskIndex, std::vector<std::string>> dependencies_;
};

Trigger compile_trigger(const JsonObject& with_defaults, const JsonObject& written, const Catalog& catalog) {
  Trigger trigger;
  trigger.id = TriggerId(text_or(with_defaults, "id"));
  trigger.written_type = text_or(with_defaults, "type");
  trigger.info = catalog.find(trigger.written_type);
  trigger.type = trigger.info ? trigger.info->type : trigger.written_type;
  trigger.disabled = flag(with_defaults, "disabled");
  for (const auto& [key, value] : with_defaults) {
    if (key == "id" || key == "type" || key == "disabled" || value.is_null()) continue;
    const PropertyInfo* property = trigger.info ? find_property(trigger.info->properties, std::string_view(key.data(), key.size())) : nullptr;
    const std::string canonical = property ? property->name : std::string(key);
    trigger.properties[canonical] = value;
    trigger.compiled.insert_or_assign(canonical, expression::Property::compile(value));
  }
  trigger.labels = compile_labels(find(with_defaults, "labels"));
  if (const Json* states = find(with_defaults, "stopAfter"); states && states->is_array())
    for (const Json& state : states->as_array()) trigger.stop_after.push_back(to_text(state));
  trigger.tree = without_nulls(written);
  if (Json* labels = trigger.tree.as_object().if_contains("labels")) *labels = labels_tree(*labels);
  return trigger;
}

Concurrency compile_concurrency(const Json& written) {
  Concurrency concurrency;
  if (const Json* limit = find(written, "limit")) concurrency.limit = static_cast<int>(read_integer(*limit).value_or(0));
  const std::string behavior = text_or(written.as_object(), "behavior", "QUEUE");
  if (behavior == "CANCEL") concurrency.behavior = Concurrency::Behavior::cancel;
  if (behavior == "FAIL") concurrency.behavior = Concurrency::Behavior::fail;
  return concurrency;
}

std::vector<Output> compile_outputs(const Json* written) {
  std::vector<Output> outputs;
  if (!written || !written->is_array()) return outputs;
  for (const Json& item : written->as_array()) {
    const JsonObject& object = item.as_object();
    Output output{text_or(object, "id"), text_or(object, "type"), true, {}};
    if (const Json* required = find(object, "required"); !is_absent(required)) output.required = read_bool(*required).value_or(true);
    if (const Json* value = find(object, "value")) output.value = expression::Property::compile(*value);
    outputs.push_back(std::move(output));
  }
  return outputs;
}

void compile_triggers(Flow& flow, const Json& written, const Json& with_defaults, const Catalog& catalog) {
  const Json* triggers = find(with_defaults, "triggers");
  const Json* sources = find(written, "triggers");
  if (!triggers || !triggers->is_array() || !sources || !sources->is_array()) return;
  for (std::size_t i = 0; i < triggers->as_array().size(); ++i)
    if (triggers->as_array()[i].is_object()) flow.triggers.push_back(compile_trigger(triggers->as_array()[i].as_object(), sources->as_array()[i].as_object(), catalog));
}

void compile_listeners(Flow& flow, const Json& tree, Compiler& compiler) {
  const Json* listeners = find(tree, "listeners");
  if (!listeners || !listeners->is_array()) return;
  for (const Json& item : listeners->as_array()) {
    Listener listener;
    if (const Json* conditions = find(item, "conditions"); !is_absent(conditions)) listener.conditions = *conditions;
    listener.compiled = expression::Property::compile(listener.conditions);
    listener.tasks = compiler.branch("listeners", find(item, "tasks"));
    listener.tasks.key = std::to_string(flow.listeners.size());
    flow.listeners.push_back(std::move(listener));
  }
}

}  // namespace

std::shared_ptr<Flow> compile_flow(const Json& written, const Json& with_defaults, const Positions& positions, const Catalog& catalog) {
  auto flow = std::make_shared<Flow>();
  const JsonObject& object = with_defaults.as_object();
  const auto text = [&](std::string_view key) {
    const Json* value = find(object, key);
    return is_absent_text(value) ? std::string() : to_text(*value);
  };
  flow->ns = Namespace(text("namespace"));
  flow->id = FlowId(text("id"));
  flow->disabled = flag(object, "disabled");
  flow->deleted = flag(object, "deleted");
  flow->description = text("description");
  flow->labels = compile_labels(find(object, "labels"));
  flow->inputs = compile_inputs(find(object, "inputs"));
  if (const Json* variables = find(object, "variables"); variables && variables->is_object()) flow->variables = variables->as_object();
  Compiler compiler(*flow, positions, catalog);
  flow->main = compiler.branch("tasks", find(object, "tasks"));
  flow->errors = compiler.branch("errors", find(object, "errors"));
  flow->finally = compiler.branch("finally", find(object, "finally"));
  flow->after_execution = compiler.branch("afterExecution", find(object, "afterExecution"));
  compile_listeners(*flow, with_defaults, compiler);
  compiler.resolve_dependencies();
  compile_triggers(*flow, written, with_defaults, catalog);
  flow->outputs = compile_outputs(find(object, "outputs"));
  if (const Json* retry = find(object, "retry")) flow->retry = compile_retry(*retry);
  if (const Json* concurrency = find(object, "concurrency"); concurrency && concurrency->is_object()) flow->concurrency = compile_concurrency(*concurrency);
  flow->tree = flow_tree(written);
  if (const Json* sla = find(flow->tree, "sla")) flow->sla = *sla;
  return flow;
}

}  // namespace insula::flow
