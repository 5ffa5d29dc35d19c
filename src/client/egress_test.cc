#include "client/egress.h"

#include <gtest/gtest.h>

namespace insula::client {
namespace {

AddressClass class_of(std::string_view text) { return classify(Address::parse(text).value()); }

TEST(Egress, ClassifiesAddresses) {
  const std::vector<std::pair<std::string_view, AddressClass>> table{
      {"169.254.169.254", AddressClass::metadata}, {"100.100.100.200", AddressClass::metadata}, {"fd00:ec2::254", AddressClass::metadata}, {"169.254.1.1", AddressClass::link_local},
      {"fe80::1", AddressClass::link_local},       {"127.0.0.1", AddressClass::loopback},       {"127.255.255.255", AddressClass::loopback}, {"::1", AddressClass::loopback},
      {"0.0.0.0", AddressClass::unspecified},      {"::", AddressClass::unspecified},           {"10.1.2.3", AddressClass::private_network}, {"172.16.0.1", AddressClass::private_network},
      {"172.31.255.255", AddressClass::private_network}, {"172.32.0.0", AddressClass::global},  {"192.168.1.1", AddressClass::private_network}, {"fc00::1", AddressClass::private_network},
      {"100.64.0.1", AddressClass::shared},        {"224.0.0.1", AddressClass::multicast},      {"ff02::1", AddressClass::multicast},        {"255.255.255.255", AddressClass::reserved},
      {"2001:db8::1", AddressClass::reserved},     {"8.8.8.8", AddressClass::global},           {"2606:4700::1111", AddressClass::global},   {"1::1", AddressClass::reserved}};
  for (const auto& [text, expected] : table) EXPECT_EQ(to_string(class_of(text)), to_string(expected)) << text;
}

TEST(Egress, LooksThroughIpv6FormsOfIpv4) {
  for (const std::string_view text : {"::ffff:169.254.169.254", "::169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"}) EXPECT_EQ(class_of(text), AddressClass::metadata) << text;
  for (const std::string_view text : {"::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::"}) EXPECT_EQ(class_of(text), AddressClass::loopback) << text;
  EXPECT_TRUE(Address::parse("::ffff:1.2.3.4")->is_v4());
  EXPECT_EQ(Address::parse("::ffff:1.2.3.4")->text(), "1.2.3.4");
}

TEST(Egress, ReadsNetworks) {
  const auto contains = [](std::string_view network, std::string_view address) { return Network::parse(network)->contains(Address::parse(address).value()); };
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.0.1"));
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.255.0.1"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(contains("10.0.0.0/9", "10.127.0.1"));
  EXPECT_FALSE(contains("10.0.0.0/9", "10.128.0.1"));
  EXPECT_TRUE(contains("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2606::1"));
  EXPECT_TRUE(contains("::/0", "8.8.8.8"));
  EXPECT_TRUE(contains("192.0.2.1", "192.0.2.1"));
  EXPECT_TRUE(contains("fd00::/8", "fdff::1"));
  for (const std::string_view text : {"", "x", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/8x", "example.com"}) EXPECT_EQ(Network::parse(text).error().code, "network-invalid") << text;
}

TEST(Egress, AllowsBeforeItDenies) {
  const auto refused = [](const EgressRules& rules, std::string_view address) { return rules.refusal(Address::parse(address).value()).has_value(); };
  EXPECT_FALSE(refused(EgressRules::standard(), "127.0.0.1"));
  EXPECT_FALSE(refused(EgressRules::standard(), "10.0.0.1"));
  EXPECT_TRUE(refused(EgressRules::standard(), "169.254.169.254"));
  EXPECT_TRUE(refused(EgressRules::standard(), "fe80::1"));
  EXPECT_FALSE(refused(EgressRules::unrestricted(), "169.254.169.254"));
  EgressRules rules = EgressRules::public_only();
  rules.allow = {Network::parse("10.1.0.0/16").value()};
  rules.deny = {Network::parse("8.8.8.0/24").value()};
  EXPECT_FALSE(refused(rules, "10.1.2.3"));
  EXPECT_TRUE(refused(rules, "10.2.0.1"));
  EXPECT_TRUE(refused(rules, "8.8.8.8"));
  EXPECT_FALSE(refused(rules, "8.8.4.4"));
  rules.deny_others = true;
  EXPECT_TRUE(refused(rules, "8.8.4.4"));
  EgressRules no_loopback;
  no_loopback.deny_classes = {AddressClass::loopback};
  EXPECT_TRUE(refused(no_loopback, "0.0.0.0"));
}

}  // namespace
}  // namespace insula::client
