// The visible id of a tenant: a path segment, so it must not be a word of a route.
#pragma once
#include "base/base.h"

namespace insula::access {

inline constexpr std::size_t tenant_id_bytes_max = 100;

// `^[a-z0-9][a-z0-9_-]*$`, 1–100 characters, no route word. Error `tenant-id-invalid` says which rule is broken and proposes an id.
Result<TenantId> check_tenant_id(std::string_view text);
// Words that stand where a tenant could stand, after `/api/v1/` or `/ui/`; sorted.
std::span<const std::string_view> reserved_route_words();
bool is_reserved_route_word(std::string_view word);

}  // namespace insula::access
