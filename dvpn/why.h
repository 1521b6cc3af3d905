// Why a map or a session stands where it stands, in words: for `display dvpn why`, our extension. Pure functions of
// what the display models hold; every state and every reason for a drop has its sentence here.
#pragma once

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
// The counters that moved within the last minutes, newest first, each with its sentence.
std::vector<std::string> ExplainDrops(Time now, const std::vector<Tunnel::NamedCount>& drops);

}  // namespace sw::dvpn
