#include "hal/base/address.h"

#include <gtest/gtest.h>

#include <unordered_set>

namespace sw {
namespace {

TEST(Ipv4, ReadsBackWhatItPrints) {
  for (const char* text : {"0.0.0.0", "10.0.0.1", "192.168.100.255", "255.255.255.255"}) {
    ASSERT_TRUE(Ipv4::Parse(text)) << text;
    EXPECT_EQ(Ipv4::Parse(text)->ToString(), text);
  }
  EXPECT_EQ(Ipv4(10, 1, 2, 3).value, 0x0a010203U);
}

TEST(Ipv4, RefusesEverythingButFourDecimalOctets) {
  for (const char* text :
       {"", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5", ".1.2.3", "1..2.3", "256.1.1.1", "1.1.1.256", "1.1.1.1000",
        "1.1.1.0001", "a.b.c.d", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4", "0x1.2.3.4", "1,2,3,4"}) {
    EXPECT_FALSE(Ipv4::Parse(text)) << text;
  }
  EXPECT_FALSE(Ipv4::Parse(std::string_view("1.2.3.4\0", 8)));
}

TEST(Ipv4, KnowsItsKinds) {
  EXPECT_TRUE(Ipv4().empty());
  EXPECT_TRUE(Ipv4(224, 0, 0, 1).multicast());
  EXPECT_TRUE(Ipv4(239, 255, 255, 255).multicast());
  EXPECT_FALSE(Ipv4(223, 255, 255, 255).multicast());
  EXPECT_FALSE(Ipv4(240, 0, 0, 0).multicast());
  EXPECT_TRUE(Ipv4(127, 0, 0, 1).loopback());
  EXPECT_FALSE(Ipv4(128, 0, 0, 1).loopback());
  EXPECT_LT(Ipv4(9, 255, 255, 255), Ipv4(10, 0, 0, 0));
}

TEST(Prefix, HasMaskNetworkAndBroadcastAtEveryLength) {
  const Prefix p{Ipv4(10, 1, 2, 3), 24};
  EXPECT_EQ(p.mask(), Ipv4(255, 255, 255, 0));
  EXPECT_EQ(p.network(), Ipv4(10, 1, 2, 0));
  EXPECT_EQ(p.broadcast(), Ipv4(10, 1, 2, 255));
  EXPECT_EQ(p.ToString(), "10.1.2.3/24");
  EXPECT_EQ(p.AsNetwork(), (Prefix{Ipv4(10, 1, 2, 0), 24}));
  EXPECT_EQ((Prefix{Ipv4(1, 2, 3, 4), 0}.mask()), Ipv4());
  EXPECT_EQ((Prefix{Ipv4(1, 2, 3, 4), 32}.network()), Ipv4(1, 2, 3, 4));
}

TEST(Prefix, IsReadAsItIsWritten) {
  for (const char* text : {"0.0.0.0/0", "10.1.2.3/24", "10.1.2.3/8", "255.255.255.255/32"}) {
    ASSERT_TRUE(Prefix::Parse(text)) << text;
    EXPECT_EQ(Prefix::Parse(text)->ToString(), text);
  }
  for (const char* text : {"", "/", "/24", "10.1.2.3", "10.1.2.3/", "10.1.2.3/33", "10.1.2.3/-1", "10.1.2.3/+1",
                           "10.1.2.3/024", "10.1.2.3/2x", "10.1.2/24", "10.1.2.3/24/8", " 10.1.2.3/24", "10.1.2.3/256"})
    EXPECT_FALSE(Prefix::Parse(text)) << text;
}

TEST(Prefix, ContainsItsOwnAddressesOnly) {
  const Prefix p{Ipv4(10, 1, 2, 3), 23};
  EXPECT_TRUE(p.Contains(Ipv4(10, 1, 2, 0)));
  EXPECT_TRUE(p.Contains(Ipv4(10, 1, 3, 255)));
  EXPECT_FALSE(p.Contains(Ipv4(10, 1, 4, 0)));
  EXPECT_FALSE(p.Contains(Ipv4(10, 1, 1, 255)));
  EXPECT_TRUE((Prefix{Ipv4(), 0}.Contains(Ipv4(255, 255, 255, 255))));
}

TEST(Prefix, OverlapsWhatHoldsItOrLiesInIt) {
  const Prefix wide{Ipv4(10, 0, 0, 0), 8};
  const Prefix narrow{Ipv4(10, 9, 0, 1), 30};
  EXPECT_TRUE(wide.Overlaps(narrow));
  EXPECT_TRUE(narrow.Overlaps(wide));
  EXPECT_FALSE(narrow.Overlaps({Ipv4(10, 9, 0, 4), 30}));
}

TEST(MaskLength, CountsContiguousOnes) {
  EXPECT_EQ(MaskLength(Ipv4()), 0);
  EXPECT_EQ(MaskLength(Ipv4(255, 255, 255, 0)), 24);
  EXPECT_EQ(MaskLength(Ipv4(255, 255, 255, 255)), 32);
  EXPECT_FALSE(MaskLength(Ipv4(255, 0, 255, 0)));
  EXPECT_FALSE(MaskLength(Ipv4(0, 0, 0, 255)));
}

TEST(Endpoint, PrintsComparesAndHashesByAddressAndPort) {
  const Endpoint a{Ipv4(192, 0, 2, 1), 9876};
  EXPECT_EQ(a.ToString(), "192.0.2.1:9876");
  const std::unordered_set<Endpoint> set{a, {Ipv4(192, 0, 2, 1), 9877}, {Ipv4(192, 0, 2, 2), 9876}, a};
  EXPECT_EQ(set.size(), 3U);
  EXPECT_LT(a, (Endpoint{Ipv4(192, 0, 2, 1), 9877}));
}

}  // namespace
}  // namespace sw
