// Strong types for every id, so that a flow id can never be passed where a tenant is asked for, and the source of new ids.
#pragma once
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace insula {

template <class Tag>
class StrongString {
 public:
  StrongString() = default;
  explicit StrongString(std::string text) : text_(std::move(text)) {}
  explicit StrongString(std::string_view text) : text_(text) {}
  explicit StrongString(const char* text) : text_(text) {}

  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }
  auto operator<=>(const StrongString&) const = default;

 private:
  std::string text_;
};

// The visible id of a tenant, `^[a-z0-9][a-z0-9_-]*$`; an alias that may be used again after deletion.
using TenantId = StrongString<struct TenantIdTag>;
// The internal id of a tenant: never reused; keys, folders, storage prefixes and caches carry this one.
using TenantUid = StrongString<struct TenantUidTag>;
using Namespace = StrongString<struct NamespaceTag>;
using FlowId = StrongString<struct FlowIdTag>;
using ExecutionId = StrongString<struct ExecutionIdTag>;
using TaskId = StrongString<struct TaskIdTag>;
using TaskRunId = StrongString<struct TaskRunIdTag>;
using TriggerId = StrongString<struct TriggerIdTag>;
using UserId = StrongString<struct UserIdTag>;
using OperationId = StrongString<struct OperationIdTag>;
using RoleId = StrongString<struct RoleIdTag>;
using GroupId = StrongString<struct GroupIdTag>;
using BindingId = StrongString<struct BindingIdTag>;
using InvitationId = StrongString<struct InvitationIdTag>;
using TokenId = StrongString<struct TokenIdTag>;
using AuditId = StrongString<struct AuditIdTag>;

// Makes ids of 22 base62 characters whose text order is their order of creation (128 bits: 48 bits of milliseconds, then 80 bits
// that are random for a new millisecond and count upwards within it). The same seed and the same instants give the same ids (I9).
// Not thread-safe: each owner has its own.
class IdGenerator {
 public:
  explicit IdGenerator(std::uint64_t seed) : state_(seed) {}
  std::string next(Instant now);
  template <class Id>
  Id next_as(Instant now) { return Id(next(now)); }
  // A uniformly distributed 64-bit number from the same stream.
  std::uint64_t random();

 private:
  std::uint64_t state_;
  std::int64_t last_ms_ = -1;
  std::uint16_t high_ = 0;   // upper 16 of the 80 bits
  std::uint64_t low_ = 0;    // lower 64
};

}  // namespace insula

template <class Tag>
struct std::hash<insula::StrongString<Tag>> {
  std::size_t operator()(const insula::StrongString<Tag>& id) const noexcept { return std::hash<std::string>{}(id.str()); }
};
template <class Tag>
struct fmt::formatter<insula::StrongString<Tag>> : fmt::formatter<std::string_view> {
  auto format(const insula::StrongString<Tag>& id, fmt::format_context& context) const {
    return fmt::formatter<std::string_view>::format(id.str(), context);
  }
};
