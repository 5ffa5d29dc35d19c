// Filters that encode and hash.
#include <openssl/evp.h>

#include "expression/evaluate.h"
#include "expression/number.h"

namespace insula::expression {

namespace {
std::string digest(std::string_view text, const EVP_MD* kind) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes;
  unsigned int length = 0;
  INSULA_ASSERT(EVP_Digest(text.data(), text.size(), bytes.data(), &length, kind, nullptr) == 1);
  return hex_encode({reinterpret_cast<const char*>(bytes.data()), length});
}

template <const EVP_MD* (*kind)()>
Value hash(Call& call) {
  if (call.input.is_null()) return {};
  if (!call.input.is_text()) return call.fail("Need a string to hash\n");
  return call.text(digest(call.input.view(), kind()));
}

Value base64_encode_filter(Call& call) {
  return call.input.is_null() ? Value() : call.text(base64_encode(java_text(call.input)));
}

Value base64_decode_filter(Call& call) {
  if (call.input.is_null()) return {};
  if (!call.input.is_text()) return call.fail("This filter applies to String\n");
  std::string text(call.input.view());
  if (text.find('=') == std::string::npos) text.append((4 - text.size() % 4) % 4 % 3, '=');
  auto bytes = base64_decode(text);
  if (!bytes) return call.fail("Please provide a correctly Base64 encoded string containing an UTF-8 string\n");
  if (is_utf8(*bytes)) return call.text(std::move(*bytes));
  std::string out;  // as Java's decoder: each broken byte becomes the replacement character
  for (std::size_t i = 0; i < bytes->size();) {
    std::size_t length = 1;
    while (length <= 4 && i + length <= bytes->size() && !is_utf8(std::string_view(*bytes).substr(i, length))) ++length;
    if (length > 4 || i + length > bytes->size()) {
      out += "\ufffd";
      ++i;
    } else {
      out += bytes->substr(i, length);
      i += length;
    }
  }
  return call.text(std::move(out));
}

Value url_encode(Call& call) {
  if (call.input.is_null()) return {};
  if (!call.input.is_text()) return call.fail_cast(call.input, "java.lang.String");
  std::string out;
  for (const char c : call.input.view()) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '*' || c == '_';
    if (plain) out += c;
    else if (c == ' ') out += '+';
    else out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return call.text(std::move(out));
}

Value url_decode(Call& call) {
  if (call.input.is_null()) return {};
  if (!call.input.is_text()) return call.fail_cast(call.input, "java.lang.String");
  const std::string_view text = call.input.view();
  std::string out;
  const auto digit = [](char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') out += ' ';
    else if (text[i] != '%') out += text[i];
    else {
      if (i + 2 >= text.size()) return call.fail_plain("URLDecoder: Incomplete trailing escape (%) pattern");
      for (std::size_t k = 1; k < 3; ++k) {
        if (digit(text[i + k]) < 0) {
          return call.fail_plain(fmt::format("URLDecoder: Illegal hex characters in escape (%) pattern - not a hexadecimal digit: \"{0}\" = {1}", text[i + k], static_cast<int>(text[i + k])));
        }
      }
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    }
  }
  if (!is_utf8(out)) return call.text("\ufffd");
  return call.text(std::move(out));
}
}  // namespace

std::span<const Builtin> hash_filters() {
  using enum Entry::Kind;
  static const std::vector<Builtin> all = {
      {filter, "md5", {}, "The MD5 sum in lower-case hexadecimal.", "{{ 'hello' | md5 }}", hash<EVP_md5>, true},
      {filter, "sha1", {}, "The SHA-1 sum in lower-case hexadecimal.", "{{ 'hello' | sha1 }}", hash<EVP_sha1>, true},
      {filter, "sha256", {}, "The SHA-256 sum in lower-case hexadecimal.", "{{ 'hello' | sha256 }}", hash<EVP_sha256>, true},
      {filter, "sha512", {}, "The SHA-512 sum in lower-case hexadecimal.", "{{ 'hello' | sha512 }}", hash<EVP_sha512>, true},
      {filter, "base64encode", {}, "The text in Base64.", "{{ 'hello' | base64encode }}", base64_encode_filter, true},
      {filter, "base64decode", {}, "The text that a Base64 text stands for.", "{{ 'aGVsbG8=' | base64decode }}", base64_decode_filter, true},
      {filter, "urlencode", {}, "The text as it stands in a query string (form encoding).", "{{ 'a b&c' | urlencode }}", url_encode, true},
      {filter, "urldecode", {}, "What a form-encoded text stands for.", "{{ 'a+b%26c' | urldecode }}", url_decode, true},
  };
  return all;
}

}  // namespace insula::expression
