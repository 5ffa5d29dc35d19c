// The door of `api`: routes (each with its access rule), JSON shapes, both path dialects (with and without tenant; 1.x and 2.0 actions).
//
// Life cycle  Api(engine, options) after the engine was made, before the HTTP server starts; destroyed after both have stopped.
// A request   route by exact segments → who is it (authenticator.h) → which tenant, which grants → the route's rule → its handler.
//             Inside /api an unknown path is told only to callers with credentials; a tenant they may not see answers 404 like an unknown one (I5).
// Threads     handle() and admit() run on I/O threads and never block; what blocks (password hashes, rows, files) runs on the engine's reader threads.
// Errors      ErrorKind → status in one place (problem.h), as HAL documents in 1.3's shape.
#pragma once
#include "api/route.h"
#include "api/sign_in_guard.h"
#include "api/sign_in_ports.h"
#include "engine/engine.h"

namespace insula::api {

struct Options {
  std::string url = "http://localhost:8080";     // base of links in answers
  TenantId default_tenant{"main"};               // serves paths without a tenant segment
  bool serves_default_tenant = true;             // false: paths without a tenant answer 404
  bool tenants_enabled = true;                   // false: the default tenant is the only one, and the API of tenants answers 404
  std::string version = "1.3.25";                // the version of Kestra that clients are told
  std::string realm;                             // of the Basic scheme; empty = not named
  std::string instance_uuid;
  std::string store_kind, storage_kind, secret_kind;  // `sqlite`, `local`, `environment`: told while the instance is set up
  std::string environment_name, environment_color;
  std::string system_namespace = "system";       // kestra.system-flows.namespace
  std::vector<std::string> hidden_label_prefixes = {"system.", "internal."};
  int preview_rows_initial = 100;
  int preview_rows_max = 5'000;
  std::filesystem::path spool_folder;            // copies of large files on their way to a client
  int password_checks_max = 2;                   // argon2id verifications at once; each takes tens of MB
  std::size_t tenant_requests_max = 2'000;        // of one tenant at once, streams included; more are answered with 429; 0: no limit
  GuardLimits guard;                             // throttling by address, lock-out of accounts, letters with links for a new password
  access::PasswordRules password_rules;
  Duration session_max_age{std::chrono::hours(24)};
  Duration reset_link_max_age{std::chrono::hours(1)};
  std::vector<std::shared_ptr<PasswordDirectory>> password_directories;
  std::vector<std::shared_ptr<BrowserProvider>> browser_providers;
  std::shared_ptr<Mailer> mailer;                // none: links for a new password are handed out by super admins
  Duration invitation_life{std::chrono::days(7)};
};

// Every route of the server; needs no engine.
std::vector<Route> all_routes();

struct Parts;

class Api {
 public:
  Api(engine::Engine& engine, Options options);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  void handle(http::Request&& request, std::shared_ptr<http::Exchange> exchange);
  // Before the body is read: callers without credentials are refused on every route that needs them, so that nobody unknown can upload.
  http::Admission admit(const http::Request& head) const;
  const std::vector<Route>& routes() const;      // for the tests that try each with the wrong caller, and for the reference pages
  // Whoever changes grants, passwords or tenants beside this api (the command line) says so here.
  void forget_credentials();

 private:
  std::unique_ptr<Parts> parts_;
};

}  // namespace insula::api
