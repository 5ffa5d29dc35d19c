#include "execution/test_world.h"

namespace insula::execution::test {

std::string letters(const StateHistory& history) {
  std::string text;
  for (const std::string& part : split(history.pack(), ',')) {
    if (!part.empty()) text += part.front();
  }
  return text;
}

const flow::Catalog& catalog() {
  static const flow::Catalog kCatalog = [] {
    flow::Catalog made;
    register_types(made);
    flow::TypeInfo job;
    job.type = "test.Job";
    flow::PropertyInfo format;
    format.name = "format";
    job.properties = {format};
    made.add(std::move(job));
    return made;
  }();
  return kCatalog;
}

std::shared_ptr<const flow::Flow> flow_of(std::string_view body) {
  const flow::ReadFlow read = flow::read_flow("id: f\nnamespace: a.b\n" + std::string(body), catalog());
  std::string problems;
  for (const Violation& violation : read.report.violations) problems += violation.path + ": " + violation.message + "\n";
  EXPECT_EQ(problems, "") << body;
  if (!read.flow) throw std::runtime_error(problems);
  return read.flow;
}

namespace {

Header new_header(const flow::Flow& flow, JsonObject inputs, IdGenerator& ids, Instant now) {
  Header header;
  header.id = ids.next_as<ExecutionId>(now);
  header.ns = flow.ns;
  header.flow_id = flow.id;
  header.flow_revision = 1;
  header.state = StateHistory(State::created, now);
  header.inputs = std::move(inputs);
  header.labels = flow.labels;
  header.labels.push_back({"system.correlationId", header.id.str()});
  header.original_id = header.id;
  header.original_created = now;
  return header;
}

}  // namespace

World::World(std::string_view body, JsonObject inputs, std::uint64_t seed) : World(flow_of(body), std::move(inputs), seed) {}

World::World(std::shared_ptr<const flow::Flow> of, JsonObject inputs, std::uint64_t seed)
    : flow(std::move(of)), ids(seed), run(flow, new_header(*flow, std::move(inputs), ids, now)), stored(run.header()) {}

World::World(std::shared_ptr<const flow::Flow> of, Header header, std::vector<TaskRun> all, std::uint64_t seed)
    : flow(std::move(of)), ids(seed), run(flow, header), stored(header) {
  for (TaskRun& one : all) rows[one.id] = std::move(one);
  now = header.state.entries().back().at + std::chrono::seconds(1);
  restore();
  begin();
}

StepContext World::context() {
  StepContext made{.now = now, .ids = ids};
  made.tenant_id = "main";
  made.task_runs_max = task_runs_max;
  return made;
}

Step World::apply(const Event& event) {
  const bool same_turn = std::holds_alternative<Answered>(event) || std::holds_alternative<SubflowStarted>(event) || std::holds_alternative<SubflowRefused>(event);
  if (restore_always && !same_turn) restore();
  StepContext with = context();
  Step step = run.apply(event, with);
  absorb(step);
  return step;
}

Step World::proceed() {
  StepContext with = context();
  Step step = run.proceed(with);
  absorb(step);
  return step;
}

void World::absorb(Step& step) {
  const bool was_killing = stored.state.current() == State::killing;
  std::set<TaskRunId> seen;
  for (TaskRun& one : step.changes.task_runs) {
    EXPECT_TRUE(seen.insert(one.id).second) << "a row twice in one step: " << one.task_id.str();
    rows[one.id] = one;
  }
  rows_written += step.changes.task_runs.size();
  largest_step = std::max(largest_step, step.changes.task_runs.size());
  for (const TaskRunId& id : step.changes.removed) rows.erase(id);
  logs.insert(logs.end(), step.changes.logs.begin(), step.changes.logs.end());
  if (step.changes.header_changed) stored = run.header();
  for (const Command& command : step.commands) {
    if (was_killing && std::holds_alternative<SubmitJob>(command)) dispatched_after_killing = true;
    act(command);
  }
  if (step.more) proceed();
  if (!step.needs.empty() && !answer(step.needs)) ADD_FAILURE() << "a need that nobody answers";
}

void World::act(const Command& command) {
  commands.push_back(command);
  if (const auto* job = std::get_if<SubmitJob>(&command)) jobs.push_back(*job);
  if (const auto* cancel = std::get_if<CancelJob>(&command)) std::erase_if(jobs, [&](const SubmitJob& job) { return job.task_run_id == cancel->task_run_id; });
  if (const auto* timer = std::get_if<SetTimer>(&command)) timers[timer->key] = timer->due;
  if (const auto* timer = std::get_if<ClearTimer>(&command)) timers.erase(timer->key);
  if (const auto* killed = std::get_if<KillSubflow>(&command)) killed_children.push_back(killed->execution_id);
  if (const auto* killed = std::get_if<KillBatches>(&command)) {
    for (const auto& [task_run, child] : children) {
      if (task_run == killed->task_run_id) killed_children.push_back(child);
    }
  }
  if (const auto* again = std::get_if<RestartSubflow>(&command)) {
    restarted_children.push_back(again->execution_id);
    children.emplace_back(again->task_run_id, again->execution_id);
  }
  if (const auto* end = std::get_if<Ended>(&command)) ended = end->state;
  if (const auto* start = std::get_if<StartSubflow>(&command)) {
    const StartSubflow one = *start;
    subflows.push_back(one);
    if (refuse_subflows) {
      apply(SubflowRefused{one.task_run_id, *refuse_subflows});
      return;
    }
    const ExecutionId child("child" + std::to_string(subflows.size()));
    if (one.wait) children.emplace_back(one.task_run_id, child);
    apply(SubflowStarted{one.task_run_id, child});
  }
}

bool World::answer(const std::vector<Need>& needs) {
  needs_seen += needs.size();
  std::map<TaskRunId, Answered> groups;
  for (const Need& need : needs) {
    std::optional<expression::Answer> found = answer_from_rows(*flow, need.lookup, sorted());
    if (!found && answers) found = answers(need.lookup);
    if (!found) return false;
    groups[need.task_run_id].task_run_id = need.task_run_id;
    groups[need.task_run_id].answers.push_back({need.lookup, std::move(*found)});
  }
  for (const auto& [id, group] : groups) apply(group);
  return true;
}

void World::restore() {
  std::vector<TaskRun> open;
  for (const TaskRun& one : sorted()) {
    if (!one.state.is_terminal()) open.push_back(one);
  }
  run = Run::restore(flow, stored, std::move(open));
}

void World::advance(Duration by) {
  const Instant until = now + by;
  for (;;) {
    auto next = timers.end();
    for (auto timer = timers.begin(); timer != timers.end(); ++timer) {
      if (timer->second <= until && (next == timers.end() || timer->second < next->second)) next = timer;
    }
    if (next == timers.end()) break;
    now = std::max(now, next->second);
    const std::string key = next->first;
    timers.erase(next);
    apply(TimerFired{key});
  }
  now = until;
}

void World::end_job(const SubmitJob& given, State state, JsonObject outputs) {
  const SubmitJob job = given;
  std::erase_if(jobs, [&](const SubmitJob& other) { return other.task_run_id == job.task_run_id; });
  apply(JobStarted{job.task_run_id, job.attempt, "worker-1"});
  JobEnded ended_event;
  ended_event.task_run_id = job.task_run_id;
  ended_event.attempt = job.attempt;
  ended_event.state = state;
  ended_event.outputs = std::move(outputs);
  ended_event.worker_id = "worker-1";
  apply(ended_event);
}

void World::end_job(std::string_view task, State state, JsonObject outputs) {
  for (const SubmitJob& job : jobs) {
    if (flow->task(job.task).id.str() == task) return end_job(job, state, std::move(outputs));
  }
  ADD_FAILURE() << "no job of " << task;
}

void World::end_child(State state, JsonObject outputs) {
  ASSERT_FALSE(children.empty());
  const auto [task_run, child] = children.front();
  children.erase(children.begin());
  apply(SubflowChanged{task_run, child, state, std::move(outputs)});
}

void World::run_to_end() {
  for (int i = 0; i < 100'000; ++i) {
    if (!jobs.empty()) end_job(SubmitJob(jobs.front()));
    else if (!timers.empty()) advance(std::chrono::hours(24 * 365));
    else if (!children.empty()) end_child(State::success);
    else return;
  }
  ADD_FAILURE() << "the run does not end";
}

const TaskRun& World::row(std::string_view task) const {
  const TaskRun* found = nullptr;
  for (const auto& [id, one] : rows) {
    if (one.task_id.str() == task && (!found || one.position > found->position)) found = &one;
  }
  if (!found) throw std::runtime_error("no task run of " + std::string(task));
  return *found;
}

std::string World::state(std::string_view task) const {
  for (const auto& [id, one] : rows) {
    if (one.task_id.str() == task) return letters(row(task).state);
  }
  return "";
}

std::string World::attempts(std::string_view task) const {
  std::string text;
  for (const Attempt& attempt : row(task).attempts) text += (text.empty() ? "" : " ") + letters(attempt.state);
  return text;
}

std::vector<TaskRun> World::sorted() const {
  std::vector<TaskRun> all;
  for (const auto& [id, one] : rows) all.push_back(one);
  std::ranges::sort(all, {}, &TaskRun::position);
  return all;
}

std::string World::order() const {
  std::string text;
  for (const TaskRun& one : sorted()) {
    text += (text.empty() ? "" : " ") + one.task_id.str();
    if (one.value) text += "[" + *one.value + "]";
  }
  return text;
}

std::string World::log_text() const {
  std::string text;
  for (const LogLine& line : logs) text += fmt::format("{} {} {}\n", flow::to_string(line.level), line.task_id ? line.task_id->str() : "-", line.message);
  return text;
}

}  // namespace insula::execution::test
