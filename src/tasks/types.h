// The task types of this folder: each registers its catalog entry and has one stateless instance. Private to this folder.
#pragma once
#include "tasks/tasks.h"

namespace insula::tasks {

using Kind = flow::PropertyInfo::Kind;

struct PropertyOptions {
  bool required = false;
  std::string otherwise = {};                          // the default, for the documentation
  std::vector<flow::PropertyInfo> properties = {};     // of an object
  std::vector<std::string> values = {};                // of an enumeration
  bool deprecated = false;
  bool dynamic = true;
};
flow::PropertyInfo prop(std::string name, Kind kind, std::string doc, PropertyOptions options = {});
// A whole flow around the tasks of an example.
std::string example_flow(std::string_view tasks);

void register_http_request(flow::Catalog& catalog);
void register_http_download(flow::Catalog& catalog);
void register_log_fetch(flow::Catalog& catalog);
void register_local_files(flow::Catalog& catalog);
void register_http_trigger(flow::Catalog& catalog);
void register_states(flow::Catalog& catalog);
void register_toggle(flow::Catalog& catalog);
void register_scripts(flow::Catalog& catalog);
void register_runners(flow::Catalog& catalog);

const TaskType& http_request_type();
const TaskType& http_download_type();
const TaskType& log_fetch_type();
const TaskType& local_files_type();
const TaskType& working_directory_type();
const TaskType& for_each_item_split_type();
const TaskType& for_each_item_merge_type();
const TaskType& state_get_type();
const TaskType& state_set_type();
const TaskType& state_delete_type();
const TaskType& toggle_type();
const TaskType& http_trigger_type();
const TaskType& shell_script_type();
const TaskType& shell_commands_type();
const TaskType& python_script_type();
const TaskType& python_commands_type();

}  // namespace insula::tasks
