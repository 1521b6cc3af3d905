// Who gives up its place when there is none left.
#include "dvpn/half_open.h"

#include <gtest/gtest.h>

#include "dvpn/constants.h"

namespace sw::dvpn {
namespace {

// Keys in the order of their coming; gives those that had to go their leave.
struct Places {
  std::uint64_t Add(Ipv4 address) {
    addresses[++last] = address;
    if (const auto goes = places.Add(last, address)) {
      gone.push_back(*goes);
      places.Remove(*goes, addresses.at(*goes));
    }
    return last;
  }
  HalfOpen places;
  std::map<std::uint64_t, Ipv4> addresses;
  std::vector<std::uint64_t> gone;
  std::uint64_t last = 0;
};

TEST(HalfOpen, AnAddressThatHasItsShareGivesUpItsOldest) {
  Places p;
  p.Add(Ipv4(192, 0, 2, 9));
  const std::uint64_t first = p.Add(Ipv4(192, 0, 2, 1));
  for (std::size_t n = 1; n < kMaxHalfOpenPerAddress; ++n) p.Add(Ipv4(192, 0, 2, 1));
  EXPECT_TRUE(p.gone.empty());
  p.Add(Ipv4(192, 0, 2, 1));
  EXPECT_EQ(p.gone, std::vector{first});
  EXPECT_EQ(p.places.size(), kMaxHalfOpenPerAddress + 1);
}

TEST(HalfOpen, InAFullNetworkTheAddressThatHasMostGivesUpItsOldest) {
  Places p;
  const std::uint64_t genuine = p.Add(Ipv4(192, 0, 2, 200));  // the oldest of all
  for (std::uint64_t n = 0; n < 10 * kMaxHalfOpenPerNetwork; ++n)
    p.Add(Ipv4(192, 0, 2, static_cast<std::uint8_t>(n % 100)));
  EXPECT_EQ(p.places.size(), kMaxHalfOpenPerNetwork);
  EXPECT_EQ(std::ranges::count(p.gone, genuine), 0);
  p.Add(Ipv4(192, 0, 3, 1));  // another network is none of its business
  EXPECT_EQ(p.places.size(), kMaxHalfOpenPerNetwork + 1);
}

TEST(HalfOpen, WhereEverybodyHasAsMuchTheOldestGoes) {
  Places p;
  for (std::uint32_t n = 0; n < kMaxHalfOpen; ++n) p.Add(Ipv4((10U << 24) + (n << 8) + 1));
  EXPECT_TRUE(p.gone.empty());
  for (std::uint32_t n = 0; n < 3; ++n) p.Add(Ipv4((11U << 24) + (n << 8) + 1));
  EXPECT_EQ(p.gone, (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST(HalfOpen, InAllTheNetworkThatHasMostGivesUpAPlaceAndItsFewestKeepTheirs) {
  Places p;
  const std::uint64_t genuine = p.Add(Ipv4(203, 0, 113, 1));
  const std::uint64_t neighbour = p.Add(Ipv4(10, 0, 0, 99));
  for (std::uint32_t n = 0; n < 3 * kMaxHalfOpen; ++n) p.Add(Ipv4((10U << 24) + (n % 16 << 8) + n / 16 % 30));
  EXPECT_EQ(p.places.size(), kMaxHalfOpen);
  EXPECT_EQ(std::ranges::count(p.gone, genuine), 0);
  EXPECT_EQ(std::ranges::count(p.gone, neighbour), 0);
}

TEST(HalfOpen, WhatLeftLeavesNothing) {
  Places p;
  for (std::uint32_t n = 0; n < 1000; ++n) p.Add(Ipv4(n * 77));
  for (std::uint64_t key = 1; key <= p.last; ++key) p.places.Remove(key, p.addresses.at(key));
  p.places.Remove(5, p.addresses.at(5));  // once more
  EXPECT_EQ(p.places.size(), 0u);
  EXPECT_EQ(p.places.Add(2000, Ipv4(77)), std::nullopt);
}

}  // namespace
}  // namespace sw::dvpn
