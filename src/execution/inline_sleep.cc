// core.flow.Sleep: a timer, no thread.
#include "execution/inline_task.h"

namespace insula::execution {

expression::Rendered<InlineResult> run_sleep(const InlineCall& call) {
  const auto duration = call.duration("duration");
  if (!duration) return std::unexpected(duration.error());
  if (!*duration) return std::unexpected(expression::Interruption(invalid_property("`duration` is required")));
  InlineResult result;
  result.logs.emplace_back(LogLevel::info, "Waiting for " + format_duration(**duration));
  result.sleep = std::max(Duration{0}, **duration);
  return result;
}

}  // namespace insula::execution
