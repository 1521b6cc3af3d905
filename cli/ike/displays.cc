#include "cli/ike/displays.h"

#include <fmt/format.h>

#include <algorithm>

namespace sw::cli {
namespace {

std::string FlagsOf(const ipsec::ike::SaInfo& sa) {
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

}  // namespace

std::string IkeSaText(std::span<const ipsec::ike::SaInfo> sas) {
  const auto phase1 = std::count_if(sas.begin(), sas.end(), [](const auto& sa) { return sa.phase == 1; });
  std::string out = fmt::format("    total phase-1 SAs:  {}\n", phase1);
  out += "    connection-id  peer            flag        phase   doi\n";
  out += "  ----------------------------------------------------------\n";
  for (const ipsec::ike::SaInfo& sa : sas)
    out += fmt::format("     {:<13} {:<15} {:<11} {:<7} IPSEC\n", sa.id, sa.remote.address.ToString(), FlagsOf(sa),
                       sa.phase);
  out += "\n  flag meaning\n  RD--READY ST--STAYALIVE RL--REPLACED FD--FADING TO--TIMEOUT\n";
  return out;
}

}  // namespace sw::cli
