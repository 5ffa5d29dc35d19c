#include "api/form.h"

#include <gtest/gtest.h>

namespace insula::api {
namespace {

http::Request with(std::string_view type, std::string body) {
  http::Request request;
  request.headers.set("Content-Type", type);
  request.body = std::move(body);
  return request;
}

TEST(Form, ReadsFieldsOfAllTheMediaTypesItKnows) {
  const auto json = read_fields(with("application/json", R"({"name": "you", "count": 7, "list": [1, 2], "none": null})"));
  ASSERT_TRUE(json.has_value());
  EXPECT_EQ(std::get<std::string>(json->at("name")), "you");
  EXPECT_EQ(std::get<Json>(json->at("count")), Json(7));
  EXPECT_FALSE(json->contains("none"));
  const auto fields = read_fields(with("application/x-www-form-urlencoded; charset=utf-8", "a=1+2&b=%26"));
  ASSERT_TRUE(fields.has_value());
  EXPECT_EQ(std::get<std::string>(fields->at("a")), "1 2");
  EXPECT_EQ(std::get<std::string>(fields->at("b")), "&");
  http::Request parts;
  parts.is_multipart = true;
  parts.parts.resize(1);
  parts.parts[0].name = "n.x";
  parts.parts[0].text = "2.25";
  EXPECT_EQ(std::get<std::string>(read_fields(parts)->at("n.x")), "2.25");
}

TEST(Form, NeedsNoBody) { EXPECT_TRUE(read_fields(with("", ""))->empty()); }

TEST(Form, RefusesOtherMediaTypesAndOtherJson) {
  EXPECT_EQ(read_fields(with("text/plain", "x")).error().kind, ErrorKind::unsupported);
  EXPECT_EQ(read_fields(with("application/json", "[1]")).error().kind, ErrorKind::invalid);
  EXPECT_EQ(read_fields(with("application/json", "{")).error().kind, ErrorKind::invalid);
}

}  // namespace
}  // namespace insula::api
