#include "execution/state.h"

namespace insula::execution {

namespace {

struct Name { std::string_view text; char letter; };
// In the order of State. Letters are stored: they never change their meaning.
constexpr std::array<Name, kStateCount> kNames{{
    {"CREATED", 'C'}, {"SUBMITTED", 'S'}, {"RUNNING", 'R'}, {"PAUSED", 'P'}, {"RESTARTED", 'r'}, {"KILLING", 'k'}, {"SUCCESS", 's'}, {"WARNING", 'w'},
    {"FAILED", 'f'}, {"KILLED", 'K'}, {"CANCELLED", 'x'}, {"QUEUED", 'q'}, {"RETRYING", 'y'}, {"RETRIED", 'Y'}, {"SKIPPED", 'z'},
}};

}  // namespace

std::string_view to_string(State state) { return kNames[static_cast<std::size_t>(state)].text; }

std::optional<State> parse_state(std::string_view text) {
  if (text == "CANCELED") return State::cancelled;
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i].text == text) return static_cast<State>(i);
  }
  return std::nullopt;
}

bool is_terminal(State state) {
  switch (state) {
    case State::success: case State::warning: case State::failed: case State::killed: case State::cancelled: case State::retried: case State::skipped: return true;
    default: return false;
  }
}

std::optional<Instant> StateHistory::end() const {
  if (entries_.empty() || !is_terminal()) return std::nullopt;
  return entries_.back().at;
}

std::optional<Duration> StateHistory::duration() const {
  if (entries_.empty() || !is_terminal()) return std::nullopt;
  return entries_.back().at - entries_.front().at;
}

JsonObject StateHistory::to_json() const {
  JsonObject json;
  json["current"] = to_string(current());
  JsonArray histories;
  for (const Entry& entry : entries_) histories.push_back(JsonObject{{"state", to_string(entry.state)}, {"date", format_instant(entry.at)}});
  json["histories"] = std::move(histories);
  // A paused one shows how long it has taken so far, as 1.3 does.
  if (!entries_.empty() && (is_terminal() || current() == State::paused)) {
    json["duration"] = format_duration(entries_.back().at - entries_.front().at);
    json["endDate"] = format_instant(entries_.back().at);
  }
  json["startDate"] = format_instant(start());
  return json;
}

std::string StateHistory::pack() const {
  std::string packed;
  for (const Entry& entry : entries_) {
    if (!packed.empty()) packed += ',';
    packed += kNames[static_cast<std::size_t>(entry.state)].letter;
    packed += std::to_string(entry.at.time_since_epoch().count());
  }
  return packed;
}

StateHistory StateHistory::unpack(std::string_view packed) {
  std::vector<Entry> entries;
  while (!packed.empty()) {
    const std::size_t comma = std::min(packed.find(','), packed.size());
    const std::string_view one = packed.substr(0, comma);
    packed.remove_prefix(std::min(comma + 1, packed.size()));
    const auto name = std::ranges::find(kNames, one.empty() ? '\0' : one.front(), &Name::letter);
    std::int64_t micros = 0;
    const auto read = std::from_chars(one.data() + std::min<std::size_t>(1, one.size()), one.data() + one.size(), micros);
    INSULA_ASSERT(name != kNames.end() && read.ec == std::errc{});
    entries.push_back({static_cast<State>(name - kNames.begin()), Instant{Duration{micros}}});
  }
  return StateHistory(std::move(entries));
}

}  // namespace insula::execution
