#include "execution/loop_values.h"

#include "execution/variables.h"

namespace insula::execution {

namespace {

using Values = std::vector<std::string>;

std::unexpected<expression::Interruption> refuse_values(std::string message) {
  return std::unexpected(expression::Interruption(Error{ErrorKind::invalid, "loop-values-invalid", std::move(message), {}, {}}));
}

std::string_view java_class(const Json& value) {
  switch (value.kind()) {
    case boost::json::kind::array: return "class java.util.ArrayList";
    case boost::json::kind::object: return "class java.util.LinkedHashMap";
    case boost::json::kind::bool_: return "class java.lang.Boolean";
    case boost::json::kind::double_: return "class java.lang.Double";
    case boost::json::kind::string: return "class java.lang.String";
    default: return "class java.lang.Integer";
  }
}

// Adds each text once. Items are compared before they become text: 1 and "1" are two values.
class Distinct {
 public:
  void add(const Json& item) {
    std::string key = write_json(item);
    if (seen_.insert(std::move(key)).second) values_.push_back(to_text(item));
  }
  Values take() { return std::move(values_); }
  bool full() const { return values_.size() > kLoopValuesMax; }

 private:
  std::unordered_set<std::string> seen_;
  Values values_;
};

expression::Rendered<Values> too_many() {
  return refuse_values(fmt::format("A loop takes at most {} values. Split the list, or loop over a file", kLoopValuesMax));
}

// A list that stands in the flow: texts are rendered, whole numbers and maps allowed.
expression::Rendered<Values> of_list(const JsonArray& written, const Json& rendered) {
  for (const Json& item : written) {
    if (item.is_null()) return refuse_values("Cannot invoke \"Object.getClass()\" because \"obj\" is null");
    if (item.is_double() || item.is_bool() || item.is_array()) return refuse_values(fmt::format("Unknown value element type: {}", java_class(item)));
  }
  Distinct distinct;
  for (const Json& item : rendered.as_array()) {
    distinct.add(item);
    if (distinct.full()) return too_many();
  }
  return distinct.take();
}

// A text that renders to a JSON array: anything but null may stand in it.
expression::Rendered<Values> of_text(const std::string& text) {
  if (trim(text).empty()) return refuse_values("The values of this loop must be a list, but they are empty");
  const Result<Json> parsed = parse_json(text);
  if (!parsed) return refuse_values(fmt::format("The values of this loop must be a JSON array: {}", parsed.error().message));
  if (!parsed->is_array()) return refuse_values(fmt::format("The values of this loop must be a JSON array, but they are `{}`", text.substr(0, 200)));
  const auto nulls = std::ranges::count_if(parsed->as_array(), [](const Json& item) { return item.is_null(); });
  if (nulls > 0) {
    std::string shown;
    for (const Json& item : parsed->as_array()) shown += (shown.empty() ? "" : ", ") + to_text(item);
    return refuse_values(fmt::format("Found '{}' null values on Each, with values=[{}]", nulls, shown));
  }
  Distinct distinct;
  for (const Json& item : parsed->as_array()) {
    distinct.add(item);
    if (distinct.full()) return too_many();
  }
  return distinct.take();
}

}  // namespace

expression::Rendered<std::vector<std::string>> loop_values(Frontier& frontier, Node& node) {
  const flow::Task& task = frontier.task_of(node);
  const expression::Property* property = task.property(task.type.ends_with(".ForEach") ? "values" : "value");
  if (!property || property->source().is_null()) return refuse_values("This loop has no values");
  const TaskVariables variables(frontier, node, property->source());
  const expression::Environment environment = environment_of(frontier, node, "values");
  const Json& source = property->source();
  if (source.is_string()) {
    auto text = property->render_text(variables, environment);
    if (!text) return std::unexpected(text.error());
    return of_text(*text);
  }
  if (!source.is_array()) return refuse_values(fmt::format("Unknown value type: {}", java_class(source)));
  auto rendered = property->render(variables, environment);
  if (!rendered) return std::unexpected(rendered.error());
  return of_list(source.as_array(), *rendered);
}

}  // namespace insula::execution
