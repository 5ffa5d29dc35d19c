// The chain of redirects around single transfers. Followed here and not by curl, so that the method, the body and the credentials of each
// step are our decision.
#include "client/transfer.h"

namespace insula::client {
namespace {

constexpr std::string_view token_characters = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

bool is_token(std::string_view text) { return !text.empty() && text.find_first_not_of(token_characters) == std::string_view::npos; }

std::unexpected<Error> invalid(std::string message) { return fail(ErrorKind::invalid, "http-request-invalid", std::move(message)); }

Result<bool> check(const HttpRequest& request) {
  if (!is_token(request.method)) return invalid(fmt::format("'{}' is no HTTP method", request.method.substr(0, 40)));
  for (const Header& header : request.headers) {
    if (!is_token(header.name)) return invalid(fmt::format("'{}' is no name of a header", header.name.substr(0, 40)));
    if (header.value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) return invalid(fmt::format("the value of the header '{}' has a line break", header.name));
  }
  if (const auto* bearer = std::get_if<BearerAuth>(&request.auth); bearer && bearer->token.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
    return invalid("the bearer token has a line break");
  }
  std::error_code error;
  const auto readable = [&](const std::filesystem::path& path) { return std::filesystem::is_regular_file(path, error); };
  if (const auto* file = std::get_if<BodyFile>(&request.body); file && !readable(file->path)) {
    return invalid(fmt::format("the file '{}' for the body is not there", file->path.filename().string()));
  }
  if (const auto* multipart = std::get_if<Multipart>(&request.body)) {
    for (const Part& part : multipart->parts) {
      if (part.file && !readable(*part.file)) return invalid(fmt::format("the file '{}' for the part '{}' is not there", part.file->filename().string(), part.name));
    }
  }
  return true;
}

// RFC 9110 §15.4: a POST that is sent elsewhere becomes a GET, as does everything on 303; 307 and 308 repeat the request.
void turn_to(HttpRequest& request, int status) {
  const bool to_get = (status == 303 && request.method != "HEAD") || ((status == 301 || status == 302) && request.method == "POST");
  if (!to_get) return;
  request.method = "GET";
  request.body = std::monostate{};
  std::erase_if(request.headers, [](const Header& header) { return lower_ascii(header.name).starts_with("content-"); });
}

// Another origin learns nothing that was meant for the first one.
void forget_credentials(HttpRequest& request) {
  request.auth = std::monostate{};
  std::erase_if(request.headers, [](const Header& header) {
    const std::string name = lower_ascii(header.name);
    return name == "authorization" || name == "cookie" || name == "proxy-authorization" || name == "host";
  });
}

}  // namespace

Result<HttpResponse> send(const HttpRequest& original, const EgressRules& rules, const Cancel& cancel) {
  if (const auto sound = check(original); !sound) return fail(sound.error());
  auto origin = origin_of(original.url);
  if (!origin) return fail(origin.error());
  std::optional<Monotonic::time_point> deadline;
  if (original.total_timeout.count() > 0) deadline = Monotonic::now() + original.total_timeout;

  HttpRequest request = original;
  for (int redirects = 0;; ++redirects) {
    HttpResponse response;
    const auto exchange = transfer(request, rules, cancel, deadline, response);
    if (!exchange) return fail(exchange.error());
    response.url = without_credentials(request.url);
    if (exchange->next_url.empty()) return response;
    if (redirects >= request.redirects_max) {
      return fail(ErrorKind::unavailable, "http-too-many-redirects", fmt::format("{} was redirected more than {} times", *origin, request.redirects_max));
    }
    turn_to(request, response.status);
    request.url = exchange->next_url;
    auto next_origin = origin_of(request.url);
    if (!next_origin) return fail(next_origin.error());
    if (*next_origin != *origin) forget_credentials(request);
    origin = std::move(next_origin);
  }
}

}  // namespace insula::client
