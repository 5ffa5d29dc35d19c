#include "store/store_suite.h"

#include <unistd.h>

#include <filesystem>

#include "store/postgres_database.h"
#include "store/postgres_for_tests.h"

namespace insula::store {

INSTANTIATE_TEST_SUITE_P(Both, StoreSuite, testing::Values(Driver::sqlite, Driver::postgres),
                         [](const auto& info) { return info.param == Driver::sqlite ? "SQLite" : "PostgreSQL"; });

void StoreSuite::SetUp() {
  static int number = 0;
  const std::string name = fmt::format("insula_test_{}_{}", getpid(), ++number);
  folder = (std::filesystem::temp_directory_path() / name).string();
  schema = name;
  reopen();
}

void StoreSuite::TearDown() {
  hook = {};
  stores.reset();
  std::filesystem::remove_all(folder);
  if (GetParam() == Driver::postgres) PostgresConnection({.connection = postgres_for_tests()}).run_script("drop schema if exists " + schema + " cascade");
}

void StoreSuite::reopen() {
  stores.reset();
  const StatementHook indirect = [this](std::string_view sql) { if (hook) hook(sql); };
  if (GetParam() == Driver::sqlite) stores = must(open_sqlite({.folder = folder, .open_tenants_max = 4, .hook = indirect}));
  else stores = must(open_postgres({.connection = postgres_for_tests(), .schema = schema, .connections_max = 4, .hook = indirect}));
}

TenantScope StoreSuite::tenant(const std::string& id) {
  TenantRow row;
  row.uid = ids.next_as<TenantUid>(at(0));
  row.id = TenantId(id);
  row.name = id;
  row.created = at(0);
  const TenantScope scope = stores->system().scope(row);
  must(stores->create_tenant_data(scope));
  must(stores->system().create_tenant(row));
  return scope;
}

std::unique_ptr<TenantStore> StoreSuite::open(const TenantScope& scope) { return must(stores->open(scope)); }
std::unique_ptr<TenantReader> StoreSuite::reader(const TenantScope& scope) { return must(stores->read(scope)); }

void StoreSuite::commit(TenantStore& store, const Turn& turn) {
  const Committed done = store.commit(turn);
  ASSERT_EQ(done.outcome, CommitOutcome::committed) << done.error.code << " " << done.error.detail;
}

execution::Header StoreSuite::header(std::string_view ns, std::string_view flow, execution::State state, std::int64_t second, std::vector<flow::Label> labels) {
  execution::Header h;
  h.id = ids.next_as<ExecutionId>(at(second));
  h.ns = Namespace(ns);
  h.flow_id = FlowId(flow);
  h.flow_revision = 1;
  h.state = execution::StateHistory(execution::State::created, at(second));
  if (state != execution::State::created) h.state.move_to(state, at(second) + Duration(1'500'000));
  h.labels = std::move(labels);
  h.original_id = h.id;
  h.original_created = at(second);
  return h;
}

execution::TaskRun StoreSuite::task_run(std::string_view task, execution::State state, std::int64_t position) {
  execution::TaskRun t;
  t.id = ids.next_as<TaskRunId>(at(0));
  t.task_id = TaskId(task);
  t.position = position;
  t.state = execution::StateHistory(execution::State::created, at(0));
  if (state != execution::State::created) t.state.move_to(state, at(1));
  return t;
}

Turn StoreSuite::with_counters(std::vector<execution::Header> headers) const {
  Turn turn;
  for (const execution::Header& h : headers) {
    CounterDelta delta;
    delta.hour = std::chrono::floor<std::chrono::hours>(h.state.start());
    delta.ns = h.ns;
    delta.flow_id = h.flow_id;
    delta.state = h.state.current();
    delta.count = 1;
    delta.duration = h.state.duration().value_or(Duration(0));
    turn.counters.push_back(delta);
  }
  turn.executions = std::move(headers);
  return turn;
}

}  // namespace insula::store
