// Floods, replays, forgeries and garbage: what others can make us do.
#include <malloc.h>
#include <time.h>

#include "ipsec/ike/proposals.h"
#include "ipsec/ike/wire.h"
#include "tests/unit/ipsec/ike/pair.h"

namespace sw::testing {
namespace {

using hal::DhGroup;

class Hostile : public IkePair {
 protected:
  // A first message as an initiator of this proposal would send it.
  static Bytes Opener(Random& random, bool aggressive, const ike::Phase1Proposal& proposal) {
    ike::ChainWriter chain;
    chain.Add(ike::PayloadType::kSa, ike::SaBody(ike::OfferPhase1(std::vector{proposal})));
    if (aggressive) {
      Bytes value(hal::DhBytes(proposal.group)), nonce(20);
      random.Fill(value);
      random.Fill(nonce);
      chain.Add(ike::PayloadType::kKeyExchange, value);
      chain.Add(ike::PayloadType::kNonce, nonce);
      chain.Add(ike::PayloadType::kId, ike::IdentityBody(ike::Identity::Address(kA)));
    }
    Bytes out;
    Writer writer(out);
    ike::Header header;
    header.cookies.initiator = random.U64();
    header.first = chain.first();
    header.exchange = aggressive ? ike::Exchange::kAggressive : ike::Exchange::kMain;
    header.length = static_cast<std::uint32_t>(ike::kHeaderBytes + chain.bytes().size());
    ike::PutHeader(writer, header);
    writer.Put(chain.bytes());
    return out;
  }
  static double CpuSeconds() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
  }
};

TEST_F(Hostile, AFloodOfOpenersCostsBoundedMemoryAndHardlyADiffieHellman) {
  // Openers from everywhere, at once, and each new: nothing that a filter by address could hold back.
  b_peer().remote_first = Ipv4(1, 0, 0, 0);
  b_peer().remote_last = Ipv4(223, 255, 255, 255);
  Boot();
  SeededRandom random(5);
  for (const bool aggressive : {false, true}) {
    const ike::Counters before = b->engine->counters();
    const auto flood = [&](int count) {
      for (int i = 0; i < count; ++i)
        b->engine->Receive({kB, 500}, {Ipv4(0x0b000000 + (random.U32() & 0xffffff)), 500},
                           Opener(random, aggressive, b_settings.proposals[0]));
    };
    net.tap = [](Endpoint, Endpoint, Bytes&) { return false; };
    flood(2000);  // every table is full now
    EXPECT_EQ(b->engine->half_open(), ike::kMaxHalfOpen);
    b->events = {};  // the fake's record, not the engine's
    const std::size_t held = mallinfo2().uordblks;
    const double cpu = CpuSeconds();
    flood(20000);
    const double each = (CpuSeconds() - cpu) / 20000 * 1e6;
    b->events = {};
    const std::size_t grown = mallinfo2().uordblks - std::min<std::size_t>(mallinfo2().uordblks, held);
    std::printf("%s openers: %.1f us of CPU each, %zu bytes more held after 20000\n",
                aggressive ? "aggressive" : "main", each, grown);
    EXPECT_EQ(b->engine->half_open(), ike::kMaxHalfOpen);
    EXPECT_LT(grown, 200'000U);
    EXPECT_LE(b->engine->counters().dh_computations - before.dh_computations, 1U);  // none of them came back
    net.scheduler.RunFor(31s);
    EXPECT_EQ(b->engine->half_open(), 0U);  // and nothing stays
    EXPECT_TRUE(b->engine->sas().empty());
  }
}

TEST_F(Hostile, AFloodFromOneAddressLeavesRoomForOthers) {
  b_peer().remote_first = Ipv4(1, 0, 0, 0);
  b_peer().remote_last = Ipv4(223, 255, 255, 255);
  Boot();
  SeededRandom random(6);
  for (int i = 0; i < 5000; ++i)
    b->engine->Receive({kB, 500}, {Ipv4(203, 0, 113, 9), 500}, Opener(random, true, b_settings.proposals[0]));
  EXPECT_EQ(b->engine->half_open(), ike::kMaxHalfOpenPerAddress);
  a->Wish(wish);
  EXPECT_TRUE(Both(1, 5s));
}

TEST_F(Hostile, AFloodDoesNotKeepPeersOut) {
  b_peer().remote_first = Ipv4(1, 0, 0, 0);
  b_peer().remote_last = Ipv4(223, 255, 255, 255);
  Boot();
  SeededRandom random(7);
  // 5,000 openers a second from all addresses; the network drops our answers to them.
  net.tap = [](Endpoint, Endpoint to, Bytes&) { return to.address == kA || to.address == kB; };
  std::function<void()> more = [&] {
    for (int i = 0; i < 5; ++i)
      b->engine->Receive({kB, 500}, {Ipv4(0x0b000000 + (random.U32() & 0xffffff)), 500},
                         Opener(random, i % 2 == 0, b_settings.proposals[0]));
    net.scheduler.At(net.scheduler.now() + 1ms, more);
  };
  more();
  a->Wish(wish);
  EXPECT_TRUE(Both(1, 20s));
}

TEST_F(Hostile, StrangersLeaveNoTrace) {
  Boot();
  SeededRandom random(8);
  for (int i = 0; i < 1000; ++i)
    b->engine->Receive({kB, 500}, {Ipv4(203, 0, 113, 9), 500}, Opener(random, i % 2 == 0, b_settings.proposals[0]));
  EXPECT_EQ(b->engine->half_open(), 0U);
  EXPECT_EQ(net.sent, 0U);
  EXPECT_EQ(b->engine->counters().no_sa, 1000U);
}

TEST_F(Hostile, RsaInAggressiveModeIsRationed) {
  // The proposals decide; there are no certificates here, so nothing may be computed at all.
  b_settings.proposals[0].rsa_signature = true;
  Boot();
  SeededRandom random(9);
  for (int i = 0; i < 1000; ++i)
    b->engine->Receive({kB, 500}, {kA, 500}, Opener(random, true, b_settings.proposals[0]));
  EXPECT_EQ(b->engine->counters().dh_computations, 0U);
  EXPECT_EQ(b->engine->half_open(), 0U);
}

TEST_F(Hostile, APeerThatNeverConfirmsHoldsABoundedNumberOfSas) {
  Boot();
  a->Wish(wish);
  ASSERT_TRUE(Both(1));
  b->owner.any_flow = true;
  std::set<std::uint32_t> begun;
  net.tap = [&](Endpoint from, Endpoint, Bytes& bytes) {  // of each quick mode only the first message arrives
    return from.address != kA || begun.insert(Load32(&bytes[20])).second;
  };
  for (std::uint16_t port = 1; port <= 2 * ike::kMaxUnconfirmed; ++port) {
    ipsec::Wish other = wish;
    other.flow.protocol = 17;
    other.flow.remote_port = port;
    a->Wish(other);
  }
  net.scheduler.RunFor(1s);
  EXPECT_EQ(b->owner.prepared.size(), ike::kMaxUnconfirmed);
  EXPECT_EQ(b->engine->counters().half_open_refused, ike::kMaxUnconfirmed);
  net.scheduler.RunFor(100s);
  EXPECT_TRUE(b->owner.prepared.empty());
  net.tap = nullptr;
  a->Wish(wish);
  const std::size_t before = b->owner.installed.size();
  EXPECT_TRUE(net.scheduler.RunUntilTrue([&] { return b->owner.installed.size() > before; }, 100s));
}

TEST_F(Hostile, EveryMessageReplayedChangesNothing) {
  Boot();
  std::vector<std::tuple<Endpoint, Endpoint, Bytes>> record;
  net.tap = [&](Endpoint from, Endpoint to, Bytes& bytes) {
    record.emplace_back(from, to, bytes);
    return true;
  };
  a->Wish(wish);
  ASSERT_TRUE(Both(1));
  a->engine->Withdraw("peer", kB, ipsec::SaProtocol::kEsp, a->owner.installed[0].in_esp->spi);
  net.scheduler.RunFor(1s);
  ASSERT_EQ(b->owner.deleted.size(), 1U);
  net.scheduler.RunFor(100s);  // what finished exchanges remember is gone
  net.tap = nullptr;
  const std::size_t a_rows = a->engine->sas().size(), b_rows = b->engine->sas().size();
  for (const auto& [from, to, bytes] : record) net.Inject(from, to, bytes);
  net.scheduler.RunFor(100s);
  EXPECT_EQ(a->owner.installed.size(), 1U);
  EXPECT_EQ(b->owner.installed.size(), 1U);
  EXPECT_EQ(b->owner.deleted.size(), 1U);
  EXPECT_EQ(b->owner.judged, 1);
  EXPECT_EQ(a->engine->sas().size(), a_rows);
  EXPECT_EQ(b->engine->sas().size(), b_rows);
  a->Wish(wish);
  EXPECT_TRUE(Both(2));
}

TEST_F(Hostile, ForgedBytesEndNothing) {
  Boot();
  SeededRandom random(10);
  std::size_t changed = 0;
  net.tap = [&](Endpoint from, Endpoint to, Bytes& bytes) {
    // What is in the clear proves nothing, and a forgery of it may spoil that exchange; the rest must hold.
    if ((bytes[19] & ike::kEncrypted) == 0) return true;
    // Beside each true message three copies arrive first that have one byte changed.
    for (int i = 0; i < 3; ++i) {
      Bytes forged = bytes;
      forged[random.U32() % forged.size()] ^= static_cast<std::uint8_t>(1 + random.U32() % 255);
      net.Inject(from, to, std::move(forged));
      ++changed;
    }
    return true;
  };
  a->Wish(wish);
  ASSERT_TRUE(Both(1, 100s));
  net.scheduler.RunFor(2s);
  net.tap = nullptr;
  a->Wish(wish);
  EXPECT_TRUE(Both(2));
  EXPECT_GT(changed, 10U);
  EXPECT_EQ(a->owner.lost + b->owner.lost, 0);
}

TEST_F(Hostile, ClearNotificationsAndDeletionsEndNothing) {
  Boot();
  a->Wish(wish);
  ASSERT_TRUE(Both(1));
  std::optional<ike::Cookies> cookies;
  net.tap = [&](Endpoint, Endpoint, Bytes& bytes) {
    const auto parsed = ike::ParseHeader(bytes);
    if (const auto* header = std::get_if<ike::Header>(&parsed)) cookies = header->cookies;
    return true;
  };
  a->engine->Withdraw("peer", kB, ipsec::SaProtocol::kEsp, 1);
  net.scheduler.RunFor(1s);
  ASSERT_TRUE(cookies);
  Bytes spi;
  Writer out(spi);
  out.U64(cookies->initiator);
  out.U64(cookies->responder);
  for (const bool deletion : {true, false}) {
    ike::ChainWriter chain;
    if (deletion) {
      chain.Add(ike::PayloadType::kDelete, ike::DeleteBody({ike::Protocol::kIsakmp, {spi}}));
    } else {
      chain.Add(ike::PayloadType::kNotify,
                ike::NotifyBody({ike::Protocol::kIsakmp, ike::Notification::kInvalidCookie, spi, {}}));
    }
    Bytes message;
    Writer writer(message);
    ike::PutHeader(writer, {*cookies, chain.first(), ike::kVersion, ike::Exchange::kInformational, 0, 77,
                            static_cast<std::uint32_t>(ike::kHeaderBytes + chain.bytes().size())});
    writer.Put(chain.bytes());
    b->engine->Receive({kB, 500}, {kA, 500}, message);
  }
  EXPECT_NE(b->Phase1(), nullptr);
  EXPECT_EQ(b->owner.lost, 0);
}

TEST_F(Hostile, GarbageIsCountedAndNothingElse) {
  Boot();
  SeededRandom random(11);
  for (int i = 0; i < 20000; ++i) {
    Bytes bytes(random.U32() % 400);
    random.Fill(bytes);
    if (bytes.size() >= 28 && i % 2 == 0) {  // a header that is right
      bytes[17] = ike::kVersion;
      Store32(&bytes[24], static_cast<std::uint32_t>(bytes.size()));
      bytes[18] = static_cast<std::uint8_t>(std::array{2, 4, 5, 32}[random.U32() % 4]);
    }
    b->engine->Receive({kB, static_cast<std::uint16_t>(i % 3 == 0 ? 4500 : 500)}, {kA, 500}, bytes);
  }
  EXPECT_EQ(b->engine->half_open(), 0U);
  EXPECT_GT(b->engine->counters().in_drops, 10000U);
}

}  // namespace
}  // namespace sw::testing
