#include "device/linux/device_locks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sw::device {
namespace {

using testing::HasSubstr;

class DeviceLocksTest : public testing::Test {
 protected:
  std::string Path(const std::string& name) const { return testing::TempDir() + own_ + name; }
  std::string Link(const std::string& name) const { return own_ + name; }
  const std::string own_ = "locks" + std::to_string(::getpid());
};

TEST_F(DeviceLocksTest, SayWhoHasWhatAndHowToAttach) {
  DeviceLocks first, second;
  ASSERT_TRUE(first.Take(Path("a.db"), Path("a.sock"), {{"GigabitEthernet0/1", Link("e")}}).ok());
  Status refused = second.Take(Path("a.db"), Path("b.sock"), {});
  EXPECT_EQ(refused.code(), Code::kInUse);
  EXPECT_THAT(refused.why(), HasSubstr("sw8800 --connect " + Path("a.sock")));
  EXPECT_EQ(second.Take(Path("b.db"), Path("a.sock"), {}).code(), Code::kInUse);
  refused = second.Take(Path("b.db"), Path("b.sock"), {{"GigabitEthernet0/2", Link("e")}});
  EXPECT_EQ(refused.code(), Code::kInUse);
  EXPECT_THAT(refused.why(), HasSubstr("of this network namespace"));
}

TEST_F(DeviceLocksTest, FollowThePortsAndNeverLetGoOfOneThatStays) {
  DeviceLocks first, second;
  ASSERT_TRUE(first.Take(Path("c.db"), Path("c.sock"), {{"GigabitEthernet0/1", Link("f")}}).ok());
  ASSERT_TRUE(first.TakePorts({{"GigabitEthernet0/1", Link("f")}, {"GigabitEthernet0/2", Link("g")}}).ok());
  ASSERT_TRUE(second.Take(Path("d.db"), Path("d.sock"), {{"GigabitEthernet0/1", Link("h")}}).ok());
  EXPECT_EQ(second.TakePorts({{"GigabitEthernet0/1", Link("h")}, {"GigabitEthernet0/2", Link("g")}}).code(),
            Code::kInUse);
  ASSERT_TRUE(first.TakePorts({{"GigabitEthernet0/1", Link("f")}}).ok());
  EXPECT_TRUE(second.TakePorts({{"GigabitEthernet0/1", Link("h")}, {"GigabitEthernet0/2", Link("g")}}).ok());
  EXPECT_EQ(second.TakePorts({{"GigabitEthernet0/1", Link("h")}, {"GigabitEthernet0/2", Link("h")}}).code(),
            Code::kBadValue);
}

TEST_F(DeviceLocksTest, OfADatabaseHoldByEveryNameOfIt) {
  const std::string file = Path("e.db"), other = Path("other.db");
  std::filesystem::remove(other);
  std::ofstream(file).close();
  std::filesystem::create_symlink(file, other);
  const auto first = LockDatabase(file, {});
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(LockDatabase(other, {}).status().code(), Code::kInUse);
  std::filesystem::remove(other);
}

}  // namespace
}  // namespace sw::device
