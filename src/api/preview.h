// The beginning of a file, to be shown to a person.
#pragma once
#include "base/base.h"

namespace insula::api {

enum class PreviewKind { text, list, markdown, image, pdf };
PreviewKind preview_kind(std::string_view extension);   // without dot, any case

inline constexpr std::uint64_t kPreviewBytesMax = 2u << 20;

// `bytes`: at most kPreviewBytesMax from the start of the file; `is_whole`: that is all of it. Errors: an encoding that is not known.
Result<JsonObject> preview_json(std::string_view bytes, bool is_whole, std::string_view extension, int rows_max, std::string_view encoding);

}  // namespace insula::api
