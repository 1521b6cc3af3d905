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

std::unique_ptr<CryptoDevice> Make(std::size_t max_sas, std::size_t depth) {
  return std::make_unique<CardBehindASocket>(max_sas, depth);
}
INSTANTIATE_TEST_SUITE_P(CardBehindASocket, CryptoDeviceContract,
                         testing::Values(Engine{"card behind a vfio-user socket", Make}));

}  // namespace
}  // namespace sw::hal
