// Variables of expressions that are rendered to be looked at: in an editor before the flow runs, on the page of an execution.
#pragma once
#include "api/call.h"

namespace insula::api {

// Nothing outside is asked and nothing is guessed: a text that reads what gets its value only later cannot be rendered, and reason() says why.
// Secrets are masked, environment variables are not there. Immutable once made.
class ShownVariables final : public expression::Variables {
 public:
  // Of the server: `globals` and `kestra`.
  explicit ShownVariables(const engine::Settings& settings);
  // What is known of a flow before it runs: itself, its variables and labels, inputs as far as they have defaults. `environment` renders those.
  static ShownVariables of_flow(const engine::Settings& settings, const TenantId& tenant, std::shared_ptr<const flow::Flow> flow, bool is_saved, const expression::Environment& environment);
  // Of a flow that cannot be read.
  static ShownVariables of_broken_flow(const engine::Settings& settings, const std::string& why);
  static ShownVariables of_execution(const engine::Settings& settings, const TenantId& tenant, const flow::Flow& flow, const execution::Header& header,
                                     const std::vector<execution::TaskRun>& task_runs);

  const Json* root(std::string_view name) const override { return insula::find(known_, name); }
  std::vector<std::string> root_names() const override;
  bool is_lazy(std::string_view name) const override;
  expression::Answer member(std::string_view root, std::string_view key) const override;
  expression::Answer whole(std::string_view root) const override;
  expression::Answer lookup(const expression::Lookup& lookup) const override;

  // Why this has no value here.
  std::string reason(const expression::Lookup& lookup) const;

 private:
  void bind_inputs(const expression::Environment& environment);
  // The first entry of later_ at this path or below it.
  std::map<std::string, std::string, std::less<>>::const_iterator later(std::string_view path) const;

  JsonObject known_;
  std::map<std::string, std::string, std::less<>> later_;   // a root (`outputs`) or member (`inputs.name`) → why it has no value yet
  std::shared_ptr<const flow::Flow> flow_;                  // or null
};

}  // namespace insula::api
