#include "store/tables.h"

namespace insula::store {
namespace {

const Table& label_rows() {
  static const Table table{"execution_labels", {{"execution_id", ColumnType::text, ColumnRole::key}, {"label_key", ColumnType::text, ColumnRole::key},
                           {"label_value"}, {"start_date", ColumnType::integer}}};
  return table;
}

// Every execution carries its own id as correlation id: an index entry that finds what the key finds.
bool indexed(const execution::Header& header, const flow::Label& label) {
  return label.key != "system.correlationId" || label.value != header.id.str();
}

}  // namespace

std::string pack_labels(const std::vector<flow::Label>& labels) {
  std::string out = "[";
  for (const flow::Label& label : labels) {
    out += out.size() == 1 ? "[" : ",[";
    write_json_string(label.key, out);
    out += ',';
    write_json_string(label.value, out);
    out += ']';
  }
  return out += ']';
}

std::vector<flow::Label> unpack_labels(std::string_view text) {
  std::vector<flow::Label> labels;
  const auto parsed = parse_json(text);
  if (!parsed || !parsed->is_array()) broken("A stored list of labels cannot be read.", std::string(text.substr(0, 200)));
  for (const Json& pair : parsed->as_array()) {
    if (!pair.is_array() || pair.as_array().size() != 2) broken("A stored label cannot be read.");
    labels.push_back({to_text(pair.as_array()[0]), to_text(pair.as_array()[1])});
  }
  return labels;
}

namespace label_table {

void replace(Connection& c, const std::vector<const execution::Header*>& executions) {
  Cells keys, rows;
  for (const execution::Header* header : executions) {
    keys.id(header->id);
    for (const flow::Label& label : header->labels) {
      if (indexed(*header, label)) rows.id(header->id).text(label.key).text(label.value).instant(header->state.start());
    }
  }
  c.erase(label_rows(), keys, 1);
  c.upsert(label_rows(), rows);
}

void erase(Connection& c, const std::vector<ExecutionId>& executions) {
  Cells keys;
  for (const ExecutionId& id : executions) keys.id(id);
  c.erase(label_rows(), keys, 1);
}

std::string fingerprint(const execution::Header& header) {
  std::string text = std::to_string(header.state.start().time_since_epoch().count());
  for (const flow::Label& label : header.labels) {
    if (indexed(header, label)) text.append(1, '\0').append(label.key).append(1, '\1').append(label.value);
  }
  return sha256(text).substr(0, 16);
}

}  // namespace label_table
}  // namespace insula::store
