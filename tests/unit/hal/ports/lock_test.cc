#include "hal/ports/lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>

namespace sw::hal {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string Fresh(const std::string& name) {
  const std::string path = testing::TempDir() + "lock-" + std::to_string(::getpid()) + "-" + name;
  std::filesystem::remove(path);
  return path;
}

TEST(Lock, OfAFileNamesItsHolderAndGoesWithIt) {
  const std::string path = Fresh("file");
  std::optional<Lock> first;
  {
    Result<Lock> taken = Lock::OfFile(path, "the database", "attach by sw8800");
    ASSERT_TRUE(taken.ok()) << taken.why();
    first.emplace(std::move(*taken));
  }
  const Result<Lock> second = Lock::OfFile(path, "the database", "");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), Code::kInUse);
  EXPECT_THAT(second.why(), AllOf(HasSubstr("the database is in use by process " + std::to_string(::getpid())),
                                  HasSubstr("unit_hal"), HasSubstr("attach by sw8800")));
  first.reset();
  EXPECT_FALSE(std::filesystem::exists(path));
  EXPECT_TRUE(Lock::OfFile(path, "the database", "").ok());
}

TEST(Lock, OfAFileThatAKilledProcessLeftIsFree) {
  const std::string path = Fresh("left");
  std::ofstream(path) << "1 somebody else\n";
  EXPECT_TRUE(Lock::OfFile(path, "the database", "").ok());
}

TEST(Lock, OfAFileInNoFolderSaysWhy) {
  const Result<Lock> lock = Lock::OfFile("/nonexistent/lock", "the database", "");
  ASSERT_FALSE(lock.ok());
  EXPECT_EQ(lock.status().code(), Code::kDevice);
  EXPECT_THAT(lock.why(), HasSubstr("No such file or directory"));
}

TEST(Lock, OfANameIsOneProcessOfTheNamespace) {
  const std::string name = "test/" + std::to_string(::getpid());
  std::optional<Lock> first;
  {
    Result<Lock> taken = Lock::OfName(name, "port eth0");
    ASSERT_TRUE(taken.ok()) << taken.why();
    first.emplace(std::move(*taken));
  }
  const Result<Lock> second = Lock::OfName(name, "port eth0");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), Code::kInUse);
  EXPECT_THAT(second.why(), HasSubstr("port eth0 is in use by process " + std::to_string(::getpid())));
  first.reset();
  EXPECT_TRUE(Lock::OfName(name, "port eth0").ok());
}

}  // namespace
}  // namespace sw::hal
