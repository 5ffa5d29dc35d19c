// Replaces secret values in texts by `******`, as the logs of Kestra 1.3 do, also where a secret stands encoded.
#pragma once
#include "base/base.h"

namespace insula::vault {

inline constexpr std::string_view mask_text = "******";

// Built once for the secrets of a run, used for every line. Immutable, any thread. What overlaps is replaced as one, so that a secret inside
// another leaves nothing of either. The cost of a line is its length, whatever the number of secrets.
class Masker {
 public:
  Masker() = default;
  // Empty secrets are ignored. Looked for is, of each: the text itself; its JSON-escaped and percent-encoded forms; its base64 (both alphabets,
  // with and without padding, and inside the base64 of a longer text) when that is at least 8 characters long; and, when it has several lines,
  // each line of at least 8 characters.
  explicit Masker(std::span<const std::string> secrets);

  bool empty() const { return forms_.empty(); }
  std::string mask(std::string_view text) const;
  // A copy in which every text is masked, names included.
  Json mask(const Json& value) const;

 private:
  // A node of an Aho–Corasick automaton over the first bytes of all forms.
  struct Node {
    std::map<unsigned char, std::uint32_t> next;
    std::uint32_t suffix = 0;          // where to go on when no child fits
    std::uint32_t output = 0;          // the nearest suffix at which forms end
    std::vector<std::uint32_t> forms;  // those whose first bytes end here
  };
  struct Interval {
    std::size_t begin;
    std::size_t end;
  };
  void add(std::string form);
  void add_encoded(std::string_view secret);
  void link();
  std::uint32_t step(std::uint32_t node, unsigned char byte) const;
  std::vector<Interval> find(std::string_view text) const;

  std::vector<std::string> forms_;
  std::vector<Node> nodes_ = std::vector<Node>(1);
};

// One text, once.
std::string mask(std::string_view text, std::span<const std::string> secrets);

}  // namespace insula::vault
