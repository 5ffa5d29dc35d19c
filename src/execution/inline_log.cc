// core.log.Log and core.debug.Echo: lines in the log of the execution.
#include "execution/inline_task.h"

namespace insula::execution {

namespace {

expression::Rendered<LogLevel> level_of(const InlineCall& call) {
  const auto text = call.text("level");
  if (!text) return std::unexpected(text.error());
  if (!*text) return LogLevel::info;
  const std::optional<LogLevel> level = flow::parse_log_level(**text);
  if (!level) return std::unexpected(expression::Interruption(invalid_property(fmt::format("`level` must be one of TRACE, DEBUG, INFO, WARN, ERROR, but it is `{}`", **text))));
  return *level;
}

}  // namespace

expression::Rendered<InlineResult> run_log(const InlineCall& call) {
  const auto message = call.value("message");
  if (!message) return std::unexpected(message.error());
  const auto level = level_of(call);
  if (!level) return std::unexpected(level.error());
  InlineResult result;
  if (message->is_array()) {
    for (const Json& line : message->as_array()) result.logs.emplace_back(*level, to_text(line));
  } else {
    result.logs.emplace_back(*level, message->is_null() ? std::string() : to_text(*message));
  }
  return result;
}

expression::Rendered<InlineResult> run_echo(const InlineCall& call) {
  const auto text = call.text("format");
  if (!text) return std::unexpected(text.error());
  const auto level = level_of(call);
  if (!level) return std::unexpected(level.error());
  InlineResult result;
  result.logs.emplace_back(*level, text->value_or(""));
  return result;
}

}  // namespace insula::execution
