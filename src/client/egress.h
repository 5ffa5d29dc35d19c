// Where requests may go: classes of addresses and lists of networks. Checked on numbers, never on names.
#pragma once
#include "base/base.h"

namespace insula::client {

// An IPv6 address, or an IPv4 one in its mapped form ::ffff:a.b.c.d.
struct Address {
  std::array<std::uint8_t, 16> bytes{};

  static std::optional<Address> parse(std::string_view text);  // dotted IPv4 or IPv6, without zone or brackets
  static Address v4(std::uint32_t host_order);
  bool is_v4() const;
  std::string text() const;  // an IPv4 address in dots
  auto operator<=>(const Address&) const = default;
};

// `10.0.0.0/8`, `fd00::/8`, or a single address.
struct Network {
  Address address;
  int prefix_bits = 128;  // of the 128-bit form

  static Result<Network> parse(std::string_view text);  // error `network-invalid`
  bool contains(const Address& address) const;
};

enum class AddressClass { metadata, link_local, loopback, unspecified, multicast, private_network, shared, reserved, global };
std::string_view to_string(AddressClass address_class);
// IPv6 forms that carry an IPv4 address (mapped, compatible, 6to4, NAT64) have the class of that one.
AddressClass classify(const Address& address);

// The first that applies decides: `allow` networks, `deny` networks, denied classes, then allowed.
struct EgressRules {
  std::vector<Network> allow;
  std::vector<Network> deny;
  std::set<AddressClass> deny_classes{AddressClass::metadata, AddressClass::link_local};
  bool deny_others = false;  // only the allow list is reachable

  static EgressRules standard() { return {}; }
  static EgressRules unrestricted() { return {.allow = {}, .deny = {}, .deny_classes = {}, .deny_others = false}; }  // for the CLI
  static EgressRules public_only();  // nothing but global addresses
  // Nothing when allowed, else which rule forbids it, in words for the user.
  std::optional<std::string> refusal(const Address& address) const;
};

}  // namespace insula::client
