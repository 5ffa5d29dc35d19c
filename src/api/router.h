// Finds the route of a request by its decoded segments, exactly: no prefix, no suffix, no change of case, nothing normalised (attacks.md 2).
#pragma once
#include "api/route.h"

namespace insula::api {

struct Match {
  const Route* route = nullptr;             // nullptr: see `allowed`
  std::vector<std::pair<std::string_view, std::string>> parameters;  // name → decoded segment, `tenant` included when the path had it
  std::vector<http::Method> allowed;        // without a route: methods of the path, empty = the path is unknown
  std::string_view parameter(std::string_view name) const;  // "" when the pattern has none
};

// Built once, then only read: any thread.
class Router {
 public:
  // Keeps pointers: `routes` must outlive the router. Two routes with one method and one shape are a bug, unless one is of
  // the instance and the other of a tenant that is left out: then it is the instance's.
  explicit Router(const std::vector<Route>& routes);
  // A literal segment wins over a parameter at the first place where two routes differ, unless a dot in the place of an execution's id
  // says that a namespace is meant; HEAD is answered by GET routes.
  // `{name*}` at the end stands for all segments that follow and comes last.
  Match match(http::Method method, const std::vector<std::string>& segments) const;

 private:
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
    std::unique_ptr<Node> parameter;
    std::unique_ptr<Node> rest;                // `{name*}`, last in a pattern: whatever follows, one segment or more
    struct Entry {
      const Route* route;
      std::vector<std::string_view> names;  // of the parameters, in order
    };
    std::vector<Entry> entries;
  };
  struct Search;
  enum class Form { own, without_tenant };
  void add(const Route& route, const std::vector<std::string>& segments, Form form);
  Node root_;
  std::vector<std::unique_ptr<std::string>> names_;
};

}  // namespace insula::api
