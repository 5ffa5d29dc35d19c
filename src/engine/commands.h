// What callers ask of a tenant's actor, and what they get. Plain data.
#pragma once
#include "execution/execution.h"
#include "flow/flow.h"
#include "store/store.h"

namespace insula::engine {

struct SavedFlow {
  store::FlowRow row;
  std::shared_ptr<const flow::Flow> flow;
};

struct StartExecution {
  Namespace ns;
  FlowId flow_id;
  std::optional<int> revision;
  flow::GivenInputs inputs;
  std::vector<flow::Label> labels;          // of the request; checked: no system.* but system.correlationId
  std::string from = "api";                 // label system.from
  std::optional<Instant> schedule_date;
  std::string kind;
  std::string idempotency_key;              // empty = none; a repeat gets the first execution
  bool wait = false;                        // reply when it has ended
  std::optional<ExecutionId> id;            // chosen by the caller (files already stored under it); else made
};

struct Started {
  execution::Header header;
  std::vector<execution::TaskRun> task_runs;  // with wait; after a restart, replay or change of state: as they were before the run went on
  bool repeated = false;                    // of an idempotency key
  bool whole = false;                       // task_runs are all rows
};

struct WebhookCall {
  Namespace ns;
  FlowId flow_id;
  std::string key;                          // compared in constant time with the rendered key of each Webhook trigger
  std::string method;
  std::string body;                         // JSON object or array parsed, else kept as text
  std::map<std::string, std::vector<std::string>> headers;
  std::map<std::string, std::vector<std::string>> parameters;
};
// Errors of webhook(): not_found (unknown flow, no trigger with that key), conflict with code `webhook-conditions` (conditions false: 409, empty body),
// conflict (flow disabled).

// ---- actions on one execution (features.md §5.4)
struct KillAction { bool cascade = true; };
struct PauseAction {};
struct ResumeAction { flow::GivenInputs inputs; std::string by; };
struct RestartAction { std::optional<int> revision; };
struct ReplayAction { TaskRunId task_run_id; std::optional<int> revision; std::optional<flow::GivenInputs> inputs; bool latest_revision = false; };
struct ChangeTaskRunAction { TaskRunId task_run_id; execution::State state; };
struct ChangeStatusAction { execution::State state; };
struct SetLabelsAction { std::vector<flow::Label> labels; };
struct ForceRunAction {};
struct UnqueueAction { execution::State state = execution::State::running; };
using Action = std::variant<KillAction, PauseAction, ResumeAction, RestartAction, ReplayAction, ChangeTaskRunAction, ChangeStatusAction, SetLabelsAction, ForceRunAction, UnqueueAction>;

struct DeleteOptions {
  bool logs = true;
  bool metrics = true;
  bool storage = true;
};

struct CheckedInput {
  flow::Input input;
  Json value;
  bool enabled = true;
  bool is_default = false;
  std::vector<std::string> errors;
};

struct Evaluated {
  std::optional<std::string> result;
  std::string error;                        // when it could not be rendered
};

// Ids or a query, never both empty. By ids: all must exist and allow the action, else nothing is done and `invalids` says which (400, sharp edge 63).
struct BulkCommand {
  std::string kind;                         // kill, pause, resume, restart, replay, change-status, labels, force-run, unqueue, delete
  std::vector<ExecutionId> ids;
  std::optional<store::Query> query;
  std::optional<Action> action;             // none for delete
  DeleteOptions delete_options;
  bool include_non_terminated = false;
};

}  // namespace insula::engine
