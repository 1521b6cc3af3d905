// Why negotiations failed, in the log: once a minute for one peer and reason, and never so often that it floods.
#include "device/ike/log.h"

#include <gmock/gmock.h>

#include <vector>

namespace sw::device {
namespace {

using ipsec::ike::Failure;
using ipsec::ike::IkeEvent;
using ipsec::ike::IkeEventKind;
using ipsec::ike::IkeTopic;
using namespace std::chrono_literals;
using testing::HasSubstr;

class IkeLogTest : public testing::Test {
 protected:
  IkeLogTest() {
    monitor.Subscribe([this](const MonitorLine& line) {
      lines.push_back(line.text);
      kinds.push_back(line.kind);
    });
  }
  void Fails(Ipv4 remote, const std::string& peer, Failure failure) {
    log.OnEvent({IkeTopic::kError, IkeEventKind::kFailed, Ipv4(192, 0, 2, 1), remote, peer,
                 "phase 1 failed: " + std::string(Phrase(failure)), failure});
  }

  Monitor monitor{{[] { return std::int64_t{1054963383}; }}};
  Time now;
  IkeLog log{monitor, [this] { return now; }};
  std::vector<std::string> lines;
  std::vector<InfoKind> kinds;
};

constexpr Ipv4 kRemote(192, 0, 2, 2);

TEST_F(IkeLogTest, TellsWhyWithoutAnyDebugging) {
  Fails(kRemote, "b", Failure::kNoProposal);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(kinds[0], InfoKind::kLog);
  EXPECT_THAT(lines[0], HasSubstr("IKE/5/NEGOTIATION_FAILED:192.0.2.2 (peer b): phase 1 failed: no proposal chosen"));
}

TEST_F(IkeLogTest, OnceAMinuteForOnePeerAndReason) {
  for (int i = 0; i < 59; ++i) {
    Fails(kRemote, "b", Failure::kNoAnswer);
    now = now + 1s;
  }
  EXPECT_EQ(lines.size(), 1U);
  Fails(kRemote, "b", Failure::kAuthentication);  // another reason
  Fails(Ipv4(192, 0, 2, 3), "b", Failure::kNoAnswer);
  Fails(kRemote, "c", Failure::kNoAnswer);
  EXPECT_EQ(lines.size(), 4U);
  now = now + 1s;
  Fails(kRemote, "b", Failure::kNoAnswer);
  EXPECT_EQ(lines.size(), 5U);
}

TEST_F(IkeLogTest, StrangersCannotFloodItNorDrownThePeers) {
  for (std::uint32_t i = 0; i < 1000; ++i) Fails(Ipv4(0x0a000000 + i), "", Failure::kNoPeer);
  EXPECT_EQ(lines.size(), IkeLog::kMostOfStrangers);
  Fails(kRemote, "b", Failure::kNoAnswer);
  ASSERT_EQ(lines.size(), IkeLog::kMostOfStrangers + 2);
  EXPECT_THAT(lines.back(), HasSubstr("990 failed negotiations were not told, to keep the log short"));
  for (std::uint32_t i = 0; i < 1000; ++i) Fails(Ipv4(0x0a000000 + i), "any", Failure::kNoAnswer);
  EXPECT_EQ(lines.size(), IkeLog::kMostOfStrangers + 2 + IkeLog::kMostOfPeers - 1);
  now = now + 60s;
  Fails(Ipv4(10, 9, 9, 9), "", Failure::kNoPeer);
  EXPECT_EQ(lines.size(), IkeLog::kMostOfStrangers + 2 + IkeLog::kMostOfPeers - 1 + 2);
}

TEST_F(IkeLogTest, DebuggingTellsEachOfThem) {
  for (const DebugSwitch& one : DebugSwitches())
    if (one.module == DebugModule::kIke && one.word == "error") monitor.debugging().Set(one, true);
  for (int i = 0; i < 3; ++i) Fails(kRemote, "b", Failure::kNoAnswer);
  EXPECT_EQ(lines.size(), 4U);
  EXPECT_THAT(lines.back(), HasSubstr("IKE/8/ERROR:phase 1 failed: the peer does not answer"));
}

}  // namespace
}  // namespace sw::device
