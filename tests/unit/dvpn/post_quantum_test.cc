// Suite 18 in registration and between clients. Where the loaded OpenSSL has no ML-KEM it is refused with the reason;
// `make test-pq` runs the rest with one that has.
#include <gmock/gmock.h>

#include <cstdlib>

#include "dvpn/wire.h"
#include "hal/hybrid.h"
#include "tests/unit/dvpn/domain.h"

namespace sw::testing {
namespace {

using dvpn::MapState;
using ::testing::HasSubstr;
namespace wire = dvpn::wire;

constexpr std::size_t kEveryPath = 1280 - 28;

class PostQuantum : public ::testing::Test {
 protected:
  void SetUp() override {
    const bool can = hal::HybridAvailable().ok();
    if (std::getenv("SW_EXPECT_ML_KEM") != nullptr) {
      ASSERT_TRUE(can);
    }
    if (!can) GTEST_SKIP() << hal::HybridAvailable().why();
  }
};

struct Hybrid : TwoClients {
  explicit Hybrid(std::uint64_t seed = 1) : TwoClients(seed) {
    role().pre_shared_key = SecretBytes("common");
    role().policy.authentication = dvpn::AuthMethod::kChap;
    role().policy.session_suite = role().policy.data_suite = 18;
    role().policy.sa_duration = dvpn::seconds(180);
    Server().authenticator.users["u"] = "secret";
    net.tap = [this](Endpoint from, Endpoint to, Bytes& b) {
      if (Load32(b.data()) == 0) {
        ++types[b[5]];
        largest = std::max(largest, b.size());
      }
      return !change || change(from, to, b);
    };
  }
  static void Change(dvpn::TunnelSettings& s) {
    ClientRole(s).suite = 18;
    ClientRole(s).user_name = "u";
    ClientRole(s).password = SecretBytes("secret");
    ClientRole(s).authenticate_server = dvpn::ServerMethod::kPreShare;
    ClientRole(s).pre_shared_key = SecretBytes("common");
  }
  std::map<int, int> types;
  std::size_t largest = 0;
  std::function<bool(Endpoint, Endpoint, Bytes&)> change;
};

TEST_F(PostQuantum, RegistersAndSetsUpBetweenClientsByDatagramsThatEveryPathTakes) {
  Hybrid d;
  d.Direct(Hybrid::Change, Hybrid::Change);
  d.SendPing(*d.one, 2, 3, 2);
  d.Run(50ms);
  ASSERT_EQ(d.two->delivered.size(), 1u);
  EXPECT_EQ(d.types[3], 0) << "no KEX-REQ in one piece";
  EXPECT_EQ(d.types[4], 0) << "no KEX-RSP in one piece";
  EXPECT_EQ(d.types[11], 4);
  EXPECT_EQ(d.types[12], 4);
  EXPECT_EQ(d.types[16], 0) << "no SETUP-REQ in one piece";
  EXPECT_LE(d.largest, kEveryPath);
  EXPECT_EQ(d.one->tunnel->sessions().at(0).session_suite, 18);
  EXPECT_TRUE(d.one->tunnel->sessions().at(0).weakness.empty());
}

TEST_F(PostQuantum, KeysAreChangedByTheSameExchange) {
  Hybrid d;
  d.Direct(Hybrid::Change, Hybrid::Change);
  d.types.clear();
  for (int i = 0; i < 400; ++i) {
    d.SendPing(*d.one, 2, 3, static_cast<std::uint16_t>(2 + i));
    d.Run(1s);
  }
  EXPECT_GT(d.types[28], 8) << "parts of REKEY-REQ";
  EXPECT_EQ(d.types[20], 0);
  EXPECT_EQ(d.two->delivered.size(), 400u) << "no packet is lost in the change";
  EXPECT_LE(d.largest, kEveryPath);
}

TEST_F(PostQuantum, LostRepeatedAndReorderedPartsCostTimeAndNothingElse) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Hybrid d(seed);
    SeededRandom random(seed);
    d.change = [&](Endpoint, Endpoint, Bytes& b) {
      const bool part = Load32(b.data()) == 0 && (b[5] == 11 || b[5] == 12 || b[5] == 28);
      return !part || random.U32() % 10 >= 3;
    };
    d.net.reorder = d.net.duplicate = 200;  // per mille
    d.one = &d.Client(2, Hybrid::Change);
    d.two = &d.Client(3, Hybrid::Change);
    d.one->Start();
    d.two->Start();
    d.Run(60s);
    d.SendPing(*d.one, 2, 3, 1);
    d.Run(30s);
    EXPECT_TRUE(d.one->Proven(Domain::Private(3))) << seed;
    EXPECT_TRUE(d.two->Proven(Domain::Private(2))) << seed;
  }
}

TEST_F(PostQuantum, AForeignPartDoesNotStandInTheWayOfTheGenuineOnesForLong) {
  Hybrid d;
  int spoilt = 0;
  d.change = [&](Endpoint from, Endpoint to, Bytes& b) {
    if ((b[5] != 11 && b[5] != 12) || ++spoilt > 6) return true;
    Bytes foreign = b;
    foreign.back() ^= 1;
    d.net.Inject(from, to, foreign);
    return true;
  };
  FakeHost& client = d.Client(2, Hybrid::Change);
  client.Start();
  d.Run(4s);
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
}

TEST_F(PostQuantum, APartWithoutAGoodCookieIsRefusedAndNotKept) {
  Hybrid d;
  std::vector<Bytes> refused;
  d.change = [&](Endpoint, Endpoint to, Bytes& b) {
    if (b[5] == 9 && to != d.server->address) refused.push_back(b);
    if (b[5] == 11) b[20 + 70] ^= 1;  // of the cookie
    return true;
  };
  FakeHost& client = d.Client(2, Hybrid::Change);
  client.Start();
  d.Run(200ms);
  ASSERT_FALSE(refused.empty());
  EXPECT_LT(refused[0].size(), 100u);
  EXPECT_TRUE(d.server->tunnel->maps().empty());
  EXPECT_THAT(client.tunnel->maps().at(0).last_error, HasSubstr("cookie"));
}

TEST_F(PostQuantum, AWrongKeyIsFoundOutAsWithTheOtherSuitesOfOurs) {
  Hybrid d;
  FakeHost& client = d.Client(2, [](auto& s) {
    Hybrid::Change(s);
    ClientRole(s).pre_shared_key = SecretBytes("another");
  });
  client.Start();
  d.Run(2s);
  EXPECT_NE(client.state(), MapState::kClientSuccess);
  EXPECT_THAT(client.tunnel->maps().at(0).last_error, HasSubstr("server authentication failed"));
}

TEST_F(PostQuantum, AServerThatKnowsOnlyOthersChoosesAmongWhatIsOffered) {
  Domain d;
  d.role().accepted_suites = {17};
  FakeHost& client = d.Client(2, [](auto& s) { ClientRole(s).suite = 18; });
  client.Start();
  d.Run(200ms);
  EXPECT_THAT(client.tunnel->maps().at(0).last_error, HasSubstr("no common algorithm suite"));
}

// What a system without ML-KEM does, and what either does that has nothing to do with it.
TEST(PostQuantumWithout, TheSuiteIsRefusedWithAReasonAndNotOffered) {
  Domain d;
  d.Server();
  dvpn::TunnelSettings settings = d.ClientSettings(2);
  ClientRole(settings).suite = 18;
  const Status can = hal::HybridAvailable();
  FakeHost& other = d.Client(3);
  const auto create = [&](dvpn::TunnelSettings s) {
    dvpn::Services services{*other.crypto, other.random, d.net.pool, other.log, other.authenticator, other.routes};
    return dvpn::Tunnel::Create(std::move(s), services);
  };
  const auto made = create(settings);
  EXPECT_EQ(made.ok(), can.ok());
  if (can.ok()) return;
  EXPECT_THAT(made.why(), HasSubstr("suite 18 cannot be used"));
  EXPECT_THAT(made.why(), HasSubstr("no ML-KEM"));
  dvpn::TunnelSettings server = d.server_settings;
  std::get<dvpn::ServerSettings>(server.role).policy.session_suite = 18;
  EXPECT_THAT(create(server).why(), HasSubstr("no ML-KEM"));
  // A client that has it is told, and so is the server's operator.
  wire::AlgReq request;
  request.suites.count = 1;
  request.suites.numbers[0] = 18;
  std::vector<Bytes> answers;
  d.net.tap = [&](Endpoint from, Endpoint, Bytes& b) {
    if (from == d.server->address) answers.push_back(b);
    return true;
  };
  d.net.Inject(other.address, d.server->address, wire::EncodeFrame(wire::Type::kAlgReq, 1, 0, wire::Encode(request)));
  d.Run(50ms);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0][5], 9) << "REFUSE";
  EXPECT_EQ(answers[0].back(), 1) << "no common algorithm suite";
  EXPECT_THAT(d.server->tunnel->refusals().at(0).reason, HasSubstr("no ML-KEM"));
}

}  // namespace
}  // namespace sw::testing
