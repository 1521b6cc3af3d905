#include "cli/lab/boot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

namespace sw::cli {
namespace {

using ::testing::HasSubstr;

Status Made(const std::string& file) {
  device::EventLoop loop;
  SeededRandom random(1);
  return MakeLab(file, loop, random, [](const std::string&) {}).status();
}

TEST(MakeLab, AFileThatIsNotThereIsNotFound) {
  EXPECT_EQ(Made("/nonexistent/lab.yaml").code(), Code::kNotFound);
}

TEST(MakeLab, WaitsForNobodyAtWhatIsNoFile) {
  const std::string pipe = testing::TempDir() + "sw8800-lab-" + std::to_string(::getpid());
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(Made(pipe).why(), HasSubstr("is no regular file"));
  std::filesystem::remove(pipe);
  EXPECT_THAT(Made(testing::TempDir()).why(), HasSubstr("is a directory"));
}

}  // namespace
}  // namespace sw::cli
