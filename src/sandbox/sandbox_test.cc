#include "sandbox/sandbox.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>

namespace insula::sandbox {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class PlainProcessTest : public testing::Test {
 protected:
  PlainProcessTest() {
    folder_ = std::filesystem::temp_directory_path() / ("insula-sandbox-" + hex_encode(random_bytes(8)));
    std::filesystem::create_directories(folder_);
  }
  ~PlainProcessTest() override { std::filesystem::remove_all(folder_); }

  Result<Exit> run(std::vector<std::string> argv, Limits limits = {}) {
    Command command{.argv = std::move(argv), .env = env_, .working_folder = folder_, .input = input_};
    const Output output{.out = [this](std::string_view line) { out_.emplace_back(line); if (on_line_) on_line_(line); }, .error = [this](std::string_view line) { error_.emplace_back(line); }};
    return PlainProcess().run(command, limits, output, cancel_);
  }
  Result<Exit> shell(std::string script, Limits limits = {}) { return run({"/bin/sh", "-c", std::move(script)}, limits); }

  // Blocks until the process has gone: a pid that a script wrote.
  static bool is_alive(pid_t pid) {
    std::ifstream file(fmt::format("/proc/{}/stat", pid));
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return !text.empty() && !text.contains(") Z ");
  }
  static pid_t pid_of(const std::string& text) { return static_cast<pid_t>(std::strtol(text.c_str(), nullptr, 10)); }

  std::filesystem::path folder_;
  std::vector<std::pair<std::string, std::string>> env_{{"PATH", "/usr/local/bin:/usr/bin:/bin"}};
  std::string input_;
  CancelFlag cancel_;
  std::vector<std::string> out_, error_;
  std::function<void(std::string_view)> on_line_;
};

const Exit kOk{Exit::How::exited, 0};

TEST_F(PlainProcessTest, GivesExitCodeAndLines) {
  EXPECT_EQ(shell("echo one; echo two >&2; printf three; exit 3").value(), (Exit{Exit::How::exited, 3}));
  EXPECT_EQ(out_, (std::vector<std::string>{"one", "three"}));
  EXPECT_EQ(error_, std::vector<std::string>{"two"});
}

TEST_F(PlainProcessTest, TellsTheSignalThatEndedIt) { EXPECT_EQ(shell("kill -SEGV $$").value(), (Exit{Exit::How::signalled, SIGSEGV})); }

TEST_F(PlainProcessTest, HasOnlyTheEnvironmentItWasGiven) {
  ::setenv("INSULA_TEST_LEAK", "leaked", 1);
  env_.emplace_back("MINE", "a b");
  EXPECT_EQ(run({"env"}).value(), kOk);
  ASSERT_EQ(out_.size(), 3u);
  EXPECT_EQ(out_[0], "PATH=/usr/local/bin:/usr/bin:/bin");
  EXPECT_EQ(out_[1], "MINE=a b");
  EXPECT_TRUE(out_[2].starts_with("INSULA_JOB="));
}

TEST_F(PlainProcessTest, InheritsNoDescriptors) {
  const int leak = ::dup(0);  // without close-on-exec
  EXPECT_EQ(shell("ls /proc/self/fd").value(), kOk);
  ::close(leak);
  EXPECT_EQ(out_, (std::vector<std::string>{"0", "1", "2", "3"}));  // 3 is ls reading the folder
}

TEST_F(PlainProcessTest, RunsInItsFolderAndReadsItsInput) {
  input_ = "line\nlast";
  EXPECT_EQ(shell("pwd; cat").value(), kOk);
  EXPECT_EQ(out_, (std::vector<std::string>{std::filesystem::canonical(folder_).string(), "line", "last"}));
}

TEST_F(PlainProcessTest, InputIsEmptyByDefault) {
  EXPECT_EQ(shell("cat; echo end").value(), kOk);
  EXPECT_EQ(out_, std::vector<std::string>{"end"});
}

TEST_F(PlainProcessTest, ManyInputBytesThatNobodyReadsDoNotBlock) {
  input_ = std::string(4u << 20, 'x');
  EXPECT_EQ(shell("exit 0").value(), kOk);
}

TEST_F(PlainProcessTest, SaysWhyAProgramCannotRun) {
  const Result<Exit> missing = run({"no-such-program"});
  EXPECT_EQ(missing.error().code, "process-not-started");
  EXPECT_TRUE(missing.error().message.contains("no-such-program")) << missing.error().message;
  EXPECT_TRUE(missing.error().message.contains("No such file or directory")) << missing.error().message;
  std::ofstream(folder_ / "plain") << "x";
  EXPECT_TRUE(run({"./plain"}).error().message.contains("Permission denied"));
  folder_ /= "missing";
  EXPECT_TRUE(run({"true"}).error().message.contains("working folder"));
  folder_ = folder_.parent_path();
  EXPECT_FALSE(run({"true", std::string("a\0b", 3)}));
}

TEST_F(PlainProcessTest, CutsLongLinesAndSaysSo) {
  EXPECT_EQ(shell("printf 'aaaaé%s\\nnext\\r\\n' bbbbbbbb", {.output_line_bytes_max = 5}).value(), kOk);
  EXPECT_EQ(out_, (std::vector<std::string>{"aaaa … [line cut: 10 more bytes]", "next"}));
}

TEST_F(PlainProcessTest, OutputIsAlwaysUtf8) {
  EXPECT_EQ(shell("printf 'a\\377b\\303\\n'").value(), kOk);
  EXPECT_EQ(out_, std::vector<std::string>{"a\xef\xbf\xbd" "b\xef\xbf\xbd"});
}

TEST_F(PlainProcessTest, ReadsMuchOutputOfBothStreams) {
  EXPECT_EQ(shell("i=0; while [ $i -lt 20000 ]; do echo out$i; echo error$i >&2; i=$((i+1)); done").value(), kOk);
  EXPECT_EQ(out_.size(), 20'000u);
  EXPECT_EQ(error_.size(), 20'000u);
  EXPECT_EQ(out_.back(), "out19999");
}

TEST_F(PlainProcessTest, EndsAtItsTimeout) {
  EXPECT_EQ(shell("exec sleep 1000", {.timeout = milliseconds(50)}).value().how, Exit::How::timed_out);
  cancel_.set_deadline(std::chrono::steady_clock::now() + milliseconds(50));
  EXPECT_EQ(shell("exec sleep 1000").value().how, Exit::How::timed_out);
}

TEST_F(PlainProcessTest, MayCleanUpWhenItIsCancelled) {
  on_line_ = [this](std::string_view line) { if (line == "ready") cancel_.cancel(CancelReason::killed); };
  EXPECT_EQ(shell("trap 'echo cleaning; exit 0' TERM; echo ready; while :; do sleep 0.01; done", {.kill_grace = seconds(60)}).value().how, Exit::How::killed);
  EXPECT_EQ(out_, (std::vector<std::string>{"ready", "cleaning"}));
}

TEST_F(PlainProcessTest, IsKilledWhenItIgnoresTheFirstSignal) {
  on_line_ = [this](std::string_view line) { if (line == "ready") cancel_.cancel(CancelReason::killed); };
  EXPECT_EQ(shell("trap '' TERM; echo ready; while :; do sleep 1000; done", {.kill_grace = milliseconds(20)}).value().how, Exit::How::killed);
}

TEST_F(PlainProcessTest, ACancelledFlagStartsNothing) {
  cancel_.cancel(CancelReason::killed);
  cancel_.cancel(CancelReason::timed_out);
  EXPECT_EQ(shell("echo started").value().how, Exit::How::killed);
  EXPECT_TRUE(out_.empty());
}

// The child leaves session, group, parent and environment; only the launcher can still find it.
constexpr const char* kDetach = "env -i /usr/bin/setsid /bin/sh -c '(trap \"\" TERM HUP; echo $$ > pids; /bin/sh -c \"echo \\$\\$ >> pids; trap \\\"\\\" TERM; while :; do /bin/sleep 1000; done\" & ) ; exit 0' >/dev/null 2>&1 </dev/null; ";

TEST_F(PlainProcessTest, KillsWhatDetachedItselfWithTheTree) {
  on_line_ = [this](std::string_view line) { if (line == "ready") cancel_.cancel(CancelReason::killed); };
  const std::string script = std::string(kDetach) + "while [ \"$(wc -l < pids)\" != 2 ]; do :; done; echo ready; exec sleep 1000";
  EXPECT_EQ(shell(script, {.kill_grace = milliseconds(20)}).value().how, Exit::How::killed);
  std::ifstream pids(folder_ / "pids");
  int count = 0;
  for (std::string line; std::getline(pids, line); ++count) EXPECT_FALSE(is_alive(pid_of(line))) << line;
  EXPECT_EQ(count, 2);
}

TEST_F(PlainProcessTest, LeavesNothingBehindWhenItEndsByItself) {
  const std::string script = std::string(kDetach) + "while [ \"$(wc -l < pids)\" != 2 ]; do :; done; exit 7";
  EXPECT_EQ(shell(script, {.kill_grace = seconds(60)}).value(), (Exit{Exit::How::exited, 7}));
  std::ifstream pids(folder_ / "pids");
  for (std::string line; std::getline(pids, line);) EXPECT_FALSE(is_alive(pid_of(line))) << line;
}

TEST_F(PlainProcessTest, WaitsForTheOutputOfBackgroundProcesses) {
  EXPECT_EQ(shell("mkfifo gate; (read x < gate; echo late) & exec 3> gate; (echo go >&3) & exit 0", {.kill_grace = seconds(60)}).value(), kOk);
  EXPECT_EQ(out_, std::vector<std::string>{"late"});
}

TEST_F(PlainProcessTest, DoesNotWaitForeverForBackgroundProcesses) {
  EXPECT_EQ(shell("sleep 1000 & echo $!", {.kill_grace = milliseconds(50)}).value(), kOk);
  ASSERT_EQ(out_.size(), 1u);
  EXPECT_FALSE(is_alive(pid_of(out_[0])));
}

TEST_F(PlainProcessTest, AStoppedProcessIsKilledToo) {
  on_line_ = [this](std::string_view) { cancel_.cancel(CancelReason::killed); };
  EXPECT_EQ(shell("echo ready; kill -STOP $$", {.kill_grace = milliseconds(20)}).value().how, Exit::How::killed);
}

TEST_F(PlainProcessTest, KillingTheLauncherDoesNotSaveTheTree) {
  // $PPID of the main process is the launcher.
  const Result<Exit> exit = shell("/usr/bin/setsid /bin/sh -c 'echo $$ > pids; while :; do sleep 1000; done' >/dev/null 2>&1 & while [ ! -s pids ]; do :; done; kill -9 $PPID; exec sleep 1000");
  EXPECT_EQ(exit.value(), (Exit{Exit::How::signalled, SIGKILL}));
  std::ifstream pids(folder_ / "pids");
  std::string line;
  ASSERT_TRUE(std::getline(pids, line));
  EXPECT_FALSE(is_alive(pid_of(line)));
}

TEST_F(PlainProcessTest, AForkingStormIsEnded) {
  on_line_ = [this](std::string_view) { cancel_.cancel(CancelReason::killed); };
  const std::string script = "echo ready; f() { sleep 1000 & (setsid sleep 1000 &) ; }; i=0; while [ $i -lt 200 ]; do f; i=$((i+1)); done; exec sleep 1000";
  EXPECT_EQ(shell(script, {.kill_grace = milliseconds(1)}).value().how, Exit::How::killed);
}

TEST_F(PlainProcessTest, SeveralRunAtOnce) {
  std::atomic<int> right = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      const CancelFlag cancel;
      std::string seen;
      const Command command{.argv = {"/bin/sh", "-c", fmt::format("echo {}; exit {}", i, i)}, .env = env_, .working_folder = folder_, .input = {}};
      const Result<Exit> exit = PlainProcess().run(command, {}, {.out = [&](std::string_view line) { seen = line; }, .error = {}}, cancel);
      if (exit && *exit == Exit{Exit::How::exited, i} && seen == std::to_string(i)) ++right;
    });
  }
  threads.clear();
  EXPECT_EQ(right, 8);
}

TEST_F(PlainProcessTest, AnExceptionOfTheReaderEndsTheTree) {
  on_line_ = [](std::string_view) { throw std::runtime_error("full"); };
  EXPECT_THROW(static_cast<void>(shell("echo $$ > pids; echo line; exec sleep 1000")), std::runtime_error);
  std::ifstream pids(folder_ / "pids");
  std::string line;
  ASSERT_TRUE(std::getline(pids, line));
  EXPECT_FALSE(is_alive(pid_of(line)));
}

TEST(CancelFlag, TheFirstReasonStays) {
  CancelFlag flag;
  EXPECT_FALSE(flag.is_cancelled());
  EXPECT_FALSE(flag.wait_for(milliseconds(1)));
  flag.cancel(CancelReason::shutdown);
  flag.cancel(CancelReason::killed);
  EXPECT_EQ(flag.reason(), CancelReason::shutdown);
  EXPECT_TRUE(flag.wait_for(seconds(60)));
}

TEST(CancelFlag, PastItsDeadlineItIsTimedOut) {
  CancelFlag flag;
  flag.set_deadline(std::chrono::steady_clock::now());
  flag.set_deadline(std::chrono::steady_clock::now() + seconds(100));
  EXPECT_TRUE(flag.wait_for(seconds(60)));
  flag.cancel(CancelReason::killed);
  EXPECT_EQ(flag.reason(), CancelReason::timed_out);
}

}  // namespace
}  // namespace insula::sandbox
