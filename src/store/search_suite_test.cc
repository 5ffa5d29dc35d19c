// Filters, sorts, pages and totals, alike on both databases.
#include "store/store_suite.h"

namespace insula::store {
namespace {

using execution::State;

Filter filter(std::string_view field, Op op, std::vector<std::string> values, std::string_view key = {}) {
  return {std::string(field), op, std::string(key), std::move(values)};
}

class Searches : public StoreSuite {
 protected:
  void SetUp() override {
    StoreSuite::SetUp();
    store_ = open(tenant("acme"));
    headers_ = {header("company.team", "etl", State::success, 0, {{"team", "data"}, {"env", "prod"}}),
                header("company.team", "report", State::failed, 3'000, {{"team", "data"}}),
                header("company", "etl", State::running, 4'000, {{"team", "web"}}),
                header("companyx", "etl", State::success, 8'000),
                header("system", "cleanup", State::success, 12'000),
                header("company.team.deep", "GRÖSSE_1", State::warning, 16'000, {{"note", "50% off 'quoted'"}})};
    headers_[1].trigger = execution::TriggerInfo{"sub", "Subflow", JsonObject{{"executionId", headers_[0].id.str()}}};
    headers_[1].parent_id = headers_[0].id;
    headers_[3].kind = "TEST";
    headers_[4].flow_revision = 7;
    for (auto& h : headers_) h.labels.push_back({"system.correlationId", h.id.str()});
    headers_[1].labels.back().value = headers_[0].id.str();
    commit(*store_, with_counters(headers_));
  }

  // Which of headers_ are found, in order, as digits.
  std::string found(std::vector<Filter> filters, std::vector<Sort> sort = {{"startDate", false}}) {
    const Query query = where(std::move(filters), {.number = 1, .size = 100, .sort = std::move(sort)});
    const auto result = must(store_->read().search_executions(query));
    std::string out = digits(result.rows);
    EXPECT_EQ(result.total, static_cast<std::int64_t>(out.size()));
    EXPECT_EQ(must(store_->read().count_executions(query)), result.total) << out;
    const auto ids = must(store_->read().execution_ids(query, ExecutionId(), 100));
    EXPECT_EQ(ids.size(), out.size());
    EXPECT_TRUE(std::ranges::is_sorted(ids));
    // One to a page: the same order, the same total, whatever drives the search.
    std::string by_pages;
    for (int number = 1; number <= static_cast<int>(out.size()); ++number) {
      const auto page = must(store_->read().search_executions({query.filters, {number, 1, query.page.sort}, std::nullopt}));
      EXPECT_EQ(page.total, result.total);
      by_pages += digits(page.rows);
    }
    EXPECT_EQ(by_pages, out);
    return out;
  }
  std::string digits(const std::vector<execution::Header>& rows) const {
    std::string out;
    for (const auto& row : rows) out += std::to_string(std::ranges::find(headers_, row.id, &execution::Header::id) - headers_.begin());
    return out;
  }
  std::string refused(std::vector<Filter> filters, std::vector<Sort> sort = {}) {
    return code_of(store_->read().search_executions(where(std::move(filters), {.number = 1, .size = 10, .sort = std::move(sort)})));
  }

  std::unique_ptr<TenantStore> store_;
  std::vector<execution::Header> headers_;
};
INSTANTIATE_TEST_SUITE_P(Both, Searches, testing::Values(Driver::sqlite, Driver::postgres),
                         [](const auto& info) { return info.param == Driver::sqlite ? "SQLite" : "PostgreSQL"; });

TEST_P(Searches, FindExecutionsByEveryField) {
  EXPECT_EQ(found({}), "012345");
  EXPECT_EQ(found({filter("namespace", Op::equals, {"company.team"})}), "01");
  EXPECT_EQ(found({filter("namespace", Op::not_equals, {"company.team"})}), "2345");
  EXPECT_EQ(found({filter("namespace", Op::prefix, {"company"})}), "0125");
  EXPECT_EQ(found({filter("namespace", Op::starts_with, {"company"})}), "01235");
  EXPECT_EQ(found({filter("namespace", Op::ends_with, {".team"})}), "01");
  EXPECT_EQ(found({filter("namespace", Op::contains, {"any.t"})}), "015");
  EXPECT_EQ(found({filter("namespace", Op::in, {"company", "system"})}), "24");
  EXPECT_EQ(found({filter("namespace", Op::not_in, {"company", "system"})}), "0135");
  EXPECT_EQ(found({filter("namespace", Op::regex, {"^company(\\.team)?$"})}), "012");
  EXPECT_EQ(found({filter("flowId", Op::equals, {"etl"})}), "023");
  EXPECT_EQ(found({filter("flowId", Op::starts_with, {"GRÖ"})}), "5");
  EXPECT_EQ(found({filter("flowId", Op::ends_with, {"ÖSSE_1"})}), "5");
  EXPECT_EQ(found({filter("namespace", Op::equals, {"company.team"}), filter("flowId", Op::equals, {"etl"})}), "0");
  EXPECT_EQ(found({filter("state", Op::equals, {"SUCCESS"})}), "034");
  EXPECT_EQ(found({filter("state", Op::in, {"FAILED", "RUNNING"})}), "12");
  EXPECT_EQ(found({filter("state", Op::not_in, {"SUCCESS"})}), "125");
  EXPECT_EQ(found({filter("state", Op::in, {})}), "");
  EXPECT_EQ(found({filter("scope", Op::equals, {"USER"})}), "01235");
  EXPECT_EQ(found({filter("scope", Op::equals, {"SYSTEM"})}), "4");
  EXPECT_EQ(found({filter("scope", Op::in, {"USER", "SYSTEM"})}), "012345");
  EXPECT_EQ(found({filter("childFilter", Op::equals, {"CHILD"})}), "1");
  EXPECT_EQ(found({filter("childFilter", Op::equals, {"MAIN"})}), "02345");
  EXPECT_EQ(found({filter("triggerExecutionId", Op::equals, {headers_[0].id.str()})}), "1");
  EXPECT_EQ(found({filter("parentId", Op::equals, {headers_[0].id.str()})}), "1");
  EXPECT_EQ(found({filter("id", Op::equals, {headers_[3].id.str()})}), "3");
  EXPECT_EQ(found({filter("kind", Op::equals, {"NORMAL"})}), "01245");
  EXPECT_EQ(found({filter("kind", Op::not_equals, {"NORMAL"})}), "3");
  EXPECT_EQ(found({filter("flowRevision", Op::greater, {"1"})}), "4");
  EXPECT_EQ(found({filter("flowRevision", Op::in, {"1", "7"})}), "012345");
}

TEST_P(Searches, FindExecutionsByLabels) {
  EXPECT_EQ(found({filter("labels", Op::equals, {"data"}, "team")}), "01");
  EXPECT_EQ(found({filter("labels", Op::equals, {"team:data"})}), "01");
  EXPECT_EQ(found({filter("labels", Op::equals, {"data"}, "team"), filter("labels", Op::equals, {"prod"}, "env")}), "0");
  EXPECT_EQ(found({filter("labels", Op::equals, {"data"}, "team"), filter("flowId", Op::equals, {"report"}), filter("namespace", Op::equals, {"company.team"})}), "1");
  EXPECT_EQ(found({filter("labels", Op::equals, {"data"}, "team"), filter("startDate", Op::greater, {format_instant(at(10))})}), "1");
  EXPECT_EQ(found({filter("labels", Op::not_equals, {"data"}, "team")}), "2345");
  EXPECT_EQ(found({filter("labels", Op::in, {"data", "web"}, "team")}), "012");
  EXPECT_EQ(found({filter("labels", Op::contains, {"at"}, "team")}), "01");
  EXPECT_EQ(found({filter("labels", Op::equals, {"50% off 'quoted'"}, "note")}), "5");
  EXPECT_EQ(found({filter("labels", Op::equals, {headers_[0].id.str()}, "system.correlationId")}), "01");
  EXPECT_EQ(found({filter("labels", Op::equals, {"none"}, "team")}), "");
}

TEST_P(Searches, FindExecutionsByWordsWhateverTheirCase) {
  EXPECT_EQ(found({filter("q", Op::equals, {"größe_1"})}), "");
  EXPECT_EQ(found({filter("q", Op::equals, {"grösse_1"})}), "5");
  EXPECT_EQ(found({filter("q", Op::equals, {"  COMPANY   etl "})}), "023");
  EXPECT_EQ(found({filter("q", Op::equals, {"PROD"})}), "0");
  EXPECT_EQ(found({filter("q", Op::equals, {"% off"})}), "5");
  EXPECT_EQ(found({filter("q", Op::equals, {""})}), "012345");
  EXPECT_EQ(found({filter("q", Op::not_equals, {"company"})}), "4");
}

TEST_P(Searches, FindExecutionsByDatesAndCountThemByHours) {
  const auto start = [](Op op, std::int64_t second) { return filter("startDate", op, {format_instant(at(second))}); };
  EXPECT_EQ(found({start(Op::greater_or_equal, 3'000)}), "12345");
  EXPECT_EQ(found({start(Op::greater, 3'000)}), "2345");
  EXPECT_EQ(found({start(Op::less, 8'000)}), "012");
  EXPECT_EQ(found({start(Op::less_or_equal, 8'000)}), "0123");
  EXPECT_EQ(found({start(Op::greater_or_equal, 1), start(Op::less_or_equal, 12'000)}), "1234");
  EXPECT_EQ(found({start(Op::greater_or_equal, 2'999), start(Op::less, 3'001)}), "1");
  EXPECT_EQ(found({start(Op::greater_or_equal, 1), start(Op::less, 16'000), filter("state", Op::equals, {"SUCCESS"}), filter("scope", Op::equals, {"USER"})}), "3");
  EXPECT_EQ(found({start(Op::greater, 9'000), start(Op::less, 8'000)}), "");
  EXPECT_EQ(found({filter("endDate", Op::less_or_equal, {format_instant(at(3'100))})}), "01");
  EXPECT_EQ(found({filter("startDate", Op::equals, {format_instant(at(0))})}), "0");
}

TEST_P(Searches, SortByEveryField) {
  EXPECT_EQ(found({}, {}), "543210");
  EXPECT_EQ(found({}, {{"startDate", true}}), "543210");
  EXPECT_EQ(found({}, {{"id", false}}), "012345");
  EXPECT_EQ(found({}, {{"namespace", false}, {"flowId", true}}), "210534");
  EXPECT_EQ(found({}, {{"state.current", false}, {"state.startDate", true}}), "124305");
  EXPECT_EQ(found({}, {{"state.endDate", false}}), "013452");
  EXPECT_EQ(found({}, {{"state.endDate", true}}), "254310");
  EXPECT_EQ(found({}, {{"state.duration", true}, {"id", false}}), "201345");
  EXPECT_EQ(found({filter("labels", Op::equals, {"data"}, "team")}, {{"flowId", true}}), "10");
}

TEST_P(Searches, PermittedNamespacesLimitEverySearch) {
  const auto seen = [&](std::vector<std::string> namespaces) {
    Query query = where({}, {.number = 1, .size = 100, .sort = {{"startDate", false}}});
    query.namespaces = std::move(namespaces);
    const auto rows = must(store_->read().search_executions(query));
    EXPECT_EQ(must(store_->read().count_executions(query)), rows.total);
    return digits(rows.rows);
  };
  EXPECT_EQ(seen({}), "");
  EXPECT_EQ(seen({"company"}), "0125");
  EXPECT_EQ(seen({"company.team", "system"}), "0145");
  EXPECT_EQ(seen({"comp"}), "");
}

TEST_P(Searches, RefuseWhatIsNoFieldNoOperationNoValue) {
  EXPECT_EQ(refused({filter("naamespace", Op::equals, {"x"})}), "filter-unknown");
  EXPECT_EQ(refused({filter("state.current", Op::equals, {"x"})}), "filter-unknown");
  EXPECT_EQ(refused({filter("state", Op::equals, {"DONE"})}), "filter-invalid");
  EXPECT_EQ(refused({filter("state", Op::contains, {"SUC"})}), "filter-operation-unsupported");
  EXPECT_EQ(refused({filter("startDate", Op::greater, {"yesterday"})}), "filter-invalid");
  EXPECT_EQ(refused({filter("startDate", Op::contains, {"2026"})}), "filter-operation-unsupported");
  EXPECT_EQ(refused({filter("flowRevision", Op::equals, {"1 or 1=1"})}), "filter-invalid");
  EXPECT_EQ(refused({filter("namespace", Op::greater, {"a"})}), "filter-operation-unsupported");
  EXPECT_EQ(refused({filter("namespace", Op::equals, {"a", "b"})}), "filter-invalid");
  EXPECT_EQ(refused({filter("flowId", Op::regex, {"(unclosed"})}), "regex-invalid");
  EXPECT_EQ(refused({filter("labels", Op::equals, {"no colon"})}), "filter-invalid");
  EXPECT_EQ(refused({filter("namespace", Op::in, std::vector<std::string>(1'001, "x"))}), "filter-invalid");
  EXPECT_EQ(refused({}, {{"state.start", false}}), "sort-invalid");
  EXPECT_EQ(code_of(store_->read().search_executions(where({}, {.number = 0, .size = 10, .sort = {}}))), "page-invalid");
  EXPECT_EQ(code_of(store_->read().search_executions(where({}, {.number = 1, .size = 10'001, .sort = {}}))), "page-invalid");
}

// attacks.md 11: whatever is written into filters, keys, sorts and dates is a value or an error, and every row is still there afterwards.
TEST_P(Searches, SqlInAnyParameterIsAValueOrAnError) {
  for (const std::string attack : {"' or '1'='1", "'; drop table executions; --", "x') or 1=1 --", "\" or \"\"=\"", "%", "_%", "\\", "$1", "?1", "{tenant}", "{tenant e}",
                                   "1; select pg_sleep(10)", "' union select password_hash from users --", "a\nb", "/*", "id desc; delete from executions"}) {
    for (const char* field : {"namespace", "flowId", "id", "triggerExecutionId", "parentId", "kind"}) {
      for (const Op op : {Op::equals, Op::in, Op::starts_with, Op::ends_with, Op::prefix}) EXPECT_EQ(found({filter(field, op, {attack})}), "") << field << attack;
    }
    EXPECT_EQ(found({filter("namespace", Op::not_in, {attack, "system"})}), "01235") << attack;
    EXPECT_EQ(found({filter("labels", Op::equals, {attack}, "team")}), "") << attack;
    EXPECT_EQ(found({filter("labels", Op::equals, {"data"}, attack)}), "") << attack;
    EXPECT_EQ(found({filter("labels", Op::not_equals, {"data"}, attack)}), "012345") << attack;
    EXPECT_EQ(refused({}, {{attack, false}}), "sort-invalid");
    EXPECT_EQ(refused({filter(attack, Op::equals, {"x"})}), "filter-unknown");
    EXPECT_EQ(refused({filter("startDate", Op::greater, {attack})}), "filter-invalid");
    EXPECT_EQ(refused({filter("state", Op::equals, {attack})}), "filter-invalid");
    EXPECT_EQ(refused({filter("scope", Op::equals, {attack})}), "filter-invalid");
    EXPECT_EQ(refused({filter("childFilter", Op::equals, {attack})}), "filter-invalid");
    must(store_->read().search_executions(where({filter("q", Op::equals, {attack})})));
    must(store_->read().search_logs(where({filter("q", Op::equals, {attack}), filter("taskId", Op::contains, {attack})})));
    must(store_->read().search_flows(where({filter("q", Op::equals, {attack}), filter("labels", Op::equals, {attack}, attack)})));
    must(store_->read().search_triggers(where({filter("q", Op::equals, {attack})})));
    must(store_->read().counters(at(0), at(10), where({filter("namespace", Op::equals, {attack})})));
    Query limited = where({});
    limited.namespaces = {attack};
    EXPECT_EQ(must(store_->read().search_executions(limited)).total, 0);
    must(stores->system().search_tenants(where({filter("q", Op::equals, {attack})})));
  }
  EXPECT_EQ(found({}), "012345");
}

TEST_P(Searches, FindFlowsByEveryField) {
  Turn turn;
  const auto add = [&](std::string_view ns, std::string_view id, std::vector<flow::Label> labels, bool disabled) {
    FlowRow f;
    f.ns = Namespace(ns), f.id = FlowId(id), f.revision = 1, f.labels = std::move(labels), f.disabled = disabled, f.source = "id: " + f.id.str();
    f.description = "Beschreibung " + f.id.str();
    turn.flows.push_back(f);
  };
  add("company.team", "beta", {{"team", "data"}}, false);
  add("company", "alpha", {{"team", "web"}, {"x", "\"],[\""}}, true);
  add("system", "cleanup", {}, false);
  add("company", "gone", {}, false);
  turn.flows.back().deleted = true;
  commit(*store_, turn);
  const auto flows = [&](std::vector<Filter> filters, std::vector<Sort> sort = {}) {
    const auto result = must(store_->read().search_flows(where(std::move(filters), {.number = 1, .size = 10, .sort = std::move(sort)})));
    std::string out;
    for (const FlowRow& f : result.rows) out += f.id.str().substr(0, 1);
    EXPECT_EQ(result.total, static_cast<std::int64_t>(out.size()));
    return out;
  };
  EXPECT_EQ(flows({}), "abc");
  EXPECT_EQ(flows({}, {{"id", true}}), "cba");
  EXPECT_EQ(flows({filter("namespace", Op::prefix, {"company"})}), "ab");
  EXPECT_EQ(flows({filter("flowId", Op::equals, {"beta"})}), "b");
  EXPECT_EQ(flows({filter("scope", Op::equals, {"USER"})}), "ab");
  EXPECT_EQ(flows({filter("labels", Op::equals, {"data"}, "team")}), "b");
  EXPECT_EQ(flows({filter("labels", Op::not_equals, {"data"}, "team")}), "ac");
  EXPECT_EQ(flows({filter("labels", Op::in, {"data", "web"}, "team")}), "ab");
  EXPECT_EQ(flows({filter("labels", Op::equals, {"\"],[\""}, "x")}), "a");
  EXPECT_EQ(flows({filter("enabled", Op::equals, {"true"})}), "bc");
  EXPECT_EQ(flows({filter("enabled", Op::equals, {"false"})}), "a");
  EXPECT_EQ(flows({filter("q", Op::equals, {"beschreibung CLEAN"})}), "c");
  const auto second = must(store_->read().search_flows(where({}, {.number = 2, .size = 2, .sort = {}})));
  EXPECT_EQ(second.total, 3);
  ASSERT_EQ(second.rows.size(), 1u);
  EXPECT_EQ(second.rows[0].source, "id: cleanup");
}

TEST_P(Searches, FindLogsByEveryField) {
  Turn turn;
  for (int i = 0; i < 6; ++i) {
    LogWrite log;
    log.execution_id = ExecutionId(i < 3 ? "e1" : "e2");
    log.ns = Namespace(i % 2 == 0 ? "a" : "a.b");
    log.flow_id = FlowId("f");
    log.line.at = at(i / 2);
    log.line.level = static_cast<flow::LogLevel>(i % 5);
    log.line.message = fmt::format("Zeile {}", i);
    if (i == 5) log.line.trigger_id = TriggerId("cron"), log.execution_id = ExecutionId();
    if (i == 0) log.line.task_id = TaskId("hello");
    turn.logs.push_back(log);
  }
  commit(*store_, turn);
  const auto logs = [&](std::vector<Filter> filters, std::vector<Sort> sort = {}) {
    const auto result = must(store_->read().search_logs(where(std::move(filters), {.number = 1, .size = 10, .sort = std::move(sort)})));
    std::string out;
    for (const LogRow& row : result.rows) out += row.log.line.message.substr(6);
    EXPECT_EQ(result.total, static_cast<std::int64_t>(out.size()));
    return out;
  };
  EXPECT_EQ(logs({}), "543210");
  EXPECT_EQ(logs({}, {{"timestamp", false}}), "012345");
  EXPECT_EQ(logs({filter("executionId", Op::equals, {"e1"})}), "210");
  EXPECT_EQ(logs({filter("namespace", Op::equals, {"a"})}), "420");
  EXPECT_EQ(logs({filter("namespace", Op::prefix, {"a"})}), "543210");
  EXPECT_EQ(logs({filter("level", Op::equals, {"WARN"})}), "43");
  EXPECT_EQ(logs({filter("level", Op::greater_or_equal, {"ERROR"})}), "4");
  EXPECT_EQ(logs({filter("taskId", Op::equals, {"hello"})}), "0");
  EXPECT_EQ(logs({filter("triggerId", Op::equals, {"cron"})}), "5");
  EXPECT_EQ(logs({filter("startDate", Op::greater_or_equal, {format_instant(at(1))}), filter("endDate", Op::less, {format_instant(at(2))})}), "32");
  EXPECT_EQ(logs({filter("q", Op::equals, {"ZEILE 4"})}), "4");
  EXPECT_EQ(logs({filter("executionId", Op::equals, {"e1"})}, {{"timestamp", false}}), "012");
  EXPECT_EQ(logs({filter("executionId", Op::equals, {"e1"}), filter("level", Op::greater_or_equal, {"DEBUG"}), filter("endDate", Op::less, {format_instant(at(1))})}), "1");
  EXPECT_EQ(logs({filter("executionId", Op::equals, {"e1"})}, {{"level", false}}), "012");
  const auto page = must(store_->read().search_logs(where({}, {.number = 2, .size = 2, .sort = {}})));
  EXPECT_EQ(page.total, 6);
  EXPECT_EQ(page.rows.size(), 2u);
  Query limited = where({});
  limited.namespaces = {"a.b"};
  EXPECT_EQ(must(store_->read().search_logs(limited)).total, 3);
}

// Every line of an execution is on one page, whatever came late; within a page they stand in the order of time.
TEST_P(Searches, PageTheLinesOfOneExecutionInTheOrderInWhichTheyCame) {
  Turn turn;
  for (int i = 0; i < 9; ++i) {
    LogWrite log;
    log.execution_id = ExecutionId(i % 3 == 2 ? "e2" : "e1");
    log.ns = Namespace("a");
    log.flow_id = FlowId("f");
    log.line.at = at(i == 4 ? 0 : i);   // late
    log.line.message = std::to_string(i);
    turn.logs.push_back(log);
  }
  commit(*store_, turn);
  const auto page = [&](int number, bool descending) {
    const auto found = must(store_->read().search_logs(where({filter("executionId", Op::equals, {"e1"})}, {.number = number, .size = 4, .sort = {{"timestamp", descending}}})));
    EXPECT_EQ(found.total, 6);
    std::string out;
    for (const LogRow& row : found.rows) out += row.log.line.message;
    return out;
  };
  EXPECT_EQ(page(1, false), "0413");   // 0 1 3 4 as they came
  EXPECT_EQ(page(2, false), "67");
  EXPECT_EQ(page(1, true), "7634");
  EXPECT_EQ(page(2, true), "10");
  EXPECT_EQ(page(3, true), "");
}

TEST_P(Searches, FindTriggersByEveryField) {
  Turn turn;
  for (const char* id : {"cron", "hook", "poll"}) {
    TriggerRow t;
    t.ns = Namespace("a"), t.flow_id = FlowId(std::string("flow-") + id), t.id = TriggerId(id), t.type = "Schedule";
    if (std::string_view(id) != "hook") t.next_execution_date = at(std::string_view(id) == "cron" ? 9 : 5);
    turn.triggers.push_back(t);
  }
  commit(*store_, turn);
  const auto triggers = [&](std::vector<Filter> filters, std::vector<Sort> sort = {}) {
    std::string out;
    for (const TriggerRow& row : must(store_->read().search_triggers(where(std::move(filters), {.number = 1, .size = 10, .sort = std::move(sort)}))).rows) out += row.id.str()[0];
    return out;
  };
  EXPECT_EQ(triggers({}), "chp");
  EXPECT_EQ(triggers({}, {{"nextExecutionDate", false}}), "pch");
  EXPECT_EQ(triggers({filter("flowId", Op::equals, {"flow-hook"})}), "h");
  EXPECT_EQ(triggers({filter("triggerId", Op::in, {"cron", "poll"})}), "cp");
  EXPECT_EQ(triggers({filter("q", Op::equals, {"POLL"})}), "p");
  EXPECT_EQ(triggers({filter("namespace", Op::equals, {"b"})}), "");
}

// Enough rows for every index to lead: pages and totals must be those of a plain look at all rows.
TEST_P(Searches, AgreeWithAPlainLookAtAllRowsWhateverLeadsThem) {
  const auto big = open(tenant("big"));
  std::vector<execution::Header> all;
  for (int turn = 0; turn < 3; ++turn) {
    std::vector<execution::Header> some;
    for (int i = 0; i < 1'000; ++i) {
      const int n = turn * 1'000 + i;
      some.push_back(header(n % 3 == 0 ? "a.x" : n % 100 == 1 ? "rare" : "b", fmt::format("f{}", n % 4), n % 50 == 0 ? State::failed : State::success, n * 60,
                            {{"team", n % 2 == 0 ? "even" : "odd"}}));
    }
    all.insert(all.end(), some.begin(), some.end());
    commit(*big, with_counters(std::move(some)));
  }
  using Keep = std::function<bool(const execution::Header&)>;
  const auto agree = [&](const std::vector<Filter>& filters, const Keep& keep, std::optional<std::vector<std::string>> namespaces = std::nullopt) {
    std::vector<ExecutionId> expected;
    for (const auto& h : all) if (keep(h)) expected.push_back(h.id);
    std::ranges::reverse(expected);
    for (const int size : {7, 500}) {
      for (const int number : {1, 3}) {
        const auto page = must(big->read().search_executions({filters, {number, size, {}}, namespaces}));
        std::vector<ExecutionId> got;
        for (const auto& h : page.rows) got.push_back(h.id);
        const auto first = std::min(expected.size(), static_cast<std::size_t>((number - 1) * size));
        const auto end = std::min(expected.size(), first + static_cast<std::size_t>(size));
        EXPECT_EQ(got, std::vector<ExecutionId>(expected.begin() + static_cast<std::ptrdiff_t>(first), expected.begin() + static_cast<std::ptrdiff_t>(end)));
        EXPECT_EQ(page.total, static_cast<std::int64_t>(expected.size())) << filters.size();
      }
    }
    EXPECT_EQ(must(big->read().count_executions({filters, {}, namespaces})), static_cast<std::int64_t>(expected.size()));
  };
  const Keep even = [](const auto& h) { return h.labels[0].value == "even"; }, failed = [](const auto& h) { return h.state.current() == State::failed; };
  const Keep in_b = [](const auto& h) { return h.ns.str() == "b"; }, rare = [](const auto& h) { return h.ns.str() == "rare"; };
  const Filter by_even = filter("labels", Op::equals, {"even"}, "team"), by_failed = filter("state", Op::equals, {"FAILED"});
  const Filter late = filter("startDate", Op::greater, {format_instant(at(70'000))}), soon = filter("startDate", Op::less_or_equal, {format_instant(at(150'000))});
  const Keep between = [](const auto& h) { return h.state.start() > at(70'000) && h.state.start() <= at(150'000); };
  agree({}, [](const auto&) { return true; });
  agree({by_even}, even);
  agree({by_failed}, failed);
  agree({by_even, by_failed}, [&](const auto& h) { return even(h) && failed(h); });
  agree({filter("namespace", Op::equals, {"b"})}, in_b);
  agree({filter("namespace", Op::equals, {"rare"})}, rare);
  agree({filter("namespace", Op::equals, {"b"}), by_even}, [&](const auto& h) { return in_b(h) && even(h); });
  agree({filter("namespace", Op::equals, {"b"}), filter("flowId", Op::equals, {"f1"}), by_failed}, [&](const auto& h) { return in_b(h) && h.flow_id.str() == "f1" && failed(h); });
  agree({late, soon}, between);
  agree({late, soon, by_even}, [&](const auto& h) { return between(h) && even(h); });
  agree({late, soon, filter("namespace", Op::prefix, {"a"})}, [&](const auto& h) { return between(h) && h.ns.str() == "a.x"; });
  agree({filter("state", Op::in, {"SUCCESS", "RUNNING"}), filter("scope", Op::equals, {"USER"})}, [&](const auto& h) { return !failed(h); });
  agree({filter("q", Op::equals, {"RARE"})}, rare);
  agree({by_even}, [&](const auto& h) { return even(h) && !in_b(h) && !rare(h); }, std::vector<std::string>{"a"});
  agree({}, [&](const auto& h) { return !in_b(h); }, std::vector<std::string>{"a", "rare"});
}

}  // namespace
}  // namespace insula::store
