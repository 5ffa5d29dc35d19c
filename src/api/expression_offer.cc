#include "api/expression_offer.h"

#include <algorithm>
#include <set>

namespace insula::api {
namespace {

bool is_name(std::string_view text) {
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; };
  return !text.empty() && !(text.front() >= '0' && text.front() <= '9') && std::ranges::all_of(text, is_word);
}

// `outputs.a.b`; a key that is no name in brackets, since `a-b` would be a difference.
std::string path_of(std::string path, std::string_view key) { return is_name(key) ? fmt::format("{}.{}", path, key) : fmt::format("{}['{}']", path, key); }

std::string braced(std::string_view expression) { return fmt::format("{{{{ {} }}}}", expression); }

// Outputs of every task of the text, in its order.
class TaskOutputs {
 public:
  TaskOutputs(const flow::Catalog& catalog, std::string_view until) : catalog_(catalog), until_(until) {}

  JsonArray of(const Json& flow) {
    for (const std::string_view branch : {"tasks", "errors", "finally", "afterExecution"})
      if (const Json* list = find(flow, branch)) visit(*list);
    return std::move(found_);
  }

 private:
  void visit(const Json& value) {
    if (const auto* list = value.if_array())
      for (const Json& item : *list) visit(item);
    const auto* object = value.if_object();
    if (object == nullptr || done_) return;
    const flow::TypeInfo* info = catalog_.find(text_or(*object, "type"));
    const std::string id = text_or(*object, "id");
    const bool is_task = info != nullptr && info->category == flow::TypeCategory::task && !id.empty();
    if (is_task && id == until_) return void(done_ = true);
    const bool is_loop = is_task && (info->type.ends_with(".ForEach") || info->type.ends_with(".EachSequential") || info->type.ends_with(".EachParallel"));
    loops_ += is_loop;
    for (const auto& entry : *object)
      if (entry.value().is_structured()) visit(entry.value());
    loops_ -= is_loop;
    // After its children: one of those cannot read the outputs of the task that it is in.
    if (is_task && !done_) add(id, *info);
  }

  void add(const std::string& id, const flow::TypeInfo& info) {
    const std::string task = path_of("outputs", id) + (loops_ > 0 ? "[taskrun.value]" : "");
    for (const flow::PropertyInfo& output : info.outputs) found_.emplace_back(braced(path_of(task, output.name)));
  }

  const flow::Catalog& catalog_;
  std::string_view until_;
  JsonArray found_;
  int loops_ = 0;
  bool done_ = false;
};

JsonArray inputs_of(const Json& flow) {
  JsonArray found;
  const Json* list = find(flow, "inputs");
  if (list == nullptr || !list->is_array()) return found;
  for (const Json& input : list->as_array()) {
    const std::string id = input.is_object() ? text_or(input.as_object(), "id") : "";
    if (id.empty()) continue;
    std::string path = "inputs";   // dotted ids are nested
    for (const std::string& part : split(id, '.')) path = path_of(path, part);
    found.emplace_back(braced(path));
  }
  return found;
}

void add_variables(JsonArray& found, const std::string& path, const Json& value) {
  if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
    for (const auto& entry : *object) add_variables(found, path_of(path, entry.key()), entry.value());
    return;
  }
  // What holds expressions itself has a value only when it is rendered.
  const bool renders = value.is_string() && as_view(value.as_string()).contains("{{");
  found.emplace_back(braced(renders ? fmt::format("render({})", path) : path));
}

JsonArray variables_of(const Json& flow) {
  JsonArray found;
  if (const Json* variables = find(flow, "variables"); variables != nullptr && variables->is_object() && !variables->as_object().empty()) add_variables(found, "vars", *variables);
  return found;
}

// Those that the flow names already. Which ones there are is nobody's to know who may only write flows.
JsonArray secrets_named_in(std::string_view source) {
  std::set<std::string, std::less<>> names;
  for (std::size_t at = source.find("secret("); at != std::string_view::npos; at = source.find("secret(", at + 1)) {
    std::string_view rest = trim(source.substr(at + std::string_view("secret(").size()));
    if (rest.size() < 2 || (rest.front() != '\'' && rest.front() != '"')) continue;
    const std::size_t end = rest.find(rest.front(), 1);
    if (end != std::string_view::npos && end > 1 && end < 200 && !rest.substr(0, end).contains('\n')) names.emplace(rest.substr(1, end - 1));
  }
  JsonArray found;
  for (const std::string& name : names) found.emplace_back(braced(fmt::format("secret('{}')", name)));
  return found;
}

JsonArray execution_context() {
  JsonArray found;
  for (const std::string_view path : {"flow.id", "flow.namespace", "flow.revision", "flow.tenantId", "execution.id", "execution.startDate", "execution.state", "execution.originalId", "task.id", "task.type",
                                      "taskrun.id", "taskrun.startDate", "taskrun.attemptsCount", "taskrun.parentId", "taskrun.value", "taskrun.iteration", "parent.taskrun.value", "parents", "labels", "trigger",
                                      "trigger.date", "globals", "envs", "kestra.url", "kestra.environment"})
    found.emplace_back(braced(path));
  return found;
}

JsonArray registered(expression::Entry::Kind kind) {
  JsonArray found;
  for (const expression::Entry& entry : expression::registry()) {
    if (entry.kind != kind || entry.deprecated) continue;
    if (kind == expression::Entry::Kind::filter) found.emplace_back(entry.name);
    else found.emplace_back(entry.example.starts_with("{{") ? entry.example : braced(fmt::format("{}()", entry.name)));
  }
  return found;
}

}  // namespace

JsonObject offered_expressions(std::string_view source, std::string_view task, const flow::Catalog& catalog) {
  const auto document = flow::read_yaml(source);
  const Json flow = document ? document->value : Json(nullptr);
  return {{"taskOutputs", TaskOutputs(catalog, task).of(flow)},
          {"executionContext", execution_context()},
          {"inputs", inputs_of(flow)},
          {"variables", variables_of(flow)},
          {"secrets", secrets_named_in(source)},
          {"kvPairs", JsonArray{}},
          {"namespaceFiles", JsonArray{}},
          {"filters", registered(expression::Entry::Kind::filter)},
          {"functions", registered(expression::Entry::Kind::function)},
          {"appContext", JsonArray{}}};
}

}  // namespace insula::api
