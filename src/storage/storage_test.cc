#include "storage/storage.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace insula::storage {
namespace {

const TenantUid kAcme("01acme"), kOther("02other");

class StorageTest : public testing::Test {
 protected:
  StorageTest() {
    root_ = std::filesystem::temp_directory_path() / ("insula-storage-" + hex_encode(random_bytes(8)));
    std::filesystem::create_directories(root_);
    storage_ = open_local_storage(root_ / "tenants");
  }
  ~StorageTest() override { std::filesystem::remove_all(root_); }

  std::filesystem::path local(std::string_view name, std::string_view content) {
    std::filesystem::path path = root_ / name;
    std::ofstream(path) << content;
    return path;
  }
  std::vector<std::string> paths(const TenantUid& tenant, std::string_view prefix, std::size_t count_max = 100) {
    std::vector<std::string> result;
    for (const FileInfo& file : storage_->list(tenant, prefix, count_max).value()) result.push_back(file.path);
    return result;
  }
  std::size_t uploads(const TenantUid& tenant) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(root_ / "tenants" / tenant.str() / "uploads"), {}));
  }

  std::filesystem::path root_;
  std::unique_ptr<Storage> storage_;
};

TEST(Layout, IsTheOneOfTheOriginal) {
  const Namespace ns("io.t");
  const FlowId flow("My_Flow.x--y");
  const ExecutionId execution("3kIuG6");
  EXPECT_EQ(task_file_path(ns, flow, execution, TaskId("Ta_sk__B"), TaskRunId("2yX1"), "544.txt"), "io/t/my-flowx-y/executions/3kIuG6/tasks/ta-sk-b/2yX1/544.txt");
  EXPECT_EQ(input_file_path(ns, flow, execution, "file", "a.txt"), "io/t/my-flowx-y/executions/3kIuG6/inputs/file/a.txt");
  EXPECT_TRUE(belongs_to_execution("io/t/my-flowx-y/executions/3kIuG6/inputs/file/a.txt", ns, flow, execution));
  EXPECT_FALSE(belongs_to_execution("io/t/my-flowx-y/executions/3kIuG6x/inputs/file/a.txt", ns, flow, execution));
  EXPECT_FALSE(belongs_to_execution("io/t/my-flowx-y/executions/3kIuG6/../other/a.txt", ns, flow, execution));
  EXPECT_FALSE(belongs_to_execution("io/t/my-flowx-y/executions//a.txt", ns, flow, ExecutionId()));
}

TEST(Layout, UriAndPathAreInverse) {
  for (const std::string path : {"a/b.txt", "a/b c.txt", "a/100%.txt", "a/é?#[].txt", "a/x+y&z=1;.csv"}) {
    EXPECT_EQ(path_of(uri_of(path)).value(), path) << uri_of(path);
  }
  EXPECT_EQ(uri_of("a/b c.txt"), "kestra:///a/b%20c.txt");
}

TEST(Layout, RefusesUrisThatLeaveTheTenant) {
  for (const std::string uri : {"kestra://host/a", "file:///etc/passwd", "kestra:///../a", "kestra:///a/%2e%2e/b", "kestra:///a%2F..%2Fb", "kestra:////etc/passwd", "kestra:///a/%00", "kestra:///a\\b",
                                "kestra:///a/%5c..", "kestra:///a/./b", "kestra:///a//b", "kestra:///", "kestra:///a/", "kestra:///a%zz", "a/b"}) {
    EXPECT_FALSE(path_of(uri)) << uri;
  }
}

TEST(Layout, NamesAreMadeSafe) {
  EXPECT_EQ(safe_name("../../etc/passwd"), ".._.._etc_passwd");
  EXPECT_EQ(safe_name(".."), "_");
  EXPECT_EQ(safe_name(""), "_");
  EXPECT_EQ(safe_name(std::string(300, 'a') + ".csv").size(), 200u);
  EXPECT_TRUE(safe_name(std::string(300, 'a') + ".csv").ends_with(".csv"));
}

TEST_F(StorageTest, ReadsBackWhatWasPut) {
  ASSERT_TRUE(storage_->put(kAcme, "a/b/c.txt", "hello"));
  EXPECT_EQ(storage_->read(kAcme, "a/b/c.txt", 5).value(), "hello");
  EXPECT_EQ(storage_->read(kAcme, "a/b/c.txt", 4).error().kind, ErrorKind::too_large);
  EXPECT_EQ(storage_->size(kAcme, "a/b/c.txt").value(), 5u);
  EXPECT_TRUE(storage_->exists(kAcme, "a/b/c.txt").value());
  EXPECT_FALSE(storage_->exists(kAcme, "a/b").value());
  EXPECT_FALSE(storage_->exists(kAcme, "a/b/c.txt/d").value());
  EXPECT_EQ(storage_->read(kAcme, "a/x", 5).error().code, "storage-file-unknown");
  ASSERT_TRUE(storage_->put(kAcme, "a/b/c.txt", ""));
  EXPECT_EQ(storage_->read(kAcme, "a/b/c.txt", 5).value(), "");
}

TEST_F(StorageTest, OneTenantSeesNothingOfAnother) {
  ASSERT_TRUE(storage_->put(kAcme, "a/b.txt", "secret"));
  EXPECT_EQ(storage_->read(kOther, "a/b.txt", 10).error().kind, ErrorKind::not_found);
  EXPECT_TRUE(paths(kOther, "").empty());
  EXPECT_EQ(storage_->erase_tenant(kOther).value(), 0u);
  EXPECT_EQ(storage_->remove_prefix(kOther, "a").value(), 0u);
  EXPECT_EQ(paths(kAcme, ""), std::vector<std::string>{"a/b.txt"});
  EXPECT_FALSE(storage_->put(TenantUid(".."), "a", "x"));
  EXPECT_FALSE(storage_->put(TenantUid("01acme/files"), "a", "x"));
  EXPECT_FALSE(storage_->put(TenantUid(""), "a", "x"));
}

TEST_F(StorageTest, RefusesPathsThatLeaveTheFolder) {
  for (const std::string path : {"../x", "a/../../x", "/etc/x", "a//b", "a/./b", "a\\b", "", ".", "..", "a/", "a\nb", "\xff"}) {
    EXPECT_FALSE(storage_->put(kAcme, path, "x")) << path;
    EXPECT_FALSE(storage_->open(kAcme, path)) << path;
    EXPECT_FALSE(storage_->remove(kAcme, path)) << path;
  }
  EXPECT_FALSE(storage_->put(kAcme, std::string_view("a\0b", 3), "x"));
  EXPECT_FALSE(storage_->put(kAcme, std::string(256, 'x'), "x"));
}

TEST_F(StorageTest, DoesNotFollowSymlinks) {
  ASSERT_TRUE(storage_->put(kAcme, "a/b.txt", "x"));
  const std::filesystem::path files = root_ / "tenants" / kAcme.str() / "files";
  const std::filesystem::path secret = local("secret", "secret");
  std::filesystem::create_symlink(secret, files / "a" / "link.txt");
  std::filesystem::create_directory_symlink(root_, files / "out");
  EXPECT_FALSE(storage_->open(kAcme, "a/link.txt"));
  EXPECT_FALSE(storage_->open(kAcme, "out/secret"));
  EXPECT_FALSE(storage_->put(kAcme, "out/new", "x"));
  EXPECT_FALSE(std::filesystem::exists(root_ / "new"));
  EXPECT_FALSE(storage_->info(kAcme, "a/link.txt"));
  EXPECT_EQ(paths(kAcme, ""), std::vector<std::string>{"a/b.txt"});
  EXPECT_FALSE(storage_->put_file(kAcme, "a/c", files / "a" / "link.txt"));
  ASSERT_TRUE(storage_->erase_tenant(kAcme));
  EXPECT_TRUE(std::filesystem::exists(secret));
}

TEST_F(StorageTest, AFileAppearsWholeOrNotAtAll) {
  {
    std::unique_ptr<Writer> writer = storage_->create(kAcme, "a/half").value();
    ASSERT_TRUE(writer->append("half"));
    EXPECT_FALSE(storage_->exists(kAcme, "a/half").value());
    EXPECT_EQ(uploads(kAcme), 1u);
  }
  EXPECT_FALSE(storage_->exists(kAcme, "a/half").value());
  EXPECT_EQ(uploads(kAcme), 0u);
  std::unique_ptr<Writer> writer = storage_->create(kAcme, "a/whole").value();
  ASSERT_TRUE(writer->append("who"));
  ASSERT_TRUE(writer->append("le"));
  EXPECT_EQ(writer->size(), 5u);
  ASSERT_TRUE(writer->commit());
  EXPECT_EQ(storage_->read(kAcme, "a/whole", 100).value(), "whole");
  EXPECT_EQ(uploads(kAcme), 0u);
}

TEST_F(StorageTest, AFileWhereAFolderShouldBeIsAnErrorNotALoop) {
  ASSERT_TRUE(storage_->put(kAcme, "a", "x"));
  EXPECT_FALSE(storage_->put(kAcme, "a/b", "x"));
  ASSERT_TRUE(storage_->put(kAcme, "d/e", "x"));
  EXPECT_FALSE(storage_->put(kAcme, "d", "x"));
  EXPECT_EQ(uploads(kAcme), 0u);
}

TEST_F(StorageTest, AReaderKeepsItsFileWhenItIsReplacedOrDeleted) {
  ASSERT_TRUE(storage_->put(kAcme, "a", "first"));
  std::unique_ptr<Reader> reader = storage_->open(kAcme, "a").value();
  ASSERT_TRUE(storage_->put(kAcme, "a", "second"));
  EXPECT_TRUE(storage_->remove(kAcme, "a").value());
  std::array<char, 16> buffer{};
  ASSERT_TRUE(reader->seek(1));
  EXPECT_EQ(reader->read(buffer).value(), 4u);
  EXPECT_EQ(std::string_view(buffer.data(), 4), "irst");
  EXPECT_EQ(reader->read(buffer).value(), 0u);
  EXPECT_GE(reader->descriptor(), 0);
}

TEST_F(StorageTest, TakesLocalFilesOver) {
  const std::filesystem::path file = local("upload", "content");
  ASSERT_TRUE(storage_->put_file(kAcme, "in/upload", file));
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_EQ(storage_->read(kAcme, "in/upload", 100).value(), "content");
  EXPECT_FALSE(storage_->put_file(kAcme, "in/other", root_));
  EXPECT_FALSE(storage_->put_file(kAcme, "in/other", root_ / "missing"));
}

TEST_F(StorageTest, AFileWithASecondNameIsCopied) {
  const std::filesystem::path file = local("first", "before");
  std::filesystem::create_hard_link(file, root_ / "second");
  ASSERT_TRUE(storage_->put_file(kAcme, "x", file));
  local("second", "after");
  EXPECT_EQ(storage_->read(kAcme, "x", 100).value(), "before");
}

TEST_F(StorageTest, ListsByPathUpToACount) {
  for (const std::string path : {"a/b/2", "a.txt", "a/c", "a/b/1", "b"}) ASSERT_TRUE(storage_->put(kAcme, path, "x"));
  EXPECT_EQ(paths(kAcme, ""), (std::vector<std::string>{"a.txt", "a/b/1", "a/b/2", "a/c", "b"}));
  EXPECT_EQ(paths(kAcme, "a"), (std::vector<std::string>{"a/b/1", "a/b/2", "a/c"}));
  EXPECT_EQ(paths(kAcme, "a/b/"), (std::vector<std::string>{"a/b/1", "a/b/2"}));
  EXPECT_EQ(paths(kAcme, "", 2), (std::vector<std::string>{"a.txt", "a/b/1"}));
  EXPECT_TRUE(paths(kAcme, "missing").empty());
  EXPECT_FALSE(storage_->list(kAcme, "../02other", 10));
}

TEST_F(StorageTest, RemovingTakesEmptiedFoldersAlong) {
  ASSERT_TRUE(storage_->put(kAcme, "a/b/c/1", "x"));
  ASSERT_TRUE(storage_->put(kAcme, "a/2", "x"));
  EXPECT_TRUE(storage_->remove(kAcme, "a/b/c/1").value());
  EXPECT_FALSE(storage_->remove(kAcme, "a/b/c/1").value());
  EXPECT_FALSE(std::filesystem::exists(root_ / "tenants" / kAcme.str() / "files/a/b"));
  EXPECT_EQ(paths(kAcme, ""), std::vector<std::string>{"a/2"});
  ASSERT_TRUE(storage_->put(kAcme, "a/b/3", "x"));
  EXPECT_EQ(storage_->remove_prefix(kAcme, "a/").value(), 2u);
  EXPECT_EQ(storage_->remove_prefix(kAcme, "a/").value(), 0u);
  EXPECT_TRUE(paths(kAcme, "").empty());
}

TEST_F(StorageTest, MovesFiles) {
  ASSERT_TRUE(storage_->put(kAcme, "a/1", "one"));
  ASSERT_TRUE(storage_->put(kAcme, "b/2", "two"));
  ASSERT_TRUE(storage_->move(kAcme, "a/1", "b/2"));
  EXPECT_EQ(storage_->read(kAcme, "b/2", 10).value(), "one");
  EXPECT_EQ(paths(kAcme, ""), std::vector<std::string>{"b/2"});
  EXPECT_EQ(storage_->move(kAcme, "a/1", "b/2").error().kind, ErrorKind::not_found);
  EXPECT_FALSE(storage_->move(kAcme, "b/2", "../x"));
}

TEST_F(StorageTest, SweepsOldUploadsOnly) {
  std::unique_ptr<Writer> writer = storage_->create(kAcme, "a").value();
  const Instant now = SystemClock().now();
  EXPECT_EQ(storage_->sweep(now - std::chrono::hours(24)).value(), 0u);
  EXPECT_EQ(storage_->sweep(now + std::chrono::hours(1)).value(), 1u);
  EXPECT_FALSE(writer->commit());
  EXPECT_FALSE(storage_->exists(kAcme, "a").value());
}

TEST_F(StorageTest, ErasesATenantWhole) {
  ASSERT_TRUE(storage_->put(kAcme, "a/b", "x"));
  ASSERT_TRUE(storage_->put(kAcme, "c", "x"));
  std::unique_ptr<Writer> writer = storage_->create(kAcme, "d").value();
  EXPECT_EQ(storage_->erase_tenant(kAcme).value(), 2u);
  EXPECT_TRUE(std::filesystem::is_empty(root_ / "tenants" / kAcme.str()));
  EXPECT_EQ(storage_->erase_tenant(kAcme).value(), 0u);
}

TEST_F(StorageTest, WritersAndDeletersOfOneFolderDoNotDisturbEachOther) {
  std::atomic<int> failures = 0;
  std::vector<std::jthread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 25; ++i) {
        const std::string path = fmt::format("same/folder/{}-{}", thread, i);
        if (!storage_->put(kAcme, path, "x") || !storage_->remove(kAcme, path).value_or(false)) ++failures;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(failures, 0);
  EXPECT_TRUE(paths(kAcme, "").empty());
}

}  // namespace
}  // namespace insula::storage
