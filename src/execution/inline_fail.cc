// core.execution.Fail and core.execution.Assert.
#include "execution/inline_task.h"

namespace insula::execution {

expression::Rendered<InlineResult> run_fail(const InlineCall& call) {
  const auto message = call.text("errorMessage");
  if (!message) return std::unexpected(message.error());
  const auto condition = call.text("condition");
  if (!condition) return std::unexpected(condition.error());
  InlineResult result;
  if (*condition && !expression::is_truthy(trim(**condition))) return result;
  result.state = State::failed;
  result.logs.emplace_back(LogLevel::error, message->value_or("Task failure"));
  if (*condition) result.logs.emplace_back(LogLevel::error, "Fail on a condition");
  return result;
}

expression::Rendered<InlineResult> run_assert(const InlineCall& call) {
  const Json& conditions = call.source("conditions");
  InlineResult result;
  std::size_t failed = 0;
  const JsonArray none;
  for (const Json& condition : conditions.is_array() ? conditions.as_array() : none) {
    const auto text = call.render(condition);
    if (!text) return std::unexpected(text.error());
    if (expression::is_truthy(*text)) continue;
    ++failed;
    result.logs.emplace_back(LogLevel::error, fmt::format("Assertion `{}` failed!", to_text(condition)));
  }
  if (failed == 0) return result;
  const auto message = call.text("errorMessage");
  if (!message) return std::unexpected(message.error());
  std::string summary = fmt::format("{} assertion{} failed!", failed, failed == 1 ? "" : "s");
  if (*message) summary += "\n" + **message;
  result.logs.emplace_back(LogLevel::error, std::move(summary));
  result.state = State::failed;
  return result;
}

}  // namespace insula::execution
