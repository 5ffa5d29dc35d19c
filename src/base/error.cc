#include "base/error.h"

#include <cstdio>
#include <cstdlib>

namespace insula {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::invalid: return "invalid";
    case ErrorKind::bad_request: return "bad request";
    case ErrorKind::unauthenticated: return "unauthenticated";
    case ErrorKind::forbidden: return "forbidden";
    case ErrorKind::not_found: return "not found";
    case ErrorKind::conflict: return "conflict";
    case ErrorKind::gone: return "gone";
    case ErrorKind::too_large: return "too large";
    case ErrorKind::unsupported: return "unsupported";
    case ErrorKind::unavailable: return "unavailable";
    case ErrorKind::internal: return "internal";
  }
  return "internal";
}

void assertion_failed(const char* expression, const char* file, int line) {
  throw BrokenAssertion(fmt::format("assertion failed: {} ({}:{})", expression, file, line));
}

void invariant_broken(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "insula: broken invariant: %s (%s:%d)\n", expression, file, line);
  std::abort();
}

}  // namespace insula
