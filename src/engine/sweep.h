// Files that came with a request whose execution never came to be: the process died in between.
#pragma once
#include "storage/storage.h"
#include "store/store.h"

namespace insula::engine {

// Those claimed before `before` (upload_claim_path), of all tenants. Blocks: about once an hour on a reader thread. What fails is tried next time.
void sweep_uploads(store::Stores& stores, storage::Storage& storage, Instant before);

}  // namespace insula::engine
