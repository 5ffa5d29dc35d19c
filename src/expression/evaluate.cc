#include "expression/evaluate.h"

#include "expression/number.h"

namespace insula::expression {

namespace {
constexpr int expression_depth_max = 1'500;   // over all nested macros and renders; keeps the stack far from its end
constexpr std::size_t locals_max = 10'000;
}  // namespace

Value Call::fail(std::string_view message) const { return evaluator.fail_language(message, line); }
Value Call::fail_plain(std::string message) const { return evaluator.fail(Failure::Type::plain, std::move(message)); }
Value Call::fail_cast(const Value& value, std::string_view wanted) const { return evaluator.fail_cast(value, wanted); }
Value Call::text(std::string made) const { return evaluator.text(std::move(made)); }
Value Call::list(std::vector<Value> items, Shape shape) const { return evaluator.list(std::move(items), shape); }

void Evaluator::too_many_steps() const {
  throw LimitReached{"expression-too-long", fmt::format("The expression takes more than {} steps. Make its loops and lists smaller", environment_.limits.steps_max)};
}

void Evaluator::spend(std::size_t bytes) {
  const std::size_t bytes_max = environment_.limits.output_bytes_max * 8;
  if ((shared_.bytes += bytes) > bytes_max) {
    throw LimitReached{"expression-too-large", fmt::format("The expression makes more than {} bytes of texts and lists", bytes_max)};
  }
}

Value Evaluator::fail_cast(const Value& value, std::string_view wanted) {
  const std::string_view have = class_name(value);
  if (have.starts_with("com.") || have.starts_with("io.")) {
    return fail(Failure::Type::plain, fmt::format("class {0} cannot be cast to class {1} ({0} is in unnamed module of loader 'app'; {1} is in module java.base of loader 'bootstrap')", have, wanted));
  }
  return fail(Failure::Type::plain, fmt::format("class {0} cannot be cast to class {1} ({0} and {1} are in module java.base of loader 'bootstrap')", have, wanted));
}

Value Evaluator::answer(Answer given, const Lookup& question, std::string_view name, int line) {
  if (auto* json = std::get_if<Json>(&given)) return Value::of_json(shared_.answers.emplace_back(std::move(*json)));
  if (auto* borrowed = std::get_if<const Json*>(&given)) return *borrowed ? Value::of_json(**borrowed) : fail_missing(name, line);
  if (auto* error = std::get_if<Error>(&given)) return fail(Failure::Type::plain, std::move(error->message));
  if (std::holds_alternative<Undefined>(given)) return fail_missing(name, line);
  auto& lookups = shared_.lookups;
  if (std::find(lookups.begin(), lookups.end(), question) == lookups.end()) lookups.push_back(question);
  return Value::pending();
}

Value Evaluator::lookup(Lookup question, int line) {
  Answer given = variables_.lookup(question);
  if (std::holds_alternative<Undefined>(given)) return {};
  return answer(std::move(given), question, question.name, line);
}

Value Evaluator::variable(std::string_view name, bool& found) {
  found = true;
  for (std::size_t i = locals_.size(); i > visible_; --i) {
    if (locals_[i - 1].name == name) return locals_[i - 1].value;
  }
  if (null_globals_ && (variables_.is_lazy(name) || variables_.root(name))) return {};
  if (!isolated_ && !null_globals_) {
    if (variables_.is_lazy(name)) {
      const Lookup question{std::string(name), {}};
      Answer given = variables_.whole(name);
      found = !std::holds_alternative<Undefined>(given);
      return found ? answer(std::move(given), question, name, 1) : Value();
    }
    if (const Json* json = variables_.root(name)) return Value::of_json(*json);
    if (name == "locale") return Value::borrowed("en");
  }
  found = false;
  return {};
}

Value Evaluator::variable(const Expression& node) {
  bool found = false;
  Value value = variable(node.name, found);
  return found ? value : fail_missing(node.name, node.line);
}

void Evaluator::set_local(std::string_view name, Value value) {
  for (std::size_t i = locals_.size(); i > visible_; --i) {
    if (locals_[i - 1].name == name) {
      locals_[i - 1].value = std::move(value);
      return;
    }
  }
  if (locals_.size() >= locals_max) throw LimitReached{"expression-too-large", fmt::format("The expression sets more than {} variables", locals_max)};
  locals_.push_back({name, std::move(value)});
}

struct Scope {
  explicit Scope(Evaluator& evaluator_in) : evaluator(evaluator_in), scope(evaluator_in.scope_) { evaluator.scope_ = evaluator.locals_.size(); }
  ~Scope() {
    evaluator.locals_.resize(evaluator.scope_);
    evaluator.scope_ = scope;
  }
  Scope(const Scope&) = delete;
  Scope& operator=(const Scope&) = delete;
  void put(std::string_view name, Value value) {
    for (std::size_t i = evaluator.scope_; i < evaluator.locals_.size(); ++i) {
      if (evaluator.locals_[i].name == name) {
        evaluator.locals_[i].value = std::move(value);
        return;
      }
    }
    evaluator.locals_.push_back({name, std::move(value)});
  }
  Evaluator& evaluator;
  std::size_t scope;
};

bool Evaluator::render(std::string& out) {
  if (!root_.duplicate_macro.empty()) {
    fail(Failure::Type::language, fmt::format("io.pebbletemplates.pebble.error.PebbleException: More than one macro can not share the same name: {} (?:?)", root_.duplicate_macro));
    return false;
  }
  whole_out_ = &out;
  const bool whole = run(root_.body, out);
  if (whole && !root_.raw.empty()) {
    for (const auto& [stand_in, text] : root_.raw) {
      for (std::size_t at = out.find(stand_in); at != std::string::npos; at = out.find(stand_in, at + text.size())) {
        out.replace(at, stand_in.size(), text);
        spend(text.size() + 64);
      }
    }
  }
  return whole && shared_.lookups.empty();
}

// False: failed, stop here. What is pending leaves its mark in shared_.lookups and the rest goes on.
bool Evaluator::run(const Body& body, std::string& out) {
  for (const Statement& statement : body.statements) {
    if (!run(statement, out)) return false;
    if (out.size() > environment_.limits.output_bytes_max) {
      throw LimitReached{"expression-too-large", fmt::format("The expression renders to more than {} bytes. Write large data to a file and pass its URI", environment_.limits.output_bytes_max)};
    }
  }
  return true;
}

bool Evaluator::run(const Statement& statement, std::string& out) {
  step();
  switch (statement.tag) {
    case Tag::text:
      count_piece(out, Value());
      out += statement.text;
      return true;
    case Tag::print: {
      const Value value = evaluate(*statement.expressions[0]);
      if (value.is(Kind::failed)) return false;
      if (value.is(Kind::pending)) return true;
      if (!value.is_null()) count_piece(out, value);
      if (value.is_text()) {
        out += value.view();
      } else {
        const std::size_t before = out.size();
        print(value, out);
        step((out.size() - before) / 16);
      }
      return true;
    }
    case Tag::set: {
      Value value = evaluate(*statement.expressions[0]);
      if (value.is(Kind::failed)) return false;
      set_local(statement.text, std::move(value));
      return true;
    }
    case Tag::if_: return run_if(statement, out);
    case Tag::for_: return run_for(statement, out);
    case Tag::filter: return run_filter(statement, out);
    case Tag::block: {
      const auto last = root_.blocks.find(statement.text);  // of blocks of one name the last one stands everywhere
      const Nested nested(shared_, environment_.limits.depth_max);
      return run(last == root_.blocks.end() ? statement.bodies[0] : *last->second, out);
    }
  }
  return true;
}

bool Evaluator::run_if(const Statement& statement, std::string& out) {
  for (std::size_t i = 0; i < statement.expressions.size(); ++i) {
    const Value condition = evaluate(*statement.expressions[i]);
    if (condition.is(Kind::pending)) return true;
    int holds = -1;
    if (!condition.is(Kind::failed)) {
      switch (condition.kind()) {
        case Kind::boolean: holds = condition.boolean(); break;
        case Kind::text: holds = !condition.view().empty(); break;
        default: holds = condition.is_number() ? to_double(condition) != 0 : -1; break;
      }
    }
    if (holds < 0) {
      fail_language("Wrong operand(s) type in conditional expression", statement.line);
      return false;
    }
    if (holds) return run(statement.bodies[i], out);
  }
  return statement.bodies.size() <= statement.expressions.size() || run(statement.bodies.back(), out);
}

bool Evaluator::run_for(const Statement& statement, std::string& out) {
  const Value over = evaluate(*statement.expressions[0]);
  if (over.is(Kind::failed)) return false;
  if (over.is(Kind::pending) || over.is_null()) return true;
  if (!over.is(Kind::list) && !over.is(Kind::map)) {
    fail_language(fmt::format("Not an iterable object. Value = [{}]", java_text(over)), statement.line);
    return false;
  }
  const std::size_t length = over.size();
  if (length == 0) return statement.bodies.size() < 2 || run(statement.bodies[1], out);
  Scope scope(*this);
  for (std::size_t i = 0; i < length; ++i) {
    step();
    // In the order in which 1.3's loop variable prints.
    MapBuilder loop;
    loop.put(Value::borrowed("last"), Value::of(i + 1 == length));
    loop.put(Value::borrowed("length"), Value::int32(static_cast<std::int64_t>(length)));
    loop.put(Value::borrowed("index"), Value::int32(static_cast<std::int64_t>(i)));
    loop.put(Value::borrowed("revindex"), Value::int32(static_cast<std::int64_t>(length - i - 1)));
    loop.put(Value::borrowed("first"), Value::of(i == 0));
    scope.put("loop", std::move(loop).shaped(Shape::loop));
    if (over.is(Kind::list)) {
      scope.put(statement.text, over.at(i));
    } else {
      auto [key, value] = over.entry_at(i);
      scope.put(statement.text, Value::entry(std::move(key), std::move(value)));
    }
    if (!run(statement.bodies[0], out)) return false;
  }
  return true;
}

bool Evaluator::run_filter(const Statement& statement, std::string& out) {
  std::string inner;
  if (!run(statement.bodies[0], inner)) return false;
  locals_.push_back({filter_input_name, text(std::move(inner))});
  const std::size_t at = locals_.size() - 1;
  const Value value = evaluate(*statement.expressions[0]);
  locals_.erase(locals_.begin() + static_cast<std::ptrdiff_t>(at));
  if (value.is(Kind::failed)) return false;
  if (value.is(Kind::pending)) return true;
  if (!value.is_null()) count_piece(out, value);
  print(value, out);
  return true;
}

Value Evaluator::evaluate(const Expression& node) {
  if (node.op == Op::literal) return node.constant;
  step();
  if (shared_.depth > expression_depth_max) {
    throw LimitReached{"expression-too-deep", fmt::format("The expression calls itself more than {} levels deep", expression_depth_max)};
  }
  ++shared_.depth;
  struct Leave {
    int& depth;
    ~Leave() { --depth; }
  } leave{shared_.depth};
  switch (node.op) {
    case Op::variable: return variable(node);
    case Op::attribute: return attribute(node);
    case Op::call: return call(node);
    case Op::block_call: return call_block(node);
    case Op::parent_call: return fail_language("Can not use parent function if template does not extend another template.", node.line);
    case Op::filter: return apply_filter(node);
    case Op::test: case Op::not_test: return apply_test(node);
    case Op::list: case Op::map: case Op::interpolation: return collection(node);
    case Op::and_: case Op::or_: return logic(node);
    case Op::null_coalesce: case Op::undefined_coalesce: return coalesce(node);
    case Op::conditional: return conditional(node);
    case Op::not_: return negate(node);
    case Op::minus: case Op::plus: return sign(node);
    default: return binary(node);
  }
}

Value Evaluator::collection(const Expression& node) {
  std::vector<Value> values;
  values.reserve(node.operands.size());
  bool pending = false;
  for (const auto& operand : node.operands) {
    Value value = evaluate(*operand);
    if (value.is(Kind::failed)) return value;
    pending = pending || value.is(Kind::pending);
    values.push_back(std::move(value));
  }
  if (pending) return Value::pending();
  if (node.op == Op::list) return list(std::move(values));
  if (node.op == Op::interpolation) {
    std::string joined;
    for (const Value& value : values) if (!value.is_null()) append_java_text(value, joined);
    return text(std::move(joined));
  }
  MapBuilder map;
  for (std::size_t i = 0; i < values.size(); i += 2) map.put(std::move(values[i]), std::move(values[i + 1]));
  spend(values.size() * sizeof(Value));
  return std::move(map).hashed(hash_capacity_for(values.size() / 2));
}

bool Evaluator::render_text(std::string_view source, bool recursive, std::string& out) {
  std::string now(source);
  for (int round = 0; ; ++round) {
    Parsed parsed = parse_template(now);
    if (parsed.error) {
      fail(Failure::Type::language, parsed.error->message);
      return false;
    }
    if (!parsed.root) {
      out += now;
      return true;
    }
    if (round >= environment_.limits.depth_max) {
      fail(Failure::Type::plain, "Too many rendering attempts");
      return false;
    }
    step(now.size() / 8 + 1);
    shared_.roots.push_back(parsed.root);
    Evaluator inner(*parsed.root, variables_, environment_, shared_);
    inner.locals_.assign(locals_.begin() + static_cast<std::ptrdiff_t>(visible_), locals_.end());
    inner.scope_ = inner.locals_.size();
    inner.null_globals_ = isolated_ || null_globals_;
    const Nested nested(shared_, environment_.limits.depth_max);
    std::string result;
    if (!inner.render(result)) {
      failure_ = inner.failure_;
      return false;
    }
    spend(result.size());
    if (!recursive || result == now) {
      out += result;
      return true;
    }
    now = std::move(result);
  }
}

std::uint64_t Evaluator::random() {
  shared_.random_state += 0x9e3779b97f4a7c15u;  // splitmix64
  std::uint64_t z = shared_.random_state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

Value Evaluator::context(int line) {
  MapBuilder map;
  bool pending = false;
  for (const std::string& name : variables_.root_names()) {
    if (variables_.is_lazy(name)) {
      Answer given = variables_.whole(name);
      if (std::holds_alternative<Undefined>(given)) continue;
      Value value = answer(std::move(given), Lookup{name, {}}, name, line);
      if (value.is(Kind::failed)) return value;
      pending = pending || value.is(Kind::pending);
      if (!value.stopped()) map.put(name, std::move(value));
    } else if (const Json* json = variables_.root(name)) {
      map.put(name, Value::of_json(*json));
    }
  }
  return pending ? Value::pending() : std::move(map).hashed();
}

}  // namespace insula::expression
