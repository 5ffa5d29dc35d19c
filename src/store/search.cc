#include "store/search.h"

#include <re2/re2.h>

#include "execution/execution.h"

namespace insula::store {
namespace {

constexpr std::size_t kValuesMax = 1'000;
constexpr std::size_t kPatternBytesMax = 1'000;
constexpr std::size_t kWordsMax = 20;

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

const std::string& only_value(const Filter& filter) {
  if (filter.values.size() != 1) refuse("filter-invalid", fmt::format("The filter on `{}` with {} takes exactly one value.", filter.field, to_string(filter.op)));
  return filter.values.front();
}

[[noreturn]] void does_not_fit(const Filter& filter) {
  refuse("filter-operation-unsupported", fmt::format("The filter field `{}` cannot be compared with {}.", filter.field, to_string(filter.op)));
}

std::string_view comparison(Op op) {
  switch (op) {
    case Op::equals: return "=";
    case Op::not_equals: return "<>";
    case Op::greater: return ">";
    case Op::less: return "<";
    case Op::greater_or_equal: return ">=";
    case Op::less_or_equal: return "<=";
    default: return {};
  }
}

std::string state_value(const std::string& value) {
  const auto state = execution::parse_state(value);
  if (!state) refuse("filter-invalid", fmt::format("`{}` is no state of an execution.", value));
  return std::string(execution::to_string(*state));
}

}  // namespace

std::string_view to_string(Op op) {
  static constexpr std::array<std::string_view, 13> names{"EQUALS", "NOT_EQUALS", "GREATER_THAN", "LESS_THAN", "GREATER_THAN_OR_EQUAL_TO",
      "LESS_THAN_OR_EQUAL_TO", "IN", "NOT_IN", "STARTS_WITH", "ENDS_WITH", "CONTAINS", "REGEX", "PREFIX"};
  return names.at(static_cast<std::size_t>(op));
}

void check_page(const Page& page) {
  if (page.number < 1 || page.size < 1 || page.size > 10'000) refuse("page-invalid", "A page has a number from 1 and a size from 1 to 10,000.");
}

std::string within_namespace(SqlText& sql, std::string_view column, std::string_view ns) {
  // '/' follows '.', so this is the range of everything that starts with `ns.`; keys compare by bytes on both databases.
  return fmt::format("({0} = {1} or ({0} >= {2} and {0} < {3}))", column, sql.bind(ns), sql.bind(fmt::format("{}.", ns)), sql.bind(fmt::format("{}/", ns)));
}

Filter label_filter(const Filter& filter) {
  if (!filter.key.empty()) return filter;
  Filter out = filter;
  out.values.clear();
  for (const std::string& value : filter.values) {
    const std::size_t colon = value.find(':');
    if (colon == std::string::npos || colon == 0) refuse("filter-invalid", fmt::format("A label filter is written `key:value`; `{}` is not.", value));
    if (!out.key.empty() && out.key != value.substr(0, colon)) refuse("filter-invalid", "One label filter is about one key; write one filter per key.");
    out.key = value.substr(0, colon);
    out.values.push_back(value.substr(colon + 1));
  }
  if (out.key.empty()) refuse("filter-invalid", "A label filter needs a key.");
  return out;
}

std::optional<std::string> single_value(const Filter& filter) {
  if ((filter.op != Op::equals && filter.op != Op::in) || filter.values.size() != 1) return std::nullopt;
  return filter.values.front();
}

const Field& Search::field(std::string_view name, bool sorting) const {
  const auto found = std::ranges::find_if(fields_, [&](const Field& f) { return f.name == name && (sorting ? f.sort : f.filter); });
  if (found != fields_.end()) return *found;
  std::vector<std::string> candidates;
  for (const Field& f : fields_) if (sorting ? f.sort : f.filter) candidates.emplace_back(f.name);
  const auto near = nearest_word(name, candidates);
  const std::string hint = near ? fmt::format(" Did you mean `{}`?", *near) : "";
  if (sorting) refuse("sort-invalid", fmt::format("Invalid sort parameter: there is no field `{}` to sort by.{}", name, hint));
  refuse("filter-unknown", fmt::format("There is no filter field `{}` here.{}", name, hint));
}

std::string Search::column(const Field& field) const {
  if (!hidden(field.column)) return std::string(field.column);
  const bool text = field.kind == FieldKind::text || field.kind == FieldKind::state;
  return dialect_.not_indexed(field.column, text ? ColumnType::text : ColumnType::integer);
}

std::int64_t Search::number(const Filter& filter, const Field& field, const std::string& value) const {
  if (field.kind == FieldKind::instant) {
    const auto instant = parse_instant(value);
    if (!instant) refuse("filter-invalid", fmt::format("The filter on `{}` takes an ISO-8601 date such as 2026-11-24T16:45:31Z; `{}` is none.", filter.field, value));
    return instant->time_since_epoch().count();
  }
  if (field.kind == FieldKind::level) {
    const auto level = flow::parse_log_level(value);
    if (!level) refuse("filter-invalid", fmt::format("`{}` is no log level; there are TRACE, DEBUG, INFO, WARN, ERROR.", value));
    return static_cast<std::int64_t>(*level);
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) refuse("filter-invalid", fmt::format("The filter on `{}` takes a whole number; `{}` is none.", filter.field, value));
  return number;
}

std::string Search::number_condition(const Filter& filter, const Field& field) {
  const std::string column = this->column(field);
  if (filter.op == Op::in || filter.op == Op::not_in) {
    std::string list;
    for (const std::string& value : filter.values) list += (list.empty() ? "" : ", ") + sql_.bind(number(filter, field, value));
    if (list.empty()) return filter.op == Op::in ? "false" : "true";
    return fmt::format("{} {} ({})", column, filter.op == Op::in ? "in" : "not in", list);
  }
  if (comparison(filter.op).empty()) does_not_fit(filter);
  // A level in a filter is the least one shown.
  const std::string_view sign = field.kind == FieldKind::level && filter.op == Op::equals ? ">=" : comparison(filter.op);
  return fmt::format("{} {} {}", column, sign, sql_.bind(number(filter, field, only_value(filter))));
}

std::string Search::text_condition(const Filter& filter, std::string_view column) {
  switch (filter.op) {
    case Op::equals: return fmt::format("{} = {}", column, sql_.bind(only_value(filter)));
    case Op::not_equals: return fmt::format("({0} <> {1} or {0} is null)", column, sql_.bind(only_value(filter)));
    case Op::in:
    case Op::not_in: {
      std::string list;
      for (const std::string& value : filter.values) list += (list.empty() ? "" : ", ") + sql_.bind(value);
      if (list.empty()) return filter.op == Op::in ? "false" : "true";
      return filter.op == Op::in ? fmt::format("{} in ({})", column, list) : fmt::format("({0} not in ({1}) or {0} is null)", column, list);
    }
    case Op::starts_with: {
      const std::string& value = only_value(filter);
      return fmt::format("substr({}, 1, {}) = {}", column, characters(value), sql_.bind(value));
    }
    case Op::ends_with: return dialect_.ends_with(column, sql_.bind(only_value(filter)));
    case Op::contains: return dialect_.contains(column, sql_.bind(only_value(filter)));
    case Op::prefix: return within_namespace(sql_, column, only_value(filter));
    case Op::regex: {
      const std::string& pattern = only_value(filter);
      if (pattern.size() > kPatternBytesMax) refuse("regex-invalid", fmt::format("The pattern is longer than {} bytes.", kPatternBytesMax));
      RE2::Options options;
      options.set_log_errors(false);
      options.set_max_mem(1 << 20);
      const RE2 checked(re2::StringPiece(pattern.data(), pattern.size()), options);
      if (!checked.ok()) refuse("regex-invalid", fmt::format("The pattern of the filter on `{}` cannot be read: {}.", filter.field, checked.error()));
      return dialect_.matches(column, sql_.bind(pattern));
    }
    default: does_not_fit(filter);
  }
}

void Search::filter(const Filter& filter) {
  const Field& of = field(filter.field, false);
  if (filter.values.size() > kValuesMax) refuse("filter-invalid", fmt::format("A filter takes at most {} values.", kValuesMax));
  switch (of.kind) {
    case FieldKind::state: {
      Filter canonical = filter;
      if (filter.op != Op::equals && filter.op != Op::not_equals && filter.op != Op::in && filter.op != Op::not_in) does_not_fit(filter);
      for (std::string& value : canonical.values) value = state_value(value);
      return also(text_condition(canonical, column(of)));
    }
    case FieldKind::text: return also(text_condition(filter, column(of)));
    default: return also(number_condition(filter, of));
  }
}

void Search::words(const Filter& filter, std::span<const std::string_view> columns) {
  if (filter.op != Op::equals && filter.op != Op::contains && filter.op != Op::not_equals) does_not_fit(filter);
  std::vector<std::string> words;
  std::string_view rest = only_value(filter);
  while (!(rest = trim(rest)).empty()) {
    const std::size_t end = std::min(rest.find_first_of(" \t\r\n"), rest.size());
    words.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  if (words.size() > kWordsMax) refuse("filter-invalid", fmt::format("A text search takes at most {} words.", kWordsMax));
  std::string all;
  for (const std::string& word : words) {
    std::string any;
    const std::string bound = sql_.bind(word);
    for (const std::string_view of : columns) any += (any.empty() ? "" : " or ") + dialect_.contains_folded(fmt::format("coalesce({}, '')", of), bound);
    all += fmt::format("{}({})", all.empty() ? "" : " and ", any);
  }
  if (!all.empty()) also(filter.op == Op::not_equals ? fmt::format("not ({})", all) : fmt::format("({})", all));
}

void Search::visible_namespaces(const Query& query, std::string_view column) {
  if (!query.namespaces) return;
  std::string any;
  const std::string shown = hidden(column) ? dialect_.not_indexed(column, ColumnType::text) : std::string(column);
  for (const std::string& ns : *query.namespaces) any += (any.empty() ? "" : " or ") + within_namespace(sql_, shown, ns);
  also(any.empty() ? "false" : fmt::format("({})", any));
}

void Search::scope(const Filter& filter, std::string_view column) {
  const std::string system = filter.key.empty() ? "system" : filter.key;
  bool user = false, own = false;
  for (const std::string& value : filter.values) {
    if (value == "USER") user = true;
    else if (value == "SYSTEM") own = true;
    else refuse("filter-invalid", fmt::format("A scope is USER or SYSTEM; `{}` is neither.", value));
  }
  if (filter.op == Op::not_equals || filter.op == Op::not_in) user = !user, own = !own;
  else if (filter.op != Op::equals && filter.op != Op::in) does_not_fit(filter);
  if (user == own) return user ? void() : also("false");
  also(fmt::format("{} {} {}", column, user ? "<>" : "=", sql_.bind(system)));
}

std::string Search::order(const Page& page, std::vector<Sort> otherwise, std::string_view unique) {
  if (page.sort.size() > 10) refuse("sort-invalid", "Invalid sort parameter: at most 10 fields.");
  std::string out = " order by ";
  bool descending = false, ended = false;
  for (const Sort& sort : page.sort.empty() ? otherwise : page.sort) {
    const Field& by = field(sort.field, true);
    descending = sort.descending;
    ended = ended || by.column == unique;
    // Where there is no value yet (endDate of a running execution) the row comes last upwards and first downwards, on both databases.
    out += fmt::format("{}{}{}, ", column(by), descending ? " desc" : "", !by.nullable ? "" : descending ? " nulls first" : " nulls last");
  }
  if (ended) return out.substr(0, out.size() - 2);
  return fmt::format("{}{}{}", out, unique, descending ? " desc" : "");
}

std::string Search::limit(const Page& page) {
  check_page(page);
  const std::string size = sql_.bind(static_cast<std::int64_t>(page.size));
  return fmt::format(" limit {} offset {}", size, sql_.bind((static_cast<std::int64_t>(page.number) - 1) * page.size));
}

}  // namespace insula::store
