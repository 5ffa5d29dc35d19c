#include "flow/schema.h"

#include "flow/check.h"
#include "flow/input_kinds.h"
#include "flow/shape.h"

namespace insula::flow {
namespace {

using Kind = PropertyInfo::Kind;

constexpr std::string_view kTask = "io.kestra.core.models.tasks.Task", kTrigger = "io.kestra.core.models.triggers.AbstractTrigger",
                           kCondition = "io.kestra.core.models.conditions.Condition", kTaskRunner = "io.kestra.core.models.tasks.runners.TaskRunner",
                           kInput = "io.kestra.core.models.flows.Input", kLabels = "io.kestra.core.models.Labels", kRetry = "io.kestra.core.models.tasks.retrys.AbstractRetry",
                           kOutput = "io.kestra.core.models.flows.Output", kSla = "io.kestra.core.models.flows.sla.SLA", kCheck = "io.kestra.core.models.flows.check.Check",
                           kListener = "io.kestra.core.models.listeners.Listener", kPluginDefault = "io.kestra.core.models.flows.PluginDefault", kFlow = "io.kestra.core.models.flows.Flow";

JsonObject refer_to(std::string_view name) { return {{"$ref", fmt::format("#/definitions/{}", name)}}; }
JsonObject list_of(JsonObject items) { return {{"type", "array"}, {"items", std::move(items)}}; }
JsonObject any_of(JsonArray alternatives) { return {{"anyOf", std::move(alternatives)}}; }
JsonObject of_type(std::initializer_list<std::string_view> types) {
  if (types.size() == 1) return {{"type", *types.begin()}};
  JsonArray list;
  for (const std::string_view type : types) list.emplace_back(type);
  return {{"type", std::move(list)}};
}

JsonArray texts(const std::vector<std::string>& list) {
  JsonArray array;
  for (const std::string& text : list) array.emplace_back(text);
  return array;
}

// A default is documented as text.
Json default_of(const PropertyInfo& info) {
  if (info.kind == Kind::boolean) return info.default_value == "true";
  if (info.kind == Kind::integer || info.kind == Kind::number)
    if (Result<Json> number = parse_json(info.default_value); number && number->is_number()) return *number;
  return Json(info.default_value);
}

// The schema of a value. `element`: is it a property of the flow or of an element of it, where some names have a meaning of their own.
class Values {
 public:
  explicit Values(bool for_editor) : for_editor_(for_editor) {}

  JsonObject property(const PropertyInfo& info, bool is_top = true) const {
    JsonObject json = value(info, is_top);
    // Beside a reference draft-07 reads nothing else.
    if (json.contains("$ref") && for_editor_) json = JsonObject{{"allOf", JsonArray{std::move(json)}}};
    if (!info.doc.empty()) json[for_editor_ ? "description" : "title"] = info.doc;
    if (!info.default_value.empty()) json["default"] = default_of(info);
    if (!for_editor_) {
      json["$dynamic"] = info.dynamic;
      json["$required"] = info.required;
      if (info.deprecated) json["$deprecated"] = true;
    } else if (info.deprecated) {
      json["deprecated"] = true;
      json["deprecationMessage"] = info.doc.empty() ? "Deprecated." : info.doc;
    }
    return json;
  }

  // Properties of all lists, the first of a name counts. Other names of a property are properties, too.
  JsonObject object(std::initializer_list<std::span<const PropertyInfo>> lists, JsonObject type = {}, std::string_view id_pattern = {}) const {
    JsonObject properties;
    JsonArray required;
    for (const auto& list : lists) {
      for (const PropertyInfo& info : list) {
        if (properties.contains(info.name)) continue;
        properties[info.name] = info.name == "type" && !type.empty() ? type : property(info);
        for (const std::string& alias : info.aliases) properties[alias] = property(old_name(info, alias));
        if (info.required && info.aliases.empty()) required.emplace_back(info.name);
      }
    }
    if (!id_pattern.empty()) {
      properties["id"].as_object()["pattern"] = id_pattern;
      required.emplace_back("id");
    }
    if (!type.empty()) required.emplace_back("type");
    JsonObject json{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    if (!required.empty()) json["required"] = std::move(required);
    return json;
  }

 private:
  static PropertyInfo old_name(PropertyInfo info, const std::string& alias) {
    info.doc = fmt::format("Old name of `{}`.", info.name);
    info.name = alias;
    info.deprecated = true;
    return info;
  }

  JsonObject named(std::string_view name, std::string_view java) const {
    if (for_editor_) return refer_to(name);
    return {{"type", java}};
  }
  JsonObject named_list(std::string_view name) const { return for_editor_ ? list_of(refer_to(name)) : JsonObject{{"type", "array"}, {"items", JsonObject{{"type", name}}}}; }

  // Where the text may also be an expression.
  JsonObject or_text(const PropertyInfo& info, JsonObject json) const {
    if (!info.dynamic || !for_editor_) return json;
    return any_of({std::move(json), JsonObject{{"type", "string"}}});
  }

  JsonObject value(const PropertyInfo& info, bool is_top) const {
    switch (info.kind) {
      case Kind::string: return for_editor_ ? of_type({"string", "number", "boolean"}) : of_type({"string"});
      case Kind::integer: return or_text(info, of_type({"integer"}));
      case Kind::number: return or_text(info, of_type({"number"}));
      case Kind::boolean: return or_text(info, of_type({"boolean"}));
      case Kind::duration: return for_editor_ ? of_type({"string", "number"}) : JsonObject{{"type", "string"}, {"format", "duration"}};
      case Kind::enumeration: return info.values.empty() ? of_type({"string"}) : or_text(info, {{"type", "string"}, {"enum", texts(info.values)}});
      case Kind::map: return or_text(info, of_type({"object"}));
      case Kind::object: return or_text(info, info.properties.empty() ? of_type({"object"}) : inner(info));
      case Kind::list: return or_text(info, list(info));
      case Kind::task_list:
        if (info.name == "cases") return {{"type", "object"}, {"additionalProperties", named_list(kTask)}};
        return named_list(kTask);
      case Kind::task: return named(kTask, "object");
      case Kind::condition_list: return named_list(kCondition);
      case Kind::input_list: return named_list(kInput);
      case Kind::any: {
        JsonObject named = for_editor_ && is_top ? by_name(info) : JsonObject{};
        return named.empty() ? named : or_text(info, std::move(named));
      }
    }
    return {};
  }

  JsonObject inner(const PropertyInfo& info) const {
    JsonObject properties;
    JsonArray required;
    for (const PropertyInfo& part : info.properties) {
      properties[part.name] = property(part, part.name == "labels");
      for (const std::string& alias : part.aliases) properties[alias] = property(old_name(part, alias), false);
      if (part.required && part.aliases.empty()) required.emplace_back(part.name);
    }
    JsonObject json{{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    if (!required.empty()) json["required"] = std::move(required);
    return json;
  }

  JsonObject list(const PropertyInfo& info) const {
    JsonObject json = of_type({"array"});
    if (!info.properties.empty()) json["items"] = inner(info);
    else if (!info.values.empty()) json["items"] = JsonObject{{"type", "string"}, {"enum", texts(info.values)}};
    if (info.min_one) json["minItems"] = 1;
    return json;
  }

  // Properties whose kind does not tell what they hold.
  JsonObject by_name(const PropertyInfo& info) const {
    const std::string_view name = info.name;
    for (const std::string_view tasks : {"tasks", "errors", "finally", "afterExecution"})
      if (name == tasks) return list_of(refer_to(kTask));
    for (const auto& [list, of] : {std::pair<std::string_view, std::string_view>{"triggers", kTrigger}, {"outputs", kOutput}, {"sla", kSla}, {"checks", kCheck}, {"listeners", kListener},
                                   {"pluginDefaults", kPluginDefault}, {"taskDefaults", kPluginDefault}})
      if (name == list) return list_of(refer_to(of));
    if (name == "labels") return refer_to(kLabels);
    if (name == "retry") return refer_to(kRetry);
    if (name == "taskRunner") return refer_to(kTaskRunner);
    return {};
  }

  bool for_editor_;
};

// The canonical name, or an old one: a pattern, so that the editor takes old names and does not offer them.
JsonObject type_name(const TypeInfo& info) {
  const JsonObject canonical{{"const", info.type}};
  if (info.aliases.empty()) return canonical;
  std::vector<std::string> escaped;
  for (const std::string& alias : info.aliases) {
    escaped.emplace_back();
    for (const char c : alias) escaped.back() += c == '.' || c == '$' ? fmt::format("\\{}", c) : std::string(1, c);
  }
  return any_of({canonical, JsonObject{{"type", "string"}, {"pattern", fmt::format("^({})$", join(escaped, "|"))}, {"deprecationMessage", fmt::format("Written {} today.", info.type)}}});
}

void describe(JsonObject& json, const TypeInfo& info) {
  if (!info.title.empty()) json["title"] = info.title;
  std::string text = info.doc;
  if (!info.example.empty()) text += fmt::format("{}```yaml\n{}```", text.empty() ? "" : "\n\n", info.example);
  if (!info.doc.empty()) json["description"] = info.doc;
  if (!text.empty()) json["markdownDescription"] = std::move(text);
  if (info.deprecated) {
    json["deprecated"] = true;
    json["deprecationMessage"] = info.doc.empty() ? "Deprecated." : info.doc;
  }
}

std::span<const PropertyInfo> common_properties(const TypeInfo& info) {
  switch (info.category) {
    case TypeCategory::task: return common_task_properties();
    case TypeCategory::trigger: return common_trigger_properties();
    case TypeCategory::condition: return common_condition_properties();
    case TypeCategory::task_runner: return common_task_runner_properties();
  }
  return {};
}

constexpr std::string_view kElementId = "^[a-zA-Z0-9][a-zA-Z0-9_-]*$";

JsonObject type_schema(const Values& values, const TypeInfo& info) {
  const bool has_id = info.category == TypeCategory::task || info.category == TypeCategory::trigger;
  JsonObject json = values.object({info.properties, common_properties(info), branch_properties(info)}, type_name(info), has_id ? kElementId : std::string_view());
  describe(json, info);
  return json;
}

JsonObject constant(std::string_view text) { return {{"const", text}}; }

// Definitions of everything that may stand in a flow.
class Definitions {
 public:
  explicit Definitions(const Catalog& catalog) {
    std::map<TypeCategory, JsonArray> types;
    for (const TypeInfo* info : catalog.all()) {
      all_[info->type] = type_schema(values_, *info);
      types[info->category].push_back(refer_to(info->type));
    }
    for (const auto& [category, name] : {std::pair{TypeCategory::task, kTask}, {TypeCategory::trigger, kTrigger}, {TypeCategory::condition, kCondition}, {TypeCategory::task_runner, kTaskRunner}})
      all_[name] = any_of(std::move(types[category]));
    add_inputs();
    add_parts();
    all_[kFlow] = flow();
  }

  JsonObject take() { return std::move(all_); }

 private:
  void add_alternatives(std::string_view name, std::initializer_list<std::pair<std::string, JsonObject>> list) {
    JsonArray alternatives;
    for (const auto& [key, json] : list) {
      all_[key] = json;
      alternatives.push_back(refer_to(key));
    }
    all_[name] = any_of(std::move(alternatives));
  }

  void add_inputs() {
    JsonArray inputs;
    for (const InputKind& kind : input_kinds()) {
      const std::string name = fmt::format("io.kestra.core.models.flows.input.{}", kind.java);
      JsonObject input = values_.object({input_properties(kind)}, constant(kind.type), "^[a-zA-Z0-9][.a-zA-Z0-9_-]*$");
      input["required"] = JsonArray{"type"};
      input["anyOf"] = JsonArray{JsonObject{{"required", JsonArray{"id"}}}, JsonObject{{"required", JsonArray{"name"}}}};   // its old name
      all_[name] = std::move(input);
      inputs.push_back(refer_to(name));
    }
    all_[kInput] = any_of(std::move(inputs));
  }

  void add_parts() {
    all_[kOutput] = values_.object({output_properties()});
    all_[kCheck] = values_.object({check_item_properties()});
    all_[kListener] = values_.object({listener_properties()});
    all_[kPluginDefault] = values_.object({plugin_default_properties()});
    const JsonObject text = of_type({"string", "number", "boolean"});
    all_[kLabels] = any_of({JsonObject{{"type", "object"}, {"additionalProperties", text}},
                            list_of({{"type", "object"}, {"properties", JsonObject{{"key", of_type({"string"})}, {"value", text}}}, {"required", JsonArray{"key", "value"}}, {"additionalProperties", false}})});
    add_alternatives(kSla, {{"io.kestra.core.models.flows.sla.types.MaxDurationSLA", values_.object({sla_properties(false)}, constant("MAX_DURATION"))},
                            {"io.kestra.core.models.flows.sla.types.ExecutionAssertionSLA", values_.object({sla_properties(true)}, constant("EXECUTION_ASSERTION"))}});
    add_alternatives(kRetry, {{"io.kestra.core.models.tasks.retrys.Constant", values_.object({retry_properties(Retry::Type::constant)}, constant("constant"))},
                              {"io.kestra.core.models.tasks.retrys.Exponential", values_.object({retry_properties(Retry::Type::exponential)}, constant("exponential"))},
                              {"io.kestra.core.models.tasks.retrys.Random", values_.object({retry_properties(Retry::Type::random)}, constant("random"))}});
  }

  JsonObject flow() const {
    JsonObject json = values_.object({flow_properties()});
    JsonObject& properties = json["properties"].as_object();
    const auto limit = [&](const char* name, const char* pattern, int length_max) {
      JsonObject& property = properties[name].as_object();
      property["type"] = "string";
      property["pattern"] = pattern;
      property["maxLength"] = length_max;
    };
    limit("id", "^[a-zA-Z0-9][a-zA-Z0-9._-]*$", 100);
    limit("namespace", "^[a-z0-9][a-z0-9._-]*$", 150);
    properties["tasks"].as_object()["minItems"] = 1;
    json["required"] = JsonArray{"id", "namespace", "tasks"};
    return json;
  }

  const Values values_{true};
  JsonObject all_;
};

std::string_view name_of(SchemaKind kind) {
  switch (kind) {
    case SchemaKind::flow: return kFlow;
    case SchemaKind::task: return kTask;
    case SchemaKind::trigger: return kTrigger;
    case SchemaKind::plugin_default: return kPluginDefault;
  }
  return kFlow;
}

JsonObject documentation(JsonObject properties) {
  properties.erase("type");
  properties.erase("additionalProperties");
  JsonObject json{{"$schema", "https://json-schema.org/draft/2019-09/schema"}};
  for (auto& [key, value] : properties) json[key] = std::move(value);
  return json;
}

}  // namespace

std::optional<SchemaKind> parse_schema_kind(std::string_view text) {
  const std::string folded = lower_ascii(text);
  for (const auto& [name, kind] : {std::pair{"flow", SchemaKind::flow}, {"task", SchemaKind::task}, {"trigger", SchemaKind::trigger}, {"plugindefault", SchemaKind::plugin_default}})
    if (folded == name) return kind;
  return std::nullopt;
}

JsonObject schema(const Catalog& catalog, SchemaKind kind, bool is_list) {
  JsonObject json{{"$schema", "http://json-schema.org/draft-07/schema#"}};
  const JsonObject wanted = is_list ? list_of(refer_to(name_of(kind))) : refer_to(name_of(kind));
  for (const auto& [key, value] : wanted) json[key] = value;
  json["definitions"] = Definitions(catalog).take();
  return json;
}

JsonObject type_documentation(const TypeInfo& info, bool with_common) {
  const Values values(false);
  const std::span<const PropertyInfo> own = info.properties;
  JsonObject written = values.object({own, with_common ? common_properties(info) : std::span<const PropertyInfo>(), with_common ? branch_properties(info) : std::span<const PropertyInfo>()});
  if (with_common)
    for (const PropertyInfo& common : common_properties(info))
      if (find_property(own, common.name) == nullptr) written["properties"].as_object()[common.name].as_object()["$group"] = "core";
  JsonObject properties = documentation(std::move(written));
  properties["title"] = info.title;
  if (!info.doc.empty()) properties["description"] = info.doc;
  if (info.deprecated) properties["$deprecated"] = true;
  if (!info.example.empty()) properties["$examples"] = JsonArray{JsonObject{{"full", true}, {"code", info.example}, {"lang", "yaml"}}};
  JsonObject json{{"properties", std::move(properties)}};
  if (!info.outputs.empty()) json["outputs"] = documentation(values.object({info.outputs}));
  json["definitions"] = JsonObject{};
  return json;
}

std::vector<InputType> input_types() {
  std::vector<InputType> types;
  for (const InputKind& kind : input_kinds()) types.push_back({kind.type, fmt::format("io.kestra.core.models.flows.input.{}", kind.java)});
  return types;
}

std::optional<JsonObject> input_documentation(std::string_view type) {
  const InputKind* kind = find_input_kind(type);
  if (kind == nullptr) return std::nullopt;
  JsonObject properties = documentation(Values(false).object({input_properties(*kind)}));
  properties["properties"].as_object().erase("type");
  properties["properties"].as_object()["id"].as_object()["$required"] = true;
  properties["required"] = JsonArray{"id", "type"};
  return JsonObject{{"properties", std::move(properties)}, {"definitions", JsonObject{}}};
}

}  // namespace insula::flow
