#include "hal/ports/udp.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>

namespace sw::hal {
namespace {

// Sockets on the loopback interface; nothing else is needed.
class Udp : public testing::Test {
 protected:
  static std::unique_ptr<UdpSocket> Open() {
    auto socket = UdpSocket::Open({*Ipv4::Parse("127.0.0.1"), 0});
    EXPECT_TRUE(socket.ok()) << socket.why();
    return std::move(*socket);
  }
  void Add(std::vector<UdpDatagram>& burst, const UdpSocket& to, std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(sent_.size() + i * 3);
    sent_[to.local().port].push_back(bytes);
    burst.push_back({to.local(), pool_.Copy(bytes)});
  }
  // All that was sent to `at`, in order.
  std::vector<Bytes> Take(UdpSocket& at, Endpoint from) {
    std::vector<Bytes> out;
    const std::size_t expected = sent_[at.local().port].size();
    while (out.size() < expected) {
      pollfd fd{at.fd(), POLLIN, 0};
      if (::poll(&fd, 1, 5000) <= 0) break;
      std::vector<UdpDatagram> burst;
      at.Receive(pool_, burst);
      for (const UdpDatagram& d : burst) {
        EXPECT_EQ(d.peer, from);
        out.emplace_back(d.packet->data().begin(), d.packet->data().end());
      }
    }
    return out;
  }

  PacketPool pool_;
  std::map<std::uint16_t, std::vector<Bytes>> sent_;
};

TEST_F(Udp, ABurstOfOneSizeArrivesAsItWasSent) {
  const auto a = Open(), b = Open();
  std::vector<UdpDatagram> burst;
  for (int i = 0; i < 200; ++i) Add(burst, *b, 1400);  // more than one message carries
  EXPECT_EQ(a->Send(burst), 0U);
  EXPECT_TRUE(burst.empty());
  EXPECT_EQ(Take(*b, a->local()), sent_[b->local().port]);
}

TEST_F(Udp, SizesAndPeersThatTakeTurnsArriveWholeAndInOrder) {
  const auto a = Open(), b = Open(), c = Open();
  std::vector<UdpDatagram> burst;
  for (std::size_t i = 0; i < 150; ++i) {
    Add(burst, *b, 1 + i * 37 % 1500);
    if (i % 3 == 0) Add(burst, *c, 600);
    if (i % 3 == 1) Add(burst, *c, 600 - i);
    if (i % 50 == 0) Add(burst, *b, 0);
  }
  EXPECT_EQ(a->Send(burst), 0U);
  EXPECT_EQ(Take(*b, a->local()), sent_[b->local().port]);
  EXPECT_EQ(Take(*c, a->local()), sent_[c->local().port]);
}

TEST_F(Udp, ADatagramThatCannotGoDoesNotStopTheOthers) {
  const auto a = Open(), b = Open();
  std::vector<UdpDatagram> burst;
  Add(burst, *b, 100);
  burst.push_back({{*Ipv4::Parse("127.0.0.1"), 0}, pool_.Copy(Bytes(100))});  // no port 0
  burst.push_back({{*Ipv4::Parse("127.0.0.1"), 0}, pool_.Copy(Bytes(100))});
  Add(burst, *b, 100);
  EXPECT_EQ(a->Send(burst), 2U);
  EXPECT_EQ(Take(*b, a->local()), sent_[b->local().port]);
}

TEST_F(Udp, WhatIsLargerThanAPacketIsDropped) {
  const auto a = Open(), b = Open();
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(b->local().port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const Bytes large(5000);
  EXPECT_EQ(::sendto(fd, large.data(), large.size(), 0, reinterpret_cast<sockaddr*>(&to), sizeof to), 5000);
  ::close(fd);
  std::vector<UdpDatagram> burst;
  Add(burst, *b, 10);
  EXPECT_EQ(a->Send(burst), 0U);
  EXPECT_EQ(Take(*b, a->local()), sent_[b->local().port]);
}

}  // namespace
}  // namespace sw::hal
