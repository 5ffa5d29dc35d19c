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

PropertyInfo fixed(std::string name, Kind kind, std::string doc = {}) { return {.name = std::move(name), .kind = kind, .dynamic = false, .doc = std::move(doc)}; }

std::vector<PropertyInfo> common_properties() {
  PropertyInfo depends_on = fixed("dependsOn", Kind::object, "Other inputs that it is about, and when it is asked for.");
  depends_on.properties = {fixed("inputs", Kind::list, "Ids of the inputs that must have a value before."), fixed("condition", Kind::string, "An expression: the input is asked for only when it is true.")};
  PropertyInfo old_name = fixed("name", Kind::string, "Old name of `id`.");
  old_name.deprecated = true;
  return {fixed("id", Kind::string, "Names the input: `inputs.<id>` in expressions."),
          old_name,
          fixed("type", Kind::any, "The type of its values."),
          fixed("description", Kind::string, "What it is, for the one who starts the flow."),
          fixed("displayName", Kind::string, "Its name for people."),
          fixed("required", Kind::boolean, "Whether an execution needs a value of it; it does unless false is given."),
          fixed("defaults", Kind::any, "The value when none is given."),
          fixed("prefill", Kind::any, "A value that is suggested, and may be removed."),
          depends_on};
}

void add_bounds(std::vector<PropertyInfo>& list, const char* lower, const char* upper, Kind kind) {
  list.push_back(fixed(lower, kind, "The smallest value."));
  list.push_back(fixed(upper, kind, "The largest value."));
}

void add_choice(std::vector<PropertyInfo>& list, bool several) {
  PropertyInfo values = fixed("values", Kind::list, "What may be chosen.");
  list.push_back(values);
  list.push_back(fixed("expression", Kind::string, "An expression that gives what may be chosen."));
  list.push_back(fixed("allowCustomValue", Kind::boolean, "Whether another value may be given."));
  list.push_back(fixed("autoSelectFirst", Kind::boolean, "Whether the first value is chosen unless another is."));
  if (!several) {
    list.push_back(fixed("isRadio", Kind::boolean, "Whether all values are shown at once."));
    return;
  }
  PropertyInfo options = fixed("options", Kind::list, "Old name of `values`.");
  options.deprecated = true;
  list.push_back(options);
}

PropertyInfo item_type(bool required) {
  PropertyInfo info = fixed("itemType", Kind::enumeration, "The type of each member.");
  info.required = required;
  info.values = value_type_names();
  return info;
}

std::vector<PropertyInfo> properties_of(std::string_view type) {
  std::vector<PropertyInfo> list = common_properties();
  if (type == "STRING" || type == "SECRET") list.push_back(fixed("validator", Kind::string, "A regular expression that the value must match."));
  if (type == "INT") add_bounds(list, "min", "max", Kind::integer);
  if (type == "FLOAT") add_bounds(list, "min", "max", Kind::number);
  if (type == "DURATION") add_bounds(list, "min", "max", Kind::duration);
  if (type == "DATETIME" || type == "DATE" || type == "TIME") add_bounds(list, "after", "before", Kind::any);   // read by the input itself
  if (type == "FILE") {
    list.push_back(fixed("extension", Kind::string, "Old form of `allowedFileExtensions`."));
    list.back().deprecated = true;
    list.push_back(fixed("allowedFileExtensions", Kind::list, "Endings of file names that are accepted: `.csv`."));
  }
  if (type == "SELECT" || type == "MULTISELECT") add_choice(list, type == "MULTISELECT");
  if (type == "ENUM") {
    list.push_back(fixed("values", Kind::list, "What may be chosen."));
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
