// What is too old: files that came with a request whose execution never came to be since the process died in between, and entries of audit logs.
#pragma once
#include "storage/storage.h"
#include "store/store.h"

namespace insula::engine {

// Those claimed before `before` (upload_claim_path), of all tenants. Blocks: about once an hour on a reader thread. What fails is tried next time.
void sweep_uploads(store::Stores& stores, storage::Storage& storage, Instant before);

// Calls `purge` for every tenant whose audit log has entries older than `before`. Blocks.
void purge_tenants_audit(store::Stores& stores, Instant before, const std::function<void(const store::TenantScope&)>& purge);

}  // namespace insula::engine
