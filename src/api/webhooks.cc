// Webhooks: anonymous, the key in the path authorises. The key is compared by the engine with the rendered key of each trigger of the flow.
#include "api/flow_json.h"
#include "api/execution_json.h"
#include "api/parts.h"
#include "api/routes.h"

namespace insula::api {
namespace {

engine::WebhookCall read_call(Call& call) {
  engine::WebhookCall webhook;
  webhook.ns = call.ns();
  webhook.flow_id = call.flow_id();
  webhook.key = call.parameter("key");
  webhook.method = call.request().method_text;
  const http::Headers& headers = call.request().headers;
  for (std::size_t i = 0; i < headers.size(); ++i) webhook.headers[std::string(headers[i].name)].emplace_back(headers[i].value);
  for (const auto& [name, value] : call.target().query) webhook.parameters[name].push_back(value);
  webhook.body = std::move(call.request().body);
  return webhook;
}

// 2.0's WebhookResponse: what the caller may know of the execution it started.
JsonObject webhook_json(const Call& call, const execution::Header& header) {
  JsonObject whole = execution::to_json(header, {});
  JsonObject json{{"tenantId", call.tenant().str()}};
  for (const char* key : {"id", "namespace", "flowId", "flowRevision", "trigger", "outputs", "labels", "state"})
    if (Json* value = whole.if_contains(key)) json[key] = std::move(*value);
  json["url"] = execution_url(call, header);
  return json;
}

void receive(const CallPtr& call) {
  WebhookGuard& guard = call->parts().webhook_guard;
  const std::string& address = call->request().remote_address;
  if (guard.is_blocked(address, call->scope().uid(), call->now()))
    return call->reply_error({ErrorKind::unavailable, "login-throttled", "too many calls with a wrong key from this address; try again in a minute", {}, {}});
  if (call->request().is_multipart) return call->reply_error({ErrorKind::unsupported, "media-type-unsupported", "Content Type [multipart/form-data] not allowed", {}, {}});
  call->engine().webhook(call->scope(), read_call(*call), [call](Result<engine::Started> started) {
    if (started) return call->guarded([&] { call->reply_json(webhook_json(*call, started->header)); });
    if (started.error().code == "webhook-conditions") return call->reply_empty(409);
    if (started.error().kind == ErrorKind::not_found) call->parts().webhook_guard.note_miss(call->request().remote_address, call->scope().uid(), call->now());
    call->reply_error(started.error());
  });
}

}  // namespace

bool WebhookGuard::is_blocked(const std::string& address, const TenantUid& tenant, Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto found = misses_.find(fmt::format("{}\n{}", address, tenant));
  return found != misses_.end() && now - found->second.since <= kWindow && found->second.count >= kMissesMax;
}

void WebhookGuard::note_miss(const std::string& address, const TenantUid& tenant, Instant now) {
  constexpr std::size_t entries_max = 100'000;
  const std::scoped_lock lock(mutex_);
  if (misses_.size() >= entries_max) misses_.clear();
  Misses& misses = misses_[fmt::format("{}\n{}", address, tenant)];
  if (misses.count == 0 || now - misses.since > kWindow) misses = {0, now};
  ++misses.count;
}

void add_webhook_routes(Routes& routes) {
  using enum http::Method;
  for (const http::Method method : {get, post, put})
    routes.emplace_back(method, "/api/v1/{tenant}/executions/webhook/{namespace}/{flow}/{key}", webhook_key(), receive, "Starts an execution by a webhook trigger.");
}

}  // namespace insula::api
