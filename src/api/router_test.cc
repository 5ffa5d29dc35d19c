#include "api/router.h"

#include <gtest/gtest.h>

namespace insula::api {
namespace {

using http::Method;

void nothing(const CallPtr&) {}
const Rule kRule = needs(access::Resource::flow, access::Action::view);

const std::vector<Route>& some_routes() {
  static const std::vector<Route> routes = {
      {Method::get, "/", public_(), nothing, ""},
      {Method::get, "/ui/", public_(), nothing, ""},
      {Method::get, "/ui/{path*}", public_(), nothing, ""},
      {Method::get, "/api/v1/configs", public_(), nothing, ""},
      {Method::get, "/api/v1/{tenant}/flows/search", kRule, nothing, ""},
      {Method::get, "/api/v1/{tenant}/flows/{namespace}", kRule, nothing, ""},
      {Method::post, "/api/v1/{tenant}/flows/{namespace}", kRule, nothing, ""},
      {Method::get, "/api/v1/{tenant}/flows/{namespace}/{flow}", kRule, nothing, ""},
      {Method::get, "/api/v1/{tenant}/executions/{execution}", kRule, nothing, ""},
      {Method::post, "/api/v1/{tenant}/executions/webhook/{namespace}/{flow}/{key}", webhook_key(), nothing, ""},
      {Method::post, "/api/v1/{tenant}/executions/{namespace}/{flow}", kRule, nothing, ""},
      {Method::post, "/api/v1/{tenant}/executions/{execution}/state", kRule, nothing, ""},
  };
  return routes;
}

Match match(Method method, std::string_view target) {
  static const Router router(some_routes());
  const auto parsed = http::parse_target(target);
  EXPECT_TRUE(parsed.has_value()) << target;
  return parsed ? router.match(method, parsed->segments) : Match{};
}

std::string pattern(Method method, std::string_view target) {
  const Match found = match(method, target);
  return found.route != nullptr ? found.route->pattern : "-";
}

TEST(Router, ServesTenantRoutesWithTheTenantAndWithoutIt) {
  const Match with = match(Method::get, "/api/v1/acme/flows/io.x/f");
  ASSERT_NE(with.route, nullptr);
  EXPECT_EQ(with.parameter("tenant"), "acme");
  EXPECT_EQ(with.parameter("namespace"), "io.x");
  EXPECT_EQ(with.parameter("flow"), "f");
  const Match without = match(Method::get, "/api/v1/flows/io.x/f");
  ASSERT_EQ(without.route, with.route);
  EXPECT_EQ(without.parameter("tenant"), "");
  EXPECT_EQ(without.parameter("flow"), "f");
}

TEST(Router, NothingButATenantStandsWhereATenantStands) {
  for (const char* target : {"/api/v1/%2e%2e/flows/search", "/api/v1/Acme/flows/search", "/api/v1/a.b/flows/search", "/api/v1/acme%20/flows/search", "/api/v1/configs/flows/search"}) {
    EXPECT_EQ(pattern(Method::get, target), "-") << target;
  }
}

TEST(Router, ADotSaysThatANamespaceIsMeantAndNotAnExecution) {
  EXPECT_EQ(pattern(Method::post, "/api/v1/executions/2WyaOmQf8x9H1Lr5ZkC3vT/state"), "/api/v1/{tenant}/executions/{execution}/state");
  const Match flow = match(Method::post, "/api/v1/acme/executions/company.team/state");
  ASSERT_NE(flow.route, nullptr);
  EXPECT_EQ(flow.route->pattern, "/api/v1/{tenant}/executions/{namespace}/{flow}");
  EXPECT_EQ(flow.parameter("namespace"), "company.team");
  EXPECT_EQ(flow.parameter("flow"), "state");
  // Where nothing else fits, the one action that there is answers.
  EXPECT_EQ(pattern(Method::get, "/api/v1/acme/executions/company.team"), "/api/v1/{tenant}/executions/{execution}");
}

TEST(Router, WhatComesLastTakesTheRest) {
  EXPECT_EQ(pattern(Method::get, "/ui/main/flows/edit/io.x/f"), "/ui/{path*}");
  EXPECT_EQ(pattern(Method::get, "/ui/x"), "/ui/{path*}");
  EXPECT_EQ(pattern(Method::get, "/ui/"), "/ui/");
  EXPECT_EQ(pattern(Method::post, "/ui/x"), "-");
}

TEST(Router, PrefersALiteralSegmentToAParameter) {
  EXPECT_EQ(pattern(Method::get, "/api/v1/main/flows/search"), "/api/v1/{tenant}/flows/search");
  EXPECT_EQ(pattern(Method::get, "/api/v1/main/flows/searches"), "/api/v1/{tenant}/flows/{namespace}");
  EXPECT_EQ(pattern(Method::get, "/api/v1/flows/search"), "/api/v1/{tenant}/flows/search");
}

TEST(Router, GoesOnToAParameterWhenTheLiteralHasNoSuchMethodOrRest) {
  EXPECT_EQ(pattern(Method::post, "/api/v1/main/flows/search"), "/api/v1/{tenant}/flows/{namespace}");
  EXPECT_EQ(pattern(Method::get, "/api/v1/main/executions/webhook"), "/api/v1/{tenant}/executions/{execution}");
}

TEST(Router, TellsWhichMethodsAPathHas) {
  const Match wrong = match(Method::patch, "/api/v1/configs");
  EXPECT_EQ(wrong.route, nullptr);
  EXPECT_EQ(wrong.allowed, std::vector{Method::get});
  EXPECT_TRUE(match(Method::get, "/api/v1/main/nothing-here").allowed.empty());
}

TEST(Router, AnswersHeadWhereItAnswersGet) { EXPECT_EQ(pattern(Method::head, "/api/v1/configs"), "/api/v1/configs"); }

TEST(Router, MatchesNoPathThatOnlyLooksLikeARoute) {
  for (const std::string_view target :
       {"/api/v1/configs/", "//api/v1/configs", "/api//v1/configs", "/api/v1//configs", "/api/v1/./configs", "/api/v1/x/../configs", "/api/v1/x/..;/configs",
        "/api/v1/configs;a=b", "/api/v1/Configs", "/API/v1/configs", "/api/v1/%2e/configs", "/api/v1/x/%2e%2e/configs", "/api/v1%2Fconfigs", "/api/v1/%63onfigs%2F",
        "/api/v1/%2563onfigs", "/api/v1/configs.json", "/api/v1/configs%20", "/api/v1/aconfigs", "/api/v1/main/configs", "/api/v1/flows/configs/configs/configs"})
    EXPECT_NE(pattern(Method::get, target), "/api/v1/configs") << target;
}

TEST(Router, DecodesASegmentOnceAndKeepsItWhole) {
  EXPECT_EQ(match(Method::get, "/api/v1/main/flows/a%2Fb/f%252e").parameter("namespace"), "a/b");
  EXPECT_EQ(match(Method::get, "/api/v1/main/flows/a%2Fb/f%252e").parameter("flow"), "f%2e");
  EXPECT_EQ(pattern(Method::get, "/api/v1/%63onfigs"), "/api/v1/configs");  // the same characters, so the same path (RFC 3986 §6.2.2.2)
}

TEST(Router, TakesAFlowForAPublicPathOnlyAsAFlow) {
  EXPECT_EQ(pattern(Method::get, "/api/v1/main/flows/configs"), "/api/v1/{tenant}/flows/{namespace}");
}

TEST(Router, NeverTakesAnEmptySegmentForAParameter) {
  EXPECT_EQ(pattern(Method::get, "/api/v1/main/flows/"), "-");
  EXPECT_EQ(pattern(Method::get, "/api/v1//flows/search"), "-");
  EXPECT_EQ(pattern(Method::get, "/ui/"), "/ui/");
  EXPECT_EQ(pattern(Method::get, "/ui"), "-");
  EXPECT_EQ(pattern(Method::get, "/"), "/");
}

TEST(Router, KeepsWebhooksOpenInBothForms) {
  for (const std::string_view target : {"/api/v1/main/executions/webhook/io.x/f/k", "/api/v1/executions/webhook/io.x/f/k"}) {
    const Match found = match(Method::post, target);
    ASSERT_NE(found.route, nullptr) << target;
    EXPECT_EQ(found.route->rule.kind(), Rule::Kind::webhook_key);
    EXPECT_EQ(found.parameter("key"), "k");
  }
}

TEST(Router, RefusesVeryDeepPaths) { EXPECT_EQ(pattern(Method::get, "/api" + std::string(200, '/')), "-"); }

}  // namespace
}  // namespace insula::api
