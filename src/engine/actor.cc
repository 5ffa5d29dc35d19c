#include "engine/actor.h"

#include "engine/reply.h"

namespace insula::engine {

TenantActor::TenantActor(store::TenantScope scope, ActorPorts ports, std::uint64_t seed)
    : scope_(std::move(scope)), ports_(std::move(ports)), ids_(seed), now_(ports_.clock.now()) {
  const Settings& settings = ports_.settings;
  const Json environment_name = settings.environment_name.empty() ? Json(nullptr) : Json(settings.environment_name);
  surroundings_ = std::make_shared<const JsonObject>(
      JsonObject{{"globals", settings.globals}, {"envs", settings.envs}, {"kestra", JsonObject{{"url", settings.url}, {"environment", environment_name}}}});
}

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
    if (row.key != kLookupsTimer && row.key != kUnfinishedTimer) continue;
    continue_.push_back([id = row.execution_id, key = row.key](TenantActor& actor) {
      actor.clear_timer(id, key);
      actor.proceed(id);
    });
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
    advancing_.push_back(id);
  }
  if (auto slots = open_slots(); !slots) return slots;
  auto deletions = reader.file_deletions();
  if (!deletions) return fail(deletions.error());
  for (const std::string& prefix : *deletions) continue_.push_back([prefix](TenantActor& actor) { actor.erase_finished(prefix); });
  if (auto resumed = find_unfinished(*jobs); !resumed) return resumed;
  if (!ports_.jobs.sessions(scope_.uid()).empty()) continue_.push_back([](TenantActor& actor) { actor.end_lost_sessions(); });
  if (!jobs->empty()) continue_.push_back([rows = std::move(*jobs)](TenantActor& actor) { actor.recover_jobs(rows); });
  return {};
}

// Executions that wait for nothing outside: the process died between two of their turns. Those with a timer or a job are woken by it (one
// that also has something to go on with has the timer that says so).
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
      continue_.push_back([id = header.id](TenantActor& actor) { actor.proceed(id); });
    }
    if (open->size() < kBatch) return {};
    after = open->back().id;
  }
}

// Jobs handed out before the process died: resubmitted under the same attempt number, or failed, by configuration.
void TenantActor::recover_jobs(const std::vector<store::JobRow>& rows) {
  std::set<ExecutionId> seen;
  for (const store::JobRow& row : rows) {
    const JobKey key{row.execution_id, row.task_run_id, row.attempt};
    if (ports_.settings.lost_jobs == Settings::LostJobs::fail && !ports_.jobs.knows(scope_.uid(), key)) {
      JobReport report;
      report.state = execution::State::failed;
      report.started = report.ended = now_;
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
    absorb(active, active.run.proceed(context));  // jobs whose values have left memory ask for them first
  }
}

TurnOutcome TenantActor::run_turn(std::vector<Message> mail, CrashNotes::Slot* note, TurnScope scope) {
  now_ = ports_.clock.now();
  note_ = note;
  aside_.clear();
  turn_.clear();
  counted_ = {};
  TurnOutcome outcome;
  static_cast<void>(store_->take_read_failure());
  run_work(mail, outcome, scope);
  // Rules that were told "there is none" by a database that is away decided on nothing: none of it is written, and nobody is to blame.
  if (auto failure = store_->take_read_failure()) {
    outcome.committed = outcome.broken = false;
    outcome.error = std::move(*failure);
  }
  if (outcome.committed) turn_.rows().quota_counts = quotas_.changed();
  if (outcome.committed && !turn_.rows().empty()) commit_turn(outcome);
  ++turns_;
  for (TurnBuilder::Effect& effect : turn_.take_effects()) effect(outcome.committed ? nullptr : &outcome.error);
  if (!outcome.committed) give_back(std::move(mail), outcome);
  turn_.clear();
  return outcome;
}

void TenantActor::stepping(const ExecutionId& id) {
  current_ = id;
  if (note_ != nullptr) note_->stepping(id);
}

void TenantActor::set_aside_first(const ExecutionId& id, const std::string& reason) {
  continue_.insert(continue_.begin(), [id, reason](TenantActor& actor) { actor.set_aside(id, reason); });
}

void TenantActor::run_work(std::vector<Message>& mail, TurnOutcome& outcome, TurnScope scope) {
  current_ = ExecutionId();
  const bool everything = scope == TurnScope::everything;
  auto unfinished = everything ? std::exchange(continue_, {}) : decltype(continue_){};
  Message* current = nullptr;
  try {
    for (const OperationId& id : std::exchange(advancing_, {})) {
      const auto at = operations_.find(id);
      if (at == operations_.end()) continue;
      if (everything || at->second.kind == "delete" || at->second.kind == "kill") advance_operation(id);
      else advancing_.push_back(id);
      drain_internal();
    }
    for (auto& work : unfinished) {
      work(*this);
      drain_internal();
    }
    for (Message& message : mail) {
      current = &message;
      message.run(*this);
      who_ = {};
      drain_internal();
    }
    current = nullptr;
    if (everything) fire_due();
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
}

void TenantActor::commit_turn(TurnOutcome& outcome) {
  store::Committed committed = store_->commit(turn_.rows());
  if (committed.outcome == store::CommitOutcome::unknown) {
    const Result<bool> applied = store_->last_turn_applied();
    if (applied && *applied) committed.outcome = store::CommitOutcome::committed;
  }
  if (committed.outcome != store::CommitOutcome::committed) {
    outcome.committed = false;
    outcome.error = std::move(committed.error);
    if (outcome.error.code == "store-full" && ports_.disk_full) ports_.disk_full();
    // The caller did nothing wrong, whatever the store calls it.
    if (committed.outcome != store::CommitOutcome::refused) outcome.error.kind = ErrorKind::unavailable;
    return;
  }
  counted_.log_lines = turn_.rows().logs.size();
  counted_.rows = turn_.rows().rows();
  ports_.ledger.add(scope_, counted_);
}

// After a turn that was not written: what must not be lost goes to the next actor, callers hear why. Who waits for what earlier turns wrote goes on waiting.
void TenantActor::give_back(std::vector<Message> mail, TurnOutcome& outcome) {
  for (Message& message : mail) {
    if (message.keeps) outcome.keep.push_back(std::move(message));
    else if (message.refuse) message.refuse(outcome.error);
  }
  for (auto& [id, replies] : awaiting_) {
    for (auto& reply : replies) outcome.keep.push_back({[id, reply](TenantActor& actor) { actor.await_end(id, reply); }, true, {}, refusal_to<execution::Header>(reply)});
  }
  for (auto& [id, reply] : operation_replies_) {
    outcome.keep.push_back({[id, reply](TenantActor& actor) { actor.await_operation(id, reply); }, true, {}, refusal_to<store::OperationRow>(reply)});
  }
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
      count(header, active.counted, header.state.current());
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
    if (waits) tell_waiting(header.id, header);
    if (active.more) {
      active.more = false;
      go_on_next_turn(header.id, [id = header.id](TenantActor& actor) { actor.proceed(id); });
    }
    // Terminal runs are done; paused ones are rows and one timer until somebody resumes them.
    if (terminal ? active.run.open_task_runs() == 0 : (waits && active.jobs == 0)) runs_.erase(at);
  }
  look_for_slots_next_turn_ |= slots_.take_freed();
  if (std::exchange(look_for_slots_next_turn_, false)) continue_.push_back([](TenantActor& actor) { actor.slots_.look_again(); });
}

execution::StepContext TenantActor::step_context() {
  now_ = std::max(now_, ports_.clock.now());
  execution::StepContext context{.now = now_, .ids = ids_};
  context.clock = [this] { return now_ = std::max(now_, ports_.clock.now()); };
  context.tenant_id = scope_.tenant().str();
  context.zone = ports_.settings.zone;
  context.surroundings = surroundings_;
  context.task_runs_max = ports_.settings.step_task_runs_max;
  context.recursive_rendering = ports_.settings.recursive_rendering;
  context.jq = ports_.settings.jq;
  context.encrypt = [this](std::string_view plain) { return encrypt(plain); };
  context.decrypt = [this](const Json& wrapper) { return decrypt(wrapper); };
  return context;
}

std::optional<Instant> TenantActor::next_due() const {
  std::optional<Instant> due;
  if (!timers_.empty()) due = std::get<0>(*timers_.begin());
  if (!suspended_ && !schedule_.empty() && (!due || schedule_.begin()->first < *due)) due = schedule_.begin()->first;
  return due;
}

bool TenantActor::is_idle() const {
  return continue_.empty() && jobs_in_flight_ == 0 && polling_.empty() && awaiting_.empty() && operations_.empty() &&
         std::all_of(runs_.begin(), runs_.end(), [](const auto& entry) { return entry.second.jobs == 0 && entry.second.outstanding.empty(); });
}

// Those who wait for the execution hear of it when the turn is written; when it is not they go on waiting.
void TenantActor::tell_waiting(const ExecutionId& id, Result<execution::Header> ended) {
  if (!awaiting_.contains(id)) return;
  turn_.after([this, id, ended = std::move(ended)](const Error* error) {
    if (error != nullptr) return;
    const auto waiting = awaiting_.extract(id);
    if (waiting.empty()) return;
    for (const auto& reply : waiting.mapped()) settle<execution::Header>(reply, ended);
  });
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
