// Floods of those who begin and do not go on: what they cost, and who gets through all the same.
#include <gtest/gtest.h>

#include "tests/fakes/dvpn_domain.h"
#include "tests/unit/dvpn/openers.h"

namespace sw::testing {
namespace {

using dvpn::MapState;

TEST(Hostile, FloodsOfStepOneAndOfBadCookiesAllocateNothingAndComputeNoDiffieHellman) {
  Domain flooded, quiet;
  for (Domain* d : {&flooded, &quiet}) {
    d->Server();
    d->net.Inject({Ipv4(1, 2, 3, 4), 5}, d->server->address, AlgReq(1));
    d->Run(1ms);
  }
  for (std::uint32_t n = 0; n < 2000; ++n) {
    const Endpoint from{Ipv4(0x0a000000U + n), 1000};
    flooded.net.Inject(from, flooded.server->address, AlgReq(n));
    flooded.net.Inject(from, flooded.server->address, KexReq(n, {}));
    flooded.net.scheduler.RunFor(0ms);
  }
  EXPECT_TRUE(flooded.server->tunnel->maps().empty());
  EXPECT_EQ(flooded.server->Dropped("control: cookie wrong or expired"), 2000u);
  // A Diffie-Hellman key takes an exponent from the random source: none was taken.
  EXPECT_EQ(flooded.server->random.U64(), quiet.server->random.U64());
  EXPECT_EQ(flooded.server->tunnel->deadline(), quiet.server->tunnel->deadline());
}

TEST(Hostile, UnfinishedMapsOfOneAddressAreBounded) {
  Domain d;
  d.Server();
  const Endpoint from{Ipv4(203, 0, 113, 1), 1000};
  d.net.tap = [&](Endpoint, Endpoint to, Bytes& b) {
    if (b[5] != 2) return false;
    const auto frame = std::get<wire::Frame>(wire::DecodeFrame(b));
    const auto body = wire::DecodeBody(frame.type, frame.body);
    d.net.Inject(to, d.server->address, KexReq(frame.channel, std::get<wire::AlgRsp>(*body).cookie));
    return false;
  };
  for (std::uint64_t n = 1; n <= 100; ++n) d.net.Inject(from, d.server->address, AlgReq(n));
  d.Run(10ms);
  EXPECT_EQ(d.server->tunnel->maps().size(), 64u);
  EXPECT_EQ(d.server->Dropped("control: refused: too many attempts failed"), 36u);
  d.Run(31s);
  EXPECT_TRUE(d.server->tunnel->maps().empty());
}

// Openers from 128 addresses that never go on, 300 a second, for as long as it takes to fill every place.
TEST(Hostile, AGenuineClientRegistersWithinTwoSecondsUnderAFloodOfOpeners) {
  Domain d;
  d.role().map_age = 180s;
  d.Server();
  std::uint64_t opened = 0;
  d.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (from != d.server->address || (to.address.value >> 24) != 203) return true;
    if (b[5] != 2) return false;
    const auto frame = std::get<wire::Frame>(wire::DecodeFrame(b));
    const auto body = wire::DecodeBody(frame.type, frame.body);
    d.net.Inject(to, d.server->address, KexReq(frame.channel, std::get<wire::AlgRsp>(*body).cookie));
    return false;
  };
  const auto flood = [&](int seconds) {
    for (int tenth = 0; tenth < seconds * 10; ++tenth) {
      for (int n = 0; n < 30; ++n, ++opened) {
        const std::uint32_t host = static_cast<std::uint32_t>(opened % 128);
        const Endpoint from{Ipv4(203, host / 2, host, 7), static_cast<std::uint16_t>(1024 + opened / 128 % 60000)};
        d.net.Inject(from, d.server->address, AlgReq(opened + 1));
      }
      d.Run(100ms);
    }
  };
  flood(40);
  EXPECT_EQ(d.server->tunnel->maps().size(), 128u * 64);  // every place of every address
  FakeHost& client = d.Client(2);
  client.Start();
  flood(2);
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
  EXPECT_TRUE(client.Proven(Domain::Private(1)));
  EXPECT_LE(client.tunnel->maps().at(0).attempts, 1);
  EXPECT_TRUE(d.server->Proven(Domain::Private(2)));
}

// Out of its own network, faster than the client's answers come back: all places of the network go round in less than
// half a second, the client needs two times 300 ms between step 3 and step 7.
TEST(Hostile, AGenuineClientRegistersWithinTwoSecondsUnderAFloodFromItsOwnNetwork) {
  Domain d;
  d.role().policy.authentication = dvpn::AuthMethod::kChap;
  d.Server().authenticator.users["u"] = "secret";
  d.net.delay = 150ms;
  std::uint64_t opened = 0;
  d.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (from != d.server->address || to.port == 9876) return true;
    if (b[5] != 2) return false;
    const auto frame = std::get<wire::Frame>(wire::DecodeFrame(b));
    const auto body = wire::DecodeBody(frame.type, frame.body);
    d.net.Inject(to, d.server->address, KexReq(frame.channel, std::get<wire::AlgRsp>(*body).cookie));
    return false;
  };
  const auto flood = [&](Duration how_long) {  // 2,500 a second
    for (Duration left = how_long; left > 0s; left -= 20ms) {
      for (int n = 0; n < 50; ++n, ++opened)
        d.net.Inject({Ipv4(198, 18, 0, static_cast<std::uint8_t>(100 + opened % 128)), 1024}, d.server->address,
                     AlgReq(opened + 1));
      d.Run(20ms);
    }
  };
  FakeHost& client = d.Client(2, [](auto& s) {
    ClientRole(s).user_name = "u";
    ClientRole(s).password = SecretBytes("secret");
  });
  flood(600ms);
  EXPECT_EQ(d.server->tunnel->maps().size(), 1024u);
  client.Start();
  flood(2s);
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
  EXPECT_TRUE(d.server->Proven(Domain::Private(2)));
  EXPECT_GT(d.server->Dropped("control: unfinished registration gave its place to a newer one"), 4000u);
}

}  // namespace
}  // namespace sw::testing
