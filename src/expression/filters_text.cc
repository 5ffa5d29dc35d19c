// Filters on texts.
#include "expression/evaluate.h"
#include "expression/number.h"
#include "expression/regex.h"
#include "expression/text_format.h"

namespace insula::expression {

namespace {
constexpr std::int64_t indent_max = 10'000;

bool is_blank(std::uint32_t p) { return p == ' ' || (p >= 9 && p <= 13) || (p >= 28 && p <= 31); }

// 1.3 reads most inputs as text, whatever they are, and these few only when they are one.
Value need_text(const Call& call) { return call.fail_cast(call.input, "java.lang.String"); }

Value upper(Call& call) { return call.input.is_null() ? Value() : call.text(upper_text(java_text(call.input))); }
Value lower(Call& call) { return call.input.is_null() ? Value() : call.text(lower_text(java_text(call.input))); }

Value capitalize(Call& call) {
  if (call.input.is_null()) return {};
  if (!call.input.is_text()) return need_text(call);
  const std::string_view text = call.input.view();
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t point = next_point(text, at);
    if (is_blank(point)) {
      append_point(point, out);
      continue;
    }
    append_point(to_upper(point), out);
    out += text.substr(at);
    break;
  }
  return call.text(std::move(out));
}

Value title(Call& call) {
  if (call.input.is_null()) return {};
  if (!call.input.is_text()) return need_text(call);
  const std::string_view text = call.input.view();
  std::string out;
  bool start = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t point = next_point(text, at);
    append_point(start ? to_upper(point) : point, out);
    start = is_blank(point);
  }
  return call.text(std::move(out));
}

Value trim_filter(Call& call) {
  if (call.input.is_null()) return {};
  if (!call.input.is_text()) return need_text(call);
  std::string_view text = call.input.view();
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return call.text(std::string(text));
}

Value abbreviate(Call& call) {
  if (call.input.is_null()) return {};
  if (!call.input.is_text()) return need_text(call);
  if (call[0].nothing()) return call.fail_plain("Cannot invoke \"java.lang.Long.intValue()\" because the return value of \"java.util.Map.get(Object)\" is null");
  if (!call[0].is(Kind::int64)) return call.fail_cast(call[0], "java.lang.Long");
  const std::int64_t wanted = static_cast<std::int32_t>(call[0].integer());  // Long.intValue
  if (wanted < 0) return call.fail("Invalid argument to abbreviate filter; must be greater than zero");
  const std::u16string text = utf8_to_utf16(call.input.view());
  const auto length = static_cast<std::size_t>(wanted);
  if (text.size() < length) return call.input;  // a text of just that length is cut, too, as in 1.3
  if (length <= 3) return call.text(utf16_to_utf8(text.substr(0, length)));
  return call.text(utf16_to_utf8(text.substr(0, length - 3)) + "...");
}

Value string_filter(Call& call) { return call.input.is_null() ? Value() : call.text(java_text(call.input)); }

Value nl2br(Call& call) {
  if (call.input.is_null()) return {};
  if (!call.input.is_text()) return call.fail_plain("nl2br filters only supports String input.");
  std::string out;
  const std::string_view text = call.input.view();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
    if (text[i] == '\n' || text[i] == '\r') out += "<br />";
    else out += text[i];
  }
  return call.text(std::move(out));
}

// What 1.3 does to lists and maps here: the same to each of their values, which become texts.
template <class Change>
Value each_text(Call& call, const Value& value, const Change& change, std::string_view holder = "input") {
  if (value.is_java_list()) {
    std::vector<Value> items;
    for (std::size_t i = 0; i < value.size(); ++i) {
      items.push_back(each_text(call, value.at(i), change, "item"));
      if (items.back().stopped()) return items.back();
    }
    return call.list(std::move(items));
  }
  if (value.is(Kind::map)) {
    MapBuilder map;
    for (std::size_t i = 0; i < value.size(); ++i) {
      auto [key, held] = value.entry_at(i);
      Value changed = each_text(call, held, change, "value");
      if (changed.stopped()) return changed;
      map.put(std::move(key), std::move(changed));
    }
    return std::move(map).hashed();
  }
  return value.is_null() ? call.fail_plain(fmt::format("Cannot invoke \"Object.toString()\" because \"{}\" is null", holder)) : change(java_text(value));
}

Value replace(Call& call) {
  if (call.input.is_null()) return {};
  if (call[0].nothing()) return call.fail("The argument 'replace_pairs' is required.");
  if (!call[1].nothing() && !call[1].is(Kind::boolean)) return call.fail_cast(call[1], "java.lang.Boolean");
  if (!call[0].is(Kind::map)) return call.fail_cast(call[0], "java.util.Map");
  const bool regular = call[1].is(Kind::boolean) && call[1].boolean();
  std::vector<std::pair<std::string, std::string>> pairs;
  std::vector<Regex> regexes;
  for (std::size_t i = 0; i < call[0].size(); ++i) {
    const auto [search, replacement] = call[0].entry_at(i);
    if (replacement.is_null()) return call.fail_plain("Cannot invoke \"Object.toString()\" because the return value of \"java.util.Map$Entry.getValue()\" is null");
    pairs.emplace_back(java_text(search), java_text(replacement));
    if (!regular) continue;
    auto regex = Regex::compile(pairs.back().first);
    if (!regex) return call.fail_plain(regex.error());
    regexes.push_back(std::move(*regex));
  }
  return each_text(call, call.input, [&](std::string source) {
    Value text = call.text(std::move(source));
    for (std::size_t i = 0; i < pairs.size() && !text.stopped(); ++i) {
      text = regular ? regexes[i].replace(call.evaluator, text.view(), pairs[i].second) : replace_all(call.evaluator, text.view(), pairs[i].first, pairs[i].second);
    }
    return text;
  });
}

Value starts_with(Call& call) {
  if (call[0].is_absent()) return call.fail("The argument 'value' is required.");
  if (call.input.is_null()) return Value::of(false);
  if (call[0].is_null()) return call.fail("The argument 'value' is required.");
  return Value::of(java_text(call.input).starts_with(java_text(call[0])));
}

Value ends_with(Call& call) {
  if (call[0].is_absent()) return call.fail("The argument 'value' is required.");
  if (call.input.is_null()) return Value::of(false);
  if (call[0].is_null()) return call.fail("The argument 'value' is required.");
  return Value::of(java_text(call.input).ends_with(java_text(call[0])));
}

template <bool before, bool last>
Value substring(Call& call) {
  if (call.input.is_null()) return {};
  if (call[0].is_absent()) return call.fail(fmt::format("The '{}' filter expects an argument 'separator'.", call.builtin.name));
  if (call[0].is_null()) return call.text(before ? java_text(call.input) : "");
  if (!call[0].is_text()) return call.fail_cast(call[0], "java.lang.String");
  const std::string text = java_text(call.input);
  const std::string_view separator = call[0].view();
  if (separator.empty()) {
    if (last) return call.text(before ? text : "");
    return call.text(before ? "" : text);
  }
  const std::size_t at = last ? text.rfind(separator) : text.find(separator);
  if (at == std::string::npos) return call.text(before ? text : "");
  if (!before && last && at + separator.size() == text.size()) return call.text("");
  return call.text(before ? text.substr(0, at) : text.substr(at + separator.size()));
}

Value split(Call& call) {
  if (call.input.is_null()) return {};
  if (call[0].nothing()) return call.fail("missing delimiter parameter in split filter");
  if (!call[0].is_text()) return call.fail_cast(call[0], "java.lang.String");
  if (!call.input.is_text()) return need_text(call);
  if (!call[1].nothing() && !call[1].is_number()) return call.fail_cast(call[1], "java.lang.Number");
  return split_text(call.evaluator, call.input.view(), call[0].view(), call[1].is_number() ? to_long(call[1]) : 0, call.line);
}

Value slugify_filter(Call& call) {
  if (call.input.is_null()) return {};
  const std::string text = java_text(call.input);
  std::string out;
  bool dash = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t point = next_point(text, at);
    std::string piece;
    if (point < 0x80) piece = static_cast<char>(point);
    else piece = without_accents(point);
    for (const char c : piece) {
      const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (word) {
        if (dash && !out.empty()) out += '-';
        dash = false;
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
      } else if (is_blank(static_cast<unsigned char>(c)) || c == '-' || c == '_') {
        dash = true;
      }
    }
  }
  return call.text(std::move(out));
}

Value escape_char(Call& call) {
  if (call.input.is_null()) return {};
  if (call[0].is_absent()) return call.fail("The 'escapeChar' filter expects an argument 'type'.");
  if (!call[0].is_null() && !call[0].is_text()) return call.fail_cast(call[0], "java.lang.String");
  const std::string_view type = call[0].is_text() ? call[0].view() : "";
  const auto with = [&](std::string_view quote, std::string_view escaped) {
    return each_text(call, call.input, [&](const std::string& text) { return replace_all(call.evaluator, text, quote, escaped); });
  };
  if (type == "single") return with("'", "\\'");
  if (type == "double") return with("\"", "\\\"");
  if (type == "shell") return with("'", "'\\''");
  return call.fail("The 'escapeChar' filter expects the value of 'type' to be either 'single', 'double', or 'shell'.");
}

template <bool first_too>
Value indent(Call& call) {
  if (call.input.is_null()) return {};
  const std::string_view name = call.builtin.name;
  if (call[0].is_absent()) return call.fail(fmt::format("The '{}' filter expects an integer as argument 'amount'.", name));
  if (call[0].is_null()) return call.fail_plain("Cannot invoke \"java.lang.Long.intValue()\" because the return value of \"java.util.Map.get(Object)\" is null");
  if (call[1].is_null()) return call.fail_plain("Cannot invoke \"String.repeat(int)\" because \"prefix\" is null");
  if (!call[0].is(Kind::int64)) return call.fail_cast(call[0], "java.lang.Long");
  if (!call[1].nothing() && !call[1].is_text()) return call.fail_cast(call[1], "java.lang.String");
  const std::int64_t amount = call[0].integer();
  if (amount < 0) return call.fail(fmt::format("The '{}' filter expects a positive integer >=0 as argument 'amount'.", name));
  if (amount > indent_max) return call.fail(fmt::format("The '{}' filter expects at most {} as argument 'amount'.", name, indent_max));
  const std::string text = java_text(call.input);
  if (text.empty()) return call.text("");
  std::string prefix;
  for (std::int64_t i = 0; i < amount; ++i) prefix += call[1].is_text() ? call[1].view() : " ";
  call.evaluator.spend(prefix.size());
  const std::size_t end = text.find_first_of("\r\n");
  const std::string newline = end == std::string::npos ? "\n" : text[end] == '\n' ? "\n" : text.substr(end).starts_with("\r\n") ? "\r\n" : "\r";
  std::string out;
  if (first_too) out = newline + prefix;
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    const bool line_end = text[i] == '\n' || (text[i] == '\r' && (i + 1 >= text.size() || text[i + 1] != '\n'));
    if (!line_end) continue;
    out += prefix;
    call.evaluator.spend(prefix.size());
  }
  return call.text(std::move(out));
}

Value format(Call& call) {
  if (call.input.is_null()) return {};
  auto made = format_text(java_text(call.input), call.extra);
  return made ? call.text(std::move(*made)) : call.fail_plain(made.error());
}

Value class_name_filter(Call& call) { return call.input.is_null() ? Value() : Value::borrowed(class_name(call.input)); }

const Parameter separator{"separator", "string", true, "", "The text to look for"};
}  // namespace

std::span<const Builtin> text_filters() {
  using enum Entry::Kind;
  static const std::vector<Builtin> all = {
      {filter, "upper", {}, "The text in upper case.", "{{ 'hello' | upper }}", upper, true},
      {filter, "lower", {}, "The text in lower case.", "{{ 'HELLO' | lower }}", lower, true},
      {filter, "capitalize", {}, "The first letter in upper case, the rest as it is.", "{{ 'hello world' | capitalize }}", capitalize, true},
      {filter, "title", {}, "The first letter of each word in upper case.", "{{ 'hello world' | title }}", title, true},
      {filter, "trim", {}, "Without white space at both ends.", "{{ '  hello ' | trim }}", trim_filter, true},
      {filter, "abbreviate", {{"length", "integer", true, "", "Longest length in characters, the three dots included"}}, "Cut to a length, ending with three dots.", "{{ 'a long sentence' | abbreviate(8) }}", abbreviate},
      {filter, "string", {}, "Any value as a text.", "{{ 42 | string }}", string_filter, true},
      {filter, "nl2br", {}, "An HTML line break for each end of line.", "{{ text | nl2br }}", nl2br, true},
      {filter, "replace", {{"replace_pairs", "map", true, "", "Text to find → text to put there, applied one after another"}, {"regexp", "boolean", false, "false", "Whether the keys are regular expressions; the values may then use $1"}},
       "Replaces texts, or what regular expressions match.", "{{ 'I like tea' | replace({'tea': 'coffee'}) }}", replace},
      {filter, "startsWith", {{"value", "string", true, "", "The beginning"}}, "Whether the text begins with another.", "{{ 'kestrel' | startsWith('kes') }}", starts_with},
      {filter, "endsWith", {{"value", "string", true, "", "The end"}}, "Whether the text ends with another.", "{{ 'data.csv' | endsWith('.csv') }}", ends_with},
      {filter, "substringBefore", {separator}, "What stands before the first separator; the whole text when there is none.", "{{ 'a.b.c' | substringBefore('.') }}", substring<true, false>},
      {filter, "substringBeforeLast", {separator}, "What stands before the last separator; the whole text when there is none.", "{{ 'a.b.c' | substringBeforeLast('.') }}", substring<true, true>},
      {filter, "substringAfter", {separator}, "What stands after the first separator; empty when there is none.", "{{ 'a.b.c' | substringAfter('.') }}", substring<false, false>},
      {filter, "substringAfterLast", {separator}, "What stands after the last separator; empty when there is none.", "{{ 'a.b.c' | substringAfterLast('.') }}", substring<false, true>},
      {filter, "split", {{"delimiter", "string", true, "", "A regular expression"}, {"limit", "integer", false, "0", "At most so many parts; 0: all, without empty ones at the end"}},
       "Cuts the text into a list.", "{{ 'a,b,c' | split(',') }}", split},
      {filter, "slugify", {}, "A form fit for ids and URLs: lower case, words joined by dashes, accents removed.", "{{ 'Hello World!' | slugify }}", slugify_filter, true},
      {filter, "escapeChar", {{"type", "string", true, "", "single, double or shell"}}, "Escapes quotes with a backslash, or for a shell word in single quotes.", "{{ \"it's\" | escapeChar('shell') }}", escape_char},
      {filter, "indent", {{"amount", "integer", true, "", "How many times the prefix"}, {"prefix", "string", false, "\" \"", "Put before each line"}}, "Indents every line but the first.", "{{ text | indent(2) }}", indent<false>},
      {filter, "nindent", {{"amount", "integer", true, "", "How many times the prefix"}, {"prefix", "string", false, "\" \"", "Put before each line"}}, "A line end, then every line indented.", "{{ text | nindent(2) }}", indent<true>},
      {filter, "format", {}, "Fills a format of java.util.Formatter with the arguments.", "{{ '%s has %d rows' | format('table', 3) }}", format, true},
      {filter, "className", {}, "The Java class that the value has in Kestra.", "{{ 1 | className }}", class_name_filter, true},
  };
  return all;
}

}  // namespace insula::expression
