// What --init writes is what devices take, and one that was asked at both ends leads to a registered client.
#include "cli/site/questions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/replay/replay.h"
#include "cli/subjects.h"
#include "hal/soft/software_device.h"

namespace sw::cli {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string Read(const fs::path& path) {
  std::stringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

class MakeSiteTest : public ::testing::Test {
 protected:
  MakeSiteTest() : folder_(fs::temp_directory_path() / ("sw8800-site-" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~MakeSiteTest() override { fs::remove_all(folder_); }

  Status Make(SiteAnswers answers, std::deque<std::string> typed = {}) {
    answers.folder = folder_;
    said_.clear();
    asked_ = 0;
    return MakeSite(
        answers, random_,
        [&](const std::string&) -> std::optional<std::string> {
          ++asked_;
          if (typed.empty()) return std::nullopt;
          std::string line = typed.front();
          typed.pop_front();
          return line;
        },
        [this](const std::string& text) { said_ += text; });
  }

  std::string InvitationSaid() const {
    const std::size_t at = said_.find("sw8800:");
    return said_.substr(at, said_.find('\n', at) - at);
  }

  fs::path folder_;
  SeededRandom random_{1};
  std::string said_;
  int asked_ = 0;
};

TEST_F(MakeSiteTest, AsksAServerFiveQuestions) {
  ASSERT_TRUE(Make({.role = "server"}, {"eth1", "192.0.2.1/24", "10.1.0.0/24", "", ""}).ok());
  EXPECT_EQ(asked_, 5);
  EXPECT_EQ(Read(folder_ / "site.ini"), "port = GigabitEthernet0/1=eth1\nforwarding = true\n");
  EXPECT_THAT(Read(folder_ / "site.cfg"), HasSubstr(" ip address 10.255.0.1 255.255.255.0\n"));
  EXPECT_THAT(InvitationSaid(), StartsWith("sw8800:"));
  struct stat status {};
  ASSERT_EQ(stat((folder_ / "site.cfg").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u) << "it holds secrets";
}

TEST_F(MakeSiteTest, AsksAgainWhatWasNoAnswer) {
  ASSERT_TRUE(
      Make({.role = "server", .link = "eth0", .network = "none", .branch = "b"}, {"192.0.2.1", "192.0.2.1/24", "x", ""})
          .ok());
  EXPECT_THAT(said_, HasSubstr("Please type an address with the length of its mask"));
}

TEST_F(MakeSiteTest, RefusesWrongOptionsAndFilesThatAreThere) {
  EXPECT_EQ(Make({.role = "hub"}).why(), "hub: not server or client");
  EXPECT_EQ(Make({.role = "client", .invitation = "sw8800:AAAA"}).why(), "***: not the invitation of a server");
  EXPECT_EQ(Make({.role = "server"}, {"eth0"}).why(), "the answers end before the questions");
  std::ofstream(folder_ / "site.cfg") << "mine\n";
  EXPECT_FALSE(Make({.role = "server",
                     .link = "eth0",
                     .address = "192.0.2.1/24",
                     .network = "none",
                     .tunnel = "10.0.0.1/24",
                     .branch = "b"})
                   .ok());
  EXPECT_EQ(Read(folder_ / "site.cfg"), "mine\n");
  EXPECT_FALSE(fs::exists(folder_ / "site.ini")) << "both or none";
}

TEST_F(MakeSiteTest, TheServersTextIsAllThatTheClientNeeds) {
  ASSERT_TRUE(Make({.role = "server",
                    .link = "eth0",
                    .address = "192.0.2.1/24",
                    .network = "10.1.0.0/24",
                    .tunnel = "10.0.0.1/24",
                    .branch = "b"})
                  .ok());
  const std::string invitation = InvitationSaid(), server = Read(folder_ / "site.cfg");
  fs::remove_all(folder_);
  fs::create_directories(folder_);
  ASSERT_TRUE(Make({.role = "client",
                    .link = "eth0",
                    .address = "192.0.2.9/24",
                    .network = "10.2.0.0/24",
                    .invitation = invitation})
                  .ok());
  EXPECT_EQ(asked_, 0);
  EXPECT_THAT(said_, HasSubstr("At the server, in system view:\n  ip route-static 10.2.0.0 255.255.255.0 10.0.0.2\n"));
  const std::string client = Read(folder_ / "site.cfg");
  EXPECT_THAT(client, HasSubstr("ip route-static 10.1.0.0 255.255.255.0 10.0.0.1\n"));
  const Result<Grammar> grammar = BuildGrammar();
  ASSERT_TRUE(grammar.ok());
  const auto engine = hal::SoftwareDevice::Create();
  ASSERT_TRUE(engine.ok());
  for (const std::string& lines : {server, client}) {
    const Result<ReplayReport> report = CheckScript(*grammar, (*engine)->capabilities(), "site.cfg", lines);
    ASSERT_TRUE(report.ok());
    EXPECT_TRUE(report->ok()) << lines;
  }
}

TEST(Invitation, TakesNothingThatASingleWordCannotBe) {
  SeededRandom random(1);
  const Result<Invitation> good = Invite(
      {.site = {"eth0", {Ipv4(192, 0, 2, 1), 24}, {}}, .tunnel = {Ipv4(10, 0, 0, 1), 24}, .branch = "b"}, random);
  ASSERT_TRUE(good.ok());
  ASSERT_TRUE(Invitation::FromText(good->ToText()).ok());
  Invitation bad = *good;
  bad.user = "b\nsuper password";
  EXPECT_FALSE(Invitation::FromText(bad.ToText()).ok());
  for (const char* text : {"", "sw8800:", "sw8800:e30=", "sw8800:W10=", "x"})
    EXPECT_FALSE(Invitation::FromText(text).ok()) << text;
  EXPECT_FALSE(Invite({.site = {}, .tunnel = {Ipv4(10, 0, 0, 1), 31}, .branch = "b"}, random).ok() &&
               Invite({.site = {}, .tunnel = {Ipv4(10, 0, 0, 2), 30}, .branch = "b"}, random).ok());
}

}  // namespace
}  // namespace sw::cli
