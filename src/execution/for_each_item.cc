// core.flow.ForEachItem: a Sequential of three parts. A worker splits the file, then one execution per batch is started and waited for (here),
// then a worker puts their outputs together.
#include "execution/inline_task.h"
#include "execution/variables.h"

namespace insula::execution {

namespace {

constexpr std::string_view kItemsSuffix = "_items", kSplitSuffix = "_split";

// `outputs.<task>` inside of loops is nested by the values around it.
const Json* of_iteration(const Json& outputs, const Scope* scope, std::string_view name) {
  const Json* at = &outputs;
  if (scope) {
    for (const std::string& value : scope->path) {
      if (const Json* inner = insula::find(*at, value)) at = inner;
    }
  }
  return insula::find(*at, name);
}

std::unexpected<expression::Interruption> ask_for(expression::Lookup lookup) { return std::unexpected(expression::Interruption(expression::Needs{{std::move(lookup)}})); }

// A folder of this task run, as 1.3 names it: without scheme.
std::string folder_of(const Frontier& frontier, const Node& node) {
  std::string ns = frontier.header.ns.str(), task = lower_ascii(node.row.task_id.str()), flow = lower_ascii(frontier.header.flow_id.str());
  std::ranges::replace(ns, '.', '/');
  std::ranges::replace(task, '_', '-');
  std::ranges::replace(flow, '_', '-');
  return fmt::format("/{}/{}/executions/{}/tasks/{}/{}", ns, flow, frontier.header.id, task, node.row.id);
}

JsonObject shown(const Frontier& frontier, const Node& node, bool waits) {
  const Batches& batches = *node.batches;
  JsonObject iterations;
  if (waits) iterations = {{"CREATED", 0}, {"RUNNING", batches.open()}};
  for (const auto& [state, count] : batches.ended) iterations[to_string(state)] = count;
  if (!waits) iterations["RUNNING"] = batches.open();
  return {{"subflowOutputsBaseUri", folder_of(frontier, node)}, {"iterations", std::move(iterations)}, {"numberOfBatches", batches.total}};
}

State end_of(const Batches& batches, bool transmit) {
  if (!transmit) return State::success;
  for (const State state : {State::failed, State::killed, State::warning}) {
    if (batches.ended.contains(state)) return state;
  }
  return State::success;
}

}  // namespace

int Batches::open() const {
  int count = started;
  for (const auto& [state, of_state] : ended) count -= of_state;
  return count;
}

Json Batches::to_json() const {
  JsonObject counts;
  for (const auto& [state, count] : ended) counts[to_string(state)] = count;
  return JsonObject{{"total", total}, {"started", started}, {"ended", std::move(counts)}};
}

Batches Batches::from_json(const JsonObject& json) {
  Batches batches;
  if (const Json* total = insula::find(json, "total")) batches.total = total->to_number<int>();
  if (const Json* started = insula::find(json, "started")) batches.started = started->to_number<int>();
  if (const Json* counts = insula::find(json, "ended")) {
    for (const auto& [name, count] : counts->as_object()) {
      if (const std::optional<State> state = parse_state(name)) batches.ended[*state] = count.to_number<int>();
    }
  }
  return batches;
}

// The URIs of the batches: lines of the file that the part before has written.
expression::Rendered<std::vector<std::string>> Frontier::batches_of(Node& node) {
  const std::string id = node.row.task_id.str();
  const std::string split = id.substr(0, id.size() - kItemsSuffix.size()) + std::string(kSplitSuffix);
  const TaskVariables variables(*this, node, Json(nullptr));
  const expression::Answer outputs = variables.member("outputs", split);
  if (std::holds_alternative<expression::Pending>(outputs)) return ask_for({"outputs", JsonObject{{"key", split}}});
  const Json* known = std::holds_alternative<Json>(outputs) ? &std::get<Json>(outputs) : std::holds_alternative<const Json*>(outputs) ? std::get<const Json*>(outputs) : nullptr;
  const Json* uri = known ? of_iteration(*known, node.scope, "splits") : nullptr;
  if (!uri) return std::unexpected(expression::Interruption(invalid_property(fmt::format("The task run of '{}' has no output `splits`: restart the execution from it", split))));
  const expression::Lookup read{"read", JsonObject{{"path", *uri}}};
  const expression::Answer content = variables.lookup(read);
  if (std::holds_alternative<expression::Pending>(content)) return ask_for(read);
  if (const auto* error = std::get_if<Error>(&content)) return std::unexpected(expression::Interruption(*error));
  std::vector<std::string> uris;
  const std::string text = std::holds_alternative<Json>(content) ? to_text(std::get<Json>(content)) : std::string();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (end > begin) uris.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return uris;
}

void Frontier::start_batches(Node& node) {
  if (!node.batches) node.batches.emplace();
  if (!node.values_known) {
    auto uris = batches_of(node);
    if (!uris) {
      if (const auto* needs = std::get_if<expression::Needs>(&uris.error())) return park(node, *needs);
      return fail_batches(node, std::get<Error>(uris.error()), true);
    }
    node.values = std::move(*uris);
    node.values_known = true;
    node.batches->total = static_cast<int>(node.values.size());
  }
  if (node.values.empty()) return finish(node, State::success);
  start_next_batch(node);
}

// One at a time, each answered by batch_started: what is written is always so many as were started.
void Frontier::start_next_batch(Node& node) {
  const int batch = node.batches->started;
  const InlineCall call(*this, node);
  node.names_batch = true;
  const auto inputs = call.structured("inputs");
  node.names_batch = false;
  auto start = inputs ? start_of(call, node.row.id, inputs->is_object() ? inputs->as_object() : JsonObject()) : std::unexpected(inputs.error());
  if (!start) {
    if (const auto* needs = std::get_if<expression::Needs>(&start.error())) return park(node, *needs);
    return fail_batches(node, std::get<Error>(start.error()), false);
  }
  JsonObject& by = start->trigger.variables.as_object();
  by["taskRunOutputs"] = JsonObject{{"numberOfBatches", node.batches->total}};
  by["taskRunIteration"] = batch;
  start->batch = batch;
  node.wait = Wait::subflow;
  command(std::move(*start));
}

void Frontier::batch_started(Node& node, const ExecutionId& id) {
  const bool waits = literal_flag(task_of(node), "wait", true);
  if (node.batches->started == 0) {
    node.row.attempts.push_back({StateHistory(State::created, now()), {}, {}});
    move(node, State::running);
  }
  ++node.batches->started;
  if (!waits) ++node.batches->ended[State::success];
  node.row.outputs = shown(*this, node, waits);
  touch(node);
  log(&node, LogLevel::info, "Created new execution " + execution_link(id, task_of(node)));
  if (node.batches->started < node.batches->total) return start_next_batch(node);
  node.answers.clear();
  if (!waits) end_batches(node, State::success);
}

void Frontier::batch_ended(Node& node, const SubflowChanged& event) {
  if (!is_terminal(event.state) || node.batches->open() == 0) return;
  ++node.batches->ended[event.state];
  node.row.outputs = shown(*this, node, true);
  touch(node);
  const bool all = node.batches->started == node.batches->total && node.batches->open() == 0;
  if (all) end_batches(node, end_of(*node.batches, literal_flag(task_of(node), "transmitFailed", true)));
}

// Those that were started before the one that cannot be are of no use any more.
void Frontier::fail_batches(Node& node, const Error& error, bool task_knows) {
  if (task_knows) log(&node, LogLevel::error, error.message);
  log(node.parent->is_root() ? nullptr : node.parent, LogLevel::error, error.message);
  if (node.batches->open() > 0) command(KillBatches{node.row.id});
  if (node.batches->started == 0) node.row.attempts.push_back({StateHistory(State::failed, now()), {}, {}});
  end_batches(node, State::failed);
}

void Frontier::end_batches(Node& node, State state) {
  clear_timers(node);
  close_attempt(node, state);
  finish(node, state);
}

}  // namespace insula::execution
