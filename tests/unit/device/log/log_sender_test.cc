// Lines reach a log host by UDP, from the address that was chosen, and nothing waits for a host that is not there.
#include "device/log/log_sender.h"

#include <gtest/gtest.h>

#include "device/lab/lab_platform.h"
#include "hal/base/virtual_scheduler.h"

namespace sw::device {
namespace {

class LogSenderTest : public testing::Test {
 protected:
  LogSenderTest() {
    EXPECT_TRUE(platform_.AddPort("GigabitEthernet0/0", link_, {}, {0, 0xf, 0xe2, 0, 0, 1}).ok());
    EXPECT_TRUE(host_.AddPort("GigabitEthernet0/0", link_, {}, {0, 0xf, 0xe2, 0, 0, 2}).ok());
    EXPECT_TRUE(platform_
                    .SetInterface({"GigabitEthernet0/0",
                                   true,
                                   {Prefix{*Ipv4::Parse("192.0.2.1"), 24}, Prefix{*Ipv4::Parse("192.0.2.5"), 24}}})
                    .ok());
    EXPECT_TRUE(host_.SetInterface({"GigabitEthernet0/0", true, {Prefix{*Ipv4::Parse("192.0.2.9"), 24}}}).ok());
    port_ = std::move(*host_.OpenUdp({*Ipv4::Parse("192.0.2.9"), 514}, [this](std::vector<dvpn::Datagram>& burst) {
      for (const dvpn::Datagram& each : burst) {
        const ByteView bytes = std::as_const(*each.packet).data();
        got_.push_back(each.peer.address.ToString() + " " + std::string(bytes.begin(), bytes.end()));
      }
      burst.clear();
    }));
  }
  void Run() { scheduler_.RunUntil(scheduler_.now() + std::chrono::seconds(1)); }

  VirtualScheduler scheduler_;
  SeededRandom random_{7};
  PacketPool packets_;
  hal::VirtualLink link_{scheduler_, random_, packets_};
  LabPlatform platform_{scheduler_, packets_}, host_{scheduler_, packets_};
  std::unique_ptr<UdpPort> port_;
  std::vector<std::string> got_;
  Ipv4 source_;
  LogSender sender_{platform_, [this] { return source_; }};
  const Endpoint to_{*Ipv4::Parse("192.0.2.9"), 514};
};

TEST_F(LogSenderTest, SendsOnceWhoeverLoggedIsDone) {
  sender_.Send(to_, "<190>one");
  sender_.Send(to_, "<190>two");
  EXPECT_TRUE(got_.empty());
  Run();
  EXPECT_EQ(got_, (std::vector<std::string>{"192.0.2.1 <190>one", "192.0.2.1 <190>two"}));
  EXPECT_EQ(sender_.sent(), 2U);
}

TEST_F(LogSenderTest, FollowsTheSourceAddress) {
  sender_.Send(to_, "a");
  Run();
  source_ = *Ipv4::Parse("192.0.2.5");
  sender_.Send(to_, "b");
  Run();
  EXPECT_EQ(got_, (std::vector<std::string>{"192.0.2.1 a", "192.0.2.5 b"}));
}

TEST_F(LogSenderTest, LosesWhatDoesNotFitOrHasNoWay) {
  source_ = *Ipv4::Parse("203.0.113.1");  // not this device's
  sender_.Send(to_, "a");
  Run();
  EXPECT_EQ(sender_.lost(), 1U);
  source_ = Ipv4();
  sender_.Send(to_, std::string(5000, 'x'));
  Run();
  EXPECT_EQ(sender_.lost(), 2U);
  for (std::size_t i = 0; i <= LogSender::kMostWaiting; ++i) sender_.Send(to_, "a");
  EXPECT_EQ(sender_.lost(), 3U);
}

}  // namespace
}  // namespace sw::device
