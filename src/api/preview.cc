#include "api/preview.h"

#include "expression/expression.h"

namespace insula::api {
namespace {

std::string from_latin1(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) text += c;
    else text += static_cast<char>(0xc0 | (byte >> 6)), text += static_cast<char>(0x80 | (byte & 0x3f));
  }
  return text;
}

// The first `rows_max` lines; whether there is more is told by what follows them.
struct Lines {
  std::vector<std::string_view> lines;
  std::string_view text;
  bool is_truncated = false;
};
Lines first_lines(std::string_view text, int rows_max) {
  Lines found;
  std::size_t at = 0;
  while (at < text.size() && std::cmp_less(found.lines.size(), rows_max)) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    found.lines.push_back(text.substr(at, end - at));
    at = std::min(end + 1, text.size());
  }
  found.text = text.substr(0, at);
  found.is_truncated = at < text.size();
  return found;
}

// One row of an Ion text file; what cannot be read is shown as it is.
Json ion_row(std::string_view line) {
  static const expression::Template reading = expression::Template::compile("{{ fromIon(line) }}");
  const expression::ObjectVariables variables(JsonObject{{"line", line}});
  auto value = reading.render_typed(variables, expression::Environment{});
  return value ? std::move(*value) : Json(line);
}

}  // namespace

PreviewKind preview_kind(std::string_view extension) {
  const std::string name = lower_ascii(extension);
  static constexpr std::array images = {"jpg", "jpeg", "png", "svg", "gif", "bmp", "webp"};
  if (name == "ion") return PreviewKind::list;
  if (name == "md") return PreviewKind::markdown;
  if (name == "pdf") return PreviewKind::pdf;
  return std::ranges::find(images, name) != images.end() ? PreviewKind::image : PreviewKind::text;
}

Result<JsonObject> preview_json(std::string_view bytes, bool is_whole, std::string_view extension, int rows_max, std::string_view encoding) {
  const PreviewKind kind = preview_kind(extension);
  static constexpr std::array names = {"TEXT", "LIST", "MARKDOWN", "IMAGE", "PDF"};
  JsonObject json{{"extension", extension}, {"type", names[static_cast<std::size_t>(kind)]}};
  if (kind == PreviewKind::image || kind == PreviewKind::pdf) {
    json["content"] = is_whole ? base64_encode(bytes) : "";  // half a picture shows nothing
    json["maxLine"] = rows_max;
    json["truncated"] = !is_whole;
    return json;
  }
  const std::string charset = lower_ascii(encoding);
  if (charset != "utf-8" && charset != "utf8" && charset != "iso-8859-1" && charset != "us-ascii")
    return fail(ErrorKind::invalid, "encoding-unsupported", fmt::format("Illegal argument: the encoding '{}' is not known: UTF-8, ISO-8859-1 or US-ASCII", encoding));
  // A cut can fall into a character: drop what is left of it.
  while (!is_whole && !bytes.empty() && (static_cast<unsigned char>(bytes.back()) & 0x80) != 0) bytes.remove_suffix(1);
  const bool is_plain = charset.starts_with("utf") && is_utf8(bytes);
  const std::string text = is_plain ? std::string(bytes) : from_latin1(bytes);
  const Lines lines = first_lines(text, rows_max);
  if (kind == PreviewKind::list) {
    JsonArray rows;
    for (const std::string_view line : lines.lines)
      if (!trim(line).empty()) rows.push_back(ion_row(line));
    json["content"] = std::move(rows);
  } else {
    std::string_view shown = lines.text;
    if (shown.ends_with('\n')) shown.remove_suffix(1);
    json["content"] = shown;
  }
  json["maxLine"] = rows_max;
  json["truncated"] = lines.is_truncated || !is_whole;
  return json;
}

}  // namespace insula::api
