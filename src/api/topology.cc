#include "api/topology.h"

#include "triggers/triggers.h"
#include "triggers/upstream.h"

namespace insula::api {
namespace {

// Words without which a source can neither start a flow nor listen to one: what has none of them need not be read.
bool may_name_flows(std::string_view source) {
  for (const std::string_view word : {"Subflow", "flows.Flow", "ForEachItem", "trigger.Flow", "types.Flow"})
    if (source.contains(word)) return true;
  return false;
}

class Reading {
 public:
  Reading(const Call& call, store::TenantReader& reader) : call_(call), reader_(reader) {}

  Result<Topology> read() {
    if (const auto rows = read_rows(); !rows) return fail(rows.error());
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      if (!may_name_flows(rows_[i].source)) continue;
      const auto flow = call_.engine().compiled(call_.scope(), rows_[i]);
      if (!flow) continue;   // a source that this version cannot read says nothing
      add_started(i, **flow);
      add_heard(i, **flow);
    }
    for (const auto& [pair, is_trigger] : links_) topology_.links.push_back({pair.first, pair.second, is_trigger});
    return std::move(topology_);
  }

 private:
  Result<void> read_rows() {
    store::Query query;
    query.namespaces = call_.namespaces();
    query.page.size = 1'000;
    for (query.page.number = 1;; ++query.page.number) {
      auto found = reader_.search_flows(query);
      if (!found) return fail(std::move(found.error()));
      const bool is_last = std::cmp_less(found->rows.size(), query.page.size);
      for (store::FlowRow& row : found->rows) {
        topology_.flows.emplace_back(row.ns, row.id);
        index_.emplace(std::pair(row.ns, row.id), rows_.size());
        rows_.push_back(std::move(row));
      }
      if (is_last) return {};
    }
  }

  void add_started(std::size_t source, const flow::Flow& flow) {
    for (const flow::Task& task : flow.tasks) {
      if (task.info->runs != flow::Runs::subflow) continue;
      const auto target = index_.find({Namespace(text_or(task.properties, "namespace")), FlowId(text_or(task.properties, "flowId"))});
      if (target != index_.end()) add(source, target->second, false);
    }
  }

  void add_heard(std::size_t target, const flow::Flow& flow) {
    for (const flow::Trigger& trigger : flow.triggers) {
      if (trigger.type != triggers::kFlow) continue;
      for (std::size_t source = 0; source < rows_.size(); ++source)
        if (triggers::may_follow(trigger, rows_[source].ns, rows_[source].id)) add(source, target, true);
    }
  }

  void add(std::size_t source, std::size_t target, bool is_trigger) {
    if (source == target) return;
    const auto [link, is_new] = links_.emplace(std::pair(source, target), is_trigger);
    if (!is_new) link->second = link->second && is_trigger;
  }

  const Call& call_;
  store::TenantReader& reader_;
  std::vector<store::FlowRow> rows_;
  std::map<std::pair<Namespace, FlowId>, std::size_t> index_;
  std::map<std::pair<std::size_t, std::size_t>, bool> links_;
  Topology topology_;
};

}  // namespace

std::vector<FlowLink> Topology::around(std::size_t flow, bool destination_only, bool all) const {
  std::vector<FlowLink> found;
  std::vector<bool> is_taken(links.size(), false), is_seen(flows.size(), false);
  std::vector<std::size_t> open = {flow};
  is_seen[flow] = true;
  while (!open.empty()) {
    const std::size_t here = open.back();
    open.pop_back();
    for (std::size_t i = 0; i < links.size(); ++i) {
      const FlowLink& link = links[i];
      if (is_taken[i] || !(link.target == here || (link.source == here && !destination_only))) continue;
      is_taken[i] = true;
      found.push_back(link);
      const std::size_t other = link.target == here ? link.source : link.target;
      if (!all || is_seen[other]) continue;
      is_seen[other] = true;
      open.push_back(other);
    }
  }
  return found;
}

Result<Topology> topology_of(const Call& call, store::TenantReader& reader) { return Reading(call, reader).read(); }

}  // namespace insula::api
