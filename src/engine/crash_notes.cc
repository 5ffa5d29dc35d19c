#include "engine/crash_notes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace insula::engine {

namespace {

// The file: a line that names it, a record per thread, a record per suspect. A record: how many crashes (a thread's: 1 while it is inside a tenant), then
// two texts that end in NUL.
constexpr std::string_view kMagic = "insula crash notes 1\n";
constexpr std::size_t kRecord = 256, kText = 124;
constexpr std::size_t kThreadsMax = 64, kSuspectsMax = 128;
constexpr std::size_t kBytes = kRecord * (1 + kThreadsMax + kSuspectsMax);
// A suspect that stands for the executions of a tenant that were set aside; no id has this form.
constexpr std::string_view kSetAside = "*";

char* record(char* memory, std::size_t index) { return memory + kRecord * (1 + index); }

void put_text(char* at, std::string_view text) {
  const std::size_t size = std::min(text.size(), kText - 1);
  std::memcpy(at, text.data(), size);
  at[size] = 0;
}
std::string text_at(const char* at) { return std::string(at, strnlen(at, kText)); }

// The compiler must not move or drop these: whoever reads them is another process.
void put_count(char* at, std::uint32_t count) {
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::memcpy(at, &count, sizeof count);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}
std::uint32_t count_at(const char* at) {
  std::uint32_t count = 0;
  std::memcpy(&count, at, sizeof count);
  return count;
}

}  // namespace

void CrashNotes::Slot::enter(const TenantUid& tenant) {
  tenant_ = tenant;
  stepped_.clear();
  if (at_ == nullptr) return;
  put_text(at_ + 4, tenant.str());
  at_[4 + kText] = 0;
  put_count(at_, 1);
}

void CrashNotes::Slot::stepping(const ExecutionId& execution) {
  if (at_ == nullptr) return;
  put_text(at_ + 4 + kText, execution.str());
  std::atomic_signal_fence(std::memory_order_seq_cst);
  if (notes_->suspects_count_.load(std::memory_order_relaxed) > 0 && notes_->is_suspect(tenant_, execution)) stepped_.push_back(execution);
}

void CrashNotes::Slot::leave(bool committed) {
  if (at_ == nullptr) return;
  put_count(at_, 0);
  if (!committed) return;
  if (notes_->suspects_count_.load(std::memory_order_relaxed) > 0) notes_->clear(tenant_, ExecutionId());
  for (const ExecutionId& execution : stepped_) notes_->clear(tenant_, execution);
}

Result<std::unique_ptr<CrashNotes>> CrashNotes::open(const std::filesystem::path& path, int slots) {
  const auto failed = [&](const char* doing) {
    return fail(ErrorKind::unavailable, "crash-notes-failed", fmt::format("{}: {}: {}", path.string(), doing, std::strerror(errno)));
  };
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return failed("open");
  // Room for all of it now: a page that the disk has no place for would kill the process when it is touched.
  const int no_room = ::posix_fallocate(file, 0, static_cast<off_t>(kBytes));
  errno = no_room;
  void* memory = no_room != 0 ? MAP_FAILED : ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  const int error = errno;
  ::close(file);
  errno = error;
  if (memory == MAP_FAILED) return failed("map");
  std::unique_ptr<CrashNotes> notes(new CrashNotes(path, static_cast<char*>(memory), slots));
  notes->read();
  return notes;
}

CrashNotes::CrashNotes(std::filesystem::path path, char* memory, int slots) : path_(std::move(path)), memory_(memory), slots_(static_cast<std::size_t>(std::max(slots, 1))) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    slots_[i].notes_ = this;
    if (i < kThreadsMax) slots_[i].at_ = record(memory_, i);
  }
}

CrashNotes::~CrashNotes() { ::munmap(memory_, kBytes); }

void CrashNotes::read() {
  if (std::string_view(memory_, kMagic.size()) == kMagic) {
    for (std::size_t i = 0; i < kSuspectsMax; ++i) {
      const char* at = record(memory_, kThreadsMax + i);
      if (count_at(at) > 0) suspects_.push_back({TenantUid(text_at(at + 4)), ExecutionId(text_at(at + 4 + kText)), static_cast<int>(count_at(at))});
    }
    for (std::size_t i = 0; i < kThreadsMax; ++i) {
      const char* at = record(memory_, i);
      if (count_at(at) > 0) count(TenantUid(text_at(at + 4)), ExecutionId(text_at(at + 4 + kText)));
    }
  }
  std::memset(memory_, 0, kBytes);
  std::memcpy(memory_, kMagic.data(), kMagic.size());
  write();
}

void CrashNotes::count(const TenantUid& tenant, const ExecutionId& execution) {
  log::warn("the process died while it worked on execution '{}' of the tenant with uid {}", execution, tenant);
  auto at = std::ranges::find_if(suspects_, [&](const Suspect& known) { return known.tenant == tenant && known.execution == execution; });
  if (at == suspects_.end()) at = suspects_.insert(at, Suspect{tenant, execution, 0});
  if (++at->crashes == kCrashesMax && !execution.empty() && execution.str() != kSetAside) count(tenant, ExecutionId(std::string(kSetAside)));
}

void CrashNotes::write() {
  if (suspects_.size() > kSuspectsMax) suspects_.erase(suspects_.begin(), suspects_.end() - static_cast<std::ptrdiff_t>(kSuspectsMax));
  for (std::size_t i = 0; i < kSuspectsMax; ++i) {
    char* at = record(memory_, kThreadsMax + i);
    put_count(at, 0);
    if (i >= suspects_.size()) continue;
    put_text(at + 4, suspects_[i].tenant.str());
    put_text(at + 4 + kText, suspects_[i].execution.str());
    put_count(at, static_cast<std::uint32_t>(suspects_[i].crashes));
  }
  suspects_count_.store(suspects_.size(), std::memory_order_relaxed);
}

void CrashNotes::clear(const TenantUid& tenant, const ExecutionId& execution) {
  const std::lock_guard lock(mutex_);
  if (std::erase_if(suspects_, [&](const Suspect& known) { return known.tenant == tenant && known.execution == execution; }) > 0) write();
}

bool CrashNotes::is_suspect(const TenantUid& tenant, const ExecutionId& execution) {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(suspects_, [&](const Suspect& known) { return known.tenant == tenant && known.execution == execution; });
}

std::vector<CrashNotes::Suspect> CrashNotes::condemned() const {
  const std::lock_guard lock(mutex_);
  std::vector<Suspect> found;
  for (const Suspect& suspect : suspects_) {
    if (suspect.crashes >= kCrashesMax && !suspect.execution.empty() && suspect.execution.str() != kSetAside) found.push_back(suspect);
  }
  return found;
}

std::vector<TenantUid> CrashNotes::refused() const {
  const std::lock_guard lock(mutex_);
  std::vector<TenantUid> found;
  for (const Suspect& suspect : suspects_) {
    const bool of_tenant = suspect.execution.empty() || suspect.execution.str() == kSetAside;
    // Setting the execution aside kills the process, too: nothing of this tenant can be done.
    if (suspect.crashes >= (of_tenant ? kCrashesMax : 2 * kCrashesMax)) found.push_back(suspect.tenant);
  }
  return found;
}

void CrashNotes::close() {
  const std::lock_guard lock(mutex_);
  if (std::exchange(closed_, true)) return;
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

}  // namespace insula::engine
