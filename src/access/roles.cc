// Roles as users write them (2.0 and 1.x) and the built-in ones.
#include "access/permissions.h"

namespace insula::access {
namespace {

using enum Action;

// The four verbs of 1.x.
enum class Verb { read, create, update, delete_ };

std::optional<Verb> verb_named(std::string_view name) {
  if (name == "READ") return Verb::read;
  if (name == "CREATE") return Verb::create;
  if (name == "UPDATE") return Verb::update;
  if (name == "DELETE") return Verb::delete_;
  return std::nullopt;
}

void add_plain(Permissions& to, Resource resource, Verb verb) {
  switch (verb) {
    case Verb::read: to.add(resource, {view, list, export_}); return;
    case Verb::create: to.add(resource, create); return;
    case Verb::update: to.add(resource, update); return;
    case Verb::delete_: to.add(resource, delete_); return;
  }
}

void add_flow(Permissions& to, Verb verb) {
  add_plain(to, Resource::flow, verb);
  if (verb == Verb::create) to.add(Resource::flow, import);
  if (verb == Verb::update) {
    to.add(Resource::flow, {execute, disable, enable, validate});
    to.add(Resource::namespace_, manage_files);  // files of a namespace asked for FLOW then
  }
}

// In 1.x what is now TRIGGER was asked of EXECUTION.
void add_execution(Permissions& to, Verb verb) {
  add_plain(to, Resource::execution, verb);
  add_plain(to, Resource::trigger, verb);
  if (verb == Verb::read) to.add(Resource::execution, {access_logs, access_outputs, access_files, follow});
  if (verb == Verb::update) {
    to.add(Resource::execution, {restart, kill, replay, pause, resume, change_labels, unqueue, force_run});
    to.add(Resource::trigger, {unlock, restart, disable, enable, backfill});
  }
}

void add_app(Permissions& to, Verb verb, bool execution_of_app) {
  if (!execution_of_app) return add_plain(to, Resource::app, verb);
  if (verb == Verb::read) to.add(Resource::app, {view, list, access_files, access_logs});
  if (verb == Verb::create || verb == Verb::update) to.add(Resource::app, execute);
}

// A permission name of 1.x that is none of 2.0, or means something else there. False when 1.x had no such name either.
bool add_legacy(Permissions& to, std::string_view name, Verb verb) {
  if (name == "TEMPLATE" || name == "IMPERSONATE" || name == "API_TOKEN" || name == "ME") return true;  // nothing of it is left
  if (name == "SETTING") {
    add_plain(to, Resource::system_settings, verb);
    add_plain(to, Resource::tenant_settings, verb);
  } else if (name == "AI_COPILOT") {
    if (verb == Verb::read) to.add(Resource::copilot, use);
  } else if (name == "TEST") {
    add_plain(to, Resource::testsuite, verb);
    if (verb == Verb::update || verb == Verb::create) to.add(Resource::testsuite, execute);
  } else if (name == "APPEXECUTION") {
    add_app(to, verb, true);
  } else if (name == "TENANT_ACCESS") {
    add_plain(to, Resource::user, verb);
  } else if (name == "GROUP_MEMBERSHIP") {
    if (verb == Verb::read) to.add(Resource::group, {view, list});
    else to.add(Resource::group, manage_members);
  } else if (name == "FLOW") {
    add_flow(to, verb);
  } else if (name == "EXECUTION") {
    add_execution(to, verb);
  } else if (const auto resource = resource_named(name)) {
    add_plain(to, *resource, verb);
    if (*resource == Resource::namespace_ && verb == Verb::update) to.add(Resource::namespace_, manage_files);
    if (*resource == Resource::user && verb == Verb::update) to.add(Resource::user, manage_group_membership);
    if (*resource == Resource::group && verb == Verb::update) to.add(Resource::group, manage_members);
  } else {
    return false;
  }
  return true;
}

void add_entry(Permissions& to, std::string_view name, const std::vector<std::string>& actions, std::vector<std::string>& unknown) {
  const auto resource = resource_named(name);
  const bool legacy = !resource || std::find(actions.begin(), actions.end(), "READ") != actions.end();
  for (const std::string& action : actions) {
    const auto verb = verb_named(action);
    const auto modern = action_named(action);
    if (legacy && verb) {
      if (!add_legacy(to, name, *verb)) unknown.push_back(fmt::format("{}.{}", name, action));
    } else if (resource && modern && ((actions_of(*resource) >> static_cast<unsigned>(*modern)) & 1u)) {
      to.add(*resource, *modern);
    } else {
      unknown.push_back(fmt::format("{}.{}", name, action));
    }
  }
}

std::unexpected<Error> wrong_form(std::string_view where) {
  return fail(ErrorKind::invalid, "permissions-invalid", fmt::format("{} must be {}", where, where == "permissions" ? "an object such as {\"FLOW\": [\"VIEW\", \"LIST\"]}" : "a list of action names"));
}

constexpr std::array<std::string_view, 5> role_names{"ADMIN", "DEVELOPER", "EDITOR", "LAUNCHER", "VIEWER"};

constexpr std::array looked_at{Resource::flow, Resource::execution, Resource::trigger, Resource::namespace_, Resource::kvstore, Resource::reusable_inputs,
                               Resource::dashboard, Resource::blueprint, Resource::app, Resource::testsuite, Resource::asset, Resource::tenant_settings};

// Sees what runs and how, changes nothing; no secrets, no people.
Permissions viewer() {
  Permissions role;
  for (const Resource resource : looked_at) role.add(resource, {view, list});
  role.add(Resource::flow, export_);
  role.add(Resource::execution, {access_logs, access_outputs, access_files, follow, export_});
  role.add(Resource::trigger, export_);
  role.add(Resource::app, {access_files, access_logs});
  return role;
}

// Starts what others wrote, and answers its pauses.
Permissions launcher() {
  Permissions role = viewer();
  role.add(Resource::flow, execute);
  role.add(Resource::execution, {create, restart, replay, kill, pause, resume, change_labels});
  role.add(Resource::app, execute);
  return role;
}

// Writes flows and all that belongs to them, inside namespaces that exist; sees which secrets there are.
Permissions editor() {
  Permissions role = launcher();
  for (const Resource resource : {Resource::flow, Resource::execution, Resource::trigger, Resource::kvstore, Resource::reusable_inputs, Resource::dashboard, Resource::blueprint,
                                  Resource::app, Resource::testsuite, Resource::asset, Resource::copilot}) {
    role.add_all(resource);
  }
  role.add(Resource::namespace_, manage_files);
  role.add(Resource::secret, {view, list});
  role.add(Resource::credential, {view, list});
  return role;
}

// Builds whole projects: also namespaces, secrets, credentials.
Permissions developer() {
  Permissions role = editor();
  for (const Resource resource : {Resource::namespace_, Resource::secret, Resource::credential, Resource::mcp_server}) role.add_all(resource);
  return role;
}

}  // namespace

Result<Permissions> read_permissions(const Json& json, std::vector<std::string>* unknown) {
  if (!json.is_object()) return wrong_form("permissions");
  Permissions permissions;
  std::vector<std::string> not_known;
  for (const auto& [name, list] : json.get_object()) {
    if (!list.is_array()) return wrong_form(fmt::format("permissions.{}", std::string_view(name)));
    std::vector<std::string> actions;
    for (const Json& action : list.get_array()) {
      if (!action.is_string()) return wrong_form(fmt::format("permissions.{}", std::string_view(name)));
      actions.emplace_back(as_view(action.get_string()));
    }
    add_entry(permissions, {name.data(), name.size()}, actions, not_known);
  }
  if (unknown) *unknown = std::move(not_known);
  return permissions;
}

std::string_view to_string(ManagedRole role) { return role_names[static_cast<std::size_t>(role)]; }

std::optional<ManagedRole> managed_role_named(std::string_view name) {
  for (const ManagedRole role : managed_roles) {
    if (to_string(role) == name) return role;
  }
  return std::nullopt;
}

const Permissions& permissions_of(ManagedRole role) {
  static const std::array<Permissions, 5> roles{Permissions::all(), developer(), editor(), launcher(), viewer()};
  return roles[static_cast<std::size_t>(role)];
}

}  // namespace insula::access
