// Filters and functions over JSON, Ion, YAML and jq.
#include "expression/data_text.h"

namespace insula::expression {

namespace {
Value to_json_filter(Call& call) { return call.text(json_text(call.input)); }

Value to_ion(Call& call) {
  std::string out;
  write_ion(call.input, out);
  return call.text(std::move(out));
}

Value yaml_filter(Call& call) {
  if (call.input.is_null()) return Value::borrowed("null");
  std::string out;
  write_yaml(call.input, out);
  return call.text(std::move(out));
}

bool has_null_entries(const Value& value) {
  if (value.is(Kind::list)) {
    for (std::size_t i = 0; i < value.size(); ++i) if (has_null_entries(value.at(i))) return true;
  }
  if (value.is(Kind::map)) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      const Value held = value.entry_at(i).second;
      if (held.is_null() || has_null_entries(held)) return true;
    }
  }
  return false;
}

// 1.3 gives jq what it would write as JSON, and leaves null entries of maps out there.
Value without_null_entries(Evaluator& evaluator, const Value& value) {
  evaluator.step();
  if (value.is(Kind::list)) {
    std::vector<Value> items;
    for (std::size_t i = 0; i < value.size(); ++i) items.push_back(without_null_entries(evaluator, value.at(i)));
    return evaluator.list(std::move(items));
  }
  if (!value.is(Kind::map)) return value;
  MapBuilder map;
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto [key, held] = value.entry_at(i);
    if (!held.is_null()) map.put(std::move(key), without_null_entries(evaluator, held));
  }
  return std::move(map).linked();
}

Value jq_filter(Call& call) {
  if (call.input.is_null()) return {};
  if (call[0].is_absent()) return call.fail("The 'jq' filter expects an argument 'expression'.");
  if (!call[0].is_null() && !call[0].is_text()) return call.fail_cast(call[0], "java.lang.String");
  const auto unable = [&] { return call.fail(fmt::format("Unable to parse jq value '{}' with type '{}'", java_text(call.input), class_name(call.input))); };
  if (call[0].is_null()) return unable();
  Value input = call.input;
  if (input.is_text()) {
    auto parsed = read_json(call.evaluator, input.view());
    if (!parsed) return unable();
    input = std::move(*parsed);
  } else if (has_null_entries(input)) {
    input = without_null_entries(call.evaluator, input);
  }
  auto results = run_jq(call.evaluator, call[0].view(), input);
  return results ? std::move(*results) : unable();
}

// The text argument of a reading function; `stop` is set when there is none.
bool read_argument(Call& call, std::string_view name, Value& stop) {
  const std::string_view shown = call.builtin.name == "json" ? "fromJson" : call.builtin.name;
  if (call[0].is_absent()) {
    stop = call.fail(fmt::format("The '{}' function expects an argument '{}'.", shown, name));
    return false;
  }
  if (call[0].is_null() && name != "yaml") {
    stop = Value();
    return false;
  }
  if (!call[0].is_text()) {
    stop = call.fail(fmt::format("The '{}' function expects an argument '{}' with type string.", shown, name));
    return false;
  }
  return true;
}

Value from_json(Call& call) {
  Value stop;
  if (!read_argument(call, "json", stop)) return stop;
  auto made = read_json(call.evaluator, call[0].view());
  return made ? std::move(*made) : call.fail("Invalid json: " + made.error());
}

Value from_yaml(Call& call) {
  Value stop;
  if (!read_argument(call, "yaml", stop)) return stop;
  auto made = read_yaml(call.evaluator, call[0].view());
  return made ? std::move(*made) : call.fail("Invalid yaml: " + made.error());
}

Value from_ion(Call& call) {
  Value stop;
  if (!read_argument(call, "ion", stop)) return stop;
  if (!call[1].nothing() && !call[1].is(Kind::boolean)) return call.fail_cast(call[1], "java.lang.Boolean");
  auto made = read_ion(call.evaluator, call[0].view(), call[1].is(Kind::boolean) && call[1].boolean());
  return made ? std::move(*made) : call.fail("Invalid ion: " + made.error());
}
}  // namespace

std::span<const Builtin> data_filters() {
  using enum Entry::Kind;
  static const Parameter json_text_parameter{"json", "string", true, "", "JSON text"};
  static const std::vector<Builtin> all = {
      {filter, "toJson", {}, "The value as JSON text; null entries of maps are left out.", "{{ inputs | toJson }}", to_json_filter, true},
      {filter, "json", {}, "The old name of toJson.", "{{ inputs | json }}", to_json_filter, true, false, true},
      {filter, "toIon", {}, "The value as Ion text.", "{{ inputs | toIon }}", to_ion, true},
      {filter, "yaml", {}, "The value as YAML text.", "{{ inputs | yaml }}", yaml_filter, true},
      {filter, "jq", {{"expression", "string", true, "", "A jq program"}}, "All results of a jq program, always as a list.", "{{ outputs.api.body | jq('.items[].id') }}", jq_filter},
      {function, "fromJson", {json_text_parameter}, "The value that JSON text stands for.", "{{ fromJson(outputs.api.body).id }}", from_json},
      {function, "json", {json_text_parameter}, "The old name of fromJson.", "{{ json(outputs.api.body).id }}", from_json, false, false, true},
      {function, "yaml", {{"yaml", "string", true, "", "YAML text"}}, "The value that YAML text stands for.", "{{ yaml(read('config.yml')).name }}", from_yaml},
      {function, "fromIon", {{"ion", "string", true, "", "Ion text"}, {"allRows", "boolean", false, "false", "A list of all values rather than the first"}}, "The value that Ion text stands for.", "{{ fromIon(read(outputs.query.uri)).name }}", from_ion},
  };
  return all;
}

}  // namespace insula::expression
