// The catalog entries of the conditions.
#include "triggers/triggers.h"
#include "triggers/types_parts.h"

namespace insula::triggers {

namespace {

constexpr std::string_view kPackage = "io.kestra.plugin.core.condition.";
constexpr std::string_view kOldPackage = "io.kestra.core.models.conditions.types.";

void add(flow::Catalog& catalog, std::string_view name, std::string title, std::vector<flow::PropertyInfo> properties, std::vector<std::string> aliases = {}) {
  flow::TypeInfo info;
  info.type = std::string(kPackage) + std::string(name);
  info.category = flow::TypeCategory::condition;
  info.aliases = std::move(aliases);
  if (info.aliases.empty()) info.aliases = {fmt::format("{}{}Condition", kOldPackage, name), fmt::format("{}{}Condition", kPackage, name)};
  info.doc = std::move(title);
  info.properties = std::move(properties);
  catalog.add(std::move(info));
}

flow::PropertyInfo date() { return part("date", Kind::string, "Date to look at.", {.otherwise = "{{ trigger.date }}"}); }
flow::PropertyInfo nested() { return part("conditions", Kind::condition_list, "Conditions.", {.required = true, .min_one = true}); }

void register_date_conditions(flow::Catalog& catalog) {
  const flow::PropertyInfo day = part("dayOfWeek", Kind::string, "MONDAY … SUNDAY.", {.required = true});
  add(catalog, "Weekend", "True on Saturday and Sunday.", {date()});
  add(catalog, "DayWeek", "True on one day of the week.", {day, date()});
  add(catalog, "DayWeekInMonth", "True on the n-th such weekday of the month.",
      {day, part("dayInMonth", Kind::string, "FIRST, SECOND, THIRD, FOURTH or LAST.", {.required = true}), date()});
  add(catalog, "TimeBetween", "True between two times of the day.",
      {part("after", Kind::string, "Later than this time with an offset, such as `16:00:00+02:00`."), part("before", Kind::string, "Earlier than this time with an offset."), date()});
  add(catalog, "DateTimeBetween", "True between two instants.", {part("after", Kind::string, "Later than this date."), part("before", Kind::string, "Earlier than this date."), date()});
  add(catalog, "PublicHoliday", "True on public holidays of a country.",
      {part("country", Kind::string, "ISO 3166-1 alpha-2 code; US when absent."), part("subDivision", Kind::string, "Part of the country: what ISO 3166-2 has behind the hyphen."), date()});
}

void register_execution_conditions(flow::Catalog& catalog) {
  const flow::PropertyInfo in = part("in", Kind::any, "States that it may have; absent: any."), not_in = part("notIn", Kind::any, "States that it may not have.");
  add(catalog, "ExecutionFlow", "True for executions of one flow.", {part("namespace", Kind::string, "Its namespace.", {.required = true}), part("flowId", Kind::string, "Its id.", {.required = true})});
  add(catalog, "ExecutionNamespace", "True for executions of a namespace.",
      {part("namespace", Kind::string, "The namespace, or what it begins or ends with.", {.required = true}), part("comparison", Kind::string, "EQUALS, PREFIX or SUFFIX.", {.otherwise = "EQUALS"}),
       part("prefix", Kind::boolean, "Like `comparison: PREFIX`, where `comparison` is absent.", {.otherwise = "false"})});
  add(catalog, "ExecutionLabels", "True for executions that have all of these labels.", {part("labels", Kind::any, "A map, or a list of `key` and `value`.", {.required = true, .fixed = true})});
  add(catalog, "ExecutionStatus", "True for executions in some states.", {in, not_in});
  add(catalog, "ExecutionOutputs", "True when an expression over the execution's flow outputs gives `true`; false without outputs.",
      {part("expression", Kind::string, "Reads `trigger.outputs`.", {.required = true})});
  add(catalog, "HasRetryAttempt", "True when a task run with more than one attempt has an attempt in some states.", {in, not_in});
  add(catalog, "FlowCondition", "True for executions of one flow.",
      {part("namespace", Kind::string, "Its namespace.", {.required = true}), part("flowId", Kind::string, "Its id.", {.required = true})}, {std::string(kOldPackage) + "FlowCondition"});
  add(catalog, "FlowNamespaceCondition", "True for executions of a namespace.",
      {part("namespace", Kind::string, "Its namespace.", {.required = true}), part("prefix", Kind::boolean, "Whether it only begins so.", {.otherwise = "false"})},
      {std::string(kOldPackage) + "FlowNamespaceCondition"});
}

void register_multiple_condition(flow::Catalog& catalog) {
  flow::TypeInfo info;
  info.type = std::string(kPackage) + "MultipleCondition";
  info.category = flow::TypeCategory::condition;
  info.aliases = {std::string(kOldPackage) + "MultipleCondition"};
  info.doc = "Holds once each of its conditions has held for some execution within a window of time. Only on Flow triggers; `preconditions` say the same better.";
  info.properties = {part("id", Kind::string, "Name of its window, unique in the trigger."),
                     part("conditions", Kind::map, "Names to conditions.", {.required = true, .min_one = true, .fixed = true}), time_window_part(),
                     part("resetOnSuccess", Kind::boolean, "Whether it starts anew after it has held.", {.fixed = true, .otherwise = "true"}),
                     part("window", Kind::duration, "Old place of `timeWindow.window`.", {.fixed = true, .deprecated = true}),
                     part("windowAdvance", Kind::duration, "Old place of `timeWindow.windowAdvance`.", {.fixed = true, .deprecated = true})};
  info.check = [](const JsonObject& written) {
    std::vector<Violation> wrong;
    check_gathering_id(written, "", wrong);
    check_time_window(written, "", wrong);
    return wrong;
  };
  catalog.add(std::move(info));
}

}  // namespace

void register_conditions(flow::Catalog& catalog) {
  add(catalog, "Expression", "True when the rendered text is neither blank nor `false`.", {part("expression", Kind::string, "The expression.", {.required = true})},
      {std::string(kOldPackage) + "VariableCondition", std::string(kPackage) + "ExpressionCondition"});
  add(catalog, "Not", "True when none of the nested conditions holds.", {nested()});
  add(catalog, "Or", "True when one of the nested conditions holds.", {nested()});
  register_date_conditions(catalog);
  register_execution_conditions(catalog);
  register_multiple_condition(catalog);
}

void register_types(flow::Catalog& catalog) {
  register_conditions(catalog);
  register_flow_trigger(catalog);
  register_other_triggers(catalog);
}

}  // namespace insula::triggers
