#include "device/dvpn/overview.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "dvpn/why.h"
#include "dvpn/why_pair.h"

namespace sw::device {
namespace {

void Add(dvpn::Counters& sum, const dvpn::Counters& one) {
  sum.input += one.input;
  sum.dropped += one.dropped;
  sum.output += one.output;
  sum.output_errors += one.output_errors;
  sum.encryption_errors += one.encryption_errors;
  sum.redirects += one.redirects;
  sum.relayed += one.relayed;
}

void Append(std::vector<std::string>& to, std::vector<std::string> lines) {
  for (std::string& line : lines) to.push_back(std::move(line));
}

}  // namespace

std::vector<dvpn::MapInfo> DvpnOverview::maps() const {
  std::vector<dvpn::MapInfo> out;
  EachEngine([&](const DvpnHost& host) {
    for (dvpn::MapInfo& map : host.tunnel().maps()) out.push_back(std::move(map));
  });
  return out;
}

std::vector<dvpn::SessionInfo> DvpnOverview::sessions() const {
  std::vector<dvpn::SessionInfo> out;
  EachEngine([&](const DvpnHost& host) {
    for (dvpn::SessionInfo& session : host.tunnel().sessions()) out.push_back(std::move(session));
  });
  return out;
}

std::vector<dvpn::IpsecSaInfo> DvpnOverview::ipsec_sas() const {
  std::vector<dvpn::IpsecSaInfo> out;
  EachEngine([&](const DvpnHost& host) {
    for (dvpn::IpsecSaInfo& sa : host.tunnel().ipsec_sas(parts_.scheduler.now())) out.push_back(std::move(sa));
  });
  return out;
}

DvpnInfo DvpnOverview::info() const {
  DvpnInfo info;
  info.service = parts_.config.global.service;
  info.device_id = parts_.sysname;
  info.classes = parts_.config.classes.size();
  info.global = parts_.config.global;
  std::map<std::string, std::uint64_t> drops;
  std::set<int> domains;
  for (const InterfaceConfig& interface : parts_.interfaces) {
    if (interface.kind != "Tunnel" || !interface.tunnel.dvpn) continue;
    (interface.tunnel.role == dvpn::Role::kClient ? info.client : info.server) = true;
  }
  EachEngine([&](const DvpnHost& host) {
    dvpn::Counters counters = host.tunnel().counters();
    counters.output_errors += host.send_errors();
    Add(info.counters, counters);
    for (const dvpn::Tunnel::NamedCount& drop : host.tunnel().drop_counters()) drops[drop.reason] += drop.count;
  });
  for (const dvpn::MapInfo& map : maps()) {
    ++info.maps;
    if (map.dvpn_id != 0) domains.insert(map.dvpn_id);
    if (map.state == dvpn::MapState::kServerFinished) ++info.clients;
  }
  info.sessions = sessions().size();
  info.domains = domains.size();
  for (auto& [reason, count] : drops) info.drops.push_back({reason, count});
  return info;
}

std::optional<DvpnInfo> DvpnOverview::info(int dvpn_id) const {
  std::optional<DvpnInfo> out;
  for (const auto& [name, tunnel] : parts_.hosts) {
    if (!tunnel.engine) continue;
    const dvpn::Tunnel& engine = tunnel.engine->tunnel();
    std::size_t maps = 0;
    for (const dvpn::MapInfo& map : engine.maps()) maps += map.dvpn_id == dvpn_id ? 1 : 0;
    const auto* server = std::get_if<dvpn::ServerSettings>(&engine.settings().role);
    if (maps == 0 && (server == nullptr || server->dvpn_id != dvpn_id)) continue;
    if (!out) out.emplace();
    out->maps += maps;
    (server == nullptr ? out->client : out->server) = true;
    if (server != nullptr) out->clients += maps;
    out->sessions += engine.sessions().size();
    Add(out->counters, engine.counters());
    out->counters.output_errors += tunnel.engine->send_errors();
  }
  return out;
}

// Maps whose domain and peer fit, on whichever tunnel.
Status DvpnOverview::ResetMap(std::optional<int> dvpn_id, std::optional<Ipv4> peer_private) {
  Status last(Code::kNotFound, peer_private ? "The map does not exist" : "The domain does not exist");
  bool found = !dvpn_id && !peer_private;  // all of nothing is no error
  for (auto& [name, tunnel] : parts_.hosts) {
    if (!tunnel.engine) continue;
    const dvpn::Tunnel& engine = tunnel.engine->tunnel();
    const auto* server = std::get_if<dvpn::ServerSettings>(&engine.settings().role);
    if (dvpn_id) {
      const std::vector<dvpn::MapInfo> all = engine.maps();
      const bool here = server != nullptr
                            ? server->dvpn_id == *dvpn_id
                            : std::ranges::any_of(all, [&](const auto& m) { return m.dvpn_id == *dvpn_id; });
      if (!here) continue;
    }
    const Status done = tunnel.engine->ResetMap(peer_private);
    if (done.code() == Code::kNotFound) continue;
    found = true;
    last = done;
  }
  return found && last.code() == Code::kNotFound ? Status() : last;
}

Status DvpnOverview::ResetSession(int dvpn_id, Ipv4 peer_private) {
  for (auto& [name, tunnel] : parts_.hosts) {
    if (!tunnel.engine) continue;
    for (const dvpn::SessionInfo& session : tunnel.engine->tunnel().sessions())
      if (session.dvpn_id == dvpn_id && session.peer_private == peer_private)
        return tunnel.engine->ResetSession(peer_private);
  }
  return {Code::kNotFound, "no such session"};
}

void DvpnOverview::ResetStatistics() {
  for (auto& [name, tunnel] : parts_.hosts)
    if (tunnel.engine) tunnel.engine->ResetStatistics();
}

std::vector<dvpn::SessionRecord> DvpnOverview::history() {
  std::vector<dvpn::SessionRecord> out = parts_.history.List(parts_.scheduler.now());
  for (const dvpn::SessionInfo& live : sessions()) {
    const auto row = std::ranges::lower_bound(  // the list is in this order
        out, std::pair(live.dvpn_id, live.peer_private), {},
        [](const dvpn::SessionRecord& r) { return std::pair(r.dvpn_id, r.peer_private); });
    if (!live.proven || row == out.end() || row->dvpn_id != live.dvpn_id || row->peer_private != live.peer_private ||
        !row->online)
      continue;
    row->sent_packets += live.sent_packets;
    row->received_packets += live.received_packets;
  }
  return out;
}

void DvpnOverview::ResetHistory() {
  parts_.history.Reset();
}

void DvpnOverview::InjectFault(std::optional<dvpn::Fault> fault) {
  for (auto& [name, tunnel] : parts_.hosts)
    if (tunnel.engine) tunnel.engine->InjectFault(fault);
}

std::vector<std::string> DvpnOverview::Why() const {
  const Time now = parts_.scheduler.now();
  std::vector<std::pair<dvpn::Badness, std::vector<std::string>>> all;
  for (const auto& [name, tunnel] : parts_.hosts) {
    if (tunnel.engine) {
      dvpn::Explained one = dvpn::ExplainTunnel(now, tunnel.engine->tunnel());
      one.lines.insert(one.lines.begin(), name + ":");
      all.emplace_back(one.badness, std::move(one.lines));
    } else if (!tunnel.why_down.empty()) {
      all.emplace_back(dvpn::Badness::kDown, std::vector{name + ": does not run: " + tunnel.why_down});
    }
  }
  std::ranges::stable_sort(all, std::greater(), [](const auto& each) { return each.first; });
  std::vector<std::string> out;
  for (auto& [badness, lines] : all) Append(out, std::move(lines));
  if (out.empty()) out.push_back("no tunnel of this device runs DVPN");
  return out;
}

std::vector<std::string> DvpnOverview::WhyPeer(Ipv4 peer) const {
  const Time now = parts_.scheduler.now();
  std::vector<std::string> out;
  for (const auto& [name, tunnel] : parts_.hosts) {
    if (!tunnel.engine) continue;
    const dvpn::Tunnel& engine = tunnel.engine->tunnel();
    std::vector<std::string> lines;
    for (const dvpn::MapInfo& map : engine.maps())
      if (map.peer_private == peer) Append(lines, dvpn::ExplainMap(now, map));
    for (const dvpn::SessionInfo& session : engine.sessions())
      if (session.peer_private == peer) Append(lines, dvpn::ExplainSession(now, session));
    Append(lines, dvpn::ExplainUnreached(now, engine.unreached(), peer));
    const bool client = std::holds_alternative<dvpn::ClientSettings>(engine.settings().role);
    if (lines.empty() && engine.settings().address.Contains(peer)) {
      lines.push_back(client
                          ? fmt::format("no map and no session with {}: traffic to it goes by the server, which has "
                                        "sent no redirect for it",
                                        peer.ToString())
                          : fmt::format("no map with {}: no client has registered with this address", peer.ToString()));
      lines.push_back(
          client ? "to do: send traffic to it; see its register-type and whether it is registered, on the server"
                 : "to do: see 'display dvpn why class' on that client, and the log here for a refusal");
    }
    if (lines.empty()) continue;
    out.push_back(name + ":");
    Append(out, std::move(lines));
    Append(out, dvpn::ExplainRefusals(now, engine.refusals()));
    Append(out, dvpn::ExplainDrops(now, engine.drop_counters()));
  }
  for (const auto& [name, tunnel] : parts_.hosts)
    if (!tunnel.engine && !tunnel.why_down.empty()) out.push_back(name + ": does not run: " + tunnel.why_down);
  if (out.empty()) out.push_back("no tunnel of this device has anything to do with " + peer.ToString());
  return out;
}

std::vector<std::string> DvpnOverview::WhyPair(Ipv4 a, Ipv4 b) const {
  std::vector<std::string> out;
  for (const auto& [name, tunnel] : parts_.hosts) {
    if (!tunnel.engine) continue;
    std::vector<std::string> lines = dvpn::ExplainPair(parts_.scheduler.now(), tunnel.engine->tunnel(), a, b);
    if (lines.empty()) continue;
    out.push_back(name + ":");
    Append(out, std::move(lines));
  }
  if (out.empty()) out.push_back("this device is no server of a domain with " + a.ToString() + " and " + b.ToString());
  return out;
}

Result<std::vector<std::string>> DvpnOverview::WhyClass(const std::string& dvpn_class) const {
  if (!parts_.config.classes.contains(dvpn_class)) return {Code::kNotFound, "The class does not exist"};
  const Time now = parts_.scheduler.now();
  std::vector<std::string> out;
  for (const InterfaceConfig& interface : parts_.interfaces) {
    if (interface.kind != "Tunnel" || interface.tunnel.dvpn_class != dvpn_class) continue;
    const auto found = parts_.hosts.find(interface.name);
    if (found == parts_.hosts.end()) continue;
    const TunnelHost& tunnel = found->second;
    if (!tunnel.engine) {
      out.push_back(interface.name + ": does not run: " + tunnel.why_down);
      continue;
    }
    out.push_back(interface.name + ":");
    for (const dvpn::MapInfo& map : tunnel.engine->tunnel().maps()) {
      Append(out, dvpn::ExplainMap(now, map));
      for (const dvpn::SessionInfo& session : tunnel.engine->tunnel().sessions())
        if (session.type == dvpn::CommunicateType::kClientToServer) Append(out, dvpn::ExplainSession(now, session));
    }
    Append(out, dvpn::ExplainDrops(now, tunnel.engine->tunnel().drop_counters()));
  }
  if (out.empty())
    out.push_back("no tunnel uses this class: 'dvpn server " + dvpn_class + "' in the view of a client tunnel");
  return out;
}

}  // namespace sw::device
