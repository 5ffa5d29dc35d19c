// Which outputs and states stay in memory for expressions, and what a job gets of them.
#include "execution/frontier.h"
#include "execution/variables.h"

namespace insula::execution {

void Frontier::hold(Node& node) {
  if (!node.scope) {
    left_memory.insert(node.row.task_id);
    return;
  }
  Held& held = node.scope->held[node.row.task_id];
  held.state = node.row.state.current();
  held.value = node.row.value;
  const flow::Task& task = task_of(node);
  const bool ended_by_worker = node.row.state.is_terminal() && held.state != State::skipped && !node.row.attempts.empty() && !node.row.attempts.front().worker_id.empty();
  const bool flowable = is_flowable(task) && (node.wait == Wait::children || node.row.state.is_terminal());
  if (node.row.outputs.empty() && !flowable && !ended_by_worker) {
    held.outputs.reset();
    return;
  }
  held.outputs = node.row.outputs;
  if (!node.row.outputs.empty() && node.row.state.is_terminal()) held_bytes += write_json(node.row.outputs).size();
  if (held_bytes > kHeldBytesMax) trim_held();
}

// Lets go of what ended task runs of the execution's own scope hold: expressions that name them ask for them again.
void Frontier::trim_held() {
  std::set<TaskId> open;
  for (const auto& [position, node] : nodes) open.insert(node->row.task_id);
  for (auto held = scope.held.begin(); held != scope.held.end();) {
    if (open.contains(held->first)) {
      ++held;
      continue;
    }
    left_memory.insert(held->first);
    held = scope.held.erase(held);
  }
  held_bytes = 0;
}

namespace {

void ask(expression::Needs& needs, expression::Lookup lookup) {
  if (std::ranges::find(needs.lookups, lookup) == needs.lookups.end()) needs.lookups.push_back(std::move(lookup));
}

// Puts one answer under `key`, or asks for it.
void put(JsonObject& into, std::string_view key, const expression::Answer& answer, expression::Lookup lookup, expression::Needs& needs) {
  if (std::holds_alternative<expression::Pending>(answer)) return ask(needs, std::move(lookup));
  if (const auto* value = std::get_if<Json>(&answer)) into[key] = *value;
  if (const auto* value = std::get_if<const Json*>(&answer)) into[key] = **value;
}

}  // namespace

JsonObject Frontier::job_variables(Node& node, expression::Needs& needs) {
  const flow::Task& task = task_of(node);
  const TaskVariables variables(*this, node, Json(task.properties));
  JsonObject given = roots;
  add_surroundings(given, *context);
  if (!plain_inputs->as_object().empty()) given["inputs"] = *plain_inputs;
  for (const auto& [name, value] : variables.own()) given[name] = value;
  std::set<std::pair<std::string, std::string>> named;
  bool open = false;
  const auto collect = [&](const expression::Property& property) {
    const expression::Template::References references = property.references();
    open = open || references.is_open;
    for (const std::vector<std::string>& path : references.paths) {
      if (path.empty() || (path[0] != "outputs" && path[0] != "tasks")) continue;
      if (path.size() < 2) open = true;
      else named.emplace(path[0], path[1]);
    }
  };
  for (const auto& [name, property] : task.compiled) collect(property);
  if (task.timeout) collect(*task.timeout);
  for (const std::string_view root_name : {std::string_view("outputs"), std::string_view("tasks")}) {
    if (open) {
      put(given, root_name, variables.whole(root_name), {std::string(root_name), JsonObject{}}, needs);
      continue;
    }
    JsonObject members;
    for (const auto& [of, key] : named) {
      if (of == root_name) put(members, key, variables.member(of, key), {of, JsonObject{{"key", key}}}, needs);
    }
    given[root_name] = std::move(members);
  }
  return given;
}

}  // namespace insula::execution
