// Hostile recordings of the hardware layer: every line is refused with a reason or means one call, which is written as
// a line with the same meaning; the whole is replayed on the software engine.
#include <cstdlib>
#include <sstream>

#include "hal/recorder/replay.h"
#include "hal/soft/software_device.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sw;
  using namespace sw::hal;
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const Result<recorder::Call> call = recorder::ParseCall(line);
    if (!call.ok()) continue;
    const std::string written = recorder::Text(*call);
    const Result<recorder::Call> again = recorder::ParseCall(written);
    if (!again.ok() || recorder::Text(*again) != written) std::abort();
  }
  const std::unique_ptr<SoftwareDevice> software = *SoftwareDevice::Create({4, 8});
  Time now;
  recorder::Replay replay(
      *software, [&now] { return now = now + std::chrono::milliseconds(1); }, std::chrono::milliseconds(20));
  std::istringstream in(text);
  (void)recorder::ReplayText(in, replay);
  return 0;
}
