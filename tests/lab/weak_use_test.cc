// Who still uses what is weak, and when last, as `display security audit` tells it of running devices.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/lab/site.h"

namespace sw {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

using testing::Site;
using testing::World;

std::string InUse(Site& site, const std::string& profile = "rfc") {
  const std::string text = site.Run("display security audit profile " + profile);
  std::string out;
  for (std::size_t at = 0; (at = text.find("in use: ", at)) != std::string::npos;) {
    const std::size_t end = text.find('\n', at);
    out += text.substr(at, end - at + 1);
    at = end;
  }
  return out;
}

TEST(WeakUse, IsToldWhileTrafficUsesItAndAfterwards) {
  World world;
  Site a(world, 1), b(world, 2);
  for (Site* site : {&a, &b})
    site->Protect(" esp encryption-algorithm des\n esp authentication-algorithm md5\n", false, false, true);
  EXPECT_EQ(InUse(a), "in use: 192.0.2.2: IPsec: DES encrypts, MD5 authenticates: not used yet\n");
  world.scheduler.RunFor(std::chrono::minutes(10));
  EXPECT_THAT(a.Run("ping -a 10.1.1.1 -c 3 10.1.2.1"), HasSubstr("3 packet(s) received"));
  EXPECT_THAT(InUse(a), HasSubstr("DES encrypts, MD5 authenticates: used last Nov 14 2023"));
  EXPECT_THAT(InUse(a), HasSubstr("(0 s ago)\n"));
  EXPECT_THAT(InUse(b), HasSubstr("in use: 192.0.2.1: IPsec: DES encrypts, MD5 authenticates: used last"));
  world.scheduler.RunFor(std::chrono::minutes(20));
  EXPECT_THAT(InUse(b), HasSubstr("(1200 s ago)\n"));

  a.Configure("interface GigabitEthernet0/0\n undo ipsec policy\n");
  world.scheduler.RunFor(std::chrono::minutes(10));
  EXPECT_THAT(InUse(a), HasSubstr(": gone, used last Nov 14 2023"));
  EXPECT_THAT(InUse(a), HasSubstr("(1800 s ago)\n"));
  EXPECT_THAT(a.Run("display security audit | json"),
              HasSubstr("\"rules\": [\n        \"cipher-des\",\n        \"hash-md5\"\n      ]"));
}

TEST(WeakUse, IsThatOfTheProfile) {
  World world;
  Site a(world, 1), b(world, 2);
  for (Site* site : {&a, &b})
    site->Protect(" esp encryption-algorithm 3des\n esp authentication-algorithm sha1\n", false, false, true);
  EXPECT_EQ(InUse(a), "in use: 192.0.2.2: IPsec: 3DES encrypts: not used yet\n");
  EXPECT_EQ(InUse(a, "bsi"), "in use: 192.0.2.2: IPsec: 3DES encrypts, SHA-1 authenticates: not used yet\n");
  for (Site* site : {&a, &b})
    site->Configure(
        "ipsec proposal p\n esp encryption-algorithm aes 256\n esp authentication-algorithm sha2-256\nquit");
  world.scheduler.RunFor(std::chrono::minutes(2));
  EXPECT_THAT(InUse(a), Not(HasSubstr("3DES encrypts: not used yet")));
}

}  // namespace
}  // namespace sw
