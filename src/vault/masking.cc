#include "vault/masking.h"

namespace insula::vault {
namespace {

// Longer forms are told apart by comparing bytes, so that a large key does not make a large automaton.
constexpr std::size_t depth_max = 32;
constexpr std::size_t encoded_length_min = 8;
constexpr std::size_t line_length_min = 8;

std::string url_alphabet(std::string text) {
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

// The characters of base64 that `bytes` alone decides when `before` other bytes stand in front of it and anything behind.
std::string inner_base64(std::string_view bytes, std::size_t before) {
  const std::string whole = base64_encode(std::string(before, '\0') + std::string(bytes));
  const std::size_t first = (before * 8 + 5) / 6;
  const std::size_t last = (before + bytes.size()) * 8 / 6;
  return last > first ? whole.substr(first, last - first) : std::string();
}

std::string lower_escapes(std::string_view percent_encoded) {
  std::string text(percent_encoded);
  for (std::size_t at = text.find('%'); at != std::string::npos; at = text.find('%', at + 3)) {
    const std::string digits = lower_ascii(text.substr(at + 1, 2));
    text.replace(at + 1, 2, digits);
  }
  return text;
}

std::string plus_for_space(std::string text) {
  for (std::size_t at = text.find("%20"); at != std::string::npos; at = text.find("%20", at)) text.replace(at, 3, "+");
  return text;
}

}  // namespace

Masker::Masker(std::span<const std::string> secrets) {
  for (const std::string& secret : secrets) {
    if (secret.empty()) continue;
    add(secret);
    add_encoded(secret);
    if (!secret.contains('\n')) continue;
    for (const std::string& line : split(secret, '\n')) {
      if (trim(line).size() >= line_length_min) add(std::string(trim(line)));
    }
  }
  std::sort(forms_.begin(), forms_.end());
  forms_.erase(std::unique(forms_.begin(), forms_.end()), forms_.end());
  link();
}

void Masker::add(std::string form) {
  if (!form.empty()) forms_.push_back(std::move(form));
}

void Masker::add_encoded(std::string_view secret) {
  std::string json;
  write_json_string(secret, json);
  add(json.substr(1, json.size() - 2));
  const std::string percent = percent_encode(secret);
  for (const std::string& each : {percent, lower_escapes(percent), plus_for_space(percent), plus_for_space(lower_escapes(percent))}) add(each);
  std::vector<std::string> encoded{base64_encode(secret)};
  for (std::size_t before = 0; before < 3; ++before) encoded.push_back(inner_base64(secret, before));
  std::string unpadded = encoded[0];
  while (unpadded.ends_with('=')) unpadded.pop_back();
  encoded.push_back(unpadded);
  for (std::string& each : encoded) {
    if (each.size() < encoded_length_min) continue;
    add(url_alphabet(each));
    add(std::move(each));
  }
}

void Masker::link() {
  for (std::uint32_t form = 0; form < forms_.size(); ++form) {
    std::uint32_t node = 0;
    for (const char c : std::string_view(forms_[form]).substr(0, depth_max)) {
      const auto [child, added] = nodes_[node].next.try_emplace(static_cast<unsigned char>(c), static_cast<std::uint32_t>(nodes_.size()));
      node = child->second;
      if (added) nodes_.emplace_back();
    }
    nodes_[node].forms.push_back(form);
  }
  std::deque<std::uint32_t> waiting{0};
  while (!waiting.empty()) {
    const std::uint32_t node = waiting.front();
    waiting.pop_front();
    for (const auto& [byte, child] : nodes_[node].next) {
      nodes_[child].suffix = node == 0 ? 0 : step(nodes_[node].suffix, byte);
      const std::uint32_t suffix = nodes_[child].suffix;
      nodes_[child].output = nodes_[suffix].forms.empty() ? nodes_[suffix].output : suffix;
      waiting.push_back(child);
    }
  }
}

std::uint32_t Masker::step(std::uint32_t node, unsigned char byte) const {
  for (;;) {
    if (const auto child = nodes_[node].next.find(byte); child != nodes_[node].next.end()) return child->second;
    if (node == 0) return 0;
    node = nodes_[node].suffix;
  }
}

std::vector<Masker::Interval> Masker::find(std::string_view text) const {
  std::vector<Interval> found;
  std::uint32_t node = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    node = step(node, static_cast<unsigned char>(text[i]));
    for (std::uint32_t at = nodes_[node].forms.empty() ? nodes_[node].output : node; at != 0; at = nodes_[at].output) {
      for (const std::uint32_t index : nodes_[at].forms) {
        const std::string& form = forms_[index];
        const std::size_t begin = i + 1 - std::min(form.size(), depth_max);
        if (form.size() <= depth_max || text.substr(begin).starts_with(form)) found.push_back({begin, begin + form.size()});
      }
    }
  }
  std::sort(found.begin(), found.end(), [](const Interval& a, const Interval& b) { return a.begin < b.begin; });
  return found;
}

std::string Masker::mask(std::string_view text) const {
  if (empty()) return std::string(text);
  const auto found = find(text);
  if (found.empty()) return std::string(text);
  std::string masked;
  std::size_t done = 0;
  for (std::size_t i = 0; i < found.size();) {
    const std::size_t begin = found[i].begin;
    std::size_t end = found[i].end;
    for (++i; i < found.size() && found[i].begin < end; ++i) end = std::max(end, found[i].end);
    masked += text.substr(done, begin - done);
    masked += mask_text;
    done = end;
  }
  masked += text.substr(done);
  return masked;
}

Json Masker::mask(const Json& value) const {
  if (empty()) return value;
  if (value.is_string()) return Json(mask(as_view(value.get_string())));
  if (value.is_array()) {
    JsonArray masked;
    for (const Json& each : value.get_array()) masked.push_back(mask(each));
    return masked;
  }
  if (value.is_object()) {
    JsonObject masked;
    for (const auto& [name, each] : value.get_object()) masked[mask(std::string_view(name.data(), name.size()))] = mask(each);
    return masked;
  }
  return value;
}

std::string mask(std::string_view text, std::span<const std::string> secrets) { return Masker(secrets).mask(text); }

}  // namespace insula::vault
