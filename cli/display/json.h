// Display models as JSON, and their schemas (JSON Schema, draft 2020-12), both from one table of fields per model.
//
// A display without a model here answers `| json` with its lines; LinesSchema says so.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/clock/displays.h"
#include "cli/system/displays.h"
#include "device/device.h"
#include "device/system/resources.h"

namespace sw::cli {

std::string ClockJson(const device::DeviceClock& clock, std::int64_t machine);
std::string RebootJson(const std::optional<RebootView>& view);
std::string MemoryJson(const device::MemoryUse& use);
struct CpuView {
  Duration used, uptime;
  std::string cycle = {};  // `cpu-usage cycle`, which is stored only
  double percent() const {
    return uptime.count() <= 0 ? 0 : 100.0 * static_cast<double>(used.count()) / static_cast<double>(uptime.count());
  }
};
std::string TemperaturesJson(const std::vector<device::Temperature>& temperatures);
std::string CpuJson(const CpuView& view);
std::string VersionJson(const VersionView& view);
std::string InterfacesJson(const std::vector<device::InterfaceView>& views);
std::string RoutesJson(const std::vector<device::RouteEntry>& routes);
std::string LogBufferJson(const device::InfoCenter& info, device::InfoKind kind);
struct UserLineView {
  int index = 0;
  std::string line, user, address, protocol;
  std::int64_t idle_seconds = 0, level = 0;
  bool own = false;
};
std::string UsersJson(const std::vector<UserLineView>& users);

// The command's leading words, and the schema of its model.
struct JsonModel {
  std::string_view command;
  nlohmann::ordered_json (*schema)();
};
std::span<const JsonModel> JsonModels();  // all of them
// Of one subject: cli/dvpn/displays_json.cc, acl_json.cc, aaa_json.cc, card_json.cc.
std::span<const JsonModel> DvpnJsonModels();
std::span<const JsonModel> AclJsonModels();
std::span<const JsonModel> AaaJsonModels();
std::span<const JsonModel> CardJsonModels();
nlohmann::ordered_json LinesSchema();
// The schema of what `display ...` answers; `command`: its leading words.
nlohmann::ordered_json SchemaOf(std::string_view command);

}  // namespace sw::cli
