#include "app/security.h"

namespace insula::app {
namespace {

int number(const Configuration& configuration, std::string_view key) {
  return static_cast<int>(std::min<std::int64_t>(configuration.integer(key), std::numeric_limits<int>::max()));
}

IdGenerator new_ids() { return IdGenerator(std::hash<std::string>{}(random_bytes(16))); }

std::string configured_username(const Configuration& configuration) { return lower_ascii(trim(configuration.text("kestra.security.super-admin.username"))); }

store::AuditRow configured(std::string_view kind, std::string_view resource, std::string_view object_id, Instant now) {
  store::AuditRow entry;
  entry.id = new_ids().next_as<AuditId>(now);
  entry.at = now;
  entry.kind = kind;
  entry.resource = resource;
  entry.object_id = object_id;
  entry.detail = {{"by", "configuration"}};
  return entry;
}

Result<std::string> hash_configured(const Configuration& configuration) {
  const std::string password = configuration.text("kestra.security.super-admin.password");
  const auto rules = password_rules(configuration);
  if (!rules) return fail(rules.error());
  if (const auto wrong = access::check_password(password, *rules); !wrong.empty())
    return fail(ErrorKind::invalid, "admin-password", fmt::format("the super admin's password is refused: {} (kestra.security.super-admin.password)", wrong.front().message));
  return access::hash_password(password, random_bytes(16));
}

}  // namespace

Result<access::PasswordRules> password_rules(const Configuration& configuration) {
  access::PasswordRules rules;
  const auto key = [](std::string_view name) { return fmt::format("kestra.security.basic-auth.password-{}", name); };
  rules.length_min = number(configuration, key("min-length"));
  rules.upper_min = number(configuration, key("min-upper-case"));
  rules.lower_min = number(configuration, key("min-lower-case"));
  rules.digits_min = number(configuration, key("min-digits"));
  rules.special_min = configuration.boolean(key("require-special")) ? 1 : 0;
  rules.special = configuration.text(key("allowed-special-characters"));
  rules.pattern = configuration.text(key("regexp"));
  if (auto checked = access::check_rules(rules); !checked) {
    checked.error().message += fmt::format(" ({})", key("regexp"));
    return fail(std::move(checked.error()));
  }
  return rules;
}

api::GuardLimits guard_limits(const Configuration& configuration) {
  api::GuardLimits limits;
  limits.lock_threshold = number(configuration, "kestra.security.login.failed-attempts.threshold");
  limits.lock_window = configuration.duration("kestra.security.login.failed-attempts.monitoring-window");
  limits.lock_duration = configuration.duration("kestra.security.login.failed-attempts.lock-duration");
  limits.reset_cooldown = configuration.duration("kestra.security.basic-auth.password-reset.cooldown");
  limits.reset_requests_max = number(configuration, "kestra.security.basic-auth.password-reset.rate-limit.max-requests");
  limits.reset_window = configuration.duration("kestra.security.basic-auth.password-reset.rate-limit.window");
  return limits;
}

Result<void> apply_super_admin(const Configuration& configuration, store::Stores& stores, const Clock& clock) {
  const std::string email = configured_username(configuration);
  if (email.empty()) return {};
  if (!access::is_email(email)) return fail(ErrorKind::invalid, "admin-email", fmt::format("`{}` is not an e-mail address (kestra.security.super-admin.username)", email));
  auto known = stores.system().user_by_email(email);
  if (!known) return fail(std::move(known.error()));
  const std::string password = configuration.text("kestra.security.super-admin.password");
  const bool is_new_password = !*known || (!password.empty() && !access::verify_password(password, (*known)->password_hash));
  if (*known && (*known)->super_admin && !is_new_password) return {};
  store::UserRow user = *known ? **known : store::UserRow{};
  store::SystemTurn turn;
  if (is_new_password) {
    auto hash = hash_configured(configuration);
    if (!hash) return fail(std::move(hash.error()));
    user.password_hash = std::move(*hash);
    user.locked_until.reset();
  }
  user.super_admin = true;
  if (!*known) {
    user.id = new_ids().next_as<UserId>(clock.now());
    user.email = email;
    user.created = clock.now();
  } else if (is_new_password) {
    turn.signed_out.push_back(user.id);
    turn.used_resets.push_back(user.id);
  }
  turn.audit.push_back(configured(*known ? "UPDATE" : "CREATE", "USER", user.id.str(), clock.now()));
  (*known ? turn.users : turn.new_users).push_back(std::move(user));
  return stores.system().commit(turn, clock.now());
}

Result<void> apply_tenant_admin_access(const Configuration& configuration, store::Stores& stores, const Clock& clock) {
  const std::string email = configured_username(configuration);
  if (email.empty()) return {};
  const auto user = stores.system().user_by_email(email);
  if (!user) return fail(user.error());
  if (!*user) return {};
  for (const std::string& id : configuration.list("kestra.security.super-admin.tenant-admin-access")) {
    const auto tenant = stores.system().tenant(TenantId(id));
    if (!tenant) return fail(tenant.error());
    if (!*tenant) {
      log::warn("there is no tenant '{}' that the super admin could be Admin of (kestra.security.super-admin.tenant-admin-access)", id);
      continue;
    }
    if (auto granted = stores.directory(stores.system().scope(**tenant))->grant_role((*user)->id, "ADMIN", clock.now()); !granted) return granted;
  }
  return {};
}

Result<void> apply_default_role(const Configuration& configuration, store::Stores& stores, const Clock& clock) {
  const JsonObject wanted = configuration.map("kestra.security.default-role");
  if (wanted.empty()) return {};
  const auto text = [&](std::string_view kebab, std::string_view camel) { return text_or(wanted, kebab, text_or(wanted, camel)); };
  const std::string name = text_or(wanted, "name");
  if (name.empty()) return fail(ErrorKind::invalid, "default-role-invalid", "the default role needs a name (kestra.security.default-role.name)");
  const Json* given = find(wanted, "permissions");
  auto permissions = access::read_permissions(given == nullptr ? Json(JsonObject{}) : *given);
  if (!permissions) return fail(ErrorKind::invalid, "default-role-invalid", fmt::format("{} (kestra.security.default-role.permissions)", permissions.error().message));
  std::string id = text("tenant-id", "tenantId");
  if (id.empty()) id = configuration.text("insula.tenants.default");
  const auto tenant = stores.system().tenant(TenantId(id));
  if (!tenant) return fail(tenant.error());
  if (!*tenant) return fail(ErrorKind::invalid, "default-role-invalid", fmt::format("there is no tenant '{}' for the default role (kestra.security.default-role.tenant-id)", id));
  const auto directory = stores.directory(stores.system().scope(**tenant));
  store::Query by_name;
  by_name.filters.push_back({"name", store::Op::equals, {}, {name}});
  const auto known = directory->search_roles(by_name);
  if (!known) return fail(known.error());
  const auto own = std::ranges::find_if(known->rows, [](const store::RoleRow& role) { return !store::managed_role(role.id); });
  store::RoleRow role = own != known->rows.end() ? *own : store::RoleRow{};
  const std::string description = text_or(wanted, "description");
  if (own != known->rows.end() && role.is_default && role.permissions == *permissions && role.description == description) return {};
  if (own == known->rows.end()) {
    role.id = new_ids().next_as<RoleId>(clock.now());
    role.name = name;
    role.created = clock.now();
  }
  role.description = description;
  role.is_default = true;
  role.permissions = *permissions;
  store::DirectoryTurn turn;
  turn.audit.push_back(configured(own == known->rows.end() ? "CREATE" : "UPDATE", "ROLE", role.id.str(), clock.now()));
  turn.roles.push_back(std::move(role));
  return directory->commit(turn, clock.now());
}

}  // namespace insula::app
