// Binds what a caller sent to the inputs that a flow (or a Pause task) declares: features.md §3.4, versions.md "Inputs".
#pragma once
#include "flow/model.h"

namespace insula::flow {

// A value as it arrived: text of a form field, or a file already stored by the caller.
struct GivenFile { std::string uri; std::string file_name; std::uint64_t bytes = 0; };
using Given = std::variant<std::string, Json, GivenFile>;   // Json: from a subflow, a schedule or a JSON body
using GivenInputs = std::map<std::string, Given, std::less<>>;

// What binding needs from outside, through ports so that it stays pure.
struct BindContext {
  const expression::Variables& variables;      // flow, execution, vars, labels…; `inputs` is added here
  const expression::Environment& environment;
  // Encrypts a SECRET; an Error (code `encryption-key-missing`) when the instance has no key.
  std::function<Result<Json>(std::string_view plain)> encrypt;
};

struct BoundInput {
  const Input* input = nullptr;
  Json value;                          // null when absent; what was sent when it is refused; a DURATION as its ISO text
  bool enabled = true;                 // false: its dependsOn condition failed
  bool is_default = false;
  std::vector<std::string> errors;     // whole sentences of 1.3: ``Invalid value for input `x`. Cause: …``, `Missing required input:x`
};

// Every input on its own, for POST /executions/{ns}/{flow}/validate. An Interruption only for Needs (kv(), secret() in defaults) or a bug.
expression::Rendered<std::vector<BoundInput>> bind_each(const std::vector<Input>& inputs, const GivenInputs& given, const BindContext& context);
// The `inputs` object of the execution (dotted ids nested, absent optional ones as null, dropped ones absent), or an Error of kind invalid
// (code `input-invalid`) whose message names every refused input in 1.3's words, one per line, without `Invalid entity: `; violations by input id.
// A DURATION is stored as its seconds (60.0), a DATETIME with six digits, a FLOAT as the nearest 32-bit number, as 1.3 stores them.
expression::Rendered<JsonObject> bind_inputs(const std::vector<Input>& inputs, const GivenInputs& given, const BindContext& context);

}  // namespace insula::flow
