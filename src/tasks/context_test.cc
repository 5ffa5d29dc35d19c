#include "flow/flow.h"
#include "tasks/test_bench.h"

namespace insula::tasks {
namespace {

using State = JobResult::State;

class ContextTest : public TaskTest {
 protected:
  JobContext& context(std::string_view properties) {
    variables = std::make_unique<expression::ObjectVariables>(roots);
    task_ = task_of(kShell, parse_json(properties).value().as_object());
    context_ = std::make_unique<JobContext>(setup(task_));
    return *context_;
  }
  flow::Task task_;
  std::unique_ptr<JobContext> context_;
};

TEST_F(ContextTest, RendersPropertiesByKind) {
  roots = {{"x", 5}, {"m", JsonObject{{"a", 1}}}};
  JobContext& job = context(R"({"t":"v{{ x }}","b":"{{ x == 5 }}","i":"{{ x }}","d":"PT1M","s":3,"l":["{{ x }}",2,null],"jl":"{{ [1,2] }}","m":{"k{{ x }}":"{{ x }}","n":7,"z":null},"jm":"{{ m }}","nothing":null})");
  EXPECT_EQ(job.text("t").value(), "v5");
  EXPECT_TRUE(job.boolean("b", false).value());
  EXPECT_EQ(job.integer("i", 0).value(), 5);
  EXPECT_EQ(job.duration("d").value(), std::chrono::minutes(1));
  EXPECT_EQ(job.duration("s").value(), std::chrono::seconds(3));
  EXPECT_EQ(job.text_list("l").value(), (std::vector<std::string>{"5", "2"}));
  EXPECT_EQ(job.text_list("jl").value(), (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(job.text_map("m").value(), (std::vector<std::pair<std::string, std::string>>{{"k5", "5"}, {"n", "7"}}));
  EXPECT_EQ(job.text_map("jm").value(), (std::vector<std::pair<std::string, std::string>>{{"a", "1"}}));
  EXPECT_FALSE(job.has("nothing"));
  EXPECT_EQ(job.text("nothing", "default").value(), "default");
  EXPECT_TRUE(job.text("nothing").error().message.contains("`nothing` must not be null"));
  EXPECT_EQ(job.optional_text("absent").value(), std::nullopt);
  EXPECT_FALSE(job.boolean("absent", false).value());
}

TEST_F(ContextTest, SaysWhatDoesNotFit) {
  JobContext& job = context(R"({"t":"maybe","m":{"a":[1]},"e":"{{ nope }}"})");
  EXPECT_TRUE(job.boolean("t", true).error().message.contains("`t` must be true or false, got 'maybe'"));
  EXPECT_FALSE(job.integer("t", 1));
  EXPECT_FALSE(job.duration("t"));
  EXPECT_FALSE(job.text_list("t"));
  EXPECT_FALSE(job.text_map("t"));
  EXPECT_TRUE(job.text_map("m").error().message.contains("`m.a` must be a text"));
  EXPECT_EQ(job.text("e").error().message, "Unable to find `nope` used in the expression `{{ nope }}` at line 1");
}

TEST_F(ContextTest, SeesRootsThatTheTaskDefines) {
  JobContext& job = context(R"({"t":"{{ workingDir }}/x"})");
  EXPECT_FALSE(job.text("t"));
  job.define("workingDir", "/w");
  EXPECT_EQ(job.text("t").value(), "/w/x");
  EXPECT_EQ(job.render("{{ workingDir }}").value(), "/w");
}

TEST_F(ContextTest, AsksThePlatformOnceAndMasksSecrets) {
  JobContext& job = context(R"({"t":"{{ secret('A') }}","u":"{{ secret('A') }}!"})");
  EXPECT_EQ(job.text("t").value(), "s3cret-value");
  EXPECT_EQ(job.text("u").value(), "s3cret-value!");
  EXPECT_EQ(platform.lookups, 1);
  job.log(flow::LogLevel::info, "the s3cret-value is s3cret-value");
  EXPECT_EQ(log.lines.back().second, "the ****** is ******");
}

TEST_F(ContextTest, CutsLongMessagesAndEndlessLogs) {
  limits.log_message_bytes_max = 5;
  limits.log_lines_max = 2;
  JobContext& job = context("{}");
  job.log(flow::LogLevel::info, "abcdé and more");
  job.log(flow::LogLevel::info, "two");
  job.log(flow::LogLevel::info, "three");
  job.log(flow::LogLevel::info, "four");
  ASSERT_EQ(log.lines.size(), 3u);
  EXPECT_EQ(log.lines[0].second, "abcd … [cut: 11 more bytes]");
  EXPECT_EQ(log.lines[2].first, flow::LogLevel::warn);
}

TEST_F(ContextTest, LeavesOutLinesBelowTheLevelOfTheTask) {
  JobContext& job = context("{}");
  task_.log_level = flow::LogLevel::warn;
  job.log(flow::LogLevel::info, "info");
  job.log(flow::LogLevel::error, "error");
  EXPECT_EQ(log.lines.size(), 1u);
}

TEST_F(ContextTest, FilesOfOtherExecutionsAreRefused) {
  JobContext& job = context("{}");
  const std::string own = job.files().put("a b.txt", "mine").value();
  EXPECT_EQ(own, "kestra:///io/t/f/executions/e1/tasks/job/r1/a%20b.txt");
  EXPECT_EQ(job.files().read(own, 10).value(), "mine");
  ASSERT_TRUE(storage->put(owner.tenant, "io/t/f/executions/e2/inputs/x", "other"));
  EXPECT_EQ(job.files().read("kestra:///io/t/f/executions/e2/inputs/x", 10).error().code, "file-foreign");
  EXPECT_EQ(job.files().read("kestra:///io/t/f/executions/e1/../e2/inputs/x", 10).error().kind, ErrorKind::invalid);
  EXPECT_EQ(job.files().read("file:///etc/passwd", 10).error().message, "Invalid internal storage uri, got uri 'file:///etc/passwd'");
  readable = {"io/t/f/executions/e2/"};
  EXPECT_EQ(context("{}").files().read("kestra:///io/t/f/executions/e2/inputs/x", 10).value(), "other");
  readable = {"", "/"};
  EXPECT_FALSE(context("{}").files().read("kestra:///io/t/f/executions/e2/inputs/x", 10));
}

TEST_F(ContextTest, AnUnknownTypeFails) {
  EXPECT_TRUE(error_of("io.example.Nope", "{}").contains("io.example.Nope"));
  EXPECT_EQ(log.at(flow::LogLevel::error).size(), 1u);
}

TEST_F(ContextTest, TooLargeOutputsFailInTheWordsOfTheOriginal) {
  limits.outputs_bytes_max = 200;
  const std::string error = error_of(kShell, R"({"commands":["echo '::{\"outputs\":{\"a\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}}::'"]})");
  EXPECT_TRUE(error.starts_with("Unable to emit the worker task result to the queue: Message of size ")) << error;
  EXPECT_TRUE(error.ends_with(" has exceeded the configured limit of 200")) << error;
  EXPECT_TRUE(result.outputs.empty());
}

TEST_F(ContextTest, ATimeoutFailsAndAKillIsKilled) {
  timeout = std::chrono::milliseconds(100);
  EXPECT_EQ(error_of(kShell, R"({"commands":["exec sleep 1000"]})"), "Timeout after 00:00:00.100");
  EXPECT_TRUE(scratch_is_empty());
}

TEST_F(ContextTest, AKilledJobIsKilledWhateverItDid) {
  cancel.cancel(sandbox::CancelReason::killed);
  EXPECT_EQ(run(kShell, R"({"commands":["true"]})").state, State::killed);
  EXPECT_TRUE(log.lines.empty());
}

TEST_F(ContextTest, ErrorsAreMasked) {
  secrets = {"hunter2"};
  EXPECT_TRUE(error_of(kShell, R"({"commands":["true"],"inputFiles":{"../hunter2":"x"}})").contains("******"));
  EXPECT_TRUE(log.at(flow::LogLevel::error).front().contains("******"));
}

TEST_F(ContextTest, WritesTheLogOfAnExecutionAsIon) {
  platform.rows = {{{"namespace", "io.t"}, {"flowId", "f"}, {"taskId", "l"}, {"executionId", "e1"}, {"taskRunId", "t1"}, {"attemptNumber", 0}, {"timestamp", "2026-11-24T19:25:20.124567Z"}, {"level", "INFO"}, {"message", "hello \"q\" é\n"}}};
  ASSERT_EQ(run(kLogFetch, R"({"level":"WARN","tasksId":["l"]})").state, State::success);
  EXPECT_EQ(result.outputs.at("size").as_int64(), 1);
  EXPECT_EQ(file(to_text(result.outputs.at("uri"))),
            "{tenantId:null,namespace:\"io.t\",flowId:\"f\",taskId:\"l\",executionId:\"e1\",taskRunId:\"t1\",attemptNumber:0,triggerId:null,timestamp:2026-11-24T19:25:20.124Z,level:\"INFO\",thread:null,"
            "message:\"hello \\\"q\\\" é\\n\",executionKind:null,progress:null}\n");
  EXPECT_EQ(platform.query.execution, ExecutionId("e1"));
  EXPECT_EQ(platform.query.level, flow::LogLevel::warn);
  EXPECT_EQ(platform.query.tasks, std::vector<TaskId>{TaskId("l")});
  EXPECT_EQ(error_of(kLogFetch, R"({"flowId":"f"})"), "`namespace` and `flowId` should only be set when `executionId` is set.");
  EXPECT_FALSE(error_of(kLogFetch, R"({"level":"NOPE"})").empty());
}

TEST(Types, EveryTypeIsInTheCatalogWithDocumentationAndARunner) {
  flow::Catalog catalog;
  register_types(catalog);
  int tasks = 0;
  for (const flow::TypeInfo* info : catalog.all()) {
    EXPECT_FALSE(info->title.empty() || info->doc.empty() || info->example.empty()) << info->type;
    if (info->category != flow::TypeCategory::task) continue;
    ++tasks;
    EXPECT_NE(find_type(info->type), nullptr) << info->type;
    for (const flow::PropertyInfo& property : info->properties) EXPECT_FALSE(property.doc.empty()) << info->type << " " << property.name;
  }
  EXPECT_EQ(tasks, 12);
  EXPECT_NE(catalog.find("io.kestra.plugin.fs.http.Request"), nullptr);
  EXPECT_NE(catalog.find("io.kestra.core.tasks.log.Fetch"), nullptr);
  EXPECT_EQ(find_type("io.kestra.plugin.core.log.Log"), nullptr);
}

TEST(Types, TheExamplesAreValidFlows) {
  flow::Catalog catalog;
  register_types(catalog);
  flow::PropertyInfo message;
  message.name = "message";
  catalog.add({.type = "io.kestra.plugin.core.log.Log", .runs = flow::Runs::inline_, .properties = {message}});
  // Stands for the type of `execution`, which the example of LocalFiles is made for.
  flow::PropertyInfo tasks;
  tasks.name = "tasks";
  tasks.kind = flow::PropertyInfo::Kind::task_list;
  catalog.add({.type = "io.kestra.plugin.core.flow.WorkingDirectory", .runs = flow::Runs::flowable, .properties = {tasks}});
  for (const flow::TypeInfo* info : catalog.all()) {
    if (info->example.empty()) continue;
    const flow::ReadFlow read = flow::read_flow(info->example, catalog);
    EXPECT_TRUE(read.flow) << info->type << read.report.constraints;
    EXPECT_TRUE(read.report.violations.empty()) << info->type;
  }
}

// The answers of the original's validation to the same elements.
TEST(Types, AreValidatedAsInTheOriginal) {
  flow::Catalog catalog;
  register_types(catalog);
  const auto constraints = [&](std::string_view rest) { return flow::check_element(fmt::format("id: r\ntype: io.kestra.plugin.core.{}\n", rest), flow::TypeCategory::task, catalog).constraints; };
  EXPECT_TRUE(constraints("http.Request").contains("uri: must not be null"));
  EXPECT_TRUE(constraints("http.Download").contains("uri: must not be null"));
  EXPECT_EQ(constraints("log.Fetch"), "");
  for (const char* valid : {"uri: x\nmethod: '{{ a }}'\nallowFailed: '{{ b }}'", "uri: x\nencryptBody: notbool", "uri: x\nheaders: text", "uri: x\nformData: text", "uri: x\ncontentType: [a]", "uri: [x]", "uri: x\nparams: {a: [1]}",
                            "uri: x\noptions:\n  timeout:\n    connectTimeout: zz", "uri: x\nsslOptions: {insecureTrustAllCertificates: true}",
                            "uri: x\noptions:\n  connectTimeout: PT1S\n  readTimeout: PT1S\n  maxContentLength: 5\n  logLevel: INFO\n  proxyType: DIRECT\n  proxyPort: 1\n  proxy: {type: HTTP, address: a, port: 1, username: u, password: p}\n"
                            "  basicAuthUser: u\n  allowedResponseCodes: [1]\n  allowFailed: true"}) {
    EXPECT_EQ(constraints(fmt::format("http.Request\n{}", valid)), "") << valid;
  }
  for (const char* refused : {"uri: x\nbogus: 1", "uri: x\noptions:\n  bogus: 1", "uri: x\noptions:\n  headers: {a: b}", "uri: x\noptions:\n  auth:\n    type: BASIC\n    usernam: x", "uri: x\noptions:\n  logs: [NOPE]"}) {
    EXPECT_NE(constraints(fmt::format("http.Request\n{}", refused)), "") << refused;
  }
  EXPECT_NE(constraints("http.Download\nuri: x\nencryptBody: true"), "");
  EXPECT_EQ(constraints("log.Fetch\ntasksId: x\nlevel: NOPE"), "");
}

}  // namespace
}  // namespace insula::tasks
