// Esp's rules about SAs: what may be installed, how long it lives, how far it counts.
#include <gtest/gtest.h>

#include "hal/soft/software_device.h"
#include "ipsec/esp.h"
#include "ipsec/sa_replay_window.h"
#include "tests/vectors/reader.h"

namespace sw::ipsec {
namespace {

constexpr std::uint32_t kSpi = 0x1000;

class EspSa : public testing::Test {
 protected:
  static SaParams Params(int suite = 11, std::uint32_t spi = kSpi) {
    return {.spi = spi, .suite = suite, .keys = SecretBytes(KeyBytes(suite))};
  }
  Finished One() {
    esp_.Flush();
    std::vector<Finished> done;
    esp_.Poll(done);
    EXPECT_EQ(done.size(), 1U);
    return std::move(done.at(0));
  }
  Finished Protect(SaId sa, Time now = {}, std::size_t size = 100) {
    esp_.Protect(now, sa, pool_.Copy(Bytes(size, 7)), kNextHeaderIpv4, 0);
    return One();
  }
  Finished Unprotect(const Finished& sealed, Time now = {}) {
    esp_.Unprotect(now, pool_.Copy(std::as_const(*sealed.packet).data()), 0);
    return One();
  }

  SeededRandom random_{1};
  PacketPool pool_;
  std::unique_ptr<hal::SoftwareDevice> device_ = *hal::SoftwareDevice::Create({4, 64});
  Esp esp_{*device_, random_};
};

TEST_F(EspSa, KeysAreTheCiphersThenTheIntegritys) {
  EXPECT_EQ(KeyBytes(1), 8U + 16);
  EXPECT_EQ(KeyBytes(8), 24U + 20);
  EXPECT_EQ(KeyBytes(9), 16U + 16);
  EXPECT_EQ(KeyBytes(13), 0U);
  EXPECT_EQ(KeyBytes(19), 0U);
}

TEST_F(EspSa, RefusesWhatCannotBeAnSa) {
  EXPECT_EQ(esp_.AddInbound({}, Params(0)).status().code(), Code::kBadValue);
  EXPECT_EQ(esp_.AddInbound({}, Params(19)).status().code(), Code::kBadValue);
  EXPECT_EQ(esp_.AddInbound({}, Params(11, 255)).status().code(), Code::kBadValue);
  EXPECT_TRUE(esp_.AddInbound({}, Params(11, 256)).ok());
  SaParams short_keys = Params();
  short_keys.keys = SecretBytes(KeyBytes(11) - 1);
  EXPECT_EQ(esp_.AddOutbound({}, short_keys).status().code(), Code::kBadValue);
}

TEST_F(EspSa, InboundSpisAreUniqueAndOutboundOnesArePeersToChoose) {
  EXPECT_TRUE(esp_.AddInbound({}, Params()).ok());
  EXPECT_EQ(esp_.AddInbound({}, Params()).status().code(), Code::kExists);
  EXPECT_TRUE(esp_.AddOutbound({}, Params()).ok());
  EXPECT_TRUE(esp_.AddOutbound({}, Params()).ok());
}

TEST_F(EspSa, PassesOnThatTheEngineIsFullAndRecovers) {
  std::vector<SaId> ids;
  for (std::uint32_t i = 0; i < 4; ++i) ids.push_back(*esp_.AddInbound({}, Params(11, kSpi + i)));
  EXPECT_EQ(esp_.AddOutbound({}, Params()).status().code(), Code::kBusy);
  esp_.Remove(ids[0]);
  EXPECT_TRUE(esp_.AddOutbound({}, Params()).ok());
}

TEST_F(EspSa, AllocatesSpisThatAreNotReservedAndNotInUse) {
  class Scripted final : public Random {
   public:
    void Fill(ByteSpan out) override {
      std::fill(out.begin(), out.end(), std::uint8_t{0});
      Store32(out.data() + 4, values[next++]);
    }
    std::uint32_t values[4] = {0, 255, kSpi, 256};
    std::size_t next = 0;
  } random;
  Esp esp(*device_, random);
  ASSERT_TRUE(esp.AddInbound({}, Params()).ok());
  EXPECT_EQ(esp.AllocateSpi(), 256U);
}

TEST_F(EspSa, SaysWhatItIsWhenAsked) {
  SaParams params = Params(3);
  params.expires = {Duration(50)};
  const SaId sa = *esp_.AddOutbound({Duration(10)}, params);
  Protect(sa, {Duration(11)});
  const SaInfo info = *esp_.Info(sa);
  EXPECT_EQ(info.spi, kSpi);
  EXPECT_EQ(info.suite, 3);
  EXPECT_EQ(info.direction, hal::Direction::kSeal);
  EXPECT_EQ(info.created, Time{Duration(10)});
  EXPECT_EQ(info.expires, Time{Duration(50)});
  EXPECT_EQ(info.sequence, 1U);
  EXPECT_EQ(info.counters.packets, 1U);
  EXPECT_EQ(info.counters.bytes, 100U);
  EXPECT_FALSE(esp_.Info(0));
  EXPECT_FALSE(esp_.Info(sa + 1));
}

TEST_F(EspSa, CarriesNothingFromTheMomentItsLifeEnds) {
  SaParams params = Params();
  params.expires = {Duration(50)};
  const SaId out = *esp_.AddOutbound({}, params);
  const SaId in = *esp_.AddInbound({}, params);
  const Finished first = Protect(out, {Duration(49)});
  const Finished second = Protect(out, {Duration(49)});
  EXPECT_EQ(Unprotect(first, {Duration(49)}).drop, Drop::kNone);
  EXPECT_EQ(Unprotect(second, {Duration(50)}).drop, Drop::kSaExpired);
  EXPECT_EQ(Protect(out, {Duration(50)}).drop, Drop::kSaExpired);
  EXPECT_EQ(esp_.Info(out)->sequence, 2U);
  EXPECT_EQ(esp_.Info(in)->sequence, 1U);
}

TEST_F(EspSa, UsesEverySequenceNumberOnceAndThenStops) {
  SaParams params = Params();
  params.used_sequence = 0xfffffffd;
  const SaId out = *esp_.AddOutbound({}, params);
  params.used_sequence = 0;
  ASSERT_TRUE(esp_.AddInbound({}, params).ok());
  for (std::uint32_t expected : {0xfffffffe, 0xffffffff}) {
    const Finished sealed = Protect(out);
    ASSERT_EQ(sealed.drop, Drop::kNone);
    EXPECT_EQ(Load32(std::as_const(*sealed.packet).data().data() + 4), expected);
    EXPECT_EQ(Unprotect(sealed).drop, Drop::kNone);
  }
  EXPECT_EQ(Protect(out).drop, Drop::kSequenceExhausted);
  EXPECT_EQ(Protect(out).drop, Drop::kSequenceExhausted);
  EXPECT_EQ(esp_.Info(out)->sequence, 0xffffffff);
}

TEST_F(EspSa, RefusesAPacketWithoutHeadroomOrTailroomAndUsesNoNumberUp) {
  const SaId out = *esp_.AddOutbound({}, Params());
  PacketPtr packet = pool_.Copy(Bytes(100, 7));
  ASSERT_EQ(packet->Prepend(Packet::kHeadroom - 23).size(), Packet::kHeadroom - 23);  // header and IV need 24
  const Bytes before(packet->data().begin(), packet->data().end());
  esp_.Protect({}, out, std::move(packet), kNextHeaderIpv4, 0);
  Finished refused = One();
  EXPECT_EQ(refused.drop, Drop::kNoRoom);
  EXPECT_EQ(Bytes(refused.packet->data().begin(), refused.packet->data().end()), before);

  packet = std::move(refused.packet);
  ASSERT_TRUE(packet->TrimFront(1));
  esp_.Protect({}, out, std::move(packet), kNextHeaderIpv4, 0);
  EXPECT_EQ(One().drop, Drop::kNone);

  // 14 bytes to a whole block, 2 of trailer, 12 of ICV: the last size that fits and the next.
  const std::size_t room = Packet::kRoom - Packet::kHeadroom;
  const std::size_t fits = (room - 12) / 16 * 16 - 2;
  EXPECT_EQ(Protect(out, {}, fits).drop, Drop::kNone);
  EXPECT_EQ(Protect(out, {}, fits + 1).drop, Drop::kNoRoom);
  EXPECT_EQ(esp_.Info(out)->sequence, 2U);
}

TEST_F(EspSa, AnInboundSaDoesNotSealAndAnOutboundOneDoesNotOpen) {
  const SaId in = *esp_.AddInbound({}, Params(11, 0x2000));
  const SaId out = *esp_.AddOutbound({}, Params(11, 0x3000));
  EXPECT_EQ(Protect(in).drop, Drop::kUnknownSpi);
  const Finished refused = Unprotect(Protect(out));
  EXPECT_EQ(refused.drop, Drop::kUnknownSpi);
  EXPECT_EQ(refused.sa, 0U);
  EXPECT_EQ(refused.direction, hal::Direction::kOpen);
}

TEST_F(EspSa, TheReplayWindowHoldsAtBothEdgesAcrossAJumpOfItsWidth) {
  const SaId out = *esp_.AddOutbound({}, Params());
  ASSERT_TRUE(esp_.AddInbound({}, Params()).ok());
  constexpr std::size_t kWidth = SaReplayWindow::kWidth;
  std::vector<Finished> sealed;
  for (std::size_t i = 0; i < kWidth + 2; ++i) sealed.push_back(Protect(out));
  EXPECT_EQ(Unprotect(sealed[0]).drop, Drop::kNone);       // number 1
  EXPECT_EQ(Unprotect(sealed[kWidth]).drop, Drop::kNone);  // 2 is now the oldest inside
  EXPECT_EQ(Unprotect(sealed[0]).drop, Drop::kTooOld);
  EXPECT_EQ(Unprotect(sealed[1]).drop, Drop::kNone);
  EXPECT_EQ(Unprotect(sealed[1]).drop, Drop::kReplayed);
  EXPECT_EQ(Unprotect(sealed[kWidth + 1]).drop, Drop::kNone);  // 2 has left
  EXPECT_EQ(Unprotect(sealed[1]).drop, Drop::kTooOld);
  EXPECT_EQ(Unprotect(sealed[2]).drop, Drop::kNone);
  EXPECT_EQ(esp_.drops()[static_cast<std::size_t>(Drop::kTooOld)], 2U);
  EXPECT_EQ(esp_.drops()[static_cast<std::size_t>(Drop::kReplayed)], 1U);
}

TEST_F(EspSa, BurstsLargerThanTheEnginesQueueAllPassInOrder) {
  const SaId out = *esp_.AddOutbound({}, Params());
  for (std::uint64_t i = 0; i < 128; ++i) esp_.Protect({}, out, pool_.Copy(Bytes(64)), kNextHeaderIpv4, i);
  esp_.Flush();
  std::vector<Finished> done;
  esp_.Poll(done);
  ASSERT_EQ(done.size(), 128U);
  for (std::uint64_t i = 0; i < 128; ++i) {
    EXPECT_EQ(done[i].drop, Drop::kNone);
    EXPECT_EQ(done[i].context, i);
  }
}

TEST(InnerMtu, IsZeroWhereNothingFitsOrTheSuiteDoesNotExist) {
  EXPECT_EQ(InnerMtu(0, 1500), 0U);
  EXPECT_EQ(InnerMtu(19, 1500), 0U);
  for (int suite = 1; suite <= 13; ++suite) EXPECT_EQ(InnerMtu(suite, 8), 0U);
  EXPECT_EQ(InnerMtu(1, 1472), 1438U);   // DES: 8 + 8 + 1440 + 12 = 1468
  EXPECT_EQ(InnerMtu(11, 1472), 1422U);  // AES: 8 + 16 + 1424 + 12 = 1460
  EXPECT_EQ(InnerMtu(13, 1472), 1462U);  // nothing: 8 + 1464
}

TEST(DropReasons, EachHasAPhrase) {
  EXPECT_EQ(Phrase(Drop::kNone), "no drop");
  EXPECT_EQ(Phrase(Drop::kDeviceFault), "crypto engine failed");
  for (std::string_view phrase : kDropPhrases) EXPECT_FALSE(phrase.empty());
}

// Packets sealed by another implementation open here, and ours are the same bytes.
TEST(EspInterop, OpensAndReproducesThePacketsOfScapy) {
  class FixedIv final : public Random {
   public:
    void Fill(ByteSpan out) override { std::copy_n(iv.begin(), out.size(), out.begin()); }
    Bytes iv;
  } random;
  const auto device = *hal::SoftwareDevice::Create();
  PacketPool pool;
  const auto records = vectors::Read("esp_scapy.vec");
  ASSERT_EQ(records.size(), 24U);
  for (const vectors::Record& record : records) {
    SCOPED_TRACE("suite " + record.Text("suite") + " sequence " + record.Text("sequence"));
    Esp esp(*device, random);
    random.iv = record.Hex("iv");
    Bytes keys = record.Hex("cipher_key");
    const Bytes integrity = record.Hex("integrity_key");
    keys.insert(keys.end(), integrity.begin(), integrity.end());
    const auto sequence = static_cast<std::uint32_t>(std::stoul(record.Text("sequence")));
    const SaParams params{.spi = Load32(record.Hex("spi").data()),
                          .suite = std::stoi(record.Text("suite")),
                          .keys = SecretBytes(keys),
                          .used_sequence = sequence - 1};
    const SaId out = *esp.AddOutbound({}, params);
    ASSERT_TRUE(esp.AddInbound({}, params).ok());
    esp.Unprotect({}, pool.Copy(record.Hex("packet")), 0);
    esp.Protect({}, out, pool.Copy(record.Hex("inner")), kNextHeaderIpv4, 0);
    esp.Flush();
    std::vector<Finished> done;
    esp.Poll(done);
    ASSERT_EQ(done.size(), 2U);
    EXPECT_EQ(done[0].drop, Drop::kNone);
    EXPECT_EQ(done[0].next_header, kNextHeaderIpv4);
    EXPECT_EQ(Bytes(done[0].packet->data().begin(), done[0].packet->data().end()), record.Hex("inner"));
    EXPECT_EQ(Bytes(done[1].packet->data().begin(), done[1].packet->data().end()), record.Hex("packet"));
  }
}

TEST(AhInterop, OpensAndReproducesThePacketsOfScapy) {
  const std::map<std::string, hal::Integrity> hashes = {
      {"md5", hal::Integrity::kHmacMd5}, {"sha1", hal::Integrity::kHmacSha1}, {"sha256", hal::Integrity::kHmacSha256}};
  const auto device = *hal::SoftwareDevice::Create();
  SeededRandom random(1);
  PacketPool pool;
  const auto records = vectors::Read("ah_scapy.vec");
  ASSERT_EQ(records.size(), 15U);
  for (const vectors::Record& record : records) {
    SCOPED_TRACE(record.Text("hash") + " sequence " + record.Text("sequence"));
    Esp esp(*device, random);
    const SaParams params{
        .spi = Load32(record.Hex("spi").data()),
        .keys = SecretBytes(record.Hex("key")),
        .used_sequence = static_cast<std::uint32_t>(std::stoul(record.Text("sequence"))) - 1,
        .protocol = SaProtocol::kAh,
        .algorithms = EspAlgorithms{hal::Cipher::kNull, hashes.at(record.Text("hash"))},
    };
    const SaId out = *esp.AddOutbound({}, params);
    ASSERT_TRUE(esp.AddInbound({}, params).ok());
    esp.UnprotectAh({}, pool.Copy(record.Hex("packet")), 0);
    esp.Protect({}, out, pool.Copy(record.Hex("plain")), 0, 1);
    Bytes forged = record.Hex("packet");
    forged.back() ^= 1;
    esp.UnprotectAh({}, pool.Copy(forged), 2);
    esp.Flush();
    std::vector<Finished> done;
    esp.Poll(done);
    ASSERT_EQ(done.size(), 3U);
    std::ranges::sort(done, {}, &Finished::context);
    EXPECT_EQ(done[0].drop, Drop::kNone);
    EXPECT_EQ(Bytes(done[0].packet->data().begin(), done[0].packet->data().end()), record.Hex("plain"));
    EXPECT_EQ(Bytes(done[1].packet->data().begin(), done[1].packet->data().end()), record.Hex("packet"));
    EXPECT_NE(done[2].drop, Drop::kNone);
  }
}

}  // namespace
}  // namespace sw::ipsec
