// Why the server itself ends a request, before or without its handler.
#pragma once
#include <expected>
#include <string>
#include <string_view>

#include "base/error.h"

namespace insula::http {

struct Refusal {
  int status = 0;       // 0: close without a word, there is nobody to read it
  std::string code;     // kebab-case, as in Error
  std::string message;  // public

  static Refusal silent() { return {}; }
  static Refusal of(const Error& error) {
    switch (error.kind) {
      case ErrorKind::too_large: return {413, error.code, error.message};
      case ErrorKind::unsupported: return {415, error.code, error.message};
      case ErrorKind::unavailable: return {503, error.code, error.message};
      default: return {400, error.code, error.message};
    }
  }
};
using Accepted = std::expected<void, Refusal>;

// Where the bytes of a body go while they arrive.
class BodySink {
 public:
  virtual ~BodySink() = default;
  virtual Accepted take(std::string_view bytes) = 0;
  virtual Accepted finish() = 0;  // the body is complete
};

}  // namespace insula::http
