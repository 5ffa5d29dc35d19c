#include <gtest/gtest.h>

#include <fstream>

#include "api/csv.h"
#include "api/flow_json.h"
#include "api/preview.h"
#include "api/zip.h"

namespace insula::api {
namespace {

TEST(Csv, WritesMapsAndListsAsTheOriginalDoes) {
  const std::vector<JsonObject> rows = {{{"id", "a"}, {"labels", JsonArray{JsonObject{{"key", "team"}, {"value", "x"}}}}, {"disabled", false}}, {{"id", "b"}, {"extra", "say \"hi\""}}};
  EXPECT_EQ(write_csv(rows), "id,labels,disabled,extra\na,\"[{key=team, value=x}]\",false,\nb,,,\"say \"\"hi\"\"\"\n");
}

TEST(Csv, NeverHandsAFormulaToASpreadsheet) { EXPECT_EQ(write_csv({{{"id", "=1+1"}}}), "id\n'=1+1\n"); }

TEST(Csv, IsEmptyWithoutRows) { EXPECT_EQ(write_csv({}), ""); }

class ZipFile : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary) << bytes;
    return path_;
  }
  void TearDown() override { std::filesystem::remove(path_); }
  std::filesystem::path path_ = std::filesystem::temp_directory_path() / ("insula-zip-" + hex_encode(random_bytes(8)));
};
constexpr std::array<std::string_view, 2> kYaml = {".yml", ".yaml"};

TEST_F(ZipFile, ComesBackAsItWentIn) {
  const auto zip = write_zip({{"io.x.a.yml", "id: a\n"}, {"notes.txt", "no flow"}, {"../io.x.b.yaml", ""}});
  ASSERT_TRUE(zip.has_value());
  EXPECT_TRUE(zip->starts_with("PK"));
  const auto entries = read_zip(write(*zip), kYaml);
  ASSERT_TRUE(entries.has_value()) << entries.error().message;
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].name, "io.x.a.yml");
  EXPECT_EQ((*entries)[0].content, "id: a\n");
}

TEST_F(ZipFile, IsRefusedWhenItIsNone) { EXPECT_EQ(read_zip(write("no zip at all"), kYaml).error().kind, ErrorKind::invalid); }

TEST_F(ZipFile, StopsABomb) {
  const auto zip = write_zip({{"a.yml", std::string(1'000'000, ' ')}, {"b.yml", std::string(1'000'000, ' ')}});
  EXPECT_EQ(read_zip(write(*zip), kYaml, {.entry_bytes_max = 500'000}).error().kind, ErrorKind::too_large);
  EXPECT_EQ(read_zip(path_, kYaml, {.bytes_max = 1'500'000}).error().kind, ErrorKind::too_large);
  EXPECT_EQ(read_zip(path_, kYaml, {.entries_max = 1}).error().kind, ErrorKind::too_large);
}

std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += fmt::format("{}\n", i);
  return text;
}

TEST(Preview, SaysWhetherThereIsMore) {
  EXPECT_EQ(preview_json(lines(100), true, "upl", 100, "UTF-8")->at("truncated"), Json(false));
  EXPECT_EQ(preview_json(lines(101), true, "upl", 100, "UTF-8")->at("truncated"), Json(true));
  EXPECT_EQ(preview_json("a\nb", true, "upl", 100, "UTF-8")->at("content"), Json("a\nb"));
}

TEST(Preview, IsAlwaysText) {
  const auto json = preview_json("\xff\xfe", true, "bin", 10, "UTF-8");
  ASSERT_TRUE(json.has_value());
  EXPECT_TRUE(is_utf8(as_view(json->at("content").as_string())));
  EXPECT_FALSE(preview_json("a", true, "txt", 10, "EBCDIC").has_value());
}

TEST(Preview, KnowsKindsByTheEndingOfTheName) {
  EXPECT_EQ(preview_kind("PNG"), PreviewKind::image);
  EXPECT_EQ(preview_kind("md"), PreviewKind::markdown);
  EXPECT_EQ(preview_kind("ion"), PreviewKind::list);
  EXPECT_EQ(preview_json("ab", true, "png", 10, "UTF-8")->at("content"), Json("YWI="));
}

TEST(FlowSource, IsYamlOrJson) {
  http::Request request;
  request.body = "id: a\n";
  request.headers.set("Content-Type", "application/x-yaml");
  EXPECT_EQ(flow_source(request), "id: a\n");
  request.headers.set("Content-Type", "application/json");
  request.body = R"({"id": "a", "namespace": "io.x"})";
  const auto written = flow_source(request);
  ASSERT_TRUE(written.has_value());
  EXPECT_EQ(name_in_source(*written).ns, Namespace("io.x"));
  request.headers.set("Content-Type", "text/plain");
  EXPECT_EQ(flow_source(request).error().kind, ErrorKind::invalid);
}

TEST(FlowSource, MayHaveAnyFaultAndStillSayItsName) {
  EXPECT_EQ(name_in_source("id: a\nnamespace: io.x\nnope: 1\n").id, FlowId("a"));
  EXPECT_TRUE(name_in_source("a: [b").ns.empty());
}

}  // namespace
}  // namespace insula::api
