#include "store/over_database.h"
#include "store/tables.h"

namespace insula::store {

Result<TenantScope> SystemStore::scope(const TenantId& id) {
  auto found = tenant(id);
  if (!found) return fail(found.error());
  if (!*found || (*found)->state != "active") return fail(ErrorKind::not_found, "tenant-not-found", "There is no such tenant.");
  return TenantScope((*found)->uid, (*found)->id);
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

// A used unique key becomes the error that callers know.
template <class F>
Result<void> unless_exists(Error exists, F&& work) {
  return guarded([&] {
    try {
      work();
    } catch (StoreFailure& failure) {
      if (failure.cause == StoreFailure::Cause::constraint) {
        exists.detail = failure.error.detail;
        failure.error = std::move(exists);
      }
      throw;
    }
  });
}

class SystemRows final : public SystemStore {
 public:
  SystemRows(std::shared_ptr<ConnectionSource> writer, std::shared_ptr<ConnectionSource> readers) : writer_(std::move(writer)), readers_(std::move(readers)) {}

  Result<void> create_tenant(const TenantRow& tenant) override {
    return unless_exists(tenant_exists(), [&] { in_transaction(*writer_, [&](Connection& c) { tenant_table::insert(c, tenant); }); });
  }
  Result<void> update_tenant(const TenantRow& tenant) override {
    return unless_exists(tenant_exists(), [&] { in_transaction(*writer_, [&](Connection& c) { tenant_table::update(c, tenant); }); });
  }
  Result<void> remove_tenant(const TenantUid& uid) override {
    return guarded([&] {
      in_transaction(*writer_, [&](Connection& c) {
        grant_table::erase_tenant(c, uid);
        wake_table::write(c, {{uid, std::nullopt}});
        tenant_table::erase(c, uid);
      });
    });
  }
  Result<std::optional<TenantRow>> tenant(const TenantId& id) override {
    return read([&](Connection& c) { return tenant_table::find(c, id); });
  }
  Result<std::vector<TenantRow>> tenants(std::string_view state) override {
    return read([&](Connection& c) { return tenant_table::with_state(c, state); });
  }
  Result<Found<TenantRow>> search_tenants(const Query& query) override {
    return read([&](Connection& c) { return tenant_table::search(c, query); });
  }

  Result<void> create_user(const UserRow& user) override {
    return unless_exists(user_exists(), [&] { in_transaction(*writer_, [&](Connection& c) { user_table::insert(c, user); }); });
  }
  Result<void> update_user(const UserRow& user) override {
    return unless_exists(user_exists(), [&] {
      in_transaction(*writer_, [&](Connection& c) {
        if (!user_table::update(c, user)) throw StoreFailure(StoreFailure::Cause::refused, Error{ErrorKind::not_found, "user-not-found", "There is no such user.", {}, {}});
      });
    });
  }
  Result<std::optional<UserRow>> user(const UserId& id) override {
    return read([&](Connection& c) { return user_table::find(c, id); });
  }
  Result<std::optional<UserRow>> user_by_email(std::string_view email) override {
    return read([&](Connection& c) { return user_table::find_by_email(c, email); });
  }
  Result<std::int64_t> count_users() override { return read(user_table::count); }
  Result<std::vector<TenantRow>> tenants_of(const UserId& user) override {
    return read([&](Connection& c) { return tenant_table::of_user(c, user); });
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
  static Error tenant_exists() { return {ErrorKind::conflict, "tenant-exists", "A tenant with this id exists. Choose another id.", {}, {}}; }
  static Error user_exists() { return {ErrorKind::conflict, "user-exists", "A user with this id or e-mail address exists.", {}, {}}; }

  template <class F>
  auto read(F&& work) -> Result<std::invoke_result_t<F, Connection&>> {
    return guarded([&] {
      const Lease connection = readers_->lease();
      return work(*connection);
    });
  }

  std::shared_ptr<ConnectionSource> writer_, readers_;
};

class DirectoryRows final : public Directory {
 public:
  DirectoryRows(std::shared_ptr<ConnectionSource> writer, std::shared_ptr<ConnectionSource> readers) : writer_(std::move(writer)), readers_(std::move(readers)) {}

  Result<std::vector<access::Grant>> grants(const UserId& user) override {
    return guarded([&] {
      const Lease connection = readers_->lease();
      std::vector<access::Grant> out;
      for (const std::string& role : grant_table::roles(*connection, user)) {
        const auto managed = access::managed_role_named(role);
        if (!managed) broken("A stored grant names a role that does not exist.", role);
        out.push_back({access::permissions_of(*managed), std::nullopt});
      }
      return out;
    });
  }
  Result<void> grant_role(const UserId& user, std::string_view managed_role, Instant now) override {
    return guarded([&] {
      if (!access::managed_role_named(managed_role)) refuse("role-unknown", fmt::format("`{}` is no managed role; there are ADMIN, DEVELOPER, EDITOR, LAUNCHER, VIEWER.", managed_role));
      in_transaction(*writer_, [&](Connection& c) { grant_table::add(c, user, managed_role, now); });
    });
  }
  Result<void> revoke_all(const UserId& user) override {
    return guarded([&] { in_transaction(*writer_, [&](Connection& c) { grant_table::erase_user(c, user); }); });
  }

 private:
  std::shared_ptr<ConnectionSource> writer_, readers_;
};

}  // namespace

std::unique_ptr<Directory> make_directory(std::shared_ptr<ConnectionSource> writer, std::shared_ptr<ConnectionSource> readers) {
  return std::make_unique<DirectoryRows>(std::move(writer), std::move(readers));
}
std::unique_ptr<SystemStore> make_system_store(std::shared_ptr<ConnectionSource> writer, std::shared_ptr<ConnectionSource> readers) {
  return std::make_unique<SystemRows>(std::move(writer), std::move(readers));
}

}  // namespace insula::store
