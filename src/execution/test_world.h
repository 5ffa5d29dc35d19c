// A world for tests of the rules: keeps the rows a run writes, answers its needs from them, and lets a test end jobs, timers and subflows.
#pragma once
#include <gtest/gtest.h>

#include "execution/execution.h"

namespace insula::execution::test {

// Histories are written with the letters of StateHistory::pack: C created, S submitted, R running, P paused, r restarted, k killing, s success,
// w warning, f failed, K killed, x cancelled, q queued, y retrying, Y retried, z skipped.
std::string letters(const StateHistory& history);

const flow::Catalog& catalog();          // types of `execution` and `test.Job`, a worker's task with the property `format`
std::shared_ptr<const flow::Flow> flow_of(std::string_view body);  // `id: f`, `namespace: a.b` put before

class World {
 public:
  explicit World(std::string_view body, JsonObject inputs = {}, std::uint64_t seed = 1);
  explicit World(std::shared_ptr<const flow::Flow> flow, JsonObject inputs = {}, std::uint64_t seed = 1);
  World(std::shared_ptr<const flow::Flow> flow, Header header, std::vector<TaskRun> rows, std::uint64_t seed);  // after a rework: restored, Begin applied

  Step apply(const Event& event);        // and everything that follows of `more` and of needs
  Step proceed();
  void begin() { apply(Begin{}); }
  void restore();                        // drops the run, makes it anew from the stored rows
  void advance(Duration by);             // time passes; due timers fire in their order
  void end_job(std::string_view task, State state = State::success, JsonObject outputs = {});   // first open job of the task
  void end_job(const SubmitJob& job, State state = State::success, JsonObject outputs = {});
  void end_child(State state, JsonObject outputs = {});
  void run_to_end();                     // ends all jobs well, lets timers fire, until nothing is left

  std::string state() const { return letters(run.header().state); }
  std::string state(std::string_view task) const;             // history of its last task run
  std::string attempts(std::string_view task) const;          // histories of its attempts, space between
  Json outputs(std::string_view task) const { return row(task).outputs; }
  const TaskRun& row(std::string_view task) const;
  std::vector<TaskRun> sorted() const;
  std::string order() const;                                  // task ids in order of position, `task[value]` in loops
  std::string log_text() const;                               // `LEVEL task message` lines

  std::shared_ptr<const flow::Flow> flow;
  Instant now = *parse_instant("2026-01-01T00:00:00Z");
  IdGenerator ids;
  Run run;
  Header stored;
  std::map<TaskRunId, TaskRun> rows;
  std::vector<LogLine> logs;
  std::map<std::string, Instant> timers;
  std::vector<SubmitJob> jobs;
  std::vector<StartSubflow> subflows;    // all that were started
  std::vector<std::pair<TaskRunId, ExecutionId>> children;    // waited for
  std::vector<ExecutionId> killed_children, restarted_children;
  std::vector<Command> commands;         // all of them
  std::optional<State> ended;
  std::function<expression::Answer(const expression::Lookup&)> answers;
  std::optional<Error> refuse_subflows;
  int task_runs_max = 2'000;
  std::size_t needs_seen = 0, rows_written = 0, largest_step = 0;
  bool restore_always = false;           // before each event
  bool dispatched_after_killing = false;

 private:
  StepContext context();
  void absorb(Step& step);
  void act(const Command& command);
  bool answer(const std::vector<Need>& needs);
};

}  // namespace insula::execution::test
