// Data in text form that expressions read and write: JSON, Ion, YAML, and jq over JSON. Errors are the texts that are shown.
#pragma once
#include <expected>

#include "expression/evaluate.h"

namespace insula::expression {

template <class T>
using Read = std::expected<T, std::string>;

inline constexpr int data_depth_max = 200;

// As Jackson reads: the first value of the text; big integers stay whole, the last of equal keys wins.
Read<Value> read_json(Evaluator& evaluator, std::string_view text);
// Ion text (1.0). The first value, or every value as a list.
Read<Value> read_ion(Evaluator& evaluator, std::string_view text, bool all_rows);
void write_ion(const Value& value, std::string& out);
// The first document, with the scalars of YAML 1.1 as Jackson takes them.
Read<Value> read_yaml(Evaluator& evaluator, std::string_view text);
void write_yaml(const Value& value, std::string& out);
// Every result of the program, as a list.
Read<Value> run_jq(Evaluator& evaluator, std::string_view program, const Value& input);

}  // namespace insula::expression
