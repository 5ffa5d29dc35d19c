// Calls to a running server, with its address and credentials.
#pragma once
#include "cli/cli.h"
#include "client/client.h"

namespace insula::cli {

class ServerSession {
 public:
  explicit ServerSession(ServerAddress address);
  // A path below /api/v1/{tenant}. Errors say what the server answered.
  Result<Json> get(const std::string& path) const;
  Result<Json> send(const std::string& method, const std::string& path, std::string body, const std::string& content_type) const;
  Result<Json> send_form(const std::string& path, std::vector<client::Part> parts) const;
  // Server-sent events until `on_event` returns false or the stream ends.
  Result<void> follow(const std::string& path, std::function<bool(const client::Event&)> on_event) const;
  const ServerAddress& address() const { return address_; }

 private:
  client::HttpRequest request(const std::string& method, const std::string& path) const;
  Result<Json> answer(const client::HttpRequest& request) const;
  ServerAddress address_;
};

}  // namespace insula::cli
