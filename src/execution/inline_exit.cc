// core.execution.Exit: ends the execution at once.
#include "execution/inline_task.h"

namespace insula::execution {

expression::Rendered<InlineResult> run_exit(const InlineCall& call) {
  const auto text = call.text("state");
  if (!text) return std::unexpected(text.error());
  const std::string_view name = *text ? std::string_view(**text) : "SUCCESS";
  const std::optional<State> state = parse_state(name);
  const bool allowed = state && (*state == State::success || *state == State::warning || *state == State::failed || *state == State::killed || *state == State::cancelled);
  if (!allowed) {
    return std::unexpected(expression::Interruption(invalid_property(fmt::format("`state` must be one of SUCCESS, WARNING, KILLED, FAILED, CANCELLED, but it is `{}`", name))));
  }
  InlineResult result;
  result.exit = state;
  return result;
}

}  // namespace insula::execution
