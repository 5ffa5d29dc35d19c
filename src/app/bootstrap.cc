#include "app/bootstrap.h"

#include <termios.h>
#include <unistd.h>

#include <future>
#include <iostream>

#include "app/security.h"

namespace insula::app {

namespace {

// Asked for on a terminal, without echo.
std::string ask(const std::string& question, bool hidden) {
  fmt::print(stderr, "{}: ", question);
  termios before{};
  if (hidden) {
    ::tcgetattr(STDIN_FILENO, &before);
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSANOW, &silent);
  }
  std::string line;
  std::getline(std::cin, line);
  if (hidden) {
    ::tcsetattr(STDIN_FILENO, TCSANOW, &before);
    fmt::print(stderr, "\n");
  }
  return line;
}

Result<FirstAdministrator> choose(const Configuration& configuration) {
  FirstAdministrator admin{configuration.text("insula.admin.email"), configuration.text("insula.admin.password")};
  const bool terminal = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1 && std::getenv("INSULA_NO_QUESTIONS") == nullptr;
  if (admin.email.empty() && terminal && admin.password.empty()) {
    fmt::print(stderr, "This instance has no administrator yet. (Empty answers: admin@insula.local and a generated password.)\n");
    admin.email = ask("E-mail of the administrator", false);
    if (!admin.email.empty()) admin.password = ask("Password (8 characters or more, upper and lower case, a digit)", true);
  }
  if (admin.email.empty()) admin.email = "admin@insula.local";
  if (admin.password.empty()) {
    admin.password = "In-" + base64_encode(random_bytes(15)) + "7a";
    std::replace(admin.password.begin(), admin.password.end(), '/', '_');
    std::replace(admin.password.begin(), admin.password.end(), '+', '-');
    admin.generated = true;
  }
  if (!access::is_email(admin.email)) return fail(ErrorKind::invalid, "admin-email", fmt::format("`{}` is not an e-mail address (insula.admin.email)", admin.email));
  const auto rules = password_rules(configuration);
  if (!rules) return fail(rules.error());
  if (const auto wrong = access::check_password(admin.password, *rules); !admin.generated && !wrong.empty()) {
    return fail(ErrorKind::invalid, "admin-password", fmt::format("the administrator's password is refused: {} (insula.admin.password)", wrong.front().message));
  }
  return admin;
}

}  // namespace

Result<store::TenantRow> create_tenant(store::Stores& stores, engine::Engine& engine, const Clock& clock, const std::string& tenant, const std::string& name, const std::string& admin_email) {
  auto id = access::check_tenant_id(tenant);
  if (!id) return fail(id.error());
  std::optional<store::UserRow> admin;
  if (!admin_email.empty()) {
    auto user = stores.system().user_by_email(lower_ascii(admin_email));
    if (!user) return fail(user.error());
    if (!*user) return fail(ErrorKind::not_found, "user-unknown", fmt::format("there is no user `{}`", admin_email));
    admin = std::move(**user);
  }
  std::promise<Result<store::TenantRow>> made;
  store::TenantRow row;
  row.id = *id;
  row.name = name;
  const auto governed = [&](const store::TenantRow& its, store::SystemTurn& turn) {
    if (!admin) return;
    store::DirectoryTurn& rights = turn.tenants.emplace_back(its.uid, store::DirectoryTurn()).second;
    rights.bindings.push_back({BindingId(fmt::format("{}-ADMIN", admin->id)), store::SubjectKind::user, admin->id.str(), RoleId("ADMIN"), std::nullopt, clock.now()});
  };
  engine.create_tenant(std::move(row), governed, [&made](Result<store::TenantRow> result) { made.set_value(std::move(result)); });
  return made.get_future().get();
}

namespace {

bool waits_for_setup(const Configuration& configuration) {
  return configuration.boolean("insula.setup") && configuration.text("insula.admin.email").empty() && configuration.text("insula.admin.password").empty();
}

// The first administrator works in the default tenant too; a super admin has no rights in other tenants by itself.
Result<void> make_default_tenant(const Configuration& configuration, store::Stores& stores, engine::Engine& engine, const Clock& clock, const std::optional<FirstAdministrator>& first) {
  if (configuration.boolean("insula.tenants.enabled") && !configuration.boolean("insula.tenants.default-tenant")) return {};
  const std::string tenant = configuration.text("insula.tenants.default");
  const auto known = stores.system().tenant(TenantId(tenant));
  if (!known) return fail(known.error());
  if (*known) return {};
  const auto created = create_tenant(stores, engine, clock, tenant, tenant == "main" ? "Main" : tenant, first ? first->email : "");
  return created ? Result<void>() : fail(created.error());
}

}  // namespace

Result<std::optional<FirstAdministrator>> bootstrap(const Configuration& configuration, store::Stores& stores, engine::Engine& engine, const Clock& clock) {
  store::SystemStore& system = stores.system();
  std::optional<FirstAdministrator> made;
  if (auto applied = apply_super_admin(configuration, stores, clock); !applied) return fail(applied.error());
  auto users = system.count_users();
  if (!users) return fail(users.error());
  if (*users == 0 && !waits_for_setup(configuration)) {
    auto admin = choose(configuration);
    if (!admin) return fail(admin.error());
    auto hash = access::hash_password(admin->password, random_bytes(16));
    if (!hash) return fail(hash.error());
    IdGenerator ids(std::hash<std::string>{}(random_bytes(16)));
    store::UserRow user;
    user.id = ids.next_as<UserId>(clock.now());
    user.email = lower_ascii(admin->email);
    user.first_name = "Administrator";
    user.password_hash = std::move(*hash);
    user.super_admin = true;
    user.created = clock.now();
    if (auto stored = system.create_user(user); !stored) return fail(stored.error());
    made = std::move(*admin);
  }
  if (auto made_tenant = make_default_tenant(configuration, stores, engine, clock, made); !made_tenant) return fail(made_tenant.error());
  if (auto applied = apply_tenant_admin_access(configuration, stores, clock); !applied) return fail(applied.error());
  if (auto applied = apply_default_role(configuration, stores, clock); !applied) return fail(applied.error());
  return made;
}

}  // namespace insula::app
