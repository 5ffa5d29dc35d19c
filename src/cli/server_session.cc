#include "cli/server_session.h"

#include <filesystem>

#include "cli/contexts.h"

namespace insula::cli {

namespace {
client::EgressRules anywhere() { return client::EgressRules::unrestricted(); }
}  // namespace

Result<ServerSession> ServerSession::open(ServerAddress address) {
  auto whole = resolved(std::move(address));
  if (!whole) return fail(whole.error());
  return ServerSession(std::move(*whole));
}

client::HttpRequest ServerSession::request(const std::string& method, const std::string& path) const {
  client::HttpRequest request;
  request.method = method;
  request.url = path.starts_with("//") ? fmt::format("{}/api/v1{}", address_.url, path.substr(1)) : fmt::format("{}/api/v1/{}{}", address_.url, percent_encode(address_.tenant), path);
  request.read_idle_timeout = std::chrono::minutes(10);
  const std::size_t colon = address_.user.find(':');
  if (!address_.token.empty()) request.auth = client::BearerAuth{address_.token};
  else if (!address_.user.empty()) request.auth = client::BasicAuth{address_.user.substr(0, colon), colon == std::string::npos ? "" : address_.user.substr(colon + 1)};
  return request;
}

Result<Json> ServerSession::answer(const client::HttpRequest& request) const {
  auto response = client::send(request, anywhere());
  if (!response) return fail(response.error());
  Json body(nullptr);
  if (!response->body.empty()) {
    auto parsed = parse_json(response->body);
    body = parsed ? std::move(*parsed) : Json(response->body);
  }
  if (response->status < 300) return body;
  std::string message = response->status == 401 ? "not signed in: give --token or --user e-mail:password, set INSULA_TOKEN or INSULA_USER, or add a context" : fmt::format("the server answered {}", response->status);
  if (body.is_object()) {
    const std::string said = text_or(body.get_object(), "message");
    if (!said.empty()) message = said;
  }
  return fail(ErrorKind::invalid, response->status == 404 ? "server-404" : "server-refused", std::move(message));
}

Result<void> ServerSession::download(const std::string& path, const std::string& file) const {
  client::HttpRequest made = request("GET", path);
  made.response_file = file;
  made.response_bytes_max = std::uint64_t{1} << 40;
  auto response = client::send(made, anywhere());
  if (!response) return fail(response.error());
  if (response->status < 300) return {};
  std::error_code ignored;
  std::filesystem::remove(file, ignored);
  return fail(ErrorKind::invalid, response->status == 404 ? "server-404" : "server-refused", fmt::format("the server answered {}", response->status));
}

Result<Json> ServerSession::get(const std::string& path) const { return answer(request("GET", path)); }

Result<Json> ServerSession::send(const std::string& method, const std::string& path, std::string body, const std::string& content_type) const {
  client::HttpRequest made = request(method, path);
  if (!content_type.empty()) made.headers.push_back({"Content-Type", content_type});
  if (!body.empty()) made.body = std::move(body);
  return answer(made);
}

Result<Json> ServerSession::send_form(const std::string& path, std::vector<client::Part> parts) const {
  client::HttpRequest made = request("POST", path);
  if (!parts.empty()) made.body = client::Multipart{std::move(parts)};
  return answer(made);
}

Result<void> ServerSession::follow(const std::string& path, std::function<bool(const client::Event&)> on_event) const {
  client::EventReader reader(std::move(on_event));
  client::HttpRequest made = request("GET", path);
  made.on_chunk = [&reader](std::string_view chunk) { return reader.feed(chunk); };
  auto response = client::send(made, anywhere());
  if (!response) return fail(response.error());
  if (response->status >= 300) return fail(ErrorKind::invalid, "server-refused", fmt::format("the server answered {}", response->status));
  return {};
}

}  // namespace insula::cli
