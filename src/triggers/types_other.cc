// The catalog entries of the Webhook and Schedule triggers.
#include "schedule/schedule.h"
#include "triggers/triggers.h"
#include "triggers/types_parts.h"

namespace insula::triggers {

namespace {

Violation violation(std::string path, std::string message, std::string suggestion = {}) { return {std::move(path), std::move(message), 0, 0, std::move(suggestion)}; }

std::vector<Violation> check_webhook(const JsonObject& properties) {
  std::vector<Violation> wrong;
  if (text_or(properties, "key").size() > 256) wrong.push_back(violation("key", "size must be between 0 and 256", "shorten the key"));
  if (const Json* conditions = find(properties, "conditions"); conditions != nullptr && conditions->is_array()) {
    for (const Json& condition : conditions->get_array()) {
      if (condition.is_object() && text_or(condition.get_object(), "type").ends_with(".MultipleCondition")) {
        wrong.push_back(violation("", "invalid webhook: conditions of type MultipleCondition are not supported"));
      }
    }
  }
  return wrong;
}

std::vector<Violation> check_schedule(const JsonObject& properties) {
  std::vector<Violation> wrong;
  if (const Json* interval = find(properties, "interval"); interval != nullptr && !interval->is_null()) wrong.push_back(violation("interval", "must be null"));
  const Json* seconds = find(properties, "withSeconds");
  const std::string cron = text_or(properties, "cron");
  if (auto parsed = schedule::Cron::parse(cron, seconds != nullptr && seconds->is_bool() && seconds->get_bool()); !parsed) {
    wrong.push_back(violation("cron", parsed.error().message));
  }
  const std::string zone = text_or(properties, "timezone");
  if (!zone.empty()) {
    if (auto known = schedule::zone(zone); !known) wrong.push_back(violation("timezone", known.error().message));
  }
  return wrong;
}

}  // namespace

void register_other_triggers(flow::Catalog& catalog) {
  flow::TypeInfo webhook;
  webhook.type = std::string(kWebhook);
  webhook.category = flow::TypeCategory::trigger;
  webhook.aliases = {"io.kestra.core.models.triggers.types.Webhook"};
  webhook.title = "Starts an execution for each HTTP request to its own address.";
  webhook.doc = "The address is `/api/v1/{tenant}/executions/webhook/{namespace}/{flow}/{key}`; the key is the only credential, so make it long and keep it secret.";
  webhook.properties = {part("key", Kind::string, "Secret part of the address; may be an expression such as `{{ secret('WEBHOOK_KEY') }}`; at most 256 characters.", {.required = true})};
  webhook.example = "id: hook\nnamespace: company.team\ntasks:\n  - id: log\n    type: io.kestra.plugin.core.log.Log\n    message: \"{{ trigger.body }}\"\ntriggers:\n  - id: call\n    type: io.kestra.plugin.core.trigger.Webhook\n    key: 4wjtkzwVGBM9yKnjm3yv8r\n";
  webhook.check = check_webhook;
  catalog.add(std::move(webhook));

  flow::TypeInfo scheduled;
  scheduled.type = std::string(kSchedule);
  scheduled.category = flow::TypeCategory::trigger;
  scheduled.aliases = {"io.kestra.core.models.triggers.types.Schedule"};
  scheduled.title = "Starts an execution at the dates of a cron text.";
  scheduled.doc = "Dates are computed in `timezone` and follow its daylight saving. While an execution of the trigger runs, its dates are skipped unless `allowConcurrent` is true.";
  scheduled.properties = {part("cron", Kind::string, "Five fields, or six with `withSeconds`; `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`, `@midnight`.", {.required = true}),
                          part("withSeconds", Kind::boolean, "The first of six fields is the second."),
                          part("timezone", Kind::string, "IANA name; the server's zone when absent."),
                          part("lateMaximumDelay", Kind::duration, "A date later than this is skipped."),
                          part("recoverMissedSchedules", Kind::string, "ALL, LAST or NONE: what to do about dates missed while the server was down."),
                          part("scheduleConditions", Kind::condition_list, "Old name of `conditions`.", {.deprecated = true}),
                          part("backfill", Kind::map, "Old place of a backfill; ignored.", {.deprecated = true}),
                          part("interval", Kind::any, "Must be absent: the cron text says when.")};
  scheduled.example = "id: every-hour\nnamespace: company.team\ntasks:\n  - id: log\n    type: io.kestra.plugin.core.log.Log\n    message: \"planned for {{ trigger.date }}\"\ntriggers:\n  - id: hourly\n    type: io.kestra.plugin.core.trigger.Schedule\n    cron: \"0 * * * *\"\n    timezone: Europe/Paris\n";
  scheduled.check = check_schedule;
  catalog.add(std::move(scheduled));
}

}  // namespace insula::triggers
