#include "tasks/context.h"

namespace insula::tasks {
namespace {

constexpr int kRoundsMax = 64;   // of lookups per rendering, as a step of the rules has

Error misfit(std::string_view name, std::string_view wanted, std::string_view got) {
  return {ErrorKind::invalid, "task-property-invalid", fmt::format("The property `{}` must be {}, got '{}'.", name, wanted, got.substr(0, 200)), {}, {}};
}

Mask plain_mask(std::span<const std::string> secrets) {
  std::vector<std::string> longest_first;
  for (const std::string& secret : secrets) {
    if (!secret.empty()) longest_first.push_back(secret);
  }
  std::ranges::sort(longest_first, std::greater(), &std::string::size);
  return [longest_first = std::move(longest_first)](std::string_view text) {
    std::string result(text);
    for (const std::string& secret : longest_first) {
      for (std::size_t at = result.find(secret); at != std::string::npos; at = result.find(secret, at + 6)) result.replace(at, secret.size(), "******");
    }
    return result;
  };
}

// Cut at the start of a character.
std::string cut(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  const std::size_t dropped = text.size() - end;
  text.resize(end);
  return text + fmt::format(" … [cut: {} more bytes]", dropped);
}

}  // namespace

// The run's variables, the roots a task defines, and the answers found so far.
class JobContext::Known final : public expression::Variables {
 public:
  explicit Known(const expression::Variables& base) : base_(base) {}

  const Json* root(std::string_view name) const override {
    if (const Json* own = insula::find(own_, name)) return own;
    return base_.root(name);
  }
  std::vector<std::string> root_names() const override {
    std::vector<std::string> names = base_.root_names();
    for (const auto& [name, value] : own_) names.emplace_back(name);
    return names;
  }
  bool is_lazy(std::string_view name) const override { return !own_.contains(name) && base_.is_lazy(name); }
  expression::Answer member(std::string_view name, std::string_view key) const override {
    return or_known(base_.member(name, key), {std::string(name), {{"key", key}}});
  }
  expression::Answer whole(std::string_view name) const override { return or_known(base_.whole(name), {std::string(name), {}}); }
  expression::Answer lookup(const expression::Lookup& lookup) const override {
    expression::Answer answer = or_known(base_.lookup(lookup), lookup);
    if (lookup.name == "secret") note_secret(answer);
    return answer;
  }

  void define(std::string name, Json value) { own_[name] = std::move(value); }
  void learn(const expression::Lookup& lookup, expression::Answer answer) {
    // What a pointer shows may be gone at the next rendering.
    if (const Json* const* shown = std::get_if<const Json*>(&answer)) answer = Json(**shown);
    answers_.insert_or_assign(key_of(lookup), std::move(answer));
  }
  std::vector<std::string> take_secrets() { return std::exchange(secrets_, {}); }

 private:
  static std::string key_of(const expression::Lookup& lookup) { return lookup.name + write_json(lookup.arguments); }
  expression::Answer or_known(expression::Answer answer, const expression::Lookup& lookup) const {
    if (!std::holds_alternative<expression::Pending>(answer)) return answer;
    const auto found = answers_.find(key_of(lookup));
    return found == answers_.end() ? expression::Answer(expression::Pending{}) : found->second;
  }
  void note_secret(const expression::Answer& answer) const {
    const Json* value = std::get_if<Json>(&answer);
    if (const Json* const* shown = std::get_if<const Json*>(&answer)) value = *shown;
    if (value && value->is_string()) secrets_.emplace_back(as_view(value->as_string()));
  }

  const expression::Variables& base_;
  JsonObject own_;
  std::map<std::string, expression::Answer, std::less<>> answers_;
  mutable std::vector<std::string> secrets_;   // seen in answers and not masked yet
};

JobContext::JobContext(JobSetup setup) : setup_(std::move(setup)), known_(std::make_unique<Known>(setup_.variables)), secrets_(setup_.secrets) {
  if (!setup_.mask_maker) setup_.mask_maker = plain_mask;
  mask_ = setup_.mask_maker(secrets_);
}
JobContext::~JobContext() = default;

void JobContext::log(flow::LogLevel level, std::string_view message) {
  if (setup_.task.log_level && level < *setup_.task.log_level) return;
  const std::lock_guard lock(log_mutex_);
  if (log_lines_ > setup_.limits.log_lines_max) return;
  if (log_lines_++ == setup_.limits.log_lines_max) {
    setup_.log.write(flow::LogLevel::warn, fmt::format("More than {} log lines: the rest of this attempt is left out.", setup_.limits.log_lines_max));
    return;
  }
  setup_.log.write(level, cut(mask_(message), setup_.limits.log_message_bytes_max));
}

void JobContext::mask(std::string secret) {
  if (secret.empty()) return;
  const std::lock_guard lock(log_mutex_);
  if (std::ranges::find(secrets_, secret) != secrets_.end()) return;
  secrets_.push_back(std::move(secret));
  mask_ = setup_.mask_maker(secrets_);
}

std::string JobContext::masked(std::string_view text) const {
  const std::lock_guard lock(log_mutex_);
  return mask_(text);
}

void JobContext::define(std::string name, Json value) { known_->define(std::move(name), std::move(value)); }

// Renders, asks the platform for what is missing, and renders again with the same environment until nothing is missing.
template <class T, class Render>
Result<T> JobContext::finish(const Render& render) {
  for (int round = 0; round < kRoundsMax; ++round) {
    expression::Rendered<T> rendered = render(*known_, setup_.environment);
    for (std::string& secret : known_->take_secrets()) mask(std::move(secret));
    if (rendered) return std::move(*rendered);
    if (Error* error = std::get_if<Error>(&rendered.error())) return fail(std::move(*error));
    for (const expression::Lookup& lookup : std::get<expression::Needs>(rendered.error()).lookups) {
      expression::Answer answer = setup_.platform.lookup(lookup);
      if (std::holds_alternative<expression::Pending>(answer)) answer = expression::Undefined{};
      known_->learn(lookup, std::move(answer));
    }
  }
  return fail(ErrorKind::invalid, "expression-lookups", fmt::format("An expression asks for values in more than {} rounds.", kRoundsMax));
}

const expression::Property* JobContext::property(std::string_view name) const {
  const expression::Property* property = setup_.task.property(name);
  return property && !property->source().is_null() ? property : nullptr;
}

Result<std::optional<std::string>> JobContext::optional_text(std::string_view name) {
  const expression::Property* written = property(name);
  if (!written) return std::nullopt;
  Result<std::string> text = finish<std::string>([&](const auto& variables, const auto& environment) { return written->render_text(variables, environment); });
  if (!text) return fail(text.error());
  return std::move(*text);
}

Result<std::string> JobContext::text(std::string_view name) {
  Result<std::optional<std::string>> text = optional_text(name);
  if (!text) return fail(text.error());
  if (!*text) return fail(ErrorKind::invalid, "task-property-missing", fmt::format("The property `{}` must not be null.", name));
  return std::move(**text);
}

Result<std::string> JobContext::text(std::string_view name, std::string_view otherwise) {
  Result<std::optional<std::string>> text = optional_text(name);
  if (!text) return fail(text.error());
  return text->value_or(std::string(otherwise));
}

Result<bool> JobContext::boolean(std::string_view name, bool otherwise) {
  const Result<std::optional<std::string>> text = optional_text(name);
  if (!text) return fail(text.error());
  if (!*text || trim(**text).empty()) return otherwise;
  const std::string value = lower_ascii(trim(**text));
  if (value == "true") return true;
  if (value == "false") return false;
  return fail(misfit(name, "true or false", **text));
}

Result<std::int64_t> JobContext::integer(std::string_view name, std::int64_t otherwise) {
  const Result<std::optional<std::string>> text = optional_text(name);
  if (!text) return fail(text.error());
  if (!*text) return otherwise;
  const std::string_view digits = trim(**text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size()) return fail(misfit(name, "a whole number", **text));
  return value;
}

Result<std::optional<Duration>> JobContext::duration(std::string_view name) {
  const Result<std::optional<std::string>> text = optional_text(name);
  if (!text) return fail(text.error());
  if (!*text) return std::nullopt;
  if (const std::optional<Duration> duration = parse_duration(**text)) return duration;
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars((*text)->data(), (*text)->data() + (*text)->size(), seconds);
  if (error == std::errc() && end == (*text)->data() + (*text)->size() && seconds >= 0 && seconds < 1'000'000'000) return std::chrono::seconds(seconds);
  return fail(misfit(name, "an ISO-8601 duration such as PT30S", **text));
}

Result<Json> JobContext::json(std::string_view name) {
  const expression::Property* written = property(name);
  if (!written) return Json();
  Result<Json> value = finish<Json>([&](const auto& variables, const auto& environment) { return written->render(variables, environment); });
  if (!value || !value->is_string()) return value;
  const std::string_view text = trim(as_view(value->as_string()));
  if (!text.starts_with('{') && !text.starts_with('[')) return value;
  Result<Json> read = parse_json(text);
  return read ? read : value;
}

Result<std::vector<std::string>> JobContext::text_list(std::string_view name) {
  const Result<Json> value = json(name);
  if (!value) return fail(value.error());
  std::vector<std::string> texts;
  if (value->is_null()) return texts;
  if (!value->is_array()) return fail(misfit(name, "a list", to_text(*value)));
  for (const Json& item : value->as_array()) {
    if (!item.is_null()) texts.push_back(to_text(item));
  }
  return texts;
}

Result<std::vector<std::pair<std::string, std::string>>> JobContext::text_map(std::string_view name) {
  const Result<Json> value = json(name);
  if (!value) return fail(value.error());
  std::vector<std::pair<std::string, std::string>> entries;
  if (value->is_null()) return entries;
  if (!value->is_object()) return fail(misfit(name, "a map", to_text(*value)));
  for (const auto& [key, item] : value->as_object()) {
    if (item.is_object() || item.is_array()) return fail(misfit(fmt::format("{}.{}", name, std::string_view(key)), "a text", to_text(item)));
    if (!item.is_null()) entries.emplace_back(key, to_text(item));
  }
  return entries;
}

Result<std::string> JobContext::render(std::string_view source) {
  const expression::Template compiled = expression::Template::compile(source);
  return finish<std::string>([&](const auto& variables, const auto& environment) { return compiled.render(variables, environment); });
}

}  // namespace insula::tasks
