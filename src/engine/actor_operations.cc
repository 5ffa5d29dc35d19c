// Commands too large for one turn: a row with a cursor, a bounded slice per turn, the row written in the same turn as the slice's effects.
#include "engine/reply.h"

namespace insula::engine {

namespace {

constexpr std::size_t kSlice = 200;            // executions per turn
constexpr std::size_t kIdsMax = 10'000;

JsonObject to_json(const store::Query& query) {
  JsonArray filters;
  for (const store::Filter& filter : query.filters) {
    JsonArray values;
    for (const std::string& value : filter.values) values.emplace_back(value);
    filters.push_back(JsonObject{{"field", filter.field}, {"op", static_cast<int>(filter.op)}, {"key", filter.key}, {"values", std::move(values)}});
  }
  JsonObject object{{"filters", std::move(filters)}};
  if (query.namespaces) {
    JsonArray list;
    for (const std::string& ns : *query.namespaces) list.emplace_back(ns);
    object["namespaces"] = std::move(list);
  }
  return object;
}

store::Query query_from(const JsonObject& object) {
  store::Query query;
  if (const Json* filters = find(object, "filters")) {
    for (const Json& item : filters->as_array()) {
      const JsonObject& entry = item.as_object();
      store::Filter filter{text_or(entry, "field"), static_cast<store::Op>(entry.at("op").to_number<int>()), text_or(entry, "key"), {}};
      for (const Json& value : entry.at("values").as_array()) filter.values.push_back(to_text(value));
      query.filters.push_back(std::move(filter));
    }
  }
  if (const Json* list = find(object, "namespaces")) {
    query.namespaces.emplace();
    for (const Json& ns : list->as_array()) query.namespaces->push_back(to_text(ns));
  }
  return query;
}

JsonObject to_json(const Action& action) {
  if (const auto* change = std::get_if<ChangeStatusAction>(&action)) return {{"state", execution::to_string(change->state)}};
  if (const auto* unqueue = std::get_if<UnqueueAction>(&action)) return {{"state", execution::to_string(unqueue->state)}};
  if (const auto* replay = std::get_if<ReplayAction>(&action)) return {{"latestRevision", replay->latest_revision}};
  if (const auto* labels = std::get_if<SetLabelsAction>(&action)) {
    JsonArray list;
    for (const flow::Label& label : labels->labels) list.push_back(JsonObject{{"key", label.key}, {"value", label.value}});
    return {{"labels", std::move(list)}};
  }
  return {};
}

std::optional<Action> action_from(const std::string& kind, const JsonObject& options) {
  if (kind == "kill") return KillAction{};
  if (kind == "pause") return PauseAction{};
  if (kind == "resume") return ResumeAction{};
  if (kind == "restart") return RestartAction{};
  if (kind == "force-run") return ForceRunAction{};
  if (kind == "replay") {
    const Json* latest = find(options, "latestRevision");
    ReplayAction action;
    action.latest_revision = latest != nullptr && latest->is_bool() && latest->get_bool();
    return action;
  }
  const auto state = execution::parse_state(text_or(options, "state"));
  if (kind == "change-status" && state) return ChangeStatusAction{*state};
  if (kind == "unqueue") return UnqueueAction{state.value_or(execution::State::running)};
  if (kind == "labels") {
    SetLabelsAction action;
    for (const Json& label : options.at("labels").as_array()) action.labels.push_back({text_or(label.as_object(), "key"), text_or(label.as_object(), "value")});
    return action;
  }
  return std::nullopt;
}

}  // namespace

void TenantActor::start_operation(const BulkCommand& command, std::shared_ptr<Reply<store::OperationRow>> reply) {
  if (command.ids.size() > kIdsMax) {
    return reply_after<store::OperationRow>(reply, fail(ErrorKind::invalid, "bulk-too-large", fmt::format("at most {} ids are taken at once; use a query", kIdsMax)));
  }
  if (command.kind == "restart" || command.kind == "replay") {
    if (auto may = may_start(); !may) return reply_after<store::OperationRow>(reply, fail(may.error()));
  }
  // By ids: one that does not allow the action stops all of them (sharp edge 63).
  Error invalid{ErrorKind::bad_request, "bulk-invalid", fmt::format("invalid bulk {}", command.kind), {}, {}};
  for (const ExecutionId& id : command.ids) {
    auto header = store_->read().execution(id);
    if (!header) return reply_after<store::OperationRow>(reply, fail(header.error()));
    const auto memory = runs_.find(id);
    if (!*header && memory == runs_.end()) {
      invalid.violations.push_back({"execution", "execution not found", 0, 0, id.str()});
      continue;
    }
    const execution::State state = memory != runs_.end() ? memory->second.run.header().state.current() : (*header)->state.current();
    if (auto reason = refusal_of(command.kind, state, command.include_non_terminated)) invalid.violations.push_back({"execution", *reason, 0, 0, id.str()});
  }
  if (!invalid.violations.empty()) return reply_after<store::OperationRow>(reply, fail(std::move(invalid)));

  store::OperationRow row;
  row.id = ids_.next_as<OperationId>(now_);
  row.kind = command.kind;
  row.state = "RUNNING";
  row.created = row.updated = now_;
  JsonArray ids;
  for (const ExecutionId& id : command.ids) ids.emplace_back(id.str());
  JsonObject arguments{{"ids", std::move(ids)}, {"includeNonTerminated", command.include_non_terminated}};
  arguments["delete"] = {{"logs", command.delete_options.logs}, {"metrics", command.delete_options.metrics}, {"storage", command.delete_options.storage}};
  if (command.query) arguments["query"] = to_json(*command.query);
  if (command.action) arguments["action"] = to_json(*command.action);
  row.arguments = std::move(arguments);
  row.total = static_cast<std::int64_t>(command.ids.size());
  if (command.query) {
    auto total = store_->read().count_executions(*command.query);
    if (!total) return reply_after<store::OperationRow>(reply, fail(total.error()));
    row.total = *total;
  }
  audit({.kind = command.kind == "delete" ? "DELETE" : "UPDATE", .resource = "EXECUTION", .object_id = row.id.str(), .ns = {}, .flow_id = {}, .execution_id = {},
         .detail = {{"action", command.kind}, {"bulk", row.arguments}, {"total", row.total}}, .before = {}, .after = {}});
  // Those who may see some namespaces only see what they started.
  if (!who_.nobody()) row.arguments.as_object()["by"] = who_.user.str();
  turn_.rows().operations.push_back(row);
  const OperationId id = row.id;
  operation_replies_.emplace(id, std::move(reply));
  operations_.insert_or_assign(id, std::move(row));
  advancing_.push_back(id);
}

// The actor that started it is gone; its row says how far it is.
void TenantActor::await_operation(const OperationId& id, std::shared_ptr<Reply<store::OperationRow>> reply) {
  if (operations_.contains(id)) {
    operation_replies_.emplace(id, std::move(reply));
    return;
  }
  auto row = store_->read().operation(id);
  if (!row) return reply_after<store::OperationRow>(reply, fail(row.error()));
  if (!*row) return reply_after<store::OperationRow>(reply, fail(ErrorKind::unavailable, "operation-not-started", "the operation was not started; try again"));
  reply_after<store::OperationRow>(reply, std::move(**row));
}

// Why this action is not possible in this state, or nothing.
std::optional<std::string> TenantActor::refusal_of(const std::string& kind, execution::State state, bool include_non_terminated) {
  const bool terminal = execution::is_terminal(state);
  if (kind == "kill" && terminal) return "execution already finished";
  if (kind == "delete" && !terminal && !include_non_terminated) return std::nullopt;  // skipped, not refused
  if (kind == "restart" && !terminal && state != execution::State::paused) return "execution not in state FAILED";
  if (kind == "resume" && state != execution::State::paused) return "execution not in state PAUSED";
  if (kind == "pause" && state != execution::State::running) return "execution not in state RUNNING";
  if (kind == "unqueue" && state != execution::State::queued) return "execution not in state QUEUED";
  if (kind == "change-status" && !terminal) return "execution not terminated";
  if (kind == "labels" && !terminal) return "execution is not terminated";
  if (kind == "force-run" && terminal) return "execution already finished";
  return std::nullopt;
}

// Its executions cannot be listed (a read that takes too long): what was done stays done.
void TenantActor::fail_operation(store::OperationRow row, const Error& error) {
  log::error(scope_.tenant(), "operation {} ({}) ended: {} {}", row.id, row.kind, error.message, error.detail);
  row.state = "FAILED";
  row.updated = now_;
  operations_.erase(row.id);
  turn_.rows().operations.push_back(row);
  const auto reply = operation_replies_.find(row.id);
  if (reply == operation_replies_.end()) return;
  reply_after<store::OperationRow>(reply->second, fail(error));
  operation_replies_.erase(reply);
}

void TenantActor::advance_operation(const OperationId& id) {
  const auto at = operations_.find(id);
  if (at == operations_.end()) return;
  store::OperationRow& row = at->second;
  const JsonObject& arguments = row.arguments.as_object();
  std::vector<ExecutionId> slice;
  if (const Json* query = find(arguments, "query")) {
    auto ids = store_->read().execution_ids(query_from(query->as_object()), ExecutionId(row.cursor), kSlice);
    if (!ids) return fail_operation(at->second, ids.error());
    slice = std::move(*ids);
    if (!slice.empty()) row.cursor = slice.back().str();
  } else {
    const JsonArray& ids = arguments.at("ids").as_array();
    std::size_t next = row.cursor.empty() ? 0 : static_cast<std::size_t>(std::stoul(row.cursor));
    for (; next < ids.size() && slice.size() < kSlice; ++next) slice.emplace_back(to_text(ids[next]));
    row.cursor = std::to_string(next);
  }
  const Json* options = find(arguments, "action");
  const std::optional<Action> action = action_from(row.kind, options != nullptr ? options->as_object() : JsonObject{});
  for (const ExecutionId& execution : slice) {
    bool done;
    if (row.kind == "delete") {
      const JsonObject& what = arguments.at("delete").as_object();
      auto header = store_->read().execution(execution);
      const bool ended = header && *header && (*header)->state.is_terminal();
      done = (ended || arguments.at("includeNonTerminated").as_bool()) &&
             delete_now(execution, {what.at("logs").as_bool(), what.at("metrics").as_bool(), what.at("storage").as_bool()}).has_value();
    } else {
      done = action && act_now(execution, *action).has_value();
    }
    ++(done ? row.done : row.failed);
  }
  row.updated = now_;
  const bool finished = slice.size() < kSlice;
  row.state = finished ? "DONE" : "RUNNING";
  turn_.rows().operations.push_back(row);
  const auto reply = operation_replies_.find(id);
  if (reply != operation_replies_.end() && (finished || now_ - row.created > std::chrono::seconds(2))) {
    reply_after<store::OperationRow>(reply->second, row);
    operation_replies_.erase(reply);
  }
  if (finished) operations_.erase(at);
  else advancing_.push_back(id);
}

}  // namespace insula::engine
