// The types of inputs of dialect 1 and the properties of each. Private to this folder.
#pragma once
#include "flow/catalog.h"

namespace insula::flow {

struct InputKind {
  std::string_view type;
  std::string_view java;         // class name below io.kestra.core.models.flows.input
  bool deprecated = false;
  bool empty_is_value = false;   // "" is a text like any other; for all other types it means absent
  bool can_be_item = true;       // may be the itemType of an ARRAY or MULTISELECT
};

const InputKind* find_input_kind(std::string_view type);   // exact case; nullptr = unknown
std::span<const InputKind> input_kinds();
std::span<const PropertyInfo> input_properties(const InputKind& kind);
const std::vector<std::string>& value_type_names();        // in 1.3's order, for messages

}  // namespace insula::flow
