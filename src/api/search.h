// Query parameters of searches → store::Query (features.md §5.8): paging, sorting, `filters[field][OP]=value` of 0.23 and later, and the
// parameters of before. Fields, operations and sort keys come from fixed lists: nothing a client sends becomes a name of a column (attacks.md 11).
#pragma once
#include <span>

#include "http/http.h"
#include "store/store.h"

namespace insula::api {

// What one list can be asked.
struct SearchRules {
  std::string_view operation;   // 1.3's name of it, `searchFlows`: names the parameter in refusals
  std::string_view resource;    // `FLOW`
  std::span<const std::string_view> fields;
  std::span<const std::string_view> sorts;
};
const SearchRules& flow_search();
const SearchRules& execution_search();
const SearchRules& log_search();
const SearchRules& namespace_search();
const SearchRules& trigger_search();
const SearchRules& metric_search();
const SearchRules& tenant_search();

struct SearchContext {
  Instant now;
  std::string system_namespace = "system";  // what `scope` tells apart
};

inline constexpr int kPageSizeMax = 10'000;

// Errors: kind invalid (422) in 1.3's words.
Result<store::Page> read_page(const http::Target& target, const SearchRules& rules);
// Page and filters; Query::namespaces is the caller's to set.
Result<store::Query> read_query(const http::Target& target, const SearchRules& rules, const SearchContext& context);
// `k:v`, cut at the first colon, both sides trimmed. Error in 1.3's words when there is no colon or a side is empty.
Result<flow::Label> read_label(std::string_view text);

}  // namespace insula::api
