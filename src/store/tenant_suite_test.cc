// What is written is read back, on both databases.
#include "store/store_suite.h"

namespace insula::store {
namespace {

using execution::State;

execution::Header full_header(StoreSuite&, execution::Header h) {
  h.inputs = {{"text", "Grüße \"quoted\" \\ \u2028 😀"}, {"nul", std::string("a\0b", 3)}, {"number", 1.5}, {"list", JsonArray{1, nullptr, "x"}}};
  h.outputs = {{"done", true}};
  h.variables = {{"v", JsonObject{{"deep", JsonArray{}}}}};
  h.labels = {{"team", "data"}, {"system.correlationId", h.id.str()}, {"a \"b\"", "c]],["}};
  h.trigger = execution::TriggerInfo{"sub", "io.kestra.plugin.core.flow.Subflow", JsonObject{{"executionId", "parent1"}}};
  h.parent_link = execution::ParentLink{ExecutionId("parent1"), TaskRunId("run1")};
  h.parent_id = ExecutionId("replayed");
  h.original_id = ExecutionId("first");
  h.attempt_number = 3;
  h.schedule_date = at(99);
  h.kind = "TEST";
  h.task_runs = 12;
  h.progress = JsonObject{{"phase", "main"}};
  return h;
}

void expect_equal(const execution::Header& a, const execution::Header& b) {
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.ns, b.ns);
  EXPECT_EQ(a.flow_id, b.flow_id);
  EXPECT_EQ(a.flow_revision, b.flow_revision);
  EXPECT_EQ(a.state.pack(), b.state.pack());
  EXPECT_EQ(write_json(a.inputs), write_json(b.inputs));
  EXPECT_EQ(write_json(a.outputs), write_json(b.outputs));
  EXPECT_EQ(write_json(a.variables), write_json(b.variables));
  EXPECT_EQ(a.labels, b.labels);
  ASSERT_EQ(a.trigger.has_value(), b.trigger.has_value());
  if (a.trigger) {
    EXPECT_EQ(a.trigger->id, b.trigger->id);
    EXPECT_EQ(a.trigger->type, b.trigger->type);
    EXPECT_EQ(write_json(a.trigger->variables), write_json(b.trigger->variables));
  }
  ASSERT_EQ(a.parent_link.has_value(), b.parent_link.has_value());
  if (a.parent_link) {
    EXPECT_EQ(a.parent_link->execution_id, b.parent_link->execution_id);
    EXPECT_EQ(a.parent_link->task_run_id, b.parent_link->task_run_id);
  }
  EXPECT_EQ(a.parent_id, b.parent_id);
  EXPECT_EQ(a.original_id, b.original_id);
  EXPECT_EQ(a.attempt_number, b.attempt_number);
  EXPECT_EQ(a.original_created, b.original_created);
  EXPECT_EQ(a.schedule_date, b.schedule_date);
  EXPECT_EQ(a.kind, b.kind);
  EXPECT_EQ(a.task_runs, b.task_runs);
  EXPECT_EQ(write_json(a.progress), write_json(b.progress));
}

TEST_P(StoreSuite, AnExecutionIsReadAsItWasWritten) {
  const auto store = open(tenant("acme"));
  const execution::Header full = full_header(*this, header("company.team", "etl", State::running, 1));
  const execution::Header plain = header("company", "small", State::created, 2);
  Turn turn;
  turn.executions = {full, plain};
  commit(*store, turn);
  expect_equal(must(store->read().execution(full.id)).value(), full);
  expect_equal(must(store->read().execution(plain.id)).value(), plain);
  EXPECT_FALSE(must(store->read().execution(ExecutionId("none"))).has_value());
}

TEST_P(StoreSuite, ATaskRunIsReadAsItWasWritten) {
  const auto store = open(tenant("acme"));
  const execution::Header h = header("a", "f", State::running, 1);
  execution::TaskRun t = task_run("each", State::running, 0);
  t.parent_id = TaskRunId("outer");
  t.value = "wörth";
  t.iteration = 4;
  t.attempts = {{execution::StateHistory(State::running, at(1)), "worker-1", "log/1.txt"}, {execution::StateHistory(State::failed, at(2)), "", ""}};
  t.outputs = {{"uri", "kestra:///x"}};
  t.dynamic = t.force_execution = true;
  t.progress = JsonObject{{"cursor", 7}};
  const execution::TaskRun plain = task_run("log", State::success, 1);
  Turn turn;
  turn.executions = {h};
  turn.task_runs = {{h.id, t}, {h.id, plain}};
  commit(*store, turn);

  const auto read = must(store->read().task_run(h.id, t.id)).value();
  EXPECT_EQ(read.task_id, t.task_id);
  EXPECT_EQ(read.parent_id, t.parent_id);
  EXPECT_EQ(read.value, t.value);
  EXPECT_EQ(read.iteration, t.iteration);
  EXPECT_EQ(read.state.pack(), t.state.pack());
  ASSERT_EQ(read.attempts.size(), 2u);
  EXPECT_EQ(read.attempts[0].worker_id, "worker-1");
  EXPECT_EQ(read.attempts[0].log_file, "log/1.txt");
  EXPECT_EQ(read.attempts[1].state.pack(), t.attempts[1].state.pack());
  EXPECT_EQ(write_json(read.outputs), write_json(t.outputs));
  EXPECT_TRUE(read.dynamic && read.force_execution);
  EXPECT_EQ(write_json(read.progress), write_json(t.progress));
  const auto small = must(store->read().task_run(h.id, plain.id)).value();
  EXPECT_TRUE(!small.value && !small.iteration && !small.parent_id && small.attempts.empty() && small.progress.is_null());
}

TEST_P(StoreSuite, TaskRunsAreListedByPositionWithPagesOpenOnesAndByTask) {
  const auto store = open(tenant("acme"));
  execution::Header h = header("a", "f", State::running, 1);
  h.task_runs = 5;
  Turn turn;
  turn.executions = {h};
  for (const int position : {3, 0, 4, 1, 2}) {
    turn.task_runs.emplace_back(h.id, task_run(position % 2 == 0 ? "even" : "odd", position < 3 ? State::success : State::running, position));
  }
  commit(*store, turn);
  const auto positions = [](const std::vector<execution::TaskRun>& rows) {
    std::vector<std::int64_t> out;
    for (const auto& row : rows) out.push_back(row.position);
    return out;
  };
  using Positions = std::vector<std::int64_t>;
  EXPECT_EQ(positions(must(store->read().task_runs(h.id))), (Positions{0, 1, 2, 3, 4}));
  EXPECT_EQ(positions(must(store->read().task_runs(h.id, 1, 2))), (Positions{1, 2}));
  EXPECT_EQ(positions(must(store->read().open_task_runs(h.id))), (Positions{3, 4}));
  EXPECT_EQ(positions(must(store->read().task_runs_of(h.id, {TaskId("odd")}))), (Positions{1, 3}));
  EXPECT_EQ(positions(must(store->read().task_runs_of(h.id, {TaskId("odd"), TaskId("even"), TaskId("odd")}))), (Positions{0, 1, 2, 3, 4}));
  Turn removal;
  removal.removed_task_runs = {{h.id, {turn.task_runs[0].second.id, turn.task_runs[1].second.id}}};
  commit(*store, removal);
  EXPECT_EQ(positions(must(store->read().task_runs(h.id))), (Positions{1, 2, 4}));
}

TEST_P(StoreSuite, ARowWrittenTwiceInATurnHasItsLastForm) {
  const auto store = open(tenant("acme"));
  execution::Header h = header("a", "f", State::created, 1, {{"k", "old"}});
  execution::TaskRun t = task_run("t", State::created, 0);
  Turn turn;
  turn.executions.push_back(h);
  turn.task_runs.emplace_back(h.id, t);
  h.state.move_to(State::running, at(2));
  h.labels = {{"k", "new"}};
  t.state.move_to(State::running, at(2));
  turn.executions.push_back(h);
  turn.task_runs.emplace_back(h.id, t);
  commit(*store, turn);
  expect_equal(must(store->read().execution(h.id)).value(), h);
  EXPECT_EQ(must(store->read().task_runs(h.id)).at(0).state.pack(), t.state.pack());
  EXPECT_EQ(must(store->read().search_executions(where({{"labels", Op::equals, "k", {"new"}}}))).total, 1);
  EXPECT_EQ(must(store->read().search_executions(where({{"labels", Op::equals, "k", {"old"}}}))).total, 0);
}

TEST_P(StoreSuite, FlowsKeepTheirRevisionsAndTheNewestIsTheHead) {
  const auto store = open(tenant("acme"));
  const auto flow = [](std::string_view ns, std::string_view id, int revision) {
    FlowRow f;
    f.ns = Namespace(ns), f.id = FlowId(id), f.revision = revision;
    f.source = fmt::format("id: {}\n# {}", id, revision);
    f.updated = at(revision);
    return f;
  };
  Turn turn;
  turn.flows = {flow("b", "x", 1), flow("b", "x", 2), flow("a", "y", 1), flow("a.c", "z", 1)};
  turn.flows[1].labels = {{"team", "data"}};
  turn.flows[1].description = "Zweite";
  turn.flows[2].trigger_types = {"core.trigger.Schedule", "core.trigger.Webhook"};
  turn.flows[3].disabled = true;
  commit(*store, turn);
  TenantReader& read = store->read();
  const FlowRow head = must(read.flow(Namespace("b"), FlowId("x"))).value();
  EXPECT_EQ(head.revision, 2);
  EXPECT_EQ(head.source, "id: x\n# 2");
  EXPECT_EQ(head.labels, (std::vector<flow::Label>{{"team", "data"}}));
  EXPECT_EQ(head.description, "Zweite");
  EXPECT_EQ(head.updated, at(2));
  EXPECT_EQ(must(read.flow_revision(Namespace("b"), FlowId("x"), 1)).value().source, "id: x\n# 1");
  EXPECT_FALSE(must(read.flow_revision(Namespace("b"), FlowId("x"), 3)).has_value());
  EXPECT_EQ(must(read.flow_revisions(Namespace("b"), FlowId("x"))).size(), 2u);
  ASSERT_EQ(must(read.flows_with_triggers()).size(), 1u);
  EXPECT_EQ(must(read.flows_with_triggers())[0].trigger_types, turn.flows[2].trigger_types);
  EXPECT_EQ(must(read.namespaces("")), (std::vector<std::string>{"a", "a.c", "b"}));
  EXPECT_EQ(must(read.namespaces("a")), (std::vector<std::string>{"a", "a.c"}));
  EXPECT_EQ(must(read.flows_of_namespace(Namespace("a"))).size(), 1u);

  Turn deletion;
  deletion.flows = {flow("a", "y", 2)};
  deletion.flows[0].deleted = true;
  commit(*store, deletion);
  EXPECT_TRUE(must(read.flow(Namespace("a"), FlowId("y"))).value().deleted);
  EXPECT_TRUE(must(read.flows_with_triggers()).empty());
  EXPECT_EQ(must(read.namespaces("")), (std::vector<std::string>{"a.c", "b"}));
}

TEST_P(StoreSuite, LogsAreNumberedAcrossTurnsAndFiltered) {
  const TenantScope scope = tenant("acme");
  auto store = open(scope);
  const auto line = [](std::string_view execution, flow::LogLevel level, std::string_view message) {
    LogWrite log;
    log.execution_id = ExecutionId(execution);
    log.ns = Namespace("a");
    log.flow_id = FlowId("f");
    log.line.at = at(5);
    log.line.level = level;
    log.line.message = message;
    log.line.thread = "worker-1";
    return log;
  };
  Turn first, second;
  first.logs = {line("e1", flow::LogLevel::info, "one"), line("e2", flow::LogLevel::error, "two"), line("e1", flow::LogLevel::debug, "three")};
  first.logs[0].line.task_id = TaskId("t");
  first.logs[0].line.task_run_id = TaskRunId("r");
  first.logs[0].line.attempt = 1;
  second.logs = {line("e1", flow::LogLevel::warn, std::string(300'000, 'x'))};
  second.logs[0].line.trigger_id = TriggerId("cron");
  commit(*store, first);
  store.reset();
  store = open(scope);
  commit(*store, second);
  TenantReader& read = store->read();
  const auto all = must(read.logs(ExecutionId("e1"), {}));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].sequence, 1);
  EXPECT_EQ(all[1].sequence, 3);
  EXPECT_EQ(all[2].sequence, 4);
  EXPECT_EQ(all[0].log.line.task_run_id, TaskRunId("r"));
  EXPECT_EQ(all[0].log.line.thread, "worker-1");
  EXPECT_EQ(all[2].log.line.trigger_id, TriggerId("cron"));
  EXPECT_EQ(all[2].log.line.message.size(), 300'000u);
  const auto count = [&](const LogQuery& query) { return must(read.logs(ExecutionId("e1"), query)).size(); };
  EXPECT_EQ(count({.min_level = flow::LogLevel::info}), 2u);
  EXPECT_EQ(count({.task_run_id = TaskRunId("r")}), 1u);
  EXPECT_EQ(count({.task_id = TaskId("t")}), 1u);
  EXPECT_EQ(count({.attempt = 1}), 1u);
  EXPECT_EQ(count({.after = 1}), 2u);
  EXPECT_EQ(count({.limit = 1}), 1u);
  Turn deletion;
  deletion.deleted_logs_of = {ExecutionId("e1")};
  commit(*store, deletion);
  EXPECT_TRUE(must(read.logs(ExecutionId("e1"), {})).empty());
  EXPECT_EQ(must(read.logs(ExecutionId("e2"), {})).size(), 1u);
}

TEST_P(StoreSuite, WindowsOfFlowTriggersAreKeptPerTriggerAndCondition) {
  const auto store = open(tenant("acme"));
  const auto other = open(tenant("other"));
  triggers::Window window{Namespace("a"), FlowId("f"), TriggerId("t"), "both", at(1), at(9), {"condition_1", "condition_2"}, {{"rows", 3}}};
  triggers::Window second = window;
  second.condition_id = "more";
  Turn turn;
  turn.windows = {window, second};
  commit(*store, turn);
  auto stored = must(store->read().trigger_windows());
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_EQ(stored[0].condition_id, "both");
  EXPECT_EQ(stored[0].start, at(1));
  EXPECT_EQ(stored[0].end, at(9));
  EXPECT_EQ(stored[0].met, window.met);
  EXPECT_EQ(write_json(stored[0].outputs), R"({"rows":3})");
  EXPECT_TRUE(must(other->read().trigger_windows()).empty());
  Turn later;
  window.met = {"condition_1"};
  later.windows = {window};
  later.ended_windows = {second};
  commit(*store, later);
  stored = must(store->read().trigger_windows());
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(stored[0].met, window.met);
}

TEST_P(StoreSuite, JobsTimersTriggersOperationsAndFileDeletionsComeAndGo) {
  const auto store = open(tenant("acme"));
  TenantReader& read = store->read();
  EXPECT_EQ(must(read.next_due()), std::nullopt);
  Turn turn;
  turn.timers = {{ExecutionId("e1"), "r1:delay", at(20)}, {ExecutionId("e0"), "r0:retry", at(10)}, {ExecutionId("e1"), "r1:delay", at(15)}};
  TriggerRow trigger;
  trigger.ns = Namespace("a"), trigger.flow_id = FlowId("f"), trigger.id = TriggerId("cron"), trigger.flow_revision = 2;
  trigger.date = at(1), trigger.next_execution_date = at(5), trigger.updated = at(2), trigger.backfill = JsonObject{{"paused", true}}, trigger.type = "Schedule";
  turn.triggers = {trigger};
  commit(*store, turn);
  ASSERT_EQ(must(read.timers()).size(), 2u);
  EXPECT_EQ(must(read.timers())[0].key, "r0:retry");
  EXPECT_EQ(must(read.timers())[1].due, at(15));
  EXPECT_EQ(must(read.next_due()), at(5));
  const TriggerRow stored = must(read.trigger(Namespace("a"), FlowId("f"), TriggerId("cron"))).value();
  EXPECT_EQ(stored.date, at(1));
  EXPECT_EQ(stored.flow_revision, 2);
  EXPECT_EQ(write_json(stored.backfill), "{\"paused\":true}");
  EXPECT_EQ(stored.execution_id, std::nullopt);
  EXPECT_EQ(stored.type, "Schedule");
  EXPECT_EQ(must(read.all_triggers()).size(), 1u);

  trigger.disabled = true;
  Turn second;
  second.triggers = {trigger};
  second.cleared_timers = {{ExecutionId("e0"), "r0:retry"}};
  second.jobs = {{ExecutionId("e1"), TaskRunId("r1"), 2, at(3)}};
  second.file_deletions = {"/a/b", "/a/b", "/c"};
  OperationRow operation;
  operation.id = OperationId("op1"), operation.kind = "kill", operation.arguments = JsonObject{{"ids", JsonArray{"e1"}}}, operation.cursor = "e0";
  operation.total = 3, operation.done = 1, operation.failed = 1, operation.state = "RUNNING", operation.created = at(1), operation.updated = at(2);
  second.operations = {operation};
  commit(*store, second);
  ASSERT_EQ(must(read.jobs()).size(), 1u);
  EXPECT_EQ(must(read.jobs())[0].attempt, 2);
  EXPECT_EQ(must(read.jobs())[0].submitted, at(3));
  EXPECT_EQ(must(read.file_deletions()), (std::vector<std::string>{"/a/b", "/c"}));
  EXPECT_EQ(must(read.next_due()), Instant{}) << "open work: at once";
  const OperationRow back = must(read.operation(OperationId("op1"))).value();
  EXPECT_EQ(back.cursor, "e0");
  EXPECT_EQ(back.total + back.done + back.failed, 5);
  EXPECT_EQ(write_json(back.arguments), write_json(operation.arguments));
  EXPECT_EQ(must(read.open_operations()).size(), 1u);

  operation.state = "DONE";
  Turn third;
  third.operations = {operation};
  third.ended_jobs = {{ExecutionId("e1"), TaskRunId("r1")}};
  third.finished_file_deletions = {"/a/b", "/c"};
  third.deleted_triggers = {trigger};
  commit(*store, third);
  EXPECT_TRUE(must(read.jobs()).empty());
  EXPECT_TRUE(must(read.open_operations()).empty());
  EXPECT_TRUE(must(read.file_deletions()).empty());
  EXPECT_TRUE(must(read.all_triggers()).empty());
  EXPECT_EQ(must(read.next_due()), at(15));
}

TEST_P(StoreSuite, CountersAddUpWithinATurnAndAcrossTurns) {
  const auto store = open(tenant("acme"));
  const auto delta = [](std::string_view flow, State state, std::int64_t hour, std::int64_t count) {
    return CounterDelta{std::chrono::floor<std::chrono::hours>(at(0)) + std::chrono::hours(hour), Namespace("a"), FlowId(flow), state, count, Duration(count * 10)};
  };
  Turn turn;
  turn.counters = {delta("f", State::running, 0, 2), delta("f", State::running, 0, 1), delta("g", State::success, 1, 1)};
  commit(*store, turn);
  Turn second;
  second.counters = {delta("f", State::running, 0, -2), delta("f", State::success, 0, 2)};
  commit(*store, second);
  const Instant from = std::chrono::floor<std::chrono::hours>(at(0));
  const auto all = must(store->read().counters(from, from + std::chrono::hours(2), {}));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].state, State::running);
  EXPECT_EQ(all[0].count, 1);
  EXPECT_EQ(all[0].duration, Duration(10));
  EXPECT_EQ(all[1].count, 2);
  EXPECT_EQ(must(store->read().counters(from, from + std::chrono::hours(1), where({{"flowId", Op::equals, {}, {"f"}}}))).size(), 2u);
  EXPECT_EQ(must(store->read().counters(from + std::chrono::hours(1), from + std::chrono::hours(2), {})).size(), 1u);
  EXPECT_EQ(must(store->read().count_executions({})), 4);
  EXPECT_EQ(must(store->read().count_executions(where({{"state", Op::equals, {}, {"SUCCESS"}}}))), 3);
}

TEST_P(StoreSuite, BigJsonIsWrittenAndRead) {
  const auto store = open(tenant("acme"));
  execution::Header h = header("a", "f", State::created, 1);
  h.inputs = {{"big", std::string(8'000'000, 'y')}};
  Json deep = 1;
  for (int i = 0; i < 150; ++i) deep = JsonArray{deep};
  h.variables = {{"deep", deep}};
  Turn turn;
  turn.executions = {h};
  commit(*store, turn);
  expect_equal(must(store->read().execution(h.id)).value(), h);
}

TEST_P(StoreSuite, NamespacesAreKeptWithWhatLimitsThem) {
  const auto store = open(tenant("acme"));
  Turn turn;
  turn.namespaces = {{Namespace("a"), "first", {{"concurrency", JsonObject{{"limit", 2}, {"behavior", "QUEUE"}}}}, at(1), at(1)}, {Namespace("b"), "", {}, at(1), at(1)}};
  commit(*store, turn);
  EXPECT_EQ(must(store->read().made_namespaces()).size(), 2u);
  ASSERT_EQ(must(store->read().limited_namespaces()).size(), 1u);
  const auto found = must(store->read().made_namespace(Namespace("a")));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->description, "first");
  EXPECT_EQ(write_json(found->settings), R"({"concurrency":{"limit":2,"behavior":"QUEUE"}})");
  EXPECT_FALSE(must(store->read().made_namespace(Namespace("c"))));
  EXPECT_TRUE(must(open(tenant("other"))->read().made_namespaces()).empty());
  Turn gone;
  gone.deleted_namespaces = {Namespace("a")};
  commit(*store, gone);
  EXPECT_TRUE(must(store->read().limited_namespaces()).empty());
  EXPECT_EQ(must(store->read().made_namespaces()).size(), 1u);
}

TEST_P(StoreSuite, CountsOfQuotasAreReplacedAndBelongToTheirTenant) {
  const auto store = open(tenant("acme"));
  Turn turn;
  turn.namespaces = {{Namespace("a"), "", {{"quotas", JsonArray{JsonObject{{"duration", "PT1H"}, {"limit", 2}, {"behavior", "FAIL"}}}}}, at(1), at(1)}};
  turn.quota_counts = {{Namespace(), std::chrono::hours(1), at(3600), 1}, {Namespace("a"), std::chrono::hours(1), at(3600), 7}};
  commit(*store, turn);
  EXPECT_EQ(must(store->read().limited_namespaces()).size(), 1u);
  Turn next;
  next.quota_counts = {{Namespace("a"), std::chrono::hours(1), at(7200), 1}};
  commit(*store, next);
  const auto counts = must(store->read().quota_counts());
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].ns.str(), "");
  EXPECT_EQ(counts[0].executions, 1);
  EXPECT_EQ(counts[1].start, at(7200));
  EXPECT_EQ(counts[1].executions, 1);
  EXPECT_TRUE(must(open(tenant("other"))->read().quota_counts()).empty());
}

TEST_P(StoreSuite, OpenLatestActiveAndQueuedExecutionsAreFound) {
  const auto store = open(tenant("acme"));
  Turn turn;
  turn.executions = {header("a", "f", State::running, 1), header("a", "f", State::paused, 2), header("a", "f", State::queued, 3), header("a", "f", State::queued, 4),
                     header("a", "f", State::success, 5), header("a", "g", State::created, 6)};
  commit(*store, turn);
  TenantReader& read = store->read();
  const auto& e = turn.executions;
  const auto open_ones = must(read.open_executions(ExecutionId(), 1));
  ASSERT_EQ(open_ones.size(), 1u);
  EXPECT_EQ(open_ones[0].id, e[0].id);
  const auto rest = must(read.open_executions(open_ones.back().id, 3));
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_EQ(rest[0].id, e[5].id);
  const auto activity = must(read.activity());
  ASSERT_EQ(activity.size(), 2u);
  EXPECT_EQ(activity[0].flow_id, FlowId("f"));
  EXPECT_EQ(activity[0].running, 2);
  EXPECT_EQ(activity[0].queued, 2);
  EXPECT_EQ(activity[1].running, 0) << "created ones wait for their slot";
  EXPECT_TRUE(must(read.has_queued()));
  EXPECT_EQ(must(read.queued(Namespace("a"), FlowId("f"), 10)), (std::vector<ExecutionId>{e[2].id, e[3].id}));
  EXPECT_EQ(must(read.queued(Namespace("a"), FlowId("f"), 1)), (std::vector<ExecutionId>{e[2].id}));
  const auto latest = must(read.latest_executions({{Namespace("a"), FlowId("g")}, {Namespace("a"), FlowId("f")}, {Namespace("a"), FlowId("none")}}));
  ASSERT_EQ(latest.size(), 2u);
  EXPECT_EQ(latest[0].id, e[5].id);
  EXPECT_EQ(latest[1].id, e[4].id);
}

TEST_P(StoreSuite, MetricsOfAnExecutionAreFoundByTaskAndTaskRunAndGoWithIt) {
  const TenantScope scope = tenant("acme");
  auto store = open(scope);
  const execution::Header h = header("a", "f", execution::State::running, 1), other = header("a", "f", execution::State::running, 2);
  const execution::TaskRun one = task_run("one", execution::State::success, 0), two = task_run("two", execution::State::success, 1);
  const auto metric = [&](const execution::Header& of, const execution::TaskRun& task, int position, std::string name, double value) {
    MetricRow row;
    row.execution_id = of.id, row.ns = of.ns, row.flow_id = of.flow_id, row.task_id = task.task_id, row.task_run_id = task.id, row.position = position;
    row.type = "counter", row.name = std::move(name), row.value = value, row.at = at(position), row.tags = {{"a", "b"}};
    return row;
  };
  Turn turn;
  turn.executions = {h, other};
  turn.metrics = {metric(h, one, 0, "rows", 0.1), metric(h, one, 1, "bytes", 1e300), metric(h, two, 2, "rows", -3), metric(other, one, 0, "rows", 7)};
  commit(*store, turn);
  commit(*store, turn);  // an attempt told twice counts once

  auto all = must(store->read().search_metrics(where({{"executionId", Op::equals, {}, {h.id.str()}}})));
  ASSERT_EQ(all.total, 3);
  EXPECT_EQ(all.rows[0].name, "rows");
  EXPECT_EQ(all.rows[0].value, 0.1);
  EXPECT_EQ(all.rows[1].value, 1e300);
  EXPECT_EQ(text_or(all.rows[2].tags, "a"), "b");
  EXPECT_EQ(must(store->read().search_metrics(where({{"executionId", Op::equals, {}, {h.id.str()}}, {"taskId", Op::equals, {}, {"two"}}}))).rows.front().value, -3);
  auto page = must(store->read().search_metrics(where({{"executionId", Op::equals, {}, {h.id.str()}}}, {.number = 2, .size = 2, .sort = {{"name", true}}})));
  EXPECT_EQ(page.total, 3);
  ASSERT_EQ(page.rows.size(), 1u);
  EXPECT_EQ(page.rows[0].name, "bytes");

  Turn gone;
  gone.deleted_metrics_of = {h.id};
  commit(*store, gone);
  EXPECT_EQ(must(store->read().search_metrics({})).total, 1);
}

}  // namespace
}  // namespace insula::store
