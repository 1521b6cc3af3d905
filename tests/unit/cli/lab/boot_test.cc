#include "cli/lab/boot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "cli/lab/tour.h"
#include "cli/subjects.h"
#include "test_paths.h"

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

class ConfigureLabTest : public testing::Test {
 protected:
  void Boot(const std::string& file) {
    auto lab = MakeLab(file, loop_, random_, [this](const std::string& note) { remarks_.push_back(note); });
    ASSERT_TRUE(lab.ok()) << lab.why();
    lab_ = std::move(*lab);
    const Status done =
        ConfigureLab(*lab_, loop_, grammar_, [this](const std::string& remark) { remarks_.push_back(remark); });
    ASSERT_TRUE(done.ok()) << done.why();
  }

  std::string Run(const std::string& node, const std::string& line) {
    for (device::Lab::Node& each : lab_->nodes())
      if (each.name == node) return RunLine(loop_, grammar_, each, line);
    return "no such node";
  }

  device::EventLoop loop_;
  SeededRandom random_{1};
  Grammar grammar_ = std::move(*BuildGrammar());
  std::unique_ptr<device::Lab> lab_;
  std::vector<std::string> remarks_;
};

TEST_F(ConfigureLabTest, ContainerlabsHostsTalkAndDevicesHaveTheirNames) {
  const std::string file = testing::TempDir() + "sw8800-hosts-" + std::to_string(::getpid()) + ".clab.yml";
  std::ofstream(file) << R"(name: hosts
topology:
  nodes:
    pc-1:
      kind: linux
      exec: [ip addr add 192.0.2.2/30 dev eth1, ip route add default via 192.0.2.1]
    pc-2:
      kind: nokia_srlinux
      exec: [ip addr add 198.51.100.2/30 dev e1-7, ip route add default via 198.51.100.1]
    a-gateway-with-a-name-of-more-than-thirty-letters:
      kind: sw8800
      startup-config: |
        interface GigabitEthernet0/1
         ip address 192.0.2.1 30
        interface GigabitEthernet0/2
         ip address 198.51.100.1 30
    own: {kind: sw8800, startup-config: "sysname other\n"}
  links:
    - endpoints: ["pc-1:eth1", "a-gateway-with-a-name-of-more-than-thirty-letters:eth1"]
    - endpoints: ["pc-2:e1-7", "a-gateway-with-a-name-of-more-than-thirty-letters:eth2"]
)";
  Boot(file);
  std::filesystem::remove(file);
  EXPECT_THAT(remarks_, testing::SizeIs(3)) << testing::PrintToString(remarks_);  // two kinds, one name of a port
  EXPECT_THAT(Run("pc-1", "ping -c 1 198.51.100.2"), HasSubstr("1 packet(s) received"));
  EXPECT_THAT(Run("a-gateway-with-a-name-of-more-than-thirty-letters", "display clock"),
              HasSubstr("<a-gateway-with-a-name-of-more->"));
  EXPECT_THAT(Run("own", "display clock"), HasSubstr("<other>"));
}

TEST_F(ConfigureLabTest, TheExampleForContainerlabLoadsHere) {
  Boot(SW_SOURCE_DIR "/examples/containerlab/sites.clab.yml");
  EXPECT_THAT(lab_->nodes(), testing::SizeIs(3));
  EXPECT_THAT(Run("client-2", "display current-configuration"), HasSubstr("ip address 192.0.2.12"));
  EXPECT_THAT(remarks_, testing::ElementsAre(HasSubstr("env means nothing")));
}

}  // namespace
}  // namespace sw::cli
