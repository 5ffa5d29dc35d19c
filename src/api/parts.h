// What one Api is made of; handlers reach it through their Call.
#pragma once
#include "api/admittance.h"
#include "api/api.h"

namespace insula::api {

struct Parts {
  Parts(engine::Engine& engine, Options options);

  engine::Engine& engine;
  const Options options;
  const std::vector<Route> routes;
  const Router router;
  Authenticator authenticator;
  GrantCache grants;
  Admittance admittance;
};

}  // namespace insula::api
