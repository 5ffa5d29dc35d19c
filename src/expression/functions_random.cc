// Functions that make ids and random numbers, all from Environment.seed and Environment.now: the same rendering gives the same ones again.
#include "expression/evaluate.h"
#include "expression/number.h"
#include "expression/regex.h"

namespace insula::expression {

namespace {
constexpr std::string_view base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::int64_t nano_id_max = 1'000'000;
constexpr std::int64_t ksuid_epoch_seconds = 1'400'000'000;

// Bytes (most significant first) in base 62 with `digits` places.
std::string to_base62(std::vector<std::uint8_t> bytes, std::size_t digits) {
  std::string out(digits, '0');
  for (std::size_t place = digits; place-- > 0;) {
    std::uint32_t remainder = 0;
    for (auto& byte : bytes) {
      const std::uint32_t value = remainder * 256 + byte;
      byte = static_cast<std::uint8_t>(value / 62);
      remainder = value % 62;
    }
    out[place] = base62[remainder];
  }
  return out;
}

void append_bytes(std::vector<std::uint8_t>& bytes, std::uint64_t value, int count) {
  for (int i = count - 1; i >= 0; --i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint64_t milliseconds(const Evaluator& evaluator) {
  return static_cast<std::uint64_t>(evaluator.environment().now.time_since_epoch().count() / 1000);
}

// A version 7 UUID: 48 bits of time, the rest random.
std::pair<std::uint64_t, std::uint64_t> uuid_v7(Evaluator& evaluator) {
  const std::uint64_t high = (milliseconds(evaluator) << 16) | 0x7000 | (evaluator.random() & 0xfff);
  const std::uint64_t low = (evaluator.random() & 0x3fffffffffffffffu) | 0x8000000000000000u;
  return {high, low};
}

Value id(Call& call) {
  const auto [high, low] = uuid_v7(call.evaluator);
  std::vector<std::uint8_t> bytes;
  append_bytes(bytes, high, 8);
  append_bytes(bytes, low, 8);
  return call.text(to_base62(std::move(bytes), 22));
}

Value uuid(Call& call) {
  const auto [high, low] = uuid_v7(call.evaluator);
  return call.text(fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff, high & 0xffff, low >> 48, low & 0xffffffffffffu));
}

Value ksuid(Call& call) {
  std::vector<std::uint8_t> bytes;
  append_bytes(bytes, static_cast<std::uint64_t>(static_cast<std::int64_t>(milliseconds(call.evaluator) / 1000) - ksuid_epoch_seconds), 4);
  append_bytes(bytes, call.evaluator.random(), 8);
  append_bytes(bytes, call.evaluator.random(), 8);
  return call.text(to_base62(std::move(bytes), 27));
}

Value nano_id(Call& call) {
  const std::int64_t length = call[0].is(Kind::int64) ? call[0].integer() : 21;
  if (length < 0) return call.fail_plain(std::to_string(length));
  if (length > nano_id_max) return call.fail(fmt::format("The 'nanoId()' function makes at most {} characters", nano_id_max));
  std::vector<std::string> letters;
  const std::string alphabet = call[1].is_text() ? std::string(call[1].view()) : "_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (std::size_t at = 0; at < alphabet.size();) {
    const std::size_t start = at;
    next_point(alphabet, at);
    letters.push_back(alphabet.substr(start, at - start));
  }
  if (letters.empty()) return call.fail_plain("Index 0 out of bounds for length 0");
  std::string out;
  call.evaluator.step(static_cast<std::size_t>(length) / 8);
  for (std::int64_t i = 0; i < length; ++i) out += letters[call.evaluator.random() % letters.size()];
  return call.text(std::move(out));
}

Value random_int(Call& call) {
  const char* const names[] = {"lower", "upper"};
  for (std::size_t i = 0; i < 2; ++i) if (call[i].is_absent()) return call.fail(fmt::format("The 'randomIn()' function expects an argument {}", names[i]));
  for (std::size_t i = 0; i < 2; ++i) if (!call[i].is(Kind::int64)) return call.fail(fmt::format("The 'randomIn()' function expects an argument {} of type Long.", names[i]));
  const std::int64_t lower = call[0].integer();
  const std::int64_t upper = call[1].integer();
  if (upper < lower) return call.fail("In 'randomIn()' upper is less than lower");
  const std::uint64_t width = static_cast<std::uint64_t>(upper) - static_cast<std::uint64_t>(lower);
  const auto number = static_cast<std::int64_t>(static_cast<std::uint64_t>(lower) + (width == 0 ? 0 : call.evaluator.random() % width));
  // 1.3 puts the result into 32 bits and keeps the greatest that fits.
  return Value::int32(std::clamp<std::int64_t>(number, INT32_MIN, INT32_MAX));
}

Value random_port(Call& call) { return Value::int32(static_cast<std::int64_t>(32768 + call.evaluator.random() % 28232)); }
}  // namespace

std::span<const Builtin> random_functions() {
  using enum Entry::Kind;
  static const std::vector<Builtin> all = {
      {function, "id", {}, "A unique id of 22 letters and digits, ordered by time.", "{{ id() }}", id, true},
      {function, "uuid", {}, "A unique id in the form of a UUID (version 7, ordered by time).", "{{ uuid() }}", uuid, true},
      {function, "ksuid", {}, "A unique id of 27 letters and digits, ordered by second.", "{{ ksuid() }}", ksuid, true},
      {function, "nanoId", {{"length", "integer", false, "21", "Number of characters"}, {"alphabet", "string", false, "_-0-9a-zA-Z", "Characters to choose from"}}, "A random id.", "{{ nanoId(length=10) }}", nano_id},
      {function, "randomInt", {{"lower", "integer", true, "", "Lowest number"}, {"upper", "integer", true, "", "Not reached, unless equal to lower"}}, "A random integer.", "{{ randomInt(1, 7) }}", random_int},
      {function, "randomPort", {}, "A random port number from 32768 to 60999.", "{{ randomPort() }}", random_port, true},
  };
  return all;
}

}  // namespace insula::expression
