#include "hal/soft/des_lanes.h"

#include <gtest/gtest.h>

#include "hal/base/random.h"
#include "hal/primitives.h"
#include "tests/vectors/reader.h"

namespace sw::hal {
namespace {

class Lanes : public testing::Test {
 protected:
  void SetUp() override {
    if (!DesLanes::Supported()) GTEST_SKIP() << "this processor has no AVX2";
  }
  DesLanes lanes_;
  SeededRandom random_{7};
};

// One packet of the burst, where it lies between bytes that are nobody's business.
struct Packet {
  Packet(ByteView iv, ByteView text) : data(8, 0xee) {
    data.insert(data.end(), iv.begin(), iv.end());
    data.insert(data.end(), text.begin(), text.end());
    data.resize(data.size() + 8, 0xee);
  }
  DesLanes::Job Job(const DesSchedule& keys) { return {&keys, data.data() + 8, data.data() + 16, data.size() - 24}; }
  Bytes Text() const { return Bytes(data.begin() + 16, data.end() - 8); }
  Bytes data;
};

TEST_F(Lanes, ReproduceThePublishedAnswersInEveryLane) {
  for (const char* file : {"des_cbc.vec", "3des_cbc.vec"}) {
    for (const vectors::Record& v : vectors::Read(file)) {
      SCOPED_TRACE(v.Text("source"));
      const DesSchedule seal(v.Hex("key"), true), open(v.Hex("key"), false);
      std::vector<Packet> packets(DesLanes::kLanes, Packet(v.Hex("iv"), v.Hex("plain")));
      std::vector<DesLanes::Job> seals, opens;
      for (Packet& p : packets) {
        seals.push_back(p.Job(seal));
        opens.push_back(p.Job(open));
      }
      lanes_.Encrypt(seals);
      for (const Packet& p : packets) EXPECT_EQ(p.data, Packet(v.Hex("iv"), v.Hex("sealed")).data);
      lanes_.Decrypt(opens);
      for (const Packet& p : packets) EXPECT_EQ(p.data, Packet(v.Hex("iv"), v.Hex("plain")).data);
    }
  }
}

// Keys of both kinds, lengths from nothing on, more and fewer packets than lanes.
TEST_F(Lanes, DoWhatOpensslDoesWithAnyMixOfKeysAndLengths) {
  for (int round = 0; round < 200; ++round) {
    std::vector<Bytes> keys(1 + random_.U32() % 4);
    std::vector<std::unique_ptr<DesSchedule>> seal, open;
    for (Bytes& key : keys) {
      key.resize(random_.U32() % 2 == 0 ? 8 : 24);
      random_.Fill(key);
      seal.push_back(std::make_unique<DesSchedule>(key, true));
      open.push_back(std::make_unique<DesSchedule>(key, false));
    }
    std::vector<Packet> packets, expected;
    std::vector<std::size_t> whose;
    const std::size_t count = random_.U32() % 80, most = 1 + random_.U32() % 30;
    for (std::size_t i = 0; i < count; ++i) {
      Bytes iv(8), text(random_.U32() % most * 8);
      random_.Fill(iv);
      random_.Fill(text);
      packets.emplace_back(iv, text);
      whose.push_back(random_.U32() % keys.size());
      const Bytes& key = keys[whose.back()];
      ASSERT_TRUE(CbcEncrypt(key.size() == 8 ? Cipher::kDesCbc : Cipher::k3DesCbc, key, iv, text));
      expected.emplace_back(iv, text);
    }
    const std::vector<Packet> plain = packets;
    std::vector<DesLanes::Job> seals, opens;
    for (std::size_t i = 0; i < count; ++i) {
      seals.push_back(packets[i].Job(*seal[whose[i]]));
      opens.push_back(packets[i].Job(*open[whose[i]]));
    }
    lanes_.Encrypt(seals);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(packets[i].data, expected[i].data) << round << ' ' << i;
    lanes_.Decrypt(opens);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(packets[i].data, plain[i].data) << round << ' ' << i;
  }
}

TEST_F(Lanes, ParityBitsOfAKeyMeanNothing) {
  const Bytes iv(8, 1), text(64, 2);
  Packet a(iv, text), b(iv, text);
  const DesSchedule even(Bytes(8, 0x10), true), odd(Bytes(8, 0x11), true);
  lanes_.Encrypt(std::vector{a.Job(even), b.Job(odd)});
  EXPECT_EQ(a.data, b.data);
  EXPECT_NE(a.Text(), text);
}

}  // namespace
}  // namespace sw::hal
