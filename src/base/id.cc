#include "base/id.h"

namespace insula {

std::uint64_t IdGenerator::random() {  // splitmix64
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::string IdGenerator::next(Instant now) {
  const std::int64_t ms = std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count();
  if (ms > last_ms_) {  // a clock that steps back keeps counting in the last millisecond, so that order holds
    last_ms_ = ms;
    high_ = static_cast<std::uint16_t>(random() & 0x7fff);
    low_ = random();
  } else {
    const std::uint64_t before = low_;
    low_ += 1 + (random() & 0xffffffff);
    if (low_ < before) ++high_;
  }
  __extension__ using Wide = unsigned __int128;
  Wide value = (static_cast<Wide>(static_cast<std::uint64_t>(last_ms_) & 0xffffffffffffULL) << 80) |
               (static_cast<Wide>(high_) << 64) | low_;
  static constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string text(22, '0');
  for (int i = 21; i >= 0; --i) {
    text[static_cast<std::size_t>(i)] = kDigits[static_cast<std::size_t>(value % 62)];
    value /= 62;
  }
  return text;
}

}  // namespace insula
