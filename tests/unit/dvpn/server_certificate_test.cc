// A server that proves itself by the certificate of its PKI domain: what a client accepts, and every way in which it does
// not.
#include <gmock/gmock.h>

#include "dvpn/control_channel.h"
#include "dvpn/keying.h"
#include "dvpn/server_proof.h"
#include "test_paths.h"
#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using dvpn::MapState;
using dvpn::ServerMethod;
using ::testing::HasSubstr;
namespace wire = dvpn::wire;

std::string File(const std::string& name) {
  return std::string(SW_SOURCE_DIR) + "/tests/vectors/" + name;
}
std::shared_ptr<const hal::Credentials> Own(const std::string& name, const std::string& ca = "ike_pki/ca.pem") {
  auto loaded = hal::Credentials::Load({File(name + ".pem"), File(name + ".key"), File(ca), ""});
  EXPECT_TRUE(loaded.ok()) << (loaded.ok() ? "" : loaded.why());
  return loaded.ok() ? *loaded : nullptr;
}
std::shared_ptr<const hal::Authority> Ca(const std::string& ca, const std::string& crl = "") {
  auto loaded = hal::Authority::Load({"", "", File(ca), crl.empty() ? "" : File(crl)});
  EXPECT_TRUE(loaded.ok()) << (loaded.ok() ? "" : loaded.why());
  return loaded.ok() ? *loaded : nullptr;
}

// The certificate `a` is that of 192.0.2.1, the server's address, and of a.example; `b` of 192.0.2.2 and b.example.
struct Certified : Domain {
  explicit Certified(const std::string& own = "ike_pki/a", int suite = 15, const std::string& ca = "ike_pki/ca.pem",
                     const std::string& crl = "", const std::string& name = "") {
    if (!own.empty()) role().credentials = Own(own, ca == "dvpn_pki/ca.pem" ? ca : "ike_pki/ca.pem");
    client = &Client(2, [&](auto& s) {
      ClientRole(s).suite = suite;
      ClientRole(s).authenticate_server = ServerMethod::kCertificate;
      ClientRole(s).authority = Ca(ca, crl);
      ClientRole(s).server_name = name;
      ClientRole(s).register_interval = 5s;
    });
  }
  Certified& Try() {
    client->Start();
    Run(2s);
    return *this;
  }
  void ExpectRefused(const std::string& why, const std::string& at_server) {
    EXPECT_EQ(client->state(), MapState::kClientInit);
    EXPECT_TRUE(client->tunnel->sessions().empty());
    EXPECT_THAT(client->tunnel->maps().at(0).last_error, HasSubstr(why));
    EXPECT_TRUE(server->log.Says(at_server));
    EXPECT_TRUE(server->tunnel->maps().empty());
    EXPECT_EQ(server->log.Count(dvpn::What::kMapBuilt), 0u);
  }
  FakeHost* client;
};

constexpr const char* kNotAccepted =
    "the client refused: server authentication failed: the certificate of the server is not accepted";

TEST(ServerCertificate, OfTheServersAddressOrOfTheNameThatTheClassWantsIsAccepted) {
  for (const char* name : {"", "a.example", "CN=a,O=sw8800 tests"})
    for (const int suite : {12, 15, 16}) {
      Certified d("ike_pki/a", suite, "ike_pki/ca.pem", "ike_pki/b_revoked.crl", name);
      d.Try();
      ASSERT_EQ(d.client->state(), MapState::kClientSuccess) << name << ": " << d.client->tunnel->maps()[0].last_error;
      EXPECT_EQ(d.client->Session(Domain::Private(1))->server_proof, dvpn::ServerProofKind::kCertificate);
      EXPECT_EQ(d.server->Session(Domain::Private(2))->server_proof, dvpn::ServerProofKind::kCertificate);
    }
}

TEST(ServerCertificate, OfAnotherAuthorityIsRefused) {
  Certified d("ike_pki/stranger", 15, "ike_pki/ca.pem", "", "b.example");
  d.Try().ExpectRefused("certificate refused: unable to get local issuer certificate", kNotAccepted);
}

TEST(ServerCertificate, ThatIsOverOrNotValidYetIsRefused) {
  Certified over, early;
  over.net.wall_clock = 5'000'000'000;
  over.Try().ExpectRefused("certificate refused: certificate has expired", kNotAccepted);
  early.net.wall_clock = 1'700'000'000;
  early.Try().ExpectRefused("certificate refused: certificate is not yet valid", kNotAccepted);
}

TEST(ServerCertificate, ThatIsRevokedIsRefused) {
  Certified d("ike_pki/b", 15, "ike_pki/ca.pem", "ike_pki/b_revoked.crl", "b.example");
  d.Try().ExpectRefused("certificate refused: certificate revoked", kNotAccepted);
}

// Any end of the domain has one of the same authority.
TEST(ServerCertificate, OfAnotherEndOfTheSameAuthorityIsRefused) {
  Certified address("ike_pki/b");
  address.Try().ExpectRefused("certificate refused: CN=b,O=sw8800 tests is not 192.0.2.1", kNotAccepted);
  Certified name("ike_pki/a", 15, "ike_pki/ca.pem", "", "hq.example");
  name.Try().ExpectRefused("certificate refused: CN=a,O=sw8800 tests is not hq.example", kNotAccepted);
}

TEST(ServerCertificate, AServerWithoutOneSaysSo) {
  Certified d("");
  d.Try().ExpectRefused("the server has no certificate", "no certificate domain is configured");
}

// Poses as the server: answers step 1 and 3 with keys of its own, and with what `prove` puts into the proof.
struct FalseServer : Certified {
  using Prove = std::function<void(wire::KexProof&)>;
  explicit FalseServer(Prove prove) {
    server->up = false;
    net.tap = [this, prove = std::move(prove)](Endpoint from, Endpoint to, Bytes& b) {
      if (from != client->address || b[4] != wire::kVersion) return false;
      const ByteView body = ByteView(b).subspan(wire::kHeaderBytes);
      const std::uint64_t id = Load64(&b[8]);
      later |= b[5] == 5 || b[5] == 7;
      if (b[5] == 1) {
        alg_req.assign(body.begin(), body.end());
        wire::AlgRsp m;
        std::copy_n(body.begin(), m.nonce.size(), m.nonce.begin());
        m.suite = 15;
        alg_rsp = Encode(m);
        net.Inject(to, from, wire::EncodeFrame(wire::Type::kAlgRsp, id, 0, alg_rsp));
      }
      if (b[5] != 3) return false;
      const auto request = std::get<wire::KexReq>(*wire::DecodeBody(wire::Type::kKexReq, body));
      EXPECT_EQ(request.authenticate_server, ServerMethod::kCertificate);
      EXPECT_TRUE(request.share.empty());
      const hal::Suite& suite = *hal::FindSuite(15);
      const hal::DhKey dh = hal::DhKey::Generate(suite.group, random);
      wire::KexRsp m;
      random.Fill(m.nonce);
      m.public_value.assign(dh.public_value().begin(), dh.public_value().end());
      const Bytes clear = Encode(m);
      const ByteView parts[] = {alg_req, alg_rsp, body, clear};
      const auto transcript = dvpn::Transcript(parts);
      auto secrets =
          dvpn::DeriveMap(suite, *dh.Agree(request.public_value), {}, request.nonce, m.nonce, transcript);
      wire::KexProof proof;
      proof.mac = dvpn::ServerProof(secrets.server_proof, transcript);
      prove(proof);
      dvpn::ControlChannel channel(suite, std::move(secrets.channel), false);
      net.Inject(to, from, channel.SealUnder(id, wire::Type::kKexRsp, clear, Encode(proof), random));
      return false;
    };
    client->Start();
    Run(200ms);
  }
  std::string why() const { return client->tunnel->maps().at(0).last_error; }
  SeededRandom random{9};
  Bytes alg_req, alg_rsp;
  bool later = false;  // the client went on
};

TEST(ServerCertificate, ASignatureOfAnotherExchangeIsRefused) {
  const auto genuine = Own("ike_pki/a");
  // The real server signed it, in an exchange with whoever stands between.
  FalseServer d([&](wire::KexProof& proof) {
    proof.certificate = genuine->certificate();
    proof.signature = genuine->Sign(dvpn::ToSign(Bytes(wire::kMacBytes, 7)));
  });
  EXPECT_EQ(d.client->state(), MapState::kClientInit);
  EXPECT_FALSE(d.later);
  EXPECT_THAT(d.why(), HasSubstr("certificate refused: its signature is of something else"));
}

TEST(ServerCertificate, TheFalseServerOfTheseTestsWouldDeceiveIfItHadTheKey) {
  const auto genuine = Own("ike_pki/a");
  FalseServer d([&](wire::KexProof& proof) {
    proof.certificate = genuine->certificate();
    proof.signature = genuine->Sign(dvpn::ToSign(proof.mac));
  });
  EXPECT_TRUE(d.later);
}

TEST(ServerCertificate, AKeyThatIsNotOfTheCertificateIsRefused) {
  const auto genuine = Own("ike_pki/a"), other = Own("ike_pki/b");
  FalseServer d([&](wire::KexProof& proof) {
    proof.certificate = genuine->certificate();
    proof.signature = other->Sign(dvpn::ToSign(proof.mac));
  });
  EXPECT_FALSE(d.later);
  EXPECT_THAT(d.why(), HasSubstr("its signature is of something else"));
}

TEST(ServerCertificate, NoCertificateOrOneThatDoesNotParseIsRefused) {
  FalseServer none([](wire::KexProof&) {});
  EXPECT_FALSE(none.later);
  EXPECT_THAT(none.why(), HasSubstr("certificate refused: the server sent none"));
  FalseServer noise([](wire::KexProof& proof) {
    proof.certificate = Bytes(500, 0x30);
    proof.signature = Bytes(128, 1);
  });
  EXPECT_FALSE(noise.later);
  EXPECT_THAT(noise.why(), HasSubstr("certificate refused: not an X.509 certificate"));
}

// As many parts as it takes; one that is lost comes with the next answer.
TEST(ServerCertificate, ThatIsLargeGoesInPartsEachOfWhichEveryPathTakes) {
  Certified d("dvpn_pki/large", 15, "dvpn_pki/ca.pem");
  std::vector<std::size_t> sizes;
  bool lost = false;
  d.net.tap = [&](Endpoint, Endpoint, Bytes& b) {
    if (Load32(b.data()) == 0 && b[5] == static_cast<std::uint8_t>(wire::Type::kKexRspPart)) sizes.push_back(b.size());
    return !(sizes.size() == 3 && !std::exchange(lost, true));
  };
  d.Try();
  EXPECT_EQ(d.client->state(), MapState::kClientSuccess) << d.client->tunnel->maps()[0].last_error;
  EXPECT_TRUE(lost);
  EXPECT_EQ(sizes.size(), 8u);
  for (const std::size_t size : sizes) EXPECT_LE(size, wire::kMaxWhole);
}

// A new certificate or list counts for the next registration, without a new tunnel.
TEST(ServerCertificate, ANewOneIsTakenOverLive) {
  Certified d("ike_pki/b");
  d.Try();
  EXPECT_EQ(d.client->state(), MapState::kClientInit);
  dvpn::TunnelSettings wanted = d.server->tunnel->settings();
  std::get<dvpn::ServerSettings>(wanted.role).credentials = Own("ike_pki/a");
  d.server->Call([&](Time now, dvpn::Output& out) { EXPECT_TRUE(d.server->tunnel->Adopt(now, wanted, out)); });
  d.Run(6s);
  EXPECT_EQ(d.client->state(), MapState::kClientSuccess);
}

}  // namespace
}  // namespace sw::testing
