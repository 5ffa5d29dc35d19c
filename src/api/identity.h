// What the routes of identity share: a change that is checked, written with its audit entry and told in one place; what somebody may hand
// out; how people are found. Everything here blocks: reader threads only.
#pragma once
#include "api/call.h"
#include "api/fields.h"

namespace insula::api {

// ---- bodies
Result<JsonObject> object_body(const Call& call);
Result<JsonArray> array_body(const Call& call);

// ---- changes

// What one audit entry tells. `before` and `after` are the object as the API shows it, never with a secret.
struct Audited {
  std::string_view kind, resource;         // CREATE, ROLE
  std::string object_id;
  Json before = nullptr, after = nullptr;
  JsonObject detail = {};
};

store::AuditRow audit_row(const Call& call, const Audited& entry);

// One change on its way: what is read to decide it and what it writes, all in one transaction.
class Change {
 public:
  Change(const CallPtr& call, store::Stores& stores);

  Call& call;
  store::Stores& stores;
  const Instant now;
  store::SystemTurn turn;
  std::vector<UserId> affected;            // whose credentials or flags are no longer what they were

  store::SystemStore& system() { return stores.system(); }
  store::Directory& directory() { return *directory_; }                          // of the tenant of the path
  store::DirectoryTurn& tenant() { return tenant(call.scope().uid()); }
  store::DirectoryTurn& tenant(const TenantUid& uid);
  template <class Id>
  Id next_id() { return Id(new_id()); }

  void audit(const Audited& entry) { tenant().audit.push_back(audit_row(call, entry)); }
  void audit(const TenantUid& uid, const Audited& entry) { tenant(uid).audit.push_back(audit_row(call, entry)); }
  void audit_instance(const Audited& entry) { turn.audit.push_back(audit_row(call, entry)); }
  bool writes() const;                     // every change has an audit entry

 private:
  std::string new_id();
  std::unique_ptr<store::Directory> directory_;
};

// Runs `work` on a reader thread, alone among changes of identity, so that what it checked still holds when it is written; commits what it
// filled in; forgets what was remembered about rights; answers with what `work` gave.
using ChangeWork = std::move_only_function<Result<http::Response>(Change& change)>;
void change_identity(const CallPtr& call, ChangeWork work);

// The same for reads of the tenant of the path: the JSON of a 200.
using DirectoryRead = std::move_only_function<Result<Json>(Call& call, store::Directory& directory)>;
void read_directory(const CallPtr& call, DirectoryRead work);
// And of the instance.
using SystemRead = std::move_only_function<Result<Json>(Call& call, store::Stores& stores)>;
void read_system(const CallPtr& call, SystemRead work);

inline http::Response json_response(const Json& body, int status = 200) { return http::Response::json(status, write_json(body)); }

// Entries wait in the outboxes of tenants: whoever keeps a tenant's log collects them. Blocks.
void collect_audit(const CallPtr& call, const store::SystemTurn& turn);

// ---- who may hand out what (nobody more than they hold there; super admins decide about everybody's rights)
Result<void> may_hand_out(const Call& call, const access::Permissions& permissions, const std::optional<Namespace>& ns);
Result<void> may_hand_out_group(Change& change, const store::GroupRow& group);   // what its members hold
Result<void> may_act_as(Change& change, const store::UserRow& account);          // what the account holds here

// ---- finding. Objects of other tenants are not found, in the words for those that do not exist.
Result<store::GroupRow> known_group(store::Directory& directory, const GroupId& id);
Result<store::RoleRow> known_role(store::Directory& directory, const RoleId& id);
Result<store::UserRow> known_person(store::Directory& directory, const UserId& id);   // with access to the tenant
Result<store::UserRow> known_user(store::SystemStore& system, const UserId& id);      // of the instance
// Whom the caller may let in, or give something, by an id: a super admin everybody but service accounts of other tenants; others only who is in
// the tenant already. They let people in by e-mail address; an id of somebody outside is nothing to them.
Result<store::UserRow> admissible_user(Change& change, const UserId& id);
Result<store::TenantRow> known_tenant(store::SystemStore& system, const TenantId& id);
Result<std::vector<store::BindingRow>> bindings_of_group(store::Directory& directory, const GroupId& id);
// A list that is read whole; error when it has more than 10,000 rows.
store::Query whole(std::vector<store::Filter> filters);

// ---- access
enum class Access { given, by_path };      // in so many words, or because of a group or a binding
// Who enters a tenant gets its default roles. The bindings of those who came by a path end with the last path: see leave_path().
Result<void> enter(Change& change, store::Directory& directory, const TenantUid& tenant, const UserId& user, Access access);
// Called when a group or a binding of a user goes: with the last one gone, the default roles that came along go too.
Result<void> leave_path(Change& change, const UserId& user, const std::vector<GroupId>& groups, const std::vector<BindingId>& bindings);

// ---- passwords
// What was opened with the old password ends: sessions, links for a new one, API tokens.
Result<void> end_credentials(Change& change, const UserId& user);
Result<std::string> new_password_hash(const Call& call, std::string_view password, std::string_view path);

}  // namespace insula::api
