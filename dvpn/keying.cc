#include "dvpn/keying.h"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "hal/hybrid.h"

namespace sw::dvpn {
namespace {

constexpr std::string_view kLabel = "sw8800 dvpn 2 ";  // of this version of the protocol
std::string Label(std::string_view what) {
  return std::string(kLabel).append(what);
}

ChannelKeys DeriveChannel(const hal::Suite& suite, const SecretBytes& prk, const std::string& name, ByteView context) {
  const auto expand = [&](std::string_view what, std::size_t bytes) {
    return hal::HkdfExpand(prk, std::string(kLabel) + name + " " + std::string(what), context, bytes);
  };
  ChannelKeys out;
  out.id = Load64(expand("channel", 8).view().data());
  out.forward = hal::SplitSealKeys(suite, expand("forward", hal::SealKeyBytes(suite)));
  out.backward = hal::SplitSealKeys(suite, expand("backward", hal::SealKeyBytes(suite)));
  return out;
}

// Secret input: each part with its length in front. The buffer is wiped with its owner.
SecretBytes Join(ByteView a, ByteView b) {
  SecretBytes out(4 + a.size() + b.size());
  std::uint8_t* p = out.span().data();
  Store16(p, static_cast<std::uint16_t>(a.size()));
  std::copy(a.begin(), a.end(), p + 2);
  p += 2 + a.size();
  Store16(p, static_cast<std::uint16_t>(b.size()));
  std::copy(b.begin(), b.end(), p + 2);
  return out;
}

Bytes Concat(ByteView a, ByteView b) {
  Bytes out(a.begin(), a.end());
  out.insert(out.end(), b.begin(), b.end());
  return out;
}

}  // namespace

const hal::Suite* ControlSuite(int number) {
  return CanProtect(number).ok() ? hal::FindSuite(number) : nullptr;
}

Status CanProtect(int number) {
  const hal::Suite* suite = hal::FindSuite(number);
  if (suite == nullptr) return {Code::kNotFound, fmt::format("there is no suite {}", number)};
  if (suite->group == hal::DhGroup::kNone)
    return {Code::kBadValue, fmt::format("suite {} cannot protect a registration or the setup of a session", number)};
  if (suite->group != hal::DhGroup::kHybrid) return {};
  const Status hybrid = hal::HybridAvailable();
  return hybrid.ok() ? Status()
                     : Status{hybrid.code(), fmt::format("suite {} cannot be used: {}", number, hybrid.why())};
}

hal::Sha256Digest Transcript(std::span<const ByteView> parts) {
  Bytes all;
  Writer w(all);
  for (ByteView part : parts) {
    w.U32(static_cast<std::uint32_t>(part.size()));
    w.Put(part);
  }
  return hal::Sha256(all);
}

MapSecrets DeriveMap(const hal::Suite& suite, const SecretBytes& dh, ByteView pre_shared_key, ByteView client_nonce,
                     ByteView server_nonce, const hal::Sha256Digest& transcript) {
  const SecretBytes prk = hal::HkdfExtract(Concat(client_nonce, server_nonce), Join(dh.view(), pre_shared_key).view());
  MapSecrets out;
  out.channel = DeriveChannel(suite, prk, "map", transcript);
  out.server_proof = hal::HkdfExpand(prk, Label("map server proof"), transcript, 32);
  out.chap = hal::HkdfExpand(prk, Label("map chap"), transcript, kChapBytes);
  out.session_base = hal::HkdfExpand(prk, Label("map session base"), transcript, wire::kSecretSize);
  return out;
}

Bytes ServerProof(const SecretBytes& key, const hal::Sha256Digest& transcript) {
  const hal::Sha256Digest mac = hal::HmacSha256(key.view(), transcript);
  return Bytes(mac.begin(), mac.end());
}

ChannelKeys DeriveBase(const hal::Suite& suite, const SecretBytes& base) {
  return DeriveChannel(suite, hal::HkdfExtract({}, base.view()), "base", {});
}

SessionSecrets DeriveSession(const hal::Suite& suite, std::size_t data_key_bytes, const SecretBytes& base,
                             const SecretBytes& dh, ByteView initiator_nonce, ByteView responder_nonce,
                             const hal::Sha256Digest& transcript) {
  const SecretBytes prk =
      hal::HkdfExtract(Concat(initiator_nonce, responder_nonce), Join(dh.view(), base.view()).view());
  SessionSecrets out;
  out.channel = DeriveChannel(suite, prk, "session", transcript);
  out.data_forward = hal::HkdfExpand(prk, Label("data forward"), transcript, data_key_bytes);
  out.data_backward = hal::HkdfExpand(prk, Label("data backward"), transcript, data_key_bytes);
  return out;
}

SecretBytes DerivePair(const SecretBytes& server_secret, std::uint64_t registration_a, std::uint64_t registration_b,
                       Ipv4 private_a, Ipv4 private_b, const wire::Terms& terms) {
  if (private_b < private_a) {  // both orders of the pair give one secret
    std::swap(private_a, private_b);
    std::swap(registration_a, registration_b);
  }
  Bytes context;
  Writer w(context);
  w.U64(registration_a);
  w.U64(registration_b);
  w.U32(private_a.value);
  w.U32(private_b.value);
  w.Put(wire::Encode(terms));
  return hal::HkdfExpand(hal::HkdfExtract({}, server_secret.view()), Label("pair"), context, wire::kSecretSize);
}

}  // namespace sw::dvpn
