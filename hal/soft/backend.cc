#include "hal/soft/backend.h"

#include "hal/soft/software_device.h"

namespace sw::hal::soft {
namespace {

Result<OpenedEngine> Open(const std::string&, const BackendServices& services) {
  Result<std::unique_ptr<SoftwareDevice>> software = SoftwareDevice::Create({}, PublishedAnswers(), services.plan);
  if (!software.ok()) return software.status();
  return OpenedEngine{nullptr, std::move(*software)};
}

}  // namespace

constexpr Backend kBackend{"software", Backend::Takes::kNothing, "", "this processor, the default", "", Open};

}  // namespace sw::hal::soft
