// storage.LocalFiles: files into the working folder, files out of it. For a WorkingDirectory; its own `inputFiles` and `outputFiles` say the same.
#include "tasks/script.h"

namespace insula::tasks {
namespace {

class LocalFiles final : public TaskType {
 public:
  JobResult run(JobContext& context) const override {
    if (const Result<void> written = write_files(context, "inputs"); !written) return JobResult::failed(written.error());
    Result<JsonObject> uris = store_matching(context, "outputs");
    if (!uris) return JobResult::failed(uris.error());
    return JobResult::success({{"uris", std::move(*uris)}});
  }
};

}  // namespace

const TaskType& local_files_type() {
  static const LocalFiles type;
  return type;
}

void register_local_files(flow::Catalog& catalog) {
  catalog.add({.type = "io.kestra.plugin.core.storage.LocalFiles", .aliases = {"io.kestra.core.tasks.storages.LocalFiles"},
               .properties = {prop("inputs", Kind::any, "Files put into the folder: names to contents or `kestra://` URIs."), prop("outputs", Kind::list, "Files of the folder to keep, by name or pattern.")},
               .outputs = {prop("uris", Kind::map, "Names to `kestra://` URIs.")},
               .title = "Puts files into the folder of a WorkingDirectory, or keeps files of it.",
               .doc = "Deprecated: use `inputFiles` and `outputFiles` of the WorkingDirectory, or of its tasks.",
               .example = example_flow("  - id: files\n    type: io.kestra.plugin.core.storage.LocalFiles\n    inputs:\n      hello.txt: Hello\n    outputs:\n      - hello.txt\n"),
               .deprecated = true});
}

}  // namespace insula::tasks
