#include "api/api.h"

#include "api/parts.h"
#include "api/routes.h"

namespace insula::api {

namespace {

std::uint64_t seed() {
  const std::string bytes = random_bytes(sizeof(std::uint64_t));
  std::uint64_t number = 0;
  std::ranges::copy(bytes, reinterpret_cast<char*>(&number));
  return number;
}

}  // namespace

std::vector<Route> all_routes() {
  Routes routes;
  for (const auto add : {add_flow_routes, add_flow_bulk_routes, add_flow_transfer_routes, add_flow_validation_routes, add_graph_routes, add_dependency_routes, add_chart_routes, add_expression_routes, add_execution_routes, add_execution_start_routes,
                         add_execution_action_routes, add_execution_bulk_routes, add_execution_flow_routes, add_follow_routes, add_file_routes, add_webhook_routes,
                         add_log_routes, add_metric_routes, add_usage_routes, add_operation_routes, add_namespace_routes, add_trigger_routes, add_trigger_bulk_routes, add_tenant_routes, add_tenant_setting_routes, add_tenant_state_routes,
                         add_tenant_archive_routes, add_audit_routes, add_instance_routes, add_interface_routes, add_plugin_routes,
                         add_me_routes, add_acl_routes, add_role_routes, add_binding_routes, add_group_routes, add_group_member_routes, add_tenant_access_routes,
                         add_invitation_routes, add_invited_routes, add_user_routes, add_service_account_routes, add_tenant_service_account_routes, add_token_routes,
                         add_sign_in_routes, add_password_routes, add_setup_routes})
    add(routes);
  return routes;
}

std::string to_string(const Rule& rule) {
  switch (rule.kind()) {
    case Rule::Kind::open: return "public";
    case Rule::Kind::webhook_key: return "webhook key";
    case Rule::Kind::signed_in: return "signed in";
    case Rule::Kind::super_admin: return "super admin";
    case Rule::Kind::member:
    case Rule::Kind::needs: break;
  }
  std::string text = rule.kind() == Rule::Kind::member ? std::string("member of the tenant") : fmt::format("{} {}", access::to_string(rule.resource()), access::to_string(rule.action()));
  if (rule.is_run()) text += " or FLOW EXECUTE";
  if (rule.other()) text += fmt::format(" or {} {}", access::to_string(rule.other()->first), access::to_string(rule.other()->second));
  if (!rule.namespace_parameter().empty()) text += fmt::format(" in {{{}}}", rule.namespace_parameter());
  if (!rule.group_parameter().empty()) text += fmt::format(" or owner of the group in {{{}}}", rule.group_parameter());
  if (rule.admits_super_admin()) text += " or super admin";
  return text;
}

Parts::Parts(engine::Engine& of, Options given)
    : engine(of),
      options(std::move(given)),
      routes(all_routes()),
      router(routes),
      open_requests(options.tenant_requests_max),
      authenticator(of, {options.password_checks_max, 256, options.guard}, options.password_directories, options.url, identity_changes),
      admittance(*this),
      ids_(seed()) {}

Api::Api(engine::Engine& engine, Options options) : parts_(std::make_unique<Parts>(engine, std::move(options))) {}
Api::~Api() = default;

void Api::handle(http::Request&& request, std::shared_ptr<http::Exchange> exchange) {
  const auto call = std::make_shared<Call>(*parts_, std::move(request), std::move(exchange));
  call->guarded([&] { parts_->admittance.admit(call); });
}

http::Admission Api::admit(const http::Request& head) const {
  if (auto refused = parts_->admittance.refusal(head)) return {std::move(refused), std::nullopt};
  // Nobody unknown makes the server hold or spool much: what open routes take is small.
  constexpr std::uint64_t open_body_bytes_max = 64u << 10;
  return {std::nullopt, parts_->admittance.is_open(head) ? std::optional(open_body_bytes_max) : std::nullopt};
}

const std::vector<Route>& Api::routes() const { return parts_->routes; }

void Api::forget_credentials() {
  parts_->authenticator.forget_all();
  parts_->standings.clear();
}

}  // namespace insula::api
