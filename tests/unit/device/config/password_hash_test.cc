#include "device/config/password_hash.h"

#include <gtest/gtest.h>

namespace sw::device {
namespace {

TEST(PasswordHash, MatchesThePasswordAlone) {
  const std::optional<std::string> hash = HashPassword("opensesame");
  ASSERT_TRUE(hash);
  EXPECT_TRUE(hash->starts_with("$y$j9T$")) << *hash;
  EXPECT_TRUE(IsPasswordHash(*hash));
  EXPECT_TRUE(MatchesHash(*hash, "opensesame"));
  EXPECT_FALSE(MatchesHash(*hash, "opensesam"));
  EXPECT_FALSE(MatchesHash(*hash, ""));
  EXPECT_FALSE(MatchesHash(*hash, std::string_view("opensesame\0", 11)));
  EXPECT_NE(HashPassword("opensesame"), hash) << "the salt";
}

// By crypt_gensalt("$y$", 3, "0123456789abcdef") and crypt of Debian 12.
TEST(PasswordHash, IsTheSystemsOwn) {
  EXPECT_TRUE(MatchesHash("$y$j7T$k2XAnEHBqQ1Ct2aMXFKNa/$3iwu5d/fgtX.UxItBbCskypSB0BxLX6HE6O6oUISLM7", "hello"));
}

TEST(PasswordHash, OfAnotherKindOrAtAnotherPriceIsNotTried) {
  for (const char* hash : {"", "$y$", "$y$j9T", "$6$abc$def", "$h$6$x", "$y$jFT$abc$def", "*0", "x", "$1$abc$def"}) {
    EXPECT_FALSE(IsPasswordHash(hash)) << hash;
    EXPECT_FALSE(MatchesHash(hash, "x")) << hash;
  }
}

TEST(PasswordHash, OfWhatIsNoTextIsNotMade) {
  EXPECT_EQ(HashPassword(std::string_view("a\0b", 3)), std::nullopt);
}

}  // namespace
}  // namespace sw::device
