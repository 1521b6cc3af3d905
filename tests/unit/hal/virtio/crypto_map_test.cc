// The driver on a virtio crypto device: the contract, its bring-up access by access, and what a device may do wrong.
#include "hal/virtio/crypto_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hal/pcie/pcie_device.h"
#include "hal/testing/crypto_device_contract.h"
#include "hal/testing/scripted_transport.h"
#include "tests/fakes/virtio_card.h"

namespace sw::hal::virtio {
namespace {

using namespace std::chrono_literals;
using pcie::BringUp;
using pcie::Trouble;

class CardDevice final : public CryptoDevice {
 public:
  CardDevice(std::size_t sas, std::size_t depth)
      : driver_(
            card_, [] { return Time{1s}; }, OfSize(sas, depth), CryptoMap) {
    for (int i = 0; i < 8; ++i) driver_.Poll();
    EXPECT_EQ(driver_.state(), BringUp::kRunning) << driver_.trouble_text();
  }
  static pcie::DriverOptions OfSize(std::size_t sas, std::size_t depth) {
    pcie::DriverOptions out;
    out.max_sas = sas;
    out.depth = depth;
    return out;
  }
  const Capabilities& capabilities() const override { return driver_.capabilities(); }
  Health health() const override { return driver_.health(); }
  Status Validate(const SaSpec& spec) const override { return driver_.Validate(spec); }
  Result<SaHandle> AddSa(const SaSpec& spec) override { return driver_.AddSa(spec); }
  Status RemoveSa(SaHandle sa) override { return driver_.RemoveSa(sa); }
  std::size_t Submit(std::span<const CryptoOp> burst) override { return driver_.Submit(burst); }
  std::size_t Complete(std::span<CryptoOp> done) override { return driver_.Complete(done); }

 private:
  VirtioCard card_;
  pcie::PcieDevice driver_;
};

// A driver with one SA that seals, in AES-CBC-128 with HMAC-SHA1.
class VirtioDriver : public testing::Test {
 protected:
  void Run() {
    for (int i = 0; i < 8 && driver_.health() == Health::kDown; ++i) driver_.Poll();
    ASSERT_EQ(driver_.state(), BringUp::kRunning) << driver_.trouble_text();
  }
  SaHandle Add() {
    return *driver_.AddSa({Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)});
  }
  CryptoOp Op(SaHandle sa, Bytes& packet, std::uint64_t context) const {
    packet.assign(16 + 64 + 12, 1);
    CryptoOp op;
    op.sa = sa;
    op.data = packet.data();
    op.size = static_cast<std::uint32_t>(packet.size());
    op.cipher_offset = 16;
    op.cipher_length = 64;
    op.auth_length = op.icv_offset = 80;
    op.context = context;
    return op;
  }
  std::vector<std::uint64_t> Completed() {
    std::vector<std::uint64_t> out;
    CryptoOp done;
    while (driver_.Complete({&done, 1}) == 1) out.push_back(done.context);
    return out;
  }
  void Expect(Trouble trouble) {
    now_ = now_ + 100ms;
    driver_.Poll();
    EXPECT_EQ(driver_.trouble(), trouble) << driver_.trouble_text();
    EXPECT_TRUE(driver_.failed());
  }

  Time now_{1s};
  VirtioCard card_;
  pcie::PcieDevice driver_{card_, [this] { return now_; }, {}, CryptoMap};
};

TEST_F(VirtioDriver, NamesTheCiphersOfTheDeviceWithTheIcvsOfSoftware) {
  Run();
  EXPECT_EQ(driver_.capabilities().engine, "virtio crypto device (1 data queues, ICVs in software)");
  EXPECT_EQ(driver_.capabilities().transforms.size(), 3U * 4);
  EXPECT_EQ(driver_.Validate({Direction::kSeal, Cipher::kAesGcm128, Integrity::kAead, SecretBytes(20), {}}).code(),
            Code::kUnsupported);
}

TEST_F(VirtioDriver, LetsPacketsWaitForTheSessionOfTheirSa) {
  Run();
  card_.waits = true;
  const SaHandle sa = Add();
  Bytes packets[3];
  for (std::uint64_t i = 0; i < 3; ++i) {
    const CryptoOp op = Op(sa, packets[i], i);
    ASSERT_EQ(driver_.Submit({&op, 1}), 1U);
  }
  EXPECT_THAT(Completed(), testing::IsEmpty());
  card_.Work();  // the session; the packets follow
  EXPECT_THAT(Completed(), testing::IsEmpty());
  card_.Work();
  EXPECT_THAT(Completed(), testing::ElementsAre(0, 1, 2));
  EXPECT_EQ(packets[0], packets[2]);
  EXPECT_TRUE(driver_.RemoveSa(sa).ok());
  card_.Work();
  driver_.Poll();
  EXPECT_EQ(card_.sessions(), 0U);
}

TEST_F(VirtioDriver, PutsAnswersInOrderThatCameInAnother) {
  Run();
  const SaHandle sa = Add();
  driver_.Poll();
  card_.waits = card_.backwards = true;
  Bytes packets[4];
  for (std::uint64_t i = 0; i < 4; ++i) {
    CryptoOp op = Op(sa, packets[i], i);
    if (i == 1) --op.cipher_length;  // refused on this side, in its turn
    ASSERT_EQ(driver_.Submit({&op, 1}), 1U);
  }
  card_.Work();
  EXPECT_THAT(Completed(), testing::ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(driver_.health(), Health::kUp) << driver_.trouble_text();
}

TEST_F(VirtioDriver, TakesTheDeviceOutForAnAnswerToNothing) {
  Run();
  const SaHandle sa = Add();
  driver_.Poll();
  card_.AnswerId(5);
  driver_.Poll();
  EXPECT_EQ(driver_.trouble(), Trouble::kBadIndex);
  driver_.Restart();
  Run();
  card_.AnswerId(70000);
  driver_.Poll();
  EXPECT_EQ(driver_.trouble(), Trouble::kBadIndex);
  EXPECT_EQ(driver_.RemoveSa(sa).code(), Code::kNotFound);
}

TEST_F(VirtioDriver, NamesWhatTheDeviceSaysOfItself) {
  Run();
  card_.device.status = 0;
  Expect(Trouble::kFaultState);
  EXPECT_EQ(driver_.trouble_text(), "the card reported a fault (its backend is away)");
  card_.device.status = VIRTIO_CRYPTO_S_HW_READY;
  driver_.Restart();
  Run();
  card_.status |= kNeedsReset;
  Expect(Trouble::kFaultState);
  EXPECT_EQ(driver_.trouble_text(), "the card reported a fault (it asks for a reset)");
  driver_.Restart();
  Run();
  card_.status = 0;
  Expect(Trouble::kResetItself);
  driver_.Restart();
  Run();
  card_.gone = true;
  Expect(Trouble::kGone);
}

TEST_F(VirtioDriver, FailsWhenASessionIsRefusedOrAnOperationFails) {
  Run();
  card_.refuses_sessions = true;
  Add();
  Expect(Trouble::kSaRefused);
  card_.refuses_sessions = false;
  driver_.Restart();
  Run();
  card_.fails = true;
  Bytes packet;
  const CryptoOp op = Op(Add(), packet, 1);
  ASSERT_EQ(driver_.Submit({&op, 1}), 1U);
  Expect(Trouble::kOperationFailed);
  CryptoOp done;
  ASSERT_EQ(driver_.Complete({&done, 1}), 1U);
  EXPECT_EQ(done.verdict, Verdict::kFault);
  EXPECT_EQ(packet, Bytes(packet.size(), 1));
}

TEST_F(VirtioDriver, HangsWhenTheDoorbellIsNotHeard) {
  Run();
  const SaHandle sa = Add();
  driver_.Poll();
  card_.waits = true;
  Bytes packet;
  const CryptoOp op = Op(sa, packet, 1);
  ASSERT_EQ(driver_.Submit({&op, 1}), 1U);
  Expect(Trouble::kHung);
}

TEST_F(VirtioDriver, RefusesADeviceThatLacksWhatItNeeds) {
  card_.offered = 1ULL << kVersion1;  // no indirect descriptors
  for (int i = 0; i < 8; ++i) driver_.Poll();
  EXPECT_EQ(driver_.trouble(), Trouble::kSelfTestFailed);
  EXPECT_NE(driver_.trouble_text().find("lacks features"), std::string::npos);
}

struct Odd {
  const char* what;
  void (*bend)(VirtioCard&);
  Trouble trouble;
};
TEST(VirtioMap, DoubtsTheSizesAndStructuresOfADevice) {
  const Odd odds[] = {
      {"another id", [](VirtioCard& c) { c.configuration[0] = 0x10421af4; }, Trouble::kWrongCard},
      {"no capabilities", [](VirtioCard& c) { c.configuration[0x34] = 0; }, Trouble::kWrongCard},
      {"capabilities in a circle", [](VirtioCard& c) { c.configuration[0x98] = 2U << 24 | 0x8409; },
       Trouble::kWrongCard},
      {"a BAR that cannot be", [](VirtioCard& c) { c.configuration[0x98 + 4] = 6; }, Trouble::kWrongCard},
      {"no data queue", [](VirtioCard& c) { c.device.max_dataqueues = 0; }, Trouble::kBadCapabilities},
      {"more queues than it has", [](VirtioCard& c) { c.device.max_dataqueues = 4; }, Trouble::kBadCapabilities},
      {"no ciphers", [](VirtioCard& c) { c.device.cipher_algo_l = 0; }, Trouble::kBadCapabilities},
      {"no cipher service", [](VirtioCard& c) { c.device.crypto_services = 4; }, Trouble::kBadCapabilities},
      {"short keys only", [](VirtioCard& c) { c.device.max_cipher_key_len = 8; }, Trouble::kBadCapabilities},
  };
  for (const Odd& odd : odds) {
    SCOPED_TRACE(odd.what);
    VirtioCard card;
    odd.bend(card);
    pcie::PcieDevice driver(
        card, [] { return Time{1s}; }, {}, CryptoMap);
    driver.Poll();
    EXPECT_EQ(driver.trouble(), odd.trouble) << driver.trouble_text();
  }
}

// Section 3.1.1 of the specification, register by register; the structures are in BAR 2 of this device.
TEST(VirtioMap, IsBroughtUpInTheOrderOfTheSpecification) {
  pcie::ScriptedTransport bus;
  bus.configuration = {{0, 0x10541af4}, {0x34, 0x40},       {0x40, 0x01105009}, {0x44, 2},
                       {0x48, 0x000},   {0x50, 0x02146809}, {0x54, 2},          {0x58, 0x300},
                       {0x60, 8},       {0x68, 0x04100009}, {0x6c, 2},          {0x70, 0x200}};
  const auto common = [](Field field) { return pcie::BarPlace{2, field.offset}; };
  const auto read = [&](Field field, std::uint32_t value) { bus.ReadsAt(common(field), field.bytes, value); };
  const auto write = [&](Field field, std::uint32_t value) { bus.WritesAt(common(field), field.bytes, value); };
  const auto device = [&](std::uint32_t offset, std::uint32_t value) { bus.ReadsAt({2, 0x200 + offset}, 4, value); };
  pcie::DriverOptions options;
  options.depth = 2;
  pcie::PcieDevice driver(
      bus, [] { return Time{1s}; }, options, CryptoMap);

  read(kStatus, 0);
  device(4, 1);  // data queues
  read(kQueues, 2);
  write(kQueueSelect, 0), read(kQueueSize, 4);
  write(kQueueSelect, 1), read(kQueueSize, 2);
  device(8, 1), device(12, 8), device(36, 32);  // services, ciphers, bytes of a key
  write(kStatus, 0);
  driver.Poll();
  ASSERT_EQ(driver.state(), BringUp::kReset) << driver.trouble_text();

  read(kStatus, 0);
  write(kStatus, kAcknowledge), write(kStatus, kAcknowledge | kDriver);
  write(kDeviceFeatureSelect, 1), read(kDeviceFeature, 7);
  write(kDeviceFeatureSelect, 0), read(kDeviceFeature, 0x30000000);
  write(kDriverFeatureSelect, 0), write(kDriverFeature, 0x10000000);
  write(kDriverFeatureSelect, 1), write(kDriverFeature, 3);
  write(kStatus, kAcknowledge | kDriver | kFeaturesOk);
  driver.Poll();

  read(kStatus, kAcknowledge | kDriver | kFeaturesOk);
  write(kConfigVector, 0);
  std::uint32_t address = 0x1000;
  for (const std::uint16_t queue : {std::uint16_t{0}, std::uint16_t{1}}) {
    const std::uint32_t size = queue == 0 ? 4 : 2;
    write(kQueueSelect, queue), write(kQueueSize, size), write(kQueueVector, 1);
    for (std::uint32_t area = 0; area < 3; ++area) {
      write({kQueueDescriptors.offset + 8 * area, 4}, address + 64 * area);
      write({kQueueDescriptors.offset + 8 * area + 4, 4}, 0);
    }
    address += 3 * 64;
    read(kQueueNotifyOffset, queue), write(kQueueEnable, 1);
  }
  write(kStatus, kAcknowledge | kDriver | kFeaturesOk | kDriverOk);
  driver.Poll();

  read(kStatus, kAcknowledge | kDriver | kFeaturesOk | kDriverOk);
  device(0, VIRTIO_CRYPTO_S_HW_READY);
  driver.Poll();
  EXPECT_EQ(driver.state(), BringUp::kRunning) << driver.trouble_text();
  bus.Finish();

  bus.WritesAt({2, 0x300 + 8}, 2, 1);  // the control queue's doorbell: its offset times the multiplier
  EXPECT_TRUE(driver.AddSa({Direction::kSeal, Cipher::kAesCbc, Integrity::kNone, SecretBytes(16), {}}).ok());
  bus.Finish();
  write(kStatus, 0);  // when the driver goes
}

}  // namespace
}  // namespace sw::hal::virtio

namespace sw::hal {
INSTANTIATE_TEST_SUITE_P(Virtio, CryptoDeviceContract,
                         testing::Values(Engine{"virtio crypto device",
                                                [](std::size_t sas, std::size_t depth) {
                                                  return std::make_unique<virtio::CardDevice>(sas, depth);
                                                },
                                                false}));
}  // namespace sw::hal
