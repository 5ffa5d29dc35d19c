// Attributes, calls, filters and tests.
#include "expression/evaluate.h"
#include "expression/number.h"

namespace insula::expression {

struct LocalsGuard {
  explicit LocalsGuard(std::size_t& field_in) : field(field_in), held(field_in) {}
  ~LocalsGuard() { field = held; }
  LocalsGuard(const LocalsGuard&) = delete;
  LocalsGuard& operator=(const LocalsGuard&) = delete;
  std::size_t& field;
  std::size_t held;
};

Value Evaluator::attribute(const Expression& node) {
  const Expression& target = *node.operands[0];
  const Expression& key_node = *node.operands[1];
  // A member of a lazy root is asked for alone, without the rest of the root.
  if (target.op == Op::variable && !node.has_arguments && !isolated_ && variables_.is_lazy(target.name)) {
    bool local = false;
    for (std::size_t i = locals_.size(); i > visible_ && !local; --i) local = locals_[i - 1].name == target.name;
    if (!local) {
      const Value key = evaluate(key_node);
      if (key.stopped()) return key;
      const std::string name = java_text(key);
      Answer given = variables_.member(target.name, name);
      Lookup question{target.name, {}};
      question.arguments["key"] = name;
      return answer(std::move(given), question, name, node.line);
    }
  }
  const Value object = evaluate(target);
  if (object.is(Kind::failed)) return object;
  const Value key = evaluate(key_node);
  if (object.is(Kind::pending) || key.stopped()) return key.is(Kind::failed) ? key : Value::pending();
  std::vector<Value> arguments;
  if (node.arguments) {
    for (const auto& argument : node.arguments->positional) {
      Value value = evaluate(*argument);
      if (value.stopped()) return value;
      arguments.push_back(std::move(value));
    }
  }
  return resolve_attribute(node, object, key, arguments);
}

Value Evaluator::resolve_attribute(const Expression& node, const Value& object, const Value& key, const std::vector<Value>& arguments) {
  const Expression& target = *node.operands[0];
  if (object.is_null()) {
    if (target.op == Op::variable) return fail_missing(target.name, node.line);
    return fail_missing(java_text(key), node.line);
  }
  Value found;
  if (!node.has_arguments && object.is(Kind::map)) {
    if (object.find(key, found)) return found;
    if (key.is_null()) return fail(Failure::Type::plain, "Cannot invoke \"Object.toString()\" because \"attributeNameValue\" is null");
    if (key.is_number()) {
      if (object.size() == 0) return fail(Failure::Type::plain, "null");
      const Value first = object.entry_at(0).first;
      if (!first.is_number()) return fail_language(fmt::format("type class {} not supported for key {}", class_name(first), java_text(key)), node.line);
    }
    return fail_missing(java_text(key), node.line);
  } else if (!node.has_arguments && object.is(Kind::list) && (object.is_java_list() || object.is_array())) {
    const auto index = parse_long(java_text(key));
    if (index) {
      if (*index < 0 || static_cast<std::uint64_t>(*index) >= object.size()) return fail_missing(java_text(key), node.line);
      return object.at(static_cast<std::size_t>(*index));
    }
  }
  if (key.is_text() && java_member(*this, object, key.view(), arguments, node.line, found)) return found;
  return fail_missing(java_text(key), node.line);
}

Value Evaluator::call(const Expression& node) {
  const bool hidden = environment_.recursive && (node.name == "render" || node.name == "renderOnce");  // with recursive rendering on, 1.3 has no render()
  if (!node.builtin || hidden) {
    if (const auto macro = root_.macros.find(node.name); macro != root_.macros.end()) return call_macro(macro->second, node);
    static const Arguments none;
    for (const auto& argument : (node.arguments ? *node.arguments : none).positional) {
      Value value = evaluate(*argument);
      if (value.is(Kind::failed)) break;
    }
    return fail_language(fmt::format("Function or Macro [{}] does not exist.", node.name), node.line);
  }
  return invoke(*node.builtin, Value::absent(), node.arguments.get(), node.line);
}

Value Evaluator::call_block(const Expression& node) {
  if (node.arguments->positional.empty()) return fail(Failure::Type::plain, "Index 0 out of bounds for length 0");
  const Value name = evaluate(*node.arguments->positional[0]);
  if (name.stopped()) return name;
  if (!name.is_text()) return name.is_null() ? text("") : fail_cast(name, "java.lang.String");
  const auto found = root_.blocks.find(name.view());
  if (found == root_.blocks.end()) return text("");
  const Nested nested(shared_, environment_.limits.depth_max);
  std::string out;
  if (!run(*found->second, out)) return Value::failed();
  return text(std::move(out));
}

Value Evaluator::call_macro(const Macro& macro, const Expression& node) {
  const Nested nested(shared_, environment_.limits.depth_max);
  const auto& given = *node.arguments;
  const std::size_t count = macro.parameters.size();
  if (given.positional.size() > count) {
    return fail_language(fmt::format("The argument at position {} is not allowed. Only {} argument(s) are allowed.", count + 1, count), given.line);
  }
  std::vector<Value> values(count, Value::absent());
  const auto take = [&](std::size_t index, const Expression& expression) {
    values[index] = evaluate(expression);
    return !values[index].is(Kind::failed);
  };
  for (std::size_t i = 0; i < given.positional.size(); ++i) if (!take(i, *given.positional[i])) return Value::failed();
  for (const auto& [name, expression] : given.named) {
    const auto found = std::find_if(macro.parameters.begin(), macro.parameters.end(), [&](const auto& parameter) { return parameter.first == name; });
    if (found == macro.parameters.end()) return fail_language(fmt::format("The following named argument does not exist: {}", name), given.line);
    if (!take(static_cast<std::size_t>(found - macro.parameters.begin()), *expression)) return Value::failed();
  }
  const LocalsGuard scope(scope_);
  const LocalsGuard visible(visible_);
  const std::size_t before = locals_.size();
  const bool isolated = isolated_;
  scope_ = visible_ = before;
  isolated_ = true;
  bool whole = true;
  for (const auto& parameter : macro.parameters) locals_.push_back({parameter.first, Value()});  // defaults see the parameters as null
  for (std::size_t i = 0; i < count && whole; ++i) {
    if (!values[i].is_absent()) continue;
    values[i] = macro.parameters[i].second ? evaluate(*macro.parameters[i].second) : Value();
    whole = !values[i].is(Kind::failed);
  }
  for (std::size_t i = 0; i < count && whole; ++i) locals_[before + i].value = std::move(values[i]);
  std::string out;
  whole = whole && run(macro.body, out);
  locals_.resize(before);
  isolated_ = isolated;
  if (!whole) return Value::failed();
  return text(std::move(out));
}

Value Evaluator::invoke(const Builtin& builtin, Value input, const Arguments* arguments, int line) {
  Call call{*this, builtin, std::move(input), {}, {}, line};
  call.arguments.resize(builtin.parameters.size(), Value::absent());
  bool pending = call.input.is(Kind::pending);
  if (arguments) {
    const std::size_t count = builtin.parameters.size();
    for (std::size_t i = 0; i < arguments->positional.size(); ++i) {
      if (i >= count && !builtin.any_arguments) {
        if (builtin.kind == Entry::Kind::test) break;
        return fail_language(fmt::format("The argument at position {} is not allowed. Only {} argument(s) are allowed.", i + 1, count), arguments->line);
      }
      Value value = evaluate(*arguments->positional[i]);
      if (value.is(Kind::failed)) return value;
      pending = pending || value.is(Kind::pending);
      if (i < count) call.arguments[i] = std::move(value);
      else call.extra.push_back(std::move(value));
    }
    for (const auto& [name, expression] : arguments->named) {
      std::size_t i = 0;
      while (i < count && builtin.parameters[i].name != name) ++i;
      if (i == count && !builtin.any_arguments) return fail_language(fmt::format("The following named argument does not exist: {}", name), arguments->line);
      Value value = evaluate(*expression);
      if (value.is(Kind::failed)) return value;
      pending = pending || value.is(Kind::pending);
      if (i < count) call.arguments[i] = std::move(value);
    }
  }
  if (pending) return Value::pending();
  return builtin.code(call);
}

Value Evaluator::apply_filter(const Expression& node) {
  if (!node.builtin) return fail_language(fmt::format("Filter [{}] does not exist.", node.name), node.line);
  Value input = evaluate(*node.operands[0]);
  if (input.is(Kind::failed)) {
    const bool goes_on = node.builtin->sees_missing && failure_.type == Failure::Type::missing;
    if (!goes_on) return input;
    input = Value::absent();
  }
  return invoke(*node.builtin, std::move(input), node.arguments.get(), node.line);
}

Value Evaluator::apply_test(const Expression& node) {
  if (!node.builtin) return fail_language(fmt::format("Test [{}] does not exist.", node.name), node.line);
  Value input = evaluate(*node.operands[0]);
  if (input.is(Kind::failed)) {
    if (!node.builtin->sees_missing || failure_.type != Failure::Type::missing) return input;
    input = Value::absent();
  }
  const Value holds = invoke(*node.builtin, std::move(input), node.arguments.get(), node.line);
  if (holds.stopped() || node.op == Op::test) return holds;
  return Value::of(!holds.boolean());
}

}  // namespace insula::expression
