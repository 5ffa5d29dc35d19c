#include "expression/expression.h"

#include "expression/evaluate.h"

namespace insula::expression {

std::vector<std::string> ObjectVariables::root_names() const {
  std::vector<std::string> names;
  names.reserve(object_.size());
  for (const auto& [name, value] : object_) names.emplace_back(name);
  return names;
}

Answer ObjectVariables::lookup(const Lookup& question) const { return answers_ ? answers_(question) : Answer(Pending{}); }

Template Template::compile(std::string_view source) {
  Template made;
  made.source_ = std::string(source);
  Parsed parsed = parse_template(source);
  made.root_ = std::move(parsed.root);
  made.error_ = std::move(parsed.error);
  made.references_ = std::move(parsed.references);
  return made;
}

namespace {
std::unexpected<Interruption> stopped(Error error) { return std::unexpected(Interruption(std::move(error))); }
std::unexpected<Interruption> stopped(std::string message) { return stopped(Error{ErrorKind::invalid, "expression-failed", std::move(message), {}, {}}); }

// Why a rendering ended early: lookups first, since with their answers the failure may be another one or none.
std::unexpected<Interruption> stopped(Evaluator& evaluator, Shared& shared) {
  if (!shared.lookups.empty()) return std::unexpected(Interruption(Needs{std::move(shared.lookups)}));
  return stopped(evaluator.failure().message);
}

// Runs `work` with everything that a rendering needs; turns limits into errors.
template <class T, class Work>
Rendered<T> evaluate_with(const Node& root, const Variables& variables, const Environment& environment, Work work) {
  Shared shared;
  shared.random_state = environment.seed;
  try {
    Evaluator evaluator(root, variables, environment, shared);
    return work(evaluator, shared);
  } catch (const LimitReached& limit) {
    return stopped(Error{ErrorKind::invalid, limit.code, limit.message, {}, {}});
  } catch (const std::bad_alloc&) {
    return stopped(Error{ErrorKind::invalid, "expression-too-large", "The expression needs more memory than there is", {}, {}});
  }
}

}  // namespace

Rendered<std::string> Template::render(const Variables& variables, const Environment& environment) const {
  if (error_) return stopped(*error_);
  if (!root_) return source_;
  return evaluate_with<std::string>(*root_, variables, environment, [&](Evaluator& evaluator, Shared& shared) -> Rendered<std::string> {
    std::string out;
    if (!evaluator.render(out)) return stopped(evaluator, shared);
    if (!environment.recursive || out == source_) return out;
    std::string again;  // kestra.variables.recursive-rendering: until nothing changes
    if (!evaluator.render_text(out, true, again)) return stopped(evaluator, shared);
    return again;
  });
}

Rendered<Json> Template::render_typed(const Variables& variables, const Environment& environment) const {
  if (!root_ || environment.recursive) {
    auto text = render(variables, environment);
    if (!text) return std::unexpected(std::move(text.error()));
    return Json(boost::json::string(*text));
  }
  return evaluate_with<Json>(*root_, variables, environment, [&](Evaluator& evaluator, Shared& shared) -> Rendered<Json> {
    std::string out;
    if (!evaluator.render(out)) return stopped(evaluator, shared);
    if (evaluator.pieces() == 0) return Json(nullptr);
    const Value& value = evaluator.last_piece();
    if (evaluator.pieces() == 1 && !value.is_null() && !value.is_text()) return to_json(value);
    return Json(boost::json::string(out));
  });
}

// Also with white space around.
bool is_truthy(std::string_view rendered) {
  const std::string_view text = trim(rendered);
  return !text.empty() && text != "false" && text != "0" && text != "-0";
}

}  // namespace insula::expression
