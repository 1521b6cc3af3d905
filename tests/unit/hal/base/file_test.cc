#include "hal/base/file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sw {
namespace {

using ::testing::EndsWith;

class ReadRegularFileTest : public ::testing::Test {
 protected:
  ReadRegularFileTest() { std::filesystem::create_directory(folder_); }
  ~ReadRegularFileTest() override { std::filesystem::remove_all(folder_); }
  const std::string folder_ = testing::TempDir() + "sw8800-file-" + std::to_string(::getpid());
  const std::string path_ = folder_ + "/file";
};

TEST_F(ReadRegularFileTest, GivesEveryByte) {
  const std::string bytes = std::string(200000, 'x') + '\0' + "\xff\r\n";
  std::ofstream(path_, std::ios::binary) << bytes;
  EXPECT_EQ(*ReadRegularFile(path_), bytes);
}

TEST_F(ReadRegularFileTest, RefusesWhatIsNoFileAndWaitsForNobody) {
  EXPECT_EQ(ReadRegularFile(path_).status().code(), Code::kNotFound);
  EXPECT_EQ(ReadRegularFile(path_).why(), path_ + ": No such file or directory");
  EXPECT_EQ(ReadRegularFile(folder_).status().code(), Code::kBadValue);
  EXPECT_THAT(ReadRegularFile(folder_).why(), EndsWith(": is a directory"));
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(ReadRegularFile(path_).why(), EndsWith(": is no regular file"));
  EXPECT_THAT(ReadRegularFile("/dev/zero").why(), EndsWith(": is no regular file"));
}

}  // namespace
}  // namespace sw
