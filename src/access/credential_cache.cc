#include "access/credential_cache.h"

namespace insula::access {

CredentialCache::CredentialCache(std::string key, std::size_t entries_max, Duration time_to_live) : key_(std::move(key)), entries_max_(entries_max), time_to_live_(time_to_live) {
  INSULA_ASSERT(key_.size() >= 32 && entries_max_ >= 1);
}

std::optional<UserId> CredentialCache::find(std::string_view credential, Instant now) {
  const auto found = by_hash_.find(hmac_sha256(key_, credential));
  if (found == by_hash_.end()) return std::nullopt;
  const auto entry = found->second;
  if (now >= entry->expires) {
    erase(entry);
    return std::nullopt;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->user;
}

void CredentialCache::put(std::string_view credential, const UserId& user, Instant now) {
  std::string hash = hmac_sha256(key_, credential);
  if (const auto found = by_hash_.find(hash); found != by_hash_.end()) erase(found->second);
  if (entries_.size() >= entries_max_) erase(std::prev(entries_.end()));
  entries_.push_front({hash, user, now + time_to_live_});
  by_hash_.emplace(std::move(hash), entries_.begin());
  by_user_.emplace(user, entries_.begin());
}

void CredentialCache::forget(const UserId& user) {
  for (auto found = by_user_.find(user); found != by_user_.end(); found = by_user_.find(user)) erase(found->second);
}

void CredentialCache::clear() {
  entries_.clear();
  by_hash_.clear();
  by_user_.clear();
}

void CredentialCache::erase(std::list<Entry>::iterator entry) {
  auto [from, to] = by_user_.equal_range(entry->user);
  by_user_.erase(std::find_if(from, to, [&](const auto& each) { return each.second == entry; }));
  by_hash_.erase(entry->hash);
  entries_.erase(entry);
}

}  // namespace insula::access
