// Private to this folder.
#pragma once
#include "base/base.h"

namespace insula::sandbox {

// Where posix_spawn finds the launcher; valid in this process only.
Result<std::string> launcher_path();

}  // namespace insula::sandbox
