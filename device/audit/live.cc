#include "device/audit/live.h"

#include <algorithm>
#include <utility>

namespace sw::device {
namespace {

using Live = AlgorithmLedger::Live;

hal::Integrity IntegrityOf(hal::HashAlgorithm hash) {
  switch (hash) {
    case hal::HashAlgorithm::kMd5:
      return hal::Integrity::kHmacMd5;
    case hal::HashAlgorithm::kSha1:
      return hal::Integrity::kHmacSha1;
    case hal::HashAlgorithm::kSha256:
      break;
  }
  return hal::Integrity::kHmacSha256;
}

Live OfIke(Time now, const ipsec::ike::SaInfo& sa) {
  return {.use = {UseKind::kIke, sa.peer, sa.remote.address, sa.proposal.cipher, IntegrityOf(sa.proposal.hash),
                  sa.proposal.group},
          .id = sa.id,
          .packets = 0,
          .since = {now.since - sa.age}};
}

// A pair with AH and ESP is as strong as the stronger hash; what encrypts is ESP.
Live OfIpsec(const ipsec::BundleView& bundle) {
  AlgorithmUse use{.kind = UseKind::kIpsec, .peer = bundle.peer, .address = bundle.remote};
  if (bundle.protection.esp) {
    use.cipher = bundle.protection.esp->cipher;
    use.integrity = bundle.protection.esp->integrity;
  }
  if (bundle.protection.ah) use.integrity = std::max(use.integrity, *bundle.protection.ah);
  use.group = bundle.pfs;
  std::uint64_t packets = 0;
  for (const auto* sa : {&bundle.in_esp, &bundle.in_ah, &bundle.out_esp, &bundle.out_ah})
    if (*sa) packets += (*sa)->packets;
  return {.use = std::move(use), .id = static_cast<std::uint64_t>(bundle.connection), .packets = packets, .since = {}};
}

// `exchange`: the group of the suite is used, too.
AlgorithmUse OfSuite(UseKind kind, const std::string& device_id, Ipv4 peer, const hal::Suite& suite, bool exchange) {
  return {kind, device_id, peer, suite.cipher, suite.integrity, exchange ? suite.group : hal::DhGroup::kNone};
}

std::uint64_t IdOf(int dvpn_id, Ipv4 peer) {
  return (static_cast<std::uint64_t>(dvpn_id) << 32U) | peer.value;
}

}  // namespace

std::vector<Live> LiveAlgorithms(Time now, const std::vector<ipsec::ike::SaInfo>& ike_sas,
                                 const std::vector<ipsec::BundleView>& bundles, const std::vector<dvpn::MapInfo>& maps,
                                 const std::vector<dvpn::SessionInfo>& sessions) {
  std::vector<Live> out;
  for (const ipsec::ike::SaInfo& sa : ike_sas)
    if (sa.phase == 1 && sa.ready) out.push_back(OfIke(now, sa));
  for (const ipsec::BundleView& bundle : bundles) out.push_back(OfIpsec(bundle));
  for (const dvpn::MapInfo& map : maps)
    if (const hal::Suite* suite = hal::FindSuite(map.suite); suite != nullptr && map.dvpn_id != 0)
      out.push_back({OfSuite(UseKind::kRegistration, map.peer_device_id, map.peer_private, *suite, true),
                     IdOf(map.dvpn_id, map.peer_private), 0, map.built});
  for (const dvpn::SessionInfo& session : sessions) {
    const std::uint64_t id = IdOf(session.dvpn_id, session.peer_private);
    if (const hal::Suite* suite = hal::FindSuite(session.session_suite))
      out.push_back(
          {OfSuite(UseKind::kSession, session.peer_device_id, session.peer_private, *suite, session.forward_secrecy),
           id, 0, session.keyed});
    if (const hal::Suite* suite = hal::FindSuite(session.data_suite))
      out.push_back({OfSuite(UseKind::kData, session.peer_device_id, session.peer_private, *suite, false), id,
                     session.sent_packets + session.received_packets, session.keyed});
  }
  return out;
}

}  // namespace sw::device
