// The engine with real threads while its database and its storage fail: I8.
#include "engine/engine_for_tests.h"

namespace insula::engine {
namespace {

const char* const kPlain = R"(id: plain
namespace: a.b
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log, message: fine}
)";
const char* const kNap = R"(id: nap
namespace: a.b
tasks:
  - {id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT0.3S}
  - {id: log, type: io.kestra.plugin.core.log.Log, message: awake}
)";

class EngineTest : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(folder); }
  Settings settings() const {
    Settings made;
    made.data_folder = folder.string();
    made.ballast_bytes = 1u << 20;
    return made;
  }
  static std::string code_of(const Result<Started>& started) { return started ? "" : started.error().code; }
  std::filesystem::path folder = EngineForTests::new_folder();
};

TEST_F(EngineTest, OnAFullDiskStartsAreRefusedDeletesWorkAndAllGoesOnWhenThereIsSpace) {
  std::atomic<bool> full{false};
  // No room until the ballast is gone.
  EngineForTests world(folder, settings(), [&](std::string_view sql) {
    if (full && sql == "begin immediate" && std::filesystem::exists(folder / "ballast")) store::throw_fault(store::Fault::full);
  });
  ASSERT_TRUE(world.deploy(kPlain));
  const auto old = world.start("plain", true);
  ASSERT_TRUE(old);
  full = true;
  const auto refused = world.start("plain");
  EXPECT_EQ(code_of(refused), "store-full");
  EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
  EXPECT_FALSE(std::filesystem::exists(folder / "ballast"));
  const auto second = world.start("plain");
  EXPECT_EQ(code_of(second), "disk-full");
  EXPECT_EQ(second.error().kind, ErrorKind::unavailable);
  auto erased = EngineForTests::wait<void>([&](Reply<void> reply) { world.engine->delete_execution(*world.scope, old->header.id, {}, std::move(reply)); });
  EXPECT_TRUE(erased) << (erased ? "" : erased.error().message);
  full = false;
  Result<Started> again = fail(ErrorKind::internal, "not-tried", "");
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!again && std::chrono::steady_clock::now() < give_up) again = world.start("plain", true);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->header.state.current(), execution::State::success);
  EXPECT_TRUE(std::filesystem::exists(folder / "ballast"));
}

TEST_F(EngineTest, ADatabaseThatIsAwayRefusesCallersAndLosesNoTimerAndNoWaitingCaller) {
  std::atomic<int> away{0};
  EngineForTests world(folder, settings(), [&](std::string_view sql) {
    if (sql == "begin immediate" && away > 0 && away-- > 0) store::throw_fault(store::Fault::away);
  });
  ASSERT_TRUE(world.deploy(kPlain));
  ASSERT_TRUE(world.deploy(kNap));
  away = 1;
  EXPECT_EQ(code_of(world.start("plain")), "store-unavailable");
  const auto nap = world.start("nap");
  ASSERT_TRUE(nap);
  away = 5;  // the turn of its timer fails, and the loads after it
  const auto ended = world.end_of(nap->header.id);
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_EQ(ended->state.current(), execution::State::success);
  EXPECT_LE(away, 0);
}

TEST_F(EngineTest, ACommitWithAnUnknownOutcomeIsLookedUpAndNothingIsDoneTwice) {
  std::atomic<int> lost{0}, refused{0};
  EngineForTests world(folder, settings(), [&](std::string_view sql) {
    if (sql == "committed" && lost > 0 && lost-- > 0) store::throw_fault(store::Fault::unknown);
    if (sql == "commit" && refused > 0 && refused-- > 0) store::throw_fault(store::Fault::unknown);
  });
  ASSERT_TRUE(world.deploy(kPlain));
  lost = 1;
  const auto started = world.start("plain", true);
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_EQ(started->header.state.current(), execution::State::success);
  refused = 1;
  EXPECT_EQ(code_of(world.start("plain")), "store-outcome-unknown");
  auto reader = world.stores->read(*world.scope);
  EXPECT_EQ((*reader)->count_executions({}).value_or(-1), 1);
}

TEST_F(EngineTest, AJobRunsOnceThoughTheTurnsAroundItsResultFail) {
  std::atomic<bool> armed{false};
  std::atomic<int> away{0};
  EngineForTests world(folder, settings(), [&](std::string_view sql) {
    if (armed && sql.contains("into jobs") && armed.exchange(false)) away = 5;
    // The turn that hands the job out is written, those after it are not.
    if (sql == "begin immediate" && away > 0 && away-- > 0) store::throw_fault(store::Fault::away);
  });
  const std::string ran = (folder / "ran").string();
  ASSERT_TRUE(world.deploy(fmt::format(R"(id: job
namespace: a.b
tasks:
  - id: once
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner: {{type: io.kestra.plugin.core.runner.Process}}
    commands: ["echo ran >> {}"]
)", ran)));
  armed = true;
  const auto started = world.start("job");
  ASSERT_TRUE(started);
  const auto ended = world.end_of(started->header.id);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->state.current(), execution::State::success);
  EXPECT_LE(away, 0);
  EXPECT_EQ(std::filesystem::file_size(ran), 4u) << "`ran` and a line break, once";
}

TEST_F(EngineTest, ALogFileThatCannotBeStoredStopsNothing) {
  std::atomic<bool> broken{true};
  EngineForTests world(folder, settings(), {}, [&](std::string_view path) -> Result<void> {
    if (broken && path != "(swept)") return fail(ErrorKind::unavailable, "storage-failed", "the storage is away");
    return {};
  });
  ASSERT_TRUE(world.deploy(R"(id: filed
namespace: a.b
tasks:
  - {id: log, type: io.kestra.plugin.core.log.Log, message: fine, logToFile: true}
)"));
  const auto started = world.start("filed", true);
  ASSERT_TRUE(started);
  EXPECT_EQ(started->header.state.current(), execution::State::success);
}

TEST_F(EngineTest, AbandonedUploadsAreSweptByItself) {
  std::promise<void> swept;
  std::atomic<int> sweeps{0};
  Settings made = settings();
  made.sweep_interval = std::chrono::milliseconds(1);
  std::atomic<bool> counting{false};
  EngineForTests world(folder, made, {}, [&](std::string_view path) -> Result<void> {
    if (path == "(swept)" && counting && ++sweeps == 2) swept.set_value();
    return {};
  });
  const std::filesystem::path uploads = folder / "tenants" / world.scope->uid().str() / "uploads";
  std::filesystem::create_directories(uploads);
  std::unique_ptr<FILE, int (*)(FILE*)>(fopen((uploads / "half").c_str(), "w"), fclose).reset();
  std::unique_ptr<FILE, int (*)(FILE*)>(fopen((uploads / "fresh").c_str(), "w"), fclose).reset();
  const auto age = [](const std::filesystem::path& path) { std::filesystem::last_write_time(path, std::filesystem::file_time_type::clock::now() - std::chrono::hours(25)); };
  // A request died between storing its file and starting its execution; another did not.
  ASSERT_TRUE(world.deploy(kPlain));
  const auto started = world.start("plain", true);
  ASSERT_TRUE(started);
  const auto upload = [&](const ExecutionId& id) {
    const std::string file = storage::input_file_path(Namespace("a.b"), FlowId("plain"), id, "file", "x.txt");
    EXPECT_TRUE(world.storage->put(world.scope->uid(), file, "text"));
    EXPECT_TRUE(world.storage->put(world.scope->uid(), upload_claim_path(id), storage::execution_prefix(Namespace("a.b"), FlowId("plain"), id)));
    age(uploads.parent_path() / "files" / upload_claim_path(id));
    return file;
  };
  const std::string lost = upload(ExecutionId("never-started")), kept = upload(started->header.id);
  age(uploads / "half");
  counting = true;
  ASSERT_EQ(swept.get_future().wait_for(std::chrono::seconds(30)), std::future_status::ready);
  EXPECT_FALSE(std::filesystem::exists(uploads / "half"));
  EXPECT_TRUE(std::filesystem::exists(uploads / "fresh"));
  EXPECT_FALSE(world.storage->exists(world.scope->uid(), lost).value_or(true));
  EXPECT_TRUE(world.storage->exists(world.scope->uid(), kept).value_or(false));
  EXPECT_TRUE(world.storage->list(world.scope->uid(), "upload-claims", 10)->empty());
}

TEST_F(EngineTest, WhereManyTenantsAreLoadedIdleOnesLeaveMemorySoon) {
  Settings made = settings();
  made.idle_unload = std::chrono::hours(1);
  made.loaded_tenants_max = 2;
  EngineForTests world(folder, made);
  for (const char* id : {"one", "two", "three", "four", "five"}) {
    store::TenantRow row;
    row.id = TenantId(id);
    ASSERT_TRUE(EngineForTests::wait<store::TenantRow>([&](Reply<store::TenantRow> reply) { world.engine->create_tenant(row, {}, std::move(reply)); }));
    ASSERT_TRUE(EngineForTests::wait<SavedFlow>([&](Reply<SavedFlow> reply) { world.engine->create_flow(*world.engine->scope(TenantId(id)), kPlain, std::move(reply)); }));
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (world.engine->statistics().tenants_loaded > made.loaded_tenants_max && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_LE(world.engine->statistics().tenants_loaded, made.loaded_tenants_max);
}

TEST_F(EngineTest, ManyTenantsThatWakeTogetherShareCommitsOfTheSystemDatabase) {
  constexpr int kTenants = 60;
  std::atomic<int> wakes{0};
  Settings made = settings();
  made.engine_threads = 2;
  std::promise<void> go;
  std::shared_future<void> gone = go.get_future().share();
  std::atomic<bool> held{false};
  EngineForTests world(folder, made, [&](std::string_view sql) {
    if (!sql.contains("into wakes")) return;
    ++wakes;
    if (held) gone.wait();   // until all of them have mail
  });
  for (int i = 0; i < kTenants; ++i) {
    store::TenantRow row;
    row.id = TenantId(fmt::format("many{}", i));
    ASSERT_TRUE(EngineForTests::wait<store::TenantRow>([&](Reply<store::TenantRow> reply) { world.engine->create_tenant(row, {}, std::move(reply)); }));
  }
  held = true;
  wakes = 0;
  std::promise<void> all;
  std::atomic<int> answered{0};
  for (int i = 0; i < kTenants; ++i) {
    world.engine->create_flow(*world.engine->scope(TenantId(fmt::format("many{}", i))), kPlain, [&](Result<SavedFlow> saved) {
      EXPECT_TRUE(saved);
      if (++answered == kTenants) all.set_value();
    });
  }
  go.set_value();
  ASSERT_EQ(all.get_future().wait_for(std::chrono::seconds(60)), std::future_status::ready);
  EXPECT_LT(wakes, 10);
}

}  // namespace
}  // namespace insula::engine
