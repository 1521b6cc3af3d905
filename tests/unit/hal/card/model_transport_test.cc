// The contract over the driver and the card in this process.
#include "hal/card/model_transport.h"
#include "hal/pcie/pcie_device.h"
#include "hal/soft/software_device.h"
#include "hal/testing/crypto_device_contract.h"

namespace sw::hal {
namespace {

// A driver with everything below it, time moving by itself.
class OwnedCard final : public CryptoDevice {
 public:
  OwnedCard(std::size_t max_sas, std::size_t depth)
      : transport_({static_cast<std::uint32_t>(max_sas), static_cast<std::uint32_t>(depth), 3},
                   *SoftwareDevice::Create({max_sas, 8}), [this] { return now_; }),
        driver_(transport_, [this] { return now_; }) {
    for (int i = 0; i < 10; ++i) driver_.Poll();
  }
  const Capabilities& capabilities() const override { return driver_.capabilities(); }
  Health health() const override { return driver_.health(); }
  Status Validate(const SaSpec& spec) const override { return driver_.Validate(spec); }
  Result<SaHandle> AddSa(const SaSpec& spec) override { return driver_.AddSa(spec); }
  Status RemoveSa(SaHandle sa) override { return driver_.RemoveSa(sa); }
  std::size_t Submit(std::span<const CryptoOp> burst) override { return driver_.Submit(burst); }
  std::size_t Complete(std::span<CryptoOp> done) override { return driver_.Complete(done); }

 private:
  Time now_;
  card::ModelTransport transport_;
  pcie::PcieDevice driver_;
};

std::unique_ptr<CryptoDevice> Make(std::size_t max_sas, std::size_t depth) {
  return std::make_unique<OwnedCard>(max_sas, depth);
}
INSTANTIATE_TEST_SUITE_P(CardInProcess, CryptoDeviceContract, testing::Values(Engine{"card in process", Make}));

}  // namespace
}  // namespace sw::hal
