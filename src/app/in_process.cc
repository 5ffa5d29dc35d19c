// Commands that run without a server: a flow on an embedded store, a tenant created in a data folder that nobody has open.
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <future>
#include <sstream>

#include "app/server.h"
#include "vault/vault.h"

namespace insula::app {

namespace {

// A throw-away folder, or the one given.
struct RunFolder {
  std::filesystem::path path;
  bool temporary = false;
  explicit RunFolder(const std::string& given) : path(given), temporary(given.empty()) {
    if (temporary) path = std::filesystem::temp_directory_path() / ("insula-run-" + hex_encode(random_bytes(8)));
  }
  ~RunFolder() {
    std::error_code ignored;
    if (temporary) std::filesystem::remove_all(path, ignored);
  }
};

int complain(const Error& error) {
  fmt::print(stderr, "insula: {}{}\n", error.message, error.detail.empty() ? "" : " (" + error.detail + ")");
  for (const Violation& violation : error.violations) {
    fmt::print(stderr, "  {}{}: {}{}\n", violation.line > 0 ? fmt::format("{}:{} ", violation.line, violation.column) : "", violation.path, violation.message,
               violation.suggestion.empty() ? "" : fmt::format(" (did you mean `{}`?)", violation.suggestion));
  }
  return 1;
}

template <class T, class Call>
Result<T> wait_for(Call call) {
  std::promise<Result<T>> done;
  call([&done](Result<T> result) { done.set_value(std::move(result)); });
  return done.get_future().get();
}

// Prints log lines as they are committed, until the execution has ended.
class Follower {
 public:
  Follower(engine::Engine& engine, store::TenantScope scope, ExecutionId id) : engine_(engine), scope_(std::move(scope)), id_(std::move(id)) {
    subscription_ = engine_.subscribe(scope_, id_, [this](const engine::Happened& happened) {
      const std::lock_guard lock(mutex_);
      news_ = true;
      ended_ = ended_ || happened.ended;
      changed_.notify_one();
    });
  }

  execution::Header run() {
    for (;;) {
      bool ended;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return news_ || ended_; });
        news_ = false;
        ended = ended_;
      }
      std::promise<std::optional<execution::Header>> read;
      engine_.read(scope_, [&](Result<store::TenantReader*> reader) {
        if (!reader) return read.set_value(std::nullopt);
        store::LogQuery query;
        query.after = last_;
        if (auto rows = (*reader)->logs(id_, query)) {
          for (const store::LogRow& row : *rows) {
            last_ = row.sequence;
            const execution::LogLine& line = row.log.line;
            fmt::print(stderr, "{}\n", cli::log_line(format_instant(line.at), flow::to_string(line.level), line.task_id ? line.task_id->str() : "", line.message));
          }
        }
        auto header = (*reader)->execution(id_);
        read.set_value(header && *header ? std::move(*header) : std::nullopt);
      });
      auto header = read.get_future().get();
      if (header && (header->state.is_terminal() || ended)) return std::move(*header);
    }
  }

  void nudge() {
    const std::lock_guard lock(mutex_);
    news_ = true;
    changed_.notify_one();
  }

 private:
  engine::Engine& engine_;
  store::TenantScope scope_;
  ExecutionId id_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool news_ = true;
  bool ended_ = false;
  std::int64_t last_ = 0;
  std::unique_ptr<engine::Subscription> subscription_;
};

struct Parts {
  std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>();
  std::shared_ptr<store::Stores> stores;
  std::unique_ptr<engine::Engine> engine;
};

Result<Parts> open_parts(const std::filesystem::path& data, const Configuration& configuration, bool durable) {
  Parts parts;
  auto stores = store::open_sqlite({.folder = data.string(), .synchronous_full = durable});
  if (!stores) return fail(stores.error());
  parts.stores = std::move(*stores);
  engine::Settings settings = engine_settings(configuration, data, static_cast<std::uint16_t>(configuration.integer("insula.server.port")));
  if (const std::string key = configuration.text("kestra.encryption.secret-key"); !key.empty()) {
    auto read = vault::read_key(key);
    if (!read) return fail(read.error());
    settings.encryption_key = std::move(*read);
  }
  std::error_code ignored;
  std::filesystem::create_directories(settings.work_folder, ignored);
  parts.engine = std::make_unique<engine::Engine>(engine::Ports{parts.stores, storage::open_local_storage(data / "tenants"), parts.clock, make_catalog()}, settings);
  if (auto started = parts.engine->start(); !started) return fail(started.error());
  return parts;
}

Result<void> save_flows(engine::Engine& engine, const store::TenantScope& scope, const std::string& text, std::optional<store::FlowRow>& last) {
  for (const std::string& document : flow::split_documents(text)) {
    auto saved = wait_for<engine::SavedFlow>([&](engine::Reply<engine::SavedFlow> reply) { engine.create_flow(scope, document, std::move(reply)); });
    if (!saved && saved.error().code == "flow-exists") {
      auto read = flow::read_flow(document, *engine.ports().catalog);
      saved = wait_for<engine::SavedFlow>([&](engine::Reply<engine::SavedFlow> reply) { engine.update_flow(scope, read.flow->ns, read.flow->id, document, std::move(reply)); });
    }
    if (!saved) return fail(saved.error());
    last = saved->row;
  }
  if (!last) return fail(ErrorKind::invalid, "flow-missing", "the file holds no flow");
  return {};
}

Result<engine::StartExecution> start_command(engine::Engine& engine, const store::TenantScope& scope, const store::FlowRow& row, const cli::RunOptions& options, IdGenerator& ids, const Clock& clock) {
  engine::StartExecution command;
  command.ns = row.ns;
  command.flow_id = row.id;
  command.from = "cli";
  command.id = ids.next_as<ExecutionId>(clock.now());
  for (const auto& [key, value] : options.labels) command.labels.push_back({key, value});
  auto flow = engine.compiled(scope, row);
  if (!flow) return fail(flow.error());
  for (const auto& [name, value] : options.inputs) {
    const auto input = std::find_if((*flow)->inputs.begin(), (*flow)->inputs.end(), [&](const flow::Input& declared) { return declared.id == name; });
    if (input == (*flow)->inputs.end()) {
      std::vector<std::string> names;
      for (const flow::Input& declared : (*flow)->inputs) names.push_back(declared.id);
      const auto near = nearest_word(name, names);
      return fail(ErrorKind::invalid, "input-unknown", fmt::format("the flow has no input `{}`{}", name, near ? fmt::format("; did you mean `{}`?", *near) : ""));
    }
    if (input->type != "FILE") {
      command.inputs.emplace(name, value);
      continue;
    }
    // A copy: the file of the person stays where it is.
    const std::filesystem::path copy = std::filesystem::path(engine.settings().work_folder) / hex_encode(random_bytes(8));
    std::error_code error;
    std::filesystem::copy_file(value, copy, error);
    if (error) return fail(ErrorKind::invalid, "input-file", fmt::format("the file {} of input `{}` cannot be read: {}", value, name, error.message()));
    const std::string file_name = std::filesystem::path(value).filename().string();
    const auto bytes = std::filesystem::file_size(copy, error);
    const std::string path = storage::input_file_path(row.ns, row.id, *command.id, name, file_name);
    if (auto stored = engine.ports().storage->put_file(scope.uid(), path, copy); !stored) return fail(stored.error());
    command.inputs.emplace(name, flow::GivenFile{storage::uri_of(path), file_name, bytes});
  }
  return command;
}

}  // namespace

int run_flow(const cli::RunOptions& options) {
  log::set_level(log::Level::warn);
  ::signal(SIGPIPE, SIG_IGN);
  std::ifstream in(options.file, std::ios::binary);
  if (!in) return complain({ErrorKind::not_found, "file-unreadable", fmt::format("the file {} cannot be read", options.file), {}, {}});
  std::ostringstream text;
  text << in.rdbuf();
  const RunFolder place(options.data);
  auto folder = DataFolder::open(place.path);
  if (!folder) return complain(folder.error());
  auto configuration = Configuration::read("", process_environment());
  if (!configuration) return complain(configuration.error());
  auto parts = open_parts(folder->path(), *configuration, !place.temporary);
  if (!parts) return complain(parts.error());
  engine::Engine& engine = *parts->engine;
  auto tenant = parts->stores->system().tenant(TenantId(options.tenant));
  if (!tenant) return complain(tenant.error());
  if (!*tenant) {
    if (auto made = create_tenant(*parts->stores, engine, *parts->clock, options.tenant, options.tenant, ""); !made) return complain(made.error());
  }
  auto scope = engine.scope(TenantId(options.tenant));
  if (!scope) return complain(scope.error());
  std::optional<store::FlowRow> row;
  if (auto saved = save_flows(engine, *scope, text.str(), row); !saved) return complain(saved.error());
  IdGenerator ids(std::hash<std::string>{}(random_bytes(16)));
  auto command = start_command(engine, *scope, *row, options, ids, *parts->clock);
  if (!command) return complain(command.error());
  Follower follower(engine, *scope, *command->id);
  auto started = wait_for<engine::Started>([&](engine::Reply<engine::Started> reply) { engine.start_execution(*scope, *command, std::move(reply)); });
  if (!started) return complain(started.error());
  fmt::print(stderr, "{} {}.{}: execution {}\n", cli::Terminal::paint("▶", "blue"), row->ns, row->id, started->header.id);
  follower.nudge();
  const execution::Header ended = follower.run();
  const execution::State state = ended.state.current();
  fmt::print(stderr, "{} {} {}\n", cli::Terminal::paint("■", "blue"), cli::state_text(execution::to_string(state)), format_duration(ended.state.duration().value_or(Duration{0})));
  if (options.json) {
    std::promise<std::string> shown;
    engine.read(*scope, [&](Result<store::TenantReader*> reader) {
      std::vector<execution::TaskRun> rows;
      if (reader) rows = (*reader)->task_runs(ended.id).value_or(std::vector<execution::TaskRun>{});
      shown.set_value(write_json_pretty(Json(execution::to_json(ended, rows))));
    });
    fmt::print("{}\n", shown.get_future().get());
  } else if (!ended.outputs.empty()) {
    fmt::print(stderr, "outputs {}\n", write_json(ended.outputs));
  }
  engine.stop(Duration{0});
  return state == execution::State::success || state == execution::State::warning ? 0 : 1;
}

int create_tenant_command(const cli::CreateTenantOptions& options) {
  log::set_level(log::Level::warn);
  auto configuration = read_configuration(options.config_file, options.data, std::nullopt);
  if (!configuration) return complain(configuration.error());
  const std::filesystem::path data = configuration->text("insula.data");
  auto answered = AdminSocket::call(data / "admin.sock", "tenants.create", {{"tenant", options.tenant}, {"name", options.name}, {"adminUsername", options.admin_username}});
  if (!answered && answered.error().code != "server-away") return complain(answered.error());
  if (!answered) {
    auto folder = DataFolder::open(data);
    if (!folder) return complain(folder.error());
    auto parts = open_parts(folder->path(), *configuration, true);
    if (!parts) return complain(parts.error());
    auto made = create_tenant(*parts->stores, *parts->engine, *parts->clock, options.tenant, options.name, options.admin_username);
    parts->engine->stop(Duration{0});
    if (!made) return complain(made.error());
  }
  fmt::print("tenant {} ({}) created\n", options.tenant, options.name);
  return 0;
}

}  // namespace insula::app
