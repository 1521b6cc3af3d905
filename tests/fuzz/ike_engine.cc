// Hostile input for a whole IKE engine that answers: before it knows us, in the middle of main mode, and as a peer that
// has the keys, so that what is inside encryption is reached. The first byte chooses where the rest goes:
//   0 a datagram as it is; 1 the payloads of message 3; 2 those of message 5, encrypted; 3 those behind the right
//   HASH(1) of a quick mode; 4 the same of an informational exchange; 5 an encrypted quick mode without a hash.
// The second byte is the type of the first payload. The engine may refuse all of it, and must stay consistent.
#include <chrono>
#include <cstdlib>
#include <optional>
#include <set>

#include "ipsec/ike/engine.h"
#include "ipsec/ike/keys.h"
#include "ipsec/ike/proposals.h"
#include "ipsec/ike/wire.h"

namespace {

using namespace sw;
using namespace sw::ipsec;
using namespace sw::ipsec::ike;

const Ipv4 kUs(192, 0, 2, 1), kThem(192, 0, 2, 2);
constexpr std::string_view kKey = "key";

class Owner final : public SaOwner {
 public:
  std::uint32_t AllocateSpi(SaProtocol) override { return ++spi_; }
  Result<Accepted> Judge(const Offer& offer) override {
    if (offer.proposals.empty()) std::abort();
    return Accepted{1, offer.proposals.size() - 1, offer.lifetime};
  }
  void Install(AgreedSas sas) override {
    if (!sas.in_esp && !sas.in_ah) std::abort();
  }
  void Prepare(AgreedSas sas) override {
    if (!sas.in_esp && !sas.in_ah) std::abort();
    prepared_.insert(sas.in_esp ? sas.in_esp->spi : sas.in_ah->spi);
  }
  void Confirmed(SaProtocol, std::uint32_t spi) override { Settle(spi); }
  void Abandoned(SaProtocol, std::uint32_t spi) override { Settle(spi); }
  void Deleted(SaProtocol, std::uint32_t) override {}
  void PeerLost(const std::string&, Ipv4) override {}
  void Failed(const Wish&, const std::string&) override {}

 private:
  void Settle(std::uint32_t spi) {
    if (prepared_.erase(spi) != 1) std::abort();
  }
  std::set<std::uint32_t> prepared_;
  std::uint32_t spi_ = 0x1000;
};

// An initiator by hand, on the codec and the key schedule alone.
class Script {
 public:
  Script() : dh_(hal::DhKey::Generate(hal::DhGroup::kModp768, random_)) {
    Settings settings;
    settings.proposals = {Phase1Proposal{}};
    PeerSettings peer;
    peer.name = "p";
    peer.pre_shared_key = SecretBytes(kKey);
    peer.remote_first = peer.remote_last = kThem;
    peer.nat_traversal = true;
    settings.peers.emplace("p", peer);
    engine_.emplace(settings, EngineServices{random_, owner_, [this] { return now_; },
                                       [this](Endpoint, Endpoint, Bytes bytes) { answer_ = std::move(bytes); }, [] {},
                                       [] { return std::int64_t{1'700'000'000}; }});
    inputs_.cookies.initiator = 0x1111111111111111;
  }

  void Datagram(ByteView bytes, std::uint16_t port) { engine_->Receive({kUs, port}, {kThem, port}, bytes); }
  void Send(Exchange exchange, std::uint32_t id, PayloadType first, ByteView body, bool encrypted) {
    Bytes message;
    Writer out(message);
    PutHeader(out, {inputs_.cookies, first, kVersion, exchange, static_cast<std::uint8_t>(encrypted ? kEncrypted : 0),
                    id, static_cast<std::uint32_t>(kHeaderBytes + body.size())});
    out.Put(body);
    Datagram(message, kPort);
  }
  void Open() {
    const Phase1Proposal proposal;
    sa_body_ = SaBody(OfferPhase1(std::span(&proposal, 1)));
    ChainWriter chain;
    chain.Add(PayloadType::kSa, sa_body_);
    Send(Exchange::kMain, 0, chain.first(), chain.bytes(), false);
    inputs_.cookies.responder = Load64(answer_.data() + 8);
  }
  void Key() {
    inputs_.public_i.assign(dh_.public_value().begin(), dh_.public_value().end());
    inputs_.nonce_i.assign(20, 7);
    ChainWriter chain;
    chain.Add(PayloadType::kKeyExchange, inputs_.public_i);
    chain.Add(PayloadType::kNonce, inputs_.nonce_i);
    Send(Exchange::kMain, 0, chain.first(), chain.bytes(), false);
    const auto parsed = ParseHeader(answer_);
    const auto payloads = std::get<Payloads>(
        ParsePayloads(std::get<Header>(parsed).first, ByteView(answer_).subspan(kHeaderBytes), false));
    const ByteView key = Find(payloads, PayloadType::kKeyExchange)->body,
                   nonce = Find(payloads, PayloadType::kNonce)->body;
    inputs_.public_r.assign(key.begin(), key.end());
    inputs_.nonce_r.assign(nonce.begin(), nonce.end());
    inputs_.shared = *dh_.Agree(key);
    inputs_.pre_shared_key = SecretBytes(kKey);
    keys_ = DeriveKeys(inputs_);
    iv_ = keys_.first_iv;
  }
  void Sealed(Exchange exchange, std::uint32_t id, PayloadType first, Bytes body) {
    Bytes iv = id == 0 ? iv_ : ExchangeIv(keys_, iv_, id);
    EncryptBody(keys_, iv, body);
    Send(exchange, id, first, body, true);
  }
  void Authenticate() {
    const Bytes id = IdentityBody(Identity::Address(kThem));
    ChainWriter chain;
    chain.Add(PayloadType::kId, id);
    chain.Add(PayloadType::kHash, AuthenticationHash(keys_, inputs_, Role::kInitiator, sa_body_, id).view());
    Sealed(Exchange::kMain, 0, chain.first(), chain.bytes());
    iv_.assign(answer_.end() - static_cast<std::ptrdiff_t>(iv_.size()), answer_.end());
    if (engine_->sas().size() != 1 || !engine_->sas()[0].ready) std::abort();  // else nothing below is reached
  }
  void Hashed(Exchange exchange, PayloadType first, ByteView rest) {
    const auto parsed = ParsePayloads(first, rest, true);
    std::size_t covered = rest.size();
    if (const auto* payloads = std::get_if<Payloads>(&parsed)) {
      const ByteView last = payloads->back().whole;
      covered = static_cast<std::size_t>(last.data() + last.size() - rest.data());
    }
    const std::uint32_t id = 0x01020304;
    const SecretBytes hash = Hash1(keys_, id, rest.first(covered));
    Bytes body;
    Writer out(body);
    out.U8(static_cast<std::uint8_t>(first));
    out.U8(0);
    out.U16(static_cast<std::uint16_t>(4 + hash.size()));
    out.Put(hash.view());
    out.Put(rest);
    Sealed(exchange, id, PayloadType::kHash, std::move(body));
  }
  // Whatever it made of it: the tables agree, and time goes on.
  void Settle() {
    for (const SaInfo& sa : engine_->sas())
      if (sa.id == 0 || sa.remote_id.size() > 65536) std::abort();
    for (int i = 0; i < 40; ++i) {
      const Time next = engine_->deadline();
      if (next == Time::Never()) break;
      if (next < now_) std::abort();  // a deadline that is not kept
      now_ = next;
      engine_->OnTimer();
    }
    engine_->Reset(std::nullopt);
    if (!engine_->sas().empty() && engine_->half_open() != 0) std::abort();
  }

 private:
  SeededRandom random_{1};
  Owner owner_;
  Time now_{std::chrono::seconds(1)};
  hal::DhKey dh_;
  Phase1Inputs inputs_;
  Phase1Keys keys_;
  Bytes sa_body_, iv_, answer_;
  std::optional<Engine> engine_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 3 || size > 8000) return 0;
  const ByteView rest(data + 2, size - 2);
  const auto first = static_cast<PayloadType>(data[1]);
  const int where = data[0] % 6;
  Script script;
  if (where == 0) {
    script.Datagram(rest, data[1] % 2 == 0 ? kPort : kNatPort);
    script.Settle();
    return 0;
  }
  script.Open();
  if (where == 1) {
    script.Send(Exchange::kMain, 0, first, rest, false);
  } else {
    script.Key();
    if (where == 2) {
      script.Sealed(Exchange::kMain, 0, first, Bytes(rest.begin(), rest.end()));
    } else {
      script.Authenticate();
      if (where == 5) {
        script.Sealed(Exchange::kQuick, 0x01020304, first, Bytes(rest.begin(), rest.end()));
      } else {
        script.Hashed(where == 3 ? Exchange::kQuick : Exchange::kInformational, first, rest);
      }
    }
  }
  script.Settle();
  return 0;
}
