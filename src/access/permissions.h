// What can be permitted: actions on resources (the model of Kestra 2.0), and roles written in the model of 1.x.
#pragma once
#include "base/base.h"

namespace insula::access {

enum class Resource : std::uint8_t {
  flow, execution, trigger, namespace_, kvstore, reusable_inputs, dashboard, secret, credential, blueprint, app, auditlog, system_settings,
  tenant_settings, testsuite, asset, user, group, role, binding, service_account, invitation, copilot, mcp_server, support, policy,
};
inline constexpr std::size_t resource_count = 26;

enum class Action : std::uint8_t {
  view, list, create, update, delete_, execute, restart, kill, replay, pause, resume, unqueue, force_run, follow, change_labels, access_logs,
  access_outputs, access_files, export_, import, disable, enable, validate, unlock, lock, backfill, manage_files, manage_members,
  manage_group_membership, use, impersonate,
};
inline constexpr std::size_t action_count = 31;

std::string_view to_string(Resource resource);  // `KVSTORE`, `NAMESPACE`
std::string_view to_string(Action action);      // `FORCE_RUN`
std::optional<Resource> resource_named(std::string_view name);
std::optional<Action> action_named(std::string_view name);

// Whether objects of this kind live in a namespace, so that a grant can be limited to one. The others belong to the whole tenant.
bool has_namespace(Resource resource);

class Permissions {
 public:
  static Permissions none() { return {}; }
  static Permissions all();  // every action that exists, on every resource

  bool allows(Resource resource, Action action) const { return (actions_[index(resource)] >> static_cast<unsigned>(action)) & 1u; }
  // Ignored when the action does not exist on the resource.
  void add(Resource resource, Action action);
  void add(Resource resource, std::initializer_list<Action> actions);
  void add_all(Resource resource);
  void remove(Resource resource, Action action) { actions_[index(resource)] &= ~(1u << static_cast<unsigned>(action)); }
  Permissions operator|(const Permissions& other) const;
  bool contains(const Permissions& other) const;  // whoever holds this may hand out `other`
  bool empty() const;
  std::size_t count() const;
  bool operator==(const Permissions&) const = default;

  // `{"FLOW": ["VIEW", …], …}` in the order of the enums; resources without actions are absent.
  JsonObject to_json() const;

 private:
  static std::size_t index(Resource resource) { return static_cast<std::size_t>(resource); }
  std::array<std::uint32_t, resource_count> actions_{};
};

// Which actions exist on a resource, as bits in the order of Action: the catalogue of `GET /acls/permissions`.
std::uint32_t actions_of(Resource resource);

// `permissions` of a role: 2.0 names, and those of 1.x, which still come from SDKs and old Terraform files. The actions of a resource are read
// as 1.x when READ is among them or the resource exists only in 1.x (TEMPLATE, TEST, SETTING, TENANT_ACCESS, …). Names nobody knows are
// dropped and reported in `unknown`. Error `permissions-invalid` when the form is wrong (no object of lists of texts).
Result<Permissions> read_permissions(const Json& json, std::vector<std::string>* unknown = nullptr);

// Built-in roles that nobody edits: ADMIN, DEVELOPER, EDITOR, LAUNCHER, VIEWER.
enum class ManagedRole { admin, developer, editor, launcher, viewer };
inline constexpr std::array managed_roles{ManagedRole::admin, ManagedRole::developer, ManagedRole::editor, ManagedRole::launcher, ManagedRole::viewer};
std::string_view to_string(ManagedRole role);
std::optional<ManagedRole> managed_role_named(std::string_view name);
const Permissions& permissions_of(ManagedRole role);

}  // namespace insula::access
