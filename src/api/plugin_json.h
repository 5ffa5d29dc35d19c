// The catalog as 1.3's pages of plugins show it: groups with their types, documentation of one type, icons.
#pragma once
#include "flow/schema.h"

namespace insula::api {

// One element for each group of types, `io.kestra.plugin.core`; with subgroups also one for each of theirs, `io.kestra.plugin.core.log`.
JsonArray plugins_json(const flow::Catalog& catalog, bool with_subgroups);

// `{markdown, schema}`. `schema`: flow::type_documentation or flow::input_documentation.
JsonObject documentation_json(std::string_view title, std::string_view type, JsonObject schema);

// Class or group → `{name, icon, flowable}`; the icon is an SVG in base64.
JsonObject type_icons(const flow::Catalog& catalog);
JsonObject group_icons(const flow::Catalog& catalog);

}  // namespace insula::api
