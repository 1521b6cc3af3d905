// The pre-shared key is proved by CPace where the suite is one of ours: one exchange tells a stranger whether one guess
// was right, and gives nothing to try other guesses against.
#include <gmock/gmock.h>

#include "dvpn/keying.h"
#include "dvpn/server_proof.h"
#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using dvpn::MapState;
namespace wire = dvpn::wire;

struct Proof : Domain {
  explicit Proof(int suite, const char* servers = "a long secret", const char* clients = "a long secret") {
    role().pre_shared_key = SecretBytes(servers);
    client = &Client(2, [&](auto& s) {
      ClientRole(s).suite = suite;
      ClientRole(s).authenticate_server = true;
      ClientRole(s).pre_shared_key = SecretBytes(clients);
    });
    net.tap = [this](Endpoint, Endpoint, Bytes& b) {
      if (b[5] == 3) request = b;
      if (b[5] == 4) response = b;
      return !change || change(b);
    };
  }
  void Try() {
    client->Start();
    Run(2s);
  }
  FakeHost* client;
  Bytes request, response;
  std::function<bool(Bytes&)> change;
};

wire::KexReq RequestIn(const Bytes& b) {
  return std::get<wire::KexReq>(*wire::DecodeBody(wire::Type::kKexReq, ByteView(b).subspan(wire::kHeaderBytes)));
}
wire::KexRsp ResponseIn(const Bytes& b) {
  return std::get<wire::KexRsp>(*wire::DecodeBody(wire::Type::kKexRsp, ByteView(b).subspan(wire::kHeaderBytes)));
}

TEST(ServerProof, EverySuiteOfOursProvesTheKeyByCpaceAndNoneOfTheMibs) {
  for (const hal::Suite& suite : hal::Suites()) {
    if (dvpn::ControlSuite(suite.number) == nullptr) continue;
    Proof p(suite.number);
    p.Try();
    ASSERT_EQ(p.client->state(), MapState::kClientSuccess) << suite.name;
    const std::size_t share = suite.number > hal::kNoneSuite ? wire::kShareBytes : 0;
    EXPECT_EQ(RequestIn(p.request).share.size(), share) << suite.name;
    EXPECT_EQ(ResponseIn(p.response).share.size(), share) << suite.name;
    EXPECT_LE(p.request.size() + 28, 1280u);
    EXPECT_LE(p.response.size() + 28, 1280u);
  }
}

TEST(ServerProof, AnotherKeyEndsWithTheReasonAtTheClient) {
  for (const int suite : {12, 14, 15, 16, 17}) {
    Proof p(suite, "a long secret", "another secret");
    p.Try();
    EXPECT_NE(p.client->state(), MapState::kClientSuccess) << suite;
    EXPECT_THAT(p.client->tunnel->maps().at(0).last_error, ::testing::HasSubstr("server authentication failed"))
        << suite;
  }
}

// A server that does not know the key gets one guess out of an exchange: what it saw of a client with another key is
// sealed by nothing it could compute, whatever it guesses later.
TEST(ServerProof, TheClientsShareSaysNothingAboutTheKey) {
  Proof p(17);
  p.Try();
  const wire::KexReq seen = RequestIn(p.request);
  SeededRandom random(9);
  // Every guess explains the share equally well: there is an element for each, and no confirmation comes before ours.
  for (const char* guess : {"a long secret", "password", "12345678"}) {
    const hal::Cpace server =
        dvpn::BeginProof(hal::CpaceRole::kResponder, SecretBytes(guess), seen.nonce, seen.cookie, random);
    EXPECT_TRUE(server.Finish(seen.share, {})) << guess;
  }
}

TEST(ServerProof, AShareThatIsMissingForeignOrAlteredEndsInNoMap) {
  const auto rebuilt = [](Bytes& b, const std::function<void(wire::KexReq&)>& edit) {
    wire::KexReq m = RequestIn(b);
    edit(m);
    b = wire::EncodeFrame(wire::Type::kKexReq, Load64(&b[8]), Load32(&b[16]), wire::Encode(m));
  };
  const std::vector<std::function<void(wire::KexReq&)>> edits{
      [](auto& m) { m.share.clear(); },                          // talked down to the way without
      [](auto& m) { m.share.assign(wire::kShareBytes, 0); },     // the identity
      [](auto& m) { m.share.assign(wire::kShareBytes, 0xff); },  // no element
      [](auto& m) { m.share[0] ^= 2; },
      [](auto& m) { m.authenticate_server = false; },
  };
  for (std::size_t i = 0; i < edits.size(); ++i) {
    Proof p(17);
    p.change = [&](Bytes& b) {
      if (b[5] == 3) rebuilt(b, edits[i]);
      return true;
    };
    p.Try();
    EXPECT_NE(p.client->state(), MapState::kClientSuccess) << i;
    for (const auto& map : p.server->tunnel->maps()) EXPECT_NE(map.state, MapState::kServerFinished) << i;
  }
  // A share where the suite has none.
  Proof p(12);
  p.change = [&](Bytes& b) {
    if (b[5] == 3) rebuilt(b, [](auto& m) { m.share.assign(wire::kShareBytes, 1); });
    return true;
  };
  p.Try();
  EXPECT_NE(p.client->state(), MapState::kClientSuccess);
}

TEST(ServerProof, AServersShareThatIsMissingOrAlteredIsRefusedByTheClient) {
  for (int kind = 0; kind < 4; ++kind) {
    Proof p(15);
    p.change = [&](Bytes& b) {
      if (b[5] != 4) return true;
      wire::KexRsp m = ResponseIn(b);
      const Bytes sealed(m.sealed.begin(), m.sealed.end());
      if (kind == 0) m.share.clear();
      if (kind == 1) m.share.assign(wire::kShareBytes, 0);
      if (kind == 2) m.share = RequestIn(p.request).share;  // the client's own, come back
      if (kind == 3) m.share[0] ^= 2;
      Bytes body = wire::Encode(m);
      body.insert(body.end(), sealed.begin(), sealed.end());
      b = wire::EncodeFrame(wire::Type::kKexRsp, Load64(&b[8]), Load32(&b[16]), body);
      return true;
    };
    p.Try();
    EXPECT_NE(p.client->state(), MapState::kClientSuccess) << kind;
  }
}

}  // namespace
}  // namespace sw::testing
