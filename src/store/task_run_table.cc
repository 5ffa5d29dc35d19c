#include "store/tables.h"

namespace insula::store::task_run_table {
namespace {

using execution::StateHistory;
using execution::TaskRun;

// Task runs of an execution with more than this are listed in the order of their ids, which is that of their creation, so that a page of a
// huge execution does not sort them all.
constexpr std::int64_t kSortedMax = 20'000;

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"task_runs", {{"execution_id", ColumnType::text, ColumnRole::key}, {"id", ColumnType::text, ColumnRole::key}, {"task_id"},
      {"parent_id"}, {"value"}, {"iteration", integer}, {"position", integer}, {"open", integer}, {"history"}, {"attempts"}, {"outputs"},
      {"dynamic", integer}, {"force_execution", integer}, {"progress"}}};
  return table;
}

std::string select(std::string_view condition) {
  return fmt::format("select {} from task_runs t where {{tenant t}} and {}", columns_of(table(), "t"), condition);
}

std::string pack_attempts(const std::vector<execution::Attempt>& attempts) {
  JsonArray out;
  for (const execution::Attempt& attempt : attempts) out.push_back(JsonArray{attempt.state.pack(), attempt.worker_id, attempt.log_file});
  return write_json(Json(std::move(out)));
}

std::vector<execution::Attempt> unpack_attempts(const Json& packed) {
  std::vector<execution::Attempt> out;
  if (!packed.is_array()) return out;
  for (const Json& one : packed.as_array()) {
    if (!one.is_array() || one.as_array().size() != 3) broken("A stored attempt of a task run cannot be read.");
    const JsonArray& parts = one.as_array();
    out.push_back({StateHistory::unpack(to_text(parts[0])), to_text(parts[1]), to_text(parts[2])});
  }
  return out;
}

TaskRun from_row(const Row& row) {
  Cursor cell(row, 1);
  TaskRun t;
  t.id = cell.id<TaskRunId>();
  t.task_id = cell.id<TaskId>();
  t.parent_id = cell.maybe_id<TaskRunId>();
  t.value = cell.maybe_text();
  if (const auto iteration = cell.maybe_integer()) t.iteration = static_cast<int>(*iteration);
  t.position = cell.integer();
  cell.integer();  // open: for searches
  t.state = StateHistory::unpack(cell.text());
  t.attempts = unpack_attempts(cell.json());
  t.outputs = cell.object();
  t.dynamic = cell.flag();
  t.force_execution = cell.flag();
  t.progress = cell.json();
  return t;
}

std::vector<TaskRun> all(Connection& c, std::string_view sql, const Cells& parameters) {
  std::vector<TaskRun> out;
  c.query(sql, parameters, [&](const Row& row) { out.push_back(from_row(row)); });
  return out;
}

}  // namespace

void write(Connection& c, const std::vector<std::pair<ExecutionId, TaskRun>>& task_runs) {
  Cells rows;
  for (const auto& [execution_id, t] : task_runs) {
    rows.id(execution_id).id(t.id).id(t.task_id).id(t.parent_id);
    t.value ? rows.text(*t.value) : rows.null();
    t.iteration ? rows.integer(*t.iteration) : rows.null();
    rows.integer(t.position).flag(!t.state.is_terminal()).own(t.state.pack());
    t.attempts.empty() ? rows.null() : rows.own(pack_attempts(t.attempts));
    rows.json(t.outputs).flag(t.dynamic).flag(t.force_execution).json(t.progress);
  }
  c.upsert(table(), rows);
}

void erase(Connection& c, const std::vector<std::pair<ExecutionId, std::vector<TaskRunId>>>& removed) {
  Cells keys;
  for (const auto& [execution_id, ids] : removed) {
    for (const TaskRunId& id : ids) keys.id(execution_id).id(id);
  }
  c.erase(table(), keys, 2);
}

void erase_all(Connection& c, const std::vector<ExecutionId>& executions) {
  Cells keys;
  for (const ExecutionId& id : executions) keys.id(id);
  c.erase(table(), keys, 1);
}

std::vector<TaskRun> list(Connection& c, const ExecutionId& id, std::size_t offset, std::size_t limit) {
  static const std::string by_position = select("t.execution_id = $1 order by t.position, t.id limit $2 offset $3");
  static const std::string by_id = select("t.execution_id = $1 order by t.id limit $2 offset $3");
  const std::int64_t made = query_integer(c, "select task_runs from executions where {tenant} and id = $1", Cells().id(id)).value_or(0);
  return all(c, made > kSortedMax ? by_id : by_position,
             Cells().id(id).integer(static_cast<std::int64_t>(limit)).integer(static_cast<std::int64_t>(offset)));
}

std::vector<TaskRun> open(Connection& c, const ExecutionId& id) {
  static const std::string sql = select("t.execution_id = $1 and t.open = 1 order by t.position, t.id");
  return all(c, sql, Cells().id(id));
}

std::vector<TaskRun> of_tasks(Connection& c, const ExecutionId& id, const std::vector<TaskId>& tasks) {
  static const std::string sql = select("t.execution_id = $1 and t.task_id = $2 order by t.id");
  std::vector<TaskRun> out;
  std::set<TaskId> once(tasks.begin(), tasks.end());
  for (const TaskId& task : once) {
    for (TaskRun& t : all(c, sql, Cells().id(id).id(task))) out.push_back(std::move(t));
  }
  std::ranges::sort(out, [](const TaskRun& a, const TaskRun& b) { return std::tie(a.position, a.id) < std::tie(b.position, b.id); });
  return out;
}

std::optional<TaskRun> find(Connection& c, const ExecutionId& id, const TaskRunId& task_run) {
  static const std::string sql = select("t.execution_id = $1 and t.id = $2");
  auto found = all(c, sql, Cells().id(id).id(task_run));
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

}  // namespace insula::store::task_run_table
