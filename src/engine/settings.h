// Limits and choices of the engine, filled by `app` from the configuration.
#pragma once
#include "flow/flow.h"

namespace insula::engine {

struct Settings {
  int engine_threads = 4;                    // actors run here; they wait for fsync, so more than cores
  int reader_threads = 2;
  int worker_threads = 8;                    // jobs running at once
  std::string work_folder;                   // scratch folders of jobs
  std::string data_folder;                   // of crash notes and ballast; empty: none of both
  std::uint64_t ballast_bytes = 32u << 20;   // given up when the disk is full
  Duration sweep_interval{std::chrono::hours(1)};      // of half-written files and abandoned uploads …
  Duration sweep_age{std::chrono::hours(24)};          // … older than this
  std::string url = "http://localhost:8080"; // kestra.url: base of links
  std::string environment_name;              // kestra.environment.name
  std::string zone = "UTC";
  JsonObject globals;                        // kestra.variables.globals
  JsonObject envs;                           // lower-case names without prefix
  bool recursive_rendering = false;
  std::string encryption_key;                // 32 raw bytes, or empty: SECRET inputs are refused
  std::map<std::string, std::string> secrets;  // upper-case name → value, from SECRET_… variables
  std::shared_ptr<const expression::Jq> jq;  // runs jq programs in processes of their own
  std::vector<flow::PluginDefault> plugin_defaults;
  bool require_existing_namespace = false;   // in every tenant: flows may only be made in namespaces that somebody has made
  std::optional<Duration> audit_retention;   // older entries of audit logs are deleted, once a day; absent: never
  enum class LostJobs { resubmit, fail } lost_jobs = LostJobs::resubmit;  // jobs in flight when the process died
  enum class Missed { all, last, none } recover_missed_schedules = Missed::all;
  std::uint64_t seed = 0;                    // of ids; 0 = from the operating system
  Duration idle_unload{std::chrono::seconds(30)};  // a tenant with nothing to do leaves memory after this
  std::size_t loaded_tenants_max = 2'000;          // beyond: after a second
  std::size_t turn_messages_max = 512;
  std::size_t turn_rows_max = 4'000;
  int step_task_runs_max = 2'000;            // made by one step; then it goes on in the next turn
  std::size_t mailbox_messages_max = 100'000;  // beyond: 503 `tenant-busy`
  std::size_t message_bytes_max = 4u << 20;  // an execution's inputs, a result's outputs
};

}  // namespace insula::engine
