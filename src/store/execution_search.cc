// Searches of executions. Rows are found in the order of their start through one *driving* index and the other filters look at what comes
// along; a page is a list of ids first, so that no JSON is read for rows that are not shown. Totals of what the counters know are not counted.
#include "store/search.h"
#include "store/tables.h"

namespace insula::store::execution_search {
namespace {

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::int64_t kFew = 1'000;             // rows that any index may lead through
constexpr std::int64_t kTotalMax = 100'000;      // of a page; above it a total that is counted means at least so many
constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

const std::vector<Field> kFields{
    Field{"namespace", "e.namespace"}, Field{"flowId", "e.flow_id"}, Field{"id", "e.id"}, Field{"state", "e.state", FieldKind::state},
    Field{"flowRevision", "e.flow_revision", FieldKind::integer}, Field{"startDate", "e.start_date", FieldKind::instant},
    Field{.name = "endDate", .column = "e.end_date", .kind = FieldKind::instant, .nullable = true},
    Field{.name = "duration", .column = "e.duration", .kind = FieldKind::integer, .filter = false, .nullable = true},
    Field{"triggerExecutionId", "e.trigger_execution_id", FieldKind::text, true, false}, Field{"parentId", "e.parent_id", FieldKind::text, true, false},
    Field{"kind", "e.kind"}, Field{"state.current", "e.state", FieldKind::text, false}, Field{"state.startDate", "e.start_date", FieldKind::instant, false},
    Field{.name = "state.endDate", .column = "e.end_date", .kind = FieldKind::instant, .filter = false, .nullable = true},
    Field{.name = "state.duration", .column = "e.duration", .kind = FieldKind::integer, .filter = false, .nullable = true}};
constexpr std::array<std::string_view, 4> kWordColumns{"e.id", "e.flow_id", "e.namespace", "e.labels"};

enum class Driver { date, flow, state, label, trigger, planner };

bool sorted_by_start(const Page& page) {
  return std::ranges::all_of(page.sort, [](const Sort& s) { return s.field == "startDate" || s.field == "state.startDate"; }) && page.sort.size() <= 1;
}

bool filters_on(const Query& query, std::string_view field) {
  return std::ranges::any_of(query.filters, [&](const Filter& f) { return f.field == field && single_value(f).has_value(); });
}

// The counters answer for these; of dates they know whole hours.
bool counted(const Query& query) {
  static constexpr std::array<std::string_view, 5> known{"namespace", "flowId", "state", "scope", "startDate"};
  return std::ranges::all_of(query.filters, [](const Filter& f) { return std::ranges::find(known, f.field) != known.end(); });
}

// The label whose index entries lead the search. A correlation id is not in the table for every execution, so it leads none.
const Filter* driving_label(const Query& query) {
  for (const Filter& f : query.filters) {
    if (f.field == "labels" && single_value(f) && label_filter(f).key != "system.correlationId") return &f;
  }
  return nullptr;
}

bool many_with_label(Connection& c, const Filter& written) {
  const Filter label = label_filter(written);
  const auto seen = query_integer(c, "select count(*) from (select 1 from execution_labels d where {tenant d} and d.label_key = $1 and d.label_value = $2 limit $3) counted",
                                  Cells().text(label.key).own(*single_value(label)).integer(kFew + 1));
  return seen.value_or(0) > kFew;
}

// Which index a search starts from. With one that is ordered by start within the filter there is nothing to weigh; else few rows that match
// (K of N) are better fetched and sorted, many better met on the way back through time: a page of 25 meets 25·N/K rows.
Driver choose(Connection& c, const Query& query) {
  if (filters_on(query, "namespace") && filters_on(query, "flowId")) return Driver::flow;
  if (filters_on(query, "triggerExecutionId")) return Driver::trigger;
  Query countable = query;
  std::erase_if(countable.filters, [](const Filter& f) { return f.field != "namespace" && f.field != "flowId" && f.field != "state" && f.field != "scope"; });
  const bool nothing_counted = countable.filters.empty() && !query.namespaces;
  const Filter* label = driving_label(query);
  if (label != nullptr && (nothing_counted || !many_with_label(c, *label))) return Driver::label;
  if (nothing_counted) return Driver::date;
  if (label == nullptr && countable.filters.size() == 1 && filters_on(query, "state") && !query.namespaces) return Driver::state;
  const std::int64_t matching = counter_table::sum(c, countable, std::nullopt);
  const std::int64_t all = counter_table::sum(c, {}, std::nullopt);
  const std::int64_t page = std::int64_t{query.page.number} * query.page.size;
  const bool many = matching == 0 || matching > std::numeric_limits<std::int32_t>::max() || matching * matching > page * all;
  if (many && label != nullptr && matching > kFew) return Driver::label;
  return many && matching > kFew ? Driver::date : Driver::planner;
}

class Builder {
 public:
  Builder(Connection& c, const Query& query, Driver driver) : dialect_(c.dialect()), query_(query), driver_(driver), search_(dialect_, fields_, sql_) {
    // Rows of labels carry the start too, so that a range of dates is a range of their index.
    if (driver == Driver::label) for (Field& field : fields_) if (field.column == "e.start_date") field.column = "d.start_date";
    if (driver != Driver::planner) search_.hidden = [this](std::string_view column) { return hides(column); };
    for (std::size_t i = 0; i < query.filters.size(); ++i) add(query.filters[i]);
    search_.visible_namespaces(query, "e.namespace");
  }

  SqlText& sql() { return sql_; }
  Search& search() { return search_; }
  // `from … where …`, without an order.
  std::string from_where() { return fmt::format("from {} where {{tenant e}}{}{}", from_, join_, sql_.text); }

 private:
  bool hides(std::string_view column) const {
    switch (driver_) {
      case Driver::date: return column == "e.namespace" || column == "e.flow_id" || column == "e.state" || column == "e.id" || column == "e.trigger_execution_id";
      case Driver::flow: return column == "e.state" || column == "e.trigger_execution_id";
      case Driver::state: return column == "e.namespace" || column == "e.flow_id" || column == "e.trigger_execution_id";
      case Driver::trigger: return column == "e.namespace" || column == "e.flow_id" || column == "e.state";
      default: return false;
    }
  }

  void add(const Filter& f) {
    if (query_.filters.size() > 100) refuse("filter-invalid", "A search takes at most 100 filters.");
    if (f.field == "q") return search_.words(f, kWordColumns);
    if (f.field == "scope") return search_.scope(f, search_.hidden("e.namespace") ? dialect_.not_indexed("e.namespace", ColumnType::text) : "e.namespace");
    if (f.field == "labels") return label(f);
    if (f.field == "childFilter") return child(f);
    if (f.field == "kind") return kind(f);
    if (f.field == "timeRange") refuse("filter-invalid", "A time range is given here as startDate.");
    search_.filter(f);
  }

  void label(const Filter& written) {
    const Filter f = label_filter(written);
    if (driver_ == Driver::label && &written == driving_label(query_)) {
      // SQLite keeps the order of a cross join: labels first.
      from_ = "execution_labels d cross join executions e";
      join_ = " and e.id = d.execution_id";
      search_.also(fmt::format("{{tenant d}} and d.label_key = {} and d.label_value = {}", sql_.bind(f.key), sql_.bind(*single_value(f))));
      return;
    }
    // A label that every execution has by itself is not in the table.
    if (f.key == "system.correlationId") {
      const std::string packed = pack_labels({{f.key, f.values.empty() ? "" : f.values.front()}});
      if (!single_value(f)) refuse("filter-operation-unsupported", "`system.correlationId` is compared with EQUALS.");
      return search_.also(dialect_.contains("e.labels", sql_.bind(std::string_view(packed).substr(1, packed.size() - 2))));
    }
    Filter positive = f;
    const bool negative = f.op == Op::not_equals || f.op == Op::not_in;
    if (negative) positive.op = f.op == Op::not_equals ? Op::equals : Op::in;
    const std::string key = sql_.bind(f.key);
    search_.also(fmt::format("{} (select 1 from execution_labels l where {{tenant l}} and l.execution_id = e.id and l.label_key = {} and {})",
                             negative ? "not exists" : "exists", key, search_.text_condition(positive, "l.label_value")));
  }

  void child(const Filter& f) {
    const auto value = single_value(f);
    if (!value || (*value != "CHILD" && *value != "MAIN")) refuse("filter-invalid", "The filter on `childFilter` is EQUALS CHILD or MAIN.");
    search_.also(*value == "CHILD" ? "e.trigger_execution_id is not null" : "e.trigger_execution_id is null");
  }

  void kind(Filter f) {
    for (std::string& value : f.values) value = value == "NORMAL" ? "" : value;
    search_.filter(f);
  }

  const Dialect& dialect_;
  const Query& query_;
  Driver driver_;
  SqlText sql_;
  std::vector<Field> fields_ = kFields;
  Search search_;
  std::string from_ = "executions e", join_;
};

std::vector<std::string> page_of_ids(Connection& c, const Query& query) {
  const Driver driver = sorted_by_start(query.page) ? choose(c, query) : Driver::planner;
  Builder builder(c, query, driver);
  SqlText& sql = builder.sql();
  const bool descending = query.page.sort.empty() || query.page.sort.front().descending;
  const std::string_view way = descending ? " desc" : "";
  std::string order = driver == Driver::planner ? builder.search().order(query.page, {{"startDate", true}}, "e.id")
                      : driver == Driver::label ? fmt::format(" order by d.start_date{0}, d.execution_id{0}", way)
                                                : fmt::format(" order by e.start_date{0}, e.id{0}", way);
  const std::string limit = builder.search().limit(query.page);
  std::vector<std::string> ids;
  c.query(fmt::format("select e.id {}{}{}", builder.from_where(), order, limit), sql.cells,
          [&](const Row& row) { ids.emplace_back(row.text(0)); });
  return ids;
}

// At most `limit`.
std::int64_t count_rows(Connection& c, const Query& query, std::int64_t limit) {
  // A count has no order to follow: what the planner takes is good, but that it cannot weigh a label against the rest.
  const bool by_label = driving_label(query) != nullptr && choose(c, query) == Driver::label;
  Builder builder(c, query, by_label ? Driver::label : Driver::planner);
  // A label alone is counted in its index, without a look at the executions.
  const bool nothing_else = by_label && !query.namespaces && std::ranges::all_of(query.filters, [](const Filter& f) { return f.field == "startDate" || f.field == "labels"; }) &&
                            std::ranges::count(query.filters, "labels", &Filter::field) == 1;
  std::string rows = nothing_else ? fmt::format("from execution_labels d where true{}", builder.sql().text) : builder.from_where();
  if (limit == kNoLimit) return query_integer(c, "select count(*) " + rows, builder.sql().cells).value_or(0);
  return query_integer(c, fmt::format("select count(*) from (select 1 {} limit {}) counted", rows, builder.sql().bind(limit)), builder.sql().cells).value_or(0);
}

// First instant and end (exclusive) of the filters on startDate; nothing when one of them is no bound.
std::optional<std::pair<std::int64_t, std::int64_t>> date_range(const Query& query) {
  std::int64_t from = std::numeric_limits<std::int64_t>::min(), to = std::numeric_limits<std::int64_t>::max();
  for (const Filter& f : query.filters) {
    if (f.field != "startDate") continue;
    const auto instant = f.values.size() == 1 ? parse_instant(f.values.front()) : std::nullopt;
    if (!instant) return std::nullopt;
    const std::int64_t at = instant->time_since_epoch().count();
    if (f.op == Op::greater_or_equal) from = std::max(from, at);
    else if (f.op == Op::greater) from = std::max(from, at + 1);
    else if (f.op == Op::less) to = std::min(to, at);
    else if (f.op == Op::less_or_equal) to = std::min(to, at + 1);
    else return std::nullopt;
  }
  return std::pair(from, to);
}

std::int64_t hour_of(std::int64_t at) { return at - ((at % kHour) + kHour) % kHour; }

Query within(Query query, std::optional<std::int64_t> from, std::optional<std::int64_t> to) {
  std::erase_if(query.filters, [](const Filter& f) { return f.field == "startDate"; });
  if (from) query.filters.push_back({"startDate", Op::greater_or_equal, {}, {format_instant(Instant(Duration(*from)))}});
  if (to) query.filters.push_back({"startDate", Op::less, {}, {format_instant(Instant(Duration(*to)))}});
  return query;
}

std::int64_t total(Connection& c, const Query& query, std::int64_t limit) {
  const auto range = counted(query) ? date_range(query) : std::nullopt;
  if (!range) return count_rows(c, query, limit);
  const auto [from, to] = *range;
  const bool from_open = from == std::numeric_limits<std::int64_t>::min(), to_open = to == std::numeric_limits<std::int64_t>::max();
  if (from_open && to_open) return counter_table::sum(c, query, std::nullopt);
  if (from >= to) return 0;
  const std::int64_t first_hour = from_open ? std::numeric_limits<std::int64_t>::min() : hour_of(from) == from ? from : hour_of(from) + kHour;
  const std::int64_t end_hour = to_open ? to : hour_of(to);
  if (!from_open && !to_open && first_hour >= end_hour) return count_rows(c, query, limit);
  std::int64_t sum = counter_table::sum(c, query, std::pair(Instant(Duration(first_hour)), Instant(Duration(end_hour))));
  if (!from_open && first_hour > from) sum += count_rows(c, within(query, from, first_hour), kNoLimit);
  if (!to_open && end_hour < to) sum += count_rows(c, within(query, end_hour, to), kNoLimit);
  return sum;
}

}  // namespace

std::int64_t count(Connection& c, const Query& query) { return total(c, query, kNoLimit); }

Found<execution::Header> search(Connection& c, const Query& query) {
  check_page(query.page);
  const std::vector<std::string> ids = page_of_ids(c, query);
  Found<execution::Header> found;
  found.rows = execution_table::find_all(c, ids);
  const std::int64_t before = (std::int64_t{query.page.number} - 1) * query.page.size;
  const auto here = static_cast<std::int64_t>(ids.size());
  // A page that is not full says the total by itself.
  if (here < query.page.size && (before == 0 || here > 0)) found.total = before + here;
  else found.total = std::max(total(c, query, kTotalMax), here == 0 ? 0 : before + here);
  return found;
}

std::vector<ExecutionId> ids(Connection& c, const Query& query, const ExecutionId& after, std::size_t limit) {
  Builder builder(c, query, Driver::planner);
  SqlText& sql = builder.sql();
  const std::string from = sql.bind(after.str());
  const std::string most = sql.bind(static_cast<std::int64_t>(limit));
  std::vector<ExecutionId> out;
  c.query(fmt::format("select e.id {} and e.id > {} order by e.id limit {}", builder.from_where(), from, most), sql.cells,
          [&](const Row& row) { out.emplace_back(row.text(0)); });
  return out;
}

}  // namespace insula::store::execution_search
