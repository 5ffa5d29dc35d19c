#include <array>
#include <expected>

#include "expression/token.h"

namespace insula::expression {

std::string_view token_type_name(TokenType type) {
  constexpr std::array<std::string_view, 14> names = {"EOF", "TEXT", "PRINT_START", "PRINT_END", "EXECUTE_START", "EXECUTE_END", "NAME", "NUMBER", "LONG", "STRING", "OPERATOR", "PUNCTUATION",
                                                      "STRING_INTERPOLATION_START", "STRING_INTERPOLATION_END"};
  return names[static_cast<std::size_t>(type)];
}

namespace {
constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
constexpr bool is_name(char c) { return is_name_start(c) || is_digit(c); }

// Longest first.
constexpr std::array<std::string_view, 25> operators = {"contains", "equals", "is not", "isIn", "and", "not", "???", "is", "or", "==", "!=", ">=", "<=", "..", "??", "%", "*", "+", "-", "/", "<", ">", "|", "~", ""};

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  std::expected<std::vector<Token>, SyntaxError> run() {
    tokens_.reserve(16);
    while (at_ < source_.size() && !error_) {
      switch (states_.back()) {
        case State::data: data(); break;
        case State::print: between(TokenType::print_end, "}}"); break;
        case State::execute: between(TokenType::execute_end, "%}"); break;
        case State::string: string(); break;
        case State::interpolation: interpolation(); break;
      }
    }
    if (error_) return std::unexpected(std::move(*error_));
    push(TokenType::eof, "null");
    if (!brackets_.empty()) return std::unexpected(SyntaxError{std::string("Unclosed \"") + brackets_.back() + "\"", line_});
    return std::move(tokens_);
  }

 private:
  enum class State : std::uint8_t { data, print, execute, string, interpolation };

  void fail(std::string message) { error_ = SyntaxError{std::move(message), line_}; }
  void push(TokenType type, std::string_view value) { tokens_.push_back({type, std::string(value), line_}); }
  bool ahead(std::string_view text) const { return source_.substr(at_).starts_with(text); }
  void advance(std::size_t count) {
    for (const std::size_t end = at_ + count; at_ < end; ++at_) {
      if (source_[at_] == '\n') ++line_;
      else if (source_[at_] == '\r' && (at_ + 1 >= source_.size() || source_[at_ + 1] != '\n')) ++line_;
    }
  }
  void skip_spaces() {
    while (at_ < source_.size() && is_space(source_[at_])) advance(1);
  }

  static void trim_end(std::string& text) {
    while (!text.empty() && is_space(text.back())) text.pop_back();
  }

  void data() {
    std::size_t start = at_;
    while (true) {
      start = source_.find('{', start);
      if (start == std::string_view::npos || start + 1 >= source_.size()) {
        start = std::string_view::npos;
        break;
      }
      const char next = source_[start + 1];
      if (next == '{' || next == '%' || next == '#') break;
      ++start;
    }
    const std::size_t end = start == std::string_view::npos ? source_.size() : start;
    std::string_view text = source_.substr(at_, end - at_);
    const char kind = start == std::string_view::npos ? '\0' : source_[start + 1];
    advance(end - at_ + (kind ? 2 : 0));
    if (trim_next_) {
      while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
      trim_next_ = false;
    }
    push(TokenType::text, text);
    const std::size_t text_token = tokens_.size() - 1;
    if (!kind) return;
    if (at_ + 1 < source_.size() && source_[at_] == '-' && is_space(source_[at_ + 1])) {  // `{{-1}}` is a number
      trim_end(tokens_[text_token].value);
      advance(1);
    }
    if (kind == '{') {
      push(TokenType::print_start, "{{");
      states_.push_back(State::print);
    } else if (kind == '#') {
      comment();
    } else if (!verbatim()) {
      push(TokenType::execute_start, "{%");
      states_.push_back(State::execute);
    }
  }

  void comment() {
    const std::size_t end = source_.find("#}", at_);
    if (end == std::string_view::npos) {
      advance(source_.size() - at_);
      return fail("Unclosed comment.");
    }
    trim_next_ = end > at_ && source_[end - 1] == '-';
    advance(end + 2 - at_);
  }

  // `{%` has been read; true when this was `verbatim %} … {% endverbatim %}`.
  bool verbatim() {
    std::size_t i = at_;
    const auto spaces = [&] { while (i < source_.size() && is_space(source_[i])) ++i; };
    const auto word = [&](std::string_view text) {
      if (!source_.substr(i).starts_with(text)) return false;
      i += text.size();
      return true;
    };
    spaces();
    if (!word("verbatim")) return false;
    spaces();
    const bool trim_start = word("-");
    if (!word("%}")) return false;
    const std::size_t start = i;
    for (std::size_t end = source_.find("{%", start); end != std::string_view::npos; end = source_.find("{%", i = end + 2)) {
      i = end + 2;
      const bool trim_end_of_text = word("-");
      spaces();
      if (!word("endverbatim")) continue;
      spaces();
      const bool trim_after = word("-");
      if (!word("%}")) continue;
      std::string text(source_.substr(start, end - start));
      if (trim_start) text.erase(0, std::min(text.size(), text.find_first_not_of(" \t\r\n\f\v")));
      if (trim_end_of_text) trim_end(text);
      advance(i - at_);
      push(TokenType::text, text);
      trim_next_ = trim_after;
      return true;
    }
    fail("Unclosed verbatim tag.");
    return true;
  }

  void between(TokenType end_type, std::string_view close) {
    if (brackets_.empty()) {
      std::size_t i = at_;
      while (i < source_.size() && is_space(source_[i])) ++i;
      const bool trim = i < source_.size() && source_[i] == '-' && source_.substr(i + 1).starts_with(close);
      if (trim || source_.substr(i).starts_with(close)) {
        push(end_type, close);
        advance(i + (trim ? 1 : 0) + close.size() - at_);
        trim_next_ = trim;
        states_.pop_back();
        return;
      }
    }
    expression();
  }

  void expression() {
    skip_spaces();
    if (at_ >= source_.size()) return fail(std::string("Unexpected character [") + '\0' + "]");  // what 1.3 sees there
    if (operator_()) return;
    const char c = source_[at_];
    std::size_t end = at_;
    if (is_name_start(c)) {
      while (end < source_.size() && is_name(source_[end])) ++end;
      push(TokenType::name, source_.substr(at_, end - at_));
      return advance(end - at_);
    }
    if (is_digit(c)) {
      while (end < source_.size() && is_digit(source_[end])) ++end;
      if (end < source_.size() && source_[end] == 'L') {
        push(TokenType::long_number, source_.substr(at_, end - at_));
        return advance(end - at_ + 1);
      }
      if (end + 1 < source_.size() && source_[end] == '.' && is_digit(source_[end + 1])) {
        ++end;
        while (end < source_.size() && is_digit(source_[end])) ++end;
      }
      push(TokenType::number, source_.substr(at_, end - at_));
      return advance(end - at_);
    }
    if (std::string_view("()[]{}?:.,|=").find(c) != std::string_view::npos) return punctuation(c);
    if (c == '"') {
      brackets_.push_back('"');
      states_.push_back(State::string);
      return advance(1);
    }
    if (c == '\'' && single_quoted()) return;
    fail(std::string("Unexpected character [") + c + "]");
  }

  bool operator_() {
    for (const std::string_view word : operators) {
      if (word.empty() || !ahead(word)) continue;
      const std::size_t next = at_ + word.size();
      const char last = word.back();
      if (last >= 'a' && last <= 'z' && next < source_.size() && is_name(source_[next])) continue;
      if (word == "isIn" && next < source_.size() && is_name(source_[next])) continue;
      push(TokenType::operator_, word);
      advance(word.size());
      return true;
    }
    return false;
  }

  void punctuation(char c) {
    if (c == '(' || c == '[' || c == '{') {
      brackets_.push_back(c);
    } else if (c == ')' || c == ']' || c == '}') {
      if (brackets_.empty()) return fail(std::string("Unexpected \"") + c + "\"");
      const char open = brackets_.back();
      const char expected = open == '(' ? ')' : open == '[' ? ']' : open == '{' ? '}' : open;
      brackets_.pop_back();
      if (expected != c) return fail(std::string("Unclosed \"") + expected + "\"");
    }
    push(TokenType::punctuation, std::string_view(&c, 1));
    advance(1);
  }

  // Only the quote itself can be escaped; every other backslash stays.
  bool single_quoted() {
    std::string value;
    for (std::size_t i = at_ + 1; i < source_.size(); ++i) {
      if (source_[i] == '\\' && i + 1 < source_.size()) {
        if (source_[i + 1] != '\'') value += '\\';
        value += source_[++i];
      } else if (source_[i] == '\'') {
        push(TokenType::string, value);
        advance(i + 1 - at_);
        return true;
      } else {
        value += source_[i];
      }
    }
    return false;
  }

  // Inside "…": text up to the closing quote or `#{`.
  void string() {
    std::string value;
    std::size_t i = at_;
    for (; i < source_.size(); ++i) {
      if (source_[i] == '"' || source_.substr(i).starts_with("#{")) break;
      if (source_[i] == '\\' && i + 1 < source_.size()) {
        if (source_[i + 1] != '"') value += '\\';
        value += source_[++i];
      } else {
        value += source_[i];
      }
    }
    if (i >= source_.size()) {
      advance(source_.size() - at_);
      return;
    }
    push(TokenType::string, value);
    advance(i - at_);
    if (source_[i] == '"') {
      brackets_.pop_back();
      states_.pop_back();
      return advance(1);
    }
    push(TokenType::interpolation_start, "#{");
    advance(2);
    interpolation_depth_.push_back(brackets_.size());
    states_.push_back(State::interpolation);
  }

  void interpolation() {
    std::size_t i = at_;
    while (i < source_.size() && is_space(source_[i])) ++i;
    if (i < source_.size() && source_[i] == '}' && brackets_.size() == interpolation_depth_.back()) {
      advance(i - at_);
      push(TokenType::interpolation_end, "}");
      interpolation_depth_.pop_back();
      states_.pop_back();
      return advance(1);
    }
    expression();
  }

  std::string_view source_;
  std::size_t at_ = 0;
  int line_ = 1;
  bool trim_next_ = false;
  std::vector<Token> tokens_;
  std::vector<State> states_{State::data};
  std::vector<char> brackets_;
  std::vector<std::size_t> interpolation_depth_;
  std::optional<SyntaxError> error_;
};
}  // namespace

std::expected<std::vector<Token>, SyntaxError> tokenize(std::string_view source) { return Lexer(source).run(); }

}  // namespace insula::expression
