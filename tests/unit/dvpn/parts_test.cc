// Halves of messages that are larger than every path takes. No key exchange is needed to put them together.
#include "dvpn/parts.h"

#include <gtest/gtest.h>

#include "dvpn/constants.h"
#include "hal/primitives.h"

namespace sw::dvpn {
namespace {

using namespace std::chrono_literals;
const Endpoint kClient{Ipv4(198, 18, 0, 2), 9876};

wire::Digest DigestOf(const Bytes& whole) {
  const hal::Sha256Digest all = hal::Sha256(whole);
  wire::Digest out;
  std::copy_n(all.begin(), out.size(), out.begin());
  return out;
}

struct Two {
  explicit Two(std::uint8_t fill) : whole(1300, fill) {
    whole[0] = 1;
    first = {DigestOf(whole), 0, Bytes(whole.begin(), whole.begin() + 700)};
    second = {DigestOf(whole), 1, Bytes(whole.begin() + 700, whole.end())};
  }
  Bytes whole;
  wire::Half first, second;
};

TEST(Halves, MakeTheWholeInEitherOrderAndOnce) {
  const Two two(7);
  Halves halves;
  EXPECT_EQ(halves.Add(Time{}, kClient, 1, two.first), Halves::Added());
  EXPECT_EQ(halves.Add(Time{}, kClient, 1, two.first), Halves::Added()) << "the same one again";
  EXPECT_EQ(halves.Add(Time{}, kClient, 1, two.second), Halves::Added(two.whole));
  EXPECT_EQ(halves.size(), 0u);
  EXPECT_EQ(halves.Add(Time{}, kClient, 1, two.second), Halves::Added());
  EXPECT_EQ(halves.Add(Time{}, kClient, 1, two.first), Halves::Added(two.whole));
}

TEST(Halves, OfOthersDoNotMixAndForeignBytesMakeNoWhole) {
  const Two two(7), other(8);
  Halves halves;
  EXPECT_EQ(halves.Add(Time{}, kClient, 1, two.first), Halves::Added());
  EXPECT_EQ(halves.Add(Time{}, kClient, 1, other.second), Halves::Added());
  EXPECT_EQ(halves.Add(Time{}, kClient, 2, two.second), Halves::Added()) << "another client";
  EXPECT_EQ(halves.Add(Time{}, {kClient.address, 1}, 1, two.second), Halves::Added()) << "another port";
  EXPECT_EQ(halves.size(), 4u);
  wire::Half foreign = other.second;
  foreign.whole = two.first.whole;
  EXPECT_EQ(halves.Add(Time{}, kClient, 1, foreign), Halves::Added(Drop::kForged));
  EXPECT_EQ(halves.Add(Time{}, kClient, 1, two.first), Halves::Added());
  EXPECT_EQ(halves.Add(Time{}, kClient, 1, two.second), Halves::Added(two.whole)) << "sent again, it works";
}

TEST(Halves, WaitForAShortTimeAndHoldNoMoreThanTheirShare) {
  const Two two(7);
  Halves halves;
  EXPECT_EQ(halves.Add(Time{}, kClient, 1, two.first), Halves::Added());
  EXPECT_EQ(halves.Add(Time{} + kHalfWaits, kClient, 1, two.second), Halves::Added()) << "too late";
  for (std::uint64_t client = 0; client < 1000; ++client)
    EXPECT_EQ(halves.Add(Time{} + kHalfWaits, kClient, client, two.first).index(), client == 1 ? 1u : 0u);
  EXPECT_EQ(halves.size(), kMaxHalfOpenPerAddress);
  EXPECT_EQ(halves.Add(Time{} + kHalfWaits, kClient, 999, two.second), Halves::Added(two.whole)) << "the newest stay";
}

TEST(SealedParts, MakeTheWholeInEitherOrderAndForgetWhatWasGivenUp) {
  const auto part = [](std::uint8_t number, std::uint32_t message) {
    return wire::Part{wire::Type::kSetupReq, number, message, Bytes(3, number)};
  };
  const Bytes whole{0, 0, 0, 1, 1, 1};
  SealedParts parts;
  EXPECT_FALSE(parts.Add(part(0, 1)));
  EXPECT_EQ(parts.Add(part(1, 1))->plain, whole);
  EXPECT_FALSE(parts.Add(part(1, 2)));
  EXPECT_EQ(parts.Add(part(0, 2))->plain, whole);
  EXPECT_FALSE(parts.Add(part(0, 3)));
  EXPECT_FALSE(parts.Add(part(1, 4))) << "of another message, which it waits for from here on";
  EXPECT_EQ(parts.Add(part(0, 4))->plain, whole);
}

}  // namespace
}  // namespace sw::dvpn
