// The jobs around the children of a WorkingDirectory, LocalFiles, and the cache.
#include "tasks/test_bench.h"

namespace insula::tasks {
namespace {

const std::string kDirectory = "io.kestra.plugin.core.flow.WorkingDirectory";
const std::string kLocalFiles = "io.kestra.plugin.core.storage.LocalFiles";

class WorkingDirectoryTest : public TaskTest {
 protected:
  WorkingDirectoryTest() { begin(); }
  void begin() {
    session = root / "session";
    std::filesystem::remove_all(session);
    std::filesystem::create_directories(session);
  }
  JobResult step(FolderStep which, std::string_view properties) {
    variables = std::make_unique<expression::ObjectVariables>(roots);
    const flow::Task task = task_of(kDirectory, parse_json(properties).value().as_object());
    JobSetup made = setup(task);
    made.folder_step = which;
    made.environment.now = SystemClock().now();
    result = run_job(std::move(made));
    return result;
  }
  bool has(const char* name) const { return std::filesystem::exists(session / name); }
};

TEST_F(WorkingDirectoryTest, InputFilesAreThereForTheChildrenAndOutputFilesAreKept) {
  roots = {{"inputs", {{"name", "Ada"}}}};
  ASSERT_EQ(step(FolderStep::open, R"({"inputFiles": {"in/name.txt": "{{ inputs.name }}"}})").state, JobResult::State::success) << result.error;
  run(kShell, R"({"commands": ["cat in/name.txt > out.txt"]})");
  ASSERT_EQ(result.state, JobResult::State::success) << result.error;
  ASSERT_EQ(step(FolderStep::close, R"({"outputFiles": ["*.txt"]})").state, JobResult::State::success) << result.error;
  EXPECT_EQ(file(text_or(result.outputs.at("outputFiles").as_object(), "out.txt")), "Ada");
  EXPECT_TRUE(has("out.txt"));
  EXPECT_TRUE(step(FolderStep::close, R"({"outputFiles": ["*.none"]})").outputs.empty());
}

TEST_F(WorkingDirectoryTest, WhatCannotBeFilledSaysSo) {
  step(FolderStep::open, R"({"inputFiles": {"a": "{{ nope.x }}"}})");
  EXPECT_EQ(result.state, JobResult::State::failed);
  EXPECT_TRUE(result.error.starts_with("Failed preExecuteTasks on WorkingDirectory: ")) << result.error;
  step(FolderStep::open, R"({"inputFiles": {"../a": "x"}})");
  EXPECT_EQ(result.state, JobResult::State::failed);
  step(FolderStep::open, R"({"namespaceFiles": {"enabled": true}})");
  EXPECT_NE(result.error.find("namespace files are not available yet"), std::string::npos);
}

TEST_F(WorkingDirectoryTest, LocalFilesWritesAndKeeps) {
  run(kLocalFiles, R"({"inputs": {"out/a.txt": "A", "b.txt": "B"}})");
  ASSERT_EQ(result.state, JobResult::State::success) << result.error;
  run(kLocalFiles, R"({"outputs": ["out/*"]})");
  const JsonObject& uris = result.outputs.at("uris").as_object();
  EXPECT_EQ(uris.size(), 1u);
  EXPECT_EQ(file(text_or(uris, "out/a.txt")), "A");
  EXPECT_TRUE(has("out/a.txt"));   // the next task still finds it
}

TEST_F(WorkingDirectoryTest, TheCacheOutlivesTheFolder) {
  const std::string_view cache = R"({"cache": {"patterns": ["modules/**"], "ttl": "PT1H"}})";
  ASSERT_EQ(step(FolderStep::open, cache).state, JobResult::State::success) << result.error;
  run(kShell, R"({"commands": ["mkdir -p modules/deep && echo one > modules/deep/a.txt && echo no > other.txt"]})");
  ASSERT_EQ(step(FolderStep::close, cache).state, JobResult::State::success) << result.error;
  begin();
  ASSERT_EQ(step(FolderStep::open, cache).state, JobResult::State::success) << result.error;
  EXPECT_TRUE(has("modules/deep/a.txt"));
  EXPECT_FALSE(has("other.txt"));
  // Unchanged files are not stored again.
  log.lines.clear();
  step(FolderStep::close, cache);
  EXPECT_EQ(log.at(flow::LogLevel::debug), std::vector<std::string>{"Cache files didn't change, skip updating it"});
}

TEST_F(WorkingDirectoryTest, ACacheIsOfOneIterationAndEndsWithItsTtl) {
  const std::string_view cache = R"({"cache": {"patterns": ["*.txt"], "ttl": "PT0S"}})";
  run(kLocalFiles, R"({"inputs": {"a.txt": "A"}})");
  ASSERT_EQ(step(FolderStep::close, cache).state, JobResult::State::success);
  begin();
  roots = {{"taskrun", {{"value", "other"}}}};
  step(FolderStep::open, R"({"cache": {"patterns": ["*.txt"]}})");
  EXPECT_FALSE(has("a.txt"));
  roots = {};
  step(FolderStep::open, cache);
  EXPECT_FALSE(has("a.txt"));
  step(FolderStep::open, R"({"cache": {"patterns": ["*.txt"]}})");   // gone with its end
  EXPECT_FALSE(has("a.txt"));
}

TEST_F(WorkingDirectoryTest, FilesAboveTheLimitAreNotCached) {
  limits.cached_bytes_max = 3;
  run(kLocalFiles, R"({"inputs": {"a.txt": "four"}})");
  EXPECT_EQ(step(FolderStep::close, R"({"cache": {"patterns": ["*.txt"]}})").state, JobResult::State::success);
  EXPECT_EQ(log.at(flow::LogLevel::warn).size(), 1u);
  begin();
  step(FolderStep::open, R"({"cache": {"patterns": ["*.txt"]}})");
  EXPECT_FALSE(has("a.txt"));
}

}  // namespace
}  // namespace insula::tasks
