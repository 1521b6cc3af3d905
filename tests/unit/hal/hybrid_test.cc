// Hybrid key agreement. Where the loaded OpenSSL has no ML-KEM, what is left to show is that it is refused with a
// reason, and the half that does not need it; `make test-pq` runs all of it with a newer OpenSSL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "hal/base/random.h"
#include "hal/hybrid.h"

namespace sw::hal {
namespace {

using ::testing::HasSubstr;

Bytes Copy(ByteView v) {
  return Bytes(v.begin(), v.end());
}

TEST(Hybrid, SecretComesFromBothHalvesAndFromWhatWasSent) {
  const SecretBytes one(Bytes(32, 1)), two(Bytes(32, 2));
  const Bytes value(kHybridPublicBytes, 3), answer(kHybridAnswerBytes, 4);
  const Bytes right = Copy(CombineHybrid(one, two, value, answer).view());
  EXPECT_EQ(right.size(), 32u);
  EXPECT_EQ(Copy(CombineHybrid(one, two, value, answer).view()), right);
  EXPECT_NE(Copy(CombineHybrid(two, one, value, answer).view()), right);
  EXPECT_NE(Copy(CombineHybrid(SecretBytes(Bytes(32, 9)), two, value, answer).view()), right);
  EXPECT_NE(Copy(CombineHybrid(one, SecretBytes(Bytes(32, 9)), value, answer).view()), right);
  for (const std::size_t at : {std::size_t{0}, kMlKemKeyBytes, kHybridPublicBytes - 1}) {
    Bytes other = value;
    other[at] ^= 1;
    EXPECT_NE(Copy(CombineHybrid(one, two, other, answer).view()), right) << at;
  }
  Bytes other = answer;
  other.back() ^= 1;
  EXPECT_NE(Copy(CombineHybrid(one, two, value, other).view()), right);
}

TEST(Hybrid, CombinesAsTheManualSays) {  // Extract(salt = name, ML-KEM's | X25519's | SHA-256(values))
  const SecretBytes one(Bytes(32, 1)), two(Bytes(32, 2));
  Bytes input(32, 1);
  input.insert(input.end(), 32, 2);
  const Sha256Digest values = Sha256(Bytes{5, 6});
  input.insert(input.end(), values.begin(), values.end());
  EXPECT_EQ(Copy(CombineHybrid(one, two, Bytes{5}, Bytes{6}).view()),
            Copy(HkdfExtract(AsBytes("sw8800 hybrid 1"), input).view()));
}

TEST(Hybrid, X25519HalfAgreesAndRefusesSmallOrder) {
  SeededRandom random(5);
  const DhKey one = DhKey::Generate(DhGroup::kX25519, random), two = DhKey::Generate(DhGroup::kX25519, random);
  EXPECT_EQ(Copy(one.Agree(two.public_value())->view()), Copy(two.Agree(one.public_value())->view()));
  EXPECT_FALSE(one.Agree(Bytes(32, 0)));
}

TEST(Hybrid, WithoutMlKemIsRefusedWithAReasonInWords) {
  const Status available = HybridAvailable();
  ASSERT_TRUE(available.ok() || std::getenv("SW_EXPECT_ML_KEM") == nullptr) << available.why();
  SeededRandom random(1);
  const auto key = HybridKey::Generate(random);
  EXPECT_EQ(key.ok(), available.ok());
  if (available.ok()) return;
  EXPECT_EQ(available.code(), Code::kUnsupported);
  EXPECT_THAT(std::string(available.why()), HasSubstr("has no ML-KEM, which comes with 3.5"));
  EXPECT_FALSE(AnswerHybrid(Bytes(kHybridPublicBytes, 1), random));
}

class HybridExchange : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!HybridAvailable().ok()) GTEST_SKIP() << HybridAvailable().why() << "; run make test-pq";
  }
  SeededRandom random{7};
};

TEST_F(HybridExchange, BothEndsHaveOneSecretAndTheNextExchangeAnother) {
  const HybridKey key = *HybridKey::Generate(random);
  ASSERT_EQ(key.public_value().size(), kHybridPublicBytes);
  const auto answer = AnswerHybrid(key.public_value(), random);
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->value.size(), kHybridAnswerBytes);
  const auto secret = key.Agree(answer->value);
  ASSERT_TRUE(secret);
  EXPECT_EQ(Copy(secret->view()), Copy(answer->secret.view()));
  const auto again = AnswerHybrid(key.public_value(), random);
  EXPECT_NE(Copy(again->secret.view()), Copy(answer->secret.view()));
}

TEST_F(HybridExchange, IsAPureFunctionOfItsRandomSource) {
  SeededRandom one(3), two(3);
  const HybridKey a = *HybridKey::Generate(one), b = *HybridKey::Generate(two);
  EXPECT_EQ(Copy(a.public_value()), Copy(b.public_value()));
  EXPECT_EQ(AnswerHybrid(a.public_value(), one)->value, AnswerHybrid(b.public_value(), two)->value);
}

TEST_F(HybridExchange, AnyAlteredAnswerIsRefusedOrGivesAnotherSecret) {
  const HybridKey key = *HybridKey::Generate(random);
  const auto answer = *AnswerHybrid(key.public_value(), random);
  for (std::size_t at = 0; at < answer.value.size(); at += 37) {
    Bytes other = answer.value;
    other[at] ^= 1;
    const auto secret = key.Agree(other);
    EXPECT_FALSE(secret && Copy(secret->view()) == Copy(answer.secret.view())) << at;
  }
}

TEST_F(HybridExchange, HostileValuesAreRefused) {
  const HybridKey key = *HybridKey::Generate(random);
  const Bytes good = Copy(key.public_value());
  EXPECT_FALSE(AnswerHybrid({}, random));
  EXPECT_FALSE(AnswerHybrid(ByteView(good).first(good.size() - 1), random));
  EXPECT_FALSE(AnswerHybrid(Bytes(kHybridPublicBytes, 0xff), random)) << "numbers above the modulus";
  Bytes small = good;
  std::fill(small.end() - 32, small.end(), 0);
  EXPECT_FALSE(AnswerHybrid(small, random)) << "X25519 of small order";
  Bytes answer = AnswerHybrid(good, random)->value;
  EXPECT_FALSE(key.Agree({}));
  EXPECT_FALSE(key.Agree(ByteView(answer).first(answer.size() - 1)));
  std::fill(answer.end() - 32, answer.end(), 0);
  EXPECT_FALSE(key.Agree(answer));
}

}  // namespace
}  // namespace sw::hal
