// One value against what a PropertyInfo says of it.
#include <cmath>

#include "flow/check.h"

namespace insula::flow {
namespace {

using Kind = PropertyInfo::Kind;

std::string_view java_name(Kind kind) {
  switch (kind) {
    case Kind::string: return "java.lang.String";
    case Kind::integer: return "java.lang.Integer";
    case Kind::number: return "java.lang.Double";
    case Kind::boolean: return "java.lang.Boolean";
    case Kind::duration: return "java.time.Duration";
    case Kind::map: return "java.util.LinkedHashMap<java.lang.String,java.lang.Object>";
    case Kind::list: return "java.util.ArrayList<java.lang.Object>";
    case Kind::task_list: return "java.util.ArrayList<io.kestra.core.models.tasks.Task>";
    case Kind::condition_list: return "java.util.ArrayList<io.kestra.core.models.conditions.Condition>";
    default: return "java.lang.Object";
  }
}

// The class behind a property whose kind alone does not tell it; properties that only we know are named by themselves.
std::string class_of(const PropertyInfo& info) {
  static const std::map<std::string, std::string, std::less<>> kClasses = {
      {"logLevel", "org.slf4j.event.Level"},
      {"minLogLevel", "org.slf4j.event.Level"},
      {"stopAfter", "io.kestra.core.models.flows.State$Type"},
      {"states", "io.kestra.core.models.flows.State$Type"},
      {"preconditions", "io.kestra.plugin.core.trigger.Flow$Preconditions"},
      {"flows", "io.kestra.plugin.core.trigger.Flow$UpstreamFlow"},
      {"where", "io.kestra.plugin.core.trigger.Flow$ExecutionFilter"},
      {"filters", "io.kestra.plugin.core.trigger.Flow$Filter"},
      {"operand", "io.kestra.plugin.core.trigger.Flow$Operand"},
      {"timeWindow", "io.kestra.core.models.triggers.TimeWindow"},
      {"type DURATION_WINDOW", "io.kestra.core.models.triggers.TimeWindow$Type"},
      {"type EQUAL_TO", "io.kestra.plugin.core.trigger.Flow$Type"},
      {"cache", "io.kestra.plugin.core.flow.WorkingDirectory$Cache"},
      {"namespaceFiles", "io.kestra.core.models.tasks.NamespaceFiles$NamespaceFilesBuilder"},
      {"recoverMissedSchedules", "io.kestra.core.models.triggers.RecoverMissedSchedules"},
      {"fallback", "io.kestra.core.models.tasks.WorkerGroup$Fallback"},
      {"workerGroup", "io.kestra.core.models.tasks.WorkerGroup"},
      {"taskCache", "io.kestra.core.models.tasks.Cache"},
      {"assets", "io.kestra.core.models.assets.AssetsDeclaration"},
      {"dependsOn", "io.kestra.core.models.flows.DependsOn"},
      {"concurrency", "io.kestra.core.models.flows.Concurrency"},
      {"itemType", "io.kestra.core.models.flows.Type"},
      {"type", "io.kestra.core.models.flows.Type"},
      {"style", "io.kestra.core.models.flows.check.Check$Style"},
      {"behavior QUEUE", "io.kestra.core.models.flows.Concurrency$Behavior"},
      {"behavior RETRY_FAILED_TASK", "io.kestra.core.models.tasks.retrys.AbstractRetry$Behavior"},
      {"behavior NONE", "io.kestra.core.models.flows.sla.SLA$Behavior"},
      {"behavior CREATE_EXECUTION", "io.kestra.core.models.flows.check.Check$Behavior"},
  };
  auto found = info.values.empty() ? kClasses.end() : kClasses.find(fmt::format("{} {}", info.name, info.values.front()));
  if (found == kClasses.end()) found = kClasses.find(info.name);
  if (info.kind == Kind::list && info.name == "tasks") return "io.kestra.plugin.core.flow.Dag$DagTask";
  return found == kClasses.end() ? info.name : found->second;
}

// A fixed boolean with a default is a `boolean` of Java, one without a `java.lang.Boolean`; Jackson's words differ.
bool is_primitive(const PropertyInfo& info) { return info.kind == Kind::boolean && !info.default_value.empty(); }

// Jackson's words for a text where an object of the class is needed.
std::string describe_text_for(std::string_view java_class, const Json& text) {
  return fmt::format("Cannot construct instance of `{}` (although at least one Creator exists): no String-argument constructor/factory method to deserialize from String value ('{}')", java_class,
                     to_text(text));
}

// What is wrong with a scalar of this kind, or empty.
std::string scalar_fault(const PropertyInfo& info, const Json& value) {
  switch (info.kind) {
    case Kind::integer: return read_integer(value) ? "" : "not a valid `java.lang.Integer` value";
    case Kind::number: return read_number(value) ? "" : "not a valid `Double` value";
    case Kind::boolean:
      if (read_bool(value)) return "";
      return is_primitive(info) ? "only \"true\"/\"True\"/\"TRUE\" or \"false\"/\"False\"/\"FALSE\" recognized" : "only \"true\" or \"false\" recognized";
    case Kind::duration:
      return read_duration(value) ? "" : "Failed to deserialize java.time.Duration: (java.time.format.DateTimeParseException) Text cannot be parsed to a Duration";
    case Kind::enumeration:
      return std::ranges::find(info.values, to_text(value)) != info.values.end() || info.values.empty()
                 ? ""
                 : fmt::format("not one of the values accepted for Enum class: [{}]", join(info.values, ", "));
    default: return "";
  }
}

void check_scalar(Checker& checker, const PropertyInfo& info, const Json& value, const Place& place) {
  if (is_absent(&value)) return;
  const bool structured = value.is_object() || value.is_array();
  if (value.is_string() && has_expression(as_view(value.as_string())) && info.dynamic) return;
  const std::string fault = structured ? "" : scalar_fault(info, value);
  if (!structured && fault.empty()) return;
  const std::string type = info.kind == Kind::enumeration ? class_of(info) : std::string(is_primitive(info) ? "boolean" : java_name(info.kind));
  std::string near = info.kind == Kind::enumeration && value.is_string() ? nearest_word(as_view(value.as_string()), info.values).value_or("") : "";
  if (!info.dynamic) return checker.unreadable(place, describe_mismatch(type, value, fault), std::move(near));
  // 1.3 finds out when the task runs; so that nobody has to wait for that, it is told as a warning.
  checker.warn(fmt::format("{}: `{}` is not a valid value, the task will fail when it runs", place.name_of(), to_text(value)));
}

// A list or map may come from an expression, or as JSON text.
bool may_become_structure(const Json& value, char bracket) {
  if (!value.is_string()) return false;
  const std::string_view text = trim(as_view(value.as_string()));
  return has_expression(text) || text.starts_with(bracket);
}

void check_object(Checker& checker, const PropertyInfo& info, const JsonObject& object, const Place& place) {
  if (info.name == "taskRunner" && object.contains("type")) return check_task_runner(checker, object, place);
  if (info.properties.empty()) return;
  Place at = place;
  at.leaf.clear();   // a part of the task, not the task
  check_properties(checker, object, {info.properties}, at);
}

void check_list(Checker& checker, const PropertyInfo& info, const Json& value, const Place& place) {
  if (is_absent(&value)) return;
  if (!value.is_array()) {
    if (!info.dynamic && value.is_string() && info.values.empty()) return checker.unreadable(place, describe_text_for("java.util.ArrayList", value), "write a list");
    if (!info.dynamic) return checker.unreadable(place, describe_mismatch(fmt::format("java.util.ArrayList<{}>", info.values.empty() ? "java.lang.Object" : class_of(info)), value), "write a list");
    if (!may_become_structure(value, '[') && !value.is_object()) checker.warn(fmt::format("{}: a list is expected", place.name_of()));
    return;
  }
  std::size_t index = 0;
  for (const Json& item : value.as_array()) {
    const Place at = place.item(index++, class_of(info));
    if (item.is_object()) check_object(checker, info, item.as_object(), at);
    else if (!info.values.empty()) check_scalar(checker, {.name = info.name, .kind = Kind::enumeration, .dynamic = info.dynamic, .values = info.values}, item, at);
  }
}

void check_structure(Checker& checker, const PropertyInfo& info, const Json& value, const Place& place) {
  if (is_absent(&value)) return;
  if (value.is_object()) return check_object(checker, info, value.as_object(), place);
  if (!info.dynamic || info.kind == Kind::object) {
    if (info.dynamic && may_become_structure(value, '{')) return;
    const std::string type = info.kind == Kind::object ? class_of(info) : "java.util.LinkedHashMap";
    if (value.is_string()) return checker.unreadable(place, describe_text_for(type, value), "write a map");
    return checker.unreadable(place, describe_mismatch(info.kind == Kind::object ? type : java_name(info.kind), value), "write a map");
  }
  if (!may_become_structure(value, '{') && !value.is_array()) checker.warn(fmt::format("{}: a map is expected", place.name_of()));
}

const Json* find_value(const JsonObject& object, const PropertyInfo& info) {
  if (const Json* value = find(object, info.name)) return value;
  for (const std::string& alias : info.aliases)
    if (const Json* value = find(object, alias)) return value;
  return nullptr;
}

std::string empty_message(const PropertyInfo& info) {
  return info.kind == Kind::task_list && info.name == "tasks" && info.properties.empty() ? "The 'tasks' property cannot be empty" : "must not be empty";
}

}  // namespace

bool is_absent_text(const Json* value) { return !value || value->is_null(); }
bool is_absent(const Json* value) { return is_absent_text(value) || (value->is_string() && value->as_string().empty()); }
bool has_expression(std::string_view text) { return text.contains("{{") || text.contains("{%"); }

std::optional<Duration> read_duration(const Json& value) {
  if (value.is_int64()) return std::chrono::seconds(value.as_int64());
  if (value.is_double()) return Duration(std::llround(value.as_double() * 1e6));
  if (!value.is_string()) return std::nullopt;
  return parse_duration(as_view(value.as_string()));
}

std::optional<bool> read_bool(const Json& value) {
  if (value.is_bool()) return value.as_bool();
  if (value.is_int64()) return value.as_int64() != 0;
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = as_view(value.as_string());
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

std::optional<std::int64_t> read_integer(const Json& value) {
  if (value.is_int64()) return value.as_int64();
  if (value.is_double() && std::abs(value.as_double()) < 9e15) return static_cast<std::int64_t>(value.as_double());
  if (!value.is_string()) return std::nullopt;
  const std::string_view text = trim(as_view(value.as_string()));
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<double> read_number(const Json& value) {
  if (value.is_int64()) return static_cast<double>(value.as_int64());
  if (value.is_uint64()) return static_cast<double>(value.as_uint64());
  if (value.is_double()) return value.as_double();
  if (!value.is_string()) return std::nullopt;
  std::string_view text = trim(as_view(value.as_string()));
  if (text.starts_with('+')) text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string describe_mismatch(std::string_view java_type, const Json& value, std::string_view why) {
  std::string from;
  switch (value.kind()) {
    case boost::json::kind::object: from = "Object value (token `JsonToken.START_OBJECT`)"; break;
    case boost::json::kind::array: from = "Array value (token `JsonToken.START_ARRAY`)"; break;
    case boost::json::kind::bool_: from = fmt::format("Boolean value (token `JsonToken.VALUE_{}`)", value.as_bool() ? "TRUE" : "FALSE"); break;
    case boost::json::kind::double_: from = "Floating-point value (token `JsonToken.VALUE_NUMBER_FLOAT`)"; break;
    case boost::json::kind::string:
      from = why.empty() ? std::string("String value (token `JsonToken.VALUE_STRING`)") : fmt::format("String \"{}\": {}", as_view(value.as_string()), why);
      break;
    default: from = "Integer value (token `JsonToken.VALUE_NUMBER_INT`)"; break;
  }
  return fmt::format("Cannot deserialize value of type `{}` from {}", java_type, from);
}

const PropertyInfo* find_property(std::span<const PropertyInfo> list, std::string_view name) {
  for (const PropertyInfo& info : list)
    if (info.name == name || std::ranges::find(info.aliases, name) != info.aliases.end()) return &info;
  return nullptr;
}

void check_value(Checker& checker, const PropertyInfo& info, const Json& value, const Place& place) {
  switch (info.kind) {
    case Kind::string:
      if (!info.dynamic && (value.is_object() || value.is_array())) checker.unreadable(place, describe_mismatch(java_name(info.kind), value));
      return;
    case Kind::integer:
    case Kind::number:
    case Kind::boolean:
    case Kind::duration:
    case Kind::enumeration: return check_scalar(checker, info, value, place);
    case Kind::map:
    case Kind::object: return check_structure(checker, info, value, place);
    case Kind::list: return check_list(checker, info, value, place);
    case Kind::condition_list: {
      Place at = place;
      at.told_only |= place.in_condition;
      return check_conditions(checker, value, at);
    }
    case Kind::input_list: return check_inputs(checker, value, place);
    case Kind::any:
      if (info.name == "taskRunner" && value.is_object()) check_object(checker, info, value.as_object(), place);
      return;
    case Kind::task_list:
    case Kind::task: return;   // checked with all other child tasks of the element
  }
}

void check_properties(Checker& checker, const JsonObject& object, std::initializer_list<std::span<const PropertyInfo>> lists, const Place& place) {
  const auto named = [&](std::string_view name) -> const PropertyInfo* {
    for (std::span<const PropertyInfo> list : lists)
      if (const PropertyInfo* info = find_property(list, name)) return info;
    return nullptr;
  };
  const auto known = [&] {
    std::vector<std::string> names;
    for (std::span<const PropertyInfo> list : lists)
      for (const PropertyInfo& info : list) {
        names.push_back(info.name);
        names.insert(names.end(), info.aliases.begin(), info.aliases.end());
      }
    std::ranges::sort(names);
    names.erase(std::ranges::unique(names).begin(), names.end());
    return names;
  };
  for (const auto& [key, value] : object) {
    const std::string_view name(key.data(), key.size());
    const PropertyInfo* info = named(name);
    if (!info) {
      checker.unknown_property(place, name, known());
      continue;
    }
    Place at = place.key(name, class_of(*info));
    at.leaf = place.leaf;   // so that warnings name the task
    if (info->deprecated) checker.deprecations.push_back(at.path);
    check_value(checker, *info, value, at);
  }
  for (std::span<const PropertyInfo> list : lists)
    for (const PropertyInfo& info : list) {
      if (!info.required && !info.min_one) continue;
      const Json* value = find_value(object, info);
      const bool text = info.kind == Kind::string || info.kind == Kind::any;
      const bool absent = text ? is_absent_text(value) : is_absent(value);
      const bool empty = value && ((value->is_array() && value->as_array().empty()) || (value->is_object() && value->as_object().empty()));
      if (info.min_one && (absent || empty)) checker.bean(place, info.name, empty_message(info));
      else if (info.required && absent) checker.bean(place, info.name, "must not be null");
    }
}

}  // namespace insula::flow
