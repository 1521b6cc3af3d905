#include "device/linux/found.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace sw::device {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

class FoundTest : public testing::Test {
 protected:
  FoundTest() : path_(testing::TempDir() + "found-" + std::to_string(::getpid())) { std::filesystem::remove(path_); }
  const std::string path_;
};

TEST_F(FoundTest, IsWhatAKilledPredecessorNoted) {
  {
    Found killed;
    ASSERT_TRUE(killed.Open(path_).ok());
    killed.Note(Found::Sysctl("net/ipv4/ip_forward"), "0");
    killed.Note(Found::Mtu("eth0"), "1500");
    killed.Note(Found::Mtu("eth0"), "9000");
    killed.Note(Found::Vlan("eth0.5"), "");
    killed.Drop(Found::Vlan("eth0.5"));
  }
  Found next;
  ASSERT_TRUE(next.Open(path_).ok());
  EXPECT_THAT(next.unclaimed(), ElementsAre(Pair("mtu eth0", "1500"), Pair("sysctl net/ipv4/ip_forward", "0")));
  EXPECT_EQ(next.Claim(Found::Mtu("eth0")), "1500");
  EXPECT_EQ(next.Claim(Found::Mtu("eth0")), std::nullopt);
  EXPECT_THAT(next.unclaimed(), ElementsAre(Pair("sysctl net/ipv4/ip_forward", "0")));
}

TEST_F(FoundTest, KeepsWhatWasClaimedForTheOneAfterNext) {
  {
    Found first, second;
    ASSERT_TRUE(first.Open(path_).ok());
    first.Note(Found::Up("eth0"), "0");
    ASSERT_TRUE(second.Open(path_).ok());
    EXPECT_EQ(second.Claim(Found::Up("eth0")), "0");
  }
  Found third;
  ASSERT_TRUE(third.Open(path_).ok());
  EXPECT_THAT(third.unclaimed(), ElementsAre(Pair("up eth0", "0")));
}

TEST_F(FoundTest, LeavesNoFileWhenAllIsPutBack) {
  Found found;
  ASSERT_TRUE(found.Open(path_).ok());
  found.Note(Found::Up("eth0"), "0");
  EXPECT_TRUE(std::filesystem::exists(path_));
  found.Drop(Found::Up("eth0"));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(FoundTest, DropsWhatIsOfAnotherBootOrNamespace) {
  std::ofstream(path_) << "sw8800-found 1 another-boot 4026531840\n+mtu eth0\t1500\n";
  Found found;
  ASSERT_TRUE(found.Open(path_).ok());
  EXPECT_THAT(found.unclaimed(), IsEmpty());
}

// A successor that failed has made the file its own.
TEST_F(FoundTest, IsKeptAnewWhateverAnotherProcessMadeOfTheFile) {
  Found first;
  ASSERT_TRUE(first.Open(path_).ok());
  first.Note(Found::Mtu("eth0"), "1500");
  {
    Found successor;
    ASSERT_TRUE(successor.Open(path_).ok());
    successor.Drop(Found::Mtu("eth0"));
  }
  first.Keep();
  first.Note(Found::Up("eth0"), "1");
  Found next;
  ASSERT_TRUE(next.Open(path_).ok());
  EXPECT_THAT(next.unclaimed(), ElementsAre(Pair("mtu eth0", "1500"), Pair("up eth0", "1")));
}

TEST_F(FoundTest, SaysWhereItCannotBeKept) {
  Found found;
  EXPECT_EQ(found.Open("/nonexistent/found").code(), Code::kStorage);
  found.Note(Found::Up("eth0"), "0");
  EXPECT_THAT(found.unclaimed(), IsEmpty());
}

// Something else that stands at the path holds nobody up, and stays.
TEST_F(FoundTest, TouchesNothingButItsFile) {
  for (const bool pipe : {false, true}) {
    ASSERT_EQ(pipe ? ::mkfifo(path_.c_str(), 0600) : ::mkdir(path_.c_str(), 0700), 0);
    {
      Found found;
      EXPECT_EQ(found.Open(path_).code(), Code::kStorage);
      found.Note(Found::Up("eth0"), "0");
      found.Drop(Found::Up("eth0"));
    }
    EXPECT_EQ(std::filesystem::status(path_).type(),
              pipe ? std::filesystem::file_type::fifo : std::filesystem::file_type::directory);
    std::filesystem::remove(path_);
  }
}

}  // namespace
}  // namespace sw::device
