// The composer: libyaml's events → a JSON tree with the position of every key and item.
#include "flow/yaml.h"

#include <yaml.h>

#include "flow/yaml_scalar.h"

namespace insula::flow {
namespace {

struct Anchor {
  Json value;
  std::size_t nodes = 0;
  bool complete = false;   // an alias inside its own anchor would never end
};

Position position_of(const yaml_mark_t& mark) { return {static_cast<int>(mark.line) + 1, static_cast<int>(mark.column) + 1}; }
std::string_view view(const yaml_char_t* text) { return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view(); }

Error yaml_error(Position at, std::string message, std::string suggestion = {}) {
  Error error{ErrorKind::invalid, "yaml-invalid", fmt::format("{} (at line {}, column {})", message, at.line, at.column), {}, {}};
  error.violations.push_back({"yaml", error.message, at.line, at.column, std::move(suggestion)});
  return error;
}

class Composer {
 public:
  Composer(std::string_view text, YamlLimits limits, YamlDocument& document) : text_(text), limits_(limits), document_(document) {
    INSULA_ASSERT(yaml_parser_initialize(&parser_) == 1);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
  }
  ~Composer() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }
  Composer(const Composer&) = delete;
  Composer& operator=(const Composer&) = delete;

  // False: error() says why.
  bool compose() {
    if (!next() || !next()) return false;   // STREAM-START, then DOCUMENT-START or the end
    if (event_.type == YAML_STREAM_END_EVENT) return refuse({1, 1}, "YAML parsing error: No content to map due to end-of-input");
    if (!next() || !node("", 0, document_.value) || !next() || !next()) return false;
    if (event_.type != YAML_STREAM_END_EVENT)
      return refuse(here(), "YAML parsing error: one document was expected, but another one follows `---`", "send the documents one by one");
    return true;
  }
  Error& error() { return *error_; }

 private:
  Position here() const { return position_of(event_.start_mark); }

  bool refuse(Position at, std::string message, std::string suggestion = {}) {
    error_ = yaml_error(at, std::move(message), std::move(suggestion));
    return false;
  }

  bool next() {
    yaml_event_delete(&event_);
    if (yaml_parser_parse(&parser_, &event_) == 1) return true;
    event_.type = YAML_NO_EVENT;
    return refuse_syntax();
  }

  bool refuse_syntax() {
    if (parser_.error == YAML_MEMORY_ERROR) throw std::bad_alloc();
    if (parser_.error == YAML_READER_ERROR) {
      const std::size_t offset = std::min(parser_.problem_offset, text_.size());
      const auto line = std::ranges::count(text_.substr(0, offset), '\n') + 1;
      return refuse({static_cast<int>(line), 1}, fmt::format("YAML parsing error: special characters are not allowed: U+{:04X}", parser_.problem_value), "remove the character");
    }
    const Position at = position_of(parser_.problem_mark);
    std::string message = "YAML parsing error: ";
    if (parser_.context) {
      const Position start = position_of(parser_.context_mark);
      message += fmt::format("{} that begins at line {}, column {}: ", parser_.context, start.line, start.column);
    }
    message += parser_.problem ? parser_.problem : "the text cannot be read";
    const bool tab = parser_.problem_mark.index < text_.size() && text_.substr(parser_.problem_mark.index).starts_with('\t');
    if (tab) message += " (a tab; do not use tabs for indentation)";
    return refuse(at, std::move(message), tab ? "indent with spaces" : "");
  }

  bool count(std::size_t nodes) {
    nodes_ += nodes;
    return nodes_ <= limits_.nodes_max || refuse(here(), fmt::format("YAML parsing error: more than {} values, aliases counted as often as they are used", limits_.nodes_max));
  }

  // The node whose first event is `event_`; afterwards `event_` is its last one.
  bool node(const std::string& path, int depth, Json& out) {
    if (event_.type == YAML_ALIAS_EVENT) return alias(out);
    if (!count(1)) return false;
    if (depth > limits_.depth_max) return refuse(here(), fmt::format("YAML parsing error: nested deeper than {} levels", limits_.depth_max));
    const std::size_t before = nodes_;
    const std::string anchor(anchor_name());
    if (!anchor.empty()) anchors_[anchor] = Anchor{};
    bool read = false;
    switch (event_.type) {
      case YAML_SCALAR_EVENT: read = scalar(out); break;
      case YAML_SEQUENCE_START_EVENT: read = sequence(path, depth, out); break;
      case YAML_MAPPING_START_EVENT: read = mapping(path, depth, out); break;
      default: return refuse(here(), "YAML parsing error: a value was expected");
    }
    if (read && !anchor.empty()) anchors_[anchor] = {out, nodes_ - before + 1, true};
    return read;
  }

  std::string_view anchor_name() const {
    switch (event_.type) {
      case YAML_SCALAR_EVENT: return view(event_.data.scalar.anchor);
      case YAML_SEQUENCE_START_EVENT: return view(event_.data.sequence_start.anchor);
      case YAML_MAPPING_START_EVENT: return view(event_.data.mapping_start.anchor);
      default: return {};
    }
  }

  bool alias(Json& out) {
    const std::string name(view(event_.data.alias.anchor));
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) return refuse(here(), fmt::format("YAML parsing error: unknown alias *{}", name), fmt::format("put &{} before the value it stands for", name));
    if (!found->second.complete) return refuse(here(), fmt::format("YAML parsing error: alias *{} stands inside the value it stands for", name));
    if (!count(found->second.nodes)) return false;
    out = found->second.value;
    return true;
  }

  bool scalar(Json& out) {
    const auto& data = event_.data.scalar;
    const std::string_view text(reinterpret_cast<const char*>(data.value), data.length);
    std::optional<Json> value;
    if (data.tag && view(data.tag) != "!") value = resolve_tagged(view(data.tag), text);
    else if (data.style == YAML_PLAIN_SCALAR_STYLE && data.plain_implicit) value = resolve_plain(text);
    else value = Json(boost::json::string_view(text.data(), text.size()));
    if (!value) return refuse(here(), fmt::format("YAML parsing error: Malformed numeric value '{}'", text), "quote it to make it a text");
    out = std::move(*value);
    return true;
  }

  bool sequence(const std::string& path, int depth, Json& out) {
    JsonArray items;
    for (;;) {
      if (!next()) return false;
      if (event_.type == YAML_SEQUENCE_END_EVENT) break;
      const std::string item = fmt::format("{}[{}]", path, items.size());
      document_.positions[item] = here();
      items.emplace_back(nullptr);
      if (!node(item, depth + 1, items.back())) return false;
    }
    out = std::move(items);
    return true;
  }

  bool mapping(const std::string& path, int depth, Json& out) {
    JsonObject object;
    std::vector<Json> merged;
    for (;;) {
      if (!next()) return false;
      if (event_.type == YAML_MAPPING_END_EVENT) break;
      const Position at = here();
      if (event_.type != YAML_SCALAR_EVENT)
        return refuse(at, "YAML syntax error: Invalid structure. Check indentation and ensure all fields are properly formatted.",
                      "a key must be a text; put quotes around a value that begins with {{");
      const std::string key(reinterpret_cast<const char*>(event_.data.scalar.value), event_.data.scalar.length);
      const bool merge = key == "<<" && event_.data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
      std::string child = path.empty() ? key : path + "." + key;
      if (!next()) return false;
      Json value;
      if (!node(child, depth + 1, value)) return false;
      if (merge) {
        if (!add_merged(at, std::move(value), merged)) return false;
        continue;
      }
      if (object.contains(key)) document_.duplicate_keys.push_back({child, fmt::format("Duplicate field '{}'", key), at.line, at.column, "keep one of them"});
      document_.positions[child] = at;
      object[key] = std::move(value);
    }
    for (Json& source : merged)   // keys written here win; of several sources the first one
      for (auto& [key, value] : source.as_object())
        if (!object.contains(key)) object.emplace(key, std::move(value));
    out = std::move(object);
    return true;
  }

  bool add_merged(Position at, Json value, std::vector<Json>& merged) {
    if (value.is_object()) {
      merged.push_back(std::move(value));
      return true;
    }
    if (value.is_array() && std::ranges::all_of(value.as_array(), [](const Json& item) { return item.is_object(); })) {
      for (Json& item : value.as_array()) merged.push_back(std::move(item));
      return true;
    }
    return refuse(at, "YAML parsing error: `<<` takes a map, or a list of maps", "write `<<: *anchor`");
  }

  std::string_view text_;
  YamlLimits limits_;
  YamlDocument& document_;
  yaml_parser_t parser_{};
  yaml_event_t event_{};
  std::map<std::string, Anchor, std::less<>> anchors_;
  std::size_t nodes_ = 0;
  std::optional<Error> error_;
};

// The first control character that YAML does not allow; libyaml would find it too, but not say where.
std::optional<Position> control_character(std::string_view text) {
  Position at{1, 1};
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F) return at;
    if (c == '\n') at = {at.line + 1, 1};
    else if ((byte & 0xC0) != 0x80) ++at.column;
  }
  return std::nullopt;
}

// The first byte that no UTF-8 text could have there.
Position first_broken_byte(std::string_view text) {
  Position at{1, 1};
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos && is_utf8(text.substr(start, end - start)); end = text.find('\n', start)) {
    ++at.line;
    start = end + 1;
  }
  std::string_view line = text.substr(start, text.find('\n', start) - start);
  for (std::size_t length = 1; length <= line.size(); ++length) {
    const bool whole = length == line.size() || (static_cast<unsigned char>(line[length]) & 0xC0) != 0x80;
    if (!whole) continue;
    if (!is_utf8(line.substr(0, length))) break;
    ++at.column;
  }
  return at;
}

}  // namespace

Result<YamlDocument> read_yaml(std::string_view text, YamlLimits limits) {
  if (text.size() > limits.bytes_max)
    return fail(yaml_error({1, 1}, fmt::format("YAML parsing error: the text has {} bytes, more than {}", text.size(), limits.bytes_max), "make it smaller"));
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);   // a byte order mark is no part of the text
  if (!is_utf8(text)) return fail(yaml_error(first_broken_byte(text), "YAML parsing error: the text is not UTF-8", "save the file as UTF-8"));
  if (const auto at = control_character(text)) return fail(yaml_error(*at, "YAML parsing error: special characters are not allowed", "remove the control character"));
  YamlDocument document;
  Composer composer(text, limits, document);
  if (!composer.compose()) return fail(std::move(composer.error()));
  return document;
}

}  // namespace insula::flow
