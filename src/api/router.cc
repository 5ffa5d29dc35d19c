#include "api/router.h"

#include <algorithm>

namespace insula::api {
namespace {

constexpr std::string_view kTenantSegment = "{tenant}";

std::vector<std::string> segments_of(std::string_view pattern) {
  INSULA_ASSERT(pattern.starts_with('/'));
  if (pattern == "/") return {};
  return split(pattern.substr(1), '/');
}

bool is_parameter(std::string_view segment) { return segment.size() > 2 && segment.front() == '{' && segment.back() == '}'; }

bool is_rest(std::string_view segment) { return segment.starts_with('{') && segment.ends_with("*}"); }

http::Method as_routed(http::Method method) { return method == http::Method::head ? http::Method::get : method; }

}  // namespace

std::string_view Match::parameter(std::string_view name) const {
  for (const auto& [key, value] : parameters)
    if (key == name) return value;
  return {};
}

Router::Router(const std::vector<Route>& routes) {
  for (const Route& route : routes) add(route, segments_of(route.pattern), Form::own);
  for (const Route& route : routes) {
    std::vector<std::string> segments = segments_of(route.pattern);
    const auto tenant = std::ranges::find(segments, kTenantSegment);
    if (tenant == segments.end()) continue;
    // The word behind the tenant stands in its place when the tenant is left out, so it must never be the id of one.
    INSULA_ASSERT(std::next(tenant) != segments.end() && !access::check_tenant_id(*std::next(tenant)));
    segments.erase(tenant);
    add(route, segments, Form::without_tenant);
  }
}

// Where the instance has a route of its own (`/api/v1/service-accounts`), that one is meant when no tenant is named.
void Router::add(const Route& route, const std::vector<std::string>& segments, Form form) {
  Node* node = &root_;
  Node::Entry entry{&route, {}};
  for (const std::string& segment : segments) {
    std::unique_ptr<Node>& next = is_rest(segment) ? node->rest : is_parameter(segment) ? node->parameter : node->literals[segment];
    if (!next) next = std::make_unique<Node>();
    node = next.get();
    if (is_parameter(segment) && !is_rest(segment)) entry.names.push_back(*names_.emplace_back(std::make_unique<std::string>(segment.substr(1, segment.size() - 2))));
  }
  for (const Node::Entry& other : node->entries) {
    if (other.route->method != route.method) continue;
    INSULA_ASSERT(form == Form::without_tenant && other.route->pattern.find(kTenantSegment) == std::string::npos);
    return;
  }
  node->entries.push_back(std::move(entry));
}

// Depth first, literal before parameter. Paths have at most a dozen segments, so trying both costs little.
struct Router::Search {
  http::Method method;
  const std::vector<std::string>& segments;
  std::vector<const std::string*> values;
  Match found;
  Match second_best{};

  bool visit(const Node& node, std::size_t depth) {
    if (depth == segments.size()) return take(node);
    const std::string& segment = segments[depth];
    if (const auto literal = node.literals.find(segment); literal != node.literals.end() && visit(*literal->second, depth + 1)) return true;
    if (node.parameter && !segment.empty()) {
      values.push_back(&segment);
      if (visit(*node.parameter, depth + 1)) return true;
      values.pop_back();
    }
    return node.rest && take(*node.rest);
  }

  // Where a tenant stands, nothing else is let through, not even to a route that does not look at it.
  bool names_a_tenant(const Node::Entry& entry) const {
    const auto at = std::ranges::find(entry.names, "tenant");
    return at == entry.names.end() || access::check_tenant_id(*values[static_cast<std::size_t>(at - entry.names.begin())]).has_value();
  }

  // Ids have no dot, most namespaces have one: `POST /executions/company.team/state` starts the flow called `state`.
  bool may_name_an_execution(const Node::Entry& entry) const {
    const auto at = std::ranges::find(entry.names, "execution");
    return at == entry.names.end() || values[static_cast<std::size_t>(at - entry.names.begin())]->find('.') == std::string::npos;
  }

  void keep(Match& match, const Node::Entry& entry) const {
    match.route = entry.route;
    for (std::size_t i = 0; i < entry.names.size(); ++i) match.parameters.emplace_back(entry.names[i], *values[i]);
  }

  bool take(const Node& node) {
    for (const Node::Entry& entry : node.entries) {
      if (!names_a_tenant(entry)) continue;
      if (entry.route->method != method) {
        if (std::ranges::find(found.allowed, entry.route->method) == found.allowed.end()) found.allowed.push_back(entry.route->method);
        continue;
      }
      if (!may_name_an_execution(entry)) {
        if (!second_best.route) keep(second_best, entry);
        continue;
      }
      keep(found, entry);
      found.allowed.clear();
      return true;
    }
    return false;
  }
};

Match Router::match(http::Method method, const std::vector<std::string>& segments) const {
  constexpr std::size_t segments_max = 32;
  if (segments.size() > segments_max) return {};
  Search search{as_routed(method), segments, {}, {}};
  if (!search.visit(root_, 0) && search.second_best.route) return std::move(search.second_best);
  return std::move(search.found);
}

}  // namespace insula::api
