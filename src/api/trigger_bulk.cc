// One action on several triggers, named in the body or found by a query: `{count}`.
#include "api/routes.h"
#include "api/trigger_json.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;
using Names = std::vector<TriggerName>;
using Done = std::function<void(bool done, std::optional<Error> error)>;
using Act = std::function<void(const CallPtr& call, const TriggerName& name, Done done)>;

struct Progress {
  std::int64_t count = 0;
  std::optional<Error> error;
};

void act_on_all(const CallPtr& call, Names found, Act act) {
  const auto progress = std::make_shared<Progress>();
  const auto names = std::make_shared<const Names>(std::move(found));
  in_order(names->size(), [call, progress, names, act = std::move(act)](std::size_t index, std::function<void()> next) {
    if (progress->error) return next();
    act(call, (*names)[index], [progress, next](bool done, std::optional<Error> error) {
      progress->count += done ? 1 : 0;
      if (error && error->kind != ErrorKind::not_found && error->kind != ErrorKind::conflict) progress->error = std::move(error);
      next();
    });
  }, [call, progress] {
    progress->error ? call->reply_error(*progress->error) : call->reply_json(JsonObject{{"count", progress->count}});
  });
}

template <class T>
engine::Reply<T> counted(Done done) {
  return [done = std::move(done)](Result<T> result) { result ? done(true, std::nullopt) : done(false, std::move(result.error())); };
}

Act disabling(bool disabled) {
  return [disabled](const CallPtr& call, const TriggerName& name, Done done) {
    call->engine().set_trigger_disabled(call->scope(), name.ns, name.flow, name.id, disabled, counted<store::TriggerRow>(std::move(done)));
  };
}
void unlock(const CallPtr& call, const TriggerName& name, Done done) {
  call->engine().unlock_trigger(call->scope(), name.ns, name.flow, name.id, counted<store::TriggerRow>(std::move(done)));
}
void remove(const CallPtr& call, const TriggerName& name, Done done) {
  call->engine().delete_trigger(call->scope(), name.ns, name.flow, name.id, counted<void>(std::move(done)));
}

Result<Names> names_in(const Call& call, const Json* list) {
  const auto* array = list != nullptr ? list->if_array() : nullptr;
  if (array == nullptr || array->size() > kPageSizeMax)
    return fail(ErrorKind::invalid, "body-invalid", fmt::format("Unprocessable Entity: a list of at most {} triggers is expected", kPageSizeMax));
  Names names;
  for (const Json& item : *array) {
    const auto* object = item.if_object();
    if (object == nullptr) return fail(ErrorKind::invalid, "body-invalid", "Unprocessable Entity: each trigger is an object with `namespace`, `flowId` and `triggerId`");
    names.push_back(trigger_name(*object));
    if (auto may = call.require(names.back().ns); !may) return fail(std::move(may.error()));
  }
  return names;
}

void by_query(const CallPtr& call, Act act) {
  auto query = call->search(trigger_search());
  if (!query) return call->reply_error(query.error());
  query->page.number = 1;
  query->page.size = kPageSizeMax;
  read_then(call, [query = std::move(*query), act = std::move(act)](const CallPtr& waiting, store::TenantReader& reader) {
    const auto found = reader.search_triggers(query);
    if (!found) return waiting->reply_error(found.error());
    Names names;
    for (const store::TriggerRow& row : found->rows) names.push_back({row.ns, row.flow_id, row.id});
    act_on_all(waiting, std::move(names), act);
  });
}

void set_disabled_by_triggers(const CallPtr& call) {
  const Result<Json> body = call->json_body();
  if (!body) return call->reply_error(body.error());
  const Json* disabled = find(*body, "disabled");
  if (disabled == nullptr || !disabled->is_bool()) return call->reply_error({ErrorKind::invalid, "body-invalid", "Unprocessable Entity: `disabled` must be true or false", {}, {}});
  auto names = names_in(*call, find(*body, "triggers"));
  names ? act_on_all(call, std::move(*names), disabling(disabled->get_bool())) : call->reply_error(names.error());
}

void set_disabled_by_query(const CallPtr& call) { by_query(call, disabling(call->flag("disabled", true))); }

// A bare list, or `{triggers: […]}`.
void by_triggers(const CallPtr& call, const Act& act) {
  const Result<Json> body = call->json_body();
  if (!body) return call->reply_error(body.error());
  auto names = names_in(*call, body->is_object() ? find(*body, "triggers") : &*body);
  names ? act_on_all(call, std::move(*names), act) : call->reply_error(names.error());
}

void unlock_by_triggers(const CallPtr& call) { by_triggers(call, unlock); }
void unlock_by_query(const CallPtr& call) { by_query(call, unlock); }
void delete_by_triggers(const CallPtr& call) { by_triggers(call, remove); }
void delete_by_query(const CallPtr& call) { by_query(call, remove); }

}  // namespace

void add_trigger_bulk_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(post, "/api/v1/{tenant}/triggers/set-disabled/by-triggers", needs(Resource::trigger, Action::update), set_disabled_by_triggers, "Disables or enables the named triggers.");
  routes.emplace_back(post, "/api/v1/{tenant}/triggers/set-disabled/by-query", needs(Resource::trigger, Action::update), set_disabled_by_query, "Disables or enables the triggers that match.");
  routes.emplace_back(post, "/api/v1/{tenant}/triggers/unlock/by-triggers", needs(Resource::trigger, Action::unlock), unlock_by_triggers, "Unlocks the named triggers.");
  routes.emplace_back(post, "/api/v1/{tenant}/triggers/unlock/by-query", needs(Resource::trigger, Action::unlock), unlock_by_query, "Unlocks the triggers that match.");
  routes.emplace_back(del, "/api/v1/{tenant}/triggers/delete/by-triggers", needs(Resource::trigger, Action::delete_), delete_by_triggers, "Forgets the state of the named triggers.");
  routes.emplace_back(del, "/api/v1/{tenant}/triggers/delete/by-query", needs(Resource::trigger, Action::delete_), delete_by_query, "Forgets the state of the triggers that match.");
}

}  // namespace insula::api
