// Actions on one execution (features.md §5.4) and its deletion.
#include "engine/reply.h"

namespace insula::engine {

namespace {
constexpr std::size_t kReworkedRowsMax = 100'000;

Error unknown_execution() { return {ErrorKind::not_found, "execution-unknown", "Execution not found", {}, {}}; }
}  // namespace

namespace {

std::string_view action_name(const Action& action) {
  struct Names {
    std::string_view operator()(const KillAction&) const { return "kill"; }
    std::string_view operator()(const PauseAction&) const { return "pause"; }
    std::string_view operator()(const ResumeAction&) const { return "resume"; }
    std::string_view operator()(const RestartAction&) const { return "restart"; }
    std::string_view operator()(const ReplayAction&) const { return "replay"; }
    std::string_view operator()(const ChangeTaskRunAction&) const { return "change task run"; }
    std::string_view operator()(const ChangeStatusAction&) const { return "change status"; }
    std::string_view operator()(const SetLabelsAction&) const { return "labels"; }
    std::string_view operator()(const ForceRunAction&) const { return "force run"; }
    std::string_view operator()(const UnqueueAction&) const { return "unqueue"; }
  };
  return std::visit(Names{}, action);
}

}  // namespace

void TenantActor::act(const ExecutionId& id, const Action& action, std::shared_ptr<Reply<Started>> reply) {
  auto done = act_now(id, action);
  if (done) {
    const execution::Header& header = done->header;
    audit({.kind = "UPDATE", .resource = "EXECUTION", .object_id = id.str(), .ns = header.ns, .flow_id = header.flow_id, .execution_id = id,
           .detail = {{"action", action_name(action)}, {"result", header.id.str()}}, .before = {}, .after = {}});
  }
  drain_internal();
  reply_after<Started>(std::move(reply), std::move(done));
}

Result<Started> TenantActor::act_now(const ExecutionId& id, const Action& action) {
  // A new try of what has ended is something new, too.
  if (std::holds_alternative<RestartAction>(action) || std::holds_alternative<ReplayAction>(action)) {
    if (auto may = may_start(); !may) return fail(may.error());
  }
  if (std::holds_alternative<RestartAction>(action) || std::holds_alternative<ReplayAction>(action) || std::holds_alternative<ChangeTaskRunAction>(action)) {
    return rework(id, action);
  }
  if (std::holds_alternative<ChangeStatusAction>(action) || std::holds_alternative<SetLabelsAction>(action)) return change_ended(id, action);
  auto found = active(id);
  if (!found) return fail(found.error());
  if (*found == nullptr) {
    auto header = store_->read().execution(id);
    if (!header) return fail(header.error());
    if (!*header) return fail(unknown_execution());
    if (std::holds_alternative<KillAction>(action)) return Started{std::move(**header), {}};  // 1.3: killing what has ended answers 202 and does nothing
    return fail(ErrorKind::conflict, "execution-ended",
                fmt::format("the execution is in state {}: it has ended, so this action is not possible", execution::to_string((*header)->state.current())));
  }
  Active& active = **found;
  execution::Event event = execution::Kill{};
  if (std::holds_alternative<PauseAction>(action)) event = execution::Pause{};
  if (std::holds_alternative<ForceRunAction>(action)) event = execution::ForceRun{};
  if (const auto* unqueue = std::get_if<UnqueueAction>(&action)) {
    if (active.run.header().state.current() != execution::State::queued) {
      return fail(ErrorKind::conflict, "execution-not-queued", "only an execution in state QUEUED can be taken out of the queue");
    }
    if (unqueue->state == execution::State::running) event = execution::ForceRun{};
    else event = execution::Cancel{unqueue->state, "Taken out of the queue"};
  }
  if (const auto* resume = std::get_if<ResumeAction>(&action)) {
    if (active.run.header().state.current() != execution::State::paused) {
      return fail(ErrorKind::conflict, "execution-not-paused", fmt::format("cannot resume an execution that is in state {}: it must be PAUSED", execution::to_string(active.run.header().state.current())));
    }
    const std::vector<flow::Input>* asked = active.run.resume_inputs();
    execution::Resume event_resume{{}, resume->by};
    if (asked != nullptr) {
      auto inputs = bind(*asked, resume->inputs, active.run.header(), *active.run.flow());
      if (!inputs) return fail(inputs.error());
      event_resume.inputs = std::move(*inputs);
    }
    event = std::move(event_resume);
  }
  execution::StepContext context = step_context();
  execution::Step step = active.run.apply(event, context);
  if (step.refused) return fail(*step.refused);
  absorb(active, std::move(step));
  return Started{active.run.header(), {}};
}

// Restart, replay, change of a task run's state: they need all rows of the execution.
Result<Started> TenantActor::rework(const ExecutionId& id, const Action& action) {
  std::optional<execution::Header> header;
  if (const auto at = runs_.find(id); at != runs_.end()) {
    header = at->second.run.header();
  } else {
    auto stored = store_->read().execution(id);
    if (!stored) return fail(stored.error());
    header = std::move(*stored);
  }
  if (!header) return fail(unknown_execution());
  auto rows = all_task_runs(id, kReworkedRowsMax + 1);
  if (!rows) return fail(rows.error());
  if (rows->size() > kReworkedRowsMax) {
    return fail(ErrorKind::invalid, "execution-too-large", fmt::format("the execution has more than {} task runs: it cannot be restarted or replayed, start it anew", kReworkedRowsMax));
  }
  const execution::State before = header->state.current();
  const std::size_t heard = header->state.entries().size();
  std::optional<int> revision = header->flow_revision;
  if (const auto* restart = std::get_if<RestartAction>(&action); restart != nullptr && restart->revision) revision = restart->revision;
  const auto* replay = std::get_if<ReplayAction>(&action);
  if (replay != nullptr && replay->revision) revision = replay->revision;
  if (replay != nullptr && replay->latest_revision) revision.reset();
  auto flow = flow_of(header->ns, header->flow_id, revision);
  if (!flow) return fail(flow.error());

  execution::StepContext context = step_context();
  Result<execution::Rework> made = fail(ErrorKind::internal, "action-unknown", "unknown action");
  const bool as_new = replay != nullptr || (*flow)->revision != header->flow_revision;
  if (replay != nullptr) {
    made = execution::replay(**flow, *header, *rows, replay->task_run_id, ids_.next_as<ExecutionId>(now_), context);
  } else if (const auto* change = std::get_if<ChangeTaskRunAction>(&action)) {
    made = execution::change_task_run_state(**flow, *header, std::move(*rows), change->task_run_id, change->state, context);
  } else if (as_new) {
    made = execution::restart(**flow, *header, std::move(*rows), context);
    if (made) renew(*made, header->id);
  } else {
    made = execution::restart(**flow, *header, std::move(*rows), context);
  }
  if (!made) return fail(made.error());
  if (replay != nullptr && replay->inputs) {
    auto inputs = bind((*flow)->inputs, *replay->inputs, made->header, **flow);
    if (!inputs) return fail(inputs.error());
    made->header.inputs = std::move(*inputs);
  }
  Started answered{made->header, made->task_runs, false, true};
  std::sort(answered.task_runs.begin(), answered.task_runs.end(), [](const auto& a, const auto& b) { return a.position < b.position; });
  const execution::Header& answer = answered.header;
  turn_.remove(answer.id, std::move(made->removed));
  std::vector<execution::TaskRun> open;
  for (execution::TaskRun& task_run : made->task_runs) {
    if (!task_run.state.is_terminal()) open.push_back(task_run);
    turn_.write(answer.id, std::move(task_run));
  }
  runs_.erase(answer.id);
  Active restored(execution::Run::restore(std::move(*flow), std::move(made->header), std::move(open)));
  if (!as_new) restored.counted = before;
  restored.heard = as_new ? restored.run.header().state.entries().size() : heard;
  restored.dirty = restored.told_state = true;
  learn_secrets(restored);
  Active& active = runs_.try_emplace(answer.id, std::move(restored)).first->second;
  touch(active);
  for (const auto& [task_run, child] : made->restart_subflows) {
    execution::Command command = execution::RestartSubflow{task_run, child};
    perform(active, command);
  }
  later_or_next_turn(answer.id, [new_id = answer.id](TenantActor& actor) {
    if (auto found = actor.active(new_id); found && *found != nullptr) actor.begin(**found);
  });
  return answered;
}

// Another revision makes another execution: the same rows under new ids.
void TenantActor::renew(execution::Rework& rework, const ExecutionId& parent) {
  rework.header.id = ids_.next_as<ExecutionId>(now_);
  rework.header.parent_id = parent;
  rework.removed.clear();
  std::unordered_map<TaskRunId, TaskRunId> renamed;
  for (execution::TaskRun& task_run : rework.task_runs) {
    const TaskRunId fresh = ids_.next_as<TaskRunId>(now_);
    renamed.emplace(task_run.id, fresh);
    task_run.id = fresh;
  }
  for (execution::TaskRun& task_run : rework.task_runs) {
    if (!task_run.parent_id) continue;
    if (const auto at = renamed.find(*task_run.parent_id); at != renamed.end()) task_run.parent_id = at->second;
  }
  for (auto& [task_run, child] : rework.restart_subflows) {
    if (const auto at = renamed.find(task_run); at != renamed.end()) task_run = at->second;
  }
}

Result<Started> TenantActor::change_ended(const ExecutionId& id, const Action& action) {
  std::optional<execution::Header> header;
  if (const auto at = runs_.find(id); at != runs_.end()) {
    header = at->second.run.header();
  } else {
    auto stored = store_->read().execution(id);
    if (!stored) return fail(stored.error());
    header = std::move(*stored);
  }
  if (!header) return fail(unknown_execution());
  const execution::State before = header->state.current();
  if (const auto* change = std::get_if<ChangeStatusAction>(&action)) {
    if (!execution::is_terminal(before)) return fail(ErrorKind::invalid, "execution-running", "You can only change the status of an execution that is terminated");
    if (!execution::is_terminal(change->state)) return fail(ErrorKind::invalid, "status-not-terminal", "You can only change the status to a terminal state");
    header->state.move_to(change->state, now_);
    count(*header, before, change->state);
    if (auto flow = flow_of(header->ns, header->flow_id, header->flow_revision)) hear(*header, **flow, change->state);
  } else if (const auto* labels = std::get_if<SetLabelsAction>(&action)) {
    if (!execution::is_terminal(before)) return fail(ErrorKind::bad_request, "execution-running", "The execution is not terminated");
    for (const flow::Label& label : labels->labels) {
      if (label.key.starts_with("system.") && label.key != "system.correlationId") {
        return fail(ErrorKind::invalid, "label-system", "System labels can only be set by Kestra itself, offending label: " + label.key + "=" + label.value + ".");
      }
      std::erase_if(header->labels, [&](const flow::Label& old) { return old.key == label.key; });
      header->labels.push_back(label);
    }
  }
  turn_.write(*header);
  turn_.after([this, happened = Happened{id, turns_, false, true, true}](const Error* error) {
    if (error == nullptr) ports_.live.tell(scope_.uid(), happened);
  });
  return Started{std::move(*header), {}};
}

Result<void> TenantActor::delete_now(const ExecutionId& id, const DeleteOptions& options) {
  std::optional<execution::Header> header;
  std::optional<execution::State> counted;
  if (const auto at = runs_.find(id); at != runs_.end()) {
    header = at->second.run.header();
    execution::StepContext context = step_context();
    for (const execution::SubmitJob& job : at->second.run.jobs_in_flight(context)) {
      turn_.after([this, key = JobKey{id, job.task_run_id, job.attempt}](const Error* error) {
        if (error == nullptr) ports_.jobs.cancel(scope_.uid(), key);
      });
    }
    for (const TaskRunId& session : at->second.run.open_sessions()) end_session(id, session);
    counted = at->second.counted;
    runs_.erase(at);
  } else {
    auto stored = store_->read().execution(id);
    if (!stored) return fail(stored.error());
    header = std::move(*stored);
    if (header) counted = header->state.current();
  }
  if (!header) return fail(unknown_execution());
  drop_timers(id);
  clear_timer(id, "new-execution");
  unlock_trigger_of(*header);
  turn_.rows().deleted_executions.push_back(id);
  if (options.logs) turn_.rows().deleted_logs_of.push_back(id);
  if (options.metrics) turn_.rows().deleted_metrics_of.push_back(id);
  count(*header, counted, std::nullopt);
  if (options.storage) {
    const std::string prefix = storage::execution_prefix(header->ns, header->flow_id, id);
    turn_.rows().file_deletions.push_back(prefix);
    erase_finished(prefix);
  }
  tell_waiting(id, fail(unknown_execution()));
  turn_.after([this, happened = Happened{id, turns_, true, true, true}](const Error* error) {
    if (error == nullptr) ports_.live.tell(scope_.uid(), happened);
  });
  return {};
}

void TenantActor::delete_execution(const ExecutionId& id, DeleteOptions options, std::shared_ptr<Reply<void>> reply) {
  auto header = store_->read().execution(id);
  auto deleted = delete_now(id, options);
  if (deleted && header && *header) {
    audit({.kind = "DELETE", .resource = "EXECUTION", .object_id = id.str(), .ns = (*header)->ns, .flow_id = (*header)->flow_id, .execution_id = id,
           .detail = {{"state", execution::to_string((*header)->state.current())}}, .before = {}, .after = {}});
  }
  reply_after<void>(std::move(reply), std::move(deleted));
}

void TenantActor::delete_logs(const ExecutionId& id, std::shared_ptr<Reply<void>> reply) {
  audit({.kind = "DELETE", .resource = "EXECUTION", .object_id = id.str(), .ns = {}, .flow_id = {}, .execution_id = id, .detail = {{"part", "logs"}}, .before = {}, .after = {}});
  turn_.rows().deleted_logs_of.push_back(id);
  reply_after<void>(std::move(reply), {});
}

}  // namespace insula::engine
