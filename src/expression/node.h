// The parsed tree of one text. Immutable, so that any number of threads may render it.
#pragma once
#include <memory>

#include "expression/expression.h"
#include "expression/number.h"
#include "expression/token.h"
#include "expression/value.h"

namespace insula::expression {

struct Builtin;

enum class Op : std::uint8_t {
  literal, variable, attribute, call, block_call, parent_call, filter, test, not_test, list, map, interpolation,
  arithmetic, comparison, equal, not_equal, concatenate, range, and_, or_, contains, is_in, null_coalesce, undefined_coalesce, conditional,
  not_, minus, plus, broken_call,
};

struct Expression;
using ExpressionPtr = std::unique_ptr<const Expression>;

struct Arguments {
  std::vector<ExpressionPtr> positional;
  std::vector<std::pair<std::string, ExpressionPtr>> named;
  int line = 1;
};

struct Expression {
  Op op = Op::literal;
  Arithmetic arithmetic = Arithmetic::add;
  Comparison comparison = Comparison::less;
  bool has_arguments = false;        // attribute: `a.b()` rather than `a.b`
  int line = 1;
  int depth = 1;
  std::string name;                  // variable, attribute, function, filter or test; the text of a string literal
  Value constant;
  std::vector<ExpressionPtr> operands;
  std::unique_ptr<const Arguments> arguments;
  const Builtin* builtin = nullptr;  // found at parse time; nullptr: an error when it is evaluated
};

enum class Tag : std::uint8_t { text, print, if_, for_, set, filter, block };

struct Statement;
struct Body {
  std::vector<Statement> statements;
};

struct Statement {
  Tag tag = Tag::text;
  int line = 1;
  std::string text;                        // text; name of the variable of `for` and `set`; name of the block
  std::vector<ExpressionPtr> expressions;  // print, set: one; if: conditions; for: the list; filter: the chain around a placeholder
  std::vector<Body> bodies;                // if: one per condition, perhaps one more for else; for: body, perhaps else
};

struct Macro {
  std::string name;
  std::vector<std::pair<std::string, ExpressionPtr>> parameters;  // with defaults, perhaps null
  Body body;
};

struct Node {
  std::string source;                                 // as errors show it
  Body body;
  std::map<std::string, Macro, std::less<>> macros;
  std::map<std::string, const Body*, std::less<>> blocks;
  std::vector<std::pair<std::string, std::string>> raw;  // placeholder → what stood in {% raw %}
  std::string duplicate_macro;                        // an error of each rendering
};

// The tree of the filter chain of `{% filter a | b %}` starts with this variable.
inline constexpr std::string_view filter_input_name = "\x01" "filtered";

struct Parsed {
  std::shared_ptr<const Node> root;   // nullptr when the text has no delimiter, or on error
  std::shared_ptr<const Error> error;
  Template::References references;
};
Parsed parse_template(std::string_view source);
// The parser behind it; throws SyntaxError.
void parse_tokens(std::vector<Token> tokens, Node& root);

}  // namespace insula::expression
