// Main mode between two engines: proposals, keys, loss, NAT; and what keeps a negotiation from beginning.
#include "tests/unit/ipsec/ike/pair.h"

namespace sw::testing {
namespace {

using hal::Cipher;
using hal::DhGroup;
using hal::HashAlgorithm;
using hal::Integrity;

using MainModeTest = IkePair;

TEST_F(MainModeTest, MainModeAndQuickModeMakeTheSameSasOnBothEnds) {
  Boot();
  a->Wish(wish);
  ASSERT_TRUE(Both(1));
  ExpectMirrored(a->owner.installed[0], b->owner.installed[0]);
  EXPECT_TRUE(a->owner.installed[0].initiator);
  EXPECT_FALSE(b->owner.installed[0].initiator);
  EXPECT_EQ(a->owner.installed[0].policy, 3U);
  EXPECT_EQ(b->owner.installed[0].policy, 7U);  // as Judge named it
  EXPECT_EQ(net.sent, 9U);                      // six messages and three
  const auto rows = a->engine->sas();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_TRUE(rows[0].phase == 1 && rows[0].ready && rows[0].stay_alive);
  EXPECT_TRUE(rows[1].phase == 2 && rows[1].ready && rows[1].stay_alive);
  EXPECT_FALSE(b->engine->sas()[0].stay_alive);
}

TEST_F(MainModeTest, EveryCipherHashAndGroupOfPhaseOne) {
  const Ipv4 first(10, 0, 0, 1);
  std::uint32_t n = 0;
  for (const bool aggressive : {false, true})
    for (const Cipher cipher :
         {Cipher::kDesCbc, Cipher::k3DesCbc, Cipher::kAesCbc, Cipher::kAesCbc192, Cipher::kAesCbc256})
      for (const HashAlgorithm hash : {HashAlgorithm::kMd5, HashAlgorithm::kSha1, HashAlgorithm::kSha256})
        for (const DhGroup group : {DhGroup::kModp768, DhGroup::kModp1024, DhGroup::kModp1536, DhGroup::kModp2048}) {
          IkeNetwork world;
          const Ipv4 one(first.value + n), two(first.value + n + 1);
          n += 2;
          ike::Settings left = SettingsFor(two), right = SettingsFor(one);
          left.proposals = right.proposals = {{1, cipher, hash, group, false, 3600}};
          left.peers.at("peer").aggressive = aggressive;
          IkeNode& x = world.Add(one, left);
          IkeNode& y = world.Add(two, right);
          ipsec::Wish w;
          w.peer = "peer";
          w.proposals.resize(1);
          w.proposals[0].esp = ipsec::EspAlgorithms{Cipher::kDesCbc, Integrity::kHmacMd5};
          y.owner.protections = w.proposals;
          x.Wish(w);
          ASSERT_TRUE(world.scheduler.RunUntilTrue([&] { return !y.owner.installed.empty(); }, 5s))
              << static_cast<int>(cipher) << " " << static_cast<int>(hash) << " " << static_cast<int>(group);
        }
}

TEST_F(MainModeTest, TheRespondersProposalsDecideInTheirOrder) {
  a_settings.proposals = {{1, Cipher::kDesCbc, HashAlgorithm::kMd5, DhGroup::kModp768, false, 1000},
                          {2, Cipher::kAesCbc256, HashAlgorithm::kSha1, DhGroup::kModp2048, false, 2000}};
  b_settings.proposals = {{5, Cipher::kAesCbc256, HashAlgorithm::kSha1, DhGroup::kModp2048, false, 5000},
                          {9, Cipher::kDesCbc, HashAlgorithm::kMd5, DhGroup::kModp768, false, 500}};
  Boot();
  a->Wish(wish);
  ASSERT_TRUE(Both(1));
  EXPECT_EQ(b->Phase1()->proposal.number, 5);
  EXPECT_EQ(b->Phase1()->proposal.seconds, 2000U);  // the smaller lifetime
  EXPECT_EQ(a->Phase1()->proposal.number, 2);
}

TEST_F(MainModeTest, WithoutACommonProposalTheOperatorReadsWhy) {
  a_settings.proposals.resize(1);
  b_settings.proposals.erase(b_settings.proposals.begin());
  Boot();
  a->Wish(wish);
  ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return !a->owner.failed.empty(); }, 100s));
  EXPECT_TRUE(a->Said("got NOTIFY of type NO_PROPOSAL_CHOSEN"));
  EXPECT_TRUE(b->Said("drop message from 192.0.2.1 due to notification type NO_PROPOSAL_CHOSEN"));
  EXPECT_NE(a->owner.failed[0].find("NO_PROPOSAL_CHOSEN"), std::string::npos);
  EXPECT_EQ(b->engine->half_open(), 0U);
}

TEST_F(MainModeTest, AnotherPreSharedKeyMakesNoSa) {
  for (const bool aggressive : {false, true}) {
    net.scheduler.RunFor(100s);
    a_peer().aggressive = aggressive;
    a_peer().pre_shared_key = SecretBytes(std::string_view("another key"));
    Boot();
    a->Wish(wish);
    ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return !a->owner.failed.empty(); }, 100s));
    EXPECT_EQ(a->Phase1(), nullptr);
    EXPECT_EQ(b->Phase1(), nullptr);
    EXPECT_GT(a->engine->counters().auth_fails + b->engine->counters().auth_fails, 0U);
    a->up = b->up = false;
  }
}

TEST_F(MainModeTest, SurvivesLossAndDuplicates) {
  int done = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    IkeNetwork world(seed);
    world.loss = 250;
    world.duplicate = 200;
    ike::Settings left = SettingsFor(kB), right = SettingsFor(kA);
    left.peers.at("peer").aggressive = seed % 2 == 0;
    IkeNode& x = world.Add(kA, left);
    IkeNode& y = world.Add(kB, right);
    ipsec::Wish w;
    w.peer = "peer";
    w.proposals.resize(1);
    w.proposals[0].esp = ipsec::EspAlgorithms{Cipher::kAesCbc, Integrity::kHmacSha1};
    y.owner.protections = w.proposals;
    x.Wish(w);
    world.scheduler.RunFor(120s);
    // Never more than one pair for one wish, and never keys that differ.
    ASSERT_LE(x.owner.installed.size(), 1U) << seed;
    ASSERT_LE(y.owner.installed.size(), 1U) << seed;
    if (x.owner.installed.size() == 1 && y.owner.installed.size() == 1) {
      ++done;
      EXPECT_TRUE(x.owner.installed[0].in_esp->keys == y.owner.installed[0].out_esp->keys);
    }
  }
  EXPECT_GE(done, 38);  // of 40, with a quarter of all messages lost
}

TEST_F(MainModeTest, AWishWithoutPeerOrAddressFails) {
  Boot();
  wish.peer = "nobody";
  a->Wish(wish);
  ASSERT_EQ(a->owner.failed.size(), 1U);
  a_settings.peers.at("peer").remote_first = Ipv4();
  a_settings.peers.at("peer").remote_last = Ipv4();
  a->engine->Configure(a_settings);
  wish.peer = "peer";
  a->Wish(wish);
  EXPECT_EQ(a->owner.failed.size(), 2U);
  EXPECT_EQ(net.sent, 0U);
}

TEST_F(MainModeTest, ADeadPeerIsGivenUpAfterFiveMessages) {
  Boot();
  b->up = false;
  a->Wish(wish);
  ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return !a->owner.failed.empty(); }, 100s));
  EXPECT_EQ(net.sent, 5U);
  EXPECT_TRUE(a->engine->sas().empty());
  EXPECT_EQ(a->engine->deadline(), Time::Never());
}

TEST_F(MainModeTest, NatIsFoundAndPortsFloat) {
  for (const bool aggressive : {false, true}) {
    a_peer().aggressive = aggressive;
    a_peer().nat_traversal = b_peer().nat_traversal = true;
    net.nat[kA] = Ipv4(198, 51, 100, 7);
    b_peer().remote_first = b_peer().remote_last = Ipv4(198, 51, 100, 7);
    Boot();
    a->Wish(wish);
    ASSERT_TRUE(Both(1)) << aggressive;
    EXPECT_TRUE(a->Phase1()->nat_local);
    EXPECT_FALSE(a->Phase1()->nat_remote);
    EXPECT_TRUE(b->Phase1()->nat_remote);
    EXPECT_EQ(a->owner.installed[0].nat_port, ike::kNatPort);
    EXPECT_EQ(b->owner.installed[0].nat_port, b->Phase1()->remote.port);
    EXPECT_GT(*b->owner.installed[0].nat_port, 20000);
    // The end behind the NAT keeps its mapping alive, the other end has no need.
    std::size_t keepalives = 0;
    net.tap = [&](Endpoint from, Endpoint, Bytes& bytes) {
      keepalives += bytes == Bytes{0xff} && from.address == kA;
      EXPECT_FALSE(bytes == Bytes{0xff} && from.address == kB);
      return true;
    };
    net.scheduler.RunFor(101s);
    EXPECT_EQ(keepalives, 5U);
    a->up = b->up = false;
    net.tap = nullptr;
  }
}

TEST_F(MainModeTest, WithoutNatTraversalOnBothEndsNothingFloats) {
  a_peer().nat_traversal = true;
  Boot();
  a->Wish(wish);
  ASSERT_TRUE(Both(1));
  EXPECT_EQ(a->owner.installed[0].nat_port, std::nullopt);
  EXPECT_EQ(a->Phase1()->remote.port, ike::kPort);
}

}  // namespace
}  // namespace sw::testing
