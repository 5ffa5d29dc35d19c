// A tenant as one archive: flows with their revisions, roles, groups and bindings. `tenant.json` names the format; what later versions add stands
// beside it, and an archive of a newer format is refused. People are named by e-mail address: they are of the instance.
#include <fstream>

#include "api/identity.h"
#include "api/parts.h"
#include "api/routes.h"
#include "api/tenant_json.h"
#include "api/zip.h"

namespace insula::api {
namespace {

constexpr std::int64_t kFormat = 1;
constexpr ZipLimits kLimits{.entries_max = 200'000, .entry_bytes_max = 16u << 20, .bytes_max = 1u << 30};

store::Query everything(std::vector<store::Filter> filters = {}) { return whole(std::move(filters)); }

// ---- out

Result<void> add_flows(store::TenantReader& reader, std::vector<ZipEntry>& entries) {
  store::Query query = everything();
  for (query.page.number = 1;; ++query.page.number) {
    const auto found = reader.search_flows(query);
    if (!found) return fail(found.error());
    for (const store::FlowRow& head : found->rows) {
      const auto revisions = reader.flow_revisions(head.ns, head.id);
      if (!revisions) return fail(revisions.error());
      for (const store::FlowRow& row : *revisions) {
        if (!row.deleted) entries.push_back({fmt::format("flows/{}/{}/{:08}.yml", row.ns, row.id, row.revision), row.source});
      }
    }
    if (static_cast<std::int64_t>(query.page.number) * query.page.size >= found->total) return {};
  }
}

Result<JsonObject> identity_of(store::Directory& directory, store::SystemStore& system) {
  JsonArray roles, groups, bindings;
  const auto found_roles = directory.search_roles(everything());
  if (!found_roles) return fail(found_roles.error());
  std::map<RoleId, std::string> role_names;
  for (const store::RoleRow& role : found_roles->rows) {
    role_names[role.id] = role.name;
    if (!store::managed_role(role.id)) {
      roles.push_back(JsonObject{{"name", role.name}, {"description", role.description}, {"isDefault", role.is_default}, {"permissions", role.permissions.to_json()}});
    }
  }
  const auto found_groups = directory.search_groups(everything());
  if (!found_groups) return fail(found_groups.error());
  std::map<GroupId, std::string> group_names;
  for (const store::GroupRow& group : found_groups->rows) {
    group_names[group.id] = group.name;
    const auto members = directory.members(group.id, everything());
    if (!members) return fail(members.error());
    JsonArray people;
    for (const auto& [user, member] : members->rows) if (!user.service_account) people.push_back(JsonObject{{"email", user.email}, {"owner", member.owner}});
    groups.push_back(JsonObject{{"name", group.name}, {"description", group.description}, {"members", std::move(people)}});
  }
  const auto found_bindings = directory.search_bindings(everything());
  if (!found_bindings) return fail(found_bindings.error());
  for (const store::BindingRow& binding : found_bindings->rows) {
    JsonObject one{{"role", role_names[binding.role]}};
    if (binding.ns) one["namespace"] = binding.ns->str();
    if (binding.subject == store::SubjectKind::group) {
      one["group"] = group_names[GroupId(binding.subject_id)];
    } else {
      const auto user = system.user(UserId(binding.subject_id));
      if (!user) return fail(user.error());
      if (!*user || (*user)->service_account) continue;
      one["email"] = (*user)->email;
    }
    bindings.push_back(std::move(one));
  }
  return JsonObject{{"roles", std::move(roles)}, {"groups", std::move(groups)}, {"bindings", std::move(bindings)}};
}

Result<std::string> archive_of(store::Stores& stores, const store::TenantRow& tenant) {
  const store::TenantScope scope = stores.system().scope(tenant);
  const auto reader = stores.read(scope);
  if (!reader) return fail(reader.error());
  auto identity = identity_of(*stores.directory(scope), stores.system());
  if (!identity) return fail(identity.error());
  std::vector<ZipEntry> entries;
  entries.push_back({"tenant.json", write_json_pretty(Json(JsonObject{{"format", kFormat}, {"tenant", tenant_json(tenant)}}))});
  entries.push_back({"identity.json", write_json_pretty(Json(std::move(*identity)))});
  if (auto added = add_flows(**reader, entries); !added) return fail(added.error());
  return write_zip(entries);
}

void export_tenant(const CallPtr& call) {
  off_thread(call, [](const CallPtr& waiting, store::Stores& stores) {
    const auto tenant = known_tenant(stores.system(), TenantId(waiting->parameter("id")));
    if (!tenant) return waiting->reply_error(not_found().error());
    auto bytes = archive_of(stores, *tenant);
    if (!bytes) return waiting->reply_error(bytes.error());
    change_identity(waiting, [tenant = *tenant, bytes = std::move(*bytes)](Change& change) mutable -> Result<http::Response> {
      change.audit_instance({"READ", "TENANT", tenant.id.str(), nullptr, nullptr, {{"export", true}}});
      http::Response response = http::Response::text(200, std::move(bytes), "application/zip");
      response.headers.set("Content-Disposition", fmt::format("attachment; filename={}.zip", tenant.id));
      return response;
    });
  });
}

// ---- in

struct Archive {
  JsonObject identity;
  std::vector<std::pair<std::string, std::string>> flows;  // path, source; by flow and revision
};

Result<Archive> read_archive(std::vector<ZipEntry> entries) {
  Archive archive;
  bool named = false;
  for (ZipEntry& entry : entries) {
    if (entry.name.starts_with("flows/")) {
      archive.flows.emplace_back(std::move(entry.name), std::move(entry.content));
      continue;
    }
    auto json = parse_json(entry.content);
    if (!json || !json->is_object()) return fail(ErrorKind::invalid, "archive-invalid", fmt::format("`{}` in the archive is no JSON object", entry.name));
    if (entry.name == "identity.json") archive.identity = std::move(json->as_object());
    if (entry.name == "tenant.json") {
      const Json* format = find(json->get_object(), "format");
      if (format == nullptr || !format->is_number() || format->to_number<std::int64_t>() > kFormat)
        return fail(ErrorKind::invalid, "archive-newer", "the archive was written by a newer version; import it with that version");
      named = true;
    }
  }
  if (!named) return fail(ErrorKind::invalid, "archive-invalid", "this is no archive of a tenant: `tenant.json` is missing");
  std::ranges::sort(archive.flows);
  return archive;
}

const JsonArray& list_of(const JsonObject& object, std::string_view key) {
  static const JsonArray none;
  const Json* list = find(object, key);
  return list != nullptr && list->is_array() ? list->get_array() : none;
}

struct Counts { std::int64_t flows = 0, revisions = 0, roles = 0, groups = 0, bindings = 0; JsonArray skipped; };

// Roles and groups by name: what is there stays, what is missing is made. People who are not of this instance are left out and named.
Result<void> import_identity(Change& change, const store::TenantRow& tenant, const JsonObject& identity, Counts& counts) {
  const auto directory = change.stores.directory(change.system().scope(tenant));
  store::DirectoryTurn& turn = change.tenant(tenant.uid);
  std::map<std::string, RoleId> roles;
  std::map<std::string, GroupId> groups;
  const auto known_roles = directory->search_roles(everything());
  if (!known_roles) return fail(known_roles.error());
  for (const store::RoleRow& role : known_roles->rows) roles[role.name] = role.id;
  const auto known_groups = directory->search_groups(everything());
  if (!known_groups) return fail(known_groups.error());
  for (const store::GroupRow& group : known_groups->rows) groups[group.name] = group.id;

  const auto person = [&](const std::string& email) -> std::optional<UserId> {
    const auto user = change.system().user_by_email(email);
    if (user && *user) return (*user)->id;
    counts.skipped.emplace_back(email);
    return std::nullopt;
  };
  for (const Json& one : list_of(identity, "roles")) {
    if (!one.is_object() || roles.contains(text_or(one.get_object(), "name"))) continue;
    const JsonObject& json = one.get_object();
    const Json* given = find(json, "permissions");
    auto permissions = access::read_permissions(given != nullptr ? *given : Json(JsonObject{}));
    if (!permissions) return fail(permissions.error());
    store::RoleRow role{change.next_id<RoleId>(), text_or(json, "name"), text_or(json, "description"), false, std::move(*permissions), change.now};
    if (const Json* is_default = find(json, "isDefault"); is_default != nullptr && is_default->is_bool()) role.is_default = is_default->get_bool();
    roles[role.name] = role.id;
    turn.roles.push_back(std::move(role));
    ++counts.roles;
  }
  for (const Json& one : list_of(identity, "groups")) {
    if (!one.is_object() || groups.contains(text_or(one.get_object(), "name"))) continue;
    const JsonObject& json = one.get_object();
    store::GroupRow group{change.next_id<GroupId>(), text_or(json, "name"), text_or(json, "description"), false, change.now};
    groups[group.name] = group.id;
    for (const Json& member : list_of(json, "members")) {
      if (!member.is_object()) continue;
      const Json* owner = find(member.get_object(), "owner");
      if (const auto user = person(text_or(member.get_object(), "email"))) turn.members.push_back({group.id, *user, owner != nullptr && owner->is_bool() && owner->get_bool(), change.now});
    }
    turn.groups.push_back(std::move(group));
    ++counts.groups;
  }
  for (const Json& one : list_of(identity, "bindings")) {
    if (!one.is_object()) continue;
    const JsonObject& json = one.get_object();
    const auto role = roles.find(text_or(json, "role"));
    if (role == roles.end()) continue;
    store::BindingRow binding{change.next_id<BindingId>(), store::SubjectKind::user, {}, role->second, std::nullopt, change.now};
    if (const std::string ns = text_or(json, "namespace"); !ns.empty()) binding.ns = Namespace(ns);
    if (const std::string name = text_or(json, "group"); !name.empty()) {
      const auto group = groups.find(name);
      if (group == groups.end()) continue;
      binding.subject = store::SubjectKind::group;
      binding.subject_id = group->second.str();
    } else {
      const auto user = person(text_or(json, "email"));
      if (!user) continue;
      binding.subject_id = user->str();
    }
    const auto same = directory->search_bindings(everything({{"subjectId", store::Op::equals, {}, {binding.subject_id}}, {"roleId", store::Op::equals, {}, {binding.role.str()}}}));
    if (!same) return fail(same.error());
    if (std::ranges::any_of(same->rows, [&](const store::BindingRow& row) { return row.ns == binding.ns; })) continue;
    turn.bindings.push_back(std::move(binding));
    ++counts.bindings;
  }
  change.audit_instance({"UPDATE", "TENANT", tenant.id.str(), nullptr, nullptr, {{"import", true}, {"roles", counts.roles}, {"groups", counts.groups}, {"bindings", counts.bindings}}});
  return {};
}

// One revision after another; a flow that exists gets the archive's revisions on top of its own.
void import_flow(const CallPtr& call, const store::TenantScope& scope, const std::pair<std::string, std::string>& entry, std::shared_ptr<Counts> counts, std::function<void()> next) {
  const auto said = [counts, name = entry.first, next](const Error& error) {
    counts->skipped.push_back(JsonObject{{"file", name}, {"message", error.message}});
    next();
  };
  const auto done = [counts, next](int made) {
    ++counts->revisions;
    counts->flows += made;
    next();
  };
  call->engine().create_flow(scope, entry.second, [call, scope, source = entry.second, said, done](Result<engine::SavedFlow> created) {
    if (created) return done(1);
    if (created.error().code != "flow-exists") return said(created.error());
    const auto yaml = flow::read_yaml(source);
    if (!yaml || !yaml->value.is_object()) return said(created.error());
    const JsonObject& object = yaml->value.get_object();
    call->engine().update_flow(scope, Namespace(text_or(object, "namespace")), FlowId(text_or(object, "id")), source, [said, done](Result<engine::SavedFlow> updated) {
      updated ? done(0) : said(updated.error());
    });
  });
}

void import_tenant(const CallPtr& call) {
  off_thread(call, [](const CallPtr& waiting, store::Stores& stores) {
    const auto tenant = known_tenant(stores.system(), TenantId(waiting->parameter("id")));
    if (!tenant) return waiting->reply_error(not_found().error());
    const std::filesystem::path file = waiting->parts().options.spool_folder / fmt::format("import-{}.zip", waiting->parts().next_id<AuditId>(waiting->now()));
    {
      std::ofstream out(file, std::ios::binary);
      out << waiting->request().body;
    }
    static constexpr std::array<std::string_view, 2> kEndings{".json", ".yml"};
    auto entries = read_zip(file, kEndings, kLimits);
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    if (!entries) return waiting->reply_error(entries.error());
    auto archive = read_archive(std::move(*entries));
    if (!archive) return waiting->reply_error(archive.error());

    const auto counts = std::make_shared<Counts>();
    const auto flows = std::make_shared<std::vector<std::pair<std::string, std::string>>>(std::move(archive->flows));
    const store::TenantScope scope = stores.system().scope(*tenant).as(waiting->actor());
    in_order(flows->size(), [waiting, scope, flows, counts](std::size_t index, std::function<void()> next) { import_flow(waiting, scope, (*flows)[index], counts, std::move(next)); },
             [waiting, counts, tenant = *tenant, identity = std::move(archive->identity)] {
               change_identity(waiting, [counts, tenant, identity](Change& change) -> Result<http::Response> {
                 if (auto imported = import_identity(change, tenant, identity, *counts); !imported) return fail(imported.error());
                 return json_response(JsonObject{{"flows", counts->flows}, {"revisions", counts->revisions}, {"roles", counts->roles}, {"groups", counts->groups}, {"bindings", counts->bindings},
                                                 {"skipped", counts->skipped}});
               });
             });
  });
}

}  // namespace

void add_tenant_archive_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/tenants/{id}/export", super_admin(), export_tenant, "The tenant as one archive: flows with revisions, roles, groups, bindings.");
  routes.emplace_back(post, "/api/v1/tenants/{id}/import", super_admin(), import_tenant, "Brings such an archive (the body, application/zip) into a tenant that exists; what is there stays.");
}

}  // namespace insula::api
