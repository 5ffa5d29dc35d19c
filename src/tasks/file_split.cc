#include "tasks/file_split.h"

#include <re2/re2.h>

namespace insula::tasks {
namespace {

constexpr std::size_t kLineBytesMax = 32u << 20;
constexpr std::size_t kOpenPiecesMax = 500;        // partitions, or groups of a pattern: all are open until the end
constexpr std::size_t kPiecesMax = 100'000;

std::unexpected<Error> refuse(std::string message) { return fail(ErrorKind::invalid, "task-property-invalid", std::move(message)); }

// Lines one after another, without their ends.
class LineReader {
 public:
  explicit LineReader(storage::Reader& reader) : reader_(reader), buffer_(256u << 10) {}

  // false: there are no more.
  Result<bool> next(std::string& line) {
    line.clear();
    for (bool any = false;;) {
      if (at_ == end_) {
        const Result<std::size_t> count = reader_.read(buffer_);
        if (!count) return fail(count.error());
        if (*count == 0) return any;
        at_ = 0;
        end_ = *count;
      }
      if (after_return_ && buffer_[at_] == '\n') {
        after_return_ = false;
        ++at_;
        continue;
      }
      after_return_ = false;
      any = true;
      const std::string_view rest(buffer_.data() + at_, end_ - at_);
      const std::size_t stop = std::min(rest.find_first_of("\r\n"), rest.size());
      line += rest.substr(0, stop);
      at_ += stop;
      if (line.size() > kLineBytesMax) return refuse(fmt::format("The file has a line longer than {} bytes: it cannot be split by lines.", kLineBytesMax));
      if (stop == rest.size()) continue;
      after_return_ = buffer_[at_++] == '\r';
      return true;
    }
  }

 private:
  storage::Reader& reader_;
  std::vector<char> buffer_;
  std::size_t at_ = 0, end_ = 0;
  bool after_return_ = false;
};

// The pieces being written.
class Pieces {
 public:
  Pieces(JobContext& context, std::string_view uri) : context_(context) {
    const std::string_view file = uri.substr(uri.rfind('/') + 1);
    const std::size_t dot = file.rfind('.');
    extension_ = dot == std::string_view::npos ? ".tmp" : std::string(file.substr(dot));
  }

  struct Piece {
    std::string uri;
    std::unique_ptr<storage::Writer> writer;
  };

  Result<Piece> open() {
    if (uris.size() >= kPiecesMax) return refuse(fmt::format("The file would be split into more than {} pieces: make them larger.", kPiecesMax));
    const std::string name = fmt::format("{}{}", uris.size(), extension_);
    Result<std::unique_ptr<storage::Writer>> writer = context_.files().create(name);
    if (!writer) return fail(writer.error());
    uris.push_back(context_.files().uri(name));
    return Piece{uris.back(), std::move(*writer)};
  }

  std::vector<std::string> uris;

 private:
  JobContext& context_;
  std::string extension_;
};

Result<void> split_in_order(LineReader& lines, Pieces& pieces, const SplitRules& rules, JobContext& context) {
  std::optional<Pieces::Piece> piece;
  std::int64_t rows = 0, bytes = 0;
  for (std::string line;;) {
    const Result<bool> more = lines.next(line);
    if (!more) return fail(more.error());
    if (!*more || context.cancel().is_cancelled()) break;
    if (!piece) {
      Result<Pieces::Piece> opened = pieces.open();
      if (!opened) return fail(opened.error());
      piece = std::move(*opened);
      rows = bytes = 0;
    }
    line += rules.separator;
    if (Result<void> written = piece->writer->append(line); !written) return written;
    ++rows;
    bytes += static_cast<std::int64_t>(line.size());
    if (rules.bytes ? bytes < *rules.bytes : rows < rules.rows.value_or(1)) continue;
    if (Result<void> written = piece->writer->commit(); !written) return written;
    piece.reset();
  }
  return piece ? piece->writer->commit() : Result<void>();
}

Result<void> split_by_key(LineReader& lines, Pieces& pieces, const SplitRules& rules, JobContext& context) {
  std::optional<re2::RE2> pattern;
  if (!rules.pattern.empty()) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    pattern.emplace(rules.pattern, options);
    if (!pattern->ok()) return refuse(fmt::format("`regexPattern` is no regular expression of this server: {}.", pattern->error()));
    if (pattern->NumberOfCapturingGroups() == 0) return {};   // nothing to group by: as 1.3, no line has a place
  }
  std::map<std::string, Pieces::Piece> open;
  std::int64_t row = 0;
  for (std::string line, key;; ++row) {
    const Result<bool> more = lines.next(line);
    if (!more) return fail(more.error());
    if (!*more || context.cancel().is_cancelled()) break;
    if (pattern) {
      if (!re2::RE2::PartialMatch(line, *pattern, &key)) continue;
    } else {
      key = std::to_string(row % *rules.partitions);
    }
    auto at = open.find(key);
    if (at == open.end()) {
      if (open.size() >= kOpenPiecesMax) return refuse(fmt::format("The file would be split into more than {} groups at once: use `rows` or `bytes`.", kOpenPiecesMax));
      Result<Pieces::Piece> opened = pieces.open();
      if (!opened) return fail(opened.error());
      at = open.emplace(key, std::move(*opened)).first;
    }
    line += rules.separator;
    if (Result<void> written = at->second.writer->append(line); !written) return written;
  }
  for (auto& [name, piece] : open) {
    if (Result<void> written = piece.writer->commit(); !written) return written;
  }
  return {};
}

Result<std::optional<std::int64_t>> count_of(const Json& rules, std::string_view name) {
  const Json* written = find(rules, name);
  if (!written || written->is_null()) return std::nullopt;
  std::string text(trim(to_text(*written)));
  std::int64_t unit = 1;
  if (name == "bytes") {
    for (const auto& [suffix, bytes] : {std::pair{std::string_view("KB"), 1ll << 10}, std::pair{std::string_view("MB"), 1ll << 20}, std::pair{std::string_view("GB"), 1ll << 30}}) {
      if (!text.ends_with(suffix)) continue;
      text.resize(text.size() - suffix.size());
      unit = bytes;
      break;
    }
  }
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count <= 0 || count > (1ll << 40)) {
    return refuse(fmt::format("`{}` must be a whole number above 0, got '{}'.", name, to_text(*written)));
  }
  return count * unit;
}

}  // namespace

Result<SplitRules> read_split_rules(const Json& written) {
  SplitRules rules;
  if (written.is_null()) return rules;
  if (!written.is_object()) return refuse("`batch` must be a map with `rows`, `bytes`, `partitions` or `regexPattern`.");
  const auto rows = count_of(written, "rows"), bytes = count_of(written, "bytes"), partitions = count_of(written, "partitions");
  for (const auto* one : {&rows, &bytes, &partitions}) {
    if (!*one) return fail(one->error());
  }
  rules.rows = *rows;
  rules.bytes = *bytes;
  rules.partitions = *partitions;
  rules.separator = text_or(written.as_object(), "separator", "\n");
  rules.pattern = text_or(written.as_object(), "regexPattern");
  return rules;
}

Result<std::vector<std::string>> split_file(JobContext& context, std::string_view uri, const SplitRules& rules) {
  const Result<std::unique_ptr<storage::Reader>> reader = context.files().open(uri);
  if (!reader) return fail(reader.error());
  LineReader lines(**reader);
  Pieces pieces(context, uri);
  const bool by_key = !rules.pattern.empty() || (!rules.bytes && rules.partitions);
  const Result<void> done = by_key ? split_by_key(lines, pieces, rules, context) : split_in_order(lines, pieces, rules, context);
  if (!done) return fail(done.error());
  return std::move(pieces.uris);
}

}  // namespace insula::tasks
