// The one suite for both databases: tests written with TEST_P(StoreSuite, …) run on each.
#pragma once
#include <gtest/gtest.h>

#include "store/store.h"

namespace insula::store {

struct ScopeForTests {
  static TenantScope make(std::string_view uid, std::string_view tenant) { return TenantScope(TenantUid(uid), TenantId(tenant)); }
};

// Thrown by a StatementHook: the process has died here.
struct SimulatedCrash {};

enum class Driver { sqlite, postgres };

inline Instant at(std::int64_t seconds) { return Instant(std::chrono::seconds(1'790'000'000 + seconds)); }

class StoreSuite : public testing::TestWithParam<Driver> {
 protected:
  void SetUp() override;
  void TearDown() override;

  // Closes everything and opens it again.
  void reopen();
  // Data of a tenant that exists in the system's rows too.
  TenantScope tenant(const std::string& id);
  std::unique_ptr<TenantStore> open(const TenantScope& scope);
  std::unique_ptr<TenantReader> reader(const TenantScope& scope);
  void commit(TenantStore& store, const Turn& turn);

  execution::Header header(std::string_view ns, std::string_view flow, execution::State state, std::int64_t second, std::vector<flow::Label> labels = {});
  execution::TaskRun task_run(std::string_view task, execution::State state, std::int64_t position);
  Turn with_counters(std::vector<execution::Header> headers) const;

  std::unique_ptr<Stores> stores;
  StatementHook hook;                     // called by both drivers, replaceable at any time
  IdGenerator ids{7};
  std::string folder;                     // of SQLite
  std::string schema;                     // of PostgreSQL
};

// The value of a Result, or a failed test.
template <class T>
T must(Result<T> result, const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  if (!result) {
    ADD_FAILURE_AT(file, line) << result.error().code << ": " << result.error().message << " / " << result.error().detail;
    throw std::runtime_error("must");
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

template <class T>
std::string code_of(const Result<T>& result) { return result ? "" : result.error().code; }

inline Query where(std::vector<Filter> filters, Page page = {.number = 1, .size = 1'000, .sort = {}}) {
  return {std::move(filters), std::move(page), std::nullopt};
}

}  // namespace insula::store
