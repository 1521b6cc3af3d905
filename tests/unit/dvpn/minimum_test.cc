// What a client takes from its server at least, and what is said of what is weak.
#include <gmock/gmock.h>

#include "dvpn/constants.h"
#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using dvpn::MapState;
using dvpn::SecurityMinimum;
using dvpn::What;
using ::testing::HasSubstr;

std::function<void(dvpn::TunnelSettings&)> Wants(SecurityMinimum minimum, int suite = 12) {
  return [=](dvpn::TunnelSettings& s) {
    ClientRole(s).suite = suite;
    ClientRole(s).minimum = minimum;
    ClientRole(s).user_name = "u";
    ClientRole(s).password = SecretBytes("secret");
  };
}
const auto kAsBefore = Wants(dvpn::ClientSettings().minimum);

std::string LastError(const FakeHost& client) {
  return client.tunnel->maps().at(0).last_error;
}

// `data algorithm-suite 13` in the server's policy, and a client with suite 12: no clear text, and both ends say why.
TEST(SecurityMinimum, APolicyThatLeavesDataUnprotectedIsRefusedAndSaidAtBothEnds) {
  TwoClients d;
  d.role().policy.session_suite = 12;
  d.role().policy.data_suite = 13;
  FakeHost& client = d.Client(2, kAsBefore);
  std::vector<Bytes> clear;
  d.net.tap = [&](Endpoint, Endpoint, Bytes& b) {
    if (Load32(b.data()) != 0 || b[5] == 32) clear.push_back(b);
    return true;
  };
  client.Start();
  d.Run(100ms);
  EXPECT_EQ(client.state(), MapState::kClientInit);
  EXPECT_THAT(LastError(client),
              HasSubstr("data algorithm-suite 13 of the server is below security minimum protected"));
  client.Send(d.net.pool.Copy(Ping(Domain::Private(2), Domain::Private(1), 1)));
  d.Run(2s);
  EXPECT_TRUE(clear.empty());
  EXPECT_TRUE(d.server->log.Says("the client refused: the policy is below the minimum of the client"));
  EXPECT_TRUE(d.server->tunnel->maps().empty());
}

// `session algorithm-suite 1`: sealed, if badly, so it is taken; but not without a word, nor by a client that wants
// more.
TEST(SecurityMinimum, AWeakSessionSuiteIsTakenWithALogLineAtBothEndsAndNotByWhoWantsStrongOnes) {
  TwoClients d;
  d.role().policy.session_suite = 1;
  d.role().policy.data_suite = 17;
  FakeHost& client = d.Registered(2, kAsBefore);
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
  for (const FakeHost* end : {&client, d.server}) {
    EXPECT_TRUE(end->log.Says("weak algorithms: session messages by DES-CBC/MD5/MODP768"));
    EXPECT_FALSE(end->log.Says("weak algorithms: data"));
  }
  EXPECT_EQ(client.Session(Domain::Private(1))->weakness, "session messages by DES-CBC/MD5/MODP768");
  FakeHost& strict = d.Client(3, Wants(SecurityMinimum::kStrong, 17));
  strict.Start();
  d.Run(100ms);
  EXPECT_EQ(strict.state(), MapState::kClientInit);
  EXPECT_THAT(LastError(strict), HasSubstr("session algorithm-suite 1 of the server is below security minimum strong"));
}

TEST(SecurityMinimum, APasswordIsNotSentUnlessTheClassSaysSo) {
  for (const SecurityMinimum minimum :
       {SecurityMinimum::kNone, SecurityMinimum::kProtected, SecurityMinimum::kStrong}) {
    Domain d;
    d.role().policy.session_suite = d.role().policy.data_suite = 17;
    d.role().policy.authentication = dvpn::AuthMethod::kPap;
    d.Server().authenticator.users["u"] = "secret";
    FakeHost& client = d.Client(2, Wants(minimum, 17));
    client.Start();
    d.Run(200ms);
    const bool taken = minimum == SecurityMinimum::kNone;
    EXPECT_EQ(client.state() == MapState::kClientSuccess, taken) << dvpn::Name(minimum);
    EXPECT_EQ(d.server->authenticator.asked, taken ? 1 : 0);
    if (!taken) {
      EXPECT_THAT(LastError(client), HasSubstr("the server asks for the password itself (pap)"));
    }
  }
}

TEST(SecurityMinimum, AnythingIsTakenByAClientThatSaysSo) {
  TwoClients d;
  d.role().policy.data_suite = 13;
  d.Direct(Wants(SecurityMinimum::kNone), Wants(SecurityMinimum::kNone));
  for (const FakeHost* end : {d.one, d.server}) EXPECT_TRUE(end->log.Says("weak algorithms: data is not protected"));
}

// A redirect says what the policy said when the sender registered: another client is not led into the clear by it.
TEST(SecurityMinimum, ARedirectBelowItIsDroppedAndCountedAndTrafficGoesOnByTheServer) {
  TwoClients d;
  d.role().policy.data_suite = 13;
  d.one = &d.Registered(2, Wants(SecurityMinimum::kNone));
  dvpn::TunnelSettings other = d.server_settings;
  std::get<dvpn::ServerSettings>(other.role).policy.data_suite = 17;
  d.server->Call([&](Time now, dvpn::Output& out) { EXPECT_TRUE(d.server->tunnel->Adopt(now, other, out)); });
  d.two = &d.Registered(3, kAsBefore);
  d.SendPing(*d.one, 2, 3, 1);
  d.Run(500ms);
  EXPECT_EQ(d.two->delivered.size(), 1u);
  EXPECT_FALSE(d.two->Session(Domain::Private(2)));
  EXPECT_FALSE(d.one->Proven(Domain::Private(3)));
  EXPECT_EQ(d.two->Dropped("control: redirect below the security minimum of this client"), 1u);
}

TEST(SecurityMinimum, AClassWithAWeakSuiteDoesNotRunWhereStrongOnesAreWanted) {
  Domain d;
  FakeHost& h = d.Server();
  dvpn::TunnelSettings settings = d.ClientSettings(2);
  Wants(SecurityMinimum::kStrong, 12)(settings);
  dvpn::Services services{*h.crypto, h.random, d.net.pool, h.log, h.authenticator, h.routes};
  EXPECT_THAT(dvpn::Tunnel::Create(settings, services).why(), HasSubstr("suite 12 of the class is weak"));
}

TEST(Weakness, IsLoggedOncePerPeerAndSuiteHoweverOftenItRegisters) {
  Domain d;
  FakeHost& client = d.Registered(2, kAsBefore);
  const std::size_t once = client.log.Count(What::kWeak);
  EXPECT_EQ(once, 3u);
  for (int i = 0; i < 5; ++i) {
    client.Call([&](Time now, dvpn::Output& out) { (void)client.tunnel->ResetMap(now, std::nullopt, out); });
    d.Run(20s);
    ASSERT_EQ(client.state(), MapState::kClientSuccess);
  }
  EXPECT_EQ(client.log.Count(What::kWeak), once);
  EXPECT_EQ(d.server->log.Count(What::kWeak), once);
  d.Run(dvpn::kRefusalQuiet);
  client.Call([&](Time now, dvpn::Output& out) { (void)client.tunnel->ResetMap(now, std::nullopt, out); });
  d.Run(20s);
  EXPECT_EQ(client.log.Count(What::kWeak), 2 * once) << "after a while it is said again";
}

TEST(SessionInfo, SaysHowTheServerProvedItself) {
  for (const auto& [suite, proof] :
       {std::pair{12, dvpn::ServerProofKind::kPreSharedKey}, std::pair{17, dvpn::ServerProofKind::kPake}}) {
    TwoClients d;
    d.role().pre_shared_key = SecretBytes("common");
    const int number = suite;
    const auto change = [number](auto& s) {
      ClientRole(s).suite = number;
      ClientRole(s).authenticate_server = dvpn::ServerMethod::kPreShare;
      ClientRole(s).pre_shared_key = SecretBytes("common");
    };
    d.Direct(change);
    EXPECT_EQ(d.one->Session(Domain::Private(1))->server_proof, proof);
    EXPECT_EQ(d.one->Session(Domain::Private(3))->server_proof, proof);
    EXPECT_EQ(d.two->Session(Domain::Private(1))->server_proof, dvpn::ServerProofKind::kNone);
    EXPECT_EQ(d.server->Session(Domain::Private(2))->server_proof, proof);
    EXPECT_EQ(d.server->tunnel->maps().at(0).suite, number);
  }
}

}  // namespace
}  // namespace sw::testing
