// Quick mode between two engines: protections, PFS, flows, lifetimes, confirmation.
#include "tests/unit/ipsec/ike/pair.h"

namespace sw::testing {
namespace {

using hal::Cipher;
using hal::DhGroup;
using hal::Integrity;

using QuickModeTest = IkePair;

TEST_F(QuickModeTest, EveryProtectionOfPhaseTwo) {
  Boot();
  std::vector<ipsec::Protection> all;
  for (const bool transport : {false, true}) {
    for (const Cipher cipher :
         {Cipher::kNull, Cipher::kDesCbc, Cipher::k3DesCbc, Cipher::kAesCbc, Cipher::kAesCbc192, Cipher::kAesCbc256})
      for (const Integrity integrity :
           {Integrity::kNone, Integrity::kHmacMd5, Integrity::kHmacSha1, Integrity::kHmacSha256}) {
        if (cipher == Cipher::kNull && integrity == Integrity::kNone) continue;
        all.push_back({std::nullopt, ipsec::EspAlgorithms{cipher, integrity}, transport});
      }
    for (const Cipher cipher : {Cipher::kAesGcm128, Cipher::kAesGcm256})
      all.push_back({std::nullopt, ipsec::EspAlgorithms{cipher, Integrity::kAead}, transport});
    for (const Integrity ah : {Integrity::kHmacMd5, Integrity::kHmacSha1, Integrity::kHmacSha256}) {
      all.push_back({ah, std::nullopt, transport});
      all.push_back({ah, ipsec::EspAlgorithms{Cipher::kDesCbc, Integrity::kNone}, transport});
    }
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    wish.proposals = {all[i]};
    b->owner.protections = {all[i]};
    a->Wish(wish);
    ASSERT_TRUE(Both(i + 1)) << i;
    EXPECT_EQ(a->owner.installed[i].protection, all[i]);
    ExpectMirrored(a->owner.installed[i], b->owner.installed[i]);
  }
}

TEST_F(QuickModeTest, PfsWithEachGroupAndOnlyWhenBothWantIt) {
  Boot();
  std::size_t n = 0;
  for (const DhGroup group : {DhGroup::kModp768, DhGroup::kModp1024, DhGroup::kModp1536, DhGroup::kModp2048}) {
    wish.pfs = b->owner.pfs = group;
    a->Wish(wish);
    ASSERT_TRUE(Both(++n));
    ExpectMirrored(a->owner.installed.back(), b->owner.installed.back());
  }
  b->owner.pfs = DhGroup::kModp1024;
  a->Wish(wish);
  ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return !a->owner.failed.empty(); }, 10s));
  EXPECT_EQ(a->owner.failed[0], "NO_PROPOSAL_CHOSEN");
}

TEST_F(QuickModeTest, TheRespondersSmallerLifetimesReachTheInitiator) {
  b_settings.proposals[0].seconds = 700;
  Boot();
  b->owner.lifetime = {1000, 5000};
  a->Wish(wish);
  ASSERT_TRUE(Both(1));
  EXPECT_EQ(b->owner.installed[0].lifetime, (ipsec::Lifetime{1000, 5000}));
  EXPECT_EQ(a->owner.installed[0].lifetime, (ipsec::Lifetime{1000, 5000}));
  EXPECT_EQ(a->Phase1()->proposal.seconds, 700U);
}

TEST_F(QuickModeTest, FlowsThatDoNotFitAreRefused) {
  Boot();
  wish.flow.remote.last = Ipv4(10, 2, 0, 127);
  a->Wish(wish);
  ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return !a->owner.failed.empty(); }, 10s));
  EXPECT_TRUE(a->owner.installed.empty());
  EXPECT_TRUE(b->owner.installed.empty());
  EXPECT_NE(a->Phase1(), nullptr);  // phase 1 stands
}

TEST_F(QuickModeTest, TheSameFlowIsNegotiatedOnceAtATime) {
  Boot();
  for (int i = 0; i < 5; ++i) a->Wish(wish);
  ASSERT_TRUE(Both(1));
  net.scheduler.RunFor(10s);
  EXPECT_EQ(a->owner.installed.size(), 1U);
  a->Wish(wish);  // a replacement
  EXPECT_TRUE(Both(2));
  EXPECT_NE(a->owner.installed[0].in_esp->spi, a->owner.installed[1].in_esp->spi);
}

TEST_F(QuickModeTest, SeveralFlowsShareOnePhaseOne) {
  Boot();
  b->owner.protections = wish.proposals;
  a->Wish(wish);
  ipsec::Wish other = wish;
  other.policy = 4;
  a->Wish(other);
  ASSERT_TRUE(Both(2));
  EXPECT_EQ(a->Ready(), 1U);
  EXPECT_EQ(a->engine->counters().initiated, 1U);
}

TEST_F(QuickModeTest, TheResponderPreparesWithItsAnswerAndHasItConfirmed) {
  Boot();
  a->Wish(wish);
  ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return !b->owner.prepared.empty(); }, 10s));
  EXPECT_TRUE(a->owner.installed.empty());
  EXPECT_TRUE(b->owner.installed.empty());
  ASSERT_TRUE(Both(1));
  EXPECT_TRUE(b->owner.prepared.empty());
  ExpectMirrored(a->owner.installed[0], b->owner.installed[0]);
}

TEST_F(QuickModeTest, WhatIsNeverConfirmedIsAbandonedOnce) {
  for (const bool phase_one_ends : {false, true}) {
    SCOPED_TRACE(phase_one_ends);
    Boot();
    a->Wish(wish);
    ASSERT_TRUE(net.scheduler.RunUntilTrue([&] { return !b->owner.prepared.empty(); }, 10s));
    a->up = false;
    if (phase_one_ends) b->engine->Reset(std::nullopt);
    net.scheduler.RunFor(100s);
    EXPECT_TRUE(b->owner.prepared.empty());
    EXPECT_TRUE(b->owner.installed.empty());
    EXPECT_EQ(b->owner.abandoned, 1);
    b->up = false;
  }
}

}  // namespace
}  // namespace sw::testing
