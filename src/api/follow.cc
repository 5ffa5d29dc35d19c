// GET …/follow: an execution, its logs, or the executions of its correlation, as server-sent events. Ids carry the meaning: start, progress, end.
#include "api/execution_json.h"
#include "api/follower.h"
#include "api/log_json.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

// `afterExecution` runs when the state is already final: the end is told when all of it has ended, or nothing has moved for a while.
class End {
 public:
  explicit End(Call& call) : call_(call) {}

  enum class Told { no, soon, yes };
  Told reached(store::TenantReader& reader, const execution::Header& header) {
    if (!header.state.is_terminal()) return Told::no;
    const auto open = reader.open_task_runs(header.id);
    if (open && !open->empty()) return Told::no;
    const auto row = reader.flow_revision(header.ns, header.flow_id, header.flow_revision);
    if (!row || !*row) return Told::yes;
    const auto flow = call_.engine().compiled(call_.scope(), **row);
    if (!flow) return Told::yes;
    std::vector<TaskId> after;
    for (const flow::TaskIndex index : (*flow)->after_execution.tasks)
      if (!(*flow)->task(index).disabled) after.push_back((*flow)->task(index).id);
    if (after.empty()) return Told::yes;
    const auto made = reader.task_runs_of(header.id, after);
    if (!made || made->size() >= after.size()) return Told::yes;
    return std::exchange(was_soon_, true) ? Told::yes : Told::soon;
  }

 private:
  Call& call_;
  bool was_soon_ = false;
};

class ExecutionFollower final : public Follower {
 public:
  explicit ExecutionFollower(const CallPtr& call) : Follower(call), end_(*call) {}

 private:
  Next round(store::TenantReader& reader) override {
    const auto header = reader.execution(call().execution_id());
    if (!header || !*header) return Next::end;  // deleted meanwhile
    const Result<JsonObject> json = execution_json(reader, **header);
    if (!json) return Next::end;
    const End::Told told = end_.reached(reader, **header);
    stream().send(told == End::Told::yes ? "end" : "progress", "", write_json(*json));
    return told == End::Told::yes ? Next::end : told == End::Told::soon ? Next::later : Next::wait;
  }

  End end_;
};

void follow_execution(const CallPtr& call) {
  read_then(call, [](const CallPtr& waiting, store::TenantReader& reader) {
    const auto header = visible_execution(*waiting, reader);
    if (!header) return waiting->reply_error(header.error());
    // 1.3 begins with a skeleton of an execution, so that clients see at once that the stream is open.
    const JsonObject skeleton{{"id", header->id.str()}, {"labels", JsonArray{}}, {"originalId", header->id.str()}, {"deleted", false},
                              {"metadata", JsonObject{{"attemptNumber", 1}, {"originalCreatedDate", format_instant(header->original_created)}}}};
    std::make_shared<ExecutionFollower>(waiting)->start(header->id, event_text("start", write_json(skeleton)),
                                                        {.overflow = http::Overflow::newest_only, .queue_events_max = 4, .queue_bytes_max = 64u << 20});
  });
}

class LogFollower final : public Follower {
 public:
  LogFollower(const CallPtr& call, store::LogQuery query) : Follower(call), query_(std::move(query)), end_(*call) { query_.limit = kLinesMax; }

 private:
  static constexpr std::size_t kLinesMax = 500;
  static constexpr std::size_t kQueuedMax = 1u << 20;  // a slow client is waited for rather than cut off

  Next round(store::TenantReader& reader) override {
    if (stream().queued_bytes() > kQueuedMax) return Next::later;
    // The state is read before the lines: a final one cannot be followed by lines that are missed.
    const auto header = reader.execution(call().execution_id());
    if (!header || !*header) return Next::end;
    const End::Told told = end_.reached(reader, **header);
    const auto rows = reader.logs((*header)->id, query_);
    if (!rows) return Next::end;
    for (const store::LogRow& row : *rows) {
      query_.after = row.sequence;
      stream().send("progress", "", write_json(log_json(row.log)));
    }
    if (rows->size() == kLinesMax) return Next::again;
    if (told == End::Told::soon) return Next::later;
    if (told == End::Told::no) return Next::wait;
    stream().send("end", "", "{}");
    return Next::end;
  }

  store::LogQuery query_;
  End end_;
};

void follow_logs(const CallPtr& call) {
  auto query = read_log_query(*call);
  if (!query) return call->reply_error(query.error());
  read_then(call, [query = std::move(*query)](const CallPtr& waiting, store::TenantReader& reader) {
    const auto header = visible_execution(*waiting, reader);
    if (!header) return waiting->reply_error(header.error());
    std::make_shared<LogFollower>(waiting, query)->start(header->id, event_text("start", R"({"attemptNumber":null})"), {.queue_events_max = 2 * 1024, .queue_bytes_max = 32u << 20});
  });
}

// The other executions that share the correlation id: subflows, triggered flows, the ones that started this.
class DependencyFollower final : public Follower {
 public:
  DependencyFollower(const CallPtr& call, std::string correlation) : Follower(call) {
    query_.filters.push_back({"labels", store::Op::equals, "system.correlationId", {std::move(correlation)}});
    query_.namespaces = call->namespaces();
    query_.page.size = 1'000;
  }

 private:
  Next round(store::TenantReader& reader) override {
    const auto found = reader.search_executions(query_);
    if (!found) return Next::end;
    bool all_ended = true;
    for (const execution::Header& header : found->rows) {
      const bool ended = header.state.is_terminal();
      all_ended &= ended;
      if (header.id == call().execution_id()) continue;
      execution::State& told = told_.try_emplace(header.id, execution::State::skipped).first->second;
      if (told == header.state.current()) continue;
      told = header.state.current();
      const JsonObject event{{"executionId", header.id.str()}, {"tenantId", call().tenant().str()}, {"namespace", header.ns.str()}, {"flowId", header.flow_id.str()},
                             {"state", header.state.to_json()}};
      stream().send(ended ? "end" : "progress", "", write_json(event));
    }
    if (!all_ended) return Next::wait;
    stream().send("end-all", "", write_json(JsonObject{{"executionId", call().execution_id().str()}}));
    return Next::end;
  }

  store::Query query_;
  std::unordered_map<ExecutionId, execution::State> told_;
};

void follow_dependencies(const CallPtr& call) {
  read_then(call, [](const CallPtr& waiting, store::TenantReader& reader) {
    const auto header = visible_execution(*waiting, reader);
    if (!header) return waiting->reply_error(header.error());
    std::string correlation = header->id.str();
    for (const flow::Label& label : header->labels)
      if (label.key == "system.correlationId") correlation = label.value;
    const std::string first = event_text("start", write_json(JsonObject{{"executionId", header->id.str()}}));
    std::make_shared<DependencyFollower>(waiting, std::move(correlation))->start({}, first, {});
  });
}

}  // namespace

void add_follow_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/{tenant}/executions/{execution}/follow", needs(Resource::execution, Action::follow), follow_execution, "Follows an execution until it ends.");
  routes.emplace_back(get, "/api/v1/{tenant}/executions/{execution}/follow-dependencies", needs(Resource::execution, Action::follow), follow_dependencies, "Follows the executions that belong together with this one.");
  routes.emplace_back(get, "/api/v1/{tenant}/logs/{execution}/follow", needs(Resource::execution, Action::access_logs), follow_logs, "Follows the logs of an execution until it ends.");
}

}  // namespace insula::api
