#include "engine/sweep.h"

#include "engine/engine.h"

namespace insula::engine {

namespace {

constexpr std::string_view kClaims = "upload-claims";
constexpr std::size_t kClaimsMax = 10'000;      // of a tenant at once; the rest next time
constexpr std::uint64_t kPrefixBytesMax = 4'096;

Result<void> sweep_claim(store::TenantReader& reader, storage::Storage& storage, const TenantUid& tenant, const storage::FileInfo& claim) {
  auto prefix = storage.read(tenant, claim.path, kPrefixBytesMax);
  if (!prefix) return fail(prefix.error());
  const ExecutionId id(claim.path.substr(claim.path.rfind('/') + 1));
  auto execution = reader.execution(id);
  if (!execution) return fail(execution.error());
  // A prefix that names another execution is not ours to remove.
  if (!*execution && prefix->ends_with(fmt::format("/{}/", id))) {
    if (auto removed = storage.remove_prefix(tenant, *prefix); !removed) return fail(removed.error());
    log::info("files of execution {}, which was never started, were removed", id);
  }
  if (auto removed = storage.remove(tenant, claim.path); !removed) return fail(removed.error());
  return {};
}

}  // namespace

std::string upload_claim_path(const ExecutionId& execution) { return fmt::format("{}/{}", kClaims, storage::safe_name(execution.str())); }

void sweep_uploads(store::Stores& stores, storage::Storage& storage, Instant before) {
  const auto tenants = stores.system().tenants("active");
  if (!tenants) return log::warn("abandoned uploads could not be looked for: {}", tenants.error().message);
  for (const store::TenantRow& row : *tenants) {
    const auto claims = storage.list(row.uid, kClaims, kClaimsMax);
    if (!claims || claims->empty()) continue;
    auto reader = stores.read(stores.system().scope(row));
    for (const storage::FileInfo& claim : *claims) {
      if (!reader || claim.modified >= before) continue;
      if (auto swept = sweep_claim(**reader, storage, row.uid, claim); !swept) log::warn(row.id, "an abandoned upload stays until the next sweep: {}", swept.error().message);
    }
  }
}

void purge_tenants_audit(store::Stores& stores, Instant before, const std::function<void(const store::TenantScope&)>& purge) {
  const auto tenants = stores.system().tenants("");
  if (!tenants) return log::warn("audit logs could not be shortened: {}", tenants.error().message);
  store::Query old;
  old.filters.push_back({"endDate", store::Op::less_or_equal, {}, {format_instant(before)}});
  old.page.size = 1;
  for (const store::TenantRow& row : *tenants) {
    const store::TenantScope scope = stores.system().scope(row);
    auto reader = stores.read(scope);
    if (!reader) continue;   // being deleted
    if (const auto found = (*reader)->search_audit(old); found && !found->rows.empty()) purge(scope);
  }
}

}  // namespace insula::engine
