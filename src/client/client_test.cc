#include "client/client.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <fstream>

#include "client/test_server.h"

namespace insula::client {
namespace {

const EgressRules free_rules = EgressRules::unrestricted();

HttpRequest get(std::string url) {
  HttpRequest request;
  request.url = std::move(url);
  return request;
}

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / fmt::format("insula-client-{}", hex_encode(random_bytes(8)))) { std::filesystem::create_directory(path_); }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path file(std::string_view name, std::string_view content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return path_ / name;
  }
  std::filesystem::path path(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Send, GivesStatusHeadersAndBody) {
  TestServer server([](const Received&) { return answer("hello", "418 I'm a teapot", "Set-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Empty:\r\n"); });
  const auto response = send(get(server.url("/path?q=1")), free_rules).value();
  EXPECT_EQ(response.status, 418);
  EXPECT_EQ(response.body, "hello");
  EXPECT_EQ(response.body_bytes, 5u);
  EXPECT_EQ(response.url, server.url("/path?q=1"));
  std::vector<std::string> cookies;
  for (const Header& header : response.headers) {
    if (header.name == "set-cookie") cookies.push_back(header.value);
  }
  EXPECT_EQ(cookies, (std::vector<std::string>{"a=1", "b=2"}));
  EXPECT_EQ(*response.header("X-Empty"), "");
  EXPECT_EQ(response.header("missing"), nullptr);
  EXPECT_EQ(server.received()[0].line(), "GET /path?q=1 HTTP/1.1");
  EXPECT_EQ(server.received()[0].header("content-type"), "-");
  EXPECT_EQ(server.received()[0].header("user-agent"), "insula");
}

TEST(Send, SendsEveryMethodWithAndWithoutBody) {
  TestServer server([](const Received& request) { return request.line().starts_with("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n" : answer("ok"); });
  for (const std::string_view method : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"}) {
    for (const bool with_body : {false, true}) {
      if (method == "HEAD" && with_body) continue;
      HttpRequest request = get(server.url());
      request.method = method;
      if (with_body) request.body = std::string("{\"a\":1}");
      ASSERT_TRUE(send(request, free_rules)) << method;
      const Received seen = server.received().back();
      EXPECT_EQ(seen.line(), fmt::format("{} / HTTP/1.1", method));
      EXPECT_EQ(seen.body, with_body ? "{\"a\":1}" : "");
      EXPECT_EQ(seen.header("content-type"), "-");
    }
  }
}

TEST(Send, SendsHeadersAsGiven) {
  TestServer server([](const Received&) { return answer(""); });
  HttpRequest request = get(server.url());
  request.headers = {{"X-Twice", "1"}, {"X-Twice", "2"}, {"X-Empty", ""}, {"Content-Type", "text/plain"}, {"User-Agent", "me"}};
  request.method = "POST";
  request.body = std::string("x");
  request.auth = BasicAuth{"user", "pass:word"};
  ASSERT_TRUE(send(request, free_rules));
  const Received seen = server.received()[0];
  EXPECT_TRUE(seen.head.contains("X-Twice: 1\r\n") && seen.head.contains("X-Twice: 2\r\n"));
  EXPECT_EQ(seen.header("x-empty"), "");
  EXPECT_EQ(seen.header("content-type"), "text/plain");
  EXPECT_EQ(seen.header("user-agent"), "me");
  EXPECT_EQ(seen.header("authorization"), "Basic " + base64_encode("user:pass:word"));
  request.auth = BearerAuth{"t0ken"};
  ASSERT_TRUE(send(request, free_rules));
  EXPECT_EQ(server.received()[1].header("authorization"), "Bearer t0ken");
}

TEST(Send, RefusesHeadersAndMethodsThatWouldSmuggle) {
  HttpRequest request = get("http://127.0.0.1:1/");
  request.headers = {{"X", "1\r\nEvil: 2"}};
  EXPECT_EQ(send(request, free_rules).error().code, "http-request-invalid");
  request.headers = {{"X Y", "1"}};
  EXPECT_EQ(send(request, free_rules).error().code, "http-request-invalid");
  request.headers.clear();
  request.method = "GET / HTTP/1.1\r\nX:";
  EXPECT_EQ(send(request, free_rules).error().code, "http-request-invalid");
  request.method = "GET";
  request.auth = BearerAuth{"a\r\nb"};
  EXPECT_EQ(send(request, free_rules).error().code, "http-request-invalid");
}

TEST(Send, SendsFormsAndParts) {
  const Folder folder;
  TestServer server([](const Received&) { return answer(""); });
  HttpRequest request = get(server.url());
  request.method = "POST";
  request.body = FormFields{{{"a b", "1&2"}, {"é", "x"}}};
  ASSERT_TRUE(send(request, free_rules));
  EXPECT_EQ(server.received()[0].body, "a%20b=1%262&%C3%A9=x");
  EXPECT_EQ(server.received()[0].header("content-type"), "application/x-www-form-urlencoded");

  request.headers = {{"Content-Type", "multipart/form-data"}};
  Part text{.name = "text", .value = std::string("a\0b", 3), .file = {}, .filename = {}, .content_type = {}};
  Part file{.name = "file", .value = {}, .file = folder.file("data.csv", "1,2\n3,4\n"), .filename = "shown.csv", .content_type = "text/csv"};
  request.body = Multipart{{text, file}};
  ASSERT_TRUE(send(request, free_rules));
  const Received seen = server.received()[1];
  EXPECT_TRUE(seen.header("content-type").starts_with("multipart/form-data; boundary="));
  EXPECT_TRUE(seen.body.contains("name=\"text\"\r\n\r\n" + std::string("a\0b", 3) + "\r\n"));
  EXPECT_TRUE(seen.body.contains("name=\"file\"; filename=\"shown.csv\"\r\nContent-Type: text/csv\r\n\r\n1,2\n3,4\n\r\n"));
}

TEST(Send, SendsTheBytesOfAFile) {
  const Folder folder;
  const std::string content(300'000, 'x');
  TestServer server([](const Received&) { return answer(""); });
  HttpRequest request = get(server.url());
  request.method = "PUT";
  request.body = BodyFile{folder.file("big", content)};
  ASSERT_TRUE(send(request, free_rules));
  EXPECT_EQ(server.received()[0].line(), "PUT / HTTP/1.1");
  EXPECT_EQ(server.received()[0].body, content);
  request.body = BodyFile{folder.path("absent")};
  EXPECT_EQ(send(request, free_rules).error().code, "http-request-invalid");
}

TEST(Send, WritesTheAnswerToAFile) {
  const Folder folder;
  TestServer server([](const Received& request) { return answer(request.line().contains("empty") ? "" : std::string(100'000, 'y')); });
  HttpRequest request = get(server.url());
  request.response_file = folder.file("out", "what was there before");
  const auto response = send(request, free_rules).value();
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(response.body_bytes, 100'000u);
  EXPECT_EQ(read(*request.response_file), std::string(100'000, 'y'));
  request.url = server.url("/empty");
  ASSERT_TRUE(send(request, free_rules));
  EXPECT_EQ(read(*request.response_file), "");
  request.response_file = folder.path("no/such/folder");
  EXPECT_EQ(send(request, free_rules).error().code, "http-file");
}

TEST(Send, StopsAtTheLimitOfTheBody) {
  TestServer server([](const Received&) { return answer(std::string(1000, 'x')); });
  HttpRequest request = get(server.url());
  request.response_bytes_max = 999;
  EXPECT_EQ(send(request, free_rules).error().code, "http-too-large");
  request.response_bytes_max = 1000;
  EXPECT_TRUE(send(request, free_rules));
}

TEST(Send, DecompressesWithinTheLimit) {
  const std::string packed = base64_decode("H4sIAAAAAAACA+3BMQEAAADCoKzrX8IaHkABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAArwaH+uIboIYBAA==").value();  // gzip of 100,000 times `a`
  TestServer server([&](const Received& request) {
    EXPECT_TRUE(request.header("accept-encoding").contains("gzip"));
    return answer(request.line().contains("broken") ? "not gzip at all" : packed, "200 OK", "Content-Encoding: gzip\r\n");
  });
  HttpRequest request = get(server.url());
  EXPECT_EQ(send(request, free_rules)->body, std::string(100'000, 'a'));
  request.response_bytes_max = 50'000;
  EXPECT_EQ(send(request, free_rules).error().code, "http-too-large");
  request.url = server.url("/broken");
  EXPECT_EQ(send(request, free_rules).error().code, "http-failed");
}

TEST(Send, FollowsRedirectsAndChangesTheMethodAsTheRfcSays) {
  TestServer server([](const Received& request) {
    for (const std::string_view status : {"301", "302", "303", "307", "308"}) {
      if (request.line().contains(fmt::format("/{} ", status))) return answer("moved", fmt::format("{} Moved", status), "Location: /end?x=1\r\n");
    }
    return answer("end");
  });
  for (const auto& [status, method, body] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"301", "GET", ""}, {"302", "GET", ""}, {"303", "GET", ""}, {"307", "POST", "payload"}, {"308", "POST", "payload"}}) {
    HttpRequest request = get(server.url("/" + status));
    request.method = "POST";
    request.body = std::string("payload");
    const auto response = send(request, free_rules).value();
    EXPECT_EQ(response.body, "end");
    EXPECT_EQ(response.url, server.url("/end?x=1"));
    EXPECT_EQ(server.received().back().line(), fmt::format("{} /end?x=1 HTTP/1.1", method)) << status;
    EXPECT_EQ(server.received().back().body, body) << status;
  }
  HttpRequest stay = get(server.url("/302"));
  stay.follow_redirects = false;
  const auto response = send(stay, free_rules).value();
  EXPECT_EQ(response.status, 302);
  EXPECT_EQ(response.body, "moved");
  EXPECT_EQ(*response.header("location"), "/end?x=1");
}

TEST(Send, EndsAnEndlessChainOfRedirects) {
  TestServer server([](const Received&) { return answer("", "302 Found", "Location: /again\r\n"); });
  HttpRequest request = get(server.url());
  request.redirects_max = 3;
  EXPECT_EQ(send(request, free_rules).error().code, "http-too-many-redirects");
  EXPECT_EQ(server.received().size(), 4u);
}

TEST(Send, KeepsCredentialsFromAnotherOrigin) {
  TestServer other([](const Received&) { return answer("other"); });
  TestServer server([&](const Received& request) { return answer("", "307 Go", fmt::format("Location: {}\r\n", request.line().contains("/far") ? other.url() : "/near2")); });
  HttpRequest request = get(server.url("/far"));
  request.headers = {{"Cookie", "session=1"}, {"X-Own", "kept"}};
  request.auth = BearerAuth{"secret"};
  ASSERT_TRUE(send(request, free_rules));
  EXPECT_EQ(other.received()[0].header("authorization"), "-");
  EXPECT_EQ(other.received()[0].header("cookie"), "-");
  EXPECT_EQ(other.received()[0].header("x-own"), "kept");
  request.url = server.url("/near");
  request.redirects_max = 1;
  EXPECT_FALSE(send(request, free_rules));
  EXPECT_EQ(server.received().back().header("authorization"), "Bearer secret");
}

TEST(Send, ChecksTheAddressOfEveryStep) {
  TestServer server([](const Received&) { return answer("", "302 Found", "Location: http://169.254.169.254/latest/meta-data/\r\n"); });
  const auto denied = send(get(server.url()), EgressRules::standard());
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, "egress-denied");
  EXPECT_TRUE(denied.error().message.contains("169.254.169.254"));
  for (const std::string host : {"127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433", "127.1"}) {
    const auto refused = send(get(fmt::format("http://{}:{}/", host, server.port())), EgressRules::public_only());
    ASSERT_FALSE(refused) << host;
    EXPECT_EQ(refused.error().code, "egress-denied") << host << refused.error().message;
    EXPECT_EQ(refused.error().kind, ErrorKind::forbidden);
  }
  EXPECT_EQ(server.received().size(), 1u);
}

TEST(Send, SpeaksOnlyHttp) {
  for (const std::string url : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "", "no url", "http://", "http:///x", "/path", "http://a b/", "dict://127.0.0.1:11211/"}) {
    const auto sent = send(get(url), free_rules);
    ASSERT_FALSE(sent) << url;
    EXPECT_EQ(sent.error().code, "url-invalid") << url;
  }
  TestServer server([](const Received&) { return answer("", "302 Found", "Location: file:///etc/passwd\r\n"); });
  EXPECT_EQ(send(get(server.url()), free_rules).error().code, "url-invalid");
}

TEST(Send, SaysWhenNobodyListensOrTheNameIsUnknown) {
  int port = 0;
  { port = TestServer([](const Received&) { return answer(""); }).port(); }
  const auto refused = send(get(fmt::format("http://127.0.0.1:{}/", port)), free_rules);
  EXPECT_EQ(refused.error().code, "http-refused");
  EXPECT_TRUE(refused.error().message.contains(fmt::format("127.0.0.1:{}", port)));
  EXPECT_EQ(send(get("http://does-not-exist.invalid/?token=secret"), free_rules).error().code, "http-dns");
  EXPECT_FALSE(send(get("http://user:secret@does-not-exist.invalid/?token=secret"), free_rules).error().message.contains("secret"));
}

TEST(Send, SaysWhenTheConnectionBreaks) {
  TestServer server([](const Received&) { return std::string("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort"); });
  EXPECT_EQ(send(get(server.url()), free_rules).error().code, "http-failed");
}

TEST(Send, SaysWhenTheServerSpeaksNoTls) {
  TestServer server([](const Received&) { return answer(""); });
  // A TLS hello is no request: the server reads on, so the limit of the connection ends it, or the handshake is refused.
  HttpRequest request = get(fmt::format("https://127.0.0.1:{}/", server.port()));
  request.connect_timeout = std::chrono::milliseconds(200);
  const auto sent = send(request, free_rules);
  ASSERT_FALSE(sent);
  EXPECT_TRUE(sent.error().code == "http-timeout" || sent.error().code == "http-tls") << sent.error().code;
}

TEST(Send, EndsASilentServerByEitherLimit) {
  TestServer server([](const Received&) { return std::string(); });
  HttpRequest request = get(server.url());
  request.read_idle_timeout = std::chrono::milliseconds(50);
  const auto idle = send(request, free_rules);
  EXPECT_EQ(idle.error().code, "http-timeout");
  EXPECT_TRUE(idle.error().message.contains("within 50 ms")) << idle.error().message;
  request.read_idle_timeout = std::chrono::milliseconds(0);
  request.total_timeout = std::chrono::milliseconds(60);
  const auto late = send(request, free_rules);
  EXPECT_EQ(late.error().code, "http-timeout");
  EXPECT_TRUE(late.error().message.contains("within 60 ms")) << late.error().message;
}

TEST(Send, IsCancelledFromAnotherThread) {
  TestServer server([](const Received&) { return std::string(); });
  std::atomic<bool> stop{false};
  std::array<int, 2> wake{};
  ASSERT_EQ(::pipe2(wake.data(), O_CLOEXEC), 0);
  std::thread canceller([&] {
    server.wait_for_request();
    stop = true;
    EXPECT_EQ(::write(wake[1], "x", 1), 1);
  });
  const auto sent = send(get(server.url()), free_rules, {.cancelled = [&] { return stop.load(); }, .wake_descriptor = wake[0]});
  canceller.join();
  EXPECT_EQ(sent.error().code, "http-cancelled");
  EXPECT_EQ(send(get(server.url()), free_rules, {.cancelled = [] { return true; }}).error().code, "http-cancelled");
  ::close(wake[0]);
  ::close(wake[1]);
}

TEST(Send, StreamsEventsUntilTheReaderHasEnough) {
  TestServer server([](const Received&) { return std::string("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\nid: start\ndata: 1\n\ndata: 2\n\ndata: 3\n\n\x01"); });
  std::vector<std::string> seen;
  EventReader reader([&](const Event& event) {
    seen.push_back(event.data);
    return seen.size() < 2;
  });
  int status = 0;
  HttpRequest request = get(server.url());
  request.on_head = [&](const HttpResponse& head) {
    status = head.status;
    return *head.header("content-type") == "text/event-stream";
  };
  request.on_chunk = [&](std::string_view chunk) { return reader.feed(chunk); };
  const auto response = send(request, free_rules);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(status, 200);
  EXPECT_EQ(seen, (std::vector<std::string>{"1", "2"}));
}

TEST(Send, IgnoresProxiesOfTheEnvironment) {
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  TestServer server([](const Received&) { return answer("direct"); });
  EXPECT_EQ(send(get(server.url()), free_rules)->body, "direct");
  ::unsetenv("http_proxy");
}

TEST(Send, GoesThroughAProxyThatTheRulesAllow) {
  TestServer proxy([](const Received&) { return answer("by proxy"); });
  HttpRequest request = get("http://far.invalid/x");
  request.proxy = Proxy{.url = proxy.url(), .auth = BasicAuth{"p", "q"}};
  EXPECT_EQ(send(request, free_rules)->body, "by proxy");
  EXPECT_EQ(proxy.received()[0].line(), "GET http://far.invalid/x HTTP/1.1");
  EXPECT_EQ(proxy.received()[0].header("proxy-authorization"), "Basic " + base64_encode("p:q"));
  EXPECT_EQ(send(request, EgressRules::public_only()).error().code, "egress-denied");
}

TEST(Send, MayBeCalledFromManyThreads) {
  TestServer server([](const Received& request) { return answer(request.line()); });
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 5; ++i) {
        const std::string path = fmt::format("/{}/{}", thread, i);
        const auto response = send(get(server.url(path)), free_rules);
        if (response && response->body == fmt::format("GET {} HTTP/1.1", path)) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 40);
}

std::vector<Event> events_of(const std::vector<std::string>& chunks) {
  std::vector<Event> events;
  EventReader reader([&](const Event& event) {
    events.push_back(event);
    return true;
  });
  for (const std::string& chunk : chunks) EXPECT_TRUE(reader.feed(chunk));
  return events;
}

TEST(EventReader, UnderstandsTheFormatInAnyCut) {
  const std::string stream = "\xEF\xBB\xBF: comment\nevent: add\nid: 7\ndata: first\ndata:second\r\n\r\ndata\n\nid:8\rdata: x\r\revent: nothing\n\nretry: 10\nfoo: bar\ndata:  two spaces\n\ndata: cut off";
  std::vector<std::string> one_by_one;
  for (const char c : stream) one_by_one.emplace_back(1, c);
  for (const auto& chunks : {std::vector{stream}, one_by_one}) {
    const auto events = events_of(chunks);
    ASSERT_EQ(events.size(), 4u);
    EXPECT_EQ(events[0].type, "add");
    EXPECT_EQ(events[0].id, "7");
    EXPECT_EQ(events[0].data, "first\nsecond");
    EXPECT_EQ(events[1].type, "message");
    EXPECT_EQ(events[1].data, "");
    EXPECT_EQ(events[1].id, "7");
    EXPECT_EQ(events[2].id, "8");
    EXPECT_EQ(events[3].data, " two spaces");
  }
}

TEST(EventReader, RefusesAnEndlessLine) {
  EventReader reader([](const Event&) { return true; });
  const std::string chunk(1u << 20, 'x');
  bool reading = true;
  for (int i = 0; i < 20 && reading; ++i) reading = reader.feed(chunk);
  EXPECT_FALSE(reading);
  EXPECT_TRUE(reader.overflowed());
}

}  // namespace
}  // namespace insula::client
