// What may be written, as JSON Schema: for the editor (completion, checks while typing) and for pages of documentation. Everything comes from the catalog
// and from the lists that flows are checked against.
#pragma once
#include "flow/catalog.h"

namespace insula::flow {

enum class SchemaKind { flow, task, trigger, plugin_default };
std::optional<SchemaKind> parse_schema_kind(std::string_view text);   // `flow`, `FLOW`, `plugindefault`…

// Draft-07, with a definition for each type under its canonical name. `is_list`: of a list of such things.
JsonObject schema(const Catalog& catalog, SchemaKind kind, bool is_list = false);

// `{properties, outputs?, definitions}` of one type, in the shape of 1.3's documentation. `with_common`: also what every task or trigger may have.
JsonObject type_documentation(const TypeInfo& info, bool with_common);

struct InputType {
  std::string_view type;   // `STRING`
  std::string cls;         // `io.kestra.core.models.flows.input.StringInput`
};
std::vector<InputType> input_types();
std::optional<JsonObject> input_documentation(std::string_view type);   // none for an unknown type

}  // namespace insula::flow
