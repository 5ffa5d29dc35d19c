#include "http/test_client.h"

namespace insula::http::testing {
namespace {

// A server that starts a stream for every request and hands it to the test.
class Streaming : public ::testing::Test {
 protected:
  void start(StreamOptions stream_options, Options options = {}) {
    server_ = serve(
        [this, stream_options](Request&&, const std::shared_ptr<Exchange>& exchange) {
          auto stream = exchange->start_stream(head_, stream_options);
          stream->on_close([this] { closed_.set_value(); });
          started_.set_value(std::move(stream));
        },
        std::move(options));
  }
  std::shared_ptr<EventStream> connect(Client& client, std::string_view version = "1.1") {
    client.send(fmt::format("GET /events HTTP/{}\r\nHost: a\r\n\r\n", version));
    return started_.get_future().get();
  }
  void await_close() { closed_.get_future().get(); }

  Response head_;
  std::promise<std::shared_ptr<EventStream>> started_;
  std::promise<void> closed_;
  std::unique_ptr<Server> server_;
};

TEST_F(Streaming, SendsEventsAndEndsWithTheLastChunk) {
  start({});
  Client client(server_->port());
  const auto stream = connect(client);
  const auto head = client.read_head();
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.get("Content-Type"), "text/event-stream");
  EXPECT_EQ(head.headers.get("Cache-Control"), "no-cache");
  EXPECT_TRUE(stream->send("1", "progress", "{\"a\":1}"));
  EXPECT_EQ(client.read_chunk(), "id: 1\nevent: progress\ndata: {\"a\":1}\n\n");
  EXPECT_TRUE(stream->send("", "", "two\nlines\r\nthree"));
  EXPECT_EQ(client.read_chunk(), "data: two\ndata: lines\ndata: three\n\n");
  EXPECT_TRUE(stream->send("evil\nid", "", ""));
  EXPECT_EQ(client.read_chunk(), "id: evilid\ndata: \n\n");
  stream->send("", "end", "");
  stream->close();
  EXPECT_FALSE(stream->send("", "", "too late"));
  EXPECT_EQ(client.read_chunk(), "event: end\ndata: \n\n");
  EXPECT_EQ(client.read_chunk(), "");
  EXPECT_TRUE(client.was_last_chunk());
  EXPECT_TRUE(client.has_ended());
  await_close();
}

TEST_F(Streaming, HeadAndBodyOfTheAnswerComeFirst) {
  head_ = Response::text(201, "retry: 100\n\n", "text/event-stream; charset=utf-8");
  start({});
  Client client(server_->port());
  connect(client)->send("", "", "x");
  EXPECT_EQ(client.read_head().status, 201);
  EXPECT_EQ(client.read_chunk(), "retry: 100\n\n");
  EXPECT_EQ(client.read_chunk(), "data: x\n\n");
}

TEST_F(Streaming, EndsWithItsLastOwner) {
  start({});
  Client client(server_->port());
  auto stream = connect(client);
  stream->send("", "", "x");
  stream.reset();
  started_ = {};
  const auto reply = client.read_reply();
  EXPECT_EQ(reply.body, "data: x\n\n");
  EXPECT_TRUE(client.was_last_chunk());
  await_close();
}

TEST_F(Streaming, GoesWithoutChunksToHttp10) {
  start({});
  Client client(server_->port());
  const auto stream = connect(client, "1.0");
  EXPECT_FALSE(client.read_head().headers.contains("Transfer-Encoding"));
  stream->write("raw bytes");
  stream->close();
  EXPECT_EQ(client.read_until("never"), "raw bytes");
}

TEST_F(Streaming, TellsWhenTheClientHasGone) {
  start({});
  Client client(server_->port());
  const auto stream = connect(client);
  client.read_head();
  client.close();
  await_close();
  EXPECT_TRUE(stream->is_closed());
  EXPECT_FALSE(stream->send("", "", "x"));
  bool told_at_once = false;
  stream->on_close([&] { told_at_once = true; });
  EXPECT_TRUE(told_at_once);
}

TEST_F(Streaming, ASlowClientIsCutWhenItsQueueIsFull) {
  StreamOptions options;
  options.queue_events_max = 8;
  start(options);
  Client client(server_->port(), 4096);
  const auto stream = connect(client);
  const std::string data(256u << 10, 'x');
  bool accepted = true;
  for (int i = 0; i < 100'000 && accepted; ++i) accepted = stream->send("", "", data);
  EXPECT_FALSE(accepted);
  await_close();
  EXPECT_TRUE(stream->is_closed());
  EXPECT_EQ(stream->queued_bytes(), 0u);
}

TEST_F(Streaming, ASlowClientGetsTheNewestOnly) {
  StreamOptions options;
  options.overflow = Overflow::newest_only;
  start(options);
  Client client(server_->port(), 256 << 10);
  const auto stream = connect(client);
  const std::string data(256u << 10, 'x');
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(stream->send(std::to_string(i), "", data));
    EXPECT_LE(stream->queued_bytes(), data.size() + 64);
  }
  stream->close();
  const auto body = client.read_reply().body;
  EXPECT_NE(body.find("id: 199\n"), std::string::npos);
  EXPECT_LT(body.size(), data.size() * 190);
  EXPECT_TRUE(client.was_last_chunk());
}

TEST_F(Streaming, ASlowClientMayLoseTheOldest) {
  StreamOptions options;
  options.overflow = Overflow::drop_oldest;
  options.queue_events_max = 3;
  start(options);
  Client client(server_->port(), 256 << 10);
  const auto stream = connect(client);
  const std::string data(256u << 10, 'x');
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(stream->send(std::to_string(i), "", data));
  stream->close();
  const auto body = client.read_reply().body;
  for (const std::string_view id : {"id: 197\n", "id: 198\n", "id: 199\n"}) EXPECT_NE(body.find(id), std::string::npos);
  EXPECT_TRUE(client.was_last_chunk());
}

TEST_F(Streaming, AClientThatReadsNothingIsCutByTheWriteTimeout) {
  Options options;
  options.limits.write_timeout = std::chrono::milliseconds(50);
  start({.overflow = Overflow::newest_only}, options);
  Client client(server_->port(), 4096);
  const auto stream = connect(client);
  const std::string data(8u << 20, 'x');
  stream->send("", "", data);
  await_close();
  EXPECT_TRUE(stream->is_closed());
}

TEST_F(Streaming, SendsAHeartbeatIntoSilence) {
  Options options;
  options.limits.write_timeout = std::chrono::milliseconds(40);  // sweeps often
  StreamOptions stream_options;
  stream_options.heartbeat = std::chrono::milliseconds(20);
  start(stream_options, options);
  Client client(server_->port());
  const auto stream = connect(client);
  client.read_head();
  EXPECT_EQ(client.read_chunk(), ":\n\n");
  EXPECT_EQ(client.read_chunk(), ":\n\n");
}

TEST_F(Streaming, EndsInOrderWhenTheServerStops) {
  start({});
  Client client(server_->port());
  const auto stream = connect(client);
  stream->send("", "", "x");
  server_->stop(std::chrono::seconds(60));
  const auto body = client.read_reply().body;
  EXPECT_EQ(body, "data: x\n\n: the server stops\n\n");
  EXPECT_TRUE(client.was_last_chunk());
  EXPECT_TRUE(stream->is_closed());
  await_close();
}

TEST_F(Streaming, TakesEventsFromManyThreads) {
  StreamOptions options;
  options.queue_events_max = 100'000;
  start(options);
  Client client(server_->port());
  auto stream = connect(client);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([stream] {
      for (int i = 0; i < 500; ++i) EXPECT_TRUE(stream->send("", "", "event"));
    });
  }
  for (auto& thread : threads) thread.join();
  stream->close();
  EXPECT_EQ(client.read_reply().body.size(), 2000 * std::string_view("data: event\n\n").size());
}

TEST(Streams, ManyIdleOnesAreHeldAndEnded) {
  std::mutex mutex;
  std::vector<std::shared_ptr<EventStream>> streams;
  std::atomic<int> closed = 0;
  const auto server = serve([&](Request&&, const std::shared_ptr<Exchange>& exchange) {
    auto stream = exchange->start_stream({}, {});
    stream->on_close([&] { ++closed; });
    const std::lock_guard lock(mutex);
    streams.push_back(std::move(stream));
  });
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 400; ++i) {
    clients.push_back(std::make_unique<Client>(server->port()));
    clients.back()->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  for (auto& client : clients) ASSERT_EQ(client->read_head().status, 200);
  for (auto& stream : streams) EXPECT_TRUE(stream->send("", "", "x"));
  for (auto& client : clients) EXPECT_EQ(client->read_chunk(), "data: x\n\n");
  server->stop(std::chrono::seconds(60));
  EXPECT_EQ(closed, 400);
}

}  // namespace
}  // namespace insula::http::testing
