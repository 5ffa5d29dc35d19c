// The audit log of a tenant, and the one of the instance: who did what, on what, from where, with what result. Entries form a hash chain: each
// carries SHA-256 over the hash before it and its own fields, and the end of the chain is kept beside them, so that a changed, removed or
// added entry is found by verifying (audit_chain.h).
#pragma once
#include "base/base.h"
#include "store/query.h"

namespace insula::store {

struct AuditRow {
  std::int64_t sequence = 0;               // place in the chain, from 1; given by the store
  AuditId id;
  Instant at;
  std::string kind;                        // CREATE UPDATE DELETE READ LOGIN LOGOUT IMPERSONATE LOGIN_FAILURE ACCOUNT_LOCKED
  std::string resource;                    // FLOW, EXECUTION, ROLE, TENANT, … (features.md §2.2)
  std::string object_id;                   // what the entry is about: an id within its resource
  Namespace ns;                            // empty when it has none, as the two below
  FlowId flow_id;
  ExecutionId execution_id;
  UserId user;                             // empty: unknown, as for a failed login
  std::string user_name;                   // as it was then: users can be deleted
  UserId impersonator;                     // who acted as `user`; empty = nobody else
  std::string address;                     // of the client
  std::string result = "DONE";             // DONE, DENIED
  JsonObject detail;                       // whatever else tells what happened
  std::string before, after;               // the object as text (YAML of a flow, else JSON); empty = none. Never a secret.
  std::string hash;                        // hex; given by the store
};

struct AuditVerdict {
  std::int64_t entries = 0;                // read
  std::optional<std::int64_t> broken_at;   // sequence of the first entry that is not what was written
  std::string reason;                      // for people
  bool intact() const { return !broken_at; }
};

}  // namespace insula::store
