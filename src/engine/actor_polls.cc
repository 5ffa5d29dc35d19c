// Polling triggers: a worker evaluates one at a time. Its row keeps the date it was due at until the result is written, in the same turn as what the
// result causes, so that a crash between only evaluates it again, and a result that comes twice starts one execution (I2).
#include "engine/reply.h"

namespace insula::engine {

void TenantActor::poll(const TriggerKey& key, store::TriggerRow row, const flow::Trigger& trigger, const std::shared_ptr<const flow::Flow>& flow) {
  if (polling_.contains(key)) return;
  StartExecution command;
  command.ns = key.ns;
  command.flow_id = key.flow;
  command.from = "trigger";
  auto header = new_header(*flow, command);
  if (!header) {
    plan(row, trigger, now_);
    return keep_trigger(std::move(row));
  }
  JsonObject variables = outer_variables(*flow, *header);
  const auto conditions = triggers::Conditions::compile(find(trigger.properties, "conditions"));
  if (!conditions.all().empty()) {
    const expression::Environment env = environment();
    const expression::ObjectVariables seen(variables);
    const auto holds = conditions.hold(triggers::ConditionContext{seen, env});
    if (!holds || !*holds) {
      plan(row, trigger, now_);
      return keep_trigger(std::move(row));
    }
  }
  polling_.insert(key);
  Job job{scope_, {header->id, TaskRunId(trigger.id.str()), 0}, key.ns, key.flow, flow};
  job.variables = std::move(variables);
  job.seed = ids_.random();
  job.secrets = secrets_named_by(flow);
  job.readable = {storage::execution_prefix(key.ns, key.flow, header->id)};
  job.poll = Poll{trigger.id, *row.next_execution_date};
  turn_.after([this, made = std::move(job)](const Error* error) mutable {
    if (error == nullptr) ports_.jobs.submit(std::move(made));
  });
}

void TenantActor::polled(const PollReport& report) {
  const TriggerKey key{report.ns, report.flow_id, report.poll.trigger};
  polling_.erase(key);
  turn_.after([this, job = report.key](const Error* error) {
    if (error == nullptr) ports_.jobs.settled(scope_.uid(), job);
  });
  auto found = head(key.ns, key.flow);
  const auto at = triggers_.find(key);
  // Edited, disabled or unplanned meanwhile; or this result has been written already.
  if (!found || *found == nullptr || at == triggers_.end() || at->second.next_execution_date != report.poll.date) return;
  const flow::Trigger* trigger = (*found)->flow->find(key.id);
  store::TriggerRow row = at->second;
  if (trigger == nullptr || trigger->disabled || (*found)->flow->disabled || (*found)->row.deleted || row.disabled || row.execution_id || suspended_) return keep_trigger(std::move(row));
  for (execution::LogLine line : report.lines) {
    line.trigger_id = key.id;
    turn_.write_log({ExecutionId(), key.ns, key.flow, std::move(line)});
  }
  row.date = report.poll.date;
  plan(row, *trigger, now_);
  const Json* strict = find(trigger->properties, "failOnTriggerError");
  const bool tells_failure = report.failed && strict != nullptr && to_text(*strict) == "true";
  if (report.outputs.empty() && !tells_failure) return keep_trigger(std::move(row));
  StartExecution command;
  command.ns = key.ns;
  command.flow_id = key.flow;
  command.from = "trigger";
  command.id = report.key.execution_id;
  auto flow = (*found)->flow;
  auto header = new_header(*flow, command);
  if (!header) return keep_trigger(std::move(row));
  header->trigger = execution::TriggerInfo{trigger->id.str(), trigger->type, report.outputs};
  if (tells_failure) {
    set_labels(*header, trigger->labels);
    header->state.move_to(execution::State::failed, now_);
    turn_.write(*header);
    count(*header, std::nullopt, execution::State::failed);
    hear(*header, *flow, execution::State::failed);
    return keep_trigger(std::move(row));
  }
  start_of_trigger(std::move(row), *trigger, std::move(flow), std::move(*header));
}

}  // namespace insula::engine
