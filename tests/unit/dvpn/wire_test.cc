#include "dvpn/wire.h"

#include <gtest/gtest.h>

#include "dvpn/control_channel.h"
#include "dvpn/inner_packet.h"
#include "dvpn/server_tunnel.h"
#include "dvpn/timer_queue.h"
#include "tests/fakes/fake_network.h"

namespace sw::dvpn {
namespace {

using namespace std::chrono_literals;
using wire::Type;

wire::Terms SomeTerms() {
  return {1, 2, 10, 10, 300, 3600};
}

// Every message once, as type and body.
std::vector<std::pair<Type, Bytes>> Examples() {
  wire::SuiteList suites;
  suites.count = 2;
  suites.numbers = {12, 1};
  wire::Redirect redirect;
  redirect.active = true;
  redirect.peer_private = Ipv4(10, 0, 0, 3);
  redirect.destination = Ipv4(10, 3, 0, 1);
  redirect.peer_public = {Ipv4(192, 0, 2, 3), 9876};
  redirect.terms = SomeTerms();
  redirect.secret = SecretBytes(std::size_t{32});
  redirect.device_id = "branch";
  wire::RegRsp registered;
  registered.dvpn_id = 7;
  registered.terms = SomeTerms();
  registered.device_id = "HQ";
  wire::KexReq kex;
  kex.suites = suites;
  kex.suite = 12;
  kex.public_value = Bytes(128, 1);
  return {
      {Type::kAlgReq, Encode(wire::AlgReq{{}, suites})},
      {Type::kAlgRsp, Encode(wire::AlgRsp{{}, 12, {}})},
      {Type::kKexReq, Encode(kex)},
      {Type::kAuthReq, Encode(wire::AuthReq{AuthMethod::kPap, "user@system", SecretBytes("pw")})},
      {Type::kAuthRsp, Encode(wire::AuthRsp{wire::Answer::kBadCredentials})},
      {Type::kRegReq, Encode(wire::RegReq{RegisterType::kForward, Ipv4(10, 0, 0, 2), {}, "branch"})},
      {Type::kRegRsp, Encode(registered)},
      {Type::kRegRsp, Encode(wire::RegRsp{wire::Answer::kAddressTaken, 0, 0, {}, {}, {}, {}})},
      {Type::kRefuse, Encode(wire::Refuse{{}, wire::Answer::kBusy})},
      {Type::kAbort, Encode(wire::Abort{wire::Answer::kOtherServer})},
      {Type::kSetupReq, Encode(wire::SetupReq{{}, 256, Bytes(96, 1)})},
      {Type::kSetupRsp, Encode(wire::SetupRsp{{}, {}, 256, Bytes(96, 1)})},
      {Type::kKeepalive, Encode(wire::Keepalive{9})},
      {Type::kRedirect, Encode(redirect)},
      {Type::kRelease, Encode(wire::Release{true})},
      {Type::kProbe, {}},
      {Type::kPathProbe, Encode(wire::PathSize{1452})},
      {Type::kPathAck, Encode(wire::PathSize{1252})},
  };
}

TEST(Wire, EveryMessageDecodesAndNoTruncatedOrExtendedOneDoes) {
  for (const auto& [type, body] : Examples()) {
    EXPECT_TRUE(DecodeBody(type, body)) << wire::Name(type);
    for (std::size_t n = 0; n < body.size(); ++n)
      EXPECT_FALSE(DecodeBody(type, ByteView(body).first(n))) << wire::Name(type) << " cut to " << n;
    Bytes longer = body;
    longer.push_back(0);
    EXPECT_FALSE(DecodeBody(type, longer)) << wire::Name(type);
  }
}

TEST(Wire, ARedirectKeepsEveryFieldOnItsWay) {
  const auto body = DecodeBody(Type::kRedirect, Examples()[13].second);
  const auto& r = std::get<wire::Redirect>(*body);
  EXPECT_TRUE(r.active);
  EXPECT_EQ(r.peer_private, Ipv4(10, 0, 0, 3));
  EXPECT_EQ(r.destination, Ipv4(10, 3, 0, 1));
  EXPECT_EQ(r.peer_public, (Endpoint{Ipv4(192, 0, 2, 3), 9876}));
  EXPECT_EQ(r.terms, SomeTerms());
  EXPECT_EQ(r.device_id, "branch");
}

TEST(Wire, FieldsOutOfRangeAreRefused) {
  wire::SuiteList none;
  EXPECT_FALSE(DecodeBody(Type::kAlgReq, Encode(wire::AlgReq{{}, none})));
  EXPECT_FALSE(DecodeBody(Type::kSetupReq, Encode(wire::SetupReq{{}, 255, Bytes(96, 1)})));
  EXPECT_FALSE(DecodeBody(Type::kSetupReq, Encode(wire::SetupReq{{}, 256, {}})));
  EXPECT_FALSE(DecodeBody(Type::kAuthRsp, Bytes{99}));
  EXPECT_FALSE(DecodeBody(Type::kRefuse, Encode(wire::Refuse{{}, wire::Answer::kAccepted})));
  EXPECT_FALSE(DecodeBody(Type::kAbort, Encode(wire::Abort{wire::Answer::kAccepted})));
  EXPECT_FALSE(DecodeBody(Type::kRegReq, Encode(wire::RegReq{RegisterType::kNormal, {}, {}, "bell\a"})));
  wire::RegRsp r;
  r.dvpn_id = 1;
  r.terms = SomeTerms();
  EXPECT_TRUE(DecodeBody(Type::kRegRsp, Encode(r)));
  r.terms.keepalive = 4;  // below the range of the MIB
  EXPECT_FALSE(DecodeBody(Type::kRegRsp, Encode(r)));
  r.terms = SomeTerms();
  r.terms.sa_duration = 0xffffffff;
  EXPECT_FALSE(DecodeBody(Type::kRegRsp, Encode(r)));
}

TEST(Wire, TheHeaderIsRefusedByReason) {
  const Bytes good = wire::EncodeFrame(Type::kKeepalive, 1, 2, Bytes(4));
  const auto why = [&](const std::function<void(Bytes&)>& spoil) {
    Bytes b = good;
    spoil(b);
    const auto decoded = wire::DecodeFrame(b);
    const Drop* drop = std::get_if<Drop>(&decoded);
    return drop == nullptr ? std::string_view("accepted") : Phrase(*drop);
  };
  EXPECT_EQ(why([](Bytes&) {}), "accepted");
  EXPECT_EQ(why([](Bytes& b) { b.resize(19); }), Phrase(Drop::kTruncated));
  EXPECT_EQ(why([](Bytes& b) { b[4] = 3; }), Phrase(Drop::kBadVersion));
  EXPECT_EQ(why([](Bytes& b) { b[5] = 13; }), Phrase(Drop::kBadType));
  EXPECT_EQ(why([](Bytes& b) { b.push_back(0); }), Phrase(Drop::kBadLength));
}

TEST(Wire, ADeviceNameIsMadeFitToTravel) {
  EXPECT_EQ(wire::WireDeviceId("a\tb\xff"), "a?b?");
  EXPECT_EQ(wire::WireDeviceId(std::string(100, 'x')).size(), 64u);
}

TEST(ReplayWindow, TakesEachCounterOnceAndOutOfOrderUpToItsWidth) {
  ReplayWindow w;
  using Check = ReplayWindow::Check;
  EXPECT_EQ(w.Look(0), Check::kOld);
  w.Take(1);
  EXPECT_EQ(w.Look(1), Check::kSeen);
  w.Take(100);
  EXPECT_EQ(w.Look(37), Check::kNew);
  EXPECT_EQ(w.Look(36), Check::kOld);
  w.Take(37);
  EXPECT_EQ(w.Look(37), Check::kSeen);
  w.Take(0xffffffff);
  EXPECT_EQ(w.Look(0xffffffff), Check::kSeen);
  EXPECT_EQ(w.Look(100), Check::kOld);
}

TEST(ControlChannel, EachDirectionAndEachChannelHasItsOwnKeys) {
  SeededRandom random(1);
  const hal::Suite& suite = *hal::FindSuite(12);
  const SecretBytes base(AsBytes("0123456789abcdef0123456789abcdef"));
  ControlChannel a(suite, DeriveBase(suite, base), true), b(suite, DeriveBase(suite, base), false);
  const Bytes text = a.Seal(Type::kKeepalive, {}, Bytes{1, 2, 3, 4}, random);
  const auto frame = std::get<wire::Frame>(wire::DecodeFrame(text));
  EXPECT_EQ(a.Open(frame).drop, Drop::kForged);  // reflected
  const auto opened = b.Open(frame);
  ASSERT_TRUE(opened.ok);
  EXPECT_EQ(opened.plain.size(), 4u);
  EXPECT_EQ(b.Open(frame).drop, Drop::kReplayed);
  ControlChannel other(suite, DeriveBase(suite, SecretBytes("another")), false);
  EXPECT_EQ(other.Open(frame).drop, Drop::kForged);
}

TEST(Keying, APairHasOneSecretWhicheverEndIsNamedFirst) {
  const SecretBytes server("server secret");
  const Ipv4 a(10, 0, 0, 2), b(10, 0, 0, 3);
  const SecretBytes ab = DerivePair(server, 1, 2, a, b, SomeTerms());
  EXPECT_EQ(ab, DerivePair(server, 2, 1, b, a, SomeTerms()));
  EXPECT_FALSE(ab == DerivePair(server, 1, 9, a, b, SomeTerms()));  // registered anew
  EXPECT_FALSE(ab == DerivePair(server, 1, 2, a, Ipv4(10, 0, 0, 4), SomeTerms()));
  EXPECT_FALSE(ab == DerivePair(SecretBytes("x"), 1, 2, a, b, SomeTerms()));
}

TEST(TimerQueue, GivesDueKeysInOrderAndForgetsErasedOnes) {
  TimerQueue q;
  q.Set(1, Time{5s});
  q.Set(2, Time{3s});
  q.Set(3, Time{5s});
  q.Set(1, Time{6s});
  q.Erase(3);
  EXPECT_EQ(q.next(), Time{3s});
  EXPECT_FALSE(q.Pop(Time{2s}));
  EXPECT_EQ(q.Pop(Time{10s}), 2u);
  EXPECT_EQ(q.Pop(Time{10s}), 1u);
  EXPECT_FALSE(q.Pop(Time{10s}));
  EXPECT_EQ(q.next(), Time::Never());
}

TEST(RedirectLimiter, LetsOneThroughPerPairAndSecondAndForgetsOldPairs) {
  RedirectLimiter limiter;
  using Answer = RedirectLimiter::Answer;
  const Ipv4 a(1, 1, 1, 1), b(2, 2, 2, 2);
  EXPECT_EQ(limiter.Ask(Time{0s}, a, b), Answer::kGo);
  EXPECT_EQ(limiter.Ask(Time{999ms}, b, a), Answer::kTooSoon);
  EXPECT_EQ(limiter.Ask(Time{1s}, b, a), Answer::kGo);
  for (std::uint32_t n = 0; n < kMaxRedirectPairs; ++n) (void)limiter.Ask(Time{5s}, a, Ipv4(n + 1000));
  EXPECT_EQ(limiter.Ask(Time{5s}, b, Ipv4(7)), Answer::kFull);
  EXPECT_EQ(limiter.Ask(Time{6s}, b, Ipv4(7)), Answer::kGo);
}

TEST(InnerPacket, OneHopLessLeavesTheChecksumRight) {
  for (unsigned ttl : {2U, 64U, 255U}) {
    Bytes p = testing::Ping(Ipv4(10, 1, 2, 3), Ipv4(10, 4, 5, 6), 1, false, static_cast<std::uint8_t>(ttl));
    ASSERT_TRUE(DecrementTtl(p));
    EXPECT_TRUE(ParseInner(p)) << ttl;
    EXPECT_EQ(p[8], ttl - 1);
  }
  Bytes last = testing::Ping(Ipv4(1, 1, 1, 1), Ipv4(2, 2, 2, 2), 1, false, 1);
  EXPECT_FALSE(DecrementTtl(last));
}

TEST(InnerPacket, IsDescribedForTheOperator) {
  const Bytes p = testing::Ping(Ipv4(10, 1, 0, 1), Ipv4(10, 2, 0, 1), 3);
  EXPECT_EQ(Describe(*ParseInner(p), p), "10.1.0.1 -> 10.2.0.1 icmp echo request, sequence 3");
}

TEST(Types, EveryStateHasItsName) {
  for (int n = 1; n <= 15; ++n) EXPECT_NE(Name(static_cast<MapState>(n)), "?") << n;
  for (int n = 1; n <= 5; ++n) EXPECT_NE(Name(static_cast<SessionState>(n)), "?") << n;
  EXPECT_EQ(Name(MapState::kClientAlgReq), "ALGREQ");
  EXPECT_EQ(Name(SessionState::kSetupSuccess), "SETUPSUCCESS");
  EXPECT_EQ(Name(CommunicateType::kClientToServer), "C->S");
  EXPECT_EQ(Name(RegisterType::kUndistributedAndForward), "undistributed forward");
}

}  // namespace
}  // namespace sw::dvpn
