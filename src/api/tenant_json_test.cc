#include "api/tenant_json.h"

#include <gtest/gtest.h>

namespace insula::api {
namespace {

Result<store::TenantRow> read(std::string_view text, std::string_view id_in_path = {}) { return read_tenant(parse_json(text)->get_object(), id_in_path); }
std::string first_wrong(std::string_view text) {
  const auto row = read(text);
  return row ? "" : row.error().violations.front().path;
}

TEST(TenantJson, KeepsEveryFieldAsItCame) {
  const auto row = read(R"({"id": "acme", "name": "Acme", "deleted": false, "concurrency": {"limit": 3, "behavior": "FAIL"}, "fromTheFuture": [1]})");
  ASSERT_TRUE(row) << row.error().message;
  EXPECT_EQ(write_json(tenant_json(*row)), R"({"id":"acme","name":"Acme","deleted":false,"state":"active","concurrency":{"limit":3,"behavior":"FAIL"},"fromTheFuture":[1]})");
}

TEST(TenantJson, ChecksEveryField) {
  EXPECT_EQ(first_wrong(R"({"id": "Acme", "name": "x"})"), "tenant.id");
  EXPECT_EQ(first_wrong(R"({"id": "flows", "name": "x"})"), "tenant.id");
  EXPECT_EQ(first_wrong(R"({"id": "a"})"), "tenant.name");
  EXPECT_EQ(first_wrong(R"({"id": "a", "name": "x", "concurrency": {"behavior": "FAIL"}})"), "tenant.concurrency.limit");
  EXPECT_EQ(first_wrong(R"({"id": "a", "name": "x", "secretIsolation": {"deniedServices": ["X"]}})"), "tenant.secretIsolation.deniedServices");
  EXPECT_EQ(first_wrong(R"({"id": "a", "name": "x", "defaultWorkerSelector": {"match": "SOME"}})"), "tenant.defaultWorkerSelector.match");
  EXPECT_EQ(first_wrong(R"({"id": "a", "name": "x", "storageConfiguration": "s3"})"), "tenant.storageConfiguration");
  EXPECT_EQ(first_wrong(R"({"id": "a", "name": "x", "quotas": [{"duration": "PT59S", "limit": 1, "behavior": "FAIL"}]})"), "tenant.quotas[0].duration");
  EXPECT_EQ(first_wrong(R"({"id": "a", "name": "x", "quotas": [{"duration": "PT60S", "limit": 0, "behavior": "FAIL"}, {"duration": "PT1M", "limit": 0, "behavior": "FAIL"}]})"),
            "tenant.quotas[1].duration");
  EXPECT_EQ(first_wrong(R"({"id": "a", "name": "x", "appCatalogConfig": {"title": 1}})"), "tenant.appCatalogConfig.title");
  EXPECT_EQ(first_wrong(R"({"id": "a", "name": "x", "settings": {"dashboard": {"defaultHomeDashboard": 1}}})"), "tenant.settings.dashboard.defaultHomeDashboard");
}

TEST(TenantJson, NeverMovesATenant) {
  EXPECT_FALSE(read(R"({"id": "b", "name": "x"})", "a"));
  EXPECT_TRUE(read(R"({"id": "a", "name": "x"})", "a"));
  EXPECT_TRUE(read(R"({"name": "x"})", "a"));
}

TEST(TenantJson, PassesOverLogosWhichHaveRoutesOfTheirOwn) {
  const auto row = read(R"({"id": "a", "name": "x", "logo": "data:text/html;base64,AAAA"})");
  ASSERT_TRUE(row);
  EXPECT_FALSE(row->settings.contains("logo"));
}

TEST(TenantJson, MasksCredentialsInTheAuditLog) {
  const auto row = read(R"({"id": "a", "name": "x", "sdkDefaultAuthentication": {"password": "geheim"}, "storageConfiguration": {"secretKey": "geheim"}})");
  ASSERT_TRUE(row);
  EXPECT_FALSE(write_json(audited_tenant_json(*row)).contains("geheim"));
  EXPECT_TRUE(write_json(tenant_json(*row)).contains("geheim"));
}

}  // namespace
}  // namespace insula::api
