// Inside this folder: what curl hands over while an answer arrives.
#pragma once
#include <fstream>

#include "client/client.h"

namespace insula::client {

// Collects the last answer of a chain of redirects; refuses what is too large or cannot be written.
class ResponseSink {
 public:
  ResponseSink(const HttpRequest& request, HttpResponse& response) : request_(request), response_(response) {}

  // One header line as received, status line and empty line included. False: stop.
  bool header_line(std::string_view line, long status);
  bool body(std::string_view bytes);
  // Whether the answer so far sends us elsewhere.
  bool redirects() const;
  // After the transfer: an error when the file could not be written.
  std::optional<Error> finish();

  // Why the sink stopped the transfer.
  const std::optional<Error>& error() const { return error_; }
  bool stopped_by_reader() const { return stopped_by_reader_; }

 private:
  const HttpRequest& request_;
  HttpResponse& response_;
  std::ofstream file_;
  std::uint64_t header_bytes_ = 0;
  std::optional<Error> error_;
  bool stopped_by_reader_ = false;
};

}  // namespace insula::client
