// The tables of one tenant. Keys are ordered by time (ids grow), so that rows of active executions share pages; indexes are few, because
// each costs a page per turn: what is written often is indexed only while it is open.
#include "store/migration.h"

namespace insula::store {
namespace {

constexpr std::string_view kFirst = R"sql(
create table turn ({tenant_column}one {integer} not null, number {integer} not null, fence {integer} not null, log_sequence {integer} not null,
  primary key ({tenant_key}one)){rowless};

create table flows ({tenant_column}namespace {text} not null, id {text} not null, revision {integer} not null, deleted {integer} not null,
  disabled {integer} not null, description {text} not null, labels {text} not null, updated {integer} not null, trigger_types {text} not null,
  primary key ({tenant_key}namespace, id)){rowless};
create table flow_revisions ({tenant_column}namespace {text} not null, id {text} not null, revision {integer} not null, deleted {integer} not null,
  disabled {integer} not null, description {text} not null, labels {text} not null, updated {integer} not null, trigger_types {text} not null,
  source {text} not null,
  primary key ({tenant_key}namespace, id, revision)){rowless};

create table executions ({tenant_column}id {text} not null, namespace {text} not null, flow_id {text} not null, flow_revision {integer} not null,
  state {text} not null, start_date {integer} not null, end_date {integer}, duration {integer}, history {text} not null,
  inputs {text}, outputs {text}, variables {text}, labels {text} not null, trigger_execution_id {text}, trigger {text},
  parent_execution_id {text}, parent_task_run_id {text}, parent_id {text}, original_id {text} not null, attempt_number {integer} not null,
  original_created {integer} not null, schedule_date {integer}, kind {text} not null, deleted {integer} not null, task_runs {integer} not null,
  progress {text},
  primary key ({tenant_key}id)){rowless};
create index executions_by_date on executions ({tenant_key}start_date, id);
create index executions_by_flow on executions ({tenant_key}namespace, flow_id, start_date, id);
create index executions_by_state on executions ({tenant_key}state, start_date, id);
create index executions_by_trigger on executions ({tenant_key}trigger_execution_id, start_date, id) where trigger_execution_id is not null;
create index executions_open on executions ({tenant_key}id) where end_date is null;
create index executions_open_by_flow on executions ({tenant_key}namespace, flow_id, state, id) where end_date is null;
create table execution_labels ({tenant_column}execution_id {text} not null, label_key {text} not null, label_value {text} not null,
  start_date {integer} not null,
  primary key ({tenant_key}execution_id, label_key)){rowless};
create index execution_labels_by_value on execution_labels ({tenant_key}label_key, label_value, start_date, execution_id);

create table task_runs ({tenant_column}execution_id {text} not null, id {text} not null, task_id {text} not null, parent_id {text}, value {text},
  iteration {integer}, position {integer} not null, open {integer} not null, history {text} not null, attempts {text}, outputs {text},
  dynamic {integer} not null, force_execution {integer} not null, progress {text},
  primary key ({tenant_key}execution_id, id)){rowless};
create index task_runs_by_task on task_runs ({tenant_key}execution_id, task_id, id);
create index task_runs_open on task_runs ({tenant_key}execution_id, id) where open = 1;

create table logs ({tenant_column}execution_id {text} not null, sequence {integer} not null, at {integer} not null, level {integer} not null,
  message {text} not null, namespace {text} not null, flow_id {text} not null, task_id {text}, task_run_id {text}, trigger_id {text},
  attempt {integer} not null, thread {text} not null,
  primary key ({tenant_key}execution_id, sequence)){rowless};
create index logs_by_time on logs ({tenant_key}at, sequence);

create table jobs ({tenant_column}execution_id {text} not null, task_run_id {text} not null, attempt {integer} not null, submitted {integer} not null,
  primary key ({tenant_key}execution_id, task_run_id)){rowless};
create table timers ({tenant_column}execution_id {text} not null, timer_key {text} not null, due {integer} not null,
  primary key ({tenant_key}execution_id, timer_key)){rowless};
create index timers_by_due on timers ({tenant_key}due, execution_id, timer_key);

create table triggers ({tenant_column}namespace {text} not null, flow_id {text} not null, id {text} not null, flow_revision {integer} not null,
  date {integer}, next_execution_date {integer}, execution_id {text}, updated {integer} not null, disabled {integer} not null, backfill {text},
  type {text} not null,
  primary key ({tenant_key}namespace, flow_id, id)){rowless};

create table counters ({tenant_column}span {integer} not null, start {integer} not null, namespace {text} not null, flow_id {text} not null, state {text} not null,
  executions {integer} not null, duration {integer} not null,
  primary key ({tenant_key}span, start, namespace, flow_id, state)){rowless};

create table operations ({tenant_column}id {text} not null, kind {text} not null, arguments {text}, progress_cursor {text} not null,
  total {integer} not null, done {integer} not null, failed {integer} not null, state {text} not null, created {integer} not null,
  updated {integer} not null,
  primary key ({tenant_key}id)){rowless};
create index operations_open on operations ({tenant_key}id) where state = 'RUNNING';

create table idempotency_keys ({tenant_column}idempotency_key {text} not null, execution_id {text} not null, created {integer} not null,
  primary key ({tenant_key}idempotency_key)){rowless};
create table file_deletions ({tenant_column}prefix {text} not null, primary key ({tenant_key}prefix)){rowless};
)sql";

constexpr std::string_view kMetrics = R"sql(
create table metrics ({tenant_column}execution_id {text} not null, task_run_id {text} not null, attempt {integer} not null, position {integer} not null,
  namespace {text} not null, flow_id {text} not null, task_id {text} not null, type {text} not null, name {text} not null, value {text} not null,
  tags {text}, at {integer} not null, kind {text} not null,
  primary key ({tenant_key}execution_id, task_run_id, attempt, position)){rowless};
)sql";

// What Flow triggers have gathered so far: one row per `preconditions` or MultipleCondition with a window open.
constexpr std::string_view kTriggerWindows = R"sql(
create table trigger_windows ({tenant_column}namespace {text} not null, flow_id {text} not null, trigger_id {text} not null, condition_id {text} not null,
  start {integer} not null, finish {integer} not null, met {text}, outputs {text},
  primary key ({tenant_key}namespace, flow_id, trigger_id, condition_id)){rowless};
)sql";

constexpr std::string_view kAudit = R"sql(
create table audit ({tenant_column}sequence {integer} not null, id {text} not null, at {integer} not null, kind {text} not null, resource {text} not null,
  object_id {text} not null, namespace {text} not null, flow_id {text} not null, execution_id {text} not null, user_id {text} not null,
  user_name {text} not null, impersonator {text} not null, address {text} not null, result {text} not null, detail {text}, before_text {text} not null,
  after_text {text} not null, hash {text} not null,
  primary key ({tenant_key}sequence)){rowless};
create unique index audit_by_id on audit ({tenant_key}id);
create index audit_by_object on audit ({tenant_key}object_id, sequence);
create table audit_chain ({tenant_column}one {integer} not null, last_sequence {integer} not null, last_hash {text} not null,
  first_sequence {integer} not null, first_hash {text} not null,
  primary key ({tenant_key}one)){rowless};
)sql";

constexpr std::string_view kNamespaces = R"sql(
create table namespaces ({tenant_column}id {text} not null, description {text} not null, settings {text}, limited {integer} not null,
  created {integer} not null, updated {integer} not null,
  primary key ({tenant_key}id)){rowless};
)sql";

// One row per quota: its window that is or was current. Namespaces with quotas count as limited from here on.
constexpr std::string_view kQuotas = R"sql(
create table quota_counts ({tenant_column}namespace {text} not null, span {integer} not null, start {integer} not null, executions {integer} not null,
  primary key ({tenant_key}namespace, span)){rowless};
update namespaces set limited = 1 where settings like '%"quotas"%';
)sql";

constexpr std::array kMigrations{Migration{1, "first tables", kFirst}, Migration{2, "metrics", kMetrics}, Migration{3, "windows of Flow triggers", kTriggerWindows},
    Migration{4, "audit log", kAudit}, Migration{5, "namespaces", kNamespaces}, Migration{6, "quotas", kQuotas}};

}  // namespace

std::span<const Migration> tenant_migrations() { return kMigrations; }

}  // namespace insula::store
