#include "cli/ike/displays.h"

#include <algorithm>

namespace sw::cli {
namespace {

using ipsec::ike::SaInfo;

std::string FlagsOf(const SaInfo& sa) {
  std::string out;
  const auto add = [&](bool set, std::string_view flag) {
    if (!set) return;
    if (!out.empty()) out += '|';
    out += flag;
  };
  add(sa.ready, "RD");
  add(sa.stay_alive, "ST");
  add(sa.replaced, "RL");
  add(sa.fading, "FD");
  add(sa.timeout, "TO");
  return out;
}

constexpr auto kSa = Fields<SaInfo>({
    {"connection_id", "Number", [](auto& v) { return v.id; }},
    {"peer", "The other end", [](auto& v) { return v.remote.address; }},
    {"flags", "RD, ST, RL, FD, TO with | between", [](auto& v) { return FlagsOf(v); }},
    {"phase", "1 or 2", [](auto& v) { return v.phase; }},
    {"peer_name", "ike peer, or empty", [](auto& v) { return v.peer; }},
    {"peer_port", "UDP port", [](auto& v) { return v.remote.port; }},
    {"local", "This end", [](auto& v) { return v.local; }},
    {"aggressive", "Made by aggressive mode", [](auto& v) { return v.aggressive; }},
    {"nat_local", "This end is behind NAT", [](auto& v) { return v.nat_local; }},
    {"nat_remote", "The other end is behind NAT", [](auto& v) { return v.nat_remote; }},
    {"age_seconds", "Since it was made", [](auto& v) { return v.age; }},
    {"left_seconds", "Of its lifetime", [](auto& v) { return v.left; }},
});
constexpr auto kSas = Fields<IkeSasView>({
    {"phase_1", "SAs of phase 1", [](auto& v) { return std::ranges::count(v, 1, &SaInfo::phase); }},
    {"sas", "Of both phases", [](auto& v) { return List<kSa>(v); }},
});

}  // namespace

constexpr DisplayOf<IkeSasView> kIkeSasDisplay(
    kSas,
    "    total phase-1 SAs:  {phase_1}\n"
    "    connection-id  peer            flag        phase   doi\n"
    "  ----------------------------------------------------------\n"
    "{*sas}     {connection_id:13} {peer:15} {flags:11} {phase:7} IPSEC\n{/}"
    "\n  flag meaning\n  RD--READY ST--STAYALIVE RL--REPLACED FD--FADING TO--TIMEOUT\n");

}  // namespace sw::cli
