// What lists of identity can be asked.
#pragma once
#include "api/call.h"

namespace insula::api {

const SearchRules& role_search();
const SearchRules& group_search();
const SearchRules& member_search();
const SearchRules& binding_search();
const SearchRules& people_search();          // of a tenant
const SearchRules& user_search();            // of the instance
const SearchRules& service_account_search();
const SearchRules& invitation_search();

// The query of the request; `status` of invitations is asked as of now.
Result<store::Query> identity_query(const Call& call, const SearchRules& rules);

// The body of `…/autocomplete`: `{q, ids, existingOnly}`.
struct Autocomplete {
  std::string q, username;
  std::vector<std::string> ids;
};
Result<Autocomplete> read_autocomplete(const Call& call);
// Everything that is found by the words, at most 100 rows.
store::Query autocomplete_query(const Autocomplete& wanted);
Result<std::vector<std::string>> read_ids(const Call& call);   // `{ids: […]}`, at most 1,000

}  // namespace insula::api
