// Tasks, triggers, conditions and task runners against the catalog.
#include <re2/re2.h>

#include "flow/check.h"
#include "flow/shape.h"

namespace insula::flow {
namespace {

using Kind = PropertyInfo::Kind;

std::string_view noun(TypeCategory category) {
  switch (category) {
    case TypeCategory::task: return "task";
    case TypeCategory::trigger: return "trigger";
    case TypeCategory::condition: return "condition";
    case TypeCategory::task_runner: return "task runner";
  }
  return "type";
}

// The type of an element, or nullptr once told that it is unknown.
const TypeInfo* type_of(Checker& checker, const JsonObject& object, TypeCategory wanted, const Place& place) {
  const Json* type = find(object, "type");
  if (!type || !type->is_string()) {
    checker.unknown_type(place, "<null>", fmt::format("every {} needs a `type`", noun(wanted)));
    return nullptr;
  }
  const std::string_view name = as_view(type->as_string());
  const TypeInfo* info = checker.catalog.find(name);
  if (info && info->category == wanted) return info;
  if (info) checker.unknown_type(place, name, fmt::format("this is a {}, a {} is needed here", noun(info->category), noun(wanted)));
  else checker.unknown_type(place, name, checker.catalog.nearest(name).value_or(""));
  return nullptr;
}

void check_id(Checker& checker, const JsonObject& object, const Place& place) {
  static const RE2 pattern("[a-zA-Z0-9][a-zA-Z0-9_-]*");
  const Json* id = find(object, "id");
  if (is_absent_text(id)) {
    checker.bean(place, "id", "must not be null", "give it an `id`");
    checker.bean(place, "id", "must not be blank");
    return;
  }
  if (id->is_object() || id->is_array()) return;   // told as unreadable
  const std::string text = to_text(*id);
  if (trim(text).empty()) checker.bean(place, "id", "must not be blank");
  if (!RE2::FullMatch(text, pattern)) checker.bean(place, "id", "must match \"^[a-zA-Z0-9][a-zA-Z0-9_-]*\"", slugify(text));
}

bool require_object(Checker& checker, const Json& value, const Place& place) {
  if (value.is_object()) return true;
  if (value.is_null()) checker.bean(place, "", "must not be null");
  else checker.unreadable(place, describe_mismatch(place.cls, value));
  return false;
}

void add_own_checks(Checker& checker, const TypeInfo& info, const JsonObject& object, const Place& place) {
  for (Violation& violation : told_by_type(info, object)) checker.bean(place, violation.path, std::move(violation.message), std::move(violation.suggestion));
}

void check_children(Checker& checker, const TypeInfo& info, const JsonObject& task, const Place& place) {
  for (const auto& [key, value] : task) {
    const std::string_view name(key.data(), key.size());
    if (!holds_child_tasks(info, name) || is_absent(&value) || value.is_array()) continue;
    const PropertyInfo* property = find_property(info.properties, name);
    if (property && property->kind == Kind::task) continue;
    const bool cases = name == "cases" && value.is_object();
    if (!cases) checker.unreadable(place.key(name), describe_mismatch("java.util.ArrayList<io.kestra.core.models.tasks.Task>", value));
    else
      for (const auto& [case_key, list] : value.as_object())
        if (!list.is_array() && !is_absent(&list))
          checker.unreadable(place.key(name, "java.util.LinkedHashMap").key(std::string_view(case_key.data(), case_key.size())),
                             describe_mismatch("java.util.ArrayList<io.kestra.core.models.tasks.Task>", list));
  }
  for (const ChildList& children : child_lists(info, task, place))
    for (const ChildTask& child : children.tasks) {
      if (child.task) check_task(checker, *child.task, child.place);
      if (child.depends_on && !is_absent(child.depends_on) && !child.depends_on->is_array())
        checker.unreadable(child.place, describe_mismatch("java.util.ArrayList", *child.depends_on), "write `dependsOn` as a list");
    }
}

// WorkingDirectory: its children share one place of one worker, so each must be a task that a worker runs. Known here, since it takes the catalog to tell.
void check_working_directory(Checker& checker, const JsonObject& task, const Place& place) {
  const Json* tasks = find(task, "tasks");
  if (is_absent(tasks) || (tasks->is_array() && tasks->as_array().empty())) return checker.bean(place, "", "The 'tasks' property cannot be empty");
  if (!tasks->is_array()) return;
  bool all_runnable = true;
  bool any_group = false;
  for (const Json& child : tasks->as_array()) {
    if (!child.is_object()) continue;
    const TypeInfo* info = checker.catalog.find(text_or(child.as_object(), "type"));
    all_runnable &= !info || (info->runs != Runs::flowable && info->runs != Runs::subflow);
    any_group |= !is_absent(find(child, "workerGroup"));
  }
  if (!all_runnable) checker.bean(place, "", "Only runnable tasks are allowed as children of a WorkingDirectory task", "put flowable tasks around the WorkingDirectory, not into it");
  if (any_group) checker.bean(place, "", "Cannot set a Worker Group in any WorkingDirectory sub-tasks, it is only supported at the WorkingDirectory level");
}

}  // namespace

std::vector<Violation> told_by_type(const TypeInfo& info, const JsonObject& element) { return info.check ? info.check(element) : std::vector<Violation>(); }

void check_task(Checker& checker, const Json& value, const Place& at) {
  if (!require_object(checker, value, at)) return;
  const JsonObject& task = value.as_object();
  const TypeInfo* info = type_of(checker, task, TypeCategory::task, at);
  if (!info) return;
  Place place = at;
  place.cls = info->type;
  const Json* id = find(task, "id");
  place.leaf = id && !id->is_object() && !id->is_array() && !id->is_null() ? to_text(*id) : "";
  place.leaf_list = "tasks";
  if (info->deprecated) checker.deprecations.push_back(place.path);
  check_id(checker, task, place);
  check_properties(checker, task, {info->properties, common_task_properties(), branch_properties(*info)}, place);
  if (const Json* retry = find(task, "retry"); !is_absent_text(retry)) check_retry(checker, *retry, place.key("retry"));
  if (const std::string ref = text_or(task, "pluginDefaultsRef"); !ref.empty() && !checker.default_refs.contains(ref))
    checker.bean(place, "pluginDefaultsRef", fmt::format("No plugin-defaults exists for pluginDefaultsRef: '{}'", ref));
  if (info->runs == Runs::flowable && !is_absent(find(task, "taskCache")))
    checker.warn(fmt::format("The task '{}' cannot use the 'taskCache' property as it's only relevant for runnable tasks.", place.leaf));
  if (info->type == "io.kestra.plugin.core.flow.WorkingDirectory") check_working_directory(checker, task, place);
  add_own_checks(checker, *info, task, place);
  check_children(checker, *info, task, place);
}

void check_task_list(Checker& checker, const Json& value, const Place& place) {
  if (is_absent(&value)) return;
  if (!value.is_array()) return checker.unreadable(place, describe_mismatch("java.util.ArrayList<io.kestra.core.models.tasks.Task>", value), "write a list: `- id: …`");
  std::size_t index = 0;
  for (const Json& item : value.as_array()) check_task(checker, item, place.item(index++, "io.kestra.core.models.tasks.Task"));
}

void check_trigger(Checker& checker, const Json& value, const Place& at) {
  if (!require_object(checker, value, at)) return;
  const JsonObject& trigger = value.as_object();
  const TypeInfo* info = type_of(checker, trigger, TypeCategory::trigger, at);
  if (!info) return;
  Place place = at;
  place.cls = info->type;
  if (info->deprecated) checker.deprecations.push_back(place.path);
  check_id(checker, trigger, place);
  check_properties(checker, trigger, {info->properties, common_trigger_properties()}, place);
  if (const Json* labels = find(trigger, "labels"); !is_absent(labels)) check_labels(checker, *labels, place.key("labels"), false);
  add_own_checks(checker, *info, trigger, place);
  // A trigger that watches flows without saying which is legal, and hardly ever meant.
  if (info->type == "io.kestra.plugin.core.trigger.Flow" && is_absent(find(trigger, "preconditions")) && is_absent(find(trigger, "conditions")))
    checker.warn(fmt::format("This flow will be triggered for EVERY execution of EVERY flow on your instance. We recommend adding the preconditions property to the Flow trigger '{}'.",
                             text_or(trigger, "id")));
}

void check_conditions(Checker& checker, const Json& value, const Place& place) {
  if (is_absent(&value)) return;
  if (!value.is_array()) return checker.unreadable(place, describe_mismatch("java.util.ArrayList<io.kestra.core.models.conditions.Condition>", value));
  const auto check_one = [&](const Json& item, Place at) -> const TypeInfo* {
    if (!require_object(checker, item, at)) return nullptr;
    const TypeInfo* info = type_of(checker, item.as_object(), TypeCategory::condition, at);
    if (!info) return nullptr;
    at.cls = info->type;
    at.in_condition = true;
    if (info->deprecated) checker.deprecations.push_back(at.path);
    check_properties(checker, item.as_object(), {info->properties, common_condition_properties()}, at);
    add_own_checks(checker, *info, item.as_object(), at);
    return info;
  };
  std::size_t index = 0;
  for (const Json& item : value.as_array()) {
    const Place at = place.item(index++, "io.kestra.core.models.conditions.Condition");
    const TypeInfo* info = check_one(item, at);
    // Its conditions are a map.
    const Json* named = info && info->type.ends_with(".MultipleCondition") ? find(item, "conditions") : nullptr;
    if (!named || !named->is_object()) continue;
    for (const auto& [name, condition] : named->as_object()) {
      Place inside = at.key("conditions", "java.util.LinkedHashMap").key(std::string_view(name.data(), name.size()), "io.kestra.core.models.conditions.Condition");
      inside.told_only = true;
      check_one(condition, inside);
    }
  }
}

void check_task_runner(Checker& checker, const Json& value, const Place& place) {
  const TypeInfo* info = type_of(checker, value.as_object(), TypeCategory::task_runner, place);
  if (!info) return;
  Place at = place;
  at.cls = info->type;
  check_properties(checker, value.as_object(), {info->properties, common_task_runner_properties()}, at);
  add_own_checks(checker, *info, value.as_object(), at);
}

}  // namespace insula::flow
