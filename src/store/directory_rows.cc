#include "store/identity_tables.h"
#include "store/over_database.h"
#include "store/search.h"

namespace insula::store {
namespace {

bool matches(const RoleRow& role, const Filter& filter) {
  const auto contains = [&](std::string_view text, const std::string& part) { return lower_ascii(text).find(lower_ascii(part)) != std::string::npos; };
  const std::string& field = filter.field == "id" ? role.id.str() : role.name;
  bool any = false;
  for (const std::string& value : filter.values) {
    if (filter.field == "q") any = any || contains(role.name, value) || contains(role.description, value);
    else if (filter.op == Op::contains) any = any || contains(field, value);
    else if (filter.op == Op::starts_with) any = any || field.starts_with(value);
    else any = any || field == value;
  }
  return filter.op == Op::not_equals || filter.op == Op::not_in ? !any : any;
}

class DirectoryRows final : public Directory {
 public:
  DirectoryRows(std::shared_ptr<ConnectionSource> writer, std::shared_ptr<ConnectionSource> readers) : writer_(std::move(writer)), readers_(std::move(readers)) {}

  Result<Standing> standing(const UserId& user) override {
    return snapshot([&](Connection& c) {
      Standing standing;
      standing.has_access = access_table::has(c, user);
      if (!standing.has_access) return standing;
      for (HeldBinding& one : held_by(c, user)) standing.grants.push_back({std::move(one.role.permissions), std::move(one.binding.ns)});
      return standing;
    });
  }
  Result<std::vector<HeldBinding>> held(const UserId& user) override {
    return snapshot([&](Connection& c) { return held_by(c, user); });
  }

  Result<std::optional<RoleRow>> role(const RoleId& id) override {
    return read([&](Connection& c) { return find_role(c, id); });
  }
  // A tenant has few roles; the built-in ones are no rows, so all are held against the filters here.
  Result<Found<RoleRow>> search_roles(const Query& query) override {
    return read([&](Connection& c) {
      check_page(query.page);
      std::vector<RoleRow> all = managed_role_rows();
      for (RoleRow& role : role_table::all(c)) all.push_back(std::move(role));
      std::erase_if(all, [&](const RoleRow& role) { return !std::ranges::all_of(query.filters, [&](const Filter& filter) { return matches(role, filter); }); });
      const bool descending = !query.page.sort.empty() && query.page.sort.front().descending;
      std::ranges::sort(all, [&](const RoleRow& a, const RoleRow& b) { return descending ? std::tie(b.name, b.id) < std::tie(a.name, a.id) : std::tie(a.name, a.id) < std::tie(b.name, b.id); });
      Found<RoleRow> found;
      found.total = static_cast<std::int64_t>(all.size());
      const std::size_t first = std::min(all.size(), static_cast<std::size_t>(query.page.number - 1) * static_cast<std::size_t>(query.page.size));
      const std::size_t last = std::min(all.size(), first + static_cast<std::size_t>(query.page.size));
      found.rows.assign(std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(first)), std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(last)));
      return found;
    });
  }
  Result<std::vector<RoleRow>> default_roles() override {
    return read([&](Connection& c) {
      std::vector<RoleRow> roles = role_table::all(c);
      std::erase_if(roles, [](const RoleRow& role) { return !role.is_default; });
      return roles;
    });
  }

  Result<std::optional<GroupRow>> group(const GroupId& id) override {
    return read([&](Connection& c) { return group_table::find(c, id); });
  }
  Result<Found<GroupRow>> search_groups(const Query& query) override {
    return snapshot([&](Connection& c) { return group_table::search(c, query); });
  }
  Result<std::vector<std::pair<GroupRow, MemberRow>>> groups_of(const UserId& user) override {
    return read([&](Connection& c) { return member_table::groups_of(c, user); });
  }
  Result<Found<std::pair<UserRow, MemberRow>>> members(const GroupId& group, const Query& query) override {
    return snapshot([&](Connection& c) { return member_table::search(c, group, query); });
  }
  Result<std::optional<MemberRow>> member(const GroupId& group, const UserId& user) override {
    return read([&](Connection& c) { return member_table::find(c, group, user); });
  }

  Result<std::optional<BindingRow>> binding(const BindingId& id) override {
    return read([&](Connection& c) { return binding_table::find(c, id); });
  }
  Result<Found<BindingRow>> search_bindings(const Query& query) override {
    return snapshot([&](Connection& c) { return binding_table::search(c, query); });
  }

  Result<std::optional<UserRow>> person(const UserId& id) override {
    return snapshot([&](Connection& c) { return access_table::has(c, id) ? user_table::find(c, id) : std::nullopt; });
  }
  Result<Found<UserRow>> search_people(const Query& query) override {
    return snapshot([&](Connection& c) { return user_table::search(c, query, fmt::format("u.id in ({})", access_table::users_sql()), c.tenant()); });
  }

  Result<std::optional<InvitationRow>> invitation(const InvitationId& id) override {
    return read([&](Connection& c) { return invitation_table::find(c, id); });
  }
  Result<Found<InvitationRow>> search_invitations(const Query& query) override {
    return snapshot([&](Connection& c) { return invitation_table::search(c, query); });
  }

  Result<void> commit(const DirectoryTurn& turn, Instant now) override {
    return write([&](Connection& c) { write_directory_turn(c, turn, now); });
  }
  Result<void> grant_role(const UserId& user, std::string_view role, Instant now) override {
    return write([&](Connection& c) {
      if (!access::managed_role_named(role)) refuse("role-unknown", fmt::format("`{}` is no managed role; there are ADMIN, DEVELOPER, EDITOR, LAUNCHER, VIEWER.", role));
      binding_table::write(c, {{BindingId(fmt::format("{}-{}", user, role)), SubjectKind::user, user.str(), RoleId(role), std::nullopt, now}});
    });
  }

 private:
  static std::optional<RoleRow> find_role(Connection& c, const RoleId& id) {
    auto managed = managed_role(id);
    return managed ? managed : role_table::find(c, id);
  }
  static std::vector<HeldBinding> held_by(Connection& c, const UserId& user) {
    std::vector<HeldBinding> out;
    for (BindingRow& binding : binding_table::held(c, user)) {
      auto role = find_role(c, binding.role);
      if (role) out.push_back({std::move(binding), std::move(*role)});
    }
    return out;
  }

  template <class F>
  auto read(F&& work) -> Result<std::invoke_result_t<F, Connection&>> {
    return guarded([&] {
      const Lease connection = readers_->lease();
      return work(*connection);
    });
  }
  template <class F>
  auto snapshot(F&& work) -> Result<std::invoke_result_t<F, Connection&>> {
    return guarded([&] {
      const Lease connection = readers_->lease();
      Transaction transaction(*connection, Transaction::Kind::read);
      auto found = work(*connection);
      transaction.commit();
      return found;
    });
  }
  template <class F>
  Result<void> write(F&& work) {
    return guarded([&] {
      const Lease connection = writer_->lease();
      connection->maintain();
      Transaction transaction(*connection, Transaction::Kind::write);
      work(*connection);
      transaction.commit();
    });
  }

  std::shared_ptr<ConnectionSource> writer_, readers_;
};

}  // namespace

std::unique_ptr<Directory> make_directory(std::shared_ptr<ConnectionSource> writer, std::shared_ptr<ConnectionSource> readers) {
  return std::make_unique<DirectoryRows>(std::move(writer), std::move(readers));
}

}  // namespace insula::store
