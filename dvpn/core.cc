#include "dvpn/core.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "dvpn/wire.h"

namespace sw::dvpn {

Core::Core(const TunnelSettings& tunnel_settings, Services collaborators)
    : settings(tunnel_settings),
      services(collaborators),
      esp(collaborators.crypto, collaborators.random,
          collaborators.fast == nullptr ? 0 : collaborators.fast->workers()) {}

void Core::Refuse(Drop why, Endpoint from) {
  Count(why);
  if (Wants(Topic::kControl))
    Note(Topic::kControl, What::kNote, from.ToString(), "control message dropped: " + std::string(Phrase(why)));
}

bool Core::FaultOnArrival(ByteView datagram) const {
  return fault && fault->kind != Fault::Kind::kRefuse && datagram.size() > wire::kHeaderBytes &&
         wire::StepOf(static_cast<wire::Type>(datagram[5])) == fault->step;
}

void Core::ResetStatistics() {
  drops_ = {};
  esp_reset_ = esp.drops();
  counters = {};
  if (services.fast != nullptr) fast_reset_ = services.fast->sums();
}

Counters Core::all_counters() const {
  Counters all = counters;
  if (services.fast == nullptr) return all;
  const FastPath::Sums sums = services.fast->sums();
  all.input += sums.input - fast_reset_.input;
  all.output += sums.output - fast_reset_.output;
  all.output_errors += sums.output_errors - fast_reset_.output_errors;
  all.encryption_errors += sums.encryption_errors - fast_reset_.encryption_errors;
  all.dropped += sums.dropped - fast_reset_.dropped;
  return all;
}

std::vector<Tunnel::NamedCount> Core::drop_counters() const {
  std::vector<Tunnel::NamedCount> all;
  all.reserve(kDropReasons + ipsec::kDropReasons);
  for (std::size_t i = 0; i < kDropReasons; ++i)
    all.push_back({fmt::format("{}: {}", kDropTexts[i].family, kDropTexts[i].phrase), drops_[i], moved_[i]});
  const FastPath::Sums sums = services.fast == nullptr ? FastPath::Sums{} : services.fast->sums();
  for (std::size_t i = 1; i < ipsec::kDropReasons; ++i)  // 0 is "no drop"
    all.push_back({fmt::format("esp: {}", ipsec::kDropPhrases[i]),
                   esp.drops()[i] - esp_reset_[i] + sums.drops[i] - fast_reset_.drops[i], Time{}});
  all[static_cast<std::size_t>(Drop::kEngineBusy)].count += sums.engine_busy - fast_reset_.engine_busy;
  return all;
}

void Core::Send(Endpoint to, ByteView datagram, bool dont_fragment) {
  if (datagram.empty()) {  // the channel had no counter left to seal it with
    Count(Drop::kCounterSpent);
    return;
  }
  PacketPtr packet = services.packets.Copy(datagram);
  if (!packet) {
    ++counters.output_errors;
    return;
  }
  if (Wants(Topic::kControl))
    Note(Topic::kControl, What::kNote, to.ToString(),
         fmt::format("sent {}, {} bytes", wire::Name(static_cast<wire::Type>(datagram[5])), datagram.size()));
  Dump(to, datagram);
  out->datagrams.push_back({to, std::move(packet), dont_fragment});
}

// What is on the wire is sealed where it must be, so a dump tells nothing that a listener does not know.
void Core::Dump(Endpoint peer, ByteView datagram) {
  if (!Wants(Topic::kHexadecimal)) return;
  for (std::size_t at = 0; at < datagram.size(); at += 16) {
    std::string line = fmt::format("{:04x} ", at);
    for (std::size_t i = at; i < std::min(at + 16, datagram.size()); ++i) line += fmt::format(" {:02x}", datagram[i]);
    Note(Topic::kHexadecimal, What::kNote, peer.ToString(), std::move(line));
  }
}

void Core::Note(Topic topic, What what, std::string peer, std::string text, const MapInfo* map,
                const SessionInfo* session) {
  Event event;
  event.topic = topic;
  event.what = what;
  event.tunnel = settings.name;
  event.peer = std::move(peer);
  event.text = std::move(text);
  event.map = map;
  event.session = session;
  services.events.OnEvent(now, event);
}

void Core::Step(int step, bool sent, std::string peer, std::string text) {
  Event event;
  event.topic = Topic::kRegister;
  event.what = What::kStep;
  event.step = step;
  event.sent = sent;
  event.tunnel = settings.name;
  event.peer = std::move(peer);
  event.text = std::move(text);
  services.events.OnEvent(now, event);
}

}  // namespace sw::dvpn
