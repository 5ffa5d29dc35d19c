#include "http/multipart.h"

#include <gtest/gtest.h>

#include <fstream>

namespace insula::http {
namespace {

// A folder of its own for each test, gone with it.
class Multipart : public ::testing::Test {
 protected:
  Multipart() {
    std::string pattern = (std::filesystem::temp_directory_path() / "insula-multipart-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Multipart() override { std::filesystem::remove_all(folder_); }

  // Feeds the body in pieces of `piece` bytes. "" when all went well, else the code of the refusal.
  std::string read(std::string_view body, std::size_t piece = 1'000'000) {
    parts_.clear();
    MultipartReader reader("XX", limits_, folder_, parts_);
    for (; !body.empty(); body.remove_prefix(std::min(piece, body.size()))) {
      if (auto accepted = reader.take(body.substr(0, piece)); !accepted) return accepted.error().code;
    }
    const auto finished = reader.finish();
    return finished ? "" : finished.error().code;
  }
  std::size_t files_on_disk() const {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder_), std::filesystem::directory_iterator{}));
  }

  MultipartLimits limits_;
  std::filesystem::path folder_;
  std::vector<Part> parts_;
};

constexpr std::string_view form =
    "ignored preamble\r\n"
    "--XX\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nfirst\r\n-- XX line\r\n"
    "--XX  \r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.bin\"\r\nContent-Type: image/png\r\n\r\n\r\n--X\r\n--\r\r\n"
    "--XX\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n"
    "--XX--\r\nignored epilogue --XX\r\n";

TEST_F(Multipart, ReadsTextAndFilesHoweverTheBytesAreCut) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7}, std::size_t{50}, form.size()}) {
    ASSERT_EQ(read(form, piece), "") << piece;
    ASSERT_EQ(parts_.size(), 3u);
    EXPECT_EQ(parts_[0].name, "text");
    EXPECT_EQ(parts_[0].text, "first\r\n-- XX line");
    EXPECT_FALSE(parts_[0].is_file());
    EXPECT_EQ(parts_[1].filename, "a.bin");
    EXPECT_EQ(parts_[1].content_type, "image/png");
    EXPECT_EQ(parts_[1].file.read(100), "\r\n--X\r\n--\r");
    EXPECT_EQ(parts_[1].file.size(), 10u);
    EXPECT_EQ(parts_[2].text, "");
  }
}

TEST_F(Multipart, AFileIsRemovedWithItsPartUnlessTaken) {
  ASSERT_EQ(read(form), "");
  EXPECT_EQ(files_on_disk(), 1u);
  const auto kept = parts_[1].file.take();
  parts_.clear();
  EXPECT_EQ(files_on_disk(), 1u);
  EXPECT_TRUE(std::filesystem::exists(kept));
  ASSERT_EQ(read(form), "");
  parts_.clear();
  EXPECT_EQ(files_on_disk(), 1u);
}

TEST_F(Multipart, ABodyThatEndsEarlyIsRefused) {
  for (std::size_t length = 1; length < form.find("--XX--") + 6; ++length) EXPECT_EQ(read(form.substr(0, length)), "multipart-truncated") << length;
}

TEST_F(Multipart, ABodyWithoutAnyByteIsAFormWithoutParts) {
  EXPECT_EQ(read(""), "");
  EXPECT_EQ(read("--XX--"), "");
  EXPECT_TRUE(parts_.empty());
}

TEST_F(Multipart, RefusesWhatIsNoPart) {
  EXPECT_EQ(read("--XX\r\n\r\n\r\n--XX--"), "multipart-invalid");
  EXPECT_EQ(read("--XX\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n\r\n--XX--"), "multipart-invalid");
  EXPECT_EQ(read("--XX\r\nContent-Disposition: form-data\r\n\r\n\r\n--XX--"), "multipart-invalid");
  EXPECT_EQ(read("--XX\r\nno colon\r\n\r\n\r\n--XX--"), "multipart-invalid");
  EXPECT_EQ(read("--XXY\r\n"), "multipart-invalid");
  EXPECT_EQ(read("--XX\r\nContent-Disposition: form-data; name=\"\xff\"\r\n\r\n\r\n--XX--"), "multipart-invalid");
}

TEST_F(Multipart, KeepsToItsLimits) {
  limits_.parts_max = 2;
  EXPECT_EQ(read(form), "multipart-too-many-parts");
  limits_ = {};
  limits_.text_part_bytes_max = 5;
  EXPECT_EQ(read(form, 1), "multipart-text-too-large");
  limits_ = {};
  limits_.text_bytes_max = 5;
  EXPECT_EQ(read(form), "multipart-text-too-large");
  limits_ = {};
  EXPECT_EQ(read("--XX\r\n" + std::string(20'000, 'a'), 100), "multipart-header-too-large");
}

TEST_F(Multipart, AFileNameInTheExtendedFormIsDecoded) {
  ASSERT_EQ(read("--XX\r\nContent-Disposition: form-data; name=f; filename*=UTF-8''na%C3%AFve.txt\r\n\r\nx\r\n--XX--"), "");
  EXPECT_EQ(parts_[0].filename, "naïve.txt");
}

TEST_F(Multipart, WithoutAFolderFilesAreRefusedAndTextIsNot) {
  std::vector<Part> parts;
  MultipartReader reader("XX", {}, {}, parts);
  const auto accepted = reader.take(form);
  ASSERT_FALSE(accepted);
  EXPECT_EQ(accepted.error().status, 415);
  EXPECT_EQ(parts.size(), 1u);
}

TEST_F(Multipart, AFolderThatVanishedIsNotTheClientsFault) {
  std::filesystem::remove_all(folder_);
  EXPECT_EQ(read(form), "spool-failed");
}

TEST_F(Multipart, TheBoundaryMustBeThereAndPossible) {
  EXPECT_EQ(MultipartReader::boundary_of("multipart/form-data; boundary=abc"), "abc");
  EXPECT_EQ(MultipartReader::boundary_of("multipart/form-data; boundary=\"a b\""), "a b");
  for (const std::string& parameter : {std::string(), std::string("boundary="), "boundary=" + std::string(71, 'a'), std::string("boundary=\"a\tb\"")}) {
    const auto boundary = MultipartReader::boundary_of("multipart/form-data; " + parameter);
    ASSERT_FALSE(boundary) << parameter;
    EXPECT_EQ(boundary.error().code, "multipart-boundary");
  }
}

}  // namespace
}  // namespace insula::http
