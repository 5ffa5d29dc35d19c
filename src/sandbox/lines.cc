#include "sandbox/lines.h"

namespace insula::sandbox {
namespace {

// The length of the valid sequence at the start of `text`; 0 when there is none.
std::size_t sequence_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  return length != 0 && length <= text.size() && is_utf8(text.substr(0, length)) ? length : 0;
}

}  // namespace

std::string valid_utf8(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  std::string result;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) result += "\xef\xbf\xbd";
    else result += text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return result;
}

void LineReader::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    add(bytes.substr(0, end));
    if (end == std::string_view::npos) return;
    emit();
    bytes.remove_prefix(end + 1);
  }
}

void LineReader::finish() {
  if (started_) emit();
}

void LineReader::add(std::string_view bytes) {
  started_ = true;
  const std::size_t fits = std::min(bytes.size(), bytes_max_ - std::min(bytes_max_, line_.size()));
  line_ += bytes.substr(0, fits);
  dropped_ += bytes.size() - fits;
}

void LineReader::emit() {
  if (dropped_ == 0 && line_.ends_with('\r')) line_.pop_back();
  if (dropped_ != 0) {
    // Not in the middle of a character.
    while (!line_.empty() && (static_cast<unsigned char>(line_.back()) & 0xc0) == 0x80) line_.pop_back(), ++dropped_;
    if (!line_.empty() && static_cast<unsigned char>(line_.back()) >= 0xc0) line_.pop_back(), ++dropped_;
    line_ = valid_utf8(line_) + fmt::format(" … [line cut: {} more bytes]", dropped_);
    if (on_line_) on_line_(line_);
  } else if (on_line_) {
    on_line_(valid_utf8(line_));
  }
  line_.clear();
  dropped_ = 0;
  started_ = false;
}

}  // namespace insula::sandbox
