#include "cli/session/privileges.h"

#include "cli/grammar/text.h"

namespace sw::cli {
namespace {

struct NamedView {
  std::string_view name;
  View view;
};
constexpr NamedView kNames[] = {
    {"shell", View::kUser},
    {"system", View::kSystem},
    {"gigabitethernet", View::kGigabitEthernet},
    {"loopback", View::kLoopBack},
    {"tunnel", View::kTunnel},
    {"null", View::kNull},
    {"isp", View::kIspDomain},
    {"luser", View::kLocalUser},
    {"ike-proposal", View::kIkeProposal},
    {"ike-peer", View::kIkePeer},
    {"ipsec-proposal", View::kIpsecProposal},
    {"ipsec-card-proposal", View::kIpsecCardProposal},
    {"dvpn-class", View::kDvpnClass},
    {"dvpn-policy", View::kDvpnPolicy},
    {"user-interface", View::kUserInterface},
};

}  // namespace

std::optional<View> PrivilegeView(std::string_view name) {
  for (const NamedView& each : kNames)
    if (SameWord(each.name, name)) return each.view;
  return std::nullopt;
}

std::optional<Grammar::Levels> ConfiguredLevels(const Grammar& grammar, const configdb::Store& store) {
  const Result<std::vector<configdb::Row>> rows = store.Rows("command_privilege");
  if (!rows.ok() || rows->empty()) return std::nullopt;
  Grammar::Levels levels;
  for (const configdb::Row& row : *rows) {
    const std::optional<View> view = PrivilegeView(row.TextOr("view", ""));
    if (view) {
      grammar.SetLevel(levels, *view, row.TextOr("command", ""), static_cast<std::uint8_t>(row.IntOr("level", 0)));
    }
  }
  return levels;
}

}  // namespace sw::cli
