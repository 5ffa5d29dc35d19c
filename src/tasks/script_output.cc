#include "tasks/script.h"

namespace insula::tasks {
namespace {

constexpr std::size_t kMetricsMax = 10'000;

}  // namespace

void ScriptOutput::line(std::string_view text, bool is_error) {
  ++(is_error ? error_lines_ : out_lines_);
  if (!take(text)) context_.log(is_error ? flow::LogLevel::error : flow::LogLevel::info, text);
}

bool ScriptOutput::take(std::string_view text) {
  const std::string_view line = trim(text);
  if (!line.starts_with("::{") || !line.ends_with("}::") || line.size() < 6) return false;
  const std::string_view body = line.substr(2, line.size() - 4);
  const Result<Json> message = parse_json(body);
  if (!message) {
    context_.log(flow::LogLevel::warn, fmt::format("Invalid outputs '{}': {}", body.substr(0, 1'000), message.error().message));
    return true;
  }
  if (const Json* outputs = find(*message, "outputs"); outputs && outputs->is_object()) {
    // Kept small while they come: a script that never stops talking must not fill the memory of the worker.
    vars_bytes_ += body.size();
    const bool is_full = vars_bytes_ > context_.limits().outputs_bytes_max * 4;
    if (is_full) context_.log(flow::LogLevel::warn, "Outputs left out: the script has written more than four times what outputs may hold.");
    else for (const auto& [name, value] : outputs->as_object()) vars_[name] = value;
  }
  if (const Json* metrics = find(*message, "metrics"); metrics && metrics->is_array()) {
    for (const Json& metric : metrics->as_array()) {
      if (metric.is_object() && metrics_.size() < kMetricsMax) metrics_.push_back(metric.as_object());
    }
  }
  if (const Json* logs = find(*message, "logs"); logs && logs->is_array()) {
    for (const Json& log : logs->as_array()) {
      if (!log.is_object()) continue;
      const flow::LogLevel level = flow::parse_log_level(text_or(log.as_object(), "level", "INFO")).value_or(flow::LogLevel::info);
      context_.log(level, text_or(log.as_object(), "message"));
    }
  }
  return true;
}

}  // namespace insula::tasks
