// The whole fault plan: what each fault does to a driver over the card in this process.
#include <gtest/gtest.h>

#include <algorithm>

#include "hal/base/random.h"
#include "hal/card/model_transport.h"
#include "hal/pcie/pcie_device.h"
#include "hal/soft/software_device.h"

namespace sw::hal::card {
namespace {

using namespace std::chrono_literals;
using pcie::BringUp;
using pcie::Trouble;

class FaultsTest : public testing::Test {
 protected:
  void Start() {
    for (int i = 0; i < 10; ++i) driver_.Poll();
  }
  SaHandle AddSeal() {
    const auto sa =
        driver_.AddSa({Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)});
    EXPECT_TRUE(sa.ok());
    return sa.ok() ? *sa : 0;
  }
  // Seals `count` packets one by one, time passing; every one comes back once.
  std::vector<CryptoOp> Seal(SaHandle sa, std::size_t count) {
    packets_.assign(count, Bytes(100, 1));
    std::vector<CryptoOp> done;
    std::size_t submitted = 0;
    for (int step = 0; step < 200 && done.size() < count; ++step) {
      while (submitted < count) {
        CryptoOp op;
        op.sa = sa;
        op.data = packets_[submitted].data();
        op.size = 100;
        op.iv_offset = 8;
        op.cipher_offset = 24;
        op.cipher_length = 64;
        op.auth_length = 88;
        op.icv_offset = 88;
        op.context = submitted;
        if (driver_.Submit({&op, 1}) == 0) break;
        ++submitted;
      }
      CryptoOp some[8];
      const std::size_t n = driver_.Complete(some);
      done.insert(done.end(), some, some + n);
      if (driver_.health() == Health::kDown && n == 0) break;
      now_ = now_ + 5ms;
      driver_.Poll();
    }
    return done;
  }

  Time now_{1s};
  ModelTransport transport_{{8, 16, 2}, *SoftwareDevice::Create({8, 1}), [this] { return now_; }};
  pcie::PcieDevice driver_{transport_, [this] { return now_; }};
  std::vector<Bytes> packets_;
};

struct Row {
  const char* plan;
  Trouble trouble;
};
constexpr Row kRows[] = {
    {"fail@5", Trouble::kFaultState},
    {"stuck@5", Trouble::kHung},
    {"drop@16", Trouble::kHung},
    {"drop@5", Trouble::kOutOfOrder},
    {"double@5", Trouble::kCompletedTwice},
    {"reorder@5", Trouble::kOutOfOrder},
    {"bad-index@5", Trouble::kBadIndex},
    {"reset@5", Trouble::kResetItself},
    {"disappear@5", Trouble::kGone},
    {"overheat@5", Trouble::kFaultState},
    {"slow@5=60", Trouble::kHung},
};

TEST_F(FaultsTest, EachIsNamedLosesNoPacketAndEndsWithARestart) {
  for (const Row& row : kRows) {
    SCOPED_TRACE(row.plan);
    if (driver_.state() == BringUp::kFailed) driver_.Restart();
    Start();
    ASSERT_EQ(driver_.state(), BringUp::kRunning) << driver_.trouble_text();
    transport_.card().Arm(*ParseFaultPlan(row.plan));
    const SaHandle sa = AddSeal();
    const std::vector<CryptoOp> done = Seal(sa, 16);
    EXPECT_EQ(driver_.trouble(), row.trouble) << driver_.trouble_text();
    EXPECT_EQ(driver_.in_flight(), 0U);
    // In order, each at most once, and after the first fault nothing but faults; untouched, so that software can go on.
    bool faulted = false;
    for (std::size_t i = 0; i < done.size(); ++i) {
      EXPECT_EQ(done[i].context, i);
      faulted |= done[i].verdict == Verdict::kFault;
      EXPECT_EQ(done[i].verdict, faulted ? Verdict::kFault : Verdict::kOk);
      if (faulted) {
        EXPECT_EQ(packets_[i], Bytes(100, 1));
      }
    }
    EXPECT_TRUE(faulted || done.size() < 16);  // a card may fail just when nothing was left with it
    EXPECT_EQ(driver_.RemoveSa(sa).code(), Code::kNotFound);
  }
  driver_.Restart();
  Start();
  EXPECT_EQ(Seal(AddSeal(), 16).back().verdict, Verdict::kOk);
}

TEST_F(FaultsTest, ASelfTestMayFailOnce) {
  transport_.card().Arm(*ParseFaultPlan("self-test"));
  Start();
  EXPECT_EQ(driver_.trouble(), Trouble::kSelfTestFailed);
  driver_.Restart();
  Start();
  EXPECT_EQ(driver_.state(), BringUp::kRunning);
}

TEST_F(FaultsTest, ACorruptingCardIsNotSeenByTheDriverButChangesOneByteOfTheCipherTextOnly) {
  Start();
  const SaHandle sa = AddSeal();
  Seal(sa, 1);
  const Bytes good = packets_[0];
  transport_.card().Arm(*ParseFaultPlan("corrupt@2x1"));
  const auto done = Seal(sa, 3);
  ASSERT_EQ(done.size(), 3U);
  EXPECT_EQ(packets_[0], good);
  EXPECT_EQ(packets_[2], good);
  ASSERT_NE(packets_[1], good);
  EXPECT_TRUE(std::equal(good.begin(), good.begin() + 24, packets_[1].begin()));
}

TEST_F(FaultsTest, PacketsOverSeveralPagesComeBackAsFromSoftware) {
  Start();
  const SaSpec spec{Direction::kSeal, Cipher::kAesCbc, Integrity::kHmacSha1, SecretBytes(16), SecretBytes(20)};
  const auto software = *SoftwareDevice::Create();
  const SaHandle card_sa = *driver_.AddSa(spec), soft_sa = *software->AddSa(spec);
  for (std::uint32_t text : {1984U, 2000U, 4000U, 16000U, 64000U}) {
    const std::uint32_t size = 16 + text + 12;
    Bytes one(size, 3), two(size, 3);
    CryptoOp op;
    op.size = size;
    op.cipher_offset = 16;
    op.cipher_length = text;
    op.auth_length = 16 + text;
    op.icv_offset = 16 + text;
    CryptoOp result;
    op.sa = card_sa;
    op.data = one.data();
    ASSERT_EQ(driver_.Submit({&op, 1}), 1U);
    ASSERT_EQ(driver_.Complete({&result, 1}), 1U);
    EXPECT_EQ(result.verdict, Verdict::kOk);
    op.sa = soft_sa;
    op.data = two.data();
    ASSERT_EQ(software->Submit({&op, 1}), 1U);
    ASSERT_EQ(software->Complete({&result, 1}), 1U);
    EXPECT_EQ(one, two) << text;
  }
}

TEST_F(FaultsTest, AHostThatProgramsRubbishGetsAFaultAndNoCrash) {
  Card& card = transport_.card();
  for (std::uint32_t offset = 0; offset < pcie::kBarBytes; offset += 4) {
    (void)card.Read(offset);
    if (offset != kRegPlanLength) card.Write(offset, 0x12345678);
    card.Work(now_);
  }
  SeededRandom random(7);
  for (int i = 0; i < 20000; ++i) {
    const std::uint32_t kinds[] = {pcie::kRegControl, pcie::kRegRings + random.U32() % 64 * 4,
                                   pcie::kRegDoorbells + random.U32() % 8 * 4};
    card.Write(kinds[random.U32() % 3], random.U32() % 5 == 0 ? random.U32() : 1U << random.U32() % 14);
    card.Work(now_);
  }
  EXPECT_NE(card.Read(pcie::kRegGeneration), 1U);
}

TEST(FaultPlan, IsTextWithOneMeaning) {
  EXPECT_EQ((*ParseFaultPlan("fail"))[0], (Fault{FaultKind::kFail, 1, 1, 0}));
  EXPECT_EQ((*ParseFaultPlan("drop@7x3,slow@2=15"))[1], (Fault{FaultKind::kSlow, 2, UINT64_MAX, 15}));
  EXPECT_TRUE(ParseFaultPlan("")->empty());
  for (const char* bad : {"fall", "fail@", "fail@0", "fail@x", "failx2", "drop@7x", "slow@2", "slow=0", "slow=60001",
                          "fail=3", "fail,", ",fail", "fail@1,,drop", "fail ", "drop@99999999999999999999"})
    EXPECT_EQ(ParseFaultPlan(bad).status().code(), Code::kBadValue) << bad;
  EXPECT_FALSE(ParseFaultPlan(std::string(256, 'x')).ok());
}

TEST(FaultPlan, EveryWordParsesAndNamesItself) {
  for (const FaultWord& word : FaultWords()) {
    const std::string text = std::string(word.name) + (word.takes_time ? "@3=10" : "@3");
    const auto plan = ParseFaultPlan(text);
    ASSERT_TRUE(plan.ok()) << text;
    EXPECT_EQ(Name((*plan)[0].kind), word.name);
  }
}

}  // namespace
}  // namespace sw::hal::card
