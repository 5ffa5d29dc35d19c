// Text of a template → tokens. The whole text is cut before anything is parsed: an error here wins over every error of the parser.
#pragma once
#include <expected>
#include <string>
#include <vector>

namespace insula::expression {

enum class TokenType : std::uint8_t { eof, text, print_start, print_end, execute_start, execute_end, name, number, long_number, string, operator_, punctuation, interpolation_start, interpolation_end };

struct Token {
  TokenType type = TokenType::eof;
  std::string value;
  int line = 1;
  bool is(TokenType wanted, std::string_view text) const { return type == wanted && value == text; }
};

struct SyntaxError {
  std::string message;
  int line = 1;
  bool plain = false;  // shown without the name of the parser's exception, as 1.3 does for a few
};

std::string_view token_type_name(TokenType type);
std::expected<std::vector<Token>, SyntaxError> tokenize(std::string_view source);

}  // namespace insula::expression
