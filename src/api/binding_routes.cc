// Bindings: who holds which role, in the whole tenant or in a namespace and below it (features.md §2.5). Never changed: deleted and made anew.
#include "api/identity.h"
#include "api/identity_json.h"
#include "api/identity_search.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

constexpr std::array<std::string_view, 2> kTypes{"USER", "GROUP"};

void read_binding(Fields fields, store::BindingRow& row) {
  row.subject = fields.word("type", kTypes, true) == "GROUP" ? store::SubjectKind::group : store::SubjectKind::user;
  row.subject_id = fields.text("externalId", {.required = true});
  row.role = RoleId(fields.text("roleId", {.required = true}));
  std::string ns = fields.text("namespaceId");
  if (ns.empty()) ns = fields.text("namespace");
  if (!ns.empty()) row.ns = Namespace(std::move(ns));
}

Result<store::BindingRow> read_one(const Call& call) {
  const Result<JsonObject> body = object_body(call);
  if (!body) return fail(body.error());
  Fields fields(*body, "binding");
  store::BindingRow row;
  read_binding(fields, row);
  if (auto right = fields.result(); !right) return fail(right.error());
  return row;
}

Result<std::vector<store::BindingRow>> read_many(const Call& call) {
  const Result<JsonArray> body = array_body(call);
  if (!body) return fail(body.error());
  constexpr std::size_t count_max = 1'000;
  if (body->size() > count_max) return fail(ErrorKind::invalid, "body-invalid", fmt::format("at most {} bindings at once", count_max));
  static const JsonObject nothing;
  Fields fields(nothing, "bindings");
  std::vector<store::BindingRow> rows;
  for (std::size_t i = 0; i < body->size(); ++i) {
    const JsonObject* object = (*body)[i].if_object();
    if (object == nullptr) fields.wrong(fmt::format("[{}]", i), "must be an object");
    else read_binding(fields.within(*object, fmt::format("[{}]", i)), rows.emplace_back());
  }
  if (auto right = fields.result(); !right) return fail(right.error());
  return rows;
}

// What the answer tells about a binding; what is gone meanwhile is left out.
Result<BindingView> view_of(store::Directory& directory, store::BindingRow row) {
  BindingView view{std::move(row), {}, {}, {}};
  auto role = directory.role(view.binding.role);
  if (!role) return fail(std::move(role.error()));
  view.role = std::move(*role);
  if (view.binding.subject == store::SubjectKind::group) {
    auto group = directory.group(GroupId(view.binding.subject_id));
    if (!group) return fail(std::move(group.error()));
    view.group = std::move(*group);
  } else {
    auto user = directory.person(UserId(view.binding.subject_id));
    if (!user) return fail(std::move(user.error()));
    view.user = std::move(*user);
  }
  return view;
}

// A binding like the wanted one, when there is one.
Result<std::optional<store::BindingRow>> existing(store::Directory& directory, const store::BindingRow& wanted) {
  const auto equals = [](std::string field, std::string value) { return store::Filter{std::move(field), store::Op::equals, {}, {std::move(value)}}; };
  const std::string type(wanted.subject == store::SubjectKind::group ? "GROUP" : "USER");
  const auto found = directory.search_bindings(whole({equals("type", type), equals("subjectId", wanted.subject_id), equals("roleId", wanted.role.str())}));
  if (!found) return fail(found.error());
  const auto same = std::ranges::find(found->rows, wanted.ns, &store::BindingRow::ns);
  return same == found->rows.end() ? std::nullopt : std::optional(*same);
}

// Adds one binding to the change. Users that are let in by it are in `entered`, each once.
Result<BindingView> bind(Change& change, store::BindingRow wanted, std::vector<std::string>& entered) {
  BindingView view;
  auto role = known_role(change.directory(), wanted.role);
  if (!role) return fail(std::move(role.error()));
  if (auto may = may_hand_out(change.call, role->permissions, wanted.ns); !may) return fail(may.error());
  view.role = std::move(*role);
  if (wanted.subject == store::SubjectKind::group) {
    auto group = known_group(change.directory(), GroupId(wanted.subject_id));
    if (!group) return fail(std::move(group.error()));
    view.group = std::move(*group);
  } else {
    auto user = admissible_user(change, UserId(wanted.subject_id));
    if (!user) return fail(std::move(user.error()));
    view.user = std::move(*user);
  }
  auto same = existing(change.directory(), wanted);
  if (!same) return fail(std::move(same.error()));
  if (*same) {
    view.binding = std::move(**same);
    return view;
  }
  if (view.user && std::ranges::find(entered, wanted.subject_id) == entered.end()) {
    if (auto in = enter(change, change.directory(), change.call.scope().uid(), view.user->id, Access::by_path); !in) return fail(in.error());
    entered.push_back(wanted.subject_id);
  }
  wanted.id = change.next_id<BindingId>();
  wanted.created = change.now;
  change.tenant().bindings.push_back(wanted);
  view.binding = std::move(wanted);
  change.audit({"CREATE", "BINDING", view.binding.id.str(), nullptr, binding_json(view)});
  return view;
}

void create_binding(const CallPtr& call) {
  auto wanted = read_one(*call);
  if (!wanted) return call->reply_error(wanted.error());
  change_identity(call, [wanted = std::move(*wanted)](Change& change) -> Result<http::Response> {
    std::vector<std::string> entered;
    const auto made = bind(change, wanted, entered);
    if (!made) return fail(made.error());
    return json_response(binding_json(*made));
  });
}

// All or none.
void create_bindings(const CallPtr& call) {
  auto wanted = read_many(*call);
  if (!wanted) return call->reply_error(wanted.error());
  change_identity(call, [wanted = std::move(*wanted)](Change& change) -> Result<http::Response> {
    std::vector<std::string> entered;
    JsonArray list;
    std::vector<BindingView> made;
    for (const store::BindingRow& one : wanted) {
      const auto same = std::ranges::find_if(made, [&](const BindingView& view) {
        return view.binding.subject == one.subject && view.binding.subject_id == one.subject_id && view.binding.role == one.role && view.binding.ns == one.ns;
      });
      if (same == made.end()) {
        auto bound = bind(change, one, entered);
        if (!bound) return fail(std::move(bound.error()));
        made.push_back(std::move(*bound));
        list.push_back(binding_json(made.back()));
      } else {
        list.push_back(binding_json(*same));
      }
    }
    return json_response(list);
  });
}

Result<BindingView> find_binding(const Call& call, store::Directory& directory) {
  auto row = directory.binding(BindingId(call.parameter("id")));
  if (!row) return fail(std::move(row.error()));
  if (!*row) return not_found(fmt::format("there is no binding '{}'", call.parameter("id")));
  return view_of(directory, std::move(**row));
}

void show_binding(const CallPtr& call) {
  read_directory(call, [](Call& asked, store::Directory& directory) -> Result<Json> {
    const auto view = find_binding(asked, directory);
    if (!view) return fail(view.error());
    return Json(binding_json(*view));
  });
}

// Whoever has no path into the tenant left has no access any more.
void delete_binding(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto old = find_binding(change.call, change.directory());
    if (!old) return fail(old.error());
    change.tenant().removed_bindings.push_back(old->binding.id);
    if (old->binding.subject == store::SubjectKind::user)
      if (auto left = leave_path(change, UserId(old->binding.subject_id), {}, {old->binding.id}); !left) return fail(left.error());
    change.audit({"DELETE", "BINDING", old->binding.id.str(), binding_json(*old)});
    return http::Response::empty(204);
  });
}

void search_bindings(const CallPtr& call) {
  auto query = identity_query(*call, binding_search());
  if (!query) return call->reply_error(query.error());
  if (const auto type = call->query("type"); !type.empty()) query->filters.push_back({"type", store::Op::equals, {}, {std::string(type)}});
  if (const auto subject = call->query("id"); !subject.empty()) query->filters.push_back({"subjectId", store::Op::equals, {}, {std::string(subject)}});
  read_directory(call, [query = std::move(*query)](Call&, store::Directory& directory) -> Result<Json> {
    auto found = directory.search_bindings(query);
    if (!found) return fail(found.error());
    JsonArray results;
    for (store::BindingRow& row : found->rows) {
      const auto view = view_of(directory, std::move(row));
      if (!view) return fail(view.error());
      results.push_back(binding_json(*view));
    }
    return Json(JsonObject{{"results", std::move(results)}, {"total", found->total}});
  });
}

}  // namespace

void add_binding_routes(Routes& routes) {
  using enum http::Method;
  const auto rule = [](Action action) { return needs(Resource::binding, action).or_super_admin(); };
  routes.emplace_back(post, "/api/v1/{tenant}/bindings", rule(Action::create), create_binding, "Gives a role to a user or a group; nobody can give more than they hold. One that exists is answered as it is.");
  routes.emplace_back(post, "/api/v1/{tenant}/bindings/bulk", rule(Action::create), create_bindings, "Gives several roles: all or none.");
  routes.emplace_back(get, "/api/v1/{tenant}/bindings/search", rule(Action::list), search_bindings, "Searches bindings; `id` is the user or group.");
  routes.emplace_back(get, "/api/v1/{tenant}/bindings/{id}", rule(Action::view), show_binding, "One binding.");
  routes.emplace_back(del, "/api/v1/{tenant}/bindings/{id}", rule(Action::delete_), delete_binding, "Takes a role away; with the last path into the tenant goes the access.");
}

}  // namespace insula::api
