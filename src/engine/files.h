// Functions of expressions that read files of the own execution (features.md §6.3): read, fileSize, fileExists, isFileEmpty, fileURI; and http().
#pragma once
#include "engine/job.h"
#include "storage/storage.h"

namespace insula::engine {

// Blocks: on a background or worker thread only. Anything unknown is an Error that says so.
expression::Answer answer_from_files(storage::Storage& storage, const TenantUid& tenant, const Namespace& ns, const FlowId& flow, const ExecutionId& execution,
                                     const std::optional<execution::TriggerInfo>& trigger, const expression::Lookup& lookup);

}  // namespace insula::engine
