// core.execution.Fail and core.execution.Assert.
#include "execution/inline_task.h"

namespace insula::execution {

expression::Rendered<InlineResult> run_fail(const InlineCall& call) {
  const auto condition = call.text("condition");
  if (!condition) return std::unexpected(condition.error());
  InlineResult result;
  if (*condition && !expression::is_truthy(**condition)) return result;
  const auto message = call.text("errorMessage");
  if (!message) return std::unexpected(message.error());
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
    const Error* error = text ? nullptr : std::get_if<Error>(&text.error());
    if (!text && !error) return std::unexpected(text.error());
    if (text && expression::is_truthy(*text)) continue;
    ++failed;
    result.logs.emplace_back(LogLevel::error, error ? fmt::format("Assertion `{}` failed, failed to render `{}`", to_text(condition), error->message) : fmt::format("Assertion `{}` failed!", to_text(condition)));
  }
  if (failed == 0) return result;
  result.state = State::failed;
  const auto message = call.text("errorMessage");
  if (!message) {
    const Error* error = std::get_if<Error>(&message.error());
    if (!error) return std::unexpected(message.error());
    result.logs.emplace_back(LogLevel::error, error->message);
    return result;
  }
  std::string summary = fmt::format("{} assertion{} failed!", failed, failed == 1 ? "" : "s");
  if (*message) summary += "\n" + **message;
  result.logs.emplace_back(LogLevel::error, std::move(summary));
  return result;
}

}  // namespace insula::execution
