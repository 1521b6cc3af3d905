// A gateway whose process is replaced: its SAs seal and open on.
#include "tests/unit/ipsec/gateways.h"

namespace sw::ipsec {
namespace {

void Pass(End& from, End& to, std::size_t expected = 1) {
  auto [out, clear] = from.Out(from.Datagram(100));
  EXPECT_EQ(clear, 0U);
  std::vector<PacketPtr> burst;
  for (auto& sent : out.sent) burst.push_back(std::move(sent.packet));
  GatewayOutput in;
  to.gateway.Receive(burst, in);
  EXPECT_EQ(in.delivered.size(), expected);
}

std::string Shown(const End& end) {
  std::string out;
  for (const BundleView& v : end.gateway.bundles()) {
    out += std::to_string(v.connection) + v.interface + v.policy + std::to_string(v.number) + v.peer +
           v.remote.ToString() + std::to_string(v.matched) + " " + std::to_string(v.seconds_left) + " " +
           std::to_string(v.bytes_left);
    for (const auto* sa : {&v.in_esp, &v.out_esp})
      if (*sa) out += " " + std::to_string((*sa)->spi) + " " + std::to_string((*sa)->packets);
  }
  return out + " " + std::to_string(end.gateway.statistics().out.packets);
}

TEST(SaStoreState, ASuccessorGoesOnWithTheSasOfTheNegotiation) {
  End a(1), b(2);
  a.Protect(Isakmp());
  b.Protect(Isakmp());
  Agreement keys(a, b);
  (void)a.Out(a.Datagram(100));  // asks
  for (int i = 0; i < 5; ++i) Pass(a, b);
  Pass(b, a);
  End fresh(1);
  fresh.Protect(Isakmp());
  const SecretBytes saved = a.gateway.Save();
  ASSERT_TRUE(fresh.gateway.Restore(saved.view()));
  EXPECT_EQ(Shown(fresh), Shown(a));
  for (int i = 0; i < 5; ++i) Pass(fresh, b);
  Pass(b, fresh);
  Pass(a, b);  // nobody came after all
  EXPECT_EQ(b.gateway.statistics().causes[static_cast<std::size_t>(Cause::kReplay)], 0U);
  fresh.now = fresh.gateway.deadline();
  Agreement renewed(fresh, b);
  fresh.gateway.OnTimer();
  EXPECT_EQ(renewed.asked, 1);
}

TEST(SaStoreState, SasOfAPolicyThatTheSuccessorDoesNotHaveAreLeftOut) {
  End a(1), b(2);
  a.Protect(Isakmp());
  b.Protect(Isakmp());
  Agreement keys(a, b);
  (void)a.Out(a.Datagram(100));
  const SecretBytes saved = a.gateway.Save();
  End bare(1);
  EXPECT_TRUE(bare.gateway.Restore(saved.view()));
  EXPECT_TRUE(bare.gateway.bundles().empty());
}

TEST(SaStoreState, WhatIsNotWholeIsRefused) {
  End a(1), b(2);
  a.Protect(Isakmp());
  b.Protect(Isakmp());
  Agreement keys(a, b);
  (void)a.Out(a.Datagram(100));
  const SecretBytes saved = a.gateway.Save();
  for (std::size_t size = 0; size < saved.size(); size += 7) {
    End fresh(1);
    fresh.Protect(Isakmp());
    EXPECT_FALSE(fresh.gateway.Restore(saved.view().first(size))) << size;
  }
}

}  // namespace
}  // namespace sw::ipsec
