// The door of `engine`: the loops. One tenant actor per loaded tenant is the only writer of its tenant; engine threads run actors turn by turn
// (fair between tenants): drain the mailbox, apply the rules, commit one transaction, and only then let effects leave (I1): replies, jobs,
// live events. A turn is built and committed on the same thread: a second hop to a committer would cost more than it frees
// (ARCHITECTURE.md "Turns"). Reads never pass through the actor: they run on reader threads over read-only snapshots.
//
// Threads: every method may be called from any thread and returns at once; replies and callbacks run on an engine, reader or worker thread and must not block.
// Life cycle: construct → start() → … → stop(), which finishes the turns in progress and leaves running jobs to be resubmitted at the next start.
#pragma once
#include "engine/commands.h"
#include "engine/job.h"
#include "engine/settings.h"
#include "flow/flow.h"
#include "storage/storage.h"
#include "store/store.h"
#include "tasks/tasks.h"

namespace insula::engine {

template <class T>
using Reply = std::move_only_function<void(Result<T>)>;

// What happened to an execution, told after the commit. Only a hint that there is something newer to read: state is read from the store.
struct Happened {
  ExecutionId execution_id;
  std::int64_t turn = 0;
  bool logs = false;                       // new log lines
  bool state = false;                      // header or task runs changed
  bool ended = false;                      // the execution is terminal
};

// Ends the subscription when destroyed.
class Subscription {
 public:
  virtual ~Subscription() = default;
};

struct Ports {
  std::shared_ptr<store::Stores> stores;
  std::shared_ptr<storage::Storage> storage;
  std::shared_ptr<const Clock> clock;
  std::shared_ptr<const flow::Catalog> catalog;
};

struct Statistics {                        // for /metrics and /health
  std::uint64_t turns = 0, turns_failed = 0, executions_started = 0, executions_ended = 0, jobs_started = 0, jobs_ended = 0, log_lines = 0, rows = 0;
  std::size_t tenants_loaded = 0, jobs_queued = 0, jobs_running = 0, runs_in_memory = 0;
};
struct TenantStatistics {
  std::uint64_t executions_started = 0, executions_ended = 0, log_lines = 0, jobs_ended = 0;
};

class Engine {
 public:
  Engine(Ports ports, Settings settings);
  ~Engine();
  Result<void> start();
  void stop(Duration grace);

  // ---- tenants
  // What else is written with the tenant's row, in one transaction: its entry of the audit log, the rights of whoever is to govern it.
  using Alongside = std::function<void(const store::TenantRow& row, store::SystemTurn& turn)>;
  void create_tenant(store::TenantRow tenant, Alongside alongside, Reply<store::TenantRow> reply);   // uid and created are filled in
  // Marks it, which makes its id free and its work refused, and replies; then stops its jobs and erases rows and files in the background.
  void delete_tenant(TenantId tenant, Alongside alongside, Reply<void> reply);
  // How far that is, and what was erased: of the last tenant with this id that was deleted; nothing when there was none. Blocks: reader threads.
  Result<std::optional<JsonObject>> deletion_report(const TenantId& tenant);
  // Triggers rest and nothing new is started until it goes on; what runs goes on. Twice is once.
  void suspend_tenant(TenantId tenant, bool suspended, Alongside alongside, Reply<store::TenantRow> reply);
  // Its row has changed: limits and weight hold from now on.
  void tenant_changed(const store::TenantRow& row);
  Result<store::TenantScope> scope(const TenantId& tenant);                      // cached; code `tenant-unknown`
  // Deletions that a crash interrupted; called once after start().
  Result<void> finish_deletions();

  // ---- audit log of a tenant. What commands change is noted by themselves, for the actor of their scope.
  void note(const store::TenantScope& scope, store::AuditRow entry);            // something else that happened: a denied request
  void collect_audit(const store::TenantScope& scope);                          // entries wait in the outbox of the system's database
  void purge_audit(const store::TenantScope& scope, Instant before, Reply<void> reply);

  // ---- flows
  void create_flow(store::TenantScope scope, std::string source, Reply<SavedFlow> reply);
  void update_flow(store::TenantScope scope, Namespace ns, FlowId id, std::string source, Reply<SavedFlow> reply);  // same revision when unchanged
  void delete_flow(store::TenantScope scope, Namespace ns, FlowId id, Reply<void> reply);
  // The compiled flow of a row, from the cache of the instance. Any thread.
  Result<std::shared_ptr<const flow::Flow>> compiled(const store::TenantScope& scope, const store::FlowRow& row);

  // ---- namespaces. Codes `namespace-exists` (is_new), `namespace-unknown`.
  void save_namespace(store::TenantScope scope, store::NamespaceRow row, bool is_new, Reply<store::NamespaceRow> reply);
  void delete_namespace(store::TenantScope scope, Namespace ns, Reply<void> reply);

  // ---- executions. Replies come after the commit.
  void start_execution(store::TenantScope scope, StartExecution command, Reply<Started> reply);
  void webhook(store::TenantScope scope, WebhookCall call, Reply<Started> reply);
  void act(store::TenantScope scope, ExecutionId execution, Action action, Reply<Started> reply);
  void delete_execution(store::TenantScope scope, ExecutionId execution, DeleteOptions options, Reply<void> reply);
  void delete_logs(store::TenantScope scope, ExecutionId execution, Reply<void> reply);
  // The first state that is terminal (or PAUSED), for `wait=true`.
  void await_end(store::TenantScope scope, ExecutionId execution, Reply<execution::Header> reply);
  // Inputs checked one by one, nothing started.
  void check_inputs(store::TenantScope scope, StartExecution command, Reply<std::vector<CheckedInput>> reply);
  void evaluate(store::TenantScope scope, ExecutionId execution, TaskRunId task_run, std::string expression, Reply<Evaluated> reply);
  // Bulk by ids or by query: a stored operation, advanced a slice per turn. The reply comes when it has ended or after 2 s, whichever is first.
  void start_operation(store::TenantScope scope, BulkCommand command, Reply<store::OperationRow> reply);

  // ---- triggers
  void set_trigger_disabled(store::TenantScope scope, Namespace ns, FlowId flow, TriggerId trigger, bool disabled, Reply<store::TriggerRow> reply);
  void unlock_trigger(store::TenantScope scope, Namespace ns, FlowId flow, TriggerId trigger, Reply<store::TriggerRow> reply);  // conflict when not locked
  void restart_trigger(store::TenantScope scope, Namespace ns, FlowId flow, TriggerId trigger, Reply<store::TriggerRow> reply);
  void delete_trigger(store::TenantScope scope, Namespace ns, FlowId flow, TriggerId trigger, Reply<void> reply);   // forget its state; rebuilt from the flow

  // ---- reads and live events
  // Runs on a reader thread, fair between tenants; an Error instead of the reader when the tenant's data cannot be opened.
  void read(store::TenantScope scope, std::move_only_function<void(Result<store::TenantReader*>)> work);
  // For work of the instance that blocks (password hashing, system.db): a reader thread without tenant.
  void read_system(std::move_only_function<void(store::Stores&)> work);
  // Told about one execution, or about all of the tenant when `execution` is empty.
  std::unique_ptr<Subscription> subscribe(const store::TenantScope& scope, const ExecutionId& execution, std::function<void(const Happened&)> listener);
  // Calls `work` once after the delay, on a reader thread.
  void after(Duration delay, std::move_only_function<void()> work);

  const Settings& settings() const;
  const Ports& ports() const;
  Statistics statistics() const;
  std::vector<std::pair<TenantId, TenantStatistics>> busiest_tenants(std::size_t count) const;

 private:
  void change_trigger(store::TenantScope scope, Namespace ns, FlowId flow, TriggerId trigger, TriggerChange change, Reply<store::TriggerRow> reply);
  Result<void> erase_tenant(const store::TenantRow& row);
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// Files that come with a request are stored before their execution is: this file, with storage::execution_prefix as its text, says so until the execution
// is durable or the request refused. What a crash leaves is swept with what it names.
std::string upload_claim_path(const ExecutionId& execution);

// The file in the data folder that is kept so that a full disk leaves room to delete: for a start on such a disk.
void give_up_ballast(const std::filesystem::path& data_folder);

}  // namespace insula::engine
