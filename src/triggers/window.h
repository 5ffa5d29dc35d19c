// The span of time in which several executions must have been seen, and what of them was.
#pragma once
#include "schedule/schedule.h"
#include "flow/flow.h"

namespace insula::triggers {

// State of one `preconditions` or MultipleCondition of one Flow trigger: a row of the tenant's store.
struct Window {
  Namespace ns;
  FlowId flow_id;
  TriggerId trigger_id;
  std::string condition_id;
  Instant start, end;                     // start ≤ instant < end
  std::vector<std::string> met;           // names of the conditions that have held, sorted
  JsonObject outputs;                     // flow outputs of the executions seen, merged

  bool contains(Instant now) const { return start <= now && now < end; }
};

// `timeWindow`.
struct TimeWindow {
  enum class Type { duration, sliding, daily_deadline, daily } type = Type::duration;
  std::optional<Duration> length;         // duration, sliding; one day when absent
  std::optional<Duration> advance;        // duration: the start is moved by this
  Duration deadline{0}, start_time{0}, end_time{0};   // since midnight of the server's zone

  static TimeWindow compile(const Json* written);
  // Bounds of the window that a first event at `now` opens. It need not contain `now`: after a deadline, say.
  std::pair<Instant, Instant> bounds(Instant now, const schedule::Zone& zone) const;
};
// `written` has the shape of a timeWindow: what does not fit together, in 1.3's words.
std::vector<std::string> faults_of_time_window(const JsonObject& written);

}  // namespace insula::triggers
