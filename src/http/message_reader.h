// Reads one request after the other out of bytes (RFC 9112). The grammar is Beast's, which is seen in the .cc only; what Beast lets pass and a proxy in
// front could read otherwise (unknown transfer codings, Host) is refused here.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "http/refusal.h"
#include "http/request.h"

namespace insula::http {

class MessageReader {
 public:
  explicit MessageReader(std::size_t header_bytes_max);
  ~MessageReader();

  // Forgets the last message; the next bytes start a request that is written into `request`.
  void start(Request& request);

  struct Step {
    std::size_t consumed = 0;  // bytes of `bytes` that are done with; the rest must be given again, with more behind it
    Accepted accepted;
  };
  // Up to the empty line after the fields.
  Step read_head(std::string_view bytes);
  // Only after is_head_complete. Chunks are taken apart, trailer fields are dropped.
  Step read_body(std::string_view bytes, BodySink& sink);

  bool is_head_complete() const;
  bool is_complete() const;
  bool keep_alive() const;
  bool is_chunked() const;
  // 413 body-too-large as soon as the length is known to be above.
  Accepted limit_body(std::uint64_t bytes_max);
  std::optional<std::uint64_t> content_length() const;

 private:
  class Parser;
  struct Storage;
  std::unique_ptr<Storage> storage_;
};

}  // namespace insula::http
