// CPace against the vectors of its draft, and against peers that mean harm.
#include <gtest/gtest.h>

#include "hal/pake.h"
#include "hal/primitives.h"
#include "tests/vectors/reader.h"

namespace sw::hal {
namespace {

class Given final : public Random {  // the scalar that a vector wants
 public:
  explicit Given(Bytes bytes) : bytes_(std::move(bytes)) {}
  void Fill(ByteSpan out) override { std::copy_n(bytes_.begin(), out.size(), out.begin()); }

 private:
  Bytes bytes_;
};

Bytes Copy(ByteView v) {
  return Bytes(v.begin(), v.end());
}

struct Vector {
  vectors::Record r = vectors::Read("cpace_ristretto255.vec").at(0);
  Bytes password = r.Hex("password"), sid = r.Hex("sid"), ada = r.Hex("ADa"), adb = r.Hex("ADb");
  CpaceInputs inputs{password, r.Text("initiator"), r.Text("responder"), {}, sid};
  Given random_a{r.Hex("ya")}, random_b{r.Hex("yb")};
  Cpace a = Cpace::Begin(CpaceRole::kInitiator, inputs, ada, random_a);
  Cpace b = Cpace::Begin(CpaceRole::kResponder, inputs, adb, random_b);
};

TEST(Cpace, GivesTheSharesAndTheKeyOfTheDraft) {
  Vector v;
  EXPECT_EQ(Copy(v.a.share()), v.r.Hex("Ya"));
  EXPECT_EQ(Copy(v.b.share()), v.r.Hex("Yb"));
  const auto at_a = v.a.Finish(v.b.share(), v.adb), at_b = v.b.Finish(v.a.share(), v.ada);
  ASSERT_TRUE(at_a && at_b);
  EXPECT_EQ(Copy(at_a->key.view()), v.r.Hex("ISK"));
  EXPECT_EQ(Copy(at_b->key.view()), v.r.Hex("ISK"));
  EXPECT_EQ(at_a->tag, at_b->expected);
  EXPECT_EQ(at_b->tag, at_a->expected);
  EXPECT_NE(at_a->tag, at_b->tag);
}

TEST(Cpace, RefusesWhatIsNoElementTheIdentityAndItsOwnShareComeBack) {
  Vector v;
  EXPECT_FALSE(v.a.Finish(v.r.Hex("invalid_encoding"), v.adb));
  EXPECT_FALSE(v.a.Finish(v.r.Hex("identity"), v.adb));
  EXPECT_FALSE(v.b.Finish(v.r.Hex("identity"), v.ada));
  EXPECT_FALSE(v.a.Finish(v.a.share(), v.adb));
  EXPECT_FALSE(v.a.Finish({}, v.adb));
  EXPECT_FALSE(v.a.Finish(v.b.share().first(31), v.adb));
  Bytes longer = Copy(v.b.share());
  longer.push_back(0);
  EXPECT_FALSE(v.a.Finish(longer, v.adb));
  Bytes high = Copy(v.b.share());
  high[31] |= 0x80;  // not the canonical encoding
  EXPECT_FALSE(v.a.Finish(high, v.adb));
  Bytes prime(32, 0xff);  // 2^255 - 19, which would be the identity again
  prime.front() = 0xed;
  prime.back() = 0x7f;
  EXPECT_FALSE(v.a.Finish(prime, v.adb));
  EXPECT_FALSE(v.a.Finish(Bytes(32, 0xff), v.adb));
}

TEST(Cpace, EveryAlteredShareIsRefusedOrGivesAnotherKeyAndAFailingConfirmation) {
  Vector v;
  const auto right = *v.a.Finish(v.b.share(), v.adb);
  for (std::size_t bit = 0; bit < 256; ++bit) {
    Bytes other = Copy(v.b.share());
    other[bit / 8] ^= static_cast<std::uint8_t>(1 << (bit % 8));
    const auto got = v.a.Finish(other, v.adb);
    if (!got) continue;
    EXPECT_NE(Copy(got->key.view()), Copy(right.key.view())) << bit;
    EXPECT_NE(got->expected, right.expected) << bit;
  }
}

TEST(Cpace, AgreesOnlyIfEveryInputIsTheSame) {
  SystemRandom random;
  const auto agree = [&](const CpaceInputs& one, const CpaceInputs& two, ByteView sent = {}, ByteView heard = {}) {
    const Cpace a = Cpace::Begin(CpaceRole::kInitiator, one, sent, random);
    const Cpace b = Cpace::Begin(CpaceRole::kResponder, two, {}, random);
    const auto at_a = a.Finish(b.share(), {}), at_b = b.Finish(a.share(), heard);
    if (!at_a || !at_b) return false;
    EXPECT_EQ(at_a->tag == at_b->expected, Copy(at_a->key.view()) == Copy(at_b->key.view()));
    EXPECT_EQ(at_b->tag == at_a->expected, Copy(at_a->key.view()) == Copy(at_b->key.view()));
    return at_a->tag == at_b->expected;
  };
  const Bytes secret{1, 2, 3}, other{1, 2, 4}, long_secret(1000, 7), session(16, 9), channel{5};
  const CpaceInputs base{secret, "client", "server", channel, session};
  EXPECT_TRUE(agree(base, base));
  EXPECT_TRUE(agree({}, {}));
  EXPECT_TRUE(agree({.secret = long_secret}, {.secret = long_secret}));
  EXPECT_TRUE(agree(base, base, other, other));
  EXPECT_FALSE(agree(base, base, other, secret));
  EXPECT_FALSE(agree(base, {other, "client", "server", channel, session}));
  EXPECT_FALSE(agree(base, {secret, "clients", "erver", channel, session}));
  EXPECT_FALSE(agree(base, {secret, "server", "client", channel, session}));
  EXPECT_FALSE(agree(base, {secret, "client", "server", {}, session}));
  EXPECT_FALSE(agree(base, {secret, "client", "server", channel, channel}));
}

TEST(Cpace, SharesAreFreshAndTellNothingOfTheSecretByTheirLength) {
  SystemRandom random;
  const Bytes secret{1};
  const CpaceInputs inputs{.secret = secret};
  const Cpace one = Cpace::Begin(CpaceRole::kInitiator, inputs, {}, random);
  const Cpace two = Cpace::Begin(CpaceRole::kInitiator, inputs, {}, random);
  EXPECT_NE(Copy(one.share()), Copy(two.share()));
  EXPECT_EQ(one.share().size(), kCpaceShareBytes);
}

}  // namespace
}  // namespace sw::hal
