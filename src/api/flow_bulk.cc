// Disabling, enabling and deleting several flows.
#include "api/flow_sets.h"
#include "api/routes.h"

namespace insula::api {
namespace {

using access::Action;
using access::Resource;

struct Progress {
  std::int64_t count = 0;
  std::optional<Error> error;
};

void finish(const CallPtr& call, const Progress& progress) {
  if (progress.error) return call->reply_error(*progress.error);
  call->reply_json(JsonObject{{"count", progress.count}});
}

// Edits the `disabled:` line of each source, which makes a revision (sharp edge 3). Those that already are as asked count, but stay as they are.
void set_disabled(const CallPtr& call, Flows found, bool disabled) {
  const auto progress = std::make_shared<Progress>();
  const auto flows = std::make_shared<const Flows>(std::move(found));
  in_order(flows->size(), [call, progress, flows, disabled](std::size_t index, std::function<void()> next) {
    const store::FlowRow& row = (*flows)[index];
    if (row.disabled == disabled || progress->error) {
      if (!progress->error) ++progress->count;
      return next();
    }
    call->engine().update_flow(call->scope(), row.ns, row.id, flow::with_disabled(row.source, disabled), [progress, next](Result<engine::SavedFlow> saved) {
      if (saved) ++progress->count;
      else progress->error = std::move(saved.error());
      next();
    });
  }, [call, progress] { finish(call, *progress); });
}

void delete_all(const CallPtr& call, Flows found) {
  const auto progress = std::make_shared<Progress>();
  const auto flows = std::make_shared<const Flows>(std::move(found));
  in_order(flows->size(), [call, progress, flows](std::size_t index, std::function<void()> next) {
    const store::FlowRow& row = (*flows)[index];
    call->engine().delete_flow(call->scope(), row.ns, row.id, [progress, next](Result<void> deleted) {
      if (deleted) ++progress->count;
      else if (deleted.error().kind != ErrorKind::not_found) progress->error = std::move(deleted.error());  // another caller was first
      next();
    });
  }, [call, progress] { finish(call, *progress); });
}

void disable_by_ids(const CallPtr& call) { with_flows_by_ids(call, [](const CallPtr& c, Flows flows) { set_disabled(c, std::move(flows), true); }); }
void disable_by_query(const CallPtr& call) { with_flows_by_query(call, [](const CallPtr& c, Flows flows) { set_disabled(c, std::move(flows), true); }); }
void enable_by_ids(const CallPtr& call) { with_flows_by_ids(call, [](const CallPtr& c, Flows flows) { set_disabled(c, std::move(flows), false); }); }
void enable_by_query(const CallPtr& call) { with_flows_by_query(call, [](const CallPtr& c, Flows flows) { set_disabled(c, std::move(flows), false); }); }
void delete_by_ids(const CallPtr& call) { with_flows_by_ids(call, delete_all); }
void delete_by_query(const CallPtr& call) { with_flows_by_query(call, delete_all); }

}  // namespace

void add_flow_bulk_routes(Routes& routes) {
  using enum http::Method;
  routes.emplace_back(post, "/api/v1/{tenant}/flows/disable/by-ids", needs(Resource::flow, Action::disable), disable_by_ids, "Disables the flows named in the body.");
  routes.emplace_back(post, "/api/v1/{tenant}/flows/disable/by-query", needs(Resource::flow, Action::disable), disable_by_query, "Disables the flows that match.");
  routes.emplace_back(post, "/api/v1/{tenant}/flows/enable/by-ids", needs(Resource::flow, Action::enable), enable_by_ids, "Enables the flows named in the body.");
  routes.emplace_back(post, "/api/v1/{tenant}/flows/enable/by-query", needs(Resource::flow, Action::enable), enable_by_query, "Enables the flows that match.");
  routes.emplace_back(del, "/api/v1/{tenant}/flows/delete/by-ids", needs(Resource::flow, Action::delete_), delete_by_ids, "Deletes the flows named in the body.");
  routes.emplace_back(del, "/api/v1/{tenant}/flows/delete/by-query", needs(Resource::flow, Action::delete_), delete_by_query, "Deletes the flows that match.");
}

}  // namespace insula::api
