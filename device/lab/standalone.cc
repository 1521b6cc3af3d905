#include "device/lab/standalone.h"

#include "hal/soft/software_device.h"

namespace sw::device {

Result<std::unique_ptr<Standalone>> Standalone::Create(const std::string& database, Scheduler& scheduler,
                                                       Random& random, std::function<std::int64_t()> wall_clock) {
  Result<configdb::Store> store = configdb::Store::Open(database);
  if (!store.ok()) return store.status();
  return Create(std::move(*store), scheduler, random, std::move(wall_clock));
}

Result<std::unique_ptr<Standalone>> Standalone::Create(configdb::Store store, Scheduler& scheduler, Random& random,
                                                       std::function<std::int64_t()> wall_clock, std::string flash) {
  std::unique_ptr<Standalone> out(new Standalone(scheduler, random));
  for (int n = 0; n < kPorts; ++n) {
    const std::string name = "GigabitEthernet0/" + std::to_string(n);
    // 02: locally administered, so that it is nobody else's (IEEE 802).
    SW_TRY(out->platform_.AddPort(name, out->wire_, {}, {0x02, 0x88, 0, 0, 0, static_cast<std::uint8_t>(n)}));
    SW_TRY(out->platform_.SetCable(name, false));
  }
  Result<std::unique_ptr<hal::SoftwareDevice>> crypto = hal::SoftwareDevice::Create();
  if (!crypto.ok()) return crypto.status();
  out->crypto_ = std::move(*crypto);
  Result<std::unique_ptr<Device>> device = Device::Create(
      out->platform_, std::move(store),
      {.crypto = *out->crypto_, .random = random, .wall_clock = std::move(wall_clock), .flash = std::move(flash)});
  if (!device.ok()) return device.status();
  out->device_ = std::move(*device);
  return out;
}

}  // namespace sw::device
