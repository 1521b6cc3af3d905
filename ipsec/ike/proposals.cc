#include "ipsec/ike/proposals.h"

#include <algorithm>
#include <array>

#include "ipsec/ike/message_bodies.h"

namespace sw::ipsec::ike {
namespace {

using hal::Cipher;
using hal::DhGroup;
using hal::Integrity;

struct Phase1CipherRow {
  Cipher cipher;
  std::uint16_t id, key_bits;  // 0: the cipher has one key length
};
constexpr std::array<Phase1CipherRow, 5> kPhase1Ciphers{{{Cipher::kDesCbc, phase1::kDesCbc, 0},
                                                         {Cipher::k3DesCbc, phase1::k3DesCbc, 0},
                                                         {Cipher::kAesCbc, phase1::kAesCbc, 128},
                                                         {Cipher::kAesCbc192, phase1::kAesCbc, 192},
                                                         {Cipher::kAesCbc256, phase1::kAesCbc, 256}}};

struct HashRow {
  hal::HashAlgorithm hash;
  std::uint16_t id;
};
constexpr std::array<HashRow, 3> kHashes{{{hal::HashAlgorithm::kMd5, phase1::kMd5},
                                          {hal::HashAlgorithm::kSha1, phase1::kSha},
                                          {hal::HashAlgorithm::kSha256, phase1::kSha256}}};

struct EspRow {
  Cipher cipher;
  std::uint8_t id;
  std::uint16_t key_bits;
};
constexpr std::array<EspRow, 8> kEspCiphers{{{Cipher::kNull, phase2::kEspNull, 0},
                                             {Cipher::kDesCbc, phase2::kEspDes, 0},
                                             {Cipher::k3DesCbc, phase2::kEsp3Des, 0},
                                             {Cipher::kAesCbc, phase2::kEspAes, 128},
                                             {Cipher::kAesCbc192, phase2::kEspAes, 192},
                                             {Cipher::kAesCbc256, phase2::kEspAes, 256},
                                             {Cipher::kAesGcm128, phase2::kEspAesGcm16, 128},
                                             {Cipher::kAesGcm256, phase2::kEspAesGcm16, 256}}};

struct IntegrityRow {
  Integrity integrity;
  std::uint16_t authentication;
  std::uint8_t ah;
};
constexpr std::array<IntegrityRow, 3> kIntegrities{{{Integrity::kHmacMd5, phase2::kHmacMd5, phase2::kAhMd5},
                                                    {Integrity::kHmacSha1, phase2::kHmacSha, phase2::kAhSha},
                                                    {Integrity::kHmacSha256, phase2::kHmacSha256, phase2::kAhSha256}}};

constexpr std::array<DhGroup, 4> kGroups{DhGroup::kModp768, DhGroup::kModp1024, DhGroup::kModp1536, DhGroup::kModp2048};

template <typename Rows, typename Predicate>
auto FindRow(const Rows& rows, Predicate predicate) -> const typename Rows::value_type* {
  const auto it = std::find_if(rows.begin(), rows.end(), predicate);
  return it == rows.end() ? nullptr : &*it;
}

std::optional<DhGroup> GroupOf(std::uint32_t number) {
  const auto* row = FindRow(kGroups, [&](DhGroup g) { return static_cast<std::uint32_t>(g) == number; });
  return row == nullptr ? std::nullopt : std::optional(*row);
}

bool Matches(const TransformOffer& t, const Phase1Proposal& own) {
  const auto* cipher = FindRow(kPhase1Ciphers, [&](const auto& r) { return r.cipher == own.cipher; });
  const auto* hash = FindRow(kHashes, [&](const auto& r) { return r.hash == own.hash; });
  const std::uint32_t method = own.rsa_signature ? phase1::kRsaSignature : phase1::kPreShared;
  return cipher != nullptr && hash != nullptr && t.Find(phase1::kEncryption) == cipher->id &&
         t.Find(phase1::kKeyLength).value_or(0) == cipher->key_bits && t.Find(phase1::kHash) == hash->id &&
         t.Find(phase1::kMethod) == method && t.Find(phase1::kGroup) == static_cast<std::uint32_t>(own.group);
}

// RFC 2407 section 4.5: without a duration, eight hours.
Lifetime LifetimeOf(const TransformOffer& t) {
  Lifetime out;
  out.seconds = t.Life(phase2::kLifeType, kSeconds).value_or(28800);
  out.kilobytes = t.Life(phase2::kLifeType, kKilobytes).value_or(0);
  return out;
}

// What ESP and AH transforms have in common; nullopt: not one of ours.
struct Common {
  bool transport = false;
  DhGroup pfs = DhGroup::kNone;
  Lifetime lifetime;
};
std::optional<Common> CommonOf(const TransformOffer& t) {
  Common out;
  switch (t.Find(phase2::kEncapsulation).value_or(phase2::kTunnel)) {
    case phase2::kTunnel:
    case phase2::kUdpTunnel:
    case phase2::kDraftUdpTunnel:
      break;
    case phase2::kTransport:
    case phase2::kUdpTransport:
    case phase2::kDraftUdpTransport:
      out.transport = true;
      break;
    default:
      return std::nullopt;
  }
  if (const auto group = t.Find(phase2::kGroup)) {
    const auto known = GroupOf(*group);
    if (!known) return std::nullopt;
    out.pfs = *known;
  }
  out.lifetime = LifetimeOf(t);
  return out;
}

std::optional<EspAlgorithms> EspOf(const TransformOffer& t) {
  const std::uint32_t bits = t.Find(phase2::kKeyLength).value_or(0);
  const auto* cipher = FindRow(kEspCiphers, [&](const auto& r) {
    return r.id == t.id && (r.key_bits == bits || (bits == 0 && r.key_bits == 128));
  });
  if (cipher == nullptr) return std::nullopt;
  EspAlgorithms out;
  out.cipher = cipher->cipher;
  if (hal::Info(out.cipher).aead) {
    out.integrity = Integrity::kAead;
    return out;
  }
  if (const auto authentication = t.Find(phase2::kAuthentication); authentication && *authentication != 0) {
    const auto* row = FindRow(kIntegrities, [&](const auto& r) { return r.authentication == *authentication; });
    if (row == nullptr) return std::nullopt;
    out.integrity = row->integrity;
  }
  if (out.cipher == Cipher::kNull && out.integrity == Integrity::kNone) return std::nullopt;
  return out;
}

std::optional<Integrity> AhOf(const TransformOffer& t) {
  const auto* row = FindRow(kIntegrities, [&](const auto& r) {
    return r.ah == t.id && t.Find(phase2::kAuthentication).value_or(r.authentication) == r.authentication;
  });
  return row == nullptr ? std::nullopt : std::optional(row->integrity);
}

void PutLifetime(std::vector<Attribute>& attributes, const Lifetime& lifetime) {
  if (lifetime.seconds != 0) {
    attributes.push_back({phase2::kLifeType, kSeconds});
    attributes.push_back({phase2::kLifeDuration, lifetime.seconds});
  }
  if (lifetime.kilobytes != 0) {
    attributes.push_back({phase2::kLifeType, kKilobytes});
    attributes.push_back({phase2::kLifeDuration, lifetime.kilobytes});
  }
}

std::uint32_t EncapsulationOf(bool transport, NatDialect udp) {
  switch (udp) {
    case NatDialect::kNone:
      break;
    case NatDialect::kRfc:
      return transport ? phase2::kUdpTransport : phase2::kUdpTunnel;
    case NatDialect::kDraft:
      return transport ? phase2::kDraftUdpTransport : phase2::kDraftUdpTunnel;
  }
  return transport ? phase2::kTransport : phase2::kTunnel;
}

TransformOffer EspTransform(const EspAlgorithms& esp) {
  const auto* row = FindRow(kEspCiphers, [&](const auto& r) { return r.cipher == esp.cipher; });
  TransformOffer t{1, row->id, {}};
  if (row->key_bits != 0) t.attributes.push_back({phase2::kKeyLength, row->key_bits});
  if (const auto* i = FindRow(kIntegrities, [&](const auto& r) { return r.integrity == esp.integrity; }))
    t.attributes.push_back({phase2::kAuthentication, i->authentication});
  return t;
}

TransformOffer AhTransform(Integrity integrity) {
  const auto* row = FindRow(kIntegrities, [&](const auto& r) { return r.integrity == integrity; });
  return {1, row->ah, {{phase2::kAuthentication, row->authentication}}};
}

bool Sayable(const Protection& p) {
  if (p.ah && FindRow(kIntegrities, [&](const auto& r) { return r.integrity == *p.ah; }) == nullptr) return false;
  return (p.ah || p.esp) && (!p.esp || hal::Fit(p.esp->cipher, p.esp->integrity));
}

// The alternatives of proposals[first, last), which have one number.
void ReadSet(const SaOffer& offer, std::size_t first, std::size_t last, std::vector<Alternative>& out) {
  std::optional<std::size_t> esp, ah;
  for (std::size_t i = first; i < last; ++i) {
    std::optional<std::size_t>& slot = offer[i].protocol == Protocol::kEsp ? esp : ah;
    const bool ours = offer[i].protocol == Protocol::kEsp || offer[i].protocol == Protocol::kAh;
    if (!ours || slot || offer[i].spi.size() != 4 || Load32(offer[i].spi.data()) < 256) return;
    slot = i;
  }
  const std::size_t esps = esp ? offer[*esp].transforms.size() : 1;
  const std::size_t ahs = ah ? offer[*ah].transforms.size() : 1;
  for (std::size_t e = 0; e < esps; ++e) {
    for (std::size_t a = 0; a < ahs; ++a) {
      if (out.size() == kMaxAlternatives) return;
      Alternative alternative;
      std::optional<Common> common;
      if (esp) {
        const TransformOffer& t = offer[*esp].transforms[e];
        alternative.protection.esp = EspOf(t);
        common = CommonOf(t);
        if (!alternative.protection.esp || !common) continue;
        alternative.spis.esp = Load32(offer[*esp].spi.data());
        alternative.esp = *esp;
        alternative.esp_transform = e;
      }
      if (ah) {
        const TransformOffer& t = offer[*ah].transforms[a];
        alternative.protection.ah = AhOf(t);
        const std::optional<Common> mine = CommonOf(t);
        if (!alternative.protection.ah || !mine) continue;
        if (common && (common->pfs != mine->pfs || common->transport != mine->transport)) continue;
        common = mine;
        alternative.spis.ah = Load32(offer[*ah].spi.data());
        alternative.ah = *ah;
        alternative.ah_transform = a;
      }
      if (!common) continue;
      alternative.protection.transport = common->transport;
      alternative.pfs = common->pfs;
      alternative.lifetime = common->lifetime;
      out.push_back(alternative);
    }
  }
}

}  // namespace

SaOffer OfferPhase1(std::span<const Phase1Proposal> proposals) {
  ProposalOffer out{1, Protocol::kIsakmp, {}, {}};
  for (const Phase1Proposal& p : proposals) {
    if (out.transforms.size() == 255) break;
    const auto* cipher = FindRow(kPhase1Ciphers, [&](const auto& r) { return r.cipher == p.cipher; });
    const auto* hash = FindRow(kHashes, [&](const auto& r) { return r.hash == p.hash; });
    if (cipher == nullptr || hash == nullptr) continue;
    TransformOffer t{static_cast<std::uint8_t>(out.transforms.size() + 1), phase1::kTransformKeyIke, {}};
    t.attributes.push_back({phase1::kEncryption, cipher->id});
    if (cipher->key_bits != 0) t.attributes.push_back({phase1::kKeyLength, cipher->key_bits});
    t.attributes.push_back({phase1::kHash, hash->id});
    t.attributes.push_back({phase1::kGroup, static_cast<std::uint32_t>(p.group)});
    t.attributes.push_back({phase1::kMethod, p.rsa_signature ? phase1::kRsaSignature : phase1::kPreShared});
    t.attributes.push_back({phase1::kLifeType, kSeconds});
    t.attributes.push_back({phase1::kLifeDuration, p.seconds});
    out.transforms.push_back(std::move(t));
  }
  return {out};
}

std::optional<ChosenPhase1> ChoosePhase1(const SaOffer& offer, std::span<const Phase1Proposal> own) {
  for (const Phase1Proposal& mine : own) {
    for (const ProposalOffer& p : offer) {
      if (p.protocol != Protocol::kIsakmp) continue;
      for (const TransformOffer& t : p.transforms) {
        if (t.id != phase1::kTransformKeyIke || !Matches(t, mine)) continue;
        ChosenPhase1 chosen{mine, {{p.number, Protocol::kIsakmp, p.spi, {t}}}};
        if (const auto life = t.Life(phase1::kLifeType, kSeconds); life && *life != 0)
          chosen.proposal.seconds = std::min(chosen.proposal.seconds, *life);
        return chosen;
      }
    }
  }
  return std::nullopt;
}

SaOffer OfferPhase2(std::span<const Protection> protections, const Spis& spis, DhGroup pfs, const Lifetime& lifetime,
                    NatDialect udp) {
  SaOffer out;
  std::uint8_t number = 0;
  for (const Protection& p : protections) {
    if (!Sayable(p) || number == 255) continue;
    ++number;
    const auto add = [&](Protocol protocol, std::uint32_t spi, TransformOffer t, NatDialect dialect) {
      PutLifetime(t.attributes, lifetime);
      t.attributes.push_back({phase2::kEncapsulation, EncapsulationOf(p.transport, dialect)});
      if (pfs != DhGroup::kNone) t.attributes.push_back({phase2::kGroup, static_cast<std::uint32_t>(pfs)});
      out.push_back({number, protocol, SpiBytes(spi), {std::move(t)}});
    };
    if (p.ah) add(Protocol::kAh, spis.ah, AhTransform(*p.ah), NatDialect::kNone);  // AH does not pass a NAT
    if (p.esp) add(Protocol::kEsp, spis.esp, EspTransform(*p.esp), udp);
  }
  return out;
}

std::vector<Alternative> ReadPhase2(const SaOffer& offer) {
  std::vector<Alternative> out;
  for (std::size_t first = 0; first < offer.size();) {
    std::size_t last = first + 1;
    while (last < offer.size() && offer[last].number == offer[first].number) ++last;
    ReadSet(offer, first, last, out);
    first = last;
  }
  return out;
}

SaOffer AnswerPhase2(const SaOffer& offer, const Alternative& chosen, const Spis& own) {
  SaOffer out;
  const auto add = [&](std::size_t proposal, std::size_t transform, std::uint32_t spi) {
    const ProposalOffer& p = offer[proposal];
    out.push_back({p.number, p.protocol, SpiBytes(spi), {p.transforms[transform]}});
  };
  const Protection& p = chosen.protection;
  const bool ah_first = p.ah && (!p.esp || chosen.ah < chosen.esp);
  if (ah_first) add(chosen.ah, chosen.ah_transform, own.ah);
  if (p.esp) add(chosen.esp, chosen.esp_transform, own.esp);
  if (p.ah && !ah_first) add(chosen.ah, chosen.ah_transform, own.ah);
  return out;
}

}  // namespace sw::ipsec::ike
