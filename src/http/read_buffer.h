// Bytes read from a socket and not yet understood.
#pragma once
#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace insula::http {

// Small while a connection idles, grows with what one step of the reader needs.
class ReadBuffer {
 public:
  static constexpr std::size_t small_bytes = 4u << 10;
  static constexpr std::size_t block_bytes = 64u << 10;

  std::string_view data() const { return {bytes_.get() + begin_, end_ - begin_}; }
  bool empty() const { return begin_ == end_; }
  void consume(std::size_t count) {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }
  void commit(std::size_t count) { end_ += count; }

  // Free space of at least `wanted` bytes behind the data; moves or grows when there is less.
  std::span<char> room(std::size_t wanted) {
    if (capacity_ - end_ >= wanted) return {bytes_.get() + end_, capacity_ - end_};
    const auto held = end_ - begin_;
    if (capacity_ - held >= wanted) {
      std::memmove(bytes_.get(), bytes_.get() + begin_, held);
    } else {
      const auto capacity = std::max({small_bytes, held + wanted, held * 2});
      auto bytes = std::make_unique_for_overwrite<char[]>(capacity);
      if (held > 0) std::memcpy(bytes.get(), bytes_.get() + begin_, held);
      bytes_ = std::move(bytes);
      capacity_ = capacity;
    }
    begin_ = 0;
    end_ = held;
    return {bytes_.get() + end_, capacity_ - end_};
  }

  // Between requests: gives back what an upload needed.
  void shrink() {
    if (!empty() || capacity_ <= small_bytes) return;
    bytes_.reset();
    capacity_ = begin_ = end_ = 0;
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace insula::http
