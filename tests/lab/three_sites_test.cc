// The example, whole, in virtual time: its lab file and configurations, three devices, registrations, pings, redirects.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <regex>

#include "cli/session/line_reader.h"
#include "cli/session/session.h"
#include "cli/subjects.h"
#include "device/lab/lab.h"
#include "hal/base/virtual_scheduler.h"
#include "test_paths.h"

namespace sw {
namespace {

using testing::HasSubstr;
using testing::Not;

class Screen final : public cli::ConsoleListener {
 public:
  void OnOutput(std::string_view text) override { output += text; }
  void OnNotice(std::string_view text) override { notices += text; }
  void OnReady(const cli::Ready& r) override {
    ready = true;
    outcome = r.outcome;
  }
  std::string output, notices;
  bool ready = false;
  cli::Outcome outcome = cli::Outcome::kAccepted;
};

class ThreeSites : public testing::Test {
 protected:
  void SetUp() override {
    const std::string file = SW_SOURCE_DIR "/examples/three-sites/lab.yaml";
    const Result<std::string> text = cli::ReadTextFile(file);
    ASSERT_TRUE(text.ok()) << text.why();
    Result<device::Topology> topology = device::ParseTopology(*text, file);
    ASSERT_TRUE(topology.ok()) << topology.why();
    Result<std::unique_ptr<device::Lab>> lab =
        device::Lab::Create(*topology, scheduler_, random_, [] { return std::int64_t{1700000000}; });
    ASSERT_TRUE(lab.ok()) << lab.why();
    lab_ = std::move(*lab);
    Result<cli::Grammar> grammar = cli::BuildGrammar();
    ASSERT_TRUE(grammar.ok()) << grammar.why();
    grammar_.emplace(std::move(*grammar));
    for (device::Lab::Node& node : lab_->nodes()) Configure(node);
  }

  void Configure(device::Lab::Node& node) {
    cli::Session session(*node.device, *grammar_, {.from = "script", .start = cli::View::kSystem});
    Screen screen;
    session.Listen(&screen);
    std::ifstream in(node.startup_config);
    ASSERT_TRUE(in.good()) << node.startup_config;
    for (std::string line; std::getline(in, line);) {
      session.Execute(line);
      ASSERT_NE(screen.outcome, cli::Outcome::kRefused) << node.name << ": " << line << "\n" << screen.output;
    }
    session.Listen(nullptr);
  }

  // Runs a line on a node, until it is done, and returns what it printed; `notices` too when asked for.
  std::string Run(const std::string& node, const std::string& line, std::string* notices = nullptr) {
    cli::Session session(*lab_->Find(node), *grammar_, {.monitor = true});
    Screen screen;
    session.Listen(&screen);
    if (notices != nullptr)  // debugging ends with the session that asked for it
      for (const char* asked : {"terminal debugging", "debugging dvpn packet data"}) session.Execute(asked);
    screen.ready = false;
    session.Execute(line);
    EXPECT_TRUE(scheduler_.RunUntilTrue([&] { return screen.ready; }, std::chrono::seconds(60))) << line;
    session.Listen(nullptr);
    if (notices != nullptr) *notices = screen.notices;
    return screen.output;
  }

  bool Registered() {
    std::size_t finished = 0;
    for (const dvpn::MapInfo& map : lab_->Find("server")->maps())
      finished += map.state == dvpn::MapState::kServerFinished;
    return finished == 2;
  }

  VirtualScheduler scheduler_;
  SeededRandom random_{8800};
  std::unique_ptr<device::Lab> lab_;
  std::optional<cli::Grammar> grammar_;
};

TEST_F(ThreeSites, RegisterWithinSeconds) {
  EXPECT_TRUE(scheduler_.RunUntilTrue([this] { return Registered(); }, std::chrono::seconds(5)));
  scheduler_.RunFor(std::chrono::seconds(1));  // the last answer is still on its way
  EXPECT_THAT(Run("server", "display dvpn map all"), HasSubstr("FINISHED"));
  EXPECT_THAT(Run("client-1", "display dvpn map all"), HasSubstr("SUCCESS"));
}

TEST_F(ThreeSites, PingRelayedFirstAndDirectlyLaterWithoutLosingAPacket) {
  ASSERT_TRUE(scheduler_.RunUntilTrue([this] { return Registered(); }, std::chrono::seconds(5)));
  scheduler_.RunFor(std::chrono::seconds(1));
  std::string notices;
  EXPECT_THAT(Run("client-1", "ping -a 10.1.1.1 -c 6 10.1.2.1", &notices), HasSubstr("6 packet(s) received"));
  const std::size_t relayed = notices.find("relayed by the server"), direct = notices.find("direct");
  EXPECT_LT(relayed, direct) << notices;
  EXPECT_NE(direct, std::string::npos) << notices;
  EXPECT_THAT(Run("client-1", "display dvpn session all"), HasSubstr("C->C"));
  EXPECT_GE(lab_->Find("server")->dvpn_info().counters.redirects, 1U);
}

TEST_F(ThreeSites, PrintConfigurationsThatReplayToTheSamePrint) {
  for (device::Lab::Node& node : lab_->nodes()) {
    const std::string printed = Run(node.name, "display current-configuration");
    std::ifstream in(node.startup_config);
    const std::string file((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    // The example's files are what the device prints, so that a newcomer sees the same twice; but for the passwords of the
    // server's users, which are kept as cipher text and are never the same twice.
    static const std::regex kTyped("\n password simple [^\n]*"), kKept("\n password cipher [^\n]*");
    EXPECT_EQ(std::regex_replace(printed, kKept, "\n password"), std::regex_replace(file, kTyped, "\n password"))
        << node.name;
  }
}

TEST_F(ThreeSites, GoBackToTheInitialStateWhenTheServiceIsDisabled) {
  ASSERT_TRUE(scheduler_.RunUntilTrue([this] { return Registered(); }, std::chrono::seconds(5)));
  cli::Session session(*lab_->Find("client-1"), *grammar_, {.start = cli::View::kSystem});
  session.Execute("undo dvpn service");
  scheduler_.RunFor(std::chrono::seconds(2));
  EXPECT_FALSE(Registered());
  EXPECT_THAT(Run("server", "display dvpn map all"), Not(HasSubstr("10.0.0.11 ")));
  session.Execute("dvpn service enable");
  EXPECT_TRUE(scheduler_.RunUntilTrue([this] { return Registered(); }, std::chrono::seconds(5)));
}

}  // namespace
}  // namespace sw
