#include "device/local_authenticator.h"

#include <gtest/gtest.h>

#include "hal/primitives.h"

namespace sw::device {
namespace {

class LocalAuthenticatorTest : public testing::Test {
 protected:
  LocalAuthenticatorTest() {
    config_.aaa.domains = {"sites"};
    User("plain", "secret", true);
    User("user@sites", "other", true);
    User("admin", "secret", false);
    User("idle", "secret", true).active = false;
    User("empty", "", true);
  }
  LocalUser& User(const std::string& name, const std::string& password, bool dvpn) {
    return config_.aaa.users[name] = LocalUser{name, {password, false}, dvpn, true, 0};
  }
  dvpn::Verdict Pap(const std::string& name, const std::string& password, const std::string& domain = "") {
    return Ask({dvpn::AuthMethod::kPap, name, domain, SecretBytes(password), 0, {}, {}});
  }
  dvpn::Verdict Chap(const std::string& name, const std::string& password) {
    const Bytes challenge{1, 2, 3, 4, 5, 6, 7, 8};
    Bytes input{7};
    input.insert(input.end(), password.begin(), password.end());
    input.insert(input.end(), challenge.begin(), challenge.end());
    const hal::Md5Digest response = hal::Md5(input);
    return Ask({dvpn::AuthMethod::kChap, name, "", SecretBytes(), 7, challenge, Bytes(response.begin(), response.end())});
  }
  dvpn::Verdict Ask(dvpn::Credentials credentials) {
    int answers = 0;
    dvpn::Verdict verdict;
    authenticator_.Authenticate(std::move(credentials), [&](dvpn::Verdict v) {
      ++answers;
      verdict = std::move(v);
    });
    EXPECT_EQ(answers, 1);
    return verdict;
  }
  Config config_;
  LocalAuthenticator authenticator_{config_};
};

TEST_F(LocalAuthenticatorTest, AcceptsTheRightPasswordByPapAndByChap) {
  EXPECT_TRUE(Pap("plain", "secret").accepted);
  EXPECT_TRUE(Chap("plain", "secret").accepted);
}

TEST_F(LocalAuthenticatorTest, RefusesTheWrongPasswordAndSaysWhose) {
  EXPECT_EQ(Pap("plain", "Secret").reason, "wrong password of user plain");
  EXPECT_EQ(Chap("plain", "Secret").reason, "wrong password of user plain");
  EXPECT_FALSE(Pap("plain", "").accepted);
}

TEST_F(LocalAuthenticatorTest, RefusesUsersThatMayNotUseDvpn) {
  EXPECT_EQ(Pap("admin", "secret").reason, "user admin has no service-type dvpn");
  EXPECT_EQ(Pap("idle", "secret").reason, "user idle is blocked");
  EXPECT_EQ(Pap("empty", "").reason, "user empty has no password");
  EXPECT_EQ(Pap("nobody", "secret").reason, "user nobody does not exist");
}

TEST_F(LocalAuthenticatorTest, FindsAUserOfADomainByFullNameOrThroughThePolicysDomain) {
  EXPECT_TRUE(Pap("user@sites", "other").accepted);
  EXPECT_TRUE(Pap("user", "other", "sites").accepted);
  EXPECT_TRUE(Pap("plain", "secret", "sites").accepted);
  EXPECT_TRUE(Pap("plain@system", "secret").accepted);
  EXPECT_EQ(Pap("user@elsewhere", "other").reason, "domain elsewhere does not exist");
}

}  // namespace
}  // namespace sw::device
