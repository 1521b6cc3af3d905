#include "hal/shared_device.h"

#include "hal/soft/software_device.h"
#include "hal/testing/crypto_device_contract.h"

namespace sw::hal {
namespace {

class OwnedQueue final : public CryptoDevice {
 public:
  OwnedQueue(std::size_t max_sas, std::size_t depth) : device_(*SoftwareDevice::Create({max_sas, depth})) {}
  const Capabilities& capabilities() const override { return queue_->capabilities(); }
  Health health() const override { return queue_->health(); }
  Status Validate(const SaSpec& spec) const override { return queue_->Validate(spec); }
  Result<SaHandle> AddSa(const SaSpec& spec) override { return queue_->AddSa(spec); }
  Status RemoveSa(SaHandle sa) override { return queue_->RemoveSa(sa); }
  std::size_t Submit(std::span<const CryptoOp> burst) override { return queue_->Submit(burst); }
  std::size_t Complete(std::span<CryptoOp> done) override { return queue_->Complete(done); }

 private:
  std::unique_ptr<SoftwareDevice> device_;
  SharedDevice shared_{*device_};
  std::unique_ptr<SharedDevice::Queue> queue_ = shared_.Open();
};
std::unique_ptr<CryptoDevice> Make(std::size_t max_sas, std::size_t depth) {
  return std::make_unique<OwnedQueue>(max_sas, depth);
}
INSTANTIATE_TEST_SUITE_P(SharedQueue, CryptoDeviceContract, testing::Values(Engine{"queue of a shared device", Make}));

TEST(SharedDevice, EachUserGetsItsOwnCompletionsAndAUserMayGo) {
  const auto device = *SoftwareDevice::Create({4, 8});
  SharedDevice shared(*device);
  auto one = shared.Open(), two = shared.Open();
  const SaHandle sa = *one->AddSa({Direction::kSeal, Cipher::kNull, Integrity::kHmacMd5, {}, SecretBytes(16)});
  Bytes packet(28, 1);
  CryptoOp op, done[4];
  op.sa = sa;
  op.data = packet.data();
  op.size = 28;
  op.cipher_length = op.auth_length = op.icv_offset = 16;
  op.context = 7;
  ASSERT_EQ(one->Submit({&op, 1}), 1U);
  op.context = 8;
  ASSERT_EQ(two->Submit({&op, 1}), 1U);
  ASSERT_EQ(two->Complete(done), 1U);
  EXPECT_EQ(done[0].context, 8U);
  EXPECT_EQ(one->RemoveSa(sa).code(), Code::kInUse);  // collected from the device, not by its user
  op.context = 9;
  ASSERT_EQ(two->Submit({&op, 1}), 1U);
  two.reset();
  ASSERT_EQ(one->Complete(done), 1U);
  EXPECT_EQ(done[0].context, 7U);
  EXPECT_TRUE(one->RemoveSa(sa).ok());
}

}  // namespace
}  // namespace sw::hal
