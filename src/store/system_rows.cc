#include "store/identity_tables.h"
#include "store/over_database.h"
#include "store/tables.h"

namespace insula::store {

Result<TenantScope> SystemStore::scope(const TenantId& id) {
  auto found = tenant(id);
  if (!found) return fail(found.error());
  if (!*found) return fail(ErrorKind::not_found, "tenant-not-found", "There is no such tenant.");
  return TenantScope((*found)->uid, (*found)->id);
}

Result<void> SystemStore::create_tenant(const TenantRow& tenant) {
  SystemTurn turn;
  turn.new_tenants.push_back(tenant);
  return commit(turn, tenant.created);
}
Result<void> SystemStore::update_tenant(const TenantRow& tenant) {
  SystemTurn turn;
  turn.changed_tenants.push_back(tenant);
  return commit(turn, tenant.created);
}
Result<void> SystemStore::create_user(const UserRow& user) {
  SystemTurn turn;
  turn.new_users.push_back(user);
  return commit(turn, user.created);
}
Result<void> SystemStore::update_user(const UserRow& user) {
  SystemTurn turn;
  turn.users.push_back(user);
  return commit(turn, user.created);
}

namespace {

template <class F>
void in_transaction(ConnectionSource& connections, F&& work) {
  const Lease connection = connections.lease();
  connection->maintain();
  Transaction transaction(*connection, Transaction::Kind::write);
  work(*connection);
  transaction.commit();
}

// One tenant's part of a change of the instance.
class Scoped {
 public:
  Scoped(Connection& connection, const TenantUid& tenant) : connection_(connection) { connection.set_scope(TenantMode::column, tenant); }
  ~Scoped() {
    try {
      connection_.set_scope(TenantMode::none, {});
    } catch (const StoreFailure&) {
      // The connection is lost; whoever leases it next sets its scope anew.
    }
  }
  Scoped(const Scoped&) = delete;
  Scoped& operator=(const Scoped&) = delete;

 private:
  Connection& connection_;
};

// A used unique key becomes the error that callers know.
template <class F>
void unless_exists(Error exists, F&& work) {
  try {
    work();
  } catch (StoreFailure& failure) {
    if (failure.cause == StoreFailure::Cause::constraint) {
      exists.detail = failure.error.detail;
      failure.error = std::move(exists);
    }
    throw;
  }
}

void write_tenants(Connection& c, const SystemTurn& turn) {
  unless_exists({ErrorKind::conflict, "tenant-exists", "A tenant with this id exists. Choose another id.", {}, {}}, [&] {
    for (const TenantRow& tenant : turn.new_tenants) tenant_table::insert(c, tenant);
    for (const TenantRow& tenant : turn.changed_tenants) tenant_table::update(c, tenant);
  });
}

void write_users(Connection& c, const SystemTurn& turn) {
  unless_exists({ErrorKind::conflict, "user-exists", "A user with this id or e-mail address exists.", {}, {}}, [&] {
    for (const UserRow& user : turn.new_users) user_table::insert(c, user);
    for (const UserRow& user : turn.users) {
      if (!user_table::update(c, user)) throw StoreFailure(StoreFailure::Cause::refused, Error{ErrorKind::not_found, "user-not-found", "There is no such user.", {}, {}});
    }
  });
}

void write_system_turn(Connection& c, const SystemTurn& turn, Instant now) {
  for (const UserId& user : turn.removed_users) {
    token_table::erase_user(c, user);
    session_table::erase_user(c, user);
    password_reset_table::erase_user(c, user);
    member_table::erase_user_everywhere(c, user);
    binding_table::erase_user_everywhere(c, user);
    access_table::erase_user_everywhere(c, user);
    user_table::erase(c, user);
  }
  token_table::erase(c, turn.removed_tokens);
  session_table::erase(c, turn.removed_sessions);
  for (const UserId& user : turn.signed_out) session_table::erase_user(c, user);
  for (const UserId& user : turn.used_resets) password_reset_table::erase_user(c, user);
  write_tenants(c, turn);
  write_users(c, turn);
  token_table::write(c, turn.tokens);
  session_table::write(c, turn.sessions);
  password_reset_table::write(c, turn.resets);
  AuditTable::of_instance().append(c, turn.audit);
  for (const auto& [tenant, part] : turn.tenants) {
    const Scoped scoped(c, tenant);
    write_directory_turn(c, part, now);
  }
}

// Invitations of tenants that are being deleted are gone.
std::vector<std::pair<TenantRow, InvitationRow>> with_tenants(Connection& c, std::vector<std::pair<TenantUid, InvitationRow>> rows) {
  std::vector<std::pair<TenantRow, InvitationRow>> out;
  for (auto& [uid, invitation] : rows) {
    auto tenant = tenant_table::find_uid(c, uid);
    if (tenant && tenant->state != "deleting") out.emplace_back(std::move(*tenant), std::move(invitation));
  }
  return out;
}

class SystemRows final : public SystemStore {
 public:
  SystemRows(std::shared_ptr<ConnectionSource> writer, std::shared_ptr<ConnectionSource> readers) : writer_(std::move(writer)), readers_(std::move(readers)) {}

  Result<void> remove_tenant(const TenantUid& uid) override {
    return guarded([&] {
      in_transaction(*writer_, [&](Connection& c) {
        erase_directory(c, uid);
        wake_table::write(c, {{uid, std::nullopt}});
        tenant_table::erase(c, uid);
      });
    });
  }
  Result<std::optional<TenantRow>> tenant(const TenantId& id) override {
    return read([&](Connection& c) { return tenant_table::find(c, id); });
  }
  Result<std::optional<TenantRow>> tenant(const TenantUid& uid) override {
    return read([&](Connection& c) { return tenant_table::find_uid(c, uid); });
  }
  Result<std::vector<TenantRow>> tenants(std::string_view state) override {
    return read([&](Connection& c) { return tenant_table::with_state(c, state); });
  }
  Result<Found<TenantRow>> search_tenants(const Query& query) override {
    return read([&](Connection& c) { return tenant_table::search(c, query); });
  }

  Result<std::optional<UserRow>> user(const UserId& id) override {
    return read([&](Connection& c) { return user_table::find(c, id); });
  }
  Result<std::optional<UserRow>> user_by_email(std::string_view email) override {
    return read([&](Connection& c) { return user_table::find_by_email(c, email); });
  }
  Result<Found<UserRow>> search_users(const Query& query) override {
    return read([&](Connection& c) { return user_table::search(c, query, "true"); });
  }
  Result<std::int64_t> count_users() override { return read(user_table::count); }
  Result<std::vector<TenantRow>> tenants_of(const UserId& user) override {
    return read([&](Connection& c) { return tenant_table::of_user(c, user); });
  }

  Result<std::vector<TokenRow>> tokens_of(const UserId& user) override {
    return read([&](Connection& c) { return token_table::of_user(c, user); });
  }
  Result<std::optional<TokenRow>> token_by_prefix(std::string_view prefix) override {
    return read([&](Connection& c) { return token_table::find_by_prefix(c, prefix); });
  }
  Result<std::optional<SessionRow>> session(std::string_view hash) override {
    return read([&](Connection& c) { return session_table::find(c, hash); });
  }
  Result<std::optional<PasswordResetRow>> password_reset(std::string_view hash) override {
    return read([&](Connection& c) { return password_reset_table::find(c, hash); });
  }
  Result<std::optional<std::pair<TenantRow, InvitationRow>>> invitation(const InvitationId& id) override {
    return read([&](Connection& c) -> std::optional<std::pair<TenantRow, InvitationRow>> {
      auto found = with_tenants(c, invitation_table::find_everywhere(c, id));
      return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
    });
  }
  Result<std::vector<std::pair<TenantRow, InvitationRow>>> invitations_of(std::string_view email) override {
    return read([&](Connection& c) { return with_tenants(c, invitation_table::of_email(c, email)); });
  }
  Result<void> commit(const SystemTurn& turn, Instant now) override {
    return guarded([&] { in_transaction(*writer_, [&](Connection& c) { write_system_turn(c, turn, now); }); });
  }
  Result<void> remove_expired(Instant now) override {
    return guarded([&] {
      in_transaction(*writer_, [&](Connection& c) {
        session_table::erase_expired(c, now);
        password_reset_table::erase_expired(c, now);
      });
    });
  }

  Result<Found<AuditRow>> search_audit(const Query& query) override {
    return read([&](Connection& c) { return AuditTable::of_instance().search(c, query); });
  }
  Result<std::optional<AuditRow>> audit_entry(const AuditId& id) override {
    return read([&](Connection& c) { return AuditTable::of_instance().find(c, id); });
  }
  Result<std::vector<AuditRow>> audit_history(std::string_view object_id) override {
    return read([&](Connection& c) { return AuditTable::of_instance().history(c, object_id); });
  }
  Result<AuditVerdict> verify_audit() override {
    return guarded([&] {
      const Lease connection = readers_->lease();
      Transaction transaction(*connection, Transaction::Kind::read);
      AuditVerdict verdict = AuditTable::of_instance().verify(*connection);
      transaction.commit();
      return verdict;
    });
  }
  Result<void> purge_audit(Instant before) override {
    return guarded([&] { in_transaction(*writer_, [&](Connection& c) { AuditTable::of_instance().purge(c, before); }); });
  }
  Result<std::vector<TenantUid>> tenants_with_outbox() override { return read(outbox_table::tenants); }
  Result<std::vector<AuditRow>> audit_outbox(const TenantUid& tenant, std::size_t limit) override {
    return read([&](Connection& c) {
      const Scoped scoped(c, tenant);
      return outbox_table::list(c, limit);
    });
  }
  Result<void> remove_from_outbox(const TenantUid& tenant, const std::vector<AuditId>& moved) override {
    return guarded([&] {
      in_transaction(*writer_, [&](Connection& c) {
        const Scoped scoped(c, tenant);
        outbox_table::erase(c, moved);
      });
    });
  }

  Result<void> set_wakes(const std::vector<std::pair<TenantUid, std::optional<Instant>>>& wakes) override {
    return guarded([&] { in_transaction(*writer_, [&](Connection& c) { wake_table::write(c, wakes); }); });
  }
  Result<std::vector<std::pair<TenantRow, Instant>>> wakes(Instant until, std::size_t limit) override {
    return read([&](Connection& c) { return tenant_table::due(c, until, limit); });
  }
  Result<std::optional<Instant>> next_wake() override { return read(wake_table::next); }

  Result<std::optional<std::string>> setting(std::string_view key) override {
    return read([&](Connection& c) { return setting_table::find(c, key); });
  }
  Result<void> set_setting(std::string_view key, std::string_view value) override {
    return guarded([&] { in_transaction(*writer_, [&](Connection& c) { setting_table::write(c, key, value); }); });
  }

 private:
  template <class F>
  auto read(F&& work) -> Result<std::invoke_result_t<F, Connection&>> {
    return guarded([&] {
      const Lease connection = readers_->lease();
      return work(*connection);
    });
  }

  std::shared_ptr<ConnectionSource> writer_, readers_;
};

}  // namespace

std::unique_ptr<SystemStore> make_system_store(std::shared_ptr<ConnectionSource> writer, std::shared_ptr<ConnectionSource> readers) {
  return std::make_unique<SystemRows>(std::move(writer), std::move(readers));
}

}  // namespace insula::store
