// What IKE is configured to do, and does: its SAs, their end by hand. Syntax: recollection confirmed by contents lists
// of later manuals.
#include "cli/grammar/named_objects.h"
#include "cli/ike/displays.h"
#include "cli/session/operator.h"
#include "cli/subjects.h"
#include "device/config/config.h"
#include "device/device.h"

namespace sw::cli {
namespace {

Status DisplayIkeProposal(Operator& session, const Match&) {
  session.Show(kIkeProposalsDisplay, session.device().config().ike);
  return {};
}

Status DisplayPeer(Operator& session, const Match& match) {
  const auto peers = Named(match, session.device().config().ike.peers, "The peer");
  if (!peers.ok()) return peers.status();
  session.Show(kIkePeersDisplay, *peers);
  return {};
}

Status DisplayDpd(Operator& session, const Match& match) {
  const auto dpds = Named(match, session.device().config().ike.dpds, "The DPD");
  if (!dpds.ok()) return dpds.status();
  std::vector<DpdView> views;
  for (const device::IkeDpdConfig* dpd : *dpds) {
    DpdView& view = views.emplace_back(DpdView{dpd, 0});
    for (const auto& [name, peer] : session.device().config().ike.peers)
      view.references += peer.dpd == dpd->name ? 1 : 0;
  }
  session.Show(kDpdsDisplay, views);
  return {};
}

Status DisplaySa(Operator& session, const Match&) {
  session.Show(kIkeSasDisplay, session.device().ike_sas());
  return {};
}

Status ResetSa(Operator& session, const Match& match) {
  const std::optional<std::int64_t> id = match.Int("id");
  Status done = session.device().ResetIkeSa(id ? std::optional(static_cast<std::uint32_t>(*id)) : std::nullopt);
  if (done.ok()) return done;
  return {done.code(), "The connection does not exist"};
}

constexpr Command kCommands[] = {
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ike proposal",
     .help = "|Internet key exchange|Algorithms of ISAKMP SAs",
     .run = DisplayIkeProposal,
     .shows = &kIkeProposalsDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ike peer [ <name:ike_peer.name> ]",
     .help = "||Other devices|Peer name",
     .run = DisplayPeer,
     .shows = &kIkePeersDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ike dpd [ <name:ike_dpd.name> ]",
     .help = "||Dead peer detection|DPD name",
     .run = DisplayDpd,
     .shows = &kDpdsDisplay},
    {.views = kAnyView,
     .level = kMonitor,
     .form = "display ike sa",
     .help = "||Security associations",
     .run = DisplaySa,
     .shows = &kIkeSasDisplay},
    {.views = In(View::kUser),
     .level = kConfigure,
     .form = "reset ike sa [ <id:int:1-2000000000> ]",
     .help = "|Internet key exchange|Security associations|Connection",
     .run = ResetSa},
};

}  // namespace

std::span<const Command> IkeStateCommands() {
  return kCommands;
}

}  // namespace sw::cli
