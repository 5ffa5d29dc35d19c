// What belongs to the instance: configuration for clients, health, metrics, the language, the place of the user interface.
#include "api/parts.h"
#include "api/passwords.h"
#include "api/routes.h"
#include "api/session_cookie.h"

namespace insula::api {
namespace {

Json texts(const std::vector<std::string>& list) {
  JsonArray array;
  for (const std::string& text : list) array.emplace_back(text);
  return array;
}

void show_configs(const CallPtr& call) {
  off_thread(call, [](const CallPtr& waiting, store::Stores& stores) {
    const Options& options = waiting->parts().options;
    const auto users = stores.system().count_users();
    JsonObject json{{"uuid", options.instance_uuid}, {"version", options.version}, {"edition", "OSS"}, {"chartDefaultDuration", "PT24H"},
                    {"isCustomDashboardsEnabled", false}, {"isAnonymousUsageEnabled", false}, {"isUiAnonymousUsageEnabled", false}, {"isTemplateEnabled", false},
                    {"isTaskRunEnabled", false}, {"url", options.url}};
    if (!options.environment_name.empty()) json["environment"] = JsonObject{{"name", options.environment_name}, {"color", options.environment_color}};
    json["preview"] = JsonObject{{"initial", options.preview_rows_initial}, {"max", options.preview_rows_max}};
    json["systemNamespace"] = options.system_namespace;
    json["hiddenLabelsPrefixes"] = texts(options.hidden_label_prefixes);
    json["isAiEnabled"] = false;
    json["isAiApiKeyConfigured"] = false;
    json["passwordConfiguration"] = password_configuration_json(options);
    json["mailServiceEnabled"] = options.mailer != nullptr;
    json["isBasicAuthInitialized"] = users && *users > 0;
    json["pluginsHash"] = 0;
    json["isConcurrencyViewEnabled"] = true;
    json["tenants"] = JsonObject{{"storageByTenant", false}, {"secretByTenant", false}};
    waiting->reply_json(std::move(json));
  });
}

// The server refuses to start with credentials that break the rules, so there is never anything to tell.
void show_basic_auth_errors(const CallPtr& call) { call->reply_json(JsonArray{}); }

void ping(const CallPtr& call) { call->reply(http::Response::text(200, "pong", "application/json")); }

void show_health(const CallPtr& call) { call->reply_json(JsonObject{{"status", "UP"}}); }

// Ready = able to read what is stored.
void show_readiness(const CallPtr& call) {
  off_thread(call, [](const CallPtr& waiting, store::Stores& stores) {
    const bool is_up = stores.system().count_users().has_value();
    waiting->reply_json(JsonObject{{"status", is_up ? "UP" : "DOWN"}}, is_up ? 200 : 503);
  });
}

// ---- metrics: Prometheus text format 0.0.4

struct Metric { std::string_view name, kind, help; double value; };

void write(std::string& out, const Metric& metric) {
  fmt::format_to(std::back_inserter(out), "# HELP insula_{0} {1}\n# TYPE insula_{0} {2}\ninsula_{0} {3}\n", metric.name, metric.help, metric.kind, metric.value);
}

void show_metrics(const CallPtr& call) {
  const engine::Statistics s = call->engine().statistics();
  const auto number = [](auto value) { return static_cast<double>(value); };
  std::string out;
  for (const Metric& metric : {
           Metric{"turns_total", "counter", "Turns committed.", number(s.turns)},
           Metric{"turns_failed_total", "counter", "Turns that could not be committed.", number(s.turns_failed)},
           Metric{"executions_started_total", "counter", "Executions started.", number(s.executions_started)},
           Metric{"executions_ended_total", "counter", "Executions ended.", number(s.executions_ended)},
           Metric{"jobs_started_total", "counter", "Jobs handed to workers.", number(s.jobs_started)},
           Metric{"jobs_ended_total", "counter", "Jobs ended.", number(s.jobs_ended)},
           Metric{"log_lines_total", "counter", "Log lines of executions written.", number(s.log_lines)},
           Metric{"rows_total", "counter", "Rows written.", number(s.rows)},
           Metric{"tenants_loaded", "gauge", "Tenants in memory.", number(s.tenants_loaded)},
           Metric{"jobs_queued", "gauge", "Jobs that wait for a worker.", number(s.jobs_queued)},
           Metric{"jobs_running", "gauge", "Jobs that run.", number(s.jobs_running)},
           Metric{"runs_in_memory", "gauge", "Executions in memory.", number(s.runs_in_memory)},
       })
    write(out, metric);
  constexpr std::size_t tenants_max = 100;
  const auto busiest = call->engine().busiest_tenants(tenants_max);
  const auto by_tenant = [&](std::string_view name, std::string_view help, std::uint64_t engine::TenantStatistics::* member) {
    fmt::format_to(std::back_inserter(out), "# HELP insula_tenant_{0} {1}\n# TYPE insula_tenant_{0} counter\n", name, help);
    for (const auto& [tenant, statistics] : busiest) fmt::format_to(std::back_inserter(out), "insula_tenant_{}{{tenant=\"{}\"}} {}\n", name, tenant, statistics.*member);
  };
  by_tenant("executions_started_total", "Executions started, of the busiest tenants.", &engine::TenantStatistics::executions_started);
  by_tenant("executions_ended_total", "Executions ended, of the busiest tenants.", &engine::TenantStatistics::executions_ended);
  by_tenant("jobs_ended_total", "Jobs ended, of the busiest tenants.", &engine::TenantStatistics::jobs_ended);
  by_tenant("log_lines_total", "Log lines written, of the busiest tenants.", &engine::TenantStatistics::log_lines);
  call->reply(http::Response::text(200, std::move(out), "text/plain; version=0.0.4; charset=utf-8"));
}

// ---- the language

void list_functions(const CallPtr& call) {
  JsonArray list;
  for (const expression::Entry& entry : expression::registry()) {
    if (entry.kind != expression::Entry::Kind::function) continue;
    JsonArray arguments;
    for (const expression::Parameter& parameter : entry.parameters) {
      JsonObject one{{"name", parameter.name}};
      if (!parameter.default_value.empty()) one["default"] = parameter.default_value;
      arguments.push_back(std::move(one));
    }
    list.push_back(JsonObject{{"name", entry.name}, {"arguments", std::move(arguments)}});
  }
  call->reply_json(std::move(list));
}

void list_filters(const CallPtr& call) {
  JsonArray list;
  for (const expression::Entry& entry : expression::registry())
    if (entry.kind == expression::Entry::Kind::filter) list.emplace_back(entry.name);
  call->reply_json(std::move(list));
}

}  // namespace

void add_instance_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(get, "/api/v1/{tenant}/configs", public_(), show_configs, "What clients need to know of this server.");
  routes.emplace_back(get, "/api/v1/basicAuthValidationErrors", public_(), show_basic_auth_errors, "What is wrong with the configured credentials.");
  routes.emplace_back(get, "/api/v1/pebble/functions", signed_in(), list_functions, "Functions of the expression language.");
  routes.emplace_back(get, "/api/v1/pebble/filters", signed_in(), list_filters, "Filters of the expression language.");
  routes.emplace_back(get, "/ping", public_(), ping, "Answers pong.");
  routes.emplace_back(get, "/health", public_(), show_readiness, "Whether the server works.");
  routes.emplace_back(get, "/health/liveness", public_(), show_health, "Whether the process lives.");
  routes.emplace_back(get, "/health/readiness", public_(), show_readiness, "Whether requests can be answered.");
  // Names of tenants stand in them, so they are not for everybody; a scraper logs in like any other client.
  routes.emplace_back(get, "/metrics", super_admin(), show_metrics, "Counters in the text format of Prometheus.");
  routes.emplace_back(get, "/prometheus", super_admin(), show_metrics, "The same under Kestra's name.");
}

}  // namespace insula::api
