// Operations on all rows of an execution that does not run: what restart, replay and a change of state share.
#pragma once
#include "execution/frontier.h"

namespace insula::execution {

// The rows of one execution with what they hang together by.
class Rows {
 public:
  Rows(const flow::Flow& flow, std::vector<TaskRun> rows);
  std::vector<TaskRun>& all() { return rows_; }
  TaskRun* find(const TaskRunId& id);
  const flow::Task* task(const TaskRun& row) const { return flow_.find(row.task_id); }
  bool flowable(const TaskRun& row) const;
  // Enclosing flowables, nearest first.
  std::vector<TaskRun*> ancestors(const TaskRun& row);
  // The branch of the task, or of an enclosing one, that is no main branch: `errors`, `finally`, `afterExecution`, `onPause`; empty: it is part of the main course.
  std::string side_branch(const TaskRun& row) const;
  // Takes rows away (with everything below them) and tells their ids.
  std::vector<TaskRunId> remove(const std::function<bool(const TaskRun&)>& doomed);

 private:
  void index();
  const flow::Flow& flow_;
  std::vector<TaskRun> rows_;
  std::unordered_map<TaskRunId, std::size_t> by_id_;
};

// Gives every open flowable, and the header, the progress that its children's rows imply.
void rebuild_progress(const flow::Flow& flow, Header& header, std::vector<TaskRun>& rows);
// A flowable that goes on: RUNNING, with the attempt it had.
void reopen(TaskRun& row, Instant now);
// Marks the header as about to go on: RESTARTED, next attempt number, outputs to be made again.
void restarted(Header& header, Instant now);
void set_label(Header& header, std::string key, std::string value);
// New ids for the execution and its task runs, for a copy.
void renew_ids(Header& header, std::vector<TaskRun>& rows, ExecutionId as, StepContext& context);

Error nothing_to_restart();

}  // namespace insula::execution
