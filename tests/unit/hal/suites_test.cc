#include "hal/suites.h"

#include <gtest/gtest.h>

#include <string>

namespace sw::hal {
namespace {

TEST(Suites, AreTheMibsThirteenAndOurFiveInAscendingOrderAndFoundByNumber) {
  ASSERT_EQ(Suites().size(), 18U);
  int number = kFirstSuite;
  for (const Suite& suite : Suites()) {
    EXPECT_EQ(suite.number, number);
    EXPECT_EQ(FindSuite(number), &suite);
    ++number;
  }
  EXPECT_EQ(number - 1, kLastSuite);
  EXPECT_EQ(FindSuite(0), nullptr);
  EXPECT_EQ(FindSuite(19), nullptr);
  EXPECT_EQ(FindSuite(-1), nullptr);
}

TEST(Suites, NamesSayWhatTheSuitesHold) {
  for (const Suite& suite : Suites()) {
    if (suite.number == kNoneSuite) continue;
    const std::string name(suite.name);
    const std::string cipher(Info(suite.cipher).name.substr(0, Info(suite.cipher).name.find('-')));
    EXPECT_EQ(name.substr(0, name.find('-')), cipher);
    EXPECT_EQ(name.find("/MD5/") != std::string::npos, suite.integrity == Integrity::kHmacMd5);
    EXPECT_EQ(name.find("/SHA1/") != std::string::npos, suite.integrity == Integrity::kHmacSha1);
    EXPECT_EQ(name.ends_with("MODP768"), suite.group == DhGroup::kModp768);
    EXPECT_EQ(name.ends_with("MODP1024"), suite.group == DhGroup::kModp1024);
    EXPECT_EQ(name.ends_with("P-256"), suite.group == DhGroup::kEcp256);
    EXPECT_EQ(name.ends_with("X25519"), suite.group == DhGroup::kX25519);
    EXPECT_EQ(name.ends_with("X25519MLKEM768"), suite.group == DhGroup::kHybrid);
    EXPECT_TRUE(Fit(suite.cipher, suite.integrity));
    EXPECT_EQ(suite.weak, suite.number < kNoneSuite) << "the MIB's are, ours are not";
  }
}

TEST(Suites, TheThirteenthProtectsNothing) {
  const Suite& none = *FindSuite(kNoneSuite);
  EXPECT_EQ(none.cipher, Cipher::kNull);
  EXPECT_EQ(none.integrity, Integrity::kNone);
  EXPECT_EQ(none.group, DhGroup::kNone);
  EXPECT_TRUE(none.weak);
}

TEST(Suites, KeysIvsAndIcvsHaveTheSizesOfTheirRfcs) {
  EXPECT_EQ(Info(Cipher::kDesCbc).key_bytes, 8U);        // RFC 2405
  EXPECT_EQ(Info(Cipher::k3DesCbc).key_bytes, 24U);      // RFC 2451
  EXPECT_EQ(Info(Cipher::kAesCbc).iv_bytes, 16U);        // RFC 3602
  EXPECT_EQ(Info(Integrity::kHmacMd5).key_bytes, 16U);   // RFC 2403
  EXPECT_EQ(Info(Integrity::kHmacSha1).key_bytes, 20U);  // RFC 2404
  EXPECT_EQ(Info(Cipher::kAesGcm128).key_bytes, 20U);    // RFC 4106: 16 and the salt
  EXPECT_EQ(Info(Cipher::kAesGcm256).key_bytes, 36U);
  EXPECT_EQ(Info(Cipher::kAesGcm128).iv_bytes, 8U);
  EXPECT_EQ(Info(Integrity::kHmacSha256).icv_bytes, 16U);  // RFC 4868
  for (Integrity i : {Integrity::kHmacMd5, Integrity::kHmacSha1}) EXPECT_EQ(Info(i).icv_bytes, 12U);
  for (Cipher c : {Cipher::kDesCbc, Cipher::k3DesCbc, Cipher::kAesCbc}) {
    EXPECT_EQ(Info(c).iv_bytes, Info(c).block_bytes);
  }
}

}  // namespace
}  // namespace sw::hal
