// The contract over the driver and the kernel's VFIO, in a guest whose PCI function is a sw8800-card outside; then what
// only this way has: MSI-X.
#include <unistd.h>

#include <fstream>
#include <set>
#include <thread>

#include "hal/card/inject.h"
#include "hal/pcie/pcie_device.h"
#include "hal/testing/crypto_device_contract.h"
#include "hal/vfio/kernel_transport.h"
#include "tests/vfio/guest_device.h"

namespace sw::hal {
namespace {

// An emulated processor under an emulated IOMMU is slow, and that is no fault of the card.
constexpr Duration kPatience = std::chrono::seconds(5);

Time Now() {
  return {std::chrono::steady_clock::now().time_since_epoch()};
}

struct Card {
  Card() {
    while (driver.state() != pcie::BringUp::kRunning && driver.state() != pcie::BringUp::kFailed) driver.Poll();
    EXPECT_EQ(driver.state(), pcie::BringUp::kRunning) << driver.trouble_text();
  }
  vfio::KernelTransport transport{GuestDevice()};
  pcie::PcieDevice driver{
      transport, Now, {.bring_up = {kPatience, kPatience, kPatience, kPatience}, .operation_deadline = kPatience}};
};

class CardOfTheGuest final : public CryptoDevice {
 public:
  const Capabilities& capabilities() const override { return card_.driver.capabilities(); }
  Health health() const override { return card_.driver.health(); }
  Status Validate(const SaSpec& spec) const override { return card_.driver.Validate(spec); }
  Result<SaHandle> AddSa(const SaSpec& spec) override { return card_.driver.AddSa(spec); }
  Status RemoveSa(SaHandle sa) override { return card_.driver.RemoveSa(sa); }
  std::size_t Submit(std::span<const CryptoOp> burst) override { return card_.driver.Submit(burst); }
  std::size_t Complete(std::span<CryptoOp> done) override { return card_.driver.Complete(done); }

 private:
  Card card_;
};

// The sizes are the card's own: tests/vfio/run.py starts it with those of the contract.
INSTANTIATE_TEST_SUITE_P(KernelVfio, CryptoDeviceContract,
                         testing::Values(Engine{"card through /dev/vfio", [](std::size_t, std::size_t) {
                                                  return std::make_unique<CardOfTheGuest>();
                                                }}));

TEST(KernelVfio, EachRingSignalsItsCompletionsByItsOwnMsixVector) {
  Card card;
  const std::uint32_t rings = 4;
  ASSERT_GE(card.transport.EventFd(rings), 0);
  ASSERT_LT(card.transport.EventFd(rings + 1), 0);
  for (std::uint32_t vector = 0; vector <= rings; ++vector) Signals(card.transport.EventFd(vector), 0);
  // The handles of four SAs fall on four rings; the command alone is a completion.
  std::set<std::uint32_t> used;
  while (used.size() < rings) {
    const auto sa =
        card.driver.AddSa({Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)});
    ASSERT_TRUE(sa.ok()) << sa.why();
    ASSERT_TRUE(used.insert(*sa % 4 + 1).second);
    EXPECT_GE(Signals(card.transport.EventFd(*sa % 4 + 1)), 1U);
    for (std::uint32_t other = 1; other <= rings; ++other) {
      if (other != *sa % 4 + 1) {
        EXPECT_EQ(Signals(card.transport.EventFd(other), 0), 0U);
      }
    }
    Bytes packet(16 + 64 + 12, 1);
    CryptoOp op, done;
    op.sa = *sa;
    op.data = packet.data();
    op.size = static_cast<std::uint32_t>(packet.size());
    op.cipher_offset = 16;
    op.cipher_length = 64;
    op.auth_length = op.icv_offset = 80;
    ASSERT_EQ(card.driver.Submit({&op, 1}), 1U);
    ASSERT_GE(Signals(card.transport.EventFd(*sa % 4 + 1)), 1U);
    ASSERT_EQ(card.driver.Complete({&done, 1}), 1U);  // what the interrupt announced is there
    EXPECT_EQ(done.verdict, Verdict::kOk);
  }
  EXPECT_EQ(Signals(card.transport.EventFd(pcie::kErrorVector), 0), 0U);
}

void WriteTo(const std::string& file, const std::string& text) {
  std::ofstream out(file);
  out << text << std::flush;
  EXPECT_TRUE(out.good()) << file;
}

bool PollUntil(pcie::PcieDevice& driver, pcie::BringUp state) {
  for (const Time end = Now() + 4 * kPatience; driver.state() != state && Now() < end;) {
    driver.Poll();
    ::usleep(1000);
  }
  return driver.state() == state;
}

// The kernel waits with the unbinding until this process has let the card go.
TEST(KernelVfio, ACardThatIsUnboundIsLetGoAndTakenUpAgainWhenItIsBack) {
  Card card;
  ASSERT_TRUE(
      card.driver.AddSa({Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)})
          .ok());
  std::thread unbinding([] { WriteTo("/sys/bus/pci/drivers/vfio-pci/unbind", GuestDevice()); });
  EXPECT_TRUE(PollUntil(card.driver, pcie::BringUp::kFailed));
  unbinding.join();
  EXPECT_EQ(card.driver.trouble(), pcie::Trouble::kRemoved) << card.driver.trouble_text();
  card.driver.Restart();
  EXPECT_TRUE(PollUntil(card.driver, pcie::BringUp::kFailed));
  EXPECT_NE(card.driver.trouble_text().find("has no driver"), std::string::npos) << card.driver.trouble_text();
  WriteTo("/sys/bus/pci/drivers_probe", GuestDevice());
  card.driver.Restart();
  ASSERT_TRUE(PollUntil(card.driver, pcie::BringUp::kRunning)) << card.driver.trouble_text();
  const Result<SaHandle> sa =
      card.driver.AddSa({Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)});
  ASSERT_TRUE(sa.ok());
  Bytes packet(16 + 64 + 12);
  CryptoOp op;
  op.sa = *sa;
  op.context = 7;
  op.data = packet.data();
  op.size = static_cast<std::uint32_t>(packet.size());
  op.cipher_offset = 16;
  op.cipher_length = 64;
  op.auth_length = op.icv_offset = 80;
  ASSERT_EQ(card.driver.Submit({&op, 1}), 1U);
  CryptoOp done;
  for (const Time end = Now() + kPatience; card.driver.Complete({&done, 1}) == 0 && Now() < end;) ::usleep(1000);
  EXPECT_EQ(done.context, 7U);
  EXPECT_EQ(done.verdict, Verdict::kOk);
  EXPECT_NE(packet, Bytes(packet.size()));
}

TEST(KernelVfio, AFaultSignalsTheErrorVectorAndTheDriverNamesIt) {
  Card card;
  const auto sa = card.driver.AddSa({Direction::kSeal, Cipher::kNull, Integrity::kHmacSha1, {}, SecretBytes(20)});
  ASSERT_TRUE(sa.ok()) << sa.why();
  ASSERT_TRUE(card::InjectFault(card.transport, "overheat").ok());
  Bytes packet(44, 1);
  CryptoOp op;
  op.sa = *sa;
  op.data = packet.data();
  op.size = 44;
  op.cipher_length = op.auth_length = op.icv_offset = 32;
  ASSERT_EQ(card.driver.Submit({&op, 1}), 1U);
  ASSERT_GE(Signals(card.transport.EventFd(pcie::kErrorVector)), 1U);
  const Time end = Now() + kPatience;
  while (card.driver.health() == Health::kUp && Now() < end) card.driver.Poll();
  EXPECT_EQ(card.driver.trouble(), pcie::Trouble::kFaultState);
  EXPECT_EQ(card.driver.trouble_text(), "the card reported a fault (overheated)");
  card.driver.Restart();
  while (card.driver.state() != pcie::BringUp::kRunning && card.driver.state() != pcie::BringUp::kFailed)
    card.driver.Poll();
  EXPECT_EQ(card.driver.state(), pcie::BringUp::kRunning) << card.driver.trouble_text();
}

}  // namespace
}  // namespace sw::hal
