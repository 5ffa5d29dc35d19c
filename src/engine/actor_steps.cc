// From a step's result to rows and effects; from effects inside the tenant (subflows, parents) back to events of the same turn.
#include "engine/reply.h"

namespace insula::engine {

namespace {
template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
}  // namespace

void TenantActor::touch(Active& active) {
  if (active.touched) return;
  active.touched = true;
  touched_.push_back(active.run.header().id);
}

// From memory, or restored from its rows. nullptr when there is no such execution, or it has ended.
Result<TenantActor::Active*> TenantActor::active(const ExecutionId& id) {
  if (aside_.contains(id)) return nullptr;
  stepping(id);
  if (const auto at = runs_.find(id); at != runs_.end()) return &at->second;
  auto header = store_->read().execution(id);
  if (!header) return fail(header.error());
  if (!*header || (*header)->state.is_terminal()) return nullptr;
  auto flow = flow_of((*header)->ns, (*header)->flow_id, (*header)->flow_revision);
  if (!flow) return fail(flow.error());
  auto open = store_->read().open_task_runs(id);
  if (!open) return fail(open.error());
  const execution::State counted = (*header)->state.current();
  Active restored(execution::Run::restore(std::move(*flow), std::move(**header), std::move(*open)));
  restored.counted = counted;
  restored.heard = restored.run.header().state.entries().size();
  learn_secrets(restored);
  return &runs_.try_emplace(id, std::move(restored)).first->second;
}

void TenantActor::apply(const ExecutionId& id, const execution::Event& event) {
  auto found = active(id);
  if (!found) throw std::runtime_error(fmt::format("execution {} could not be loaded: {}", id, found.error().message));
  if (*found == nullptr) return;  // ended or deleted meanwhile: the event is late
  execution::StepContext context = step_context();
  absorb(**found, (*found)->run.apply(event, context));
}

void TenantActor::proceed(const ExecutionId& id) {
  auto found = active(id);
  if (!found || *found == nullptr) return;
  const execution::State now = (*found)->run.header().state.current();
  if (now == execution::State::created || now == execution::State::restarted) return begin(**found);  // it has no slot yet
  execution::StepContext context = step_context();
  absorb(**found, (*found)->run.proceed(context));
}

void TenantActor::absorb(Active& active, execution::Step step) {
  touch(active);
  const execution::Header& header = active.run.header();
  const ExecutionId id = header.id;
  execution::Changes& changes = step.changes;
  if (changes.header_changed) active.dirty = true;
  if (changes.header_changed || !changes.task_runs.empty()) active.told_state = true;
  turn_.remove(id, std::move(changes.removed));
  for (execution::TaskRun& task_run : changes.task_runs) turn_.write(id, std::move(task_run));
  if (!changes.logs.empty()) active.told_logs = true;
  for (execution::LogLine& line : changes.logs) line.message = masked(active, std::move(line.message));
  write_log_files(active, changes.logs);
  for (execution::LogLine& line : changes.logs) turn_.write_log({id, header.ns, header.flow_id, std::move(line)});
  if (step.more) active.more = true;
  for (execution::Command& command : step.commands) perform(active, command);
  if (!step.needs.empty()) look_up(active, step.needs);
  hear(active);
}

// Values of the secrets that the flow names in quotes: hidden from the first line on, also when another task or a time before a restart asked for them.
const std::vector<std::string>& TenantActor::secrets_named_by(const std::shared_ptr<const flow::Flow>& flow) {
  constexpr std::size_t kFlowsMax = 1'000;
  if (secrets_named_.size() > kFlowsMax) secrets_named_.clear();
  const auto [at, added] = secrets_named_.try_emplace(flow);
  if (!added || !lower_ascii(flow->source).contains("secret")) return at->second;
  const std::string text = lower_ascii(flow->source);
  for (const auto& [name, value] : ports_.settings.secrets) {
    const std::string key = lower_ascii(name);
    if (text.contains("'" + key + "'") || text.contains("\"" + key + "\"")) at->second.push_back(value);
  }
  return at->second;
}

void TenantActor::learn_secrets(Active& active) {
  if (!ports_.settings.secrets.empty()) active.secrets = secrets_named_by(active.run.flow());
  const JsonObject& inputs = active.run.header().inputs;
  if (inputs.empty() || ports_.settings.encryption_key.empty()) return;
  static_cast<void>(vault::decrypt_all(ports_.settings.encryption_key, Json(inputs), active.secrets));
}

std::string TenantActor::masked(Active& active, std::string message) {
  if (active.secrets.empty()) return message;
  if (!active.masker) active.masker.emplace(active.secrets);
  return active.masker->mask(message);
}

// `logToFile` of an inline task: its lines become a file of the task run instead of rows; they stay rows when the file cannot be written.
void TenantActor::write_log_files(Active& active, std::vector<execution::LogLine>& lines) {
  const execution::Header& header = active.run.header();
  std::map<TaskRunId, std::string> texts;
  std::map<TaskRunId, TaskId> tasks;
  for (const execution::LogLine& line : lines) {
    const flow::Task* task = line.task_id && line.task_run_id ? active.run.flow()->find(*line.task_id) : nullptr;
    if (task == nullptr || !task->log_to_file) continue;
    texts[*line.task_run_id] += fmt::format("{} {} {}\n", format_instant(line.at), flow::to_string(line.level), line.message);
    tasks.emplace(*line.task_run_id, *line.task_id);
  }
  std::set<TaskRunId> written_of;
  for (const auto& [task_run, text] : texts) {
    const std::string path = storage::task_file_path(header.ns, header.flow_id, header.id, tasks.at(task_run), task_run, "attempt.log");
    execution::TaskRun* row = turn_.find(task_run);
    if (row == nullptr || row->attempts.empty()) continue;
    if (auto written = ports_.storage.put(scope_.uid(), path, text); !written) {
      log::warn(scope_.tenant(), "the log file of task run {} could not be written, its lines are kept in the database: {}", task_run, written.error().message);
      continue;
    }
    row->attempts.back().log_file = storage::uri_of(path);
    written_of.insert(task_run);
  }
  std::erase_if(lines, [&](const execution::LogLine& line) { return line.task_run_id && written_of.contains(*line.task_run_id); });
}

void TenantActor::perform(Active& active, execution::Command& command) {
  const execution::Header& header = active.run.header();
  const ExecutionId id = header.id;
  std::visit(
      Overloaded{
          [&](execution::SubmitJob& job) {
            turn_.rows().jobs.push_back({id, job.task_run_id, job.attempt, now_});
            ++active.jobs;
            ++counted_.jobs_started;
            ++jobs_in_flight_;
            Job made{scope_, {id, job.task_run_id, job.attempt}, header.ns, header.flow_id, active.run.flow(), job.task, std::move(job.variables), job.timeout, job.seed, active.secrets,
                     readable_of(active), job.part, job.session, job.session_begun};
            turn_.after([this, made = std::move(made)](const Error* error) mutable {
              if (error == nullptr) ports_.jobs.submit(std::move(made));
            });
          },
          [&](execution::CancelJob& cancel) {
            turn_.after([this, key = JobKey{id, cancel.task_run_id, cancel.attempt}](const Error* error) {
              if (error == nullptr) ports_.jobs.cancel(scope_.uid(), key);
            });
          },
          [&](execution::SetTimer& timer) { set_timer(id, timer.key, timer.due); },
          [&](execution::ClearTimer& timer) { clear_timer(id, timer.key); },
          [&](execution::StartSubflow& start) { later_or_next_turn(id, [id, start = std::move(start)](TenantActor& actor) { actor.start_subflow(id, start); }); },
          [&](execution::KillSubflow& kill) { later([child = kill.execution_id](TenantActor& actor) { actor.apply(child, execution::Kill{}); }); },
          [&](execution::KillBatches& kill) { later([id, task_run = kill.task_run_id](TenantActor& actor) { actor.kill_batches(id, task_run); }); },
          [&](execution::RestartSubflow& restart) {
            later([id, restart](TenantActor& actor) {
              if (auto done = actor.act_now(restart.execution_id, RestartAction{}); !done) {
                actor.apply(id, execution::SubflowRefused{restart.task_run_id, done.error()});
              }
            });
          },
          [&](execution::ResumeOther& resume) {
            later([id, resume](TenantActor& actor) {
              flow::GivenInputs given;
              for (const auto& [name, value] : resume.inputs) given.emplace(std::string(name), value);
              auto done = actor.act_now(resume.execution_id, ResumeAction{std::move(given), {}});
              actor.apply(id, execution::OtherResumed{resume.task_run_id, done ? std::nullopt : std::optional(done.error())});
            });
          },
          [&](execution::NotifyParent& notify) {
            later([notify, child = header, flow = active.run.flow()](TenantActor& actor) { actor.tell_parent(notify, child, *flow); });
          },
          [&](execution::EndSession& end) { end_session(id, end.task_run_id); },
          [&](execution::CreateNewExecution& create) { set_timer(id, "new-execution", create.due); },
          [&](execution::Ended&) { ended(active); },
      },
      command);
}

// The folder of a WorkingDirectory goes after the commit; what is missed by a crash between is found when the tenant is opened.
void TenantActor::end_session(const ExecutionId& id, const TaskRunId& task_run) {
  turn_.after([this, id, task_run](const Error* error) {
    if (error != nullptr) return;
    ports_.background([&jobs = ports_.jobs, uid = scope_.uid(), id, task_run] { jobs.end_session(uid, id, task_run); });
  });
}

void TenantActor::end_lost_sessions() {
  for (const auto& [id, task_run] : ports_.jobs.sessions(scope_.uid())) {
    auto open = store_->read().open_task_runs(id);
    if (!open) continue;
    const bool is_open = std::ranges::any_of(*open, [&](const execution::TaskRun& row) { return row.id == task_run; });
    if (!is_open) end_session(id, task_run);
  }
}

// Terminal: its timers go, its slot is free, its trigger may fire again.
void TenantActor::ended(Active& active) {
  const execution::Header& header = active.run.header();
  ++counted_.ended;
  drop_timers(header.id);
  count(header, std::exchange(active.counted, header.state.current()), header.state.current());   // now, so that its slot is free in this turn
  unlock_trigger_of(header);
}

void TenantActor::drain_internal() {
  // An event may cause others (a child's end resumes its parent, whose end resumes its own parent): all within this turn, first in, first out. A large
  // turn puts off only what is made again from rows; a parent that was not told of its child's end by the turn that wrote it would never hear of it.
  do {
    while (!internal_.empty()) {
      Internal next = std::move(internal_.front());
      internal_.pop_front();
      if (!next.of.empty() && turn_.size() > ports_.settings.turn_rows_max) {
        go_on_next_turn(next.of, std::move(next.work));
        continue;
      }
      next.work(*this);
    }
  } while (use_freed_slots());
}

// The row that stands for it is written with this turn and gone with the next, so that a crash between them is noticed by open().
void TenantActor::go_on_next_turn(const ExecutionId& id, std::function<void(TenantActor&)> work) {
  set_timer(id, std::string(kUnfinishedTimer), now_);
  continue_.push_back([id, work = std::move(work)](TenantActor& actor) {
    actor.clear_timer(id, std::string(kUnfinishedTimer));
    work(actor);
  });
}

// The parent sees the child's flow outputs, or what its task's own (deprecated) `outputs` makes of the child's variables.
void TenantActor::tell_parent(const execution::NotifyParent& notify, const execution::Header& child, const flow::Flow& flow) {
  execution::SubflowChanged changed{notify.parent.task_run_id, child.id, notify.state, child.outputs};
  auto parent = active(notify.parent.execution_id);
  if (!parent || *parent == nullptr) return;
  const execution::TaskRun* task_run = (*parent)->run.find_open(notify.parent.task_run_id);
  const flow::Task* task = task_run == nullptr ? nullptr : (*parent)->run.flow()->find(task_run->task_id);
  const expression::Property* asked = task == nullptr ? nullptr : task->property("outputs");
  if (asked != nullptr && asked->source().is_object() && execution::is_terminal(notify.state)) {
    auto rows = all_task_runs(child.id, 10'000);
    if (!rows) throw std::runtime_error(rows.error().message);
    execution::StepContext context = step_context();
    const expression::ObjectVariables variables(execution::Run::variables_of(flow, child, *rows, TaskRunId(), context),
                                                [&](const expression::Lookup& lookup) { return answer_now(child, flow, lookup).value_or(expression::Answer{expression::Undefined{}}); });
    auto rendered = asked->render(variables, environment());
    if (rendered && rendered->is_object()) {
      changed.outputs = std::move(rendered->get_object());
    } else {
      const Error* error = rendered ? nullptr : std::get_if<Error>(&rendered.error());
      changed.outputs_error = fmt::format("Failed to extract outputs with the error: '{}'", error != nullptr ? error->message : "they are no map");
    }
  }
  apply(notify.parent.execution_id, changed);
}

// What a part of a ForEachItem has started is found by its trigger: those of this turn in memory, the others by their rows.
void TenantActor::kill_batches(const ExecutionId& id, const TaskRunId& task_run) {
  std::set<ExecutionId> open;
  const auto add = [&](const execution::Header& header) {
    if (header.parent_link && header.parent_link->task_run_id == task_run && !header.state.is_terminal()) open.insert(header.id);
  };
  for (const auto& [child, one] : runs_) add(one.run.header());
  constexpr std::size_t kBatch = 1'000;
  store::Query query;
  query.filters.push_back({"triggerExecutionId", store::Op::equals, {}, {id.str()}});
  for (ExecutionId after;;) {
    auto ids = store_->read().execution_ids(query, after, kBatch);
    if (!ids) throw std::runtime_error(ids.error().message);
    for (const ExecutionId& child : *ids) {
      if (runs_.contains(child)) continue;
      if (auto header = store_->read().execution(child); header && *header) add(**header);
    }
    if (ids->size() < kBatch) break;
    after = ids->back();
  }
  for (const ExecutionId& child : open) later([child](TenantActor& actor) { actor.apply(child, execution::Kill{}); });
}

void TenantActor::start_subflow(const ExecutionId& parent, const execution::StartSubflow& command) {
  // A full turn may have put this off: meanwhile the parent may have been killed, or have asked again.
  if (auto waiting = active(parent); !waiting || *waiting == nullptr || !(*waiting)->run.expects(command)) return;
  const auto refuse = [&](Error error) { apply(parent, execution::SubflowRefused{command.task_run_id, std::move(error)}); };
  auto flow = flow_of(command.ns, command.flow_id, command.revision);
  if (!flow || (*flow)->deleted) {
    return refuse({ErrorKind::not_found, "flow-unknown",
                   fmt::format("Unable to find flow '{}'.'{}' with revision '{}'", command.ns, command.flow_id, command.revision.value_or(0)), {}, {}});
  }
  if ((*flow)->disabled) return refuse({ErrorKind::conflict, "flow-disabled", "Cannot execute a flow which is disabled", {}, {}});
  StartExecution start;
  start.ns = command.ns;
  start.flow_id = command.flow_id;
  start.labels = command.labels;
  start.from.clear();
  start.schedule_date = command.schedule_date;
  auto header = new_header(**flow, start);
  if (!header) return refuse(header.error());
  header->trigger = command.trigger;
  if (command.wait) header->parent_link = execution::ParentLink{parent, command.task_run_id};
  flow::GivenInputs given;
  for (const auto& [name, value] : command.inputs) given.emplace(std::string(name), value);
  auto inputs = bind((*flow)->inputs, given, *header, **flow);
  if (!inputs) return refuse(inputs.error());
  header->inputs = std::move(*inputs);
  const ExecutionId child = header->id;
  // The parent learns the child's id before the child can end.
  apply(parent, execution::SubflowStarted{command.task_run_id, child});
  static_cast<void>(launch(std::move(*flow), std::move(*header)));
}

// Retry with CREATE_NEW_EXECUTION: the whole execution once more, as a new one.
void TenantActor::create_retry(const ExecutionId& id) {
  auto header = store_->read().execution(id);
  if (!header || !*header) return;
  auto flow = flow_of((*header)->ns, (*header)->flow_id, (*header)->flow_revision);
  if (!flow) return;
  execution::StepContext context = step_context();
  auto again = execution::replay(**flow, **header, {}, TaskRunId(), ids_.next_as<ExecutionId>(now_), context);
  if (!again) {
    log::warn(scope_.tenant(), "execution {} could not be retried as a new one: {}", id, again.error().message);
    return;
  }
  static_cast<void>(launch(std::move(*flow), std::move(again->header)));
}

void TenantActor::set_timer(const ExecutionId& id, const std::string& key, Instant due) {
  const auto [at, added] = timer_due_.try_emplace({id, key}, due);
  if (!added) {
    timers_.erase({at->second, id, key});
    at->second = due;
  }
  timers_.emplace(due, id, key);
  turn_.write_timer({id, key, due});
}

void TenantActor::clear_timer(const ExecutionId& id, const std::string& key) {
  const auto at = timer_due_.find({id, key});
  if (at == timer_due_.end()) return;
  timers_.erase({at->second, id, key});
  timer_due_.erase(at);
  turn_.clear_timer(id, key);
}

void TenantActor::drop_timers(const ExecutionId& id) {
  for (auto at = timer_due_.lower_bound({id, ""}); at != timer_due_.end() && at->first.first == id;) {
    if (at->first.second == "new-execution") {
      ++at;
      continue;
    }
    timers_.erase({at->second, id, at->first.second});
    turn_.clear_timer(id, at->first.second);
    at = timer_due_.erase(at);
  }
}

// Timers and schedules that are due: each once, its row gone in the same turn as what it causes (I2).
void TenantActor::fire_due() {
  while (!timers_.empty() && std::get<0>(*timers_.begin()) <= now_ && turn_.size() <= ports_.settings.turn_rows_max) {
    const auto [due, id, key] = *timers_.begin();
    clear_timer(id, key);
    if (key == "schedule") {
      if (auto found = active(id); found && *found != nullptr) begin(**found);
    } else if (key == "new-execution") {
      create_retry(id);
    } else if (key == kLookupsTimer) {
      give_up_lookups(id);
    } else if (key == kUnfinishedTimer) {
      proceed(id);
    } else {
      apply(id, execution::TimerFired{key});
    }
    drain_internal();
  }
  while (!suspended_ && !schedule_.empty() && schedule_.begin()->first <= now_ && turn_.size() <= ports_.settings.turn_rows_max) {
    const TriggerKey key = schedule_.begin()->second;   // a copy: its place in the schedule goes as it fires
    fire_schedule(key);
    drain_internal();
  }
}

void TenantActor::job_started(const JobKey& job, const std::string& worker_id) {
  apply(job.execution_id, execution::JobStarted{job.task_run_id, job.attempt, worker_id});
}

void TenantActor::job_logged(const JobKey& job, const std::vector<execution::LogLine>& lines) {
  auto found = active(job.execution_id);
  if (!found || *found == nullptr) return;
  const execution::Header& header = (*found)->run.header();
  const execution::TaskRun* task_run = (*found)->run.find_open(job.task_run_id);
  if (task_run == nullptr) return;
  for (execution::LogLine line : lines) {
    line.task_id = task_run->task_id;
    line.task_run_id = job.task_run_id;
    line.attempt = job.attempt;
    line.message = masked(**found, std::move(line.message));
    turn_.write_log({header.id, header.ns, header.flow_id, std::move(line)});
  }
  (*found)->told_logs = true;
  touch(**found);
}

void TenantActor::job_ended(const JobKey& job, const JobReport& report) {
  if (jobs_in_flight_ > 0) --jobs_in_flight_;
  ++counted_.jobs_ended;
  turn_.rows().ended_jobs.emplace_back(job.execution_id, job.task_run_id);
  turn_.after([this, job](const Error* error) {
    if (error == nullptr) ports_.jobs.settled(scope_.uid(), job);
  });
  auto found = active(job.execution_id);
  if (!found) throw std::runtime_error(fmt::format("execution {} could not be loaded: {}", job.execution_id, found.error().message));
  if (*found == nullptr) return;
  if ((*found)->jobs > 0) --(*found)->jobs;
  keep_metrics((*found)->run, job, report);
  execution::StepContext context = step_context();
  absorb(**found, (*found)->run.apply(execution::JobEnded{job.task_run_id, job.attempt, report.state, report.outputs, report.labels, report.worker_id, report.started, report.log_file}, context));
}

// Of the current attempt only, whose result is accepted too. What is no metric is left out.
void TenantActor::keep_metrics(const execution::Run& run, const JobKey& job, const JobReport& report) {
  const execution::TaskRun* task_run = run.find_open(job.task_run_id);
  if (report.metrics.empty() || task_run == nullptr || job.attempt + 1 < static_cast<int>(task_run->attempts.size())) return;
  const execution::Header& header = run.header();
  int position = 0;
  for (const JsonObject& told : report.metrics) {
    store::MetricRow row{header.id, header.ns, header.flow_id, task_run->task_id, task_run->id, job.attempt, position++};
    row.type = text_or(told, "type");
    row.name = text_or(told, "name");
    const Json* value = find(told, "value");
    if (row.name.empty() || value == nullptr || !value->is_number() || (row.type != "counter" && row.type != "timer" && row.type != "gauge")) continue;
    row.value = value->to_number<double>() * (row.type == "timer" ? 1'000 : 1);  // told in seconds
    if (const Json* tags = find(told, "tags"); tags != nullptr && tags->is_object()) {
      for (const auto& [key, text] : tags->as_object()) row.tags[key] = to_text(text);
    }
    row.at = report.ended;
    row.kind = header.kind;
    turn_.rows().metrics.push_back(std::move(row));
  }
}

// I10: an execution that broke an assertion again and again ends FAILED with the reason, whatever its rules say.
void TenantActor::set_aside(const ExecutionId& id, const std::string& reason) {
  stepping(id);
  aside_.insert(id);
  runs_.erase(id);
  auto header = store_->read().execution(id);
  if (!header || !*header || (*header)->state.is_terminal()) return;
  const execution::State before = (*header)->state.current();
  auto open = store_->read().open_task_runs(id);
  if (open) {
    for (execution::TaskRun& task_run : *open) {
      end_session(id, task_run.id);   // nothing happens for those that have none
      task_run.state.move_to(execution::State::failed, now_);
      turn_.write(id, std::move(task_run));
    }
  }
  (*header)->state.move_to(execution::State::failed, now_);
  execution::LogLine line;
  line.at = now_;
  line.level = flow::LogLevel::error;
  line.message = reason;
  turn_.write_log({id, (*header)->ns, (*header)->flow_id, std::move(line)});
  turn_.write(**header);
  count(**header, before, execution::State::failed);
  drop_timers(id);
  unlock_trigger_of(**header);
  if (auto flow = flow_of((*header)->ns, (*header)->flow_id, (*header)->flow_revision)) hear(**header, **flow, execution::State::failed);
  leave_behind(**header);
}

// Everybody who has to do with an execution that ended outside of its rules: its jobs are stopped, its parent, callers and streams are told.
void TenantActor::leave_behind(const execution::Header& header) {
  const ExecutionId id = header.id;
  const auto jobs = store_->read().jobs();
  for (const store::JobRow& job : jobs.value_or(std::vector<store::JobRow>{})) {
    if (job.execution_id != id) continue;
    turn_.rows().ended_jobs.emplace_back(id, job.task_run_id);
    turn_.after([this, key = JobKey{id, job.task_run_id, job.attempt}](const Error* error) {
      if (error == nullptr) ports_.jobs.cancel(scope_.uid(), key);
    });
  }
  if (header.parent_link) {
    later([parent = *header.parent_link, id](TenantActor& actor) { actor.apply(parent.execution_id, execution::SubflowChanged{parent.task_run_id, id, execution::State::failed, {}}); });
  }
  tell_waiting(id, header);
  turn_.after([this, happened = Happened{id, turns_, true, true, true}](const Error* error) {
    if (error == nullptr) ports_.live.tell(scope_.uid(), happened);
  });
}

}  // namespace insula::engine
