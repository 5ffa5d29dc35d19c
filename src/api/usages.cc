// How much there is of what in a tenant, and what ran in the last day. Executions come from hourly counters; flows and people are gone through one by
// one, types of tasks by a look through the sources, so that this costs what a search of all of them does.
#include <set>

#include "api/parts.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

using Counts = std::map<std::string, std::int64_t, std::less<>>;

JsonObject counts_json(const Counts& counts) {
  JsonObject json;
  for (const auto& [name, count] : counts) json[name] = count;
  return json;
}

std::optional<std::vector<std::string>> namespaces_of(const Call& call, Resource resource) {
  const access::Namespaces allowed = access::namespaces_allowed(call.grants(), resource, Action::list);
  if (allowed.all) return std::nullopt;
  std::vector<std::string> prefixes;
  for (const Namespace& prefix : allowed.prefixes) prefixes.push_back(prefix.str());
  return prefixes;
}

// ---- flows

struct TypeCounts {
  Counts tasks, triggers, runners;
};

// Every `type: …` of the text that is a type of the catalog. A whole flow is not read: there may be thousands.
void count_types(std::string_view source, const flow::Catalog& catalog, TypeCounts& counts) {
  constexpr std::string_view key = "type:";
  for (std::size_t begin = 0, end = 0; begin < source.size(); begin = end + 1) {
    end = std::min(source.find('\n', begin), source.size());
    const std::string_view line = source.substr(begin, end - begin);
    if (trim(line).starts_with('#')) continue;
    for (std::size_t at = line.find(key); at != std::string_view::npos; at = line.find(key, at + 1)) {
      const std::string_view before = trim(line.substr(0, at));
      if (!before.empty() && !std::string_view("-{,").contains(before.back())) continue;
      std::string_view value = trim(line.substr(at + key.size()));
      value = value.substr(0, value.find_first_of(" ,}\t\r"));
      if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'')) value = value.substr(1, value.size() - 2);
      const flow::TypeInfo* info = catalog.find(value);
      if (info == nullptr) continue;
      if (info->category == flow::TypeCategory::task) ++counts.tasks[info->type];
      if (info->category == flow::TypeCategory::trigger) ++counts.triggers[info->type];
      if (info->category == flow::TypeCategory::task_runner) ++counts.runners[info->type];
    }
  }
}

Result<JsonObject> flows_json(const Call& call, store::TenantReader& reader) {
  store::Query query;
  query.namespaces = namespaces_of(call, Resource::flow);
  query.page = {.number = 1, .size = kPageSizeMax, .sort = {}};
  std::int64_t count = 0;
  std::set<std::string, std::less<>> namespaces;
  TypeCounts types;
  for (bool is_last = false; !is_last; ++query.page.number) {
    const auto found = reader.search_flows(query);
    if (!found) return fail(found.error());
    for (const store::FlowRow& row : found->rows) {
      ++count;
      namespaces.insert(row.ns.str());
      count_types(row.source, *call.engine().ports().catalog, types);
    }
    is_last = std::cmp_less(found->rows.size(), query.page.size);
  }
  return JsonObject{{"count", count}, {"namespacesCount", namespaces.size()}, {"taskTypeCount", counts_json(types.tasks)}, {"triggerTypeCount", counts_json(types.triggers)},
                    {"taskRunnerTypeCount", counts_json(types.runners)}};
}

// ---- executions

struct Hour {
  Counts states;
  std::int64_t ended = 0;
  Duration duration{0};
};

JsonObject hour_json(Instant start, const Hour& hour) {
  JsonObject counts;
  for (int i = 0; i < execution::kStateCount; ++i) {
    const std::string_view state = execution::to_string(static_cast<execution::State>(i));
    const auto found = hour.states.find(state);
    counts[state] = found != hour.states.end() ? found->second : 0;
  }
  JsonObject duration{{"count", hour.ended}};
  if (hour.ended > 0) duration["sum"] = format_duration(hour.duration), duration["avg"] = format_duration(hour.duration / hour.ended);
  return {{"startDate", format_instant(start)}, {"duration", std::move(duration)}, {"executionCounts", std::move(counts)}, {"groupBy", "hour"}};
}

// The last day by hours, as 1.3: those that have begun, with the one at hand 25.
Result<JsonObject> executions_json(const Call& call, store::TenantReader& reader) {
  store::Query query;
  query.namespaces = namespaces_of(call, Resource::execution);
  const auto last = std::chrono::floor<std::chrono::hours>(call.now()), first = last - std::chrono::hours(24);
  const auto counters = reader.counters(first, last + std::chrono::hours(1), query);
  if (!counters) return fail(counters.error());
  std::map<Instant, Hour> hours;
  for (const store::CounterDelta& counter : *counters) {
    Hour& hour = hours[counter.hour];
    hour.states[std::string(execution::to_string(counter.state))] += counter.count;
    if (!execution::is_terminal(counter.state)) continue;
    hour.ended += counter.count;
    hour.duration += counter.duration;
  }
  JsonArray list;
  for (Instant at = first; at <= last; at += std::chrono::hours(1)) list.push_back(hour_json(at, hours[at]));
  return JsonObject{{"dailyExecutionsCount", std::move(list)}};
}

// ---- people: to those who may list them

Result<JsonObject> users_json(store::Stores& stores, store::Directory& directory) {
  store::Query people;
  people.filters.push_back({"type", store::Op::equals, {}, {"STANDARD"}});
  people.page = {.number = 1, .size = kPageSizeMax, .sort = {}};
  const auto found = directory.search_people(people);
  if (!found) return fail(found.error());
  std::int64_t with_password = 0, tokens = 0;
  for (const store::UserRow& user : found->rows) {
    with_password += !user.password_hash.empty();
    const auto of_user = stores.system().tokens_of(user.id);
    if (!of_user) return fail(of_user.error());
    tokens += std::ssize(*of_user);
  }
  // The other ways to sign in leave no trace in the rows of users.
  return JsonObject{{"count", found->total}, {"apiKeyCount", tokens}, {"basicAuthCount", with_password}, {"oidcCount", 0}, {"ldapAuthCount", 0}, {"passwordlessCount", 0}};
}

Result<void> add_people(const Call& call, JsonObject& json) {
  store::Stores& stores = *call.engine().ports().stores;
  const auto directory = stores.directory(call.scope());
  store::Query one;
  one.page.size = 1;
  const auto add = [&](std::string_view name, const auto& found) -> Result<void> {
    if (!found) return fail(found.error());
    json[name] = JsonObject{{"count", found->total}};
    return {};
  };
  if (access::allows(call.grants(), Resource::group, Action::list))
    if (auto added = add("groups", directory->search_groups(one)); !added) return added;
  if (access::allows(call.grants(), Resource::role, Action::list))
    if (auto added = add("roles", directory->search_roles(one)); !added) return added;
  if (access::allows(call.grants(), Resource::user, Action::list)) {
    auto users = users_json(stores, *directory);
    if (!users) return fail(std::move(users.error()));
    json["users"] = std::move(*users);
  }
  // How many tenants there are is the business of those who make them.
  if (call.principal().super_admin)
    if (auto added = add("tenants", stores.system().search_tenants(one)); !added) return added;
  return {};
}

void show_usages(const CallPtr& call) {
  read_json(call, [](Call& c, store::TenantReader& reader) -> Result<Json> {
    auto flows = flows_json(c, reader);
    if (!flows) return fail(std::move(flows.error()));
    auto executions = executions_json(c, reader);
    if (!executions) return fail(std::move(executions.error()));
    JsonObject json{{"flows", std::move(*flows)}, {"executions", std::move(*executions)}};
    if (auto people = add_people(c, json); !people) return fail(std::move(people.error()));
    return json;
  });
}

}  // namespace

void add_usage_routes(Routes& routes) {
  for (const std::string_view path : {"/api/v1/{tenant}/usages", "/api/v1/{tenant}/usages/all"})
    routes.emplace_back(http::Method::get, path, needs(Resource::flow, Action::list).or_needs(Resource::execution, Action::list), show_usages,
                        "How many flows of which types there are, what ran in the last day, and of people as many as the caller may list.");
}

}  // namespace insula::api
