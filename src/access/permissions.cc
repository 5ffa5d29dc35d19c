#include "access/permissions.h"

#include <bit>

namespace insula::access {
namespace {

constexpr std::array<std::string_view, resource_count> resource_names{
    "FLOW", "EXECUTION", "TRIGGER", "NAMESPACE", "KVSTORE", "REUSABLE_INPUTS", "DASHBOARD", "SECRET", "CREDENTIAL", "BLUEPRINT", "APP", "AUDITLOG", "SYSTEM_SETTINGS",
    "TENANT_SETTINGS", "TESTSUITE", "ASSET", "USER", "GROUP", "ROLE", "BINDING", "SERVICE_ACCOUNT", "INVITATION", "COPILOT", "MCP_SERVER", "SUPPORT", "POLICY"};
constexpr std::array<std::string_view, action_count> action_names{
    "VIEW", "LIST", "CREATE", "UPDATE", "DELETE", "EXECUTE", "RESTART", "KILL", "REPLAY", "PAUSE", "RESUME", "UNQUEUE", "FORCE_RUN", "FOLLOW", "CHANGE_LABELS", "ACCESS_LOGS",
    "ACCESS_OUTPUTS", "ACCESS_FILES", "EXPORT", "IMPORT", "DISABLE", "ENABLE", "VALIDATE", "UNLOCK", "LOCK", "BACKFILL", "MANAGE_FILES", "MANAGE_MEMBERS",
    "MANAGE_GROUP_MEMBERSHIP", "USE", "IMPERSONATE"};

constexpr std::uint32_t bit(Action action) { return 1u << static_cast<unsigned>(action); }
template <class... Actions>
constexpr std::uint32_t bits(Actions... actions) { return (bit(actions) | ... | 0u); }

using enum Action;
constexpr std::uint32_t look = bits(view, list);
constexpr std::uint32_t everyday = look | bits(create, update, delete_);

constexpr std::array<std::uint32_t, resource_count> catalogue = [] {
  std::array<std::uint32_t, resource_count> all{};
  all.fill(everyday);
  const auto at = [&](Resource resource) -> std::uint32_t& { return all[static_cast<std::size_t>(resource)]; };
  at(Resource::flow) |= bits(execute, disable, enable, validate, export_, import);
  at(Resource::execution) |= bits(restart, kill, replay, pause, resume, change_labels, access_logs, access_outputs, access_files, follow, export_, unqueue, force_run);
  at(Resource::trigger) |= bits(unlock, restart, disable, enable, export_, backfill);
  at(Resource::namespace_) |= bits(manage_files);
  at(Resource::app) |= bits(execute, access_files, access_logs);
  at(Resource::testsuite) |= bits(execute);
  at(Resource::auditlog) |= bits(export_);
  at(Resource::user) |= bits(manage_group_membership, impersonate);
  at(Resource::group) |= bits(manage_members);
  at(Resource::asset) |= bits(lock);
  at(Resource::copilot) = bits(use);
  at(Resource::system_settings) = at(Resource::tenant_settings) = bits(view, update);
  return all;
}();

template <class Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? std::nullopt : std::optional(static_cast<Enum>(found - names.begin()));
}

}  // namespace

std::string_view to_string(Resource resource) { return resource_names[static_cast<std::size_t>(resource)]; }
std::string_view to_string(Action action) { return action_names[static_cast<std::size_t>(action)]; }
std::optional<Resource> resource_named(std::string_view name) { return named<Resource>(resource_names, name); }
std::optional<Action> action_named(std::string_view name) { return named<Action>(action_names, name); }

bool has_namespace(Resource resource) {
  switch (resource) {
    case Resource::flow:
    case Resource::execution:
    case Resource::trigger:
    case Resource::namespace_:
    case Resource::kvstore:
    case Resource::secret:
    case Resource::credential:
    case Resource::app:
    case Resource::testsuite:
    case Resource::asset: return true;
    default: return false;
  }
}

std::uint32_t actions_of(Resource resource) { return catalogue[static_cast<std::size_t>(resource)]; }

Permissions Permissions::all() {
  Permissions everything;
  everything.actions_ = catalogue;
  return everything;
}

void Permissions::add(Resource resource, Action action) { actions_[index(resource)] |= bit(action) & actions_of(resource); }
void Permissions::add(Resource resource, std::initializer_list<Action> actions) {
  for (const Action action : actions) add(resource, action);
}
void Permissions::add_all(Resource resource) { actions_[index(resource)] = actions_of(resource); }

Permissions Permissions::operator|(const Permissions& other) const {
  Permissions both = *this;
  for (std::size_t i = 0; i < resource_count; ++i) both.actions_[i] |= other.actions_[i];
  return both;
}

bool Permissions::contains(const Permissions& other) const { return (*this | other) == *this; }
bool Permissions::empty() const { return count() == 0; }

std::size_t Permissions::count() const {
  std::size_t sum = 0;
  for (const std::uint32_t actions : actions_) sum += static_cast<std::size_t>(std::popcount(actions));
  return sum;
}

JsonObject Permissions::to_json() const {
  JsonObject json;
  for (std::size_t i = 0; i < resource_count; ++i) {
    if (actions_[i] == 0) continue;
    JsonArray names;
    for (std::size_t action = 0; action < action_count; ++action) {
      if ((actions_[i] >> action) & 1u) names.emplace_back(action_names[action]);
    }
    json[resource_names[i]] = std::move(names);
  }
  return json;
}

}  // namespace insula::access
