#include "client/egress.h"

#include <arpa/inet.h>

namespace insula::client {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

std::uint32_t v4_at(const Address& address, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | address.bytes[offset + i];
  return value;
}

bool in_v4(std::uint32_t address, std::uint32_t network, int bits) { return (address ^ network) >> (32 - bits) == 0; }

constexpr std::uint32_t dotted(std::uint32_t a, std::uint32_t b, std::uint32_t c, std::uint32_t d) { return a << 24 | b << 16 | c << 8 | d; }

// IANA special-purpose registry of IPv4, and the well-known addresses of cloud metadata services.
AddressClass classify_v4(std::uint32_t address) {
  for (const std::uint32_t metadata : {dotted(169, 254, 169, 254), dotted(169, 254, 169, 253), dotted(169, 254, 170, 2), dotted(169, 254, 170, 23), dotted(100, 100, 100, 200), dotted(192, 0, 0, 192),
                                       dotted(168, 63, 129, 16)}) {
    if (address == metadata) return AddressClass::metadata;
  }
  struct Row { std::uint32_t network; int bits; AddressClass address_class; };
  static constexpr std::array<Row, 15> rows{{{dotted(169, 254, 0, 0), 16, AddressClass::link_local},
                                             {dotted(127, 0, 0, 0), 8, AddressClass::loopback},
                                             {dotted(0, 0, 0, 0), 8, AddressClass::unspecified},
                                             {dotted(10, 0, 0, 0), 8, AddressClass::private_network},
                                             {dotted(172, 16, 0, 0), 12, AddressClass::private_network},
                                             {dotted(192, 168, 0, 0), 16, AddressClass::private_network},
                                             {dotted(100, 64, 0, 0), 10, AddressClass::shared},
                                             {dotted(224, 0, 0, 0), 4, AddressClass::multicast},
                                             {dotted(192, 0, 0, 0), 24, AddressClass::reserved},
                                             {dotted(192, 0, 2, 0), 24, AddressClass::reserved},
                                             {dotted(192, 88, 99, 0), 24, AddressClass::reserved},
                                             {dotted(198, 18, 0, 0), 15, AddressClass::reserved},
                                             {dotted(198, 51, 100, 0), 24, AddressClass::reserved},
                                             {dotted(203, 0, 113, 0), 24, AddressClass::reserved},
                                             {dotted(240, 0, 0, 0), 4, AddressClass::reserved}}};
  for (const Row& row : rows) {
    if (in_v4(address, row.network, row.bits)) return row.address_class;
  }
  return AddressClass::global;
}

bool in_v6(const Address& address, std::string_view network, int bits) {
  return Network{Address::parse(network).value(), bits}.contains(address);
}

AddressClass classify_v6(const Address& address) {
  // The metadata services of AWS, Google and Oracle over IPv6.
  for (const std::string_view metadata : {"fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:c1::a9fe:a9fe"}) {
    if (address == Address::parse(metadata)) return AddressClass::metadata;
  }
  if (in_v6(address, "::", 128)) return AddressClass::unspecified;
  if (in_v6(address, "::1", 128)) return AddressClass::loopback;
  if (in_v6(address, "fe80::", 10) || in_v6(address, "fec0::", 10)) return AddressClass::link_local;
  if (in_v6(address, "fc00::", 7)) return AddressClass::private_network;
  if (in_v6(address, "ff00::", 8)) return AddressClass::multicast;
  // An IPv4 address inside: compatible ::a.b.c.d, NAT64 64:ff9b::/96 and 64:ff9b:1::/48, 6to4 2002::/16.
  if (in_v6(address, "::", 96) || in_v6(address, "64:ff9b::", 96) || in_v6(address, "64:ff9b:1::", 48)) return classify_v4(v4_at(address, 12));
  if (in_v6(address, "2002::", 16)) return classify_v4(v4_at(address, 2));
  if (in_v6(address, "2001::", 23) || in_v6(address, "2001:db8::", 32) || in_v6(address, "100::", 64) || in_v6(address, "3fff::", 20) || !in_v6(address, "2000::", 3)) return AddressClass::reserved;
  return AddressClass::global;
}

}  // namespace

std::optional<Address> Address::parse(std::string_view text) {
  const std::string copy(text);
  if (copy.size() > 64 || copy.contains('\0')) return std::nullopt;
  in_addr four{};
  if (inet_pton(AF_INET, copy.c_str(), &four) == 1) return v4(ntohl(four.s_addr));
  in6_addr six{};
  if (inet_pton(AF_INET6, copy.c_str(), &six) != 1) return std::nullopt;
  Address address;
  std::copy(std::begin(six.s6_addr), std::end(six.s6_addr), address.bytes.begin());
  return address;
}

Address Address::v4(std::uint32_t host_order) {
  Address address;
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), address.bytes.begin());
  for (std::size_t i = 0; i < 4; ++i) address.bytes[12 + i] = static_cast<std::uint8_t>(host_order >> (24 - 8 * i));
  return address;
}

bool Address::is_v4() const { return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin()); }

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (is_v4()) inet_ntop(AF_INET, bytes.data() + 12, buffer.data(), buffer.size());
  else inet_ntop(AF_INET6, bytes.data(), buffer.data(), buffer.size());
  return buffer.data();
}

Result<Network> Network::parse(std::string_view text) {
  const auto wrong = [&] {
    return fail(ErrorKind::invalid, "network-invalid", fmt::format("'{}' is no network; write it like 10.0.0.0/8, fd00::/8 or 192.0.2.1", text.substr(0, 100)));
  };
  const std::size_t slash = text.find('/');
  const auto address = Address::parse(text.substr(0, slash));
  if (!address) return wrong();
  Network network{*address, 128};
  if (slash == std::string_view::npos) return network;
  const std::string_view bits_text = text.substr(slash + 1);
  int bits = 0;
  const auto [end, error] = std::from_chars(bits_text.data(), bits_text.data() + bits_text.size(), bits);
  const int bits_max = text.contains(':') ? 128 : 32;
  if (error != std::errc() || end != bits_text.data() + bits_text.size() || bits < 0 || bits > bits_max) return wrong();
  network.prefix_bits = bits_max == 32 ? 96 + bits : bits;
  return network;
}

bool Network::contains(const Address& other) const {
  const auto whole = static_cast<std::size_t>(prefix_bits / 8);
  if (!std::equal(address.bytes.begin(), address.bytes.begin() + static_cast<std::ptrdiff_t>(whole), other.bytes.begin())) return false;
  const int rest = prefix_bits % 8;
  return rest == 0 || ((address.bytes[whole] ^ other.bytes[whole]) >> (8 - rest)) == 0;
}

std::string_view to_string(AddressClass address_class) {
  switch (address_class) {
    case AddressClass::metadata: return "metadata";
    case AddressClass::link_local: return "link-local";
    case AddressClass::loopback: return "loopback";
    case AddressClass::unspecified: return "unspecified";
    case AddressClass::multicast: return "multicast";
    case AddressClass::private_network: return "private";
    case AddressClass::shared: return "shared";
    case AddressClass::reserved: return "reserved";
    case AddressClass::global: return "global";
  }
  return "unknown";
}

AddressClass classify(const Address& address) { return address.is_v4() ? classify_v4(v4_at(address, 12)) : classify_v6(address); }

EgressRules EgressRules::public_only() {
  return {.allow = {},
          .deny = {},
          .deny_classes = {AddressClass::metadata, AddressClass::link_local, AddressClass::loopback, AddressClass::unspecified, AddressClass::multicast, AddressClass::private_network,
                           AddressClass::shared, AddressClass::reserved},
          .deny_others = false};
}

std::optional<std::string> EgressRules::refusal(const Address& address) const {
  const auto within = [&](const std::vector<Network>& networks) { return std::any_of(networks.begin(), networks.end(), [&](const Network& network) { return network.contains(address); }); };
  if (within(allow)) return std::nullopt;
  if (within(deny)) return "the address is in a denied network";
  const AddressClass address_class = classify(address);
  if (deny_classes.contains(address_class)) return fmt::format("{} addresses are denied", to_string(address_class));
  // 0.0.0.0 reaches this machine like loopback does.
  if (address_class == AddressClass::unspecified && deny_classes.contains(AddressClass::loopback)) return "loopback addresses are denied";
  if (deny_others) return "only the allowed networks can be reached";
  return std::nullopt;
}

}  // namespace insula::client
