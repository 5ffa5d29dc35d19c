#include "api/identity_search.h"

#include <array>

#include "api/identity.h"

namespace insula::api {
namespace {

constexpr std::array<std::string_view, 3> kNamedFields{"q", "id", "name"};
constexpr std::array<std::string_view, 2> kNamedSorts{"name", "id"};
constexpr std::array<std::string_view, 1> kRoleSorts{"name"};
constexpr std::array<std::string_view, 5> kMemberFields{"q", "id", "email", "username", "name"};
constexpr std::array<std::string_view, 4> kMemberSorts{"id", "email", "username", "name"};
constexpr std::array<std::string_view, 5> kBindingFields{"type", "subjectId", "roleId", "namespace", "id"};
constexpr std::array<std::string_view, 3> kBindingSorts{"id", "namespace", "created"};
constexpr std::array<std::string_view, 6> kPeopleFields{"q", "id", "email", "username", "name", "type"};
constexpr std::array<std::string_view, 7> kUserFields{"q", "id", "email", "username", "name", "type", "superAdmin"};
constexpr std::array<std::string_view, 7> kUserSorts{"id", "email", "username", "name", "firstName", "lastName", "created"};
constexpr std::array<std::string_view, 4> kProgramFields{"q", "id", "name", "superAdmin"};
constexpr std::array<std::string_view, 3> kInvitationFields{"q", "email", "status"};
constexpr std::array<std::string_view, 4> kInvitationSorts{"id", "email", "sentAt", "expiredAt"};

}  // namespace

const SearchRules& role_search() {
  static constexpr SearchRules rules{"searchRoles", "ROLE", kNamedFields, kRoleSorts};
  return rules;
}
const SearchRules& group_search() {
  static constexpr SearchRules rules{"searchGroups", "GROUP", kNamedFields, kNamedSorts};
  return rules;
}
const SearchRules& member_search() {
  static constexpr SearchRules rules{"searchGroupMembers", "GROUP", kMemberFields, kMemberSorts};
  return rules;
}
const SearchRules& binding_search() {
  static constexpr SearchRules rules{"searchBindings", "BINDING", kBindingFields, kBindingSorts};
  return rules;
}
const SearchRules& people_search() {
  static constexpr SearchRules rules{"listTenantAccess", "USER", kPeopleFields, kUserSorts};
  return rules;
}
const SearchRules& user_search() {
  static constexpr SearchRules rules{"listUsers", "USER", kUserFields, kUserSorts};
  return rules;
}
const SearchRules& service_account_search() {
  static constexpr SearchRules rules{"listServiceAccounts", "SERVICE_ACCOUNT", kProgramFields, kUserSorts};
  return rules;
}
const SearchRules& invitation_search() {
  static constexpr SearchRules rules{"searchInvitations", "INVITATION", kInvitationFields, kInvitationSorts};
  return rules;
}

Result<store::Query> identity_query(const Call& call, const SearchRules& rules) {
  auto query = read_query(call.target(), rules, {call.now(), {}});
  if (!query) return query;
  for (store::Filter& filter : query->filters)
    if (filter.field == "status") filter.key = format_instant(call.now());
  return query;
}

Result<Autocomplete> read_autocomplete(const Call& call) {
  Autocomplete wanted;
  if (trim(call.request().body).empty()) return wanted;
  const Result<JsonObject> body = object_body(call);
  if (!body) return fail(body.error());
  Fields fields(*body, "autocomplete");
  wanted.q = fields.text("q");
  wanted.username = fields.text("username");
  wanted.ids = fields.texts("ids");
  if (auto right = fields.result(); !right) return fail(right.error());
  return wanted;
}

store::Query autocomplete_query(const Autocomplete& wanted) {
  store::Query query;
  constexpr int rows_max = 100;
  query.page.size = rows_max;
  for (const std::string* words : {&wanted.q, &wanted.username})
    if (!trim(*words).empty()) query.filters.push_back({"q", store::Op::equals, {}, {*words}});
  return query;
}

Result<std::vector<std::string>> read_ids(const Call& call) {
  const Result<JsonObject> body = object_body(call);
  if (!body) return fail(body.error());
  Fields fields(*body, "ids");
  std::vector<std::string> ids = fields.texts("ids");
  if (auto right = fields.result(); !right) return fail(right.error());
  return ids;
}

}  // namespace insula::api
