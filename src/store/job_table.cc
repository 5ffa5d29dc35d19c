#include "store/tables.h"

namespace insula::store::job_table {
namespace {

const Table& table() {
  static const Table table{"jobs", {{"execution_id", ColumnType::text, ColumnRole::key}, {"task_run_id", ColumnType::text, ColumnRole::key},
                           {"attempt", ColumnType::integer}, {"submitted", ColumnType::integer}}};
  return table;
}

}  // namespace

void write(Connection& c, const std::vector<JobRow>& jobs) {
  Cells rows;
  for (const JobRow& job : jobs) rows.id(job.execution_id).id(job.task_run_id).integer(job.attempt).instant(job.submitted);
  c.upsert(table(), rows);
}

void erase(Connection& c, const std::vector<std::pair<ExecutionId, TaskRunId>>& ended) {
  Cells keys;
  for (const auto& [execution_id, task_run_id] : ended) keys.id(execution_id).id(task_run_id);
  c.erase(table(), keys, 2);
}

void erase_all(Connection& c, const std::vector<ExecutionId>& executions) {
  Cells keys;
  for (const ExecutionId& id : executions) keys.id(id);
  c.erase(table(), keys, 1);
}

std::vector<JobRow> all(Connection& c) {
  std::vector<JobRow> out;
  c.query("select execution_id, task_run_id, attempt, submitted from jobs where {tenant} order by submitted, execution_id, task_run_id", {}, [&](const Row& row) {
    Cursor cell(row);
    JobRow job;
    job.execution_id = cell.id<ExecutionId>();
    job.task_run_id = cell.id<TaskRunId>();
    job.attempt = cell.small();
    job.submitted = cell.instant();
    out.push_back(std::move(job));
  });
  return out;
}

}  // namespace insula::store::job_table
