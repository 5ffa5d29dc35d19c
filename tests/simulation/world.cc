#include "simulation/world.h"

#include "app/server.h"

namespace insula::simulation {

namespace {
template <class T>
std::shared_ptr<engine::Reply<T>> reply(engine::Reply<T> call) { return std::make_shared<engine::Reply<T>>(std::move(call)); }
}  // namespace

// Jobs wait here until the world ends one of them.
class World::Sink final : public engine::JobSink {
 public:
  explicit Sink(World& world) : world_(world) {}
  void submit(engine::Job job) override {
    if (!known.insert(job.key).second) {
      ++world_.happenings_.jobs_handed_out_again;
      return;
    }
    if (world_.killed_.contains(job.key.execution_id)) world_.violations_.push_back("I3: a job was dispatched after its execution was killed");
    jobs.push_back(std::move(job));
  }
  bool knows(const TenantUid&, const engine::JobKey& key) const override { return known.contains(key); }
  void settled(const TenantUid&, const engine::JobKey& key) override { known.erase(key); }
  void end_session(const TenantUid&, const ExecutionId&, const TaskRunId&) override {}
  std::vector<std::pair<ExecutionId, TaskRunId>> sessions(const TenantUid&) const override { return {}; }
  void cancel(const TenantUid&, const engine::JobKey& key) override {
    for (engine::Job& job : jobs) {
      if (job.key == key) cancelled.insert(key);
    }
  }
  std::deque<engine::Job> jobs;
  std::set<engine::JobKey> cancelled, known;

 private:
  World& world_;
};

World::World(std::uint64_t seed, int step_task_runs_max) : seed_(seed), random_(seed) {
  folder_ = std::filesystem::temp_directory_path() / ("insula-simulation-" + hex_encode(random_bytes(6)));
  catalog_ = app::make_catalog();
  settings_.seed = seed;
  settings_.secrets = {{"TOKEN", "hidden"}};
  settings_.step_task_runs_max = step_task_runs_max;
  flows_ = std::make_unique<engine::FlowCache>(*catalog_, std::vector<flow::PluginDefault>{});
  storage_ = std::make_shared<storage::StorageForTests>(storage::open_local_storage(folder_ / "tenants"), [this](std::string_view) -> Result<void> {
    if (!chance(faults_.storage)) return {};
    ++happenings_.storage_errors;
    return fail(ErrorKind::unavailable, "storage-failed", "the storage is away");
  });
  boot();
}

World::~World() {
  actor_.reset();
  stores_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

// Called before each statement that writes, before a commit and after it.
void World::statement(std::string_view sql) {
  if (chance(faults_.power_cut)) {
    if (sql == "committed") ++happenings_.cuts_after_commit;
    throw PowerCut{};
  }
  if (!chance(faults_.database)) return;
  if (sql == "committed" || sql == "commit") {
    ++(sql == "commit" ? happenings_.lost_commits : happenings_.lost_answers);
    store::throw_fault(store::Fault::unknown);
  }
  store::throw_fault(random_.random() % 2 == 0 ? store::Fault::full : store::Fault::away);
}

void World::boot() {
  const Faults wanted = std::exchange(faults_, {});
  stores_ = std::move(*store::open_sqlite({.folder = folder_.string(), .synchronous_full = false, .hook = [this](std::string_view sql) { statement(sql); }}));
  auto row = stores_->system().tenant(TenantId("sim"));
  if (!row || !*row) {
    store::TenantRow made;
    made.uid = TenantUid("sim-uid");
    made.id = TenantId("sim");
    made.created = clock_.now();
    static_cast<void>(stores_->create_tenant_data(stores_->system().scope(made)));
    static_cast<void>(stores_->system().create_tenant(made));
  }
  scope_ = *stores_->system().scope(TenantId("sim"));
  sink_ = std::make_unique<Sink>(*this);
  load();
  faults_ = wanted;
}

void World::load() {
  const Faults wanted = std::exchange(faults_, {});
  engine::ActorPorts ports{*stores_,
                           *storage_,
                           clock_,
                           *flows_,
                           settings_,
                           *sink_,
                           live_,
                           ledger_,
                           [this](std::move_only_function<void()> work) { background_.push_back(std::move(work)); },
                           [this](engine::Message message) { mailbox_.push_back(std::move(message)); },
                           [](std::move_only_function<void(store::Stores&)>) {}};
  actor_.reset();
  actor_ = std::make_unique<engine::TenantActor>(*scope_, std::move(ports), seed_ * 1000 + static_cast<std::uint64_t>(boots_++));
  if (auto opened = actor_->open(); !opened) violations_.push_back("the store cannot be opened: " + opened.error().message + " " + opened.error().detail);
  faults_ = wanted;
}

// The process is gone: memory, mail and jobs with it. What was acknowledged must be found again.
void World::crash() {
  ++happenings_.power_cuts;
  happenings_.lookups_lost += static_cast<int>(background_.size());
  actor_.reset();
  stores_.reset();
  mailbox_.clear();
  background_.clear();
  boot();
}

void World::deploy(const std::string& source) {
  mailbox_.push_back({[this, source](engine::TenantActor& actor) {
                        actor.create_flow(source, reply<engine::SavedFlow>([this](Result<engine::SavedFlow> saved) {
                          if (!saved) violations_.push_back("a flow was refused: " + saved.error().message);
                        }));
                      }, false, {}});
  while (turn()) {
  }
}

void World::start(const std::string& flow) {
  engine::StartExecution command;
  command.ns = Namespace("sim");
  command.flow_id = FlowId(flow);
  mailbox_.push_back({[this, command](engine::TenantActor& actor) {
                        actor.start_execution(command, reply<engine::Started>([this](Result<engine::Started> started) {
                          if (started) acknowledged_.insert(started->header.id);
                        }));
                      }, false, {}});
}

void World::kill_one() {
  if (acknowledged_.empty()) return;
  auto at = acknowledged_.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(random_.random() % acknowledged_.size()));
  const ExecutionId id = *at;
  mailbox_.push_back({[this, id](engine::TenantActor& actor) {
                        actor.act(id, engine::KillAction{}, reply<engine::Started>([this, id](Result<engine::Started> done) {
                          if (done) killed_.insert(id);
                        }));
                      }, false, id});
}

void World::resume_paused() {
  for (const Execution& execution : executions()) {
    if (execution.header.state.current() != execution::State::paused) continue;
    mailbox_.push_back({[id = execution.header.id](engine::TenantActor& actor) { actor.act(id, engine::ResumeAction{}, reply<engine::Started>([](Result<engine::Started>) {})); }, false, {}});
  }
}

void World::poison(const ExecutionId& id) {
  mailbox_.push_back({[id](engine::TenantActor&) { throw BrokenAssertion("planted"); }, true, id});
}

bool World::turn() {
  std::vector<engine::Message> mail;
  const std::size_t most = one_by_one_ ? 1 : 1 + random_.random() % 8;
  while (!mailbox_.empty() && mail.size() < most) {
    mail.push_back(std::move(mailbox_.front()));
    mailbox_.pop_front();
  }
  const bool due = actor_->next_due() && *actor_->next_due() <= clock_.now();
  if (mail.empty() && !actor_->has_more() && !due) return false;
  try {
    engine::TurnOutcome outcome = actor_->run_turn(std::move(mail));
    one_by_one_ = outcome.broken;
    if (!outcome.committed) {
      if (outcome.broken && !outcome.culprit.empty() && ++broken_[outcome.culprit] >= 3) {
        std::erase_if(outcome.keep, [&](const engine::Message& message) { return message.execution == outcome.culprit; });
        mailbox_.push_front({[id = outcome.culprit](engine::TenantActor& actor) { actor.set_aside(id, "set aside"); }, true, {}});
      }
      if (!outcome.broken) ++happenings_.turns_failed;
      for (auto at = outcome.keep.rbegin(); at != outcome.keep.rend(); ++at) mailbox_.push_front(std::move(*at));
      load();
    }
  } catch (const PowerCut&) {
    crash();
  }
  return true;
}

void World::end_one_job() {
  if (sink_->jobs.empty()) return;
  const std::size_t index = random_.random() % sink_->jobs.size();
  const engine::Job job = std::move(sink_->jobs[index]);
  sink_->jobs.erase(sink_->jobs.begin() + static_cast<std::ptrdiff_t>(index));
  engine::JobReport report;
  const std::uint64_t luck = random_.random() % 10;
  report.state = sink_->cancelled.contains(job.key) ? execution::State::killed : luck < 7 ? execution::State::success : execution::State::failed;
  report.outputs = {{"code", 200}};
  report.worker_id = "simulated";
  report.started = report.ended = clock_.now();
  if (luck % 2 == 0) mailbox_.push_back({[key = job.key](engine::TenantActor& actor) { actor.job_started(key, "simulated"); }, true, job.key.execution_id});
  const int copies = luck == 3 ? 2 : 1;  // a message delivered twice: only one result may count
  for (int i = 0; i < copies; ++i) mailbox_.push_back({[key = job.key, report](engine::TenantActor& actor) { actor.job_ended(key, report); }, true, job.key.execution_id});
}

void World::step(Faults faults) {
  faults_ = faults;
  switch (random_.random() % 6) {
    case 0: clock_.advance(std::chrono::milliseconds(random_.random() % 3'000)); break;
    case 1: end_one_job(); break;
    case 2:
      if (!background_.empty()) {
        auto work = std::move(background_.front());
        background_.pop_front();
        work();
      }
      break;
    default: turn();
  }
  faults_ = {};
}

void World::settle() {
  faults_ = {};
  for (int round = 0; round < 20'000; ++round) {
    if (turn()) continue;
    if (!background_.empty()) {
      auto work = std::move(background_.front());
      background_.pop_front();
      work();
    } else if (!sink_->jobs.empty()) {
      end_one_job();
    } else if (actor_->next_due() && *actor_->next_due() < clock_.now() + std::chrono::hours(1)) {
      clock_.advance(std::max<Duration>(*actor_->next_due() - clock_.now(), Duration{1}));
    } else {
      bool paused = false;
      for (const Execution& execution : executions()) paused = paused || execution.header.state.current() == execution::State::paused;
      if (!paused) return;
      resume_paused();
    }
  }
  violations_.push_back("the world does not come to rest");
}

std::vector<World::Execution> World::executions() {
  std::vector<Execution> all;
  auto reader = stores_->read(*scope_);
  if (!reader) return all;
  store::Query query;
  query.page.size = 10'000;
  auto found = (*reader)->search_executions(query);
  if (!found) return all;
  for (execution::Header& header : found->rows) {
    Execution execution;
    execution.task_runs = (*reader)->task_runs(header.id).value_or(std::vector<execution::TaskRun>{});
    execution.logs = (*reader)->logs(header.id, {}).value_or(std::vector<store::LogRow>{});
    execution.header = std::move(header);
    all.push_back(std::move(execution));
  }
  std::sort(all.begin(), all.end(), [](const Execution& a, const Execution& b) { return a.header.id < b.header.id; });
  return all;
}

std::string World::digest() {
  std::string text;
  for (const Execution& execution : executions()) {
    text += write_json(execution::to_json(execution.header, execution.task_runs));
    for (const store::LogRow& row : execution.logs) text += row.log.line.message;
  }
  return hex_encode(sha256(text));
}

}  // namespace insula::simulation
