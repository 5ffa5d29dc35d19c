// The tables of the instance, and identity (keyed by tenant).
#include "store/migration.h"

namespace insula::store {
namespace {

constexpr std::string_view kFirst = R"sql(
create table tenants (uid {text} not null, id {text} not null, name {text} not null, state {text} not null, settings {text}, created {integer} not null,
  primary key (uid)){rowless};
create unique index tenants_by_id on tenants (id) where state <> 'deleting';
create table users (id {text} not null, email {text} not null, first_name {text} not null, last_name {text} not null, password_hash {text} not null,
  super_admin {integer} not null, restricted {integer} not null, created {integer} not null,
  primary key (id)){rowless};
create unique index users_by_email on users (email);
create table grants ({tenant_column}user_id {text} not null, role {text} not null, created {integer} not null,
  primary key ({tenant_key}user_id, role)){rowless};
create index grants_by_user on grants (user_id, role);
create table wakes (tenant_uid {text} not null, due {integer} not null, primary key (tenant_uid)){rowless};
create index wakes_by_due on wakes (due, tenant_uid);
create table settings (setting_key {text} not null, value {text} not null, primary key (setting_key)){rowless};
)sql";

constexpr std::array kMigrations{Migration{1, "first tables", kFirst}};

}  // namespace

std::span<const Migration> system_migrations() { return kMigrations; }

}  // namespace insula::store
