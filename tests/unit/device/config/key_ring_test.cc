#include "device/config/key_ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "device/config/cipher_text.h"
#include "hal/primitives.h"

namespace sw::device {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class KeyRingTest : public testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    folder_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override {
    ::unsetenv("CREDENTIALS_DIRECTORY");
    fs::remove_all(folder_);
    hal::SystemRandom random;
    UseKeys(KeyRing::WithNewKey(random));
  }
  std::string Database(const std::string& name) const { return (folder_ / name).string(); }
  static std::string Read(const std::string& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  static std::string Opened(const std::string& text) {
    const std::optional<SecretBytes> plain = Reveal(text);
    return plain ? std::string(plain->view().begin(), plain->view().end()) : "(closed)";
  }
  fs::path folder_;
};

TEST_F(KeyRingTest, IsMadeOncePrivateAndFoundAgain) {
  ASSERT_TRUE(UseKeysOf(Database("a.db"), MissingKey::kIsMade).ok());
  struct stat found {};
  ASSERT_EQ(::stat(KeyFileOf(Database("a.db")).c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600U);
  const std::string sealed = Conceal("three-sites");
  hal::SystemRandom random;
  UseKeys(KeyRing::WithNewKey(random));
  EXPECT_EQ(Opened(sealed), "(closed)");
  ASSERT_TRUE(UseKeysOf(Database("a.db"), MissingKey::kIsMade).ok());
  EXPECT_EQ(Opened(sealed), "three-sites");
}

TEST_F(KeyRingTest, OfAnotherInstallationIsNamedAndCarriedByItsLine) {
  ASSERT_TRUE(UseKeysOf(Database("a.db"), MissingKey::kIsMade).ok());
  const std::string sealed = Conceal("three-sites"), id = ShownKeyId(Keys()->sealing().id);
  ASSERT_TRUE(UseKeysOf(Database("b.db"), MissingKey::kIsMade).ok());
  EXPECT_THAT(WhyClosed(sealed), HasSubstr("needs the key " + id + " of the installation that made it"));
  std::ofstream(KeyFileOf(Database("b.db")), std::ios::app) << "# of a\n" << Read(KeyFileOf(Database("a.db")));
  ASSERT_TRUE(UseKeysOf(Database("b.db"), MissingKey::kIsMade).ok());
  EXPECT_EQ(WhyClosed(sealed), "");
  EXPECT_EQ(Opened(sealed), "three-sites");
  EXPECT_NE(ShownKeyId(Keys()->sealing().id), id) << "its own seals";
}

TEST_F(KeyRingTest, OfTheServiceManagerComesFirst) {
  ASSERT_TRUE(UseKeysOf(Database("a.db"), MissingKey::kIsMade).ok());
  const std::string sealed = Conceal("by the file"), id = ShownKeyId(Keys()->sealing().id);
  fs::create_directories(folder_ / "credentials");
  hal::SystemRandom random;
  const SecretBytes text = KeyRing::WithNewKey(random).Text();
  std::ofstream(folder_ / "credentials" / "sw8800.key") << std::string(text.view().begin(), text.view().end());
  ::setenv("CREDENTIALS_DIRECTORY", (folder_ / "credentials").c_str(), 1);
  ASSERT_TRUE(UseKeysOf(Database("a.db"), MissingKey::kIsMade).ok());
  EXPECT_NE(ShownKeyId(Keys()->sealing().id), id);
  EXPECT_EQ(Opened(sealed), "by the file") << "what the file's key sealed still opens";
  ASSERT_TRUE(UseKeysOf(Database("c.db"), MissingKey::kIsMade).ok());
  EXPECT_FALSE(fs::exists(KeyFileOf(Database("c.db")))) << "no file where there is a credential";
}

TEST_F(KeyRingTest, ThatCannotBeReadIsNeverOverwritten) {
  std::ofstream(KeyFileOf(Database("a.db"))) << "not a key\n";
  const std::string before = ShownKeyId(Keys()->sealing().id);
  const Status refused = UseKeysOf(Database("a.db"), MissingKey::kIsMade);
  EXPECT_THAT(std::string(refused.why()), HasSubstr("a.db.key: line 1 is no key"));
  EXPECT_EQ(Read(KeyFileOf(Database("a.db"))), "not a key\n");
  EXPECT_EQ(ShownKeyId(Keys()->sealing().id), before);
}

TEST_F(KeyRingTest, IsNotMadeForWhoOnlyReads) {
  EXPECT_EQ(UseKeysOf(Database("a.db"), MissingKey::kIsAnError).code(), Code::kNotFound);
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(KeyRingTest, ThatCannotBeKeptIsUsedAndSaidSo) {
  const Status kept = UseKeysOf(Database("no/folder/a.db"), MissingKey::kIsMade);
  EXPECT_THAT(std::string(kept.why()), HasSubstr("cannot be opened after the next start"));
  EXPECT_EQ(Opened(Conceal("x")), "x");
}

TEST_F(KeyRingTest, TakesNoHalfKey) {
  for (const char* text : {"", "\n", "# nothing\n", "AAAA\n", "====\n"}) EXPECT_FALSE(KeyRing::Parse(text).ok()) << text;
}

}  // namespace
}  // namespace sw::device
