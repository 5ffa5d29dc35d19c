// jq through libjq. A program sees neither environment, modules nor other inputs.
extern "C" {
#include <jq.h>
#include <jv.h>
}

#include <cmath>

#include "expression/data_text.h"
#include "expression/number.h"

namespace insula::expression {

namespace {
constexpr std::size_t program_bytes_max = 100'000;
constexpr std::size_t results_max = 1'000'000;

// Recursion and ranges call `debug`, and that calls back here: so a program that never ends is stopped from inside.
// libjq has no limit of its own. User functions get the call by with_fuel().
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

struct Engine {
  jq_state* state = jq_init();
  std::size_t fuel = 0;
  bool spent = false;
  Engine() {
    if (!state) return;
    jq_set_error_cb(state, [](void*, jv message) { jv_free(message); }, nullptr);
    jq_set_debug_cb(state, [](void* self, jv value) {
      jv_free(value);
      auto& engine = *static_cast<Engine*>(self);
      if (engine.fuel > 0) {
        --engine.fuel;
        return;
      }
      engine.spent = true;
      jq_halt(engine.state, jv_invalid(), jv_invalid());
    }, this);
  }
  ~Engine() {
    if (state) jq_teardown(&state);
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;
};

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

// Starting libjq takes about 20 ms: programs stay compiled, a few per thread.
Engine* compiled(std::string_view program) {
  constexpr std::size_t kept_max = 16;
  thread_local std::vector<std::pair<std::string, std::unique_ptr<Engine>>> kept;
  const auto found = std::find_if(kept.begin(), kept.end(), [&](const auto& one) { return one.first == program; });
  if (found != kept.end()) {
    std::rotate(kept.begin(), found, found + 1);
  } else {
    auto engine = std::make_unique<Engine>();
    if (!engine->state || !jq_compile(engine->state, (std::string(prelude) + "{} as $ENV | " + with_fuel(program)).c_str())) return nullptr;
    kept.insert(kept.begin(), {std::string(program), std::move(engine)});
    if (kept.size() > kept_max) kept.pop_back();
  }
  return kept.front().second.get();
}

jv to_jv(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean: return jv_bool(value.boolean());
    case Kind::int32: case Kind::int64: case Kind::float32: case Kind::float64: case Kind::big_integer: case Kind::big_decimal: return jv_number(to_double(value));
    case Kind::list: {
      jv array = jv_array();
      for (std::size_t i = 0; i < value.size(); ++i) array = jv_array_append(array, to_jv(value.at(i)));
      return array;
    }
    case Kind::map: {
      jv object = jv_object();
      for (std::size_t i = 0; i < value.size(); ++i) {
        const auto [key, held] = value.entry_at(i);
        const std::string name = java_text(key);
        object = jv_object_set(object, jv_string_sized(name.data(), static_cast<int>(name.size())), to_jv(held));
      }
      return object;
    }
    case Kind::null: case Kind::absent: return jv_null();
    default: {
      const std::string text = java_text(value);
      return jv_string_sized(text.data(), static_cast<int>(text.size()));
    }
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

Value from_jv(Evaluator& evaluator, jv given, const std::map<double, Value>& kept, int depth) {
  evaluator.step();
  Value made;
  switch (jv_get_kind(given)) {
    case JV_KIND_TRUE: made = Value::of(true); break;
    case JV_KIND_FALSE: made = Value::of(false); break;
    case JV_KIND_NUMBER: {
      const double real = jv_number_value(given);
      const auto same = kept.find(real);
      if (same != kept.end()) made = same->second;
      else if (real == std::trunc(real) && std::fabs(real) <= INT32_MAX) made = Value::int32(static_cast<std::int64_t>(real));
      else if (real == std::trunc(real) && std::fabs(real) < 9.2e18) made = Value::int64(static_cast<std::int64_t>(real));
      else made = Value::float64(real);
      break;
    }
    case JV_KIND_STRING: made = evaluator.text(std::string(jv_string_value(given), static_cast<std::size_t>(jv_string_length_bytes(jv_copy(given))))); break;
    case JV_KIND_ARRAY: {
      std::vector<Value> items;
      const int length = depth > data_depth_max ? 0 : jv_array_length(jv_copy(given));
      for (int i = 0; i < length; ++i) items.push_back(from_jv(evaluator, jv_array_get(jv_copy(given), i), kept, depth + 1));
      made = evaluator.list(std::move(items));
      break;
    }
    case JV_KIND_OBJECT: {
      MapBuilder map;
      if (depth <= data_depth_max) {
        for (int at = jv_object_iter(given); jv_object_iter_valid(given, at); at = jv_object_iter_next(given, at)) {
          const jv key = jv_object_iter_key(given, at);
          std::string name(jv_string_value(key), static_cast<std::size_t>(jv_string_length_bytes(jv_copy(key))));
          jv_free(key);
          map.put(std::move(name), from_jv(evaluator, jv_object_iter_value(given, at), kept, depth + 1));
        }
      }
      made = std::move(map).linked();
      break;
    }
    default: break;
  }
  jv_free(given);
  return made;
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
  if (program.size() > program_bytes_max || is_forbidden(program)) return std::unexpected("not allowed");
  Engine* engine = compiled(program);
  if (!engine) return std::unexpected("does not parse");
  engine->fuel = evaluator.environment().limits.steps_max / 10;  // each is a call, dearer than a step of ours
  engine->spent = false;
  std::map<double, Value> kept;
  collect_kept(input, calculates(program), kept);
  jq_start(engine->state, to_jv(input), 0);
  std::vector<Value> results;
  while (true) {
    jv next = jq_next(engine->state);
    if (engine->spent) {
      jv_free(next);
      throw LimitReached{"expression-too-long", fmt::format("The jq program takes more than {} steps", evaluator.environment().limits.steps_max)};
    }
    if (!jv_is_valid(next)) {
      const bool failed = jv_invalid_has_msg(jv_copy(next)) != 0;
      jv_free(next);
      if (failed) return std::unexpected("failed");
      return evaluator.list(std::move(results));
    }
    results.push_back(from_jv(evaluator, next, kept, 0));
    evaluator.step();
    if (results.size() > results_max) throw LimitReached{"expression-too-large", fmt::format("The jq program gives more than {} results", results_max)};
  }
}

}  // namespace insula::expression
