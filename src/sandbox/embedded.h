// Private to this folder.
#pragma once
#include "base/base.h"

namespace insula::sandbox {

// Where posix_spawn finds the programs; valid in this process only.
Result<std::string> launcher_path();
Result<std::string> jq_worker_path();

}  // namespace insula::sandbox
