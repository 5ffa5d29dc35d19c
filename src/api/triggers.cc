// Triggers: search, state, and what can be done with one.
#include "api/csv.h"
#include "api/routes.h"
#include "api/trigger_json.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

TriggerName name_in_path(const Call& call) { return {call.ns(), call.flow_id(), TriggerId(call.parameter("trigger"))}; }

engine::Reply<store::TriggerRow> reply_row(const CallPtr& call, TriggerName name) {
  return [call, name = std::move(name)](Result<store::TriggerRow> row) {
    if (!row) return call->reply_error(row.error().code == "trigger-unknown" ? unknown_trigger(name) : row.error());
    call->guarded([&] { call->reply_json(trigger_json(call->tenant(), *row)); });
  };
}

// What the flow says of each trigger of a page; a flow is read once.
class Declarations {
 public:
  Declarations(const Call& call, store::TenantReader& reader) : call_(call), reader_(reader) {}

  Json tree(const store::TriggerRow& row) {
    const auto flow = flows_.try_emplace({row.ns, row.flow_id}).first;
    if (!flow->second) {
      const auto stored = reader_.flow(row.ns, row.flow_id);
      const auto compiled = stored && *stored ? call_.engine().compiled(call_.scope(), **stored) : Result<std::shared_ptr<const flow::Flow>>(nullptr);
      flow->second = compiled ? *compiled : nullptr;
    }
    const flow::Trigger* trigger = *flow->second ? (*flow->second)->find(row.id) : nullptr;
    return trigger != nullptr ? trigger->tree : Json(JsonObject{{"id", row.id.str()}, {"type", row.type}});
  }

 private:
  const Call& call_;
  store::TenantReader& reader_;
  std::map<std::pair<Namespace, FlowId>, std::optional<std::shared_ptr<const flow::Flow>>> flows_;
};

void search_triggers(const CallPtr& call) {
  auto query = call->search(trigger_search());
  if (!query) return call->reply_error(query.error());
  read_json(call, [query = std::move(*query)](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto found = reader.search_triggers(query);
    if (!found) return fail(found.error());
    Declarations declarations(c, reader);
    // Both names of each: 1.x's `abstractTrigger` and `triggerContext`, 2.0's `trigger` and `state`.
    return page_json(*found, [&](const store::TriggerRow& row) {
      Json tree = declarations.tree(row);
      JsonObject state = trigger_json(c.tenant(), row);
      return JsonObject{{"abstractTrigger", tree}, {"triggerContext", state}, {"trigger", tree}, {"state", state}};
    });
  });
}

void triggers_of_flow(const CallPtr& call) {
  auto page = read_page(call->target(), trigger_search());
  if (!page) return call->reply_error(page.error());
  store::Query query;
  query.page = std::move(*page);
  query.filters.push_back({"namespace", store::Op::equals, {}, {call->ns().str()}});
  query.filters.push_back({"flowId", store::Op::equals, {}, {call->flow_id().str()}});
  if (const std::string_view words = call->query("q"); !words.empty()) query.filters.push_back({"q", store::Op::equals, {}, {std::string(words)}});
  read_json(call, [query = std::move(query)](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto found = reader.search_triggers(query);
    if (!found) return fail(found.error());
    return page_json(*found, [&](const store::TriggerRow& row) { return trigger_json(c.tenant(), row); });
  });
}

std::optional<bool> flag_in(const JsonObject& object, std::string_view key) {
  const Json* value = find(object, key);
  return value != nullptr && value->is_bool() ? std::optional(value->get_bool()) : std::nullopt;
}

Error no_backfills() { return illegal_argument("backfill-unsupported", "backfills are not part of this version").error(); }

// The whole trigger of 1.x, of which only `disabled` can be set; state that comes along is ignored.
void update_trigger(const CallPtr& call) {
  const Result<Json> body = call->json_body();
  if (!body || !body->is_object()) return call->reply_error(body ? Error{ErrorKind::invalid, "body-invalid", "Unprocessable Entity: an object is expected", {}, {}} : body.error());
  const JsonObject& object = body->get_object();
  const TriggerName name = trigger_name(object);
  if (const auto may = call->require(name.ns); !may) return call->reply_error(may.error());
  const Json* backfill = find(object, "backfill");
  if (backfill != nullptr && !backfill->is_null()) return call->reply_error(no_backfills());
  if (const auto disabled = flag_in(object, "disabled"))
    return call->engine().set_trigger_disabled(call->scope(), name.ns, name.flow, name.id, *disabled, reply_row(call, name));
  read_json(call, [name](Call& c, store::TenantReader& reader) -> Result<Json> {
    const auto row = reader.trigger(name.ns, name.flow, name.id);
    if (!row) return fail(row.error());
    if (!*row) return fail(unknown_trigger(name));
    return trigger_json(c.tenant(), **row);
  });
}

void unlock(const CallPtr& call) {
  const TriggerName name = name_in_path(*call);
  call->engine().unlock_trigger(call->scope(), name.ns, name.flow, name.id, reply_row(call, name));
}

void restart(const CallPtr& call) {
  const TriggerName name = name_in_path(*call);
  call->engine().restart_trigger(call->scope(), name.ns, name.flow, name.id, reply_row(call, name));
}

void remove(const CallPtr& call) {
  const TriggerName name = name_in_path(*call);
  call->engine().delete_trigger(call->scope(), name.ns, name.flow, name.id, [call, name](Result<void> removed) {
    if (!removed) return call->reply_error(removed.error().code == "trigger-unknown" ? unknown_trigger(name) : removed.error());
    call->reply_empty(204);
  });
}

void export_csv(const CallPtr& call) {
  auto query = call->search(trigger_search());
  if (!query) return call->reply_error(query.error());
  query->page.number = 1;
  query->page.size = kPageSizeMax;
  read_then(call, [query = std::move(*query)](const CallPtr& waiting, store::TenantReader& reader) {
    const auto found = reader.search_triggers(query);
    if (!found) return waiting->reply_error(found.error());
    std::vector<JsonObject> rows;
    for (const store::TriggerRow& row : found->rows) rows.push_back(trigger_json(waiting->tenant(), row));
    http::Response response = http::Response::text(200, write_csv(rows), "text/csv");
    response.headers.set("Content-Disposition", "attachment; filename=triggers.csv");
    waiting->reply(std::move(response));
  });
}

void refuse_backfill(const CallPtr& call) { call->reply_error(no_backfills()); }

}  // namespace

JsonObject trigger_json(const TenantId& tenant, const store::TriggerRow& row) {
  JsonObject json{{"tenantId", tenant.str()}, {"namespace", row.ns.str()}, {"flowId", row.flow_id.str()}, {"triggerId", row.id.str()}};
  if (row.date) json["date"] = format_instant_short(*row.date);
  if (row.next_execution_date) json["nextExecutionDate"] = format_instant_short(*row.next_execution_date);
  if (row.backfill.is_object()) json["backfill"] = row.backfill;
  if (row.execution_id) json["executionId"] = row.execution_id->str();
  json["disabled"] = row.disabled;
  return json;
}

TriggerName trigger_name(const JsonObject& object) {
  return {Namespace(text_or(object, "namespace")), FlowId(text_or(object, "flowId")), TriggerId(text_or(object, "triggerId", text_or(object, "id")))};
}

Error unknown_trigger(const TriggerName& name) { return {ErrorKind::not_found, "trigger-unknown", fmt::format("Flow {} has no trigger {}", name.flow, name.id), {}, {}}; }

void add_trigger_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/{tenant}/triggers/search", needs(Resource::trigger, Action::list), search_triggers, "Searches triggers by filters.");
  routes.emplace_back(get, "/api/v1/{tenant}/triggers/export/by-query/csv", needs(Resource::trigger, Action::export_), export_csv, "The triggers that match as CSV.");
  routes.emplace_back(get, "/api/v1/{tenant}/triggers/{namespace}/{flow}", needs(Resource::trigger, Action::list, "namespace"), triggers_of_flow, "The triggers of a flow.");
  routes.emplace_back(put, "/api/v1/{tenant}/triggers", needs(Resource::trigger, Action::update), update_trigger, "Disables or enables a trigger (1.x).");
  routes.emplace_back(put, "/api/v1/{tenant}/triggers/set-disabled", needs(Resource::trigger, Action::update), update_trigger, "Disables or enables a trigger.");
  routes.emplace_back(post, "/api/v1/{tenant}/triggers/{namespace}/{flow}/{trigger}/unlock", needs(Resource::trigger, Action::unlock, "namespace"), unlock, "Forgets the execution that locks a trigger.");
  routes.emplace_back(post, "/api/v1/{tenant}/triggers/{namespace}/{flow}/{trigger}/restart", needs(Resource::trigger, Action::restart, "namespace"), restart, "Lets a trigger begin anew.");
  routes.emplace_back(del, "/api/v1/{tenant}/triggers/{namespace}/{flow}/{trigger}", needs(Resource::trigger, Action::delete_, "namespace"), remove, "Forgets the state of a trigger; it is rebuilt from the flow.");
  for (const std::string_view verb : {"create", "pause", "unpause"})
    routes.emplace_back(put, fmt::format("/api/v1/{{tenant}}/triggers/backfill/{}", verb), needs(Resource::trigger, Action::backfill), refuse_backfill, "Not part of this version: says so.");
  routes.emplace_back(post, "/api/v1/{tenant}/triggers/backfill/delete", needs(Resource::trigger, Action::backfill), refuse_backfill, "Not part of this version: says so.");
}

}  // namespace insula::api
