// Text → tree: takes {% raw %} out, cuts into tokens, parses, and notes what the text reads.
#include "expression/node.h"
#include "expression/token.h"

namespace insula::expression {

namespace {
constexpr std::size_t source_bytes_max = 8u << 20;

void collect_blocks(const Body& body, Node& root) {
  for (const Statement& statement : body.statements) {
    for (const Body& inner : statement.bodies) {
      if (statement.tag == Tag::block) root.blocks.insert_or_assign(statement.text, &inner);
      collect_blocks(inner, root);
    }
  }
}

// ---- what a text reads ----
class ReferenceCollector {
 public:
  explicit ReferenceCollector(Template::References& into) : into_(into) {}

  void body(const Body& body) {
    for (const Statement& statement : body.statements) {
      for (const auto& inner : statement.expressions) expression(*inner);
      for (const Body& inner : statement.bodies) this->body(inner);
    }
  }

  void expression(const Expression& node) {
    if (node.op == Op::variable || node.op == Op::attribute) {
      std::vector<std::string> path;
      if (path_of(node, path)) return add(std::move(path));
    }
    if (node.op == Op::call) call(node);
    for (const auto& operand : node.operands) if (operand) expression(*operand);
    if (node.arguments) {
      for (const auto& value : node.arguments->positional) expression(*value);
      for (const auto& [name, value] : node.arguments->named) expression(*value);
    }
  }

 private:
  // False when the chain does not start at a variable: its parts are then walked one by one.
  bool path_of(const Expression& node, std::vector<std::string>& path) {
    std::vector<const Expression*> chain;
    const Expression* start = &node;
    while (start->op == Op::attribute) {
      chain.push_back(start);
      start = start->operands[0].get();
    }
    if (start->op != Op::variable) return false;
    path.push_back(start->name);
    bool fixed = true;
    for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
      const Expression& key = *(*it)->operands[1];
      if ((*it)->arguments) {
        fixed = false;
        for (const auto& value : (*it)->arguments->positional) expression(*value);
      } else if (key.op == Op::literal && fixed) {
        path.push_back(java_text(key.constant));
      } else {
        if (fixed && path.size() == 1 && (path[0] == "outputs" || path[0] == "tasks")) into_.is_open = true;
        fixed = false;
        if (key.op != Op::literal) expression(key);
      }
    }
    return true;
  }

  void call(const Expression& node) {
    static const std::set<std::string, std::less<>> open = {"printContext", "fetchContext", "render", "renderOnce"};
    if (open.contains(node.name)) into_.is_open = true;
    if (node.name == "tasksWithState") add({"tasks"});
    if (node.name == "currentEachOutput") {
      add({"parents"});
      add({"taskrun"});
    }
  }

  void add(std::vector<std::string> path) {
    if (path[0] == filter_input_name) return;
    if (seen_.insert(path).second) into_.paths.push_back(std::move(path));
  }

  Template::References& into_;
  std::set<std::vector<std::string>> seen_;
};

// `{% raw %}…{% endraw %}` on one line is taken out before anything else looks at the text, and put back into the result at the end.
// So it works inside of string literals too. The stand-in has the form of a UUID because filters can see it.
std::string take_out_raw(std::string_view source, std::vector<std::pair<std::string, std::string>>& taken) {
  std::string out;
  std::size_t done = 0;
  std::size_t hopeless_until = 0;
  const auto tag = [&](std::size_t at, std::string_view word) -> std::size_t {  // end of `{%--  word  --%}` starting at `at`, or 0
    std::size_t i = at + 2;
    while (i < source.size() && source[i] == '-') ++i;
    while (i < source.size() && std::isspace(static_cast<unsigned char>(source[i]))) ++i;
    if (!source.substr(i).starts_with(word)) return 0;
    i += word.size();
    while (i < source.size() && std::isspace(static_cast<unsigned char>(source[i]))) ++i;
    while (i < source.size() && source[i] == '-') ++i;
    return source.substr(i).starts_with("%}") ? i + 2 : 0;
  };
  for (std::size_t start = source.find("{%"); start != std::string_view::npos; start = source.find("{%", start)) {
    const std::size_t inner = tag(start, "raw");
    std::size_t after = 0;
    std::size_t end = inner;
    if (inner && inner >= hopeless_until) {
      const std::size_t line_end = std::min(source.find_first_of("\r\n", inner), source.size());
      for (end = source.find("{%", inner); end != std::string_view::npos && end <= line_end; end = source.find("{%", end + 2)) {
        if ((after = tag(end, "endraw"))) break;
      }
      if (!after) hopeless_until = line_end;  // nor will a later start on this line find its end: keeps this linear
    }
    if (!after) {
      start += 2;
      continue;
    }
    std::string stand_in = fmt::format("00000000-7261-7700-{:04x}-{:012x}", taken.size() & 0xffff, taken.size() >> 16);
    out += source.substr(done, start - done);
    out += stand_in;
    taken.emplace_back(std::move(stand_in), std::string(source.substr(inner, end - inner)));
    done = start = after;
  }
  out += source.substr(done);
  return out;
}

std::shared_ptr<const Error> syntax_error(const SyntaxError& error, std::string_view source) {
  Error made{ErrorKind::invalid, "expression-syntax", {}, {}, {}};
  made.message = error.plain ? error.message : fmt::format("io.pebbletemplates.pebble.error.ParserException: {} ({}:{})", error.message, source, error.line);
  made.violations.push_back({"", error.message, error.line, 0, ""});
  return std::make_shared<const Error>(std::move(made));
}
}  // namespace

Parsed parse_template(std::string_view text) {
  Parsed parsed;
  const bool delimiters = text.find("{{") != std::string_view::npos || text.find("{%") != std::string_view::npos || text.find("{#") != std::string_view::npos;
  if (!delimiters) return parsed;
  if (text.size() > source_bytes_max) {
    parsed.error = std::make_shared<const Error>(
        Error{ErrorKind::invalid, "expression-too-large", fmt::format("The expression is {} bytes long; at most {} are possible. Put the data into a file or a variable", text.size(), source_bytes_max), {}, {}});
    return parsed;
  }
  auto root = std::make_shared<Node>();
  root->source = text.find("raw") == std::string_view::npos ? std::string(text) : take_out_raw(text, root->raw);
  auto tokens = tokenize(root->source);
  if (!tokens) {
    parsed.error = syntax_error(tokens.error(), root->source);
    return parsed;
  }
  try {
    parse_tokens(std::move(*tokens), *root);
  } catch (const SyntaxError& error) {
    parsed.error = syntax_error(error, root->source);
    return parsed;
  }
  collect_blocks(root->body, *root);
  ReferenceCollector references(parsed.references);
  references.body(root->body);
  for (const auto& [name, macro] : root->macros) references.body(macro.body);
  parsed.root = std::move(root);
  return parsed;
}

}  // namespace insula::expression
