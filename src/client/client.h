// The door of `client`: blocking HTTP requests with rules about where they may go. Built on libcurl.
//
// No connection outlives its request: one that was opened under other rules is never used again.
// Threads: every function may be called from any thread at once; `send` blocks its caller (never call it on an I/O or actor thread).
// Invariant: the address rules are checked on the address of each connection at the moment it is opened, so that neither a redirect nor
// a name that resolves differently the second time gets around them. Only http and https are spoken.
#pragma once
#include <filesystem>

#include "client/egress.h"

namespace insula::client {

// How another thread ends a `send` early. With a wake descriptor (readable once cancelled, never read from) that is at once, without one
// within a tenth of a second. A default one never cancels.
struct Cancel {
  std::function<bool()> cancelled = {};
  int wake_descriptor = -1;
};

struct Header {
  std::string name;
  std::string value;
};

// One part of multipart/form-data; either `value` or, when `file` is set, the bytes of that file.
struct Part {
  std::string name;
  std::string value;
  std::optional<std::filesystem::path> file;
  std::string filename;      // sent when not empty
  std::string content_type;  // sent when not empty
};

struct FormFields { std::vector<std::pair<std::string, std::string>> fields; };  // application/x-www-form-urlencoded
struct Multipart { std::vector<Part> parts; };
struct BodyFile { std::filesystem::path path; };

// Nothing, bytes as they are, the bytes of a file, or a form. A Content-Type is added for forms only.
using Body = std::variant<std::monostate, std::string, BodyFile, FormFields, Multipart>;

struct BasicAuth { std::string username; std::string password; };
struct BearerAuth { std::string token; };

// `http://host:port` or `socks5://host:port`. The proxy's own address is under the egress rules too; what is behind it is not seen, so a
// caller under rules passes a proxy only when an administrator configured it.
struct Proxy {
  std::string url;
  std::optional<BasicAuth> auth;
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  std::vector<Header> headers;  // sent in this order; a name twice is sent twice; an empty value is sent empty
  Body body;
  std::variant<std::monostate, BasicAuth, BearerAuth> auth;  // not passed on to another host by a redirect
  std::optional<Proxy> proxy;  // environment variables such as http_proxy are never used
  bool follow_redirects = true;
  int redirects_max = 20;
  bool insecure_tls = false;  // accept any certificate
  std::optional<std::filesystem::path> ca_file;      // PEM bundle instead of the system's
  std::chrono::milliseconds connect_timeout{30'000};
  std::chrono::milliseconds read_idle_timeout{300'000};  // no byte either way for that long; 0 = none
  std::chrono::milliseconds total_timeout{0};            // 0 = none
  std::uint64_t response_bytes_max = 64u << 20;          // of the body as received and decoded
  bool decompress = true;                                // ask for and undo gzip, deflate, br, zstd
  std::optional<std::filesystem::path> response_file;    // the body goes there (created or truncated; left partial on error)
  // Sees status and headers of the last answer before its body; return false to stop (the answer is then complete and ok).
  std::function<bool(const struct HttpResponse&)> on_head;
  // Sees each piece of the body as it comes, instead of memory or file; return false to stop, as above.
  std::function<bool(std::string_view)> on_chunk;
};

struct HttpResponse {
  int status = 0;                // any; error statuses are no errors of `send`
  std::vector<Header> headers;   // of the last answer, each value in order; names in lower case
  std::string body;              // empty when it went to a file or to on_chunk
  std::uint64_t body_bytes = 0;  // wherever it went
  std::string url;               // where redirects led

  // The first value, or nullptr.
  const std::string* header(std::string_view name) const;
};

// Errors: `url-invalid`, `http-request-invalid` (a header or method with forbidden characters, a body file that is not there),
// `egress-denied` (names the host, the address and the rule), `http-dns`, `http-refused`, `http-unreachable`, `http-timeout` (which one,
// after how long), `http-tls` (why), `http-too-large`, `http-too-many-redirects`, `http-cancelled`, `http-file` (response file cannot be
// written), `http-failed`. Messages never carry credentials, queries or bodies.
Result<HttpResponse> send(const HttpRequest& request, const EgressRules& rules, const Cancel& cancel = {});

// Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): feed it the chunks of a body in any cut.
struct Event {
  std::string id;     // of this event, or the last one seen
  std::string type;   // `message` when not named
  std::string data;   // lines joined by \n
};
class EventReader {
 public:
  explicit EventReader(std::function<bool(const Event&)> on_event) : on_event_(std::move(on_event)) {}
  // False once on_event returned false or a line or event grew beyond 16 MiB: hand it to HttpRequest::on_chunk.
  bool feed(std::string_view chunk);
  bool overflowed() const { return overflowed_; }
  std::optional<std::chrono::milliseconds> retry() const { return retry_; }

 private:
  bool line(std::string_view text);
  bool dispatch();

  std::function<bool(const Event&)> on_event_;
  std::string pending_;
  Event event_;
  bool has_data_ = false;
  bool first_line_ = true;
  bool after_cr_ = false;
  bool overflowed_ = false;
  bool stopped_ = false;
  std::optional<std::chrono::milliseconds> retry_;
};

}  // namespace insula::client
