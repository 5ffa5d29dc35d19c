// What a scalar of YAML 1.1 means, as SnakeYAML under Jackson reads it for Kestra 1.3 (found by asking it). Private to this folder.
#pragma once
#include "base/base.h"

namespace insula::flow {

// The value of an unquoted scalar without tag: `yes` → true, `010` → 8, `1_000` → 1000, `0x1F` → 31, `1e3` → 1000.0, `~` → null; an empty one, a date,
// `190:20:30` and everything else → text. nullopt for `.inf` and `.nan`, which 1.3 refuses.
std::optional<Json> resolve_plain(std::string_view text);

// The value of a scalar with one of the tags of YAML 1.1 (`tag:yaml.org,2002:int`…); text for any other tag.
std::optional<Json> resolve_tagged(std::string_view tag, std::string_view text);

}  // namespace insula::flow
