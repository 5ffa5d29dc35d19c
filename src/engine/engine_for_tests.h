// An engine over a store and a storage in a folder of its own, with faults that a test turns on; real time, real threads.
#pragma once
#include <gtest/gtest.h>

#include <future>

#include "engine/engine.h"
#include "execution/execution.h"
#include "storage/storage_for_tests.h"

namespace insula::engine {

struct EngineForTests {
  std::filesystem::path folder;
  store::StatementHook store_fault;                                                       // replace only while nothing runs
  storage::StorageForTests::Fault storage_fault;
  std::shared_ptr<store::Stores> stores;
  std::shared_ptr<storage::Storage> storage;
  std::shared_ptr<const Clock> clock = std::make_shared<SystemClock>();
  std::unique_ptr<Engine> engine;
  std::optional<store::TenantScope> scope;

  static std::filesystem::path new_folder() { return std::filesystem::temp_directory_path() / ("insula-engine-" + hex_encode(random_bytes(6))); }

  explicit EngineForTests(std::filesystem::path in, Settings settings = {}, store::StatementHook store_hook = {}, storage::StorageForTests::Fault storage_hook = {})
      : folder(std::move(in)), store_fault(std::move(store_hook)), storage_fault(std::move(storage_hook)) {
    std::filesystem::create_directories(folder);
    stores = *store::open_sqlite({.folder = folder.string(), .hook = [this](std::string_view sql) { if (store_fault) store_fault(sql); }});
    auto catalog = std::make_shared<flow::Catalog>();
    execution::register_types(*catalog);
    tasks::register_types(*catalog);
    triggers::register_types(*catalog);
    storage = std::make_shared<storage::StorageForTests>(storage::open_local_storage(folder / "tenants"),
                                                              [this](std::string_view path) { return storage_fault ? storage_fault(path) : Result<void>(); });
    settings.work_folder = (folder / "work").string();
    engine = std::make_unique<Engine>(Ports{stores, storage, clock, catalog}, std::move(settings));
    auto started = engine->start();
    EXPECT_TRUE(started) << (started ? "" : started.error().message);
    if (!engine->scope(TenantId("t"))) {
      store::TenantRow row;
      row.id = TenantId("t");
      static_cast<void>(wait<store::TenantRow>([&](Reply<store::TenantRow> reply) { engine->create_tenant(row, {}, std::move(reply)); }));
    }
    scope = *engine->scope(TenantId("t"));
  }
  ~EngineForTests() { engine.reset(); }

  // The answer of a call, however long it takes, but not for ever.
  template <class T, class Call>
  static Result<T> wait(Call&& call) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto answer = promise->get_future();
    call(Reply<T>([promise](Result<T> result) { promise->set_value(std::move(result)); }));
    if (answer.wait_for(std::chrono::seconds(30)) != std::future_status::ready) return fail(ErrorKind::internal, "never-answered", "the call was never answered");
    return answer.get();
  }
  Result<SavedFlow> deploy(const std::string& source) {
    return wait<SavedFlow>([&](Reply<SavedFlow> reply) { engine->create_flow(*scope, source, std::move(reply)); });
  }
  Result<Started> start(const std::string& flow, bool until_end = false) {
    StartExecution command;
    command.ns = Namespace("a.b");
    command.flow_id = FlowId(flow);
    command.wait = until_end;
    return wait<Started>([&](Reply<Started> reply) { engine->start_execution(*scope, command, std::move(reply)); });
  }
  // Asks again when the turn that took the question failed: 503 is an answer that a client repeats.
  Result<execution::Header> end_of(const ExecutionId& id) {
    for (int tries = 1;; ++tries) {
      auto ended = wait<execution::Header>([&](Reply<execution::Header> reply) { engine->await_end(*scope, id, std::move(reply)); });
      if (ended || ended.error().kind != ErrorKind::unavailable || tries == 20) return ended;
    }
  }
};

}  // namespace insula::engine
