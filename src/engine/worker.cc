#include "engine/worker.h"

#include <future>

#include "engine/files.h"
#include "vault/vault.h"

namespace insula::engine {

namespace {

constexpr std::size_t kLogBatch = 100;
constexpr std::size_t kLogFileMax = 64u << 20;   // bytes; what follows is left out

// Lines of one attempt go to the actor in batches: at once when the last batch is old, so that a slow task is followed live.
class MailedLog final : public tasks::LogSink {
 public:
  MailedLog(const Job& job, const Clock& clock, std::function<void(const store::TenantScope&, Message)> post) : job_(job), clock_(clock), post_(std::move(post)) {}

  void write(flow::LogLevel level, std::string message) override {
    const std::lock_guard lock(mutex_);
    execution::LogLine line;
    line.at = clock_.now();
    line.level = level;
    line.message = std::move(message);
    lines_.push_back(std::move(line));
    if (lines_.size() >= kLogBatch || clock_.monotonic() - sent_ > std::chrono::milliseconds(200)) send();
  }
  void flush() {
    const std::lock_guard lock(mutex_);
    if (!lines_.empty()) send();
  }

 private:
  void send() {
    sent_ = clock_.monotonic();
    post_(job_.scope, {[key = job_.key, lines = std::exchange(lines_, {})](TenantActor& actor) { actor.job_logged(key, lines); }, true, job_.key.execution_id});
  }
  const Job& job_;
  const Clock& clock_;
  std::function<void(const store::TenantScope&, Message)> post_;
  std::mutex mutex_;
  std::vector<execution::LogLine> lines_;
  std::chrono::steady_clock::time_point sent_{};
};

// `logToFile`: the lines become a file of the task run instead of rows.
class FileLog final : public tasks::LogSink {
 public:
  explicit FileLog(const Clock& clock) : clock_(clock) {}
  void write(flow::LogLevel level, std::string message) override {
    const std::lock_guard lock(mutex_);
    if (text_.size() < kLogFileMax) text_ += fmt::format("{} {} {}\n", format_instant(clock_.now()), flow::to_string(level), message);
  }
  std::string take() { return std::move(text_); }

 private:
  const Clock& clock_;
  std::mutex mutex_;
  std::string text_;
};

// Lines of a trigger's evaluation: written with its result.
class KeptLog final : public tasks::LogSink {
 public:
  explicit KeptLog(const Clock& clock) : clock_(clock) {}
  void write(flow::LogLevel level, std::string message) override {
    const std::lock_guard lock(mutex_);
    execution::LogLine line;
    line.at = clock_.now();
    line.level = level;
    line.message = std::move(message);
    lines_.push_back(std::move(line));
  }
  std::vector<execution::LogLine> take() { return std::move(lines_); }

 private:
  const Clock& clock_;
  std::mutex mutex_;
  std::vector<execution::LogLine> lines_;
};

// The job's tenant, and only that one.
class JobPlatform final : public tasks::Platform {
 public:
  JobPlatform(const Job& job, const Worker::Ports& ports) : job_(job), ports_(ports) {}

  expression::Answer lookup(const expression::Lookup& lookup) override {
    if (lookup.name == "secret") return answer_from_secrets(ports_.settings.secrets, lookup);
    if (lookup.name == "kv") {
      return Error{ErrorKind::invalid, "kv-unavailable", fmt::format("The key '{}' does not exist in the namespace '{}'.", text_or(lookup.arguments, "key"), job_.ns), {}, {}};
    }
    if (lookup.name == "outputs" || lookup.name == "tasks" || lookup.name == "errorLogs") return from_rows(lookup);
    return answer_from_files(ports_.storage, job_.scope.uid(), job_.readable, lookup);
  }

  Result<void> fetch_logs(const tasks::LogQuery& query, const std::function<bool(const JsonObject&)>& row) override {
    auto reader = ports_.stores.read(job_.scope);
    if (!reader) return fail(reader.error());
    const auto give = [&](const store::LogWrite& log) {
      if (log.line.level < query.level) return true;
      if (!query.tasks.empty() && (!log.line.task_id || std::find(query.tasks.begin(), query.tasks.end(), *log.line.task_id) == query.tasks.end())) return true;
      return row(shown(log));
    };
    if (query.execution) {
      store::LogQuery wanted;
      wanted.min_level = query.level;
      auto rows = (*reader)->logs(*query.execution, wanted);
      if (!rows) return fail(rows.error());
      for (const store::LogRow& log : *rows) {
        if (!give(log.log)) break;
      }
      return {};
    }
    store::Query wanted;
    wanted.page.size = 10'000;
    wanted.page.sort = {{"timestamp", false}};
    wanted.filters.push_back({"namespace", store::Op::equals, {}, {query.ns.value_or(job_.ns).str()}});
    if (query.flow) wanted.filters.push_back({"flowId", store::Op::equals, {}, {query.flow->str()}});
    for (;; ++wanted.page.number) {
      auto found = (*reader)->search_logs(wanted);
      if (!found) return fail(found.error());
      for (const store::LogRow& log : found->rows) {
        if (!give(log.log)) return {};
      }
      if (found->rows.size() < static_cast<std::size_t>(wanted.page.size)) return {};
    }
  }

  Result<Json> encrypt(std::string_view plain) override {
    if (ports_.settings.encryption_key.empty()) {
      return fail(ErrorKind::invalid, "encryption-key-missing", "encryption is not configured: set `kestra.encryption.secret-key` to the base64 text of 32 random bytes");
    }
    return vault::encrypt_wrapped(ports_.settings.encryption_key, plain, random_bytes(12));
  }

  Result<void> batch_outputs(const TaskId& items, const std::function<Result<void>(const JsonObject&)>& each) override {
    auto reader = ports_.stores.read(job_.scope);
    if (!reader) return fail(reader.error());
    const ExecutionId& id = job_.key.execution_id;
    auto own = (*reader)->task_run(id, job_.key.task_run_id);
    if (!own) return fail(own.error());
    auto rows = (*reader)->task_runs_of(id, {items});
    if (!rows) return fail(rows.error());
    const auto beside = std::ranges::find_if(*rows, [&](const execution::TaskRun& row) { return *own && row.parent_id == (*own)->parent_id; });
    if (beside == rows->end()) return {};
    // Their ids grow; the last of a batch counts, should it have been started again.
    std::map<std::int64_t, ExecutionId> by_batch;
    constexpr std::size_t kPage = 1'000;
    store::Query query;
    query.filters.push_back({"triggerExecutionId", store::Op::equals, {}, {id.str()}});
    for (ExecutionId after;;) {
      auto ids = (*reader)->execution_ids(query, after, kPage);
      if (!ids) return fail(ids.error());
      for (const ExecutionId& child : *ids) {
        auto header = (*reader)->execution(child);
        if (!header) return fail(header.error());
        if (!*header || (*header)->outputs.empty() || !(*header)->parent_link || (*header)->parent_link->task_run_id != beside->id || !(*header)->trigger) continue;
        const Json* batch = find((*header)->trigger->variables, "taskRunIteration");
        if (batch != nullptr && batch->is_number()) by_batch[batch->to_number<std::int64_t>()] = child;
      }
      if (ids->size() < kPage) break;
      after = ids->back();
    }
    for (const auto& [batch, child] : by_batch) {
      auto header = (*reader)->execution(child);
      if (!header) return fail(header.error());
      if (!*header) continue;
      if (Result<void> done = each((*header)->outputs); !done) return done;
    }
    return {};
  }

  Result<void> set_trigger_disabled(const Namespace& ns, const FlowId& flow, const TriggerId& trigger, bool disabled) override {
    constexpr std::chrono::seconds kAnswerTimeMax{30};
    struct Answer {
      std::promise<Result<void>> promise;
      std::once_flag once;
      void give(Result<void> result) {
        std::call_once(once, [&] { promise.set_value(std::move(result)); });
      }
    };
    auto answer = std::make_shared<Answer>();
    std::future<Result<void>> future = answer->promise.get_future();
    auto reply = std::make_shared<Reply<store::TriggerRow>>([answer](Result<store::TriggerRow> row) { answer->give(row ? Result<void>() : fail(row.error())); });
    Message message{[ns, flow, trigger, disabled, reply](TenantActor& actor) { actor.change_trigger(ns, flow, trigger, {TriggerChange::Kind::set_disabled, disabled}, reply); }};
    message.refuse = [answer](const Error& error) { answer->give(fail(error)); };
    ports_.post(job_.scope, std::move(message));
    if (future.wait_for(kAnswerTimeMax) == std::future_status::ready) return future.get();
    return fail(ErrorKind::unavailable, "trigger-change-late", fmt::format("The trigger '{}' was not changed within {} s: try again.", trigger, kAnswerTimeMax.count()));
  }

 private:
  expression::Answer from_rows(const expression::Lookup& lookup) {
    auto reader = ports_.stores.read(job_.scope);
    if (!reader) return reader.error();
    if (lookup.name == "errorLogs") {
      store::LogQuery query;
      query.min_level = flow::LogLevel::error;
      query.limit = 1'000;
      auto rows = (*reader)->logs(job_.key.execution_id, query);
      if (!rows) return rows.error();
      JsonArray list;
      for (const store::LogRow& row : *rows) list.push_back(shown(row.log));
      return Json(std::move(list));
    }
    auto rows = (*reader)->task_runs(job_.key.execution_id, 0, 200'000);
    if (!rows) return rows.error();
    return execution::answer_from_rows(*job_.flow, lookup, *rows).value_or(expression::Answer{expression::Undefined{}});
  }

  static JsonObject shown(const store::LogWrite& log) {
    JsonObject row{{"namespace", log.ns.str()}, {"flowId", log.flow_id.str()}};
    if (log.line.task_id) row["taskId"] = log.line.task_id->str();
    if (!log.execution_id.empty()) row["executionId"] = log.execution_id.str();
    if (log.line.task_run_id) {
      row["taskRunId"] = log.line.task_run_id->str();
      row["attemptNumber"] = log.line.attempt;
    }
    if (log.line.trigger_id) row["triggerId"] = log.line.trigger_id->str();
    row["timestamp"] = format_instant(log.line.at);
    row["level"] = flow::to_string(log.line.level);
    if (!log.line.thread.empty()) row["thread"] = log.line.thread;
    row["message"] = log.line.message;
    return row;
  }

  const Job& job_;
  const Worker::Ports& ports_;
};

// Finds a secret encoded, too, and costs a line its length whatever the number of secrets.
tasks::Mask mask_with_vault(std::span<const std::string> secrets) {
  return [masker = std::make_shared<const vault::Masker>(secrets)](std::string_view text) { return masker->mask(text); };
}

tasks::FolderStep step_of(execution::SubmitJob::Part part) {
  switch (part) {
    case execution::SubmitJob::Part::open_folder: return tasks::FolderStep::open;
    case execution::SubmitJob::Part::close_folder: return tasks::FolderStep::close;
    default: return tasks::FolderStep::none;
  }
}

execution::State state_of(tasks::JobResult::State state) {
  switch (state) {
    case tasks::JobResult::State::success: return execution::State::success;
    case tasks::JobResult::State::warning: return execution::State::warning;
    case tasks::JobResult::State::failed: return execution::State::failed;
    case tasks::JobResult::State::killed: return execution::State::killed;
  }
  return execution::State::failed;
}

}  // namespace

Worker::Worker(Ports ports) : ports_(std::move(ports)), sandbox_(std::make_unique<sandbox::PlainProcess>()), sessions_(std::filesystem::path(ports_.settings.work_folder) / "sessions") {}
Worker::~Worker() { stop(); }

void Worker::start() {
  for (int i = 0; i < ports_.settings.worker_threads; ++i) threads_.emplace_back([this, i] { loop(i); });
}

void Worker::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const Running& job : running_) job.cancel->cancel(sandbox::CancelReason::shutdown);
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

void Worker::submit(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;  // it is in the store: the next start finds it
    if (!known_.emplace(job.scope.uid(), job.key).second) return;
    queue_.push(TenantUid(job.scope.uid()), std::move(job));
  }
  changed_.notify_one();
}

bool Worker::knows(const TenantUid& tenant, const JobKey& key) const {
  const std::lock_guard lock(mutex_);
  return known_.contains({tenant, key});
}

void Worker::settled(const TenantUid& tenant, const JobKey& key) {
  const std::lock_guard lock(mutex_);
  known_.erase({tenant, key});
}

void Worker::cancel(const TenantUid& tenant, const JobKey& key) {
  std::optional<store::TenantScope> dropped;
  {
    const std::lock_guard lock(mutex_);
    queue_.remove_if(tenant, [&](const Job& job) {
      if (job.key != key) return false;
      dropped = job.scope;
      return true;
    });
    for (const Running& job : running_) {
      if (job.tenant == tenant && job.key == key) job.cancel->cancel(sandbox::CancelReason::killed);
    }
  }
  if (!dropped) return;
  JobReport report;  // never begun, but its row must go
  report.state = execution::State::killed;
  report.started = report.ended = ports_.clock.now();
  ports_.post(*dropped, {[key, report](TenantActor& actor) { actor.job_ended(key, report); }, true, key.execution_id});
}

void Worker::cancel_tenant(const TenantUid& tenant) {
  std::unique_lock lock(mutex_);
  queue_.remove_if(tenant, [](const Job&) { return true; });
  std::erase_if(known_, [&](const auto& known) { return known.first == tenant; });
  for (const Running& job : running_) {
    if (job.tenant == tenant) job.cancel->cancel(sandbox::CancelReason::shutdown);
  }
  ended_.wait(lock, [&] { return std::ranges::none_of(running_, [&](const Running& job) { return job.tenant == tenant; }); });
}

void Worker::set_weight(const TenantUid& tenant, int weight) {
  const std::lock_guard lock(mutex_);
  queue_.set_weight(tenant, weight);
}

std::size_t Worker::queued() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}
std::size_t Worker::running() const {
  const std::lock_guard lock(mutex_);
  return running_.size();
}

void Worker::loop(int number) {
  const std::string worker_id = fmt::format("worker-{}", number);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopping_ || queue_.size() > 0; });
    if (stopping_) return;
    std::optional<Job> job = queue_.pop();
    if (!job) continue;
    auto cancel = std::make_shared<sandbox::CancelFlag>();
    const auto place = running_.insert(running_.end(), Running{job->scope.uid(), job->key, cancel});
    lock.unlock();
    run(std::move(*job), worker_id, cancel);
    lock.lock();
    running_.erase(place);
    ended_.notify_all();
  }
}

// To the type that evaluates it a trigger is a task.
void Worker::evaluate(Job job, std::shared_ptr<sandbox::CancelFlag> cancel) {
  const flow::Trigger* trigger = job.flow->find(job.poll->trigger);
  INSULA_ASSERT(trigger != nullptr);
  flow::Task task;
  task.id = TaskId(trigger->id.str());
  task.type = trigger->type;
  task.written_type = trigger->written_type;
  task.info = trigger->info;
  task.log_level = flow::parse_log_level(text_or(trigger->properties, "logLevel"));
  task.properties = trigger->properties;
  task.compiled = trigger->compiled;
  KeptLog log(ports_.clock);
  JobPlatform platform(job, ports_);
  const expression::ObjectVariables variables(job.variables, [&platform](const expression::Lookup& lookup) { return platform.lookup(lookup); });
  expression::Environment environment;
  environment.now = ports_.clock.now();
  environment.seed = job.seed;
  environment.zone = ports_.settings.zone;
  environment.recursive = ports_.settings.recursive_rendering;
  tasks::JobResult result = tasks::run_job({
      .task = task,
      .variables = variables,
      .environment = environment,
      .log = log,
      .files = tasks::FileArea(ports_.storage, {job.scope.uid(), job.ns, job.flow_id, job.key.execution_id, task.id, job.key.task_run_id}, job.readable),
      .platform = platform,
      .sandbox = *sandbox_,
      .cancel = *cancel,
      .scratch_root = ports_.settings.work_folder,
      .secrets = job.secrets,
      .mask_maker = mask_with_vault,
  });
  if (cancel->reason() == sandbox::CancelReason::shutdown) return;  // it is due again at the next start
  PollReport report{job.key, job.ns, job.flow_id, *job.poll};
  report.failed = result.state != tasks::JobResult::State::success;
  report.outputs = std::move(result.outputs);
  report.lines = log.take();
  ports_.post(job.scope, {[report](TenantActor& actor) { actor.polled(report); }, true, {}});
}

void Worker::run(Job job, const std::string& worker_id, std::shared_ptr<sandbox::CancelFlag> cancel) {
  if (job.poll) return evaluate(std::move(job), std::move(cancel));
  JobReport report;
  report.worker_id = worker_id;
  report.started = ports_.clock.now();
  ports_.post(job.scope, {[key = job.key, worker_id](TenantActor& actor) { actor.job_started(key, worker_id); }, true, job.key.execution_id});
  MailedLog log(job, ports_.clock, ports_.post);
  FileLog file_log(ports_.clock);
  JobPlatform platform(job, ports_);
  const flow::Task& task = job.flow->task(job.task);
  const expression::ObjectVariables variables(job.variables, [&platform](const expression::Lookup& lookup) { return platform.lookup(lookup); });
  expression::Environment environment;
  environment.now = report.started;
  environment.seed = job.seed;
  environment.zone = ports_.settings.zone;
  environment.recursive = ports_.settings.recursive_rendering;
  environment.jq = ports_.settings.jq;
  const auto folder = sessions_.enter(job);
  if (!folder) log.write(flow::LogLevel::error, folder.error().message);
  tasks::JobResult result = !folder ? tasks::JobResult::failed(folder.error()) : tasks::run_job({
      .task = task,
      .variables = variables,
      .environment = environment,
      .log = task.log_to_file ? static_cast<tasks::LogSink&>(file_log) : log,
      .files = tasks::FileArea(ports_.storage, {job.scope.uid(), job.ns, job.flow_id, job.key.execution_id, task.id, job.key.task_run_id}, job.readable),
      .platform = platform,
      .sandbox = *sandbox_,
      .cancel = *cancel,
      .scratch_root = ports_.settings.work_folder,
      .timeout = job.timeout,
      .secrets = job.secrets,
      .mask_maker = mask_with_vault,
      .session_folder = folder ? folder->path() : std::filesystem::path(),
      .folder_step = step_of(job.part),
  });
  log.flush();
  if (cancel->reason() == sandbox::CancelReason::shutdown) return;  // no result: the job stays in the store
  if (task.log_to_file) {
    const std::string path = storage::task_file_path(job.ns, job.flow_id, job.key.execution_id, task.id, job.key.task_run_id, fmt::format("attempt-{}.log", job.key.attempt));
    if (ports_.storage.put(job.scope.uid(), path, file_log.take())) report.log_file = storage::uri_of(path);
  }
  report.state = state_of(result.state);
  report.outputs = std::move(result.outputs);
  report.labels = std::move(result.labels);
  report.metrics = std::move(result.metrics);
  report.ended = ports_.clock.now();
  ports_.post(job.scope, {[key = job.key, report](TenantActor& actor) { actor.job_ended(key, report); }, true, job.key.execution_id});
}

}  // namespace insula::engine
