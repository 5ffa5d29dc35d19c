// The door of `expression`: text with `{{ … }}`, `{% … %}`, `{# … #}` → parsed once → rendered (features.md §6, versions.md "Pebble names", 1.3.31).
//
// Pure: the clock, randomness and everything stored come in through Environment and Variables. A Template is immutable and may be used by
// several threads at once. Functions, filters and tests register name, arguments, documentation, example and code together (see registry()).
//
// What an expression needs but the caller does not hold (an output that left memory, a KV value, a secret, a file, an HTTP answer) is
// asked for: Variables answers Pending, rendering goes on as far as it can to collect every Lookup it can name, and the result is Needs.
// The caller finds the answers and renders again with the same Environment.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/base.h"

namespace insula::expression {

// A question to the world outside. `name` is the function (`kv`, `secret`, `read`, `fileSize`, `fileExists`, `isFileEmpty`, `fileURI`, `http`, `errorLogs`,
// `subflow`, …) or the lazy root (`outputs`, `tasks`); `arguments` are its arguments by parameter name, or {"key": "<task id>"} for a lazy root.
struct Lookup {
  std::string name;
  JsonObject arguments;
  bool operator==(const Lookup&) const = default;
};

struct Pending {};    // not known yet: ask, then render again
struct Undefined {};  // known not to exist
using Answer = std::variant<Json, const Json*, Undefined, Pending, Error>;

// The variables that a rendering sees.
class Variables {
 public:
  virtual ~Variables() = default;
  // The value of a top-level name (`inputs`, `vars`, `flow`…), or nullptr when there is none. Stays valid during the rendering.
  virtual const Json* root(std::string_view name) const = 0;
  // Names answered by root(), for printContext()/fetchContext() and for messages.
  virtual std::vector<std::string> root_names() const = 0;
  // Roots whose members are fetched one by one (`outputs`, `tasks`): asked before root().
  virtual bool is_lazy(std::string_view) const { return false; }
  virtual Answer member(std::string_view root, std::string_view key) const { static_cast<void>(root), static_cast<void>(key); return Undefined{}; }
  // A lazy root as a whole (`{{ outputs }}`, printContext()).
  virtual Answer whole(std::string_view root) const { static_cast<void>(root); return Undefined{}; }
  // A function that needs the world outside.
  virtual Answer lookup(const Lookup& lookup) const { static_cast<void>(lookup); return Pending{}; }
};

// Variables over one JSON object; lookups are answered by `answers` (in tests, for `insula` dry runs, in the worker).
class ObjectVariables : public Variables {
 public:
  explicit ObjectVariables(JsonObject object, std::function<Answer(const Lookup&)> answers = {}) : object_(std::move(object)), answers_(std::move(answers)) {}
  const Json* root(std::string_view name) const override { return insula::find(object_, name); }
  std::vector<std::string> root_names() const override;
  Answer lookup(const Lookup& lookup) const override;

 private:
  JsonObject object_;
  std::function<Answer(const Lookup&)> answers_;
};

struct RenderLimits {
  std::size_t output_bytes_max = 16u << 20;
  std::size_t steps_max = 5'000'000;   // evaluated nodes of one rendering, loops included
  int depth_max = 100;                 // nested render(), macros, nested expressions
};

// What makes a rendering repeatable: the same Environment and Variables give the same text.
// Runs jq programs that are more than a path: every result as JSON text, for JSON text. `steps_max` counts calls of `debug`. Errors: `jq-failed` (does not parse, or fails),
// `expression-too-long`, `expression-too-large` and others, which end the rendering. Given by whoever can start a process (sandbox::JqProcesses); called on the rendering thread.
using Jq = std::function<Result<std::vector<std::string>>(std::string_view program, std::string_view input, std::size_t steps_max)>;

struct Environment {
  Instant now;
  std::uint64_t seed = 0;              // for id(), uuid(), randomInt()…
  std::string zone = "UTC";            // IANA name of the server's zone: default of date filters
  bool recursive = false;              // kestra.variables.recursive-rendering
  RenderLimits limits = {};
  std::shared_ptr<const Jq> jq = {};   // without it such programs are an error
};

struct Needs {
  std::vector<Lookup> lookups;         // never empty
};
using Interruption = std::variant<Error, Needs>;  // Error kind `invalid`, code `expression-…`; message as 1.3 words it where users see it
template <class T>
using Rendered = std::expected<T, Interruption>;

struct Node;  // the parsed tree, private to this folder

// One text. Compiling never fails: what does not parse is an error of each rendering, as in 1.3 (the task fails, not the saving).
class Template {
 public:
  Template() = default;
  static Template compile(std::string_view source);
  const std::string& source() const { return source_; }
  bool is_literal() const { return !root_ && !error_; }   // no delimiter inside: rendered to itself
  const Error* error() const { return error_.get(); }     // the syntax error with line and column, or nullptr

  Rendered<std::string> render(const Variables& variables, const Environment& environment) const;
  // Keeps the type when the text is one lone expression (`{{ x }}`): number, bool, map, list, null. Otherwise as render().
  Rendered<Json> render_typed(const Variables& variables, const Environment& environment) const;

  // Static paths that the text reads, such as {"outputs","extract","value"}; `is_open` when it may read anything (printContext(), render(variable), outputs[x]).
  struct References {
    std::vector<std::vector<std::string>> paths;
    bool is_open = false;
  };
  const References& references() const { return references_; }

 private:
  std::string source_;
  std::shared_ptr<const Node> root_;
  std::shared_ptr<const Error> error_;
  References references_;
};

// A JSON value whose strings (keys of maps too) are templates, compiled once per flow revision.
class Property {
 public:
  Property() = default;
  static Property compile(const Json& value);
  const Json& source() const { return source_; }
  bool is_literal() const { return literal_; }
  // Text of a lone string; maps and lists as compact JSON; null as "".
  Rendered<std::string> render_text(const Variables& variables, const Environment& environment) const;
  // Deep: every string (and map key) rendered to text, other values left as they are.
  Rendered<Json> render(const Variables& variables, const Environment& environment) const;
  // Deep, each lone expression keeping its type.
  Rendered<Json> render_typed(const Variables& variables, const Environment& environment) const;
  Template::References references() const;   // of all texts inside

 private:
  struct Part;
  Json source_;
  bool literal_ = true;
  std::shared_ptr<const Part> root_;
};

// 1.3's truth of a rendered text: false for "", "false", "0", "-0"; everything else is true (features.md §3.5).
bool is_truthy(std::string_view rendered);

// What the language offers, for the reference pages, the editor and `GET /pebble/functions`.
struct Parameter { std::string name; std::string type; bool required = false; std::string default_value; std::string doc; };
struct Entry {
  enum class Kind { function, filter, test, tag, operator_ } kind;
  std::string name;
  std::vector<Parameter> parameters;
  std::string doc;
  std::string example;
  bool deprecated = false;
};
const std::vector<Entry>& registry();

}  // namespace insula::expression
