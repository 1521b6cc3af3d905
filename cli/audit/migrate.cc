#include "cli/audit/migrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cli/audit/migrate_ipsec.h"
#include "cli/audit/users.h"
#include "hal/suites.h"

namespace sw::cli {
namespace {

constexpr int kStrongSuite = 16;
constexpr std::string_view kStrongSuites = "14 16";

bool Weak(int suite) {
  const hal::Suite* found = hal::FindSuite(suite);
  return found != nullptr && found->weak;
}

// A server takes every suite unless it is told which ones.
void DvpnServer(const device::Config& config, Migration& out) {
  const std::vector<int>& accepted = config.dvpn.global.registration_suites;
  if (DvpnServers(config).empty()) return;
  const bool strong = accepted.empty() || std::ranges::any_of(accepted, [](int suite) { return !Weak(suite); });
  const bool weak = accepted.empty() || std::ranges::any_of(accepted, Weak);
  if (out.stage == 1 && !strong)
    out.lines.push_back(fmt::format("dvpn server algorithm-suite {} {}", fmt::join(accepted, " "), kStrongSuites));
  if (out.stage == 3 && weak) {
    std::vector<int> kept;
    for (const int suite : accepted)
      if (!Weak(suite)) kept.push_back(suite);
    out.lines.push_back("dvpn server algorithm-suite " +
                        (kept.empty() ? std::string(kStrongSuites) : fmt::format("{}", fmt::join(kept, " "))));
    out.remarks.emplace_back("clients whose class has another suite cannot register any more");
  }
}

void DvpnClasses(const device::Config& config, Migration& out) {
  if (out.stage != 2) return;
  for (const auto& [name, each] : config.dvpn.classes) {
    if (!Weak(each.suite)) continue;
    out.lines.insert(out.lines.end(), {"dvpn class " + name, fmt::format(" algorithm-suite {}", kStrongSuite), "quit"});
    out.remarks.push_back(fmt::format("the server of dvpn class {} must take suite {}", name, kStrongSuite));
  }
}

void DvpnPolicies(const device::Config& config, Migration& out) {
  if (out.stage != 2) return;
  for (const auto& [name, each] : config.dvpn.policies) {
    const bool session = Weak(each.policy.session_suite), data = Weak(each.policy.data_suite);
    if (!session && !data) continue;
    out.lines.push_back("dvpn policy " + name);
    if (session) out.lines.push_back(fmt::format(" session algorithm-suite {}", kStrongSuite));
    if (data) out.lines.push_back(fmt::format(" data algorithm-suite {}", kStrongSuite));
    out.lines.emplace_back("quit");
    out.remarks.push_back(fmt::format("clients get dvpn policy {} when they register next", name));
  }
  for (const device::InterfaceConfig& interface : config.interfaces) {
    const device::TunnelConfig& tunnel = interface.tunnel;
    if (tunnel.dvpn && tunnel.role == dvpn::Role::kServer && tunnel.policy.empty())
      out.blocked.push_back(
          fmt::format("interface {} has no dvpn policy, and so the weakest suite: give it one", interface.name));
  }
}

}  // namespace

Migration Migrate(const device::Config& config, int stage) {
  Migration out{.stage = stage};
  MigrateIke(config, out);
  MigrateIpsec(config, out);
  DvpnServer(config, out);
  DvpnClasses(config, out);
  DvpnPolicies(config, out);
  return out;
}

std::string ScriptText(const Migration& migration, std::string_view name) {
  static constexpr std::string_view kStages[] = {"", "strong beside weak", "prefer strong", "remove weak"};
  std::string out = fmt::format("# {}, stage {} of {}: {}\n", name, migration.stage, kLastStage,
                                kStages[static_cast<std::size_t>(migration.stage)]);
  for (const std::string& remark : migration.remarks) out += fmt::format("# note: {}\n", remark);
  for (const std::string& blocked : migration.blocked) out += fmt::format("# to do by hand: {}\n", blocked);
  if (migration.lines.empty()) return out + "# nothing to change\n";
  out += "#\n";
  for (const std::string& line : migration.lines) out += line + "\n";
  return out + "#\n";
}

}  // namespace sw::cli
