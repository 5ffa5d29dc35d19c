// The two parts of flow.ForEachItem that a worker runs: the file is cut before, the outputs of the executions are put together after.
#include "tasks/file_split.h"

namespace insula::tasks {
namespace {

class Split final : public TaskType {
 public:
  JobResult run(JobContext& context) const override {
    const Result<std::string> uri = context.text("items");
    if (!uri) return JobResult::failed(uri.error());
    if (!storage::is_uri(*uri)) return JobResult::failed(fmt::format("Unable to split the items from {}, this is not an internal storage URI!", *uri));
    const Result<Json> written = context.json("batch");
    if (!written) return JobResult::failed(written.error());
    const Result<SplitRules> rules = read_split_rules(*written);
    if (!rules) return JobResult::failed(rules.error());
    const Result<std::vector<std::string>> pieces = split_file(context, *uri, *rules);
    if (!pieces) return JobResult::failed(pieces.error());
    Result<std::string> list = context.files().put("splits.txt", join(*pieces, "\n"));
    if (!list) return JobResult::failed(list.error());
    return JobResult::success({{"splits", std::move(*list)}});
  }
};

class Merge final : public TaskType {
 public:
  JobResult run(JobContext& context) const override {
    std::unique_ptr<storage::Writer> writer;
    const std::string name = "outputs.ion";
    std::string id = context.task().id.str();
    id.resize(id.size() - std::string_view("_merge").size());
    const Result<void> told = context.platform().batch_outputs(TaskId(id + "_items"), [&](const JsonObject& outputs) -> Result<void> {
      if (!writer) {
        Result<std::unique_ptr<storage::Writer>> made = context.files().create(name);
        if (!made) return fail(made.error());
        writer = std::move(*made);
      }
      context.define("batch", outputs);
      const Result<std::string> row = context.render("{{ batch | toIon }}");
      if (!row) return fail(row.error());
      return writer->append(std::string(trim(*row)) + "\n");
    });
    if (!told) return JobResult::failed(told.error());
    if (!writer) return JobResult::success();
    if (const Result<void> written = writer->commit(); !written) return JobResult::failed(written.error());
    return JobResult::success({{"subflowOutputs", context.files().uri(name)}});
  }
};

}  // namespace

const TaskType& for_each_item_split_type() {
  static const Split type;
  return type;
}

const TaskType& for_each_item_merge_type() {
  static const Merge type;
  return type;
}

}  // namespace insula::tasks
