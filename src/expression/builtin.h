// A function, filter or test: name, parameters, documentation, example and code in one place.
#pragma once
#include <initializer_list>
#include <span>

#include "expression/expression.h"
#include "expression/value.h"

namespace insula::expression {

class Evaluator;
struct Builtin;

// One invocation. Arguments are in the order of the parameters; those not given are `absent`.
struct Call {
  Evaluator& evaluator;
  const Builtin& builtin;
  Value input;                  // what stands before `|` or `is`
  std::vector<Value> arguments;
  std::vector<Value> extra;     // positional ones of a builtin without a list of parameters
  int line;

  const Value& operator[](std::size_t index) const { return arguments[index]; }
  Value fail(std::string_view message) const;                                // an error of the language, with text and line
  Value fail_plain(std::string message) const;                               // the bare message, where 1.3 lets one of Java through
  Value fail_cast(const Value& value, std::string_view wanted) const;        // `class A cannot be cast to class B`
  Value text(std::string made) const;
  Value list(std::vector<Value> items, Shape shape = Shape::array_list) const;
};

struct Builtin {
  Entry::Kind kind;
  std::string_view name;
  std::vector<Parameter> parameters;
  std::string_view doc;
  std::string_view example;
  Value (*code)(Call& call);
  bool any_arguments = false;   // takes whatever is given, by position or any name, as 1.3 does where it declares no names
  bool sees_missing = false;    // is called although its input could not be found (input: absent)
  bool deprecated = false;
};

std::span<const Builtin> text_filters();
std::span<const Builtin> hash_filters();
std::span<const Builtin> collection_filters();
std::span<const Builtin> number_filters();
std::span<const Builtin> date_filters();
std::span<const Builtin> data_filters();        // JSON, Ion, YAML, jq
std::span<const Builtin> tests();
std::span<const Builtin> functions();
std::span<const Builtin> random_functions();
std::span<const Builtin> external_functions();

const Builtin* find_builtin(Entry::Kind kind, std::string_view name);

}  // namespace insula::expression
