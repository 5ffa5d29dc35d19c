#include "http/test_client.h"

namespace insula::http::testing {
namespace {

TEST(Server, AnswersSeveralRequestsOnOneConnection) {
  const auto server = serve(echo);
  Client client(server->port());
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.get(fmt::format("/a%2Fb/{}?x=y+z", i));
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, fmt::format("GET [a/b] [{}] x=y z | ", i));
    EXPECT_EQ(reply.headers.get("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_EQ(reply.headers.get("Date").size(), 29u);
    EXPECT_FALSE(reply.headers.contains("Connection"));
  }
  EXPECT_EQ(server->counters().requests, 3u);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  const auto server = serve(echo);
  Client client(server->port());
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += fmt::format("\r\nPOST /{} HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", i);
  client.send(requests);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(client.read_reply().body, fmt::format("POST [{}] | abc", i));
}

TEST(Server, PipelinedRequestsWaitForAnAnswerFromAnotherThread) {
  std::vector<std::thread> threads;
  const auto server = serve([&](Request&& request, std::shared_ptr<Exchange> exchange) {
    threads.emplace_back([body = request.body, exchange = std::move(exchange)] { exchange->respond(Response::text(200, body)); });
  });
  Client client(server->port());
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += fmt::format("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{:02}", i);
  client.send(requests);
  for (int i = 0; i < 50; ++i) ASSERT_EQ(client.read_reply().body, fmt::format("{:02}", i));
  server->stop(std::chrono::seconds(10));
  for (auto& thread : threads) thread.join();
}

TEST(Server, ReadsARequestThatComesByteByByte) {
  const auto server = serve(echo);
  Client client(server->port());
  for (const char c : std::string_view("POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody")) client.send(std::string_view(&c, 1));
  EXPECT_EQ(client.read_reply().body, "POST [x] | body");
}

TEST(Server, ReadsChunkedBodiesWithExtensionsAndTrailer) {
  const auto server = serve(echo);
  Client client(server->port());
  const std::string_view request =
      "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n3;name=value\r\nabc\r\n0a\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n";
  client.send(request);
  EXPECT_EQ(client.read_reply().body, "POST [x] | abc0123456789");
  for (const char c : request) client.send(std::string_view(&c, 1));
  EXPECT_EQ(client.read_reply().body, "POST [x] | abc0123456789");
}

TEST(Server, LeavesTheBodyOutForHead) {
  const auto server = serve(echo);
  Client client(server->port());
  client.send("HEAD /x HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto reply = client.read_reply(false);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.get("Content-Length"), "11");
  EXPECT_EQ(client.get("/y").body, "GET [y] | ");
}

TEST(Server, SendsNoLengthWith204) {
  const auto server = serve([](Request&&, const std::shared_ptr<Exchange>& exchange) { exchange->respond(Response::text(204, "never")); });
  Client client(server->port());
  client.send("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto reply = client.read_reply(false);
  EXPECT_EQ(reply.status, 204);
  EXPECT_FALSE(reply.headers.contains("Content-Length"));
  client.send("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_reply(false).status, 204);
}

TEST(Server, SpeaksHttp10) {
  const auto server = serve(echo);
  Client closing(server->port());
  closing.send("GET /x HTTP/1.0\r\n\r\n");
  EXPECT_EQ(closing.read_reply().headers.get("Connection"), "close");
  EXPECT_TRUE(closing.has_ended());
  Client keeping(server->port());
  keeping.send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(keeping.read_reply().headers.get("Connection"), "keep-alive");
}

TEST(Server, ClosesWhenTheClientAsksForIt) {
  const auto server = serve(echo);
  Client client(server->port());
  EXPECT_EQ(client.get("/", "Connection: close\r\n").headers.get("Connection"), "close");
  EXPECT_TRUE(client.has_ended());
}

TEST(Server, AnswersAClientThatClosedItsSendingSide) {
  const auto server = serve(echo);
  Client client(server->port());
  client.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  client.close_sending_side();
  EXPECT_EQ(client.read_reply().body, "GET [x] | ");
  EXPECT_TRUE(client.has_ended());
}

TEST(Server, RefusesWhatIsNoHttp) {
  const auto server = serve(echo);
  const std::pair<std::string_view, int> cases[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: a\001b\r\n\r\n", 400},
      {"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET relative HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\n\r\n", 501},
      {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 1\r\n\r\nx", 417},
  };
  for (const auto& [request, status] : cases) {
    Client client(server->port());
    client.send(request);
    const auto reply = client.read_reply();
    EXPECT_EQ(reply.status, status) << request << reply.body;
    EXPECT_EQ(reply.headers.get("Connection"), "close") << request;
    client.close_sending_side();
    EXPECT_TRUE(client.has_ended()) << request;
  }
}

TEST(Server, SaysWhenTheConnectionEndsInsideARequest) {
  const auto server = serve(echo);
  for (const std::string_view part : {"GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"}) {
    Client client(server->port());
    client.send(part);
    client.close_sending_side();
    EXPECT_EQ(client.read_reply().status, 400) << part;
  }
}

TEST(Server, TurnsExceptionsAndSilenceOfHandlersInto500) {
  const auto server = serve([](Request&& request, const std::shared_ptr<Exchange>&) {
    if (request.target.path == "/throw") throw std::runtime_error("on purpose");
  });
  Client client(server->port());
  EXPECT_EQ(client.get("/throw").status, 500);
  EXPECT_EQ(client.get("/drop").status, 500);
}

TEST(Server, TakesTheFirstAnswerOnly) {
  const auto server = serve([](Request&&, const std::shared_ptr<Exchange>& exchange) {
    exchange->respond(Response::text(200, "first"));
    exchange->respond(Response::text(200, "second"));
    EXPECT_TRUE(exchange->start_stream({}, {})->is_closed());
  });
  Client client(server->port());
  EXPECT_EQ(client.get("/").body, "first");
  EXPECT_EQ(client.get("/").body, "first");
}

TEST(Server, SetsTheFieldsOfFramingItself) {
  const auto server = serve([](Request&&, const std::shared_ptr<Exchange>& exchange) {
    auto response = Response::text(299, "four");
    response.headers.add("Content-Length", "99");
    response.headers.add("transfer-encoding", "chunked");
    response.headers.add("Connection", "close");
    response.headers.add("X-Mine", "kept");
    exchange->respond(std::move(response));
  });
  Client client(server->port());
  const auto reply = client.get("/");
  EXPECT_EQ(reply.body, "four");
  EXPECT_EQ(reply.headers.get("X-Mine"), "kept");
  EXPECT_EQ(reply.headers.count("Content-Length"), 1u);
  EXPECT_FALSE(reply.headers.contains("Connection"));
}

TEST(Server, SendsAnAnswerThatIsLargerThanAllBuffers) {
  const std::string large(20u << 20, 'x');
  const auto server = serve([&](Request&&, const std::shared_ptr<Exchange>& exchange) { exchange->respond(Response::text(200, large)); });
  Client client(server->port());
  EXPECT_EQ(client.get("/").body, large);
  EXPECT_EQ(client.get("/").body.size(), large.size());
}

TEST(Server, TellsTheHandlerThatTheClientHasGone) {
  std::promise<void> gone;
  std::promise<std::shared_ptr<Exchange>> arrived;
  Options options;
  options.limits.write_timeout = std::chrono::milliseconds(40);  // sweeps often
  const auto server = serve(
      [&](Request&&, const std::shared_ptr<Exchange>& exchange) {
        exchange->on_gone([&] { gone.set_value(); });
        arrived.set_value(exchange);
      },
      options);
  Client client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  auto exchange = arrived.get_future().get();
  EXPECT_FALSE(exchange->client_gone());
  client.close();
  gone.get_future().get();
  EXPECT_TRUE(exchange->client_gone());
  bool told_at_once = false;
  exchange->on_gone([&] { told_at_once = true; });
  EXPECT_TRUE(told_at_once);
  exchange->respond(Response::empty(204));
}

TEST(Server, ServesManyConnectionsAtOnceOnSeveralThreads) {
  std::mutex mutex;
  std::vector<std::shared_ptr<Exchange>> waiting;
  Options options;
  options.threads = 2;
  const auto server = serve(
      [&](Request&&, std::shared_ptr<Exchange> exchange) {
        // Nobody is answered before all 200 are there.
        const std::lock_guard lock(mutex);
        waiting.push_back(std::move(exchange));
        if (waiting.size() < 200) return;
        for (auto& one : waiting) one->respond(Response::text(200, "together"));
        waiting.clear();
      },
      options);
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<Client>(server->port()));
    clients.back()->send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  for (auto& client : clients) EXPECT_EQ(client->read_reply().body, "together");
  EXPECT_EQ(server->counters().connections, 200u);
}

TEST(Server, SaysWhyItCannotBind) {
  const auto first = serve(echo);
  Options options;
  options.port = first->port();
  Server second(options, echo);
  const auto started = second.start();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, "bind-failed");
  EXPECT_NE(started.error().message.find("in use"), std::string::npos) << started.error().message;
  options.address = "no address";
  EXPECT_EQ(Server(options, echo).start().error().code, "bind-failed");
}

TEST(Server, CanTakeThePortOfOneThatStopped) {
  auto first = serve(echo);
  Client client(first->port());
  client.get("/");
  Options options;
  options.port = first->port();
  first->stop(std::chrono::seconds(5));
  const auto second = serve(echo, options);
  EXPECT_EQ(Client(second->port()).get("/").status, 200);
}

TEST(Server, StopLetsARunningRequestAnswerAndClosesIdleConnections) {
  std::promise<std::shared_ptr<Exchange>> arrived;
  const auto server = serve([&](Request&& request, std::shared_ptr<Exchange> exchange) {
    if (request.target.path == "/slow") return arrived.set_value(std::move(exchange));
    exchange->respond(Response::empty(200));
  });
  Client idle(server->port()), running(server->port());
  EXPECT_EQ(idle.get("/").status, 200);
  running.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
  auto exchange = arrived.get_future().get();
  auto stopped = std::async(std::launch::async, [&] { server->stop(std::chrono::seconds(60)); });
  EXPECT_TRUE(idle.has_ended());
  exchange->respond(Response::text(200, "in time"));
  const auto reply = running.read_reply();
  EXPECT_EQ(reply.body, "in time");
  EXPECT_EQ(reply.headers.get("Connection"), "close");
  EXPECT_TRUE(running.has_ended());
  stopped.get();
  EXPECT_FALSE(Client(server->port()).is_connected());
  server->stop(std::chrono::seconds(60));
}

TEST(Server, StopCutsWhatIsLeftAfterTheGracePeriodAndLateAnswersAreHarmless) {
  std::promise<std::shared_ptr<Exchange>> arrived;
  std::atomic<bool> told = false;
  auto server = serve([&](Request&&, std::shared_ptr<Exchange> exchange) {
    exchange->on_gone([&] { told = true; });
    arrived.set_value(std::move(exchange));
  });
  Client client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  auto exchange = arrived.get_future().get();
  server->stop(std::chrono::milliseconds(0));
  EXPECT_TRUE(told);
  EXPECT_TRUE(client.has_ended());
  server.reset();
  exchange->respond(Response::text(200, "too late"));
  EXPECT_TRUE(exchange->start_stream({}, {})->is_closed());
}

}  // namespace
}  // namespace insula::http::testing
