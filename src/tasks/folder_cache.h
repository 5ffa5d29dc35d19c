// `cache` of a WorkingDirectory: a zip file in the tenant's storage. Private to this folder.
#pragma once
#include "tasks/tasks.h"

namespace insula::tasks {

// Puts the cached files into the folder, unless they are older than `cache.ttl`. Nothing to do without `cache`.
Result<void> restore_cache(JobContext& context);
// Keeps the files that `cache.patterns` match, when one of them is newer than what is kept. Above the limits nothing is kept, and the log tells.
Result<void> save_cache(JobContext& context);

}  // namespace insula::tasks
