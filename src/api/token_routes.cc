// API tokens of users, of service accounts and of oneself (features.md §2.5). The text of a token is told once, in the answer to its creation.
#include "api/accounts.h"
#include "api/identity_json.h"
#include "api/routes.h"
#include "api/tenant_accounts.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

struct Wanted {
  std::string name, description;
  access::TokenLife life;
};

Result<Wanted> read_token(const Call& call) {
  const Result<JsonObject> body = object_body(call);
  if (!body) return fail(body.error());
  Fields fields(*body, "apiToken");
  Wanted wanted{fields.text("name", {.required = true}), fields.text("description", {.bytes_max = 2'000}), {}};
  if (!wanted.name.empty() && !access::is_token_name(wanted.name)) fields.wrong("name", "must match \"^(?=.{1,63}$)[a-z0-9]+(?:-[a-z0-9]+)*$\"");
  wanted.life.extended = fields.flag("extended").value_or(false);
  if (const std::string age = fields.text("maxAge"); !age.empty()) {
    constexpr Duration age_max = std::chrono::days(36'500);
    wanted.life.max_age = parse_duration(age);
    if (!wanted.life.max_age || *wanted.life.max_age <= Duration(0) || *wanted.life.max_age > age_max)
      fields.wrong("maxAge", "must be an ISO-8601 duration of days or less, above zero and up to 100 years, such as P30D or PT12H");
  }
  if (auto right = fields.result(); !right) return fail(right.error());
  return wanted;
}

// ---- whose tokens: one function per family of routes

using Owner = Result<store::UserRow> (*)(Change& change, bool creates);

Result<store::UserRow> account_of_path(Change& change, bool is_program) {
  auto account = known_user(change.system(), UserId(change.call.parameter("id")));
  if (account && account->service_account != is_program) return not_found(fmt::format("there is no {} '{}'", is_program ? "service account" : "user", change.call.parameter("id")));
  return account;
}
Result<store::UserRow> user_of_path(Change& change, bool) { return account_of_path(change, false); }
Result<store::UserRow> program_of_path(Change& change, bool) { return account_of_path(change, true); }
Result<store::UserRow> myself(Change& change, bool) { return known_user(change.system(), change.call.principal().id); }
// A token acts as its account, so it is a grant of all that the account holds.
Result<store::UserRow> program_of_tenant(Change& change, bool creates) {
  auto account = find_own_account(change.directory(), change.call);
  if (!account || !creates) return account;
  if (auto may = may_act_as(change, *account); !may) return fail(std::move(may.error()));
  return account;
}

constexpr std::size_t kTokensMax = 1'000;  // of one account

void audit_token(Change& change, std::string_view kind, const store::UserRow& owner, const store::TokenRow& token) {
  JsonObject shown{{"id", token.id.str()}, {"name", token.name}, {"prefix", token.record.prefix}, {"exp", instant_or_null(token.expires)}};
  const bool is_created = kind == "CREATE";
  const Audited entry{"UPDATE", audit_resource(owner), owner.id.str(), is_created ? Json(nullptr) : Json(shown), is_created ? Json(shown) : Json(nullptr),
                      {{"apiToken", is_created ? "CREATED" : "DELETED"}}};
  owner.home.empty() ? change.audit_instance(entry) : change.audit(owner.home, entry);
}

template <Owner owner, int status>
void create_token(const CallPtr& call) {
  auto wanted = read_token(*call);
  if (!wanted) return call->reply_error(wanted.error());
  change_identity(call, [wanted = std::move(*wanted)](Change& change) -> Result<http::Response> {
    const auto account = owner(change, true);
    if (!account) return fail(account.error());
    const auto tokens = change.system().tokens_of(account->id);
    if (!tokens) return fail(tokens.error());
    if (tokens->size() >= kTokensMax) return fail(ErrorKind::conflict, "too-many-tokens", fmt::format("'{}' has {} tokens: delete some first", account->username(), kTokensMax));
    access::NewToken made = access::make_token(random_bytes(56));
    const store::TokenRow token{change.next_id<TokenId>(), account->id, wanted.name, wanted.description, std::move(made.record), wanted.life, change.now,
                                access::token_expiry(wanted.life, change.now), std::nullopt};
    change.turn.tokens.push_back(token);
    audit_token(change, "CREATE", *account, token);
    JsonObject shown = token_json(token, change.now);
    shown["fullToken"] = made.text;
    return json_response(shown, status);
  });
}

template <Owner owner>
void list_tokens(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto account = owner(change, false);
    if (!account) return fail(account.error());
    const auto tokens = change.system().tokens_of(account->id);
    if (!tokens) return fail(tokens.error());
    JsonArray results;
    for (const store::TokenRow& token : *tokens) results.push_back(token_json(token, change.now));
    return json_response(JsonObject{{"total", tokens->size()}, {"results", std::move(results)}});
  });
}

template <Owner owner>
void delete_token(const CallPtr& call) {
  change_identity(call, [](Change& change) -> Result<http::Response> {
    const auto account = owner(change, false);
    if (!account) return fail(account.error());
    const auto tokens = change.system().tokens_of(account->id);
    if (!tokens) return fail(tokens.error());
    const auto token = std::ranges::find(*tokens, TokenId(change.call.parameter("tokenId")), &store::TokenRow::id);
    if (token == tokens->end()) return not_found(fmt::format("there is no API token '{}'", change.call.parameter("tokenId")));
    change.turn.removed_tokens.push_back(token->id);
    change.affected.push_back(account->id);
    audit_token(change, "DELETE", *account, *token);
    return http::Response::empty(204);
  });
}

template <Owner owner, int created>
void add_family(Routes& routes, const std::string& path, const std::string& whose, Rule view, Rule change) {
  using enum http::Method;
  routes.emplace_back(get, path, view, list_tokens<owner>, fmt::format("API tokens of {}, without their secrets.", whose));
  routes.emplace_back(post, path, change, create_token<owner, created>, fmt::format("Creates an API token of {}; `fullToken` is told this once.", whose));
  routes.emplace_back(del, path + "/{tokenId}", change, delete_token<owner>, fmt::format("Deletes an API token of {}, which ends at once.", whose));
}

}  // namespace

void add_token_routes(Routes& routes) {
  add_family<user_of_path, 201>(routes, "/api/v1/users/{id}/api-tokens", "a user", super_admin(), super_admin());
  add_family<program_of_path, 200>(routes, "/api/v1/service-accounts/{id}/api-tokens", "a service account", super_admin(), super_admin());
  add_family<program_of_tenant, 200>(routes, "/api/v1/{tenant}/service-accounts/{id}/api-tokens", "a service account of the tenant",
                                     needs(Resource::service_account, Action::view).or_super_admin(), needs(Resource::service_account, Action::update).or_super_admin());
  add_family<myself, 200>(routes, "/api/v1/me/api-tokens", "the caller", signed_in(), signed_in());
}

}  // namespace insula::api
