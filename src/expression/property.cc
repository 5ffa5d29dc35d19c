// A JSON value whose texts are templates.
#include "expression/expression.h"

namespace insula::expression {

namespace {
constexpr int depth_max = 200;
}

struct Property::Part {
  enum class Kind : std::uint8_t { constant, text, list, map } kind = Kind::constant;
  Json constant;
  Template text;
  std::vector<Part> items;        // of a list; the values of a map
  std::vector<Template> keys;     // of a map
  bool literal = true;

  static Part compile(const Json& value, int depth) {
    Part part;
    const auto refuse = [&] { part.text = Template::compile("{{ 'This value is nested too deeply' | number }}"); };
    if (const auto* text = value.if_string()) {
      part.kind = Kind::text;
      part.text = Template::compile(as_view(*text));
      part.literal = part.text.is_literal();
    } else if ((value.is_array() || value.is_object()) && depth >= depth_max) {
      part.kind = Kind::text;
      part.literal = false;
      refuse();
    } else if (const auto* array = value.if_array()) {
      part.kind = Kind::list;
      for (const Json& item : *array) {
        part.items.push_back(compile(item, depth + 1));
        part.literal = part.literal && part.items.back().literal;
      }
    } else if (const auto* object = value.if_object()) {
      part.kind = Kind::map;
      for (const auto& [key, held] : *object) {
        part.keys.push_back(Template::compile({key.data(), key.size()}));
        part.items.push_back(compile(held, depth + 1));
        part.literal = part.literal && part.keys.back().is_literal() && part.items.back().literal;
      }
    }
    if (part.kind == Kind::constant || part.literal) {
      part.constant = value;
      part.items.clear();
      part.keys.clear();
    }
    return part;
  }

  // Goes on after Needs, so that one round collects the lookups of all texts.
  struct Collected {
    std::optional<Error> error;
    std::vector<Lookup> lookups;
    void take(Interruption interruption) {
      if (auto* failed = std::get_if<Error>(&interruption)) {
        if (!error && lookups.empty()) error = std::move(*failed);
        return;
      }
      for (Lookup& lookup : std::get<Needs>(interruption).lookups) {
        if (std::find(lookups.begin(), lookups.end(), lookup) == lookups.end()) lookups.push_back(std::move(lookup));
      }
    }
    bool stopped() const { return error.has_value(); }
  };

  Json render(const Variables& variables, const Environment& environment, bool typed, Collected& collected) const {
    if (literal) return constant;
    switch (kind) {
      case Kind::constant: return constant;
      case Kind::text: {
        if (typed) {
          auto rendered = text.render_typed(variables, environment);
          if (rendered) return std::move(*rendered);
          collected.take(std::move(rendered.error()));
          return nullptr;
        }
        auto rendered = text.render(variables, environment);
        if (rendered) return boost::json::string(*rendered);
        collected.take(std::move(rendered.error()));
        return nullptr;
      }
      case Kind::list: {
        JsonArray array;
        array.reserve(items.size());
        for (const Part& item : items) {
          if (collected.stopped()) break;
          array.push_back(item.render(variables, environment, typed, collected));
        }
        return array;
      }
      case Kind::map: {
        JsonObject object;
        for (std::size_t i = 0; i < keys.size(); ++i) {
          if (collected.stopped()) break;
          auto name = keys[i].render(variables, environment);
          if (!name) {
            collected.take(std::move(name.error()));
            continue;
          }
          Json value = items[i].render(variables, environment, typed, collected);
          object[*name] = std::move(value);
        }
        return object;
      }
    }
    return nullptr;
  }

  void references(Template::References& into, std::set<std::vector<std::string>>& seen) const {
    if (literal) return;
    const auto add = [&](const Template& one) {
      into.is_open = into.is_open || one.references().is_open;
      for (const auto& path : one.references().paths) if (seen.insert(path).second) into.paths.push_back(path);
    };
    add(text);
    for (const Part& item : items) item.references(into, seen);
    for (const Template& key : keys) add(key);
  }
};

Property Property::compile(const Json& value) {
  Property made;
  made.source_ = value;
  auto part = std::make_shared<Part>(Part::compile(value, 0));
  made.literal_ = part->literal;
  if (!made.literal_) made.root_ = std::move(part);
  return made;
}

namespace {
std::string printed(const Json& value) {
  if (value.is_null()) return {};
  return to_text(value);
}
}  // namespace

Rendered<std::string> Property::render_text(const Variables& variables, const Environment& environment) const {
  if (root_ && root_->kind == Part::Kind::text) return root_->text.render(variables, environment);
  auto rendered = render(variables, environment);
  if (!rendered) return std::unexpected(std::move(rendered.error()));
  return printed(*rendered);
}

namespace {
template <class Part, class Collected>
Rendered<Json> render_all(const Part& root, const Variables& variables, const Environment& environment, bool typed) {
  Collected collected;
  Json made = root.render(variables, environment, typed, collected);
  if (!collected.lookups.empty()) return std::unexpected(Interruption(Needs{std::move(collected.lookups)}));
  if (collected.error) return std::unexpected(Interruption(std::move(*collected.error)));
  return made;
}
}  // namespace

Rendered<Json> Property::render(const Variables& variables, const Environment& environment) const {
  if (!root_) return source_;
  return render_all<Part, Part::Collected>(*root_, variables, environment, false);
}

Rendered<Json> Property::render_typed(const Variables& variables, const Environment& environment) const {
  if (!root_) return source_;
  return render_all<Part, Part::Collected>(*root_, variables, environment, true);
}

Template::References Property::references() const {
  Template::References all;
  std::set<std::vector<std::string>> seen;
  if (root_) root_->references(all, seen);
  return all;
}

}  // namespace insula::expression
