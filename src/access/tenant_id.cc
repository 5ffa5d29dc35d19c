#include "access/tenant_id.h"

namespace insula::access {
namespace {

// Resources that stand first in a URL without a tenant, instance-level words that never take a tenant, and words of the UI and the server itself.
constexpr std::array<std::string_view, 102> words{
    "acls", "actuator", "admin", "ai", "api", "apps", "assets", "auditlogs", "auth", "auths", "banners", "basic", "basicauth", "basicauthvalidationerrors", "bindings",
    "blueprints", "cluster", "clusters", "concurrency-limit", "configs", "credentials", "dashboards", "default-dashboards", "dependencies", "env", "errors", "executions",
    "expressions", "favicon", "files", "flows", "forgotten-password", "groups", "health", "icons", "instance", "integrations", "invitation", "invitations", "kill-switches",
    "kv", "labels", "license", "license-info", "liveness", "loggers", "login", "logout", "logs", "main-tenant-flows", "mcp", "me", "metrics", "misc", "namespaces",
    "notifications", "oauth", "operations", "outputs", "pebble", "ping", "plugins", "policies", "prometheus", "quota-limits", "readiness", "request-code", "reset-password",
    "reusable-inputs", "roles", "search", "secrets", "security-integrations", "service-accounts", "settings", "setup", "sso", "static", "stats", "stream", "subflows",
    "support", "swagger", "taskruns", "templates", "tenant", "tenant-access", "tenants", "tests", "testsuites", "topology", "triggers", "ui", "usages", "users", "v1", "v2",
    "validate-password", "webhook", "welcome", "worker-groups", "worker-selectors"};
static_assert(std::is_sorted(words.begin(), words.end()));

bool is_start(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_inner(char c) { return is_start(c) || c == '-' || c == '_'; }

std::string proposal(std::string_view text) {
  std::string id = slugify(text.substr(0, tenant_id_bytes_max));
  if (is_reserved_route_word(id)) id = "team-" + id;
  return id.empty() ? "team-1" : id;
}

std::unexpected<Error> wrong(std::string_view text, std::string_view why) {
  return fail(ErrorKind::invalid, "tenant-id-invalid", fmt::format("'{}' cannot be the id of a tenant: {}; '{}' would do", text.substr(0, tenant_id_bytes_max), why, proposal(text)));
}

}  // namespace

std::span<const std::string_view> reserved_route_words() { return words; }
bool is_reserved_route_word(std::string_view word) { return std::binary_search(words.begin(), words.end(), word); }

Result<TenantId> check_tenant_id(std::string_view text) {
  if (text.empty()) return wrong(text, "it is empty");
  if (text.size() > tenant_id_bytes_max) return wrong(text, fmt::format("it is longer than {} characters", tenant_id_bytes_max));
  if (!is_start(text.front())) return wrong(text, "it must start with a lower-case letter or a digit");
  if (!std::all_of(text.begin(), text.end(), is_inner)) return wrong(text, "only lower-case letters, digits, '-' and '_' are allowed");
  if (is_reserved_route_word(text)) return wrong(text, "it is a word of the URLs of this server");
  return TenantId(text);
}

}  // namespace insula::access
