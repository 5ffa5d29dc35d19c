// Replaces secret values in texts by `******`, as the logs of Kestra 1.3 do, also where a secret stands encoded.
#pragma once
#include "base/base.h"

namespace insula::vault {

inline constexpr std::string_view mask_text = "******";

// Built once for the secrets of a run, used for every line. Immutable, any thread. The longest match wins at each place; a secret inside another
// leaves nothing of either. Cost of a line: its length, whatever the number of secrets.
class Masker {
 public:
  Masker() = default;
  // Empty secrets are ignored. For each: the text itself; its JSON-escaped, percent-encoded and base64 forms (also with the URL alphabet and at
  // any of the three alignments inside a longer base64 text, from 6 bytes up, when the form is at least 8 characters long); each of its lines of
  // at least 8 characters when it has several.
  explicit Masker(std::span<const std::string> secrets);

  bool empty() const { return nodes_.size() <= 1; }
  std::string mask(std::string_view text) const;
  // A copy in which every string value is masked; names are masked too.
  Json mask(const Json& value) const;

 private:
  struct Node {
    std::map<unsigned char, std::uint32_t> next;
    std::uint32_t suffix = 0;      // where to go on when no child fits
    std::uint32_t longest = 0;     // bytes of the longest form that ends here
  };
  void add(std::string_view form);
  void link();
  std::uint32_t step(std::uint32_t node, unsigned char byte) const;

  std::vector<Node> nodes_ = std::vector<Node>(1);
};

// One text, once.
std::string mask(std::string_view text, std::span<const std::string> secrets);

}  // namespace insula::vault
