#include "device/config/cipher_text.h"

#include <gtest/gtest.h>

namespace sw::device {
namespace {

TEST(CipherText, OpensWhatItConcealed) {
  for (const std::string& plain :
       {std::string("x"), std::string("three-sites"), std::string(127, 'k'), std::string("a\0b", 3)})
    EXPECT_EQ(Reveal(Conceal(plain)), plain);
}

TEST(CipherText, DoesNotShowThePlainText) {
  EXPECT_EQ(Conceal("three-sites").find("three"), std::string::npos);
  EXPECT_NE(Conceal("aaaa").substr(0, 12), Conceal("aaab").substr(0, 12));
}

TEST(CipherText, IsTheSameForTheSameSecretSoThatReplayingChangesNothing) {
  EXPECT_EQ(Conceal("three-sites"), Conceal("three-sites"));
}

TEST(CipherText, OfTheLongestKeyFitsACommandLine) {
  EXPECT_LT(Conceal(std::string(127, 'k')).size() + std::string("dvpn server pre-shared-key cipher ").size(), 254U);
}

TEST(CipherText, RefusesWhatIsNotItsOwn) {
  EXPECT_EQ(Reveal("_(TT8F]Y\\5SQ=^Q`MAF4<1!!"), std::nullopt);  // a real module's
  EXPECT_EQ(Reveal(""), std::nullopt);
  EXPECT_EQ(Reveal("$sw1$"), std::nullopt);
  EXPECT_EQ(Reveal("$sw1$AAAA"), std::nullopt);
  std::string text = Conceal("three-sites");
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(Reveal(changed), std::nullopt) << changed;
  }
}

}  // namespace
}  // namespace sw::device
