#include "store/tables.h"

namespace insula::store::window_table {
namespace {

const Table& table() {
  constexpr auto integer = ColumnType::integer;
  static const Table table{"trigger_windows", {{"namespace", ColumnType::text, ColumnRole::key}, {"flow_id", ColumnType::text, ColumnRole::key},
      {"trigger_id", ColumnType::text, ColumnRole::key}, {"condition_id", ColumnType::text, ColumnRole::key}, {"start", integer}, {"finish", integer},
      {"met"}, {"outputs"}}};
  return table;
}

Json met_of(const triggers::Window& window) {
  JsonArray names;
  for (const std::string& name : window.met) names.emplace_back(name);
  return names;
}

}  // namespace

void write(Connection& c, const std::vector<triggers::Window>& windows) {
  Cells rows;
  for (const triggers::Window& w : windows) {
    rows.id(w.ns).id(w.flow_id).id(w.trigger_id).text(w.condition_id).instant(w.start).instant(w.end).json(met_of(w)).json(Json(w.outputs));
  }
  c.upsert(table(), rows);
}

void erase(Connection& c, const std::vector<triggers::Window>& windows) {
  Cells keys;
  for (const triggers::Window& w : windows) keys.id(w.ns).id(w.flow_id).id(w.trigger_id).text(w.condition_id);
  c.erase(table(), keys, 4);
}

std::vector<triggers::Window> all(Connection& c) {
  std::vector<triggers::Window> out;
  c.query(fmt::format("select {} from trigger_windows w where {{tenant w}} order by w.namespace, w.flow_id, w.trigger_id, w.condition_id", columns_of(table(), "w")), {}, [&](const Row& row) {
    Cursor cell(row);
    triggers::Window w;
    w.ns = cell.id<Namespace>();
    w.flow_id = cell.id<FlowId>();
    w.trigger_id = cell.id<TriggerId>();
    w.condition_id = cell.text();
    w.start = cell.instant();
    w.end = cell.instant();
    if (const Json met = cell.json(); met.is_array()) {
      for (const Json& name : met.get_array()) w.met.push_back(to_text(name));
    }
    if (Json outputs = cell.json(); outputs.is_object()) w.outputs = std::move(outputs.get_object());
    out.push_back(std::move(w));
  });
  return out;
}

}  // namespace insula::store::window_table
