#include "expression/jq_path.h"

#include "expression/number.h"

namespace insula::expression {

namespace {

constexpr int depth_max = 30;
constexpr std::size_t program_bytes_max = 2'000;

struct Step;
using Filter = std::unique_ptr<const Step>;

struct Step {
  enum class What : std::uint8_t { self, field, index, slice, iterate, attempt, pipe, comma, literal, list, map, select, each, equal, differ } what = What::self;
  std::string name;                                    // of field
  std::int64_t from = 0;                               // of index, slice
  std::optional<std::int64_t> to;
  bool has_from = false;
  Value value;                                         // of literal
  std::vector<Filter> parts;
  std::vector<std::string> keys;                       // of map, one for each part
};

// A program that is not simple, at any place: libjq's business.
struct NotSimple {};

bool starts_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

Filter make(Step::What what, std::vector<Filter> parts = {}) {
  auto step = std::make_unique<Step>();
  step->what = what;
  step->parts = std::move(parts);
  return step;
}

Filter both(Step::What what, Filter a, Filter b) {
  std::vector<Filter> parts;
  parts.push_back(std::move(a));
  parts.push_back(std::move(b));
  return make(what, std::move(parts));
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Filter whole() {
    Filter made = pipe(0);
    spaces();
    if (at_ != text_.size()) throw NotSimple{};
    return made;
  }

 private:
  void spaces() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\n' || text_[at_] == '\r')) ++at_;
  }
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(std::string_view token) {
    spaces();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  void need(std::string_view token) {
    if (!take(token)) throw NotSimple{};
  }
  std::string word() {
    if (!starts_word(here())) throw NotSimple{};
    const std::size_t begin = at_;
    while (starts_word(here()) || is_digit(here())) ++at_;
    if (text_.substr(at_).starts_with("::")) throw NotSimple{};
    return std::string(text_.substr(begin, at_ - begin));
  }
  std::string quoted() {
    need("\"");
    const std::size_t begin = at_;
    while (here() != '"') {
      if (here() == '\0' || here() == '\\') throw NotSimple{};
      ++at_;
    }
    return std::string(text_.substr(begin, at_++ - begin));
  }
  std::optional<std::int64_t> integer() {
    spaces();
    const std::size_t begin = at_;
    if (here() == '-') ++at_;
    while (is_digit(here())) ++at_;
    if (at_ == begin) return std::nullopt;
    if (at_ - begin > 9 || here() == '.' || here() == 'e' || here() == 'E' || !is_digit(text_[at_ - 1])) throw NotSimple{};
    std::int64_t value = 0;
    std::from_chars(text_.data() + begin, text_.data() + at_, value);
    return value;
  }

  Filter pipe(int depth) {
    if (depth > depth_max) throw NotSimple{};
    Filter made = comma(depth);
    while (take("|")) made = both(Step::What::pipe, std::move(made), comma(depth));
    return made;
  }
  Filter comma(int depth) {
    Filter made = comparison(depth);
    while (take(",")) made = both(Step::What::comma, std::move(made), comparison(depth));
    return made;
  }
  Filter comparison(int depth) {
    Filter made = term(depth);
    for (const auto& [token, what] : {std::pair("==", Step::What::equal), {"!=", Step::What::differ}}) {
      if (take(token)) return both(what, std::move(made), term(depth));
    }
    return made;
  }

  Filter term(int depth) {
    spaces();
    if (take("(")) {
      Filter made = pipe(depth + 1);
      need(")");
      return suffixes(std::move(made));
    }
    if (take("[")) {
      if (take("]")) return suffixes(make(Step::What::list));
      std::vector<Filter> inner;
      inner.push_back(pipe(depth + 1));
      need("]");
      return suffixes(make(Step::What::list, std::move(inner)));
    }
    if (here() == '{') return suffixes(map(depth));
    if (here() == '.') return path();
    if (here() == '"') return literal(Value::text(quoted()));
    if (here() == '-') throw NotSimple{};
    if (is_digit(here())) return literal(Value::int32(*integer()));
    return call(depth);
  }
  Filter literal(Value value) {
    auto step = std::make_unique<Step>();
    step->what = Step::What::literal;
    step->value = std::move(value);
    return step;
  }
  Filter call(int depth) {
    const std::string name = word();
    if (name == "true" || name == "false") return literal(Value::of(name == "true"));
    if (name == "null") return literal(Value());
    if (name != "select" && name != "map") throw NotSimple{};
    need("(");
    std::vector<Filter> inner;
    inner.push_back(pipe(depth + 1));
    need(")");
    return suffixes(make(name == "map" ? Step::What::each : Step::What::select, std::move(inner)));
  }
  Filter map(int depth) {
    need("{");
    auto step = std::make_unique<Step>();
    step->what = Step::What::map;
    spaces();
    for (bool first = true; !take("}"); first = false) {
      if (!first) need(",");
      spaces();
      std::string key = here() == '"' ? quoted() : word();
      if (take(":")) {
        step->parts.push_back(term(depth + 1));
      } else {
        auto field = std::make_unique<Step>();
        field->what = Step::What::field;
        field->name = key;
        step->parts.push_back(std::move(field));
      }
      step->keys.push_back(std::move(key));
    }
    return step;
  }

  Filter path() {
    need(".");
    if (here() == '.') throw NotSimple{};
    if (here() == '[') {
      ++at_;
      return suffixes(optional(bracket()));
    }
    Filter made = make(Step::What::self);
    if (starts_word(here())) made = then(std::move(made), optional(field(word())));
    else if (here() == '"') made = then(std::move(made), optional(field(quoted())));
    else if (is_digit(here())) throw NotSimple{};
    return suffixes(std::move(made));
  }
  Filter field(std::string name) {
    auto step = std::make_unique<Step>();
    step->what = Step::What::field;
    step->name = std::move(name);
    return step;
  }
  Filter then(Filter before, Filter after) { return before->what == Step::What::self ? std::move(after) : both(Step::What::pipe, std::move(before), std::move(after)); }
  // `.name` and `[…]` behind a term, each with its own `?`; and a `?` for a term as a whole.
  Filter suffixes(Filter made) {
    for (;;) {
      if (text_.substr(at_).starts_with("..") || text_.substr(at_).starts_with(".[")) throw NotSimple{};
      if (here() == '?') {
        made = attempt(std::move(made));
      } else if (here() == '.' && at_ + 1 < text_.size() && (starts_word(text_[at_ + 1]) || text_[at_ + 1] == '"')) {
        ++at_;
        made = then(std::move(made), optional(field(here() == '"' ? quoted() : word())));
      } else if (here() == '[') {
        ++at_;
        made = then(std::move(made), optional(bracket()));
      } else {
        return made;
      }
    }
  }
  Filter optional(Filter made) { return here() == '?' ? attempt(std::move(made)) : std::move(made); }
  Filter attempt(Filter made) {
    ++at_;
    if (text_.substr(at_).starts_with("//")) throw NotSimple{};
    std::vector<Filter> inner;
    inner.push_back(std::move(made));
    return make(Step::What::attempt, std::move(inner));
  }
  Filter bracket() {
    auto step = std::make_unique<Step>();
    spaces();
    if (here() == '"') {
      step->what = Step::What::field;
      step->name = quoted();
    } else if (here() == ']') {
      step->what = Step::What::iterate;
    } else {
      const std::optional<std::int64_t> from = integer();
      if (take(":")) {
        step->what = Step::What::slice;
        step->has_from = from.has_value();
        step->from = from.value_or(0);
        step->to = integer();
        if (!from && !step->to) throw NotSimple{};
      } else {
        if (!from) throw NotSimple{};
        step->what = Step::What::index;
        step->from = *from;
      }
    }
    need("]");
    return step;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

bool is_jq_true(const Value& value) { return !value.is_null() && !(value.is(Kind::boolean) && !value.boolean()); }

bool equal(const Value& a, const Value& b) {
  if (a.is_number() && b.is_number()) return to_double(a) == to_double(b);
  if (a.is_null() || b.is_null()) return a.is_null() && b.is_null();
  if (a.is(Kind::boolean) || b.is(Kind::boolean)) return a.is(b.kind()) && a.boolean() == b.boolean();
  if (a.is_text() && b.is_text()) return a.view() == b.view();
  if (a.is(Kind::list) || a.is(Kind::map) || b.is(Kind::list) || b.is(Kind::map)) {
    if (a.kind() == b.kind() && a.size() != b.size()) return false;
    if (a.kind() == b.kind()) throw NotSimple{};
    return false;
  }
  if (a.is_number() || b.is_number()) return false;
  throw NotSimple{};
}

// Runs a filter; false: it failed.
class Machine {
 public:
  explicit Machine(Evaluator& evaluator) : evaluator_(evaluator) {}

  bool run(const Step& step, const Value& input, std::vector<Value>& out) {
    evaluator_.step();
    switch (step.what) {
      case Step::What::self: return give(input, out);
      case Step::What::literal: return give(step.value, out);
      case Step::What::field: return field(step, input, out);
      case Step::What::index: return index(step, input, out);
      case Step::What::slice: return slice(step, input, out);
      case Step::What::iterate: return iterate(input, out);
      case Step::What::attempt: {
        run(*step.parts[0], input, out);  // what came before the failure stays
        return true;
      }
      case Step::What::comma: return run(*step.parts[0], input, out) && run(*step.parts[1], input, out);
      case Step::What::pipe: {
        std::vector<Value> between;
        const bool whole = run(*step.parts[0], input, between);
        for (const Value& value : between) {
          if (!run(*step.parts[1], value, out)) return false;
        }
        return whole;
      }
      case Step::What::list: {
        std::vector<Value> items;
        if (!step.parts.empty() && !run(*step.parts[0], input, items)) return false;
        return give(evaluator_.list(std::move(items)), out);
      }
      case Step::What::map: return map(step, input, out);
      case Step::What::select: {
        std::vector<Value> answers;
        const bool whole = run(*step.parts[0], input, answers);
        for (const Value& answer : answers) {
          if (is_jq_true(answer)) give(input, out);
        }
        return whole;
      }
      case Step::What::each: {
        std::vector<Value> items, made;
        if (!iterate(input, items)) return false;
        for (const Value& item : items) {
          if (!run(*step.parts[0], item, made)) return false;
        }
        return give(evaluator_.list(std::move(made)), out);
      }
      case Step::What::equal: case Step::What::differ: {
        const Value left = one(*step.parts[0], input), right = one(*step.parts[1], input);
        if (left.is_absent() || right.is_absent()) return false;
        return give(Value::of(equal(left, right) == (step.what == Step::What::equal)), out);
      }
    }
    return false;
  }

 private:
  static bool give(Value value, std::vector<Value>& out) {
    out.push_back(std::move(value));
    return true;
  }
  // The only result; absent when it failed.
  Value one(const Step& step, const Value& input) {
    std::vector<Value> made;
    if (!run(step, input, made)) return Value::absent();
    if (made.size() != 1) throw NotSimple{};
    return made.front();
  }
  bool field(const Step& step, const Value& input, std::vector<Value>& out) {
    if (input.is_null()) return give(Value(), out);
    if (!input.is(Kind::map)) return false;
    Value found;
    if (!input.find(step.name, found)) found = Value();
    return give(std::move(found), out);
  }
  bool index(const Step& step, const Value& input, std::vector<Value>& out) {
    if (input.is_null()) return give(Value(), out);
    if (!input.is(Kind::list)) return false;
    const auto size = static_cast<std::int64_t>(input.size());
    const std::int64_t at = step.from < 0 ? size + step.from : step.from;
    return give(at >= 0 && at < size ? input.at(static_cast<std::size_t>(at)) : Value(), out);
  }
  bool slice(const Step& step, const Value& input, std::vector<Value>& out) {
    if (input.is_null()) return give(Value(), out);
    if (!input.is(Kind::list)) {
      if (input.is_text()) throw NotSimple{};
      return false;
    }
    const auto size = static_cast<std::int64_t>(input.size());
    const auto place = [size](std::int64_t at) { return std::clamp(at < 0 ? size + at : at, std::int64_t{0}, size); };
    std::vector<Value> items;
    const std::int64_t to = step.to ? place(*step.to) : size;
    for (std::int64_t at = place(step.from); at < to; ++at) {
      evaluator_.step();
      items.push_back(input.at(static_cast<std::size_t>(at)));
    }
    return give(evaluator_.list(std::move(items)), out);
  }
  bool iterate(const Value& input, std::vector<Value>& out) {
    if (!input.is(Kind::list) && !input.is(Kind::map)) return false;
    evaluator_.spend(input.size() * sizeof(Value));
    for (std::size_t at = 0; at < input.size(); ++at) {
      evaluator_.step();
      out.push_back(input.is(Kind::list) ? input.at(at) : input.entry_at(at).second);
    }
    return true;
  }
  bool map(const Step& step, const Value& input, std::vector<Value>& out) {
    MapBuilder made;
    for (std::size_t at = 0; at < step.parts.size(); ++at) {
      Value value = one(*step.parts[at], input);
      if (value.is_absent()) return false;
      made.put(step.keys[at], std::move(value));
    }
    evaluator_.spend(step.parts.size() * 2 * sizeof(Value));
    return give(std::move(made).linked(), out);
  }

  Evaluator& evaluator_;
};

}  // namespace

std::optional<Read<std::vector<Value>>> run_jq_path(Evaluator& evaluator, std::string_view program, const Value& input) {
  if (program.size() > program_bytes_max) return std::nullopt;
  try {
    const Filter filter = Parser(program).whole();
    std::vector<Value> results;
    if (!Machine(evaluator).run(*filter, input, results)) return Read<std::vector<Value>>(std::unexpected("failed"));
    return results;
  } catch (const NotSimple&) {
    return std::nullopt;
  }
}

}  // namespace insula::expression
