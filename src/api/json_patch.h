// What leads from one JSON value to another, as JSON Patch (RFC 6902): objects are compared member by member, lists as a whole.
#pragma once
#include "base/base.h"

namespace insula::api {

JsonArray json_patch(const Json& from, const Json& to);

}  // namespace insula::api
