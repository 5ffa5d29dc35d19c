// The first start: the default tenant, the first administrator, and how a tenant gets its administrators.
#pragma once
#include "app/configuration.h"
#include "engine/engine.h"
#include "store/store.h"

namespace insula::app {

struct FirstAdministrator {
  std::string email;
  std::string password;
  bool generated = false;                  // to be printed once
};
// Makes what is missing; returns the administrator when one was made.
Result<std::optional<FirstAdministrator>> bootstrap(const Configuration& configuration, store::Stores& stores, engine::Engine& engine, const Clock& clock);
// A tenant for the command line and the admin socket.
Result<store::TenantRow> create_tenant(store::Stores& stores, engine::Engine& engine, const Clock& clock, const std::string& tenant, const std::string& name, const std::string& admin_email);

}  // namespace insula::app
