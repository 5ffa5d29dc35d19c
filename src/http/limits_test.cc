#include "http/test_client.h"

namespace insula::http::testing {
namespace {

TEST(Limits, AHeadThatIsTooLargeIs431) {
  const auto server = serve(echo);
  for (const std::string& request : {"GET /" + std::string(20'000, 'a'), fmt::format("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", std::string(20'000, 'a'))}) {
    Client client(server->port());
    client.send(request);
    EXPECT_EQ(client.read_reply().status, 431);
  }
  Client client(server->port());
  EXPECT_EQ(client.get("/", fmt::format("X: {}\r\n", std::string(15'000, 'a'))).status, 200);
}

TEST(Limits, ManySmallFieldsCountTogether) {
  const auto server = serve(echo);
  Client client(server->port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n");
  for (int i = 0; i < 3000; ++i) client.send("X: 0123456789\r\n");
  EXPECT_EQ(client.read_reply().status, 431);
}

TEST(Limits, ABodyThatIsTooLargeIs413BeforeItIsSent) {
  Options options;
  options.limits.body_bytes_max = 1000;
  const auto server = serve(echo, options);
  Client client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
  const auto reply = client.read_reply();
  EXPECT_EQ(reply.status, 413);
  EXPECT_NE(reply.body.find("at most 1000"), std::string::npos);
  Client fitting(server->port());
  EXPECT_EQ(fitting.post("/", "text/plain", std::string(1000, 'x')).status, 200);
}

TEST(Limits, AChunkedBodyThatGrowsTooLargeIs413) {
  Options options;
  options.limits.body_bytes_max = 1000;
  const auto server = serve(echo, options);
  Client client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 11; ++i) client.send(fmt::format("64\r\n{}\r\n", std::string(100, 'x')));
  EXPECT_EQ(client.read_reply().status, 413);
}

TEST(Limits, AnEndlessChunkLineOrTrailerIsRefused) {
  const auto server = serve(echo);
  for (const std::string_view start : {"1;", "0\r\nX: "}) {
    Client client(server->port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.send(start);
    client.send(std::string(100'000, 'a'));
    EXPECT_EQ(client.read_reply().status, 400) << start;
  }
}

TEST(Limits, AnEarlyRefusalReachesAClientThatIsStillSending) {
  Options options;
  options.limits.drain_bytes_max = 64u << 20;
  options.admit = [](const Request& head) {
    Admission admission;
    if (head.target.path == "/refused") admission.refusal = Response::text(401, "who are you");
    if (head.target.path == "/small") admission.body_bytes_max = 10;
    return admission;
  };
  const auto server = serve(echo, options);
  for (const auto& [path, status] : {std::pair<std::string_view, int>{"/refused", 401}, {"/small", 413}}) {
    Client client(server->port());
    client.send(fmt::format("POST {} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", path, 30u << 20));
    EXPECT_TRUE(client.send(std::string(30u << 20, 'x')));  // in packets of their own
    const auto reply = client.read_reply();
    EXPECT_EQ(reply.status, status);
    EXPECT_EQ(reply.headers.get("Connection"), "close");
    client.close_sending_side();
    EXPECT_TRUE(client.has_ended());
  }
  Client client(server->port());
  EXPECT_EQ(client.get("/refused").body, "who are you");
  EXPECT_EQ(client.get("/fine").status, 200);  // without a body the connection goes on
}

TEST(Limits, ASlowHeadIs408) {
  Options options;
  options.limits.header_timeout = std::chrono::milliseconds(40);
  const auto server = serve(echo, options);
  Client client(server->port());
  client.send("GET / HTTP/1.1\r\nHo");
  EXPECT_EQ(client.read_reply().status, 408);
  client.close_sending_side();
  EXPECT_TRUE(client.has_ended());
}

TEST(Limits, ASlowBodyIs408) {
  Options options;
  options.limits.body_timeout = std::chrono::milliseconds(40);
  const auto server = serve(echo, options);
  Client client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(client.read_reply().status, 408);
}

TEST(Limits, AnIdleConnectionIsClosedWithoutAWord) {
  Options options;
  options.limits.idle_timeout = std::chrono::milliseconds(40);
  const auto server = serve(echo, options);
  Client fresh(server->port()), used(server->port());
  EXPECT_EQ(used.get("/").status, 200);
  EXPECT_TRUE(fresh.has_ended());
  EXPECT_TRUE(used.has_ended());
}

TEST(Limits, ConnectionsBeyondTheLimitAreTurnedAway) {
  Options options;
  options.limits.connections_max = 2;
  const auto server = serve(echo, options);
  Client first(server->port()), second(server->port());
  EXPECT_EQ(first.get("/").status, 200);
  EXPECT_EQ(second.get("/").status, 200);
  Client third(server->port());
  EXPECT_EQ(third.read_reply().status, 503);
  EXPECT_TRUE(third.has_ended());
  EXPECT_EQ(server->counters().refused, 1u);
}

TEST(Limits, TheOwnerWritesTheErrorPages) {
  Options options;
  options.error_page = [](int status, std::string_view code, std::string_view) { return Response::text(status, fmt::format("page {}", code)); };
  const auto server = serve(echo, options);
  Client client(server->port());
  client.send("nonsense\r\n\r\n");
  EXPECT_EQ(client.read_reply().body, "page bad-request");
}

}  // namespace
}  // namespace insula::http::testing
