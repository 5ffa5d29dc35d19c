// The envelope of a flow, and the rules that look at the whole flow (1.3's FlowValidator).
#include <re2/re2.h>

#include "flow/check.h"
#include "flow/shape.h"

namespace insula::flow {
namespace {

constexpr std::array<std::string_view, 10> kReservedIds = {"pause", "resume", "force-run", "change-status", "kill", "executions", "search", "source", "disable", "enable"};

void check_name(Checker& checker, const JsonObject& flow, std::string_view key, const RE2& pattern, std::size_t length_max, const Place& root) {
  const Json* value = find(flow, key);
  if (is_absent_text(value)) {
    if (key == "id") {   // the namespace is told as a required property
      checker.bean(root, key, "must not be null", "give the flow an `id`");
      checker.bean(root, key, "must not be blank");
    }
    return;
  }
  if (value->is_object() || value->is_array()) return;   // told as unreadable
  const std::string text = to_text(*value);
  if (text.empty() || text.size() > length_max) checker.bean(root, key, fmt::format("size must be between 1 and {}", length_max));
  if (trim(text).empty()) checker.bean(root, key, "must not be blank");
  if (!RE2::FullMatch(text, pattern)) checker.bean(root, key, fmt::format("must match \"^{}\"", pattern.pattern()), slugify(text));
}

// Each object of a top-level list against its properties.
void check_objects(Checker& checker, const Json* list, std::string_view name, const std::string& java, std::span<const PropertyInfo> properties, const Place& root,
                   const std::function<void(const JsonObject&, const Place&)>& more = {}) {
  if (is_absent(list)) return;
  const Place place = root.key(name);
  if (!list->is_array()) return checker.unreadable(place, describe_mismatch(fmt::format("java.util.ArrayList<{}>", java), *list), "write a list");
  std::size_t index = 0;
  for (const Json& item : list->as_array()) {
    const Place at = place.item(index++, java);
    if (!item.is_object()) {
      checker.unreadable(at, describe_mismatch(java, item));
      continue;
    }
    if (!properties.empty()) check_properties(checker, item.as_object(), {properties}, at);
    if (more) more(item.as_object(), at);
  }
}

void check_outputs(Checker& checker, const JsonObject& flow, const Place& root) {
  static const RE2 pattern("[a-zA-Z0-9][.a-zA-Z0-9_-]*");
  check_objects(checker, find(flow, "outputs"), "outputs", "io.kestra.core.models.flows.Output", output_properties(), root, [&](const JsonObject& output, const Place& place) {
    const Json* id = find(output, "id");
    if (!is_absent_text(id) && !RE2::FullMatch(to_text(*id), pattern)) checker.bean(place, "id", "must match \"^[a-zA-Z0-9][.a-zA-Z0-9_-]*\"", slugify(to_text(*id)));
  });
}

void check_sla(Checker& checker, const JsonObject& flow, const Place& root) {
  check_objects(checker, find(flow, "sla"), "sla", "io.kestra.core.models.flows.sla.SLA", {}, root, [&](const JsonObject& sla, const Place& at) {
    Place place = at;
    const std::string type = text_or(sla, "type");
    if (type == "MAX_DURATION") {
      place.cls = "io.kestra.core.models.flows.sla.types.MaxDurationSLA";
      check_properties(checker, sla, {sla_properties(false)}, place);
    } else if (type == "EXECUTION_ASSERTION") {
      place.cls = "io.kestra.core.models.flows.sla.types.ExecutionAssertionSLA";
      check_properties(checker, sla, {sla_properties(true)}, place);
      if (is_absent(find(sla, "assert"))) checker.bean(place, "assert", "must not be empty");
    } else {
      return checker.unknown_type(place, type.empty() ? "null" : type, "MAX_DURATION or EXECUTION_ASSERTION");
    }
    if (const Json* labels = find(sla, "labels")) check_labels(checker, *labels, place.key("labels"), false);
  });
}

void check_checks(Checker& checker, const JsonObject& flow, const Place& root) {
  check_objects(checker, find(flow, "checks"), "checks", "io.kestra.core.models.flows.check.Check", check_item_properties(), root, [&](const JsonObject& check, const Place& place) {
    if (is_absent(find(check, "message"))) checker.bean(place, "message", "must not be empty");
    if (is_absent(find(check, "condition"))) checker.bean(place, "condition", "must not be empty");
  });
}

void check_listeners(Checker& checker, const JsonObject& flow, const Place& root) {
  check_objects(checker, find(flow, "listeners"), "listeners", "io.kestra.core.models.listeners.Listener", listener_properties(), root, [&](const JsonObject& listener, const Place& place) {
    const Json* tasks = find(listener, "tasks");
    if (is_absent(tasks) || (tasks->is_array() && tasks->as_array().empty())) checker.bean(place, "tasks", "must not be empty");
    else check_task_list(checker, *tasks, place.key("tasks"));
  });
}

void check_parts(Checker& checker, const JsonObject& flow, const Place& root) {
  const Json* tasks = find(flow, "tasks");
  if (is_absent(tasks) || (tasks->is_array() && tasks->as_array().empty())) checker.bean(root, "tasks", "must not be empty", "a flow needs at least one task");
  check_listeners(checker, flow, root);
  for (const std::string_view branch : {"tasks", "errors", "finally", "afterExecution"})
    if (const Json* list = find(flow, branch)) check_task_list(checker, *list, root.key(branch));
  if (const Json* triggers = find(flow, "triggers"); !is_absent(triggers)) {
    const Place place = root.key("triggers");
    if (!triggers->is_array()) checker.unreadable(place, describe_mismatch("java.util.ArrayList<io.kestra.core.models.triggers.AbstractTrigger>", *triggers), "write a list: `- id: …`");
    else
      for (std::size_t i = 0; i < triggers->as_array().size(); ++i) check_trigger(checker, triggers->as_array()[i], place.item(i, "io.kestra.core.models.triggers.AbstractTrigger"));
  }
  if (const Json* retry = find(flow, "retry"); !is_absent_text(retry)) check_retry(checker, *retry, root.key("retry"));
  if (const Json* concurrency = find(flow, "concurrency"))
    if (const Json* limit = find(*concurrency, "limit"); !is_absent(limit))
      if (const auto number = read_integer(*limit); number && (*number < 1 || *number > std::numeric_limits<int>::max()))
        checker.bean(root.key("concurrency"), "limit", "must be greater than or equal to 1");
  check_outputs(checker, flow, root);
  check_sla(checker, flow, root);
  check_checks(checker, flow, root);
}

// Ids that stand twice, in the order of their second appearance.
class Seen {
 public:
  void add(const std::string& id, const std::string& path) {
    if (ids_.insert(id).second || std::ranges::find(repeated_, id) != repeated_.end()) return;
    repeated_.push_back(id);
    if (path_.empty()) path_ = path;
  }
  void tell(Checker& checker, std::string_view what) const {
    if (!repeated_.empty()) checker.flow_rule(path_, fmt::format("Duplicate {} with name [{}]", what, join(repeated_, ", ")), "ids must be unique in the whole flow");
  }

 private:
  std::set<std::string> ids_;
  std::vector<std::string> repeated_;
  std::string path_;
};

void check_ids_of(Checker& checker, const Json* list, std::string_view name, std::string_view what) {
  Seen seen;
  if (list && list->is_array())
    for (std::size_t i = 0; i < list->as_array().size(); ++i)
      if (const Json* id = find(list->as_array()[i], "id"); id && !is_absent(id)) seen.add(to_text(*id), fmt::format("{}[{}].id", name, i));
  seen.tell(checker, what);
}

void check_whole_flow(Checker& checker, const JsonObject& flow, const Json& tree) {
  const std::string id = text_or(flow, "id");
  const std::string ns = text_or(flow, "namespace");
  if (std::ranges::find(kReservedIds, id) != kReservedIds.end())
    checker.flow_rule("id", fmt::format("Flow id is a reserved keyword: {}. List of reserved keywords: {}", id, fmt::join(kReservedIds, ", ")));
  Seen seen;
  std::vector<std::string> recursive;
  const auto visit = [&](const JsonObject& task, const Place& place, const TypeInfo& info) {
    if (const Json* task_id = find(task, "id"); !is_absent(task_id)) seen.add(to_text(*task_id), place.path + ".id");
    // Subflow and ForEachItem start a flow by name; a name that is an expression is known only when it runs.
    const bool starts_flow = info.runs == Runs::subflow || info.type == "io.kestra.plugin.core.flow.ForEachItem";
    if (starts_flow && text_or(task, "flowId") == id && text_or(task, "namespace") == ns) recursive.push_back(place.path + ".flowId");
  };
  for (const std::string_view branch : {"tasks", "errors", "finally", "afterExecution"})
    visit_tasks(checker.catalog, find(tree, branch), Place{.path = std::string(branch)}, visit);
  if (const Json* listeners = find(flow, "listeners"); listeners && listeners->is_array())
    for (std::size_t i = 0; i < listeners->as_array().size(); ++i)
      visit_tasks(checker.catalog, find(listeners->as_array()[i], "tasks"), Place{.path = fmt::format("listeners[{}].tasks", i)}, visit);
  seen.tell(checker, "task id");
  check_ids_of(checker, find(tree, "triggers"), "triggers", "trigger id");
  for (const std::string& path : recursive) checker.flow_rule(path, fmt::format("Recursive call to flow [{}.{}]", ns, id));
  if (const Json* inputs = find(tree, "inputs")) check_input_rules(checker, *inputs);
  check_ids_of(checker, find(tree, "outputs"), "outputs", "output");
  if (const Json* labels = find(flow, "labels")) check_labels(checker, *labels, Place{.cls = "io.kestra.core.models.flows.FlowWithSource"}.key("labels"), true);
}

}  // namespace

void check_flow(Checker& checker, const Json& tree) {
  static const RE2 id_pattern("[a-zA-Z0-9][a-zA-Z0-9._-]*");
  static const RE2 namespace_pattern("[a-z0-9][a-z0-9._-]*");
  const Place root{.cls = "io.kestra.core.models.flows.FlowWithSource"};
  const JsonObject& flow = tree.as_object();
  check_properties(checker, flow, {flow_properties()}, root);
  check_name(checker, flow, "id", id_pattern, 100, root);
  check_name(checker, flow, "namespace", namespace_pattern, 150, root);
  check_parts(checker, flow, root);
  check_defaults(checker, tree);
  check_whole_flow(checker, flow, tree);
}

}  // namespace insula::flow
