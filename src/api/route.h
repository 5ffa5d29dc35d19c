// What a route is: everything about it stands in one declaration, its access rule included (I5: a Route without a Rule does not compile).
#pragma once
#include "access/access.h"
#include "http/http.h"

namespace insula::api {

class Call;
using CallPtr = std::shared_ptr<Call>;
// Runs on an I/O thread, or on a reader thread when the caller's credentials or grants had to be looked up: never blocks, answers later.
using Handler = void (*)(const CallPtr& call);

// Who may call. Made only by the seven functions below; there is no default.
class Rule {
 public:
  enum class Kind {
    open,          // nobody is asked who they are
    webhook_key,   // the key in the path authorises
    signed_in,     // any user
    super_admin,   // flag of the user
    member,        // access to the tenant of the path, with or without a role
    needs,         // a grant in the tenant of the path
  };
  Kind kind() const { return kind_; }
  access::Resource resource() const { return resource_; }
  access::Action action() const { return action_; }
  // The path parameter that holds the namespace the grant must cover; empty: a grant anywhere lets the call in, and the handler
  // narrows what it reads with Call::namespaces() or asks Call::require().
  std::string_view namespace_parameter() const { return namespace_parameter_; }
  bool is_run() const { return is_run_; }  // starting a run: either of two permissions will do (access::allows_run)
  bool is_of_tenant() const { return kind_ == Kind::needs || kind_ == Kind::member || kind_ == Kind::webhook_key; }
  // Who may do what in a tenant is also the business of super admins: somebody has to let the first person in. Nothing else of a tenant is.
  Rule or_super_admin() const {
    Rule rule = *this;
    rule.admits_super_admin_ = true;
    return rule;
  }
  bool admits_super_admin() const { return admits_super_admin_; }
  // Another permission that will do, too: routes about objects of two kinds, whose handler asks for the one that fits. Not with a namespace of the path.
  Rule or_needs(access::Resource resource, access::Action action) const {
    Rule rule = *this;
    rule.other_ = {resource, action};
    return rule;
  }
  const std::optional<std::pair<access::Resource, access::Action>>& other() const { return other_; }
  // The path parameter of a group whose owners may call without the permission; empty: none.
  Rule or_owner_of(std::string_view group_parameter) const {
    Rule rule = *this;
    rule.group_parameter_ = group_parameter;
    return rule;
  }
  std::string_view group_parameter() const { return group_parameter_; }

 private:
  explicit Rule(Kind kind) : kind_(kind) {}
  friend Rule public_();
  friend Rule webhook_key();
  friend Rule signed_in();
  friend Rule super_admin();
  friend Rule member();
  friend Rule needs(access::Resource resource, access::Action action, std::string_view namespace_parameter);
  friend Rule may_run(std::string_view namespace_parameter);

  Kind kind_;
  access::Resource resource_{};
  access::Action action_{};
  std::string_view namespace_parameter_;
  std::string_view group_parameter_;
  std::optional<std::pair<access::Resource, access::Action>> other_;
  bool is_run_ = false;
  bool admits_super_admin_ = false;
};

inline Rule public_() { return Rule(Rule::Kind::open); }
inline Rule webhook_key() { return Rule(Rule::Kind::webhook_key); }
inline Rule signed_in() { return Rule(Rule::Kind::signed_in); }
inline Rule super_admin() { return Rule(Rule::Kind::super_admin); }
inline Rule member() { return Rule(Rule::Kind::member); }
inline Rule needs(access::Resource resource, access::Action action, std::string_view namespace_parameter = {}) {
  Rule rule(Rule::Kind::needs);
  rule.resource_ = resource;
  rule.action_ = action;
  rule.namespace_parameter_ = namespace_parameter;
  return rule;
}
inline Rule may_run(std::string_view namespace_parameter = {}) {
  Rule rule = needs(access::Resource::execution, access::Action::create, namespace_parameter);
  rule.is_run_ = true;
  return rule;
}

using http::to_string;
// `public`, `webhook key`, `signed in`, `super admin`, `member`, `FLOW VIEW in {namespace}`, `FLOW VIEW or EXECUTION VIEW`, `ROLE LIST or super admin`: for the reference pages.
std::string to_string(const Rule& rule);

// `pattern`: `/api/v1/{tenant}/flows/{namespace}/{id}`. A pattern with `{tenant}` is served with that segment and without it (default tenant).
struct Route {
  Route(http::Method method, std::string_view pattern, Rule rule, Handler handler, std::string_view doc)
      : method(method), pattern(pattern), rule(rule), handler(handler), doc(doc) {}

  http::Method method;
  std::string pattern;
  Rule rule;
  Handler handler;
  std::string doc;
};

}  // namespace insula::api
