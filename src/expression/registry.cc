// All that the language offers: the built-ins by name, and the list for people and editors.
#include "expression/builtin.h"

namespace insula::expression {

namespace {
constexpr auto groups = {text_filters, hash_filters, collection_filters, number_filters, date_filters, data_filters, tests, functions, random_functions, external_functions};

struct Symbol {
  Entry::Kind kind;
  std::string_view name, doc, example;
};

constexpr Symbol symbols[] = {
    {Entry::Kind::tag, "if", "Writes one of several parts: if, elseif, else, endif.", "{% if inputs.dry %}…{% else %}…{% endif %}"},
    {Entry::Kind::tag, "for", "Writes a part for each item; loop.index, loop.length, loop.first, loop.last and loop.revindex count from 0. With `else` for an empty list.", "{% for row in rows %}{{ row.id }}{% endfor %}"},
    {Entry::Kind::tag, "set", "Gives a value a name for the rest of the text.", "{% set total = a + b %}"},
    {Entry::Kind::tag, "macro", "Defines a part to be written again and again with arguments.", "{% macro greet(name='you') %}Hello {{ name }}{% endmacro %}{{ greet('Ada') }}"},
    {Entry::Kind::tag, "filter", "Sends a part through filters.", "{% filter upper %}text{% endfilter %}"},
    {Entry::Kind::tag, "block", "Names a part; block('name') writes it again.", "{% block 'head' %}…{% endblock %}{{ block('head') }}"},
    {Entry::Kind::tag, "raw", "Leaves the text as it is, on one line.", "{% raw %}{{ kept }}{% endraw %}"},
    {Entry::Kind::tag, "verbatim", "Leaves the text as it is.", "{% verbatim %}{{ kept }}{% endverbatim %}"},
    {Entry::Kind::operator_, "+", "Adds numbers, joins texts, appends to a list.", "{{ 1 + 2 }}"},
    {Entry::Kind::operator_, "-", "Subtracts numbers, takes an item out of a list, or changes the sign.", "{{ 3 - 2 }}"},
    {Entry::Kind::operator_, "*", "Multiplies numbers.", "{{ 2 * 3 }}"},
    {Entry::Kind::operator_, "/", "Divides numbers; integers give an integer.", "{{ 7 / 2 }}"},
    {Entry::Kind::operator_, "%", "The remainder of a division.", "{{ 7 % 2 }}"},
    {Entry::Kind::operator_, "~", "Joins the texts of two values.", "{{ 'a' ~ 1 }}"},
    {Entry::Kind::operator_, "|", "Applies a filter.", "{{ name | upper }}"},
    {Entry::Kind::operator_, "..", "A list from a number or letter to another.", "{{ 1..5 }}"},
    {Entry::Kind::operator_, "==", "Equal.", "{{ a == b }}"},
    {Entry::Kind::operator_, "equals", "Equal.", "{{ a equals b }}"},
    {Entry::Kind::operator_, "!=", "Not equal.", "{{ a != b }}"},
    {Entry::Kind::operator_, "<", "Less; numbers only.", "{{ 1 < 2 }}"},
    {Entry::Kind::operator_, "<=", "Less or equal; numbers only.", "{{ 1 <= 2 }}"},
    {Entry::Kind::operator_, ">", "Greater; numbers only.", "{{ 2 > 1 }}"},
    {Entry::Kind::operator_, ">=", "Greater or equal; numbers only.", "{{ 2 >= 1 }}"},
    {Entry::Kind::operator_, "and", "Both.", "{{ a and b }}"},
    {Entry::Kind::operator_, "or", "One of both.", "{{ a or b }}"},
    {Entry::Kind::operator_, "not", "The contrary.", "{{ not a }}"},
    {Entry::Kind::operator_, "is", "Whether a test holds.", "{{ x is defined }}"},
    {Entry::Kind::operator_, "is not", "Whether a test does not hold.", "{{ x is not empty }}"},
    {Entry::Kind::operator_, "contains", "Whether a text, list or map has a part, item or key.", "{{ [1, 2] contains 1 }}"},
    {Entry::Kind::operator_, "isIn", "Whether an item or key is in a list or map.", "{{ 1 isIn [1, 2] }}"},
    {Entry::Kind::operator_, "??", "The right side where the left is missing or null.", "{{ inputs.name ?? 'nobody' }}"},
    {Entry::Kind::operator_, "???", "The right side where the left is missing.", "{{ inputs.name ??? 'nobody' }}"},
    {Entry::Kind::operator_, "? :", "One of two values.", "{{ a ? 'yes' : 'no' }}"},
};
}  // namespace

const Builtin* find_builtin(Entry::Kind kind, std::string_view name) {
  static const auto index = [] {
    std::map<std::pair<Entry::Kind, std::string_view>, const Builtin*> made;
    for (const auto& group : groups) for (const Builtin& builtin : group()) made.emplace(std::pair(builtin.kind, builtin.name), &builtin);
    return made;
  }();
  const auto found = index.find({kind, name});
  return found == index.end() ? nullptr : found->second;
}

const std::vector<Entry>& registry() {
  static const auto entries = [] {
    std::vector<Entry> made;
    for (const auto& group : groups) {
      for (const Builtin& builtin : group()) {
        made.push_back({builtin.kind, std::string(builtin.name), builtin.parameters, std::string(builtin.doc), std::string(builtin.example), builtin.deprecated});
      }
    }
    for (const Symbol& symbol : symbols) made.push_back({symbol.kind, std::string(symbol.name), {}, std::string(symbol.doc), std::string(symbol.example), false});
    std::sort(made.begin(), made.end(), [](const Entry& a, const Entry& b) { return std::pair(a.kind, a.name) < std::pair(b.kind, b.name); });
    return made;
  }();
  return entries;
}

}  // namespace insula::expression
