// The trigger and condition types of this build, with their properties, documentation and checks.
#include "engine/engine.h"
#include "schedule/schedule.h"

namespace insula::engine {

namespace {
constexpr std::string_view kPrefix = "io.kestra.plugin.core.condition.";
}

// tidy: long function, because it is a table of types
void register_types(flow::Catalog& catalog) {
  using Kind = flow::PropertyInfo::Kind;
  const auto property = [](std::string name, Kind kind, bool required, std::string doc) {
    flow::PropertyInfo info;
    info.name = std::move(name);
    info.kind = kind;
    info.required = required;
    info.doc = std::move(doc);
    return info;
  };
  const auto condition = [&](std::string name, std::vector<std::string> old_names, std::string doc, std::vector<flow::PropertyInfo> properties) {
    flow::TypeInfo info;
    info.type = std::string(kPrefix) + name;
    info.category = flow::TypeCategory::condition;
    for (std::string& old : old_names) info.aliases.push_back(std::move(old));
    info.doc = std::move(doc);
    info.properties = std::move(properties);
    catalog.add(std::move(info));
  };
  const std::string old = "io.kestra.core.models.conditions.types.";
  const auto names = [&](std::string_view name) { return std::vector<std::string>{old + std::string(name) + "Condition", std::string(kPrefix) + std::string(name) + "Condition"}; };
  const flow::PropertyInfo date = property("date", Kind::string, false, "Date to look at; `{{ trigger.date }}` when absent.");
  condition("Expression", {old + "VariableCondition", std::string(kPrefix) + "ExpressionCondition"}, "True when the rendered text is neither empty, `false`, `0` nor `-0`.",
            {property("expression", Kind::string, true, "The expression.")});
  condition("Not", names("Not"), "True when not all of the nested conditions hold.", {property("conditions", Kind::condition_list, true, "Conditions.")});
  condition("Or", names("Or"), "True when one of the nested conditions holds.", {property("conditions", Kind::condition_list, true, "Conditions.")});
  condition("Weekend", names("Weekend"), "True on Saturday and Sunday.", {date});
  condition("DayWeek", names("DayWeek"), "True on one day of the week.", {property("dayOfWeek", Kind::string, true, "MONDAY … SUNDAY."), date});
  condition("DayWeekInMonth", names("DayWeekInMonth"), "True on the n-th such weekday of the month.",
            {property("dayOfWeek", Kind::string, true, "MONDAY … SUNDAY."), property("dayInMonth", Kind::string, true, "FIRST, SECOND, THIRD, FOURTH or LAST."), date});
  condition("TimeBetween", names("TimeBetween"), "True between two times of the day.", {property("after", Kind::string, false, "Later than this time."), property("before", Kind::string, false, "Earlier than this time."), date});
  condition("DateTimeBetween", names("DateTimeBetween"), "True between two instants.", {property("after", Kind::string, false, "Later than this date."), property("before", Kind::string, false, "Earlier than this date."), date});

  flow::TypeInfo webhook;
  webhook.type = "io.kestra.plugin.core.trigger.Webhook";
  webhook.category = flow::TypeCategory::trigger;
  webhook.aliases = {"io.kestra.core.models.triggers.types.Webhook"};
  webhook.title = "Starts an execution for each HTTP request to its own address.";
  webhook.doc = "The address is `/api/v1/{tenant}/executions/webhook/{namespace}/{flow}/{key}`; the key is the only credential, so make it long and keep it secret.";
  webhook.properties = {property("key", Kind::string, true, "Secret part of the address; may be an expression such as `{{ secret('WEBHOOK_KEY') }}`; at most 256 characters.")};
  webhook.example = "id: hook\nnamespace: company.team\ntasks:\n  - id: log\n    type: io.kestra.plugin.core.log.Log\n    message: \"{{ trigger.body }}\"\ntriggers:\n  - id: call\n    type: io.kestra.plugin.core.trigger.Webhook\n    key: 4wjtkzwVGBM9yKnjm3yv8r\n";
  webhook.check = [](const JsonObject& properties) {
    std::vector<Violation> wrong;
    if (text_or(properties, "key").size() > 256) wrong.push_back({"key", "size must be between 0 and 256", 0, 0, "shorten the key"});
    return wrong;
  };
  catalog.add(std::move(webhook));

  flow::TypeInfo scheduled;
  scheduled.type = "io.kestra.plugin.core.trigger.Schedule";
  scheduled.category = flow::TypeCategory::trigger;
  scheduled.aliases = {"io.kestra.core.models.triggers.types.Schedule"};
  scheduled.title = "Starts an execution at the dates of a cron text.";
  scheduled.doc = "Dates are computed in `timezone` and follow its daylight saving. While an execution of the trigger runs, its dates are skipped unless `allowConcurrent` is true.";
  scheduled.properties = {property("cron", Kind::string, true, "Five fields, or six with `withSeconds`; `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`, `@midnight`."),
                          property("withSeconds", Kind::boolean, false, "The first of six fields is the second."),
                          property("timezone", Kind::string, false, "IANA name; the server's zone when absent."),
                          property("lateMaximumDelay", Kind::duration, false, "A date later than this is skipped."),
                          property("recoverMissedSchedules", Kind::string, false, "ALL, LAST or NONE: what to do about dates missed while the server was down."),
                          property("scheduleConditions", Kind::condition_list, false, "Old name of `conditions`."),
                          property("backfill", Kind::map, false, "Old place of a backfill; ignored.")};
  scheduled.properties[5].deprecated = scheduled.properties[6].deprecated = true;
  scheduled.example = "id: every-hour\nnamespace: company.team\ntasks:\n  - id: log\n    type: io.kestra.plugin.core.log.Log\n    message: \"planned for {{ trigger.date }}\"\ntriggers:\n  - id: hourly\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: \"0 * * * *\"\n    timezone: Europe/Paris\n";
  scheduled.check = [](const JsonObject& properties) {
    std::vector<Violation> wrong;
    const Json* seconds = find(properties, "withSeconds");
    const std::string cron = text_or(properties, "cron");
    if (auto parsed = schedule::Cron::parse(cron, seconds != nullptr && seconds->is_bool() && seconds->get_bool()); !parsed) {
      wrong.push_back({"cron", parsed.error().message, 0, 0, {}});
    }
    const std::string zone = text_or(properties, "timezone");
    if (!zone.empty()) {
      if (auto known = schedule::zone(zone); !known) wrong.push_back({"timezone", known.error().message, 0, 0, {}});
    }
    return wrong;
  };
  catalog.add(std::move(scheduled));
}

}  // namespace insula::engine
