// An SA that another process goes on with: numbers ahead, never back; what was received stays received.
#include "ipsec/sa_state.h"

#include <gtest/gtest.h>

#include <set>

#include "hal/soft/software_device.h"

namespace sw::ipsec {
namespace {

struct Process {
  SeededRandom random{1};
  std::unique_ptr<hal::SoftwareDevice> device = *hal::SoftwareDevice::Create();
  Esp esp{*device, random};
  PacketPool pool;

  Finished One() {
    esp.Flush();
    std::vector<Finished> done;
    esp.Poll(done);
    EXPECT_EQ(done.size(), 1U);
    return std::move(done.at(0));
  }
  Bytes Seal(SaId sa) {
    esp.Protect({}, sa, pool.Copy(Bytes(100, 7)), kNextHeaderIpv4, 0);
    const Finished done = One();
    EXPECT_EQ(done.drop, Drop::kNone);
    const ByteView bytes = std::as_const(*done.packet).data();
    return Bytes(bytes.begin(), bytes.end());
  }
  Drop Open(ByteView packet) {
    esp.Unprotect({}, pool.Copy(packet), 0);
    return One().drop;
  }
};

SaState Carried(const SaState& state) {
  StateWriter writer({});
  SaState copy = state;
  writer(copy);
  const SecretBytes bytes = writer.Take();
  StateReader reader(bytes.view(), {});
  SaState out;
  reader(out);
  EXPECT_TRUE(reader.done());
  StateWriter again({});
  again(out);
  EXPECT_EQ(again.Take(), bytes);
  return out;
}

std::uint32_t NumberOf(ByteView packet) {
  return Load32(packet.data() + 4);
}

TEST(SaState, NoNumberIsUsedTwiceWhicheverProcessGoesOn) {
  for (const int suite : {11, 15}) {
    Process old, fresh, peer;
    SeededRandom random(static_cast<std::uint64_t>(suite));
    SaParams params{.spi = 0x1000, .suite = suite, .keys = SecretBytes(KeyBytes(suite))};
    random.Fill(params.keys.span());
    const SaId out = *old.esp.AddOutbound({}, params), in = *peer.esp.AddInbound({}, params);
    std::set<std::uint32_t> numbers;
    const auto passes = [&](Process& from, SaId sa) {
      const Bytes packet = from.Seal(sa);
      EXPECT_TRUE(numbers.insert(NumberOf(packet)).second);
      EXPECT_EQ(peer.Open(packet), Drop::kNone);
    };
    for (int i = 0; i < 50; ++i) passes(old, out);
    const SaState state = Carried(*old.esp.Save(out));
    const Result<SaId> restored = fresh.esp.Restore(state);
    ASSERT_TRUE(restored.ok()) << restored.why();
    EXPECT_EQ(fresh.esp.Info(*restored)->counters.packets, 50U);
    // The successor sends, fails, and the predecessor goes on.
    for (int i = 0; i < 50; ++i) passes(fresh, *restored);
    for (int i = 0; i < 50; ++i) passes(old, out);
    EXPECT_EQ(peer.esp.Info(in)->counters.packets, 150U);
  }
}

TEST(SaState, WhatWasReceivedIsAReplayForTheSuccessor) {
  Process sender, old, fresh;
  const SaParams params{.spi = 0x1000, .suite = 15, .keys = SecretBytes(KeyBytes(15))};
  const SaId out = *sender.esp.AddOutbound({}, params), in = *old.esp.AddInbound({}, params);
  std::vector<Bytes> packets;
  for (int i = 0; i < 2000; ++i) packets.push_back(sender.Seal(out));
  for (std::size_t i = 0; i < packets.size(); i += 2) EXPECT_EQ(old.Open(packets[i]), Drop::kNone);
  ASSERT_TRUE(fresh.esp.Restore(Carried(*old.esp.Save(in))).ok());
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const bool old_one = packets.size() - 1 - i > SaReplayWindow::kWidth;
    const Drop drop = fresh.Open(packets[i]);
    if (old_one) {
      EXPECT_EQ(drop, Drop::kTooOld) << i;
    } else if (packets.size() - i < SaReplayWindow::kWidth) {
      EXPECT_EQ(drop, i % 2 == 0 ? Drop::kReplayed : Drop::kNone) << i;
    }
  }
}

TEST(SaState, AnUnknownSaAndOneThatDoesNotFitAreRefused) {
  Process one;
  EXPECT_FALSE(one.esp.Save(99));
  SaState state;
  state.params = {.spi = 0x1000, .suite = 15, .keys = SecretBytes(3)};
  EXPECT_EQ(one.esp.Restore(state).status().code(), Code::kBadValue);
}

}  // namespace
}  // namespace sw::ipsec
