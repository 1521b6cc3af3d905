// What an attacker on the path may do to every message: repeat, reorder, truncate, alter, invent. Nothing but a counter
// may move.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "dvpn/cookie.h"
#include "dvpn/wire.h"
#include "tests/fakes/dvpn_domain.h"

namespace sw::testing {
namespace {

using dvpn::MapState;
namespace wire = dvpn::wire;

struct Sent {
  Endpoint from, to;
  Bytes bytes;
};

// A registration with all eight steps, a session with the server, a ping to another client, and the direct session.
struct Story : Domain {
  Story() : Domain(42) {
    role().policy.authentication = dvpn::AuthMethod::kChap;
    role().pre_shared_key = SecretBytes("common");
    Server().authenticator.users["u"] = "secret";
    const auto change = [](dvpn::TunnelSettings& s) {
      ClientRole(s).user_name = "u";
      ClientRole(s).password = SecretBytes("secret");
      ClientRole(s).authenticate_server = true;
      ClientRole(s).pre_shared_key = SecretBytes("common");
    };
    two = &Client(3, change);
    one = &Client(2, change);
  }
  // The first `count` datagrams pass, later ones are lost.
  void Play(std::size_t count) {
    net.tap = [this, count](Endpoint from, Endpoint to, Bytes& b) {
      if (closed) return false;
      if (sent.size() >= count) return false;
      sent.push_back({from, to, b});
      return true;
    };
    two->Start();
    Run(150ms);
    one->Start();
    Run(150ms);
    SendPing(*one, 2, 3, 1);
    Run(150ms);
    SendPing(*one, 2, 3, 2);
    Run(40ms);
    closed = true;
  }
  std::string Snapshot() {
    std::string out;
    for (FakeHost* h : {server, one, two}) {
      for (const auto& m : h->tunnel->maps())
        out += std::to_string(static_cast<int>(m.state)) + "/" + std::to_string(m.control_id) + "/" +
               m.peer_public.ToString() + " ";
      for (const auto& s : h->tunnel->sessions())
        out += s.peer_private.ToString() + "/" + std::to_string(static_cast<int>(s.state)) + "/" +
               std::to_string(s.proven) + std::to_string(s.initiator) + "/" + s.peer_public.ToString() + " ";
      for (const auto& s : h->tunnel->ipsec_sas(net.scheduler.now())) out += std::to_string(s.inbound_spi) + " ";
      out += std::to_string(h->delivered.size()) + "\n";
    }
    return out;
  }
  FakeHost& At(Endpoint e) {
    for (auto& h : net.hosts())
      if (h->address == e) return *h;
    return *server;
  }
  FakeHost *one, *two;
  std::vector<Sent> sent;
  bool closed = false;
};

std::size_t StoryLength() {
  Story story;
  story.Play(1000);
  EXPECT_TRUE(story.one->Proven(Domain::Private(3)));
  EXPECT_EQ(story.two->delivered.size(), 2u);
  return story.sent.size();
}

bool Control(const Bytes& b, int type) {
  return Load32(b.data()) == 0 && b[5] == type;
}

TEST(Hostile, ReplayingAnyEarlierMessageInAnyStateMovesOnlyACounter) {
  const std::size_t length = StoryLength();
  ASSERT_GT(length, 30u);
  for (std::size_t k = 1; k <= length; ++k) {
    Story story;
    story.Play(k);
    const std::string before = story.Snapshot();
    for (const Sent& s : story.sent) {
      FakeHost& target = story.At(s.to);
      const auto counted = target.DroppedInAll();
      story.net.Inject(s.from, s.to, s.bytes);
      story.net.scheduler.RunFor(0ms);
      ASSERT_EQ(story.Snapshot(), before) << "after " << k << " messages, type " << int{s.bytes[5]};
      if (Control(s.bytes, 1)) continue;  // answered again: the server does not know that it saw it
      EXPECT_GT(target.DroppedInAll(), counted) << "after " << k << " messages, type " << int{s.bytes[5]};
    }
  }
}

// A client bears one wrong proof of the server, so that each alteration of step 4 needs a story of its own.
std::unique_ptr<Story> PlayedUntil(std::size_t count) {
  auto story = std::make_unique<Story>();
  story->Play(count);
  return story;
}

TEST(Hostile, TruncatingAnyMessageInAnyStateMovesOnlyACounter) {
  const std::size_t length = StoryLength();
  Story whole;
  whole.Play(1000);
  for (std::size_t k = 0; k < length; ++k) {
    auto story = PlayedUntil(k);
    const std::string before = story->Snapshot();
    const Sent& next = whole.sent[k];  // the one that would be accepted now
    for (std::size_t n = 1; n < next.bytes.size(); n += 3) {
      if (Control(next.bytes, 4)) story = PlayedUntil(k);
      FakeHost& target = story->At(next.to);
      const auto counted = target.DroppedInAll();
      story->net.Inject(next.from, next.to, Bytes(next.bytes.begin(), next.bytes.begin() + static_cast<long>(n)));
      story->net.scheduler.RunFor(0ms);
      ASSERT_EQ(story->Snapshot(), before) << k << " cut to " << n;
      ASSERT_GT(target.DroppedInAll(), counted) << k << " cut to " << n;
      // Its length field corrected, so that the body is looked at.
      if (Load32(next.bytes.data()) != 0 || n < wire::kHeaderBytes) continue;
      Bytes cut(next.bytes.begin(), next.bytes.begin() + static_cast<long>(n));
      Store16(&cut[6], static_cast<std::uint16_t>(n));
      story->net.Inject(next.from, next.to, cut);
      story->net.scheduler.RunFor(0ms);
      ASSERT_EQ(story->Snapshot(), before) << k << " cut to " << n;
    }
  }
}

TEST(Hostile, AlteringAnyByteOfAnySealedMessageInAnyStateMovesOnlyACounter) {
  const std::size_t length = StoryLength();
  Story whole;
  whole.Play(1000);
  for (std::size_t k = 0; k < length; ++k) {
    auto story = PlayedUntil(k);
    const std::string before = story->Snapshot();
    const Sent& next = whole.sent[k];
    const bool step3 = Control(next.bytes, 3);
    if (Control(next.bytes, 1) || Control(next.bytes, 2)) continue;  // not authenticated before step 4
    // Of step 3 the cookie covers what is before the key; an altered key only makes a map that nobody finishes.
    const std::size_t end =
        step3 ? wire::kHeaderBytes + 2 * wire::kNonceBytes + 1 + wire::kCookieBytes : next.bytes.size();
    for (std::size_t n = 0; n < end; n += k % 3 + 1) {
      if (step3 && n >= 16 && n < 20) continue;  // the counter means nothing before there are keys
      if (Control(next.bytes, 4)) story = PlayedUntil(k);
      FakeHost& target = story->At(next.to);
      const auto counted = target.DroppedInAll();
      Bytes spoiled = next.bytes;
      spoiled[n] ^= static_cast<std::uint8_t>(1 << (n % 8));
      story->net.Inject(next.from, next.to, spoiled);
      story->net.scheduler.RunFor(0ms);
      ASSERT_EQ(story->Snapshot(), before) << "message " << k << " type " << int{next.bytes[5]} << " byte " << n;
      ASSERT_GT(target.DroppedInAll(), counted) << k << " byte " << n;
    }
    // And the genuine one is still welcome, unless it is itself a repetition.
    if (std::ranges::any_of(story->sent, [&](const Sent& s) { return s.bytes == next.bytes; })) continue;
    FakeHost& target = story->At(next.to);
    const auto forged = target.DroppedInAll();
    story->net.Inject(next.from, next.to, next.bytes);
    story->net.scheduler.RunFor(0ms);
    EXPECT_EQ(target.DroppedInAll(), forged) << "message " << k << " type " << int{next.bytes[5]};
  }
}

TEST(Hostile, AnAlteredKeyRequestThatArrivesFirstDoesNotStandInTheWayOfTheGenuineOne) {
  Domain d;
  FakeHost& client = d.Client(2);
  int injected = 0;
  d.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (b[5] == 3 && injected++ == 0) {
      Bytes other = b;
      other.back() ^= 1;
      d.net.Inject(from, to, other);
    }
    return true;
  };
  client.Start();
  d.Run(1s);
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
  EXPECT_GT(client.DroppedInAll(), 0u);
}

TEST(Hostile, AChangedOfferOrChoiceOfSuiteNeverEndsInAMap) {
  for (int type : {1, 2}) {
    Domain d;
    FakeHost& client = d.Client(2, [](auto& s) { ClientRole(s).suite = 12; });
    d.net.tap = [&](Endpoint, Endpoint, Bytes& b) {
      if (b[5] == type) b[type == 1 ? 20 + 32 + 1 : 20 + 32] = 1;  // DES, MD5 and the small group
      return true;
    };
    client.Start();
    d.Run(15s);
    EXPECT_NE(client.state(), MapState::kClientSuccess);
    EXPECT_TRUE(d.server->tunnel->maps().empty());
  }
}

Bytes AlgReq(std::uint64_t id) {
  wire::AlgReq m;
  Store64(m.nonce.data(), id);
  m.suites.count = 1;
  m.suites.numbers[0] = 1;
  return wire::EncodeFrame(wire::Type::kAlgReq, id, 0, wire::Encode(m));
}
Bytes KexReq(std::uint64_t id, const wire::Cookie& cookie, std::uint8_t fill = 0x55) {
  wire::KexReq m;
  Store64(m.nonce.data(), id);
  m.suites.count = 1;
  m.suites.numbers[0] = 1;
  m.suite = 1;
  m.cookie = cookie;
  m.public_value = Bytes(96, fill);
  return wire::EncodeFrame(wire::Type::kKexReq, id, 0, wire::Encode(m));
}

TEST(Hostile, FloodsOfStepOneAndOfBadCookiesAllocateNothingAndComputeNoDiffieHellman) {
  Domain flooded, quiet;
  for (Domain* d : {&flooded, &quiet}) {
    d->Server();
    d->net.Inject({Ipv4(1, 2, 3, 4), 5}, d->server->address, AlgReq(1));
    d->Run(1ms);
  }
  for (std::uint32_t n = 0; n < 2000; ++n) {
    const Endpoint from{Ipv4(0x0a000000U + n), 1000};
    flooded.net.Inject(from, flooded.server->address, AlgReq(n));
    flooded.net.Inject(from, flooded.server->address, KexReq(n, {}));
    flooded.net.scheduler.RunFor(0ms);
  }
  EXPECT_TRUE(flooded.server->tunnel->maps().empty());
  EXPECT_EQ(flooded.server->Dropped("control: cookie wrong or expired"), 2000u);
  // A Diffie-Hellman key takes an exponent from the random source: none was taken.
  EXPECT_EQ(flooded.server->random.U64(), quiet.server->random.U64());
  EXPECT_EQ(flooded.server->tunnel->deadline(), quiet.server->tunnel->deadline());
}

TEST(Hostile, UnfinishedMapsOfOneAddressAreBounded) {
  Domain d;
  d.Server();
  const Endpoint from{Ipv4(203, 0, 113, 1), 1000};
  d.net.tap = [&](Endpoint, Endpoint to, Bytes& b) {
    if (b[5] != 2) return false;
    const auto frame = std::get<wire::Frame>(wire::DecodeFrame(b));
    const auto body = wire::DecodeBody(frame.type, frame.body);
    d.net.Inject(to, d.server->address, KexReq(frame.channel, std::get<wire::AlgRsp>(*body).cookie));
    return false;
  };
  for (std::uint64_t n = 1; n <= 100; ++n) d.net.Inject(from, d.server->address, AlgReq(n));
  d.Run(10ms);
  EXPECT_EQ(d.server->tunnel->maps().size(), 64u);  // the oldest gave their places to the newest
  EXPECT_EQ(d.server->Dropped("control: unfinished registration gave its place to a newer one"), 36u);
  d.Run(31s);
  EXPECT_TRUE(d.server->tunnel->maps().empty());
}

// Openers from 128 addresses that never go on, 300 a second, for as long as it takes to fill every place.
TEST(Hostile, AGenuineClientRegistersWithinTwoSecondsUnderAFloodOfOpeners) {
  Domain d;
  d.role().map_age = 180s;
  d.Server();
  std::uint64_t opened = 0;
  d.net.tap = [&](Endpoint from, Endpoint to, Bytes& b) {
    if (from != d.server->address || (to.address.value >> 24) != 203) return true;
    if (b[5] != 2) return false;
    const auto frame = std::get<wire::Frame>(wire::DecodeFrame(b));
    const auto body = wire::DecodeBody(frame.type, frame.body);
    d.net.Inject(to, d.server->address, KexReq(frame.channel, std::get<wire::AlgRsp>(*body).cookie));
    return false;
  };
  const auto flood = [&](int seconds) {
    for (int tenth = 0; tenth < seconds * 10; ++tenth) {
      for (int n = 0; n < 30; ++n, ++opened) {
        const std::uint32_t host = static_cast<std::uint32_t>(opened % 128);
        const Endpoint from{Ipv4(203, host / 2, host, 7), static_cast<std::uint16_t>(1024 + opened / 128 % 60000)};
        d.net.Inject(from, d.server->address, AlgReq(opened + 1));
      }
      d.Run(100ms);
    }
  };
  flood(40);
  EXPECT_EQ(d.server->tunnel->maps().size(), 128u * 64);  // every place of every address
  FakeHost& client = d.Client(2);
  client.Start();
  flood(2);
  EXPECT_EQ(client.state(), MapState::kClientSuccess);
  EXPECT_TRUE(client.Proven(Domain::Private(1)));
  EXPECT_LE(client.tunnel->maps().at(0).attempts, 1);
  EXPECT_TRUE(d.server->Proven(Domain::Private(2)));
}

TEST(Hostile, ACookieServesOneEndpointOneRequestAndAShortTime) {
  SeededRandom random(1);
  dvpn::CookieJar jar(random);
  dvpn::CookieInput input;
  input.client = {Ipv4(192, 0, 2, 7), 1000};
  input.client_id = 5;
  input.chosen = 1;
  const Time t0{};
  const wire::Cookie cookie = jar.Make(t0, input);
  EXPECT_TRUE(jar.Check(t0, input, cookie));
  const auto fails = [&](const std::function<void(dvpn::CookieInput&)>& change) {
    dvpn::CookieInput other = input;
    change(other);
    return !jar.Check(t0, other, cookie);
  };
  EXPECT_TRUE(fails([](auto& i) { i.client.port = 1001; }));
  EXPECT_TRUE(fails([](auto& i) { i.client.address = Ipv4(192, 0, 2, 8); }));
  EXPECT_TRUE(fails([](auto& i) { i.client_id = 6; }));
  EXPECT_TRUE(fails([](auto& i) { i.nonce[31] = 1; }));
  EXPECT_TRUE(fails([](auto& i) { i.offered.count = 1; }));
  EXPECT_TRUE(fails([](auto& i) { i.chosen = 2; }));
  EXPECT_TRUE(jar.Check(t0 + 61s, input, cookie));    // the secret before this one
  EXPECT_FALSE(jar.Check(t0 + 122s, input, cookie));  // two secrets ago
  EXPECT_FALSE(jar.Check(t0 + 1000s, input, cookie));
}

TEST(Hostile, NoAnswerBeforeTheCookieIsLargerThanItsQuestion) {
  Domain d;
  FakeHost& client = d.Client(2);
  std::map<int, std::size_t> size;
  d.net.tap = [&](Endpoint, Endpoint, Bytes& b) {
    size[b[5]] = b.size();
    return true;
  };
  client.Start();
  d.Run(1s);
  EXPECT_LE(size[2], size[1]);
  EXPECT_LE(wire::kHeaderBytes + wire::Encode(wire::Refuse{}).size(), size[1]);
}

// What spin finds where the table takes a repetition of step 7 for the proof of a session: tests/model/registration.py,
// "step 7 repeated proves a map". Step 8 is lost on the way and the client is gone, its request comes again and again.
TEST(Hostile, AStepSevenThatIsRepeatedProvesNoMap) {
  Domain d;
  FakeHost& client = d.Client(2);
  Bytes request;
  d.net.tap = [&](Endpoint, Endpoint, Bytes& b) {
    if (b[5] == 7) request = b;
    return b[5] != 8;
  };
  client.Start();
  d.Run(100ms);
  client.up = false;
  ASSERT_FALSE(request.empty());
  for (int n = 0; n < 20; ++n) {
    d.net.Inject(client.address, d.server->address, request);
    d.Run(500ms);
  }
  EXPECT_EQ(d.server->log.Count(dvpn::What::kMapBuilt), 0u);
  EXPECT_GE(d.server->Dropped("control: duplicate request, answered from the cache"), 20u);
  d.Run(4s);  // the setup time is over, the repetitions did not prolong it
  EXPECT_TRUE(d.server->tunnel->maps().empty());
}

TEST(Hostile, MessagesFromElsewhereAreNotHeardByTheClient) {
  Story story;
  story.Play(1000);
  Story half;
  half.Play(9);
  const std::string before = half.Snapshot();
  for (const Sent& s : story.sent)
    if (s.from == half.server->address) half.net.Inject({Ipv4(6, 6, 6, 6), 9876}, s.to, s.bytes);
  half.net.scheduler.RunFor(0ms);
  EXPECT_EQ(half.Snapshot(), before);
}

TEST(Hostile, NoSecretIsInTheEventLog) {
  Story story;
  for (auto& h : story.net.hosts()) h->log.silent.clear();
  story.Play(1000);
  for (auto& h : story.net.hosts())
    for (const auto& [t, e] : h->log.events) {
      EXPECT_EQ(e.text.find("secret"), std::string::npos) << e.text;
      EXPECT_EQ(e.text.find("common"), std::string::npos) << e.text;
    }
}

}  // namespace
}  // namespace sw::testing
