#include "engine/conditions.h"

#include "schedule/schedule.h"

namespace insula::engine {

namespace {

constexpr std::string_view kPrefix = "io.kestra.plugin.core.condition.";
constexpr int kDepthMax = 20;

// Canonical short name of a condition's type, old names included (aliases.md).
std::string short_name(std::string_view type) {
  std::string name(type.substr(type.rfind('.') + 1));
  if (name == "VariableCondition") return "Expression";
  if (name.ends_with("Condition") && name != "MultipleCondition") name.resize(name.size() - std::string_view("Condition").size());
  return name;
}

class Judge {
 public:
  Judge(const JsonObject& variables, const expression::Environment& environment) : variables_(variables), environment_(environment) {}

  Result<bool> all(const Json& list, int depth) { return fold(list, depth, true); }
  Result<bool> any(const Json& list, int depth) { return fold(list, depth, false); }

 private:
  Result<bool> fold(const Json& list, int depth, bool conjunction) {
    if (!list.is_array()) return fail(ErrorKind::invalid, "condition-invalid", "`conditions` must be a list");
    for (const Json& item : list.get_array()) {
      auto holds = one(item, depth + 1);
      if (!holds) return holds;
      if (*holds != conjunction) return !conjunction;
    }
    return conjunction;
  }

  Result<std::string> text(const JsonObject& condition, std::string_view name, std::string_view otherwise = {}) {
    const std::string source = text_or(condition, name, otherwise);
    auto rendered = expression::Template::compile(source).render(variables_, environment_);
    if (rendered) return std::move(*rendered);
    const Error* error = std::get_if<Error>(&rendered.error());
    return fail(error != nullptr ? *error : Error{ErrorKind::invalid, "condition-invalid", fmt::format("the condition needs a value that is not available: {}", source), {}, {}});
  }

  Result<Instant> date(const JsonObject& condition, std::string_view name, std::string_view otherwise = {}) {
    auto shown = text(condition, name, otherwise);
    if (!shown) return fail(shown.error());
    return schedule::parse_zoned(*shown);
  }

  // Local day and time of `date`, in the offset its text carries.
  struct Local {
    std::chrono::weekday weekday;
    unsigned day;
    std::chrono::year_month month;
    Duration time;
  };
  Result<Local> local_date(const JsonObject& condition) {
    auto shown = text(condition, "date", "{{ trigger.date }}");
    if (!shown) return fail(shown.error());
    auto instant = schedule::parse_zoned(*shown);
    if (!instant) return fail(instant.error());
    std::chrono::minutes offset{0};
    if (const std::size_t at = shown->find_last_of("+-"); at != std::string::npos && at > 10 && shown->size() >= at + 6) {
      offset = std::chrono::minutes(std::atoi(shown->c_str() + at + 1) * 60 + std::atoi(shown->c_str() + at + 4)) * ((*shown)[at] == '-' ? -1 : 1);
    }
    const Instant local = *instant + offset;
    const auto day_start = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day ymd{day_start};
    return Local{std::chrono::weekday{day_start}, static_cast<unsigned>(ymd.day()), ymd.year() / ymd.month(), local - day_start};
  }

  static std::optional<std::chrono::weekday> weekday(std::string_view name) {
    static constexpr std::string_view kNames[] = {"SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"};
    for (unsigned i = 0; i < 7; ++i) {
      if (kNames[i] == name) return std::chrono::weekday{i};
    }
    return std::nullopt;
  }

  Result<bool> day_in_month(const JsonObject& condition) {
    auto local = local_date(condition);
    if (!local) return fail(local.error());
    const auto wanted = weekday(text_or(condition, "dayOfWeek"));
    if (!wanted || local->weekday != *wanted) return false;
    const std::string which = text_or(condition, "dayInMonth");
    const auto last = static_cast<unsigned>(std::chrono::year_month_day_last{local->month.year(), std::chrono::month_day_last{local->month.month()}}.day());
    if (which == "LAST") return local->day + 7 > last;
    static constexpr std::string_view kOrder[] = {"FIRST", "SECOND", "THIRD", "FOURTH"};
    return kOrder[std::min<unsigned>((local->day - 1) / 7, 3)] == which && local->day <= 28;
  }

  // OffsetTime texts: `08:00:00+02:00` or `08:00:00Z`; without offset the time as it stands.
  static std::optional<Duration> time_of_day(std::string_view text) {
    const auto parsed = parse_instant("1970-01-02T" + std::string(text.substr(0, text.find_first_of("Z+-"))) + "Z");
    if (!parsed) return std::nullopt;
    return *parsed - Instant(std::chrono::days(1));
  }

  Result<bool> between(const JsonObject& condition, bool times) {
    for (const bool lower : {true, false}) {
      const char* name = lower ? "after" : "before";
      if (find(condition, name) == nullptr) continue;
      auto bound_text = text(condition, name);
      if (!bound_text) return fail(bound_text.error());
      bool inside;
      if (times) {
        auto local = local_date(condition);
        if (!local) return fail(local.error());
        const auto bound = time_of_day(*bound_text);
        if (!bound) return fail(ErrorKind::invalid, "condition-invalid", fmt::format("`{}` is not a time: {}", name, *bound_text));
        inside = lower ? local->time > *bound : local->time < *bound;
      } else {
        auto value = date(condition, "date", "{{ trigger.date }}");
        auto bound = schedule::parse_zoned(*bound_text);
        if (!value) return fail(value.error());
        if (!bound) return fail(bound.error());
        inside = lower ? *value > *bound : *value < *bound;
      }
      if (!inside) return false;
    }
    return true;
  }

  Result<bool> one(const Json& item, int depth) {
    if (!item.is_object() || depth > kDepthMax) return fail(ErrorKind::invalid, "condition-invalid", "a condition must be a map with a `type`, nested at most 20 deep");
    const JsonObject& condition = item.get_object();
    const std::string name = short_name(text_or(condition, "type"));
    if (name == "Expression") {
      auto shown = text(condition, "expression");
      if (!shown) return fail(shown.error());
      return expression::is_truthy(*shown);
    }
    if (name == "Not" || name == "Or") {
      const Json* nested = find(condition, "conditions");
      if (nested == nullptr) return fail(ErrorKind::invalid, "condition-invalid", fmt::format("{} needs `conditions`", name));
      if (name == "Or") return any(*nested, depth);
      auto holds = all(*nested, depth);
      return holds ? Result<bool>(!*holds) : holds;
    }
    if (name == "Weekend" || name == "DayWeek") {
      auto local = local_date(condition);
      if (!local) return fail(local.error());
      if (name == "Weekend") return local->weekday == std::chrono::Saturday || local->weekday == std::chrono::Sunday;
      const auto wanted = weekday(text_or(condition, "dayOfWeek"));
      return wanted && local->weekday == *wanted;
    }
    if (name == "DayWeekInMonth") return day_in_month(condition);
    if (name == "TimeBetween") return between(condition, true);
    if (name == "DateTimeBetween") return between(condition, false);
    return fail(ErrorKind::invalid, "condition-unsupported", fmt::format("condition {}{} cannot be used on this trigger in this version", kPrefix, name));
  }

  expression::ObjectVariables variables_;
  const expression::Environment& environment_;
};

}  // namespace

Result<bool> conditions_hold(const JsonObject& trigger_properties, const JsonObject& variables, const expression::Environment& environment) {
  const Json* conditions = find(trigger_properties, "conditions");
  if (conditions == nullptr || conditions->is_null()) return true;
  return Judge(variables, environment).all(*conditions, 0);
}

Result<flow::GivenInputs> trigger_inputs(const flow::Trigger& trigger, const JsonObject& variables, const expression::Environment& environment) {
  flow::GivenInputs given;
  const auto at = trigger.compiled.find("inputs");
  if (at == trigger.compiled.end()) return given;
  auto rendered = at->second.render(expression::ObjectVariables(variables), environment);
  if (!rendered) {
    const Error* error = std::get_if<Error>(&rendered.error());
    return fail(error != nullptr ? *error : Error{ErrorKind::invalid, "trigger-inputs", "the trigger's inputs need a value that is not available", {}, {}});
  }
  if (rendered->is_object()) {
    for (auto& [name, value] : rendered->get_object()) given.emplace(std::string(name), std::move(value));
  }
  return given;
}

}  // namespace insula::engine
