// RSA signatures with certificates (RFC 2409 section 5.1) between two engines, and what is refused.
#include "test_paths.h"
#include "tests/unit/ipsec/ike/pair.h"

namespace sw::testing {
namespace {

std::string File(const std::string& name) {
  return std::string(SW_SOURCE_DIR) + "/tests/vectors/ike_pki/" + name;
}
std::shared_ptr<const hal::Credentials> Load(const std::string& name, const std::string& ca = "ca.pem",
                                             const std::string& crl = "") {
  auto loaded =
      hal::Credentials::Load({File(name + ".pem"), File(name + ".key"), File(ca), crl.empty() ? "" : File(crl)});
  EXPECT_TRUE(loaded.ok()) << (loaded.ok() ? "" : loaded.why());
  return loaded.ok() ? *loaded : nullptr;
}

class Certificates : public IkePair {
 protected:
  Certificates() {
    a_settings.proposals[0].rsa_signature = b_settings.proposals[0].rsa_signature = true;
    a_settings.local_name = "a.example";
    b_settings.local_name = "b.example";
    a_peer().credentials = Load("a");
    b_peer().credentials = Load("b");
    a_peer().pre_shared_key = b_peer().pre_shared_key = SecretBytes();
  }
  void ExpectRefused() {
    Boot();
    a->wall_clock = b->wall_clock = wall_clock;
    a->Wish(wish);
    ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return !a->owner.failed.empty(); }, 200s));
    EXPECT_TRUE(a->owner.installed.empty());
    EXPECT_EQ(a->Phase1(), nullptr);
  }
  std::int64_t wall_clock = 1'800'000'000;
};

TEST_F(Certificates, MainAndAggressiveModeByAddressAndByName) {
  for (const bool aggressive : {false, true})
    for (const bool name : {false, true}) {
      a_peer().aggressive = aggressive;
      a_peer().name_id = b_peer().name_id = name;
      a_peer().remote_name = name ? "b.example" : "";
      b_peer().remote_name = name ? "a.example" : "";
      Boot();
      a->Wish(wish);
      ASSERT_TRUE(Both(1)) << aggressive << name;
      ExpectMirrored(a->owner.installed[0], b->owner.installed[0]);
      EXPECT_EQ(b->Phase1()->remote_id, name ? "a.example" : "192.0.2.1");
      a->up = b->up = false;
    }
}

TEST_F(Certificates, AnotherAuthoritysCertificateIsRefused) {
  b_peer().credentials = Load("stranger");
  ExpectRefused();
  EXPECT_GT(a->engine->counters().invalid_certificate, 0U);
}

TEST_F(Certificates, ARevokedCertificateIsRefused) {
  a_peer().credentials = Load("a", "ca.pem", "b_revoked.crl");
  ExpectRefused();
  EXPECT_TRUE(a->Said("certificate refused: certificate revoked"));
}

TEST_F(Certificates, ACertificateIsValidInItsTimeOnly) {
  wall_clock = 0;
  ExpectRefused();
}

TEST_F(Certificates, ACertificateSpeaksForItsNamesOnly) {
  b_settings.local_name = "c.example";
  b_peer().name_id = true;
  ExpectRefused();
  EXPECT_TRUE(a->Said("is not that of c.example"));
}

TEST_F(Certificates, APeerWithAnotherNameIsRefused) {
  a_peer().remote_name = "somebody.else";
  b_peer().name_id = true;
  ExpectRefused();
}

TEST_F(Certificates, FilesThatDoNotFitAreRefusedWithAReason) {
  const auto why = [](const std::string& certificate, const std::string& key, const std::string& ca,
                      const std::string& crl) {
    const auto loaded = hal::Credentials::Load({File(certificate), File(key), File(ca), crl.empty() ? "" : File(crl)});
    return loaded.ok() ? std::string() : loaded.why();
  };
  EXPECT_NE(why("none.pem", "a.key", "ca.pem", "").find("No such file"), std::string::npos);
  EXPECT_NE(why("a.key", "a.key", "ca.pem", "").find("holds no certificate"), std::string::npos);
  EXPECT_NE(why("a.pem", "b.key", "ca.pem", "").find("does not belong to"), std::string::npos);
  EXPECT_NE(why("a.pem", "a.pem", "ca.pem", "").find("holds no RSA key"), std::string::npos);
  EXPECT_NE(why("a.pem", "a.key", "README", "").find("holds no certificate"), std::string::npos);
  EXPECT_NE(why("a.pem", "a.key", "ca.pem", "ca.pem").find("holds no CRL"), std::string::npos);
}

}  // namespace
}  // namespace sw::testing
