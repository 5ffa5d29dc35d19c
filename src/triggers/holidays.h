// Public holidays of a country or one of its parts. Private to this folder.
#pragma once
#include "base/base.h"

namespace insula::triggers {

// `country`: ISO 3166-1 alpha-2, any case; `division`: the part of ISO 3166-2 behind the hyphen, or empty. No country: the United States, whatever the server's locale is
// (the original takes the locale of its process, which its published image sets to en_US). Errors (kind invalid): a country that is not known here.
Result<bool> is_holiday(std::chrono::year_month_day date, std::string_view country, std::string_view division);

}  // namespace insula::triggers
