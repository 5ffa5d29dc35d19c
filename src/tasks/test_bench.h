// For the tests of this folder: everything around one job, in memory or in a temporary folder.
#pragma once
#include <gtest/gtest.h>

#include "tasks/tasks.h"

namespace insula::tasks {

class RecordedLog final : public LogSink {
 public:
  void write(flow::LogLevel level, std::string message) override {
    const std::lock_guard lock(mutex);
    lines.emplace_back(level, std::move(message));
  }
  std::vector<std::string> at(flow::LogLevel level) const {
    std::vector<std::string> found;
    for (const auto& [one, message] : lines) {
      if (one == level) found.push_back(message);
    }
    return found;
  }
  std::mutex mutex;
  std::vector<std::pair<flow::LogLevel, std::string>> lines;
};

class FakePlatform final : public Platform {
 public:
  expression::Answer lookup(const expression::Lookup& asked) override {
    ++lookups;
    if (asked.name == "secret") return Json("s3cret-value");
    if (asked.name == "outputs") return Json(JsonObject{{"value", "late"}});
    return expression::Undefined{};
  }
  Result<void> fetch_logs(const LogQuery& asked, const std::function<bool(const JsonObject&)>& row) override {
    query = asked;
    for (const JsonObject& each : rows) {
      if (!row(each)) break;
    }
    return {};
  }
  Result<Json> encrypt(std::string_view plain) override { return Json(JsonObject{{"type", "io.kestra.datatype:aes_encrypted"}, {"value", base64_encode(plain)}}); }
  Result<void> batch_outputs(const TaskId& items, const std::function<Result<void>(const JsonObject&)>& each) override {
    asked_items = items.str();
    for (const JsonObject& one : batches) {
      if (Result<void> done = each(one); !done) return done;
    }
    return {};
  }
  Result<void> set_trigger_disabled(const Namespace& ns, const FlowId& flow, const TriggerId& trigger, bool disabled) override {
    if (trigger.str() == "none") return fail(ErrorKind::not_found, "trigger-unknown", "Trigger not found");
    toggled = fmt::format("{} {} {} {}", ns, flow, trigger, disabled ? "off" : "on");
    return {};
  }
  std::vector<JsonObject> batches;
  std::string asked_items, toggled;
  std::vector<JsonObject> rows;
  LogQuery query;
  int lookups = 0;
};

class TaskTest : public testing::Test {
 protected:
  TaskTest() {
    root = std::filesystem::temp_directory_path() / ("insula-tasks-" + hex_encode(random_bytes(8)));
    storage = storage::open_local_storage(root / "tenants");
  }
  ~TaskTest() override { std::filesystem::remove_all(root); }

  static flow::Task task_of(std::string type, JsonObject properties) {
    flow::Task task;
    task.id = TaskId("job");
    task.type = std::move(type);
    for (const auto& [name, value] : properties) task.compiled.emplace(name, expression::Property::compile(value));
    task.properties = std::move(properties);
    return task;
  }

  JobSetup setup(const flow::Task& task) {
    return {.task = task, .variables = *variables, .environment = {}, .log = log, .files = FileArea(*storage, owner, readable), .platform = platform, .sandbox = sandbox, .cancel = cancel,
            .scratch_root = root / "scratch", .timeout = timeout, .secrets = secrets, .egress = client::EgressRules::unrestricted(), .session_folder = session, .limits = limits};
  }

  JobResult run(std::string type, std::string_view properties) {
    variables = std::make_unique<expression::ObjectVariables>(roots);
    const flow::Task task = task_of(std::move(type), parse_json(properties).value().as_object());
    result = run_job(setup(task));
    return result;
  }
  std::string error_of(std::string type, std::string_view properties) {
    run(std::move(type), properties);
    EXPECT_EQ(result.state, JobResult::State::failed);
    return result.error;
  }
  std::string file(std::string_view uri) { return storage->read(owner.tenant, storage::path_of(uri).value(), 1u << 20).value(); }
  std::string stored(std::string_view name, std::string_view bytes) {
    const std::string path = storage::input_file_path(owner.ns, owner.flow, owner.execution, "file", name);
    EXPECT_TRUE(storage->put(owner.tenant, path, bytes));
    return storage::uri_of(path);
  }
  bool scratch_is_empty() const { return !std::filesystem::exists(root / "scratch") || std::filesystem::is_empty(root / "scratch"); }

  std::filesystem::path root, session;
  std::unique_ptr<storage::Storage> storage;
  FileArea::Owner owner{TenantUid("01acme"), Namespace("io.t"), FlowId("f"), ExecutionId("e1"), TaskId("job"), TaskRunId("r1")};
  std::vector<std::string> readable, secrets;
  JsonObject roots;
  std::unique_ptr<expression::ObjectVariables> variables;
  RecordedLog log;
  FakePlatform platform;
  sandbox::PlainProcess sandbox;
  sandbox::CancelFlag cancel;
  std::optional<Duration> timeout;
  JobLimits limits;
  JobResult result;
};

inline const std::string kShell = "io.kestra.plugin.scripts.shell.Commands";
inline const std::string kShellScript = "io.kestra.plugin.scripts.shell.Script";
inline const std::string kPython = "io.kestra.plugin.scripts.python.Script";
inline const std::string kRequest = "io.kestra.plugin.core.http.Request";
inline const std::string kDownload = "io.kestra.plugin.core.http.Download";
inline const std::string kLogFetch = "io.kestra.plugin.core.log.Fetch";

}  // namespace insula::tasks
