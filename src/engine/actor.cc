#include "engine/actor.h"

#include "engine/reply.h"

namespace insula::engine {

TenantActor::TenantActor(store::TenantScope scope, ActorPorts ports, std::uint64_t seed)
    : scope_(std::move(scope)), ports_(std::move(ports)), ids_(seed), now_(ports_.clock.now()) {}

Result<void> TenantActor::open() {
  auto opened = ports_.stores.open(scope_);
  if (!opened) return fail(opened.error());
  store_ = std::move(*opened);
  store::TenantReader& reader = store_->read();
  auto timers = reader.timers();
  if (!timers) return fail(timers.error());
  for (const store::TimerRow& row : *timers) {
    timers_.emplace(row.due, row.execution_id, row.key);
    timer_due_[{row.execution_id, row.key}] = row.due;
  }
  auto flows = reader.flows_with_triggers();
  if (!flows) return fail(flows.error());
  auto triggers = reader.all_triggers();
  if (!triggers) return fail(triggers.error());
  load_triggers(*flows, std::move(*triggers));
  auto windows = reader.trigger_windows();
  if (!windows) return fail(windows.error());
  load_listeners(*flows, std::move(*windows));
  auto jobs = reader.jobs();
  if (!jobs) return fail(jobs.error());
  auto operations = reader.open_operations();
  if (!operations) return fail(operations.error());
  for (store::OperationRow& row : *operations) {
    const OperationId id = row.id;
    operations_.emplace(id, std::move(row));
    continue_.push_back([id](TenantActor& actor) { actor.advance_operation(id); });
  }
  auto deletions = reader.file_deletions();
  if (!deletions) return fail(deletions.error());
  for (const std::string& prefix : *deletions) continue_.push_back([prefix](TenantActor& actor) { actor.erase_finished(prefix); });
  if (auto resumed = find_unfinished(*jobs); !resumed) return resumed;
  if (!ports_.jobs.sessions(scope_.uid()).empty()) continue_.push_back([](TenantActor& actor) { actor.end_lost_sessions(); });
  if (!jobs->empty()) continue_.push_back([rows = std::move(*jobs)](TenantActor& actor) { actor.recover_jobs(rows); });
  return {};
}

// Executions that wait for nothing outside: the process died between two of their turns. Those with a timer or a job are woken by it.
Result<void> TenantActor::find_unfinished(const std::vector<store::JobRow>& jobs) {
  std::set<ExecutionId> woken;
  for (const store::JobRow& job : jobs) woken.insert(job.execution_id);
  for (const auto& [due, id, key] : timers_) woken.insert(id);
  constexpr std::size_t kBatch = 1'000;
  for (ExecutionId after;;) {
    auto open = store_->read().open_executions(after, kBatch);
    if (!open) return fail(open.error());
    for (const execution::Header& header : *open) {
      const execution::State state = header.state.current();
      if (state == execution::State::paused || state == execution::State::queued || woken.contains(header.id)) continue;
      continue_.push_back([id = header.id](TenantActor& actor) {
        auto found = actor.active(id);
        if (!found || *found == nullptr) return;
        const execution::State now = (*found)->run.header().state.current();
        if (now == execution::State::created || now == execution::State::restarted) return actor.begin(**found);  // it has no slot yet
        execution::StepContext context = actor.step_context();
        actor.absorb(**found, (*found)->run.proceed(context));
      });
    }
    if (open->size() < kBatch) return {};
    after = open->back().id;
  }
}

// Jobs handed out before the process died: resubmitted under the same attempt number, or failed, by configuration.
void TenantActor::recover_jobs(const std::vector<store::JobRow>& rows) {
  std::set<ExecutionId> seen;
  for (const store::JobRow& row : rows) {
    if (ports_.settings.lost_jobs == Settings::LostJobs::fail) {
      JobReport report;
      report.state = execution::State::failed;
      report.started = report.ended = now_;
      const JobKey key{row.execution_id, row.task_run_id, row.attempt};
      execution::LogLine line;
      line.at = now_;
      line.level = flow::LogLevel::error;
      line.message = "The server stopped while this task was running; it is failed by configuration (insula.worker.lost-jobs: fail).";
      line.task_run_id = row.task_run_id;
      line.attempt = row.attempt;
      job_logged(key, {line});
      job_ended(key, report);
      continue;
    }
    if (!seen.insert(row.execution_id).second) continue;
    auto found = active(row.execution_id);
    if (!found || *found == nullptr) {
      turn_.rows().ended_jobs.emplace_back(row.execution_id, row.task_run_id);
      continue;
    }
    Active& active = **found;
    execution::StepContext context = step_context();
    for (execution::SubmitJob& job : active.run.jobs_in_flight(context)) {
      execution::Command command = std::move(job);
      perform(active, command);
    }
  }
}

TurnOutcome TenantActor::run_turn(std::vector<Message> mail) {
  now_ = ports_.clock.now();
  turn_.clear();
  counted_ = {};
  current_ = ExecutionId();
  auto unfinished = std::exchange(continue_, {});
  TurnOutcome outcome;
  Message* current = nullptr;
  try {
    for (auto& work : unfinished) {
      work(*this);
      drain_internal();
    }
    for (Message& message : mail) {
      current = &message;
      message.run(*this);
      drain_internal();
    }
    current = nullptr;
    fire_due();
    drain_internal();
    finish_turn();
  } catch (const std::exception& error) {
    // I10: what broke is stopped at this edge; the owner reloads the tenant and, when it happens again, sets the execution aside.
    outcome.committed = false;
    outcome.broken = true;
    outcome.culprit = current != nullptr && !current->execution.empty() ? current->execution : current_;
    outcome.error = Error{ErrorKind::internal, "turn-broken", "an internal error stopped this request; it was not applied",
                          fmt::format("{} (execution {})", error.what(), outcome.culprit), {}};
  }
  if (outcome.committed && (!turn_.rows().empty())) {
    store::Committed committed = store_->commit(turn_.rows());
    if (committed.outcome == store::CommitOutcome::unknown) {
      const Result<bool> applied = store_->last_turn_applied();
      if (applied && *applied) committed.outcome = store::CommitOutcome::committed;
    }
    if (committed.outcome != store::CommitOutcome::committed) {
      outcome.committed = false;
      outcome.error = std::move(committed.error);
    }
  }
  ++turns_;
  if (outcome.committed && !turn_.rows().empty()) {
    counted_.log_lines = turn_.rows().logs.size();
    counted_.rows = turn_.rows().rows();
    ports_.ledger.add(scope_, counted_);
  }
  for (TurnBuilder::Effect& effect : turn_.take_effects()) effect(outcome.committed ? nullptr : &outcome.error);
  if (!outcome.committed) {
    for (Message& message : mail) {
      if (message.keeps) outcome.keep.push_back(std::move(message));
    }
  }
  turn_.clear();
  return outcome;
}

// Headers once per turn, counters from what was counted before, live events after the commit; runs that need no memory leave it.
void TenantActor::finish_turn() {
  for (const ExecutionId& id : std::exchange(touched_, {})) {
    const auto at = runs_.find(id);
    if (at == runs_.end()) continue;  // deleted in this turn
    Active& active = at->second;
    active.touched = false;
    const execution::Header& header = active.run.header();
    if (active.dirty) {
      turn_.write(header);
      turn_.count(header, active.counted, header.state.current());
      active.counted = header.state.current();
      active.dirty = false;
    }
    const bool terminal = active.run.is_terminal();
    const bool waits = terminal || header.state.current() == execution::State::paused;
    // Whether somebody listens is asked after the commit: who subscribes before it and reads a snapshot without it must be told.
    if (active.told_state || active.told_logs) {
      turn_.after([this, happened = Happened{header.id, turns_, active.told_logs, active.told_state, terminal}](const Error* error) {
        if (error == nullptr) ports_.live.tell(scope_.uid(), happened);
      });
    }
    active.told_state = active.told_logs = false;
    if (const auto waiting = awaiting_.find(header.id); waits && waiting != awaiting_.end()) {
      for (auto& reply : waiting->second) reply_after<execution::Header>(reply, header);
      awaiting_.erase(waiting);
    }
    if (active.more) {
      active.more = false;
      continue_.push_back([id = header.id](TenantActor& actor) {
        if (auto found = actor.active(id); found && *found != nullptr) {
          execution::StepContext context = actor.step_context();
          actor.absorb(**found, (*found)->run.proceed(context));
        }
      });
    }
    // Terminal runs are done; paused ones are rows and one timer until somebody resumes them.
    if (terminal ? active.run.open_task_runs() == 0 : (waits && active.jobs == 0)) runs_.erase(at);
  }
}

execution::StepContext TenantActor::step_context() {
  execution::StepContext context{.now = now_, .ids = ids_};
  context.tenant_id = scope_.tenant().str();
  context.zone = ports_.settings.zone;
  context.globals = ports_.settings.globals;
  context.envs = ports_.settings.envs;
  context.kestra = {{"url", ports_.settings.url}, {"environment", ports_.settings.environment_name.empty() ? Json(nullptr) : Json(ports_.settings.environment_name)}};
  context.recursive_rendering = ports_.settings.recursive_rendering;
  context.encrypt = [this](std::string_view plain) { return encrypt(plain); };
  context.decrypt = [this](const Json& wrapper) { return decrypt(wrapper); };
  return context;
}

std::optional<Instant> TenantActor::next_due() const {
  std::optional<Instant> due;
  if (!timers_.empty()) due = std::get<0>(*timers_.begin());
  if (!schedule_.empty() && (!due || schedule_.begin()->first < *due)) due = schedule_.begin()->first;
  return due;
}

bool TenantActor::is_idle() const {
  return continue_.empty() && jobs_in_flight_ == 0 && awaiting_.empty() && operations_.empty() &&
         std::all_of(runs_.begin(), runs_.end(), [](const auto& entry) { return entry.second.jobs == 0; });
}

void TenantActor::await_end(const ExecutionId& id, std::shared_ptr<Reply<execution::Header>> reply) {
  auto header = store_->read().execution(id);
  if (!header) return reply_after<execution::Header>(reply, fail(header.error()));
  if (const auto at = runs_.find(id); at != runs_.end()) {
    awaiting_[id].push_back(std::move(reply));  // answered by finish_turn when it has ended
    return;
  }
  if (!*header) return reply_after<execution::Header>(reply, fail(ErrorKind::not_found, "execution-unknown", "Execution not found"));
  const execution::State state = (*header)->state.current();
  if (execution::is_terminal(state) || state == execution::State::paused) return reply_after<execution::Header>(reply, std::move(**header));
  awaiting_[id].push_back(std::move(reply));
}

void TenantActor::erase_finished(const std::string& prefix) {
  turn_.after([this, prefix](const Error* error) {
    if (error != nullptr) return;
    ports_.background([uid = scope_.uid(), prefix, &storage = ports_.storage, post = ports_.post] {
      if (auto erased = storage.remove_prefix(uid, prefix); !erased) {
        log::warn("files under {} could not be erased; tried again at the next start: {}", prefix, erased.error().message);
        return;
      }
      post({[prefix](TenantActor& actor) { actor.turn_.rows().finished_file_deletions.push_back(prefix); }, true, {}});
    });
  });
}

}  // namespace insula::engine
