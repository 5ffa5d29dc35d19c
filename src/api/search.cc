#include "api/search.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "api/problem.h"

namespace insula::api {
namespace {

using store::Filter;
using store::Op;

constexpr std::array<std::string_view, 5> kFlowFields = {"q", "scope", "namespace", "flowId", "labels"};
constexpr std::array<std::string_view, 14> kExecutionFields = {"q", "scope", "namespace", "flowId", "flowRevision", "state", "labels", "startDate", "endDate", "timeRange",
                                                               "triggerExecutionId", "childFilter", "parentId", "kind"};
constexpr std::array<std::string_view, 11> kLogFields = {"q", "scope", "namespace", "flowId", "executionId", "taskId", "triggerId", "level", "startDate", "endDate", "timeRange"};
constexpr std::array<std::string_view, 5> kTriggerFields = {"q", "scope", "namespace", "flowId", "triggerId"};
constexpr std::array<std::string_view, 2> kTenantFields = {"q", "id"};

constexpr std::array<std::string_view, 4> kFlowSorts = {"id", "namespace", "revision", "updated"};
constexpr std::array<std::string_view, 8> kExecutionSorts = {"id", "namespace", "flowId", "flowRevision", "state.startDate", "state.endDate", "state.duration", "state.current"};
constexpr std::array<std::string_view, 6> kLogSorts = {"timestamp", "level", "namespace", "flowId", "taskId", "executionId"};
constexpr std::array<std::string_view, 6> kTriggerSorts = {"triggerId", "namespace", "flowId", "nextExecutionDate", "date", "updated"};
constexpr std::array<std::string_view, 5> kMetricSorts = {"timestamp", "name", "type", "taskId", "taskRunId"};
constexpr std::array<std::string_view, 3> kTenantSorts = {"id", "name", "created"};

struct OpName { std::string_view name; Op op; };
constexpr std::array<OpName, 13> kOps = {{{"EQUALS", Op::equals}, {"NOT_EQUALS", Op::not_equals}, {"GREATER_THAN", Op::greater}, {"LESS_THAN", Op::less},
                                          {"GREATER_THAN_OR_EQUAL_TO", Op::greater_or_equal}, {"LESS_THAN_OR_EQUAL_TO", Op::less_or_equal}, {"IN", Op::in}, {"NOT_IN", Op::not_in},
                                          {"STARTS_WITH", Op::starts_with}, {"ENDS_WITH", Op::ends_with}, {"CONTAINS", Op::contains}, {"REGEX", Op::regex}, {"PREFIX", Op::prefix}}};

constexpr std::array kTextOps = {Op::equals, Op::not_equals, Op::contains, Op::starts_with, Op::ends_with, Op::regex, Op::in, Op::not_in, Op::prefix};
constexpr std::array kDateOps = {Op::equals, Op::not_equals, Op::greater, Op::less, Op::greater_or_equal, Op::less_or_equal};
constexpr std::array kSetOps = {Op::equals, Op::not_equals, Op::in, Op::not_in};
constexpr std::array kLabelOps = {Op::equals, Op::not_equals, Op::in, Op::not_in, Op::contains};
constexpr std::array kPairOps = {Op::equals, Op::not_equals};
constexpr std::array kOneOp = {Op::equals};
constexpr std::array kLevelOps = {Op::equals, Op::greater_or_equal};
constexpr std::array kNumberOps = {Op::equals, Op::not_equals, Op::greater, Op::less, Op::greater_or_equal, Op::less_or_equal, Op::in, Op::not_in};

std::span<const Op> ops_of(std::string_view field) {
  if (field == "startDate" || field == "endDate") return kDateOps;
  if (field == "state" || field == "kind") return kSetOps;
  if (field == "labels") return kLabelOps;
  if (field == "timeRange" || field == "type" || field == "status" || field == "superAdmin") return kOneOp;
  if (field == "level") return kLevelOps;
  if (field == "flowRevision") return kNumberOps;
  if (field == "q" || field == "scope" || field == "childFilter") return kPairOps;
  return kTextOps;
}

std::string_view name_of(Op op) {
  for (const OpName& each : kOps)
    if (each.op == op) return each.name;
  return {};
}

// Every field of 1.3, in the order in which its refusal lists them.
constexpr std::string_view kAllFields =
    "[childFilter, metadata, triggerState, endDate, parentPath, triggerExecutionId, type, taskRunId, path, flowRevision, assetId, scope, id, state, flowId, expirationDate, "
    "timeRange, workerId, level, kind, created, triggerId, version, labels, q, executionId, existingOnly, namespace, updated, startDate, taskId, username]";

bool is_known_field(std::string_view field) {
  const std::size_t at = kAllFields.find(field);
  if (field.empty() || at == std::string_view::npos) return false;
  const char before = kAllFields[at - 1], after = kAllFields[at + field.size()];
  return (before == '[' || before == ' ') && (after == ',' || after == ']');
}

std::string listed(std::span<const std::string_view> names) { return fmt::format("[{}]", fmt::join(names, ", ")); }

std::unexpected<Error> bad_page(const SearchRules& rules, std::string_view parameter, std::string_view problem) {
  const std::string path = fmt::format("{}.{}", rules.operation, parameter);
  Error error{ErrorKind::invalid, "page-invalid", fmt::format("Invalid entity: {}: {}", path, problem), {}, {}};
  error.violations.push_back({path, std::string(problem), 0, 0, {}});
  return fail(std::move(error));
}

Result<int> read_number(const http::Target& target, const SearchRules& rules, std::string_view parameter, int otherwise, int max) {
  const std::optional<std::string_view> text = target.first(parameter);
  if (!text || text->empty()) return otherwise;
  int number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc{} || end != text->data() + text->size())
    return fail(ErrorKind::invalid, "page-invalid",
                fmt::format("Failed to convert argument [{}] for value [{}] due to: For input string: \"{}\"", parameter, *text, *text));
  if (number < 1) return bad_page(rules, parameter, "must be greater than or equal to 1");
  if (number > max) return bad_page(rules, parameter, fmt::format("must be less than or equal to {}", max));
  return number;
}

Result<std::vector<store::Sort>> read_sorts(const http::Target& target, const SearchRules& rules) {
  std::vector<store::Sort> sorts;
  for (const std::string& text : target.all("sort")) {
    for (const std::string& one : split(text, ',')) {
      if (one.empty()) continue;
      const std::vector<std::string> parts = split(one, ':');
      if (parts.size() != 2 || std::ranges::find(rules.sorts, parts[0]) == rules.sorts.end())
        return fail(ErrorKind::invalid, "sort-invalid",
                    parts.size() == 2 ? fmt::format("Unprocessable Entity: Invalid sort parameter: cannot sort by '{}'. Expected one of: {}", parts[0], listed(rules.sorts))
                                      : std::string("Unprocessable Entity: Invalid sort parameter"));
      // 1.3: anything but `asc` means descending (sharp edge 64).
      sorts.push_back({parts[0], lower_ascii(parts[1]) != "asc"});
    }
  }
  constexpr std::size_t sorts_max = 5;
  if (sorts.size() > sorts_max) return fail(ErrorKind::invalid, "sort-invalid", fmt::format("Unprocessable Entity: Invalid sort parameter: at most {} sort keys", sorts_max));
  return sorts;
}

Result<std::string> normal_date(std::string_view field, std::string_view text) {
  const std::optional<Instant> instant = parse_instant(text);
  if (!instant) return illegal_argument("filter-invalid", fmt::format("'{}' of {} is not an ISO-8601 date-time with a zone, such as 2026-11-24T16:45:31Z", text, field));
  return format_instant(*instant);
}

Result<std::vector<std::string>> checked_values(std::string_view field, std::vector<std::string> values) {
  for (std::string& value : values) {
    if (field == "startDate" || field == "endDate") {
      Result<std::string> date = normal_date(field, value);
      if (!date) return fail(std::move(date.error()));
      value = std::move(*date);
    } else if (field == "state") {
      const auto state = execution::parse_state(value);
      if (!state) return illegal_argument("filter-invalid", fmt::format("'{}' is not a state of an execution", value));
      value = execution::to_string(*state);
    } else if (field == "level") {
      if (!flow::parse_log_level(value)) return illegal_argument("filter-invalid", fmt::format("'{}' is not a log level: TRACE, DEBUG, INFO, WARN or ERROR", value));
    } else if (field == "childFilter") {
      if (value != "CHILD" && value != "MAIN") return illegal_argument("filter-invalid", fmt::format("'{}' is not a child filter: CHILD or MAIN", value));
    } else if (field == "flowRevision") {
      if (value.empty() || value.size() > 9 || value.find_first_not_of("0123456789") != std::string::npos)
        return illegal_argument("filter-invalid", fmt::format("'{}' is not a revision", value));
    }
  }
  return values;
}

// Builds the filters of one request.
class Reader {
 public:
  Reader(const SearchRules& rules, const SearchContext& context) : rules_(rules), context_(context) {}

  Result<void> add(std::string_view field, Op op, std::string key, std::vector<std::string> values) {
    if (std::ranges::find(rules_.fields, field) == rules_.fields.end()) return unsupported_field(field);
    const std::span<const Op> ops = ops_of(field);
    if (std::ranges::find(ops, op) == ops.end()) {
      std::vector<std::string_view> names;
      for (const Op each : ops) names.push_back(name_of(each));
      return illegal_argument("filter-invalid", fmt::format("Operation '{}' is not supported for field '{}'. Supported operations are {}", name_of(op), field, listed(names)));
    }
    if (field == "labels") return add_label(op, std::move(key), std::move(values));
    if (field == "timeRange") return add_time_range(values.empty() ? "" : values.front());
    if (field == "scope") return add_scope(op, values);
    if (field == "q" && values.size() == 1 && (values.front().empty() || values.front() == "*")) return {};
    Result<std::vector<std::string>> checked = checked_values(field, std::move(values));
    if (!checked) return fail(std::move(checked.error()));
    has_start_ |= field == "startDate";
    filters_.push_back({std::string(field), op, std::move(key), std::move(*checked)});
    return {};
  }

  // Parameters of ≤ 0.22. Empty ones count as absent: the forms of old clients send them.
  Result<void> add_old(const http::Target& target) {
    struct Old { std::string_view name, field; Op op; };
    static constexpr std::array<Old, 9> one_value = {{{"q", "q", Op::equals}, {"namespace", "namespace", Op::prefix}, {"flowId", "flowId", Op::equals},
                                                      {"startDate", "startDate", Op::greater_or_equal}, {"endDate", "endDate", Op::less_or_equal},
                                                      {"triggerExecutionId", "triggerExecutionId", Op::equals}, {"childFilter", "childFilter", Op::equals},
                                                      {"minLevel", "level", Op::greater_or_equal}, {"triggerId", "triggerId", Op::equals}}};
    const bool has_range = target.first("timeRange").value_or("") != "";
    if (has_range && target.first("startDate").value_or("") != "") return exclusive();
    for (const Old& old : one_value) {
      const std::string_view value = target.first(old.name).value_or("");
      if (value.empty() || !offers(old.field)) continue;
      if (has_range && old.name == "endDate") continue;
      if (auto added = add(old.field, old.op, {}, {std::string(value)}); !added) return added;
    }
    for (const std::string_view name : {"state", "scope"}) {
      std::vector<std::string> values;
      for (const std::string& text : target.all(name))
        for (std::string& one : split(text, ','))
          if (!one.empty()) values.push_back(std::move(one));
      if (values.empty() || !offers(name)) continue;
      if (auto added = add(name, name == "state" ? Op::in : Op::equals, {}, std::move(values)); !added) return added;
    }
    if (offers("labels")) {
      for (const std::string& text : target.all("labels")) {
        if (text.empty()) continue;
        Result<flow::Label> label = read_label(text);
        if (!label) return fail(std::move(label.error()));
        if (auto added = add("labels", Op::equals, label->key, {label->value}); !added) return added;
      }
    }
    if (has_range && offers("timeRange")) return add("timeRange", Op::equals, {}, {std::string(*target.first("timeRange"))});
    return {};
  }

  std::vector<Filter> take() { return std::move(filters_); }

 private:
  bool offers(std::string_view field) const { return std::ranges::find(rules_.fields, field) != rules_.fields.end(); }

  std::unexpected<Error> unsupported_field(std::string_view field) const {
    if (!is_known_field(field)) return illegal_argument("filter-invalid", fmt::format("Unsupported field '{}'. Expected one of: {}", field, kAllFields));
    return illegal_argument("filter-invalid", fmt::format("Field '{}' is not supported for resource {}. Supported fields are {}", field, rules_.resource, listed(rules_.fields)));
  }

  static std::unexpected<Error> exclusive() {
    return illegal_argument("filter-invalid", "Parameters 'startDate' and 'timeRange' are mutually exclusive");
  }

  Result<void> add_label(Op op, std::string key, std::vector<std::string> values) {
    if (key.empty()) {  // `filters[labels][EQUALS]=team:a`
      for (const std::string& text : values) {
        Result<flow::Label> label = read_label(text);
        if (!label) return fail(std::move(label.error()));
        filters_.push_back({"labels", op, label->key, {label->value}});
      }
      return {};
    }
    filters_.push_back({"labels", op, std::move(key), std::move(values)});
    return {};
  }

  Result<void> add_time_range(std::string_view text) {
    const std::optional<Duration> range = parse_duration(text);
    if (!range || *range < Duration{0})
      return illegal_argument("filter-invalid", fmt::format("'{}' is not a time range: an ISO-8601 duration of days or less is expected, such as PT12H or P7D", text));
    if (has_start_) return exclusive();
    filters_.push_back({"startDate", Op::greater_or_equal, {}, {format_instant(context_.now - *range)}});
    return {};
  }

  // USER is every namespace but the one of system flows. Both together say nothing.
  Result<void> add_scope(Op op, const std::vector<std::string>& values) {
    bool user = false, system = false;
    for (const std::string& value : values) {
      for (const std::string& one : split(value, ',')) {
        if (one == "USER") user = true;
        else if (one == "SYSTEM") system = true;
        else return illegal_argument("filter-invalid", fmt::format("'{}' is not a scope: USER or SYSTEM", one));
      }
    }
    if (user == system) return {};
    const bool only_system = system == (op == Op::equals);
    filters_.push_back({"namespace", only_system ? Op::equals : Op::not_equals, {}, {context_.system_namespace}});
    return {};
  }

  const SearchRules& rules_;
  const SearchContext& context_;
  std::vector<Filter> filters_;
  bool has_start_ = false;
};

// `filters[labels][EQUALS][team]` → {"labels", "EQUALS", "team"}; nothing when it is another parameter or malformed.
std::optional<std::vector<std::string>> filter_keys(std::string_view name) {
  if (!name.starts_with("filters[") || !name.ends_with(']')) return std::nullopt;
  std::vector<std::string> keys;
  std::string_view rest = name.substr(7);
  while (!rest.empty()) {
    if (rest.front() != '[') return std::nullopt;
    // The key of a label may hold brackets of its own: the third part goes to the end.
    const std::size_t end = keys.size() == 2 ? rest.size() - 1 : rest.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    keys.emplace_back(rest.substr(1, end - 1));
    rest.remove_prefix(end + 1);
  }
  if (keys.size() < 2 || keys.size() > 3) return std::nullopt;
  return keys;
}

Result<void> add_new(Reader& reader, const http::Target& target) {
  for (const auto& [name, value] : target.query) {
    if (!name.starts_with("filters")) continue;
    const auto keys = filter_keys(name);
    if (!keys) return illegal_argument("filter-invalid", fmt::format("Cannot read the filter '{}': filters[field][OPERATION]=value is expected", name));
    std::string field = (*keys)[0];
    if (field == "query") field = "q";
    if (field == "minLevel") field = "level";
    const auto op = std::ranges::find(kOps, std::string_view((*keys)[1]), &OpName::name);
    if (op == kOps.end()) return illegal_argument("filter-invalid", fmt::format("Unsupported operation '{}' of field '{}'", (*keys)[1], field));
    const bool is_list = op->op == Op::in || op->op == Op::not_in || field == "scope";
    std::vector<std::string> values = is_list ? split(value, ',') : std::vector<std::string>{value};
    if (auto added = reader.add(field, op->op, keys->size() == 3 ? (*keys)[2] : std::string(), std::move(values)); !added) return added;
  }
  return {};
}

}  // namespace

const SearchRules& flow_search() {
  static constexpr SearchRules rules{"searchFlows", "FLOW", kFlowFields, kFlowSorts};
  return rules;
}
const SearchRules& execution_search() {
  static constexpr SearchRules rules{"searchExecutions", "EXECUTION", kExecutionFields, kExecutionSorts};
  return rules;
}
const SearchRules& log_search() {
  static constexpr SearchRules rules{"searchLogs", "LOG", kLogFields, kLogSorts};
  return rules;
}
const SearchRules& trigger_search() {
  static constexpr SearchRules rules{"searchTriggers", "TRIGGER", kTriggerFields, kTriggerSorts};
  return rules;
}
const SearchRules& metric_search() {
  static constexpr SearchRules rules{"searchByExecution", "METRIC", {}, kMetricSorts};
  return rules;
}
const SearchRules& namespace_search() {
  static constexpr std::array<std::string_view, 1> sorts{"id"};
  static constexpr SearchRules rules{"find", "NAMESPACE", {}, sorts};
  return rules;
}
const SearchRules& tenant_search() {
  static constexpr SearchRules rules{"searchTenants", "TENANT", kTenantFields, kTenantSorts};
  return rules;
}

Result<store::Page> read_page(const http::Target& target, const SearchRules& rules) {
  store::Page page;
  const Result<int> number = read_number(target, rules, "page", 1, 1'000'000);
  if (!number) return fail(number.error());
  const Result<int> size = read_number(target, rules, "size", 10, kPageSizeMax);
  if (!size) return fail(size.error());
  Result<std::vector<store::Sort>> sorts = read_sorts(target, rules);
  if (!sorts) return fail(std::move(sorts.error()));
  page.number = *number;
  page.size = *size;
  page.sort = std::move(*sorts);
  return page;
}

Result<store::Query> read_query(const http::Target& target, const SearchRules& rules, const SearchContext& context) {
  store::Query query;
  Result<store::Page> page = read_page(target, rules);
  if (!page) return fail(std::move(page.error()));
  query.page = std::move(*page);
  Reader reader(rules, context);
  if (auto added = reader.add_old(target); !added) return fail(std::move(added.error()));
  if (auto added = add_new(reader, target); !added) return fail(std::move(added.error()));
  query.filters = reader.take();
  constexpr std::size_t filters_max = 50;
  if (query.filters.size() > filters_max) return illegal_argument("filter-invalid", fmt::format("At most {} filters are allowed", filters_max));
  return query;
}

Result<flow::Label> read_label(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return fail(ErrorKind::invalid, "label-invalid", "Unprocessable Entity: Can't split the queryString parameter by ':'");
  flow::Label label{std::string(trim(text.substr(0, colon))), std::string(trim(text.substr(colon + 1)))};
  if (label.key.empty() || label.value.empty()) return illegal_argument("label-invalid", fmt::format("A label needs a key and a value: '{}'", text));
  return label;
}

}  // namespace insula::api
