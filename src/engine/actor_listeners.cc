// Flow triggers: a change of state of one execution starts others, within the turn that writes the change (I2). What listens is known beforehand by the flow
// it listens to, so that an execution nobody waits for costs nothing.
#include "engine/reply.h"

namespace insula::engine {

namespace {
constexpr std::size_t kUpstreamRowsMax = 10'000;   // task runs whose outputs an expression of a trigger may read
}

// What the expressions of a Flow trigger see: the variables of the execution that changed state, with the flow of the trigger. The task runs are read only
// when an expression names `outputs` or `tasks`.
class UpstreamVariables final : public expression::Variables {
 public:
  struct Source {
    std::function<JsonObject()> base;                                        // without outputs and tasks
    std::function<Result<std::vector<execution::TaskRun>>()> task_runs;
    std::function<JsonObject(const std::vector<execution::TaskRun>&)> with_task_runs;
    std::function<expression::Answer(const flow::Flow&, const expression::Lookup&)> lookup;
  };
  explicit UpstreamVariables(Source source) : source_(std::move(source)) {}

  // Of the listener at hand.
  void listen(const flow::Flow& flow, const std::string& tenant) {
    flow_ = &flow;
    own_ = {{"flow", {{"id", flow.id.str()}, {"namespace", flow.ns.str()}, {"revision", flow.revision}, {"tenantId", tenant}}}};
  }
  void define_trigger(JsonObject variables) { own_["trigger"] = std::move(variables); }

  const Json* root(std::string_view name) const override {
    if (const Json* own = insula::find(own_, name)) return own;
    if (name == "outputs" || name == "tasks") return of_task_runs(name);
    if (!base_) base_ = source_.base();
    return insula::find(*base_, name);
  }
  std::vector<std::string> root_names() const override {
    std::vector<std::string> names{"outputs", "tasks"};
    if (!base_) base_ = source_.base();
    for (const auto& [name, value] : *base_) {
      if (name != "outputs" && name != "tasks") names.emplace_back(name);
    }
    return names;
  }
  expression::Answer lookup(const expression::Lookup& lookup) const override { return source_.lookup(*flow_, lookup); }

 private:
  const Json* of_task_runs(std::string_view name) const {
    if (!of_task_runs_) {
      auto rows = source_.task_runs();
      if (!rows) throw std::runtime_error(rows.error().message);
      of_task_runs_ = source_.with_task_runs(*rows);
    }
    return insula::find(*of_task_runs_, name);
  }

  Source source_;
  const flow::Flow* flow_ = nullptr;
  JsonObject own_;
  mutable std::optional<JsonObject> base_, of_task_runs_;
};

void TenantActor::load_listeners(const std::vector<store::FlowRow>& flows, std::vector<triggers::Window> windows) {
  for (const store::FlowRow& row : flows) {
    if (std::ranges::find(row.trigger_types, triggers::kFlow) == row.trigger_types.end()) continue;
    if (auto found = head(row.ns, row.id); found && *found != nullptr) index_listeners((*found)->flow);
  }
  std::vector<triggers::Window> past;
  for (triggers::Window& window : windows) {
    if (window.end < now_) {
      past.push_back(std::move(window));
      continue;
    }
    const TriggerKey key{window.ns, window.flow_id, window.trigger_id};
    windows_[key].push_back(std::move(window));
  }
  if (past.empty()) return;
  continue_.push_back([past = std::move(past)](TenantActor& actor) {
    for (const triggers::Window& window : past) actor.turn_.end(window);
  });
}

void TenantActor::index_listeners(const std::shared_ptr<const flow::Flow>& flow) {
  std::vector<triggers::Listener> made = triggers::Listener::of(flow);
  if (made.empty()) return;
  const FlowKey own{flow->ns, flow->id};
  for (const triggers::Listener& listener : made) {
    if (!listener.sources()) heard_everywhere_.insert(own);
    else for (const auto& source : *listener.sources()) heard_in_[source].insert(own);
  }
  listeners_.insert_or_assign(own, std::move(made));
}

// After a flow was saved or deleted: it is indexed anew; windows of triggers and conditions that are gone go too.
void TenantActor::refresh_listeners(const Head& after) {
  const FlowKey own{after.row.ns, after.row.id};
  if (listeners_.erase(own) > 0) {
    heard_everywhere_.erase(own);
    for (auto at = heard_in_.begin(); at != heard_in_.end();) {
      at->second.erase(own);
      at = at->second.empty() ? heard_in_.erase(at) : std::next(at);
    }
  }
  if (!after.row.deleted) index_listeners(after.flow);
  std::set<std::pair<TriggerId, std::string>> kept;
  if (const auto made = listeners_.find(own); made != listeners_.end()) {
    for (const triggers::Listener& listener : made->second) {
      for (const triggers::Gathering& gathering : listener.gatherings()) kept.emplace(listener.trigger().id, gathering.id());
    }
  }
  for (auto at = windows_.lower_bound({own.first, own.second, TriggerId()}); at != windows_.end() && at->first.ns == own.first && at->first.flow == own.second;) {
    std::erase_if(at->second, [&](const triggers::Window& window) {
      if (kept.contains({window.trigger_id, window.condition_id})) return false;
      turn_.end(window);
      return true;
    });
    at = at->second.empty() ? windows_.erase(at) : std::next(at);
  }
}

void TenantActor::hear(Active& active) {
  const execution::Header& header = active.run.header();
  const auto& entries = header.state.entries();
  const std::size_t first = std::exchange(active.heard, entries.size());
  if (listeners_.empty()) return;
  // Copied: what it starts may make the header change under the list.
  std::vector<execution::State> entered;
  for (std::size_t i = first; i < entries.size(); ++i) entered.push_back(entries[i].state);
  for (const execution::State state : entered) hear(header, *active.run.flow(), state);
}

void TenantActor::hear(const execution::Header& header, const flow::Flow& flow, execution::State state) {
  if (suspended_ || state == execution::State::created || listeners_.empty()) return;   // to be created is no change of state
  const FlowKey source{header.ns, header.flow_id};
  std::set<FlowKey> concerned = heard_everywhere_;
  if (const auto named = heard_in_.find(source); named != heard_in_.end()) concerned.insert(named->second.begin(), named->second.end());
  concerned.erase(source);   // a flow does not listen to itself
  if (concerned.empty()) return;
  UpstreamVariables variables({
      .base = [this, &header, &flow] {
        execution::StepContext context = step_context();
        JsonObject made = execution::Run::variables_of(flow, header, {}, TaskRunId(), context);
        std::vector<std::string> secrets;
        if (!header.inputs.empty() && !ports_.settings.encryption_key.empty()) {
          if (auto plain = vault::decrypt_all(ports_.settings.encryption_key, Json(header.inputs), secrets)) made["inputs"] = std::move(*plain);
        }
        return made;
      },
      .task_runs = [this, &header] { return all_task_runs(header.id, kUpstreamRowsMax); },
      .with_task_runs = [this, &header, &flow](const std::vector<execution::TaskRun>& rows) {
        execution::StepContext context = step_context();
        return execution::Run::variables_of(flow, header, rows, TaskRunId(), context);
      },
      .lookup = [this, &header](const flow::Flow& listening, const expression::Lookup& lookup) {
        return answer_now(header, listening, lookup).value_or(expression::Answer{expression::Undefined{}});
      },
  });
  for (const FlowKey& key : concerned) {
    const auto found = listeners_.find(key);
    if (found == listeners_.end()) continue;
    for (const triggers::Listener& listener : found->second) {
      const auto& sources = listener.sources();
      if (!listener.listens_to(state) || (sources && std::ranges::find(*sources, source) == sources->end())) continue;
      hear_with(listener, variables, header, state);
    }
  }
}

void TenantActor::hear_with(const triggers::Listener& listener, UpstreamVariables& variables, const execution::Header& header, execution::State state) {
  variables.listen(listener.flow(), scope_.tenant().str());
  const expression::Environment env = environment();
  const triggers::ConditionContext context{variables, env, &header, state, [this, &header] { return all_task_runs(header.id, kUpstreamRowsMax); }};
  const auto zone = schedule::zone(ports_.settings.zone);
  const TriggerKey key{listener.flow().ns, listener.flow().id, listener.trigger().id};
  static const std::vector<triggers::Window> none;
  const auto known = windows_.find(key);
  triggers::Heard heard = listener.hear(context, known == windows_.end() ? none : known->second, now_, zone ? *zone : schedule::Zone::utc());
  const auto same = [](const triggers::Window& a) { return [&a](const triggers::Window& b) { return a.condition_id == b.condition_id; }; };
  for (triggers::Window& window : heard.ended) {
    std::erase_if(windows_[key], same(window));
    turn_.end(std::move(window));
  }
  for (triggers::Window& window : heard.changed) {
    std::erase_if(windows_[key], same(window));
    windows_[key].push_back(window);
    turn_.write(std::move(window));
  }
  if (const auto at = windows_.find(key); at != windows_.end() && at->second.empty()) windows_.erase(at);
  for (const Error& error : heard.errors) complain(listener, flow::LogLevel::warn, fmt::format("A condition of the trigger cannot be evaluated and does not hold: {}", error.message));
  if (heard.fires) fire(listener, variables, header, state, std::move(heard.outputs));
}

void TenantActor::fire(const triggers::Listener& listener, UpstreamVariables& variables, const execution::Header& upstream, execution::State state, JsonObject outputs) {
  const flow::Flow& flow = listener.flow();
  const flow::Trigger& trigger = listener.trigger();
  const expression::Environment env = environment();
  StartExecution command;
  command.ns = flow.ns;
  command.flow_id = flow.id;
  command.from.clear();
  const auto correlation = std::ranges::find(upstream.labels, std::string("system.correlationId"), &flow::Label::key);
  if (correlation != upstream.labels.end()) command.labels.push_back(*correlation);
  JsonObject shown = triggers::trigger_variables(upstream, state, std::move(outputs));
  variables.define_trigger(shown);
  auto header = new_header(flow, command);
  auto labels = triggers::labels_of(trigger, variables, env);
  auto given = triggers::inputs_of(trigger, variables, env);
  if (!header || !labels || !given) {
    const Error& error = !header ? header.error() : !labels ? labels.error() : given.error();
    return complain(listener, flow::LogLevel::warn,
                    fmt::format("Failed to trigger flow {}.{} for trigger {} on execution {}, invalid {}: {}", flow.ns, flow.id, trigger.id, upstream.id, labels ? "inputs" : "labels", error.message));
  }
  set_labels(*header, *labels);
  header->trigger = execution::TriggerInfo{trigger.id.str(), trigger.type, std::move(shown)};
  header->inputs = inputs_of_listener(flow, *given, *header);
  // Its row is written in this turn whatever happens; how far it gets in this turn is another matter.
  static_cast<void>(launch(listener.shared_flow(), std::move(*header), false));
}

// Nobody is there to be told of a missing or wrong input: what fits is bound, what does not stays as it was given, and tasks that read it fail.
JsonObject TenantActor::inputs_of_listener(const flow::Flow& flow, const flow::GivenInputs& given, const execution::Header& header) {
  if (auto bound = bind(flow.inputs, given, header, flow)) {
    JsonObject inputs = std::move(*bound);
    for (const auto& [name, value] : given) {
      const bool declared = std::ranges::any_of(flow.inputs, [&](const flow::Input& input) { return input.id == name; });
      if (const Json* json = std::get_if<Json>(&value); !declared && json != nullptr) inputs[name] = *json;
    }
    return inputs;
  }
  JsonObject inputs;
  for (const auto& [name, value] : given) {
    const auto input = std::ranges::find(flow.inputs, name, &flow::Input::id);
    if (input != flow.inputs.end()) {
      flow::Input alone = *input;
      alone.depends_on.clear();
      alone.condition.reset();
      if (auto bound = bind({alone}, {{name, value}}, header, flow)) {
        for (auto& [key, one] : *bound) inputs[key] = std::move(one);
        continue;
      }
      if (input->type == "SECRET") continue;   // never in plain text
    }
    if (const Json* json = std::get_if<Json>(&value)) inputs[name] = *json;
  }
  for (const flow::Input& input : flow.inputs) {
    if (!input.defaults || inputs.contains(input.id) || input.condition) continue;
    if (auto bound = bind({input}, {}, header, flow)) {
      for (auto& [key, one] : *bound) inputs[key] = std::move(one);
    }
  }
  return inputs;
}

void TenantActor::complain(const triggers::Listener& listener, flow::LogLevel level, std::string message) {
  execution::LogLine line;
  line.at = now_;
  line.level = level;
  line.trigger_id = listener.trigger().id;
  line.message = std::move(message);
  turn_.write_log({ExecutionId(), listener.flow().ns, listener.flow().id, std::move(line)});
}

}  // namespace insula::engine
