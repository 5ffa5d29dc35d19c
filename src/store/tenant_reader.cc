#include "store/identity_tables.h"
#include "store/over_database.h"
#include "store/tables.h"

namespace insula::store {
namespace {

class Reader final : public TenantReader {
 public:
  Reader(std::shared_ptr<ConnectionSource> connections, std::function<void(const Error&)> failed) : connections_(std::move(connections)), failed_(std::move(failed)) {}

  Result<std::optional<FlowRow>> flow(const Namespace& ns, const FlowId& id) override {
    return read([&](Connection& c) { return flow_table::head(c, ns, id); });
  }
  Result<std::optional<FlowRow>> flow_revision(const Namespace& ns, const FlowId& id, int revision) override {
    return read([&](Connection& c) { return flow_table::revision(c, ns, id, revision); });
  }
  Result<std::vector<FlowRow>> flow_revisions(const Namespace& ns, const FlowId& id) override {
    return read([&](Connection& c) { return flow_table::revisions(c, ns, id); });
  }
  Result<std::vector<FlowRow>> flows_with_triggers() override { return read(flow_table::with_triggers); }
  Result<Found<FlowRow>> search_flows(const Query& query) override {
    return snapshot([&](Connection& c) { return flow_table::search(c, query); });
  }
  Result<std::vector<FlowRow>> flows_of_namespace(const Namespace& ns) override {
    return read([&](Connection& c) { return flow_table::of_namespace(c, ns); });
  }
  Result<std::vector<std::string>> namespaces(const std::string& prefix) override {
    return read([&](Connection& c) { return flow_table::namespaces(c, prefix); });
  }

  Result<std::optional<execution::Header>> execution(const ExecutionId& id) override {
    return read([&](Connection& c) { return execution_table::find(c, id); });
  }
  Result<std::vector<execution::TaskRun>> task_runs(const ExecutionId& id, std::size_t offset, std::size_t limit) override {
    return snapshot([&](Connection& c) { return task_run_table::list(c, id, offset, limit); });
  }
  Result<std::vector<execution::TaskRun>> open_task_runs(const ExecutionId& id) override {
    return read([&](Connection& c) { return task_run_table::open(c, id); });
  }
  Result<std::vector<execution::TaskRun>> task_runs_of(const ExecutionId& id, const std::vector<TaskId>& tasks) override {
    return snapshot([&](Connection& c) { return task_run_table::of_tasks(c, id, tasks); });
  }
  Result<std::optional<execution::TaskRun>> task_run(const ExecutionId& id, const TaskRunId& task_run) override {
    return read([&](Connection& c) { return task_run_table::find(c, id, task_run); });
  }
  Result<Found<execution::Header>> search_executions(const Query& query) override {
    return snapshot([&](Connection& c) { return execution_search::search(c, query); });
  }
  Result<std::vector<ExecutionId>> execution_ids(const Query& query, const ExecutionId& after, std::size_t limit) override {
    return read([&](Connection& c) { return execution_search::ids(c, query, after, limit); });
  }
  Result<std::int64_t> count_executions(const Query& query) override {
    return snapshot([&](Connection& c) { return execution_search::count(c, query); });
  }
  Result<std::vector<execution::Header>> open_executions(const ExecutionId& after, std::size_t limit) override {
    return read([&](Connection& c) { return execution_table::open(c, after, limit); });
  }
  Result<std::vector<execution::Header>> latest_executions(const std::vector<std::pair<Namespace, FlowId>>& flows) override {
    return snapshot([&](Connection& c) { return execution_table::latest(c, flows); });
  }
  Result<std::optional<ExecutionId>> execution_of_key(const std::string& idempotency_key) override {
    return read([&](Connection& c) { return idempotency_table::find(c, idempotency_key); });
  }
  Result<std::vector<FlowActivity>> activity() override { return read([&](Connection& c) { return execution_table::activity(c); }); }
  Result<bool> has_queued() override { return read([&](Connection& c) { return execution_table::has_queued(c); }); }
  Result<std::optional<NamespaceRow>> made_namespace(const Namespace& id) override {
    return read([&](Connection& c) { return namespace_table::find(c, id); });
  }
  Result<std::vector<NamespaceRow>> made_namespaces() override { return read([&](Connection& c) { return namespace_table::all(c); }); }
  Result<std::vector<QuotaCount>> quota_counts() override { return read([&](Connection& c) { return quota_table::all(c); }); }
  Result<std::vector<NamespaceRow>> limited_namespaces() override { return read([&](Connection& c) { return namespace_table::limited(c); }); }
  Result<std::vector<ExecutionId>> queued(const Namespace& ns, const FlowId& flow, std::size_t limit) override {
    return read([&](Connection& c) { return execution_table::queued(c, ns, flow, limit); });
  }

  Result<std::vector<LogRow>> logs(const ExecutionId& id, const LogQuery& query) override {
    return read([&](Connection& c) { return log_table::list(c, id, query); });
  }
  Result<Found<LogRow>> search_logs(const Query& query) override {
    return snapshot([&](Connection& c) { return log_table::search(c, query); });
  }
  Result<std::vector<CounterDelta>> counters(Instant from, Instant to, const Query& query) override {
    return read([&](Connection& c) { return counter_table::list(c, from, to, query); });
  }

  Result<Found<MetricRow>> search_metrics(const Query& query) override {
    return snapshot([&](Connection& c) { return metric_table::search(c, query); });
  }
  Result<std::vector<JobRow>> jobs() override { return read(job_table::all); }
  Result<std::vector<TimerRow>> timers() override { return read(timer_table::all); }
  Result<std::optional<TriggerRow>> trigger(const Namespace& ns, const FlowId& flow, const TriggerId& id) override {
    return read([&](Connection& c) { return trigger_table::find(c, ns, flow, id); });
  }
  Result<std::vector<TriggerRow>> all_triggers() override { return read(trigger_table::all); }
  Result<Found<TriggerRow>> search_triggers(const Query& query) override {
    return snapshot([&](Connection& c) { return trigger_table::search(c, query); });
  }
  Result<std::vector<triggers::Window>> trigger_windows() override { return read(window_table::all); }
  Result<std::optional<OperationRow>> operation(const OperationId& id) override {
    return read([&](Connection& c) { return operation_table::find(c, id); });
  }
  Result<std::vector<OperationRow>> open_operations() override { return read(operation_table::open); }
  Result<std::vector<std::string>> file_deletions() override { return read(file_deletion_table::all); }

  Result<Found<AuditRow>> search_audit(const Query& query) override {
    return snapshot([&](Connection& c) { return AuditTable::of_tenant().search(c, query); });
  }
  Result<std::optional<AuditRow>> audit_entry(const AuditId& id) override {
    return read([&](Connection& c) { return AuditTable::of_tenant().find(c, id); });
  }
  Result<std::vector<AuditRow>> audit_history(std::string_view object_id) override {
    return read([&](Connection& c) { return AuditTable::of_tenant().history(c, object_id); });
  }
  Result<AuditVerdict> verify_audit() override {
    return snapshot([](Connection& c) { return AuditTable::of_tenant().verify(c); });
  }

  Result<std::optional<Instant>> next_due() override {
    return snapshot([](Connection& c) -> std::optional<Instant> {
      if (query_integer(c, "select 1 from jobs where {tenant} limit 1") || query_integer(c, "select 1 from file_deletions where {tenant} limit 1") ||
          query_integer(c, "select 1 from operations where {tenant} and state = 'RUNNING' limit 1")) {
        return Instant{};
      }
      const auto timer = timer_table::earliest(c), trigger = trigger_table::earliest(c);
      return timer && trigger ? std::min(*timer, *trigger) : timer ? timer : trigger;
    });
  }

 private:
  // One statement is a snapshot by itself.
  template <class F>
  auto read(F&& work) -> Result<std::invoke_result_t<F, Connection&>> {
    return told(guarded([&] {
      const Lease connection = connections_->lease();
      return work(*connection);
    }));
  }
  template <class F>
  auto snapshot(F&& work) -> Result<std::invoke_result_t<F, Connection&>> {
    return told(guarded([&] {
      const Lease connection = connections_->lease();
      Transaction transaction(*connection, Transaction::Kind::read);
      auto found = work(*connection);
      transaction.commit();
      return found;
    }));
  }
  template <class T>
  Result<T> told(Result<T> result) const {
    if (failed_ && !result && result.error().kind == ErrorKind::unavailable && result.error().code != "store-read-too-long") failed_(result.error());
    return result;
  }

  std::shared_ptr<ConnectionSource> connections_;
  std::function<void(const Error&)> failed_;
};

}  // namespace

std::unique_ptr<TenantReader> make_reader(std::shared_ptr<ConnectionSource> readers, std::function<void(const Error&)> failed) {
  return std::make_unique<Reader>(std::move(readers), std::move(failed));
}

}  // namespace insula::store
