// The catalog entry of ForEachItem and the parts that it stands for.
#include "execution/types_parts.h"

namespace insula::execution {

using Kind = flow::PropertyInfo::Kind;

namespace {

flow::TypeInfo part_type(std::string_view type, flow::Runs runs, std::vector<std::string> properties) {
  flow::TypeInfo info;
  info.type = std::string(type);
  info.runs = runs;
  for (std::string& name : properties) info.properties.push_back(part(std::move(name), Kind::any, "", {}));
  return info;
}

// Those of the written task that belong to one part.
JsonObject with(const JsonObject& written, const flow::TypeInfo& info, std::string_view suffix) {
  JsonObject made{{"id", text_or(written, "id") + std::string(suffix)}, {"type", info.type}};
  for (const flow::PropertyInfo& property : info.properties) {
    if (const Json* value = insula::find(written, property.name)) made[property.name] = *value;
  }
  for (const char* common : {"logLevel", "logToFile", "workerGroup"}) {
    if (const Json* value = insula::find(written, common)) made[common] = *value;
  }
  return made;
}

std::vector<flow::TaskPart> parts_of(const JsonObject& written) {
  static const flow::TypeInfo split = part_type(core("flow.ForEachItem$ForEachItemSplit"), flow::Runs::job, {"items", "batch"});
  static const flow::TypeInfo items = part_type(kForEachItemExecutable, flow::Runs::subflow,
                                                {"namespace", "flowId", "revision", "inputs", "labels", "inheritLabels", "wait", "transmitFailed", "scheduleDate", "restartBehavior"});
  static const flow::TypeInfo merge = part_type(core("flow.ForEachItem$ForEachItemMergeOutputs"), flow::Runs::job, {});
  return {{&split, with(written, split, "_split")}, {&items, with(written, items, "_items")}, {&merge, with(written, merge, "_merge")}};
}

}  // namespace

void register_for_each_item(flow::Catalog& catalog) {
  flow::PropertyInfo batch = part("batch", Kind::object, "How the file is cut.", {});
  batch.properties = {part("rows", Kind::any, "Lines in a batch.", {.default_value = "1"}),
                      part("bytes", Kind::any, "A batch ends with the line that makes it at least so large; `10KB` and `1MB` are understood.", {}),
                      part("partitions", Kind::any, "So many batches; lines are dealt out in turn.", {}),
                      part("separator", Kind::string, "Written after each line.", {.default_value = "\\n"}),
                      part("regexPattern", Kind::string, "Lines with the same first group go into the same batch; lines that do not match are left out.", {})};
  flow::PropertyInfo revision = part("revision", Kind::integer, "Its revision; the newest when absent.", {});
  flow::PropertyInfo wait = part("wait", Kind::boolean, "Whether to wait for the end of all of them.", {.default_value = "true"});
  flow::PropertyInfo transmit = part("transmitFailed", Kind::boolean, "Whether a failure, a kill or a warning of one becomes that of this task.", {.default_value = "true"});
  flow::PropertyInfo restart = part("restartBehavior", Kind::enumeration, "Kept for flows that name it: a restart starts all batches anew.", {.default_value = "RETRY_FAILED"});
  revision.dynamic = wait.dynamic = transmit.dynamic = restart.dynamic = false;
  restart.values = {"NEW_EXECUTION", "RETRY_FAILED"};
  catalog.add({.type = core("flow.ForEachItem"), .runs = flow::Runs::flowable,
               .aliases = {old("flows.ForEachItem")},
               .properties = {part("items", Kind::string, "URI of the file: `kestra:///…`.", {.required = true, .min_one = true}), std::move(batch),
                              part("namespace", Kind::string, "Namespace of the flow.", {.required = true, .min_one = true}), part("flowId", Kind::string, "Its id.", {.required = true, .min_one = true}),
                              std::move(revision), part("inputs", Kind::map, "Its inputs; `taskrun.items` is the URI of the batch, `taskrun.iteration` its number from 0.", {}),
                              part("labels", Kind::any, "Labels of the new executions.", {}), std::move(wait), std::move(transmit),
                              part("inheritLabels", Kind::boolean, "Whether they get the labels of this execution.", {.default_value = "false"}),
                              part("scheduleDate", Kind::string, "When they are to begin.", {}), std::move(restart)},
               .title = "Runs a flow for each batch of the lines of a file.",
               .doc = "Stands for three tasks that run one after another: `<id>_split` cuts the file (output `splits`: URI of the list of batches), `<id>_items` starts all executions and waits for them "
                      "(outputs `numberOfBatches` and `iterations`, a count by state), `<id>_merge` writes the outputs of their flows into one Ion file (output `subflowOutputs`).",
               .example = example("inputs:\n  - id: file\n    type: FILE\ntasks:\n  - id: each\n    type: io.kestra.plugin.core.flow.ForEachItem\n    items: \"{{ inputs.file }}\"\n    batch:\n      rows: 100\n"
                                  "    namespace: company.team\n    flowId: one-batch\n    inputs:\n      lines: \"{{ taskrun.items }}\"\n"),
               .parts = parts_of});
}

}  // namespace insula::execution
