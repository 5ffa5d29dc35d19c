// Ion text → Value and back (amazon-ion.github.io/ion-docs/docs/spec.html): what Kestra's files of rows are written in.
#include <cmath>

#include "expression/data_text.h"
#include "expression/date.h"
#include "expression/number.h"
#include "expression/regex.h"

namespace insula::expression {

namespace {
bool is_symbol_start(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$'; }
bool is_symbol(char c) { return is_symbol_start(c) || (c >= '0' && c <= '9'); }

class IonReader {
 public:
  IonReader(Evaluator& evaluator, std::string_view text) : evaluator_(evaluator), text_(text) {}

  Read<Value> run(bool all_rows) {
    std::vector<Value> rows;
    skip();
    while (at_ < text_.size()) {
      const std::size_t start = at_;
      Value made = value(0, false);
      if (!error_.empty()) return std::unexpected(std::move(error_));
      skip();
      if (text_.substr(start, at_ - start).starts_with("$ion_1_0")) continue;
      if (!all_rows && made.is_null()) return std::unexpected("t is null in sink.next(t)");
      if (!all_rows) return made;
      rows.push_back(std::move(made));
    }
    if (!all_rows) return Value();
    return evaluator_.list(std::move(rows));
  }

 private:
  Value fail(std::string_view message) {
    if (error_.empty()) {
      int line = 1;
      for (std::size_t i = 0; i < at_ && i < text_.size(); ++i) line += text_[i] == '\n';
      error_ = fmt::format("{} at line {}", message, line);
    }
    return {};
  }
  void skip() {
    while (at_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(text_[at_]))) {
        ++at_;
      } else if (text_.substr(at_).starts_with("//")) {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (text_.substr(at_).starts_with("/*")) {
        const std::size_t end = text_.find("*/", at_ + 2);
        at_ = end == std::string_view::npos ? text_.size() : end + 2;
      } else {
        return;
      }
    }
  }

  Value value(int depth, bool in_sexp) {
    if (depth > data_depth_max) return fail(fmt::format("The Ion is nested more than {} levels deep", data_depth_max));
    evaluator_.step();
    skip();
    if (at_ >= text_.size()) return fail("Unexpected end of the Ion text");
    const char c = text_[at_];
    if (c == '{') return text_.substr(at_).starts_with("{{") ? blob() : structure(depth);
    if (c == '[') return sequence(depth, ']', false);
    if (c == '(') return sequence(depth, ')', true);
    if (c == '"') return evaluator_.text(quoted('"'));
    if (text_.substr(at_).starts_with("'''")) return long_string();
    if (c == '\'') return symbol(quoted('\''), depth);
    if (is_symbol_start(c)) return word(depth);
    if ((c >= '0' && c <= '9') || c == '-' || c == '+') return number(in_sexp);
    if (in_sexp) return operator_();
    return fail(fmt::format("Unexpected character '{}'", c));
  }

  Value operator_() {
    const std::size_t start = at_;
    while (at_ < text_.size() && std::string_view("!#%&*+-./;<=>?@^`|~").find(text_[at_]) != std::string_view::npos) ++at_;
    if (at_ == start) return fail(fmt::format("Unexpected character '{}'", text_[at_]));
    return evaluator_.text(std::string(text_.substr(start, at_ - start)));
  }

  // A symbol is a value, or the annotation of one, which is dropped.
  Value symbol(std::string name, int depth) {
    const std::size_t after = at_;
    skip();
    if (text_.substr(at_).starts_with("::")) {
      at_ += 2;
      return value(depth + 1, false);
    }
    at_ = after;
    return evaluator_.text(std::move(name));
  }

  Value word(int depth) {
    const std::size_t start = at_;
    while (at_ < text_.size() && is_symbol(text_[at_])) ++at_;
    const std::string_view name = text_.substr(start, at_ - start);
    if (name == "null") {
      if (at_ < text_.size() && text_[at_] == '.') {
        ++at_;
        while (at_ < text_.size() && is_symbol(text_[at_])) ++at_;
      }
      return {};
    }
    if (name == "true" || name == "false") return Value::of(name == "true");
    if (name == "nan") return Value::float64(std::nan(""));
    return symbol(std::string(name), depth);
  }

  std::string quoted(char quote) {
    std::string out;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == quote) {
        ++at_;
        return out;
      }
      if (text_[at_] == '\n') break;
      if (text_[at_] == '\\') escape(out);
      else out += text_[at_];
    }
    fail("A quote is not closed");
    return out;
  }

  void escape(std::string& out) {
    if (++at_ >= text_.size()) return;
    const auto hex = [&](std::size_t digits) {
      std::uint32_t point = 0;
      const std::size_t end = std::min(at_ + 1 + digits, text_.size());
      std::from_chars(text_.data() + at_ + 1, text_.data() + end, point, 16);
      at_ = end - 1;
      append_point(point, out);
    };
    switch (text_[at_]) {
      case '0': out += '\0'; break;
      case 'a': out += '\a'; break;
      case 'b': out += '\b'; break;
      case 't': out += '\t'; break;
      case 'n': out += '\n'; break;
      case 'f': out += '\f'; break;
      case 'r': out += '\r'; break;
      case 'v': out += '\v'; break;
      case 'x': hex(2); break;
      case 'u': hex(4); break;
      case 'U': hex(8); break;
      case '\n': break;
      default: out += text_[at_]; break;
    }
  }

  Value long_string() {
    std::string out;
    while (text_.substr(at_).starts_with("'''")) {
      at_ += 3;
      while (at_ < text_.size() && !text_.substr(at_).starts_with("'''")) {
        if (text_[at_] == '\\') escape(out);
        else out += text_[at_];
        ++at_;
      }
      if (at_ >= text_.size()) return fail("A long string is not closed");
      at_ += 3;
      skip();
    }
    return evaluator_.text(std::move(out));
  }

  Value blob() {
    at_ += 2;
    skip();
    if (at_ < text_.size() && text_[at_] == '"') {
      std::string bytes = quoted('"');
      skip();
      if (!text_.substr(at_).starts_with("}}")) return fail("A clob is not closed");
      at_ += 2;
      return Value::text(std::move(bytes), Kind::bytes);
    }
    const std::size_t end = text_.find("}}", at_);
    if (end == std::string_view::npos) return fail("A blob is not closed");
    std::string digits;
    for (const char c : text_.substr(at_, end - at_)) if (!std::isspace(static_cast<unsigned char>(c))) digits += c;
    auto bytes = base64_decode(digits);
    if (!bytes) return fail("A blob is not Base64");
    at_ = end + 2;
    return Value::text(std::move(*bytes), Kind::bytes);
  }

  Value structure(int depth) {
    MapBuilder map;
    ++at_;
    while (error_.empty()) {
      skip();
      if (at_ >= text_.size()) return fail("A struct is not closed");
      if (text_[at_] == '}') {
        ++at_;
        return std::move(map).linked();
      }
      std::string name;
      if (text_[at_] == '"') name = quoted('"');
      else if (text_.substr(at_).starts_with("'''")) name = java_text(long_string());
      else if (text_[at_] == '\'') name = quoted('\'');
      else if (is_symbol_start(text_[at_])) while (at_ < text_.size() && is_symbol(text_[at_])) name += text_[at_++];
      else return fail(fmt::format("A field name cannot begin with '{}'", text_[at_]));
      skip();
      if (at_ >= text_.size() || text_[at_] != ':') return fail("A field name needs a colon");
      ++at_;
      evaluator_.spend(name.size() + sizeof(Value) * 2);
      Value held = value(depth + 1, false);
      if (!error_.empty()) return {};
      map.put(std::move(name), std::move(held));
      skip();
      if (at_ < text_.size() && text_[at_] == ',') ++at_;
      else if (at_ < text_.size() && text_[at_] != '}') return fail("Fields are separated by commas");
    }
    return {};
  }

  Value sequence(int depth, char close, bool sexp) {
    std::vector<Value> items;
    ++at_;
    while (error_.empty()) {
      skip();
      if (at_ >= text_.size()) return fail("A list is not closed");
      if (text_[at_] == close) {
        ++at_;
        return evaluator_.list(std::move(items));
      }
      items.push_back(value(depth + 1, sexp));
      skip();
      if (sexp || !error_.empty()) continue;
      if (at_ < text_.size() && text_[at_] == ',') ++at_;
      else if (at_ < text_.size() && text_[at_] != close) return fail("Items are separated by commas");
    }
    return {};
  }

  Value number(bool in_sexp) {
    const std::size_t start = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) || std::string_view("+-.:_").find(text_[at_]) != std::string_view::npos)) ++at_;
    std::string token(text_.substr(start, at_ - start));
    if (token == "+inf" || token == "-inf") return Value::float64(token[0] == '+' ? INFINITY : -INFINITY);
    if (token.size() >= 5 && (token[4] == '-' || token[4] == 'T') && token.find_first_not_of("0123456789") == 4) {
      auto moment = ion_timestamp(token);
      return moment ? *moment : fail(fmt::format("'{}' is no timestamp", token));
    }
    std::erase(token, '_');
    const std::size_t digits = token[0] == '-' || token[0] == '+' ? 1 : 0;
    if (token.size() > digits + 2 && token[digits] == '0' && (token[digits + 1] == 'x' || token[digits + 1] == 'X' || token[digits + 1] == 'b' || token[digits + 1] == 'B')) {
      std::uint64_t bits = 0;
      const int base = (token[digits + 1] | 0x20) == 'x' ? 16 : 2;
      const auto end = std::from_chars(token.data() + digits + 2, token.data() + token.size(), bits, base);
      if (end.ptr != token.data() + token.size() || end.ec != std::errc() || bits > INT64_MAX) return fail(fmt::format("'{}' is no integer", token));
      const auto whole = static_cast<std::int64_t>(bits);
      return narrow(digits ? -whole : whole);
    }
    if (is_integer_text(token)) {
      if (const auto whole = parse_long(token)) return narrow(*whole);
      return Value::text(token, Kind::big_integer);
    }
    if (token.find_first_of("eE") != std::string::npos) {
      const auto real = parse_double(token);
      return real ? Value::float64(*real) : fail(fmt::format("'{}' is no number", token));
    }
    for (char& c : token) if (c == 'd' || c == 'D') c = 'e';
    auto decimal = canonical_decimal(token);
    if (decimal) return Value::text(std::move(*decimal), Kind::big_decimal);
    if (in_sexp) {
      at_ = start;
      return operator_();
    }
    return fail(fmt::format("'{}' is no number", token));
  }

  static Value narrow(std::int64_t whole) { return whole >= INT32_MIN && whole <= INT32_MAX ? Value::int32(whole) : Value::int64(whole); }

  Evaluator& evaluator_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::string error_;
};

void write_quoted(std::string_view text, char quote, std::string& out) {
  out += quote;
  for (const char c : text) {
    switch (c) {
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\\': out += "\\\\"; break;
      case '\0': out += "\\0"; break;
      case '\a': out += "\\a"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\v': out += "\\v"; break;
      default:
        if (c == quote) out += '\\';
        if (static_cast<unsigned char>(c) < 32 || c == 0x7f) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else out += c;
    }
  }
  out += quote;
}

void write_name(std::string_view name, std::string& out) {
  const bool reserved = name == "null" || name == "true" || name == "false" || name == "nan";
  const bool id_like = name.size() > 1 && name[0] == '$' && name.find_first_not_of("0123456789", 1) == std::string_view::npos;  // `$7` would be a symbol number
  const bool plain = !name.empty() && is_symbol_start(name[0]) && std::all_of(name.begin(), name.end(), is_symbol) && !reserved && !id_like;
  if (plain) out += name;
  else write_quoted(name, '\'', out);
}

void write_real(double real, std::string& out) {
  if (std::isnan(real)) out += "nan";
  else if (std::isinf(real)) out += real > 0 ? "+inf" : "-inf";
  else if (real == 0) out += std::signbit(real) ? "-0e0" : "0e0";
  else {
    std::string text = format_double(real);
    const std::size_t e = text.find('E');
    if (e != std::string::npos) {
      text[e] = 'e';
      out += text;
    } else {
      if (text.ends_with(".0")) text.resize(text.size() - 2);
      out += text + "e0";
    }
  }
}
}  // namespace

Read<Value> read_ion(Evaluator& evaluator, std::string_view text, bool all_rows) { return IonReader(evaluator, text).run(all_rows); }

void write_ion(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Kind::float64: write_real(value.real(), out); break;
    case Kind::float32: write_real(std::strtod(java_text(value).c_str(), nullptr), out); break;
    case Kind::big_decimal: {
      std::string text(value.view());
      if (text.find_first_of(".Ee") == std::string::npos) text += '.';
      for (char& c : text) if (c == 'E') c = 'd';
      if (const std::size_t plus = text.find("d+"); plus != std::string::npos) text.erase(plus + 1, 1);
      out += text;
      break;
    }
    case Kind::text: case Kind::character: write_quoted(value.view(), '"', out); break;
    case Kind::bytes: out += "{{" + base64_encode(value.view()) + "}}"; break;
    case Kind::instant: case Kind::local_date: out += java_text(value); break;
    case Kind::list:
      out += '[';
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (i > 0) out += ',';
        write_ion(value.at(i), out);
      }
      out += ']';
      break;
    case Kind::map: case Kind::entry: {
      out += '{';
      const std::size_t count = value.is(Kind::entry) ? 1 : value.size();
      for (std::size_t i = 0; i < count; ++i) {
        const auto [key, held] = value.entry_at(i);
        if (i > 0) out += ',';
        write_name(java_text(key), out);
        out += ':';
        write_ion(held, out);
      }
      out += '}';
      break;
    }
    default: append_java_text(value, out); break;
  }
}

}  // namespace insula::expression
