// Permissions held by someone in one tenant, each for the whole tenant or for a namespace and everything below it.
#pragma once
#include "access/permissions.h"

namespace insula::access {

// One binding of a user or of one of its groups, resolved.
struct Grant {
  Permissions permissions;
  std::optional<Namespace> scope;  // nothing = the whole tenant
};

// `a` covers `a` and `a.b`, not `ab`.
bool covers(const Namespace& outer, const Namespace& inner);

// May the holder do this in that namespace? Without a namespace: in the whole tenant. Grants with a scope never reach resources of the tenant.
bool allows(std::span<const Grant> grants, Resource resource, Action action, const std::optional<Namespace>& where = std::nullopt);
// Anywhere at all: what list and `by-query` routes ask before they restrict the result.
bool allows_somewhere(std::span<const Grant> grants, Resource resource, Action action);
// Starting a run: FLOW EXECUTE (2.0) or EXECUTION CREATE (1.x).
bool allows_run(std::span<const Grant> grants, const Namespace& where);
bool allows_run_somewhere(std::span<const Grant> grants);

struct Namespaces {
  bool all = false;                 // no restriction; `prefixes` is empty
  std::vector<Namespace> prefixes;  // else these and what is below them; sorted, none below another; empty = nowhere

  bool contains(const Namespace& name) const;
  bool nowhere() const { return !all && prefixes.empty(); }
  bool operator==(const Namespaces&) const = default;
};
// Where the holder may do this: the restriction of a query.
Namespaces namespaces_allowed(std::span<const Grant> grants, Resource resource, Action action);
// The union: allowed by either.
Namespaces operator|(const Namespaces& a, const Namespaces& b);

// Whether someone with `grants` may hand out `wanted`: nobody gives more than they have there.
bool may_grant(std::span<const Grant> grants, const Grant& wanted);

}  // namespace insula::access
