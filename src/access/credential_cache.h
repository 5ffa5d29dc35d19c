// Remembers credentials that were verified a moment ago, so that a password is not hashed, nor a token or session looked up, at every request.
// Holds only keyed hashes.
#pragma once
#include <list>

#include "base/base.h"

namespace insula::access {

// Whom a credential stands for.
struct Proven {
  UserId user;
  UserId impersonator;               // of a session that somebody else opened as this user; empty = the user themselves
  std::optional<Instant> until;      // the end of the credential itself; none = when the cache forgets it
  bool operator==(const Proven&) const = default;
};

// Least recently used out first. Not thread-safe: the owner wraps it in its own lock.
class CredentialCache {
 public:
  // `key`: 32 random bytes of this process. `entries_max` ≥ 1.
  CredentialCache(std::string key, std::size_t entries_max = 10'000, Duration time_to_live = std::chrono::minutes(5));

  // `credential`: everything that was verified, scheme included (`Basic …`). Counts as a use; does not lengthen its life.
  std::optional<Proven> find(std::string_view credential, Instant now);
  void put(std::string_view credential, Proven proven, Instant now);
  void forget_one(std::string_view credential);
  // On change of password, lock, deletion, revoked token: also what they opened as somebody else.
  void forget(const UserId& user);
  void clear();
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string hash;
    Proven proven;
    Instant expires;
  };
  void erase(std::list<Entry>::iterator entry);

  std::string key_;
  std::size_t entries_max_;
  Duration time_to_live_;
  std::list<Entry> entries_;  // most recently used first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_hash_;
  std::unordered_multimap<UserId, std::list<Entry>::iterator> by_user_;
};

}  // namespace insula::access
