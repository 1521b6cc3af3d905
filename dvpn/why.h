// Why a map or a session stands where it stands, in words: for `display dvpn why`, our extension. Pure functions of
// what the display models hold; every state and every reason for a drop has its sentence here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dvpn/drop.h"
#include "dvpn/models.h"
#include "dvpn/tunnel.h"

namespace sw::dvpn {

// What a state or a counter means, and what to look at; empty: there is no such state or reason.
std::string_view Meaning(MapState);
std::string_view Remedy(MapState);
std::string_view Meaning(SessionState);
std::string_view Remedy(SessionState);
std::string_view Remedy(Drop);
std::string_view Remedy(ipsec::Drop);
std::string_view RemedyOf(std::string_view reason);  // as Tunnel::drop_counters names it

// Lines without indentation: state and step, last messages, timer, what to try.
std::vector<std::string> ExplainMap(Time now, const MapInfo& map);
std::vector<std::string> ExplainSession(Time now, const SessionInfo& session);
// Of a client: the others that its server could not reach lately; all, or one.
std::vector<std::string> ExplainUnreached(Time now, const std::vector<UnreachedInfo>& unreached,
                                          std::optional<Ipv4> peer = std::nullopt);
// Who was refused lately by this server, and why; newest first.
std::vector<std::string> ExplainRefusals(Time now, const std::vector<RefusalInfo>& refusals);
// The counters that moved within the last minutes, newest first, each with its sentence.
std::vector<std::string> ExplainDrops(Time now, const std::vector<Tunnel::NamedCount>& drops);

// How bad it is with a tunnel, ascending.
enum class Badness : std::uint8_t { kFine, kDrops, kRelayed, kRefusing, kUnregistered, kDown };
struct Explained {
  Badness badness = Badness::kFine;
  std::vector<std::string> lines;
};
// The whole tunnel, what is worst of it first; what is well in one line.
Explained ExplainTunnel(Time now, const Tunnel& tunnel);

}  // namespace sw::dvpn
