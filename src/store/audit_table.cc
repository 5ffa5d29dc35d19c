#include "store/identity_tables.h"
#include "store/search.h"

namespace insula::store {
namespace {

std::vector<Column> audit_columns() {
  constexpr auto integer = ColumnType::integer;
  return {{"sequence", integer, ColumnRole::key}, {"id"}, {"at", integer}, {"kind"}, {"resource"}, {"object_id"}, {"namespace"}, {"flow_id"}, {"execution_id"},
          {"user_id"}, {"user_name"}, {"impersonator"}, {"address"}, {"result"}, {"detail"}, {"before_text"}, {"after_text"}, {"hash"}};
}

std::vector<Column> chain_columns() {
  constexpr auto integer = ColumnType::integer;
  return {{"one", integer, ColumnRole::key}, {"last_sequence", integer}, {"last_hash"}, {"first_sequence", integer}, {"first_hash"}};
}

AuditRow from_row(const Row& row) {
  Cursor cell(row);
  AuditRow a;
  a.sequence = cell.integer();
  a.id = cell.id<AuditId>();
  a.at = cell.instant();
  a.kind = cell.text();
  a.resource = cell.text();
  a.object_id = cell.text();
  a.ns = cell.id<Namespace>();
  a.flow_id = cell.id<FlowId>();
  a.execution_id = cell.id<ExecutionId>();
  a.user = cell.id<UserId>();
  a.user_name = cell.text();
  a.impersonator = cell.id<UserId>();
  a.address = cell.text();
  a.result = cell.text();
  a.detail = cell.object();
  a.before = cell.text();
  a.after = cell.text();
  a.hash = cell.text();
  return a;
}

// Lengths stand before the texts, so that no two entries have one form. Every field counts but the hash itself.
std::string chained(std::string_view before, const AuditRow& a) {
  std::string form;
  const auto add = [&form](std::string_view text) { fmt::format_to(std::back_inserter(form), "{}:{}", text.size(), text); };
  add(before);
  add(std::to_string(a.sequence));
  add(a.id.str());
  add(std::to_string(a.at.time_since_epoch().count()));
  for (const std::string_view text : {std::string_view(a.kind), std::string_view(a.resource), std::string_view(a.object_id), std::string_view(a.ns.str()), std::string_view(a.flow_id.str()),
                                      std::string_view(a.execution_id.str()), std::string_view(a.user.str()), std::string_view(a.user_name), std::string_view(a.impersonator.str()),
                                      std::string_view(a.address), std::string_view(a.result)}) {
    add(text);
  }
  add(a.detail.empty() ? std::string() : write_json(a.detail));
  add(a.before);
  add(a.after);
  return hex_encode(sha256(form));
}

// What the database keeps of a text is UTF-8 without NUL: the hash is over that.
void make_storable(AuditRow& a) {
  for (std::string* text : {&a.kind, &a.resource, &a.object_id, &a.user_name, &a.address, &a.result, &a.before, &a.after}) *text = storable_text(std::move(*text));
  a.ns = Namespace(storable_text(a.ns.str()));
  a.flow_id = FlowId(storable_text(a.flow_id.str()));
  a.execution_id = ExecutionId(storable_text(a.execution_id.str()));
  if (!a.detail.empty()) {
    auto read = parse_json(storable_text(write_json(a.detail)));
    a.detail = read && read->is_object() ? std::move(read->as_object()) : JsonObject{};
  }
}

constexpr std::array kFields{Field{"id", "a.id"}, Field{"type", "a.kind"}, Field{"resource", "a.resource"}, Field{"objectId", "a.object_id"}, Field{"namespace", "a.namespace"},
    Field{"flowId", "a.flow_id"}, Field{"executionId", "a.execution_id"}, Field{"userId", "a.user_id"}, Field{"username", "a.user_name"}, Field{"result", "a.result"},
    Field{"startDate", "a.at", FieldKind::instant, true, false}, Field{"endDate", "a.at", FieldKind::instant, true, false}, Field{"date", "a.at", FieldKind::instant},
    Field{"sequence", "a.sequence", FieldKind::integer}};
constexpr std::array<std::string_view, 7> kWordColumns{"a.kind", "a.resource", "a.object_id", "a.namespace", "a.flow_id", "a.user_name", "a.detail"};

}  // namespace

AuditTable::AuditTable(std::string_view name, std::string_view chain, bool of_tenant)
    : table_{name, audit_columns(), of_tenant}, chain_{chain, chain_columns(), of_tenant}, of_tenant_(of_tenant) {}

const AuditTable& AuditTable::of_tenant() {
  static const AuditTable table("audit", "audit_chain", true);
  return table;
}
const AuditTable& AuditTable::of_instance() {
  static const AuditTable table("instance_audit", "instance_audit_chain", false);
  return table;
}

std::string AuditTable::rows(std::string_view rest) const { return fmt::format("select {} from {} a where {} {}", columns_of(table_, "a"), table_.name, mine(), rest); }

AuditTable::Chain AuditTable::chain(Connection& c) const {
  Chain chain;
  c.query(fmt::format("select {} from {} a where {}", columns_of(chain_, "a"), chain_.name, mine()), {}, [&](const Row& row) {
    Cursor cell(row);
    cell.integer();
    chain.last_sequence = cell.integer();
    chain.last_hash = cell.text();
    chain.first_sequence = cell.integer();
    chain.first_hash = cell.text();
  });
  return chain;
}

void AuditTable::write_chain(Connection& c, const Chain& chain) const {
  c.upsert(chain_, Cells().integer(1).integer(chain.last_sequence).text(chain.last_hash).integer(chain.first_sequence).text(chain.first_hash));
}

void AuditTable::append(Connection& c, const std::vector<AuditRow>& entries) const {
  if (entries.empty()) return;
  Chain at = chain(c);
  std::vector<AuditRow> chosen;
  std::set<AuditId> taken;
  for (const AuditRow& entry : entries) {
    if (!taken.insert(entry.id).second || find(c, entry.id)) continue;
    AuditRow a = entry;
    make_storable(a);
    a.sequence = ++at.last_sequence;
    a.hash = at.last_hash = chained(at.last_hash, a);
    chosen.push_back(std::move(a));
  }
  if (chosen.empty()) return;
  Cells rows;
  for (const AuditRow& a : chosen) {
    rows.integer(a.sequence).id(a.id).instant(a.at).text(a.kind).text(a.resource).text(a.object_id).id(a.ns).id(a.flow_id).id(a.execution_id).id(a.user);
    rows.text(a.user_name).id(a.impersonator).text(a.address).text(a.result).json(a.detail).text(a.before).text(a.after).text(a.hash);
  }
  c.insert(table_, rows);
  write_chain(c, at);
}

void AuditTable::purge(Connection& c, Instant before) const {
  // Entries go from the oldest on, up to the first that is to be kept; the chain then begins with the hash of the last one gone.
  const std::string kept = fmt::format("select min(a.sequence) from {} a where {} and a.at >= $1", table_.name, mine());
  Chain at = chain(c);
  const std::int64_t first_kept = query_integer(c, kept, Cells().instant(before)).value_or(at.last_sequence + 1);
  if (first_kept <= at.first_sequence) return;
  std::optional<std::string> hash;
  c.query(fmt::format("select a.hash from {} a where {} and a.sequence = $1", table_.name, mine()), Cells().integer(first_kept - 1), [&](const Row& row) { hash = row.text(0); });
  if (!hash) broken("The audit log has a gap; it is not purged.", std::to_string(first_kept - 1));
  at.first_sequence = first_kept;
  at.first_hash = std::move(*hash);
  c.execute(fmt::format("delete from {} where {} and sequence < $1", table_.name, of_tenant_ ? "{tenant}" : "true"), Cells().integer(first_kept));
  write_chain(c, at);
}

Found<AuditRow> AuditTable::search(Connection& c, const Query& query) const {
  SqlText sql;
  Search search(c.dialect(), kFields, sql);
  for (const Filter& filter : query.filters) {
    if (filter.field == "q") search.words(filter, kWordColumns);
    else search.filter(filter);
  }
  search.visible_namespaces(query, "a.namespace");
  Found<AuditRow> found;
  found.total = query_integer(c, fmt::format("select count(*) from {} a where {}{}", table_.name, mine(), sql.text), sql.cells).value_or(0);
  const std::string where = sql.text;
  const std::string order = search.order(query.page, {{"sequence", true}}, "a.sequence");
  c.query(rows(where + order + search.limit(query.page)), sql.cells, [&](const Row& row) { found.rows.push_back(from_row(row)); });
  return found;
}

std::optional<AuditRow> AuditTable::find(Connection& c, const AuditId& id) const {
  std::optional<AuditRow> found;
  c.query(rows("and a.id = $1"), Cells().id(id), [&](const Row& row) { found = from_row(row); });
  return found;
}

std::vector<AuditRow> AuditTable::history(Connection& c, std::string_view object_id) const {
  std::vector<AuditRow> out;
  c.query(rows("and a.object_id = $1 order by a.sequence desc limit 1000"), Cells().text(object_id), [&](const Row& row) { out.push_back(from_row(row)); });
  return out;
}

AuditVerdict AuditTable::verify(Connection& c) const {
  AuditVerdict verdict;
  const Chain at = chain(c);
  std::string before = at.first_hash;
  std::int64_t expected = at.first_sequence;
  c.query(rows("order by a.sequence"), {}, [&](const Row& row) {
    if (verdict.broken_at) return;
    const AuditRow a = from_row(row);
    ++verdict.entries;
    if (a.sequence != expected) {
      verdict.broken_at = std::min(a.sequence, expected);
      verdict.reason = a.sequence > expected ? fmt::format("entry {} is missing", expected) : fmt::format("entry {} stands where {} was expected", a.sequence, expected);
    } else if (chained(before, a) != a.hash) {
      verdict.broken_at = a.sequence;
      verdict.reason = fmt::format("entry {} ({} {} {}) is not what was written", a.sequence, a.kind, a.resource, a.object_id);
    }
    before = a.hash;
    ++expected;
  });
  if (!verdict.broken_at && (expected != at.last_sequence + 1 || before != (at.last_hash.empty() ? at.first_hash : at.last_hash))) {
    verdict.broken_at = at.last_sequence;
    verdict.reason = fmt::format("the log ends with entry {}, but entry {} was written last", expected - 1, at.last_sequence);
  }
  return verdict;
}

}  // namespace insula::store
