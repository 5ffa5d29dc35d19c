// The dispatcher and the in-process worker: jobs wait fairly between tenants and run on a fixed number of threads.
#pragma once
#include "engine/actor.h"
#include "engine/fair_queue.h"
#include "engine/sessions.h"
#include "sandbox/sandbox.h"
#include "tasks/tasks.h"

namespace insula::engine {

class Worker final : public JobSink {
 public:
  struct Ports {
    store::Stores& stores;
    storage::Storage& storage;
    const Clock& clock;
    const Settings& settings;
    std::function<void(const store::TenantScope&, Message)> post;    // to the job's tenant
  };
  explicit Worker(Ports ports);
  ~Worker() override;
  void start();
  // Running jobs are stopped without a result: they are in the store and are resubmitted at the next start.
  void stop();

  void submit(Job job) override;
  bool knows(const TenantUid& tenant, const JobKey& key) const override;
  void settled(const TenantUid& tenant, const JobKey& key) override;
  void cancel(const TenantUid& tenant, const JobKey& key) override;
  void end_session(const TenantUid& tenant, const ExecutionId& execution, const TaskRunId& task_run) override { sessions_.end({tenant, execution, task_run}); }
  std::vector<std::pair<ExecutionId, TaskRunId>> sessions(const TenantUid& tenant) const override { return sessions_.list(tenant); }
  // Returns when no job of the tenant runs any more, its processes gone.
  void cancel_tenant(const TenantUid& tenant);
  void set_weight(const TenantUid& tenant, int weight);
  std::size_t queued() const;
  std::size_t running() const;

 private:
  struct Running {
    TenantUid tenant;
    JobKey key;
    std::shared_ptr<sandbox::CancelFlag> cancel;
  };
  void loop(int number);
  void evaluate(Job job, std::shared_ptr<sandbox::CancelFlag> cancel);
  void run(Job job, const std::string& worker_id, std::shared_ptr<sandbox::CancelFlag> cancel);

  Ports ports_;
  std::unique_ptr<sandbox::Sandbox> sandbox_;
  Sessions sessions_;
  mutable std::mutex mutex_;
  std::condition_variable changed_, ended_;
  FairQueue<Job> queue_;
  std::list<Running> running_;
  std::set<std::pair<TenantUid, JobKey>> known_;   // submitted and not settled
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace insula::engine
