// Filters, sorting and paging of searches: features.md §5.8. The api layer translates query parameters into these; values are always bound
// parameters, fields and columns come from fixed lists (attacks.md 11).
#pragma once
#include "base/base.h"

namespace insula::store {

enum class Op { equals, not_equals, greater, less, greater_or_equal, less_or_equal, in, not_in, starts_with, ends_with, contains, regex, prefix };

struct Filter {
  std::string field;                       // `namespace`, `flowId`, `state`, `labels`, `startDate`, `q`, … camelCase as in the API
  Op op = Op::equals;
  std::string key;                         // of `labels`: the label's key
  std::vector<std::string> values;         // one, or several for in / not_in
};

struct Sort { std::string field; bool descending = false; };

struct Page {
  int number = 1;                          // from 1
  int size = 10;                           // 1 … 10,000
  std::vector<Sort> sort;
};

// Filters are joined with AND. `namespaces`: when set, only these namespaces and their children are seen (permissions; empty list = nothing).
struct Query {
  std::vector<Filter> filters;
  Page page;
  std::optional<std::vector<std::string>> namespaces;
};

template <class Row>
struct Found {
  std::vector<Row> rows;
  std::int64_t total = 0;
};

}  // namespace insula::store
