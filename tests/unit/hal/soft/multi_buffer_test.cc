#include "hal/soft/multi_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "hal/base/random.h"
#include "hal/soft/engine_plan.h"
#include "hal/soft/software_device.h"

namespace sw::hal {
namespace {

// Both engines with the same SAs; what one does to a burst, the other must do.
class TwoEngines : public testing::Test {
 protected:
  void SetUp() override {
    const EnginePlan plan = EnginePlan::MultiBufferAlways();
    if (!plan.uses_multi_buffer()) GTEST_SKIP() << "libipsec-mb does nothing for this processor";
    one_ = *SoftwareDevice::Create();
    many_ = *SoftwareDevice::Create({}, PublishedAnswers(), plan);
  }

  struct Sa {
    Capability kind;
    SaHandle one[2], many[2];  // sealing, opening
  };
  Sa Add(Capability t) {
    Sa out{t, {}, {}};
    SaSpec spec{Direction::kSeal, t.cipher, t.integrity, SecretBytes(Info(t.cipher).key_bytes),
                SecretBytes(Info(t.integrity).key_bytes)};
    random_.Fill(spec.cipher_key.span());
    random_.Fill(spec.integrity_key.span());
    for (Direction d : {Direction::kSeal, Direction::kOpen}) {
      spec.direction = d;
      out.one[static_cast<int>(d)] = *one_->AddSa(spec);
      out.many[static_cast<int>(d)] = *many_->AddSa(spec);
    }
    return out;
  }
  static CryptoOp OpOf(Capability t, Bytes& data, std::size_t text) {
    CryptoOp op;
    op.data = data.data();
    op.size = static_cast<std::uint32_t>(data.size());
    op.iv_offset = 8;
    op.cipher_offset = static_cast<std::uint32_t>(8 + Info(t.cipher).iv_bytes);
    op.cipher_length = static_cast<std::uint32_t>(text);
    op.icv_offset = op.cipher_offset + op.cipher_length;
    op.auth_length = Info(t.cipher).aead ? 8 : op.icv_offset;
    return op;
  }
  static std::vector<Verdict> Run(CryptoDevice& device, std::vector<CryptoOp> burst) {
    EXPECT_EQ(device.Submit(burst), burst.size());
    std::vector<CryptoOp> done(burst.size());
    EXPECT_EQ(device.Complete(done), burst.size());
    std::vector<Verdict> out;
    for (std::size_t i = 0; i < done.size(); ++i) {
      EXPECT_EQ(done[i].context, burst[i].context);
      out.push_back(done[i].verdict);
    }
    return out;
  }

  SeededRandom random_{42};
  std::unique_ptr<SoftwareDevice> one_, many_;
};

TEST_F(TwoEngines, GiveTheSameBytesForMixedBurstsOfEverySuiteAndLength) {
  std::vector<Sa> sas;
  for (const Capability& t : one_->capabilities().transforms) sas.push_back(Add(t));
  for (std::size_t burst : {std::size_t{1}, std::size_t{3}, std::size_t{8}, std::size_t{33}, std::size_t{300}}) {
    SCOPED_TRACE(burst);
    std::vector<Bytes> a(burst), b;
    std::vector<std::size_t> text(burst), sa(burst);
    for (std::size_t i = 0; i < burst; ++i) {
      sa[i] = random_.U32() % sas.size();
      const std::size_t blocks = 1 + random_.U32() % 95;
      text[i] = blocks * 16;
      if (Info(sas[sa[i]].kind.cipher).block_bytes == 1) text[i] -= random_.U32() % 16;
      a[i].resize(8 + Info(sas[sa[i]].kind.cipher).iv_bytes + text[i] + Info(sas[sa[i]].kind.integrity).icv_bytes);
      random_.Fill(a[i]);
    }
    const std::vector<Bytes> plain = b = a;
    for (Direction d : {Direction::kSeal, Direction::kOpen}) {
      std::vector<CryptoOp> ones, manys;
      for (std::size_t i = 0; i < burst; ++i) {
        const Sa& s = sas[sa[i]];
        // Opening, every fifth packet with an integrity check is forged.
        if (d == Direction::kOpen && i % 5 == 4 && s.kind.integrity != Integrity::kNone) {
          a[i][9] ^= 1;
          b[i][9] ^= 1;
        }
        ones.push_back(OpOf(s.kind, a[i], text[i]));
        manys.push_back(OpOf(s.kind, b[i], text[i]));
        ones.back().sa = s.one[static_cast<int>(d)];
        manys.back().sa = s.many[static_cast<int>(d)];
        ones.back().context = manys.back().context = i;
      }
      const auto verdicts = Run(*one_, ones);
      EXPECT_EQ(verdicts, Run(*many_, manys));
      for (std::size_t i = 0; i < burst; ++i) {
        const Sa& s = sas[sa[i]];
        const bool forged = d == Direction::kOpen && i % 5 == 4 && s.kind.integrity != Integrity::kNone;
        EXPECT_EQ(verdicts[i] == Verdict::kOk, !forged || text[i] == 0) << i;
        if (verdicts[i] != Verdict::kOk) continue;
        EXPECT_EQ(a[i], b[i]) << Info(s.kind.cipher).name << ' ' << Info(s.kind.integrity).name << ' ' << text[i];
        const std::size_t front = 8 + Info(s.kind.cipher).iv_bytes;
        if (d == Direction::kOpen) {
          EXPECT_TRUE(
              std::equal(a[i].begin(), a[i].begin() + static_cast<std::ptrdiff_t>(front + text[i]), plain[i].begin()));
        }
      }
    }
  }
}

TEST_F(TwoEngines, ABurstBelowThePlannedLengthGoesToOpensslAndOnesAboveDoNot) {
  EnginePlan plan;
  const Capability gcm{Cipher::kAesGcm128, Integrity::kAead};
  plan.set(gcm, Direction::kSeal, 4);
  many_ = *SoftwareDevice::Create({}, PublishedAnswers(), plan);
  const Sa sa = Add(gcm);
  for (std::size_t burst : {std::size_t{1}, std::size_t{3}, std::size_t{4}, std::size_t{40}}) {
    std::vector<Bytes> a(burst, Bytes(8 + 8 + 100 + 16, 7)), b = a;
    std::vector<CryptoOp> ones, manys;
    for (std::size_t i = 0; i < burst; ++i) {
      ones.push_back(OpOf(gcm, a[i], 100));
      manys.push_back(OpOf(gcm, b[i], 100));
      ones.back().sa = sa.one[0];
      manys.back().sa = sa.many[0];
    }
    EXPECT_EQ(Run(*one_, ones), Run(*many_, manys));
    EXPECT_EQ(a, b);
  }
}

TEST(EnginePlan, MeasuresWhatItChooses) {
  const EnginePlan plan = EnginePlan::Calibrate();
  for (const EngineFigure& f : plan.figures()) {
    EXPECT_GT(f.one, 0);
    EXPECT_GT(f.many, 0);
    const std::uint32_t from = plan.from(f.transform, f.direction);
    EXPECT_EQ(f.many_from, from == EnginePlan::kNever ? 0 : from);
    EXPECT_TRUE(from == EnginePlan::kNever || f.many > f.one);
  }
  const auto device = *SoftwareDevice::Create({}, PublishedAnswers(), plan);
  EXPECT_EQ(device->capabilities().figures.size(), plan.figures().size());
  EXPECT_EQ(device->capabilities().engine.find("libipsec-mb") != std::string::npos, plan.uses_multi_buffer());
}

TEST(EnginePlan, LeavesEverythingToOpensslUntilItIsToldOtherwise) {
  EXPECT_FALSE(EnginePlan().uses_multi_buffer());
  EXPECT_TRUE(SoftwareDevice::Create().ok());
}

}  // namespace
}  // namespace sw::hal
