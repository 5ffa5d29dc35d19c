#include "client/client.h"

namespace insula::client {
namespace {

constexpr std::size_t event_bytes_max = 16u << 20;

}  // namespace

bool EventReader::feed(std::string_view chunk) {
  while (!chunk.empty() && !stopped_) {
    if (std::exchange(after_cr_, false) && chunk.front() == '\n') {  // the second half of one line break
      chunk.remove_prefix(1);
      continue;
    }
    const std::size_t end = chunk.find_first_of("\r\n");
    pending_ += chunk.substr(0, end);
    if (pending_.size() + event_.data.size() > event_bytes_max) {
      overflowed_ = stopped_ = true;
      break;
    }
    if (end == std::string_view::npos) break;
    after_cr_ = chunk[end] == '\r';
    chunk.remove_prefix(end + 1);
    std::string complete = std::exchange(pending_, {});
    if (std::exchange(first_line_, false) && complete.starts_with("\xEF\xBB\xBF")) complete.erase(0, 3);  // a byte order mark
    stopped_ = !line(complete);
  }
  return !stopped_;
}

bool EventReader::line(std::string_view text) {
  if (text.empty()) return dispatch();
  const std::size_t colon = text.find(':');
  const std::string_view field = text.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  } else if (field == "event") {
    event_.type = value;
  } else if (field == "id") {
    if (!value.contains('\0')) event_.id = value;
  } else if (field == "retry") {
    std::uint32_t milliseconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), milliseconds);
    if (error == std::errc() && end == value.data() + value.size()) retry_ = std::chrono::milliseconds(milliseconds);
  }
  return true;
}

bool EventReader::dispatch() {
  Event event{event_.id, event_.type.empty() ? "message" : event_.type, std::move(event_.data)};
  event_.type.clear();
  event_.data.clear();
  return !std::exchange(has_data_, false) || on_event_(event);
}

}  // namespace insula::client
