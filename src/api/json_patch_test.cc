#include "api/json_patch.h"

#include <gtest/gtest.h>

namespace insula::api {
namespace {

std::string patch(std::string_view from, std::string_view to) { return write_json(Json(json_patch(*parse_json(from), *parse_json(to)))); }

TEST(JsonPatch, SaysWhatWasAddedRemovedAndReplaced) {
  EXPECT_EQ(patch(R"({"a":1,"b":{"c":[1],"d":2}})", R"({"a":1,"b":{"c":[1,2]},"e":null})"),
            R"([{"op":"replace","path":"/b/c","value":[1,2]},{"op":"remove","path":"/b/d"},{"op":"add","path":"/e","value":null}])");
  EXPECT_EQ(patch(R"({"a/b":1,"m~n":1})", R"({"a/b":2,"m~n":2})"), R"([{"op":"replace","path":"/a~1b","value":2},{"op":"replace","path":"/m~0n","value":2}])");
  EXPECT_EQ(patch("null", R"({"a":1})"), R"([{"op":"replace","path":"","value":{"a":1}}])");
  EXPECT_EQ(patch(R"({"a":1})", R"({"a":1})"), "[]");
}

}  // namespace
}  // namespace insula::api
