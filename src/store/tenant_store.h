// One tenant's rows.
#pragma once
#include "store/query.h"
#include "store/rows.h"
#include "store/scope.h"

namespace insula::store {

enum class CommitOutcome {
  committed,
  superseded,      // another owner raised the fence or the turn number moved: the actor reloads
  refused,         // a constraint, such as a used idempotency key: nothing was written
  failed,          // nothing was written; try again later (disk full, database away)
  unknown,         // cannot tell; reopen and compare turn_number()
};
struct Committed {
  CommitOutcome outcome = CommitOutcome::committed;
  Error error = {};                        // unless committed
};

struct LogQuery {
  std::optional<flow::LogLevel> min_level;
  std::optional<TaskRunId> task_run_id;
  std::optional<TaskId> task_id;
  std::optional<int> attempt;
  std::int64_t after = 0;                  // only lines with a larger sequence number
  std::size_t limit = 100'000;
};
struct LogRow {
  std::int64_t sequence = 0;               // order within the tenant
  LogWrite log;
};

// Reading: any thread, on its own read-only connection; a snapshot per call.
class TenantReader {
 public:
  virtual ~TenantReader() = default;

  virtual Result<std::optional<FlowRow>> flow(const Namespace& ns, const FlowId& id) = 0;                  // newest revision, deleted ones included
  virtual Result<std::optional<FlowRow>> flow_revision(const Namespace& ns, const FlowId& id, int revision) = 0;
  virtual Result<std::vector<FlowRow>> flow_revisions(const Namespace& ns, const FlowId& id) = 0;          // oldest first
  virtual Result<std::vector<FlowRow>> flows_with_triggers() = 0;                                          // heads, not deleted
  virtual Result<Found<FlowRow>> search_flows(const Query& query) = 0;                                     // heads, not deleted; fields q scope namespace flowId/id labels enabled
  virtual Result<std::vector<FlowRow>> flows_of_namespace(const Namespace& ns) = 0;
  virtual Result<std::vector<std::string>> namespaces(const std::string& prefix) = 0;                      // distinct, of flows not deleted
  virtual Result<std::optional<NamespaceRow>> made_namespace(const Namespace& id) = 0;
  virtual Result<std::vector<NamespaceRow>> made_namespaces() = 0;                                         // all, by id
  virtual Result<std::vector<NamespaceRow>> limited_namespaces() = 0;                                      // those with a concurrency limit or quotas
  virtual Result<std::vector<QuotaCount>> quota_counts() = 0;

  virtual Result<std::optional<execution::Header>> execution(const ExecutionId& id) = 0;
  virtual Result<std::vector<execution::TaskRun>> task_runs(const ExecutionId& id, std::size_t offset = 0, std::size_t limit = 10'000) = 0;  // by position; above 20,000 in order of their ids, which is that of their creation
  virtual Result<std::vector<execution::TaskRun>> open_task_runs(const ExecutionId& id) = 0;               // not terminal
  virtual Result<std::vector<execution::TaskRun>> task_runs_of(const ExecutionId& id, const std::vector<TaskId>& tasks) = 0;
  virtual Result<std::optional<execution::TaskRun>> task_run(const ExecutionId& id, const TaskRunId& task_run) = 0;
  // Newest first unless sorted. The total of a full page comes from Turn::counters where only namespace, flowId, state, scope and startDate are
  // filtered; else it is counted, and 100,000 means at least so many.
  virtual Result<Found<execution::Header>> search_executions(const Query& query) = 0;  // fields q scope namespace flowId state labels startDate endDate timeRange(resolved to startDate by api) triggerExecutionId childFilter parentId kind id flowRevision
  virtual Result<std::vector<ExecutionId>> execution_ids(const Query& query, const ExecutionId& after, std::size_t limit) = 0;  // by id, for operations
  virtual Result<std::int64_t> count_executions(const Query& query) = 0;
  virtual Result<std::vector<execution::Header>> open_executions(const ExecutionId& after, std::size_t limit) = 0;  // not terminal, PAUSED or QUEUED; by id
  virtual Result<std::vector<execution::Header>> latest_executions(const std::vector<std::pair<Namespace, FlowId>>& flows) = 0;
  virtual Result<std::optional<ExecutionId>> execution_of_key(const std::string& idempotency_key) = 0;
  virtual Result<std::vector<FlowActivity>> activity() = 0;                                                // flows with executions that run or are queued
  virtual Result<bool> has_queued() = 0;
  virtual Result<std::vector<ExecutionId>> queued(const Namespace& ns, const FlowId& flow, std::size_t limit) = 0;  // QUEUED, oldest first

  virtual Result<std::vector<LogRow>> logs(const ExecutionId& id, const LogQuery& query) = 0;              // by sequence
  virtual Result<Found<LogRow>> search_logs(const Query& query) = 0;                                       // fields q namespace flowId executionId taskId triggerId level(minimum) startDate endDate; a total of 100,000 means at least so many
  virtual Result<std::vector<CounterDelta>> counters(Instant from, Instant to, const Query& query) = 0;    // namespace, flowId filters

  virtual Result<Found<MetricRow>> search_metrics(const Query& query) = 0;                                 // fields namespace flowId executionId taskId taskRunId type name timestamp
  virtual Result<std::vector<JobRow>> jobs() = 0;
  virtual Result<std::vector<TimerRow>> timers() = 0;                                                      // all, by due
  virtual Result<std::optional<TriggerRow>> trigger(const Namespace& ns, const FlowId& flow, const TriggerId& id) = 0;
  virtual Result<std::vector<TriggerRow>> all_triggers() = 0;
  virtual Result<Found<TriggerRow>> search_triggers(const Query& query) = 0;                               // fields q namespace flowId triggerId
  virtual Result<std::vector<triggers::Window>> trigger_windows() = 0;                                     // of all Flow triggers
  virtual Result<std::optional<OperationRow>> operation(const OperationId& id) = 0;
  virtual Result<std::vector<OperationRow>> open_operations() = 0;
  virtual Result<std::vector<std::string>> file_deletions() = 0;
  virtual Result<Found<AuditRow>> search_audit(const Query& query) = 0;                                    // newest first; fields q id type resource objectId namespace flowId executionId userId result startDate endDate
  virtual Result<std::optional<AuditRow>> audit_entry(const AuditId& id) = 0;
  virtual Result<std::vector<AuditRow>> audit_history(std::string_view object_id) = 0;                     // newest first, at most 1,000
  virtual Result<AuditVerdict> verify_audit() = 0;                                                         // reads all of it
  // What is waiting for this tenant, without loading it: earliest timer or trigger date, and whether there is open work: a job,
  // a running operation or a file deletion is due at once, `Instant{}`.
  virtual Result<std::optional<Instant>> next_due() = 0;
};

// The writer: one per tenant at a time, used by its actor only. It reads its own committed rows.
class TenantStore {
 public:
  virtual ~TenantStore() = default;
  virtual TenantReader& read() = 0;
  // The last failure of read() to reach the data (kind unavailable; a read that took too long is none) since it was asked: what was decided on such
  // a read must not be committed.
  virtual std::optional<Error> take_read_failure() = 0;
  // One transaction; its first statement moves the turn number and checks the fence.
  virtual Committed commit(const Turn& turn) = 0;
  virtual Result<std::int64_t> turn_number() = 0;
  // After CommitOutcome::unknown: closes and reopens, then says whether the last turn was applied. Until it has answered, every commit() is
  // unknown. Code `store-superseded` when another owner came meanwhile.
  virtual Result<bool> last_turn_applied() = 0;
};

}  // namespace insula::store
