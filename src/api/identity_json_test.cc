#include "api/identity_json.h"

#include <gtest/gtest.h>

namespace insula::api {
namespace {

store::UserRow person() {
  store::UserRow user;
  user.id = UserId("u1");
  user.email = "ada@example.com";
  user.password_hash = "$argon2id$secret";
  return user;
}

TEST(IdentityJson, NamesPeopleByTheirNameElseByTheirAddress) {
  store::UserRow user = person();
  EXPECT_EQ(display_name(user), "ada@example.com");
  user.first_name = "Ada";
  EXPECT_EQ(display_name(user), "Ada");
  user.last_name = "Lovelace";
  EXPECT_EQ(display_name(user), "Ada Lovelace");
}

TEST(IdentityJson, NeverShowsAPassword) {
  const store::UserRow user = person();
  for (const JsonObject& json : {audited_user_json(user), tenant_user_json(user, {}), member_json(user, {})}) EXPECT_FALSE(write_json(json).contains("secret"));
  EXPECT_TRUE(has_auth(user, "basic"));
  EXPECT_EQ(auths_json(user).size(), 1u);
}

TEST(IdentityJson, NeverShowsTheSecretOfAToken) {
  store::TokenRow token;
  token.record = {"ist_abc", "salt", "hash"};
  token.expires = Instant{};
  const JsonObject json = token_json(token, Instant{} + Duration(1));
  EXPECT_FALSE(write_json(json).contains("salt"));
  EXPECT_FALSE(write_json(json).contains("hash"));
  EXPECT_EQ(json.at("expired"), Json(true));
  EXPECT_EQ(json.at("lastUsed"), Json(nullptr));
}

TEST(IdentityJson, TellsTheStatusOfAnInvitation) {
  store::InvitationRow invitation;
  invitation.expires = Instant{} + Duration(10);
  EXPECT_EQ(invitation_status(invitation, Instant{}), "PENDING");
  EXPECT_EQ(invitation_status(invitation, Instant{} + Duration(10)), "EXPIRED");
  invitation.accepted = Instant{};
  EXPECT_EQ(invitation_status(invitation, Instant{} + Duration(10)), "ACCEPTED");
}

TEST(IdentityJson, ShowsABindingToAGroupWithoutAUser) {
  BindingView view;
  view.binding.subject = store::SubjectKind::group;
  view.binding.ns = Namespace("a.b");
  view.group = store::GroupRow{GroupId("g"), "Team", "", false, {}};
  const JsonObject json = binding_json(view);
  EXPECT_EQ(json.at("type"), Json("GROUP"));
  EXPECT_EQ(json.at("namespace"), Json("a.b"));
  EXPECT_FALSE(json.contains("user"));
}

}  // namespace
}  // namespace insula::api
