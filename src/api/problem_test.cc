#include "api/problem.h"

#include <gtest/gtest.h>

namespace insula::api {
namespace {

std::string body(const http::Response& response) { return std::get<std::string>(response.body); }

TEST(Problem, IsAHalDocumentWithEveryKeyOfTheOriginal) {
  const http::Response response = problem_response(not_found().error(), "/api/v1/main/flows/io.rec/unknown", "");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(body(response),
            R"({"message":"Not Found","logref":null,"path":null,"_links":{"self":{"href":"/api/v1/main/flows/io.rec/unknown","templated":false,"profile":null,"deprecation":null,)"
            R"("title":null,"hreflang":null,"type":null,"name":null}},"_embedded":{}})");
}

TEST(Problem, EmbedsViolations) {
  Error error{ErrorKind::invalid, "flow-exists", "flow.id: Flow id already exists", {}, {}};
  error.violations.push_back({"flow.id", "Flow id already exists", 0, 0, {}});
  const std::string text = body(problem_response(error, "/x", ""));
  EXPECT_TRUE(text.starts_with(R"({"message":"Invalid entity: flow.id: Flow id already exists",)")) << text;
  EXPECT_TRUE(text.ends_with(R"("_embedded":{"errors":[{"message":"Flow id already exists","logref":null,"path":"flow.id","_links":{},"_embedded":{}}]}})")) << text;
}

TEST(Problem, PutsTheReasonOfTheKindInFrontUnlessItIsThere) {
  EXPECT_EQ(problem_message({ErrorKind::conflict, "c", "Trigger is not locked", {}, {}}), "Illegal state: Trigger is not locked");
  EXPECT_EQ(problem_message({ErrorKind::not_found, "c", "Webhook not found", {}, {}}), "Not Found: Webhook not found");
  EXPECT_EQ(problem_message({ErrorKind::invalid, "input-invalid", "Missing required input:s", {}, {}}), "Invalid entity: Missing required input:s");
  EXPECT_EQ(problem_message({ErrorKind::invalid, "x", "Unprocessable Entity: Invalid sort parameter", {}, {}}), "Unprocessable Entity: Invalid sort parameter");
  EXPECT_EQ(problem_message({ErrorKind::invalid, "x", "The execution is not running", {}, {}}), "Illegal argument: The execution is not running");
}

TEST(Problem, TellsNobodyWithoutCredentialsAnythingButTheScheme) {
  const http::Response plain = problem_response({ErrorKind::unauthenticated, "u", "wrong", {}, {}}, "/x", "");
  EXPECT_EQ(plain.status, 401);
  EXPECT_EQ(body(plain), "");
  EXPECT_EQ(plain.headers.get("WWW-Authenticate"), "Basic");
  EXPECT_EQ(problem_response({ErrorKind::unauthenticated, "u", "wrong", {}, {}}, "/x", "Kestra").headers.get("WWW-Authenticate"), "Basic realm=\"Kestra\"");
}

TEST(Problem, KeepsPrivateDetailsPrivate) {
  EXPECT_FALSE(body(problem_response({ErrorKind::internal, "internal", "failed", "secret detail", {}}, "/x", "")).contains("secret detail"));
}

TEST(Problem, EscapesWhatTheCallerSent) {
  EXPECT_FALSE(body(problem_response(not_found("\"<script>\n").error(), "/x?\"", "")).contains("\n"));
}

TEST(Problem, ListsTheMembersOfABulkThatRefuse) {
  const http::Response response = bulk_problem_response("kill", {{"unknown", "execution not found", 0, 0, {}}});
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(body(response),
            R"({"message":"invalid bulk kill","invalids":[{"message":"execution not found","rootBean":"unknown","rootBeanClass":"java.lang.String","leafBean":"unknown",)"
            R"("propertyPath":[{"name":"execution","kind":"PROPERTY","inIterable":false}],"invalidValue":"unknown","messageTemplate":"{messageTemplate}","executableParameters":[]}]})");
}

}  // namespace
}  // namespace insula::api
