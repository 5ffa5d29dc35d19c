// Reads multipart/form-data (RFC 7578, RFC 2046 §5.1) while it arrives: memory use does not depend on the size of the upload.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "http/refusal.h"
#include "http/request.h"

namespace insula::http {

struct MultipartLimits {
  std::size_t parts_max = 1000;
  std::size_t part_header_bytes_max = 16u << 10;
  std::uint64_t text_part_bytes_max = 8u << 20;
  std::uint64_t text_bytes_max = 64u << 20;  // all parts without a file name together
};

class MultipartReader final : public BodySink {
 public:
  // The boundary out of the Content-Type: 400 multipart-boundary when it is missing or no boundary (RFC 2046: 1–70 characters).
  static std::expected<std::string, Refusal> boundary_of(std::string_view content_type);

  // Parts are appended to `parts`, which must outlive the reader. Files go to `spool_folder`; when that is empty they get 415.
  MultipartReader(std::string_view boundary, MultipartLimits limits, std::filesystem::path spool_folder, std::vector<Part>& parts);

  Accepted take(std::string_view bytes) override;
  Accepted finish() override;  // 400 multipart-truncated when the closing boundary did not come; a body without a single byte is an empty form

 private:
  enum class State { preamble, after_boundary, header, content, epilogue };

  // Each reads from pending_ at at_; true = there was enough to go on with another state.
  std::expected<bool, Refusal> find_boundary();
  std::expected<bool, Refusal> read_after_boundary();
  std::expected<bool, Refusal> read_header();
  Accepted open_part(std::string_view header);
  Accepted add_content(std::string_view bytes);
  std::string name_of_current() const;

  std::string delimiter_;  // CRLF -- boundary
  MultipartLimits limits_;
  std::filesystem::path spool_folder_;
  std::vector<Part>& parts_;
  State state_ = State::preamble;
  std::string pending_ = "\r\n";  // so that the first boundary needs no case of its own
  std::size_t at_ = 0;
  std::uint64_t text_bytes_ = 0;
  bool any_bytes_ = false;
};

}  // namespace insula::http
