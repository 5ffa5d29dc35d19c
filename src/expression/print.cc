// How values look as text: Java's String.valueOf, the compact JSON of 1.3, and what a print node writes.
#include <cmath>

#include "expression/value.h"

namespace insula::expression {

std::u16string utf8_to_utf16(std::string_view text) {
  std::u16string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int length = lead < 0x80 ? 1 : (lead >> 5) == 6 ? 2 : (lead >> 4) == 14 ? 3 : (lead >> 3) == 30 ? 4 : 0;
    if (length == 0 || i + static_cast<std::size_t>(length) > text.size()) {
      out += u'\xfffd';
      ++i;
      continue;
    }
    std::uint32_t point = length == 1 ? lead : lead & (0xffu >> (length + 1));
    for (int k = 1; k < length; ++k) point = (point << 6) | (static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]) & 0x3fu);
    i += static_cast<std::size_t>(length);
    if (point >= 0x10000) {
      out += static_cast<char16_t>(0xd800 + ((point - 0x10000) >> 10));
      out += static_cast<char16_t>(0xdc00 + ((point - 0x10000) & 0x3ff));
    } else {
      out += static_cast<char16_t>(point);
    }
  }
  return out;
}

std::string utf16_to_utf8(std::u16string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::uint32_t point = text[i];
    if (point >= 0xd800 && point < 0xdc00 && i + 1 < text.size() && text[i + 1] >= 0xdc00 && text[i + 1] < 0xe000) {
      point = 0x10000 + ((point - 0xd800) << 10) + (text[++i] - 0xdc00u);
    } else if (point >= 0xd800 && point < 0xe000) {
      point = '?';  // what Java's encoder writes for half a pair
    }
    if (point < 0x80) {
      out += static_cast<char>(point);
    } else if (point < 0x800) {
      out += static_cast<char>(0xc0 | (point >> 6));
      out += static_cast<char>(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
      out += static_cast<char>(0xe0 | (point >> 12));
      out += static_cast<char>(0x80 | ((point >> 6) & 0x3f));
      out += static_cast<char>(0x80 | (point & 0x3f));
    } else {
      out += static_cast<char>(0xf0 | (point >> 18));
      out += static_cast<char>(0x80 | ((point >> 12) & 0x3f));
      out += static_cast<char>(0x80 | ((point >> 6) & 0x3f));
      out += static_cast<char>(0x80 | (point & 0x3f));
    }
  }
  return out;
}

std::size_t utf16_length(std::string_view text) {
  std::size_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) length += byte >= 0xf0 ? 2 : 1;
  }
  return length;
}

std::string format_float(float value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value == 0) return std::signbit(value) ? "-0.0" : "0.0";
  char buffer[64];
  const float magnitude = std::fabs(value);
  const bool plain = magnitude >= 1e-3f && magnitude < 1e7f;
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, plain ? std::chars_format::fixed : std::chars_format::scientific);
  const std::string text(buffer, end.ptr);
  if (plain) return text.find('.') == std::string::npos ? text + ".0" : text;
  const std::size_t e = text.find('e');
  std::string mantissa = text.substr(0, e);
  if (mantissa.find('.') == std::string::npos) mantissa += ".0";
  return fmt::format("{}E{}", mantissa, std::atoi(text.c_str() + e + 1));
}

std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2;
  const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
  const std::int64_t of_era = year - era * 400;
  const std::int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void civil_from_days(std::int64_t days, std::int64_t& year, int& month, int& day) {
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t of_era = days - era * 146097;
  const std::int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const std::int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * of_year + 2) / 153;
  day = static_cast<int>(of_year - (153 * shifted + 2) / 5 + 1);
  month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  year = year_of_era + era * 400 + (month <= 2);
}

std::string iso_local_date(std::int64_t epoch_day) {
  std::int64_t year = 0;
  int month = 0;
  int day = 0;
  civil_from_days(epoch_day, year, month, day);
  if (year < 0) return fmt::format("-{:04}-{:02}-{:02}", -year, month, day);
  return fmt::format("{}{:04}-{:02}-{:02}", year > 9999 ? "+" : "", year, month, day);
}

std::string iso_instant(std::int64_t seconds, std::int32_t nanos) {
  const std::int64_t day = seconds >= 0 ? seconds / 86400 : -((86399 - seconds) / 86400);
  const std::int64_t rest = seconds - day * 86400;
  std::string out = fmt::format("{}T{:02}:{:02}:{:02}", iso_local_date(day), rest / 3600, rest / 60 % 60, rest % 60);
  if (nanos != 0) {
    if (nanos % 1'000'000 == 0) out += fmt::format(".{:03}", nanos / 1'000'000);
    else if (nanos % 1000 == 0) out += fmt::format(".{:06}", nanos / 1000);
    else out += fmt::format(".{:09}", nanos);
  }
  return out + "Z";
}

namespace {
void append_integer(std::int64_t number, std::string& out) {
  char buffer[24];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

void append_java_list(const Value& value, std::string& out) {
  out += '[';
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (i > 0) out += ", ";
    append_java_text(value.at(i), out);
  }
  out += ']';
}
}  // namespace

void append_java_text(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Kind::boolean: out += value.boolean() ? "true" : "false"; break;
    case Kind::int32: case Kind::int64: append_integer(value.integer(), out); break;
    case Kind::float64: out += format_double(value.real()); break;
    case Kind::float32: out += format_float(static_cast<float>(value.real())); break;
    case Kind::big_integer: case Kind::big_decimal: case Kind::character: case Kind::text: out += value.view(); break;
    case Kind::bytes: out += fmt::format("[B@{:x}", std::hash<std::string_view>{}(value.view()) & 0x7fffffff); break;
    case Kind::list:
      if (value.is_array()) out += fmt::format("{}@{:x}", class_name(value), static_cast<std::uint32_t>(java_hash(value)));
      else append_java_list(value, out);
      break;
    case Kind::map: {
      out += '{';
      for (std::size_t i = 0; i < value.size(); ++i) {
        if (i > 0) out += ", ";
        const auto [key, held] = value.entry_at(i);
        append_java_text(key, out);
        out += '=';
        append_java_text(held, out);
      }
      out += '}';
      break;
    }
    case Kind::entry: {
      const auto [key, held] = value.entry_at(0);
      append_java_text(key, out);
      out += '=';
      append_java_text(held, out);
      break;
    }
    case Kind::instant: out += iso_instant(value.integer(), value.nanos()); break;
    case Kind::local_date: out += iso_local_date(value.integer()); break;
    default: out += "null"; break;
  }
}

std::string java_text(const Value& value) {
  std::string out;
  append_java_text(value, out);
  return out;
}

namespace {
// A JSON value that was borrowed whole: walked without making Values.
void append_json(const Json& json, std::string& out) {
  if (const auto* object = json.if_object()) {
    out += '{';
    bool first = true;
    for (const auto& [key, held] : *object) {
      if (held.is_null()) continue;
      if (!first) out += ',';
      first = false;
      write_json_string({key.data(), key.size()}, out);
      out += ':';
      append_json(held, out);
    }
    out += '}';
  } else if (const auto* array = json.if_array()) {
    out += '[';
    for (std::size_t i = 0; i < array->size(); ++i) {
      if (i > 0) out += ',';
      append_json((*array)[i], out);
    }
    out += ']';
  } else {
    write_json(json, out);
  }
}

void append_json_map(const Value& value, std::string& out) {
  out += '{';
  bool first = true;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto [key, held] = value.entry_at(i);
    if (held.is_null()) continue;
    if (!first) out += ',';
    first = false;
    write_json_string(java_text(key), out);
    out += ':';
    append_json(held, out);
  }
  out += '}';
}
}  // namespace

void append_json(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Kind::float64:
      if (std::isfinite(value.real())) out += format_double(value.real());
      else write_json_string(format_double(value.real()), out);
      break;
    case Kind::text: case Kind::character: write_json_string(value.view(), out); break;
    case Kind::bytes: out += '"' + base64_encode(value.view()) + '"'; break;
    case Kind::instant: case Kind::local_date: out += '"' + java_text(value) + '"'; break;
    case Kind::list:
      out += '[';
      if (const JsonArray* array = value.json_array()) {
        for (std::size_t i = 0; i < array->size(); ++i) {
          if (i > 0) out += ',';
          append_json((*array)[i], out);
        }
      } else {
        for (std::size_t i = 0; i < value.size(); ++i) {
          if (i > 0) out += ',';
          append_json(value.at(i), out);
        }
      }
      out += ']';
      break;
    case Kind::map: append_json_map(value, out); break;
    case Kind::entry: {
      const auto [key, held] = value.entry_at(0);
      out += '{';
      write_json_string(java_text(key), out);
      out += ':';
      append_json(held, out);
      out += '}';
      break;
    }
    default: append_java_text(value, out); break;
  }
}

std::string json_text(const Value& value) {
  std::string out;
  append_json(value, out);
  return out;
}

void append_printed(const Value& value, std::string& out) {
  switch (value.kind()) {
    case Kind::null: break;
    case Kind::text: out += value.view(); break;
    case Kind::list: case Kind::bytes: append_json(value, out); break;
    case Kind::map: value.shape() == Shape::loop ? append_java_text(value, out) : append_json(value, out); break;
    default: append_java_text(value, out); break;
  }
}

Json to_json(const Value& value) {
  switch (value.kind()) {
    case Kind::boolean: return value.boolean();
    case Kind::int32: case Kind::int64: return value.integer();
    case Kind::float64: case Kind::float32:
      if (!std::isfinite(value.real())) return boost::json::string(java_text(value));
      if (value.is(Kind::float32)) return std::strtod(java_text(value).c_str(), nullptr);
      return value.real();
    case Kind::big_integer: {
      std::uint64_t number = 0;
      const auto text = value.view();
      const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
      if (end.ec == std::errc() && end.ptr == text.data() + text.size()) return number;
      return std::strtod(std::string(text).c_str(), nullptr);
    }
    case Kind::big_decimal: return std::strtod(std::string(value.view()).c_str(), nullptr);
    case Kind::text: case Kind::character: return boost::json::string(boost::json::string_view(value.view().data(), value.view().size()));
    case Kind::bytes: return boost::json::string(base64_encode(value.view()));
    case Kind::instant: case Kind::local_date: return boost::json::string(java_text(value));
    case Kind::list: {
      if (value.json_array()) return *value.json_array();
      JsonArray array;
      array.reserve(value.size());
      for (std::size_t i = 0; i < value.size(); ++i) array.push_back(to_json(value.at(i)));
      return array;
    }
    case Kind::map: {
      if (value.json_object()) return *value.json_object();
      JsonObject object;
      for (std::size_t i = 0; i < value.size(); ++i) {
        const auto [key, held] = value.entry_at(i);
        object[java_text(key)] = to_json(held);
      }
      return object;
    }
    case Kind::entry: {
      const auto [key, held] = value.entry_at(0);
      return JsonObject{{java_text(key), to_json(held)}};
    }
    default: return nullptr;
  }
}

}  // namespace insula::expression
