// Ports to what proves or reaches people outside this instance. Each is an interface that `app` gives to Options; without one, the part of the API that
// would use it says so (`GET /api/v1/auths`), and passwords and tokens of this instance are all there is.
//
//   PasswordDirectory  a directory that checks a name and a password itself (LDAP bind). Asked only for users without a password here.
//   BrowserProvider    a provider the browser is sent to and comes back from (OpenID Connect: authorization code with PKCE, `state` and `nonce`).
//   Mailer             brings links for a new password to people.
//
// What all providers of identity keep to:
//   1. They prove; they do not decide. The answer is an ExternalIdentity; who that is here, and what they may, is looked up in our own rows by the same
//      code as for everybody (Authenticator), so a lock or a deleted user counts at once.
//   2. An identity is found by its verified e-mail address. An address that the provider has not verified is no answer.
//   3. Groups are names. Those of `external` groups of a tenant are put in step with them at each sign-in; groups made by hand are never touched. The
//      same rows are what a SCIM server (provisioning, `/{tenant}/integrations/{id}/scim/v2`) writes through store::Directory: it needs no port, since it
//      calls us, with the token of a service account.
//   4. Calls may block (they run on reader threads) but must end within five seconds; an Error of kind unavailable refuses the sign-in with 503.
#pragma once
#include "base/base.h"

namespace insula::api {

// Somebody whom a provider has proven.
struct ExternalIdentity {
  std::string provider;                    // its name()
  std::string subject;                     // what the provider calls them, for ever (`sub`, DN)
  std::string email;                       // verified
  std::string first_name, last_name;
  std::vector<std::string> groups;
};

class PasswordDirectory {
 public:
  virtual ~PasswordDirectory() = default;
  virtual std::string name() const = 0;
  // Nothing: unknown, or the password is wrong (one answer for both).
  virtual Result<std::optional<ExternalIdentity>> check(std::string_view username, std::string_view password) = 0;
};

class BrowserProvider {
 public:
  virtual ~BrowserProvider() = default;
  virtual std::string name() const = 0;    // a path segment; listed in `oauths` of GET /api/v1/auths
  // Where the browser is sent. `state` comes back unchanged and is bound to the browser by the caller; `verifier` is PKCE's and the nonce's source.
  virtual Result<std::string> start(std::string_view state, std::string_view verifier, std::string_view return_url) = 0;
  // The parameters that the browser brought back.
  virtual Result<ExternalIdentity> finish(const std::vector<std::pair<std::string, std::string>>& parameters, std::string_view verifier, std::string_view return_url) = 0;
};

struct Letter {
  std::string to, subject, text;
};
class Mailer {
 public:
  virtual ~Mailer() = default;
  virtual Result<void> send(const Letter& letter) = 0;
};

}  // namespace insula::api
