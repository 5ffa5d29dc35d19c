// Which properties of a task hold tasks, and a walk over all tasks of a flow.
#include "flow/check.h"

namespace insula::flow {
namespace {

using Kind = PropertyInfo::Kind;

// `errors` and `finally` belong to every flowable, whether or not its type says so again.
bool is_common_branch(const TypeInfo& info, std::string_view property) {
  return info.runs == Runs::flowable && (property == "errors" || property == "finally");
}

// Entries `{task, dependsOn}` instead of tasks, as in Dag.
bool holds_entries(const PropertyInfo* info) {
  return info && std::ranges::any_of(info->properties, [](const PropertyInfo& inner) { return inner.name == "task"; });
}

bool is_entry(const Json& item) { return find(item, "task") != nullptr; }

std::vector<ChildTask> children_of(const Json& list, const Place& place, bool entries) {
  std::vector<ChildTask> tasks;
  if (!list.is_array()) return tasks;
  std::size_t index = 0;
  for (const Json& item : list.as_array()) {
    Place at = place.item(index++, "io.kestra.core.models.tasks.Task");
    if (!entries) {
      tasks.push_back({&item, nullptr, std::move(at)});
      continue;
    }
    if (!is_entry(item)) continue;   // told with the entries' own properties
    at.told_only = true;
    tasks.push_back({find(item, "task"), find(item, "dependsOn"), at.key("task", "io.kestra.core.models.tasks.Task")});
  }
  return tasks;
}

}  // namespace

bool holds_child_tasks(const TypeInfo& info, std::string_view property) {
  if (is_common_branch(info, property)) return true;
  const PropertyInfo* found = find_property(info.properties, property);
  return found && (found->kind == Kind::task_list || found->kind == Kind::task || (found->kind == Kind::list && holds_entries(found)));
}

std::vector<ChildList> child_lists(const TypeInfo& info, const JsonObject& task, const Place& place) {
  std::vector<ChildList> lists;
  for (const auto& [key, value] : task) {
    const std::string_view written(key.data(), key.size());
    if (!holds_child_tasks(info, written)) continue;
    const PropertyInfo* property = find_property(info.properties, written);
    const std::string name = property ? property->name : std::string(written);
    Place at = place.key(written);
    if (property && property->kind == Kind::task) {
      at.cls = "io.kestra.core.models.tasks.Task";
      lists.push_back({name, "", {{&value, nullptr, at}}});
    } else if (value.is_object()) {   // cases: a list per key
      at.told_only = true;
      at.cls = "java.util.LinkedHashMap";
      for (const auto& [case_key, list] : value.as_object())
        lists.push_back({name, std::string(case_key), children_of(list, at.key(std::string_view(case_key.data(), case_key.size())), false)});
    } else {
      lists.push_back({name, "", children_of(value, at, holds_entries(property))});
    }
  }
  return lists;
}

void visit_tasks(const Catalog& catalog, const Json* list, const Place& place, const std::function<void(const JsonObject&, const Place&, const TypeInfo&)>& visit) {
  const auto visit_one = [&](const auto& self, const Json& value, const Place& at) -> void {
    const Json* type = find(value, "type");
    if (!type || !type->is_string()) return;
    const TypeInfo* info = catalog.find(as_view(type->as_string()));
    if (!info || info->category != TypeCategory::task) return;
    visit(value.as_object(), at, *info);
    for (const ChildList& children : child_lists(*info, value.as_object(), at))
      for (const ChildTask& child : children.tasks)
        if (child.task) self(self, *child.task, child.place);
  };
  if (!list || !list->is_array()) return;
  std::size_t index = 0;
  for (const Json& item : list->as_array()) visit_one(visit_one, item, place.item(index++));
}

}  // namespace insula::flow
