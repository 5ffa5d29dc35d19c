#include "access/grants.h"

namespace insula::access {

bool covers(const Namespace& outer, const Namespace& inner) {
  const std::string& a = outer.str();
  const std::string& b = inner.str();
  return b.starts_with(a) && (b.size() == a.size() || b[a.size()] == '.');
}

namespace {

// An empty scope would cover nothing that exists; it must not slip through as "everything".
bool reaches(const Grant& grant, Resource resource, const std::optional<Namespace>& where) {
  if (!grant.scope) return true;
  return has_namespace(resource) && where && !grant.scope->empty() && covers(*grant.scope, *where);
}

void keep_outermost(std::vector<Namespace>& prefixes) {
  std::vector<Namespace> kept;
  for (const Namespace& candidate : prefixes) {
    const bool inside = std::any_of(prefixes.begin(), prefixes.end(), [&](const Namespace& other) { return other != candidate && covers(other, candidate); });
    if (!inside) kept.push_back(candidate);
  }
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  prefixes = std::move(kept);
}

}  // namespace

bool allows(std::span<const Grant> grants, Resource resource, Action action, const std::optional<Namespace>& where) {
  return std::any_of(grants.begin(), grants.end(), [&](const Grant& grant) { return grant.permissions.allows(resource, action) && reaches(grant, resource, where); });
}

bool allows_somewhere(std::span<const Grant> grants, Resource resource, Action action) { return !namespaces_allowed(grants, resource, action).nowhere(); }

bool allows_run(std::span<const Grant> grants, const Namespace& where) {
  return allows(grants, Resource::flow, Action::execute, where) || allows(grants, Resource::execution, Action::create, where);
}

bool allows_run_somewhere(std::span<const Grant> grants) {
  return allows_somewhere(grants, Resource::flow, Action::execute) || allows_somewhere(grants, Resource::execution, Action::create);
}

bool Namespaces::contains(const Namespace& name) const {
  return all || std::any_of(prefixes.begin(), prefixes.end(), [&](const Namespace& prefix) { return covers(prefix, name); });
}

Namespaces namespaces_allowed(std::span<const Grant> grants, Resource resource, Action action) {
  Namespaces where;
  for (const Grant& grant : grants) {
    if (!grant.permissions.allows(resource, action)) continue;
    if (!grant.scope) return {.all = true, .prefixes = {}};
    if (has_namespace(resource) && !grant.scope->empty()) where.prefixes.push_back(*grant.scope);
  }
  keep_outermost(where.prefixes);
  return where;
}

Namespaces operator|(const Namespaces& a, const Namespaces& b) {
  if (a.all || b.all) return {.all = true, .prefixes = {}};
  Namespaces both = a;
  both.prefixes.insert(both.prefixes.end(), b.prefixes.begin(), b.prefixes.end());
  keep_outermost(both.prefixes);
  return both;
}

bool may_grant(std::span<const Grant> grants, const Grant& wanted) {
  Permissions held;
  for (const Grant& grant : grants) {
    const bool here = !grant.scope || (wanted.scope && !grant.scope->empty() && covers(*grant.scope, *wanted.scope));
    if (here) held = held | grant.permissions;
  }
  return held.contains(wanted.permissions);
}

}  // namespace insula::access
