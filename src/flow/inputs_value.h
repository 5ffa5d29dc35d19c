// One value of one input: read, bounded, in the form that is stored. Private to this folder.
#pragma once
#include "flow/inputs.h"
#include "flow/input_kinds.h"

namespace insula::flow {

// The value, or why not: the part after `Cause: `.
using Parsed = std::expected<Json, std::string>;

// What a value may be chosen from; nullopt when anything is allowed.
using Choices = std::optional<std::vector<std::string>>;

// `value` is not null and not the empty text that means absent. SECRETs are checked but come back plain.
Parsed parse_input_value(const Input& input, const InputKind& kind, const Json& value, const Choices& choices);
// The form kept in the execution: a DURATION as seconds.
Json stored_form(const Input& input, const Json& value);

}  // namespace insula::flow
