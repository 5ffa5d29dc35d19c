#include "flow/graph.h"

namespace insula::flow {
namespace {

std::string_view short_type(const Task& task) {
  const std::string_view type = task.type;
  return type.substr(type.rfind('.') + 1);
}

// What lies between the children of a flowable.
Relation relation_of(const Task& task) {
  const std::string_view type = short_type(task);
  if (type == "If" || type == "Switch") return Relation::choice;
  if (type == "Parallel") return Relation::parallel;
  if (type == "ForEach" || type == "EachSequential" || type == "EachParallel" || type == "Dag") return Relation::dynamic;
  return Relation::sequential;
}

// How the members of its lists stand to each other.
Relation list_relation_of(const Task& task) {
  const std::string_view type = short_type(task);
  return type == "Parallel" || type == "EachParallel" ? Relation::parallel : Relation::sequential;
}

bool is_alternative(Relation relation) { return relation == Relation::error || relation == Relation::finally || relation == Relation::after_execution; }

// The lists that are always drawn as the work of the task: not those for errors, and not what is asked for in a pause.
bool is_work(const Branch& branch) { return branch.name != "errors" && branch.name != "finally" && branch.name != "onPause"; }

const std::vector<TaskIndex>& tasks_of(const Branch* branch) {
  static const std::vector<TaskIndex> none;
  return branch == nullptr ? none : branch->tasks;
}

// A suffix in the form of an id, so that no task of the flow has the same uid; the same for the same place.
std::string mark(std::string_view place) {
  constexpr std::string_view digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr std::size_t length = 22;
  std::uint64_t hash = 14695981039346656037U;   // FNV-1a, stirred once more for each digit
  for (const char c : place) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
  std::string out;
  for (std::size_t i = 0; i < length; ++i) {
    out += digits[(hash >> 32U) % digits.size()];
    hash = (hash ^ (hash >> 29U)) * 1099511628211U + 1;
  }
  return out;
}

// The two ends of what was drawn for one task: one node, or a cluster.
struct Drawn {
  std::string in, out;
};

// An open cluster, or the whole flow, while it is filled.
struct Place {
  std::string path;                        // what uids in it begin with
  std::optional<std::size_t> cluster = {};
  Relation relation = Relation::none;
  std::string root, end;
  std::string finally, after;              // where the parts before them lead: a node of its own, or what follows
  std::string head = {};                   // what the first tasks hang on
  std::vector<std::string> parents = {};   // for clusters in it
  std::string parent_run = {};
  std::vector<std::string> values = {};    // of the loops around
};

class Drawing {
 public:
  explicit Drawing(const GraphRequest& request) : request_(request) {
    for (std::size_t i = 0; i < request.runs.size(); ++i) runs_[request.runs[i].task.str()].push_back(i);
  }

  Result<FlowGraph> draw() {
    graph_.flows.push_back(request_.flow);
    Place root = open({.path = "root"}, *request_.flow);
    fill(root, *request_.flow, !request_.runs.empty());
    if (error_) return fail(std::move(*error_));
    return std::move(graph_);
  }

 private:
  // ---- nodes, edges, clusters

  void add_node(const Place& place, GraphNode node) {
    if (place.cluster) graph_.clusters[*place.cluster].nodes.push_back(node.uid);
    graph_.nodes.push_back(std::move(node));
  }

  // Runs of one task in several iterations have the same path, so the cluster tells their ends apart.
  std::string uid_of_end(const Place& place, std::string_view name) const {
    return fmt::format("{}.{}-{}", place.path, name, mark(fmt::format("{} {}", place.cluster ? graph_.clusters[*place.cluster].uid : place.path, name)));
  }

  std::string add_end(const Place& place, GraphNode::Kind kind, std::string_view name, Relation branch) {
    std::string uid = uid_of_end(place, name);
    add_node(place, {.kind = kind, .uid = uid, .branch = branch});
    return uid;
  }

  void add_edge(const std::string& source, const std::string& target, Relation relation = Relation::none, std::optional<std::string> value = {}) {
    graph_.edges.push_back({source, target, relation, std::move(value)});
  }

  Place open(Place place, bool has_finally, bool has_after, Relation branch) {
    place.root = add_end(place, GraphNode::Kind::root, "root", branch);
    if (has_finally) place.finally = add_end(place, GraphNode::Kind::finally, "finally", branch);
    if (has_after) place.after = add_end(place, GraphNode::Kind::after_execution, "after-execution", branch);
    place.end = add_end(place, GraphNode::Kind::end, "end", branch);
    if (place.cluster) {
      GraphCluster& cluster = graph_.clusters[*place.cluster];
      cluster.start = place.root;
      cluster.end = place.end;
      cluster.finally = has_finally ? place.finally : uid_of_end(place, "finally");
    }
    if (place.after.empty()) place.after = place.end;
    if (place.finally.empty()) place.finally = place.after;
    place.head = place.root;
    return place;
  }

  Place open(Place place, const Flow& flow) { return open(std::move(place), !flow.finally.tasks.empty(), !flow.after_execution.tasks.empty(), Relation::none); }

  // A cluster within `around`, known to it by its uid and its two ends. `uid`: without `cluster_`.
  Place open_inner(const Place& around, const std::string& path, const std::string& uid, GraphCluster::Kind kind, Relation relation, Relation branch, bool has_finally, bool has_after) {
    const std::size_t index = graph_.clusters.size();
    graph_.clusters.push_back({.kind = kind, .uid = "cluster_" + uid, .relation = relation, .branch = branch, .start = {}, .end = {}, .finally = {}, .parents = around.parents});
    Place place{.path = path, .cluster = index, .relation = relation, .root = {}, .end = {}, .finally = {}, .after = {}, .parents = around.parents, .values = around.values};
    place.parents.push_back("cluster_" + uid);
    place = open(std::move(place), has_finally, has_after, branch);
    if (around.cluster)
      for (const std::string& member : {"cluster_" + uid, place.root, place.end}) graph_.clusters[*around.cluster].nodes.push_back(member);
    return place;
  }

  // ---- flows and lists

  void fill(Place& place, const Flow& flow, bool with_runs) {
    const bool outer = std::exchange(with_runs_, with_runs);
    const Flow* const flow_around = std::exchange(flow_, &flow);
    if (!flow.triggers.empty()) draw_triggers(place, flow);
    draw_list(place, flow.main.tasks, Relation::sequential);
    draw_list(place, flow.errors.tasks, Relation::error);
    draw_list(place, flow.finally.tasks, Relation::finally);
    draw_list(place, flow.after_execution.tasks, Relation::after_execution);
    with_runs_ = outer;
    flow_ = flow_around;
  }

  void draw_triggers(const Place& around, const Flow& flow) {
    const std::string path = around.path + ".Triggers";
    const Place place = open_inner(around, path, path, GraphCluster::Kind::triggers, Relation::none, Relation::none, false, false);
    add_edge(place.end, around.root);
    for (const Trigger& trigger : flow.triggers) {
      const std::string uid = fmt::format("{}.{}", place.path, trigger.id);
      add_node(place, {.kind = GraphNode::Kind::trigger, .uid = uid, .trigger = &trigger});
      add_edge(place.root, uid);
      add_edge(uid, place.end);
    }
  }

  // Runs of the task within the enclosing run. Nothing ran there: drawn once, without a run.
  std::vector<std::optional<std::size_t>> runs_of(const Place& place, const Task& task) const {
    std::vector<std::optional<std::size_t>> found;
    const auto all = with_runs_ ? runs_.find(task.id.str()) : runs_.end();
    if (all != runs_.end())
      for (const std::size_t run : all->second)
        if (request_.runs[run].parent == place.parent_run) found.emplace_back(run);
    if (found.empty()) found.emplace_back();
    return found;
  }

  Relation edge_relation(const Place& place, Relation list, bool is_first) const {
    if (list == Relation::error) return list;
    return is_first || list == Relation::parallel || place.relation == Relation::dynamic ? place.relation : list;
  }

  void draw_list(Place& place, const std::vector<TaskIndex>& tasks, Relation list, std::optional<std::string> value = {}) {
    std::string previous = list == Relation::error ? place.root : list == Relation::finally ? place.finally : list == Relation::after_execution ? place.after : place.head;
    const std::string& next = list == Relation::after_execution ? place.end : list == Relation::finally ? place.after : place.finally;
    bool is_first = true;
    for (const TaskIndex index : tasks) {
      for (const auto run : runs_of(place, flow_->task(index))) {
        const Drawn drawn = draw_task(place, flow_->task(index), run, list);
        add_edge(previous, drawn.in, edge_relation(place, list, is_first), run && request_.runs[*run].value ? request_.runs[*run].value : value);
        if (list == Relation::parallel) add_edge(drawn.out, next);
        else previous = drawn.out;
        is_first = false;
      }
    }
    if (!is_first && list != Relation::parallel) add_edge(previous, next);
  }

  // ---- tasks

  Drawn draw_task(const Place& place, const Task& task, std::optional<std::size_t> run, Relation list) {
    GraphNode node{.kind = task.info->runs == Runs::subflow ? GraphNode::Kind::subflow : GraphNode::Kind::task, .relation = list, .task = &task, .run = run, .values = place.values};
    if (run && request_.runs[*run].value) node.values.push_back(*request_.runs[*run].value);
    node.uid = uid_of(place, task, node.values);
    node.branch = is_alternative(list) ? list : Relation::none;
    const bool has_work = std::ranges::any_of(task.branches, [](const Branch& branch) { return is_work(branch) && !branch.tasks.empty(); });
    if (has_work) return draw_flowable(place, std::move(node));
    if (node.kind == GraphNode::Kind::subflow && std::ranges::find(request_.expanded, node.uid) != request_.expanded.end()) return draw_subflow(place, std::move(node));
    const std::string uid = node.uid;
    add_node(place, std::move(node));
    return {uid, uid};
  }

  static std::string path_of(const Place& place, const Task& task) { return fmt::format("{}.{}", place.path, task.id); }
  static std::string uid_of(const Place& place, const Task& task, const std::vector<std::string>& values) {
    return values.empty() ? path_of(place, task) : fmt::format("{}_{}", path_of(place, task), fmt::join(values, "_"));
  }

  // The node of the task itself, between the beginning of its cluster and what is in it.
  void add_head(Place& place, GraphNode node) {
    graph_.clusters[*place.cluster].task = graph_.nodes.size();
    place.head = node.uid;
    add_edge(place.root, node.uid);
    add_node(place, std::move(node));
  }

  Drawn draw_flowable(const Place& around, GraphNode node) {
    const Task& task = *node.task;
    const Relation relation = relation_of(task);
    Place place = open_inner(around, path_of(around, task), node.uid, GraphCluster::Kind::flowable, relation, node.branch, !tasks_of(task.branch("finally")).empty(), false);
    if (node.run) {
      place.parent_run = request_.runs[*node.run].id;
      place.values = node.values;
    }
    node.relation = relation;
    add_head(place, std::move(node));
    for (const Branch& branch : task.branches) {
      if (!is_work(branch)) continue;
      if (short_type(task) == "Dag") draw_dag(place, branch.tasks);
      else if (relation == Relation::choice) draw_list(place, branch.tasks, Relation::sequential, branch.key.empty() ? branch.name : branch.key);
      else draw_list(place, branch.tasks, list_relation_of(task));
    }
    draw_list(place, tasks_of(task.branch("errors")), Relation::error);
    draw_list(place, tasks_of(task.branch("finally")), Relation::finally);
    return {place.root, place.end};
  }

  Drawn draw_subflow(const Place& around, GraphNode node) {
    Result<std::shared_ptr<const Flow>> subflow = request_.subflow(*node.task, node.run);
    if (!subflow) {
      if (!error_) error_ = std::move(subflow.error());
      return {node.uid, node.uid};
    }
    const Flow& flow = **subflow;
    graph_.flows.push_back(std::move(*subflow));
    Place place = open_inner(around, path_of(around, *node.task), node.uid, GraphCluster::Kind::subflow, Relation::sequential, node.branch, !flow.finally.tasks.empty(), !flow.after_execution.tasks.empty());
    add_head(place, std::move(node));
    place.values.clear();
    fill(place, flow, false);
    return {place.root, place.end};
  }

  // Each task after those it depends on; what nothing depends on leads to the end.
  void draw_dag(Place& place, const std::vector<TaskIndex>& tasks) {
    std::map<TaskIndex, std::vector<std::string>> drawn;   // the ends of what was drawn
    std::set<TaskIndex> needed;
    for (const TaskIndex index : tasks) needed.insert(flow_->task(index).depends_on.begin(), flow_->task(index).depends_on.end());
    while (drawn.size() < tasks.size()) {
      const std::size_t before = drawn.size();
      for (const TaskIndex index : tasks) {
        const Task& task = flow_->task(index);
        if (drawn.contains(index) || !std::ranges::all_of(task.depends_on, [&](TaskIndex on) { return drawn.contains(on); })) continue;
        draw_dag_task(place, task, drawn, needed.contains(index));
      }
      if (drawn.size() == before) return;   // a circle: refused when the flow is saved, but a stored one may have it
    }
  }

  void draw_dag_task(Place& place, const Task& task, std::map<TaskIndex, std::vector<std::string>>& drawn, bool is_needed) {
    std::vector<std::string> ends;
    for (const auto run : runs_of(place, task)) {
      const Drawn one = draw_task(place, task, run, Relation::sequential);
      const auto value = run ? request_.runs[*run].value : std::nullopt;
      if (task.depends_on.empty()) add_edge(place.head, one.in, Relation::parallel, value);
      for (const TaskIndex on : task.depends_on)
        for (const std::string& end : drawn.at(on)) add_edge(end, one.in, Relation::parallel, value);
      if (!is_needed) add_edge(one.out, place.finally);
      ends.push_back(one.out);
    }
    drawn[task.index] = std::move(ends);
  }

  const GraphRequest& request_;
  std::map<std::string, std::vector<std::size_t>> runs_;   // of each task, in the order of their creation
  FlowGraph graph_;
  const Flow* flow_ = nullptr;    // the one that is drawn, which may be a subflow
  bool with_runs_ = false;        // runs belong to the outermost flow only
  std::optional<Error> error_;
};

}  // namespace

std::string_view to_string(Relation relation) {
  constexpr std::array<std::string_view, 8> names = {"", "SEQUENTIAL", "PARALLEL", "CHOICE", "DYNAMIC", "ERROR", "FINALLY", "AFTER_EXECUTION"};
  return names[static_cast<std::size_t>(relation)];
}

Result<FlowGraph> graph_of(const GraphRequest& request) { return Drawing(request).draw(); }

}  // namespace insula::flow
