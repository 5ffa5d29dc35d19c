// Public holidays of a country or one of its parts. Private to this folder.
#pragma once
#include "base/base.h"

namespace insula::triggers {

// `country`: ISO 3166-1 alpha-2, any case; `division`: the part of ISO 3166-2 behind the hyphen, or empty. Errors (kind invalid): no country, one that is not known here.
Result<bool> is_holiday(std::chrono::year_month_day date, std::string_view country, std::string_view division);

}  // namespace insula::triggers
