// Bulk actions by ids or by query: a stored operation of the engine. One answer for 1.x and 2.0: 200 `{count, operationId, totalItems}`.
#include "api/execution_json.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

// `…/executions/kill/by-ids` → kill; `…/executions/by-ids` → delete.
std::string kind_of(const Route& route) {
  const std::vector<std::string> segments = split(route.pattern, '/');
  const auto at = std::ranges::find(segments, "executions");
  const std::string& next = *std::next(at);
  return next.starts_with("by-") ? "delete" : next;
}

// Members that refuse; the engine names each by `suggestion`.
std::vector<Violation> by_id(std::vector<Violation> invalids) {
  for (Violation& invalid : invalids)
    if (invalid.path == "execution") invalid.path = invalid.suggestion;
  return invalids;
}

void start(const CallPtr& call, engine::BulkCommand command) {
  const std::string kind = command.kind;
  const bool is_query = command.query.has_value();
  call->engine().start_operation(call->scope(), std::move(command), [call, kind, is_query](Result<store::OperationRow> row) {
    if (!row) return row.error().code == "bulk-invalid" ? call->reply(bulk_problem_response(kind, by_id(std::move(row.error().violations)))) : call->reply_error(row.error());
    // By query those that do not allow the action are passed over; when that leaves nothing, 1.3's answer is the honest one.
    const bool is_vain = is_query && kind != "delete" && row->state == "DONE" && row->done == 0 && row->failed > 0;
    if (is_vain) return call->reply(bulk_problem_response(kind, {}));
    call->reply_json(JsonObject{{"count", row->done}, {"operationId", row->id.str()}, {"totalItems", row->total}});
  });
}

Result<std::optional<engine::Action>> action_of(const Call& call, const std::string& kind, const Json* labels) {
  using Made = std::optional<engine::Action>;
  const auto state_of = [&](std::string_view text) -> Result<execution::State> {
    const auto state = execution::parse_state(text);
    if (!state) return illegal_argument("state-invalid", fmt::format("'{}' is not a state", text));
    return *state;
  };
  if (kind == "delete") return Made();
  if (kind == "kill") return Made(engine::KillAction{});
  if (kind == "pause") return Made(engine::PauseAction{});
  if (kind == "resume") return Made(engine::ResumeAction{{}, call.principal().email});
  if (kind == "restart") return Made(engine::RestartAction{});
  if (kind == "force-run") return Made(engine::ForceRunAction{});
  if (kind == "replay") {
    engine::ReplayAction replay;
    replay.latest_revision = call.flag("latestRevision", false);
    return Made(std::move(replay));
  }
  if (kind == "labels") {
    auto read = read_labels(labels != nullptr ? *labels : Json());
    if (!read) return fail(std::move(read.error()));
    return Made(engine::SetLabelsAction{std::move(*read)});
  }
  const auto state = state_of(kind == "unqueue" ? call.query("state", "RUNNING") : call.query("newStatus", call.query("status")));
  if (!state) return fail(state.error());
  return kind == "unqueue" ? Made(engine::UnqueueAction{*state}) : Made(engine::ChangeStatusAction{*state});
}

Result<engine::BulkCommand> command_of(const Call& call, const Json* labels) {
  engine::BulkCommand command;
  command.kind = kind_of(call.route());
  auto action = action_of(call, command.kind, labels);
  if (!action) return fail(std::move(action.error()));
  command.action = std::move(*action);
  command.delete_options = {call.flag("deleteLogs", true), call.flag("deleteMetrics", true), call.flag("deleteStorage", true)};
  command.include_non_terminated = call.flag("includeNonTerminated", false);
  return command;
}

std::optional<std::vector<ExecutionId>> ids_of(const Json* list) {
  const auto* array = list != nullptr ? list->if_array() : nullptr;
  if (array == nullptr) return std::nullopt;
  std::vector<ExecutionId> ids;
  for (const Json& item : *array) {
    if (!item.is_string()) return std::nullopt;
    ids.emplace_back(as_view(item.get_string()));
  }
  return ids;
}

// A caller with rights in some namespaces only: what lies elsewhere does not exist for them.
void check_then_start(const CallPtr& call, engine::BulkCommand command) {
  if (!call->namespaces()) return start(call, std::move(command));
  read_then(call, [command = std::move(command)](const CallPtr& waiting, store::TenantReader& reader) {
    std::vector<Violation> hidden;
    for (const ExecutionId& id : command.ids) {
      const auto header = reader.execution(id);
      if (!header) return waiting->reply_error(header.error());
      if (!*header || !waiting->allows((*header)->ns)) hidden.push_back({id.str(), "execution not found", 0, 0, {}});
    }
    hidden.empty() ? start(waiting, command) : waiting->reply(bulk_problem_response(command.kind, hidden));
  });
}

void by_ids(const CallPtr& call) {
  const Result<Json> body = call->json_body();
  if (!body) return call->reply_error(body.error());
  const bool has_labels = body->is_object();
  auto ids = ids_of(has_labels ? find(*body, "executionsId") : &*body);
  if (!ids || ids->size() > kPageSizeMax)
    return call->reply_error({ErrorKind::invalid, "body-invalid", fmt::format("Unprocessable Entity: a list of at most {} ids is expected", kPageSizeMax), {}, {}});
  auto command = command_of(*call, has_labels ? find(*body, "executionLabels") : nullptr);
  if (!command) return call->reply_error(command.error());
  command->ids = std::move(*ids);
  if (command->ids.empty()) return call->reply_json(JsonObject{{"count", 0}, {"operationId", nullptr}, {"totalItems", 0}});
  check_then_start(call, std::move(*command));
}

void by_query(const CallPtr& call) {
  auto query = call->search(execution_search());
  if (!query) return call->reply_error(query.error());
  Json labels;
  if (kind_of(call->route()) == "labels") {
    Result<Json> body = call->json_body();
    if (!body) return call->reply_error(body.error());
    labels = std::move(*body);
  }
  auto command = command_of(*call, &labels);
  if (!command) return call->reply_error(command.error());
  command->query = std::move(*query);
  start(call, std::move(*command));
}

}  // namespace

void add_execution_bulk_routes(Routes& routes) {
  using enum http::Method;
  struct Bulk { http::Method method; std::string_view kind; Action action; std::string_view doc; };
  static constexpr std::array<Bulk, 9> bulks = {{{post, "restart", Action::restart, "Restarts several executions."},
                                                 {post, "replay", Action::replay, "Replays several executions."},
                                                 {post, "pause", Action::pause, "Pauses several executions."},
                                                 {post, "resume", Action::resume, "Resumes several executions."},
                                                 {del, "kill", Action::kill, "Kills several executions."},
                                                 {post, "change-status", Action::update, "Changes the state of several ended executions."},
                                                 {post, "labels", Action::change_labels, "Adds labels to several ended executions."},
                                                 {post, "unqueue", Action::unqueue, "Takes several executions out of their queues."},
                                                 {post, "force-run", Action::force_run, "Runs several executions that wait."}}};
  for (const Bulk& bulk : bulks) {
    routes.emplace_back(bulk.method, fmt::format("/api/v1/{{tenant}}/executions/{}/by-ids", bulk.kind), needs(Resource::execution, bulk.action), by_ids, bulk.doc);
    routes.emplace_back(bulk.method, fmt::format("/api/v1/{{tenant}}/executions/{}/by-query", bulk.kind), needs(Resource::execution, bulk.action), by_query, bulk.doc);
  }
  routes.emplace_back(del, "/api/v1/{tenant}/executions/by-ids", needs(Resource::execution, Action::delete_), by_ids, "Deletes several executions.");
  routes.emplace_back(del, "/api/v1/{tenant}/executions/by-query", needs(Resource::execution, Action::delete_), by_query, "Deletes the executions that match.");
}

}  // namespace insula::api
