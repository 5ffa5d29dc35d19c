#include "flow/test_catalog.h"

namespace insula::flow {
namespace {

using Kind = PropertyInfo::Kind;

PropertyInfo property(std::string name, Kind kind, bool required = false) { return {.name = std::move(name), .kind = kind, .required = required}; }
PropertyInfo fixed(std::string name, Kind kind, bool required = false) { return {.name = std::move(name), .kind = kind, .required = required, .dynamic = false}; }
PropertyInfo tasks(std::string name) { return {.name = std::move(name), .kind = Kind::task_list, .required = true, .min_one = true}; }

std::string core(std::string_view name) { return fmt::format("io.kestra.plugin.core.{}", name); }
std::string old(std::string_view name) { return fmt::format("io.kestra.core.tasks.{}", name); }

std::vector<Violation> check_cron(const JsonObject& trigger) {
  const std::string cron = text_or(trigger, "cron");
  if (cron.empty() || split(cron, ' ').size() == 5) return {};
  return {{"", fmt::format("invalid cron expression '{}'", cron), 0, 0, "five fields: minute hour day month weekday"}};
}

void add_tasks(Catalog& catalog) {
  catalog.add({.type = core("log.Log"), .runs = Runs::inline_, .aliases = {old("log.Log")}, .properties = {property("message", Kind::any, true), property("level", Kind::string)}});
  catalog.add({.type = core("debug.Return"), .runs = Runs::inline_, .aliases = {old("debugs.Return")}, .properties = {property("format", Kind::string)}});
  PropertyInfo format = property("format", Kind::string);
  format.deprecated = true;
  catalog.add({.type = core("debug.Echo"), .runs = Runs::inline_, .aliases = {old("debugs.Echo")}, .properties = {format}, .deprecated = true});
  PropertyInfo options = property("options", Kind::object);
  options.properties = {property("allowFailed", Kind::boolean), property("timeout", Kind::duration)};
  catalog.add({.type = core("http.Request"), .properties = {property("uri", Kind::string, true), property("headers", Kind::map), options, property("taskRunner", Kind::any)}});
  catalog.add({.type = core("flow.Subflow"),
               .runs = Runs::subflow,
               .aliases = {old("flows.Subflow"), old("flows.Flow")},
               .properties = {fixed("namespace", Kind::string, true), fixed("flowId", Kind::string, true), fixed("wait", Kind::boolean), property("inputs", Kind::map)}});
}

void add_flowables(Catalog& catalog) {
  catalog.add({.type = core("flow.Sequential"), .runs = Runs::flowable, .aliases = {old("flows.Sequential")}, .properties = {tasks("tasks")}});
  catalog.add({.type = core("flow.If"), .runs = Runs::flowable, .properties = {property("condition", Kind::string), tasks("then"), property("else", Kind::task_list)}});
  catalog.add({.type = core("flow.Switch"),
               .runs = Runs::flowable,
               .properties = {property("value", Kind::string, true), property("cases", Kind::task_list), property("defaults", Kind::task_list)},
               .check = [](const JsonObject& task) -> std::vector<Violation> {
                 if (task.contains("cases") || task.contains("defaults")) return {};
                 return {{"", "No task defined, neither cases or default have any tasks", 0, 0, {}}};
               }});
  PropertyInfo entries{.name = "tasks", .kind = Kind::list, .required = true, .dynamic = false, .min_one = true};
  entries.properties = {property("task", Kind::task, true), fixed("dependsOn", Kind::list)};
  catalog.add({.type = core("flow.Dag"), .runs = Runs::flowable, .properties = {entries, fixed("concurrent", Kind::integer)}});
  catalog.add({.type = core("flow.Pause"), .runs = Runs::flowable, .properties = {property("pauseDuration", Kind::duration), property("onResume", Kind::input_list), property("onPause", Kind::task)}});
  catalog.add({.type = core("flow.WorkingDirectory"), .runs = Runs::flowable, .properties = {tasks("tasks"), property("outputFiles", Kind::list)}});
}

void add_triggers(Catalog& catalog) {
  catalog.add({.type = core("trigger.Schedule"),
               .category = TypeCategory::trigger,
               .properties = {fixed("cron", Kind::string, true), {.name = "recoverMissedSchedules", .kind = Kind::enumeration, .dynamic = false, .values = {"NONE", "ALL", "LAST"}}},
               .check = check_cron});
  catalog.add({.type = core("trigger.Webhook"), .category = TypeCategory::trigger, .properties = {property("key", Kind::string, true)}});
  PropertyInfo preconditions = fixed("preconditions", Kind::object);
  preconditions.properties = {fixed("id", Kind::string, true), fixed("flows", Kind::list)};
  catalog.add({.type = core("trigger.Flow"), .category = TypeCategory::trigger, .properties = {preconditions}});
  catalog.add({.type = core("condition.Expression"), .category = TypeCategory::condition, .aliases = {core("condition.ExpressionCondition")}, .properties = {property("expression", Kind::string, true)}});
  catalog.add({.type = core("condition.Not"), .category = TypeCategory::condition, .properties = {{.name = "conditions", .kind = Kind::condition_list, .required = true, .min_one = true}}});
  catalog.add({.type = core("runner.Process"), .category = TypeCategory::task_runner});
}

}  // namespace

const Catalog& test_catalog() {
  static const Catalog catalog = [] {
    Catalog filled;
    add_tasks(filled);
    add_flowables(filled);
    add_triggers(filled);
    return filled;
  }();
  return catalog;
}

}  // namespace insula::flow
