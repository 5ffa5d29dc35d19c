#include "tasks/types.h"

namespace insula::tasks {

flow::PropertyInfo prop(std::string name, Kind kind, std::string doc, PropertyOptions options) {
  flow::PropertyInfo info;
  info.name = std::move(name);
  info.kind = kind;
  info.required = options.required;
  info.dynamic = options.dynamic;
  info.default_value = std::move(options.otherwise);
  info.values = std::move(options.values);
  info.properties = std::move(options.properties);
  info.doc = std::move(doc);
  info.deprecated = options.deprecated;
  return info;
}

std::string example_flow(std::string_view tasks) { return fmt::format("id: example\nnamespace: company.team\n\ntasks:\n{}", tasks); }

void register_types(flow::Catalog& catalog) {
  register_http_request(catalog);
  register_http_download(catalog);
  register_log_fetch(catalog);
  register_local_files(catalog);
  register_http_trigger(catalog);
  register_states(catalog);
  register_toggle(catalog);
  register_scripts(catalog);
  register_runners(catalog);
}

const TaskType* find_type(std::string_view canonical_type) {
  static const std::map<std::string_view, const TaskType*> kTypes = {
      {"io.kestra.plugin.core.http.Request", &http_request_type()},
      {"io.kestra.plugin.core.http.Download", &http_download_type()},
      {"io.kestra.plugin.core.log.Fetch", &log_fetch_type()},
      {"io.kestra.plugin.core.storage.LocalFiles", &local_files_type()},
      {"io.kestra.plugin.core.flow.WorkingDirectory", &working_directory_type()},
      {"io.kestra.plugin.core.flow.ForEachItem$ForEachItemSplit", &for_each_item_split_type()},
      {"io.kestra.plugin.core.flow.ForEachItem$ForEachItemMergeOutputs", &for_each_item_merge_type()},
      {"io.kestra.plugin.core.state.Get", &state_get_type()},
      {"io.kestra.plugin.core.state.Set", &state_set_type()},
      {"io.kestra.plugin.core.state.Delete", &state_delete_type()},
      {"io.kestra.plugin.core.trigger.Toggle", &toggle_type()},
      {"io.kestra.plugin.core.http.Trigger", &http_trigger_type()},
      {"io.kestra.plugin.scripts.shell.Script", &shell_script_type()},
      {"io.kestra.plugin.scripts.shell.Commands", &shell_commands_type()},
      {"io.kestra.plugin.scripts.python.Script", &python_script_type()},
      {"io.kestra.plugin.scripts.python.Commands", &python_commands_type()},
  };
  const auto found = kTypes.find(canonical_type);
  return found == kTypes.end() ? nullptr : found->second;
}

}  // namespace insula::tasks
