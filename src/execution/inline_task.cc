#include "execution/inline_task.h"

#include "execution/variables.h"

namespace insula::execution {

namespace {

std::unexpected<expression::Interruption> interrupted(Error error) { return std::unexpected(expression::Interruption(std::move(error))); }

// `00:00:01.500`
std::string clock_text(Duration duration) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
  return fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1'000 % 60, ms % 1'000);
}

}  // namespace

std::optional<Duration> duration_of(std::string_view text) {
  if (const std::optional<Duration> iso = parse_duration(text)) return iso;
  double seconds = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (text.empty() || code != std::errc() || end != text.data() + text.size() || seconds < 0 || seconds > 1e11) return std::nullopt;
  return Duration(static_cast<std::int64_t>(seconds * 1e6));
}

Error not_a_duration(std::string_view property, std::string_view text) {
  return invalid_property(fmt::format("`{}` must be an ISO-8601 duration such as PT5M, but it is `{}`", property, text));
}

Error invalid_property(std::string message) { return {ErrorKind::invalid, "property-invalid", std::move(message), {}, {}}; }

bool InlineCall::has(std::string_view name) const {
  const expression::Property* property = task().property(name);
  return property && !property->source().is_null();
}

const Json& InlineCall::source(std::string_view name) const {
  static const Json kNull;
  const expression::Property* property = task().property(name);
  return property ? property->source() : kNull;
}

expression::Rendered<std::optional<std::string>> InlineCall::text(std::string_view name) const {
  if (!has(name)) return std::optional<std::string>{};
  const expression::Property& property = *task().property(name);
  const TaskVariables variables(frontier_, node_, property.source());
  auto text = property.render_text(variables, environment_of(frontier_, node_, name));
  if (!text) return std::unexpected(text.error());
  return std::optional<std::string>(std::move(*text));
}

expression::Rendered<Json> InlineCall::value(std::string_view name) const {
  if (!has(name)) return Json(nullptr);
  const expression::Property& property = *task().property(name);
  const TaskVariables variables(frontier_, node_, property.source());
  return property.render(variables, environment_of(frontier_, node_, name));
}

expression::Rendered<Json> InlineCall::structured(std::string_view name) const {
  auto rendered = value(name);
  if (!rendered || !rendered->is_string()) return rendered;
  Result<Json> parsed = parse_json(as_view(rendered->as_string()));
  if (!parsed) return interrupted(invalid_property(fmt::format("`{}` must be a map or a list, but it is `{}`", name, as_view(rendered->as_string()).substr(0, 200))));
  return std::move(*parsed);
}

expression::Rendered<bool> InlineCall::flag(std::string_view name, bool otherwise) const {
  const auto rendered = text(name);
  if (!rendered) return std::unexpected(rendered.error());
  if (!*rendered) return otherwise;
  return lower_ascii(**rendered) == "true";
}

expression::Rendered<std::optional<Duration>> InlineCall::duration(std::string_view name) const {
  const auto rendered = text(name);
  if (!rendered) return std::unexpected(rendered.error());
  if (!*rendered) return std::optional<Duration>{};
  const std::optional<Duration> parsed = duration_of(**rendered);
  if (!parsed) return interrupted(not_a_duration(name, **rendered));
  return parsed;
}

expression::Rendered<std::string> InlineCall::render(const Json& source) const {
  const expression::Property property = expression::Property::compile(source);
  const TaskVariables variables(frontier_, node_, source);
  return property.render_text(variables, environment_of(frontier_, node_, "text"));
}

const InlineTask* inline_task(std::string_view type) {
  static const std::map<std::string_view, InlineTask> kTasks{
      {"io.kestra.plugin.core.log.Log", {run_log}},
      {"io.kestra.plugin.core.debug.Echo", {run_echo}},
      {"io.kestra.plugin.core.debug.Return", {run_return}},
      {"io.kestra.plugin.core.output.OutputValues", {run_output_values}},
      {"io.kestra.plugin.core.execution.Fail", {run_fail}},
      {"io.kestra.plugin.core.execution.Assert", {run_assert}},
      {"io.kestra.plugin.core.execution.Labels", {run_labels, true}},
      {"io.kestra.plugin.core.execution.Exit", {run_exit, true}},
      {"io.kestra.plugin.core.execution.SetVariables", {run_set_variables, true}},
      {"io.kestra.plugin.core.execution.UnsetVariables", {run_unset_variables, true}},
      {"io.kestra.plugin.core.execution.Resume", {run_resume}},
      {"io.kestra.plugin.core.flow.Sleep", {run_sleep}},
  };
  const auto found = kTasks.find(type);
  return found == kTasks.end() ? nullptr : &found->second;
}

void Frontier::start_inline(Node& node) {
  const InlineTask* inline_rule = inline_task(task_of(node).type);
  INSULA_ASSERT(inline_rule != nullptr);
  const auto timeout = timeout_of(node);
  expression::Rendered<InlineResult> result = timeout ? inline_rule->rule(InlineCall(*this, node)) : std::unexpected(timeout.error());
  if (!result) {
    if (const auto* needs = std::get_if<expression::Needs>(&result.error())) return park(node, *needs);
    const std::string message = std::get<Error>(result.error()).message;
    if (inline_rule->in_executor) return fail_before_start(node, message, false);
    move(node, State::submitted);
    move(node, State::running);
    open_attempt(node, kInlineWorker);
    log_of_task(node, LogLevel::error, message);
    return attempt_ended(node, State::failed, {});
  }
  if (!inline_rule->in_executor) move(node, State::submitted);
  move(node, State::running);
  open_attempt(node, inline_rule->in_executor ? std::string_view() : kInlineWorker);
  read_clock();  // the rule has run above: from here on is after it
  node.answers.clear();
  for (auto& [level, message] : result->logs) log_of_task(node, level, std::move(message));
  if (!result->labels.empty()) add_labels(result->labels);
  if (result->variables) {
    header.variables = std::move(*result->variables);
    touch_shown_header();
  }
  if (result->exit) return exit_with(node, *result->exit);
  if (result->resume) {
    node.wait = Wait::resume_other;
    result->resume->task_run_id = node.row.id;
    return command(std::move(*result->resume));
  }
  if (result->sleep) {
    node.wait = Wait::timer;
    hold(node);
    if (*timeout && **timeout < *result->sleep) return set_timer(node, "timeout", now() + **timeout);
    return set_timer(node, "sleep", now() + *result->sleep);
  }
  attempt_ended(node, result->state, std::move(result->outputs));
}

void Frontier::timer_fired(const TimerFired& event) {
  const std::size_t colon = event.key.rfind(':');
  Node* node = colon == std::string::npos ? nullptr : find(TaskRunId(event.key.substr(0, colon)));
  if (!node) return;  // it ended in the meantime
  const std::string_view purpose = std::string_view(event.key).substr(colon + 1);
  node->timers.erase(event.key);
  if (purpose == "retry" && node->wait == Wait::retry) return retry_now(*node);
  if (purpose == "pause" && node->wait == Wait::pause) return end_pause(*node, node->progress.forced.value_or(State::success), {});
  if (node->wait != Wait::timer) return;
  if (purpose == "again") return next_round(*node);
  if (purpose == "sleep") return attempt_ended(*node, State::success, {});
  if (purpose != "timeout") return;
  const auto limit = timeout_of(*node);
  const Duration allowed = limit && *limit ? **limit : Duration{0};
  log_of_task(*node, LogLevel::error, "Timeout after " + clock_text(allowed));
  log_of_task(*node, LogLevel::trace, "Timeout: `timeout` of the task is " + format_duration(allowed));
  attempt_ended(*node, State::failed, {});
}

}  // namespace insula::execution
