// Packets through the real kernel: tunnels, raw IP, UDP and pings, each test in a network namespace of its own; skipped
// for ordinary users.
#include "device/linux/linux_platform.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hal/ports/ipv4.h"
#include "tests/unit/device/in_namespace.h"
#include "tests/unit/device/linux/platform_fixture.h"

namespace sw::device {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(LinuxPlatform, RawIpTakesOneProtocol) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    ASSERT_TRUE(platform->SetInterface(Settings("GigabitEthernet0/0", {P(10, 0, 0, 1, 24)})).ok());
    std::vector<PacketPtr> received;
    auto port = platform->OpenRawIp(47, [&received](std::vector<PacketPtr>& burst) {
      for (PacketPtr& packet : burst) received.push_back(std::move(packet));
    });
    ASSERT_TRUE(port.ok()) << port.why();
    std::vector<PacketPtr> burst;
    for (const std::size_t size : {100U, 500U}) {
      for (const std::uint8_t protocol : {std::uint8_t{47}, std::uint8_t{99}}) {
        PacketPtr packet = platform->packets().Take();
        const ByteSpan bytes = packet->Append(size);
        std::fill(bytes.begin(), bytes.end(), std::uint8_t{7});
        hal::Ipv4Header header;
        header.total_length = size;
        header.id = static_cast<std::uint16_t>(size);
        header.protocol = protocol;
        header.source = header.destination = Ipv4(10, 0, 0, 1);
        hal::WriteIpv4(bytes, header);
        burst.push_back(std::move(packet));
      }
    }
    burst.push_back(platform->packets().Copy(Bytes(10)));
    EXPECT_EQ((*port)->Send(burst), 1U);  // that is no packet
    EXPECT_TRUE(burst.empty());
    ASSERT_TRUE(loop.RunUntil([&] { return received.size() == 2; }, kPatience));
    EXPECT_EQ(received[0]->size(), 100U);
    EXPECT_EQ(received[1]->size(), 500U);
    port->reset();
  });
}

TEST(LinuxPlatform, ATunnelCarriesPacketsBothWays) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    std::vector<Bytes> taken;
    auto tunnel = platform->OpenTunnel("Tunnel0", 1400, [&taken](std::vector<PacketPtr>& burst) {
      for (auto& p : burst) taken.emplace_back(p->data().begin(), p->data().end());
    });
    ASSERT_TRUE(tunnel.ok()) << tunnel.why();
    ASSERT_TRUE(platform->SetInterface(Settings("Tunnel0", {P(172, 16, 0, 1, 24)})).ok());
    ASSERT_TRUE(platform->AddRoute({P(192, 168, 0, 0, 16), Ipv4(172, 16, 0, 9), {}, 60, false}).ok());
    EXPECT_THAT(Sh("ip link show Tunnel0"), HasSubstr("mtu 1400"));
    EXPECT_THAT(Sh("ip link show Tunnel0"), HasSubstr("qlen 1000"));
    EXPECT_EQ((*tunnel)->Find(Ipv4(192, 168, 5, 5)), Ipv4(172, 16, 0, 9));
    EXPECT_EQ((*tunnel)->Find(Ipv4(172, 16, 0, 7)), Ipv4(172, 16, 0, 7));
    EXPECT_EQ((*tunnel)->Find(Ipv4(172, 16, 0, 1)), std::nullopt);
    EXPECT_EQ((*tunnel)->Find(Ipv4(8, 8, 8, 8)), std::nullopt);

    std::string got;
    Endpoint from;
    auto udp = platform->OpenUdp({Ipv4(172, 16, 0, 1), 5000}, [&](std::vector<dvpn::Datagram>& burst) {
      got = std::string(AsText(burst.at(0).packet->data()));
      from = burst.at(0).peer;
    });
    ASSERT_TRUE(udp.ok()) << udp.why();
    std::vector<dvpn::Datagram> out;
    out.push_back({{Ipv4(192, 168, 5, 5), 6000}, platform->packets().Copy(AsBytes("there and back"))});
    ASSERT_EQ((*udp)->Send(out), 0U);
    ASSERT_TRUE(loop.RunUntil([&] { return !taken.empty(); }, kPatience));
    auto header = hal::ParseIpv4(taken[0]);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->destination, Ipv4(192, 168, 5, 5));
    EXPECT_FALSE(header->dont_fragment);

    // Both ends swapped, it is the answer; the UDP checksum does not change by that.
    std::swap(header->source, header->destination);
    hal::WriteIpv4(taken[0], *header);
    std::swap_ranges(taken[0].begin() + 20, taken[0].begin() + 22, taken[0].begin() + 22);
    std::vector<PacketPtr> burst;
    burst.push_back(platform->packets().Copy(taken[0]));
    (*tunnel)->Deliver(burst);
    ASSERT_TRUE(loop.RunUntil([&] { return !got.empty(); }, kPatience));
    EXPECT_EQ(got, "there and back");
    EXPECT_EQ(from, (Endpoint{Ipv4(192, 168, 5, 5), 6000}));

    EXPECT_EQ(platform->OpenTunnel("Tunnel0", 1400, [](auto&) {}).status().code(), Code::kExists);
    tunnel->reset();
    EXPECT_THAT(Sh("ip link"), Not(HasSubstr("Tunnel0")));
    EXPECT_EQ(platform->SetInterface(Settings("Tunnel0", {})).code(), Code::kNotFound);
  });
}

TEST(LinuxPlatform, PingsOverLoAndSaysWhatIsWrong) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    ASSERT_TRUE(platform->SetInterface(Settings("LoopBack0", {P(192, 168, 1, 1, 32)})).ok());
    std::vector<EchoReply> replies;
    auto echo = platform->OpenEcho([&replies](const EchoReply& r) { replies.push_back(r); });
    ASSERT_TRUE(echo.ok()) << echo.why();
    EchoRequest request;
    request.destination = Ipv4(127, 0, 0, 1);
    request.source = Ipv4(192, 168, 1, 1);
    request.sequence = 5;
    request.size = 8100;
    request.ttl = 9;
    ASSERT_TRUE((*echo)->Send(request).ok());
    ASSERT_TRUE(loop.RunUntil([&] { return !replies.empty(); }, kPatience));
    EXPECT_EQ(replies[0].answer, EchoAnswer::kReply);
    EXPECT_EQ(replies[0].sequence, 5);
    EXPECT_EQ(replies[0].size, 8100U);
    request.source = Ipv4(10, 99, 0, 1);
    EXPECT_EQ((*echo)->Send(request).code(), Code::kBadValue);
    request.source.reset();
    request.destination = Ipv4(203, 0, 113, 1);
    EXPECT_EQ((*echo)->Send(request).code(), Code::kNotFound);
  });
}

TEST(LinuxPlatform, PingsAnotherNamespaceAndHearsItsRouter) {
  InNamespace([] {
    // The peer of the veth pair moves into a namespace that a child keeps open until the pipe closes.
    int ready[2], hold[2];
    ASSERT_EQ(::pipe(ready), 0);
    ASSERT_EQ(::pipe(hold), 0);
    const pid_t keeper = ::fork();
    if (keeper == 0) {
      ::close(hold[1]);
      char c = ::unshare(CLONE_NEWNET) == 0 ? 'y' : 'n';
      if (::write(ready[1], &c, 1) == 1) (void)!::read(hold[0], &c, 1);
      ::_exit(0);
    }
    char answer = 0;
    ASSERT_EQ(::read(ready[0], &answer, 1), 1);
    ASSERT_EQ(answer, 'y');
    const std::string pid = std::to_string(keeper), enter = "nsenter -t " + pid + " -n ";
    Sh("ip link set peer netns " + pid);
    Sh(enter + "ip link set peer up && " + enter + "ip address add 10.0.0.2/24 dev peer");
    Sh(enter + "sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'");
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    ASSERT_TRUE(platform->SetInterface(Settings("GigabitEthernet0/0", {P(10, 0, 0, 1, 24)})).ok());
    ASSERT_TRUE(platform->AddRoute({P(0, 0, 0, 0, 0), Ipv4(10, 0, 0, 2), {}, 60, false}).ok());
    std::vector<EchoReply> replies;
    auto echo = platform->OpenEcho([&replies](const EchoReply& r) { replies.push_back(r); });
    const auto ping = [&](Ipv4 to, int ttl) {
      replies.clear();
      EchoRequest request;
      request.destination = to;
      request.ttl = ttl;
      EXPECT_TRUE((*echo)->Send(request).ok());
      return loop.RunUntil([&] { return !replies.empty(); }, kPatience);
    };
    ASSERT_TRUE(ping(Ipv4(10, 0, 0, 2), 255));
    EXPECT_EQ(replies[0].answer, EchoAnswer::kReply);
    EXPECT_EQ(replies[0].from, Ipv4(10, 0, 0, 2));
    EXPECT_EQ(replies[0].ttl, 64);
    ASSERT_TRUE(ping(Ipv4(203, 0, 113, 1), 255));
    EXPECT_EQ(replies[0].answer, EchoAnswer::kUnreachable);
    Sh(enter + "ip route add 203.0.113.0/24 via 10.0.0.3");
    ASSERT_TRUE(ping(Ipv4(203, 0, 113, 1), 1));
    EXPECT_EQ(replies[0].answer, EchoAnswer::kTimeExceeded);
    const auto status = platform->interfaces().at(0);
    EXPECT_GT(status.input_packets, 2U);
    EXPECT_TRUE(status.mac.has_value());

    int changes = 0;
    platform->OnChange([&changes] { ++changes; });
    Sh(enter + "ip link set peer down");
    ASSERT_TRUE(loop.RunUntil([&] { return changes > 0 && !platform->interfaces().at(0).link; }, kPatience));
    ::close(hold[1]);
    ::waitpid(keeper, nullptr, 0);
  });
}

TEST(LinuxPlatform, DatagramsThatNoPacketHoldsGoAndComeWhereTheyAreWanted) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    std::vector<std::size_t> small;
    const auto count = [&small](std::vector<dvpn::Datagram>& burst) {
      for (const dvpn::Datagram& datagram : burst) small.push_back(datagram.packet->size());
    };
    auto one = platform->OpenUdp({Ipv4(127, 0, 0, 1), 0}, count),
         two = platform->OpenUdp({Ipv4(127, 0, 0, 1), 0}, count);
    ASSERT_TRUE(one.ok() && two.ok());
    Bytes large(16384);
    for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<std::uint8_t>(i * 7);
    const auto send = [&] {
      EXPECT_TRUE((*one)->SendLarge((*two)->local(), large));
      std::vector<dvpn::Datagram> burst;
      burst.push_back({(*two)->local(), platform->packets().Copy(AsBytes("small"))});
      EXPECT_EQ((*one)->Send(burst), 0U);
    };
    send();  // nobody wants the large one: dropped, and what is behind it comes
    ASSERT_TRUE(loop.RunUntil([&] { return !small.empty(); }, kPatience));

    Bytes got;
    Endpoint from;
    (*two)->OnLarge([&](Endpoint peer, ByteView bytes) {
      from = peer;
      got.assign(bytes.begin(), bytes.end());
      two->reset();  // the handler may end its port
    });
    send();
    ASSERT_TRUE(loop.RunUntil([&] { return !got.empty(); }, kPatience));
    EXPECT_EQ(got, large);
    EXPECT_EQ(from, (*one)->local());
    EXPECT_FALSE((*one)->SendLarge({Ipv4(127, 0, 0, 1), 9}, Bytes(70'000)));
  });
}

TEST(LinuxPlatform, UdpPortsRefuseWhatTheyCannotHave) {
  InNamespace([] {
    EventLoop loop;
    auto platform = OpenPlatform(loop);
    const auto ignore = [](std::vector<dvpn::Datagram>&) {};
    auto first = platform->OpenUdp({Ipv4(127, 0, 0, 1), 0}, ignore);
    ASSERT_TRUE(first.ok());
    EXPECT_NE((*first)->local().port, 0);
    EXPECT_EQ(platform->OpenUdp((*first)->local(), ignore).status().code(), Code::kInUse);
    EXPECT_EQ(platform->OpenUdp({Ipv4(10, 99, 0, 1), 5000}, ignore).status().code(), Code::kBadValue);
    std::vector<dvpn::Datagram> burst;
    for (const Ipv4 to : {Ipv4(203, 0, 113, 1), Ipv4(127, 0, 0, 1)}) {
      burst.push_back({{to, 9}, platform->packets().Copy(AsBytes("x"))});
    }
    EXPECT_EQ((*first)->Send(burst), 1U) << "the one without route; the one behind it went";
  });
}

TEST(LinuxPlatform, OnlyPortsAreBound) {
  InNamespace([] {
    EventLoop loop;
    EXPECT_EQ(LinuxPlatform::Open(loop, {{{"Ethernet0", "port"}}, false}).status().code(), Code::kBadValue);
  });
}

}  // namespace
}  // namespace sw::device
