// Two sites behind two devices with manual SAs, configured line by line, in virtual time: every transform carries
// pings, and what must not pass does not.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/ipsec/host.h"
#include "tests/lab/site.h"

namespace sw {
namespace {

using ::testing::HasSubstr;

using testing::Site;
using testing::World;

struct Transform {
  const char* name;
  std::string lines;
  bool transport, ah, esp;
};

std::vector<Transform> Transforms() {
  std::vector<Transform> out;
  for (const bool transport : {false, true}) {
    const std::string mode = transport ? " encapsulation-mode transport\n" : "";
    const char* where = transport ? "Transport" : "Tunnel";
    for (const char* hash : {"md5", "sha1", "sha2-256"}) {
      out.push_back({where, fmt::format(" transform ah\n ah authentication-algorithm {}\n", hash) + mode, transport,
                     true, false});
      for (const char* cipher : {"des", "3des", "aes", "aes 192", "aes 256"})
        out.push_back(
            {where,
             fmt::format(" esp encryption-algorithm {}\n esp authentication-algorithm {}\n", cipher, hash) + mode,
             transport, false, true});
    }
    out.push_back({where, " undo esp encryption-algorithm\n" + mode, transport, false, true});
    out.push_back({where,
                   " transform ah-esp\n ah authentication-algorithm sha1\n esp encryption-algorithm aes\n" + mode,
                   transport, true, true});
  }
  return out;
}

class EveryTransform : public ::testing::TestWithParam<Transform> {};

TEST_P(EveryTransform, CarriesPingsBetweenTheSites) {
  World world;
  Site a(world, 1), b(world, 2);
  const Transform& t = GetParam();
  a.Protect(t.lines, t.transport, t.ah, t.esp);
  b.Protect(t.lines, t.transport, t.ah, t.esp);
  const char* ping = t.transport ? "ping -c 3 192.0.2.2" : "ping -a 10.1.1.1 -c 3 10.1.2.1";
  EXPECT_THAT(a.Run(ping), HasSubstr("3 packet(s) received")) << t.lines;
  const ipsec::Statistics& seen = b.device().ipsec().gateway().statistics();
  EXPECT_EQ(seen.in.packets, 3U);
  EXPECT_EQ(seen.out.packets, 3U);
  EXPECT_EQ(seen.in.dropped + seen.out.dropped, 0U);
}
INSTANTIATE_TEST_SUITE_P(Ipsec, EveryTransform, ::testing::ValuesIn(Transforms()),
                         [](const auto& instance) { return instance.param.name + std::to_string(instance.index); });

class Pair : public ::testing::Test {
 protected:
  const std::string kAes = " esp encryption-algorithm aes\n esp authentication-algorithm sha1\n";
  World world_;
  Site a_{world_, 1}, b_{world_, 2};
};

TEST_F(Pair, DropsWhatCameInClearThoughItShouldBeProtected) {
  b_.Protect(kAes, false, false, true);
  EXPECT_THAT(a_.Run("ping -a 10.1.1.1 -c 2 10.1.2.1"), HasSubstr("0 packet(s) received"));
  EXPECT_EQ(b_.device().ipsec().gateway().statistics().clear_dropped, 2U);
  EXPECT_THAT(a_.Run("ping -c 2 192.0.2.2"), HasSubstr("2 packet(s) received"));  // no policy permits that
}

TEST_F(Pair, DropsWhatAnotherKeySealed) {
  a_.Protect(kAes, false, false, true);
  b_.Protect(kAes, false, false, true);
  b_.Configure("ipsec policy m 10\n sa string-key inbound esp other");
  EXPECT_THAT(a_.Run("ping -a 10.1.1.1 -c 2 10.1.2.1"), HasSubstr("0 packet(s) received"));
  const auto cause = static_cast<std::size_t>(ipsec::Cause::kAuthentication);
  EXPECT_EQ(b_.device().ipsec().gateway().statistics().causes[cause], 2U);
}

TEST_F(Pair, CarriesDatagramsThatNeedFragmentsBeforeAndAfter) {
  a_.Protect(kAes, false, false, true);
  b_.Protect(kAes, false, false, true);
  EXPECT_THAT(a_.Run("ping -a 10.1.1.1 -s 1472 -c 2 10.1.2.1"), HasSubstr("2 packet(s) received"));
  EXPECT_THAT(a_.Run("ping -a 10.1.1.1 -s 1700 -c 2 10.1.2.1"), HasSubstr("2 packet(s) received"));
}

TEST_F(Pair, ComesBackAfterAReset) {
  a_.Protect(kAes, false, false, true);
  b_.Protect(kAes, false, false, true);
  EXPECT_THAT(a_.Run("ping -a 10.1.1.1 -c 1 10.1.2.1"), HasSubstr("1 packet(s) received"));
  a_.Run("reset ipsec sa");
  b_.Run("reset ipsec sa remote 192.0.2.1");
  EXPECT_THAT(a_.Run("ping -a 10.1.1.1 -c 1 10.1.2.1"), HasSubstr("1 packet(s) received"));
}

TEST_F(Pair, SendsInClearOnceThePolicyIsGone) {
  a_.Protect(kAes, false, false, true);
  b_.Protect(kAes, false, false, true);
  a_.Configure("interface GigabitEthernet0/0\n undo ipsec policy");
  b_.Configure("interface GigabitEthernet0/0\n undo ipsec policy");
  EXPECT_THAT(a_.Run("ping -a 10.1.1.1 -c 1 10.1.2.1"), HasSubstr("1 packet(s) received"));
  EXPECT_TRUE(a_.device().ipsec().gateway().bundles().empty());
}

}  // namespace
}  // namespace sw
