// The codec and the key schedule against a whole exchange of another implementation, message by message.
#include "ipsec/ike/keys.h"

#include <gtest/gtest.h>

#include "ipsec/ike/wire.h"
#include "tests/vectors/reader.h"

namespace sw::ipsec::ike {
namespace {

template <typename T>
T Value(Parsed<T> parsed) {
  if (const auto* fault = std::get_if<Notification>(&parsed)) throw std::runtime_error(std::string(Name(*fault)));
  return std::get<T>(std::move(parsed));
}
Bytes ToBytes(ByteView view) {
  return {view.begin(), view.end()};
}
Bytes ToBytes(const SecretBytes& secret) {
  return ToBytes(secret.view());
}
Bytes BodyOf(const Payloads& payloads, PayloadType type) {
  const Payload* p = Find(payloads, type);
  if (p == nullptr) throw std::runtime_error("payload missing");
  return ToBytes(p->body);
}

class StrongswanExchange : public testing::Test {
 protected:
  StrongswanExchange() {
    const Payloads one = Clear("message1"), three = Clear("message3"), four = Clear("message4");
    inputs.hash = HashAlgorithm::kSha1;
    inputs.cipher = hal::Cipher::kAesCbc256;
    inputs.cookies = HeaderOf("message5").cookies;
    inputs.nonce_i = BodyOf(three, PayloadType::kNonce);
    inputs.nonce_r = BodyOf(four, PayloadType::kNonce);
    inputs.public_i = BodyOf(three, PayloadType::kKeyExchange);
    inputs.public_r = BodyOf(four, PayloadType::kKeyExchange);
    inputs.shared = SecretBytes(record.Hex("shared"));
    inputs.pre_shared_key = SecretBytes(record.Hex("pre_shared_key"));
    sa = BodyOf(one, PayloadType::kSa);
    keys = DeriveKeys(inputs);
  }

  Header HeaderOf(const std::string& name) { return Value(ParseHeader(record.Hex(name))); }
  Payloads Clear(const std::string& name) {
    store.push_back(record.Hex(name));
    return Value(ParsePayloads(HeaderOf(name).first, ByteView(store.back()).subspan(kHeaderBytes), false));
  }
  Payloads Decrypted(const std::string& name, Bytes& iv) {
    const Bytes bytes = record.Hex(name);
    std::optional<SecretBytes> plain = DecryptBody(keys, iv, ByteView(bytes).subspan(kHeaderBytes));
    if (!plain) throw std::runtime_error("not whole blocks");
    store.push_back(ToBytes(*plain));
    return Value(ParsePayloads(HeaderOf(name).first, store.back(), true));
  }
  // Everything behind the hash payload up to the end of the last payload: what a hash of phase 2 covers.
  static ByteView BehindHash(const Payloads& payloads) {
    const std::uint8_t* begin = payloads[1].whole.data();
    return {begin, payloads.back().whole.data() + payloads.back().whole.size()};
  }

  const vectors::Record record = vectors::Read("ike_strongswan.vec").at(0);
  std::vector<Bytes> store = [] {
    std::vector<Bytes> v;
    v.reserve(16);  // views into it stay valid
    return v;
  }();
  Phase1Inputs inputs;
  Phase1Keys keys;
  Bytes sa;
};

TEST_F(StrongswanExchange, KeysOfPhase1) {
  EXPECT_EQ(ToBytes(keys.skeyid), record.Hex("skeyid"));
  EXPECT_EQ(ToBytes(keys.skeyid_d), record.Hex("skeyid_d"));
  EXPECT_EQ(ToBytes(keys.skeyid_a), record.Hex("skeyid_a"));
  EXPECT_EQ(ToBytes(keys.skeyid_e), record.Hex("skeyid_e"));
  EXPECT_EQ(ToBytes(keys.key), record.Hex("key"));  // longer than SKEYID_e: appendix B of RFC 2409
  EXPECT_EQ(keys.first_iv, record.Hex("iv"));
}

TEST_F(StrongswanExchange, IdentitiesAndHashesOfMainMode) {
  Bytes iv = keys.first_iv;
  const Payloads five = Decrypted("message5", iv);
  const Payloads six = Decrypted("message6", iv);
  const Bytes id_i = BodyOf(five, PayloadType::kId), id_r = BodyOf(six, PayloadType::kId);
  EXPECT_EQ(Value(ParseIdentity(id_i)).ToString(), "192.0.2.1");
  EXPECT_EQ(Value(ParseIdentity(id_r)).ToString(), "192.0.2.2");
  EXPECT_EQ(ToBytes(AuthenticationHash(keys, inputs, Role::kInitiator, sa, id_i)), record.Hex("hash_i"));
  EXPECT_EQ(BodyOf(five, PayloadType::kHash), record.Hex("hash_i"));
  EXPECT_EQ(ToBytes(AuthenticationHash(keys, inputs, Role::kResponder, sa, id_r)), record.Hex("hash_r"));
  EXPECT_EQ(BodyOf(six, PayloadType::kHash), record.Hex("hash_r"));
  const Notify notify = Value(ParseNotify(BodyOf(five, PayloadType::kNotify)));
  EXPECT_EQ(Name(notify.type), "INITIAL_CONTACT");
}

TEST_F(StrongswanExchange, QuickModeAndItsKeyMaterial) {
  Bytes iv = keys.first_iv;
  Decrypted("message5", iv);
  Decrypted("message6", iv);
  const std::uint32_t mid = HeaderOf("quick1").message_id;
  iv = ExchangeIv(keys, iv, mid);
  const Payloads one = Decrypted("quick1", iv), two = Decrypted("quick2", iv), three = Decrypted("quick3", iv);
  const Bytes nonce_i = BodyOf(one, PayloadType::kNonce), nonce_r = BodyOf(two, PayloadType::kNonce);
  EXPECT_EQ(BodyOf(one, PayloadType::kHash), ToBytes(Hash1(keys, mid, BehindHash(one))));
  EXPECT_EQ(BodyOf(two, PayloadType::kHash), ToBytes(Hash2(keys, mid, nonce_i, BehindHash(two))));
  EXPECT_EQ(BodyOf(three, PayloadType::kHash), ToBytes(Hash3(keys, mid, nonce_i, nonce_r)));

  const SaOffer offer = Value(ParseSa(BodyOf(one, PayloadType::kSa)));
  const SaOffer answer = Value(ParseSa(BodyOf(two, PayloadType::kSa)));
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_EQ(answer[0].protocol, Protocol::kEsp);
  EXPECT_EQ(answer[0].transforms[0].id, phase2::kEspAes);
  EXPECT_EQ(answer[0].transforms[0].Find(phase2::kKeyLength), 256U);
  EXPECT_EQ(answer[0].transforms[0].Find(phase2::kEncapsulation), phase2::kUdpTunnel);
  // An SA's keys come from the SPI of its receiver.
  const auto material = [&](const Bytes& spi) {
    return ToBytes(KeyMaterial(keys, SecretBytes(), Protocol::kEsp, spi, nonce_i, nonce_r, 52));
  };
  const auto joined = [&](const char* cipher, const char* integrity) {
    Bytes out = record.Hex(cipher);
    const Bytes more = record.Hex(integrity);
    out.insert(out.end(), more.begin(), more.end());
    return out;
  };
  EXPECT_EQ(material(answer[0].spi), joined("cipher_i", "integrity_i"));
  EXPECT_EQ(material(offer[0].spi), joined("cipher_r", "integrity_r"));
}

TEST_F(StrongswanExchange, WhatIsReadIsWrittenAgainByteByByte) {
  for (const char* name : {"message1", "message2", "message3", "message4"}) {
    const Payloads payloads = Clear(name);
    ChainWriter chain;
    for (const Payload& p : payloads) {
      Bytes body = ToBytes(p.body);
      if (p.type == PayloadType::kSa) body = SaBody(Value(ParseSa(body)));
      chain.Add(p.type, body);
    }
    Header header = HeaderOf(name);
    EXPECT_EQ(header.first, chain.first());
    Bytes again;
    Writer out(again);
    PutHeader(out, header);
    out.Put(chain.bytes());
    EXPECT_EQ(again, record.Hex(name)) << name;
  }
}

TEST_F(StrongswanExchange, EncryptingGivesTheMessageOfTheWire) {
  Bytes iv = keys.first_iv;
  const Payloads five = Decrypted("message5", iv);
  Bytes body = store.back(), again_iv = keys.first_iv;
  EncryptBody(keys, again_iv, body);
  const Bytes wire = record.Hex("message5");
  EXPECT_EQ(body, Bytes(wire.begin() + kHeaderBytes, wire.end()));
  EXPECT_EQ(iv, again_iv);
  Bytes short_iv = keys.first_iv;
  EXPECT_FALSE(DecryptBody(keys, short_iv, Bytes(15)));
  EXPECT_FALSE(DecryptBody(keys, short_iv, {}));
}

TEST(IkeKeys, SignaturesTakeTheirSkeyidFromTheNonces) {
  Phase1Inputs in;
  in.nonce_i = {1, 2};
  in.nonce_r = {3};
  in.shared = SecretBytes(Bytes{4, 5, 6});
  EXPECT_EQ(DeriveKeys(in).skeyid, hal::Hmac(in.hash, Bytes{1, 2, 3}, Bytes{4, 5, 6}));
  in.pre_shared_key = SecretBytes(Bytes{9});
  EXPECT_EQ(DeriveKeys(in).skeyid, hal::Hmac(in.hash, Bytes{9}, Bytes{1, 2, 3}));
}

}  // namespace
}  // namespace sw::ipsec::ike
