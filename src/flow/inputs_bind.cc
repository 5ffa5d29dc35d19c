#include "flow/check.h"
#include "flow/inputs.h"
#include "flow/inputs_value.h"

namespace insula::flow {
namespace {

using expression::Interruption;
using expression::Needs;

// What is known outside, plus the inputs bound so far.
class WithInputs final : public expression::Variables {
 public:
  explicit WithInputs(const expression::Variables& outside) : outside_(outside) {}

  const Json* root(std::string_view name) const override { return name == "inputs" ? &inputs_ : outside_.root(name); }
  std::vector<std::string> root_names() const override {
    std::vector<std::string> names = outside_.root_names();
    if (std::ranges::find(names, "inputs") == names.end()) names.emplace_back("inputs");
    return names;
  }
  bool is_lazy(std::string_view name) const override { return name != "inputs" && outside_.is_lazy(name); }
  expression::Answer member(std::string_view root, std::string_view key) const override { return outside_.member(root, key); }
  expression::Answer whole(std::string_view root) const override { return outside_.whole(root); }
  expression::Answer lookup(const expression::Lookup& lookup) const override { return outside_.lookup(lookup); }

  JsonObject& inputs() { return inputs_.as_object(); }

 private:
  const expression::Variables& outside_;
  Json inputs_ = JsonObject{};
};

// `a.b.c` → {a: {b: {c: value}}}
void put_nested(JsonObject& object, std::string_view id, Json value) {
  const auto dot = id.find('.');
  if (dot == std::string_view::npos) {
    object[id] = std::move(value);
    return;
  }
  Json& inner = object[id.substr(0, dot)];
  if (!inner.is_object()) inner = JsonObject{};
  put_nested(inner.as_object(), id.substr(dot + 1), std::move(value));
}

bool flag(const Input& input, std::string_view name) {
  const Json* value = find(input.properties, name);
  return !is_absent(value) && read_bool(*value).value_or(false);
}

// A failed rendering is an error of the input; needs stop everything.
const Error* as_error(const Interruption& interruption) { return std::get_if<Error>(&interruption); }

class Binder {
 public:
  Binder(const std::vector<Input>& inputs, const GivenInputs& given, const BindContext& context)
      : inputs_(inputs), given_(given), context_(context), variables_(context.variables), bound_(inputs.size()), state_(inputs.size(), State::open) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      bound_[i].input = &inputs[i];
      index_.emplace(inputs[i].id, i);
    }
  }

  expression::Rendered<std::vector<BoundInput>> run() {
    for (std::size_t i = 0; i < inputs_.size(); ++i) bind(i);
    if (!needs_.lookups.empty()) return std::unexpected(Interruption(std::move(needs_)));
    return std::move(bound_);
  }

 private:
  enum class State { open, binding, bound };

  // Dependencies first. A cycle cannot come here: the flow would have been refused.
  void bind(std::size_t i) {
    if (state_[i] != State::open) return;
    state_[i] = State::binding;
    for (const std::string& id : inputs_[i].depends_on)
      if (const auto found = index_.find(id); found != index_.end()) bind(found->second);
    bind_one(bound_[i]);
    state_[i] = State::bound;
    const BoundInput& bound = bound_[i];
    // A SECRET must not slip into the plain default of another input.
    if (bound.enabled && bound.errors.empty() && !bound.value.is_null() && bound.input->type != "SECRET")
      put_nested(variables_.inputs(), bound.input->id, stored_form(*bound.input, bound.value));
  }

  void bind_one(BoundInput& bound) {
    const Input& input = *bound.input;
    bound.enabled = is_enabled(input, bound);
    const InputKind* kind = find_input_kind(input.type);
    if (!bound.enabled || !kind) return;
    Json value = given_value(bound, *kind);
    if (!bound.errors.empty()) return;
    if (is_missing(value, *kind)) {
      auto standard = default_of(input, bound);
      if (!standard || !bound.errors.empty()) return;
      value = std::move(*standard);
      bound.is_default = !is_missing(value, *kind);
    }
    if (is_missing(value, *kind)) {
      if (input.required) bound.errors.push_back(fmt::format("Missing required input:{}", input.id));
      return;
    }
    take(bound, *kind, value);
  }

  static bool is_missing(const Json& value, const InputKind& kind) {
    return value.is_null() || (!kind.empty_is_value && value.is_string() && value.as_string().empty());
  }

  bool is_enabled(const Input& input, BoundInput& bound) {
    for (const std::string& id : input.depends_on) {
      const auto found = index_.find(id);
      if (found == index_.end()) continue;
      const BoundInput& other = bound_[found->second];
      if (!other.enabled || !other.errors.empty() || other.value.is_null()) return false;
    }
    if (!input.condition) return true;
    auto text = input.condition->render(variables_, context_.environment);
    if (text) return expression::is_truthy(*text);
    static_cast<void>(refuse(bound, text.error()));
    return false;   // as 1.3: a condition that cannot be rendered does not hold; a form shows why, a start goes on without the input
  }

  Json given_value(BoundInput& bound, const InputKind&) {
    const auto found = given_.find(bound.input->id);
    if (found == given_.end()) return nullptr;
    if (const auto* text = std::get_if<std::string>(&found->second)) return Json(*text);
    if (const auto* json = std::get_if<Json>(&found->second)) return *json;
    const GivenFile& file = std::get<GivenFile>(found->second);
    if (file.bytes == 0) {
      bound.errors.push_back(fmt::format("Can't upload file: {}", bound.input->id));
      return nullptr;
    }
    return Json(file.uri);
  }

  // nullopt when something must be asked for first.
  std::optional<Json> default_of(const Input& input, BoundInput& bound) {
    if (!input.defaults) {
      if (!flag(input, "autoSelectFirst")) return Json(nullptr);
      const auto choices = choices_of(input, bound);
      if (!choices || choices->empty()) return Json(nullptr);
      return input.type == "MULTISELECT" ? Json(JsonArray{Json(choices->front())}) : Json(choices->front());
    }
    if (input.defaults->source().is_string()) {
      auto text = input.defaults->render_text(variables_, context_.environment);
      if (text) return Json(*text);
      return refuse(bound, text.error());
    }
    auto value = input.defaults->render(variables_, context_.environment);
    if (value) return std::move(*value);
    return refuse(bound, value.error());
  }

  std::nullopt_t refuse(BoundInput& bound, const Interruption& interruption) {
    note_needs(interruption);
    if (const Error* error = as_error(interruption)) bound.errors.push_back(refusal_of(*bound.input, error->message));
    return std::nullopt;
  }

  static std::string refusal_of(const Input& input, std::string_view why) { return fmt::format("Invalid value for input `{}`. Cause: {}", input.id, why); }

  void note_needs(const Interruption& interruption) {
    if (const Needs* needs = std::get_if<Needs>(&interruption))
      for (const expression::Lookup& lookup : needs->lookups)
        if (std::ranges::find(needs_.lookups, lookup) == needs_.lookups.end()) needs_.lookups.push_back(lookup);
  }

  // Values of a SELECT, ENUM or MULTISELECT, written out or by expression; nullopt for other types, and after an error.
  Choices choices_of(const Input& input, BoundInput& bound) {
    const Json* values = find(input.properties, "values");
    if (is_absent(values)) values = find(input.properties, "options");
    if (values && values->is_array()) return texts_of(values->as_array());
    const std::string source = text_or(input.properties, "expression");
    if (source.empty()) return std::nullopt;
    auto rendered = expression::Template::compile(source).render_typed(variables_, context_.environment);
    if (!rendered) {
      note_needs(rendered.error());
      if (const Error* error = as_error(rendered.error()))
        bound.errors.push_back(refusal_of(input, fmt::format("{}: Cannot render 'expression'. Cause: {}", input.id, error->message)));
      return std::nullopt;
    }
    if (rendered->is_array()) return texts_of(rendered->as_array());
    if (rendered->is_string())
      if (const auto list = parse_json(as_view(rendered->as_string())); list && list->is_array()) return texts_of(list->as_array());
    bound.errors.push_back(refusal_of(input, fmt::format("{}: Invalid expression result. Expected a list of strings", input.id)));
    return std::nullopt;
  }

  static std::vector<std::string> texts_of(const JsonArray& values) {
    std::vector<std::string> texts;
    for (const Json& value : values) texts.push_back(to_text(value));
    return texts;
  }

  void take(BoundInput& bound, const InputKind& kind, const Json& value) {
    const Input& input = *bound.input;
    const auto choices = choices_of(input, bound);
    bound.value = value;
    if (!bound.errors.empty() || !needs_.lookups.empty()) return;
    auto parsed = parse_input_value(input, kind, value, choices);
    if (!parsed) {
      bound.errors.push_back(refusal_of(input, parsed.error()));
      if (kind.type == "SECRET") bound.value = nullptr;   // never echo it
      return;
    }
    if (kind.type != "SECRET") {
      bound.value = std::move(*parsed);
      return;
    }
    bound.value = nullptr;
    auto wrapped = encrypted(parsed->as_string());
    if (wrapped) bound.value = std::move(*wrapped);
    else bound.errors.push_back(refusal_of(input, wrapped.error().message));
  }

  Result<Json> encrypted(const boost::json::string& plain) const {
    if (plain.empty()) return Json(JsonObject{{"value", ""}, {"type", "io.kestra.datatype:aes_encrypted"}});
    if (!context_.encrypt) return fail(ErrorKind::invalid, "encryption-key-missing", "SECRET inputs need an encryption key: set kestra.encryption.secret-key");
    return context_.encrypt(as_view(plain));
  }

  const std::vector<Input>& inputs_;
  const GivenInputs& given_;
  const BindContext& context_;
  WithInputs variables_;
  std::vector<BoundInput> bound_;
  std::vector<State> state_;
  std::map<std::string, std::size_t, std::less<>> index_;
  Needs needs_;
};

}  // namespace

expression::Rendered<std::vector<BoundInput>> bind_each(const std::vector<Input>& inputs, const GivenInputs& given, const BindContext& context) {
  return Binder(inputs, given, context).run();
}

expression::Rendered<JsonObject> bind_inputs(const std::vector<Input>& inputs, const GivenInputs& given, const BindContext& context) {
  auto bound = bind_each(inputs, given, context);
  if (!bound) return std::unexpected(std::move(bound.error()));
  JsonObject object;
  Error refused{ErrorKind::invalid, "input-invalid", {}, {}, {}};
  for (const BoundInput& each : *bound) {
    if (!each.enabled) continue;
    for (const std::string& error : each.errors) {
      if (refused.message.empty()) refused.message = error;  // 1.3 tells the first one; all are in the violations
      refused.violations.push_back({each.input->id, error, 0, 0, {}});
    }
    put_nested(object, each.input->id, stored_form(*each.input, each.value));
  }
  if (!refused.violations.empty()) return std::unexpected(Interruption(std::move(refused)));
  return object;
}

}  // namespace insula::flow
