// Interfaces as displays show them: what is configured, beside what the platform and the tunnels say.
#include "device/interface_view.h"

#include <algorithm>
#include <utility>

#include "device/config/config.h"
#include "device/device.h"
#include "device/device_impl.h"

namespace sw::device {
namespace {

// A tunnel's own counters: a kernel counts large packets as one that the tunnel carries in several.
void ShowGre(const GreView& gre, InterfaceStatus& status) {
  status.input_packets = gre.counters.input_packets;
  status.input_bytes = gre.counters.input_bytes;
  status.input_errors = gre.counters.Errors(true);
  status.output_packets = gre.counters.output_packets;
  status.output_bytes = gre.counters.output_bytes;
  status.output_errors = gre.counters.Errors(false);
}

// Ports that are bound to a link and that nobody has configured yet, among the others by their numbers.
void AddUnconfigured(const std::map<std::string, InterfaceStatus>& statuses, const InterfacesConfig& configured,
                     std::vector<InterfaceView>& views) {
  for (const auto& [name, status] : statuses) {
    const auto parsed = ParseInterfaceName(name);
    if (!parsed || parsed->kind != InterfaceKind::kGigabitEthernet || configured.Find(name) != nullptr) continue;
    InterfaceView view{{}, status, false, "no ip address is configured", {}};
    view.config.name = name;
    view.config.kind = "GigabitEthernet";
    const auto behind = std::ranges::find_if(views, [&](const InterfaceView& one) {
      const auto its = ParseInterfaceName(one.config.name);
      return one.config.kind != "GigabitEthernet" || (its && its->kind == parsed->kind && its->number > parsed->number);
    });
    views.insert(behind, std::move(view));
  }
}

}  // namespace

std::vector<InterfaceView> Device::interfaces() const {
  impl_->FollowTunnelsDue();
  std::map<std::string, InterfaceStatus> statuses;
  for (InterfaceStatus& status : impl_->platform.interfaces()) {
    std::string name = status.name;
    statuses.emplace(std::move(name), std::move(status));
  }
  std::vector<InterfaceView> out;
  for (const InterfaceConfig& config : impl_->config.interfaces) {
    InterfaceView view{config, {}, false, {}, {}};
    auto status = statuses.find(config.name);
    if (status != statuses.end()) view.status = impl_->counters.Since(status->second);
    view.status.name = config.name;
    if (auto gre = impl_->tunnels.gre().View(config.name)) {
      ShowGre(*gre, view.status);
      view.protocol_up = gre->why_down.empty();
      view.protocol_note = gre->why_down;
      view.gre = std::move(*gre);
    } else if (auto tunnel = impl_->tunnels.hosts().find(config.name); tunnel != impl_->tunnels.hosts().end()) {
      view.protocol_up = tunnel->second.engine != nullptr;
      view.protocol_note = tunnel->second.why_down;
    } else if (config.kind == "NULL") {
      view.status.up = view.status.link = view.protocol_up = true;
    } else if (config.kind == "Virtual-Template") {
      view.protocol_note = "nothing here makes interfaces of a template";
    } else {
      view.protocol_up = view.status.link && !config.shutdown && !config.addresses.empty();
      if (status == statuses.end()) {
        view.protocol_note = "no port is bound to it";
      } else if (config.addresses.empty()) {
        view.protocol_note = "no ip address is configured";
      } else if (!view.protocol_up) {
        view.protocol_note = "the link is down";
      }
    }
    out.push_back(std::move(view));
  }
  AddUnconfigured(statuses, impl_->config.interfaces, out);
  return out;
}

void Device::ResetInterfaceCounters(const std::vector<std::string>& names) {
  for (const InterfaceStatus& status : impl_->platform.interfaces())
    if (std::ranges::find(names, status.name) != names.end()) impl_->counters.Reset(status);
  for (const std::string& name : names) impl_->tunnels.gre().ResetCounters(name);
}

}  // namespace sw::device
