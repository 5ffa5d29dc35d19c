// flow.WorkingDirectory: the two jobs around its children. Its children are jobs, or rules, of their own.
#include "tasks/folder_cache.h"
#include "tasks/script.h"

namespace insula::tasks {
namespace {

Result<void> fill(JobContext& context) {
  const Result<Json> namespace_files = context.json("namespaceFiles");
  if (!namespace_files) return fail(namespace_files.error());
  if (const Json* enabled = find(*namespace_files, "enabled"); enabled != nullptr && to_text(*enabled) == "true") {
    return fail(ErrorKind::invalid, "task-property-invalid", "`namespaceFiles.enabled` is true: namespace files are not available yet. Use `inputFiles` instead.");
  }
  if (const Result<void> restored = restore_cache(context); !restored) return restored;
  return write_files(context, "inputFiles");
}

class WorkingDirectory final : public TaskType {
 public:
  JobResult run(JobContext& context) const override {
    if (context.folder_step() == FolderStep::open) {
      const Result<void> filled = fill(context);
      return filled ? JobResult::success() : JobResult::failed(fmt::format("Failed preExecuteTasks on WorkingDirectory: {}", filled.error().message));
    }
    Result<JsonObject> files = store_matching(context, "outputFiles");
    if (!files) return JobResult::failed(fmt::format("Failed postExecuteTasks on WorkingDirectory: {}", files.error().message));
    JsonObject outputs;
    if (!files->empty()) outputs["outputFiles"] = std::move(*files);
    // A cache that cannot be kept costs time, not the work that is done.
    if (const Result<void> saved = save_cache(context); !saved) context.log(flow::LogLevel::error, fmt::format("Unable to execute WorkingDirectory post actions: {}", saved.error().message));
    return JobResult::success(std::move(outputs));
  }
};

}  // namespace

const TaskType& working_directory_type() {
  static const WorkingDirectory type;
  return type;
}

}  // namespace insula::tasks
