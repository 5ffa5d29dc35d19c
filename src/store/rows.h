// Rows that are not part of an execution's model, and the Turn: everything one commit of a tenant writes.
#pragma once
#include "execution/execution.h"
#include "store/audit.h"
#include "triggers/triggers.h"

namespace insula::store {

struct FlowRow {
  Namespace ns;
  FlowId id;
  int revision = 0;
  std::string source;
  bool deleted = false;
  bool disabled = false;
  std::string description;
  std::vector<flow::Label> labels;
  Instant updated;
  std::vector<std::string> trigger_types;  // for searches
};

// A job handed out and not yet answered: found again after a crash.
struct JobRow {
  ExecutionId execution_id;
  TaskRunId task_run_id;
  int attempt = 0;
  Instant submitted;
};

struct TimerRow {
  ExecutionId execution_id;
  std::string key;
  Instant due;
};

// A namespace that somebody has made (features.md §7.1); others are there because flows are in them.
struct NamespaceRow {
  Namespace id;
  std::string description;
  JsonObject settings;                     // the other fields of its JSON as they came: variables, concurrency, allowedNamespaces, …
  Instant created, updated;
};

// How much of one flow goes on: what concurrency limits count.
struct FlowActivity {
  Namespace ns;
  FlowId flow_id;
  std::int64_t running = 0;                // began and has not ended: RUNNING, PAUSED, RETRYING, KILLING, SUBMITTED
  std::int64_t queued = 0;
};

// How many executions have begun in the window of a quota (features.md §3.7).
struct QuotaCount {
  Namespace ns;                            // empty: the quota of the tenant
  Duration window{};                       // its length
  Instant start;
  std::int64_t executions = 0;
};

// State of a trigger: features.md §4.5 "Trigger state object".
struct TriggerRow {
  Namespace ns;
  FlowId flow_id;
  TriggerId id;
  int flow_revision = 0;
  std::optional<Instant> date;             // last evaluation
  std::optional<Instant> next_execution_date;
  std::optional<ExecutionId> execution_id; // running one that locks it
  Instant updated;
  bool disabled = false;
  Json backfill;                           // null or object
  std::string type;
};

// Executions of one flow that entered a state in one hour: totals, statistics and charts.
struct CounterDelta {
  Instant hour;                            // start of the hour of the execution's start date
  Namespace ns;
  FlowId flow_id;
  execution::State state;
  std::int64_t count = 0;                  // may be negative: left that state
  Duration duration{0};                    // sum over those that ended
};

// A command too large for one turn: a row with a cursor.
struct OperationRow {
  OperationId id;
  std::string kind;                        // `kill`, `delete`, `restart`, …
  Json arguments;                          // filters or ids, options
  std::string cursor;                      // last id dealt with
  std::int64_t total = 0, done = 0, failed = 0;
  std::string state;                       // RUNNING, DONE, FAILED
  Instant created, updated;
};

struct IdempotencyKey {
  std::string key;
  ExecutionId execution_id;
  Instant created;
};

struct LogWrite {
  ExecutionId execution_id;                // may be empty: a line of a trigger
  Namespace ns;
  FlowId flow_id;
  execution::LogLine line;
};

// A figure that an attempt of a task told.
struct MetricRow {
  ExecutionId execution_id;
  Namespace ns;
  FlowId flow_id;
  TaskId task_id;
  TaskRunId task_run_id;
  int attempt = 0;
  int position = 0;                        // among those of the attempt
  std::string type;                        // counter, timer, gauge
  std::string name;
  double value = 0;                        // of a timer: milliseconds
  JsonObject tags;
  Instant at;
  std::string kind;                        // of the execution; empty = NORMAL
};

// Everything one commit of a tenant writes, in one transaction. Order inside: deletes, then writes.
struct Turn {
  std::vector<FlowRow> flows;                                        // new revisions; the newest becomes the head
  std::vector<std::pair<ExecutionId, std::vector<TaskRunId>>> removed_task_runs;
  std::vector<ExecutionId> deleted_executions;                       // header, task runs, labels, timers, jobs
  std::vector<ExecutionId> deleted_logs_of;
  std::vector<ExecutionId> deleted_metrics_of;
  std::vector<execution::Header> executions;
  std::vector<std::pair<ExecutionId, execution::TaskRun>> task_runs;
  std::vector<LogWrite> logs;
  std::vector<MetricRow> metrics;
  std::vector<JobRow> jobs;
  std::vector<std::pair<ExecutionId, TaskRunId>> ended_jobs;
  std::vector<TimerRow> timers;
  std::vector<std::pair<ExecutionId, std::string>> cleared_timers;
  std::vector<TriggerRow> triggers;
  std::vector<TriggerRow> deleted_triggers;                          // by key
  std::vector<triggers::Window> windows;                             // of Flow triggers
  std::vector<triggers::Window> ended_windows;                       // by key
  std::vector<NamespaceRow> namespaces;
  std::vector<Namespace> deleted_namespaces;
  std::vector<QuotaCount> quota_counts;                              // as they are now
  std::vector<CounterDelta> counters;
  std::vector<OperationRow> operations;
  std::vector<IdempotencyKey> idempotency_keys;                      // a key that exists aborts the turn: code `idempotency-key-used`
  std::vector<std::string> file_deletions;                           // intent rows: storage prefixes to delete after the commit
  std::vector<std::string> finished_file_deletions;
  std::vector<AuditRow> audit;                                       // chained in this order; one whose id is there already is left out
  std::optional<Instant> audit_purged_before;                        // retention: entries older than this go
  bool empty() const;
  std::size_t rows() const;
};

}  // namespace insula::store
