// A storage that fails when a test says so.
#pragma once
#include "storage/storage.h"

namespace insula::storage {

class StorageForTests final : public Storage {
 public:
  // Called before each change of a file, with its path, and with `(swept)` after a sweep; an error is what the caller gets.
  using Fault = std::function<Result<void>(std::string_view path)>;
  StorageForTests(std::shared_ptr<Storage> real, Fault fault) : real_(std::move(real)), fault_(std::move(fault)) {}

  Result<void> put_file(const TenantUid& tenant, std::string_view path, const std::filesystem::path& local) override {
    if (auto faulty = fault_(path); !faulty) return faulty;
    return real_->put_file(tenant, path, local);
  }
  Result<std::unique_ptr<Writer>> create(const TenantUid& tenant, std::string_view path) override {
    if (auto faulty = fault_(path); !faulty) return fail(faulty.error());
    return real_->create(tenant, path);
  }
  Result<std::unique_ptr<Reader>> open(const TenantUid& tenant, std::string_view path) override {
    if (auto faulty = fault_(path); !faulty) return fail(faulty.error());
    return real_->open(tenant, path);
  }
  Result<FileInfo> info(const TenantUid& tenant, std::string_view path) override { return real_->info(tenant, path); }
  Result<std::vector<FileInfo>> list(const TenantUid& tenant, std::string_view prefix, std::size_t count_max) override { return real_->list(tenant, prefix, count_max); }
  Result<bool> remove(const TenantUid& tenant, std::string_view path) override {
    if (auto faulty = fault_(path); !faulty) return fail(faulty.error());
    return real_->remove(tenant, path);
  }
  Result<std::uint64_t> remove_prefix(const TenantUid& tenant, std::string_view prefix) override {
    if (auto faulty = fault_(prefix); !faulty) return fail(faulty.error());
    return real_->remove_prefix(tenant, prefix);
  }
  Result<void> move(const TenantUid& tenant, std::string_view from, std::string_view to) override {
    if (auto faulty = fault_(to); !faulty) return faulty;
    return real_->move(tenant, from, to);
  }
  Result<std::uint64_t> erase_tenant(const TenantUid& tenant) override { return real_->erase_tenant(tenant); }
  Result<std::uint64_t> sweep(Instant before) override {
    auto swept = real_->sweep(before);
    if (auto faulty = fault_("(swept)"); !faulty) return fail(faulty.error());
    return swept;
  }

 private:
  std::shared_ptr<Storage> real_;
  Fault fault_;
};

}  // namespace insula::storage
