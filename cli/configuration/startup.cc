#include "cli/configuration/startup.h"

#include <fmt/format.h>

#include <vector>

#include "cli/replay/replay.h"
#include "cli/session/session.h"
#include "device/device.h"
#include "device/file/flash.h"
#include "device/log/monitor.h"

namespace sw::cli {
namespace {

// What is in the file, by its name in the boot choice.
Result<std::optional<std::string>> TextOf(const device::Flash& flash, const std::string& file) {
  if (file.empty()) return std::optional<std::string>();
  const Result<device::FlashPath> path = device::Flash::Resolve({}, file);
  if (!path.ok()) return path.status();
  Result<std::string> text = flash.Read(*path);
  if (text.ok()) return std::optional(std::move(*text));
  if (text.status().code() == Code::kNotFound) return std::optional<std::string>();
  return text.status();
}

}  // namespace

Result<std::optional<std::string>> SavedText(device::Device& device, std::string* name) {
  const Result<device::Flash*> flash = device.flash();
  if (!flash.ok()) return flash.status();
  const device::BootFiles boot = (*flash)->boot();
  for (const std::string& file : {boot.main, boot.backup}) {
    Result<std::optional<std::string>> text = TextOf(**flash, file);
    if (!text.ok() || !*text) {
      if (!text.ok()) return text;
      continue;
    }
    if (name != nullptr) *name = "flash:/" + file;
    return text;
  }
  return std::optional<std::string>();
}

Status StartAnew(device::Device& device, const Grammar& grammar, const configdb::Origin& origin) {
  std::string name = "factory defaults";
  const Result<std::optional<std::string>> text = SavedText(device, &name);
  if (!text.ok()) return text.status();
  Result<configdb::Store> scratch = configdb::Store::OpenScratch();
  if (!scratch.ok()) return scratch.status();
  std::vector<std::string> refused;
  {
    Session offline(*scratch, grammar, {.from = name, .start = View::kSystem});
    Replay replay(offline, name, text->value_or(""), OnError::kContinue);
    replay.Start([&refused](const ReplayReport& report) {
      for (const LineReport& line : report.lines)
        if (line.outcome == Outcome::kRefused || line.outcome == Outcome::kSkipped)
          refused.push_back(fmt::format("line {}: {}", line.number, line.reason));
    });
  }
  SW_TRY(device.Restart(*scratch, origin));
  for (const std::string& line : refused)
    device.monitor().Log(device::Severity::kErrors, "CFM", "STARTUP", name + ", " + line);
  device.monitor().Log(device::Severity::kNotifications, "CFM", "STARTUP", "The device has started from " + name);
  return {};
}

Result<std::string> StartFromSaved(device::Device& device, const Grammar& grammar) {
  std::string name;
  const Result<std::optional<std::string>> text = SavedText(device, &name);
  if (!text.ok()) return text.status();
  if (!*text) return std::string();
  SW_TRY(StartAnew(device, grammar, {"start", "start", {}}));
  return name;
}

}  // namespace sw::cli
