#include "store/identity_tables.h"
#include "store/over_database.h"
#include "store/tables.h"

namespace insula::store {

bool Turn::empty() const { return rows() == 0; }

std::size_t Turn::rows() const {
  return flows.size() + removed_task_runs.size() + deleted_executions.size() + deleted_logs_of.size() + deleted_metrics_of.size() + metrics.size() + executions.size() + task_runs.size() + logs.size() +
         jobs.size() + ended_jobs.size() + timers.size() + cleared_timers.size() + triggers.size() + deleted_triggers.size() + windows.size() + ended_windows.size() + counters.size() +
         operations.size() + namespaces.size() + quota_counts.size() + deleted_namespaces.size() + idempotency_keys.size() + file_deletions.size() + finished_file_deletions.size() + audit.size() + (audit_purged_before ? 1 : 0);
}

namespace {

// Which labels the last header of an execution had: most headers are written again with the same, and then their rows need no look.
// Only what was committed is remembered.
class KnownLabels {
 public:
  bool same(const execution::Header& header, const std::string& fingerprint) const {
    const auto found = known_.find(header.id);
    return found != known_.end() && found->second == fingerprint;
  }
  void remember(std::vector<std::pair<ExecutionId, std::string>> written, const Turn& turn) {
    if (known_.size() + written.size() > kMax) known_.clear();
    for (auto& [id, fingerprint] : written) known_[std::move(id)] = std::move(fingerprint);
    for (const execution::Header& header : turn.executions) if (header.state.is_terminal()) known_.erase(header.id);
    for (const ExecutionId& id : turn.deleted_executions) known_.erase(id);
  }

 private:
  static constexpr std::size_t kMax = 20'000;
  std::unordered_map<ExecutionId, std::string> known_;
};

Committed not_committed(const StoreFailure& failure) {
  switch (failure.cause) {
    case StoreFailure::Cause::unknown: return {CommitOutcome::unknown, failure.error};
    case StoreFailure::Cause::constraint: return {CommitOutcome::refused, failure.error};
    default: return {CommitOutcome::failed, failure.error};
  }
}

Error superseded() { return {ErrorKind::conflict, "store-superseded", "Another owner took this tenant over.", {}, {}}; }

class Writer final : public TenantStore {
 public:
  Writer(std::shared_ptr<ConnectionSource> writer, std::shared_ptr<ConnectionSource> readers, turn_table::State state)
      : writer_(std::move(writer)), reader_(make_reader(std::move(readers), [this](const Error& error) { read_failure_ = error; })), state_(state) {}

  TenantReader& read() override { return *reader_; }

  Committed commit(const Turn& turn) override {
    if (unknown_) return {CommitOutcome::unknown, Error{ErrorKind::unavailable, "store-outcome-unknown", "Ask last_turn_applied() first.", {}, {}}};
    try {
      return write(turn);
    } catch (const StoreFailure& failure) {
      log::warn("store: a turn was not committed: {} ({})", failure.error.message, failure.error.detail);
      unknown_ = failure.cause == StoreFailure::Cause::unknown;
      return not_committed(failure);
    }
  }

  Result<std::int64_t> turn_number() override { return state_.number; }
  std::optional<Error> take_read_failure() override { return std::exchange(read_failure_, std::nullopt); }

  Result<bool> last_turn_applied() override {
    return guarded([&] {
      if (unknown_) {
        writer_->reset();
        const Lease connection = writer_->lease();
        const auto stored = turn_table::read(*connection);
        if (!stored || stored->fence != state_.fence) throw StoreFailure(StoreFailure::Cause::refused, superseded());
        applied_ = stored->number == state_.number + 1;
        state_ = *stored;
        known_labels_ = {};
        unknown_ = false;
      }
      return applied_;
    });
  }

 private:
  Committed write(const Turn& turn) {
    const Lease lease = writer_->lease();
    Connection& c = *lease;
    c.maintain();
    applied_ = false;
    Transaction transaction(c, Transaction::Kind::write);
    const auto log_lines = static_cast<std::int64_t>(turn.logs.size());
    if (!turn_table::advance(c, state_, log_lines)) {
      return {CommitOutcome::superseded, superseded()};
    }
    if (auto refused = take_keys(c, turn)) return {CommitOutcome::refused, std::move(*refused)};
    deletes(c, turn);
    auto labels = writes(c, turn);
    transaction.commit();
    known_labels_.remember(std::move(labels), turn);
    ++state_.number;
    state_.log_sequence += log_lines;
    applied_ = true;
    return {};
  }

  std::optional<Error> take_keys(Connection& c, const Turn& turn) {
    try {
      idempotency_table::insert(c, turn.idempotency_keys);
      return std::nullopt;
    } catch (const StoreFailure& failure) {
      if (failure.cause != StoreFailure::Cause::constraint) throw;
      return Error{ErrorKind::conflict, "idempotency-key-used", "This idempotency key was used before.", failure.error.detail, {}};
    }
  }

  void deletes(Connection& c, const Turn& turn) {
    task_run_table::erase(c, turn.removed_task_runs);
    execution_table::erase(c, turn.deleted_executions);
    log_table::erase_of(c, turn.deleted_logs_of);
    metric_table::erase_of(c, turn.deleted_metrics_of);
    job_table::erase(c, turn.ended_jobs);
    timer_table::erase(c, turn.cleared_timers);
    trigger_table::erase(c, turn.deleted_triggers);
    window_table::erase(c, turn.ended_windows);
    namespace_table::erase(c, turn.deleted_namespaces);
    file_deletion_table::erase(c, turn.finished_file_deletions);
  }

  std::vector<std::pair<ExecutionId, std::string>> writes(Connection& c, const Turn& turn) {
    flow_table::write(c, turn.flows);
    execution_table::write(c, turn.executions);
    std::vector<const execution::Header*> relabelled;
    std::vector<std::pair<ExecutionId, std::string>> written;
    std::unordered_map<ExecutionId, const execution::Header*> last;
    for (const execution::Header& header : turn.executions) last[header.id] = &header;
    for (const execution::Header& header : turn.executions) {
      if (last[header.id] != &header) continue;
      std::string fingerprint = label_table::fingerprint(header);
      if (known_labels_.same(header, fingerprint)) continue;
      relabelled.push_back(&header);
      written.emplace_back(header.id, std::move(fingerprint));
    }
    label_table::replace(c, relabelled);
    task_run_table::write(c, turn.task_runs);
    log_table::write(c, turn.logs, state_.log_sequence + 1);
    metric_table::write(c, turn.metrics);
    job_table::write(c, turn.jobs);
    timer_table::write(c, turn.timers);
    trigger_table::write(c, turn.triggers);
    window_table::write(c, turn.windows);
    namespace_table::write(c, turn.namespaces);
    quota_table::write(c, turn.quota_counts);
    counter_table::add(c, turn.counters);
    operation_table::write(c, turn.operations);
    file_deletion_table::write(c, turn.file_deletions);
    if (turn.audit_purged_before) AuditTable::of_tenant().purge(c, *turn.audit_purged_before);
    AuditTable::of_tenant().append(c, turn.audit);
    return written;
  }

  std::shared_ptr<ConnectionSource> writer_;
  std::unique_ptr<TenantReader> reader_;
  turn_table::State state_;
  KnownLabels known_labels_;
  std::optional<Error> read_failure_;
  bool unknown_ = false;
  bool applied_ = false;
};

}  // namespace

Result<std::unique_ptr<TenantStore>> make_tenant_store(std::shared_ptr<ConnectionSource> writer, std::shared_ptr<ConnectionSource> readers) {
  return guarded([&]() -> std::unique_ptr<TenantStore> {
    std::optional<turn_table::State> state;
    {
      const Lease connection = writer->lease();
      Transaction transaction(*connection, Transaction::Kind::write);
      state = turn_table::raise_fence(*connection);
      transaction.commit();
    }
    if (!state) throw StoreFailure(StoreFailure::Cause::refused, Error{ErrorKind::not_found, "store-tenant-missing", "The tenant has no data here.", {}, {}});
    return std::make_unique<Writer>(std::move(writer), std::move(readers), *state);
  });
}

}  // namespace insula::store
