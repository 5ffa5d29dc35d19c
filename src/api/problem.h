// Errors as the API shows them: HAL documents with every key of 1.3's (recorded/README.md), one table from kind to status.
#pragma once
#include "base/base.h"
#include "http/http.h"

namespace insula::api {

int status_of(ErrorKind kind);
// The message with the reason in front that 1.3 uses: `Not Found`, `Invalid entity: …`, `Illegal argument: …`, `Illegal state: …`.
std::string problem_message(const Error& error);
// `href`: the target of the request as it was sent.
JsonObject problem_body(std::string_view message, std::string_view href, const std::vector<Violation>& violations = {});
// The whole answer. 401 has no body and names the scheme; 503 says when to try again. The stable code goes in the field `X-Error-Code`.
http::Response problem_response(const Error& error, std::string_view href, std::string_view realm);

// `{message: "invalid bulk kill", invalids: […]}` with status 400: members of a bulk command that refuse it; each violation's path is the id.
http::Response bulk_problem_response(std::string_view kind, const std::vector<Violation>& invalids);

inline std::unexpected<Error> not_found(std::string message = {}) { return fail(ErrorKind::not_found, "not-found", std::move(message)); }
inline std::unexpected<Error> illegal_argument(std::string code, std::string message) {
  return fail(ErrorKind::invalid, std::move(code), "Illegal argument: " + std::move(message));
}

}  // namespace insula::api
