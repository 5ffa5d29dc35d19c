// core.flow.Subflow: another execution of the same tenant, waited for or not.
#include "execution/frontier.h"
#include "execution/inline_task.h"

namespace insula::execution {

namespace {

std::unexpected<expression::Interruption> refused_property(std::string message) { return std::unexpected(expression::Interruption(invalid_property(std::move(message)))); }

expression::Rendered<std::vector<Label>> labels_of(const InlineCall& call) {
  const auto given = call.structured("labels");
  if (!given) return std::unexpected(given.error());
  std::vector<Label> labels;
  if (given->is_object()) {
    for (const auto& [key, value] : given->as_object()) labels.push_back({std::string(key), to_text(value)});
  } else if (given->is_array()) {
    for (const Json& item : given->as_array()) {
      if (!item.is_object()) return refused_property("`labels` must be a map, or a list of `key` and `value`");
      labels.push_back({text_or(item.as_object(), "key"), text_or(item.as_object(), "value")});
    }
  }
  return labels;
}

// The labels a child gets: those of the system (a replay shows in it, too), inherited ones, its own, and always the correlation id.
std::vector<Label> child_labels(const Header& header, bool inherit, const std::vector<Label>& own) {
  std::vector<Label> labels;
  const auto put = [&](const Label& label) {
    const auto known = std::ranges::find(labels, label.key, &Label::key);
    if (known == labels.end()) labels.push_back(label);
    else known->value = label.value;
  };
  for (const Label& label : header.labels) {
    if (inherit || label.key.starts_with("system.")) put(label);
  }
  for (const Label& label : own) put(label);
  const auto correlation = std::ranges::find(header.labels, "system.correlationId", &Label::key);
  put({"system.correlationId", correlation == header.labels.end() ? header.id.str() : correlation->value});
  return labels;
}

}  // namespace

expression::Rendered<StartSubflow> start_of(const InlineCall& call, const TaskRunId& id, JsonObject inputs) {
  const auto ns = call.text("namespace");
  if (!ns) return std::unexpected(ns.error());
  const auto flow_id = call.text("flowId");
  if (!flow_id) return std::unexpected(flow_id.error());
  const auto labels = labels_of(call);
  if (!labels) return std::unexpected(labels.error());
  const auto inherit = call.flag("inheritLabels", false);
  if (!inherit) return std::unexpected(inherit.error());
  const auto wait = call.flag("wait", true);
  if (!wait) return std::unexpected(wait.error());
  const auto revision = call.text("revision");
  if (!revision) return std::unexpected(revision.error());
  const auto date = call.text("scheduleDate");
  if (!date) return std::unexpected(date.error());
  StartSubflow start;
  start.task_run_id = id;
  start.ns = Namespace(ns->value_or(""));
  start.flow_id = FlowId(flow_id->value_or(""));
  if (*revision) start.revision = std::atoi((*revision)->c_str());
  start.inputs = std::move(inputs);
  start.labels = child_labels(call.header(), *inherit, *labels);
  start.wait = *wait;
  if (*date && !(*date)->empty()) {
    start.schedule_date = parse_instant(**date);
    if (!start.schedule_date) return refused_property(fmt::format("`scheduleDate` must be an ISO-8601 date with a zone, but it is `{}`", **date));
  }
  const Header& header = call.header();
  start.trigger = {call.task().id.str(), call.task().type,
                   JsonObject{{"executionId", header.id.str()}, {"namespace", header.ns.str()}, {"flowId", header.flow_id.str()},
                              {"flowRevision", header.flow_revision}, {"taskRunId", id.str()}, {"taskId", call.task().id.str()}}};
  start.calling_namespace = header.ns;
  return start;
}

std::string execution_link(const ExecutionId& id, const flow::Task& task) {
  const auto text = [&](std::string_view name) {
    const expression::Property* property = task.property(name);
    return property ? to_text(property->source()) : std::string();
  };
  return fmt::format("[[link execution=\"{}\" flowId=\"{}\" namespace=\"{}\"]]", id, text("flowId"), text("namespace"));
}

bool literal_flag(const flow::Task& task, std::string_view name, bool otherwise) {
  const expression::Property* property = task.property(name);
  if (!property || property->source().is_null()) return otherwise;
  return lower_ascii(to_text(property->source())) == "true";
}

namespace {

// What the end of the child makes of the task (sharp edge 37).
State state_for_parent(State child, bool transmit) {
  if (!transmit) return State::success;
  switch (child) {
    case State::failed: case State::killed: case State::warning: return child;
    default: return State::success;
  }
}

}  // namespace

void Frontier::start_subflow(Node& node) {
  if (node.restart_child) {
    const ExecutionId child = *std::exchange(node.restart_child, std::nullopt);
    node.wait = Wait::subflow;
    command(RestartSubflow{node.row.id, child});
    return subflow_started(node, child);
  }
  const InlineCall call(*this, node);
  const auto inputs = call.structured("inputs");
  auto start = inputs ? start_of(call, node.row.id, inputs->is_object() ? inputs->as_object() : JsonObject()) : std::unexpected(inputs.error());
  if (!start) {
    if (const auto* needs = std::get_if<expression::Needs>(&start.error())) return park(node, *needs);
    return fail_before_start(node, std::get<Error>(start.error()).message, false);
  }
  node.wait = Wait::subflow;
  node.answers.clear();
  command(std::move(*start));
}

void Frontier::subflow_started(Node& node, const ExecutionId& id) {
  node.child = id;
  open_attempt(node, {});
  move(node, State::running);
  log(&node, LogLevel::info, "Created new execution " + execution_link(id, task_of(node)));
  if (literal_flag(task_of(node), "wait", true)) return;
  attempt_ended(node, State::success, JsonObject{{"executionId", id.str()}, {"state", to_string(State::created)}});
}

void Frontier::subflow_refused(Node& node, const Error& error) {
  // Only what is known before the child's inputs are looked at is told by the task itself, too.
  fail_before_start(node, error.message, error.kind == ErrorKind::not_found || error.kind == ErrorKind::conflict);
}

void Frontier::subflow_changed(Node& node, const SubflowChanged& event) {
  const ExecutionId& id = event.execution_id;
  const State state = event.state;
  if (node.wait != Wait::subflow || !node.child || *node.child != id || !is_terminal(state)) return;
  const flow::Task& task = task_of(node);
  JsonObject results{{"executionId", id.str()}, {"state", to_string(state)}};
  if (!event.outputs_error.empty()) {
    results.erase("state");
    log(&node, LogLevel::error, event.outputs_error);
    return attempt_ended(node, State::failed, std::move(results));
  }
  if (!event.outputs.empty()) results["outputs"] = event.outputs;
  State shown = state_for_parent(state, literal_flag(task, "transmitFailed", true));
  if (shown == State::success && state == State::success) return attempt_ended(node, State::success, std::move(results));
  shown = converted(node, shown);
  if (shown == State::failed || shown == State::warning) {
    log(&node, shown == State::failed ? LogLevel::error : LogLevel::warn,
        fmt::format("Subflow execution {} ends in {} state", execution_link(id, task), to_string(shown)));
  }
  node.row.outputs = std::move(results);
  close_attempt(node, state);
  if (shown == State::failed && retry_later(node)) return;
  if (shown != state) {  // it shows both: what the child was, and what becomes of it
    node.row.attempts.back().state.move_to(shown, now());
    node.row.state.move_to(state, now());
  }
  finish(node, shown);
}

}  // namespace insula::execution
