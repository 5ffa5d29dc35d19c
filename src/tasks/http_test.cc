// What 1.3.31 does with core.http tasks, asked of the original with the same requests.
#include "tasks/http_call.h"
#include "tasks/test_bench.h"
#include "tasks/test_server.h"

namespace insula::tasks {
namespace {

using State = JobResult::State;

class HttpTest : public TaskTest {
 protected:
  HttpTest() : server(answer) { roots["u"] = server.url(""); }

  static std::string answer(const SeenRequest& request) {
    const std::string& path = request.target;
    if (path == "/hello") return TestServer::answer(200, "{ \"hello\": \"world\" }", "Content-Type: application/json\r\nX-A: 1\r\nX-A: 2\r\nX-Long: a, b\r\n");
    if (path.starts_with("/status/")) return TestServer::answer(static_cast<int>(std::strtol(path.c_str() + 8, nullptr, 10)), request.method == "HEAD" ? "" : "{\"err\":\"x\"}");
    if (path == "/empty") return TestServer::answer(200, "");
    if (path == "/204") return "HTTP/1.1 204 No\r\nConnection: close\r\n\r\n";
    if (path == "/binary") return TestServer::answer(200, std::string_view("\0a\xff", 3));
    if (path == "/redirect") return TestServer::answer(302, "", "Location: /hello\r\n");
    if (path == "/silent") return "";
    if (path == "/big") return TestServer::answer(200, std::string(300, 'x'));
    if (path.starts_with("/disposition/")) return TestServer::answer(200, "data", "Content-Disposition: " + percent_decode(path.substr(13)).value() + "\r\n");
    return TestServer::answer(200, "ok");
  }
  JobResult request(std::string_view path, std::string_view more = "", const std::string& type = kRequest) {
    return run(type, fmt::format(R"({{"uri":"{{{{ u }}}}{}"{}{}}})", path, more.empty() ? "" : ",", more));
  }
  std::string download_name(std::string_view disposition) {
    request("/disposition/" + percent_encode(disposition), "", kDownload);
    const std::string uri = to_text(result.outputs.at("uri"));
    EXPECT_EQ(file(uri), "data");
    return uri.substr(uri.find("/r1/") + 4);
  }

  TestServer server;
};

TEST_F(HttpTest, GivesUriCodeHeadersAndBody) {
  ASSERT_EQ(request("/hello").state, State::success);
  EXPECT_EQ(to_text(result.outputs.at("uri")), server.url("/hello"));
  EXPECT_EQ(result.outputs.at("code").as_int64(), 200);
  EXPECT_EQ(to_text(result.outputs.at("body")), "{ \"hello\": \"world\" }");
  const JsonObject& headers = result.outputs.at("headers").as_object();
  EXPECT_EQ(write_json(headers.at("x-a")), R"(["1","2"])");
  EXPECT_EQ(write_json(headers.at("x-long")), R"(["a, b"])");
  EXPECT_EQ(write_json(headers.at("content-type")), R"(["application/json"])");
  EXPECT_FALSE(result.outputs.contains("encryptedBody"));
  EXPECT_EQ(log.at(flow::LogLevel::debug), std::vector<std::string>{fmt::format("Request '{}' from '/{}' with the response code '200'", server.url("/hello"), server.host())});
  EXPECT_EQ(server.last().headers.at("content-type"), "application/json");
  EXPECT_EQ(server.last().method, "GET");
}

TEST_F(HttpTest, AnErrorStatusFailsUnlessAllowed) {
  request("/status/500");
  EXPECT_EQ(result.state, State::failed);
  EXPECT_EQ(result.error, "Failed http request with response code '500' and body:\n{\"err\":\"x\"}");
  EXPECT_TRUE(result.outputs.empty());
  EXPECT_EQ(request("/status/500", R"("method":"HEAD")").error, "Failed http request with response code '500'");
  EXPECT_EQ(request("/status/417", R"("allowFailed":true)").state, State::success);
  EXPECT_EQ(to_text(result.outputs.at("body")), "{\"err\":\"x\"}");
  EXPECT_EQ(result.outputs.at("code").as_int64(), 417);
  EXPECT_EQ(request("/status/404", R"("options":{"allowFailed":"{{ true }}"})").state, State::success);
  EXPECT_EQ(request("/status/404", R"("options":{"allowedResponseCodes":[404]})").state, State::success);
  // Once given, nothing else is allowed.
  EXPECT_EQ(request("/hello", R"("options":{"allowedResponseCodes":[404]})").state, State::failed);
  EXPECT_EQ(request("/status/500", R"("options":{"allowedResponseCodes":[404],"allowFailed":true})").state, State::failed);
  EXPECT_EQ(request("/hello", R"("options":{"allowedResponseCodes":"{{ [200] }}"})").state, State::success);
}

TEST_F(HttpTest, NoBodyIsNoOutput) {
  EXPECT_FALSE(request("/204").outputs.contains("body"));
  EXPECT_FALSE(request("/hello", R"("method":"HEAD")").outputs.contains("body"));
  EXPECT_EQ(to_text(request("/empty").outputs.at("body")), "");
  EXPECT_EQ(to_text(request("/binary").outputs.at("body")), "a\xef\xbf\xbd");
}

TEST_F(HttpTest, SendsTextsMapsAndListsAsBody) {
  request("/echo", R"("method":"POST","body":"{\"a\":1}")");
  EXPECT_EQ(server.last().body, "{\"a\":1}");
  EXPECT_EQ(server.last().headers.at("content-type"), "application/json; charset=UTF-8");
  request("/echo", R"("method":"POST","body":{"a":1,"b":"{{ 1 + 1 }}"})");
  EXPECT_EQ(server.last().body, R"({"a":1,"b":"2"})");
  request("/echo", R"("method":"PUT","body":[1,"{{ 2 }}"])");
  EXPECT_EQ(server.last().body, R"([1,"2"])");
  EXPECT_EQ(server.last().method, "PUT");
  request("/echo", R"("method":"POST","headers":{"Content-Type":"text/csv","num":5},"body":"a")");
  EXPECT_EQ(server.last().headers.at("content-type"), "text/csv");
  EXPECT_EQ(server.last().headers.at("num"), "5");
  request("/echo", R"("method":"POST","contentType":"text/plain","body":"hé","options":{"defaultCharset":"ISO-8859-1"})");
  EXPECT_EQ(server.last().body, "h\xe9");
  EXPECT_EQ(server.last().headers.at("content-type"), "text/plain; charset=ISO-8859-1");
  request("/echo", R"("method":"POST")");
  EXPECT_EQ(server.last().headers.at("content-length"), "0");
}

TEST_F(HttpTest, EncodesParametersAndTheUri) {
  request("/echo", R"("params":{"a":"b c","l":[1,2]})");
  EXPECT_EQ(server.last().target, "/echo?a=b%20c&l=1&l=2");
  EXPECT_EQ(to_text(result.outputs.at("uri")), server.url("/echo?a=b%20c&l=1&l=2"));
  request("/echo/a?b=c d%20e", R"("params":{"x":"1"})");
  EXPECT_EQ(server.last().target, "/echo/a?b=c%20d%20e&x=1");
  EXPECT_EQ(encoded_uri("http://h/é|{}"), "http://h/%C3%A9%7C%7B%7D");
}

TEST_F(HttpTest, SendsForms) {
  request("/echo", R"("method":"POST","contentType":"application/x-www-form-urlencoded","formData":{"hello":"world & x","n":5})");
  EXPECT_TRUE(server.last().body == "hello=world+%26+x&n=5" || server.last().body == "hello=world%20%26%20x&n=5") << server.last().body;
  EXPECT_TRUE(server.last().headers.at("content-type").starts_with("application/x-www-form-urlencoded"));
  const std::string uri = stored("a.txt", "file body");
  request("/echo", fmt::format(R"("method":"POST","contentType":"multipart/form-data","formData":{{"hello":"world","file":"{}","named":{{"name":"t.yml","content":"{}"}}}})", uri, uri));
  ASSERT_EQ(result.state, State::success) << result.error;
  const SeenRequest seen = server.last();
  EXPECT_TRUE(seen.headers.at("content-type").starts_with("multipart/form-data")) << seen.headers.at("content-type");
  EXPECT_TRUE(seen.body.contains("name=\"hello\"\r\n\r\nworld\r\n")) << seen.body;
  EXPECT_TRUE(seen.body.contains("name=\"file\"; filename=\"a.txt\"")) << seen.body;
  EXPECT_TRUE(seen.body.contains("name=\"named\"; filename=\"t.yml\"")) << seen.body;
  EXPECT_TRUE(seen.body.contains("file body")) << seen.body;
  EXPECT_EQ(request("/echo", R"("method":"POST","contentType":"multipart/form-data","formData":{"c":{"name":"a","content":"text"}})").error, "Invalid internal storage uri, got uri 'text'");
  EXPECT_TRUE(request("/echo", R"("method":"POST","contentType":"multipart/form-data","formData":{"c":"kestra:///io/t/f/executions/e2/x"})").error.contains("didn't belong"));
}

TEST_F(HttpTest, Authenticates) {
  request("/echo", R"("options":{"auth":{"type":"BASIC","username":"u","password":"p"}})");
  EXPECT_EQ(server.last().headers.at("authorization"), "Basic dTpw");
  request("/echo", R"("options":{"auth":{"type":"BEARER","token":"{{ 'tok' }}"}})");
  EXPECT_EQ(server.last().headers.at("authorization"), "Bearer tok");
  request("/echo", R"("options":{"basicAuthUser":"u","basicAuthPassword":"p"})");
  EXPECT_EQ(server.last().headers.at("authorization"), "Basic dTpw");
}

TEST_F(HttpTest, FollowsRedirectsUnlessTold) {
  request("/redirect");
  EXPECT_EQ(result.outputs.at("code").as_int64(), 200);
  EXPECT_EQ(to_text(result.outputs.at("uri")), server.url("/redirect"));
  request("/redirect", R"("options":{"followRedirects":false})");
  EXPECT_EQ(result.outputs.at("code").as_int64(), 302);
  EXPECT_EQ(to_text(result.outputs.at("body")), "");
}

TEST_F(HttpTest, EncryptsTheBody) {
  request("/hello", R"("encryptBody":true)");
  EXPECT_FALSE(result.outputs.contains("body"));
  EXPECT_EQ(write_json(result.outputs.at("encryptedBody")), fmt::format(R"({{"type":"io.kestra.datatype:aes_encrypted","value":"{}"}})", base64_encode("{ \"hello\": \"world\" }")));
}

TEST_F(HttpTest, SaysWhyNothingWasReached) {
  EXPECT_EQ(error_of(kRequest, R"({"uri":"http://127.0.0.1:1/x"})"), "Connect to http://127.0.0.1:1 failed: Connection refused");
  EXPECT_EQ(error_of(kRequest, R"({"uri":"http://nosuch.invalid/x"})"), "nosuch.invalid: Name or service not known");
  EXPECT_FALSE(error_of(kRequest, R"({"uri":"ftp://x.y"})").empty());
  EXPECT_FALSE(error_of(kRequest, R"({"uri":"notauri"})").empty());
  EXPECT_EQ(error_of(kRequest, R"({"uri":"{{ nope.x }}"})"), "Unable to find `nope` used in the expression `{{ nope.x }}` at line 1");
}

TEST_F(HttpTest, GivesUpOnASilentServer) {
  EXPECT_EQ(request("/silent", R"("options":{"timeout":{"readIdleTimeout":"PT0.1S"}})").state, State::failed);
  timeout = std::chrono::milliseconds(100);
  EXPECT_EQ(request("/silent").error, "Timeout after 00:00:00.100");
}

TEST_F(HttpTest, AKillEndsAWaitingRequest) {
  std::jthread killer([this] {
    while (server.last().target != "/silent") std::this_thread::yield();
    cancel.cancel(sandbox::CancelReason::killed);
  });
  EXPECT_EQ(request("/silent").state, State::killed);
}

TEST_F(HttpTest, ABodyAboveTheLimitFails) {
  limits.http_body_bytes_max = 100;
  EXPECT_EQ(request("/big").state, State::failed);
  limits.http_body_bytes_max = 1'000;
  limits.outputs_bytes_max = 200;
  EXPECT_TRUE(request("/big").error.starts_with("Unable to emit the worker task result to the queue: Message of size "));
}

TEST_F(HttpTest, LogsWhatItIsAskedTo) {
  request("/hello", R"("headers":{"Authorization":"secret"},"options":{"logs":["REQUEST_HEADERS","REQUEST_BODY","RESPONSE_HEADERS","RESPONSE_BODY"]})");
  const std::string all = join(log.at(flow::LogLevel::debug), "\n") + join(log.at(flow::LogLevel::trace), "\n");
  EXPECT_TRUE(all.contains("request:\n    method: GET\n    uri: " + server.url("/hello"))) << all;
  EXPECT_TRUE(all.contains("request payload: null")) << all;
  EXPECT_TRUE(all.contains("response payload:\n    { \"hello\": \"world\" }")) << all;
  EXPECT_FALSE(all.contains("secret")) << all;
}

TEST_F(HttpTest, DownloadsToAFile) {
  ASSERT_EQ(request("/hello", "", kDownload).state, State::success);
  const std::string uri = to_text(result.outputs.at("uri"));
  EXPECT_TRUE(uri.starts_with("kestra:///io/t/f/executions/e1/tasks/job/r1/")) << uri;
  EXPECT_TRUE(uri.ends_with(".tmp")) << uri;
  EXPECT_EQ(file(uri), "{ \"hello\": \"world\" }");
  EXPECT_EQ(to_text(result.outputs.at("length")), "20");
  EXPECT_EQ(result.outputs.at("code").as_int64(), 200);
  EXPECT_TRUE(result.outputs.at("headers").as_object().contains("content-type"));
  EXPECT_EQ(log.at(flow::LogLevel::debug).back(), fmt::format("File '{}' downloaded with size '20'", server.url("/hello")));
  EXPECT_TRUE(to_text(request("/x.json?y=z.txt", "", kDownload).outputs.at("uri")).ends_with(".json"));
  EXPECT_TRUE(to_text(request("/hello", R"("saveAs":"my file.txt")", kDownload).outputs.at("uri")).ends_with("/my%20file.txt"));
  EXPECT_EQ(request("/hello", R"("saveAs":"../x")", kDownload).state, State::failed);
  EXPECT_TRUE(scratch_is_empty());
}

TEST_F(HttpTest, AnEmptyDownloadFailsUnlessAllowed) {
  EXPECT_EQ(request("/empty", "", kDownload).error, "No response from server");
  EXPECT_EQ(request("/204", "", kDownload).error, "No response from server");
  ASSERT_EQ(request("/empty", R"("failOnEmptyResponse":false)", kDownload).state, State::success) << result.error;
  EXPECT_EQ(file(to_text(result.outputs.at("uri"))), "");
  EXPECT_EQ(log.at(flow::LogLevel::warn).back(), fmt::format("File '{}' is empty", server.url("/empty")));
}

TEST_F(HttpTest, AFailedDownloadTellsTheBody) {
  EXPECT_EQ(request("/status/404", "", kDownload).error, "Failed http request with response code '404' and body:\n{\"err\":\"x\"}");
  EXPECT_EQ(request("/status/404", R"("options":{"allowFailed":true})", kDownload).state, State::success);
}

TEST_F(HttpTest, TakesTheProposedNameButNeverAPath) {
  EXPECT_EQ(download_name("attachment; filename=\"a b.csv\""), "a+b.csv");
  EXPECT_EQ(download_name("attachment; filename=plain.csv"), "plain.csv");
  EXPECT_EQ(download_name("attachment; filename=\"../../etc/x.csv\""), "x.csv");
  EXPECT_EQ(download_name("attachment; filename=\"..\\\\..\\\\x.csv\""), "x.csv");
  EXPECT_EQ(download_name("attachment; filename*=UTF-8''%C3%A9.csv; filename=e.csv"), "e.csv");
  EXPECT_EQ(download_name("attachment; filename*=UTF-8''%C3%A9.csv"), "é.csv");
  EXPECT_EQ(download_name("attachment; filename=\"caf%C3%A9.txt\""), "café.txt");
  EXPECT_EQ(download_name("attachment; filename=\"..\""), "_");
  EXPECT_TRUE(download_name("inline").ends_with(".tmp"));
}

}  // namespace
}  // namespace insula::tasks
