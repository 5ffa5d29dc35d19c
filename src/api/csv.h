// Exports as CSV (RFC 4180), values as 1.3 writes them: maps and lists in Java's words, `{key=value, other=[a, b]}`.
#pragma once
#include "base/base.h"

namespace insula::api {

// One line per row; columns are the keys of all rows in the order in which they first appear. A text that a spreadsheet would run as a formula
// gets an apostrophe in front.
std::string write_csv(const std::vector<JsonObject>& rows);

}  // namespace insula::api
