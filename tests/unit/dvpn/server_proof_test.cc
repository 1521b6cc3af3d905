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
      ClientRole(s).authenticate_server = dvpn::ServerMethod::kPreShare;
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

// The first wrong answer is borne for a while, as it may have overtaken the genuine one; the second ends the exchange,
// before a right one could tell who poses as the server which of many guesses was good.
TEST(ServerProof, AClientHearsNoThirdGuessInOneExchange) {
  Proof p(17);
  Bytes genuine;
  p.change = [&](Bytes& b) {
    if (b[5] != 4) return true;
    genuine = b;
    return false;
  };
  p.client->Start();
  p.Run(100ms);
  ASSERT_FALSE(genuine.empty());
  const Bytes request = p.request;
  for (int guess = 0; guess < 2; ++guess) {
    EXPECT_EQ(p.client->state(), MapState::kClientKexReq) << guess;
    Bytes wrong = genuine;
    wrong.back() ^= 1;
    p.net.Inject(p.server->address, p.client->address, wrong);
    p.Run(10ms);
  }
  EXPECT_EQ(p.client->state(), MapState::kClientInit);
  EXPECT_THAT(p.client->tunnel->maps().at(0).last_error, ::testing::HasSubstr("server authentication failed"));
  p.net.Inject(p.server->address, p.client->address, genuine);
  p.Run(1s);
  EXPECT_EQ(p.client->state(), MapState::kClientInit);
  EXPECT_EQ(p.request, request) << "no answer of the attempt before may make it go on";
}

TEST(ServerProof, AGuessAtTheServerIsSaidInItsLogOncePerClient) {
  Proof p(17, "a long secret", "a guess");
  p.change = [](Bytes& b) { return b[5] != 9; };  // who guesses does not say that it was wrong
  p.client->Start();
  p.Run(80s);
  EXPECT_EQ(p.server->Dropped("control: unfinished registration aged out"), 4u);
  EXPECT_EQ(p.server->log.Count(dvpn::What::kRefused), 1u);
  EXPECT_THAT(p.server->tunnel->refusals().at(0).reason,
              ::testing::HasSubstr("did not go on with its registration after KEX-REQ"));
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
      [](auto& m) { m.authenticate_server = dvpn::ServerMethod::kNone; },
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
