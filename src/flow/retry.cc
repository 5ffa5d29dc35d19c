// Retries of tasks and flows: features.md §3.6.
#include "flow/check.h"
#include "flow/shape.h"

namespace insula::flow {
namespace {

struct RetryClass {
  std::string_view type;
  std::string_view java;
  Retry::Type value;
};
constexpr std::array<RetryClass, 3> kClasses = {{{"constant", "io.kestra.core.models.tasks.retrys.Constant", Retry::Type::constant},
                                                 {"exponential", "io.kestra.core.models.tasks.retrys.Exponential", Retry::Type::exponential},
                                                 {"random", "io.kestra.core.models.tasks.retrys.Random", Retry::Type::random}}};

const RetryClass* class_of(const Json& value) {
  const Json* type = find(value, "type");
  const auto found = type && type->is_string() ? std::ranges::find(kClasses, as_view(type->as_string()), &RetryClass::type) : kClasses.end();
  return found == kClasses.end() ? nullptr : &*found;
}

std::optional<Duration> duration_at(const Json& value, std::string_view key) {
  const Json* written = find(value, key);
  return is_absent(written) ? std::nullopt : read_duration(*written);
}

const Json* max_attempts_of(const Json& value) {
  const Json* attempts = find(value, "maxAttempts");
  return is_absent(attempts) ? find(value, "maxAttempt") : attempts;
}

struct IntervalRule {
  std::string_view name;
  std::string_view smaller;
  std::string_view larger;
};
constexpr std::array<IntervalRule, 5> kRules = {{{"intervalLessThanMaxDuration", "interval", "maxDuration"},
                                                 {"intervalLessThanMaxInterval", "interval", "maxInterval"},
                                                 {"maxIntervalLessThanMaxDuration", "maxInterval", "maxDuration"},
                                                 {"minIntervalLessThanMaxInterval", "minInterval", "maxInterval"},
                                                 {"minIntervalLessThanMaxDuration", "minInterval", "maxDuration"}}};

}  // namespace

void check_retry(Checker& checker, const Json& value, const Place& place) {
  const RetryClass* type = class_of(value);
  if (!type) {
    const Json* written = find(value, "type");
    return checker.unknown_type(place, written ? to_text(*written) : "null", "one of constant, exponential, random");
  }
  Place at = place;
  at.cls = type->java;
  check_properties(checker, value.as_object(), {retry_properties(type->value)}, at);
  if (const Json* attempts = max_attempts_of(value); !is_absent(attempts)) {
    const auto number = read_integer(*attempts);
    if (number && (*number < 1 || *number > std::numeric_limits<int>::max())) checker.bean(at, "maxAttempts", "must be greater than or equal to 1");
  }
  for (const IntervalRule& rule : kRules) {
    if (type->value == Retry::Type::exponential && rule.smaller == "maxInterval") continue;   // 1.3 asks this of random ones only
    const auto smaller = duration_at(value, rule.smaller);
    const auto larger = duration_at(value, rule.larger);
    if (smaller && larger && *smaller >= *larger) checker.bean(at, rule.name, fmt::format("'{}' must be less than '{}'", rule.smaller, rule.larger));
  }
}

std::optional<Retry> compile_retry(const Json& value) {
  const RetryClass* type = class_of(value);
  if (!type) return std::nullopt;
  Retry retry;
  retry.type = type->value;
  retry.interval = duration_at(value, "interval").value_or(Duration(0));
  retry.min_interval = duration_at(value, "minInterval").value_or(Duration(0));
  retry.max_interval = duration_at(value, "maxInterval").value_or(Duration(0));
  retry.max_duration = duration_at(value, "maxDuration");
  if (const Json* factor = find(value, "delayFactor"); !is_absent(factor)) retry.delay_factor = read_number(*factor).value_or(2);
  if (const Json* attempts = max_attempts_of(value); !is_absent(attempts))
    if (const auto number = read_integer(*attempts)) retry.max_attempts = static_cast<int>(*number);
  if (const Json* warning = find(value, "warningOnRetry"); !is_absent(warning)) retry.warning_on_retry = read_bool(*warning).value_or(false);
  if (text_or(value.as_object(), "behavior") == "CREATE_NEW_EXECUTION") retry.behavior = Retry::Behavior::create_new_execution;
  return retry;
}

}  // namespace insula::flow
