// Pieces of messages that are larger than every path takes. No key exchange is needed to put them together.
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
  wire::Piece first, second;
};

TEST(Pieces, MakeTheWholeInEitherOrderAndOnce) {
  const Two two(7);
  Pieces pieces;
  EXPECT_EQ(pieces.Add(Time{}, kClient, 1, two.first), Pieces::Added());
  EXPECT_EQ(pieces.Add(Time{}, kClient, 1, two.first), Pieces::Added()) << "the same one again";
  EXPECT_EQ(pieces.Add(Time{}, kClient, 1, two.second), Pieces::Added(two.whole));
  EXPECT_EQ(pieces.size(), 0u);
  EXPECT_EQ(pieces.Add(Time{}, kClient, 1, two.second), Pieces::Added());
  EXPECT_EQ(pieces.Add(Time{}, kClient, 1, two.first), Pieces::Added(two.whole));
}

TEST(Pieces, OfOthersDoNotMixAndForeignBytesMakeNoWhole) {
  const Two two(7), other(8);
  Pieces pieces;
  EXPECT_EQ(pieces.Add(Time{}, kClient, 1, two.first), Pieces::Added());
  EXPECT_EQ(pieces.Add(Time{}, kClient, 1, other.second), Pieces::Added());
  EXPECT_EQ(pieces.Add(Time{}, kClient, 2, two.second), Pieces::Added()) << "another client";
  EXPECT_EQ(pieces.Add(Time{}, {kClient.address, 1}, 1, two.second), Pieces::Added()) << "another port";
  EXPECT_EQ(pieces.size(), 4u);
  wire::Piece foreign = other.second;
  foreign.whole = two.first.whole;
  EXPECT_EQ(pieces.Add(Time{}, kClient, 1, foreign), Pieces::Added(Drop::kForged));
  EXPECT_EQ(pieces.Add(Time{}, kClient, 1, two.first), Pieces::Added());
  EXPECT_EQ(pieces.Add(Time{}, kClient, 1, two.second), Pieces::Added(two.whole)) << "sent again, it works";
}

TEST(Pieces, WaitForAShortTimeAndHoldNoMoreThanTheirShare) {
  const Two two(7);
  Pieces pieces;
  EXPECT_EQ(pieces.Add(Time{}, kClient, 1, two.first), Pieces::Added());
  EXPECT_EQ(pieces.Add(Time{} + kPieceWaits, kClient, 1, two.second), Pieces::Added()) << "too late";
  for (std::uint64_t client = 0; client < 1000; ++client)
    EXPECT_EQ(pieces.Add(Time{} + kPieceWaits, kClient, client, two.first).index(), client == 1 ? 1u : 0u);
  EXPECT_EQ(pieces.size(), kMaxHalfOpenPerAddress);
  EXPECT_EQ(pieces.Add(Time{} + kPieceWaits, kClient, 999, two.second), Pieces::Added(two.whole)) << "the newest stay";
}

// A KEX-RSP with a certificate.
TEST(Pieces, OfAMessageThatIsLargerAreUpToFourAndNoneIsLargerThanEveryPathTakes) {
  for (const std::size_t size : {1300u, 2386u, 2387u, 4732u}) {
    Bytes body(size, 3);
    body[size / 2] = 9;
    const Bytes message = wire::EncodeFrame(wire::Type::kKexRsp, 5, 1, body);
    const std::vector<Bytes> cut = Cut(message, wire::Nonce{});
    ASSERT_EQ(cut.size(), (size + 1182) / 1183) << size;
    Pieces pieces;
    for (std::size_t n = cut.size(); n > 0; --n) {
      EXPECT_LE(cut[n - 1].size(), wire::kMaxWhole);
      const auto frame = std::get<wire::Frame>(wire::DecodeFrame(cut[n - 1]));
      auto part = std::get<wire::KexPart>(*wire::DecodeBody(frame.type, frame.body));
      const auto added = pieces.Add(Time{}, kClient, 5, std::move(part.piece));
      EXPECT_EQ(added, n > 1 ? Pieces::Added() : Pieces::Added(body));
    }
  }
  EXPECT_TRUE(Cut(wire::EncodeFrame(wire::Type::kKexRsp, 5, 1, Bytes(4733)), wire::Nonce{}).empty());
}

TEST(Pieces, OfAnotherCountDoNotMix) {
  const Two two(7);
  Pieces pieces;
  EXPECT_EQ(pieces.Add(Time{}, kClient, 1, two.first), Pieces::Added());
  wire::Piece other = two.second;
  other.count = 3;
  EXPECT_EQ(pieces.Add(Time{}, kClient, 1, other), Pieces::Added());
  EXPECT_EQ(pieces.Add(Time{}, kClient, 1, two.second), Pieces::Added(two.whole));
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
