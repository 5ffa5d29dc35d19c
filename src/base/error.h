// Expected failure is a value: Result<T>. Exceptions stop at library edges; a broken assertion is a bug (see INSULA_ASSERT).
#pragma once
#include <expected>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace insula {

// An error kind exists only if a caller acts on it. Mapped once to an HTTP status, in `api`.
enum class ErrorKind {
  invalid,       // 422: what the user wrote or sent is wrong
  bad_request,   // 400: the request itself is malformed
  unauthenticated,  // 401
  forbidden,     // 403
  not_found,     // 404
  conflict,      // 409: right in form, not in this state
  gone,          // 410
  too_large,     // 413
  unsupported,   // 415
  unavailable,   // 503: not now; try again
  internal,      // 500: our fault
};

// One thing wrong with a text of the user. Lines and columns are 1-based; 0 = unknown.
struct Violation {
  std::string path;        // `tasks[1].message`, or the id of the task or input it is about
  std::string message;
  int line = 0;
  int column = 0;
  std::string suggestion;  // the near word, or what to do; may be empty
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string code;     // stable, kebab-case; each has a page docs/errors/<code>.md
  std::string message;  // public: says what, where, what to do; never a secret, never another tenant's data
  std::string detail;   // private: for the log only
  std::vector<Violation> violations;
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorKind kind, std::string code, std::string message, std::string detail = {}) {
  return std::unexpected(Error{kind, std::move(code), std::move(message), std::move(detail), {}});
}
inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

std::string_view to_string(ErrorKind kind);

// A bug in a rule or a read: caught at the edge of the tenant's actor (I10), where it stops the execution, then the tenant.
class BrokenAssertion : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);
// A bug in store or engine: nothing that follows could be trusted, so the process ends.
[[noreturn]] void invariant_broken(const char* expression, const char* file, int line);

}  // namespace insula

#define INSULA_ASSERT(condition) ((condition) ? static_cast<void>(0) : ::insula::assertion_failed(#condition, __FILE__, __LINE__))
#define INSULA_INVARIANT(condition) ((condition) ? static_cast<void>(0) : ::insula::invariant_broken(#condition, __FILE__, __LINE__))
