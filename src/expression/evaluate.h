// One rendering: walks the tree with the variables at hand.
//
// A failure or a missing answer travels as a Value of kind `failed` or `pending`; what failed is kept here, what is missing in `lookups`.
// After `pending` everything that surely will be evaluated goes on, so that one round collects all lookups that can be named.
#pragma once
#include <deque>

#include "expression/builtin.h"
#include "expression/node.h"

namespace insula::expression {

struct Failure {
  enum class Type : std::uint8_t { missing, language, plain } type = Type::plain;  // `missing` is what `??`, `is defined` and `default` catch
  std::string message;
};

// What nested renderings (render(), macros) share with the outermost.
struct Shared {
  std::size_t steps = 0;
  std::size_t bytes = 0;        // of all texts and lists made on the way
  int depth = 0;                // nested evaluations
  int nested = 0;               // nested macros and render()
  std::uint64_t random_state = 0;
  std::vector<Lookup> lookups;
  std::deque<Json> answers;     // fetched values that Values borrow
  std::vector<std::shared_ptr<const Node>> roots;  // trees of render(), which Values borrow from
};

// One more macro or render() inside of another.
struct Nested {
  Nested(Shared& shared_in, int depth_max) : shared(shared_in) {
    if (shared.nested >= depth_max) throw LimitReached{"expression-too-deep", fmt::format("Macros and render() are nested more than {} levels deep", depth_max)};
    ++shared.nested;
  }
  ~Nested() { --shared.nested; }
  Nested(const Nested&) = delete;
  Nested& operator=(const Nested&) = delete;
  Shared& shared;
};

// Names of one block of the text; gone at its end.
struct Scope;

class Evaluator {
 public:
  Evaluator(const Node& root, const Variables& variables, const Environment& environment, Shared& shared)
      : root_(root), variables_(variables), environment_(environment), shared_(shared) {}

  bool render(std::string& out);         // false: failed or pending
  // After render(): how many pieces were written, and the value of the last one when that was a print.
  std::size_t pieces() const { return pieces_; }
  const Value& last_piece() const { return last_piece_; }
  Value evaluate(const Expression& node);

  // ---- for builtins ----
  const Variables& variables() const { return variables_; }
  const Environment& environment() const { return environment_; }
  Shared& shared() { return shared_; }
  const Failure& failure() const { return failure_; }
  Value fail(Failure::Type type, std::string message) {
    failure_ = {type, std::move(message)};
    return Value::failed();
  }
  Value fail_language(std::string_view message, int line) {
    return fail(Failure::Type::language, fmt::format("io.pebbletemplates.pebble.error.PebbleException: {} ({}:{})", message, root_.source, line));
  }
  Value fail_missing(std::string_view name, int line) {
    return fail(Failure::Type::missing, fmt::format("Unable to find `{}` used in the expression `{}` at line {}", name, root_.source, line));
  }
  Value fail_denied(std::string_view method, int line) {
    return fail(Failure::Type::language, fmt::format("io.pebbletemplates.pebble.error.ClassAccessException: For security reasons access to {} method is denied. ({}:{})", method, root_.source, line));
  }
  Value fail_cast(const Value& value, std::string_view wanted);
  void spend(std::size_t bytes);         // throws LimitReached
  void step(std::size_t count = 1) {
    if ((shared_.steps += count) > environment_.limits.steps_max) too_many_steps();
  }
  Value text(std::string made) {
    spend(made.size());
    return Value::text(std::move(made));
  }
  Value list(std::vector<Value> items, Shape shape = Shape::array_list) {
    spend(items.size() * sizeof(Value));
    return Value::list(std::move(items), shape);
  }
  Value answer(Answer given, const Lookup& lookup, std::string_view name, int line);
  Value lookup(Lookup question, int line);
  Value variable(std::string_view name, bool& found);   // local or global; lazy roots as a whole
  std::uint64_t random();
  // The whole context as printContext() shows it.
  Value context(int line);
  // render(): the text as a template, `rounds` times at most or until nothing changes.
  bool render_text(std::string_view text, bool recursive, std::string& out);

 private:
  friend struct Scope;
  struct Local {
    std::string_view name;
    Value value;
  };
  [[noreturn]] void too_many_steps() const;
  void count_piece(const std::string& out, const Value& value) {
    if (&out != whole_out_) return;
    ++pieces_;
    last_piece_ = value;
  }
  // Only the outermost text has lists and maps as JSON; inside of macros, blocks called by name and filter tags they look as Java prints them.
  void print(const Value& value, std::string& out) const {
    if (&out == whole_out_) append_printed(value, out);
    else if (!value.is_null()) append_java_text(value, out);
  }
  bool run(const Body& body, std::string& out);
  bool run(const Statement& statement, std::string& out);
  bool run_if(const Statement& statement, std::string& out);
  bool run_for(const Statement& statement, std::string& out);
  bool run_filter(const Statement& statement, std::string& out);
  void set_local(std::string_view name, Value value);

  Value variable(const Expression& node);
  Value attribute(const Expression& node);
  Value resolve_attribute(const Expression& node, const Value& object, const Value& key, const std::vector<Value>& arguments);
  Value call(const Expression& node);
  Value call_macro(const Macro& macro, const Expression& node);
  Value call_block(const Expression& node);
  Value invoke(const Builtin& builtin, Value input, const Arguments* arguments, int line);
  Value apply_filter(const Expression& node);
  Value apply_test(const Expression& node);
  Value binary(const Expression& node);
  Value arithmetic(const Expression& node, const Value& a, const Value& b);
  Value contains(const Value& haystack, const Value& needle, int line);
  Value logic(const Expression& node);
  Value coalesce(const Expression& node);
  Value conditional(const Expression& node);
  Value negate(const Expression& node);
  Value sign(const Expression& node);
  Value collection(const Expression& node);
  // -1: stopped; `stop` holds why.
  int truth(const Value& value, Value& stop);

  const Node& root_;
  const Variables& variables_;
  const Environment& environment_;
  Shared& shared_;
  Failure failure_;
  const std::string* whole_out_ = nullptr;  // what render() writes to; macros and filters write elsewhere first
  std::size_t pieces_ = 0;
  Value last_piece_;
  std::vector<Local> locals_;
  std::size_t scope_ = 0;    // where the innermost scope begins in locals_
  std::size_t visible_ = 0;  // locals below are hidden (inside a macro)
  bool isolated_ = false;    // inside a macro: no global variables
  bool null_globals_ = false;  // inside a render() of a macro: they are there, but null
};

// `range(from, to, step)` and `from..to`.
Value make_range(Evaluator& evaluator, const Value& from, const Value& to, const Value& step, int line);
// Methods and properties of Java objects that expressions reach (`x.length`, `list.size()`): false when there is none.
bool java_member(Evaluator& evaluator, const Value& object, std::string_view name, const std::vector<Value>& arguments, int line, Value& result);

}  // namespace insula::expression
