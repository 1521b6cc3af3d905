#include "device/config/keeping.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "device/config/cipher_text.h"
#include "device/config/secret.h"

namespace sw::device {
namespace {

using configdb::Key;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// As an earlier program concealed "three-sites".
constexpr const char* kOld = "$sw1$VYJ23fvj/dTNFB9HnpYIvdFSWA==";

class KeepingTest : public testing::Test {
 protected:
  using Columns = std::vector<configdb::Assignment>;
  void Row(std::string_view table, const Key& key, const Columns& columns, bool settle = true) {
    configdb::Edit edit = std::move(*store_.Begin({"test", "test", "test"}));
    EXPECT_TRUE(edit.Ensure(table, key, columns).ok());
    for (const configdb::Assignment& each : columns)
      EXPECT_TRUE(edit.Set(table, key, each.column, each.value).ok());
    if (settle) {
      EXPECT_TRUE(KeepSecrets(edit, notes_).ok());
    }
    EXPECT_TRUE(edit.Commit().ok());
  }
  Secret Kept(std::string_view table, const Key& key, const std::string& column = "password") {
    return SecretOf(**store_.Find(table, key), column, column + "_form");
  }
  std::vector<std::string> Digests() const {
    std::vector<std::string> out;
    for (const KeepingNote& note : notes_) out.push_back(note.digest);
    return out;
  }

  configdb::Store store_ = std::move(*configdb::Store::Open(":memory:"));
  std::vector<KeepingNote> notes_;
};

TEST_F(KeepingTest, APasswordOfAPersonBecomesAHash) {
  Row("local_user", {"ann"}, {{"password", "opensesame"}, {"password_form", "simple"}, {"service_ssh", std::int64_t{1}}});
  Row("super_password", {std::int64_t{3}}, {{"password", "up"}, {"password_form", "simple"}});
  Row("user_interface", {"vty", std::int64_t{0}}, {{"password", kOld}, {"password_form", "cipher"}});
  for (const auto& [secret, plain] : {std::pair(Kept("local_user", {"ann"}), "opensesame"),
                                      std::pair(Kept("super_password", {std::int64_t{3}}), "up"),
                                      std::pair(Kept("user_interface", {"vty", std::int64_t{0}}), "three-sites")}) {
    EXPECT_EQ(secret.form, SecretForm::kHash);
    EXPECT_THAT(secret.text, StartsWith("$y$"));
    EXPECT_TRUE(secret.Matches(plain));
    EXPECT_FALSE(secret.Matches("another"));
    EXPECT_EQ(secret.Reveal(), std::nullopt);
  }
  EXPECT_THAT(notes_, IsEmpty());
}

TEST_F(KeepingTest, AUserIsHashedOnceHisServiceIsKnown) {
  Row("local_user", {"ann"}, {{"password", "opensesame"}, {"password_form", "simple"}});
  EXPECT_EQ(Kept("local_user", {"ann"}).form, SecretForm::kCipher);
  EXPECT_TRUE(Kept("local_user", {"ann"}).Matches("opensesame"));
  Row("local_user", {"ann"}, {{"service_terminal", std::int64_t{1}}});
  EXPECT_EQ(Kept("local_user", {"ann"}).form, SecretForm::kHash);
  EXPECT_TRUE(Kept("local_user", {"ann"}).Matches("opensesame"));
}

TEST_F(KeepingTest, WhatChapIsComputedFromIsSealed) {
  Row("local_user", {"site"}, {{"password", "first"}, {"password_form", "simple"}, {"service_dvpn", std::int64_t{1}},
                               {"service_ssh", std::int64_t{1}}});
  const Secret kept = Kept("local_user", {"site"});
  EXPECT_EQ(kept.form, SecretForm::kCipher);
  EXPECT_TRUE(IsSealed(kept.text));
  EXPECT_EQ(kept.Reveal(), SecretBytes(std::string_view("first")));
  EXPECT_THAT(Digests(), ElementsAre("PASSWORD_TEXT"));
}

TEST_F(KeepingTest, AHashIsOfNoUseToADvpnClientAndThatIsSaid) {
  Row("local_user", {"ann"}, {{"password", "x"}, {"password_form", "simple"}, {"service_ssh", std::int64_t{1}}});
  Row("local_user", {"ann"}, {{"service_dvpn", std::int64_t{1}}});
  EXPECT_EQ(Kept("local_user", {"ann"}).form, SecretForm::kHash);
  EXPECT_THAT(Digests(), ElementsAre("PASSWORD_HASH"));
}

TEST_F(KeepingTest, KeysStayAsTheyWereTypedButAreSealedAnew) {
  Row("ike_peer", {"a"}, {{"pre_shared_key", "typed"}, {"pre_shared_key_form", "simple"}});
  Row("ike_peer", {"b"}, {{"pre_shared_key", kOld}, {"pre_shared_key_form", "cipher"}});
  Row("ike_peer", {"c"}, {{"pre_shared_key", "_(TT8F]Y\\5SQ=^Q`MAF4<1!!"}, {"pre_shared_key_form", "cipher"}});
  EXPECT_EQ(Kept("ike_peer", {"a"}, "pre_shared_key").text, "typed");
  const Secret sealed = Kept("ike_peer", {"b"}, "pre_shared_key");
  EXPECT_TRUE(IsSealed(sealed.text));
  EXPECT_TRUE(sealed.Matches("three-sites"));
  EXPECT_EQ(Kept("ike_peer", {"c"}, "pre_shared_key").text, "_(TT8F]Y\\5SQ=^Q`MAF4<1!!");
  EXPECT_THAT(notes_, IsEmpty());
}

TEST_F(KeepingTest, AKeyThatIsNotHereIsNamed) {
  const std::string foreign = "$sw2$" + std::string(64, 'A');
  Row("ike_peer", {"a"}, {{"pre_shared_key", foreign}, {"pre_shared_key_form", "cipher"}});
  EXPECT_EQ(Kept("ike_peer", {"a"}, "pre_shared_key").text, foreign);
  ASSERT_THAT(Digests(), ElementsAre("KEY_MISSING"));
  EXPECT_THAT(notes_.front().text, HasSubstr("ike_peer a: this cipher text needs the key 00000000"));
}

TEST_F(KeepingTest, ADatabaseOfAnEarlierProgramIsSettledOnce) {
  Row("local_user", {"ann"}, {{"password", "p"}, {"password_form", "simple"}, {"service_ssh", std::int64_t{1}}}, false);
  Row("dvpn_class", {"hq"}, {{"pre_shared_key", kOld}, {"pre_shared_key_form", "cipher"}}, false);
  EXPECT_TRUE(KeepSecretsOf(store_, notes_).ok());
  EXPECT_EQ(Kept("local_user", {"ann"}).form, SecretForm::kHash);
  EXPECT_TRUE(IsSealed(Kept("dvpn_class", {"hq"}, "pre_shared_key").text));
  const auto commits = store_.Journal(100)->size();
  EXPECT_TRUE(KeepSecretsOf(store_, notes_).ok());
  EXPECT_EQ(store_.Journal(100)->size(), commits);
  const auto journal = *store_.Journal(100);
  for (const configdb::JournalEntry& entry : journal)
    EXPECT_EQ(entry.after.find("$y$"), std::string::npos) << "the journal masks it";
}

TEST_F(KeepingTest, LinesOfOneRangeHaveOneHash) {
  configdb::Edit edit = std::move(*store_.Begin({"test", "test", "test"}));
  for (std::int64_t line = 0; line < 5; ++line) {
    EXPECT_TRUE(edit.Ensure("user_interface", {"vty", line}).ok());
    EXPECT_TRUE(edit.Set("user_interface", {"vty", line}, "password", "same").ok());
    EXPECT_TRUE(edit.Set("user_interface", {"vty", line}, "password_form", "simple").ok());
  }
  EXPECT_TRUE(KeepSecrets(edit, notes_).ok());
  EXPECT_TRUE(edit.Commit().ok());
  EXPECT_EQ(Kept("user_interface", {"vty", std::int64_t{0}}), Kept("user_interface", {"vty", std::int64_t{4}}));
}

}  // namespace
}  // namespace sw::device
