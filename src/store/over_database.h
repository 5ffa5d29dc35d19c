// The three stores over any Database: where their connections come from is all that a driver adds.
#pragma once
#include "store/database.h"
#include "store/directory.h"
#include "store/system_store.h"
#include "store/tenant_store.h"

namespace insula::store {

// Each call leases a connection, so that a reader may be used by any thread, several at once.
// `failed` hears of each read that could not reach the data.
std::unique_ptr<TenantReader> make_reader(std::shared_ptr<ConnectionSource> readers, std::function<void(const Error&)> failed = {});

// Raises the fence; not found when the tenant has no data. `writer` leases the one connection that writes.
Result<std::unique_ptr<TenantStore>> make_tenant_store(std::shared_ptr<ConnectionSource> writer, std::shared_ptr<ConnectionSource> readers);

std::unique_ptr<Directory> make_directory(std::shared_ptr<ConnectionSource> writer, std::shared_ptr<ConnectionSource> readers);
std::unique_ptr<SystemStore> make_system_store(std::shared_ptr<ConnectionSource> writer, std::shared_ptr<ConnectionSource> readers);

}  // namespace insula::store
