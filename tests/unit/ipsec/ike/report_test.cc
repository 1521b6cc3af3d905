// Both ends tell why a negotiation failed, without any debugging.
#include <gmock/gmock.h>

#include "tests/unit/ipsec/ike/pair.h"

namespace sw::testing {
namespace {

using ike::Failure;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class Failures : public IkePair {
 protected:
  // "reason text" of each failure, a line each; what anybody told of keys would be in it.
  static std::string Told(const IkeNode& node) {
    std::string out;
    for (const ike::IkeEvent& event : node.events)
      if (event.what == ike::IkeEventKind::kFailed)
        out += event.remote.ToString() + " " + event.peer + ": " + event.text + "\n";
    EXPECT_THAT(out, Not(HasSubstr("the key of both")));
    return out;
  }
  static int Count(const IkeNode& node, Failure failure) {
    int n = 0;
    for (const ike::IkeEvent& event : node.events)
      n += event.what == ike::IkeEventKind::kFailed && event.failure == failure;
    return n;
  }
  void Try(Duration time = 60s) {
    a->Wish(wish);
    net.scheduler.RunFor(time);
  }
};

TEST_F(Failures, NothingIsToldOfWhatSucceeds) {
  Boot();
  a->Wish(wish);
  ASSERT_TRUE(Both(1));
  EXPECT_EQ(Told(*a) + Told(*b), "");
}

TEST_F(Failures, NoCommonProposalOfPhaseOne) {
  b_settings.proposals = {{1, hal::Cipher::k3DesCbc, hal::HashAlgorithm::kMd5, hal::DhGroup::kModp1536, false, 86400}};
  Boot();
  Try(1s);
  EXPECT_EQ(Told(*a), "192.0.2.2 peer: phase 1 failed: no proposal chosen: an unauthenticated NO_PROPOSAL_CHOSEN\n");
  EXPECT_EQ(Told(*b), "192.0.2.1 : phase 1 failed: no proposal chosen: its first message is refused\n");
  Try();
  EXPECT_EQ(Count(*a, Failure::kNoAnswer), 0);  // given up for what was said before
}

TEST_F(Failures, AnotherPreSharedKey) {
  b_peer().pre_shared_key = SecretBytes("another");
  Boot();
  Try();
  EXPECT_THAT(Told(*b), HasSubstr("192.0.2.1 peer: phase 1 failed: authentication failed: a message cannot be "
                                  "decrypted; do the pre-shared keys of both ends differ?\n"));
  EXPECT_THAT(Told(*a), HasSubstr("phase 1 failed: the peer does not answer: no answer\n"));
}

TEST_F(Failures, AnotherPreSharedKeyInAggressiveMode) {
  a_peer().aggressive = true;
  b_peer().pre_shared_key = SecretBytes("another");
  Boot();
  Try();
  EXPECT_GE(Count(*a, Failure::kAuthentication), 1);
}

TEST_F(Failures, NobodyAnswers) {
  Boot();
  b->up = false;
  Try(100s);
  EXPECT_EQ(Told(*a), "192.0.2.2 peer: phase 1 failed: the peer does not answer: no answer\n");
}

TEST_F(Failures, NoPeerForTheAddress) {
  b_peer().remote_first = b_peer().remote_last = Ipv4(203, 0, 113, 1);
  Boot();
  Try(1s);
  EXPECT_EQ(Told(*b), "192.0.2.1 : phase 1 failed: no IKE peer is configured for this address or identity\n");
}

TEST_F(Failures, NoPolicyOrProposalOfPhaseTwo) {
  Boot();
  b->owner.protections.clear();
  Try();
  EXPECT_THAT(Told(*a), HasSubstr("phase 2 failed: no proposal chosen: the other end says NO_PROPOSAL_CHOSEN\n"));
  EXPECT_EQ(Told(*b), "192.0.2.1 peer: phase 2 failed: no proposal chosen: no proposal in common\n");
}

TEST_F(Failures, WhatCannotBegin) {
  a_peer().remote_last = Ipv4(192, 0, 2, 200);
  Boot();
  Try(1s);
  EXPECT_THAT(Told(*a), HasSubstr("phase 1 failed: the settings do not suffice: the IKE peer has no single address to "
                                  "begin with\n"));
}

TEST_F(Failures, WhatTheOperatorEndsIsNone) {
  Boot();
  b->up = false;
  Try(1s);
  (void)a->engine->Reset(std::nullopt);
  EXPECT_EQ(Told(*a), "");
}

}  // namespace
}  // namespace sw::testing
