#include <fstream>

#include "tasks/test_bench.h"

namespace insula::tasks {
namespace {

using State = JobResult::State;
using ScriptTest = TaskTest;

TEST_F(ScriptTest, RunsCommandsAndGivesItsOutputs) {
  roots = {{"name", "world"}};
  run(kShell, R"({"commands":["echo \"hello {{ name }}\"","echo warn >&2","echo '::{\"outputs\":{\"a\":1,\"b\":{\"c\":true}}}::'","echo '::{\"outputs\":{\"d\":\"x\"}}::'"]})");
  ASSERT_EQ(result.state, State::success) << result.error;
  EXPECT_EQ(write_json(result.outputs), R"({"vars":{"a":1,"b":{"c":true},"d":"x"},"exitCode":0,"outputFiles":{},"stdOutLineCount":3,"stdErrLineCount":1,"warningOnStdErr":false})");
  EXPECT_EQ(log.at(flow::LogLevel::info), std::vector<std::string>{"hello world"});
  EXPECT_EQ(log.at(flow::LogLevel::error), std::vector<std::string>{"warn"});
  EXPECT_TRUE(scratch_is_empty());
}

TEST_F(ScriptTest, AFailingCommandFailsTheTask) {
  run(kShell, R"({"commands":["echo '::{\"outputs\":{\"a\":1}}::'","exit 3"]})");
  EXPECT_EQ(result.state, State::failed);
  EXPECT_EQ(result.error, "Command failed with exit code 3");
  EXPECT_EQ(result.outputs.at("exitCode").as_int64(), 3);
  EXPECT_EQ(write_json(result.outputs.at("vars")), R"({"a":1})");
  EXPECT_EQ(run(kShell, R"({"commands":["kill -9 $$"]})").error, "Command failed with exit code 137");
}

TEST_F(ScriptTest, StopsAtTheFirstFailureUnlessTold) {
  EXPECT_EQ(run(kShell, R"({"commands":["false","echo reached"]})").state, State::failed);
  EXPECT_TRUE(log.at(flow::LogLevel::info).empty());
  EXPECT_EQ(run(kShell, R"({"failFast":false,"commands":["false","echo reached"]})").state, State::success);
  EXPECT_EQ(log.at(flow::LogLevel::info), std::vector<std::string>{"reached"});
}

TEST_F(ScriptTest, ConsumesLogsAndMetricsOfTheProtocol) {
  run(kShell, R"({"commands":["echo '::{\"logs\":[{\"level\":\"WARN\",\"message\":\"careful\"}],\"metrics\":[{\"name\":\"n\",\"type\":\"counter\",\"value\":2,\"tags\":{\"a\":\"b\"}}]}::'","echo '::{broken}::'","echo ':: not it ::'"]})");
  ASSERT_EQ(result.state, State::success);
  ASSERT_EQ(log.at(flow::LogLevel::warn).size(), 2u);
  EXPECT_EQ(log.at(flow::LogLevel::warn)[0], "careful");
  EXPECT_TRUE(log.at(flow::LogLevel::warn)[1].starts_with("Invalid outputs '{broken}'"));
  ASSERT_EQ(result.metrics.size(), 1u);
  EXPECT_EQ(text_or(result.metrics[0], "name"), "n");
  EXPECT_EQ(log.at(flow::LogLevel::info), std::vector<std::string>{":: not it ::"});
}

TEST_F(ScriptTest, StandardErrorWarnsWhenAsked) {
  EXPECT_EQ(run(kShell, R"({"warningOnStdErr":true,"commands":["echo x >&2"]})").state, State::warning);
  EXPECT_EQ(run(kShell, R"({"warningOnStdErr":true,"commands":["echo x"]})").state, State::success);
}

TEST_F(ScriptTest, PassesOnItsOwnEnvironmentOnly) {
  ::setenv("INSULA_TEST_PASSWORD", "leaked", 1);
  roots = {{"v", "a b"}};
  run(kShell, R"({"env":{"MINE":"{{ v }}","EMPTY":""},"commands":["echo \"$MINE|$INSULA_TEST_PASSWORD|$WORKING_DIR|{{ workingDir }}|$(pwd)|$HOME\""]})");
  ASSERT_EQ(log.at(flow::LogLevel::info).size(), 1u);
  const std::vector<std::string> parts = split(log.at(flow::LogLevel::info)[0], '|');
  EXPECT_EQ(parts[0], "a b");
  EXPECT_EQ(parts[1], "");
  EXPECT_FALSE(parts[2].empty());
  for (const std::size_t i : {3u, 4u, 5u}) EXPECT_EQ(parts[i], parts[2]);
}

TEST_F(ScriptTest, PutsInputFilesIntoTheFolder) {
  const std::string uri = stored("data.csv", "from storage");
  roots = {{"uri", uri}, {"x", 1}};
  run(kShell, R"({"inputFiles":{"a.txt":"x={{ x }}","sub/b.csv":"{{ uri }}","empty":null},"commands":["cat a.txt sub/b.csv empty"]})");
  EXPECT_EQ(log.at(flow::LogLevel::info), std::vector<std::string>{"x=1from storage"}) << result.error;
  run(kShell, R"({"inputFiles":"{\"j.txt\":\"json {{ x }}\"}","commands":["cat j.txt"]})");
  EXPECT_EQ(log.at(flow::LogLevel::info).back(), "json 1");
  run(kShell, R"({"inputFiles":["{{ uri }}",{"k.txt":"k"}],"commands":["cat data.csv k.txt"]})");
  EXPECT_EQ(log.at(flow::LogLevel::info).back(), "from storagek");
}

TEST_F(ScriptTest, InputFilesStayInsideTheFolder) {
  for (const char* name : {"../x", "/tmp/x", "a/../../x", "a\\\\b"}) {
    EXPECT_TRUE(error_of(kShell, fmt::format(R"({{"inputFiles":{{"{}":"x"}},"commands":["true"]}})", name)).contains("not allowed")) << name;
  }
  EXPECT_TRUE(error_of(kShell, R"({"inputFiles":{"a":"nsfile:///a"},"commands":["true"]})").contains("namespace files are not available yet"));
  EXPECT_TRUE(error_of(kShell, R"({"inputFiles":{"a":"kestra:///io/t/f/executions/e2/a"},"commands":["true"]})").contains("didn't belong"));
  EXPECT_TRUE(error_of(kShell, R"({"inputFiles":5,"commands":["true"]})").contains("`inputFiles` must be a map"));
}

TEST_F(ScriptTest, StorageUrisInCommandsBecomeLocalFiles) {
  const std::string uri = stored("my data.csv", "content");
  roots = {{"uri", uri}};
  run(kShell, R"({"env":{"F":"{{ uri }}"},"commands":["cat {{ uri }} \"$F\"; echo; echo '{{ uri }}' | grep -c csv$"]})");
  EXPECT_EQ(log.at(flow::LogLevel::info), (std::vector<std::string>{"contentcontent", "1"})) << result.error;
}

TEST_F(ScriptTest, KeepsOutputFiles) {
  run(kShell, R"({"outputFiles":["*.csv","deep/**","{{ 'named' }}.txt"],"commands":["mkdir -p deep/er","echo a > a.csv","echo b > b.json","echo c > deep/er/c","echo n > {{ outputFiles['named.txt'] }}","ln -s /etc/passwd link.csv"]})");
  ASSERT_EQ(result.state, State::success) << result.error;
  const JsonObject& files = result.outputs.at("outputFiles").as_object();
  EXPECT_EQ(files.size(), 3u) << write_json(files);
  EXPECT_EQ(to_text(files.at("a.csv")), "kestra:///io/t/f/executions/e1/tasks/job/r1/a.csv");
  EXPECT_EQ(file(to_text(files.at("deep/er/c"))), "c\n");
  EXPECT_EQ(file(to_text(files.at("named.txt"))), "n\n");
}

TEST_F(ScriptTest, KeepsTheOutputFolder) {
  run(kShell, R"({"outputDirectory":true,"commands":["mkdir {{ outputDir }}/sub","echo x > {{ outputDir }}/sub/x","echo y > \"$OUTPUT_DIR/y\"","echo z > z"]})");
  ASSERT_EQ(result.state, State::success) << result.error;
  const JsonObject& files = result.outputs.at("outputFiles").as_object();
  EXPECT_EQ(files.size(), 2u) << write_json(files);
  EXPECT_EQ(file(to_text(files.at("sub/x"))), "x\n");
  EXPECT_EQ(file(to_text(files.at("y"))), "y\n");
}

TEST_F(ScriptTest, LimitsTheNumberOfOutputFiles) {
  limits.output_files_max = 3;
  EXPECT_TRUE(error_of(kShell, R"({"outputFiles":["*"],"commands":["touch a b c d"]})").contains("More than 3 output files"));
}

TEST_F(ScriptTest, RunsInlineScriptsOfAnySize) {
  EXPECT_EQ(run(kShellScript, R"({"script":"for i in 1 2; do\n  echo $i\ndone"})").state, State::success) << result.error;
  EXPECT_EQ(log.at(flow::LogLevel::info), (std::vector<std::string>{"1", "2"}));
  roots = {{"long", std::string(300'000, '#')}};
  EXPECT_EQ(run(kShellScript, R"({"script":"echo long\n{{ long }}"})").state, State::success) << result.error;
  EXPECT_EQ(log.at(flow::LogLevel::info).back(), "long");
}

TEST_F(ScriptTest, UsesTheGivenInterpreterAndBeforeCommands) {
  run(kShell, R"({"interpreter":["/bin/sh","-u","-c"],"beforeCommands":["X=before"],"commands":["echo $X"]})");
  EXPECT_EQ(log.at(flow::LogLevel::info), std::vector<std::string>{"before"}) << result.error;
  EXPECT_TRUE(error_of(kShell, R"({"interpreter":["no-such-shell"],"commands":["true"]})").contains("Cannot run program \"no-such-shell\""));
}

TEST_F(ScriptTest, RunsPython) {
  run(kPython, R"x({"inputFiles":{"greeting.py":"text = 'hello'"},"outputFiles":["*"],"script":"import greeting, json\nprint(greeting.text)\nprint('::' + json.dumps({'outputs': {'n': [1, None]}}) + '::')"})x");
  ASSERT_EQ(result.state, State::success) << result.error << join(log.at(flow::LogLevel::error), "\n");
  EXPECT_EQ(log.at(flow::LogLevel::info), std::vector<std::string>{"hello"});
  EXPECT_EQ(write_json(result.outputs.at("vars")), R"({"n":[1,null]})");
  EXPECT_EQ(result.outputs.at("outputFiles").as_object().size(), 1u) << write_json(result.outputs);
  EXPECT_EQ(run(kPython, R"x({"script":"raise SystemExit(4)"})x").error, "Command failed with exit code 4");
  EXPECT_TRUE(error_of(kPython, R"({"dependencies":["pandas"],"script":"pass"})").contains("`dependencies` are not installed"));
}

TEST_F(ScriptTest, PythonCommandsMayCallItPython) {
  run("io.kestra.plugin.scripts.python.Commands", R"x({"inputFiles":{"main.py":"print('main')"},"commands":["python main.py"]})x");
  EXPECT_EQ(log.at(flow::LogLevel::info), std::vector<std::string>{"main"}) << result.error << join(log.at(flow::LogLevel::error), "\n");
}

TEST_F(ScriptTest, WhatIsNotAvailableIsRefusedClearly) {
  EXPECT_EQ(run(kShell, R"({"taskRunner":{"type":"io.kestra.plugin.core.runner.Process"},"containerImage":"ubuntu","commands":["true"]})").state, State::success);
  EXPECT_TRUE(error_of(kShell, R"({"taskRunner":{"type":"io.kestra.plugin.scripts.runner.docker.Docker"},"commands":["true"]})").contains("containers are not supported"));
  EXPECT_TRUE(error_of(kShell, R"({"runner":"DOCKER","commands":["true"]})").contains("containers are not supported"));
  EXPECT_EQ(run(kShell, R"({"runner":"PROCESS","commands":["true"]})").state, State::success);
  EXPECT_TRUE(error_of(kShell, R"({"namespaceFiles":{"enabled":true},"commands":["true"]})").contains("not available yet"));
}

TEST_F(ScriptTest, AKillEndsTheScriptAndItsChildren) {
  log.lines.clear();
  std::jthread killer([this] {
    for (bool seen = false; !seen; std::this_thread::yield()) {
      const std::lock_guard lock(log.mutex);
      seen = !log.lines.empty();
    }
    cancel.cancel(sandbox::CancelReason::killed);
  });
  run(kShell, R"({"commands":["echo ready","sleep 1000 & sleep 1000"]})");
  EXPECT_EQ(result.state, State::killed);
  EXPECT_TRUE(result.error.empty());
  EXPECT_FALSE(result.outputs.contains("exitCode"));
}

TEST_F(ScriptTest, ASessionKeepsItsFolder) {
  session = root / "session";
  std::filesystem::create_directories(session);
  run(kShell, R"({"outputFiles":["a"],"commands":["echo one > a"]})");
  ASSERT_EQ(result.state, State::success) << result.error;
  EXPECT_EQ(file(to_text(result.outputs.at("outputFiles").as_object().at("a"))), "one\n");
  run(kShell, R"({"commands":["cat a"]})");
  EXPECT_EQ(log.at(flow::LogLevel::info).back(), "one");
  EXPECT_TRUE(scratch_is_empty());
}

TEST_F(ScriptTest, AFolderThatAScriptLockedIsRemovedToo) {
  run(kShell, R"({"commands":["mkdir -p d/e","touch d/e/f","chmod 000 d/e d"]})");
  EXPECT_EQ(result.state, State::success) << result.error;
  EXPECT_TRUE(scratch_is_empty());
}

}  // namespace
}  // namespace insula::tasks
