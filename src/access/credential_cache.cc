#include "access/credential_cache.h"

namespace insula::access {

CredentialCache::CredentialCache(std::string key, std::size_t entries_max, Duration time_to_live) : key_(std::move(key)), entries_max_(entries_max), time_to_live_(time_to_live) {
  INSULA_ASSERT(key_.size() >= 32 && entries_max_ >= 1);
}

std::optional<Proven> CredentialCache::find(std::string_view credential, Instant now) {
  const auto found = by_hash_.find(hmac_sha256(key_, credential));
  if (found == by_hash_.end()) return std::nullopt;
  const auto entry = found->second;
  if (now >= entry->expires) {
    erase(entry);
    return std::nullopt;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->proven;
}

void CredentialCache::put(std::string_view credential, Proven proven, Instant now) {
  std::string hash = hmac_sha256(key_, credential);
  if (const auto found = by_hash_.find(hash); found != by_hash_.end()) erase(found->second);
  if (entries_.size() >= entries_max_) erase(std::prev(entries_.end()));
  const Instant expires = std::min(now + time_to_live_, proven.until.value_or(Instant::max()));
  entries_.push_front({hash, std::move(proven), expires});
  const auto entry = entries_.begin();
  by_hash_.emplace(std::move(hash), entry);
  by_user_.emplace(entry->proven.user, entry);
  if (!entry->proven.impersonator.empty()) by_user_.emplace(entry->proven.impersonator, entry);
}

void CredentialCache::forget_one(std::string_view credential) {
  if (const auto found = by_hash_.find(hmac_sha256(key_, credential)); found != by_hash_.end()) erase(found->second);
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
  for (const UserId& user : {entry->proven.user, entry->proven.impersonator}) {
    const auto [from, to] = by_user_.equal_range(user);
    if (const auto found = std::find_if(from, to, [&](const auto& each) { return each.second == entry; }); found != to) by_user_.erase(found);
  }
  by_hash_.erase(entry->hash);
  entries_.erase(entry);
}

}  // namespace insula::access
