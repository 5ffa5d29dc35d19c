// Inside this folder: one request and one answer over one connection, without redirects.
#pragma once
#include "client/client.h"

namespace insula::client {

using Monotonic = std::chrono::steady_clock;

struct Exchange {
  std::string next_url;  // where the answer sends us, absolute; empty when it does not
};

// `deadline` ends the whole chain of redirects. Fills `response`.
Result<Exchange> transfer(const HttpRequest& request, const EgressRules& rules, const Cancel& cancel, std::optional<Monotonic::time_point> deadline, HttpResponse& response);

// Scheme, host and port decide whether two URLs are the same origin. Error `url-invalid`.
Result<std::string> origin_of(const std::string& url);
// The URL without user, password and fragment.
std::string without_credentials(const std::string& url);

}  // namespace insula::client
