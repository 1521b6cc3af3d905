// The contract over the driver, vfio-user and a card in a process of its own.
#include <unistd.h>

#include "hal/pcie/pcie_device.h"
#include "hal/testing/crypto_device_contract.h"
#include "hal/vfio/user_transport.h"
#include "tests/fakes/card_process.h"

namespace sw::hal {
namespace {

Time Now() {
  return {std::chrono::steady_clock::now().time_since_epoch()};
}

class CardBehindASocket final : public CryptoDevice {
 public:
  CardBehindASocket(std::size_t max_sas, std::size_t depth)
      : process_({"--sas", std::to_string(max_sas), "--depth", std::to_string(depth), "--rings", "3"}) {
    while (driver_.state() != pcie::BringUp::kRunning && driver_.state() != pcie::BringUp::kFailed) driver_.Poll();
    EXPECT_EQ(driver_.state(), pcie::BringUp::kRunning) << driver_.trouble_text();
  }
  const Capabilities& capabilities() const override { return driver_.capabilities(); }
  Health health() const override { return driver_.health(); }
  Status Validate(const SaSpec& spec) const override { return driver_.Validate(spec); }
  Result<SaHandle> AddSa(const SaSpec& spec) override { return driver_.AddSa(spec); }
  Status RemoveSa(SaHandle sa) override { return driver_.RemoveSa(sa); }
  std::size_t Submit(std::span<const CryptoOp> burst) override { return driver_.Submit(burst); }
  std::size_t Complete(std::span<CryptoOp> done) override { return driver_.Complete(done); }

 private:
  card::CardProcess process_;
  vfio::UserTransport transport_{process_.socket(), std::chrono::seconds(5)};
  // A busy machine is not a broken card: the deadline is generous here.
  pcie::PcieDevice driver_{transport_, Now, {.operation_deadline = std::chrono::seconds(5)}};
};

// The same as a card in a slot whose power is switched off: asked for, let go, away, and back.
TEST(CardBehindASocket, IsLetGoWhenItAsksAndIsTakenUpWhenItIsBack) {
  using namespace std::chrono_literals;
  card::CardProcess process({"--fault", "unplug@2=300"});
  vfio::UserTransport transport(process.socket(), 5s);
  pcie::PcieDevice driver(transport, Now, {.operation_deadline = 5s});
  const auto until = [&](pcie::BringUp state) {
    for (const Time end = Now() + 10s; driver.state() != state && Now() < end;) driver.Poll();
    return driver.state() == state;
  };
  ASSERT_TRUE(until(pcie::BringUp::kRunning)) << driver.trouble_text();
  const auto sa = driver.AddSa({Direction::kSeal, Cipher::kNull, Integrity::kHmacSha1, {}, SecretBytes(20)});
  ASSERT_TRUE(sa.ok());
  Bytes packets[2] = {Bytes(44, 1), Bytes(44, 1)};
  for (Bytes& packet : packets) {
    CryptoOp op;
    op.sa = *sa;
    op.data = packet.data();
    op.size = 44;
    op.cipher_length = op.auth_length = op.icv_offset = 32;
    ASSERT_EQ(driver.Submit({&op, 1}), 1U);
  }
  ASSERT_TRUE(until(pcie::BringUp::kFailed));
  EXPECT_EQ(driver.trouble(), pcie::Trouble::kRemoved) << driver.trouble_text();
  const Time left = Now();
  driver.Restart();
  ASSERT_TRUE(until(pcie::BringUp::kFailed));
  EXPECT_EQ(driver.trouble(), pcie::Trouble::kAbsent) << driver.trouble_text();
  while (driver.state() != pcie::BringUp::kRunning && Now() < left + 10s) {
    if (driver.failed()) driver.Restart();
    driver.Poll();
  }
  EXPECT_EQ(driver.state(), pcie::BringUp::kRunning) << driver.trouble_text();
  EXPECT_GE(Now() - left, 250ms);
  EXPECT_TRUE(transport.Reset(pcie::ResetKind::kFunction).ok());
  EXPECT_EQ(transport.Reset(pcie::ResetKind::kBus).code(), Code::kUnsupported);
  ASSERT_TRUE(until(pcie::BringUp::kFailed));
  EXPECT_EQ(driver.trouble(), pcie::Trouble::kResetItself);
}

std::unique_ptr<CryptoDevice> Make(std::size_t max_sas, std::size_t depth) {
  return std::make_unique<CardBehindASocket>(max_sas, depth);
}
INSTANTIATE_TEST_SUITE_P(CardBehindASocket, CryptoDeviceContract,
                         testing::Values(Engine{"card behind a vfio-user socket", Make}));

}  // namespace
}  // namespace sw::hal
