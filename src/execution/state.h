// States and their histories: features.md §5.1, versions.md "States and attempts".
#pragma once
#include "base/base.h"

namespace insula::execution {

enum class State : std::uint8_t {
  created, submitted, running, paused, restarted, killing, success, warning, failed, killed, cancelled, queued, retrying, retried, skipped,
};
inline constexpr int kStateCount = 15;

std::string_view to_string(State state);                 // "CREATED"
std::optional<State> parse_state(std::string_view text); // exact upper case; CANCELED is read as CANCELLED
bool is_terminal(State state);                           // FAILED WARNING SUCCESS KILLED CANCELLED RETRIED SKIPPED

class StateHistory {
 public:
  struct Entry { State state; Instant at; };
  StateHistory() = default;
  StateHistory(State first, Instant at) : entries_{{first, at}} {}
  explicit StateHistory(std::vector<Entry> entries) : entries_(std::move(entries)) {}

  State current() const { return entries_.empty() ? State::created : entries_.back().state; }
  void move_to(State next, Instant at) { entries_.push_back({next, at}); }
  const std::vector<Entry>& entries() const { return entries_; }
  Instant start() const { return entries_.empty() ? Instant{} : entries_.front().at; }
  std::optional<Instant> end() const;                    // the last entry's instant when terminal
  std::optional<Duration> duration() const;              // last − first, when terminal
  bool is_terminal() const { return execution::is_terminal(current()); }
  // `{current, histories, duration?, startDate, endDate?}` with six-digit dates.
  JsonObject to_json() const;
  // Compact text of the entries for the store, `C1732466731440286,R…`, and back.
  std::string pack() const;
  static StateHistory unpack(std::string_view packed);

 private:
  std::vector<Entry> entries_;
};

}  // namespace insula::execution
