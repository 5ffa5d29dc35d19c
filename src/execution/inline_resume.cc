// core.execution.Resume (deprecated): resumes another, or the own, paused execution.
#include "execution/inline_task.h"

namespace insula::execution {

expression::Rendered<InlineResult> run_resume(const InlineCall& call) {
  const auto id = call.text("executionId");
  if (!id) return std::unexpected(id.error());
  const auto inputs = call.structured("inputs");
  if (!inputs) return std::unexpected(inputs.error());
  InlineResult result;
  result.resume = ResumeOther{};
  // Without an id the execution resumes itself: what a branch beside the Pause does.
  result.resume->execution_id = *id && !(*id)->empty() ? ExecutionId(**id) : call.header().id;
  if (inputs->is_object()) result.resume->inputs = inputs->as_object();
  return result;
}

}  // namespace insula::execution
