// jq: simple programs run here (jq_path.cc), others in a process of their own that Environment::jq leads to. A program sees neither environment, modules nor other inputs.
#include <cmath>

#include "expression/jq_path.h"
#include "expression/number.h"

namespace insula::expression {

namespace {
constexpr std::size_t program_bytes_max = 100'000;

// Recursion and ranges call `debug`, which the process that runs the program counts: so a program that never ends is stopped from inside.
// libjq counts nothing itself. User functions get the call by with_fuel().
constexpr std::string_view prelude =
    "def _fuel: debug; def _range($a; $b): range($a; $b); def _combinations: combinations;"
    "def range($a; $b): _range($a; $b) | _fuel; def range($n): range(0; $n);"
    "def range($from; $upto; $by): if $by > 0 then $from | while(. < $upto; . + $by) elif $by < 0 then $from | while(. > $upto; . + $by) else empty end | _fuel;"
    "def combinations: _combinations | _fuel;"
    "def recurse(f): def r: _fuel | (., (f | r)); r; def recurse: recurse(.[]?); def recurse(f; cond): def r: _fuel | (., (f | select(cond) | r)); r;"
    "def while(cond; update): def _w: _fuel | if cond then ., (update | _w) else empty end; _w;"
    "def until(cond; update): def _u: _fuel | if cond then . else (update | _u) end; _u;"
    "def repeat(f): def _r: _fuel | (., (f | _r)); _r;"
    "def _range($a; $b): error(\"no\"); def _combinations: error(\"no\");"  // hides the unbounded ones
    "def env: error(\"no\"); def input: error(\"no\"); def inputs: error(\"no\"); def debug: .; def stderr: .; def input_filename: null; def input_line_number: null;"
    "def halt: error(\"no\"); def halt_error: error(\"no\"); def halt_error($code): error(\"no\"); def get_search_list: null; def modulemeta: error(\"no\");"
    "def walk(f): def w: _fuel | if type == \"object\" then map_values(w) elif type == \"array\" then map(w) else . end | f; w; ";

// Which characters of a program are code: not inside of a string or comment. `\\( … )` inside of a string is code again.
std::vector<bool> code_mask(std::string_view program) {
  std::vector<bool> code(program.size(), false);
  std::vector<int> parentheses;  // of each interpolation that is open
  bool in_string = false;
  for (std::size_t i = 0; i < program.size(); ++i) {
    const char c = program[i];
    if (in_string) {
      if (c == '"') in_string = false;
      if (c == '\\' && i + 1 < program.size() && program[++i] == '(') {
        parentheses.push_back(0);
        in_string = false;
      }
      continue;
    }
    if (c == '"') {
      in_string = true;
    } else if (c == '#') {
      while (i + 1 < program.size() && program[i + 1] != '\n') ++i;
    } else if (c == ')' && !parentheses.empty() && parentheses.back() == 0) {
      parentheses.pop_back();
      in_string = true;
    } else {
      if (!parentheses.empty()) parentheses.back() += c == '(' ? 1 : c == ')' ? -1 : 0;
      code[i] = true;
    }
  }
  return code;
}

bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$'; }

// Calls `visit(word, after)` for each word of the code that is no key (`.word`, `word:`); `after` is the position behind it.
template <class Visit>
void each_word(std::string_view program, const std::vector<bool>& code, const Visit& visit) {
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (!code[i] || !in_word(program[i])) continue;
    std::size_t end = i;
    while (end < program.size() && code[end] && in_word(program[end])) ++end;
    const bool key = i > 0 && program[i - 1] == '.';
    std::size_t next = end;
    while (next < program.size() && std::isspace(static_cast<unsigned char>(program[next]))) ++next;
    const bool named = next < program.size() && program[next] == ':' && program[i] != '$';
    if (!key && !named) visit(program.substr(i, end - i), end);
    i = end - 1;
  }
}

// `def name(…):` → `def name(…): _fuel |`.
std::string with_fuel(std::string_view program) {
  const std::vector<bool> code = code_mask(program);
  std::set<std::size_t> after_def;
  each_word(program, code, [&](std::string_view word, std::size_t end) {
    if (word == "def") after_def.insert(end);
  });
  std::string out;
  bool awaits_colon = false;
  for (std::size_t i = 0; i < program.size(); ++i) {
    awaits_colon = awaits_colon || after_def.contains(i);
    out += program[i];
    if (!awaits_colon || !code[i] || program[i] != ':') continue;
    out += " _fuel | ";
    awaits_colon = false;
  }
  return out;
}

// JSON as jq takes it: every entry of a map, numbers as doubles.
void append_input(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Kind::boolean: out += value.boolean() ? "true" : "false"; return;
    case Kind::int32: case Kind::int64: fmt::format_to(std::back_inserter(out), "{}", value.integer()); return;
    case Kind::float32: case Kind::float64: case Kind::big_integer: case Kind::big_decimal: {
      const double real = to_double(value);
      if (std::isfinite(real)) fmt::format_to(std::back_inserter(out), "{}", real);
      else out += std::isnan(real) ? "null" : real > 0 ? "1.7976931348623157e308" : "-1.7976931348623157e308";
      return;
    }
    case Kind::list:
      out += '[';
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (i > 0) out += ',';
        append_input(value.at(i), out);
      }
      out += ']';
      return;
    case Kind::map:
      out += '{';
      for (std::size_t i = 0; i < value.size(); ++i) {
        const auto [key, held] = value.entry_at(i);
        if (i > 0) out += ',';
        out += write_json(Json(java_text(key)));
        out += ':';
        append_input(held, out);
      }
      out += '}';
      return;
    case Kind::null: case Kind::absent: out += "null"; return;
    default: out += write_json(Json(java_text(value)));
  }
}

// jq knows doubles only; 1.3 keeps the type of a number that the program leaves alone (2.0, an integer beyond 2^53), so it is put back.
// In a program that calculates, only what a calculation could hardly give.
void collect_kept(const Value& value, bool calculates, std::map<double, Value>& kept) {
  if (value.is_number()) {
    const double real = to_double(value);
    const bool large = std::fabs(real) > 9007199254740992.0;
    if (value.is(Kind::big_decimal)) return;
    if (value.is(Kind::int32)) kept.insert_or_assign(real, value);
    else if (large || !calculates) kept.emplace(real, value);
  } else if (value.is(Kind::list)) {
    for (std::size_t i = 0; i < value.size(); ++i) collect_kept(value.at(i), calculates, kept);
  } else if (value.is(Kind::map)) {
    for (std::size_t i = 0; i < value.size(); ++i) collect_kept(value.entry_at(i).second, calculates, kept);
  }
}

Value restored(Evaluator& evaluator, const Value& given, const std::map<double, Value>& kept) {
  evaluator.step();
  if (given.is(Kind::list)) {
    std::vector<Value> items;
    for (std::size_t i = 0; i < given.size(); ++i) items.push_back(restored(evaluator, given.at(i), kept));
    return evaluator.list(std::move(items));
  }
  if (given.is(Kind::map)) {
    MapBuilder map;
    for (std::size_t i = 0; i < given.size(); ++i) {
      const auto [key, held] = given.entry_at(i);
      map.put(key, restored(evaluator, held, kept));
    }
    return std::move(map).linked();
  }
  if (!given.is_number()) return given;
  const double real = to_double(given);
  const auto same = kept.find(real);
  if (same != kept.end()) return same->second;
  if (real == std::trunc(real) && std::fabs(real) <= INT32_MAX) return Value::int32(static_cast<std::int64_t>(real));
  if (real == std::trunc(real) && std::fabs(real) < 9.2e18) return Value::int64(static_cast<std::int64_t>(real));
  return Value::float64(real);
}

bool calculates(std::string_view program) {
  static const std::set<std::string, std::less<>> words = {"length", "add", "floor", "sqrt", "pow", "log", "ceil", "round", "fabs", "tonumber", "range", "index", "rindex", "indices", "now", "mktime", "explode", "utf8bytelength"};
  const std::vector<bool> code = code_mask(program);
  bool found = false;
  for (std::size_t i = 0; i < program.size(); ++i) found = found || (code[i] && std::string_view("+-*/%").find(program[i]) != std::string_view::npos);
  each_word(program, code, [&](std::string_view word, std::size_t) { found = found || words.contains(word); });
  return found;
}

// Words that would let a program look around are refused before libjq sees them; the prelude hides what they stand for as well.
bool is_forbidden(std::string_view program) {
  static const std::set<std::string, std::less<>> words = {"env", "$ENV", "input", "inputs", "input_filename", "import", "include", "debug", "stderr", "get_search_list", "halt", "halt_error", "modulemeta", "input_line_number", "_range", "_combinations"};
  bool found = false;
  each_word(program, code_mask(program), [&](std::string_view word, std::size_t) { found = found || words.contains(word); });
  return found;
}
}  // namespace

Read<Value> run_jq(Evaluator& evaluator, std::string_view program, const Value& input) {
  if (program.find_first_not_of(" \t\r\n") == std::string_view::npos) return std::unexpected("empty");
  if (auto simple = run_jq_path(evaluator, program, input)) {
    if (!*simple) return std::unexpected(simple->error());
    return evaluator.list(std::move(**simple));
  }
  if (program.size() > program_bytes_max || program.find('\0') != std::string_view::npos || is_forbidden(program)) return std::unexpected("not allowed");
  const Environment& environment = evaluator.environment();
  if (!environment.jq) throw LimitReached{"jq-unavailable", "This jq program needs a process of its own, which is not available here."};
  std::string text;
  append_input(input, text);
  evaluator.spend(text.size());
  const auto answers = (*environment.jq)(std::string(prelude) + "{} as $ENV | " + with_fuel(program), text, environment.limits.steps_max / 10);  // each is a call, dearer than a step of ours
  if (!answers) {
    if (answers.error().code == "jq-failed") return std::unexpected("failed");
    throw LimitReached{answers.error().code, answers.error().message};
  }
  std::map<double, Value> kept;
  collect_kept(input, calculates(program), kept);
  std::vector<Value> results;
  for (const std::string& answer : *answers) {
    evaluator.spend(answer.size());
    Read<Value> value = read_json(evaluator, answer);
    if (!value) return std::unexpected(value.error());
    results.push_back(restored(evaluator, *value, kept));
  }
  return evaluator.list(std::move(results));
}

}  // namespace insula::expression
