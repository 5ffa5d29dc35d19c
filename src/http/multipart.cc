#include "http/multipart.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"

namespace insula::http {
namespace {

auto refuse(int status, std::string code, std::string message) { return std::unexpected(Refusal{status, std::move(code), std::move(message)}); }

constexpr std::size_t boundary_padding_max = 256;  // spaces between a boundary and its line end

bool is_boundary_character(char c) {
  constexpr std::string_view marks = "'()+_,-./:=? ";
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || marks.find(c) != std::string_view::npos;
}

// `filename*=UTF-8''na%C3%AFve.txt` (RFC 8187), sent by some clients though RFC 7578 forbids it.
std::optional<std::string> extended_parameter(std::string_view disposition, std::string_view name) {
  const auto value = header_parameter(disposition, name);
  if (!value) return std::nullopt;
  const auto language = value->find('\'');
  if (language == std::string::npos || !equal_ignoring_case(std::string_view(*value).substr(0, language), "utf-8")) return std::nullopt;
  const auto text = value->find('\'', language + 1);
  if (text == std::string::npos) return std::nullopt;
  return percent_decode(std::string_view(*value).substr(text + 1));
}

}  // namespace

std::expected<std::string, Refusal> MultipartReader::boundary_of(std::string_view content_type) {
  const auto boundary = header_parameter(content_type, "boundary");
  if (!boundary || boundary->empty()) {
    return refuse(400, "multipart-boundary", "The Content-Type multipart/form-data has no `boundary`; let the HTTP library set this header by itself.");
  }
  if (boundary->size() > 70 || boundary->back() == ' ' || !std::ranges::all_of(*boundary, is_boundary_character)) {
    return refuse(400, "multipart-boundary", "The `boundary` of the Content-Type is not valid: 1 to 70 letters, digits and marks (RFC 2046).");
  }
  return *boundary;
}

MultipartReader::MultipartReader(std::string_view boundary, MultipartLimits limits, std::filesystem::path spool_folder, std::vector<Part>& parts)
    : delimiter_(fmt::format("\r\n--{}", boundary)), limits_(limits), spool_folder_(std::move(spool_folder)), parts_(parts) {}

Accepted MultipartReader::take(std::string_view bytes) {
  any_bytes_ = any_bytes_ || !bytes.empty();
  if (state_ == State::epilogue) return {};  // the limit of the whole body bounds it
  pending_.append(bytes);
  for (bool going_on = true; going_on;) {
    std::expected<bool, Refusal> step = false;
    switch (state_) {
      case State::preamble:
      case State::content: step = find_boundary(); break;
      case State::after_boundary: step = read_after_boundary(); break;
      case State::header: step = read_header(); break;
      case State::epilogue: at_ = pending_.size(); break;
    }
    if (!step) return std::unexpected(std::move(step.error()));
    going_on = *step;
  }
  pending_.erase(0, at_);
  at_ = 0;
  return {};
}

std::expected<bool, Refusal> MultipartReader::find_boundary() {
  const auto found = pending_.find(delimiter_, at_);
  // Without a match, the last bytes may be the start of a boundary: they wait for the next piece.
  const auto keep = delimiter_.size() - 1;
  const auto end = found != std::string::npos ? found : std::max(at_, pending_.size() - std::min(keep, pending_.size()));
  if (state_ == State::content) {
    auto added = add_content(std::string_view(pending_).substr(at_, end - at_));
    if (!added) return std::unexpected(std::move(added.error()));
  }
  at_ = end;
  if (found == std::string::npos) return false;
  at_ += delimiter_.size();
  if (state_ == State::content) parts_.back().file.finish();
  state_ = State::after_boundary;
  return true;
}

std::expected<bool, Refusal> MultipartReader::read_after_boundary() {
  const auto rest = std::string_view(pending_).substr(at_);
  if (rest.starts_with("--")) {
    state_ = State::epilogue;
    return true;
  }
  const auto line_end = rest.find("\r\n");
  const auto padding = rest.substr(0, line_end);
  if (padding.size() > boundary_padding_max || (line_end != std::string_view::npos && !trim(padding).empty())) {
    return refuse(400, "multipart-invalid", "A boundary of the multipart body is followed by other text than a line end.");
  }
  if (line_end == std::string_view::npos) return false;
  at_ += line_end;  // the line end stays: a part without any header line starts with an empty line
  state_ = State::header;
  return true;
}

std::expected<bool, Refusal> MultipartReader::read_header() {
  const auto rest = std::string_view(pending_).substr(at_);
  const auto end = rest.find("\r\n\r\n");
  if (end == std::string_view::npos ? rest.size() > limits_.part_header_bytes_max : end > limits_.part_header_bytes_max) {
    return refuse(413, "multipart-header-too-large",
                  fmt::format("The header of part {} is larger than {} bytes.", parts_.size() + 1, limits_.part_header_bytes_max));
  }
  if (end == std::string_view::npos) return false;
  auto opened = open_part(rest.substr(0, end));
  if (!opened) return std::unexpected(std::move(opened.error()));
  at_ += end + 4;
  state_ = State::content;
  return true;
}

Accepted MultipartReader::open_part(std::string_view header) {
  if (parts_.size() == limits_.parts_max) {
    return refuse(413, "multipart-too-many-parts", fmt::format("The multipart body has more than {} parts.", limits_.parts_max));
  }
  Part part;
  std::string_view disposition;
  while (!header.empty()) {
    const auto end = std::min(header.find("\r\n"), header.size());
    const auto line = header.substr(0, end);
    header.remove_prefix(std::min(end + 2, header.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) {
      if (line.empty()) continue;
      return refuse(400, "multipart-invalid", fmt::format("Part {} of the multipart body has a header line without a colon.", parts_.size() + 1));
    }
    const auto name = trim(line.substr(0, colon));
    if (equal_ignoring_case(name, "Content-Disposition")) disposition = trim(line.substr(colon + 1));
    if (equal_ignoring_case(name, "Content-Type")) part.content_type = trim(line.substr(colon + 1));
  }
  const auto name = header_parameter(disposition, "name");
  if (!name || media_type(disposition) != "form-data") {
    return refuse(400, "multipart-invalid",
                  fmt::format("Part {} of the multipart body has no `Content-Disposition: form-data; name=\"…\"`.", parts_.size() + 1));
  }
  part.name = *name;
  part.filename = extended_parameter(disposition, "filename*");
  if (!part.filename) part.filename = header_parameter(disposition, "filename");
  if (!is_utf8(part.name) || !is_utf8(part.filename.value_or(""))) {
    return refuse(400, "multipart-invalid", fmt::format("The name of part {} of the multipart body is not UTF-8.", parts_.size() + 1));
  }
  if (part.is_file()) {
    if (spool_folder_.empty()) return refuse(415, "uploads-not-accepted", fmt::format("Part `{}` is a file; this server takes no file uploads.", part.name));
    auto file = SpooledFile::create(spool_folder_);
    if (!file) {
      log::error("upload: {}", file.error().detail);
      return std::unexpected(Refusal::of(file.error()));
    }
    part.file = std::move(*file);
  }
  parts_.push_back(std::move(part));
  return {};
}

Accepted MultipartReader::add_content(std::string_view bytes) {
  if (bytes.empty()) return {};
  auto& part = parts_.back();
  if (part.is_file()) {
    auto appended = part.file.append(bytes);
    if (appended) return {};
    log::error("upload: {}", appended.error().detail);
    return std::unexpected(Refusal::of(appended.error()));
  }
  text_bytes_ += bytes.size();
  if (part.text.size() + bytes.size() > limits_.text_part_bytes_max) {
    return refuse(413, "multipart-text-too-large",
                  fmt::format("Part `{}` has more than {} bytes; send it as a file (with a file name).", part.name, limits_.text_part_bytes_max));
  }
  if (text_bytes_ > limits_.text_bytes_max) {
    return refuse(413, "multipart-text-too-large", fmt::format("The parts without a file name have more than {} bytes together.", limits_.text_bytes_max));
  }
  part.text.append(bytes);
  return {};
}

std::string MultipartReader::name_of_current() const {
  if (state_ == State::content) return fmt::format("inside part `{}`", parts_.back().name);
  return parts_.empty() ? "before the first part" : fmt::format("after part `{}`", parts_.back().name);
}

Accepted MultipartReader::finish() {
  if (state_ == State::epilogue || !any_bytes_) return {};
  return refuse(400, "multipart-truncated", fmt::format("The multipart body ends {}: its closing boundary is missing.", name_of_current()));
}

}  // namespace insula::http
