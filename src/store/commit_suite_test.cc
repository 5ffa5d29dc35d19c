// What a commit promises: all or nothing, one owner, no other tenant.
#include "store/database.h"
#include "store/store_suite.h"

namespace insula::store {
namespace {

using execution::State;

Turn one_of_each(const execution::Header& h, const execution::TaskRun& t) {
  Turn turn;
  FlowRow flow;
  flow.ns = h.ns, flow.id = h.flow_id, flow.revision = 1, flow.source = "id: f";
  turn.flows = {flow};
  turn.executions = {h};
  turn.task_runs = {{h.id, t}};
  LogWrite log;
  log.execution_id = h.id, log.ns = h.ns, log.flow_id = h.flow_id, log.line.at = at(1), log.line.message = "line";
  turn.logs = {log};
  MetricRow metric;
  metric.execution_id = h.id, metric.ns = h.ns, metric.flow_id = h.flow_id, metric.task_run_id = t.id, metric.type = "counter", metric.name = "rows";
  turn.metrics = {metric};
  turn.jobs = {{h.id, t.id, 0, at(1)}};
  turn.timers = {{h.id, "timer", at(9)}};
  TriggerRow trigger;
  trigger.ns = h.ns, trigger.flow_id = h.flow_id, trigger.id = TriggerId("cron");
  turn.triggers = {trigger};
  turn.counters = {{std::chrono::floor<std::chrono::hours>(at(0)), h.ns, h.flow_id, h.state.current(), 1, Duration(0)}};
  OperationRow operation;
  operation.id = OperationId("op"), operation.kind = "kill", operation.state = "RUNNING";
  turn.operations = {operation};
  turn.idempotency_keys = {{"key", h.id, at(1)}};
  turn.file_deletions = {"/prefix"};
  return turn;
}

// How many kinds of rows of `one_of_each` are there.
int kinds(TenantReader& read, const ExecutionId& id, const TaskRunId& task_run) {
  const auto seen = [](bool yes) { return yes ? 1 : 0; };
  return seen(must(read.execution(id)).has_value()) + seen(must(read.task_run(id, task_run)).has_value()) + seen(!must(read.logs(id, {})).empty()) +
         seen(must(read.search_metrics({})).total > 0) + seen(!must(read.jobs()).empty()) + seen(!must(read.timers()).empty()) + seen(!must(read.all_triggers()).empty()) +
         seen(must(read.count_executions({})) > 0) + seen(!must(read.open_operations()).empty()) + seen(must(read.execution_of_key("key")).has_value()) +
         seen(!must(read.file_deletions()).empty()) + seen(!must(read.namespaces("")).empty()) +
         seen(must(read.search_executions(where({{"labels", Op::equals, "k", {"v"}}}))).total > 0);
}
constexpr int kAllKinds = 13;

TEST_P(StoreSuite, ACrashBeforeAnyStatementOfACommitLeavesNothing) {
  const TenantScope scope = tenant("acme");
  const execution::Header h = header("a", "f", State::running, 1, {{"k", "v"}});
  const execution::TaskRun t = task_run("t", State::running, 0);
  const Turn turn = one_of_each(h, t);
  int crashes = 0;
  for (bool finished = false; !finished;) {
    auto store = open(scope);
    int left = crashes + 1;
    hook = [&left](std::string_view sql) { if (sql != "committed" && --left == 0) throw SimulatedCrash(); };
    try {
      ASSERT_EQ(store->commit(turn).outcome, CommitOutcome::committed);
      finished = true;
    } catch (const SimulatedCrash&) {
      ++crashes;
    }
    hook = {};
    store.reset();
    reopen();
    const auto again = open(scope);
    ASSERT_EQ(kinds(again->read(), h.id, t.id), finished ? kAllKinds : 0) << "after crash " << crashes;
    ASSERT_EQ(must(again->turn_number()), finished ? 1 : 0);
  }
  EXPECT_GE(crashes, 15) << "begin, turn, one per table, commit";
}

TEST_P(StoreSuite, AFailureAtTheCommitItselfCanBeAskedAboutLater) {
  const TenantScope scope = tenant("acme");
  const auto store = open(scope);
  Turn turn;
  turn.executions = {header("a", "f", State::running, 1)};
  hook = [](std::string_view sql) {
    if (sql == "commit") throw StoreFailure(StoreFailure::Cause::unknown, Error{ErrorKind::unavailable, "store-outcome-unknown", "lost", {}, {}});
  };
  EXPECT_EQ(store->commit(turn).outcome, CommitOutcome::unknown);
  hook = {};
  EXPECT_EQ(store->commit(turn).outcome, CommitOutcome::unknown) << "nothing may be written before the question is answered";
  EXPECT_FALSE(must(store->last_turn_applied()));
  commit(*store, turn);
  EXPECT_TRUE(must(store->last_turn_applied()));
  EXPECT_EQ(must(store->turn_number()), 1);
}

TEST_P(StoreSuite, ACommitWhoseAnswerIsLostIsFoundApplied) {
  const auto store = open(tenant("acme"));
  Turn turn;
  turn.executions = {header("a", "f", State::running, 1)};
  hook = [](std::string_view sql) {
    if (sql == "committed") throw StoreFailure(StoreFailure::Cause::unknown, Error{ErrorKind::unavailable, "store-outcome-unknown", "lost", {}, {}});
  };
  EXPECT_EQ(store->commit(turn).outcome, CommitOutcome::unknown);
  hook = {};
  EXPECT_TRUE(must(store->last_turn_applied()));
  EXPECT_EQ(must(store->turn_number()), 1);
  EXPECT_TRUE(must(store->read().execution(turn.executions[0].id)).has_value());
}

TEST_P(StoreSuite, AFailedTurnWritesNothingAndTheNextOneGoesOn) {
  const auto store = open(tenant("acme"));
  Turn turn;
  turn.executions = {header("a", "f", State::running, 1)};
  for (const char* statement : {"begin", "insert into executions"}) {
    hook = [&](std::string_view sql) {
      if (sql.starts_with(statement)) throw StoreFailure(StoreFailure::Cause::unavailable, Error{ErrorKind::unavailable, "store-full", "full", {}, {}});
    };
    const Committed done = store->commit(turn);
    EXPECT_EQ(done.outcome, CommitOutcome::failed);
    EXPECT_EQ(done.error.code, "store-full");
  }
  hook = {};
  EXPECT_FALSE(must(store->read().execution(turn.executions[0].id)).has_value());
  commit(*store, turn);
  EXPECT_TRUE(must(store->read().execution(turn.executions[0].id)).has_value());
}

TEST_P(StoreSuite, AnOwnerIsSupersededByTheNextOne) {
  const TenantScope scope = tenant("acme");
  const auto first = open(scope);
  Turn turn;
  turn.executions = {header("a", "f", State::running, 1)};
  commit(*first, turn);
  const auto second = open(scope);
  Turn late;
  late.executions = {header("a", "f", State::running, 2)};
  EXPECT_EQ(first->commit(late).outcome, CommitOutcome::superseded);
  EXPECT_EQ(first->commit({}).outcome, CommitOutcome::superseded);
  EXPECT_FALSE(must(second->read().execution(late.executions[0].id)).has_value());
  EXPECT_EQ(must(second->turn_number()), 1);
  commit(*second, late);
  EXPECT_TRUE(must(first->read().execution(late.executions[0].id)).has_value());
}

TEST_P(StoreSuite, AUsedIdempotencyKeyRefusesTheWholeTurn) {
  const auto store = open(tenant("acme"));
  Turn turn;
  turn.executions = {header("a", "f", State::running, 1)};
  turn.idempotency_keys = {{"abc", turn.executions[0].id, at(1)}};
  commit(*store, turn);
  Turn repeat;
  repeat.executions = {header("a", "f", State::running, 2)};
  repeat.idempotency_keys = {{"new", repeat.executions[0].id, at(2)}, {"abc", repeat.executions[0].id, at(2)}};
  const Committed done = store->commit(repeat);
  EXPECT_EQ(done.outcome, CommitOutcome::refused);
  EXPECT_EQ(done.error.code, "idempotency-key-used");
  EXPECT_FALSE(must(store->read().execution(repeat.executions[0].id)).has_value());
  EXPECT_FALSE(must(store->read().execution_of_key("new")).has_value());
  EXPECT_EQ(must(store->read().execution_of_key("abc")), turn.executions[0].id);
  commit(*store, {});
}

TEST_P(StoreSuite, ADeletedExecutionLeavesNothingBehindAndNoOtherIsTouched) {
  const auto store = open(tenant("acme"));
  const execution::Header gone = header("a", "f", State::running, 1, {{"k", "v"}}), kept = header("a", "f", State::running, 2, {{"k", "v"}});
  const execution::TaskRun t = task_run("t", State::running, 0);
  Turn turn = one_of_each(gone, t);
  turn.executions.push_back(kept);
  turn.task_runs.emplace_back(kept.id, t);
  turn.jobs.push_back({kept.id, t.id, 0, at(1)});
  turn.timers.push_back({kept.id, "timer", at(9)});
  commit(*store, turn);
  Turn deletion;
  deletion.deleted_executions = {gone.id};
  deletion.deleted_logs_of = {gone.id};
  commit(*store, deletion);
  TenantReader& read = store->read();
  EXPECT_FALSE(must(read.execution(gone.id)).has_value());
  EXPECT_TRUE(must(read.task_runs(gone.id)).empty());
  EXPECT_TRUE(must(read.logs(gone.id, {})).empty());
  ASSERT_EQ(must(read.jobs()).size(), 1u);
  ASSERT_EQ(must(read.timers()).size(), 1u);
  EXPECT_EQ(must(read.timers())[0].execution_id, kept.id);
  EXPECT_EQ(must(read.task_runs(kept.id)).size(), 1u);
  const auto labelled = must(read.search_executions(where({{"labels", Op::equals, "k", {"v"}}})));
  ASSERT_EQ(labelled.rows.size(), 1u);
  EXPECT_EQ(labelled.rows[0].id, kept.id);
}

TEST_P(StoreSuite, ChangedAndRemovedLabelsAreFoundAsTheyAreNow) {
  const TenantScope scope = tenant("acme");
  auto store = open(scope);
  execution::Header h = header("a", "f", State::running, 1, {{"k", "v"}, {"old", "1"}});
  const auto write = [&] {
    Turn turn;
    turn.executions = {h};
    commit(*store, turn);
  };
  const auto found = [&](std::string_view key, std::string_view value) {
    return must(store->read().search_executions(where({{"labels", Op::equals, std::string(key), {std::string(value)}}}))).total;
  };
  write();
  h.state.move_to(State::paused, at(3));
  write();
  EXPECT_EQ(found("k", "v"), 1);
  h.labels = {{"k", "w"}};
  write();
  EXPECT_EQ(found("k", "v") + found("old", "1"), 0);
  EXPECT_EQ(found("k", "w"), 1);
  store = open(scope);  // a new owner knows nothing of what was written
  h.labels = {{"x", "y"}};
  write();
  EXPECT_EQ(found("k", "w"), 0);
  EXPECT_EQ(found("x", "y"), 1);
}

TEST_P(StoreSuite, ATenantSeesNothingOfAnother) {
  const TenantScope acme = tenant("acme"), globex = tenant("globex");
  const auto a = open(acme);
  const auto b = open(globex);
  const execution::Header h = header("a", "f", State::running, 1, {{"k", "v"}});
  const execution::TaskRun t = task_run("t", State::running, 0);
  const Turn turn = one_of_each(h, t);
  commit(*a, turn);
  EXPECT_EQ(kinds(a->read(), h.id, t.id), kAllKinds);
  EXPECT_EQ(kinds(b->read(), h.id, t.id), 0);
  EXPECT_EQ(must(b->read().next_due()), std::nullopt);
  EXPECT_EQ(must(b->read().search_logs(where({}))).total, 0);
  EXPECT_EQ(must(b->read().search_flows(where({}))).total, 0);
  EXPECT_EQ(must(b->read().search_triggers(where({}))).total, 0);
  EXPECT_TRUE(must(b->read().execution_ids({}, ExecutionId(), 10)).empty());
  EXPECT_TRUE(must(b->read().open_executions(ExecutionId(), 10)).empty());

  // The same ids may live in both; what one deletes or ends is still there in the other.
  commit(*b, turn);
  Turn deletion;
  deletion.deleted_executions = {h.id};
  deletion.deleted_logs_of = {h.id};
  deletion.deleted_triggers = turn.triggers;
  deletion.finished_file_deletions = turn.file_deletions;
  commit(*b, deletion);
  EXPECT_EQ(kinds(a->read(), h.id, t.id), kAllKinds);
}

TEST_P(StoreSuite, AWrongScopeFindsNothing) {
  const TenantScope acme = tenant("acme");
  const auto store = open(acme);
  commit(*store, one_of_each(header("a", "f", State::running, 1), task_run("t", State::running, 0)));
  const TenantScope forged = ScopeForTests::make("0000000000000000000000", "acme");
  EXPECT_EQ(code_of(stores->open(forged)), "store-tenant-missing");
  EXPECT_EQ(code_of(stores->read(forged)), "store-tenant-missing");
  if (GetParam() == Driver::sqlite) {
    EXPECT_EQ(code_of(stores->read(ScopeForTests::make("../" + acme.uid().str(), "acme"))), "store-broken");
  }
  EXPECT_TRUE(must(stores->directory(forged)->standing(UserId("u"))).grants.empty());
}

TEST_P(StoreSuite, ErasingATenantLeavesItsNeighbourWhole) {
  const TenantScope acme = tenant("acme"), globex = tenant("globex");
  const execution::Header h = header("a", "f", State::running, 1, {{"k", "v"}});
  const execution::TaskRun t = task_run("t", State::running, 0);
  for (const TenantScope& scope : {acme, globex}) commit(*open(scope), one_of_each(h, t));
  EXPECT_TRUE(must(reader(acme)->execution(h.id)).has_value());
  must(stores->erase_tenant_data(acme));
  EXPECT_EQ(code_of(stores->open(acme)), "store-tenant-missing");
  EXPECT_EQ(code_of(stores->read(acme)), "store-tenant-missing");
  EXPECT_EQ(kinds(*reader(globex), h.id, t.id), kAllKinds);
}

TEST_P(StoreSuite, ReadersOfMoreTenantsThanAreKeptOpenAllSeeTheirOwn) {
  std::vector<TenantScope> scopes;
  const execution::Header h = header("a", "f", State::running, 1);
  for (int i = 0; i < 7; ++i) {
    scopes.push_back(tenant(fmt::format("t{}", i)));
    Turn turn;
    turn.executions = {h};
    if (i % 2 == 0) commit(*open(scopes.back()), turn);
  }
  for (int round = 0; round < 3; ++round) {
    for (std::size_t i = 0; i < scopes.size(); ++i) EXPECT_EQ(must(reader(scopes[i])->execution(h.id)).has_value(), i % 2 == 0);
  }
}

TEST_P(StoreSuite, OneReaderServesSeveralThreadsWhileTheWriterWrites) {
  const auto store = open(tenant("acme"));
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto found = store->read().search_executions(where({}, {.number = 1, .size = 50, .sort = {}}));
        // Two executions per turn: a snapshot never shows one of them alone.
        if (!found || found->total % 2 != 0) ++wrong;
      }
    });
  }
  for (int i = 0; i < 20; ++i) commit(*store, with_counters({header("a", "f", State::running, i), header("a", "g", State::running, i)}));
  done = true;
  for (std::thread& thread : readers) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_P(StoreSuite, SpeedOfWritingIsPrinted) {
  const auto store = open(tenant("acme"));
  constexpr int kTurns = 200, kPerTurn = 100;
  std::vector<Turn> turns(kTurns);
  for (int i = 0; i < kTurns; ++i) {
    for (int k = 0; k < kPerTurn; ++k) {
      const execution::Header h = header("company.team", "etl", State::success, i, {{"team", "data"}});
      turns[static_cast<std::size_t>(i)].executions.push_back(h);
      for (int n = 0; n < 2; ++n) turns[static_cast<std::size_t>(i)].task_runs.emplace_back(h.id, task_run("task", State::success, n));
      LogWrite log;
      log.execution_id = h.id, log.ns = h.ns, log.flow_id = h.flow_id, log.line.at = at(i), log.line.message = "a line of an ordinary length, I would say";
      turns[static_cast<std::size_t>(i)].logs.insert(turns[static_cast<std::size_t>(i)].logs.end(), 2, log);
    }
  }
  const auto start = std::chrono::steady_clock::now();
  for (const Turn& turn : turns) commit(*store, turn);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  fmt::print("{} rows (executions, task runs, logs) in {:.2f} s: {:.0f} rows/s, {:.2f} ms per turn\n", kTurns * kPerTurn * 5, seconds,
             kTurns * kPerTurn * 5 / seconds, seconds * 1000 / kTurns);
}

}  // namespace
}  // namespace insula::store
