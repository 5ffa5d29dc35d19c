// Encodings and small text questions that several folders ask.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace insula {

std::string base64_encode(std::string_view bytes);                      // RFC 4648 §4, with padding
std::optional<std::string> base64_decode(std::string_view text);        // refuses other characters and wrong padding
std::string hex_encode(std::string_view bytes);                         // lower case
std::string percent_encode(std::string_view text);                      // RFC 3986 unreserved kept, all else %XX
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);  // nullopt on a broken escape
bool is_utf8(std::string_view text);

std::string sha256(std::string_view bytes);                             // 32 raw bytes
std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 raw bytes
bool equal_constant_time(std::string_view a, std::string_view b);       // false at once only on different lengths
std::string random_bytes(std::size_t count);                            // from the operating system; not for pure folders

std::string_view trim(std::string_view text);
std::vector<std::string> split(std::string_view text, char separator);  // keeps empty parts; "" gives one empty part
std::string lower_ascii(std::string_view text);
std::string join(std::span<const std::string> parts, std::string_view separator);
std::string slugify(std::string_view text);                             // lower case, anything but [a-z0-9] runs → `-`, ends trimmed

// The candidate nearest to `word` (Damerau–Levenshtein, case ignored), or nothing when all are further than a third of its length.
std::optional<std::string> nearest_word(std::string_view word, std::span<const std::string> candidates);

}  // namespace insula
