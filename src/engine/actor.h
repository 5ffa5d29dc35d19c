// The tenant actor: the only writer of its tenant. Single-threaded and without threads of its own: a pool of engine threads (or the
// simulator) calls run_turn() when it was posted to. Life cycle: construct → open() → run_turn()… → destroy; a turn that could not be
// committed leaves the actor `broken`: its memory is not to be trusted any more, and the owner opens a new one.
#pragma once
#include "engine/crash_notes.h"
#include "engine/flow_cache.h"
#include "engine/job.h"
#include "engine/ledger.h"
#include "engine/live.h"
#include "engine/slots.h"
#include "engine/tenant_limits.h"
#include "engine/turn_builder.h"
#include "schedule/schedule.h"
#include "triggers/triggers.h"
#include "vault/vault.h"

namespace insula::engine {

class TenantActor;
class UpstreamVariables;   // actor_listeners.cc

// One piece of mail. `run` is called within a turn. When the turn is not committed, mail that `keeps` is applied again by the next actor
// (results of workers, timers); the rest is refused. Whatever happens, a caller is answered, and once: replies are used up by it (reply.h).
struct Message {
  std::function<void(TenantActor&)> run;
  bool keeps = false;
  ExecutionId execution;                   // whom to set aside when it breaks an assertion (I10); may be empty
  std::function<void(const Error&)> refuse = {};   // tells the caller that it was not applied
  bool frees = false;                      // deletes or kills: done on a full disk, too
};

// What a turn does besides its mail: everything that is due, or, on a full disk, only operations that delete.
enum class TurnScope { everything, deletes };

struct ActorPorts {
  store::Stores& stores;
  storage::Storage& storage;
  const Clock& clock;
  FlowCache& flows;
  const Settings& settings;
  JobSink& jobs;                           // dispatcher
  LiveFeed& live;
  Ledger& ledger;
  std::function<void(std::move_only_function<void()>)> background;   // runs blocking work elsewhere; it answers by post
  std::function<void(Message)> post;                                 // to this tenant's mailbox, from any thread
  std::function<void(std::move_only_function<void(store::Stores&)>)> system;
  std::function<void()> disk_full = {};                              // before callers hear of it
};

struct TurnOutcome {
  bool committed = true;                   // false: broken, with the mail to keep in `keep`
  std::vector<Message> keep;
  Error error;
  bool broken = false;                     // by an assertion or exception in a rule (I10), not by the store
  ExecutionId culprit;                     // whose rules broke; may be empty
};

class TenantActor {
 public:
  TenantActor(store::TenantScope scope, ActorPorts ports, std::uint64_t seed);
  // Opens the store, finds jobs in flight, timers, schedules and open executions that have work to do.
  Result<void> open();
  // `note`: of the engine thread, told whose rules are applied.
  TurnOutcome run_turn(std::vector<Message> mail, CrashNotes::Slot* note = nullptr, TurnScope scope = TurnScope::everything);
  bool has_more() const { return !continue_.empty() || !advancing_.empty(); }   // wants another turn at once
  // Before anything else of the first turn; after open().
  void set_aside_first(const ExecutionId& id, const std::string& reason);
  std::optional<Instant> next_due() const;               // earliest timer or schedule
  bool is_idle() const;                                  // nothing in memory that needs the actor
  std::size_t runs_in_memory() const { return runs_.size(); }
  const store::TenantScope& scope() const { return scope_; }

  // ---- what messages call; each within a turn
  void create_flow(const std::string& source, std::shared_ptr<Reply<SavedFlow>> reply);
  void update_flow(const Namespace& ns, const FlowId& id, const std::string& source, std::shared_ptr<Reply<SavedFlow>> reply);
  void delete_flow(const Namespace& ns, const FlowId& id, std::shared_ptr<Reply<void>> reply);
  void start_execution(const StartExecution& command, std::shared_ptr<Reply<Started>> reply);
  void webhook(const WebhookCall& call, std::shared_ptr<Reply<Started>> reply);
  void act(const ExecutionId& id, const Action& action, std::shared_ptr<Reply<Started>> reply);
  void delete_execution(const ExecutionId& id, DeleteOptions options, std::shared_ptr<Reply<void>> reply);
  void delete_logs(const ExecutionId& id, std::shared_ptr<Reply<void>> reply);
  void await_end(const ExecutionId& id, std::shared_ptr<Reply<execution::Header>> reply);
  void await_operation(const OperationId& id, std::shared_ptr<Reply<store::OperationRow>> reply);
  void check_inputs(const StartExecution& command, std::shared_ptr<Reply<std::vector<CheckedInput>>> reply);
  void evaluate(const ExecutionId& id, const TaskRunId& task_run, const std::string& text, std::shared_ptr<Reply<Evaluated>> reply);
  void start_operation(const BulkCommand& command, std::shared_ptr<Reply<store::OperationRow>> reply);
  void on_behalf_of(const store::Actor& who) { who_ = who; }   // whose message is applied from here on; for the audit log
  void append_audit(std::vector<store::AuditRow> entries);
  void collect_audit();                                      // entries of identity changes, from the outbox
  void purge_audit(Instant before, std::shared_ptr<Reply<void>> reply);
  void set_limits(const TenantLimits& limits);
  void save_namespace(store::NamespaceRow row, bool is_new, std::shared_ptr<Reply<store::NamespaceRow>> reply);
  void delete_namespace(const Namespace& id, std::shared_ptr<Reply<void>> reply);
  void change_trigger(const Namespace& ns, const FlowId& flow, const TriggerId& id, const TriggerChange& change, std::shared_ptr<Reply<store::TriggerRow>> reply);
  void job_started(const JobKey& job, const std::string& worker_id);
  void job_logged(const JobKey& job, const std::vector<execution::LogLine>& lines);
  void job_ended(const JobKey& job, const JobReport& report);
  void polled(const PollReport& report);
  void answer(const ExecutionId& id, const execution::Answered& answered);
  void answer_late(const ExecutionId& id, const execution::Answered& answered);   // from the background
  void set_aside(const ExecutionId& id, const std::string& reason);
  void fire_due();
  void erase_finished(const std::string& prefix);

 private:
  struct Active {
    execution::Run run;
    std::optional<execution::State> counted;   // state counted and committed so far
    bool dirty = false;                        // header to be written at the end of the turn
    bool more = false;
    std::size_t heard = 0;                     // entries of its state history that listeners have heard of
    bool touched = false;                      // in touched_: finish_turn looks at it
    std::size_t jobs = 0;
    bool told_logs = false, told_state = false;
    std::vector<std::string> secrets;          // plain texts that this run has seen: masked in its log lines
    std::optional<vault::Masker> masker;       // of `secrets`; made when the first line needs it
    std::optional<std::vector<std::string>> readable;  // see readable_of()
    std::vector<execution::Need> outstanding;  // asked for in the background and not answered yet
    explicit Active(execution::Run r) : run(std::move(r)) {}
  };
  struct Head {
    store::FlowRow row;
    std::shared_ptr<const flow::Flow> flow;
  };
  // Stands for the lookups of an execution that are in the background: due when they take too long, found again after a crash.
  static constexpr std::string_view kLookupsTimer = "lookups";
  // Stands for what an execution goes on with in the next turn: it may have timers and jobs besides, so that nothing else tells that it is not done.
  static constexpr std::string_view kUnfinishedTimer = "unfinished";
  struct Internal {
    std::function<void(TenantActor&)> work;
    ExecutionId of;                          // not empty: of work that may wait for the next turn, since the rows of this execution make it again
  };
  using FlowKey = std::pair<Namespace, FlowId>;
  struct TriggerKey {
    Namespace ns;
    FlowId flow;
    TriggerId id;
    auto operator<=>(const TriggerKey&) const = default;
  };

  // actor.cc
  void run_work(std::vector<Message>& mail, TurnOutcome& outcome, TurnScope scope);
  void stepping(const ExecutionId& id);                      // the rules of this execution are applied from here on
  void commit_turn(TurnOutcome& outcome);
  void give_back(std::vector<Message> mail, TurnOutcome& outcome);
  void finish_turn();
  void tell_waiting(const ExecutionId& id, Result<execution::Header> ended);
  execution::StepContext step_context();
  template <class T> void reply_after(std::shared_ptr<Reply<T>> reply, Result<T> result);
  Result<void> find_unfinished(const std::vector<store::JobRow>& jobs);
  void recover_jobs(const std::vector<store::JobRow>& rows);
  // actor_flows.cc
  Result<Head*> head(const Namespace& ns, const FlowId& id);
  Result<std::shared_ptr<const flow::Flow>> flow_of(const Namespace& ns, const FlowId& id, std::optional<int> revision);
  void save_flow(std::string source, flow::ReadFlow read, int revision, std::shared_ptr<Reply<SavedFlow>> reply);
  // actor_start.cc
  void tell_undeclared(const flow::GivenInputs& given, const std::vector<flow::Input>& declared, const execution::Header& header);
  Result<execution::Header> new_header(const flow::Flow& flow, const StartExecution& command);
  Result<JsonObject> bind(const std::vector<flow::Input>& inputs, const flow::GivenInputs& given, const execution::Header& header, const flow::Flow& flow);
  Result<ExecutionId> launch(std::shared_ptr<const flow::Flow> flow, execution::Header header, bool at_once = true);
  void start_by_webhook(std::shared_ptr<const flow::Flow> flow, const flow::Trigger& trigger, const WebhookCall& call, std::shared_ptr<Reply<Started>> reply);
  void begin(Active& active);
  static void set_labels(execution::Header& header, const std::vector<flow::Label>& labels);   // of a trigger: before those of the system
  JsonObject outer_variables(const flow::Flow& flow, const execution::Header& header);
  expression::Environment environment();
  Result<Json> encrypt(std::string_view plain) const;
  Result<std::string> decrypt(const Json& wrapper) const;
  // actor_steps.cc
  Result<Active*> active(const ExecutionId& id);             // from memory or restored from the store
  void touch(Active& active);
  void learn_secrets(Active& active);                        // those its flow names, those of SECRET inputs
  const std::vector<std::string>& secrets_named_by(const std::shared_ptr<const flow::Flow>& flow);
  std::string masked(Active& active, std::string message);
  void leave_behind(const execution::Header& header);
  void keep_metrics(const execution::Run& run, const JobKey& job, const JobReport& report);
  void write_log_files(Active& active, std::vector<execution::LogLine>& lines);
  void apply(const ExecutionId& id, const execution::Event& event);
  void absorb(Active& active, execution::Step step);
  void perform(Active& active, execution::Command& command);
  void ended(Active& active);
  void later(std::function<void(TenantActor&)> work) { internal_.push_back({std::move(work), {}}); }   // always in this turn
  void later_or_next_turn(const ExecutionId& of, std::function<void(TenantActor&)> work) { internal_.push_back({std::move(work), of}); }
  void go_on_next_turn(const ExecutionId& id, std::function<void(TenantActor&)> work);
  void drain_internal();
  void tell_parent(const execution::NotifyParent& notify, const execution::Header& child, const flow::Flow& flow);
  void start_subflow(const ExecutionId& parent, const execution::StartSubflow& command);
  void kill_batches(const ExecutionId& parent, const TaskRunId& task_run);
  void create_retry(const ExecutionId& id);
  void end_session(const ExecutionId& id, const TaskRunId& task_run);
  void end_lost_sessions();
  void set_timer(const ExecutionId& id, const std::string& key, Instant due);
  void clear_timer(const ExecutionId& id, const std::string& key);
  void drop_timers(const ExecutionId& id);
  // actor_lookups.cc
  void look_up(Active& active, const std::vector<execution::Need>& needs);
  void give_up_lookups(const ExecutionId& id);
  void proceed(const ExecutionId& id);                       // whatever the run can do by itself
  // Storage prefixes of the executions whose files this one may read: its own, those it descends from, the one it repeats.
  std::vector<std::string> readable_prefixes(const execution::Header& header);
  const std::vector<std::string>& readable_of(Active& active);
  std::optional<expression::Answer> answer_now(const execution::Header& header, const flow::Flow& flow, const expression::Lookup& lookup);
  Result<std::vector<execution::TaskRun>> all_task_runs(const ExecutionId& id, std::size_t limit);
  // actor_actions.cc
  Result<Started> act_now(const ExecutionId& id, const Action& action);
  Result<Started> rework(const ExecutionId& id, const Action& action);
  void renew(execution::Rework& rework, const ExecutionId& parent);
  Result<Started> change_ended(const ExecutionId& id, const Action& action);
  Result<void> delete_now(const ExecutionId& id, const DeleteOptions& options);
  // actor_triggers.cc
  void load_triggers(const std::vector<store::FlowRow>& flows, std::vector<store::TriggerRow> rows);
  void refresh_triggers(const Head& before, const Head& after);
  void fire_schedule(const TriggerKey& key);
  void unlock_trigger_of(const execution::Header& header);
  void plan(store::TriggerRow& row, const flow::Trigger& trigger, Instant after);
  void keep_trigger(store::TriggerRow row);
  void start_of_trigger(store::TriggerRow row, const flow::Trigger& trigger, std::shared_ptr<const flow::Flow> flow, execution::Header header);
  void poll(const TriggerKey& key, store::TriggerRow row, const flow::Trigger& trigger, const std::shared_ptr<const flow::Flow>& flow);
  // actor_listeners.cc
  void load_listeners(const std::vector<store::FlowRow>& flows, std::vector<triggers::Window> windows);
  void refresh_listeners(const Head& after);
  void index_listeners(const std::shared_ptr<const flow::Flow>& flow);
  void hear(Active& active);                                 // the states that it has entered since it was last heard of
  void hear(const execution::Header& header, const flow::Flow& flow, execution::State state);
  void hear_with(const triggers::Listener& listener, UpstreamVariables& variables, const execution::Header& header, execution::State state);
  void fire(const triggers::Listener& listener, UpstreamVariables& variables, const execution::Header& upstream, execution::State state, JsonObject outputs);
  JsonObject inputs_of_listener(const flow::Flow& flow, const flow::GivenInputs& given, const execution::Header& header);
  void complain(const triggers::Listener& listener, flow::LogLevel level, std::string message);
  // actor_audit.cc
  struct Audited {
    std::string_view kind, resource;
    std::string object_id;
    Namespace ns;
    FlowId flow_id;
    ExecutionId execution_id;
    JsonObject detail;
    std::string before, after;
  };
  void audit(Audited what);                                  // does nothing when nobody acts: schedules, subflows, timers
  Result<void> may_start() const;                            // conflict `tenant-suspended`
  // actor_operations.cc
  void advance_operation(const OperationId& id);
  void fail_operation(store::OperationRow row, const Error& error);
  static std::optional<std::string> refusal_of(const std::string& kind, execution::State state, bool include_non_terminated);
  // actor_slots.cc
  Result<bool> take_quota(Active& active);                   // false: it has ended by a quota
  void refuse(Active& active, flow::Concurrency::Behavior behavior, std::string reason);
  Result<bool> may_hold_flows(const Namespace& ns);
  Result<bool> take_slot(Active& active);                    // false: queued or ended by a limit
  void enqueue(Active& active);
  Result<bool> advance_queue();                              // whether something began
  bool use_freed_slots();
  Result<void> load_slots();
  Result<void> open_slots();
  Result<std::optional<flow::Concurrency>> own_limit(const Namespace& ns, const FlowId& flow);
  void count(const execution::Header& header, std::optional<execution::State> from, std::optional<execution::State> to);
  // actor_namespaces.cc
  void limit(const store::NamespaceRow& row);

  store::TenantScope scope_;
  ActorPorts ports_;
  std::unique_ptr<store::TenantStore> store_;
  IdGenerator ids_;
  Instant now_;                                              // of the turn; moves on while its steps run
  std::shared_ptr<const JsonObject> surroundings_;           // roots of expressions that are the server's
  TurnBuilder turn_;
  std::unordered_map<ExecutionId, Active> runs_;
  std::vector<ExecutionId> touched_;                         // runs that this turn changed
  std::deque<Internal> internal_;
  std::vector<std::function<void(TenantActor&)>> continue_;  // work that the next turn goes on with
  std::map<FlowKey, Head> heads_;
  Slots slots_;
  Quotas quotas_;
  bool requires_namespace_ = false;
  bool look_for_slots_next_turn_ = false;
  std::map<std::weak_ptr<const flow::Flow>, std::vector<std::string>, std::owner_less<>> secrets_named_;
  std::set<std::tuple<Instant, ExecutionId, std::string>> timers_;
  std::map<std::pair<ExecutionId, std::string>, Instant> timer_due_;
  std::map<TriggerKey, store::TriggerRow> triggers_;
  std::set<std::pair<Instant, TriggerKey>> schedule_;
  std::map<FlowKey, std::vector<triggers::Listener>> listeners_;   // Flow triggers, by the flow that has them
  std::map<FlowKey, std::set<FlowKey>> heard_in_;            // by the flow whose executions they hear of
  std::set<FlowKey> heard_everywhere_;                       // those that hear of any execution
  std::map<TriggerKey, std::vector<triggers::Window>> windows_;
  std::unordered_map<ExecutionId, std::vector<std::shared_ptr<Reply<execution::Header>>>> awaiting_;
  std::map<OperationId, store::OperationRow> operations_;
  std::map<OperationId, std::shared_ptr<Reply<store::OperationRow>>> operation_replies_;
  std::int64_t turns_ = 0;
  std::size_t jobs_in_flight_ = 0;
  std::set<TriggerKey> polling_;                             // a worker evaluates them: their date stays until the result is written
  Ledger::Delta counted_;                                    // of this turn
  store::Actor who_;                                         // whose message is being applied
  bool suspended_ = false;                                   // nothing new is started; what runs goes on
  ExecutionId current_;                                      // whose rules are being applied, for I10
  CrashNotes::Slot* note_ = nullptr;
  std::set<ExecutionId> aside_;                              // set aside in this turn: not to be stepped any more
  std::vector<OperationId> advancing_;                       // operations with a further slice
};

}  // namespace insula::engine
