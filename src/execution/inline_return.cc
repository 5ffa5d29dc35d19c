// core.debug.Return and core.output.OutputValues: values for the tasks after them.
#include "execution/inline_task.h"

namespace insula::execution {

expression::Rendered<InlineResult> run_return(const InlineCall& call) {
  const auto text = call.text("format");
  if (!text) return std::unexpected(text.error());
  InlineResult result;
  if (!*text) return result;
  result.logs.emplace_back(LogLevel::debug, **text);
  result.outputs["value"] = **text;
  return result;
}

expression::Rendered<InlineResult> run_output_values(const InlineCall& call) {
  auto values = call.structured("values");
  if (!values) return std::unexpected(values.error());
  InlineResult result;
  result.outputs["values"] = values->is_null() ? Json(JsonObject{}) : std::move(*values);
  return result;
}

}  // namespace insula::execution
