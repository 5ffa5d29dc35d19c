#include "triggers/listener.h"

#include <re2/re2.h>

#include "triggers/triggers.h"

namespace insula::triggers {

namespace {

using Sources = std::optional<std::vector<std::pair<Namespace, FlowId>>>;

// RETRIED too: another attempt of the same execution has taken over.
std::set<execution::State> states_of(const flow::Trigger& trigger) {
  std::set<execution::State> states;
  const Json* written = find(trigger.properties, "states");
  if (written != nullptr && written->is_array()) {
    for (const Json& name : written->get_array()) {
      if (const auto state = execution::parse_state(to_text(name))) states.insert(*state);
    }
    return states;
  }
  using enum execution::State;
  return {success, warning, failed, killed, cancelled, retried, skipped, paused};
}

// An ExecutionFlow without expressions among the conditions names the only flow that matters.
Sources source_of(const Conditions& conditions) {
  for (const Condition& condition : conditions.all()) {
    if (condition.name() != "ExecutionFlow") continue;
    const std::string ns = text_or(condition.written(), "namespace");
    const std::string flow = text_or(condition.written(), "flowId");
    if (ns.empty() || flow.empty() || ns.contains('{') || flow.contains('{')) continue;
    return {{{Namespace(ns), FlowId(flow)}}};
  }
  return std::nullopt;
}

// Maps are merged, anything else is replaced.
void merge(JsonObject& into, const JsonObject& from) {
  for (const auto& [key, value] : from) {
    Json& at = into[key];
    if (at.is_object() && value.is_object()) merge(at.as_object(), value.as_object());
    else at = value;
  }
}

void put_nested(JsonObject& object, std::string_view dotted, Json value) {
  const std::size_t dot = dotted.find('.');
  if (dot == std::string_view::npos) {
    object[dotted] = std::move(value);
    return;
  }
  Json& next = object[dotted.substr(0, dot)];
  if (!next.is_object()) next.emplace_object();
  put_nested(next.as_object(), dotted.substr(dot + 1), std::move(value));
}

}  // namespace

std::vector<Listener> Listener::of(const std::shared_ptr<const flow::Flow>& flow) {
  std::vector<Listener> listeners;
  if (flow->disabled || flow->deleted) return listeners;
  for (const flow::Trigger& trigger : flow->triggers) {
    if (trigger.type != kFlow || trigger.disabled) continue;
    Listener listener;
    listener.flow_ = flow;
    listener.trigger_ = &trigger;
    listener.states_ = states_of(trigger);
    JsonArray single;
    if (const Json* written = find(trigger.properties, "conditions"); written != nullptr && written->is_array()) {
      for (const Json& item : written->get_array()) {
        if (!item.is_object()) continue;
        if (text_or(item.get_object(), "type").ends_with(".MultipleCondition")) listener.gatherings_.push_back(Gathering::of_multiple_condition(item.get_object()));
        else single.push_back(item);
      }
    }
    const Json list(std::move(single));
    listener.conditions_ = Conditions::compile(&list);
    if (const Json* written = find(trigger.properties, "preconditions"); written != nullptr && written->is_object()) {
      listener.gatherings_.push_back(Gathering::of_preconditions(written->get_object()));
    }
    listener.sources_ = source_of(listener.conditions_);
    if (!listener.sources_ && listener.gatherings_.size() == 1) listener.sources_ = listener.gatherings_.front().sources();
    listeners.push_back(std::move(listener));
  }
  return listeners;
}

Heard Listener::hear(const ConditionContext& context, const std::vector<Window>& windows, Instant now, const schedule::Zone& zone) const {
  Heard heard;
  for (const Window& window : windows) {
    if (window.end < now) heard.ended.push_back(window);
  }
  auto holds = conditions_.hold(context);
  if (!holds) heard.errors.push_back(holds.error());
  if (!holds || !*holds) return heard;
  heard.outputs = context.execution->outputs;
  bool complete = true;
  for (const Gathering& gathering : gatherings_) {
    Window window;
    const auto known = std::ranges::find_if(windows, [&](const Window& one) { return one.condition_id == gathering.id() && one.contains(now); });
    if (known != windows.end()) {
      window = *known;
    } else {
      const auto [start, end] = gathering.time_window().bounds(now, zone);
      window = {flow_->ns, flow_->id, trigger_->id, gathering.id(), start, end, {}, {}};
    }
    // Outside of its hours nothing is gathered, and nothing is complete. A window that begins this instant has begun.
    if (now < window.start || now >= window.end) {
      complete = complete && gathering.size() == 0;
      continue;
    }
    std::vector<std::string> met = gathering.met(context, heard.errors);
    const bool seen = !met.empty();
    met.insert(met.end(), window.met.begin(), window.met.end());
    std::ranges::sort(met);
    met.erase(std::ranges::unique(met).begin(), met.end());
    window.met = std::move(met);
    if (seen) merge(window.outputs, context.execution->outputs);
    merge(heard.outputs, window.outputs);
    const bool is_complete = gathering.is_complete(window);
    complete = complete && is_complete;
    if (is_complete && gathering.resets()) {
      if (known != windows.end()) heard.ended.push_back(window);
    } else if (!window.met.empty()) {
      heard.changed.push_back(std::move(window));
    }
  }
  heard.fires = complete;
  return heard;
}

Gathering Gathering::of_preconditions(const JsonObject& written) {
  Gathering gathering;
  gathering.id_ = text_or(written, "id");
  gathering.time_window_ = TimeWindow::compile(find(written, "timeWindow"));
  const Json* resets = find(written, "resetOnSuccess");
  gathering.resets_ = resets == nullptr || to_text(*resets) != "false";
  std::size_t number = 0;
  for (const std::string_view list : {"flows", "where"}) {
    const Json* items = find(written, list);
    if (items == nullptr || !items->is_array()) continue;
    for (const Json& item : items->get_array()) {
      if (!item.is_object()) continue;
      ++number;
      gathering.tests_.push_back(list == "flows" ? of_upstream(item.get_object(), number) : of_filters(item.get_object(), number));
    }
  }
  return gathering;
}

Gathering Gathering::of_multiple_condition(const JsonObject& written) {
  Gathering gathering;
  gathering.id_ = text_or(written, "id");
  JsonObject time_window;
  if (const Json* given = find(written, "timeWindow"); given != nullptr && given->is_object()) time_window = given->get_object();
  // Their old places.
  for (const std::string_view key : {"window", "windowAdvance"}) {
    if (const Json* given = find(written, key); given != nullptr && !given->is_null()) time_window[key] = *given;
  }
  const Json as_written(std::move(time_window));
  gathering.time_window_ = TimeWindow::compile(&as_written);
  const Json* resets = find(written, "resetOnSuccess");
  gathering.resets_ = resets == nullptr || to_text(*resets) != "false";
  if (const Json* conditions = find(written, "conditions"); conditions != nullptr && conditions->is_object()) {
    for (const auto& [name, condition] : conditions->get_object()) {
      if (!condition.is_object()) continue;
      Test test;
      test.name = std::string(name);
      test.condition = Condition::compile(condition.get_object());
      gathering.tests_.push_back(std::move(test));
    }
  }
  return gathering;
}

Gathering::Test Gathering::of_upstream(const JsonObject& written, std::size_t number) {
  Test test;
  test.name = fmt::format("condition_{}", number);
  test.ns = text_or(written, "namespace");
  test.flow_id = text_or(written, "flowId");
  if (const Json* states = find(written, "states"); states != nullptr && states->is_array()) {
    for (const Json& state : states->get_array()) test.states.push_back(to_text(state));
  }
  if (const Json* labels = find(written, "labels")) test.labels = read_labels(*labels);
  return test;
}

Gathering::Test Gathering::of_filters(const JsonObject& written, std::size_t number) {
  Test test;
  test.name = fmt::format("condition_{}_{}", number, text_or(written, "id"));
  test.any = text_or(written, "operand") == "OR";
  const Json* filters = find(written, "filters");
  if (filters == nullptr || !filters->is_array()) return test;
  for (const Json& item : filters->get_array()) {
    if (!item.is_object()) continue;
    const JsonObject& object = item.get_object();
    Filter filter{text_or(object, "field"), text_or(object, "type"), text_or(object, "value"), {}, expression::Template::compile(text_or(object, "value")), nullptr};
    if (filter.type == "REGEX") filter.regex = std::make_shared<const re2::RE2>(filter.value, re2::RE2::Quiet);
    if (const Json* values = find(object, "values"); values != nullptr && values->is_array()) {
      for (const Json& value : values->get_array()) filter.values.push_back(to_text(value));
    }
    test.filters.push_back(std::move(filter));
  }
  return test;
}

bool Gathering::is_complete(const Window& window) const {
  return std::ranges::all_of(tests_, [&](const Test& test) { return std::ranges::binary_search(window.met, test.name); });
}

std::vector<std::string> Gathering::met(const ConditionContext& context, std::vector<Error>& errors) const {
  std::vector<std::string> names;
  for (const Test& test : tests_) {
    auto held = holds(test, context);
    if (!held) errors.push_back(held.error());
    else if (*held) names.push_back(test.name);
  }
  return names;
}

Result<bool> Gathering::holds(const Test& test, const ConditionContext& context) {
  if (test.condition) return test.condition->holds(context);
  const execution::Header& execution = *context.execution;
  if (!test.ns.empty() && execution.ns.str() != test.ns) return false;
  if (!test.flow_id.empty() && execution.flow_id.str() != test.flow_id) return false;
  if (!test.states.empty() && std::ranges::find(test.states, execution::to_string(context.state)) == test.states.end()) return false;
  for (const flow::Label& label : test.labels) {
    if (std::ranges::find(execution.labels, label) == execution.labels.end()) return false;
  }
  if (test.filters.empty()) return true;
  for (const Filter& filter : test.filters) {
    auto held = holds(filter, context);
    if (!held || *held == test.any) return held;
  }
  return !test.any;
}

Result<bool> Gathering::holds(const Filter& filter, const ConditionContext& context) {
  std::string value;
  if (filter.field == "FLOW_ID") value = context.execution->flow_id.str();
  if (filter.field == "NAMESPACE") value = context.execution->ns.str();
  if (filter.field == "STATE") value = execution::to_string(context.state);
  if (filter.field == "EXPRESSION") {
    auto rendered = filter.expression.render(context.variables, context.environment);
    if (!rendered) {
      const Error* error = std::get_if<Error>(&rendered.error());
      return fail(error != nullptr ? *error : Error{ErrorKind::invalid, "condition-invalid", "a filter needs a value that is not available", {}, {}});
    }
    value = std::move(*rendered);
  }
  if (filter.type == "EQUAL_TO") return value == filter.value;
  if (filter.type == "NOT_EQUAL_TO") return value != filter.value;
  if (filter.type == "IN" || filter.type == "NOT_IN") return (std::ranges::find(filter.values, value) != filter.values.end()) == (filter.type == "IN");
  if (filter.type == "IS_TRUE" || filter.type == "IS_FALSE") return expression::is_truthy(value) == (filter.type == "IS_TRUE");
  if (filter.type == "IS_NULL" || filter.type == "IS_NOT_NULL") return filter.type == "IS_NOT_NULL";   // these fields are never null
  if (filter.type == "STARTS_WITH") return value.starts_with(filter.value);
  if (filter.type == "ENDS_WITH") return value.ends_with(filter.value);
  if (filter.type == "CONTAINS") return value.contains(filter.value);
  if (filter.type == "REGEX") {
    if (!filter.regex->ok()) return fail(ErrorKind::invalid, "condition-invalid", fmt::format("the regular expression '{}' of a filter cannot be read: {}", filter.value, filter.regex->error()));
    return re2::RE2::FullMatch(value, *filter.regex);
  }
  return fail(ErrorKind::invalid, "condition-invalid", fmt::format("the filter type {} is not known", filter.type));
}

std::optional<std::vector<std::pair<Namespace, FlowId>>> Gathering::sources() const {
  // Without a reset it stays complete, and then any execution makes it fire.
  if (!resets_ || tests_.empty()) return std::nullopt;
  std::vector<std::pair<Namespace, FlowId>> flows;
  for (const Test& test : tests_) {
    if (!test.condition && test.filters.empty()) {
      if (test.ns.empty() || test.flow_id.empty()) return std::nullopt;
      flows.emplace_back(Namespace(test.ns), FlowId(test.flow_id));
      continue;
    }
    if (!test.condition || test.condition->name() != "ExecutionFlow") return std::nullopt;
    const std::string ns = text_or(test.condition->written(), "namespace");
    const std::string flow = text_or(test.condition->written(), "flowId");
    if (ns.contains('{') || flow.contains('{')) return std::nullopt;
    flows.emplace_back(Namespace(ns), FlowId(flow));
  }
  std::ranges::sort(flows);
  flows.erase(std::ranges::unique(flows).begin(), flows.end());
  return flows;
}

JsonObject trigger_variables(const execution::Header& upstream, execution::State state, JsonObject outputs) {
  JsonObject labels;
  for (const flow::Label& label : upstream.labels) {
    if (label.key != "system.correlationId") put_nested(labels, label.key, Json(label.value));
  }
  JsonObject variables{{"executionId", upstream.id.str()}, {"executionLabels", std::move(labels)}, {"state", execution::to_string(state)},
                       {"namespace", upstream.ns.str()},   {"flowId", upstream.flow_id.str()},     {"flowRevision", upstream.flow_revision}};
  if (!outputs.empty()) variables["outputs"] = std::move(outputs);
  return variables;
}

}  // namespace insula::triggers
