#include "flow/input_kinds.h"

namespace insula::flow {
namespace {

using Kind = PropertyInfo::Kind;

constexpr std::array<InputKind, 19> kKinds = {{{"STRING", "StringInput", false, true},
                                               {"SELECT", "SelectInput", false, true, false},
                                               {"ENUM", "EnumInput", true, false, false},
                                               {"MULTISELECT", "MultiselectInput", false, false, false},
                                               {"INT", "IntInput"},
                                               {"FLOAT", "FloatInput"},
                                               {"BOOL", "BoolInput"},
                                               {"BOOLEAN", "BooleanInput", true},
                                               {"DATETIME", "DateTimeInput"},
                                               {"DATE", "DateInput"},
                                               {"TIME", "TimeInput"},
                                               {"DURATION", "DurationInput"},
                                               {"FILE", "FileInput"},
                                               {"JSON", "JsonInput"},
                                               {"YAML", "YamlInput"},
                                               {"URI", "URIInput"},
                                               {"SECRET", "SecretInput", false, true, false},
                                               {"ARRAY", "ArrayInput", false, false, false},
                                               {"EMAIL", "EmailInput", false, true}}};

PropertyInfo fixed(std::string name, Kind kind) { return {.name = std::move(name), .kind = kind, .dynamic = false}; }

std::vector<PropertyInfo> common_properties() {
  PropertyInfo depends_on = fixed("dependsOn", Kind::object);
  depends_on.properties = {fixed("inputs", Kind::list), fixed("condition", Kind::string)};
  PropertyInfo old_name = fixed("name", Kind::string);
  old_name.deprecated = true;
  return {fixed("id", Kind::string),          old_name,
          fixed("type", Kind::any),           fixed("description", Kind::string),
          fixed("displayName", Kind::string), fixed("required", Kind::boolean),
          fixed("defaults", Kind::any),       fixed("prefill", Kind::any),
          depends_on};
}

void add_bounds(std::vector<PropertyInfo>& list, std::initializer_list<const char*> names, Kind kind) {
  for (const char* name : names) list.push_back(fixed(name, kind));
}

void add_choice(std::vector<PropertyInfo>& list, bool several) {
  PropertyInfo values = fixed("values", Kind::list);
  list.push_back(values);
  list.push_back(fixed("expression", Kind::string));
  list.push_back(fixed("allowCustomValue", Kind::boolean));
  list.push_back(fixed("autoSelectFirst", Kind::boolean));
  if (!several) {
    list.push_back(fixed("isRadio", Kind::boolean));
    return;
  }
  PropertyInfo options = fixed("options", Kind::list);
  options.deprecated = true;
  list.push_back(options);
}

PropertyInfo item_type(bool required) {
  PropertyInfo info = fixed("itemType", Kind::enumeration);
  info.required = required;
  info.values = value_type_names();
  return info;
}

std::vector<PropertyInfo> properties_of(std::string_view type) {
  std::vector<PropertyInfo> list = common_properties();
  if (type == "STRING" || type == "SECRET") list.push_back(fixed("validator", Kind::string));
  if (type == "INT") add_bounds(list, {"min", "max"}, Kind::integer);
  if (type == "FLOAT") add_bounds(list, {"min", "max"}, Kind::number);
  if (type == "DURATION") add_bounds(list, {"min", "max"}, Kind::duration);
  if (type == "DATETIME" || type == "DATE" || type == "TIME") add_bounds(list, {"after", "before"}, Kind::any);   // read by the input itself
  if (type == "FILE") {
    list.push_back(fixed("extension", Kind::string));
    list.back().deprecated = true;
    list.push_back(fixed("allowedFileExtensions", Kind::list));
  }
  if (type == "SELECT" || type == "MULTISELECT") add_choice(list, type == "MULTISELECT");
  if (type == "ENUM") {
    list.push_back(fixed("values", Kind::list));
    list.back().required = true;
  }
  if (type == "ARRAY" || type == "MULTISELECT") list.push_back(item_type(type == "ARRAY"));
  return list;
}

}  // namespace

const std::vector<std::string>& value_type_names() {
  static const std::vector<std::string> names = {"ENUM", "FORM",   "YAML",   "JSON",        "BOOL",  "URI",      "TIME",  "DATE",    "INT",   "SECRET",
                                                 "STRING", "DURATION", "MULTISELECT", "ARRAY", "DATETIME", "FLOAT", "BOOLEAN", "EMAIL", "SELECT", "FILE"};
  return names;
}

std::span<const InputKind> input_kinds() { return kKinds; }

const InputKind* find_input_kind(std::string_view type) {
  const auto found = std::ranges::find(input_kinds(), type, &InputKind::type);
  return found == input_kinds().end() ? nullptr : &*found;
}

std::span<const PropertyInfo> input_properties(const InputKind& kind) {
  static const std::map<std::string_view, std::vector<PropertyInfo>> all = [] {
    std::map<std::string_view, std::vector<PropertyInfo>> lists;
    for (const InputKind& each : input_kinds()) lists.emplace(each.type, properties_of(each.type));
    return lists;
  }();
  return all.at(kind.type);
}

}  // namespace insula::flow
