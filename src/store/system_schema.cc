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

// Identity (identity.h). Managed roles that users held become bindings.
constexpr std::string_view kIdentity = R"sql(
alter table users add column service_account {integer} not null default 0;
alter table users add column name {text} not null default '';
alter table users add column description {text} not null default '';
alter table users add column home {text} not null default '';
alter table users add column locked_until {integer};
drop index users_by_email;
create unique index users_by_email on users (email) where service_account = 0;
create index users_by_home on users (home) where home <> '';

create table roles ({tenant_column}id {text} not null, name {text} not null, description {text} not null, is_default {integer} not null,
  permissions {text} not null, created {integer} not null,
  primary key ({tenant_key}id)){rowless};
create table user_groups ({tenant_column}id {text} not null, name {text} not null, description {text} not null, external {integer} not null,
  created {integer} not null,
  primary key ({tenant_key}id)){rowless};
create unique index user_groups_by_name on user_groups ({tenant_key}name);
create table members ({tenant_column}group_id {text} not null, user_id {text} not null, is_owner {integer} not null, created {integer} not null,
  primary key ({tenant_key}group_id, user_id)){rowless};
create index members_by_user on members (user_id, group_id);
create table bindings ({tenant_column}id {text} not null, subject_type {text} not null, subject_id {text} not null, role_id {text} not null,
  namespace {text}, created {integer} not null,
  primary key ({tenant_key}id)){rowless};
create index bindings_by_subject on bindings (subject_id, subject_type);
create table accesses ({tenant_column}user_id {text} not null, created {integer} not null,
  primary key ({tenant_key}user_id)){rowless};
create index accesses_by_user on accesses (user_id);
create table invitations ({tenant_column}id {text} not null, email {text} not null, roles {text}, user_groups {text}, super_admin {integer} not null,
  sent {integer} not null, expires {integer} not null, accepted {integer},
  primary key ({tenant_key}id)){rowless};
create unique index invitations_by_id on invitations (id);
create index invitations_by_email on invitations (email);

insert into bindings (tenant, id, subject_type, subject_id, role_id, namespace, created)
  select tenant, user_id || '-' || role, 'USER', user_id, role, null, created from grants;
drop table grants;

create table tokens (id {text} not null, user_id {text} not null, name {text} not null, description {text} not null, prefix {text} not null,
  salt {text} not null, hash {text} not null, max_age {integer}, extended {integer} not null, created {integer} not null, expires {integer},
  last_used {integer},
  primary key (id)){rowless};
create unique index tokens_by_prefix on tokens (prefix);
create index tokens_by_user on tokens (user_id, created);
create table sessions (hash {text} not null, user_id {text} not null, impersonator {text} not null, created {integer} not null,
  expires {integer} not null,
  primary key (hash)){rowless};
create index sessions_by_user on sessions (user_id);
create index sessions_by_expiry on sessions (expires);
create table password_resets (hash {text} not null, user_id {text} not null, expires {integer} not null, primary key (hash)){rowless};
create index password_resets_by_user on password_resets (user_id);

create table instance_audit (sequence {integer} not null, id {text} not null, at {integer} not null, kind {text} not null, resource {text} not null,
  object_id {text} not null, namespace {text} not null, flow_id {text} not null, execution_id {text} not null, user_id {text} not null,
  user_name {text} not null, impersonator {text} not null, address {text} not null, result {text} not null, detail {text}, before_text {text} not null,
  after_text {text} not null, hash {text} not null,
  primary key (sequence)){rowless};
create unique index instance_audit_by_id on instance_audit (id);
create index instance_audit_by_object on instance_audit (object_id, sequence);
create table instance_audit_chain (one {integer} not null, last_sequence {integer} not null, last_hash {text} not null, first_sequence {integer} not null,
  first_hash {text} not null, primary key (one)){rowless};
create table audit_outbox ({tenant_column}id {text} not null, entry {text} not null, primary key ({tenant_key}id)){rowless};
)sql";

constexpr std::array kMigrations{Migration{1, "first tables", kFirst}, Migration{2, "identity", kIdentity}};

}  // namespace

std::span<const Migration> system_migrations() { return kMigrations; }

}  // namespace insula::store
