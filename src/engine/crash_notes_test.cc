#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "engine/crash_notes.h"
#include "engine/engine_for_tests.h"

namespace insula::engine {
namespace {

class CrashNotesTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::unique_ptr<CrashNotes> open() {
    auto notes = CrashNotes::open(folder / "crash-notes", 4);
    EXPECT_TRUE(notes);
    return std::move(*notes);
  }
  // The process dies within the execution: what it has mapped stays in the file.
  void die_in(const std::string& tenant, const std::string& execution) {
    auto notes = open();
    notes->slot(2).enter(TenantUid(tenant));
    if (!execution.empty()) notes->slot(2).stepping(ExecutionId(execution));
  }
  std::filesystem::path folder = EngineForTests::new_folder();
};

TEST_F(CrashNotesTest, AnExecutionIsCondemnedWhenTheProcessDiedInItThreeTimes) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(open()->condemned().empty());
    die_in("t", "poison");
  }
  auto notes = open();
  ASSERT_EQ(notes->condemned().size(), 1u);
  EXPECT_EQ(notes->condemned()[0].tenant.str(), "t");
  EXPECT_EQ(notes->condemned()[0].execution.str(), "poison");
  EXPECT_EQ(notes->condemned()[0].crashes, 3);
  EXPECT_TRUE(notes->refused().empty());
}

TEST_F(CrashNotesTest, WhoGetsThroughItsTurnIsClearedOfSuspicion) {
  die_in("t", "innocent");
  die_in("t", "innocent");
  {
    auto notes = open();
    notes->slot(0).enter(TenantUid("t"));
    notes->slot(0).stepping(ExecutionId("innocent"));
    notes->slot(0).stepping(ExecutionId("other"));
    notes->slot(0).leave(true);
  }
  die_in("t", "innocent");
  EXPECT_TRUE(open()->condemned().empty());
}

TEST_F(CrashNotesTest, ATurnThatWasNotWrittenClearsNobody) {
  die_in("t", "e");
  die_in("t", "e");
  {
    auto notes = open();
    notes->slot(0).enter(TenantUid("t"));
    notes->slot(0).stepping(ExecutionId("e"));
    notes->slot(0).leave(false);
  }
  die_in("t", "e");
  EXPECT_EQ(open()->condemned().size(), 1u);
}

TEST_F(CrashNotesTest, ATenantIsRefusedAfterThreeDeathsOutsideOfItsExecutions) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(open()->refused().empty());
    die_in("t", "");
  }
  ASSERT_EQ(open()->refused().size(), 1u);
  EXPECT_EQ(open()->refused()[0].str(), "t");
}

TEST_F(CrashNotesTest, ATenantIsRefusedAfterThreeOfItsExecutionsWereSetAside) {
  for (const char* execution : {"a", "b", "c"}) {
    EXPECT_TRUE(open()->refused().empty());
    for (int i = 0; i < 3; ++i) die_in("t", execution);
    // It is set aside: a turn that is written.
    auto notes = open();
    notes->slot(0).enter(TenantUid("t"));
    notes->slot(0).stepping(ExecutionId(execution));
    notes->slot(0).leave(true);
  }
  EXPECT_EQ(open()->refused().size(), 1u);
}

TEST_F(CrashNotesTest, AnOrderlyStopForgetsEverything) {
  for (int i = 0; i < 3; ++i) die_in("t", "e");
  open()->close();
  EXPECT_TRUE(open()->condemned().empty());
}

TEST_F(CrashNotesTest, AFileThatIsNoneIsBegunAnew) {
  std::filesystem::create_directories(folder);
  {
    std::unique_ptr<FILE, int (*)(FILE*)> file(fopen((folder / "crash-notes").c_str(), "w"), fclose);
    fputs("something else", file.get());
  }
  EXPECT_TRUE(open()->condemned().empty());
  for (int i = 0; i < 3; ++i) die_in(std::string(500, 't'), std::string(500, 'e'));
  EXPECT_EQ(open()->condemned().size(), 1u) << "texts that are too long are cut";
}

const char* const kPoison = R"(id: poison
namespace: a.b
tasks:
  - {id: hold, type: io.kestra.plugin.core.flow.Sleep, duration: PT0.1S}
  - {id: kills, type: io.kestra.plugin.core.log.Log, message: boom, logToFile: true}
)";
const char* const kPlain = R"(id: plain
namespace: a.b
tasks:
  - {id: hold, type: io.kestra.plugin.core.flow.Sleep, duration: PT0.1S}
  - {id: log, type: io.kestra.plugin.core.log.Log, message: fine}
)";

// A process of its own: an engine whose storage kills the process when the poisoned execution's log file is written. What `work` returns is its exit code.
int in_a_process(const std::function<int()>& work) {
  const pid_t child = fork();
  if (child == 0) _exit(work());
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST_F(CrashNotesTest, AnExecutionThatKillsTheProcessThreeTimesIsSetAsideAndTheOthersGoOn) {
  const auto settings = [&] {
    Settings made;
    made.data_folder = folder.string();
    made.ballast_bytes = 0;
    return made;
  };
  const storage::StorageForTests::Fault deadly = [](std::string_view path) -> Result<void> {
    if (path.contains("poison")) raise(SIGKILL);
    return {};
  };
  const std::filesystem::path ids = folder / "ids";
  EXPECT_EQ(in_a_process([&] {
    EngineForTests world(folder, settings(), {}, deadly);
    if (!world.deploy(kPoison) || !world.deploy(kPlain)) return 1;
    auto poisoned = world.start("poison");
    if (!poisoned) return 2;
    std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(ids.c_str(), "w"), fclose);
    fputs(poisoned->header.id.str().c_str(), file.get());
    file.reset();
    static_cast<void>(world.end_of(poisoned->header.id));
    return 0;
  }), -SIGKILL);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(in_a_process([&] {
      EngineForTests world(folder, settings(), {}, deadly);
      static_cast<void>(world.start("plain", true));
      return 0;
    }), -SIGKILL) << "start " << i;
  }
  EXPECT_EQ(in_a_process([&] {
    EngineForTests world(folder, settings(), {}, deadly);
    auto plain = world.start("plain", true);
    if (!plain || plain->header.state.current() != execution::State::success) return 3;
    std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(ids.c_str(), "r"), fclose);
    char id[64] = {};
    if (fgets(id, sizeof id, file.get()) == nullptr) return 4;
    auto poisoned = world.end_of(ExecutionId(id));
    if (!poisoned || poisoned->state.current() != execution::State::failed) return 5;
    auto reader = world.stores->read(*world.scope);
    auto logs = (*reader)->logs(ExecutionId(id), {});
    return logs && !logs->empty() && logs->back().log.line.message.contains("died 3 times") ? 0 : 6;
  }), 0);
}

}  // namespace
}  // namespace insula::engine
