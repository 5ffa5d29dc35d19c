// The server and its limits.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/error.h"
#include "http/exchange.h"
#include "http/request.h"
#include "http/response.h"

namespace insula::http {

struct Limits {
  std::size_t header_bytes_max = 16u << 10;         // request line and fields; over it: 431
  std::uint64_t body_bytes_max = 64u << 20;         // body in memory, chunked or not; over it: 413
  std::uint64_t upload_bytes_max = 4ull << 30;      // whole multipart body; over it: 413
  std::uint64_t text_part_bytes_max = 8u << 20;     // one part without a file name; all together: body_bytes_max; over it: 413
  std::size_t parts_max = 1000;                     // over it: 413
  std::size_t connections_max = 10'000;             // over it: 503 and closed
  std::uint64_t drain_bytes_max = 1u << 20;         // read and thrown away after an early refusal, so that the client gets to read the answer
  std::uint64_t body_rate_min_bytes_s = 4u << 10;   // every so many bytes give the body one more second
  std::chrono::milliseconds idle_timeout{75'000};   // between requests; closed without a word
  std::chrono::milliseconds header_timeout{15'000}; // first byte to end of head; 408
  std::chrono::milliseconds body_timeout{30'000};   // whole body, plus body_rate_min_bytes_s; 408
  std::chrono::milliseconds write_timeout{30'000};  // without progress; the connection is cut
};

// What is decided from the head alone, before the body is read.
struct Admission {
  std::optional<Response> refusal;                // sent at once; the connection closes after it when the request has a body
  std::optional<std::uint64_t> body_bytes_max;    // in place of the limit of the server, for this request (multipart too)
};

using Handler = std::function<void(Request&&, std::shared_ptr<Exchange>)>;
using Admit = std::function<Admission(const Request& head)>;
// The body of an answer that the server gives by itself (400, 408, 413, 431, 500, 503 …). Default: JSON {"message": …, "code": …}.
using ErrorPage = std::function<Response(int status, std::string_view code, std::string_view message)>;

struct Options {
  std::string address = "127.0.0.1";  // an IP address; `::` takes IPv4 too
  std::uint16_t port = 0;             // 0 = any free one
  unsigned threads = 1;
  Limits limits;
  std::filesystem::path spool_folder;  // file parts of uploads; created when missing. Empty: uploads with files get 415
  Admit admit;                         // may be empty
  ErrorPage error_page;                // may be empty
};

struct ServerCounters {
  std::uint64_t requests = 0;      // answered or being answered
  std::uint64_t connections = 0;   // open now
  std::uint64_t refused = 0;       // over connections_max
};

class Server {
 public:
  Server(Options options, Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Errors: unavailable, bind-failed (address in use, not ours, no permission). At most once.
  Result<void> start();
  std::uint16_t port() const;  // the one bound
  // Accepts no more, closes idle connections, lets running requests answer (with `Connection: close`), ends streams with a last comment. Returns when all
  // is done, or cuts what is left after `grace`. Not to be called on an I/O thread.
  void stop(std::chrono::milliseconds grace);
  ServerCounters counters() const;

 private:
  class Core;
  std::unique_ptr<Core> core_;
};

}  // namespace insula::http
