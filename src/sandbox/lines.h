// Bytes of a stream → lines of valid UTF-8. Private to this folder.
#pragma once
#include "base/base.h"
#include "sandbox/utf8.h"

namespace insula::sandbox {

class LineReader {
 public:
  LineReader(std::size_t bytes_max, const std::function<void(std::string_view)>& on_line) : bytes_max_(bytes_max), on_line_(on_line) {}
  void feed(std::string_view bytes);
  void finish();   // the last line, when it has no end

 private:
  void add(std::string_view bytes);
  void emit();
  std::size_t bytes_max_;
  const std::function<void(std::string_view)>& on_line_;
  std::string line_;
  std::uint64_t dropped_ = 0;
  bool started_ = false;
};

}  // namespace insula::sandbox
