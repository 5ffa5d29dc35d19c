// What each table can do, one .cc per table. Functions throw StoreFailure; sessions are scoped by their connection.
#pragma once
#include "store/database.h"
#include "store/query.h"
#include "store/tenant_store.h"
#include "store/system_store.h"

namespace insula::store {

// The number of a tenant's last turn, the fence of its owner, the last sequence number of a log line.
namespace turn_table {
struct State { std::int64_t number = 0, fence = 0, log_sequence = 0; };
std::optional<State> read(Connection& c);
std::optional<State> raise_fence(Connection& c);                                       // nothing when the tenant has no row
bool advance(Connection& c, const State& expected, std::int64_t log_lines);            // false: superseded
void create(Connection& c);                                                            // does nothing when it exists
}  // namespace turn_table

namespace flow_table {
void write(Connection& c, const std::vector<FlowRow>& flows);
std::optional<FlowRow> head(Connection& c, const Namespace& ns, const FlowId& id);
std::optional<FlowRow> revision(Connection& c, const Namespace& ns, const FlowId& id, int revision);
std::vector<FlowRow> revisions(Connection& c, const Namespace& ns, const FlowId& id);
std::vector<FlowRow> with_triggers(Connection& c);
std::vector<FlowRow> of_namespace(Connection& c, const Namespace& ns);
std::vector<std::string> namespaces(Connection& c, const std::string& prefix);
Found<FlowRow> search(Connection& c, const Query& query);
}  // namespace flow_table

namespace execution_table {
const Table& table();
execution::Header from_row(const Row& row);
void write(Connection& c, const std::vector<execution::Header>& executions);
void erase(Connection& c, const std::vector<ExecutionId>& ids);                        // header, labels, task runs, timers, jobs
std::optional<execution::Header> find(Connection& c, const ExecutionId& id);
std::vector<execution::Header> find_all(Connection& c, const std::vector<std::string>& ids);  // in this order, missing ones left out
std::vector<execution::Header> open(Connection& c, const ExecutionId& after, std::size_t limit);
std::vector<execution::Header> latest(Connection& c, const std::vector<std::pair<Namespace, FlowId>>& flows);
std::vector<FlowActivity> activity(Connection& c);
bool has_queued(Connection& c);
std::vector<ExecutionId> queued(Connection& c, const Namespace& ns, const FlowId& flow, std::size_t limit);
}  // namespace execution_table

namespace execution_search {
Found<execution::Header> search(Connection& c, const Query& query);
std::vector<ExecutionId> ids(Connection& c, const Query& query, const ExecutionId& after, std::size_t limit);
std::int64_t count(Connection& c, const Query& query);                                 // exact
}  // namespace execution_search

// Labels of executions, for searches; the header holds the list that is shown. Rows are replaced whole when a header's labels changed.
namespace label_table {
void replace(Connection& c, const std::vector<const execution::Header*>& executions);
void erase(Connection& c, const std::vector<ExecutionId>& executions);
std::string fingerprint(const execution::Header& header);                              // equal for equal label rows
}  // namespace label_table

namespace task_run_table {
void write(Connection& c, const std::vector<std::pair<ExecutionId, execution::TaskRun>>& rows);
void erase(Connection& c, const std::vector<std::pair<ExecutionId, std::vector<TaskRunId>>>& removed);
void erase_all(Connection& c, const std::vector<ExecutionId>& executions);
std::vector<execution::TaskRun> list(Connection& c, const ExecutionId& id, std::size_t offset, std::size_t limit);
std::vector<execution::TaskRun> open(Connection& c, const ExecutionId& id);
std::vector<execution::TaskRun> of_tasks(Connection& c, const ExecutionId& id, const std::vector<TaskId>& tasks);
std::optional<execution::TaskRun> find(Connection& c, const ExecutionId& id, const TaskRunId& task_run);
}  // namespace task_run_table

namespace log_table {
void write(Connection& c, const std::vector<LogWrite>& logs, std::int64_t first_sequence);
void erase_of(Connection& c, const std::vector<ExecutionId>& executions);
std::vector<LogRow> list(Connection& c, const ExecutionId& id, const LogQuery& query);
Found<LogRow> search(Connection& c, const Query& query);
}  // namespace log_table

namespace metric_table {
void write(Connection& c, const std::vector<MetricRow>& metrics);
void erase_of(Connection& c, const std::vector<ExecutionId>& executions);
Found<MetricRow> search(Connection& c, const Query& query);
}  // namespace metric_table

namespace job_table {
void write(Connection& c, const std::vector<JobRow>& jobs);
void erase(Connection& c, const std::vector<std::pair<ExecutionId, TaskRunId>>& ended);
void erase_all(Connection& c, const std::vector<ExecutionId>& executions);
std::vector<JobRow> all(Connection& c);
}  // namespace job_table

namespace timer_table {
void write(Connection& c, const std::vector<TimerRow>& timers);
void erase(Connection& c, const std::vector<std::pair<ExecutionId, std::string>>& cleared);
void erase_all(Connection& c, const std::vector<ExecutionId>& executions);
std::vector<TimerRow> all(Connection& c);
std::optional<Instant> earliest(Connection& c);
}  // namespace timer_table

namespace trigger_table {
void write(Connection& c, const std::vector<TriggerRow>& triggers);
void erase(Connection& c, const std::vector<TriggerRow>& triggers);
std::optional<TriggerRow> find(Connection& c, const Namespace& ns, const FlowId& flow, const TriggerId& id);
std::vector<TriggerRow> all(Connection& c);
Found<TriggerRow> search(Connection& c, const Query& query);
std::optional<Instant> earliest(Connection& c);                                        // of those not disabled
}  // namespace trigger_table

// What Flow triggers have gathered.
namespace window_table {
void write(Connection& c, const std::vector<triggers::Window>& windows);
void erase(Connection& c, const std::vector<triggers::Window>& windows);
std::vector<triggers::Window> all(Connection& c);
}  // namespace window_table

namespace counter_table {
// Each delta is added to its hour, its day and to all time.
void add(Connection& c, const std::vector<CounterDelta>& deltas);
std::vector<CounterDelta> list(Connection& c, Instant from, Instant to, const Query& query);
// Executions counted in whole hours from ≤ start < to (both at the start of an hour), or of all time; filters on namespace, flowId, state, scope.
std::int64_t sum(Connection& c, const Query& query, std::optional<std::pair<Instant, Instant>> hours);
}  // namespace counter_table

namespace namespace_table {
void write(Connection& c, const std::vector<NamespaceRow>& namespaces);
void erase(Connection& c, const std::vector<Namespace>& namespaces);
std::optional<NamespaceRow> find(Connection& c, const Namespace& id);
std::vector<NamespaceRow> all(Connection& c);
std::vector<NamespaceRow> limited(Connection& c);                                      // those with a concurrency limit or quotas
}  // namespace namespace_table

// Executions that began in the current window of each quota.
namespace quota_table {
void write(Connection& c, const std::vector<QuotaCount>& counts);
std::vector<QuotaCount> all(Connection& c);
}  // namespace quota_table

namespace operation_table {
void write(Connection& c, const std::vector<OperationRow>& operations);
std::optional<OperationRow> find(Connection& c, const OperationId& id);
std::vector<OperationRow> open(Connection& c);
}  // namespace operation_table

namespace idempotency_table {
void insert(Connection& c, const std::vector<IdempotencyKey>& keys);                   // constraint failure when one is used
std::optional<ExecutionId> find(Connection& c, const std::string& key);
}  // namespace idempotency_table

// Storage prefixes to delete after the commit that made them garbage.
namespace file_deletion_table {
void write(Connection& c, const std::vector<std::string>& prefixes);
void erase(Connection& c, const std::vector<std::string>& prefixes);
std::vector<std::string> all(Connection& c);
}  // namespace file_deletion_table

namespace tenant_table {
void insert(Connection& c, const TenantRow& tenant);
void update(Connection& c, const TenantRow& tenant);
void erase(Connection& c, const TenantUid& uid);
std::optional<TenantRow> find(Connection& c, const TenantId& id);
std::optional<TenantRow> find_uid(Connection& c, const TenantUid& uid);                // deleting ones too
std::vector<TenantRow> with_state(Connection& c, std::string_view state);
std::vector<TenantRow> of_user(Connection& c, const UserId& user);
std::vector<std::string> all_uids(Connection& c);
Found<TenantRow> search(Connection& c, const Query& query);
std::vector<std::pair<TenantRow, Instant>> due(Connection& c, Instant until, std::size_t limit);
}  // namespace tenant_table

namespace wake_table {
void write(Connection& c, const std::vector<std::pair<TenantUid, std::optional<Instant>>>& wakes);
std::optional<Instant> next(Connection& c);
}  // namespace wake_table

namespace setting_table {
std::optional<std::string> find(Connection& c, std::string_view key);
void write(Connection& c, std::string_view key, std::string_view value);
}  // namespace setting_table

// Lists of labels as one text: `[["key","value"],…]`.
std::string pack_labels(const std::vector<flow::Label>& labels);
std::vector<flow::Label> unpack_labels(std::string_view text);

}  // namespace insula::store
