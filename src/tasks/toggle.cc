// core.trigger.Toggle: turns a trigger of the tenant on or off.
#include "tasks/types.h"

namespace insula::tasks {
namespace {

class Toggle final : public TaskType {
 public:
  JobResult run(JobContext& context) const override {
    const Result<std::string> ns = context.text("namespace", context.files().owner().ns.str()), flow = context.text("flowId", context.files().owner().flow.str()), trigger = context.text("trigger");
    const Result<bool> enabled = context.boolean("enabled", false);
    for (const Error* error : {ns ? nullptr : &ns.error(), flow ? nullptr : &flow.error(), trigger ? nullptr : &trigger.error(), enabled ? nullptr : &enabled.error()}) {
      if (error) return JobResult::failed(*error);
    }
    const Result<void> done = context.platform().set_trigger_disabled(Namespace(*ns), FlowId(*flow), TriggerId(*trigger), !*enabled);
    return done ? JobResult::success() : JobResult::failed(done.error());
  }
};

}  // namespace

const TaskType& toggle_type() {
  static const Toggle type;
  return type;
}

void register_toggle(flow::Catalog& catalog) {
  catalog.add({.type = "io.kestra.plugin.core.trigger.Toggle", .aliases = {"io.kestra.core.tasks.trigger.Toggle"},
               .properties = {prop("namespace", Kind::string, "Namespace of the flow; this one when absent."), prop("flowId", Kind::string, "The flow; this one when absent."),
                              prop("trigger", Kind::string, "Id of its trigger.", {.required = true}), prop("enabled", Kind::boolean, "On or off.", {.otherwise = "false"})},
               .title = "Turns a trigger on or off.", .doc = "As a person does it: the trigger stays as it is set when the flow is edited.",
               .example = example_flow("  - id: off\n    type: io.kestra.plugin.core.trigger.Toggle\n    trigger: daily\n    enabled: false\n")});
}

}  // namespace insula::tasks
