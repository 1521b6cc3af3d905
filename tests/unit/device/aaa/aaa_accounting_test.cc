// Accounting by RADIUS.
#include "device/aaa/aaa.h"

#include <gtest/gtest.h>

#include "tests/unit/device/aaa/aaa_fixture.h"

namespace sw::device {
namespace {

using namespace std::chrono_literals;
using radius::Type;

TEST_F(AaaTest, UsersAreAccountedFromStartToStop) {
  WithRadius().realtime = 3;
  const LoginAnswer answer = Pap("alice@sites", "pw");
  const std::uint64_t in = aaa_->Open(answer, Service::kDvpn, "198.51.100.7", *Ipv4::Parse("10.0.0.11"), {});
  Run(7min);
  dvpn::SessionInfo session;
  session.received_bytes = (std::uint64_t{1} << 32) + 5;
  session.sent_packets = 9;
  aaa_->SetCounters(in, session);
  aaa_->Close(in);
  Run(1s);
  const auto& seen = acct_[0]->requests;
  ASSERT_EQ(seen.size(), 4U);
  std::vector<std::uint32_t> kinds;
  for (const auto& request : seen) kinds.push_back(request.Number(Type::kAcctStatusType));
  EXPECT_EQ(kinds, (std::vector<std::uint32_t>{1, 3, 3, 2}));
  const RadiusServer::Request& stop = seen.back();
  EXPECT_EQ(stop.Text(Type::kAcctSessionId), seen.front().Text(Type::kAcctSessionId));
  EXPECT_EQ(stop.Text(Type::kClass), "gold");
  EXPECT_EQ(stop.Number(Type::kAcctSessionTime), 420U);
  EXPECT_EQ(stop.Number(Type::kAcctInputOctets), 5U);
  EXPECT_EQ(stop.Number(Type::kAcctInputGigawords), 1U);
  EXPECT_EQ(stop.Number(Type::kAcctOutputPackets), 9U);
  EXPECT_EQ(stop.Number(Type::kFramedIpAddress), 0x0a00000bU);
  EXPECT_TRUE(aaa_->buffered_stops().empty());
}

TEST_F(AaaTest, AnUnansweredStartCutsUnlessAccountingIsOptional) {
  WithRadius();
  acct_[0]->silent = acct_[1]->silent = true;
  int cut = 0;
  LoginAnswer answer = Pap("alice@sites", "pw");
  aaa_->Open(answer, Service::kDvpn, "", {}, [&] { ++cut; });
  Run(20s);
  EXPECT_EQ(cut, 1);
  config_.domains["sites"].accounting_optional = true;
  aaa_->OnConfigChange();
  answer = Pap("alice@sites", "pw");
  aaa_->Open(answer, Service::kDvpn, "", {}, [&] { cut = 100; });
  Run(20s);
  EXPECT_EQ(cut, 1);
}

TEST_F(AaaTest, UnansweredInterimsCutAfterTheirRetries) {
  RadiusScheme& scheme = WithRadius();
  scheme.realtime = 6;
  scheme.retry_realtime = 2;
  int cut = 0;
  aaa_->Open(Pap("alice@sites", "pw"), Service::kDvpn, "", {}, [&] { ++cut; });
  Run(1min);
  acct_[0]->silent = acct_[1]->silent = true;
  Run(7min);
  EXPECT_EQ(cut, 0);
  Run(7min);
  EXPECT_EQ(cut, 1);
}

TEST_F(AaaTest, AStopThatNobodyAnswersIsKeptAndSentAgain) {
  WithRadius().quiet = 1;
  const std::uint64_t in = aaa_->Open(Pap("alice@sites", "pw"), Service::kDvpn, "", {}, {});
  Run(1s);
  acct_[0]->silent = acct_[1]->silent = true;
  aaa_->Close(in);
  Run(30s);
  ASSERT_EQ(aaa_->buffered_stops().size(), 1U);
  EXPECT_EQ(aaa_->buffered_stops()[0].user, "alice@sites");
  acct_[1]->silent = false;
  Run(5min);
  EXPECT_TRUE(aaa_->buffered_stops().empty());
  EXPECT_EQ(acct_[1]->requests.back().Number(Type::kAcctStatusType), 2U);
}

TEST_F(AaaTest, WithoutTheBufferAStopIsLost) {
  WithRadius().stop_buffer = false;
  const std::uint64_t in = aaa_->Open(Pap("alice@sites", "pw"), Service::kDvpn, "", {}, {});
  Run(1s);
  acct_[0]->silent = acct_[1]->silent = true;
  aaa_->Close(in);
  Run(60s);
  EXPECT_TRUE(aaa_->buffered_stops().empty());
}

}  // namespace
}  // namespace sw::device
