#include "hal/base/packet.h"

#include <gtest/gtest.h>

namespace sw {
namespace {

TEST(Packet, GrowsInFrontAndBehindInPlace) {
  PacketPool pool;
  PacketPtr p = pool.Copy(AsBytes("body"));
  const std::uint8_t* body = p->data().data();
  std::ranges::copy(AsBytes("head "), p->Prepend(5).begin());
  std::ranges::copy(AsBytes(" tail"), p->Append(5).begin());
  EXPECT_EQ(AsText(p->data()), "head body tail");
  EXPECT_EQ(p->data().data() + 5, body);
  EXPECT_TRUE(p->TrimFront(5));
  EXPECT_TRUE(p->TrimBack(5));
  EXPECT_EQ(AsText(p->data()), "body");
}

TEST(Packet, RefusesMoreThanItsRoomAndStaysAsItWas) {
  PacketPool pool;
  PacketPtr p = pool.Copy(AsBytes("body"));
  EXPECT_EQ(p->headroom(), Packet::kHeadroom);
  EXPECT_EQ(p->tailroom(), Packet::kRoom - Packet::kHeadroom - 4);
  EXPECT_TRUE(p->Prepend(Packet::kHeadroom + 1).empty());
  EXPECT_TRUE(p->Append(p->tailroom() + 1).empty());
  EXPECT_FALSE(p->TrimFront(5));
  EXPECT_FALSE(p->TrimBack(5));
  EXPECT_EQ(AsText(p->data()), "body");
  EXPECT_EQ(p->Prepend(Packet::kHeadroom).size(), Packet::kHeadroom);
  EXPECT_EQ(p->Append(p->tailroom()).size(), Packet::kRoom - Packet::kHeadroom - 4);
  EXPECT_EQ(p->size(), Packet::kRoom);
  EXPECT_EQ(p->headroom(), 0U);
  EXPECT_EQ(p->tailroom(), 0U);
}

TEST(Packet, APortFillsItsRoomAndSaysHowMuch) {
  PacketPool pool;
  PacketPtr p = pool.Take();
  EXPECT_EQ(p->room().size(), Packet::kRoom - Packet::kHeadroom);
  p->room()[0] = 42;
  p->SetSize(1);
  EXPECT_EQ(p->data().size(), 1U);
  EXPECT_EQ(p->data()[0], 42);
  p->SetSize(Packet::kRoom);
  EXPECT_EQ(p->size(), Packet::kRoom - Packet::kHeadroom);
}

TEST(PacketPool, GivesReturnedPacketsOutAgainAndEmpty) {
  PacketPool pool;
  PacketPtr p = pool.Copy(AsBytes("body"));
  p->TrimFront(2);
  const Packet* first = p.get();
  p.reset();
  p = pool.Take();
  EXPECT_EQ(p.get(), first);
  EXPECT_EQ(p->size(), 0U);
  EXPECT_EQ(p->headroom(), Packet::kHeadroom);
  EXPECT_NE(pool.Take().get(), first);
}

TEST(PacketPool, CopiesUpToItsRoomAndNoMore) {
  PacketPool pool;
  EXPECT_NE(pool.Copy(Bytes(Packet::kRoom - Packet::kHeadroom)), nullptr);
  EXPECT_EQ(pool.Copy(Bytes(Packet::kRoom - Packet::kHeadroom + 1)), nullptr);
}

}  // namespace
}  // namespace sw
