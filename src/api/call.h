// One request on its way through the api: what was asked, who asks, in which tenant, and the one place that answers.
#pragma once
#include "api/open_requests.h"
#include "api/problem.h"
#include "api/router.h"
#include "api/search.h"
#include "engine/engine.h"

namespace insula::api {

struct Parts;

enum class SignedInBy { nothing, password, token, session };

// Who calls. Empty id: nobody (public routes and webhooks).
struct Principal {
  UserId id;
  std::string email, first_name, last_name;
  bool super_admin = false;
  bool restricted = false;
  bool service_account = false;
  TenantUid home;                              // of a service account that one tenant made: nobody outside it; empty = of the instance
  SignedInBy by = SignedInBy::nothing;
  UserId impersonator;                         // who acts as this user; empty = they themselves
  std::string impersonator_name;               // their username
  const std::string& username() const { return email; }  // of a service account: its name
};

// Shared by the callbacks that work for it; answers once (the exchange ignores later answers). Any thread, one at a time.
class Call : public std::enable_shared_from_this<Call> {
 public:
  Call(Parts& parts, http::Request&& request, std::shared_ptr<http::Exchange> exchange) : parts_(parts), request_(std::move(request)), exchange_(std::move(exchange)) {}

  // ---- what was asked
  Parts& parts() const { return parts_; }
  engine::Engine& engine() const;
  const std::string& base_url() const;                                         // base of links
  const http::Request& request() const { return request_; }
  http::Request& request() { return request_; }
  const http::Target& target() const { return request_.target; }
  const std::shared_ptr<http::Exchange>& exchange() const { return exchange_; }
  std::string_view parameter(std::string_view name) const { return match_.parameter(name); }
  Namespace ns() const { return Namespace(parameter("namespace")); }
  FlowId flow_id() const { return FlowId(parameter("flow")); }
  ExecutionId execution_id() const { return ExecutionId(parameter("execution")); }
  std::string_view query(std::string_view name, std::string_view otherwise = {}) const;
  bool flag(std::string_view name, bool otherwise) const;                       // `true` in any case; anything else given is false
  Result<std::optional<int>> revision() const;                                  // `revision`; 422 when it is no number
  Result<store::Query> search(const SearchRules& rules) const;                  // with the caller's namespaces
  Result<Json> json_body() const;                                               // error invalid (422), also when it is empty
  bool is_action_path() const;                                                  // 2.0's `/actions/…`, which answers other codes
  Instant now() const;

  // ---- who asks
  const Route& route() const { return *match_.route; }
  const Principal& principal() const { return principal_; }
  const TenantId& tenant() const { return scope_->tenant(); }
  const store::TenantScope& scope() const { return *scope_; }                  // carries the caller as its actor
  bool has_scope() const { return scope_.has_value(); }                         // routes of a tenant
  std::span<const access::Grant> grants() const { return grants_; }
  bool has_access() const { return has_access_; }                              // to the tenant of the path
  store::Actor actor() const;
  // An entry of the audit log about something the caller does now; the handler adds what it knows of the object.
  store::AuditRow audit_entry(std::string_view kind, std::string_view resource, std::string_view object_id) const;
  // May the caller do in this namespace what the route is about?
  bool allows(const Namespace& ns) const;
  Result<void> require(const Namespace& ns) const;                              // forbidden, with the resource and action in the message
  // Namespaces (with their children) in which the caller may; nullopt = everywhere.
  std::optional<std::vector<std::string>> namespaces() const;

  // ---- the answer
  void reply(http::Response response);
  void reply_json(const Json& body, int status = 200);
  void reply_empty(int status) { reply(http::Response::empty(status)); }
  void reply_error(const Error& error);
  // Runs `work`; an exception that leaves it is logged and answered with 500 (exceptions stop here).
  void guarded(const std::function<void()>& work) noexcept;

 private:
  friend class Admittance;
  void note_denied();
  Parts& parts_;
  http::Request request_;
  std::shared_ptr<http::Exchange> exchange_;
  Match match_;
  Principal principal_;
  std::optional<store::TenantScope> scope_;
  std::vector<access::Grant> grants_;
  bool has_access_ = false;
  OpenRequests::Ticket ticket_;   // of its tenant
};

// ---- the usual ways to an answer

// `work` reads on a reader thread and gives the JSON of a 200.
template <class Work>
void read_json(const CallPtr& call, Work work) {
  call->engine().read(call->scope(), [call, work = std::move(work)](Result<store::TenantReader*> reader) mutable {
    if (!reader) return call->reply_error(reader.error());
    call->guarded([&] {
      Result<Json> body = work(*call, **reader);
      body ? call->reply_json(*body) : call->reply_error(body.error());
    });
  });
}

// `work` reads on a reader thread and answers by itself, or later.
template <class Work>
void read_then(const CallPtr& call, Work work) {
  call->engine().read(call->scope(), [call, work = std::move(work)](Result<store::TenantReader*> reader) mutable {
    if (!reader) return call->reply_error(reader.error());
    call->guarded([&] { work(call, **reader); });
  });
}

// The continuation of an engine command: errors are answered here, the value goes to `work`.
template <class T, class Work>
engine::Reply<T> then(const CallPtr& call, Work work) {
  return [call, work = std::move(work)](Result<T> result) mutable {
    if (!result) return call->reply_error(result.error());
    call->guarded([&] {
      if constexpr (std::is_void_v<T>) work();
      else work(std::move(*result));
    });
  };
}

// Work that blocks on files or hashes but needs no tenant's rows.
template <class Work>
void off_thread(const CallPtr& call, Work work) {
  call->engine().read_system([call, work = std::move(work)](store::Stores& stores) mutable { call->guarded([&] { work(call, stores); }); });
}

template <class Row, class Show>
Json page_json(const store::Found<Row>& found, Show show) {
  JsonArray results;
  results.reserve(found.rows.size());
  for (const Row& row : found.rows) results.push_back(show(row));
  return JsonObject{{"results", std::move(results)}, {"total", found.total}};
}

// One after another: `step(index, next)` calls `next` when it is done; then `finish`.
void in_order(std::size_t count, std::function<void(std::size_t, std::function<void()>)> step, std::function<void()> finish);

}  // namespace insula::api
