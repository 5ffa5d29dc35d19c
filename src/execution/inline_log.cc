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

// Lines one after another: those before one that cannot be rendered are written.
expression::Rendered<InlineResult> log_lines(const InlineCall& call, const JsonArray& lines) {
  const auto level = level_of(call);
  if (!level) return std::unexpected(level.error());
  InlineResult result;
  for (const Json& line : lines) {
    const auto text = call.render(line);
    if (text) {
      result.logs.emplace_back(*level, *text);
    } else if (const Error* error = std::get_if<Error>(&text.error())) {
      result.logs.emplace_back(LogLevel::error, error->message);
      result.state = State::failed;
      break;
    } else {
      return std::unexpected(text.error());
    }
  }
  return result;
}

}  // namespace

expression::Rendered<InlineResult> run_log(const InlineCall& call) {
  if (call.source("message").is_array()) return log_lines(call, call.source("message").as_array());
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
