#include "api/identity.h"

#include <algorithm>

#include "api/identity_json.h"
#include "api/parts.h"

namespace insula::api {

Result<JsonObject> object_body(const Call& call) {
  Result<Json> body = call.json_body();
  if (!body) return fail(std::move(body.error()));
  if (!body->is_object()) return fail(ErrorKind::invalid, "body-invalid", "Unprocessable Entity: a JSON object is expected");
  return std::move(body->get_object());
}

Result<JsonArray> array_body(const Call& call) {
  Result<Json> body = call.json_body();
  if (!body) return fail(std::move(body.error()));
  if (!body->is_array()) return fail(ErrorKind::invalid, "body-invalid", "Unprocessable Entity: a JSON list is expected");
  return std::move(body->get_array());
}

// ---- changes

Change::Change(const CallPtr& of, store::Stores& in) : call(*of), stores(in), now(of->now()) {
  if (call.has_scope()) directory_ = stores.directory(call.scope());
}

store::DirectoryTurn& Change::tenant(const TenantUid& uid) {
  const auto found = std::ranges::find(turn.tenants, uid, &std::pair<TenantUid, store::DirectoryTurn>::first);
  return found != turn.tenants.end() ? found->second : turn.tenants.emplace_back(uid, store::DirectoryTurn{}).second;
}

std::string Change::new_id() { return call.parts().next_id<AuditId>(now).str(); }

bool Change::writes() const {
  return !turn.audit.empty() || std::ranges::any_of(turn.tenants, [](const auto& part) { return !part.second.audit.empty(); });
}

store::AuditRow audit_row(const Call& call, const Audited& entry) {
  store::AuditRow row = call.audit_entry(entry.kind, entry.resource, entry.object_id);
  if (!entry.before.is_null()) row.before = write_json(entry.before);
  if (!entry.after.is_null()) row.after = write_json(entry.after);
  row.detail = entry.detail;
  return row;
}

void change_identity(const CallPtr& call, ChangeWork work) {
  off_thread(call, [work = std::move(work)](const CallPtr& waiting, store::Stores& stores) mutable {
    Parts& parts = waiting->parts();
    std::unique_lock alone(parts.identity_changes);
    Change change(waiting, stores);
    Result<http::Response> response = work(change);
    if (!response) {
      alone.unlock();
      return waiting->reply_error(response.error());
    }
    if (change.writes()) {
      const Result<void> written = stores.system().commit(change.turn, change.now);
      // What was remembered is forgotten also after a failure: nobody knows what it left behind.
      parts.standings.clear();
      for (const UserId& user : change.affected) parts.authenticator.forget(user);
      alone.unlock();
      if (!written) return waiting->reply_error(written.error());
      for (const store::TenantRow& tenant : change.turn.changed_tenants) waiting->engine().tenant_changed(tenant);
      collect_audit(waiting, change.turn);
    }
    waiting->reply(std::move(*response));
  });
}

void read_directory(const CallPtr& call, DirectoryRead work) {
  off_thread(call, [work = std::move(work)](const CallPtr& waiting, store::Stores& stores) mutable {
    const auto directory = stores.directory(waiting->scope());
    Result<Json> body = work(*waiting, *directory);
    body ? waiting->reply_json(*body) : waiting->reply_error(body.error());
  });
}

void read_system(const CallPtr& call, SystemRead work) {
  off_thread(call, [work = std::move(work)](const CallPtr& waiting, store::Stores& stores) mutable {
    Result<Json> body = work(*waiting, stores);
    body ? waiting->reply_json(*body) : waiting->reply_error(body.error());
  });
}

void collect_audit(const CallPtr& call, const store::SystemTurn& turn) {
  for (const auto& [uid, part] : turn.tenants) {
    if (part.audit.empty()) continue;
    if (call->has_scope() && call->scope().uid() == uid) {
      call->engine().collect_audit(call->scope());
      continue;
    }
    const auto row = call->engine().ports().stores->system().tenant(uid);
    if (row && *row) call->engine().collect_audit(call->engine().ports().stores->system().scope(**row));
  }
}

// ---- who may hand out what

namespace {

// `FLOW DELETE, SECRET VIEW`: what is asked for beyond what is held, the first few.
std::string beyond(const Call& call, const access::Permissions& wanted, const std::optional<Namespace>& ns) {
  std::vector<std::string> missing;
  constexpr std::size_t named_max = 5;
  std::size_t count = 0;
  for (std::size_t r = 0; r < access::resource_count; ++r) {
    for (std::size_t a = 0; a < access::action_count; ++a) {
      const auto resource = static_cast<access::Resource>(r);
      const auto action = static_cast<access::Action>(a);
      if (!wanted.allows(resource, action)) continue;
      access::Permissions one;
      one.add(resource, action);
      if (access::may_grant(call.grants(), {one, ns})) continue;
      if (++count <= named_max) missing.push_back(fmt::format("{} {}", access::to_string(resource), access::to_string(action)));
    }
  }
  return count > named_max ? fmt::format("{} and {} more", join(missing, ", "), count - named_max) : join(missing, ", ");
}

}  // namespace

Result<void> may_hand_out(const Call& call, const access::Permissions& permissions, const std::optional<Namespace>& ns) {
  if (call.principal().super_admin || access::may_grant(call.grants(), {permissions, ns})) return {};
  return fail(ErrorKind::forbidden, "grant-too-wide",
              fmt::format("nobody can give more than they have{}: you lack {}", ns ? fmt::format(" in namespace '{}'", *ns) : std::string(" in the whole tenant"), beyond(call, permissions, ns)));
}

Result<void> may_hand_out_group(Change& change, const store::GroupRow& group) {
  if (change.call.principal().super_admin) return {};
  const auto bindings = bindings_of_group(change.directory(), group.id);
  if (!bindings) return fail(bindings.error());
  for (const store::BindingRow& binding : *bindings) {
    const auto role = change.directory().role(binding.role);
    if (!role) return fail(role.error());
    if (!*role) continue;
    if (auto may = may_hand_out(change.call, (*role)->permissions, binding.ns); !may) return may;
  }
  return {};
}

Result<void> may_act_as(Change& change, const store::UserRow& account) {
  if (change.call.principal().super_admin) return {};
  if (account.super_admin) return fail(ErrorKind::forbidden, "super-admin-needed", "the account is a super admin: only a super admin may do this");
  const auto held = change.directory().held(account.id);
  if (!held) return fail(held.error());
  for (const store::HeldBinding& one : *held)
    if (auto may = may_hand_out(change.call, one.role.permissions, one.binding.ns); !may) return may;
  return {};
}

// ---- finding

namespace {

// One form for every object: what belongs to another tenant reads like what does not exist.
template <class Row>
Result<Row> known(Result<std::optional<Row>> found, std::string_view what, std::string_view id) {
  if (!found) return fail(std::move(found.error()));
  if (!*found) return not_found(fmt::format("there is no {} '{}'", what, id));
  return std::move(**found);
}

}  // namespace

Result<store::GroupRow> known_group(store::Directory& directory, const GroupId& id) { return known(directory.group(id), "group", id.str()); }
Result<store::RoleRow> known_role(store::Directory& directory, const RoleId& id) { return known(directory.role(id), "role", id.str()); }
Result<store::UserRow> known_person(store::Directory& directory, const UserId& id) { return known(directory.person(id), "user", id.str()); }
Result<store::UserRow> known_user(store::SystemStore& system, const UserId& id) { return known(system.user(id), "user", id.str()); }
Result<store::TenantRow> known_tenant(store::SystemStore& system, const TenantId& id) { return known(system.tenant(id), "tenant", id.str()); }

Result<store::UserRow> admissible_user(Change& change, const UserId& id) {
  if (!change.call.principal().super_admin) return known_person(change.directory(), id);
  auto user = change.system().user(id);
  if (user && *user && !(*user)->home.empty() && (*user)->home != change.call.scope().uid()) *user = std::nullopt;
  return known(std::move(user), "user", id.str());
}

store::Query whole(std::vector<store::Filter> filters) {
  store::Query query;
  query.filters = std::move(filters);
  query.page.size = 10'000;
  return query;
}

Result<std::vector<store::BindingRow>> bindings_of_group(store::Directory& directory, const GroupId& id) {
  auto found = directory.search_bindings(whole({{"type", store::Op::equals, {}, {"GROUP"}}, {"subjectId", store::Op::equals, {}, {id.str()}}}));
  if (!found) return fail(std::move(found.error()));
  if (found->total > static_cast<std::int64_t>(found->rows.size())) return fail(ErrorKind::conflict, "group-too-large", "the group has more than 10,000 bindings");
  return std::move(found->rows);
}

// ---- access

namespace {

// Bindings to default roles have ids of their own kind, so that they are told from those that somebody made, and twice is once.
constexpr std::string_view kGivenPrefix = "default-", kByPathPrefix = "bypath-";

BindingId default_binding(std::string_view prefix, const UserId& user, const RoleId& role) { return BindingId(fmt::format("{}{}-{}", prefix, user, role)); }

}  // namespace

Result<void> enter(Change& change, store::Directory& directory, const TenantUid& tenant, const UserId& user, Access access) {
  const auto standing = directory.person(user);
  if (!standing) return fail(standing.error());
  store::DirectoryTurn& part = change.tenant(tenant);
  if (access == Access::given) part.accesses.push_back(user);
  const bool is_new = !standing->has_value();
  if (!is_new && access == Access::by_path) return {};
  const auto roles = directory.default_roles();
  if (!roles) return fail(roles.error());
  for (const store::RoleRow& role : *roles) {
    const BindingId by_path = default_binding(kByPathPrefix, user, role.id);
    if (access == Access::given) {
      const auto earlier = directory.binding(by_path);
      if (!earlier) return fail(earlier.error());
      if (*earlier) part.removed_bindings.push_back(by_path);
      if (!is_new && !*earlier) continue;
    }
    part.bindings.push_back({access == Access::given ? default_binding(kGivenPrefix, user, role.id) : by_path, store::SubjectKind::user, user.str(), role.id, std::nullopt, change.now});
  }
  return {};
}

Result<void> leave_path(Change& change, const UserId& user, const std::vector<GroupId>& groups, const std::vector<BindingId>& bindings) {
  const auto is_leaving = [](const auto& list, const auto& id) { return std::ranges::find(list, id) != list.end(); };
  const auto memberships = change.directory().groups_of(user);
  if (!memberships) return fail(memberships.error());
  for (const auto& [group, member] : *memberships)
    if (!is_leaving(groups, group.id)) return {};
  const auto held = change.directory().held(user);
  if (!held) return fail(held.error());
  std::vector<BindingId> came_along;
  for (const store::HeldBinding& one : *held) {
    if (one.binding.subject != store::SubjectKind::user || is_leaving(bindings, one.binding.id)) continue;
    if (!one.binding.id.str().starts_with(kByPathPrefix)) return {};
    came_along.push_back(one.binding.id);
  }
  for (BindingId& id : came_along) change.tenant().removed_bindings.push_back(std::move(id));
  return {};
}

Result<void> end_credentials(Change& change, const UserId& user) {
  const auto tokens = change.system().tokens_of(user);
  if (!tokens) return fail(tokens.error());
  for (const store::TokenRow& token : *tokens) change.turn.removed_tokens.push_back(token.id);
  change.turn.signed_out.push_back(user);
  change.turn.used_resets.push_back(user);
  change.affected.push_back(user);
  return {};
}

Result<std::string> new_password_hash(const Call& call, std::string_view password, std::string_view path) {
  const std::vector<Violation> wrong = access::check_password(password, call.parts().options.password_rules);
  if (wrong.empty()) return access::hash_password(password, random_bytes(16));
  std::vector<std::string> texts;
  for (const Violation& one : wrong) texts.push_back(one.message);
  Error error{ErrorKind::invalid, "password-invalid", fmt::format("{}: {}", path, join(texts, ", ")), {}, {}};
  for (const Violation& one : wrong) error.violations.push_back({std::string(path), one.message, 0, 0, {}});
  return fail(std::move(error));
}

}  // namespace insula::api
