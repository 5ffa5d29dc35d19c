// tidy: long file, because one grammar is read in one place
// Tokens → tree: a Pratt parser. Every level of nesting is counted, so hostile texts end in an error and not in a full stack.
#include "expression/builtin.h"
#include "expression/node.h"
#include "expression/token.h"

namespace insula::expression {

namespace {
constexpr int nesting_max = 150;       // brackets, unary operators, tags within tags
constexpr int tree_depth_max = 600;    // longest chain of operators, filters and attributes

struct BinaryOperator {
  std::string_view symbol;
  int precedence;
  Op op;
};
constexpr std::array<BinaryOperator, 24> binary_operators = {{
    {"or", 10, Op::or_}, {"and", 15, Op::and_}, {"is", 20, Op::test}, {"is not", 20, Op::not_test}, {"contains", 20, Op::contains}, {"isIn", 120, Op::is_in},
    {"==", 30, Op::equal}, {"equals", 30, Op::equal}, {"!=", 30, Op::not_equal}, {">", 30, Op::comparison}, {"<", 30, Op::comparison}, {">=", 30, Op::comparison}, {"<=", 30, Op::comparison},
    {"+", 40, Op::arithmetic}, {"-", 40, Op::arithmetic}, {"*", 60, Op::arithmetic}, {"/", 60, Op::arithmetic}, {"%", 60, Op::arithmetic},
    {"|", 100, Op::filter}, {"~", 110, Op::concatenate}, {"..", 120, Op::range}, {"??", 120, Op::null_coalesce}, {"???", 120, Op::undefined_coalesce}, {"", -1, Op::literal},
}};
constexpr int unary_precedence = 600;

const BinaryOperator* binary_operator(const Token& token) {
  if (token.type != TokenType::operator_) return nullptr;
  for (const auto& candidate : binary_operators) if (candidate.symbol == token.value) return &candidate;
  return nullptr;
}

bool is_unary(const Token& token) { return token.type == TokenType::operator_ && (token.value == "not" || token.value == "+" || token.value == "-"); }

class Parser {
 public:
  Parser(std::vector<Token> tokens, Node& root) : tokens_(std::move(tokens)), root_(root) {}

  void run() { root_.body = body({}, ""); }

 private:
  [[noreturn]] static void fail(std::string message, int line) { throw SyntaxError{std::move(message), line}; }
  const Token& current() const { return tokens_[at_]; }
  const Token& peek() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  void next() {
    if (at_ + 1 < tokens_.size()) ++at_;
  }
  bool at(TokenType type, std::string_view value) const { return current().is(type, value); }
  Token expect(TokenType type, std::string_view value = {}) {
    const Token token = current();
    if (token.type != type || (!value.empty() && token.value != value)) {
      fail(fmt::format("Unexpected token of value \"{}\" and type {}, expected token of type {}", token.value, token_type_name(token.type), token_type_name(type)), token.line);
    }
    next();
    return token;
  }

  struct Nesting {
    explicit Nesting(Parser& parser_in) : parser(parser_in) {
      if (++parser.nesting_ > nesting_max) throw SyntaxError{fmt::format("The expression is nested more than {} levels deep", nesting_max), parser.current().line};
    }
    ~Nesting() { --parser.nesting_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    Parser& parser;
  };

  std::unique_ptr<Expression> node(Op op, int line, std::vector<ExpressionPtr> operands = {}) const {
    auto made = std::make_unique<Expression>();
    made->op = op;
    made->line = line;
    for (const auto& operand : operands) made->depth = std::max(made->depth, operand->depth + 1);
    if (made->depth > tree_depth_max) fail(fmt::format("The expression is a chain of more than {} operations", tree_depth_max), line);
    made->operands = std::move(operands);
    return made;
  }
  template <class... Parts>
  static std::vector<ExpressionPtr> parts(Parts... expressions) {
    std::vector<ExpressionPtr> list;
    (list.push_back(std::move(expressions)), ...);
    return list;
  }

  // ---- expressions ----
  ExpressionPtr expression(int precedence = 0) {
    const Nesting nesting(*this);
    ExpressionPtr left = operand();
    while (const BinaryOperator* found = binary_operator(current())) {
      if (found->precedence < precedence) break;
      const std::string symbol = current().value;
      next();
      left = binary(*found, symbol, std::move(left));
    }
    return precedence == 0 ? conditional(std::move(left)) : std::move(left);
  }

  ExpressionPtr operand() {
    const Token token = current();
    if (is_unary(token)) {
      next();
      ExpressionPtr inner = expression(unary_precedence);
      return node(token.value == "not" ? Op::not_ : token.value == "-" ? Op::minus : Op::plus, token.line, parts(std::move(inner)));
    }
    if (at(TokenType::punctuation, "(")) {
      next();
      ExpressionPtr inner = expression();
      expect(TokenType::punctuation, ")");
      return postfix(std::move(inner));
    }
    if (at(TokenType::punctuation, "[")) return list();
    if (at(TokenType::punctuation, "{")) return map();
    return primary();
  }

  ExpressionPtr binary(const BinaryOperator& found, const std::string& symbol, ExpressionPtr left) {
    if (found.op == Op::filter) return filter(std::move(left));
    if (found.op == Op::test || found.op == Op::not_test) {
      const Token name = expect(TokenType::name);
      auto made = node(found.op, name.line, parts(std::move(left)));
      made->name = name.value;
      made->builtin = find_builtin(Entry::Kind::test, name.value);
      if (at(TokenType::punctuation, "(")) made->arguments = arguments();
      return made;
    }
    ExpressionPtr right = expression(found.precedence + 1);
    auto made = node(found.op, current().line, parts(std::move(left), std::move(right)));
    if (found.op == Op::arithmetic) {
      made->arithmetic = symbol == "+" ? Arithmetic::add : symbol == "-" ? Arithmetic::subtract : symbol == "*" ? Arithmetic::multiply : symbol == "/" ? Arithmetic::divide : Arithmetic::remainder;
    } else if (found.op == Op::comparison) {
      made->comparison = symbol == "<" ? Comparison::less : symbol == "<=" ? Comparison::less_or_equal : symbol == ">" ? Comparison::greater : Comparison::greater_or_equal;
    }
    return made;
  }

  ExpressionPtr filter(ExpressionPtr input, bool in_tag = false) {
    const Token name = expect(TokenType::name);
    auto made = node(Op::filter, in_tag ? 0 : name.line, parts(std::move(input)));
    made->name = name.value;
    made->builtin = find_builtin(Entry::Kind::filter, name.value);
    if (at(TokenType::punctuation, "(")) made->arguments = arguments();
    return made;
  }

  ExpressionPtr conditional(ExpressionPtr condition) {
    if (!at(TokenType::punctuation, "?")) return condition;
    next();
    ExpressionPtr yes = expression();
    expect(TokenType::punctuation, ":");
    ExpressionPtr no = expression();
    const int line = condition->line;
    return node(Op::conditional, line, parts(std::move(condition), std::move(yes), std::move(no)));
  }

  ExpressionPtr primary() {
    const Token token = current();
    std::unique_ptr<Expression> made;
    switch (token.type) {
      case TokenType::name: made = name(token); break;
      case TokenType::number: case TokenType::long_number: made = number(token); break;
      case TokenType::string: return string();
      default: fail(fmt::format("Unexpected token \"{}\" of value \"{}\"", token_type_name(token.type), token.value), token.line);
    }
    next();
    return postfix(std::move(made));
  }

  std::unique_ptr<Expression> name(const Token& token) const {
    const std::string& word = token.value;
    const bool call = peek().is(TokenType::punctuation, "(");
    if (word == "true" || word == "TRUE" || word == "false" || word == "FALSE") {
      auto made = node(Op::literal, token.line);
      made->constant = Value::of(word == "true" || word == "TRUE");
      return made;
    }
    if (word == "none" || word == "NONE" || word == "null" || word == "NULL") return node(Op::literal, token.line);
    auto made = node(call ? Op::call : Op::variable, token.line);
    made->name = word;
    return made;
  }

  std::unique_ptr<Expression> number(const Token& token) const {
    auto made = node(Op::literal, token.line);
    if (token.value.find('.') != std::string::npos) {
      made->constant = Value::float64(parse_double(token.value).value_or(0));
      return made;
    }
    const auto whole = parse_long(token.value);
    if (!whole) throw SyntaxError{fmt::format("For input string: \"{}\"", token.value), token.line, true};
    made->constant = Value::int64(*whole);
    return made;
  }

  // A string literal, or the pieces of "a #{b} c".
  ExpressionPtr string() {
    std::vector<ExpressionPtr> pieces;
    const int line = current().line;
    while (current().type == TokenType::string || current().type == TokenType::interpolation_start) {
      if (current().type == TokenType::interpolation_start) {
        next();
        pieces.push_back(expression());
        expect(TokenType::interpolation_end);
        continue;
      }
      if (!pieces.empty() && tokens_[at_ - 1].type != TokenType::interpolation_end) break;
      auto piece = node(Op::literal, current().line);
      piece->name = current().value;
      piece->constant = Value::borrowed(piece->name);
      pieces.push_back(std::move(piece));
      next();
    }
    if (pieces.size() > 1) std::erase_if(pieces, [](const ExpressionPtr& piece) { return piece->op == Op::literal && piece->constant.is_text() && piece->name.empty(); });
    if (pieces.size() == 1) return postfix(std::move(pieces.front()));
    return postfix(node(Op::interpolation, line, std::move(pieces)));
  }

  ExpressionPtr list() {
    const int line = current().line;
    next();
    std::vector<ExpressionPtr> items;
    while (!at(TokenType::punctuation, "]")) {
      if (!items.empty()) expect(TokenType::punctuation, ",");
      items.push_back(expression());
    }
    next();
    return node(Op::list, line, std::move(items));
  }

  ExpressionPtr map() {
    const int line = current().line;
    next();
    std::vector<ExpressionPtr> items;
    while (!at(TokenType::punctuation, "}")) {
      if (!items.empty()) expect(TokenType::punctuation, ",");
      items.push_back(expression());
      expect(TokenType::punctuation, ":");
      items.push_back(expression());
    }
    next();
    return node(Op::map, line, std::move(items));
  }

  ExpressionPtr postfix(ExpressionPtr made) {
    while (true) {
      if (at(TokenType::punctuation, ".")) {
        next();
        const Token name = expect(TokenType::name);
        auto key = node(Op::literal, name.line);
        key->name = name.value;
        key->constant = Value::borrowed(key->name);
        std::unique_ptr<const Arguments> given;
        if (at(TokenType::punctuation, "(")) {
          given = arguments();
          if (!given->named.empty()) fail("Can not use named arguments when calling a bean method", name.line);
        }
        auto attribute = node(Op::attribute, current().line, parts(std::move(made), std::move(key)));
        attribute->has_arguments = given != nullptr;
        attribute->arguments = std::move(given);
        made = std::move(attribute);
      } else if (at(TokenType::punctuation, "[")) {
        next();
        ExpressionPtr key = expression();
        const int line = current().line;
        expect(TokenType::punctuation, "]");
        made = node(Op::attribute, line, parts(std::move(made), std::move(key)));
      } else if (at(TokenType::punctuation, "(")) {
        made = call(std::move(made));
      } else {
        return made;
      }
    }
  }

  ExpressionPtr call(ExpressionPtr callee) {
    auto given = arguments();
    const bool named = callee->op == Op::call && callee->arguments == nullptr;
    if (!named) throw SyntaxError{not_callable(*callee), callee->line, true};
    std::unique_ptr<Expression> made = node(Op::call, callee->line);
    made->name = callee->name;
    if (made->name == "block") made->op = Op::block_call;
    else if (made->name == "parent") made->op = Op::parent_call;
    else made->builtin = find_builtin(Entry::Kind::function, made->name);
    made->arguments = std::move(given);
    return made;
  }

  static std::string not_callable(const Expression& callee) {
    std::string_view name = "FunctionOrMacroInvocationExpression";
    if (callee.op == Op::literal) {
      switch (callee.constant.kind()) {
        case Kind::text: name = "LiteralStringExpression"; break;
        case Kind::int64: name = "LiteralLongExpression"; break;
        case Kind::float64: name = "LiteralDoubleExpression"; break;
        case Kind::boolean: name = "LiteralBooleanExpression"; break;
        default: name = "LiteralNullExpression"; break;
      }
    } else if (callee.op == Op::variable) {
      name = "ContextVariableExpression";
    } else if (callee.op == Op::attribute) {
      name = "GetAttributeExpression";
    }
    const std::string left = fmt::format("io.pebbletemplates.pebble.node.expression.{}", name);
    const std::string right = "io.pebbletemplates.pebble.node.FunctionOrMacroNameNode";
    return fmt::format("class {0} cannot be cast to class {1} ({0} and {1} are in unnamed module of loader 'app')", left, right);
  }

  std::unique_ptr<const Arguments> arguments() {
    const Nesting nesting(*this);
    auto made = std::make_unique<Arguments>();
    expect(TokenType::punctuation, "(");
    while (!at(TokenType::punctuation, ")")) {
      if (!made->positional.empty() || !made->named.empty()) expect(TokenType::punctuation, ",");
      std::string name;
      if (peek().is(TokenType::punctuation, "=")) {
        name = expect(TokenType::name).value;
        expect(TokenType::punctuation, "=");
      }
      if (name.empty() && !made->named.empty()) fail("Positional arguments must be declared before any named arguments.", current().line);
      ExpressionPtr value = expression();
      if (name.empty()) made->positional.push_back(std::move(value));
      else made->named.emplace_back(std::move(name), std::move(value));
    }
    expect(TokenType::punctuation, ")");
    made->line = current().line;
    return made;
  }

  // ---- tags ----
  // Stops before a tag named in `ends`; with `ends` empty, at the end of the text.
  Body body(std::initializer_list<std::string_view> ends, std::string_view wanted) {
    const Nesting nesting(*this);
    Body made;
    while (current().type != TokenType::eof) {
      const Token token = current();
      if (token.type == TokenType::text) {
        next();
        if (!token.value.empty()) made.statements.push_back({Tag::text, token.line, token.value, {}, {}});
      } else if (token.type == TokenType::print_start) {
        next();
        ExpressionPtr value = expression();
        const int line = token.line;
        expect(TokenType::print_end);
        made.statements.push_back({Tag::print, line, {}, parts(std::move(value)), {}});
      } else {
        expect(TokenType::execute_start);
        const Token tag = current();
        if (tag.type != TokenType::name) fail("A block must start with a tag name.", tag.line);
        if (std::find(ends.begin(), ends.end(), tag.value) != ends.end()) return made;
        next();
        statement(tag, made);
      }
    }
    if (!wanted.empty()) end_of_text(wanted);
    return made;
  }

  [[noreturn]] void end_of_text(std::string_view wanted) const {
    if (wanted == "endblock") fail("endblock tag should be present with block tag starting line number ", current().line);
    if (wanted == "endmacro" || wanted == "endfilter") {
      throw SyntaxError{fmt::format("Index {0} out of bounds for length {0}", tokens_.size() - 1), current().line, true};  // so says 1.3
    }
    fail(fmt::format("Unexpected end of template. Pebble was looking for the \"{}\" tag", wanted), current().line);
  }

  void statement(const Token& tag, Body& into) {
    if (tag.value == "if") return into.statements.push_back(if_(tag.line));
    if (tag.value == "for") return into.statements.push_back(for_(tag.line));
    if (tag.value == "set") return into.statements.push_back(set(tag.line));
    if (tag.value == "filter") return into.statements.push_back(filter_tag(tag.line));
    if (tag.value == "block") return into.statements.push_back(block(tag.line));
    if (tag.value == "macro") return macro();
    fail(fmt::format("Unexpected tag name \"{}\"", tag.value), tag.line);
  }

  Statement if_(int line) {
    Statement made{Tag::if_, line, {}, {}, {}};
    made.expressions.push_back(expression());
    expect(TokenType::execute_end);
    while (true) {
      made.bodies.push_back(body({"elseif", "else", "endif"}, "endif"));
      const std::string word = current().value;
      next();
      if (word == "elseif") {
        made.expressions.push_back(expression());
        expect(TokenType::execute_end);
        continue;
      }
      expect(TokenType::execute_end);
      if (word == "else") {
        made.bodies.push_back(body({"endif"}, "endif"));
        next();
        expect(TokenType::execute_end);
      }
      return made;
    }
  }

  Statement for_(int line) {
    Statement made{Tag::for_, line, expect(TokenType::name).value, {}, {}};
    const Token in = expect(TokenType::name);
    if (in.value != "in") fail(fmt::format("Unexpected token of value \"{}\" and type NAME, expected token of type NAME", in.value), in.line);
    made.expressions.push_back(expression());
    expect(TokenType::execute_end);
    made.bodies.push_back(body({"else", "endfor"}, "endfor"));
    const bool otherwise = current().value == "else";
    next();
    expect(TokenType::execute_end);
    if (otherwise) {
      made.bodies.push_back(body({"endfor"}, "endfor"));
      next();
      expect(TokenType::execute_end);
    }
    return made;
  }

  Statement set(int line) {
    Statement made{Tag::set, line, expect(TokenType::name).value, {}, {}};
    expect(TokenType::punctuation, "=");
    made.expressions.push_back(expression());
    expect(TokenType::execute_end);
    return made;
  }

  Statement filter_tag(int line) {
    auto input = node(Op::variable, line);
    input->name = filter_input_name;
    ExpressionPtr chain = filter(std::move(input), true);
    while (at(TokenType::operator_, "|")) {
      next();
      chain = filter(std::move(chain), true);
    }
    expect(TokenType::execute_end);
    Statement made{Tag::filter, line, {}, parts(std::move(chain)), {}};
    made.bodies.push_back(body({"endfilter"}, "endfilter"));
    next();
    expect(TokenType::execute_end);
    return made;
  }

  Statement block(int line) {
    Statement made{Tag::block, line, {}, {}, {}};
    made.text = current().type == TokenType::string ? current().value : expect(TokenType::name).value;
    if (current().type == TokenType::string) next();
    expect(TokenType::execute_end);
    made.bodies.push_back(body({"endblock"}, "endblock"));
    next();
    if (current().is(TokenType::name, made.text)) next();
    expect(TokenType::execute_end);
    return made;
  }

  void macro() {
    Macro made;
    made.name = expect(TokenType::name).value;
    expect(TokenType::punctuation, "(");
    while (!at(TokenType::punctuation, ")")) {
      if (!made.parameters.empty()) expect(TokenType::punctuation, ",");
      std::string name = expect(TokenType::name).value;
      ExpressionPtr value;
      if (at(TokenType::punctuation, "=")) {
        next();
        value = expression();
      }
      made.parameters.emplace_back(std::move(name), std::move(value));
    }
    next();
    expect(TokenType::execute_end);
    made.body = body({"endmacro"}, "endmacro");
    next();
    expect(TokenType::execute_end);
    if (root_.macros.contains(made.name)) root_.duplicate_macro = made.name;
    root_.macros.emplace(made.name, std::move(made));
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int nesting_ = 0;
  Node& root_;
};
}  // namespace

void parse_tokens(std::vector<Token> tokens, Node& root) { Parser(std::move(tokens), root).run(); }

}  // namespace insula::expression
