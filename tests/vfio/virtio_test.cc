// A virtio crypto device of QEMU's, driven through /dev/vfio: a card that nobody here designed. The contract for what
// it has, its MSI-X vector, and the failover when it is unplugged under traffic and plugged in again.
//
// What QEMU is to do, the program asks for on its console: tests/vfio/run.py does it.
#include <unistd.h>

#include <cstdio>

#include "hal/failover/failover_device.h"
#include "hal/pcie/pcie_device.h"
#include "hal/primitives.h"
#include "hal/soft/software_device.h"
#include "hal/testing/crypto_device_contract.h"
#include "hal/vfio/kernel_transport.h"
#include "hal/virtio/crypto_map.h"
#include "tests/vfio/guest_device.h"

namespace sw::hal {
namespace {

using namespace std::chrono_literals;

constexpr Duration kPatience = 20s;  // an emulated processor under an emulated IOMMU is slow

Time Now() {
  return {std::chrono::steady_clock::now().time_since_epoch()};
}

pcie::DriverOptions Patient(std::size_t sas, std::size_t depth) {
  pcie::DriverOptions out;
  out.max_sas = sas;
  out.depth = depth;
  out.bring_up = {kPatience, kPatience, kPatience, kPatience};
  out.operation_deadline = kPatience;
  return out;
}

class VirtioCard final : public CryptoDevice {
 public:
  VirtioCard(std::size_t sas, std::size_t depth) : driver(transport, Now, Patient(sas, depth), virtio::CryptoMap) {
    while (driver.health() == Health::kDown && !driver.failed()) driver.Poll();
    EXPECT_EQ(driver.health(), Health::kUp) << driver.trouble_text();
  }
  const Capabilities& capabilities() const override { return driver.capabilities(); }
  Health health() const override { return driver.health(); }
  Status Validate(const SaSpec& spec) const override { return driver.Validate(spec); }
  Result<SaHandle> AddSa(const SaSpec& spec) override { return driver.AddSa(spec); }
  Status RemoveSa(SaHandle sa) override { return driver.RemoveSa(sa); }
  std::size_t Submit(std::span<const CryptoOp> burst) override { return driver.Submit(burst); }
  std::size_t Complete(std::span<CryptoOp> done) override { return driver.Complete(done); }

  vfio::KernelTransport transport{GuestDevice()};
  pcie::PcieDevice driver;
};

INSTANTIATE_TEST_SUITE_P(VirtioThroughVfio, CryptoDeviceContract,
                         testing::Values(Engine{"virtio crypto through /dev/vfio",
                                                [](std::size_t sas, std::size_t depth) {
                                                  return std::make_unique<VirtioCard>(sas, depth);
                                                },
                                                false}));

// Packets of one SA, AES-CBC-128 with HMAC-SHA1.
struct Traffic {
  static constexpr std::uint32_t kText = 1024;
  static SaSpec Spec() {
    return {Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(ByteView(Bytes(16, 7))),
            SecretBytes(ByteView(Bytes(20, 9)))};
  }
  static CryptoOp Op(SaHandle sa, Bytes& packet, std::uint64_t number) {
    packet.assign(8 + 16 + kText + 12, static_cast<std::uint8_t>(number));
    CryptoOp op;
    op.sa = sa;
    op.data = packet.data();
    op.size = static_cast<std::uint32_t>(packet.size());
    op.iv_offset = 8;
    op.cipher_offset = 24;
    op.cipher_length = kText;
    op.auth_length = op.icv_offset = 24 + kText;
    op.context = number;
    return op;
  }
};

TEST(VirtioThroughVfio, AnInterruptAnnouncesWhatIsDone) {
  VirtioCard card(4, 8);
  const auto sa = card.AddSa(Traffic::Spec());
  ASSERT_TRUE(sa.ok()) << sa.why();
  ASSERT_GE(Signals(card.transport.EventFd(1)), 1U);  // the session
  card.driver.Poll();
  Bytes packet;
  CryptoOp op = Traffic::Op(*sa, packet, 1), done;
  ASSERT_EQ(card.Submit({&op, 1}), 1U);
  ASSERT_GE(Signals(card.transport.EventFd(1)), 1U);
  ASSERT_EQ(card.Complete({&done, 1}), 1U);
  EXPECT_EQ(done.verdict, Verdict::kOk);
}

double PacketsPerSecond(CryptoDevice& engine, std::size_t in_flight) {
  const SaHandle sa = *engine.AddSa(Traffic::Spec());
  constexpr std::uint64_t kPackets = 2000;
  std::vector<Bytes> packets(in_flight);
  CryptoOp done[8];
  std::uint64_t submitted = 0, completed = 0;
  const Time begin = Now();
  while (completed < kPackets && Now() - begin < kPatience) {
    while (submitted < kPackets && submitted - completed < in_flight) {
      const CryptoOp op = Traffic::Op(sa, packets[submitted % in_flight], submitted);
      if (engine.Submit({&op, 1}) == 0) break;
      ++submitted;
    }
    completed += engine.Complete(done);
  }
  EXPECT_EQ(completed, kPackets);
  (void)engine.RemoveSa(sa);
  return static_cast<double>(completed) / std::chrono::duration<double>(Now() - begin).count();
}

TEST(VirtioThroughVfio, Figures) {
  VirtioCard card(4, 64);
  const auto software = *SoftwareDevice::Create();
  const double by_card = PacketsPerSecond(card, 32), by_software = PacketsPerSecond(*software, 32);
  std::printf(
      "figure: AES-CBC-128/HMAC-SHA1, 1024 bytes, 32 in flight: virtio %.0f packets/s, software %.0f, both on an "
      "emulated processor\n",
      by_card, by_software);
}

void Ask(const char* what) {
  std::printf("\nwant: %s\n", what);
  std::fflush(stdout);
}

// A device with software behind it, and packets all the time.
class UnderTraffic : public testing::Test {
 protected:
  // Packets until `enough`; each must come out as software computes it.
  template <typename Enough>
  void Run(Enough enough) {
    for (const Time end = Now() + 2 * kPatience; !enough() && Now() < end;) Step();
    EXPECT_TRUE(enough()) << driver.trouble_text();
  }
  void Step() {
    Bytes packet, right;
    CryptoOp op = Traffic::Op(sa, packet, ++number), other = Traffic::Op(reference_sa, right, number), done;
    if (engine->Submit({&op, 1}) == 1) {
      while (engine->Complete({&done, 1}) == 0) {
      }
      EXPECT_EQ(done.verdict, Verdict::kOk) << number;
      ASSERT_EQ(reference->Submit({&other, 1}), 1U);
      ASSERT_EQ(reference->Complete({&other, 1}), 1U);
      EXPECT_EQ(packet, right) << number;
    }
    if (driver.failed()) ::usleep(1000);
  }
  void SetUp() override {
    FailoverOptions options;
    options.probe_patience = kPatience;
    const auto say = [](const FailoverEvent& event) { std::printf("said: %s\n", event.text.c_str()); };
    engine = std::make_unique<FailoverDevice>(driver, *software, Now, random, say, options);
    engine->SetBackup(true);
    for (const Time end = Now() + kPatience; !engine->on_card() && Now() < end;) engine->Poll();
    ASSERT_TRUE(engine->on_card()) << driver.trouble_text();
    sa = *engine->AddSa(Traffic::Spec());
    reference_sa = *reference->AddSa(Traffic::Spec());
  }

  SystemRandom random;
  vfio::KernelTransport transport{GuestDevice()};
  pcie::PcieDevice driver{transport, Now, Patient(16, 32), virtio::CryptoMap};
  std::unique_ptr<SoftwareDevice> software = *SoftwareDevice::Create(), reference = *SoftwareDevice::Create();
  std::unique_ptr<FailoverDevice> engine;
  SaHandle sa = 0, reference_sa = 0;
  std::uint64_t number = 0;
};

TEST_F(UnderTraffic, ADeviceThatIsUnpluggedIsReplacedAndComesBack) {
  Run([&] { return number == 200; });
  EXPECT_EQ(engine->counters().on_software, 0U);
  const SaHandle gcm = *engine->AddSa({Direction::kSeal, Cipher::kAesGcm128, Integrity::kAead, SecretBytes(20), {}});
  EXPECT_EQ(driver.sas(), 1U);  // the card has what it can do, software the other
  EXPECT_TRUE(engine->RemoveSa(gcm).ok());
  Ask("unplug");
  Run([&] { return !engine->on_card(); });
  EXPECT_EQ(driver.trouble(), pcie::Trouble::kRemoved) << driver.trouble_text();
  const std::uint64_t before = number;
  Run([&] { return number == before + 200; });
  EXPECT_GE(engine->counters().on_software, 200U);
  Ask("plug");
  Run([&] { return engine->on_card(); });
  const std::uint64_t on_card = engine->counters().on_card;
  Run([&] { return engine->counters().on_card == on_card + 200; });
  EXPECT_EQ(engine->counters().lost, 0U);
  std::printf("figure: %llu packets by the device, %llu by software, %llu done again, 0 lost\n",
              static_cast<unsigned long long>(engine->counters().on_card),
              static_cast<unsigned long long>(engine->counters().on_software),
              static_cast<unsigned long long>(engine->counters().retried));
}

TEST_F(UnderTraffic, AnErrorThatTheBusReportsTakesTheDeviceOut) {
  Ask("error");
  Run([&] { return !engine->on_card(); });
  EXPECT_EQ(driver.trouble(), pcie::Trouble::kBusError) << driver.trouble_text();
  Run([&] { return engine->on_card(); });
}

}  // namespace
}  // namespace sw::hal
