// The catalog of types: what may stand in `type:`, with properties and documentation. Empty here; `tasks` and `execution` fill it, `app` passes it in.
#pragma once
#include "base/base.h"

namespace insula::flow {

enum class TypeCategory { task, trigger, condition, task_runner };

// Where a task runs (design.md §1).
enum class Runs {
  flowable,   // rules of `execution`: has child tasks or waits
  inline_,    // rules of `execution`: its whole effect is rows of our store
  subflow,    // starts another execution of the same tenant
  job,        // a worker
};

struct PropertyInfo {
  enum class Kind { string, integer, number, boolean, duration, enumeration, map, list, any, task_list, task, condition_list, object, input_list };
  std::string name;
  Kind kind = Kind::any;
  bool required = false;                 // null counts as absent
  bool dynamic = true;                   // may be an expression where the kind is not a text
  std::string default_value;             // for documentation
  std::vector<std::string> values = {};  // of an enumeration
  std::vector<PropertyInfo> properties = {};  // of an object, or of the objects of a list; empty = not checked
  std::string doc = {};
  bool deprecated = false;
  std::vector<std::string> aliases = {};      // other names of the same property
  bool min_one = false;                  // a list that may not be empty
  bool key_checked = true;
};

struct TypeInfo;
// A task that a written one stands for: made when the flow is compiled, in no source, and of a type that cannot be written.
struct TaskPart {
  const TypeInfo* info = nullptr;        // lives as long as the process
  JsonObject written;                    // as if it had been written
};

struct TypeInfo {
  std::string type;                      // canonical, `io.kestra.plugin.core.log.Log`
  TypeCategory category = TypeCategory::task;
  Runs runs = Runs::job;
  std::vector<std::string> aliases = {};
  std::vector<PropertyInfo> properties = {};  // own ones; those common to all tasks or triggers are known to `flow`
  std::vector<PropertyInfo> outputs = {};
  std::string title = {};
  std::string doc = {};
  std::string example = {};                   // a whole flow in YAML
  bool deprecated = false;
  bool polls = false;                         // of a trigger: a worker evaluates it at its interval
  // Further checks of one element (Dag's dependsOn, Switch's cases, Schedule's cron…): paths are relative to the element. May be empty.
  std::function<std::vector<Violation>(const JsonObject& properties)> check = {};
  // A flowable without written tasks: those that stand in its branch `tasks`.
  std::function<std::vector<TaskPart>(const JsonObject& written)> parts = {};
};

class Catalog {
 public:
  void add(TypeInfo info);                          // a type or alias registered twice is a bug
  const TypeInfo* find(std::string_view type) const;  // by type or alias, case-sensitive; nullptr = unknown
  std::optional<std::string> nearest(std::string_view type) const;  // for "did you mean"
  std::vector<const TypeInfo*> all() const;         // by canonical name

 private:
  std::map<std::string, std::shared_ptr<const TypeInfo>, std::less<>> by_name_;
};

}  // namespace insula::flow
