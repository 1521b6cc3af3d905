#include "device/config/cipher_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sw::device {
namespace {

using testing::HasSubstr;

std::string Opened(std::string_view text) {
  const std::optional<SecretBytes> plain = Reveal(text);
  return plain ? std::string(plain->view().begin(), plain->view().end()) : "(closed)";
}

TEST(CipherText, OpensWhatItSealed) {
  for (const std::string& plain :
       {std::string("x"), std::string("three-sites"), std::string(127, 'k'), std::string("a\0b", 3)}) {
    EXPECT_EQ(Opened(Conceal(plain)), plain);
    EXPECT_EQ(WhyClosed(Conceal(plain)), "");
    EXPECT_TRUE(IsSealed(Conceal(plain)));
  }
}

TEST(CipherText, DoesNotShowThePlainText) {
  EXPECT_EQ(Conceal("three-sites").find("three"), std::string::npos);
}

TEST(CipherText, OfEqualSecretsIsNotTheSame) {
  EXPECT_NE(Conceal("three-sites"), Conceal("three-sites"));
}

TEST(CipherText, OfTheLongestKeyFitsACommandLine) {
  EXPECT_LT(Conceal(std::string(127, 'k')).size() + std::string("dvpn server pre-shared-key cipher ").size(), 254U);
}

// Written down by the program before keys of installations.
TEST(CipherText, OfTheKeyInEarlierProgramsIsStillOpened) {
  EXPECT_EQ(Opened("$sw1$VYJ23fvj/dTNFB9HnpYIvdFSWA=="), "three-sites");
  EXPECT_FALSE(IsSealed("$sw1$VYJ23fvj/dTNFB9HnpYIvdFSWA=="));
  EXPECT_EQ(Opened("$sw1$VYJ23fvj/dTNFB9HnpYIvdFSWQ=="), "(closed)");
  EXPECT_THAT(WhyClosed("$sw1$AAAA"), HasSubstr("damaged"));
}

TEST(CipherText, RefusesWhatIsNotItsOwn) {
  EXPECT_EQ(Reveal("_(TT8F]Y\\5SQ=^Q`MAF4<1!!"), std::nullopt);  // a real module's
  EXPECT_THAT(WhyClosed("_(TT8F]Y\\5SQ=^Q`MAF4<1!!"), HasSubstr("of another make"));
  for (const char* text : {"", "$sw1$", "$sw1$AAAA", "$sw2$", "$sw2$AAAA", "$sw2$AAAAAA=="}) {
    EXPECT_EQ(Reveal(text), std::nullopt) << text;
    EXPECT_NE(WhyClosed(text), "") << text;
  }
  const std::string text = Conceal("three-sites");
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_NE(Opened(changed), "three-sites") << changed;
  }
}

}  // namespace
}  // namespace sw::device
