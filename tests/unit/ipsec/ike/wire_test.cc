#include "ipsec/ike/wire.h"

#include <gtest/gtest.h>

namespace sw::ipsec::ike {
namespace {

template <typename T>
std::optional<Notification> Fault(const Parsed<T>& parsed) {
  const auto* fault = std::get_if<Notification>(&parsed);
  return fault == nullptr ? std::nullopt : std::optional(*fault);
}

Bytes HeaderBytes(const Header& header) {
  Bytes bytes;
  Writer out(bytes);
  PutHeader(out, header);
  return bytes;
}

const Header kHeader{.cookies = {1, 2},
                     .first = PayloadType::kSa,
                     .exchange = Exchange::kMain,
                     .flags = kEncrypted,
                     .message_id = 7,
                     .length = kHeaderBytes};

TEST(IsakmpHeader, RoundTrip) {
  const auto parsed = ParseHeader(HeaderBytes(kHeader));
  ASSERT_FALSE(Fault(parsed));
  const Header& h = std::get<Header>(parsed);
  EXPECT_EQ(h.cookies, kHeader.cookies);
  EXPECT_EQ(h.exchange, Exchange::kMain);
  EXPECT_TRUE(h.encrypted());
  EXPECT_EQ(h.message_id, 7U);
}

TEST(IsakmpHeader, RefusesWhatCannotBeOne) {
  struct Case {
    Header header;
    Notification fault;
  };
  Header no_cookie = kHeader, version2 = kHeader, minor = kHeader, longer = kHeader;
  no_cookie.cookies.initiator = 0;
  version2.version = 0x20;
  minor.version = 0x11;
  longer.length = kHeaderBytes + 1;
  for (const Case& c : {Case{no_cookie, Notification::kInvalidCookie},
                        {version2, Notification::kInvalidMajorVersion},
                        {minor, Notification::kInvalidMinorVersion},
                        {longer, Notification::kUnequalPayloadLengths}}) {
    EXPECT_EQ(Fault(ParseHeader(HeaderBytes(c.header))), c.fault);
  }
  EXPECT_EQ(Fault(ParseHeader(Bytes(kHeaderBytes - 1))), Notification::kPayloadMalformed);
  EXPECT_EQ(Fault(ParseHeader(Bytes(kMaxMessageBytes + 1))), Notification::kUnequalPayloadLengths);
}

TEST(IsakmpPayloads, ChainNamesItsNext) {
  ChainWriter chain;
  chain.Add(PayloadType::kNonce, Bytes{1});
  chain.Add(PayloadType::kHash, Bytes{2, 3});
  EXPECT_EQ(chain.first(), PayloadType::kNonce);
  const auto parsed = ParsePayloads(chain.first(), chain.bytes(), false);
  ASSERT_FALSE(Fault(parsed));
  const auto& payloads = std::get<Payloads>(parsed);
  ASSERT_EQ(payloads.size(), 2U);
  EXPECT_EQ(Find(payloads, PayloadType::kHash)->body.size(), 2U);
  EXPECT_EQ(Find(payloads, PayloadType::kId), nullptr);
}

TEST(IsakmpPayloads, RefusesFaultyChains) {
  EXPECT_EQ(Fault(ParsePayloads(PayloadType::kNone, {}, false)), Notification::kPayloadMalformed);
  EXPECT_EQ(Fault(ParsePayloads(PayloadType::kHash, Bytes{0, 0, 0, 3}, false)), Notification::kPayloadMalformed);
  EXPECT_EQ(Fault(ParsePayloads(PayloadType::kHash, Bytes{0, 0, 0, 5}, false)), Notification::kPayloadMalformed);
  EXPECT_EQ(Fault(ParsePayloads(PayloadType::kHash, Bytes{0, 1, 0, 4}, false)), Notification::kPayloadMalformed);
  EXPECT_EQ(Fault(ParsePayloads(PayloadType{99}, Bytes{0, 0, 0, 4}, false)), Notification::kInvalidPayloadType);
  Bytes endless;
  for (std::size_t i = 0; i <= kMaxPayloads; ++i) endless.insert(endless.end(), {8, 0, 0, 4});
  EXPECT_EQ(Fault(ParsePayloads(PayloadType::kHash, endless, true)), Notification::kPayloadMalformed);
}

TEST(IsakmpPayloads, PaddingIsForDecryptedMessagesOnly) {
  const Bytes padded{0, 0, 0, 4, 0, 0, 0, 0};
  EXPECT_FALSE(Fault(ParsePayloads(PayloadType::kHash, padded, true)));
  EXPECT_TRUE(Fault(ParsePayloads(PayloadType::kHash, padded, false)));
}

TEST(IsakmpPayloads, NextPayloadOfTheLastOneCanBeIgnored) {
  const Bytes last{10, 0, 0, 4};  // promises a nonce that does not follow
  EXPECT_TRUE(Fault(ParsePayloads(PayloadType::kHash, last, false)));
  const auto parsed = ParsePayloads(PayloadType::kHash, last, false, false);
  ASSERT_FALSE(Fault(parsed));
  EXPECT_EQ(std::get<Payloads>(parsed).size(), 1U);
}

TEST(IsakmpSa, RoundTripWithBothAttributeForms) {
  const SaOffer offer{
      {.number = 1,
       .protocol = Protocol::kEsp,
       .spi = {1, 2, 3, 4},
       .transforms = {{1, phase2::kEsp3Des, {{phase2::kLifeType, kSeconds}, {phase2::kLifeDuration, 3600}}},
                      {2,
                       phase2::kEspAes,
                       {{phase2::kLifeType, kSeconds},
                        {phase2::kLifeDuration, 86400},
                        {phase2::kLifeType, kKilobytes},
                        {phase2::kLifeDuration, 1843200}}}}},
      {.number = 1, .protocol = Protocol::kAh, .spi = {5, 6, 7, 8}, .transforms = {{1, phase2::kAhSha, {}}}}};
  const auto parsed = ParseSa(SaBody(offer));
  ASSERT_FALSE(Fault(parsed));
  EXPECT_EQ(std::get<SaOffer>(parsed), offer);
  const TransformOffer& t = offer[0].transforms[1];
  EXPECT_EQ(t.Life(phase2::kLifeType, kSeconds), 86400U);
  EXPECT_EQ(t.Life(phase2::kLifeType, kKilobytes), 1843200U);
  EXPECT_EQ(offer[1].transforms[0].Life(phase2::kLifeType, kSeconds), std::nullopt);
}

TEST(IsakmpSa, RefusesEveryCutAndEveryCountThatLies) {
  const Bytes good =
      SaBody({{.number = 1, .protocol = Protocol::kIsakmp, .spi = {}, .transforms = {{1, 1, {{1, 5}, {12, 100000}}}}}});
  for (std::size_t n = 0; n < good.size(); ++n) EXPECT_TRUE(Fault(ParseSa(ByteView(good).first(n)))) << n;
  Bytes two = good;
  two[8 + 4 + 3] = 2;  // says two transforms
  EXPECT_EQ(Fault(ParseSa(two)), Notification::kBadProposalSyntax);
  Bytes doi = good;
  doi[3] = 2;
  EXPECT_EQ(Fault(ParseSa(doi)), Notification::kDoiNotSupported);
  Bytes situation = good;
  situation[7] = 2;
  EXPECT_EQ(Fault(ParseSa(situation)), Notification::kSituationNotSupported);
}

TEST(IsakmpIdentity, KindsAndTheirText) {
  const Prefix net{Ipv4(10, 1, 2, 0), 24};
  EXPECT_EQ(Identity::Subnet(net).prefix(), net);
  EXPECT_EQ(Identity::Subnet({Ipv4(10, 1, 2, 3), 32}), Identity::Address(Ipv4(10, 1, 2, 3)));
  EXPECT_EQ(Identity::Subnet(net).ToString(), "10.1.2.0/24");
  EXPECT_EQ(Identity::Name("branch").ToString(), "branch");
  EXPECT_EQ(Identity::Name("a\x1b[2J b").ToString(), "a.[2J.b");  // nothing a terminal would obey
  for (const Identity& id : {Identity::Subnet(net, 17, 53), Identity::Name("x")}) {
    EXPECT_EQ(std::get<Identity>(ParseIdentity(IdentityBody(id))), id);
  }
  Identity holes = Identity::Subnet(net);
  holes.data[5] = 1;  // a mask with holes is carried, but is no prefix
  EXPECT_EQ(holes.prefix(), std::nullopt);
  EXPECT_EQ(Fault(ParseIdentity(Bytes{1, 0, 0, 0, 10, 1, 1})), Notification::kInvalidIdInformation);
  EXPECT_EQ(Fault(ParseIdentity(Bytes{77, 0, 0, 0, 1})), Notification::kInvalidIdInformation);
  EXPECT_EQ(Fault(ParseIdentity(Bytes{2, 0, 0, 0})), Notification::kInvalidIdInformation);
}

TEST(IsakmpNotify, RoundTrip) {
  const Notify notify{Protocol::kIsakmp, Notification::kDpdRequest, Bytes(16, 9), Bytes{0, 0, 0, 1}};
  const auto parsed = ParseNotify(NotifyBody(notify));
  ASSERT_FALSE(Fault(parsed));
  const auto& again = std::get<Notify>(parsed);
  EXPECT_EQ(again.type, Notification::kDpdRequest);
  EXPECT_EQ(again.spi, notify.spi);
  EXPECT_EQ(again.data, notify.data);
  EXPECT_EQ(Name(Notification::kNoProposalChosen), "NO_PROPOSAL_CHOSEN");
  EXPECT_EQ(Name(Notification{12345}), "UNKNOWN");
  EXPECT_TRUE(Fault(ParseNotify(Bytes{0, 0, 0, 1, 1, 16, 0, 1})));
}

TEST(IsakmpDelete, SizesMustFitTheProtocol) {
  const Delete deleted{Protocol::kEsp, {Bytes{1, 2, 3, 4}, Bytes{5, 6, 7, 8}}};
  const Bytes good = DeleteBody(deleted);
  const auto parsed = ParseDelete(good);
  ASSERT_FALSE(Fault(parsed));
  EXPECT_EQ(std::get<Delete>(parsed).spis, deleted.spis);
  Bytes more = good, isakmp = good;
  more[7] = 3;
  isakmp[4] = 1;
  EXPECT_EQ(Fault(ParseDelete(more)), Notification::kPayloadMalformed);
  EXPECT_EQ(Fault(ParseDelete(isakmp)), Notification::kPayloadMalformed);
}

}  // namespace
}  // namespace sw::ipsec::ike
