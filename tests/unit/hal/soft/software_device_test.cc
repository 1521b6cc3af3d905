#include "hal/soft/software_device.h"

#include <algorithm>
#include <vector>

#include "hal/testing/crypto_device_contract.h"

namespace sw::hal {
namespace {

std::unique_ptr<CryptoDevice> Make(std::size_t max_sas, std::size_t queue_depth) {
  return *SoftwareDevice::Create({max_sas, queue_depth});
}
std::unique_ptr<CryptoDevice> MakeMany(std::size_t max_sas, std::size_t queue_depth) {
  return *SoftwareDevice::Create({max_sas, queue_depth}, PublishedAnswers(), EnginePlan::MultiBufferAlways());
}
INSTANTIATE_TEST_SUITE_P(Software, CryptoDeviceContract,
                         testing::Values(Engine{"software", Make}, Engine{"multi-buffer", MakeMany}));

bool Offers(const SoftwareDevice& device, Cipher cipher, Integrity integrity) {
  return std::ranges::any_of(device.capabilities().transforms,
                             [=](const Capability& t) { return t.cipher == cipher && t.integrity == integrity; });
}

TEST(SoftwareDevice, OffersEveryPairOfCipherAndIntegrity) {
  const auto device = *SoftwareDevice::Create();
  EXPECT_EQ(device->capabilities().transforms.size(), 26U);
  EXPECT_NE(device->capabilities().engine.find("OpenSSL"), std::string::npos);
}

TEST(SoftwareDevice, RefusesLimitsThatLeaveNoRoom) {
  EXPECT_EQ(SoftwareDevice::Create({0, 1}).status().code(), Code::kBadValue);
  EXPECT_EQ(SoftwareDevice::Create({1, 0}).status().code(), Code::kBadValue);
  EXPECT_EQ(SoftwareDevice::Create({(1U << 24) + 1, 1}).status().code(), Code::kBadValue);
}

TEST(SoftwareDevice, DoesNotOfferACipherWhoseKnownAnswerComesOutWrong) {
  const KnownAnswers good = PublishedAnswers();
  std::vector<CipherAnswer> ciphers(good.ciphers.begin(), good.ciphers.end());
  const auto aes = std::ranges::find(ciphers, Cipher::kAesCbc, &CipherAnswer::cipher);
  std::string wrong(aes->sealed);
  wrong.back() = static_cast<char>(wrong.back() ^ 1);
  aes->sealed = wrong;
  const auto device = *SoftwareDevice::Create({}, {ciphers, good.integrity, good.aead});
  for (Integrity i : {Integrity::kNone, Integrity::kHmacMd5, Integrity::kHmacSha1}) {
    EXPECT_FALSE(Offers(*device, Cipher::kAesCbc, i));
    EXPECT_TRUE(Offers(*device, Cipher::kDesCbc, i));
  }
  const SaSpec spec{Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)};
  EXPECT_EQ(device->AddSa(spec).status().code(), Code::kUnsupported);
}

TEST(SoftwareDevice, DoesNotOfferAnAeadWhoseKnownAnswerComesOutWrong) {
  const KnownAnswers good = PublishedAnswers();
  std::vector<AeadAnswer> aead(good.aead.begin(), good.aead.end());
  aead.front().aad = "something else";
  const auto device = *SoftwareDevice::Create({}, {good.ciphers, good.integrity, aead});
  EXPECT_FALSE(Offers(*device, Cipher::kAesGcm128, Integrity::kAead));
  EXPECT_TRUE(Offers(*device, Cipher::kAesGcm256, Integrity::kAead));
  EXPECT_FALSE(Offers(*device, Cipher::kAesGcm256, Integrity::kHmacSha1)) << "GCM brings its own tag";
  EXPECT_FALSE(Offers(*device, Cipher::kAesCbc, Integrity::kAead));
}

TEST(SoftwareDevice, DoesNotOfferAnIntegrityWhoseKnownAnswerComesOutWrong) {
  const KnownAnswers good = PublishedAnswers();
  std::vector<IntegrityAnswer> integrity(good.integrity.begin(), good.integrity.end());
  const auto md5 = std::ranges::find(integrity, Integrity::kHmacMd5, &IntegrityAnswer::integrity);
  md5->message = "Hi there";
  const auto device = *SoftwareDevice::Create({}, {good.ciphers, integrity, good.aead});
  EXPECT_FALSE(Offers(*device, Cipher::kDesCbc, Integrity::kHmacMd5));
  EXPECT_FALSE(Offers(*device, Cipher::kNull, Integrity::kHmacMd5));
  EXPECT_TRUE(Offers(*device, Cipher::kDesCbc, Integrity::kHmacSha1));
  EXPECT_TRUE(Offers(*device, Cipher::kNull, Integrity::kNone));
}

TEST(SoftwareDevice, DoesNotOfferWhatNoKnownAnswerVouchesFor) {
  const auto device = *SoftwareDevice::Create({}, {});
  ASSERT_EQ(device->capabilities().transforms.size(), 1U);
  EXPECT_TRUE(Offers(*device, Cipher::kNull, Integrity::kNone));
}

TEST(SoftwareDevice, HandlesOfOneSlotDifferOverManyReuses) {
  const auto device = *SoftwareDevice::Create({1, 1});
  const SaSpec spec{Direction::kSeal, Cipher::kNull, Integrity::kNone, {}, {}};
  SaHandle last = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto sa = device->AddSa(spec);
    ASSERT_TRUE(sa.ok());
    EXPECT_NE(*sa, last);
    last = *sa;
    ASSERT_TRUE(device->RemoveSa(last).ok());
  }
}

}  // namespace
}  // namespace sw::hal
