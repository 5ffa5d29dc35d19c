// Charts over executions, for the home page and the lists: what a chart shows is in its YAML, where the caller may not look nothing is counted.
#include "api/call.h"
#include "api/chart.h"
#include "api/parts.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

constexpr Duration kSpanDefault = std::chrono::days(30), kSpanMax = std::chrono::days(366);

struct ChartRequest {
  Chart chart;
  store::Query query;          // of all executions that are counted
  store::Query part;           // of a KPI's numerator
  Instant from, to;
  std::size_t page = 1, size = 0;   // size 0: everything
};

Result<std::size_t> number_of(const JsonObject& body, std::string_view name, std::size_t otherwise) {
  const Json* written = find(body, name);
  if (written == nullptr || written->is_null()) return otherwise;
  constexpr std::int64_t number_max = 1'000'000;
  if (!written->is_int64() || written->as_int64() < 1 || written->as_int64() > number_max) return illegal_argument("chart-invalid", fmt::format("`{}` is a number from 1 to {}", name, number_max));
  return static_cast<std::size_t>(written->as_int64());
}

Result<void> read_dates(ChartRequest& request, const JsonObject& filter) {
  for (const auto& [name, date] : {std::pair{"startDate", &request.from}, {"endDate", &request.to}}) {
    const std::string text = text_or(filter, name);
    if (text.empty()) continue;
    const auto at = parse_instant(text);
    if (!at) return illegal_argument("chart-invalid", fmt::format("`{}` is no date", text));
    *date = *at;
  }
  return {};
}

Result<void> read_filter(ChartRequest& request, const JsonObject& filter, Instant now) {
  if (auto dates = read_dates(request, filter); !dates) return dates;
  if (const Json* labels = find(filter, "labels"); labels != nullptr && labels->is_object() && !labels->as_object().empty())
    return illegal_argument("chart-invalid", "charts are not filtered by labels in this version");
  if (const std::string ns = text_or(filter, "namespace"); !ns.empty()) request.query.filters.push_back({"namespace", store::Op::prefix, {}, {ns}});
  if (const Json* filters = find(filter, "filters")) {
    auto read = read_chart_filters(*filters, now, request.from, request.to);
    if (!read) return fail(std::move(read.error()));
    std::ranges::move(*read, std::back_inserter(request.query.filters));
  }
  const auto page = number_of(filter, "pageNumber", 1), size = number_of(filter, "pageSize", 0);
  if (!page) return fail(page.error());
  if (!size) return fail(size.error());
  request.page = *page;
  request.size = *size;
  return {};
}

Result<ChartRequest> read_request(const Call& call) {
  const Result<Json> body = call.json_body();
  if (!body) return fail(body.error());
  const Json* written = find(*body, "chart");
  if (written == nullptr || !written->is_string()) return illegal_argument("chart-invalid", "the body needs `chart`, the YAML of a chart");
  auto chart = read_chart(as_view(written->as_string()));
  if (!chart) return fail(std::move(chart.error()));
  ChartRequest request{.chart = std::move(*chart), .query = {}, .part = {}, .from = call.now() - kSpanDefault, .to = call.now()};
  if (const Json* filter = find(*body, "globalFilter"); filter != nullptr && filter->is_object())
    if (auto read = read_filter(request, filter->as_object(), call.now()); !read) return fail(std::move(read.error()));
  if (request.to < request.from || request.to - request.from > kSpanMax) return illegal_argument("chart-invalid", "a chart shows at most 366 days, from an earlier date to a later one");
  request.query.namespaces = call.namespaces();
  for (store::Filter& each : request.query.filters)
    if (each.field == "scope") each.key = call.parts().options.system_namespace;
  std::ranges::copy(request.chart.where, std::back_inserter(request.query.filters));
  request.part = request.query;
  if (request.chart.numerator) std::ranges::copy(*request.chart.numerator, std::back_inserter(request.part.filters));
  return request;
}

// Counters are of whole hours: the one in which the time begins counts, and the one that begins as it ends.
Result<std::vector<store::CounterDelta>> counters(store::TenantReader& reader, const ChartRequest& request, const store::Query& query) {
  return reader.counters(std::chrono::floor<std::chrono::hours>(request.from), request.to + Duration(1), query);
}

Json page_of(JsonArray rows, const ChartRequest& request) {
  const std::size_t total = rows.size();
  JsonArray results;
  const std::size_t first = request.size == 0 ? 0 : (request.page - 1) * request.size;
  for (std::size_t i = first; i < total && (request.size == 0 || i < first + request.size); ++i) results.push_back(std::move(rows[i]));
  return JsonObject{{"results", std::move(results)}, {"total", total}};
}

void preview_chart(const CallPtr& call) {
  auto request = read_request(*call);
  if (!request) return call->reply_error(request.error());
  read_json(call, [request = std::move(*request)](Call&, store::TenantReader& reader) -> Result<Json> {
    const auto all = counters(reader, request, request.query);
    if (!all) return fail(all.error());
    if (!request.chart.is_kpi) return page_of(chart_rows(request.chart, *all, request.to - request.from), request);
    std::vector<store::CounterDelta> part;
    if (request.chart.numerator) {
      auto found = counters(reader, request, request.part);
      if (!found) return fail(found.error());
      part = std::move(*found);
    }
    return page_of(kpi_rows(request.chart, *all, part), request);
  });
}

}  // namespace

void add_chart_routes(Routes& routes) {
  routes.emplace_back(http::Method::post, "/api/v1/{tenant}/dashboards/charts/preview", needs(Resource::execution, Action::list), preview_chart, "The data of a chart over executions, described in YAML.");
}

}  // namespace insula::api
