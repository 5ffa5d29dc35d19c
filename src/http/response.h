// What the server answers.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "http/headers.h"

namespace insula::http {

// A file sent in blocks, never read whole. It is opened when the answer is written: one that cannot be opened gives 404, one that shrinks meanwhile
// cuts the connection (the length was promised).
struct FileBody {
  std::filesystem::path path;
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> length;  // to the end of the file when absent
  bool remove_after = false;            // delete the file once it was sent or failed
};

// Content-Length, Connection, Date and Transfer-Encoding are set by the server; setting them here has no effect.
struct Response {
  int status = 200;
  Headers headers;
  std::variant<std::string, FileBody> body;

  static Response text(int status, std::string body, std::string_view content_type = "text/plain; charset=utf-8");
  static Response json(int status, std::string document);
  static Response empty(int status);
  // With `download_name`: `Content-Disposition: attachment` with that name (RFC 6266, also in UTF-8).
  static Response file(FileBody body, std::string_view content_type, std::string_view download_name = {});
};

std::string content_disposition(std::string_view download_name);
std::string_view reason_phrase(int status);  // "" for an unknown status

}  // namespace insula::http
