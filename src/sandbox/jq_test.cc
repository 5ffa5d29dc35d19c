// A jq program gives its results or an error; it never harms the process that asked.
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "sandbox/sandbox.h"

namespace insula::sandbox {
namespace {

std::vector<std::string> results_of(JqProcesses& processes, std::string_view program, std::string_view input) {
  const auto results = processes.run(program, input, 10'000);
  EXPECT_TRUE(results) << (results ? "" : results.error().message);
  return results.value_or(std::vector<std::string>{});
}

std::string code_of(JqProcesses& processes, std::string_view program, std::string_view input = "null") {
  const auto results = processes.run(program, input, 10'000);
  return results ? "none" : results.error().code;
}

TEST(Jq, AProgramGivesAllItsResults) {
  JqProcesses processes;
  EXPECT_EQ(results_of(processes, ".[] | .a", R"([{"a":1},{"a":"x"},{"a":null}])"), (std::vector<std::string>{"1", "\"x\"", "null"}));
  EXPECT_EQ(results_of(processes, "empty", "1"), std::vector<std::string>{});
  EXPECT_EQ(results_of(processes, ".", "\"ünï\""), std::vector<std::string>{"\"ünï\""});
}

TEST(Jq, AnErrorLeavesTheProcessUsable) {
  JqProcesses processes;
  for (int i = 0; i < 30; ++i) {
    EXPECT_EQ(code_of(processes, ".["), "jq-failed");
    EXPECT_EQ(code_of(processes, "error(\"x\")"), "jq-failed");
    EXPECT_EQ(code_of(processes, ".", "{"), "jq-failed");
    EXPECT_EQ(results_of(processes, fmt::format(". + {}", i), "1"), std::vector<std::string>{std::to_string(i + 1)});
  }
}

TEST(Jq, MemoryIsLimited) {
  JqProcesses processes;
  EXPECT_EQ(code_of(processes, ".[500000000] = 1"), "expression-too-large");
  EXPECT_EQ(code_of(processes, "reduce range(60) as $i (\"aaaaaaaa\"; . + .)"), "expression-too-large");
  EXPECT_EQ(code_of(processes, "setpath([400000000]; 1)"), "expression-too-large");
  EXPECT_NE(code_of(processes, "\"a\" * 2000000000"), "none");  // byte by byte: time may be over first
  EXPECT_EQ(results_of(processes, ". + 1", "1"), std::vector<std::string>{"2"});
}

TEST(Jq, ValuesThatNestTooDeeplyOverflowNobodysStack) {
  JqProcesses processes;
  EXPECT_NE(code_of(processes, "reduce range(3000000) as $i (0; [.])"), "none");
  EXPECT_EQ(results_of(processes, ".", "1"), std::vector<std::string>{"1"});
}

TEST(Jq, TimeIsLimitedWhereNothingCountsSteps) {
  JqProcesses::Limits limits;
  limits.time = std::chrono::seconds(1);
  JqProcesses processes(limits);
  EXPECT_EQ(code_of(processes, "def f: f; f"), "expression-too-long");
  EXPECT_EQ(code_of(processes, "[limit(100000000; repeat(1))] | length"), "expression-too-long");
  EXPECT_EQ(results_of(processes, ".", "1"), std::vector<std::string>{"1"});
}

TEST(Jq, StepsAreLimited) {
  JqProcesses processes;
  EXPECT_EQ(code_of(processes, "def f: debug | f; f"), "expression-too-long");
}

TEST(Jq, ResultsAreLimited) {
  JqProcesses::Limits limits;
  limits.results_max = 10;
  limits.output_bytes_max = 1'000;
  JqProcesses processes(limits);
  EXPECT_EQ(code_of(processes, "range(11)"), "expression-too-large");
  EXPECT_EQ(code_of(processes, "[range(1000)]"), "expression-too-large");
  EXPECT_EQ(code_of(processes, ".", "\"" + std::string(2'000, 'a') + "\""), "expression-too-large");
}

TEST(Jq, AProgramReachesNothingOfTheServer) {
  ::setenv("INSULA_JQ_TEST", "visible", 1);
  JqProcesses processes;
  EXPECT_EQ(results_of(processes, "env", "1"), std::vector<std::string>{"{}"});
  EXPECT_NE(code_of(processes, "import \"/etc/passwd\" as $x; $x"), "none");
}

TEST(Jq, ThreadsRunSideBySide) {
  JqProcesses processes;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&processes, thread] {
      for (int i = 0; i < 20; ++i) EXPECT_EQ(processes.run(". * 2", std::to_string(thread * 100 + i), 1'000).value_or(std::vector<std::string>{}), std::vector<std::string>{std::to_string(2 * (thread * 100 + i))});
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace insula::sandbox
