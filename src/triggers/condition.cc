#include "triggers/condition.h"

#include "triggers/condition_name.h"
#include "triggers/holidays.h"
#include "triggers/local_date.h"

namespace insula::triggers {

namespace {

Error invalid(std::string message) { return {ErrorKind::invalid, "condition-invalid", std::move(message), {}, {}}; }

Error unavailable_value(const expression::Interruption& why, std::string_view condition) {
  if (const Error* error = std::get_if<Error>(&why)) return *error;
  return invalid(fmt::format("The condition {} needs a value that is not available where triggers are evaluated.", condition));
}

// The same variables, with `trigger.outputs` those of the execution.
class WithOutputs final : public expression::Variables {
 public:
  WithOutputs(const expression::Variables& base, const JsonObject& outputs) : base_(base) {
    JsonObject trigger;
    if (const Json* known = base.root("trigger"); known != nullptr && known->is_object()) trigger = known->get_object();
    trigger["outputs"] = outputs;
    trigger_ = std::move(trigger);
  }
  const Json* root(std::string_view name) const override { return name == "trigger" ? &trigger_ : base_.root(name); }
  std::vector<std::string> root_names() const override { return base_.root_names(); }
  bool is_lazy(std::string_view name) const override { return base_.is_lazy(name); }
  expression::Answer member(std::string_view root, std::string_view key) const override { return base_.member(root, key); }
  expression::Answer whole(std::string_view root) const override { return base_.whole(root); }
  expression::Answer lookup(const expression::Lookup& lookup) const override { return base_.lookup(lookup); }

 private:
  const expression::Variables& base_;
  Json trigger_;
};

bool contains(const std::vector<std::string>& list, std::string_view text) { return std::ranges::find(list, text) != list.end(); }

}  // namespace

// Old names end in `Condition`, the oldest one was called differently (aliases.md).
std::string condition_name(std::string_view type) {
  std::string name(type.substr(type.rfind('.') + 1));
  if (name == "VariableCondition") return "Expression";
  if (name == "MultipleCondition" || name == "FlowCondition" || name == "FlowNamespaceCondition") return name;
  if (name.ends_with("Condition")) name.resize(name.size() - std::string_view("Condition").size());
  return name;
}

std::vector<flow::Label> read_labels(const Json& written) {
  std::vector<flow::Label> labels;
  if (written.is_object()) {
    for (const auto& [key, value] : written.get_object()) labels.push_back({std::string(key), to_text(value)});
  } else if (written.is_array()) {
    for (const Json& label : written.get_array()) {
      if (label.is_object()) labels.push_back({text_or(label.get_object(), "key"), text_or(label.get_object(), "value")});
    }
  }
  return labels;
}

Condition Condition::compile(const JsonObject& written) {
  Condition condition;
  condition.name_ = condition_name(text_or(written, "type"));
  condition.written_ = written;
  for (const auto& [key, value] : written) {
    if (key == "type" || value.is_null()) continue;
    if (key == "conditions" && value.is_array() && (condition.name_ == "Not" || condition.name_ == "Or")) {
      for (const Json& item : value.get_array()) {
        if (item.is_object()) condition.nested_.push_back(compile(item.get_object()));
      }
      continue;
    }
    condition.properties_.insert_or_assign(std::string(key), expression::Property::compile(value));
  }
  return condition;
}

Conditions Conditions::compile(const Json* list) {
  Conditions conditions;
  if (list == nullptr || !list->is_array()) return conditions;
  for (const Json& item : list->get_array()) {
    if (item.is_object()) conditions.all_.push_back(Condition::compile(item.get_object()));
  }
  return conditions;
}

Result<bool> Conditions::hold(const ConditionContext& context) const {
  for (const Condition& condition : all_) {
    auto holds = condition.holds(context);
    if (!holds || !*holds) return holds;
  }
  return true;
}

bool Condition::has(std::string_view property) const { return properties_.contains(property); }

Result<std::string> Condition::text(const ConditionContext& context, std::string_view property) const {
  static const expression::Property trigger_date = expression::Property::compile(Json("{{ trigger.date }}"));
  const auto found = properties_.find(property);
  if (found == properties_.end() && property != "date") return std::string();
  const expression::Property& source = found == properties_.end() ? trigger_date : found->second;
  auto rendered = source.render_text(context.variables, context.environment);
  if (!rendered) return fail(unavailable_value(rendered.error(), name_));
  return std::move(*rendered);
}

Result<std::vector<std::string>> Condition::list(const ConditionContext& context, std::string_view property) const {
  std::vector<std::string> texts;
  const auto found = properties_.find(property);
  if (found == properties_.end()) return texts;
  auto rendered = found->second.render(context.variables, context.environment);
  if (!rendered) return fail(unavailable_value(rendered.error(), name_));
  if (rendered->is_string()) {
    auto parsed = parse_json(as_view(rendered->get_string()));
    if (!parsed || !parsed->is_array()) return fail(invalid(fmt::format("`{}` of the condition {} is no list: {}", property, name_, to_text(*rendered))));
    *rendered = std::move(*parsed);
  }
  if (!rendered->is_array()) return fail(invalid(fmt::format("`{}` of the condition {} is no list", property, name_)));
  for (const Json& item : rendered->get_array()) texts.push_back(to_text(item));
  return texts;
}

Result<bool> Condition::holds(const ConditionContext& context) const {
  if (name_ == "Expression") {
    auto shown = text(context, "expression");
    if (!shown) return fail(shown.error());
    const std::string_view value = trim(*shown);   // not what `runIf` calls true: `0` holds here
    return !value.empty() && value != "false";
  }
  if (name_ == "Not" || name_ == "Or") return nested_holds(context);
  static const std::set<std::string_view> of_dates{"Weekend", "DayWeek", "DayWeekInMonth", "TimeBetween", "DateTimeBetween", "PublicHoliday"};
  if (of_dates.contains(name_)) return about_date(context);
  if (name_ == "MultipleCondition") return fail(invalid("MultipleCondition is evaluated by Flow triggers only"));
  return about_execution(context);
}

// Or: one of them. Not: none of them.
Result<bool> Condition::nested_holds(const ConditionContext& context) const {
  for (const Condition& condition : nested_) {
    auto holds = condition.holds(context);
    if (!holds) return holds;
    if (*holds) return name_ == "Or";
  }
  return name_ == "Not";
}

Result<bool> Condition::about_execution(const ConditionContext& context) const {
  if (context.execution == nullptr) return fail(invalid("Invalid condition with null execution"));
  const execution::Header& execution = *context.execution;
  if (name_ == "ExecutionFlow" || name_ == "FlowCondition") {
    auto ns = text(context, "namespace");
    auto flow = text(context, "flowId");
    if (!ns || !flow) return fail(ns ? flow.error() : ns.error());
    return execution.ns.str() == *ns && execution.flow_id.str() == *flow;
  }
  if (name_ == "ExecutionNamespace" || name_ == "FlowNamespaceCondition") {
    auto ns = text(context, "namespace");
    auto comparison = text(context, "comparison");
    auto prefix = text(context, "prefix");
    if (!ns || !comparison || !prefix) return fail(invalid("the condition ExecutionNamespace cannot be rendered"));
    const std::string how = !comparison->empty() ? *comparison : *prefix == "true" ? "PREFIX" : "EQUALS";
    const std::string& actual = execution.ns.str();
    if (how == "EQUALS") return actual == *ns;
    if (how == "PREFIX") return actual.starts_with(*ns);
    if (how == "SUFFIX") return actual.ends_with(*ns);
    return fail(invalid(fmt::format("`comparison` is EQUALS, PREFIX or SUFFIX, not {}", how)));
  }
  if (name_ == "ExecutionLabels") {
    const Json* labels = find(written_, "labels");
    if (labels == nullptr) return true;
    for (const flow::Label& wanted : read_labels(*labels)) {
      if (std::ranges::find(execution.labels, wanted) == execution.labels.end()) return false;
    }
    return true;
  }
  if (name_ == "ExecutionStatus") {
    auto in = list(context, "in");
    auto not_in = list(context, "notIn");
    if (!in || !not_in) return fail(in ? not_in.error() : in.error());
    const std::string_view state = execution::to_string(context.state);
    return (in->empty() || contains(*in, state)) && !contains(*not_in, state);
  }
  if (name_ == "ExecutionOutputs") return outputs_hold(context);
  if (name_ == "HasRetryAttempt") return has_retry_attempt(context);
  return fail(ErrorKind::invalid, "condition-unsupported", fmt::format("the condition {} is not known", name_));
}

Result<bool> Condition::outputs_hold(const ConditionContext& context) const {
  if (context.execution->outputs.empty()) return false;
  const WithOutputs variables(context.variables, context.execution->outputs);
  ConditionContext with{variables, context.environment, context.execution, context.state, context.task_runs};
  auto shown = text(with, "expression");
  if (!shown) return fail(shown.error());
  return lower_ascii(trim(*shown)) == "true";
}

Result<bool> Condition::has_retry_attempt(const ConditionContext& context) const {
  auto in = list(context, "in");
  auto not_in = list(context, "notIn");
  if (!in || !not_in) return fail(in ? not_in.error() : in.error());
  if (!context.task_runs) return false;
  auto task_runs = context.task_runs();
  if (!task_runs) return fail(task_runs.error());
  for (const execution::TaskRun& task_run : *task_runs) {
    if (task_run.attempts.size() < 2) continue;
    for (const execution::Attempt& attempt : task_run.attempts) {
      const std::string_view state = execution::to_string(attempt.state.current());
      if ((in->empty() || contains(*in, state)) && !contains(*not_in, state)) return true;
    }
  }
  return false;
}

Result<bool> Condition::about_date(const ConditionContext& context) const {
  if (name_ == "TimeBetween") return between(context, true);
  if (name_ == "DateTimeBetween") return between(context, false);
  auto shown = text(context, "date");
  if (!shown) return fail(shown.error());
  const auto date = read_local_date(*shown);
  if (!date) return fail(date.error());
  const std::chrono::weekday weekday{std::chrono::sys_days(*date)};
  if (name_ == "Weekend") return weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
  if (name_ == "PublicHoliday") {
    auto country = text(context, "country");
    auto division = text(context, "subDivision");
    if (!country || !division) return fail(country ? division.error() : country.error());
    return is_holiday(*date, *country, *division);
  }
  auto day = text(context, "dayOfWeek");
  if (!day) return fail(day.error());
  const auto wanted = read_weekday(*day);
  if (!wanted) return fail(wanted.error());
  if (name_ == "DayWeek" || weekday != *wanted) return weekday == *wanted;
  auto which = text(context, "dayInMonth");
  if (!which) return fail(which.error());
  const auto day_of_month = static_cast<unsigned>(date->day());
  if (*which == "LAST") return day_of_month + 7 > static_cast<unsigned>((date->year() / date->month() / std::chrono::last).day());
  static constexpr std::array<std::string_view, 4> order{"FIRST", "SECOND", "THIRD", "FOURTH"};
  const auto place = std::ranges::find(order, *which);
  if (place == order.end()) return fail(invalid(fmt::format("`dayInMonth` is FIRST, SECOND, THIRD, FOURTH or LAST, not {}", *which)));
  return (day_of_month - 1) / 7 == static_cast<unsigned>(place - order.begin());
}

// Times of the day are compared as instants of one day in UTC, each by the offset it is written with.
Result<bool> Condition::between(const ConditionContext& context, bool times) const {
  if (!has("after") && !has("before")) return fail(invalid("Invalid condition with no before nor after"));
  auto shown = text(context, "date");
  if (!shown) return fail(shown.error());
  const auto read = [&](const std::string& value, bool is_date) -> Result<Duration> {
    if (times) return is_date ? read_time_of_date(value) : read_offset_time(value);
    auto instant = read_zoned_date(value);
    if (!instant) return fail(instant.error());
    return instant->time_since_epoch();
  };
  const auto value = read(*shown, true);
  if (!value) return fail(value.error());
  for (const std::string_view bound : {"after", "before"}) {
    if (!has(bound)) continue;
    auto written = text(context, bound);
    if (!written) return fail(written.error());
    const auto limit = read(*written, false);
    if (!limit) return fail(limit.error());
    if (bound == "after" ? *value <= *limit : *value >= *limit) return false;
  }
  return true;
}

}  // namespace insula::triggers
