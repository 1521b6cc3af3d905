#include "ipsec/ike/openers.h"

#include <fmt/format.h>

#include <algorithm>

#include "ipsec/ike/aggressive_mode.h"
#include "ipsec/ike/main_mode.h"
#include "ipsec/ike/vendor.h"

namespace sw::ipsec::ike {
namespace {

constexpr int kRsaRation = 10;  // aggressive openers with RSA a second: each costs two big computations

// Whose first message this may be, the most particular first.
std::vector<const PeerSettings*> Candidates(const Settings& settings, Ipv4 remote, const Identity* id) {
  std::vector<const PeerSettings*> named, addressed, open;
  for (const auto& [name, peer] : settings.peers) {
    const bool name_fits =
        id != nullptr && id->kind != IdKind::kIpv4 && !peer.remote_name.empty() && AsText(id->data) == peer.remote_name;
    if (!peer.remote_first.empty() && !peer.AtAddress(remote)) {
      continue;
    } else if (name_fits) {
      named.push_back(&peer);
    } else if (id != nullptr && !peer.remote_name.empty() && id->kind != IdKind::kIpv4 && id->kind != IdKind::kDn) {
      continue;  // another name is asked for
    } else if (!peer.remote_first.empty()) {
      addressed.push_back(&peer);
    } else if (peer.remote_name.empty() || peer.credentials != nullptr) {
      open.push_back(&peer);
    }
  }
  std::sort(addressed.begin(), addressed.end(), [](const PeerSettings* a, const PeerSettings* b) {
    const auto width = [](const PeerSettings* p) { return p->remote_last.value - p->remote_first.value; };
    return width(a) != width(b) ? width(a) < width(b) : a->name < b->name;
  });
  named.insert(named.end(), addressed.begin(), addressed.end());
  named.insert(named.end(), open.begin(), open.end());
  return named;
}

const PeerSettings* PeerFor(const std::vector<const PeerSettings*>& candidates, const Phase1Proposal& proposal) {
  for (const PeerSettings* peer : candidates)
    if (proposal.rsa_signature ? peer->credentials != nullptr : !peer->pre_shared_key.empty()) return peer;
  return nullptr;
}

std::uint64_t NewCookie(Random& random) {
  for (;;)
    if (const std::uint64_t cookie = random.U64(); cookie != 0) return cookie;
}

}  // namespace

void Openers::Receive(const Header& header, ByteView message, Endpoint local, Endpoint remote) {
  Report& report = shared_.report;
  if (header.encrypted() || header.message_id != 0) return report.Dropped(Notification::kInvalidFlags);
  if (message.size() > kMaxOpenerBytes) return report.Dropped(Notification::kUnequalPayloadLengths);
  Parsed<Payloads> parsed =
      ParsePayloads(header.first, message.subspan(kHeaderBytes), false, shared_.settings.check_next_payload);
  if (const auto* fault = std::get_if<Notification>(&parsed)) return report.Dropped(*fault);
  const Opener opener{header, message, local, remote, std::move(std::get<Payloads>(parsed))};
  header.exchange == Exchange::kMain ? Main(opener) : Aggressive(opener);
}

// Stateless: a clear notification, smaller than what it answers.
void Openers::Refuse(const Opener& opener, Notification why) {
  const Endpoint local = opener.local, remote = opener.remote;
  Report& report = shared_.report;
  report.Dropped(why);
  report.Tell(IkeTopic::kError, local.address, remote.address, "",
              fmt::format("drop message from {} due to notification type {}", remote.address.ToString(), Name(why)));
  report.Failed(local.address, remote.address, "", 1, FailureOf(why), "its first message is refused");
  ChainWriter chain;
  chain.Add(PayloadType::kNotify, NotifyBody({Protocol::kIsakmp, why, {}, {}}));
  Bytes out;
  Writer writer(out);
  PutHeader(writer, {opener.header.cookies, chain.first(), kVersion, Exchange::kInformational, 0,
                     shared_.services.random.U32(), static_cast<std::uint32_t>(kHeaderBytes + chain.bytes().size())});
  writer.Put(chain.bytes());
  ++shared_.counters.out_notifies;
  shared_.transport.Send(local, remote, out);
}

bool Openers::Evict(IsakmpSa* unproven) {
  if (unproven == nullptr) return false;
  ++shared_.counters.half_open_refused;
  shared_.orders.End(*unproven, "it gives way to a newer one", Failure::kTooMany);
  return true;
}

bool Openers::Room(Ipv4 remote) {
  IsakmpSas& sas = shared_.sas;
  const std::vector<std::uint32_t> of_address = sas.HalfOpenOf(remote);
  if (of_address.size() >= kMaxHalfOpenPerAddress) {
    IsakmpSa* oldest = nullptr;
    for (const std::uint32_t connection : of_address) {
      IsakmpSa* sa = sas.Find(connection);
      if (oldest == nullptr && sa != nullptr && !sa->phase1->proven()) oldest = sa;
    }
    if (!Evict(oldest)) return false;
  }
  return sas.half_open() < kMaxHalfOpen || Evict(sas.OldestUnproven());
}

// Whose first message it is, and what we answer to its offer; nullptr: it has been dropped or refused.
const PeerSettings* Openers::ForWhom(const Opener& opener, const Identity* id, ChosenPhase1& chosen) {
  const auto drop = [&](Notification why) {
    shared_.report.Dropped(why);
    return nullptr;
  };
  const Payload* body = Find(opener.payloads, PayloadType::kSa);
  if (body == nullptr) return drop(Notification::kPayloadMalformed);
  const auto candidates = Candidates(shared_.settings, opener.remote.address, id);
  if (candidates.empty()) {
    ++shared_.counters.no_sa;
    shared_.report.Failed(opener.local.address, opener.remote.address, "", 1, Failure::kNoPeer, "");
    return drop(Notification::kInvalidIdInformation);
  }
  const Parsed<SaOffer> offer = ParseSa(body->body);
  if (const auto* fault = std::get_if<Notification>(&offer)) return drop(*fault);
  std::optional<ChosenPhase1> found = ChoosePhase1(std::get<SaOffer>(offer), Usable(shared_.settings, candidates));
  const PeerSettings* peer = found ? PeerFor(candidates, found->proposal) : nullptr;
  if (peer == nullptr) {
    Refuse(opener, Notification::kNoProposalChosen);
    return nullptr;
  }
  chosen = std::move(*found);
  return peer;
}

// It is worth some state, if there is room for that.
void Openers::Admit(const Opener& opener, const PeerSettings& peer, const ChosenPhase1& chosen) {
  if (!Room(opener.remote.address)) {
    ++shared_.counters.half_open_refused;
    return shared_.report.Dropped(Notification::kInvalidCookie);
  }
  const Cookies cookies{opener.header.cookies.initiator, NewCookie(shared_.services.random)};
  IsakmpSa& sa = shared_.sas.Make(shared_, Role::kResponder, cookies, opener.local, opener.remote, shared_.now());
  sa.aggressive = opener.header.exchange == Exchange::kAggressive;
  if (sa.aggressive) {
    sa.phase1 = std::make_unique<AggressiveMode>(shared_, sa);
  } else {
    sa.phase1 = std::make_unique<MainMode>(shared_, sa);
  }
  sa.peer = peer.name;
  sa.proposal = chosen.proposal;
  const Abilities abilities = ReadVendorIds(opener.payloads);
  sa.peer_dpd = abilities.dpd;
  sa.nat = peer.nat_traversal ? abilities.nat : NatDialect::kNone;
  sa.phase1->SetHeard(hal::Sha256(opener.message));
  const std::uint32_t connection = sa.connection;
  sa.phase1->Answer(opener.payloads, peer, chosen);
  if (IsakmpSa* left = shared_.sas.Find(connection)) shared_.sas.Rearm(*left);
}

void Openers::Main(const Opener& opener) {
  ChosenPhase1 chosen;
  if (const PeerSettings* peer = ForWhom(opener, nullptr, chosen)) Admit(opener, *peer, chosen);
}

void Openers::Aggressive(const Opener& opener) {
  const Payload* id_payload = Find(opener.payloads, PayloadType::kId);
  if (id_payload == nullptr) return shared_.report.Dropped(Notification::kPayloadMalformed);
  const Parsed<Identity> id = ParseIdentity(id_payload->body);
  if (const auto* fault = std::get_if<Notification>(&id)) return shared_.report.Dropped(*fault);
  ChosenPhase1 chosen;
  const PeerSettings* peer = ForWhom(opener, &std::get<Identity>(id), chosen);
  if (peer == nullptr) return;
  // The key exchange value is of the group that the initiator hopes for.
  const Payload* key = Find(opener.payloads, PayloadType::kKeyExchange);
  const Payload* nonce = Find(opener.payloads, PayloadType::kNonce);
  if (key == nullptr || nonce == nullptr || key->body.size() != hal::DhBytes(chosen.proposal.group))
    return Refuse(opener, Notification::kInvalidKeyInformation);
  if (chosen.proposal.rsa_signature && !InRation()) {
    ++shared_.counters.half_open_refused;
    return shared_.report.Dropped(Notification::kInvalidCookie);
  }
  Admit(opener, *peer, chosen);
}

bool Openers::InRation() {
  if (ration_from_ + std::chrono::seconds(1) <= shared_.now()) {
    ration_from_ = shared_.now();
    ration_ = kRsaRation;
  }
  return ration_ != 0 && ration_-- != 0;
}

}  // namespace sw::ipsec::ike
