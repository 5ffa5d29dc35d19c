#include "api/interface_pack.h"

#include <gtest/gtest.h>

#include "api/test_bench.h"

namespace insula::api {
namespace {

TEST(InterfacePack, FindsFilesByTheirPathsWithBothForms) {
  const InterfacePack pack("insula-ui 2\nassets/a.js\ttext/javascript\tabc\t5\t3\nindex.html\ttext/html\tdef\t4\t0\nplaingz!page");
  ASSERT_NE(pack.find("assets/a.js"), nullptr);
  EXPECT_EQ(pack.find("assets/a.js")->plain, "plain");
  EXPECT_EQ(pack.find("assets/a.js")->gzip, "gz!");
  EXPECT_EQ(pack.find("assets/a.js")->etag, "abc");
  EXPECT_EQ(pack.find("index.html")->plain, "page");
  EXPECT_TRUE(pack.find("index.html")->gzip.empty());
  EXPECT_EQ(pack.find("assets"), nullptr);
  EXPECT_EQ(pack.find("../index.html"), nullptr);
}

TEST(InterfacePack, IsEmptyWhenItCannotBeRead) {
  for (const std::string_view broken : {"", "insula-ui", "insula-ui 0\n", "insula-ui -1\n", "something else", "insula-ui 1\na.js\tt\te\t9\t0\nshort"}) EXPECT_TRUE(InterfacePack(broken).empty()) << broken;
}

TEST(Interface, AnswersEveryAddressOfTheApplicationWithItsPageAndALockedDoor) {
  TestBench bench;
  for (const std::string_view target : {"/ui/", "/ui/main/flows/edit/company.team/hello/overview", "/ui/login"}) {
    const Answer answer = bench.call("GET", target);
    EXPECT_EQ(answer.status, 200) << target;
    EXPECT_EQ(answer.headers.get("Content-Type"), "text/html; charset=utf-8");
    EXPECT_TRUE(answer.headers.get("Content-Security-Policy").contains("script-src 'self';"));
    EXPECT_EQ(answer.headers.get("Cache-Control"), "no-store");
    EXPECT_TRUE(answer.body.contains("csrf-token"));
  }
  EXPECT_EQ(bench.call("GET", "/ui/assets/no-such-file.js").status, 404);
  EXPECT_EQ(bench.call("GET", "/ui/assets/../index.html").status, 404);
  EXPECT_EQ(bench.call("POST", "/ui/main").status, 405);
}

}  // namespace
}  // namespace insula::api
