#include "triggers/window.h"

#include "triggers/local_date.h"

namespace insula::triggers {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

bool has(const JsonObject& written, std::string_view key) {
  const Json* value = find(written, key);
  return value != nullptr && !value->is_null();
}

std::optional<Duration> duration_of(const JsonObject& written, std::string_view key) {
  const Json* value = find(written, key);
  if (value == nullptr || value->is_null()) return std::nullopt;
  if (value->is_int64()) return std::chrono::seconds(value->get_int64());
  return parse_duration(to_text(*value));
}

}  // namespace

TimeWindow TimeWindow::compile(const Json* written) {
  TimeWindow window;
  if (written == nullptr || !written->is_object()) return window;
  const JsonObject& object = written->get_object();
  const std::string type = text_or(object, "type", "DURATION_WINDOW");
  if (type == "SLIDING_WINDOW") window.type = Type::sliding;
  if (type == "DAILY_TIME_DEADLINE") window.type = Type::daily_deadline;
  if (type == "DAILY_TIME_WINDOW") window.type = Type::daily;
  window.length = duration_of(object, "window");
  window.advance = duration_of(object, "windowAdvance");
  window.deadline = read_local_time(text_or(object, "deadline")).value_or(Duration(0));
  window.start_time = read_local_time(text_or(object, "startTime")).value_or(Duration(0));
  window.end_time = read_local_time(text_or(object, "endTime")).value_or(Duration(0));
  return window;
}

std::pair<Instant, Instant> TimeWindow::bounds(Instant now, const schedule::Zone& zone) const {
  const Duration offset = zone.offset_at(now);
  const Instant local = std::chrono::floor<std::chrono::seconds>(now + offset);
  const Instant midnight = std::chrono::floor<days>(local);
  const Duration span = length.value_or(days(1));
  switch (type) {
    case Type::sliding: return {local - offset, local - offset + span};
    case Type::daily_deadline: return {midnight - offset, midnight + deadline - offset};
    case Type::daily: return {midnight + start_time - offset, midnight + end_time - offset};
    case Type::duration: break;
  }
  // Windows are laid out from the hour, or from midnight when they are a day or longer, in steps of their own minutes.
  Instant start = local;
  if (span >= days(1)) start = midnight + (start - std::chrono::floor<hours>(start));
  if (span >= hours(1)) start = std::chrono::floor<hours>(start) + (start - std::chrono::floor<minutes>(start));
  if (const auto step = std::chrono::floor<minutes>(span); step.count() > 0) {
    const auto minute = std::chrono::floor<minutes>(start - std::chrono::floor<hours>(start));
    start = std::chrono::floor<hours>(start) + step * (minute / step);
  }
  start -= offset;
  if (advance) start = std::chrono::floor<milliseconds>(start + *advance);
  return {start, std::chrono::floor<milliseconds>(start + span - milliseconds(1))};
}

std::vector<std::string> faults_of_time_window(const JsonObject& written) {
  struct Rule {
    std::string_view type;
    std::vector<std::pair<std::string_view, std::string_view>> forbidden, required;
  };
  static const std::pair<std::string_view, std::string_view> kWindow{"window", "a window"}, kAdvance{"windowAdvance", "a window advance"}, kDeadline{"deadline", "a deadline"},
      kStart{"startTime", "a start time"}, kEnd{"endTime", "an end time"};
  static const std::vector<Rule> rules{{"DAILY_TIME_DEADLINE", {kWindow, kAdvance, kStart, kEnd}, {kDeadline}},
                                       {"DAILY_TIME_WINDOW", {kWindow, kAdvance, kDeadline}, {kStart, kEnd}},
                                       {"DURATION_WINDOW", {kDeadline, kStart, kEnd}, {}},
                                       {"SLIDING_WINDOW", {kDeadline, kStart, kEnd, kAdvance}, {}}};
  const std::string type = text_or(written, "type", "DURATION_WINDOW");
  std::vector<std::string> faults;
  for (const Rule& rule : rules) {
    if (rule.type != type) continue;
    for (const auto& [key, name] : rule.forbidden) {
      if (has(written, key)) faults.push_back(fmt::format("Time window of type `{}` cannot have {}.", type, name));
    }
    if (!faults.empty()) return faults;
    for (const auto& [key, name] : rule.required) {
      if (!has(written, key)) faults.push_back(fmt::format("Time window of type `{}` must have {}.", type, name));
    }
  }
  for (const std::string_view key : {"deadline", "startTime", "endTime"}) {
    const std::string time = text_or(written, key);
    if (!time.empty() && !read_local_time(time)) faults.push_back(fmt::format("`{}` is no time of the day: write it like 09:00:00, not '{}'", key, time.substr(0, 40)));
  }
  return faults;
}

}  // namespace insula::triggers
