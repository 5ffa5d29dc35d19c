// Functions of expressions that look outside of the execution's values: secret(), and those that read files (read, fileSize, fileExists, isFileEmpty).
#pragma once
#include "engine/job.h"
#include "storage/storage.h"

namespace insula::engine {

// Blocks: on a background or worker thread only. Anything unknown is an Error that says so. `readable`: the prefixes (storage::execution_prefix) of
// the execution itself and of those whose files it may read.
expression::Answer answer_from_files(storage::Storage& storage, const TenantUid& tenant, const std::vector<std::string>& readable, const expression::Lookup& lookup);

// secret(key, subkey): `secrets` by upper-case name.
expression::Answer answer_from_secrets(const std::map<std::string, std::string>& secrets, const expression::Lookup& lookup);

}  // namespace insula::engine
