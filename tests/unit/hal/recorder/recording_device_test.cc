// A recording is text with one meaning, changes nothing for its user, and comes out the same on another engine.
#include <gtest/gtest.h>

#include <sstream>

#include "hal/card/model_transport.h"
#include "hal/pcie/pcie_device.h"
#include "hal/recorder/recording_device.h"
#include "hal/recorder/replay.h"
#include "hal/soft/software_device.h"
#include "hal/testing/crypto_device_contract.h"

namespace sw::hal::recorder {
namespace {

// An engine with its recorder; what is recorded goes to `text` as soon as it happens.
class Recorded final : public CryptoDevice {
 public:
  Recorded(std::size_t sas, std::size_t depth, std::string* text)
      : engine_(*SoftwareDevice::Create({sas, depth})), recorder_(*engine_, [text](std::string_view line) {
          if (text != nullptr) *text += std::string(line) + "\n";
        }) {}
  const Capabilities& capabilities() const override { return recorder_.capabilities(); }
  Health health() const override { return recorder_.health(); }
  Status Validate(const SaSpec& spec) const override { return recorder_.Validate(spec); }
  Result<SaHandle> AddSa(const SaSpec& spec) override { return recorder_.AddSa(spec); }
  Status RemoveSa(SaHandle sa) override { return recorder_.RemoveSa(sa); }
  std::size_t Submit(std::span<const CryptoOp> burst) override { return recorder_.Submit(burst); }
  std::size_t Complete(std::span<CryptoOp> done) override { return recorder_.Complete(done); }

 private:
  std::unique_ptr<CryptoDevice> engine_;
  RecordingDevice recorder_;
};
INSTANTIATE_TEST_SUITE_P(Recorder, CryptoDeviceContract,
                         testing::Values(Engine{"software with a recorder", [](std::size_t s, std::size_t d) {
                                                  return std::make_unique<Recorded>(s, d, nullptr);
                                                }}));

struct CardInProcess {
  explicit CardInProcess(const char* plan = "") {
    for (int i = 0; i < 10; ++i) driver.Poll();
    transport.card().Arm(*card::ParseFaultPlan(plan));
  }
  Time now;
  card::ModelTransport transport{{4, 8, 2}, *SoftwareDevice::Create({4, 1}), [this] { return now; }};
  pcie::PcieDevice driver{transport, [this] { return now; }};
};

// Seals and opens, a forged packet, a packet that no SA can have, an unknown SA, more than the queue holds.
std::string SomeTraffic() {
  std::string text;
  Recorded device(4, 8, &text);
  EXPECT_EQ(device.health(), Health::kUp);
  EXPECT_EQ(device.health(), Health::kUp);
  SaSpec spec{Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)};
  EXPECT_TRUE(device.Validate(spec).ok());
  const SaHandle seal = *device.AddSa(spec);
  spec.direction = Direction::kOpen;
  const SaHandle open = *device.AddSa(spec);
  spec.cipher_key = SecretBytes(3);
  EXPECT_FALSE(device.AddSa(spec).ok());
  std::vector<Bytes> packets(10, Bytes(16 + 64 + 12, 5));
  std::vector<CryptoOp> burst;
  for (Bytes& packet : packets) {
    CryptoOp& op = burst.emplace_back();
    op.sa = seal;
    op.data = packet.data();
    op.size = static_cast<std::uint32_t>(packet.size());
    op.cipher_offset = 16;
    op.cipher_length = 64;
    op.auth_length = op.icv_offset = 80;
    op.context = 700 + burst.size();
  }
  CryptoOp done[16];
  EXPECT_EQ(device.Submit(burst), 8U);
  EXPECT_EQ(device.Complete(done), 8U);
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(done[i].context, 701 + i);
  for (CryptoOp& op : burst) op.sa = open;
  packets[1][20] ^= 1;          // forged
  burst[2].cipher_length = 63;  // no packet of this SA
  burst[3].sa = 4711;           // no SA
  burst[4].data = nullptr;
  EXPECT_EQ(device.Submit(std::span(burst).first(5)), 5U);
  EXPECT_EQ(device.RemoveSa(open).code(), Code::kInUse);
  EXPECT_EQ(device.Complete(done), 5U);
  EXPECT_TRUE(device.RemoveSa(open).ok());
  EXPECT_EQ(device.RemoveSa(open).code(), Code::kNotFound);
  return text;
}

ReplayReport OnEngine(const std::string& text, CryptoDevice& engine) {
  Time now;
  Replay replay(
      engine, [&now] { return now = now + std::chrono::milliseconds(1); }, std::chrono::seconds(1));
  std::istringstream in(text);
  const Result<ReplayReport> report = ReplayText(in, replay);
  EXPECT_TRUE(report.ok()) << report.status().why();
  return report.ok() ? *report : ReplayReport{};
}

TEST(Recorder, WritesEveryCallWithItsResult) {
  const std::string text = SomeTraffic();
  EXPECT_EQ(text.rfind(std::string(kFirstLine) + "\n# engine: software", 0), 0U);
  const std::string keys(32, '0'), icv_key(40, '0');
  for (const std::string& line :
       {"health up\n" + std::string(), "validate seal aes128 sha1 " + keys + " " + icv_key + " ok 0\n",
        "add seal aes128 sha1 " + keys + " " + icv_key + " ok ",
        "add open aes128 sha1 000000 " + icv_key + " bad-value 0\n", std::string("refused 2\n"),
        std::string("complete 10 bad-icv -\n"), std::string("complete 11 bad-shape -\n"),
        std::string("complete 12 no-sa -\n"), std::string(" in-use\n"), std::string(" not-found\n")}) {
    EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
  }
  EXPECT_EQ(text.find("health"), text.rfind("health"));
}

TEST(Recorder, ComesOutTheSameOnSoftwareAndOnTheCard) {
  const std::string text = SomeTraffic();
  const auto software = *SoftwareDevice::Create({4, 8});
  CardInProcess card;
  for (CryptoDevice* engine : {static_cast<CryptoDevice*>(software.get()), static_cast<CryptoDevice*>(&card.driver)}) {
    const ReplayReport report = OnEngine(text, *engine);
    EXPECT_EQ(report.differences, 0U) << report.first[0];
    EXPECT_EQ(report.operations, 13U);
    EXPECT_EQ(report.compared, 13U);
  }
}

TEST(Recorder, ACardThatLiesOrDoesNotAnswerIsFoundOut) {
  const std::string text = SomeTraffic();
  CardInProcess lying("corrupt@3x1");
  const ReplayReport lies = OnEngine(text, lying.driver);
  ASSERT_EQ(lies.differences, 1U);
  EXPECT_EQ(lies.first[0], "operation 3: another result");
  CardInProcess stuck("stuck@3");
  EXPECT_GE(OnEngine(text, stuck.driver).differences, 10U);
}

TEST(Recorder, WhatFailedWhenItWasRecordedIsNotCompared) {
  const auto software = *SoftwareDevice::Create({4, 8});
  const std::string text = std::string(kFirstLine) + "\nadd seal null sha1 - " + std::string(40, '1') +
                           " ok 9\nsubmit 1 9 0 0 8 0 8 8 " + std::string(40, '2') +
                           "\ncomplete 1 fault -\nsubmit 2 9 0 0 8 0 8 8 " + std::string(40, '2') + "\n";
  const ReplayReport report = OnEngine(text, *software);
  EXPECT_EQ(report.operations, 2U);
  EXPECT_EQ(report.compared, 0U);
  EXPECT_EQ(report.differences, 0U);
}

TEST(Recorder, ARecordingThatIsNoneIsRefusedWithItsLine) {
  const auto software = *SoftwareDevice::Create({4, 8});
  const std::string first = std::string(kFirstLine) + "\n";
  const std::pair<std::string, std::string> rows[] = {
      {"sw8800-hal 2\n", "line 1: this is no recording of this version"},
      {first + "\n# a remark\nburst 1\n", "line 4: 'burst' is no call"},
      {first + "remove 1\n", "line 2: 'remove': its words are not those of this call"},
      {first + "remove -1 ok\n", "line 2: 'remove': its words are not those of this call"},
      {first + "remove 99999999999 ok\n", "line 2: 'remove': its words are not those of this call"},
      {first + "complete 1 ok abc\n", "line 2: 'complete': its words are not those of this call"},
      {first + "complete 1 ok xx\n", "line 2: 'complete': its words are not those of this call"},
      {first + "health up \n", ""},
      {first + "health up up\n", "line 2: 'health': its words are not those of this call"},
      {first + std::string(kMostLine + 9, 'x') + "\n", "a line is longer than any call"},
  };
  for (const auto& [text, why] : rows) {
    Replay replay(*software, [] { return Time(); });
    std::istringstream in(text);
    const Result<ReplayReport> report = ReplayText(in, replay);
    EXPECT_EQ(report.ok() ? "" : report.why(), why) << text.substr(0, 60);
  }
}

TEST(Recorder, CallsThatNoRecorderWritesHarmNothing) {
  const auto software = *SoftwareDevice::Create({4, 8});
  const ReplayReport report =
      OnEngine(std::string(kFirstLine) +
                   "\ncomplete 5 ok 00\nremove 7 ok\nsubmit 1 7 4294967295 4294967295 4294967295 1 1 1 00"
                   "\nsubmit 1 7 0 0 0 0 0 0 00\ncomplete 1 ok 00\ncomplete 1 ok 00\n",
               *software);
  EXPECT_EQ(report.differences, 5U);
}

}  // namespace
}  // namespace sw::hal::recorder
