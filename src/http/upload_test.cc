#include <fstream>

#include "http/test_client.h"

namespace insula::http::testing {
namespace {

class Upload : public ::testing::Test {
 protected:
  Upload() {
    std::string pattern = (std::filesystem::temp_directory_path() / "insula-upload-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    options_.spool_folder = folder_ / "spool";
  }
  ~Upload() override { std::filesystem::remove_all(folder_); }

  std::size_t files_on_disk() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(options_.spool_folder), std::filesystem::directory_iterator{}));
  }
  std::filesystem::path make_file(std::string_view content) const {
    const auto path = folder_ / "answer";
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  static std::string form(std::string_view file) {
    return fmt::format(
        "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhello\r\n"
        "--b\r\nContent-Disposition: form-data; name=\"data\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n{}\r\n--b--\r\n",
        file);
  }

  Options options_;
  std::filesystem::path folder_;
};

void describe(Request&& request, const std::shared_ptr<Exchange>& exchange) {
  std::string text = request.is_multipart ? "form" : "body";
  for (const auto& part : request.parts) {
    if (part.is_file()) text += fmt::format(" {}@{}:{}:{}", part.name, *part.filename, part.content_type, part.file.read(1u << 30)->size());
    else text += fmt::format(" {}={}", part.name, part.text);
  }
  exchange->respond(Response::text(200, text));
}

TEST_F(Upload, TextPartsComeInMemoryAndFilesOnDisk) {
  const auto server = serve(describe, options_);
  Client client(server->port());
  const auto reply = client.post("/", "multipart/form-data; boundary=b", form(std::string(3'000'000, 'x')));
  EXPECT_EQ(reply.body, "form text=hello data@a.csv:text/csv:3000000");
  EXPECT_EQ(client.post("/", "multipart/form-data; boundary=b", form("")).body, "form text=hello data@a.csv:text/csv:0");
  server->stop(std::chrono::seconds(10));
  EXPECT_EQ(files_on_disk(), 0u);
}

TEST_F(Upload, AFormMayComeInChunks) {
  const auto server = serve(describe, options_);
  Client client(server->port());
  client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const char c : form("abc")) client.send(fmt::format("1\r\n{}\r\n", c));
  client.send("0\r\n\r\n");
  EXPECT_EQ(client.read_reply().body, "form text=hello data@a.csv:text/csv:3");
}

TEST_F(Upload, AFormWithoutBodyHasNoParts) {
  const auto server = serve(describe, options_);
  Client client(server->port());
  EXPECT_EQ(client.post("/", "multipart/form-data; boundary=b", "").body, "form");
  EXPECT_EQ(client.post("/", "multipart/form-data", "").body, "form");
}

TEST_F(Upload, BrokenFormsAreRefusedAndLeaveNoFile) {
  const auto server = serve(describe, options_);
  const auto whole = form("abc");
  const std::pair<std::string_view, std::string> cases[] = {
      {"multipart/form-data", whole},
      {"multipart/form-data; boundary=b", whole.substr(0, whole.size() - 10)},
      {"multipart/form-data; boundary=c", whole},
  };
  for (const auto& [type, body] : cases) {
    Client client(server->port());
    const auto reply = client.post("/", type, body);
    EXPECT_EQ(reply.status, 400) << type;
    EXPECT_NE(reply.body.find("multipart-"), std::string::npos) << reply.body;
  }
  EXPECT_EQ(files_on_disk(), 0u);
}

TEST_F(Upload, AClientThatGoesAwayLeavesNoFile) {
  const auto server = serve(describe, options_);
  {
    Client client(server->port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 10000\r\n\r\n");
    client.send(form("abc").substr(0, 180));
  }
  server->stop(std::chrono::seconds(10));
  EXPECT_EQ(files_on_disk(), 0u);
}

TEST_F(Upload, TheStartRemovesWhatACrashLeft) {
  std::filesystem::create_directories(options_.spool_folder);
  std::ofstream(options_.spool_folder / "upload-0123") << "x";
  const auto server = serve(describe, options_);
  EXPECT_EQ(files_on_disk(), 0u);
}

TEST_F(Upload, HasALimitOfItsOwn) {
  options_.limits.upload_bytes_max = 1000;
  const auto server = serve(describe, options_);
  Client client(server->port());
  EXPECT_EQ(client.post("/", "multipart/form-data; boundary=b", form(std::string(2000, 'x'))).status, 413);
}

TEST_F(Upload, ContinueIsSentBeforeTheBodyIsAwaited) {
  const auto server = serve(echo, options_);
  Client client(server->port());
  client.send("POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("body");
  EXPECT_EQ(client.read_reply().body, "POST [x] | body");
}

TEST_F(Upload, AFileIsSentWholeInPartAndByHead) {
  std::string content;
  for (int i = 0; i < 300'000; ++i) content += fmt::format("{} ", i);
  const auto path = make_file(content);
  const auto server = serve(
      [&](Request&& request, const std::shared_ptr<Exchange>& exchange) {
        FileBody body{path, 0, std::nullopt, false};
        if (request.target.path == "/part") body = {path, 10, 100, false};
        exchange->respond(Response::file(body, "text/csv", "résumé.csv"));
      },
      options_);
  Client client(server->port());
  const auto whole = client.get("/");
  EXPECT_EQ(whole.body, content);
  EXPECT_EQ(whole.headers.get("Content-Disposition"), "attachment; filename=\"r__sum__.csv\"; filename*=UTF-8''r%C3%A9sum%C3%A9.csv");
  EXPECT_EQ(client.get("/part").body, content.substr(10, 100));
  client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.read_reply(false).headers.get("Content-Length"), std::to_string(content.size()));
  EXPECT_EQ(client.get("/part").body, content.substr(10, 100));
}

TEST_F(Upload, AFileMadeForOneAnswerIsRemovedAndAMissingOneIs404) {
  const auto path = make_file("once");
  const auto server = serve(
      [&](Request&&, const std::shared_ptr<Exchange>& exchange) { exchange->respond(Response::file({path, 0, std::nullopt, true}, "text/plain")); },
      options_);
  Client client(server->port());
  EXPECT_EQ(client.get("/").body, "once");
  EXPECT_EQ(client.get("/").status, 404);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(Upload, AnEmptyFileIsAnEmptyBody) {
  const auto path = make_file("");
  const auto server = serve(
      [&](Request&&, const std::shared_ptr<Exchange>& exchange) { exchange->respond(Response::file({path, 0, std::nullopt, false}, "text/plain")); }, options_);
  Client client(server->port());
  EXPECT_EQ(client.get("/").headers.get("Content-Length"), "0");
  EXPECT_EQ(client.get("/").status, 200);
}

}  // namespace
}  // namespace insula::http::testing
