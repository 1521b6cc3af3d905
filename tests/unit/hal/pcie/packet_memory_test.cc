#include "hal/pcie/packet_memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "hal/base/bytes.h"
#include "hal/testing/scripted_transport.h"

namespace sw::hal::pcie {
namespace {

constexpr std::size_t kFront = 128, kDepth = 4;

class PacketMemoryTest : public testing::Test {
 protected:
  PacketMemoryTest() { EXPECT_TRUE(memory_.LayOut(system_, kFront, kDepth, 2).ok()); }

  static Bytes Numbered(std::size_t size) {
    Bytes bytes(size);
    std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
    return bytes;
  }
  static CryptoOp OpOf(Bytes& packet) {
    CryptoOp op;
    op.data = packet.data();
    op.size = static_cast<std::uint32_t>(packet.size());
    return op;
  }
  const std::uint8_t* At(std::uint64_t address) const {  // as the card reads it
    const DmaBlock front = memory_.Front(0, kFront);
    return front.bytes + (address - front.address);
  }
  Bytes Gathered(const Pieces& pieces) const {
    Bytes out;
    for (const Segment& piece : pieces.list) out.insert(out.end(), At(piece.address), At(piece.address) + piece.length);
    return out;
  }

  ScriptedTransport system_;
  PacketMemory memory_;
};

TEST_F(PacketMemoryTest, PlacesAPacketOfEverySizeInPieces) {
  for (const std::size_t size : {1U, 2047U, 2048U, 2049U, 9000U, 65535U}) {
    Bytes packet = Numbered(size);
    PacketMemory::Pages pages;
    const Pieces pieces = memory_.Place(OpOf(packet), 1, pages);
    EXPECT_EQ(Gathered(pieces), packet) << size;
    EXPECT_EQ(pages.size() + 1, pieces.list.size());
    EXPECT_EQ(reinterpret_cast<const Segment*>(At(pieces.list_address)), pieces.list.data());
    memory_.Free(pages);
    EXPECT_TRUE(pages.empty());
  }
}

TEST_F(PacketMemoryTest, HasNoPieceForWhatIsNoPacketOrTooLarge) {
  Bytes none, large(kMostSegments * 2048 + 1);
  PacketMemory::Pages pages;
  EXPECT_TRUE(memory_.Place(OpOf(none), 0, pages).list.empty());
  EXPECT_TRUE(memory_.Place(OpOf(large), 0, pages).list.empty());
  EXPECT_TRUE(pages.empty());
  EXPECT_TRUE(memory_.HasRoomFor(static_cast<std::uint32_t>(large.size()))) << "it takes no page";
}

TEST_F(PacketMemoryTest, RunsOutOfPagesForLargePacketsAndGetsThemBack) {
  Bytes packet = Numbered(32 * 2048);
  std::vector<PacketMemory::Pages> taken;
  while (memory_.HasRoomFor(static_cast<std::uint32_t>(packet.size()))) {
    ASSERT_LT(taken.size(), kDepth);
    memory_.Place(OpOf(packet), static_cast<std::uint16_t>(taken.size()), taken.emplace_back());
  }
  EXPECT_EQ(taken.size(), 2U) << "31 of 64 pages each";
  EXPECT_TRUE(memory_.HasRoomFor(2048)) << "every packet has a page of its own";
  memory_.Free(taken.front());
  EXPECT_TRUE(memory_.HasRoomFor(static_cast<std::uint32_t>(packet.size())));
}

TEST_F(PacketMemoryTest, TakesBackARangeAndNothingBeyondThePacket) {
  for (const std::size_t size : {100U, 5000U}) {
    const Bytes original = Numbered(size);
    Bytes packet = original;
    PacketMemory::Pages pages;
    const CryptoOp op = OpOf(packet);
    memory_.Place(op, 0, pages);
    std::ranges::fill(packet, std::uint8_t{0xee});
    memory_.TakeBack(op, 0, pages, 10, size - 20);
    EXPECT_TRUE(std::equal(packet.begin() + 10, packet.end() - 10, original.begin() + 10));
    EXPECT_EQ(packet[9], 0xee);
    EXPECT_EQ(packet[size - 10], 0xee);
    std::ranges::fill(packet, std::uint8_t{0xee});
    memory_.TakeBack(op, 0, pages, 10, size);
    memory_.TakeBack(op, 0, pages, op.size + 1, 0);
    memory_.TakeBack(op, 0, pages, 1, ~std::uint64_t{0});
    EXPECT_TRUE(std::ranges::all_of(packet, [](std::uint8_t byte) { return byte == 0xee; }));
    memory_.Free(pages);
  }
}

TEST_F(PacketMemoryTest, KeysStandBehindEachOtherUntilTheyAreWiped) {
  const SaSpec spec{Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(std::string(16, 'c')),
                    SecretBytes(std::string(20, 'i'))};
  const std::uint64_t first = memory_.PutKeys(0, spec), second = memory_.PutKeys(1, spec);
  EXPECT_EQ(std::string(At(second), At(second) + 36), std::string(16, 'c') + std::string(20, 'i'));
  memory_.WipeKeys(1);
  EXPECT_EQ(std::count(At(second), At(second) + 36, 0), 36);
  EXPECT_EQ(*At(first), 'c');
  memory_.WipeAllKeys();
  EXPECT_EQ(*At(first), 0);
}

TEST(PacketMemory, KeepsItsBlockOverARestartAndSaysWhatTheSystemSays) {
  ScriptedTransport system;
  PacketMemory memory;
  memory.WipeAllKeys();  // there are none
  ASSERT_TRUE(memory.LayOut(system, kFront, kDepth, 2).ok());
  *memory.Front(0, 1).bytes = 1;
  ASSERT_TRUE(memory.LayOut(system, kFront, kDepth, 2).ok());
  EXPECT_EQ(system.blocks.size(), 1U);
  EXPECT_EQ(*memory.Front(0, 1).bytes, 0);
  system.memory = false;
  EXPECT_EQ(memory.LayOut(system, kFront, 2 * kDepth, 2).code(), Code::kDevice);
}

}  // namespace
}  // namespace sw::hal::pcie
