#include "execution/variables.h"

namespace insula::execution {

namespace {

void put_nested(JsonObject& object, std::string_view dotted, Json value) {
  const std::size_t dot = dotted.find('.');
  if (dot == std::string_view::npos) {
    object[dotted] = std::move(value);
    return;
  }
  Json& next = object[dotted.substr(0, dot)];
  if (!next.is_object()) next.emplace_object();
  put_nested(next.as_object(), dotted.substr(dot + 1), std::move(value));
}

// `parents`, nearest first: only flowables that have a value or outputs.
JsonArray parents_of(const Node& node) {
  JsonArray parents;
  for (const Node* at = node.parent; at && !at->is_root(); at = at->parent) {
    JsonObject one;
    if (at->row.value) one["taskrun"] = JsonObject{{"value", *at->row.value}};
    if (!at->row.outputs.empty()) one["outputs"] = at->row.outputs;
    if (!one.empty()) parents.push_back(std::move(one));
  }
  return parents;
}

// Wraps `value` in objects keyed by the values of the iterations around it.
Json nested(const std::vector<std::string>& path, Json value) {
  for (auto key = path.rbegin(); key != path.rend(); ++key) value = JsonObject{{*key, std::move(value)}};
  return value;
}

Json held_outputs(const Scope& scope, const Held& held) {
  if (held.outputs->as_object().empty()) return JsonObject{};
  return nested(scope.path, *held.outputs);
}

Json held_state(const Held& held) {
  JsonObject state{{"state", to_string(held.state)}};
  if (held.value) return JsonObject{{*held.value, std::move(state)}};
  return state;
}

void merge(JsonObject& into, const JsonObject& from) {
  for (const auto& [key, value] : from) {
    Json& at = into[key];
    if (at.is_object() && value.is_object()) merge(at.as_object(), value.as_object());
    else at = value;
  }
}

// Every scope that is in memory: the execution's and those of the iterations in flight.
void each_scope(const Frontier& frontier, const std::function<void(const Scope&)>& visit) {
  visit(frontier.scope);
  for (const auto& [position, node] : frontier.nodes) {
    for (const auto& [index, item] : node->progress.items) {
      if (item.scope) visit(*item.scope);
    }
  }
}

}  // namespace

JsonObject labels_root(const std::vector<Label>& labels) {
  JsonObject root;
  for (const Label& label : labels) put_nested(root, label.key, Json(label.value));
  return root;
}

JsonObject decrypted_inputs(const JsonObject& inputs, const StepContext& context) {
  JsonObject plain;
  for (const auto& [key, value] : inputs) {
    if (!value.is_object()) {
      plain[key] = value;
    } else if (text_or(value.as_object(), "type") == "io.kestra.datatype:aes_encrypted") {
      Result<std::string> text = context.decrypt ? context.decrypt(value) : fail(ErrorKind::unavailable, "encryption-key-missing", "no key");
      plain[key] = text ? Json(*text) : value;
    } else {
      plain[key] = decrypted_inputs(value.as_object(), context);
    }
  }
  return plain;
}

JsonObject common_roots(const flow::Flow& flow, const Header& header, const StepContext& context) {
  JsonObject roots;
  roots["flow"] = JsonObject{{"id", header.flow_id.str()}, {"namespace", header.ns.str()}, {"revision", header.flow_revision}};
  if (!context.tenant_id.empty()) roots["flow"].as_object()["tenantId"] = context.tenant_id;
  JsonObject execution{{"id", header.id.str()},
                       {"state", to_string(header.state.current())},
                       {"startDate", format_instant(header.state.start())},
                       {"originalId", header.original_id.str()}};
  if (!header.outputs.empty()) execution["outputs"] = header.outputs;
  roots["execution"] = std::move(execution);
  // The execution's own copy, made of the flow's when it started: SetVariables changes it, UnsetVariables takes away.
  const JsonObject& vars = header.task_runs == 0 && header.variables.empty() ? flow.variables : header.variables;
  if (!vars.empty()) roots["vars"] = vars;
  if (header.trigger && !header.trigger->variables.is_null()) {
    roots["trigger"] = header.trigger->variables;
    if (header.trigger->type.ends_with(".Schedule")) roots["schedule"] = header.trigger->variables;
  }
  roots["labels"] = labels_root(header.labels);
  return roots;
}

void add_surroundings(JsonObject& roots, const StepContext& context) {
  if (!context.surroundings) return;
  for (const auto& [name, value] : *context.surroundings) roots[name] = value;
}

JsonObject task_run_root(const TaskRun& row) {
  JsonObject root{{"id", row.id.str()}, {"startDate", format_instant(row.state.start())}};
  // The attempt at hand does not count before it is over.
  const auto ended = std::ranges::count_if(row.attempts, [](const Attempt& attempt) { return attempt.state.is_terminal(); });
  root["attemptsCount"] = static_cast<std::int64_t>(ended);
  if (row.parent_id) root["parentId"] = row.parent_id->str();
  if (row.value) root["value"] = *row.value;
  if (row.iteration) root["iteration"] = *row.iteration;
  return root;
}

TaskVariables::TaskVariables(Frontier& frontier, const Node& node, const Json& reading) : frontier_(frontier), node_(node), own_iteration_(read_of_own_iteration(reading)) {
  if (!frontier.plain_inputs) frontier.plain_inputs = decrypted_inputs(frontier.header.inputs, *frontier.context);
  if (frontier.roots.empty()) frontier.roots = common_roots(*frontier.flow, frontier.header, *frontier.context);
  if (node.is_root()) return;
  const flow::Task& task = frontier.task_of(node);
  own_["task"] = JsonObject{{"id", task.id.str()}, {"type", task.type}};
  JsonObject task_run = task_run_root(node.row);
  // A child of a WorkingDirectory stands where that stands: it sees its value, and what is around it.
  const bool in_directory = !node.parent->is_root() && is_working_directory(frontier.task_of(*node.parent));
  if (in_directory && node.parent->row.value) task_run["value"] = *node.parent->row.value;
  if (in_directory && node.parent->row.iteration) task_run["iteration"] = *node.parent->row.iteration;
  if (node.names_batch) task_run = {{"items", node.values[static_cast<std::size_t>(node.batches->started)]}, {"iteration", node.batches->started}};
  own_["taskrun"] = std::move(task_run);
  JsonArray parents = parents_of(in_directory ? *node.parent : node);
  if (!parents.empty()) own_["parent"] = parents.front();
  own_["parents"] = std::move(parents);
}

const Json* TaskVariables::root(std::string_view name) const {
  if (const Json* own = insula::find(own_, name)) return own;
  if (name == "inputs") return frontier_.plain_inputs->as_object().empty() ? nullptr : &*frontier_.plain_inputs;
  if (const Json* common = insula::find(frontier_.roots, name)) return common;
  const std::shared_ptr<const JsonObject>& surroundings = frontier_.context->surroundings;
  return surroundings ? insula::find(*surroundings, name) : nullptr;
}

std::vector<std::string> TaskVariables::root_names() const {
  std::vector<std::string> names{"outputs", "tasks"};
  if (!frontier_.plain_inputs->as_object().empty()) names.emplace_back("inputs");
  for (const auto& [name, value] : own_) names.emplace_back(name);
  for (const auto& [name, value] : frontier_.roots) names.emplace_back(name);
  if (frontier_.context->surroundings) {
    for (const auto& [name, value] : *frontier_.context->surroundings) names.emplace_back(name);
  }
  return names;
}

expression::Answer TaskVariables::answered(const expression::Lookup& lookup) const {
  for (const Answered::One& one : node_.answers) {
    if (one.lookup == lookup) return one.answer;
  }
  return expression::Pending{};
}

expression::Answer TaskVariables::lookup(const expression::Lookup& lookup) const { return answered(lookup); }

expression::Answer TaskVariables::member(std::string_view root, std::string_view key) const {
  const bool outputs = root == "outputs";
  const TaskId id(key);
  const flow::Task* task = frontier_.flow->find(id);
  if (!task) return expression::Undefined{};
  const auto shown = [&](const Scope& scope, const Held& held) -> expression::Answer {
    if (!outputs) return held_state(held);
    if (!held.outputs) return expression::Undefined{};
    return held_outputs(scope, held);
  };
  const flow::TaskIndex loop = innermost_loop(*frontier_.flow, task->index);
  const bool own_iteration_is_enough = loop == flow::kNoTask || own_iteration_.contains(key);
  if (own_iteration_is_enough) {
    for (const Scope* scope = node_.scope; scope; scope = scope->parent) {
      if (scope->loop != loop) continue;
      const auto held = scope->held.find(id);
      if (held != scope->held.end()) return shown(*scope, held->second);
      // Nothing of it has run in this iteration, and this iteration has never left memory.
      if (loop != flow::kNoTask && !frontier_.past_unknown) return expression::Undefined{};
      break;
    }
  }
  if (!frontier_.past_unknown && !frontier_.left_memory.contains(id)) {
    JsonObject all;
    bool any = false;
    each_scope(frontier_, [&](const Scope& scope) {
      const auto held = scope.held.find(id);
      if (held == scope.held.end() || (outputs && !held->second.outputs)) return;
      any = true;
      merge(all, (outputs ? held_outputs(scope, held->second) : held_state(held->second)).as_object());
    });
    if (!any) return expression::Undefined{};
    return Json(std::move(all));
  }
  return answered({std::string(root), JsonObject{{"key", key}}});
}

expression::Answer TaskVariables::whole(std::string_view root) const {
  const bool outputs = root == "outputs";
  if (frontier_.past_unknown || !frontier_.left_memory.empty()) return answered({std::string(root), JsonObject{}});
  JsonObject all;
  each_scope(frontier_, [&](const Scope& scope) {
    for (const auto& [id, held] : scope.held) {
      if (outputs && !held.outputs) continue;
      Json& at = all[id.str()];
      if (!at.is_object()) at.emplace_object();
      merge(at.as_object(), (outputs ? held_outputs(scope, held) : held_state(held)).as_object());
    }
  });
  return Json(std::move(all));
}

expression::Environment environment_of(const Frontier& frontier, const Node& node, std::string_view salt) {
  expression::Environment environment;
  environment.now = node.rendered_at == Instant{} ? frontier.now() : node.rendered_at;
  std::uint64_t hash = 1469598103934665603ull;
  for (const char c : salt) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  environment.seed = node.seed ^ hash;
  environment.zone = frontier.context->zone;
  environment.recursive = frontier.context->recursive_rendering;
  environment.jq = frontier.context->jq;
  return environment;
}

namespace {

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

// One use of `outputs` or `tasks` at `at` (after the word): its key, and whether the value after it is that of an iteration around the reader.
struct Use { std::string key; bool own = false; };

std::optional<Use> read_use(std::string_view text, std::size_t at, bool current_each) {
  Use use;
  if (at < text.size() && text[at] == '.') {
    std::size_t end = at + 1;
    while (end < text.size() && is_word(text[end])) ++end;
    use.key = text.substr(at + 1, end - at - 1);
    at = end;
  } else if (at + 1 < text.size() && text[at] == '[' && (text[at + 1] == '\'' || text[at + 1] == '"')) {
    const std::size_t end = text.find(text[at + 1], at + 2);
    if (end == std::string_view::npos || end + 1 >= text.size() || text[end + 1] != ']') return std::nullopt;
    use.key = text.substr(at + 2, end - at - 2);
    at = end + 2;
  }
  if (use.key.empty()) return std::nullopt;
  if (current_each) {
    use.own = true;
    return use;
  }
  if (at >= text.size() || text[at] != '[') return use;
  const std::string_view inside = trim(text.substr(at + 1, std::min(text.find(']', at), text.size()) - at - 1));
  use.own = inside == "taskrun.value" || inside == "parent.taskrun.value" || inside.starts_with("parents[");
  return use;
}

void scan(std::string_view text, std::map<std::string, bool>& uses, bool& all_unclear) {
  for (const std::string_view word : {std::string_view("outputs"), std::string_view("tasks")}) {
    for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
      const bool inside_word = (at > 0 && (is_word(text[at - 1]) || text[at - 1] == '.')) || (at + word.size() < text.size() && is_word(text[at + word.size()]));
      if (inside_word) continue;
      const bool current_each = text.substr(0, at).ends_with("currentEachOutput(");
      const std::optional<Use> use = read_use(text, at + word.size(), current_each);
      if (!use) {
        all_unclear = true;
        continue;
      }
      const auto [known, added] = uses.emplace(use->key, use->own);
      if (!added) known->second = known->second && use->own;
    }
  }
}

void scan_all(const Json& value, std::map<std::string, bool>& uses, bool& unclear) {
  if (value.is_string()) scan(as_view(value.as_string()), uses, unclear);
  if (value.is_array()) for (const Json& item : value.as_array()) scan_all(item, uses, unclear);
  if (!value.is_object()) return;
  for (const auto& [key, item] : value.as_object()) {
    scan(key, uses, unclear);
    scan_all(item, uses, unclear);
  }
}

}  // namespace

std::set<std::string, std::less<>> read_of_own_iteration(const Json& source) {
  std::map<std::string, bool> uses;
  bool unclear = false;
  scan_all(source, uses, unclear);
  std::set<std::string, std::less<>> own;
  if (unclear) return own;
  for (const auto& [key, is_own] : uses) {
    if (is_own) own.insert(key);
  }
  return own;
}

}  // namespace insula::execution
