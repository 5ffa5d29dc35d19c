// How a tree is checked: places in it, findings about them, and the checks of its parts. Private to this folder.
//
// 1.3 checks twice: Jackson reads the tree into classes and stops at the first thing it cannot read; then Hibernate validates the beans; last comes
// FlowValidator. Here all three tell everything they find, in that order, in the words of 1.3.
#pragma once
#include "flow/catalog.h"
#include "flow/read.h"
#include "flow/yaml.h"

namespace insula::flow {

enum class Rule { parse, bean, flow };

struct Finding {
  Rule rule = Rule::bean;
  std::string path;        // `tasks[0].tasks[1].message`
  std::string shown;       // as 1.3 names it: `b.b.message`
  std::string chain;       // Jackson's reference chain: `…FlowWithSource["tasks"]->java.util.ArrayList[0]`
  std::string message;
  std::string suggestion;
  Position position;
  bool is_unknown_type = false;
  std::size_t order = 0;   // of telling
};

// Where a check stands.
struct Place {
  std::string path;        // of our own tree
  std::string shown;       // the same with the field names of 1.3 (`_else`, `_finally`, `_assert`)
  std::string chain;
  std::string cls;         // Java class of the object here
  std::string leaf;        // id of the task or input that stands here, empty for anything else
  std::string_view leaf_list;   // `tasks` or `inputs`: these segments of `shown` are replaced by the leaf
  bool told_only = false;  // 1.3 does not validate beans here (cases of a Switch, tasks of a Dag, conditions in conditions): told as warnings
  bool in_condition = false;

  Place key(std::string_view name, std::string class_name = {}) const;
  Place item(std::size_t index, std::string class_name = {}) const;
  // `shown` with the leaf put in, plus the property.
  std::string name_of(std::string_view property = {}) const;
};

// A list of child tasks within a task, in whatever form its type holds it.
struct ChildTask {
  const Json* task = nullptr;
  const Json* depends_on = nullptr;
  Place place;
};
struct ChildList {
  std::string name;        // the property
  std::string key;         // of `cases`
  std::vector<ChildTask> tasks;
};

struct Checker {
  const Catalog& catalog;
  const Positions& positions;
  std::string_view source_name = "flowwithsource";   // what 1.3 says it was reading
  std::set<std::string, std::less<>> default_refs = {};   // what `pluginDefaultsRef` may name
  std::vector<Finding> findings = {};
  std::vector<std::string> deprecations = {};
  std::vector<std::string> warnings = {};

  Position position_of(std::string_view path) const;   // of the path, or of its nearest ancestor that the text holds
  void unreadable(const Place& place, std::string message, std::string suggestion = {});   // Jackson: a value of the wrong kind
  void refuse(const Place& place, std::string message, std::string suggestion = {});       // Jackson: unknown type or property
  void unknown_type(const Place& place, std::string_view type, std::string suggestion = {});
  void unknown_property(const Place& place, std::string_view name, std::span<const std::string> known);
  void bean(const Place& place, std::string_view property, std::string message, std::string suggestion = {});
  void flow_rule(std::string path, std::string message, std::string suggestion = {});
  void warn(std::string message) { warnings.push_back(std::move(message)); }
};

// value_check.cc
bool is_absent(const Json* value);                       // missing, null, or the empty scalar that YAML writes for nothing
bool is_absent_text(const Json* value);                  // missing or null: for texts, which may be empty
bool has_expression(std::string_view text);
std::optional<Duration> read_duration(const Json& value);   // ISO text, or seconds
std::optional<bool> read_bool(const Json& value);
std::optional<std::int64_t> read_integer(const Json& value);
std::optional<double> read_number(const Json& value);
std::string describe_mismatch(std::string_view java_type, const Json& value, std::string_view why = {});
void check_value(Checker& checker, const PropertyInfo& info, const Json& value, const Place& place);
// Known names, required ones, kinds. `lists` are looked through in order.
void check_properties(Checker& checker, const JsonObject& object, std::initializer_list<std::span<const PropertyInfo>> lists, const Place& place);
const PropertyInfo* find_property(std::span<const PropertyInfo> list, std::string_view name);

// element_check.cc
void check_task(Checker& checker, const Json& value, const Place& place);
void check_task_list(Checker& checker, const Json& value, const Place& place);
void check_trigger(Checker& checker, const Json& value, const Place& place);
void check_conditions(Checker& checker, const Json& value, const Place& place);
void check_task_runner(Checker& checker, const Json& value, const Place& place);

// child_tasks.cc
std::vector<ChildList> child_lists(const TypeInfo& info, const JsonObject& task, const Place& place);
// Property names that hold child tasks.
bool holds_child_tasks(const TypeInfo& info, std::string_view property);
// Every task at any depth, parents first. Stops at tasks of unknown type.
void visit_tasks(const Catalog& catalog, const Json* list, const Place& place, const std::function<void(const JsonObject&, const Place&, const TypeInfo&)>& visit);

// retry.cc
void check_retry(Checker& checker, const Json& value, const Place& place);
std::optional<Retry> compile_retry(const Json& value);

// labels.cc
void check_labels(Checker& checker, const Json& value, const Place& place, bool of_the_flow);
std::vector<Label> compile_labels(const Json* value);    // the last of equal keys wins
Json labels_tree(const Json& value);

// input_check.cc
void check_inputs(Checker& checker, const Json& value, const Place& place);
void check_input_rules(Checker& checker, const Json& value);   // of the flow as a whole: duplicates, dependsOn
std::vector<Input> compile_inputs(const Json* value);
Json input_tree(const JsonObject& written);
std::string input_id(const JsonObject& written);         // `id`, or its old name `name`
std::span<const std::string_view> value_types();         // STRING, INT, …

// flow_check.cc
void check_flow(Checker& checker, const Json& tree);
std::vector<Violation> told_by_type(const TypeInfo& info, const JsonObject& element);

// defaults.cc
std::vector<PluginDefault> defaults_of(const Json& tree);  // of the flow's own source
void check_defaults(Checker& checker, const Json& tree);
// Puts defaults into every object with a `type`, at any depth. `defaults`: outermost first.
void apply_defaults(Json& tree, const std::vector<PluginDefault>& defaults, const Catalog& catalog);

// compile.cc, tree.cc
std::shared_ptr<Flow> compile_flow(const Json& written, const Json& with_defaults, const Positions& positions, const Catalog& catalog);
Json flow_tree(const Json& written);
Json without_nulls(const Json& value);

}  // namespace insula::flow
