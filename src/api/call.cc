#include "api/call.h"

#include <charconv>

#include "api/parts.h"

namespace insula::api {

engine::Engine& Call::engine() const { return parts_.engine; }

const std::string& Call::base_url() const { return parts_.options.url; }

std::string_view Call::query(std::string_view name, std::string_view otherwise) const { return request_.target.first(name).value_or(otherwise); }

bool Call::flag(std::string_view name, bool otherwise) const {
  const std::optional<std::string_view> value = request_.target.first(name);
  return value && !value->empty() ? lower_ascii(*value) == "true" : otherwise;
}

Result<std::optional<int>> Call::revision() const {
  const std::string_view text = query("revision");
  if (text.empty()) return std::optional<int>();
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 1)
    return illegal_argument("revision-invalid", fmt::format("'{}' is not a revision: a number from 1 is expected", text));
  return std::optional<int>(number);
}

Result<store::Query> Call::search(const SearchRules& rules) const {
  Result<store::Query> query = read_query(target(), rules, {now(), parts_.options.system_namespace});
  if (query) query->namespaces = namespaces();
  return query;
}

Result<Json> Call::json_body() const {
  if (trim(request_.body).empty()) return fail(ErrorKind::invalid, "body-missing", "Unprocessable Entity: a JSON body is expected, but the body is empty");
  Result<Json> body = parse_json(request_.body);
  if (!body) return fail(ErrorKind::invalid, body.error().code, fmt::format("Unprocessable Entity: Invalid JSON: {}", body.error().message));
  return body;
}

bool Call::is_action_path() const { return match_.route->pattern.contains("/actions/"); }

store::Actor Call::actor() const { return {principal_.id, principal_.username(), principal_.impersonator, request_.remote_address}; }

store::AuditRow Call::audit_entry(std::string_view kind, std::string_view resource, std::string_view object_id) const {
  store::AuditRow entry;
  entry.at = now();
  entry.id = parts_.next_id<AuditId>(entry.at);
  entry.kind = kind;
  entry.resource = resource;
  entry.object_id = object_id;
  entry.user = principal_.id;
  entry.user_name = principal_.username();
  entry.impersonator = principal_.impersonator;
  entry.address = request_.remote_address;
  return entry;
}

Instant Call::now() const { return parts_.engine.ports().clock->now(); }

bool Call::allows(const Namespace& ns) const {
  const Rule& rule = route().rule;
  return rule.is_run() ? access::allows_run(grants_, ns) : access::allows(grants_, rule.resource(), rule.action(), ns);
}

Result<void> Call::require(const Namespace& ns) const {
  if (allows(ns)) return {};
  return fail(ErrorKind::forbidden, "permission-missing",
              fmt::format("this needs the permission {} {} in namespace '{}'", access::to_string(route().rule.resource()), access::to_string(route().rule.action()), ns));
}

std::optional<std::vector<std::string>> Call::namespaces() const {
  const access::Namespaces allowed = access::namespaces_allowed(grants_, route().rule.resource(), route().rule.action());
  if (allowed.all) return std::nullopt;
  std::vector<std::string> prefixes;
  for (const Namespace& prefix : allowed.prefixes) prefixes.push_back(prefix.str());
  return prefixes;
}

void Call::reply(http::Response response) { exchange_->respond(std::move(response)); }

void Call::reply_json(const Json& body, int status) { reply(http::Response::json(status, write_json(body))); }

// Every denied attempt of somebody known is in a log: of the tenant, when they have to do with it, else of the instance.
void Call::note_denied() {
  const auto kind = request_.method == http::Method::get ? "READ" : request_.method == http::Method::post ? "CREATE" : request_.method == http::Method::del ? "DELETE" : "UPDATE";
  const bool of_tenant = scope_ && match_.route != nullptr && match_.route->rule.kind() == Rule::Kind::needs;
  store::AuditRow entry = audit_entry(kind, of_tenant ? access::to_string(match_.route->rule.resource()) : "INSTANCE", {});
  entry.result = "DENIED";
  entry.ns = ns();
  entry.flow_id = flow_id();
  entry.execution_id = execution_id();
  constexpr std::size_t path_bytes_max = 1'000;
  entry.detail = {{"method", request_.method_text}, {"path", std::string(std::string_view(request_.target.raw).substr(0, std::min(request_.target.raw.find('?'), path_bytes_max)))}};
  if (scope_) return engine().note(*scope_, std::move(entry));
  engine().read_system([entry = std::move(entry)](store::Stores& stores) {
    store::SystemTurn turn;
    turn.audit.push_back(entry);
    if (auto written = stores.system().commit(turn, entry.at); !written) log::warn("a denied request is not in the audit log: {}", written.error().message);
  });
}

void Call::reply_error(const Error& error) {
  if (error.kind == ErrorKind::forbidden && !principal_.id.empty()) note_denied();
  if (error.kind == ErrorKind::internal) log::error("{} {}: {} ({})", request_.method_text, request_.target.path, error.message, error.detail);
  reply(problem_response(error, request_.target.raw, parts_.options.realm));
}

void Call::guarded(const std::function<void()>& work) noexcept {
  try {
    work();
  } catch (const std::exception& exception) {
    reply_error({ErrorKind::internal, "internal", "the server failed to answer this request; its log says why", exception.what(), {}});
  }
}

void in_order(std::size_t count, std::function<void(std::size_t, std::function<void()>)> step, std::function<void()> finish) {
  struct Loop : std::enable_shared_from_this<Loop> {
    std::size_t count = 0;
    std::function<void(std::size_t, std::function<void()>)> step;
    std::function<void()> finish;
    void run(std::size_t index) {
      if (index == count) return finish();
      step(index, [self = shared_from_this(), index] { self->run(index + 1); });
    }
  };
  const auto loop = std::make_shared<Loop>();
  loop->count = count;
  loop->step = std::move(step);
  loop->finish = std::move(finish);
  loop->run(0);
}

}  // namespace insula::api
