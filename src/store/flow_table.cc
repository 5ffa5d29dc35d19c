#include "store/search.h"
#include "store/tables.h"

namespace insula::store::flow_table {
namespace {

const Table& heads() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"flows", {{"namespace", ColumnType::text, ColumnRole::key}, {"id", ColumnType::text, ColumnRole::key}, {"revision", integer},
      {"deleted", integer}, {"disabled", integer}, {"description"}, {"labels"}, {"updated", integer}, {"trigger_types"}}};
  return table;
}
const Table& all_revisions() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"flow_revisions", {{"namespace", ColumnType::text, ColumnRole::key}, {"id", ColumnType::text, ColumnRole::key},
      {"revision", integer, ColumnRole::key}, {"deleted", integer}, {"disabled", integer}, {"description"}, {"labels"}, {"updated", integer},
      {"trigger_types"}, {"source"}}};
  return table;
}

FlowRow from_row(const Row& row) {
  Cursor cell(row);
  FlowRow f;
  f.ns = cell.id<Namespace>();
  f.id = cell.id<FlowId>();
  f.revision = cell.small();
  f.deleted = cell.flag();
  f.disabled = cell.flag();
  f.description = cell.text();
  f.labels = unpack_labels(cell.text());
  f.updated = cell.instant();
  const std::string types = cell.text();
  if (!types.empty()) f.trigger_types = split(types, ' ');
  f.source = cell.text();
  return f;
}

void append(Cells& rows, const FlowRow& f) {
  rows.id(f.ns).id(f.id).integer(f.revision).flag(f.deleted).flag(f.disabled).text(f.description).own(pack_labels(f.labels));
  rows.instant(f.updated).own(join(f.trigger_types, " "));
}

std::string select_heads(std::string_view condition) {
  return fmt::format("select {} from flows f join flow_revisions r on {{tenant r}} and r.namespace = f.namespace and r.id = f.id and r.revision = f.revision "
                     "where {{tenant f}}{}", columns_of(all_revisions(), "r"), condition);
}
std::string select_revisions(std::string_view condition) {
  return fmt::format("select {} from flow_revisions r where {{tenant r}} and {}", columns_of(all_revisions(), "r"), condition);
}

std::vector<FlowRow> all(Connection& c, std::string_view sql, const Cells& parameters) {
  std::vector<FlowRow> out;
  c.query(sql, parameters, [&](const Row& row) { out.push_back(from_row(row)); });
  return out;
}
std::optional<FlowRow> first(std::vector<FlowRow> rows) { return rows.empty() ? std::nullopt : std::optional(std::move(rows.front())); }

constexpr std::array kFields{Field{"namespace", "f.namespace"}, Field{"flowId", "f.id"}, Field{"id", "f.id"},
    Field{"revision", "f.revision", FieldKind::integer}, Field{"updated", "f.updated", FieldKind::instant}};
constexpr std::array<std::string_view, 4> kWordColumns{"f.id", "f.namespace", "f.description", "f.labels"};

// A label stands in the packed list as `["key","value"]`; a quote inside a text is escaped, so nothing else reads like it.
void by_label(Search& search, const Dialect& dialect, SqlText& sql, const Filter& written) {
  const Filter filter = label_filter(written);
  std::string any;
  for (const std::string& value : filter.values) {
    const std::string packed = pack_labels({{filter.key, value}});
    any += (any.empty() ? "" : " or ") + dialect.contains("f.labels", sql.bind(std::string_view(packed).substr(1, packed.size() - 2)));
  }
  if (any.empty()) any = "false";
  if (filter.op == Op::equals || filter.op == Op::in) return search.also(fmt::format("({})", any));
  if (filter.op == Op::not_equals || filter.op == Op::not_in) return search.also(fmt::format("not ({})", any));
  refuse("filter-operation-unsupported", fmt::format("Labels of flows cannot be compared with {}.", to_string(filter.op)));
}

void by_enabled(Search& search, const Filter& filter) {
  const auto value = single_value(filter);
  if (!value || (*value != "true" && *value != "false")) refuse("filter-invalid", "The filter on `enabled` is EQUALS true or false.");
  search.also(*value == "true" ? "f.disabled = 0" : "f.disabled = 1");
}

}  // namespace

void write(Connection& c, const std::vector<FlowRow>& flows) {
  Cells head_rows, revision_rows;
  std::map<std::pair<Namespace, FlowId>, const FlowRow*> newest;
  for (const FlowRow& f : flows) {
    append(revision_rows, f);
    revision_rows.text(f.source);
    const FlowRow*& head = newest[{f.ns, f.id}];
    if (head == nullptr || f.revision >= head->revision) head = &f;
  }
  for (const auto& [key, f] : newest) append(head_rows, *f);
  c.upsert(all_revisions(), revision_rows);
  c.upsert(heads(), head_rows);
}

std::optional<FlowRow> head(Connection& c, const Namespace& ns, const FlowId& id) {
  static const std::string sql = select_heads(" and f.namespace = $1 and f.id = $2");
  return first(all(c, sql, Cells().id(ns).id(id)));
}

std::optional<FlowRow> revision(Connection& c, const Namespace& ns, const FlowId& id, int revision) {
  static const std::string sql = select_revisions("r.namespace = $1 and r.id = $2 and r.revision = $3");
  return first(all(c, sql, Cells().id(ns).id(id).integer(revision)));
}

std::vector<FlowRow> revisions(Connection& c, const Namespace& ns, const FlowId& id) {
  static const std::string sql = select_revisions("r.namespace = $1 and r.id = $2 order by r.revision");
  return all(c, sql, Cells().id(ns).id(id));
}

std::vector<FlowRow> with_triggers(Connection& c) {
  static const std::string sql = select_heads(" and f.deleted = 0 and f.trigger_types <> '' order by f.namespace, f.id");
  return all(c, sql, {});
}

std::vector<FlowRow> of_namespace(Connection& c, const Namespace& ns) {
  static const std::string sql = select_heads(" and f.deleted = 0 and f.namespace = $1 order by f.id");
  return all(c, sql, Cells().id(ns));
}

std::vector<std::string> namespaces(Connection& c, const std::string& prefix) {
  SqlText sql;
  Search search(c.dialect(), kFields, sql);
  if (!prefix.empty()) search.also(search.text_condition({"namespace", Op::starts_with, {}, {prefix}}, "f.namespace"));
  std::vector<std::string> out;
  c.query(fmt::format("select distinct f.namespace from flows f where {{tenant f}} and f.deleted = 0{} order by f.namespace", sql.text), sql.cells,
          [&](const Row& row) { out.emplace_back(row.text(0)); });
  return out;
}

Found<FlowRow> search(Connection& c, const Query& query) {
  SqlText sql;
  Search search(c.dialect(), kFields, sql);
  search.also("f.deleted = 0");
  for (const Filter& filter : query.filters) {
    if (filter.field == "q") search.words(filter, kWordColumns);
    else if (filter.field == "scope") search.scope(filter, "f.namespace");
    else if (filter.field == "labels") by_label(search, c.dialect(), sql, filter);
    else if (filter.field == "enabled") by_enabled(search, filter);
    else search.filter(filter);
  }
  search.visible_namespaces(query, "f.namespace");
  const std::string where = sql.text;
  Found<FlowRow> found;
  found.total = query_integer(c, fmt::format("select count(*) from flows f where {{tenant f}}{}", where), sql.cells).value_or(0);
  const std::string order = search.order(query.page, {{"namespace", false}, {"id", false}}, "f.id");
  const std::string unique = order.find("f.namespace") == std::string::npos ? ", f.namespace" : "";
  found.rows = all(c, select_heads(where + order + unique + search.limit(query.page)), sql.cells);
  return found;
}

}  // namespace insula::store::flow_table
