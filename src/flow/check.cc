#include "flow/check.h"

#include <re2/re2.h>

namespace insula::flow {
namespace {

// 1.3's fields are named so where the key is a word of Java.
std::string_view java_field(std::string_view key) {
  if (key == "else") return "_else";
  if (key == "finally") return "_finally";
  if (key == "assert") return "_assert";
  return key;
}

std::string joined(std::string_view base, std::string_view name) { return base.empty() ? std::string(name) : fmt::format("{}.{}", base, name); }

}  // namespace

Place Place::key(std::string_view name, std::string class_name) const {
  Place child = *this;
  child.path = joined(path, name);
  child.shown = joined(shown, java_field(name));
  child.chain = fmt::format("{}{}{}[\"{}\"]", chain, chain.empty() ? "" : "->", cls, name);
  child.cls = std::move(class_name);
  child.leaf.clear();
  return child;
}

Place Place::item(std::size_t index, std::string class_name) const {
  Place child = *this;
  child.path = fmt::format("{}[{}]", path, index);
  child.shown = fmt::format("{}[{}]", shown, index);
  child.chain = fmt::format("{}->java.util.ArrayList[{}]", chain, index);
  child.cls = std::move(class_name);
  child.leaf.clear();
  return child;
}

std::string Place::name_of(std::string_view property) const {
  std::string name = shown;
  if (!leaf.empty()) {
    static const RE2 tasks("\\btasks\\[\\d+\\]");
    static const RE2 inputs("\\binputs\\[\\d+\\]");
    std::string quoted;
    for (char c : leaf) quoted += c == '\\' ? std::string("\\\\") : std::string(1, c);
    RE2::GlobalReplace(&name, leaf_list == "tasks" ? tasks : inputs, quoted);
  }
  return property.empty() ? name : joined(name, java_field(property));
}

Position Checker::position_of(std::string_view path) const {
  std::string at(path);
  while (!at.empty()) {
    if (const auto found = positions.find(at); found != positions.end()) return found->second;
    const auto cut = at.find_last_of(".[");
    at.resize(cut == std::string::npos ? 0 : cut);
  }
  return {1, 1};
}

void Checker::unreadable(const Place& place, std::string message, std::string suggestion) {
  const Position at = position_of(place.path);
  refuse(place, fmt::format("Illegal {} source: YAML parsing error: {} (at line {})", source_name, message, at.line), std::move(suggestion));
}

void Checker::refuse(const Place& place, std::string message, std::string suggestion) {
  findings.push_back({Rule::parse, place.path, {}, place.chain, std::move(message), std::move(suggestion), position_of(place.path)});
}

void Checker::unknown_type(const Place& place, std::string_view type, std::string suggestion) {
  Finding finding{Rule::parse, place.path, {}, place.chain, fmt::format("Invalid type: {}", type.empty() ? "<null>" : type), std::move(suggestion), position_of(place.path + ".type")};
  finding.is_unknown_type = true;
  findings.push_back(std::move(finding));
}

void Checker::unknown_property(const Place& place, std::string_view name, std::span<const std::string> known) {
  std::string list;
  for (const std::string& word : known) list += fmt::format("{}\"{}\"", list.empty() ? "" : ", ", word);
  refuse(place.key(name), fmt::format("Unrecognized field \"{}\" (class {}), not marked as ignorable ({} known properties: {})", name, place.cls, known.size(), list),
         nearest_word(name, known).value_or(""));
}

void Checker::bean(const Place& place, std::string_view property, std::string message, std::string suggestion) {
  const std::string path = property.empty() ? place.path : joined(place.path, property);
  if (place.told_only) return warn(fmt::format("{}: {}", place.name_of(property), message));
  findings.push_back({Rule::bean, path, place.name_of(property), place.chain, std::move(message), std::move(suggestion), position_of(path)});
}

void Checker::flow_rule(std::string path, std::string message, std::string suggestion) {
  const Position at = position_of(path);
  findings.push_back({Rule::flow, std::move(path), {}, {}, std::move(message), std::move(suggestion), at});
}

}  // namespace insula::flow
