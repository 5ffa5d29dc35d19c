#include "access/password.h"

#include <argon2.h>
#include <re2/re2.h>

namespace insula::access {
namespace {

constexpr std::size_t hash_bytes = 32;
constexpr std::size_t password_bytes_max = 1024;
constexpr int password_characters_max = 256;
constexpr HashCost cost_max{64, 1024 * 1024, 64};

int characters(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::optional<std::uint32_t> number(std::string_view text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The cost of `$argon2id$v=19$m=…,t=…,p=…$salt$hash`, when it is of that form and within what we are ready to spend.
std::optional<HashCost> cost_of(std::string_view hash) {
  const auto parts = split(hash.substr(0, 512), '$');
  if (parts.size() != 6 || !parts[0].empty() || parts[1] != "argon2id" || parts[2] != "v=19") return std::nullopt;
  const auto settings = split(parts[3], ',');
  if (settings.size() != 3 || !settings[0].starts_with("m=") || !settings[1].starts_with("t=") || !settings[2].starts_with("p=")) return std::nullopt;
  const auto memory = number(std::string_view(settings[0]).substr(2));
  const auto passes = number(std::string_view(settings[1]).substr(2));
  const auto lanes = number(std::string_view(settings[2]).substr(2));
  if (!memory || !passes || !lanes) return std::nullopt;
  if (*memory > cost_max.memory_kib || *passes > cost_max.passes || *lanes > cost_max.lanes) return std::nullopt;
  return HashCost{*passes, *memory, *lanes};
}

constexpr std::size_t pattern_bytes_max = 1'000;

RE2::Options pattern_options() {
  RE2::Options options;
  options.set_max_mem(1 << 20);
  options.set_log_errors(false);
  return options;
}

bool acceptable_length(std::string_view password) { return password.size() <= password_bytes_max && characters(password) <= password_characters_max; }

}  // namespace

Result<std::string> hash_password(std::string_view password, std::string_view salt, HashCost cost) {
  INSULA_ASSERT(salt.size() >= 8 && salt.size() <= 64);
  if (!acceptable_length(password)) {
    return fail(ErrorKind::invalid, "password-too-long", fmt::format("the password is longer than {} characters; choose a shorter one", password_characters_max));
  }
  const std::size_t room = argon2_encodedlen(cost.passes, cost.memory_kib, cost.lanes, static_cast<std::uint32_t>(salt.size()), hash_bytes, Argon2_id);
  std::string encoded(room, '\0');
  const int outcome = argon2id_hash_encoded(cost.passes, cost.memory_kib, cost.lanes, password.data(), password.size(), salt.data(), salt.size(), hash_bytes, encoded.data(), encoded.size());
  if (outcome != ARGON2_OK) return fail(ErrorKind::internal, "password-hash-failed", "the password could not be hashed; try again", argon2_error_message(outcome));
  encoded.resize(encoded.find('\0'));
  return encoded;
}

bool verify_password(std::string_view password, std::string_view hash) {
  if (!acceptable_length(password) || !cost_of(hash)) return false;
  return argon2id_verify(std::string(hash).c_str(), password.data(), password.size()) == ARGON2_OK;
}

bool needs_rehash(std::string_view hash, HashCost cost) { return cost_of(hash) != cost; }

Result<void> check_rules(const PasswordRules& rules) {
  if (rules.pattern.size() > pattern_bytes_max) return fail(ErrorKind::invalid, "password-rules-invalid", fmt::format("the pattern for passwords is longer than {} bytes", pattern_bytes_max));
  const RE2 pattern(rules.pattern, pattern_options());
  if (!pattern.ok()) return fail(ErrorKind::invalid, "password-rules-invalid", fmt::format("the pattern for passwords is not a regular expression of RE2: {}", pattern.error()));
  return {};
}

std::vector<Violation> check_password(std::string_view password, const PasswordRules& rules) {
  std::vector<Violation> violations;
  const auto want = [&](bool fulfilled, std::string message) {
    if (!fulfilled) violations.push_back({.path = "password", .message = std::move(message), .line = 0, .column = 0, .suggestion = {}});
  };
  const auto count = [&](auto counts) { return static_cast<int>(std::count_if(password.begin(), password.end(), counts)); };
  const auto plural = [](int number, std::string_view thing) { return fmt::format("at least {} {}{}", number, thing, number == 1 ? "" : "s"); };
  const int length = characters(password);
  want(length <= std::min(rules.length_max, password_characters_max) && password.size() <= password_bytes_max, fmt::format("must have at most {} characters", std::min(rules.length_max, password_characters_max)));
  want(is_utf8(password), "must be valid UTF-8");
  if (!rules.pattern.empty()) {
    want(violations.empty() && RE2::FullMatch(password, RE2(rules.pattern, pattern_options())), fmt::format("must match {}", rules.pattern));
    return violations;
  }
  const int upper = count([](char c) { return c >= 'A' && c <= 'Z'; });
  const int lower = count([](char c) { return c >= 'a' && c <= 'z'; });
  const int digits = count([](char c) { return c >= '0' && c <= '9'; });
  want(length >= rules.length_min, fmt::format("must have {}", plural(rules.length_min, "character")));
  const int others = length - upper - lower - digits;
  const int special = rules.special.empty() ? others : count([&](char c) { return rules.special.contains(c); });
  want(upper >= rules.upper_min, fmt::format("must have {}", plural(rules.upper_min, "upper-case letter")));
  want(lower >= rules.lower_min, fmt::format("must have {}", plural(rules.lower_min, "lower-case letter")));
  want(digits >= rules.digits_min, fmt::format("must have {}", plural(rules.digits_min, "digit")));
  want(special >= rules.special_min, fmt::format("must have {}{}", plural(rules.special_min, "special character"), rules.special.empty() ? "" : fmt::format(" of {}", rules.special)));
  return violations;
}

bool is_email(std::string_view text) {
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  const std::size_t sign = text.find('@');
  if (text.size() > 256 || sign == std::string_view::npos || sign == 0 || sign + 1 == text.size()) return false;
  const std::string_view domain = text.substr(sign + 1);
  return std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(sign), [&](char c) { return is_word(c) || std::string_view("_!#$%&'*+/=?`{|}~^.-").contains(c); }) &&
         std::all_of(domain.begin(), domain.end(), [&](char c) { return is_word(c) || c == '.' || c == '-'; });
}

}  // namespace insula::access
