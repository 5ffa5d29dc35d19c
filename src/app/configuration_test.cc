#include "app/configuration.h"

#include <gtest/gtest.h>

namespace insula::app {
namespace {

TEST(Configuration, GivesDefaultsWhenNothingIsSet) {
  const auto configuration = Configuration::read("", {});
  ASSERT_TRUE(configuration);
  EXPECT_EQ(configuration->integer("insula.server.port"), 8080);
  EXPECT_EQ(configuration->text("insula.worker.lost-jobs"), "resubmit");
  EXPECT_FALSE(configuration->boolean("kestra.variables.recursive-rendering"));
}

TEST(Configuration, PutsEnvironmentVariablesOverTheFile) {
  const auto configuration = Configuration::read("insula:\n  server:\n    port: 9000\n  data: /a\n", {{"INSULA_SERVER_PORT", "9001"}});
  ASSERT_TRUE(configuration) << configuration.error().message;
  EXPECT_EQ(configuration->integer("insula.server.port"), 9001);
  EXPECT_EQ(configuration->text("insula.data"), "/a");
}

TEST(Configuration, AcceptsCamelCaseDottedKeysAndInterpolation) {
  const auto configuration = Configuration::read("kestra.server:\n  basicAuth:\n    username: ${WHO:nobody}@example.com\n", {{"WHO", "ada"}});
  ASSERT_TRUE(configuration) << configuration.error().message;
  EXPECT_EQ(configuration->text("insula.admin.email"), "ada@example.com");
}

TEST(Configuration, NamesTheNearestKeyWithLineAndColumn) {
  const auto configuration = Configuration::read("insula:\n  server:\n    prot: 9000\n    threads: many\n", {});
  ASSERT_FALSE(configuration);
  ASSERT_EQ(configuration.error().violations.size(), 2u);
  EXPECT_EQ(configuration.error().violations[0].line, 3);
  EXPECT_EQ(configuration.error().violations[0].suggestion, "insula.server.port");
  EXPECT_NE(configuration.error().message.find("whole number"), std::string::npos);
}

TEST(Configuration, HidesSecretsWhenShown) {
  const auto configuration = Configuration::read("insula:\n  admin:\n    password: Secret123\n", {});
  ASSERT_TRUE(configuration);
  EXPECT_EQ(configuration->shown().find("Secret123"), std::string::npos);
}

}  // namespace
}  // namespace insula::app
