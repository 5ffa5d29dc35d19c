// The two ways to answer: once, or as a stream.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/response.h"

namespace insula::http {

// What happens to an event for which the queue of a slow client has no room.
enum class Overflow {
  close,        // the stream ends; the client reconnects with Last-Event-ID
  drop_oldest,
  newest_only,  // at most one event waits: each new one replaces it (a state that is sent whole)
};

struct StreamOptions {
  Overflow overflow = Overflow::close;
  std::size_t queue_events_max = 1024;
  std::size_t queue_bytes_max = 4u << 20;
  std::chrono::milliseconds heartbeat{15'000};  // a comment line after so much silence; 0 = none. Checked once per sweep (≤ 1 s)
};

// Server-sent events (WHATWG HTML §9.2) to one client. Every function may be called from any thread, none blocks.
class EventStream {
 public:
  virtual ~EventStream() = default;
  // Empty id or name: left out. Line breaks in data make several `data:` lines; in id and name they are dropped. False: the stream has ended.
  virtual bool send(std::string_view id, std::string_view name, std::string_view data) = 0;
  // Bytes as they are, for a body that is passed on (an event stream of another node, a long export). Same queue, same limits.
  virtual bool write(std::string bytes) = 0;
  virtual std::size_t queued_bytes() const = 0;
  virtual void close() = 0;  // what is queued is still sent
  virtual bool is_closed() const = 0;
  // Called once, when the stream has ended for whatever reason: client gone, close(), overflow, write time-out, server stop.
  // On the I/O thread or, when it had already ended, at once. A later callback replaces the former.
  virtual void on_close(std::function<void()> callback) = 0;
};

// One request waiting for its answer. Every function may be called from any thread, none blocks.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual void respond(Response response) = 0;
  // Sends the head at once (200, text/event-stream, no-cache unless the head says otherwise; its body goes first) and keeps the connection for the
  // stream. On a request already answered, or whose client has gone, the stream returned is closed. The stream ends when its last owner lets it go.
  virtual std::shared_ptr<EventStream> start_stream(Response head, StreamOptions options) = 0;
  // The client closed its side while the answer was being made. Best effort: a client that pipelines is not watched.
  virtual bool client_gone() const = 0;
  // Called at most once, on the I/O thread, if the client goes before the answer (at once if it already has).
  virtual void on_gone(std::function<void()> callback) = 0;
};

}  // namespace insula::http
