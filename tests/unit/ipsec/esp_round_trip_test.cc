#include <gtest/gtest.h>

#include "hal/soft/software_device.h"
#include "ipsec/esp.h"

namespace sw::ipsec {
namespace {

constexpr std::uint32_t kSpi = 0x1000;
constexpr std::size_t kHeader = 8, kSpiBytes = 4;

Bytes Of(ByteView v) {
  return Bytes(v.begin(), v.end());
}

// Two ends with one SA between them.
class EspPair : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    SecretBytes keys(KeyBytes(suite()));
    random_.Fill(keys.span());
    out_ = *sender_.AddOutbound({}, {kSpi, suite(), keys, Time::Never()});
    in_ = *receiver_.AddInbound({}, {kSpi, suite(), keys, Time::Never()});
  }

  int suite() const { return GetParam(); }
  bool authenticated() const { return suite() != hal::kNoneSuite; }

  Bytes Inner(std::size_t size) {
    Bytes inner(size);
    random_.Fill(inner);
    return inner;
  }
  Bytes Seal(ByteView inner, std::uint8_t next_header = kNextHeaderIpv4) {
    sender_.Protect({}, out_, pool_.Copy(inner), next_header, 5);
    sender_.Flush();
    std::vector<Finished> done;
    sender_.Poll(done);
    EXPECT_EQ(done.size(), 1U);
    EXPECT_EQ(done.at(0).drop, Drop::kNone);
    EXPECT_EQ(done.at(0).context, 5U);
    EXPECT_EQ(done.at(0).sa, out_);
    return Of(done.at(0).packet->data());
  }
  Finished Open(ByteView sealed) {
    receiver_.Unprotect({}, pool_.Copy(sealed), 9);
    receiver_.Flush();
    std::vector<Finished> done;
    receiver_.Poll(done);
    EXPECT_EQ(done.size(), 1U);
    EXPECT_EQ(done.at(0).context, 9U);
    return std::move(done.at(0));
  }

  SeededRandom random_{1};
  PacketPool pool_;
  std::unique_ptr<hal::SoftwareDevice> sender_device_ = *hal::SoftwareDevice::Create();
  std::unique_ptr<hal::SoftwareDevice> receiver_device_ = *hal::SoftwareDevice::Create();
  Esp sender_{*sender_device_, random_};
  Esp receiver_{*receiver_device_, random_};
  SaId out_ = 0, in_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Suites, EspPair, testing::Range(hal::kFirstSuite, hal::kLastSuite + 1));

TEST_P(EspPair, AnIvIsRandomExceptThatOfAnAeadCipherWhichIsTheSequenceNumber) {
  const hal::CipherInfo& cipher = hal::Info(hal::FindSuite(suite())->cipher);
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
    const Bytes sealed = Seal(Inner(40));
    EXPECT_EQ(Load32(sealed.data() + 4), sequence);
    if (cipher.iv_bytes == 0) continue;
    EXPECT_EQ(Load64(sealed.data() + 8) == sequence, cipher.aead);
  }
}

TEST_P(EspPair, OpensWhatItSealedAtEverySizeUpToTwoBlocksAndAroundFullPackets) {
  std::vector<std::size_t> sizes;
  for (std::size_t s = 0; s <= 40; ++s) sizes.push_back(s);
  for (std::size_t s = 1480; s <= 1500; ++s) sizes.push_back(s);
  for (std::size_t size : sizes) {
    const Bytes inner = Inner(size);
    const Finished opened = Open(Seal(inner, 47));
    ASSERT_EQ(opened.drop, Drop::kNone) << size;
    EXPECT_EQ(Of(opened.packet->data()), inner);
    EXPECT_EQ(opened.next_header, 47);
    EXPECT_EQ(opened.sa, in_);
  }
  EXPECT_EQ(sender_.Info(out_)->sequence, sizes.size());
  EXPECT_EQ(receiver_.Info(in_)->sequence, sizes.size());
  EXPECT_EQ(receiver_.Info(in_)->counters.packets, sizes.size());
  EXPECT_EQ(receiver_.Info(in_)->counters.bytes, sender_.Info(out_)->counters.bytes);
}

TEST_P(EspPair, TheLargestInnerPacketFillsTheOuterOneExactly) {
  for (std::size_t outer = 60; outer < 200; ++outer) {
    const std::size_t inner = InnerMtu(suite(), outer);
    EXPECT_LE(Seal(Inner(inner)).size(), outer);
    EXPECT_GT(Seal(Inner(inner + 1)).size(), outer);
  }
}

TEST_P(EspPair, EveryFlippedBitIsRefusedAndChangesNothing) {
  const Bytes inner = Inner(50);
  const Bytes first = Seal(Inner(20));
  ASSERT_EQ(Open(first).drop, Drop::kNone);
  const Bytes sealed = Seal(inner);
  const SaInfo before = *receiver_.Info(in_);
  // Without integrity only the SPI can be told from a right one.
  const std::size_t bits = (authenticated() ? sealed.size() : kSpiBytes) * 8;
  for (std::size_t bit = 0; bit < bits; ++bit) {
    Bytes forged = sealed;
    forged[bit / 8] = static_cast<std::uint8_t>(forged[bit / 8] ^ (1U << (bit % 8)));
    EXPECT_NE(Open(forged).drop, Drop::kNone) << "bit " << bit;
  }
  const SaInfo after = *receiver_.Info(in_);
  EXPECT_EQ(after.sequence, before.sequence);
  EXPECT_EQ(after.counters.packets, before.counters.packets);
  EXPECT_EQ(Of(Open(sealed).packet->data()), inner);
}

TEST_P(EspPair, EveryTruncationIsRefusedAndChangesNothing) {
  const Bytes sealed = Seal(Inner(50));
  const Bytes good = Seal(Inner(50));
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    const Finished cut = Open(ByteView(sealed).first(length));
    if (length < kHeader) {
      EXPECT_EQ(cut.drop, Drop::kTruncated);
    }
    EXPECT_TRUE(cut.drop != Drop::kNone || !authenticated()) << length;
  }
  EXPECT_TRUE(receiver_.Info(in_)->sequence == 0 || !authenticated());
  EXPECT_EQ(Open(good).drop, Drop::kNone);
}

TEST_P(EspPair, PacketAndDuplicateInOneBurstPassOnce) {
  const Bytes sealed = Seal(Inner(64));
  receiver_.Unprotect({}, pool_.Copy(sealed), 1);
  receiver_.Unprotect({}, pool_.Copy(sealed), 2);
  receiver_.Flush();
  std::vector<Finished> done;
  receiver_.Poll(done);
  ASSERT_EQ(done.size(), 2U);
  EXPECT_EQ(done[0].drop, Drop::kNone);
  EXPECT_EQ(done[1].drop, Drop::kReplayed);
  EXPECT_EQ(Open(sealed).drop, Drop::kReplayed);  // and later it does not even reach the device
}

}  // namespace
}  // namespace sw::ipsec
